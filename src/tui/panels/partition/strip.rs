//! The strip: the log of a replica, a sign for each cell of the scale.

use ratatui::style::Style;

use super::scale::{Place, place};
use crate::ids::Offset;
use crate::tui::ink::Ink;
use crate::tui::signs::Signs;
use crate::view::{ReplicaView, Stretch, StripView};

/// Draws it from the pen's place on.
pub(super) fn draw(
    ink: &mut Ink<'_>,
    signs: &Signs,
    style: Style,
    of: Stretch,
    replica: &ReplicaView,
    log: &StripView,
    close: bool,
) {
    let (start, end) = (log.log_start_offset, replica.log_end_offset);
    // Nobody knows what is committed of a log whose broker is down.
    let committed = replica.high_watermark.unwrap_or(end);
    let stable = replica.last_stable_offset.unwrap_or(committed);
    ink.style(style);
    let end_place = place(of, end);
    let mut batches = log.batch_starts.iter().peekable();
    for cell in 0..of.cells {
        let (first, next) = (of.offset_of(cell), of.offset_of(cell + 1));
        let mut begins_batch = false;
        while let Some(batch) = batches.next_if(|batch| **batch < next) {
            begins_batch = close && *batch >= first;
        }
        let here = |offset| place(of, offset) == Place::At(cell);
        let sign = if replica.high_watermark.is_some_and(here) {
            signs.high_watermark
        } else if end_place == Place::At(cell) {
            signs.end
        } else if first >= end || next <= start {
            " "
        } else if cell == 0 && start < of.first {
            signs.earlier
        } else if cell + 1 == of.cells && end_place == Place::After {
            signs.right
        } else if begins_batch {
            if first < committed { signs.batch } else { signs.batch_uncommitted }
        } else {
            sign_of(signs, first, stable, committed)
        };
        ink.text(sign);
    }
}

/// The sign of a record.
fn sign_of(signs: &Signs, offset: Offset, stable: Offset, committed: Offset) -> &'static str {
    if offset >= committed {
        signs.uncommitted
    } else if offset >= stable {
        signs.open
    } else {
        signs.log
    }
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;

    use super::*;
    use crate::ids::BrokerId;
    use crate::tui::signs::UNICODE;
    use crate::view::ReplicaWord;

    const TWENTY: Stretch = Stretch { first: Offset(100), step: 1, cells: 20 };

    fn drawn(
        of: Stretch,
        start: u64,
        mark: Option<(u64, u64)>,
        end: u64,
        batches: &[u64],
    ) -> String {
        let replica = ReplicaView {
            broker: BrokerId(1),
            word: ReplicaWord::Leader,
            paused: false,
            log_start_offset: Offset(start),
            high_watermark: mark.map(|(high, _)| Offset(high)),
            last_stable_offset: mark.map(|(_, stable)| Offset(stable)),
            log_end_offset: Offset(end),
            leader_epoch: None,
            maximal_isr: Vec::new(),
            isr_change_pending: false,
            size_in_bytes: 0,
            segments: 1,
        };
        let log = StripView {
            log_start_offset: Offset(start),
            batch_starts: batches.iter().copied().map(Offset).collect(),
            ..StripView::default()
        };
        let mut buf = Buffer::empty(Rect::new(0, 0, of.cells, 1));
        let mut ink = Ink::new(&mut buf, 0, 0, of.cells);
        draw(&mut ink, &UNICODE, Style::new(), of, &replica, &log, !batches.is_empty());
        let row: String = buf.content().iter().map(ratatui::buffer::Cell::symbol).collect();
        row.trim_end().to_owned()
    }

    #[test]
    fn the_high_watermark_stands_at_the_first_record_that_is_not_committed() {
        assert_eq!(drawn(TWENTY, 100, Some((105, 105)), 110, &[]), "━━━━━┿╌╌╌╌╸");
        assert_eq!(drawn(TWENTY, 100, Some((110, 110)), 110, &[]), "━━━━━━━━━━┿");
        assert_eq!(drawn(TWENTY, 100, Some((100, 100)), 102, &[]), "┿╌╸");
    }

    #[test]
    fn of_a_broker_that_is_down_only_the_end_is_known() {
        assert_eq!(drawn(TWENTY, 100, None, 104, &[]), "━━━━╸");
        assert_eq!(drawn(TWENTY, 0, None, 90, &[]), "");
    }

    #[test]
    fn a_log_that_begins_before_or_ends_after_says_so() {
        assert_eq!(drawn(TWENTY, 0, Some((104, 104)), 104, &[]), "┄━━━┿");
        assert_eq!(drawn(TWENTY, 103, Some((106, 106)), 106, &[]), "   ━━━┿");
        assert_eq!(drawn(TWENTY, 100, Some((118, 118)), 900, &[]), "━━━━━━━━━━━━━━━━━━┿▶");
    }

    #[test]
    fn a_cell_may_hold_many_records() {
        let of = Stretch { first: Offset(0), step: 50, cells: 20 };
        assert_eq!(drawn(of, 0, Some((417, 417)), 512, &[]), "━━━━━━━━┿╌╸");
        assert_eq!(drawn(of, 0, Some((510, 510)), 512, &[]), "━━━━━━━━━━┿");
    }

    #[test]
    fn open_transactions_and_batches_are_seen() {
        assert_eq!(drawn(TWENTY, 100, Some((106, 103)), 106, &[]), "━━━▒▒▒┿");
        assert_eq!(drawn(TWENTY, 100, Some((104, 104)), 108, &[100, 103, 104, 106]), "╺━━╺┿╌╶╌╸");
    }
}

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

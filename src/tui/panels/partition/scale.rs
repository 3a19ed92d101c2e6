//! Which offsets are shown: the scale that all strips share.

use super::Marks;
use crate::ids::Offset;
use crate::tui::panels::times::round_up;
use crate::view::Stretch;

/// Cells between two ticks of the axis. The window moves by so many at once, so that the picture
/// stands still while a log grows.
pub(super) const TICK: u64 = 10;
/// What is far behind is shown as long as the rest gets no coarser than by this.
const COARSER: u64 = 10;

/// Where an offset is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// Before what is shown.
    Before,
    /// In a cell.
    At(u16),
    /// After what is shown.
    After,
}

/// Where an offset is in a stretch.
pub(super) fn place(of: Stretch, offset: Offset) -> Place {
    match offset.0.checked_sub(of.first.0) {
        None => Place::Before,
        Some(rest) => match u16::try_from(rest / of.step) {
            Ok(cell) if cell < of.cells => Place::At(cell),
            _ => Place::After,
        },
    }
}

/// The stretch in which all marks are seen: the finest that has the ends and high watermarks of all
/// replicas that run, and of the others, commits and positions as many as does not make it much
/// coarser.
pub(super) fn fitting(marks: &Marks, cells: u16) -> Stretch {
    let high = marks.high();
    let near = marks.near.iter().copied().min().unwrap_or(high).min(high);
    let finest = step(near, high, cells);
    let coarsest = finest.saturating_mul(COARSER);
    let mut low = near;
    let mut far: Vec<u64> = marks.far.iter().copied().filter(|mark| *mark < near).collect();
    far.sort_unstable();
    for mark in far.into_iter().rev() {
        if step(mark, high, cells) > coarsest {
            break;
        }
        low = mark;
    }
    stretch(marks.start, high, step(low, high, cells), cells)
}

/// The stretch in which every record has a cell of its own: the end, unless what is not committed is
/// longer; then where it begins.
pub(super) fn record_by_record(marks: &Marks, cells: u16) -> Stretch {
    let end = stretch(marks.start, marks.high(), 1, cells);
    let before = u64::from(cells) / 3;
    let wanted = marks.committed.map_or(end.first.0, |mark| mark.saturating_sub(before));
    let first = end.first.0.min(wanted / TICK * TICK).max(marks.start / TICK * TICK);
    Stretch { first: Offset(first), ..end }
}

/// The step that brings `low` and `high` into so many cells, with room before and after.
fn step(low: u64, high: u64, cells: u16) -> u64 {
    // Up to a tick is left empty at each side.
    let room = u64::from(cells).saturating_sub(2 * TICK).max(1);
    round_up((high - low + 1).div_ceil(room))
}

/// The stretch of that step that ends at the tick after `high`.
fn stretch(start: u64, high: u64, step: u64, cells: u16) -> Stretch {
    let tick = step * TICK;
    let whole = u64::from(cells) / TICK * TICK;
    let end = (high / tick + 1) * tick;
    let first = end.saturating_sub(step * whole).max(start / tick * tick);
    Stretch { first: Offset(first), step, cells }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(start: u64, near: &[u64], far: &[u64]) -> Marks {
        Marks { start, near: near.to_vec(), far: far.to_vec(), committed: near.first().copied() }
    }

    #[test]
    fn every_replica_that_runs_is_seen_and_what_is_near() {
        let seen = fitting(&marks(0, &[512, 417], &[400]), 46);
        assert_eq!(seen, Stretch { first: Offset(350), step: 5, cells: 46 });
        assert_eq!(place(seen, Offset(512)), Place::At(32));
        assert_eq!(place(seen, Offset(400)), Place::At(10));
    }

    #[test]
    fn what_is_far_behind_does_not_blur_the_rest() {
        let seen = fitting(&marks(0, &[100_000, 99_999], &[100]), 46);
        assert_eq!(seen.step, 1);
        assert_eq!(place(seen, Offset(100)), Place::Before);
    }

    #[test]
    fn a_short_log_begins_at_the_left() {
        let seen = fitting(&marks(0, &[3, 3], &[]), 46);
        assert_eq!((seen.first, seen.step), (Offset(0), 1));
        let seen = fitting(&marks(1_000, &[1_003], &[]), 46);
        assert_eq!(seen.first, Offset(1_000));
    }

    #[test]
    fn record_by_record_shows_where_the_high_watermark_stands() {
        let seen = record_by_record(&marks(0, &[417, 900], &[]), 46);
        assert_eq!((seen.first, seen.step), (Offset(400), 1));
        let seen = record_by_record(&marks(0, &[900, 900], &[]), 46);
        assert_eq!(place(seen, Offset(900)), Place::At(30));
    }

    #[test]
    fn marks_fit_whatever_they_are() {
        for cells in 1..120 {
            for near in [0, 1, 9, 10, 11, 99, 12_345] {
                for behind in [0, 1, 10, 46, 100, 5_000] {
                    let all = marks(0, &[near, u64::saturating_sub(near, behind)], &[]);
                    let seen = fitting(&all, cells);
                    if u64::from(cells) > 2 * TICK {
                        let is_seen =
                            |mark: &u64| matches!(place(seen, Offset(*mark)), Place::At(_));
                        assert!(all.near.iter().all(is_seen), "{all:?} {cells} {seen:?}");
                    }
                }
            }
        }
    }
}

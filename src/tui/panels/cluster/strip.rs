//! The log of a replica as a strip: aligned on offsets with those of the other replicas, the high
//! watermark in it.

use crate::ids::Offset;
use crate::tui::ink::Ink;
use crate::tui::signs::Signs;
use crate::view::PartitionView;

/// Which offsets the strips of a partition show: `step` for each cell, from `first` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scale {
    first: u64,
    step: u64,
    cells: u64,
}

impl Scale {
    /// The end of the longest log, in `cells` cells: so much of it that the differences between the
    /// replicas take half of the strip at most, and are seen as well as can be.
    pub(super) fn of(partition: &PartitionView, cells: u16) -> Self {
        let cells = u64::from(cells.max(1));
        let with_log = || partition.replicas.iter().filter(|one| one.log_end_offset.0 > 0);
        let last = with_log().map(|one| one.log_end_offset.0).max().unwrap_or(0);
        let start = with_log().map(|one| one.log_start_offset.0).min().unwrap_or(0);
        let lowest = with_log()
            .map(|one| one.high_watermark.unwrap_or(one.log_end_offset).min(one.log_end_offset).0)
            .min()
            .unwrap_or(0);
        let step = round_up(((last - lowest) * 2).div_ceil(cells).max(1));
        let end = last.div_ceil(step) * step;
        let first = end.saturating_sub(step * cells).max(start);
        Self { first, step, cells }
    }

    fn cells_to(self, offset: Offset) -> u64 {
        offset.0.saturating_sub(self.first).div_ceil(self.step).min(self.cells)
    }

    fn whole_cells_to(self, offset: Offset) -> u64 {
        (offset.0.saturating_sub(self.first) / self.step).min(self.cells)
    }
}

/// The next number that people count in: 1, 2, 5, 10, 20, ….
fn round_up(number: u64) -> u64 {
    let mut unit = 1_u64;
    loop {
        for times in [1, 2, 5] {
            if unit * times >= number {
                return unit * times;
            }
        }
        unit *= 10;
    }
}

/// Draws a strip: it takes one cell more than its scale has.
pub(super) fn draw(
    ink: &mut Ink<'_>,
    signs: &Signs,
    scale: Scale,
    start: Offset,
    high_watermark: Option<Offset>,
    end: Offset,
) {
    let length = scale.cells_to(end) as u16;
    if length == 0 {
        // An empty log, or one that ends before all that is shown.
        ink.text(if end.0 == 0 { " " } else { signs.earlier });
        return;
    }
    let has_earlier = scale.first > start.0;
    let committed = match high_watermark {
        Some(mark) if mark < end => (scale.whole_cells_to(mark) as u16).min(length - 1),
        _ => length,
    };
    let first = u16::from(has_earlier && committed > 0);
    ink.repeat(signs.earlier, first).repeat(signs.log, committed - first);
    ink.text(if high_watermark.is_some() { signs.high_watermark } else { signs.end });
    ink.repeat(signs.uncommitted, length - committed);
}

#[cfg(test)]
mod tests {
    use super::round_up;

    #[test]
    fn steps_are_round() {
        let of: Vec<u64> = [1, 2, 3, 6, 11, 40, 201].into_iter().map(round_up).collect();
        assert_eq!(of, [1, 2, 5, 10, 20, 50, 500]);
    }
}

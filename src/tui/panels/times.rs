//! Time as a scale: which instant stands in which cell, and spans as people say them.

use crate::sim::{Duration, Instant};
use crate::tui::ink::digits;

/// Cells between two ticks of an axis.
pub(super) const TICK: u16 = 10;

/// A stretch of simulated time, cut into cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// Where it begins.
    pub(super) first: Instant,
    /// So long is a cell; at least a nanosecond.
    pub(super) step: Duration,
    /// So many cells there are.
    pub(super) cells: u16,
}

impl Window {
    /// All from the beginning of the run to `end`: it stands still until there is noticeably more.
    pub(super) fn whole(end: Instant, cells: u16) -> Self {
        let (nanos, cells) = (end.as_nanos(), cells.max(1));
        let step = round_finely(nanos.div_ceil(cells.into()).max(10_000_000));
        Self { first: Instant::ZERO, step: Duration::from_nanos(step), cells }
    }

    /// What happened between two instants, with a little before and after.
    pub(super) fn around(from: Instant, until: Instant, cells: u16) -> Self {
        let (from, until, cells) = (from.as_nanos(), until.as_nanos(), cells.max(1));
        let room = u64::from(cells).saturating_sub(u64::from(2 * TICK)).max(1);
        let step = round_finely(until.saturating_sub(from).div_ceil(room).max(100_000));
        let tick = step * u64::from(TICK);
        let first = (from / tick * tick).saturating_sub(tick / 2 / step * step);
        Self { first: Instant::from_nanos(first), step: Duration::from_nanos(step), cells }
    }

    /// The first instant of a cell.
    pub(super) fn at(&self, cell: u16) -> Instant {
        Instant::from_nanos(self.first.as_nanos() + self.step.as_nanos() * u64::from(cell))
    }

    /// The cell of an instant; none for what lies outside.
    pub(super) fn cell(&self, at: Instant) -> Option<u16> {
        let rest = at.as_nanos().checked_sub(self.first.as_nanos())?;
        let cell = u16::try_from(rest / self.step.as_nanos()).ok()?;
        (cell < self.cells).then_some(cell)
    }

    /// The cells with ticks that have room for their labels, and the labels.
    pub(super) fn ticks(&self) -> impl Iterator<Item = (u16, String)> + use<> {
        let window = *self;
        let last = self.at(self.cells).as_millis() / 1_000;
        let fine = !(self.step.as_nanos() * u64::from(TICK)).is_multiple_of(1_000_000_000);
        let widest = digits(last) + if fine { 5 } else { 1 } + 2;
        let every = TICK * widest.div_ceil(TICK);
        (0..self.cells).step_by(every.into()).filter_map(move |cell| {
            let text = seconds(window.at(cell).since(Instant::ZERO));
            (cell + 1 + text.len() as u16 <= window.cells).then_some((cell, text))
        })
    }
}

/// A span in seconds, to a millisecond, without zeros at the end.
pub(super) fn seconds(span: Duration) -> String {
    let millis = span.as_millis();
    let (whole, rest) = (millis / 1_000, millis % 1_000);
    if rest == 0 {
        return whole.to_string();
    }
    let text = format!("{whole}.{rest:03}");
    text.trim_end_matches('0').to_owned()
}

/// A span in seconds, to a tenth.
pub(super) fn tenths(span: Duration) -> String {
    let tenths = span.as_millis() / 100;
    if tenths.is_multiple_of(10) {
        return (tenths / 10).to_string();
    }
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The next number that people count in: 1, 2, 5, 10, 20, ….
pub(super) fn round_up(number: u64) -> u64 {
    round_to(&[1, 2, 5], 1, number)
}

/// The next number of which ten are easily said, in finer steps: 10, 15, 20, 25, 30, 40, ….
fn round_finely(number: u64) -> u64 {
    round_to(&[2, 3, 4, 5, 6, 8, 10, 12, 16], 5, number)
}

fn round_to(all: &[u64], unit: u64, number: u64) -> u64 {
    let mut unit = unit;
    loop {
        for times in all {
            if unit.saturating_mul(*times) >= number {
                return unit * times;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(millis: u64) -> Instant {
        Instant::ZERO + Duration::from_millis(millis)
    }

    #[test]
    fn the_whole_run_fits_and_stands_still_while_it_grows() {
        let window = Window::whole(millis(60_000), 60);
        assert_eq!((window.first, window.step), (Instant::ZERO, Duration::from_secs(1)));
        assert_eq!(Window::whole(millis(49_000), 60), window);
        assert_eq!(window.cell(millis(59_999)), Some(59));
        assert_eq!(window.cell(millis(60_000)), None);
        assert_eq!(Window::whole(Instant::ZERO, 0).step, Duration::from_millis(10));
    }

    #[test]
    fn what_happened_is_seen_with_what_was_before() {
        for (from, until) in [(42_000, 49_200), (3_001, 3_002), (0, 10), (7_777, 7_777)] {
            let window = Window::around(millis(from), millis(until), 46);
            assert!(window.cell(millis(from)).is_some(), "{window:?}");
            assert!(window.cell(millis(until)).is_some(), "{window:?}");
        }
    }

    #[test]
    fn spans_are_said_in_seconds() {
        assert_eq!(seconds(Duration::from_millis(12_340)), "12.34");
        assert_eq!(seconds(Duration::from_secs(45)), "45");
        assert_eq!(tenths(Duration::from_millis(12_340)), "12.3");
        assert_eq!(tenths(Duration::from_millis(45_040)), "45");
    }
}

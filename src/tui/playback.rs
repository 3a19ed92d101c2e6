//! Time that runs by itself: how fast, and how far it has come.

use crate::sim::{Duration, Instant};

/// How fast time runs: a place in a row of speeds, each about twice as fast as the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speed(usize);

/// Numerator, denominator, name. The last has no limit.
const SPEEDS: [(u64, u64, &str); 15] = [
    (1, 100, "0.01x"),
    (1, 50, "0.02x"),
    (1, 20, "0.05x"),
    (1, 10, "0.1x"),
    (1, 5, "0.2x"),
    (1, 2, "0.5x"),
    (1, 1, "1x"),
    (2, 1, "2x"),
    (5, 1, "5x"),
    (10, 1, "10x"),
    (20, 1, "20x"),
    (50, 1, "50x"),
    (100, 1, "100x"),
    (1_000, 1, "1000x"),
    (u64::MAX, 1, "max"),
];

impl Speed {
    /// As fast as real time.
    pub const REAL_TIME: Self = Self(6);

    /// Faster by so many places, or slower.
    #[must_use]
    pub fn changed(self, by: i32) -> Self {
        Self(self.0.saturating_add_signed(by as isize).min(SPEEDS.len() - 1))
    }

    /// Its name: `0.5x`, `max`.
    pub fn text(self) -> &'static str {
        SPEEDS[self.0].2
    }

    /// How much simulated time goes by in so much real time.
    fn simulated(self, elapsed: Duration) -> Duration {
        let (times, per, _) = SPEEDS[self.0];
        if times == u64::MAX { Duration::MAX } else { elapsed * times / per }
    }
}

/// Whether time runs, and to where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Playback {
    /// True while it runs.
    pub playing: bool,
    /// How fast.
    pub speed: Speed,
    /// It stops at every line of the story.
    pub auto_pause: bool,
    /// How far simulated time has come. Nothing need have happened just then.
    pub clock: Instant,
}

impl Default for Playback {
    fn default() -> Self {
        let speed = Speed::REAL_TIME;
        Self { playing: false, speed, auto_pause: false, clock: Instant::ZERO }
    }
}

impl Playback {
    /// Lets so much real time go by.
    pub fn elapse(&mut self, elapsed: Duration) {
        self.clock += self.speed.simulated(elapsed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_are_on_a_log_scale() {
        let second = Duration::from_secs(1);
        assert_eq!(Speed::REAL_TIME.simulated(second), second);
        let slowest = Speed::REAL_TIME.changed(-100);
        assert_eq!(
            (slowest.text(), slowest.simulated(second)),
            ("0.01x", Duration::from_millis(10))
        );
        let fastest = slowest.changed(100);
        assert_eq!((fastest.text(), fastest.simulated(second)), ("max", Duration::MAX));
        assert_eq!(fastest.changed(1), fastest);
    }
}

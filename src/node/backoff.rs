//! Waiting longer after every failure.
//!
//! In Kafka: `ExponentialBackoff` with multiplier 2 and a jitter of 20 % (KIP-144, KIP-580).

use crate::sim::Duration;
use crate::sim::rng::Stream;

/// A wait that doubles with every failure, 20 % more or less, and never exceeds its maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The first wait, before jitter.
    pub initial: Duration,
    /// The longest wait, jitter included.
    pub max: Duration,
}

impl Backoff {
    /// From the two settings.
    pub const fn new(initial: Duration, max: Duration) -> Self {
        Self { initial, max }
    }

    /// How long to wait after `failures` earlier waits. Without room between the two settings it is
    /// the smaller one, exactly.
    pub fn after(self, failures: u32, chance: &mut Stream) -> Duration {
        if self.max <= self.initial {
            return self.max;
        }
        let base = (self.initial * (1_u64 << failures.min(40))).min(self.max);
        chance.span(base * 4 / 5, base * 6 / 5).min(self.max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_maximum() {
        let mut chance = Stream::new(1, "test");
        let backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(1));
        for (failures, low, high) in [(0, 80, 120), (1, 160, 240), (3, 640, 960), (60, 800, 1000)] {
            for _ in 0..50 {
                let wait = backoff.after(failures, &mut chance).as_millis();
                assert!((low..=high).contains(&wait), "{failures}: {wait}");
            }
        }
        let constant = Backoff::new(Duration::from_secs(2), Duration::from_secs(1));
        assert_eq!(constant.after(5, &mut chance), Duration::from_secs(1));
    }
}

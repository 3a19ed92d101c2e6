//! Lanes: how many things a process does at once.

use smallvec::SmallVec;

use super::Instant;

/// Threads of one kind, like `num.io.threads`: each is busy until an instant.
#[derive(Clone, Debug)]
pub struct Lanes {
    busy_until: SmallVec<[Instant; 8]>,
}

impl Lanes {
    /// `count` idle lanes, at least one.
    pub fn new(count: usize) -> Self {
        Self { busy_until: SmallVec::from_elem(Instant::ZERO, count.max(1)) }
    }

    /// The first lane that is idle at `now`.
    pub fn idle(&self, now: Instant) -> Option<usize> {
        self.busy_until.iter().position(|until| *until <= now)
    }

    /// Lane `lane` is busy until `until`.
    pub fn occupy(&mut self, lane: usize, until: Instant) {
        self.busy_until[lane] = until;
    }

    /// When the next lane is idle.
    pub fn next_idle(&self) -> Instant {
        *self.busy_until.iter().min().expect("there is at least one lane")
    }

    /// How many lanes are busy at `now`.
    pub fn busy(&self, now: Instant) -> usize {
        self.busy_until.iter().filter(|until| **until > now).count()
    }

    /// How many lanes there are.
    pub fn len(&self) -> usize {
        self.busy_until.len()
    }

    /// Never true: there is at least one.
    pub fn is_empty(&self) -> bool {
        self.busy_until.is_empty()
    }
}

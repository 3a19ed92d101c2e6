//! The bare heap: a binary heap of (time, sequence, payload) in a hold loop, which takes the least
//! and puts it back an exponentially distributed while later.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::clock::{cpu, nanos_each};

/// Draws that cost next to nothing: xorshift into a table of exponentially distributed waits with a
/// mean of a millisecond.
pub(crate) struct Waits {
    state: u64,
    table: Vec<u64>,
}

impl Waits {
    /// Always the same ones.
    pub(crate) fn new() -> Self {
        let table = (0..65_536).map(|index| {
            let evenly = (f64::from(index) + 0.5) / 65_536.0;
            (-evenly.ln() * 1_000_000.0) as u64
        });
        Self { state: 88_172_645_463_325_252, table: table.collect() }
    }

    /// The next wait, in nanoseconds.
    pub(crate) fn draw(&mut self) -> u64 {
        let place = (self.bits() >> 20) as usize % self.table.len();
        self.table[place]
    }

    /// Any 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }
}

/// The heap, warmed up.
pub(crate) struct BareHeap {
    waits: Waits,
    sequence: u64,
    heap: BinaryHeap<Reverse<(u64, u64, u64)>>,
}

impl BareHeap {
    /// `pending` entries.
    pub(crate) fn new(pending: u64) -> Self {
        let mut waits = Waits::new();
        let heap =
            (0..pending).map(|sequence| Reverse((waits.draw(), sequence, sequence))).collect();
        let mut bare = Self { waits, sequence: pending, heap };
        bare.hold(pending);
        bare
    }

    /// `times` an entry is taken and put back. Returns nanoseconds each, and a hash of the order.
    pub(crate) fn hold(&mut self, times: u64) -> (f64, u64) {
        let (time, hash) = cpu(|| {
            let mut hash = 0_u64;
            for _ in 0..times {
                let Reverse((at, _, payload)) = self.heap.pop().expect("something is pending");
                hash = hash.wrapping_mul(31).wrapping_add(payload);
                let next = (at + self.waits.draw(), self.sequence, self.sequence);
                self.heap.push(Reverse(next));
                self.sequence += 1;
            }
            hash
        });
        (nanos_each(time, times), hash)
    }
}

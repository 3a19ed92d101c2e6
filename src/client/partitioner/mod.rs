//! Which partition of its topic a record goes to.
//!
//! In Kafka: `BuiltInPartitioner` (KIP-480, KIP-794) and `RoundRobinPartitioner`. Partitioners of
//! other client libraries are further variants of [`Partitioner`].

mod built_in;
mod round_robin;

pub use built_in::BuiltInPartitioner;
pub use round_robin::RoundRobinPartitioner;

use crate::protocol::murmur2::{murmur2, to_positive};

/// What a producer knows of a topic's partitions.
#[derive(Clone, Copy, Debug)]
pub struct Partitions<'a> {
    /// How many there are.
    pub count: i32,
    /// Those that have a leader.
    pub available: &'a [i32],
}

impl Partitions<'_> {
    /// The one that `number` falls on: among those with a leader, or among all if none has.
    fn pick(self, number: i32) -> i32 {
        assert!(number >= 0, "a number to pick by is not negative");
        if self.available.is_empty() {
            number % self.count
        } else {
            self.available[number as usize % self.available.len()]
        }
    }
}

/// The partitioner of one topic in one producer.
#[derive(Clone, Debug)]
pub enum Partitioner {
    /// Java's default: by the key's hash; a record without key goes where the last ones went, for a
    /// batch's worth of bytes.
    BuiltIn {
        /// `partitioner.ignore.keys`.
        ignore_keys: bool,
        /// Where records without key go.
        sticky: BuiltInPartitioner,
    },
    /// `RoundRobinPartitioner`: one partition after the other, whatever the key.
    RoundRobin(RoundRobinPartitioner),
}

impl Partitioner {
    /// The partition of the next record. `draw` gives random numbers that are not negative.
    pub fn partition(
        &mut self,
        key: Option<&[u8]>,
        partitions: Partitions<'_>,
        draw: impl FnMut() -> i32,
    ) -> i32 {
        match (self, key) {
            (Self::BuiltIn { ignore_keys: false, .. }, Some(key)) => {
                partition_for_key(key, partitions.count)
            }
            (Self::BuiltIn { sticky, .. }, _) => sticky.peek(partitions, draw),
            (Self::RoundRobin(round_robin), _) => round_robin.next(partitions),
        }
    }
}

/// The partition that Java clients give a key, leader or not.
pub fn partition_for_key(key: &[u8], partitions: i32) -> i32 {
    to_positive(murmur2(key)) % partitions
}

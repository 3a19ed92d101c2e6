//! Which partition of a topic comes first in Kafka's map of them.
//!
//! In Kafka: `BaseHashTable`, below `TimelineHashMap`. It shows in one place: `CreatePartitions` takes
//! the replication factor of the first partition it meets, and during a reassignment partitions of a
//! topic may differ in that.

use imbl::OrdMap;

use crate::ids::{PartitionIndex, TopicId};

/// How many slots the table of each topic has; one that is not here has two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PartitionTables(OrdMap<TopicId, u32>);

const SMALLEST: u32 = 2;

impl PartitionTables {
    /// A partition is set, be it new or not, in a topic that has `size` partitions before.
    pub(super) fn put(&mut self, topic: TopicId, size: u32) {
        let slots = self.slots(topic);
        // A table grows when it would be fuller than 4/3.
        if u64::from(size + 1) * 3 > u64::from(slots) * 4 {
            self.0.insert(topic, slots * 2);
        }
    }

    /// Forgets a topic.
    pub(super) fn remove(&mut self, topic: TopicId) {
        self.0.remove(&topic);
    }

    /// The first of `size` partitions: the last one that fell into the first slot.
    pub(super) fn first(&self, topic: TopicId, size: u32) -> PartitionIndex {
        let slots = self.slots(topic);
        let first = (0..size).rev().find(|index| slot(*index, slots) == 0);
        PartitionIndex(first.expect("partition 0 is in the first slot") as i32)
    }

    fn slots(&self, topic: TopicId) -> u32 {
        self.0.get(&topic).copied().unwrap_or(SMALLEST)
    }
}

/// Fibonacci hashing: the highest bits of a product.
const fn slot(index: u32, slots: u32) -> u64 {
    (index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - slots.trailing_zeros())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Uuid;

    #[test]
    fn of_three_partitions_the_last_comes_first() {
        let (mut tables, topic) = (PartitionTables::default(), Uuid(1));
        for size in 0..3 {
            tables.put(topic, size);
        }
        assert_eq!(tables.first(topic, 3), PartitionIndex(2));
        assert_eq!(tables.first(topic, 2), PartitionIndex(0));
    }
}

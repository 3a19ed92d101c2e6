//! Coordinators: state machines over the partitions of internal topics.

pub mod group;
mod offsets;

pub use offsets::{GroupOffsets, OffsetAndMetadata};

use crate::ids::{PartitionIndex, java_string_hash};

/// The partition that coordinates a group id (of `__consumer_offsets`) or a transactional id (of
/// `__transaction_state`), out of `partitions`.
pub fn partition_for(id: &str, partitions: i32) -> PartitionIndex {
    // Kafka's own absolute value: that of the smallest integer is zero.
    let hash = java_string_hash(id).checked_abs().unwrap_or(0);
    PartitionIndex(hash % partitions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_coordinated_by_the_partition_of_its_hash() {
        assert_eq!(partition_for("group_102299", 50), PartitionIndex(15));
        assert_eq!(partition_for("polygenelubricants", 50), PartitionIndex(0));
    }
}

//! One partition after the other.

use super::Partitions;
use crate::protocol::murmur2::to_positive;

/// Java's `RoundRobinPartitioner`, for one topic. A partition without leader is passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoundRobinPartitioner {
    records: i32,
}

impl RoundRobinPartitioner {
    /// The partition of the next record.
    pub fn next(&mut self, partitions: Partitions<'_>) -> i32 {
        let number = self.records;
        self.records = self.records.wrapping_add(1);
        partitions.pick(to_positive(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_without_leader_are_passed_over_while_others_have_one() {
        let mut partitioner = RoundRobinPartitioner::default();
        let some = Partitions { count: 3, available: &[0, 2] };
        let taken: Vec<_> = (0..4).map(|_| partitioner.next(some)).collect();
        assert_eq!(taken, [0, 2, 0, 2]);
        let none = Partitions { count: 3, available: &[] };
        let taken: Vec<_> = (0..3).map(|_| partitioner.next(none)).collect();
        assert_eq!(taken, [1, 2, 0]);
    }
}

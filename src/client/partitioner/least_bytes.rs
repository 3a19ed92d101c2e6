//! kafka-go's default of go-queue: the partition that has received the fewest bytes.

/// kafka-go's `LeastBytes`: it counts the bytes of keys and values that it gave each partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeastBytes {
    /// Partitions in order, with what each was given.
    given: Vec<(i32, u64)>,
}

impl LeastBytes {
    /// The partition of a record of so many bytes: of equally empty ones the first. When the number
    /// of partitions is another one than before, counting starts anew.
    ///
    /// # Panics
    /// When there are no partitions.
    pub fn next(&mut self, bytes: u64, partitions: &[i32]) -> i32 {
        if self.given.len() != partitions.len() {
            self.given = partitions.iter().map(|partition| (*partition, 0)).collect();
            self.given.sort_unstable();
        }
        let least = self.given.iter_mut().min_by_key(|(_, given)| *given);
        let (partition, given) = least.expect("a topic has a partition at least");
        *given += bytes;
        *partition
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_equal_size_go_round_in_turn() {
        let mut balancer = LeastBytes::default();
        let taken: Vec<_> = (0..5).map(|_| balancer.next(20, &[0, 1, 2])).collect();
        assert_eq!(taken, [0, 1, 2, 0, 1]);
        assert_eq!(balancer.next(1, &[0, 1, 2, 3]), 0, "a new partition: all begin again");
    }
}

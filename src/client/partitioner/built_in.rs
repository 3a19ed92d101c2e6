//! The same partition for a batch's worth of bytes, then another: by chance, or by load (KIP-794).

use super::Partitions;

/// Java's `BuiltInPartitioner`: where records without key of one topic go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltInPartitioner {
    /// `batch.size`: after so many bytes another partition may be chosen.
    sticky_batch_bytes: u32,
    current: Option<Sticky>,
    /// What decides, if `by_load`; else room for it.
    load: LoadStats,
    by_load: bool,
}

/// The partition in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sticky {
    partition: i32,
    produced_bytes: u32,
}

/// How likely each partition is: the shorter its queue, the likelier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct LoadStats {
    partitions: Vec<i32>,
    /// Running sums of weights; the last one is the range to draw from.
    cumulative: Vec<i32>,
}

impl BuiltInPartitioner {
    /// A partitioner that has not chosen yet.
    ///
    /// # Panics
    /// When `sticky_batch_bytes` is zero.
    pub fn new(sticky_batch_bytes: u32) -> Self {
        assert!(sticky_batch_bytes > 0, "a batch takes a byte at least");
        Self { sticky_batch_bytes, current: None, load: LoadStats::default(), by_load: false }
    }

    /// The partition in use, or one chosen now. `draw` gives numbers that are not negative.
    pub fn peek(&mut self, partitions: Partitions<'_>, draw: impl FnMut() -> i32) -> i32 {
        if let Some(current) = self.current {
            return current.partition;
        }
        self.switch(partitions, draw)
    }

    /// `bytes` went to the partition in use; true when another is in use from now on.
    ///
    /// `enable_switch` is false while the batch is not ready to be sent: then twice the bytes may
    /// go, so that batches are not cut into pieces.
    ///
    /// # Panics
    /// When no partition was peeked at.
    pub fn on_appended(
        &mut self,
        bytes: u32,
        enable_switch: bool,
        partitions: Partitions<'_>,
        draw: impl FnMut() -> i32,
    ) -> bool {
        let is_due = self.is_due(bytes, enable_switch);
        let current = self.current.as_mut().expect("records go to a partition that was peeked at");
        current.produced_bytes = current.produced_bytes.saturating_add(bytes);
        if is_due {
            self.switch(partitions, draw);
        }
        is_due
    }

    /// True if [`BuiltInPartitioner::on_appended`] would choose another partition: only then is the
    /// load looked at.
    pub fn is_due(&self, bytes: u32, enable_switch: bool) -> bool {
        let produced = self.current.map_or(0, |current| current.produced_bytes);
        let produced = produced.saturating_add(bytes);
        (produced >= self.sticky_batch_bytes && enable_switch)
            || produced >= self.sticky_batch_bytes.saturating_mul(2)
    }

    /// Takes new queue sizes, one for each of `partitions`; `all` is how many partitions the topic
    /// has, also those that are left out (no leader, or too slow to be considered).
    pub fn update_load(&mut self, queue_sizes: &[i32], partitions: &[i32], all: usize) {
        assert_eq!(queue_sizes.len(), partitions.len(), "one queue per partition");
        self.by_load = self.load.set(queue_sizes, partitions, all);
    }

    /// No queue sizes are known: by chance alone.
    pub fn forget_load(&mut self) {
        self.by_load = false;
    }

    /// The end of the range that is drawn from by load; none where chance alone decides.
    pub fn load_range_end(&self) -> Option<i32> {
        self.by_load.then(|| self.load.range_end())
    }

    fn switch(&mut self, partitions: Partitions<'_>, mut draw: impl FnMut() -> i32) -> i32 {
        let random = draw();
        let partition = if self.by_load { self.load.pick(random) } else { partitions.pick(random) };
        self.current = Some(Sticky { partition, produced_bytes: 0 });
        partition
    }
}

impl LoadStats {
    /// Takes new queue sizes. False if they give no reason to prefer any partition.
    fn set(&mut self, queue_sizes: &[i32], partitions: &[i32], all: usize) -> bool {
        let Some(longest) = queue_sizes.iter().max() else { return false };
        // With fewer than two partitions there is nothing to choose, with equal queues no reason.
        let all_equal = queue_sizes.iter().all(|size| size == longest);
        if all < 2 || (all_equal && queue_sizes.len() == all) {
            return false;
        }
        let mut sum = 0;
        let weigh = |size: &i32| {
            sum += longest + 1 - size;
            sum
        };
        self.cumulative.clear();
        self.cumulative.extend(queue_sizes.iter().map(weigh));
        self.partitions.clear();
        self.partitions.extend_from_slice(partitions);
        true
    }

    fn range_end(&self) -> i32 {
        *self.cumulative.last().expect("there is one partition at least")
    }

    fn pick(&self, random: i32) -> i32 {
        let point = random % self.range_end();
        self.partitions[self.cumulative.partition_point(|sum| *sum <= point)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: Partitions<'_> = Partitions { count: 3, available: &[0, 1, 2] };

    #[test]
    fn a_partition_lasts_for_a_batch_and_at_most_for_two() {
        let mut partitioner = BuiltInPartitioner::new(100);
        assert_eq!(partitioner.peek(THREE, || 4), 1);
        assert!(!partitioner.on_appended(99, true, THREE, || unreachable!("no draw yet")));
        assert!(!partitioner.on_appended(100, false, THREE, || unreachable!("not ready")));
        assert!(partitioner.on_appended(1, false, THREE, || 2));
        assert_eq!(partitioner.peek(THREE, || unreachable!("already chosen")), 2);
    }

    #[test]
    fn a_short_queue_is_likelier() {
        let mut partitioner = BuiltInPartitioner::new(1);
        partitioner.update_load(&[0, 3, 1], &[0, 1, 2], 3);
        assert_eq!(partitioner.load_range_end(), Some(8));
        let mut counts = [0; 3];
        for random in 0..8 {
            counts[partitioner.switch(THREE, || random) as usize] += 1;
        }
        assert_eq!(counts, [4, 1, 3]);
        partitioner.update_load(&[2, 2], &[0, 1], 2);
        assert_eq!(partitioner.load_range_end(), None);
        partitioner.update_load(&[2, 2], &[0, 1], 3);
        assert_eq!(partitioner.load_range_end(), Some(2), "one was too slow to be considered");
    }
}

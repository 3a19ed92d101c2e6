//! Which partitions were moved from whom to whom: a move is rather undone than answered by one of
//! another partition of the topic in the opposite direction.

use std::collections::BTreeMap;

use crate::assignor::index::Index;
use crate::protocol::java_map::Table;

/// Source and destination.
type Pair = (usize, usize);

/// `AbstractStickyAssignor.PartitionMovements`.
pub(super) struct Movements {
    /// By partition: the move it has made.
    moved: Vec<Option<Pair>>,
    /// By topic and pair: the partitions moved so.
    by_topic: Vec<BTreeMap<Pair, PartitionSet>>,
}

/// A set with the order of Java's: the first of it is what counts.
#[derive(Default)]
struct PartitionSet {
    /// As they were put in.
    partitions: Vec<u32>,
    table: Table,
}

impl Movements {
    pub(super) fn new(index: &Index<'_>) -> Self {
        let by_topic = index.topics.iter().map(|_| BTreeMap::new()).collect();
        Self { moved: vec![None; index.slots()], by_topic }
    }

    /// `partition` goes from `old` to `new`.
    pub(super) fn record(&mut self, index: &Index<'_>, partition: u32, old: usize, new: usize) {
        let movements = &mut self.by_topic[index.topic(partition)];
        let slot = &mut self.moved[partition as usize];
        let mut source = old;
        if let Some(pair) = slot.take() {
            assert_eq!(pair.1, old, "a partition is moved from where it was moved to");
            let set = movements.get_mut(&pair).expect("every move is recorded under its pair");
            set.partitions.retain(|other| *other != partition);
            if set.partitions.is_empty() {
                movements.remove(&pair);
            }
            if pair.0 == new {
                // It is back where it came from.
                return;
            }
            source = pair.0;
        }
        *slot = Some((source, new));
        let set = movements.entry((source, new)).or_default();
        set.partitions.push(partition);
        set.table.hold(set.partitions.len());
    }

    /// The partition that had better be moved to `new` than `partition`, which `old` has.
    pub(super) fn better(&self, index: &Index<'_>, partition: u32, old: usize, new: usize) -> u32 {
        let source = self.moved[partition as usize].map_or(old, |pair| pair.0);
        let Some(set) = self.by_topic[index.topic(partition)].get(&(new, source)) else {
            return partition;
        };
        let bucket = |partition: &u32| set.table.bucket(index.hash(*partition));
        let first = set.partitions.iter().copied().min_by_key(bucket);
        first.expect("an empty set is removed")
    }
}

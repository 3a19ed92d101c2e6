//! All batches that were ever appended to a partition, as a tree: each hangs below the one before it
//! in its log. A log is a path from the root; logs that part are branches.
//!
//! So two logs are equal up to a batch if they hold the same batch of the tree, and nothing is ever
//! compared twice.

use std::sync::Arc;

use crate::ids::{LeaderEpoch, Offset};
use crate::protocol::Batch;
use crate::sim::CowList;

/// A batch of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::check) struct BatchId(u32);

/// The empty log.
pub(in crate::check) const ROOT: BatchId = BatchId(0);

/// A record that a producer's application numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::check) struct RecordName {
    /// The producer, as the ledger numbers it.
    pub(in crate::check) producer: u32,
    /// The application's running number.
    pub(in crate::check) number: u64,
}

/// What the records of a batch are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::check) enum Contents {
    /// Not an application's: markers, offsets, metadata.
    Other,
    /// Records of one producer, numbered without gap.
    Run(RecordName),
    /// Any records; none for what has no number in it.
    List(Arc<[Option<RecordName>]>),
}

impl Contents {
    /// The record at `index` of the batch.
    pub(in crate::check) fn get(&self, index: u64) -> Option<RecordName> {
        match self {
            Self::Other => None,
            Self::Run(first) => Some(RecordName { number: first.number + index, ..*first }),
            Self::List(names) => names.get(index as usize).copied().flatten(),
        }
    }
}

/// A batch as it was appended.
#[derive(Clone, Debug)]
pub(in crate::check) struct Node {
    pub(in crate::check) base: Offset,
    /// The offset after its last record.
    pub(in crate::check) next: Offset,
    pub(in crate::check) epoch: LeaderEpoch,
    pub(in crate::check) crc: u32,
    pub(in crate::check) size: u32,
    /// The batch before it in its log.
    pub(in crate::check) parent: BatchId,
    child: BatchId,
    sibling: BatchId,
    /// A marker, which no application reads.
    pub(in crate::check) is_control: bool,
    pub(in crate::check) contents: Contents,
}

impl Node {
    /// Its records with their offsets, as far as they have names.
    pub(in crate::check) fn records(&self) -> impl Iterator<Item = (Offset, RecordName)> {
        let count = self.next.0 - self.base.0;
        (0..count).filter_map(|index| Some((self.base.plus(index), self.contents.get(index)?)))
    }

    /// The record at `offset`.
    pub(in crate::check) fn record_at(&self, offset: Offset) -> Option<RecordName> {
        let index = offset.0.checked_sub(self.base.0).filter(|_| offset < self.next)?;
        self.contents.get(index)
    }

    /// True if this is `batch`, byte for byte: the CRC covers what the place in the log does not.
    pub(in crate::check) fn is(&self, batch: &Batch) -> bool {
        self.base == batch.base_offset()
            && Some(self.epoch) == batch.partition_leader_epoch()
            && self.crc == batch.crc()
            && u64::from(self.size) == batch.size_in_bytes()
    }

    /// `12–19 of epoch 3`, for messages.
    pub(in crate::check) fn name(&self) -> String {
        format!("{}..{} (epoch {}, crc {:08x})", self.base, self.next, self.epoch, self.crc)
    }
}

/// The batches of a partition.
#[derive(Clone, Debug)]
pub(in crate::check) struct Tree {
    nodes: CowList<Node>,
}

impl Default for Tree {
    fn default() -> Self {
        let mut nodes = CowList::new();
        nodes.push(Node {
            base: Offset(0),
            next: Offset(0),
            epoch: LeaderEpoch(-1),
            crc: 0,
            size: 0,
            parent: ROOT,
            child: ROOT,
            sibling: ROOT,
            is_control: false,
            contents: Contents::Other,
        });
        Self { nodes }
    }
}

impl std::ops::Index<BatchId> for Tree {
    type Output = Node;
    fn index(&self, id: BatchId) -> &Node {
        &self.nodes[id.0 as usize]
    }
}

impl Tree {
    /// The batch that hangs below `parent` and is `batch`.
    pub(in crate::check) fn find_below(&self, parent: BatchId, batch: &Batch) -> Option<BatchId> {
        let mut child = self[parent].child;
        while child != ROOT {
            if self[child].is(batch) {
                return Some(child);
            }
            child = self[child].sibling;
        }
        None
    }

    /// Hangs `batch` below `parent`.
    pub(in crate::check) fn add(
        &mut self,
        parent: BatchId,
        batch: &Batch,
        contents: Contents,
    ) -> BatchId {
        let id = BatchId(self.nodes.len() as u32);
        let above = &mut self.nodes[parent.0 as usize];
        let sibling = std::mem::replace(&mut above.child, id);
        self.nodes.push(Node {
            base: batch.base_offset(),
            next: batch.next_offset(),
            epoch: batch.partition_leader_epoch().unwrap_or(LeaderEpoch(-1)),
            crc: batch.crc(),
            size: batch.size_in_bytes() as u32,
            parent,
            child: ROOT,
            sibling,
            is_control: batch.is_control(),
            contents,
        });
        id
    }

    /// The last batch of the log that ends with `tip` which ends at or before `offset`.
    pub(in crate::check) fn up_to(&self, tip: BatchId, offset: Offset) -> BatchId {
        let mut id = tip;
        while self[id].next > offset {
            id = self[id].parent;
        }
        id
    }

    /// The newest batch with that record at that offset, wherever it hangs. Walks, too.
    pub(in crate::check) fn with_record(
        &self,
        name: RecordName,
        offset: Offset,
    ) -> Option<BatchId> {
        let has_it = |node: &Node| node.record_at(offset) == Some(name);
        let index = (1..self.nodes.len()).rev().find(|index| has_it(&self.nodes[*index]))?;
        Some(BatchId(index as u32))
    }

    /// The record at `offset`, which had no name, is the one called `name`.
    pub(in crate::check) fn name_record(&mut self, id: BatchId, offset: Offset, name: RecordName) {
        let node = &mut self.nodes[id.0 as usize];
        let count = node.next.0 - node.base.0;
        let mut names: Vec<_> = (0..count).map(|index| node.contents.get(index)).collect();
        names[(offset.0 - node.base.0) as usize] = Some(name);
        node.contents = Contents::List(names.into());
    }

    /// The newest batch of that name, wherever it hangs. Walks: for when something is wrong.
    pub(in crate::check) fn named(&self, epoch: LeaderEpoch, base: Offset) -> Option<BatchId> {
        let is_it = |node: &Node| node.epoch == epoch && node.base == base;
        let index = (1..self.nodes.len()).rev().find(|index| is_it(&self.nodes[*index]))?;
        Some(BatchId(index as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Timestamp;
    use crate::protocol::BatchBuilder;

    fn batch(base: u64, epoch: i32, value: &[u8]) -> Batch {
        let mut builder = BatchBuilder::new();
        builder.append(Timestamp(1), None, Some(value), &[]);
        builder.append(Timestamp(1), None, Some(value), &[]);
        let batch = builder.build().expect("two records");
        batch.with_place(Offset(base), LeaderEpoch(epoch))
    }

    #[test]
    fn logs_are_paths_and_part_in_branches() {
        let mut tree = Tree::default();
        let one = tree.add(ROOT, &batch(0, 0, b"a"), Contents::Other);
        let two = tree.add(one, &batch(2, 0, b"b"), Contents::Other);
        let other = tree.add(one, &batch(2, 1, b"b"), Contents::Other);
        assert_eq!(tree.find_below(one, &batch(2, 0, b"b")), Some(two));
        assert_eq!(tree.find_below(one, &batch(2, 1, b"b")), Some(other));
        assert_eq!(tree.find_below(one, &batch(2, 1, b"c")), None);
        assert_eq!(tree.up_to(other, Offset(3)), one);
        assert_eq!(tree.up_to(other, Offset(4)), other);
        assert_eq!(tree.up_to(one, Offset(1)), ROOT);
        assert_eq!(tree.named(LeaderEpoch(1), Offset(2)), Some(other));
    }
}

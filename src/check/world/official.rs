//! The log that counts: that of the newest leader which the controller named and which has started.
//!
//! What is committed is a prefix of it. When another broker takes over, the path changes to that of
//! the new leader's log; the batches that leave it are what a run has lost, be it by right or not.

use super::tree::{BatchId, ROOT, Tree};
use crate::ids::{BrokerId, LeaderEpoch, Offset};
use crate::sim::CowList;

/// What left the path, and what came instead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::check) struct Change {
    /// In the order of their offsets.
    pub(in crate::check) left: Vec<BatchId>,
    /// In the order of their offsets.
    pub(in crate::check) entered: Vec<BatchId>,
    /// By where it ends: `min.insync.replicas` at the time when a stretch of what left was committed.
    pub(in crate::check) min_isr: Vec<(Offset, u32)>,
}

impl Change {
    /// `min.insync.replicas` when the record at `offset`, which left, was committed; the smallest
    /// there is if it never was.
    pub(in crate::check) fn min_isr_at(&self, offset: Offset) -> u32 {
        self.min_isr.iter().find(|(end, _)| offset < *end).map_or(1, |(_, min_isr)| *min_isr)
    }
}

/// The log that counts.
#[derive(Clone, Debug, Default)]
pub(in crate::check) struct Official {
    path: CowList<BatchId>,
    /// Whose log it is, and in which epoch.
    pub(in crate::check) leader: Option<(LeaderEpoch, BrokerId)>,
    /// What lies before was removed by right: retention, or a request.
    pub(in crate::check) start: Offset,
    /// The highest high watermark that any leader ever had.
    pub(in crate::check) committed: Offset,
    /// By where it ends: `min.insync.replicas` at the time when a stretch was committed.
    min_isr: CowList<(Offset, u32)>,
    /// Where the last search ended: the next one is likely near.
    cursor: usize,
}

impl Official {
    /// The last batch.
    pub(in crate::check) fn tip(&self) -> BatchId {
        self.path.last().copied().unwrap_or(ROOT)
    }

    /// Where it ends.
    pub(in crate::check) fn end(&self, tree: &Tree) -> Offset {
        tree[self.tip()].next
    }

    /// Adds a batch at the end.
    pub(in crate::check) fn push(&mut self, id: BatchId) {
        self.path.push(id);
    }

    /// The batch that holds `offset`, if any.
    pub(in crate::check) fn holding(&mut self, tree: &Tree, offset: Offset) -> Option<BatchId> {
        let holds = |index: usize| {
            let id = *self.path.get(index)?;
            let node = &tree[id];
            (node.base <= offset && offset < node.next).then_some(id)
        };
        let near = [self.cursor, self.cursor + 1, self.path.len().wrapping_sub(1)];
        for index in near {
            if let Some(id) = holds(index) {
                self.cursor = index;
                return Some(id);
            }
        }
        let index = self.path.partition_point(|id| tree[*id].next <= offset);
        let found = holds(index);
        if found.is_some() {
            self.cursor = index;
        }
        found
    }

    /// The last batch that ends at or before `offset`; the root if there is none.
    pub(in crate::check) fn up_to(&self, tree: &Tree, offset: Offset) -> BatchId {
        let last = self.tip();
        if tree[last].next <= offset {
            return last;
        }
        let after = self.path.partition_point(|id| tree[*id].next <= offset);
        after.checked_sub(1).map_or(ROOT, |index| self.path[index])
    }

    /// The batches from the one that ends after `offset` on.
    pub(in crate::check) fn from(
        &self,
        tree: &Tree,
        offset: Offset,
    ) -> impl Iterator<Item = BatchId> {
        let first = self.path.partition_point(|id| tree[*id].next <= offset);
        self.path.iter_from(first).copied()
    }

    fn index_of(&self, tree: &Tree, id: BatchId) -> Option<usize> {
        if self.path.last() == Some(&id) {
            return Some(self.path.len() - 1);
        }
        let index = self.path.partition_point(|other| tree[*other].base < tree[id].base);
        (self.path.get(index) == Some(&id)).then_some(index)
    }

    /// How far the log that ends with `tip` is this one.
    pub(in crate::check) fn shared(&self, tree: &Tree, tip: BatchId) -> Offset {
        let mut id = tip;
        while id != ROOT && self.index_of(tree, id).is_none() {
            id = tree[id].parent;
        }
        tree[id].next
    }

    /// Makes the log that ends with `tip` the one that counts.
    pub(in crate::check) fn switch(&mut self, tree: &Tree, tip: BatchId) -> Change {
        let mut entered = Vec::new();
        let mut id = tip;
        let keep = loop {
            if id == ROOT {
                break 0;
            }
            if let Some(index) = self.index_of(tree, id) {
                break index + 1;
            }
            entered.push(id);
            id = tree[id].parent;
        };
        entered.reverse();
        let left: Vec<BatchId> = self.path.iter_from(keep).copied().collect();
        self.path.truncate(keep);
        for id in &entered {
            self.path.push(*id);
        }
        self.cursor = 0;
        let from = left.first().map_or(Offset(u64::MAX), |id| tree[*id].base);
        let stretch = self.min_isr.partition_point(|(end, _)| *end <= from);
        let min_isr = self.min_isr.iter_from(stretch).copied().collect();
        Change { left, entered, min_isr }
    }

    /// Everything before `offset` is committed, in an ISR of at least `min_isr`.
    pub(in crate::check) fn commit(&mut self, offset: Offset, min_isr: u32) {
        if offset <= self.committed {
            return;
        }
        self.committed = offset;
        match self.min_isr.last_mut() {
            Some((end, known)) if *known == min_isr => *end = offset,
            _ => self.min_isr.push((offset, min_isr)),
        }
    }

    /// From now on only what lies before `offset` counts as committed.
    pub(in crate::check) fn uncommit(&mut self, offset: Offset) {
        self.committed = self.committed.min(offset);
        let keep = self.min_isr.partition_point(|(end, _)| *end < offset);
        let cut = self.min_isr.get(keep).copied();
        self.min_isr.truncate(keep);
        if let Some((_, min_isr)) = cut {
            self.min_isr.push((offset, min_isr));
        }
    }

    /// The largest `min.insync.replicas` of what was committed from `offset` on.
    pub(in crate::check) fn max_min_isr_from(&self, offset: Offset) -> Option<u32> {
        let index = self.min_isr.partition_point(|(end, _)| *end <= offset);
        self.min_isr.iter_from(index).map(|(_, min_isr)| *min_isr).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::world::tree::Contents;
    use crate::ids::Timestamp;
    use crate::protocol::{Batch, BatchBuilder};

    fn batch(base: u64, epoch: i32) -> Batch {
        let mut builder = BatchBuilder::new();
        builder.append(Timestamp(1), None, Some(b"v"), &[]);
        builder.append(Timestamp(1), None, Some(b"w"), &[]);
        builder.build().expect("two records").with_place(Offset(base), LeaderEpoch(epoch))
    }

    #[test]
    fn a_switch_tells_what_left_and_what_came() {
        let mut tree = Tree::default();
        let mut official = Official::default();
        let mut tip = ROOT;
        let ids: Vec<_> = (0..100)
            .map(|n| {
                tip = tree.add(tip, &batch(n * 2, 0), Contents::Other);
                official.push(tip);
                tip
            })
            .collect();
        assert_eq!(official.holding(&tree, Offset(41)), Some(ids[20]));
        assert_eq!(official.holding(&tree, Offset(42)), Some(ids[21]));
        assert_eq!(official.holding(&tree, Offset(200)), None);
        assert_eq!(official.up_to(&tree, Offset(41)), ids[19]);
        assert_eq!(official.up_to(&tree, Offset(1)), ROOT);
        let branch = tree.add(ids[89], &batch(180, 1), Contents::Other);
        let change = official.switch(&tree, branch);
        let wanted =
            Change { left: ids[90..].to_vec(), entered: vec![branch], ..Change::default() };
        assert_eq!(change, wanted);
        assert_eq!((official.tip(), official.end(&tree)), (branch, Offset(182)));
        let back = official.switch(&tree, ids[94]);
        assert_eq!((back.left, back.entered), (vec![branch], ids[90..95].to_vec()));
        assert_eq!(official.switch(&tree, ROOT).left.len(), 95);
    }

    #[test]
    fn what_was_committed_when_is_remembered() {
        let mut official = Official::default();
        official.commit(Offset(10), 1);
        official.commit(Offset(20), 2);
        official.commit(Offset(30), 2);
        official.commit(Offset(25), 3);
        let from = |official: &Official, offset| official.max_min_isr_from(Offset(offset));
        assert_eq!([9, 29, 30].map(|offset| from(&official, offset)), [Some(2), Some(2), None]);
        official.uncommit(Offset(15));
        assert_eq!([9, 14, 15].map(|offset| from(&official, offset)), [Some(2), Some(2), None]);
        official.uncommit(Offset(10));
        assert_eq!([3, 9, 10].map(|offset| from(&official, offset)), [Some(1), Some(1), None]);
    }
}

//! What consumers' applications processed, and what of it a second time.
//!
//! A record is the same one if its value names the same one: it may have been read again from its
//! offset, or be in the log twice. What has no name goes by its offset.

use std::collections::BTreeMap;

use imbl::OrdSet;
use smallvec::SmallVec;

use super::Ledger;
use crate::check::world::partition::Partition;
use crate::check::world::tree::RecordName;
use crate::ids::{Name, Offset};
use crate::sim::{CowList, NodeId};
use crate::view::Lens;

/// What the applications of a group processed.
#[derive(Clone, Debug, Default)]
pub(in crate::check) struct Processed {
    records: u64,
    again: u64,
    /// By producer, a bit for each of its records.
    named: Vec<CowList<u64>>,
    unnamed: OrdSet<(u32, Offset)>,
}

/// Records that a consumer's application was handed, and how far it is with them.
#[derive(Clone, Copy, Debug)]
struct Handed {
    slot: u32,
    from: Offset,
    to: Offset,
}

/// All consumers and their groups.
#[derive(Clone, Debug, Default)]
pub(in crate::check) struct Readers {
    groups: BTreeMap<Name, Processed>,
    handed: BTreeMap<NodeId, SmallVec<[Handed; 4]>>,
}

impl Processed {
    /// Notes a record; true if it had been processed before.
    fn note(&mut self, slot: u32, offset: Offset, name: Option<RecordName>) -> bool {
        let Some(name) = name else { return self.unnamed.insert((slot, offset)).is_some() };
        let (producer, word, bit) =
            (name.producer as usize, (name.number / 64) as usize, 1 << (name.number % 64));
        if self.named.len() <= producer {
            self.named.resize_with(producer + 1, CowList::new);
        }
        let words = &mut self.named[producer];
        while words.len() <= word {
            words.push(0);
        }
        let before = words[word] & bit != 0;
        words[word] |= bit;
        before || (!self.unnamed.is_empty() && self.unnamed.contains(&(slot, offset)))
    }
}

impl Readers {
    /// The application of the consumer `node` was handed the records `from..to`.
    pub(in crate::check) fn on_handed(
        &mut self,
        node: NodeId,
        slot: u32,
        from: Offset,
        to: Offset,
    ) {
        let all = self.handed.entry(node).or_default();
        match all.iter_mut().find(|one| one.slot == slot) {
            // Several runs of one poll: what lies between them are no records of applications.
            Some(known) if known.from < known.to && known.to <= from => known.to = to,
            Some(known) => *known = Handed { slot, from, to },
            None => all.push(Handed { slot, from, to }),
        }
    }

    /// The process of a consumer has ended.
    pub(in crate::check) fn end(&mut self, node: NodeId) {
        self.handed.remove(&node);
    }

    /// What the group of a consumer processed.
    fn group_of(&mut self, lens: Lens<'_>, node: NodeId) -> Option<&mut Processed> {
        let group = lens.consumer_spec(node)?.config.group_id.as_ref()?;
        if !self.groups.contains_key(group) {
            self.groups.insert(group.clone(), Processed::default());
        }
        self.groups.get_mut(group)
    }

    fn of(&self, group: &str) -> Option<&Processed> {
        self.groups.get(group)
    }
}

impl Ledger {
    /// The application of the consumer `node` is done with everything before `to`. Returns where that
    /// begins which it had not told of before.
    pub(in crate::check) fn on_processed(
        &mut self,
        lens: Lens<'_>,
        node: NodeId,
        slot: u32,
        to: Offset,
        partition: &Partition,
    ) -> Option<Offset> {
        let handed = self.readers.handed.get_mut(&node);
        let known = handed.and_then(|all| all.iter_mut().find(|one| one.slot == slot));
        let from = std::mem::replace(&mut known?.from, to);
        let group = self.readers.group_of(lens, node)?;
        for id in partition.official.from(&partition.tree, from) {
            let batch = &partition.tree[id];
            if batch.base >= to {
                break;
            }
            if batch.is_control {
                continue;
            }
            let (first, last) = (batch.base.max(from), batch.next.min(to));
            for offset in (first.0..last.0).map(Offset) {
                group.records += 1;
                let again = group.note(slot, offset, batch.record_at(offset));
                group.again += u64::from(again);
            }
        }
        Some(from)
    }

    /// One of several handlers of the consumer `node` is done with one record, whatever comes before it.
    pub(in crate::check) fn on_handled(
        &mut self,
        lens: Lens<'_>,
        node: NodeId,
        (slot, offset): (u32, Offset),
        partition: &Partition,
    ) {
        let Some(group) = self.readers.group_of(lens, node) else { return };
        let batch = partition.official.from(&partition.tree, offset).next();
        let batch = batch.map(|id| &partition.tree[id]);
        let name = batch.filter(|batch| batch.base <= offset).and_then(|one| one.record_at(offset));
        group.records += 1;
        let again = group.note(slot, offset, name);
        group.again += u64::from(again);
    }

    /// How many records the applications of a group processed.
    pub(in crate::check) fn consumed(&self, group: &str) -> u64 {
        self.readers.of(group).map_or(0, |group| group.records)
    }

    /// How many of them had been processed before; of all groups for none.
    pub(in crate::check) fn processed_again(&self, group: Option<&str>) -> u64 {
        match group {
            Some(group) => self.readers.of(group).map_or(0, |group| group.again),
            None => self.readers.groups.values().map(|group| group.again).sum(),
        }
    }
}

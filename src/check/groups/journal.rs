//! What a partition of `__consumer_offsets` says of its groups, by the log that counts.
//!
//! Of each committed offset, and of each group's metadata, the records are kept from the newest one on
//! that somebody was told is safe: a coordinator may answer with that one or a later one, and with
//! none before.

use std::collections::BTreeMap;
use std::sync::Arc;

use imbl::OrdMap;
use smallvec::SmallVec;

use crate::ids::{Generation, Name, Offset, TopicPartition};
use crate::protocol::Batch;
use crate::protocol::coordinator_record::{GroupMetadataValue, GroupRecord};
use crate::sim::Instant;

/// A record, and what it says; nothing for a tombstone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry<T> {
    /// Where it is in the log.
    pub(super) at: Offset,
    /// When it was written, as far as that is known.
    pub(super) when: Instant,
    pub(super) value: Option<T>,
}

/// The records of one key, from the newest safe one on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entries<T> {
    all: SmallVec<[Entry<T>; 2]>,
    /// Somebody was told that the first one is safe.
    is_safe: bool,
}

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self { all: SmallVec::new(), is_safe: false }
    }
}

impl<T: Clone> Entries<T> {
    /// The newest.
    pub(super) fn last(&self) -> Option<&Entry<T>> {
        self.all.last()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry<T>> {
        self.all.iter()
    }

    /// True where the state before the first record may still be answered.
    pub(super) fn may_be_none(&self) -> bool {
        !self.is_safe
    }

    fn push(&mut self, entry: Entry<T>) {
        self.all.push(entry);
    }

    /// The record at `at` is safe: those before it are of no interest any more.
    pub(super) fn settle(&mut self, at: Offset) {
        let before = self.all.partition_point(|entry| entry.at < at);
        if self.all.get(before).is_some_and(|entry| entry.at == at) {
            self.all.drain(..before);
            self.is_safe = true;
        }
    }

    /// Where the newest safe record is.
    fn safe_at(&self) -> Option<Offset> {
        self.all.first().filter(|_| self.is_safe).map(|entry| entry.at)
    }
}

/// What is known of a group.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    pub(super) metadata: Entries<Arc<GroupMetadataValue>>,
    pub(super) offsets: OrdMap<TopicPartition, Entries<i64>>,
}

/// A record of interest.
#[derive(Clone, Debug)]
pub(super) enum Said {
    /// A committed offset; none where it is removed.
    Offset(TopicPartition, Option<i64>),
    /// A group; none where it is removed.
    Metadata(Option<Arc<GroupMetadataValue>>),
}

/// One partition of the offsets topic.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal {
    groups: BTreeMap<Name, Kept>,
}

/// What somebody was told is safe, and is in the log no more.
pub(super) enum Gone {
    /// A committed offset, and where it was.
    Offset(Name, TopicPartition, Offset),
    /// A group's metadata, and where it was.
    Metadata(Name, Offset),
}

impl Journal {
    pub(super) fn group(&self, name: &str) -> Option<&Kept> {
        self.groups.get(name)
    }

    pub(super) fn groups(&self) -> impl Iterator<Item = (&Name, &Kept)> {
        self.groups.iter()
    }

    fn group_mut(&mut self, name: &Name) -> &mut Kept {
        if !self.groups.contains_key(name) {
            self.groups.insert(name.clone(), Kept::default());
        }
        self.groups.get_mut(name).expect("it was just put there")
    }

    /// The newest record of a committed offset.
    pub(super) fn committed(&self, group: &str, tp: &TopicPartition) -> Option<&Entry<i64>> {
        self.group(group)?.offsets.get(tp)?.last()
    }

    /// Notes a record.
    pub(super) fn push(&mut self, group: &Name, at: Offset, when: Instant, said: Said) {
        let kept = self.group_mut(group);
        match said {
            Said::Offset(tp, value) => {
                kept.offsets.entry(tp).or_default().push(Entry { at, when, value });
            }
            Said::Metadata(value) => kept.metadata.push(Entry { at, when, value }),
        }
    }

    /// Somebody was told that the commit at `at` is safe.
    pub(super) fn settle_offset(&mut self, group: &Name, tp: &TopicPartition, at: Offset) {
        if let Some(entries) = self.group_mut(group).offsets.get_mut(tp) {
            entries.settle(at);
        }
    }

    /// Where the assignment of `generation` is, if it is in the log.
    pub(super) fn assignment(&self, group: &str, generation: Generation) -> Option<Offset> {
        let mut entries = self.group(group)?.metadata.iter();
        let is_it = |entry: &&Entry<Arc<GroupMetadataValue>>| {
            entry
                .value
                .as_ref()
                .is_some_and(|value| value.generation == generation.0 && !value.members.is_empty())
        };
        entries.find(is_it).map(|entry| entry.at)
    }

    /// Somebody was told that the metadata at `at` is safe.
    pub(super) fn settle_metadata(&mut self, group: &Name, at: Offset) {
        self.group_mut(group).metadata.settle(at);
    }

    /// The log that counts is another one from `cut` on: its `batches`, from the beginning. Returns
    /// what was safe and is gone.
    pub(super) fn rewrite(
        &mut self,
        batches: impl Iterator<Item = Arc<Batch>>,
        cut: Offset,
    ) -> Vec<Gone> {
        let before = std::mem::take(&mut self.groups);
        for batch in batches {
            for (at, group, said) in records(&batch) {
                self.push(&group, at, Instant::ZERO, said);
            }
        }
        let mut gone = Vec::new();
        for (name, kept) in before {
            let safe = kept.metadata.safe_at();
            let now = self.group_mut(&name);
            match safe {
                Some(at) if at >= cut => {
                    now.metadata.settle_before(cut);
                    gone.push(Gone::Metadata(name.clone(), at));
                }
                Some(at) => now.metadata.settle(at),
                None => {}
            }
            for (tp, entries) in &kept.offsets {
                let now = now.offsets.entry(tp.clone()).or_default();
                now.keep_times(entries);
                match entries.safe_at() {
                    Some(at) if at >= cut => {
                        now.settle_before(cut);
                        gone.push(Gone::Offset(name.clone(), tp.clone(), at));
                    }
                    Some(at) => now.settle(at),
                    None => {}
                }
            }
        }
        gone
    }
}

impl<T: Clone> Entries<T> {
    /// What was safe is gone: the newest one before `cut` counts instead, though nobody knows whether
    /// it was safe.
    fn settle_before(&mut self, cut: Offset) {
        let before = self.all.partition_point(|entry| entry.at < cut);
        self.all.drain(..before.saturating_sub(1));
        self.is_safe = false;
    }

    /// When records were written is not in the log.
    fn keep_times(&mut self, known: &Self) {
        for entry in &mut self.all {
            let same = known.all.iter().find(|other| other.at == entry.at);
            entry.when = same.map_or(entry.when, |other| other.when);
        }
    }
}

/// The records of a batch that are about groups of the classic protocol, with their places.
pub(super) fn records(batch: &Batch) -> Vec<(Offset, Name, Said)> {
    if batch.is_control() {
        return Vec::new();
    }
    let records = batch.decode().unwrap_or_default().into_iter();
    let said = records.filter_map(|record| {
        let data = GroupRecord::decode(record.key?, record.value).ok()?;
        let (group, said) = match data {
            GroupRecord::OffsetCommit(entry) => {
                let tp = TopicPartition::new(entry.key.topic, entry.key.partition);
                (entry.key.group, Said::Offset(tp, entry.value.map(|value| value.offset)))
            }
            GroupRecord::GroupMetadata(entry) => {
                (entry.key.group, Said::Metadata(entry.value.map(Arc::new)))
            }
            _ => return None,
        };
        Some((record.offset, group, said))
    });
    said.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tp() -> TopicPartition {
        TopicPartition::new("kq", 0)
    }

    fn journal(values: &[(u64, i64)]) -> Journal {
        let mut journal = Journal::default();
        for (at, value) in values {
            let said = Said::Offset(tp(), Some(*value));
            journal.push(&"g".into(), Offset(*at), Instant::ZERO, said);
        }
        journal
    }

    fn values(journal: &Journal) -> Vec<i64> {
        let entries = &journal.group("g").expect("it has offsets").offsets[&tp()];
        entries.iter().filter_map(|entry| entry.value).collect()
    }

    #[test]
    fn what_comes_before_a_safe_record_is_forgotten() {
        let mut journal = journal(&[(0, 5), (1, 7), (2, 9)]);
        journal.settle_offset(&"g".into(), &tp(), Offset(1));
        assert_eq!(values(&journal), [7, 9]);
        journal.settle_offset(&"g".into(), &tp(), Offset(0));
        assert_eq!(values(&journal), [7, 9]);
    }

    #[test]
    fn what_was_safe_and_is_cut_off_is_told() {
        let mut journal = journal(&[(0, 5), (1, 7)]);
        journal.settle_offset(&"g".into(), &tp(), Offset(1));
        let gone = journal.rewrite(std::iter::empty(), Offset(1));
        assert!(matches!(&gone[..], [Gone::Offset(_, _, Offset(1))]));
    }
}

//! The committed offsets of the groups of one shard.
//!
//! In Kafka: the state of `OffsetMetadataManager`, `OffsetAndMetadata`. An offset committed inside a
//! transaction is pending until the transaction's marker arrives (KIP-98, KIP-447). The maps share
//! what is equal with earlier versions of themselves, so that a reader can be shown what is
//! committed while more is on its way.

use imbl::{OrdMap, OrdSet};

use crate::ids::{
    LeaderEpoch, Name, Offset, PartitionIndex, ProducerId, Timestamp, TopicId, TopicPartition,
};
use crate::protocol::coordinator_record::{Entry, GroupRecord, OffsetCommitKey, OffsetCommitValue};

/// A committed offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetAndMetadata {
    /// The next offset to read. Kafka takes what the client says.
    pub committed_offset: i64,
    /// The leader epoch of the last record that was read.
    pub leader_epoch: Option<LeaderEpoch>,
    /// The client's own words.
    pub metadata: Name,
    /// When it was committed.
    pub commit_timestamp: Timestamp,
    /// When it expires, where the client said so (before Kafka 2.1).
    pub expire_timestamp: Option<Timestamp>,
    /// The topic's id; zero where it is not known.
    pub topic_id: TopicId,
    /// Where the record of the commit lies; none until it is written.
    pub record_offset: Option<Offset>,
}

/// What a group committed, by partition.
pub type GroupOffsets = OrdMap<TopicPartition, OffsetAndMetadata>;

/// The offsets of a shard.
#[derive(Clone, Debug, Default)]
pub(super) struct Offsets {
    committed: OrdMap<Name, GroupOffsets>,
    /// By transaction: what it will commit, by group.
    pending: OrdMap<ProducerId, OrdMap<Name, GroupOffsets>>,
    /// By group and partition: the transactions that have it pending.
    open: OrdMap<Name, OrdMap<TopicPartition, OrdSet<ProducerId>>>,
}

/// The version that Kafka 4.1 writes.
const VALUE_VERSION: i16 = 4;
/// The only version that says when an offset expires.
const VALUE_VERSION_WITH_EXPIRY: i16 = 1;

impl OffsetAndMetadata {
    /// The commit as it is written.
    pub(super) fn to_record(&self, group: &Name, tp: &TopicPartition) -> GroupRecord {
        let version = match self.expire_timestamp {
            Some(_) => VALUE_VERSION_WITH_EXPIRY,
            None => VALUE_VERSION,
        };
        let value = OffsetCommitValue {
            offset: self.committed_offset,
            leader_epoch: LeaderEpoch::to_wire(self.leader_epoch),
            metadata: self.metadata.clone(),
            commit_timestamp: self.commit_timestamp.0,
            expire_timestamp: self.expire_timestamp.map_or(-1, |at| at.0),
            topic_id: self.topic_id,
        };
        GroupRecord::OffsetCommit(Entry::new(key(group, tp), value, version))
    }

    fn from_record(value: OffsetCommitValue, record_offset: Offset) -> Self {
        let expire_timestamp = value.expire_timestamp;
        Self {
            committed_offset: value.offset,
            leader_epoch: LeaderEpoch::from_wire(value.leader_epoch),
            metadata: value.metadata,
            commit_timestamp: Timestamp(value.commit_timestamp),
            expire_timestamp: (expire_timestamp != -1).then_some(Timestamp(expire_timestamp)),
            topic_id: value.topic_id,
            record_offset: Some(record_offset),
        }
    }
}

/// The record that removes a committed offset.
pub(super) fn tombstone(group: &Name, tp: &TopicPartition) -> GroupRecord {
    GroupRecord::OffsetCommit(Entry::tombstone(key(group, tp)))
}

fn key(group: &Name, tp: &TopicPartition) -> OffsetCommitKey {
    OffsetCommitKey { group: group.clone(), topic: tp.topic.clone(), partition: tp.partition.0 }
}

impl Offsets {
    /// What a group committed; none where it has nothing.
    pub(super) fn of_group(&self, group: &str) -> Option<&GroupOffsets> {
        self.committed.get(group)
    }

    /// True where a transaction has an offset of the partition pending.
    pub(super) fn is_pending(&self, group: &str, tp: &TopicPartition) -> bool {
        self.open.get(group).is_some_and(|open| open.contains_key(tp))
    }

    /// True where a transaction has any offset of the group pending.
    pub(super) fn has_pending(&self, group: &str) -> bool {
        self.open.contains_key(group)
    }

    /// Applies a record of the log, at `offset`. `producer` is that of a transaction.
    pub(super) fn replay(
        &mut self,
        offset: Offset,
        producer: Option<ProducerId>,
        key: OffsetCommitKey,
        value: Option<OffsetCommitValue>,
    ) {
        let tp = TopicPartition { topic: key.topic, partition: PartitionIndex(key.partition) };
        let Some(value) = value else {
            self.forget(&key.group, &tp);
            return;
        };
        let committed = OffsetAndMetadata::from_record(value, offset);
        let Some(producer) = producer else {
            self.committed.entry(key.group).or_default().insert(tp, committed);
            return;
        };
        let open = self.open.entry(key.group.clone()).or_default();
        open.entry(tp.clone()).or_default().insert(producer);
        let pending = self.pending.entry(producer).or_default();
        pending.entry(key.group).or_default().insert(tp, committed);
    }

    /// A tombstone ends pending commits of the partition as well.
    fn forget(&mut self, group: &Name, tp: &TopicPartition) {
        remove_nested(&mut self.committed, group, tp);
        for producer in remove_nested(&mut self.open, group, tp).into_iter().flatten() {
            if let Some(pending) = self.pending.get_mut(&producer) {
                remove_nested(pending, group, tp);
            }
        }
    }

    /// Applies the marker that ends a transaction.
    pub(super) fn replay_end_transaction(&mut self, producer: ProducerId, committed: bool) {
        for (group, pending) in self.pending.remove(&producer).into_iter().flatten() {
            for (tp, offset) in pending {
                if let Some(open) = self.open.get_mut(&group)
                    && let Some(producers) = open.get_mut(&tp)
                {
                    producers.remove(&producer);
                    if producers.is_empty() {
                        remove_nested(&mut self.open, &group, &tp);
                    }
                }
                if !committed {
                    continue;
                }
                // A later commit outside the transaction stays; compaction may have removed it from
                // between, so the records' places decide.
                let offsets = self.committed.entry(group.clone()).or_default();
                let newer = offsets
                    .get(&tp)
                    .is_none_or(|existing| existing.record_offset < offset.record_offset);
                if newer {
                    offsets.insert(tp, offset);
                }
            }
        }
    }

    /// Tombstones for all that a group committed or has pending.
    pub(super) fn tombstones(&self, group: &Name) -> Vec<GroupRecord> {
        let committed = self.committed.get(group);
        let of_committed = committed.into_iter().flat_map(OrdMap::keys);
        let of_pending = self.open.get(group).into_iter().flat_map(OrdMap::keys);
        // One tombstone for what is both.
        let only_pending = of_pending.filter(|tp| committed.is_none_or(|c| !c.contains_key(*tp)));
        of_committed.chain(only_pending).map(|tp| tombstone(group, tp)).collect()
    }

    /// Tombstones for partitions that were deleted, of all groups.
    pub(super) fn tombstones_of_deleted(&self, deleted: &[TopicPartition]) -> Vec<GroupRecord> {
        let pending = self.pending.values().flat_map(OrdMap::iter);
        let all = self.committed.iter().chain(pending);
        all.flat_map(|(group, offsets)| {
            let gone = deleted.iter().filter(|tp| offsets.contains_key(*tp));
            gone.map(|tp| tombstone(group, tp))
        })
        .collect()
    }
}

/// Takes `tp` out of the map of `group`, and the map out if nothing is left.
fn remove_nested<V: Clone>(
    map: &mut OrdMap<Name, OrdMap<TopicPartition, V>>,
    group: &Name,
    tp: &TopicPartition,
) -> Option<V> {
    let inner = map.get_mut(group)?;
    let value = inner.remove(tp);
    if inner.is_empty() {
        map.remove(group);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    const TX: ProducerId = ProducerId(7);

    fn commit(offsets: &mut Offsets, at: u64, producer: Option<ProducerId>, value: Option<i64>) {
        let key = OffsetCommitKey { group: "g".into(), topic: "kq".into(), partition: 0 };
        let value = value.map(|offset| OffsetCommitValue { offset, ..Default::default() });
        offsets.replay(Offset(at), producer, key, value);
    }

    fn committed(offsets: &Offsets) -> Option<i64> {
        let tp = TopicPartition::new("kq", 0);
        Some(offsets.of_group("g")?.get(&tp)?.committed_offset)
    }

    #[test]
    fn a_transaction_commits_offsets_with_its_marker() {
        let mut offsets = Offsets::default();
        commit(&mut offsets, 0, Some(TX), Some(5));
        assert_eq!(committed(&offsets), None);
        assert!(offsets.is_pending("g", &TopicPartition::new("kq", 0)));
        offsets.replay_end_transaction(TX, true);
        assert_eq!(committed(&offsets), Some(5));
        assert!(!offsets.has_pending("g"));

        commit(&mut offsets, 2, Some(TX), Some(9));
        offsets.replay_end_transaction(TX, false);
        assert_eq!(committed(&offsets), Some(5));
    }

    #[test]
    fn a_later_plain_commit_outlives_a_transaction() {
        let mut offsets = Offsets::default();
        commit(&mut offsets, 0, Some(TX), Some(5));
        commit(&mut offsets, 1, None, Some(8));
        offsets.replay_end_transaction(TX, true);
        assert_eq!(committed(&offsets), Some(8));
    }

    #[test]
    fn a_tombstone_forgets_pending_offsets_too() {
        let mut offsets = Offsets::default();
        commit(&mut offsets, 0, None, Some(1));
        commit(&mut offsets, 1, Some(TX), Some(5));
        assert_eq!(offsets.tombstones(&"g".into()).len(), 1);
        commit(&mut offsets, 2, None, None);
        assert!(offsets.of_group("g").is_none() && !offsets.has_pending("g"));
        offsets.replay_end_transaction(TX, true);
        assert_eq!(committed(&offsets), None);
    }
}

//! The replicas that a broker holds, and their logs.
//!
//! In Kafka: `ReplicaManager`, the part that knows which partitions there are.

use std::collections::BTreeMap;

use crate::ids::{BrokerId, Name, PartitionIndex, TopicIdPartition, TopicPartition};
use crate::log::{Log, LogManager, LogStamp};
use crate::metadata::ClusterImage;
use crate::protocol::{ErrorCode, FetchPartition, Fetcher, TopicRef};
use crate::replica::{Partition, ReplicaFetcher};
use crate::sim::{CowVec, Instant, Lookup};

/// The replicas of a broker, by slot. A slot is not used again.
#[derive(Clone, Debug)]
pub struct Replicas {
    /// Their logs.
    pub logs: LogManager,
    partitions: CowVec<Option<Partition>>,
    by_id: Lookup<TopicIdPartition, u32>,
    by_name: BTreeMap<Name, BTreeMap<PartitionIndex, u32>>,
    /// The copying from each leader.
    pub fetchers: BTreeMap<BrokerId, ReplicaFetcher>,
}

impl Replicas {
    pub(super) fn new(logs: LogManager) -> Self {
        Self {
            logs,
            partitions: CowVec::new(),
            by_id: Lookup::new(),
            by_name: BTreeMap::new(),
            fetchers: BTreeMap::new(),
        }
    }

    /// The slot of a partition, if it is here.
    pub fn slot(&self, id: TopicIdPartition) -> Option<u32> {
        self.by_id.get(&id).copied()
    }

    /// The slot of a partition by its topic's name, if it is here.
    pub fn slot_named(&self, tp: &TopicPartition) -> Option<u32> {
        self.by_name.get(&tp.topic)?.get(&tp.partition).copied()
    }

    /// The slot of a partition as a request names it, if it is here.
    pub(super) fn resolve(&self, topic: &TopicRef, partition: PartitionIndex) -> Option<u32> {
        match &topic.name {
            Some(name) => self.by_name.get(name)?.get(&partition).copied(),
            None => self.slot(TopicIdPartition { topic_id: topic.id, partition }),
        }
    }

    /// The replica in `slot`, if it is still there.
    pub fn get(&self, slot: u32) -> Option<&Partition> {
        self.partitions.get(slot as usize)?.as_ref()
    }

    /// The log of the replica in `slot`, if it is still there.
    pub fn log(&self, slot: u32) -> Option<&Log> {
        self.get_with_log(slot).map(|(_, log)| log)
    }

    /// The replica in `slot` and its log, if they are still there.
    pub fn get_with_log(&self, slot: u32) -> Option<(&Partition, &Log)> {
        let replica = self.get(slot)?;
        Some((replica, self.logs.log(replica.log())))
    }

    /// Changes the replica in `slot` and its log.
    ///
    /// # Panics
    /// When there is none.
    pub(super) fn with<T>(
        &mut self,
        slot: u32,
        change: impl FnOnce(&mut Partition, &mut Log) -> T,
    ) -> T {
        let partition = self.partitions[slot as usize].as_mut().expect("the slot is in use");
        self.logs.update(partition.log(), |log| change(partition, log))
    }

    /// Changes the log of the replica in `slot`, with a look at the replica.
    ///
    /// # Panics
    /// When there is none.
    pub(super) fn change_log<T>(
        &mut self,
        slot: u32,
        change: impl FnOnce(&Partition, &mut Log) -> T,
    ) -> T {
        let partition = self.partitions[slot as usize].as_ref().expect("the slot is in use");
        self.logs.update(partition.log(), |log| change(partition, log))
    }

    /// Changes the replica in `slot`, with a look at its log.
    ///
    /// # Panics
    /// When there is none.
    pub(super) fn with_log<T>(
        &mut self,
        slot: u32,
        change: impl FnOnce(&mut Partition, &Log) -> T,
    ) -> T {
        let partition = self.partitions[slot as usize].as_mut().expect("the slot is in use");
        self.logs.touch(partition.log());
        change(partition, self.logs.log(partition.log()))
    }

    /// The replica in `slot` and its log as they are now.
    ///
    /// # Panics
    /// When there is none.
    pub(super) fn stamp(&self, slot: u32) -> LogStamp {
        let partition = self.partitions[slot as usize].as_ref().expect("the slot is in use");
        self.logs.stamp(partition.log())
    }

    /// True if neither the replica nor its log has changed since, but for the times at which its
    /// followers fetched.
    pub(super) fn is_unchanged(&self, stamp: LogStamp) -> bool {
        self.logs.is_unchanged(stamp)
    }

    /// Takes note of the time of a fetch that changes nothing else: see [`Partition::record_same_fetch`],
    /// whose answer is returned.
    pub(super) fn record_same_fetch(
        &mut self,
        slot: u32,
        fetcher: Fetcher,
        asked: &FetchPartition,
        now: Instant,
    ) -> bool {
        let partition = self.partitions[slot as usize].as_mut().expect("the slot is in use");
        partition.record_same_fetch(self.logs.log(partition.log()), fetcher, asked, now)
    }

    /// Takes note of the time of a fetch which is that of an unchanged replica once more.
    pub(super) fn record_unchanged_fetch(&mut self, slot: u32, follower: BrokerId, now: Instant) {
        let partition = self.partitions[slot as usize].as_mut().expect("the slot is in use");
        partition.record_unchanged_fetch(follower, now);
    }

    pub(super) fn add(&mut self, partition: Partition) -> u32 {
        let (id, tp) = (partition.id(), partition.topic_partition().clone());
        let slot = self.partitions.push(Some(partition)) as u32;
        self.by_id.insert(id, slot);
        self.by_name.entry(tp.topic).or_default().insert(tp.partition, slot);
        slot
    }

    pub(super) fn remove(&mut self, slot: u32) -> Option<Partition> {
        let partition = self.partitions[slot as usize].take()?;
        self.by_id.remove(&partition.id());
        let TopicPartition { topic, partition: index } = partition.topic_partition();
        if let Some(partitions) = self.by_name.get_mut(topic)
            && partitions.get(index) == Some(&slot)
        {
            partitions.remove(index);
            if partitions.is_empty() {
                self.by_name.remove(topic);
            }
        }
        Some(partition)
    }

    /// All replicas, by slot.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Partition)> {
        let slots = self.partitions.iter().enumerate();
        slots.filter_map(|(slot, partition)| Some((slot as u32, partition.as_ref()?)))
    }

    /// All replicas by name.
    pub fn by_name(&self) -> impl Iterator<Item = (&TopicPartition, u32)> {
        let slots = self.by_name.values().flat_map(BTreeMap::values);
        slots.filter_map(|slot| Some((self.get(*slot)?.topic_partition(), *slot)))
    }

    /// The topics of which there are replicas, by name.
    pub(super) fn topics(&self) -> impl Iterator<Item = &Name> {
        self.by_name.keys()
    }

    /// How many replicas there are.
    pub fn len(&self) -> usize {
        self.by_name.values().map(BTreeMap::len).sum()
    }

    /// True when there is no replica.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }
}

/// What a request is answered that names a partition of which there is no replica here: where the
/// partition exists the client is to look for it elsewhere.
///
/// In Kafka: `KafkaApis`, which knows names and ids from the metadata, and
/// `ReplicaManager.getPartitionOrError`. The metadata and the replicas here change together, so a
/// topic's name never stands for two ids.
pub(super) fn not_here(
    image: &ClusterImage,
    topic: &TopicRef,
    partition: PartitionIndex,
) -> ErrorCode {
    let found = match &topic.name {
        Some(name) => image.topic_named(name),
        None => image.topic(topic.id),
    };
    match found {
        None if topic.name.is_none() => ErrorCode::UnknownTopicId,
        Some(found) if found.partition(partition).is_some() => ErrorCode::NotLeaderOrFollower,
        _ => ErrorCode::UnknownTopicOrPartition,
    }
}

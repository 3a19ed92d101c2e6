//! The hard state of a controller: what the records of the metadata log add up to.
//!
//! In Kafka: the timeline structures of the managers, with `SnapshotRegistry` to go back to an earlier
//! offset. Here the state is cheap to clone, so going back is taking an older clone.

use std::sync::Arc;

use imbl::{OrdMap, OrdSet};

use super::api_error::ApiError;
use super::config::ControllerConfig;
use super::partition_index::PartitionIndex;
use super::partition_tables::PartitionTables;
use crate::ids::{BrokerEpoch, BrokerId, Name, Offset, TopicIdPartition, Uuid};
use crate::metadata::{
    BrokerRegistration, ClusterImage, Features, PartitionRegistration, TopicImage, topic_name,
};
use crate::protocol::metadata_record::{
    PartitionChangeRecord, PartitionRecord, RemoveTopicRecord, TopicRecord,
};
use crate::protocol::{ErrorCode, MetadataRecord};

/// What all records up to some offset say, with what makes questions about it quick to answer.
#[derive(Clone, Debug)]
pub struct ControllerState {
    pub(super) config: Arc<ControllerConfig>,
    pub(super) image: ClusterImage,
    pub(super) partitions: PartitionIndex,
    partition_tables: PartitionTables,
    /// Names of topics that have dots or underscores, by their common form.
    colliding_names: OrdMap<Name, OrdSet<Name>>,
    /// Which broker has which log directory.
    directory_owners: OrdMap<Uuid, BrokerId>,
    /// Where each broker's registration lies in the log.
    registration_offsets: OrdMap<BrokerId, Offset>,
    /// Where the open transaction of records began, and the state before it.
    transaction: Option<(Offset, Arc<ControllerState>)>,
}

/// Changing.
impl ControllerState {
    /// The state of an empty log.
    pub fn new(config: Arc<ControllerConfig>) -> Self {
        Self {
            config,
            image: ClusterImage::default(),
            partitions: PartitionIndex::default(),
            partition_tables: PartitionTables::default(),
            colliding_names: OrdMap::new(),
            directory_owners: OrdMap::new(),
            registration_offsets: OrdMap::new(),
            transaction: None,
        }
    }

    /// Applies the record at `offset`: the only way in which this state changes.
    ///
    /// # Panics
    /// When the record contradicts the state: no controller writes such a one.
    pub fn replay(&mut self, record: &MetadataRecord, offset: Offset) {
        use MetadataRecord as R;
        match record {
            R::Partition(PartitionRecord { topic_id, partition_id, .. })
            | R::PartitionChange(PartitionChangeRecord { topic_id, partition_id, .. }) => {
                let tp = TopicIdPartition { topic_id: *topic_id, partition: *partition_id };
                self.replay_partitions(&[tp], record);
            }
            R::ClearElr(elr) => {
                let touched = self.image.partitions_with_elr(&elr.topic_name);
                self.replay_partitions(&touched, record);
            }
            R::RemoveTopic(removed) => self.replay_remove_topic(removed, record),
            R::Topic(topic) => {
                self.image.apply(record);
                self.partitions.add_topic(topic.topic_id);
                self.add_colliding_name(topic);
            }
            R::RegisterBroker(registration) => {
                self.registration_offsets.insert(registration.broker_id, offset);
                self.replay_directories(registration.broker_id, record);
            }
            R::UnregisterBroker(registration) => {
                self.registration_offsets.remove(&registration.broker_id);
                self.replay_directories(registration.broker_id, record);
            }
            R::BrokerRegistrationChange(change) => {
                self.replay_directories(change.broker_id, record);
            }
            R::BeginTransaction(_) => {
                let before = Arc::new(self.clone());
                self.image.apply(record);
                self.transaction = Some((offset, before));
            }
            R::AbortTransaction(_) => {
                let before = self.transaction.take();
                let (_, before) = before.expect("only a transaction that began is aborted");
                *self = (*before).clone();
            }
            R::EndTransaction(_) => {
                self.image.apply(record);
                self.transaction = None;
            }
            _ => self.image.apply(record),
        }
    }

    /// Applies a record about the partitions in `touched`.
    fn replay_partitions(&mut self, touched: &[TopicIdPartition], record: &MetadataRecord) {
        let of = |image: &ClusterImage, tp: &TopicIdPartition| {
            image.partition(tp.topic_id, tp.partition).cloned()
        };
        let before: Vec<_> = touched.iter().map(|tp| of(&self.image, tp)).collect();
        let sizes = touched.iter().map(|tp| self.image.topic(tp.topic_id));
        let sizes: Vec<_> =
            sizes.map(|topic| topic.map_or(0, TopicImage::partition_count)).collect();
        self.image.apply(record);
        for ((tp, before), size) in touched.iter().zip(before).zip(sizes) {
            let after = of(&self.image, tp);
            self.partitions.update(*tp, before.as_ref(), after.as_ref());
            if after.is_some() {
                self.partition_tables.put(tp.topic_id, size);
            }
        }
    }

    fn replay_remove_topic(&mut self, removed: &RemoveTopicRecord, record: &MetadataRecord) {
        let topic_id = removed.topic_id;
        let topic = self.image.topic(topic_id).expect("only a topic that exists is removed");
        if let Some(form) = topic_name::collision_form(&topic.name) {
            let names = self.colliding_names.get_mut(form.as_str());
            let names = names.expect("the topic's name was noted when it was created");
            names.remove(&topic.name);
            if names.is_empty() {
                self.colliding_names.remove(form.as_str());
            }
        }
        let touched: Vec<_> = topic
            .partitions()
            .map(|(partition, _)| TopicIdPartition { topic_id, partition })
            .collect();
        self.replay_partitions(&touched, record);
        self.partitions.remove_topic(topic_id);
        self.partition_tables.remove(topic_id);
    }

    fn add_colliding_name(&mut self, topic: &TopicRecord) {
        if let Some(form) = topic_name::collision_form(&topic.name) {
            self.colliding_names.entry(form.into()).or_default().insert(topic.name.clone());
        }
    }

    /// Applies a record about `broker` and keeps track of whose directories are whose.
    fn replay_directories(&mut self, broker: BrokerId, record: &MetadataRecord) {
        let of = |image: &ClusterImage| {
            image.broker(broker).map_or_else(Vec::new, |broker| broker.directories.clone())
        };
        let before = of(&self.image);
        self.image.apply(record);
        let after = of(&self.image);
        if before == after {
            return;
        }
        for directory in before {
            let owner = self.directory_owners.remove(&directory);
            assert_eq!(owner, Some(broker), "directory {directory} belongs to broker {broker}");
        }
        for directory in after {
            let other = self.directory_owners.insert(directory, broker);
            assert_eq!(other, None, "directory {directory} belongs to one broker");
        }
    }
}

/// Reading.
impl ControllerState {
    /// The cluster.
    pub const fn image(&self) -> &ClusterImage {
        &self.image
    }

    /// The settings of this controller.
    pub fn config(&self) -> &ControllerConfig {
        &self.config
    }

    /// Where the open transaction of records began.
    pub fn transaction_start(&self) -> Option<Offset> {
        self.transaction.as_ref().map(|(start, _)| *start)
    }

    /// The feature levels, without those of an open transaction of records.
    pub(super) fn features_before_transaction(&self) -> &Features {
        self.transaction.as_ref().map_or(&self.image, |(_, before)| &before.image).features()
    }

    /// The partition of `topic` whose replication factor new ones get.
    pub(super) fn first_partition<'a>(
        &self,
        topic: &'a TopicImage,
    ) -> Option<&'a PartitionRegistration> {
        let partitions = topic.partition_count();
        if partitions == 0 {
            return None;
        }
        topic.partition(self.partition_tables.first(topic.id, partitions))
    }

    /// A topic whose name collides with `name`.
    pub(super) fn colliding_name(&self, name: &str) -> Option<&Name> {
        let form = topic_name::collision_form(name)?;
        self.colliding_names.get(form.as_str())?.get_min()
    }

    /// The broker that has `directory`.
    pub(super) fn directory_owner(&self, directory: Uuid) -> Option<BrokerId> {
        self.directory_owners.get(&directory).copied()
    }

    /// Where the registration of `broker` lies in the log.
    pub(super) fn registration_offset(&self, broker: BrokerId) -> Option<Offset> {
        self.registration_offsets.get(&broker).copied()
    }

    /// The registration of `broker`, if it has that epoch.
    ///
    /// # Errors
    /// [`ErrorCode::StaleBrokerEpoch`] when it does not.
    pub(super) fn check_broker_epoch(
        &self,
        broker: BrokerId,
        epoch: BrokerEpoch,
    ) -> Result<&BrokerRegistration, ApiError> {
        let stale = |message| ApiError::new(ErrorCode::StaleBrokerEpoch, message);
        let registration = self.image.broker(broker);
        let registration = registration
            .ok_or_else(|| stale(format!("No broker registration found for broker id {broker}")))?;
        if registration.epoch != epoch {
            return Err(stale(format!(
                "Expected broker epoch {}, but got broker epoch {epoch}",
                registration.epoch
            )));
        }
        Ok(registration)
    }
}

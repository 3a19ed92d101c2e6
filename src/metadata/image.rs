//! The state that the records of the metadata log add up to.
//!
//! In Kafka: `MetadataImage` and its parts. Left out: ACLs, SCRAM credentials, delegation tokens.

use std::sync::Arc;

use imbl::OrdMap;

use super::broker::{BrokerRegistration, ControllerRegistration};
use super::configs::{ConfigResource, Configs};
use super::delta::MetadataDelta;
use super::features::Features;
use super::partition::PartitionRegistration;
use crate::ids::{
    BrokerEpoch, BrokerId, Name, PartitionIndex, ProducerId, TopicId, TopicIdPartition,
};
use crate::protocol::MetadataRecord;
use crate::protocol::metadata_record::{
    BrokerRegistrationChangeRecord, ClientQuotaRecord, Float64, PartitionChangeRecord,
    PartitionRecord, QuotaEntity, RemoveTopicRecord, TopicRecord,
};
use crate::sim::CowVec;

/// A topic with its partitions.
#[derive(Clone, Debug)]
pub struct TopicImage {
    /// Its name.
    pub name: Name,
    /// Its id.
    pub id: TopicId,
    partitions: CowVec<PartitionRegistration>,
}

impl TopicImage {
    /// How many partitions it has.
    pub fn partition_count(&self) -> u32 {
        self.partitions.len() as u32
    }

    /// Its partitions, by number.
    pub fn partitions(&self) -> impl Iterator<Item = (PartitionIndex, &PartitionRegistration)> {
        (0..).map(PartitionIndex).zip(self.partitions.iter())
    }

    /// One of its partitions.
    pub fn partition(&self, index: PartitionIndex) -> Option<&PartitionRegistration> {
        self.partitions.get(usize::try_from(index.0).ok()?)
    }
}

impl PartialEq for TopicImage {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.id) == (&other.name, other.id)
            && self.partitions.iter().eq(other.partitions.iter())
    }
}

/// The cluster as the metadata log describes it up to some offset. A clone shares everything.
///
/// It changes in [`apply`](Self::apply) only, so two images of the same records are equal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClusterImage {
    brokers: OrdMap<BrokerId, Arc<BrokerRegistration>>,
    controllers: OrdMap<BrokerId, Arc<ControllerRegistration>>,
    topics: OrdMap<TopicId, Arc<TopicImage>>,
    topic_ids: OrdMap<Name, TopicId>,
    partition_count: usize,
    configs: Configs,
    features: Features,
    client_quotas: OrdMap<Vec<QuotaEntity>, OrdMap<Name, Float64>>,
    next_producer_id: Option<ProducerId>,
    before_transaction: Option<Arc<ClusterImage>>,
}

/// Reading.
impl ClusterImage {
    /// All brokers by id.
    pub fn brokers(&self) -> impl Iterator<Item = &BrokerRegistration> {
        self.brokers.values().map(|broker| &**broker)
    }

    /// The registration of `broker`, if it has one.
    pub fn broker(&self, broker: BrokerId) -> Option<&BrokerRegistration> {
        self.brokers.get(&broker).map(|broker| &**broker)
    }

    /// True when `broker` may lead: registered, not fenced, not shutting down.
    pub fn is_active(&self, broker: BrokerId) -> bool {
        self.broker(broker).is_some_and(BrokerRegistration::is_active)
    }

    /// All registered controllers by id.
    pub fn controllers(&self) -> impl Iterator<Item = &ControllerRegistration> {
        self.controllers.values().map(|controller| &**controller)
    }

    /// The registration of `controller`, if it has one.
    pub fn controller(&self, controller: BrokerId) -> Option<&ControllerRegistration> {
        self.controllers.get(&controller).map(|controller| &**controller)
    }

    /// All topics by name.
    pub fn topics(&self) -> impl Iterator<Item = &TopicImage> {
        self.topic_ids.values().map(|id| self.topic(*id).expect("names and ids go together"))
    }

    /// The topic with that id.
    pub fn topic(&self, id: TopicId) -> Option<&TopicImage> {
        self.topics.get(&id).map(|topic| &**topic)
    }

    /// The id of the topic called `name`.
    pub fn topic_id(&self, name: &str) -> Option<TopicId> {
        self.topic_ids.get(name).copied()
    }

    /// The topic called `name`.
    pub fn topic_named(&self, name: &str) -> Option<&TopicImage> {
        self.topic(self.topic_id(name)?)
    }

    /// How many partitions there are in all.
    pub const fn partition_count(&self) -> usize {
        self.partition_count
    }

    /// All partitions, by topic id and number.
    pub fn all_partitions(
        &self,
    ) -> impl Iterator<Item = (TopicIdPartition, &PartitionRegistration)> {
        self.topics.values().flat_map(|topic| {
            let of = |partition| TopicIdPartition { topic_id: topic.id, partition };
            topic.partitions().map(move |(index, partition)| (of(index), partition))
        })
    }

    /// One partition.
    pub fn partition(
        &self,
        topic_id: TopicId,
        index: PartitionIndex,
    ) -> Option<&PartitionRegistration> {
        self.topic(topic_id)?.partition(index)
    }

    /// The partitions that have an ELR or a last known one, of `topic` or of all if that is empty.
    ///
    /// # Panics
    /// When there is no such topic.
    pub fn partitions_with_elr(&self, topic: &str) -> Vec<TopicIdPartition> {
        let only = (!topic.is_empty())
            .then(|| self.topic_id(topic).expect("ELRs are cleared of a topic that exists"));
        let topics = self.topics.values().filter(|topic| only.is_none_or(|id| id == topic.id));
        let has = |partition: &PartitionRegistration| {
            !partition.elr().is_empty() || !partition.last_known_elr().is_empty()
        };
        let of = |topic: &TopicImage| {
            let topic_id = topic.id;
            let with = topic.partitions().filter(|(_, partition)| has(partition));
            with.map(|(partition, _)| TopicIdPartition { topic_id, partition }).collect::<Vec<_>>()
        };
        topics.flat_map(|topic| of(topic)).collect()
    }

    /// The dynamic configurations.
    pub const fn configs(&self) -> &Configs {
        &self.configs
    }

    /// The feature levels.
    pub const fn features(&self) -> &Features {
        &self.features
    }

    /// The client quotas: whom they are about, and their values by key.
    pub fn client_quotas(&self) -> impl Iterator<Item = (&[QuotaEntity], &OrdMap<Name, Float64>)> {
        self.client_quotas.iter().map(|(entity, quotas)| (&entity[..], quotas))
    }

    /// The first producer id that no broker has got; none as long as none was handed out.
    pub const fn next_producer_id(&self) -> Option<ProducerId> {
        self.next_producer_id
    }

    /// True inside a transaction of records (KIP-868): nobody may act on the image before it ends.
    pub const fn in_transaction(&self) -> bool {
        self.before_transaction.is_some()
    }
}

/// Changing.
impl ClusterImage {
    /// Applies records in order and notes in `delta` what they touch.
    pub fn apply_all<'a>(
        &mut self,
        records: impl IntoIterator<Item = &'a MetadataRecord>,
        delta: &mut MetadataDelta,
    ) {
        for record in records {
            delta.note(self, record);
            self.apply(record);
        }
    }

    /// Applies one record.
    ///
    /// # Panics
    /// When the record contradicts the image: no controller writes such a one.
    pub fn apply(&mut self, record: &MetadataRecord) {
        use MetadataRecord as R;
        match record {
            R::RegisterBroker(record) => {
                let registration = BrokerRegistration::from_record(record);
                self.brokers.insert(record.broker_id, registration.into());
            }
            R::UnregisterBroker(record) => {
                self.assert_epoch(record.broker_id, record.broker_epoch);
                self.brokers.remove(&record.broker_id);
            }
            R::FenceBroker(record) => self.change_broker(&BrokerRegistrationChangeRecord {
                broker_id: record.id,
                broker_epoch: record.epoch,
                fenced: BrokerRegistrationChangeRecord::FENCE,
                ..Default::default()
            }),
            R::UnfenceBroker(record) => self.change_broker(&BrokerRegistrationChangeRecord {
                broker_id: record.id,
                broker_epoch: record.epoch,
                fenced: BrokerRegistrationChangeRecord::UNFENCE,
                ..Default::default()
            }),
            R::BrokerRegistrationChange(record) => self.change_broker(record),
            R::RegisterController(record) => {
                let registration = ControllerRegistration::from_record(record);
                self.controllers.insert(record.controller_id, registration.into());
            }
            R::Topic(record) => self.add_topic(record),
            R::RemoveTopic(record) => self.remove_topic(record),
            R::Partition(record) => self.set_partition(record),
            R::PartitionChange(record) => self.change_partition(record),
            R::ClearElr(record) => {
                for tp in self.partitions_with_elr(&record.topic_name) {
                    self.change_partition(&PartitionChangeRecord {
                        eligible_leader_replicas: Some(Vec::new()),
                        last_known_elr: Some(Vec::new()),
                        ..PartitionChangeRecord::of(tp.topic_id, tp.partition)
                    });
                }
            }
            R::Config(record) => self.configs.apply(record),
            R::FeatureLevel(record) => self.features.apply(record),
            R::ProducerIds(record) => self.next_producer_id = Some(record.next_producer_id),
            R::ClientQuota(record) => self.set_quota(record),
            R::BeginTransaction(_) => {
                assert!(!self.in_transaction(), "transactions of records do not nest");
                self.before_transaction = Some(Arc::new(self.clone()));
            }
            R::EndTransaction(_) => {
                let before = self.before_transaction.take();
                assert!(before.is_some(), "only a transaction that began ends");
            }
            R::AbortTransaction(_) => {
                let before = self.before_transaction.take();
                *self = (*before.expect("only a transaction that began is aborted")).clone();
            }
            R::AccessControlEntry(_)
            | R::DelegationToken(_)
            | R::NoOp(_)
            | R::RemoveAccessControlEntry(_)
            | R::RemoveDelegationToken(_)
            | R::RemoveUserScramCredential(_)
            | R::UserScramCredential(_)
            | R::ZkMigrationState(_) => {}
        }
    }

    fn assert_epoch(&self, broker: BrokerId, epoch: BrokerEpoch) {
        let registration = self.broker(broker).expect("a record is about a registered broker");
        assert_eq!(registration.epoch, epoch, "a record names the epoch of broker {broker}");
    }

    fn change_broker(&mut self, change: &BrokerRegistrationChangeRecord) {
        let broker = self.brokers.get_mut(&change.broker_id);
        let broker = broker.expect("a change is about a registered broker");
        *broker = broker.merge(change).into();
    }

    fn add_topic(&mut self, record: &TopicRecord) {
        let TopicRecord { name, topic_id: id } = record.clone();
        let same_name = self.topic_ids.insert(name.clone(), id);
        assert!(same_name.is_none(), "a topic called {name} exists");
        let topic = TopicImage { name, id, partitions: CowVec::new() };
        let same_id = self.topics.insert(id, Arc::new(topic));
        assert!(same_id.is_none(), "a topic with id {id} exists");
    }

    fn remove_topic(&mut self, record: &RemoveTopicRecord) {
        let topic = self.topics.remove(&record.topic_id);
        let topic = topic.expect("only a topic that exists is removed");
        self.topic_ids.remove(&topic.name);
        self.partition_count -= topic.partitions.len();
        self.configs.remove(&ConfigResource::topic(&topic.name));
    }

    fn set_partition(&mut self, record: &PartitionRecord) {
        let topic = self.topics.get_mut(&record.topic_id).expect("a partition has a topic");
        let topic = Arc::make_mut(topic);
        let registration = PartitionRegistration::from_record(record);
        let index = record.partition_id.0 as usize;
        if index < topic.partitions.len() {
            topic.partitions[index] = registration;
        } else {
            assert_eq!(index, topic.partitions.len(), "partitions come in order of their numbers");
            topic.partitions.push(registration);
            self.partition_count += 1;
        }
    }

    fn change_partition(&mut self, change: &PartitionChangeRecord) {
        let topic = self.topics.get_mut(&change.topic_id).expect("a partition has a topic");
        let index = change.partition_id.0 as usize;
        let partition = &mut Arc::make_mut(topic).partitions[index];
        *partition = partition.merge(change);
    }

    fn set_quota(&mut self, record: &ClientQuotaRecord) {
        let mut entity = record.entity.clone();
        entity.sort_by(|one, two| one.entity_type.cmp(&two.entity_type));
        let quotas = self.client_quotas.entry(entity.clone()).or_default();
        if record.remove {
            quotas.remove(&record.key);
            if quotas.is_empty() {
                self.client_quotas.remove(&entity);
            }
        } else {
            quotas.insert(record.key.clone(), record.value);
        }
    }
}

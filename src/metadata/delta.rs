//! What a run of records touched, so that a broker acts on what changed and on nothing else.
//!
//! In Kafka: `MetadataDelta` and its parts.

use std::collections::{BTreeMap, BTreeSet};

use super::configs::{ConfigResource, ResourceType};
use super::image::ClusterImage;
use crate::ids::{BrokerId, Name, TopicId, TopicIdPartition};
use crate::protocol::MetadataRecord;

/// What was touched since the delta was made. It names things; the image after it has their state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetadataDelta {
    /// Topics that are new.
    pub created_topics: BTreeSet<TopicId>,
    /// Topics that were there before and are gone, with their names.
    pub deleted_topics: BTreeMap<TopicId, Name>,
    /// Partitions that are new or changed; those of deleted topics are not here.
    pub partitions: BTreeSet<TopicIdPartition>,
    /// Brokers that registered, changed or left.
    pub brokers: BTreeSet<BrokerId>,
    /// Controllers that registered.
    pub controllers: BTreeSet<BrokerId>,
    /// Resources whose configuration changed.
    pub configs: BTreeSet<ConfigResource>,
    /// True when a feature level changed.
    pub features: bool,
    /// True when producer ids were handed out.
    pub producer_ids: bool,
    /// True when a client quota changed.
    pub client_quotas: bool,
}

impl MetadataDelta {
    /// True when nothing was touched.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes note of `record`, which is about to be applied to `image`.
    pub fn note(&mut self, image: &ClusterImage, record: &MetadataRecord) {
        use MetadataRecord as R;
        match record {
            R::RegisterBroker(record) => _ = self.brokers.insert(record.broker_id),
            R::UnregisterBroker(record) => _ = self.brokers.insert(record.broker_id),
            R::FenceBroker(record) => _ = self.brokers.insert(record.id),
            R::UnfenceBroker(record) => _ = self.brokers.insert(record.id),
            R::BrokerRegistrationChange(record) => _ = self.brokers.insert(record.broker_id),
            R::RegisterController(record) => _ = self.controllers.insert(record.controller_id),
            R::Topic(record) => _ = self.created_topics.insert(record.topic_id),
            R::Partition(record) => self.partition(record.topic_id, record.partition_id),
            R::PartitionChange(record) => self.partition(record.topic_id, record.partition_id),
            R::RemoveTopic(record) => self.remove_topic(image, record.topic_id),
            R::ClearElr(record) => self.clear_elr(image, &record.topic_name),
            R::Config(record) => {
                let kind = ResourceType::from_wire(record.resource_type);
                let name = record.resource_name.clone();
                self.configs.extend(kind.map(|kind| ConfigResource { kind, name }));
            }
            R::FeatureLevel(_) => self.features = true,
            R::ProducerIds(_) => self.producer_ids = true,
            R::ClientQuota(_) => self.client_quotas = true,
            R::AbortTransaction(_)
            | R::AccessControlEntry(_)
            | R::BeginTransaction(_)
            | R::DelegationToken(_)
            | R::EndTransaction(_)
            | R::NoOp(_)
            | R::RemoveAccessControlEntry(_)
            | R::RemoveDelegationToken(_)
            | R::RemoveUserScramCredential(_)
            | R::UserScramCredential(_)
            | R::ZkMigrationState(_) => {}
        }
    }

    fn partition(&mut self, topic_id: TopicId, partition: crate::ids::PartitionIndex) {
        self.partitions.insert(TopicIdPartition { topic_id, partition });
    }

    fn remove_topic(&mut self, image: &ClusterImage, topic_id: TopicId) {
        self.partitions.retain(|tp| tp.topic_id != topic_id);
        if self.created_topics.remove(&topic_id) {
            return; // It came and went; nobody needs to hear of it.
        }
        let topic = image.topic(topic_id).expect("only a topic that exists is removed");
        self.configs.insert(ConfigResource::topic(&topic.name));
        self.deleted_topics.insert(topic_id, topic.name.clone());
    }

    fn clear_elr(&mut self, image: &ClusterImage, topic: &Name) {
        self.partitions.extend(image.partitions_with_elr(topic));
    }
}

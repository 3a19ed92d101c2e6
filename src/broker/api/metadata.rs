//! Metadata (key 3): who lives where, and who leads what, as this broker knows it.
//!
//! In Kafka: `KafkaApis.handleTopicMetadataRequest`, `KRaftMetadataCache`.

use kafka_protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_protocol::messages::{MetadataRequest, MetadataResponse};

use super::super::Broker;
use crate::coordinator::group::OFFSETS_TOPIC;
use crate::ids::{BrokerId, Name, TopicId};
use crate::metadata::{PartitionRegistration, TopicImage, topic_name as names};
use crate::node::{Outbox, ReplyTo};
use crate::protocol::convert::{name, text, topic_name};
use crate::protocol::{ErrorCode, ResponseBody};

impl Broker {
    /// Tells what the image says; unknown topics are created if the client and the broker allow it.
    pub(in crate::broker) fn on_metadata(
        &mut self,
        from: ReplyTo,
        request: &MetadataRequest,
        out: &mut Outbox,
    ) {
        let mut missing = Vec::new();
        let topics = match &request.topics {
            None => self.image.topics().map(|topic| self.describe(topic)).collect(),
            Some(asked) => {
                let answers = asked.iter().map(|topic| {
                    let id = TopicId::from(topic.topic_id);
                    let asked = topic.name.as_ref().map(|asked| name(asked));
                    self.answer_topic(asked, id, &mut missing)
                });
                answers.collect::<Vec<_>>()
            }
        };
        let may_create = request.allow_auto_topic_creation && self.config.auto_create_topics_enable;
        if may_create && !missing.is_empty() {
            self.auto_create(&missing, out);
        }
        let brokers: Vec<MetadataResponseBroker> = self
            .image
            .brokers()
            .filter_map(|broker| self.endpoint(broker.id))
            .map(|endpoint| {
                MetadataResponseBroker::default()
                    .with_node_id(endpoint.broker.0.into())
                    .with_host(text(&endpoint.host))
                    .with_port(i32::from(endpoint.port))
                    .with_rack(endpoint.rack.as_deref().map(text))
            })
            .collect();
        // Clients send what is for the controller to a broker, any of them.
        let controller = match brokers.len() as u64 {
            0 => -1,
            count => brokers[self.chance.below(count) as usize].node_id.0,
        };
        let answer = MetadataResponse::default()
            .with_brokers(brokers)
            .with_controller_id(controller.into())
            .with_cluster_id(Some(text(self.lifecycle.cluster())))
            .with_topics(topics);
        out.reply(from, ResponseBody::Metadata(Box::new(answer)));
    }

    fn answer_topic(
        &self,
        asked: Option<Name>,
        id: TopicId,
        missing: &mut Vec<Name>,
    ) -> MetadataResponseTopic {
        let found = match &asked {
            Some(asked) => self.image.topic_named(asked),
            None => self.image.topic(id),
        };
        if let Some(topic) = found {
            return self.describe(topic);
        }
        let answer = MetadataResponseTopic::default();
        let Some(asked) = asked else {
            let error = ErrorCode::UnknownTopicId.code();
            return answer.with_error_code(error).with_topic_id(id.into());
        };
        let error = if names::problem(&asked).is_some() {
            ErrorCode::InvalidTopicException
        } else {
            missing.push(asked.clone());
            ErrorCode::UnknownTopicOrPartition
        };
        answer.with_error_code(error.code()).with_name(Some(topic_name(&asked)))
    }

    fn describe(&self, topic: &TopicImage) -> MetadataResponseTopic {
        let partitions = topic.partitions();
        MetadataResponseTopic::default()
            .with_name(Some(topic_name(&topic.name)))
            .with_topic_id(topic.id.into())
            .with_is_internal(&*topic.name == OFFSETS_TOPIC)
            .with_partitions(
                partitions.map(|(index, state)| self.describe_partition(index.0, state)).collect(),
            )
    }

    fn describe_partition(
        &self,
        index: i32,
        state: &PartitionRegistration,
    ) -> MetadataResponsePartition {
        let wire = |ids: &[BrokerId]| ids.iter().map(|id| id.0.into()).collect::<Vec<_>>();
        let alive = |id: BrokerId| self.image.broker(id).is_some_and(|found| !found.fenced);
        let leader = state.leader.filter(|leader| alive(*leader));
        let offline: Vec<BrokerId> =
            state.replicas.iter().copied().filter(|id| !alive(*id)).collect();
        let error = if leader.is_some() { ErrorCode::None } else { ErrorCode::LeaderNotAvailable };
        MetadataResponsePartition::default()
            .with_error_code(error.code())
            .with_partition_index(index)
            .with_leader_id(BrokerId::to_wire(leader).into())
            .with_leader_epoch(state.leader_epoch.0)
            .with_replica_nodes(wire(&state.replicas))
            .with_isr_nodes(wire(&state.isr))
            .with_offline_replicas(wire(&offline))
    }
}

//! The requests of the admin client, as a Java client of Kafka 4.1 writes them.

use kafka_protocol::messages as kafka;
use kafka_protocol::messages::alter_partition_reassignments_request as reassign;
use kafka_protocol::messages::create_partitions_request::CreatePartitionsTopic;
use kafka_protocol::messages::create_topics_request::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig,
};
use kafka_protocol::messages::delete_topics_request::DeleteTopicState;
use kafka_protocol::messages::elect_leaders_request::TopicPartitions;
use kafka_protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig,
};
use kafka_protocol::messages::list_offsets_request as list_offsets;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::offset_commit_request as commit;

use super::call::{OffsetStep, Task};
use crate::client::metadata::METADATA_VERSION;
use crate::ids::{BrokerId, Name, Offset, TopicPartition};
use crate::node::{AdminRequest, ConfigResource, SeekTo};
use crate::protocol::{RequestBody, convert};
use crate::sim::Duration;

/// The request for the next step of `task`, with its API version. The broker is asked to give up
/// after `timeout`.
pub(super) fn request_for(task: &Task, timeout: Duration) -> (i16, RequestBody) {
    let timeout_ms = i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX);
    match task {
        Task::CreateTopics(requests) => {
            create_topics(requests.iter().map(|(_, request)| request), timeout_ms)
        }
        Task::Single(_, request) => single(request, timeout_ms),
        Task::AlterOffset(_, request, step) => {
            let AdminRequest::AlterOffset { group, tp, to } = request else {
                unreachable!("only offsets are altered in steps")
            };
            match step {
                OffsetStep::FindLeader => find_leader(tp),
                OffsetStep::ListOffset(_) => list_offset(tp, *to, timeout_ms),
                OffsetStep::FindCoordinator(_) => find_coordinator(group),
                OffsetStep::Commit(_, offset) => commit_offset(group, tp, *offset),
            }
        }
    }
}

fn single(request: &AdminRequest, timeout_ms: i32) -> (i16, RequestBody) {
    match request {
        AdminRequest::CreateTopic { .. } => create_topics(std::iter::once(request), timeout_ms),
        AdminRequest::DeleteTopic { topic } => {
            let state = DeleteTopicState::default().with_name(Some(convert::topic_name(topic)));
            let request = kafka::DeleteTopicsRequest::default()
                .with_topics(vec![state])
                .with_timeout_ms(timeout_ms);
            (6, RequestBody::DeleteTopics(Box::new(request)))
        }
        AdminRequest::CreatePartitions { topic, count } => {
            let topic = CreatePartitionsTopic::default()
                .with_name(convert::topic_name(topic))
                .with_count(*count as i32)
                .with_assignments(None);
            let request = kafka::CreatePartitionsRequest::default()
                .with_topics(vec![topic])
                .with_timeout_ms(timeout_ms);
            (3, RequestBody::CreatePartitions(Box::new(request)))
        }
        AdminRequest::ElectLeaders { unclean, partitions } => {
            let one = |tp: &TopicPartition| {
                TopicPartitions::default()
                    .with_topic(convert::topic_name(&tp.topic))
                    .with_partitions(vec![tp.partition.0])
            };
            let of = (!partitions.is_empty()).then(|| partitions.iter().map(one).collect());
            let request = kafka::ElectLeadersRequest::default()
                .with_election_type(i8::from(*unclean))
                .with_topic_partitions(of)
                .with_timeout_ms(timeout_ms);
            (2, RequestBody::ElectLeaders(Box::new(request)))
        }
        AdminRequest::Reassign { tp, replicas } => {
            let replicas = replicas.as_ref().map(|replicas| broker_ids(replicas));
            let partition = reassign::ReassignablePartition::default()
                .with_partition_index(tp.partition.0)
                .with_replicas(replicas);
            let topic = reassign::ReassignableTopic::default()
                .with_name(convert::topic_name(&tp.topic))
                .with_partitions(vec![partition]);
            let request = kafka::AlterPartitionReassignmentsRequest::default()
                .with_topics(vec![topic])
                .with_allow_replication_factor_change(true)
                .with_timeout_ms(timeout_ms);
            (1, RequestBody::AlterPartitionReassignments(Box::new(request)))
        }
        AdminRequest::AlterConfig { resource, name, key, value } => {
            let kind = match resource {
                ConfigResource::Topic => 2,
                ConfigResource::Broker => 4,
                ConfigResource::Group => 32,
            };
            let config = AlterableConfig::default()
                .with_name(convert::text(key))
                .with_config_operation(i8::from(value.is_none()))
                .with_value(value.as_ref().map(|value| convert::text(value)));
            let resource = AlterConfigsResource::default()
                .with_resource_type(kind)
                .with_resource_name(convert::text(name))
                .with_configs(vec![config]);
            let request =
                kafka::IncrementalAlterConfigsRequest::default().with_resources(vec![resource]);
            (1, RequestBody::IncrementalAlterConfigs(Box::new(request)))
        }
        AdminRequest::AlterOffset { .. } => unreachable!("offsets are altered in steps"),
    }
}

fn create_topics<'a>(
    requests: impl Iterator<Item = &'a AdminRequest>,
    timeout_ms: i32,
) -> (i16, RequestBody) {
    let topic = |request: &AdminRequest| {
        let AdminRequest::CreateTopic { topic, partitions, replication_factor, replicas, config } =
            request
        else {
            unreachable!("only topics are created together")
        };
        let assignment = |(index, replicas): (usize, &Vec<BrokerId>)| {
            CreatableReplicaAssignment::default()
                .with_partition_index(index as i32)
                .with_broker_ids(broker_ids(replicas))
        };
        let config_of = |(key, value): &(Name, Name)| {
            CreatableTopicConfig::default()
                .with_name(convert::text(key))
                .with_value(Some(convert::text(value)))
        };
        // With replicas given, the two numbers must not be.
        let by_numbers = replicas.is_empty();
        let partitions = partitions.filter(|_| by_numbers).map_or(-1, |count| count as i32);
        let factor = replication_factor.filter(|_| by_numbers).map_or(-1, |factor| factor as i16);
        CreatableTopic::default()
            .with_name(convert::topic_name(topic))
            .with_num_partitions(partitions)
            .with_replication_factor(factor)
            .with_assignments(replicas.iter().enumerate().map(assignment).collect())
            .with_configs(config.iter().map(config_of).collect())
    };
    let request = kafka::CreateTopicsRequest::default()
        .with_topics(requests.map(topic).collect())
        .with_timeout_ms(timeout_ms);
    (7, RequestBody::CreateTopics(Box::new(request)))
}

fn find_leader(tp: &TopicPartition) -> (i16, RequestBody) {
    let topic = MetadataRequestTopic::default().with_name(Some(convert::topic_name(&tp.topic)));
    let request = kafka::MetadataRequest::default()
        .with_topics(Some(vec![topic]))
        .with_allow_auto_topic_creation(false);
    (METADATA_VERSION, RequestBody::Metadata(Box::new(request)))
}

fn list_offset(tp: &TopicPartition, to: SeekTo, timeout_ms: i32) -> (i16, RequestBody) {
    let timestamp = match to {
        SeekTo::Earliest => -2,
        SeekTo::Latest | SeekTo::Offset(_) => -1,
    };
    let partition = list_offsets::ListOffsetsPartition::default()
        .with_partition_index(tp.partition.0)
        .with_current_leader_epoch(-1)
        .with_timestamp(timestamp);
    let topic = list_offsets::ListOffsetsTopic::default()
        .with_name(convert::topic_name(&tp.topic))
        .with_partitions(vec![partition]);
    let request = kafka::ListOffsetsRequest::default()
        .with_replica_id((-1).into())
        .with_topics(vec![topic])
        .with_timeout_ms(timeout_ms);
    (10, RequestBody::ListOffsets(Box::new(request)))
}

fn find_coordinator(group: &str) -> (i16, RequestBody) {
    let request =
        kafka::FindCoordinatorRequest::default().with_coordinator_keys(vec![convert::text(group)]);
    (6, RequestBody::FindCoordinator(Box::new(request)))
}

fn commit_offset(group: &str, tp: &TopicPartition, offset: Offset) -> (i16, RequestBody) {
    let partition = commit::OffsetCommitRequestPartition::default()
        .with_partition_index(tp.partition.0)
        .with_committed_offset(offset.0 as i64)
        .with_committed_leader_epoch(-1)
        .with_committed_metadata(Some(convert::text("")));
    let topic = commit::OffsetCommitRequestTopic::default()
        .with_name(convert::topic_name(&tp.topic))
        .with_partitions(vec![partition]);
    let request = kafka::OffsetCommitRequest::default()
        .with_group_id(kafka::GroupId(convert::text(group)))
        .with_generation_id_or_member_epoch(-1)
        .with_topics(vec![topic]);
    (9, RequestBody::OffsetCommit(Box::new(request)))
}

fn broker_ids(ids: &[BrokerId]) -> Vec<kafka::BrokerId> {
    ids.iter().map(|id| id.0.into()).collect()
}

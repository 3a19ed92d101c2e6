//! `ListPartitionReassignments` (key 46): which partitions are being moved.
//!
//! In Kafka: `ReplicationControlManager.listPartitionReassignments` (KIP-455). Only what is committed
//! is shown.

use kafka_protocol::messages::list_partition_reassignments_response::{
    OngoingPartitionReassignment, OngoingTopicReassignment,
};
use kafka_protocol::messages::{
    ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse,
};

use super::wire;
use crate::controller::kraft::ControllerState;
use crate::ids::{PartitionIndex, TopicId, TopicIdPartition};
use crate::metadata::TopicImage;

/// Handles the request on the state of what is committed.
pub fn handle(
    state: &ControllerState,
    request: &ListPartitionReassignmentsRequest,
) -> ListPartitionReassignmentsResponse {
    let mut response = ListPartitionReassignmentsResponse::default().with_error_message(None);
    match &request.topics {
        Some(topics) => {
            for topic in topics {
                let Some(known) = state.image().topic_named(&topic.name) else { continue };
                let partitions = topic.partition_indexes.iter().copied().map(PartitionIndex);
                response.topics.extend(ongoing(state, known, partitions));
            }
        }
        None => {
            for (topic_id, partitions) in by_topic(state.partitions.reassigning()) {
                let topic = state.image().topic(topic_id).expect("a partition has a topic");
                response.topics.extend(ongoing(state, topic, partitions.into_iter()));
            }
        }
    }
    response
}

fn by_topic(partitions: Vec<TopicIdPartition>) -> Vec<(TopicId, Vec<PartitionIndex>)> {
    let mut topics: Vec<(TopicId, Vec<PartitionIndex>)> = Vec::new();
    for TopicIdPartition { topic_id, partition } in partitions {
        match topics.last_mut().filter(|(last, _)| *last == topic_id) {
            Some((_, partitions)) => partitions.push(partition),
            None => topics.push((topic_id, vec![partition])),
        }
    }
    topics
}

fn ongoing(
    state: &ControllerState,
    topic: &TopicImage,
    partitions: impl Iterator<Item = PartitionIndex>,
) -> Option<OngoingTopicReassignment> {
    let moving = |index: PartitionIndex| {
        let partition = state.image().partition(topic.id, index)?;
        partition.is_reassigning().then(|| {
            OngoingPartitionReassignment::default()
                .with_partition_index(index.0)
                .with_replicas(wire::to_brokers(&partition.replicas))
                .with_adding_replicas(wire::to_brokers(partition.adding_replicas()))
                .with_removing_replicas(wire::to_brokers(partition.removing_replicas()))
        })
    };
    let partitions: Vec<_> = partitions.filter_map(moving).collect();
    (!partitions.is_empty()).then(|| {
        OngoingTopicReassignment::default()
            .with_name(wire::topic(&topic.name))
            .with_partitions(partitions)
    })
}

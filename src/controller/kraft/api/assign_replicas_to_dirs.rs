//! `AssignReplicasToDirs` (key 73): a broker says in which log directories its replicas lie.
//!
//! In Kafka: `ReplicationControlManager.handleAssignReplicasToDirs` (KIP-858).

use std::collections::BTreeSet;

use kafka_protocol::messages::assign_replicas_to_dirs_response::{
    DirectoryData, PartitionData, TopicData,
};
use kafka_protocol::messages::{AssignReplicasToDirsRequest, AssignReplicasToDirsResponse};

use super::{Context, Handled, wire};
use crate::controller::kraft::{ApiError, ControllerState, Outcome, Records};
use crate::ids::{BrokerEpoch, BrokerId, PartitionIndex, TopicId, TopicIdPartition, Uuid};
use crate::protocol::ErrorCode;

/// Handles the request.
///
/// # Errors
/// [`ErrorCode::UnsupportedVersion`] in a cluster that is too old for it,
/// [`ErrorCode::StaleBrokerEpoch`] when the broker's registration is another one.
pub fn handle<D>(
    context: &mut Context<'_, D>,
    request: &AssignReplicasToDirsRequest,
) -> Handled<AssignReplicasToDirsResponse> {
    let state = context.state;
    if !state.metadata_version().has_directory_assignment() {
        let message = "Directory assignment is not supported yet.";
        return Err(ApiError::new(ErrorCode::UnsupportedVersion, message));
    }
    let broker = wire::broker(request.broker_id);
    let epoch = BrokerEpoch(request.broker_epoch);
    let registration = state.check_broker_epoch(broker, epoch)?;
    let mut records = Records::default();
    let mut response = AssignReplicasToDirsResponse::default();
    let mut offline = BTreeSet::new();
    for directory in &request.directories {
        let id = wire::id(directory.id);
        let is_offline = !registration.has_online_directory(id);
        let mut of_directory = DirectoryData::default().with_id(directory.id);
        for topic in &directory.topics {
            let mut of_topic = TopicData::default().with_topic_id(topic.topic_id);
            for partition in &topic.partitions {
                let tp = TopicIdPartition {
                    topic_id: wire::id(topic.topic_id),
                    partition: PartitionIndex(partition.partition_index),
                };
                let error = assign(state, broker, tp, id, &mut records).err();
                if error.is_none() && is_offline {
                    offline.insert(tp);
                }
                of_topic.partitions.push(
                    PartitionData::default()
                        .with_partition_index(partition.partition_index)
                        .with_error_code(error.unwrap_or_default().code()),
                );
            }
            of_directory.topics.push(of_topic);
        }
        response.directories.push(of_directory);
    }
    state.handle_replicas_offline(broker, offline, &mut records);
    Ok(Outcome::of(records, response))
}

fn assign(
    state: &ControllerState,
    broker: BrokerId,
    tp: TopicIdPartition,
    directory: Uuid,
    records: &mut Records,
) -> Result<(), ErrorCode> {
    let topic_id: TopicId = tp.topic_id;
    let topic = state.image().topic(topic_id).ok_or(ErrorCode::UnknownTopicId)?;
    let partition = state.image().partition(topic_id, tp.partition);
    let partition = partition.ok_or(ErrorCode::UnknownTopicOrPartition)?;
    if !partition.replicas.contains(&broker) {
        return Err(ErrorCode::NotLeaderOrFollower);
    }
    let settings = state.settings_of(topic);
    let change = state
        .change_partition(settings, tp, partition, |builder| builder.directory(broker, directory));
    records.push_change(change);
    Ok(())
}

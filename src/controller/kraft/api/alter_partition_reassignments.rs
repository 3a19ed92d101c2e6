//! `AlterPartitionReassignments` (key 45): replicas are to move, or no longer.
//!
//! In Kafka: `ReplicationControlManager.alterPartitionReassignments` (KIP-455, KIP-860).

use kafka_protocol::messages::alter_partition_reassignments_request::ReassignablePartition;
use kafka_protocol::messages::alter_partition_reassignments_response::{
    ReassignablePartitionResponse, ReassignableTopicResponse,
};
use kafka_protocol::messages::{
    AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse,
};

use super::create_topics::check_assignment;
use super::{Context, Handled, wire};
use crate::controller::kraft::{ApiError, ControllerState, Outcome, Records};
use crate::feature::mutant;
use crate::ids::{BrokerId, PartitionIndex, TopicIdPartition};
use crate::metadata::partition_change::PartitionChange;
use crate::metadata::reassignment::{ReassignmentReplicas, Revert, without};
use crate::metadata::{PartitionRegistration, TopicImage};
use crate::protocol::ErrorCode;

/// Handles the request.
///
/// # Errors
/// None for the request as a whole.
pub fn handle<D>(
    context: &mut Context<'_, D>,
    request: &AlterPartitionReassignmentsRequest,
) -> Handled<AlterPartitionReassignmentsResponse> {
    let may_change_factor = request.allow_replication_factor_change;
    let mut records = Records::default();
    let mut response = AlterPartitionReassignmentsResponse::default()
        .with_allow_replication_factor_change(may_change_factor)
        .with_error_message(None);
    for topic in &request.topics {
        let mut results = ReassignableTopicResponse::default().with_name(topic.name.clone());
        for wanted in &topic.partitions {
            let result = alter(context.state, &topic.name, wanted, may_change_factor);
            let (code, message) = wire::error_of(&result);
            records.push_change(result.ok().flatten());
            results.partitions.push(
                ReassignablePartitionResponse::default()
                    .with_partition_index(wanted.partition_index)
                    .with_error_code(code)
                    .with_error_message(message),
            );
        }
        response.responses.push(results);
    }
    Ok(Outcome::atomic_of(records, response))
}

fn alter(
    state: &ControllerState,
    topic_name: &str,
    wanted: &ReassignablePartition,
    may_change_factor: bool,
) -> Result<Option<PartitionChange>, ApiError> {
    let unknown = || Some(format!("Unable to find a topic named {topic_name}."));
    let topic = state.topic_or(topic_name, unknown)?;
    let index = PartitionIndex(wanted.partition_index);
    let partition = state.image().partition(topic.id, index).ok_or_else(|| {
        let message = format!("Unable to find partition {topic_name}:{index}.");
        ApiError::new(ErrorCode::UnknownTopicOrPartition, message)
    })?;
    let tp = TopicIdPartition { topic_id: topic.id, partition: index };
    match &wanted.replicas {
        None => cancel(state, topic, tp, partition),
        Some(replicas) => {
            let target = wire::brokers(replicas);
            change(state, topic, tp, partition, &target, may_change_factor)
        }
    }
}

fn cancel(
    state: &ControllerState,
    topic: &TopicImage,
    tp: TopicIdPartition,
    partition: &PartitionRegistration,
) -> Result<Option<PartitionChange>, ApiError> {
    if !partition.is_reassigning() {
        return Err(ApiError::bare(ErrorCode::NoReassignmentInProgress));
    }
    let bad = |message: String| ApiError::new(ErrorCode::InvalidReplicaAssignment, message);
    let revert = Revert::of(partition).ok_or_else(|| {
        bad("Invalid replica assignment: addingReplicas contains all replicas.".to_owned())
    })?;
    if revert.unclean && !state.unclean_election_enabled(&topic.name) {
        return Err(bad(format!(
            "Unable to revert partition assignment for {}:{} because it would require an unclean \
             leader election.",
            topic.name, tp.partition
        )));
    }
    let settings = state.settings_of(topic);
    Ok(state.change_partition(settings, tp, partition, |builder| {
        builder
            .election(settings.election)
            .isr(revert.isr)
            .replicas(revert.replicas)
            .removing(Vec::new())
            .adding(Vec::new())
    }))
}

fn change(
    state: &ControllerState,
    topic: &TopicImage,
    tp: TopicIdPartition,
    partition: &PartitionRegistration,
    target: &[BrokerId],
    may_change_factor: bool,
) -> Result<Option<PartitionChange>, ApiError> {
    check_assignment(state, target, None)?;
    let factor = replication_factor(partition);
    if !may_change_factor && factor != target.len() {
        let message =
            format!("The replication factor is changed from {factor} to {}", target.len());
        return Err(ApiError::new(ErrorCode::InvalidReplicationFactor, message));
    }
    let moving = ReassignmentReplicas::between(&partition.replicas, target);
    let settings = state.settings_of(topic);
    if mutant!(state.config(), MovedAtOnce) {
        let replicas = target.to_vec();
        return Ok(state.change_partition(settings, tp, partition, |it| it.replicas(replicas)));
    }
    Ok(state.change_partition(settings, tp, partition, |mut builder| {
        if moving.replicas[..] != partition.replicas[..] {
            builder = builder.replicas(moving.replicas);
        }
        if !moving.removing.is_empty() {
            builder = builder.removing(moving.removing);
        }
        if !moving.adding.is_empty() {
            builder = builder.adding(moving.adding);
        }
        builder
    }))
}

/// How many replicas the partition will have when the move it may be in is complete.
fn replication_factor(partition: &PartitionRegistration) -> usize {
    without(&partition.replicas, partition.removing_replicas()).len()
}

//! `CreatePartitions` (key 37): a topic gets more partitions.
//!
//! In Kafka: `ControllerApis.createPartitions`, `ReplicationControlManager.createPartitions`.

use kafka_protocol::messages::create_partitions_request::CreatePartitionsTopic;
use kafka_protocol::messages::create_partitions_response::CreatePartitionsTopicResult;
use kafka_protocol::messages::{CreatePartitionsRequest, CreatePartitionsResponse};

use super::create_topics::{all_inactive, check_assignment, none_active};
use super::{Context, Handled, wire};
use crate::controller::kraft::{ApiError, ControllerState, Outcome, Records};
use crate::ids::{BrokerId, PartitionIndex, TopicIdPartition};
use crate::metadata::TopicImage;
use crate::metadata::placement::{Draw, place};
use crate::protocol::ErrorCode;

/// Handles the request.
///
/// # Errors
/// None for the request as a whole.
pub fn handle<D: Draw>(
    context: &mut Context<'_, D>,
    request: &CreatePartitionsRequest,
) -> Handled<CreatePartitionsResponse> {
    let mut records = Records::default();
    let mut response = CreatePartitionsResponse::default();
    for (index, topic) in request.topics.iter().enumerate() {
        let same = |other: &CreatePartitionsTopic| other.name == topic.name;
        let result = if request.topics[..index].iter().any(same) {
            continue; // Answered with the first one of that name.
        } else if request.topics[index + 1..].iter().any(same) {
            Err(ApiError::new(ErrorCode::InvalidRequest, "Duplicate topic name."))
        } else {
            create(context, topic, &mut records)
        };
        let (code, message) = wire::error_of(&result);
        response.results.push(
            CreatePartitionsTopicResult::default()
                .with_name(topic.name.clone())
                .with_error_code(code)
                .with_error_message(message),
        );
    }
    let outcome = Outcome::atomic_of(records, response);
    Ok(if request.validate_only { outcome.without_records() } else { outcome })
}

/// As in Kafka, partitions before one that fails are created all the same.
fn create<D: Draw>(
    context: &mut Context<'_, D>,
    wanted: &CreatePartitionsTopic,
    records: &mut Records,
) -> Result<(), ApiError> {
    let state = context.state;
    let topic = state.topic_or(&wanted.name, || None)?;
    let additional = additional(topic, wanted)?;
    let first = state.first_partition(topic);
    let factor = first.ok_or_else(|| ApiError::bare(ErrorCode::UnknownServerError))?.replicas.len();
    let replicas = if wanted.assignments.is_some() {
        assigned(state, topic, wanted, factor)?
    } else {
        let brokers = context.heartbeats.usable_brokers(state.image());
        let placed = place(brokers, additional, factor as i32, context.placement);
        placed.map_err(|error| {
            ApiError::new(ErrorCode::InvalidReplicationFactor, error.to_string())
        })?
    };
    for (index, replicas) in replicas.into_iter().enumerate() {
        let isr = state.active_of(&replicas);
        if isr.is_empty() {
            let message = none_active(factor as i32);
            return Err(ApiError::new(ErrorCode::InvalidReplicationFactor, message));
        }
        let partition = PartitionIndex(topic.partition_count() as i32 + index as i32);
        let tp = TopicIdPartition { topic_id: topic.id, partition };
        records.push(state.partition_record(tp, &replicas, &isr));
    }
    Ok(())
}

/// How many partitions are wanted beyond those there are.
fn additional(topic: &TopicImage, wanted: &CreatePartitionsTopic) -> Result<usize, ApiError> {
    let (there, count) = (topic.partition_count() as i32, wanted.count);
    let invalid = |message: String| Err(ApiError::new(ErrorCode::InvalidPartitions, message));
    if count == there {
        return invalid(format!("Topic already has {there} partition(s)."));
    }
    if count < there {
        return invalid(format!(
            "The topic {} currently has {there} partition(s); {count} would not be an increase.",
            topic.name
        ));
    }
    let additional = (count - there) as usize;
    match &wanted.assignments {
        Some(assignments) if assignments.len() != additional => Err(ApiError::new(
            ErrorCode::InvalidReplicaAssignment,
            format!(
                "Attempted to add {additional} additional partition(s), but only {} assignment(s) \
                 were specified.",
                assignments.len()
            ),
        )),
        _ => Ok(additional),
    }
}

/// The replicas that the request names.
fn assigned(
    state: &ControllerState,
    topic: &TopicImage,
    wanted: &CreatePartitionsTopic,
    factor: usize,
) -> Result<Vec<Vec<BrokerId>>, ApiError> {
    let mut all = Vec::new();
    for (index, assignment) in wanted.assignments.iter().flatten().enumerate() {
        let replicas = wire::brokers(&assignment.broker_ids);
        check_assignment(state, &replicas, Some(factor))?;
        if state.active_of(&replicas).is_empty() {
            let message = all_inactive(topic.partition_count() as i32 + index as i32);
            return Err(ApiError::new(ErrorCode::InvalidReplicaAssignment, message));
        }
        all.push(replicas);
    }
    Ok(all)
}

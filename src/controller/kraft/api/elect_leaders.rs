//! `ElectLeaders` (key 43): an administrator wants preferred leaders, or any leader at all.
//!
//! In Kafka: `ReplicationControlManager.electLeaders` (KIP-183, KIP-460).

use kafka_protocol::messages::elect_leaders_response::{PartitionResult, ReplicaElectionResult};
use kafka_protocol::messages::{ElectLeadersRequest, ElectLeadersResponse};

use super::{Context, Handled, wire};
use crate::controller::kraft::{ApiError, ControllerState, Outcome, Records};
use crate::ids::{PartitionIndex, TopicIdPartition};
use crate::metadata::partition_change::Election;
use crate::protocol::ErrorCode;

/// Handles the request.
///
/// # Errors
/// [`ErrorCode::InvalidRequest`] for an unknown kind of election.
pub fn handle<D>(
    context: &mut Context<'_, D>,
    request: &ElectLeadersRequest,
) -> Handled<ElectLeadersResponse> {
    let state = context.state;
    let election = match request.election_type {
        0 => Election::Preferred,
        1 => Election::Unclean,
        other => {
            let message = format!("Unknown election type {other}");
            return Err(ApiError::new(ErrorCode::InvalidRequest, message));
        }
    };
    let mut records = Records::default();
    let mut response = ElectLeadersResponse::default();
    let mut elect = |topic: &str, partitions: &[PartitionIndex], all: bool| {
        let mut results = ReplicaElectionResult::default().with_topic(wire::topic(topic));
        for partition in partitions {
            let result = elect_leader(state, topic, *partition, election, &mut records);
            // Asked for all partitions, Kafka does not list those that have what is wanted.
            let needless = |error: &ApiError| error.error == ErrorCode::ElectionNotNeeded;
            if all && result.as_ref().is_err_and(needless) {
                continue;
            }
            let (code, message) = wire::error_of(&result);
            results.partition_result.push(
                PartitionResult::default()
                    .with_partition_id(partition.0)
                    .with_error_code(code)
                    .with_error_message(message),
            );
        }
        response.replica_election_results.push(results);
    };
    match &request.topic_partitions {
        Some(topics) => {
            for topic in topics {
                let partitions: Vec<_> =
                    topic.partitions.iter().copied().map(PartitionIndex).collect();
                elect(&topic.topic, &partitions, false);
            }
        }
        None => {
            for topic in state.image().topics() {
                let partitions: Vec<_> = topic.partitions().map(|(index, _)| index).collect();
                elect(&topic.name, &partitions, true);
            }
        }
    }
    Ok(Outcome::of(records, response))
}

/// Has a leader elected for one partition.
pub(in crate::controller::kraft) fn elect_leader(
    state: &ControllerState,
    topic_name: &str,
    index: PartitionIndex,
    election: Election,
    records: &mut Records,
) -> Result<(), ApiError> {
    let topic = state.topic_or(topic_name, || Some(format!("No such topic as {topic_name}")))?;
    let partition = state.image().partition(topic.id, index).ok_or_else(|| {
        let message = format!("No such partition as {topic_name}-{index}");
        ApiError::new(ErrorCode::UnknownTopicOrPartition, message)
    })?;
    let unclean = election == Election::Unclean;
    let needed =
        if unclean { partition.leader.is_none() } else { !partition.has_preferred_leader() };
    if !needed {
        return Err(ApiError::with_default_message(ErrorCode::ElectionNotNeeded));
    }
    let tp = TopicIdPartition { topic_id: topic.id, partition: index };
    let settings = state.settings_of(topic);
    let change =
        state.change_partition(settings, tp, partition, |builder| builder.election(election));
    if change.is_none() {
        return Err(ApiError::with_default_message(if unclean {
            ErrorCode::EligibleLeadersNotAvailable
        } else {
            ErrorCode::PreferredLeaderNotAvailable
        }));
    }
    records.push_change(change);
    Ok(())
}

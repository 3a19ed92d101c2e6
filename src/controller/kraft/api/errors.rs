//! Requests that fail as a whole, and what in an answer is a refusal.
//!
//! In Kafka: the `getErrorResponse` methods of the requests.

use kafka_protocol::messages as kafka;
use kafka_protocol::messages::alter_partition_reassignments_response::{
    ReassignablePartitionResponse, ReassignableTopicResponse,
};
use kafka_protocol::messages::create_partitions_response::CreatePartitionsTopicResult;
use kafka_protocol::messages::create_topics_response::CreatableTopicResult;
use kafka_protocol::messages::delete_topics_response::DeletableTopicResult;
use kafka_protocol::messages::elect_leaders_response::{PartitionResult, ReplicaElectionResult};
use kafka_protocol::messages::incremental_alter_configs_response::AlterConfigsResourceResponse;
use kafka_protocol::protocol::StrBytes;

use super::wire;
use crate::controller::kraft::ApiError;
use crate::protocol::{ErrorCode, RequestBody, ResponseBody};

/// The answer to `request` when it fails as a whole; none for a request that no controller takes
/// here.
pub(in crate::controller::kraft) fn error_response(
    request: &RequestBody,
    error: &ApiError,
) -> Option<ResponseBody> {
    use RequestBody as Q;
    use ResponseBody as R;
    let code = error.error.code();
    let message = error.message.as_deref().map(wire::text);
    Some(match request {
        Q::CreateTopics(request) => {
            R::CreateTopics(Box::new(create_topics(request, code, message.as_ref())))
        }
        Q::DeleteTopics(request) => R::DeleteTopics(Box::new(delete_topics(request, code))),
        Q::CreatePartitions(request) => {
            R::CreatePartitions(Box::new(create_partitions(request, code, message.as_ref())))
        }
        Q::ElectLeaders(request) => {
            R::ElectLeaders(Box::new(elect_leaders(request, code, message.as_ref())))
        }
        Q::IncrementalAlterConfigs(request) => {
            R::IncrementalAlterConfigs(Box::new(alter_configs(request, code, message.as_ref())))
        }
        Q::AlterPartitionReassignments(request) => R::AlterPartitionReassignments(Box::new(
            alter_reassignments(request, code, message.as_ref()),
        )),
        Q::ListPartitionReassignments(_) => R::ListPartitionReassignments(Box::new(
            kafka::ListPartitionReassignmentsResponse::default()
                .with_error_code(code)
                .with_error_message(message),
        )),
        Q::AlterPartition(_) => R::AlterPartition(Box::new(
            kafka::AlterPartitionResponse::default().with_error_code(code),
        )),
        Q::BrokerRegistration(_) => R::BrokerRegistration(Box::new(
            kafka::BrokerRegistrationResponse::default().with_error_code(code),
        )),
        Q::BrokerHeartbeat(_) => R::BrokerHeartbeat(Box::new(
            kafka::BrokerHeartbeatResponse::default().with_error_code(code),
        )),
        Q::UnregisterBroker(_) => R::UnregisterBroker(Box::new(
            kafka::UnregisterBrokerResponse::default()
                .with_error_code(code)
                .with_error_message(message),
        )),
        Q::AllocateProducerIds(_) => R::AllocateProducerIds(Box::new(
            kafka::AllocateProducerIdsResponse::default().with_error_code(code),
        )),
        Q::ControllerRegistration(_) => R::ControllerRegistration(Box::new(
            kafka::ControllerRegistrationResponse::default()
                .with_error_code(code)
                .with_error_message(message),
        )),
        Q::AssignReplicasToDirs(_) => R::AssignReplicasToDirs(Box::new(
            kafka::AssignReplicasToDirsResponse::default().with_error_code(code),
        )),
        _ => return None,
    })
}

fn create_topics(
    request: &kafka::CreateTopicsRequest,
    code: i16,
    message: Option<&StrBytes>,
) -> kafka::CreateTopicsResponse {
    let topics = request.topics.iter().map(|topic| {
        CreatableTopicResult::default()
            .with_name(topic.name.clone())
            .with_error_code(code)
            .with_error_message(message.cloned())
    });
    kafka::CreateTopicsResponse::default().with_topics(topics.collect())
}

fn delete_topics(request: &kafka::DeleteTopicsRequest, code: i16) -> kafka::DeleteTopicsResponse {
    let names = request.topic_names.iter().map(|name| (Some(name.clone()), uuid::Uuid::nil()));
    let topics = request.topics.iter().map(|topic| (topic.name.clone(), topic.topic_id));
    let responses = names.chain(topics).map(|(name, id)| {
        DeletableTopicResult::default()
            .with_name(name)
            .with_topic_id(id)
            .with_error_code(code)
            .with_error_message(None)
    });
    kafka::DeleteTopicsResponse::default().with_responses(responses.collect())
}

fn create_partitions(
    request: &kafka::CreatePartitionsRequest,
    code: i16,
    message: Option<&StrBytes>,
) -> kafka::CreatePartitionsResponse {
    let results = request.topics.iter().map(|topic| {
        CreatePartitionsTopicResult::default()
            .with_name(topic.name.clone())
            .with_error_code(code)
            .with_error_message(message.cloned())
    });
    kafka::CreatePartitionsResponse::default().with_results(results.collect())
}

fn elect_leaders(
    request: &kafka::ElectLeadersRequest,
    code: i16,
    message: Option<&StrBytes>,
) -> kafka::ElectLeadersResponse {
    let topics = request.topic_partitions.iter().flatten().map(|topic| {
        let partitions = topic.partitions.iter().map(|partition| {
            PartitionResult::default()
                .with_partition_id(*partition)
                .with_error_code(code)
                .with_error_message(message.cloned())
        });
        ReplicaElectionResult::default()
            .with_topic(topic.topic.clone())
            .with_partition_result(partitions.collect())
    });
    kafka::ElectLeadersResponse::default()
        .with_error_code(code)
        .with_replica_election_results(topics.collect())
}

fn alter_configs(
    request: &kafka::IncrementalAlterConfigsRequest,
    code: i16,
    message: Option<&StrBytes>,
) -> kafka::IncrementalAlterConfigsResponse {
    let responses = request.resources.iter().map(|resource| {
        AlterConfigsResourceResponse::default()
            .with_resource_type(resource.resource_type)
            .with_resource_name(resource.resource_name.clone())
            .with_error_code(code)
            .with_error_message(message.cloned())
    });
    kafka::IncrementalAlterConfigsResponse::default().with_responses(responses.collect())
}

fn alter_reassignments(
    request: &kafka::AlterPartitionReassignmentsRequest,
    code: i16,
    message: Option<&StrBytes>,
) -> kafka::AlterPartitionReassignmentsResponse {
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|partition| {
            ReassignablePartitionResponse::default()
                .with_partition_index(partition.partition_index)
                .with_error_code(code)
                .with_error_message(message.cloned())
        });
        ReassignableTopicResponse::default()
            .with_name(topic.name.clone())
            .with_partitions(partitions.collect())
    });
    kafka::AlterPartitionReassignmentsResponse::default()
        .with_error_code(code)
        .with_error_message(message.cloned())
        .with_responses(topics.collect())
}

/// A part of an administrator's request that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::controller::kraft) struct Refusal {
    /// What it was about.
    pub(in crate::controller::kraft) subject: String,
    /// The error.
    pub(in crate::controller::kraft) error: ErrorCode,
    /// Kafka's sentence.
    pub(in crate::controller::kraft) message: String,
}

/// What `response` refuses to the administrator who asked `request`.
pub(in crate::controller::kraft) fn refusals(
    request: &RequestBody,
    response: &ResponseBody,
) -> Vec<Refusal> {
    use ResponseBody as R;
    let mut refusals = Vec::new();
    let mut add = |subject: String, code: i16, message: Option<&StrBytes>| {
        if code != 0 {
            let message = message.map_or_else(String::new, ToString::to_string);
            refusals.push(Refusal { subject, error: ErrorCode::from_code(code), message });
        }
    };
    match response {
        R::CreateTopics(response) => {
            for topic in &response.topics {
                add(topic.name.to_string(), topic.error_code, topic.error_message.as_ref());
            }
        }
        R::DeleteTopics(response) => {
            for topic in &response.responses {
                let id = wire::id(topic.topic_id);
                let subject = topic.name.as_ref().map_or_else(|| id.to_string(), |n| n.to_string());
                add(subject, topic.error_code, topic.error_message.as_ref());
            }
        }
        R::CreatePartitions(response) => {
            for topic in &response.results {
                add(topic.name.to_string(), topic.error_code, topic.error_message.as_ref());
            }
        }
        R::ElectLeaders(response) => {
            for topic in &response.replica_election_results {
                for partition in &topic.partition_result {
                    let subject = format!("{}-{}", topic.topic.as_str(), partition.partition_id);
                    add(subject, partition.error_code, partition.error_message.as_ref());
                }
            }
        }
        R::AlterPartitionReassignments(response) => {
            for topic in &response.responses {
                for partition in &topic.partitions {
                    let subject = format!("{}-{}", topic.name.as_str(), partition.partition_index);
                    add(subject, partition.error_code, partition.error_message.as_ref());
                }
            }
        }
        R::IncrementalAlterConfigs(response) => {
            for resource in &response.responses {
                let subject = resource.resource_name.to_string();
                add(subject, resource.error_code, resource.error_message.as_ref());
            }
        }
        R::UnregisterBroker(response) => {
            let subject = match request {
                RequestBody::UnregisterBroker(request) => request.broker_id.0.to_string(),
                _ => String::new(),
            };
            add(subject, response.error_code, response.error_message.as_ref());
        }
        _ => {}
    }
    refusals
}

//! `DeleteTopics` (key 20), by name or by id.
//!
//! In Kafka: `ControllerApis.deleteTopics`, `ReplicationControlManager.deleteTopics`. There answers
//! come in random order, so that nobody learns which topics exist; here as asked.

use kafka_protocol::messages::delete_topics_response::DeletableTopicResult;
use kafka_protocol::messages::{DeleteTopicsRequest, DeleteTopicsResponse};

use super::{Context, Handled, wire};
use crate::controller::kraft::{ApiError, ControllerState, Outcome, Records};
use crate::ids::{TopicId, Uuid};
use crate::protocol::ErrorCode;
use crate::protocol::metadata_record::RemoveTopicRecord;

/// A topic as the request names it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Named {
    name: Option<String>,
    id: TopicId,
}

/// Handles the request.
///
/// # Errors
/// [`ErrorCode::TopicDeletionDisabled`] where topics may not be deleted.
pub fn handle<D>(
    context: &mut Context<'_, D>,
    request: &DeleteTopicsRequest,
) -> Handled<DeleteTopicsResponse> {
    let state = context.state;
    if !state.config().delete_topic_enable {
        return Err(if context.api_version < 3 {
            let message = "This version does not support topic deletion.";
            ApiError::new(ErrorCode::InvalidRequest, message)
        } else {
            ApiError::bare(ErrorCode::TopicDeletionDisabled)
        });
    }
    let mut records = Records::default();
    let mut response = DeleteTopicsResponse::default();
    let mut deleted: Vec<TopicId> = Vec::new();
    let named = all_named(request);
    for (index, topic) in named.iter().enumerate() {
        if named[..index].contains(topic) {
            continue; // Answered with the first one of that name.
        }
        let result = resolve(state, topic, named[index + 1..].contains(topic), &deleted);
        let mut answer = topic.clone();
        if let Ok((name, id)) = &result {
            answer = Named { name: Some(name.clone()), id: *id };
            deleted.push(*id);
            records.push(RemoveTopicRecord { topic_id: *id });
        }
        let (code, message) = wire::error_of(&result);
        response.responses.push(
            DeletableTopicResult::default()
                .with_name(answer.name.as_deref().map(wire::topic))
                .with_topic_id(wire::to_id(answer.id))
                .with_error_code(code)
                .with_error_message(message),
        );
    }
    Ok(Outcome::atomic_of(records, response))
}

/// Names in old versions, names or ids in new ones.
fn all_named(request: &DeleteTopicsRequest) -> Vec<Named> {
    let names = request.topic_names.iter();
    let names = names.map(|name| Named { name: Some(name.to_string()), id: Uuid::ZERO });
    let topics = request.topics.iter().map(|topic| Named {
        name: topic.name.as_ref().map(|name| name.to_string()),
        id: wire::id(topic.topic_id),
    });
    names.chain(topics).collect()
}

fn resolve(
    state: &ControllerState,
    topic: &Named,
    again: bool,
    deleted: &[TopicId],
) -> Result<(String, TopicId), ApiError> {
    let invalid = |message: &str| Err(ApiError::new(ErrorCode::InvalidRequest, message));
    match &topic.name {
        None if topic.id == Uuid::ZERO => invalid("Neither topic name nor id were specified."),
        None if again => invalid("Duplicate topic id."),
        None => {
            let known = state.image().topic(topic.id);
            let known =
                known.ok_or_else(|| ApiError::with_default_message(ErrorCode::UnknownTopicId))?;
            Ok((known.name.to_string(), topic.id))
        }
        Some(_) if topic.id != Uuid::ZERO => {
            invalid("You may not specify both topic name and topic id.")
        }
        Some(_) if again => invalid("Duplicate topic name."),
        Some(name) => {
            let unknown = || ApiError::with_default_message(ErrorCode::UnknownTopicOrPartition);
            let id = state.image().topic_id(name).ok_or_else(unknown)?;
            if deleted.contains(&id) {
                return invalid("The provided topic name maps to an ID that was already supplied.");
            }
            Ok((name.clone(), id))
        }
    }
}

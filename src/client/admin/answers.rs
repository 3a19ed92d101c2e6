//! What an answer means for a call: outcomes, the next step, or another try.

use kafka_protocol::messages as kafka;
use kafka_protocol::protocol::StrBytes;

use super::call::{OffsetStep, Task};
use crate::ids::{BrokerId, Name, Offset, TopicPartition};
use crate::node::AdminRequest;
use crate::protocol::{ErrorCode, ResponseBody, convert};

/// Why the cluster did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminError {
    /// Kafka's error.
    pub error: ErrorCode,
    /// Kafka's sentence, or the error's name where the broker gave none.
    pub message: Name,
}

impl AdminError {
    pub(super) fn new(error: ErrorCode, message: Option<&StrBytes>) -> Self {
        let message = message.map_or_else(|| error.name().into(), convert::name);
        Self { error, message }
    }
}

/// How a request of an administrator ended.
pub(super) type Outcome = Result<(), AdminError>;

/// What an answer means.
#[derive(Debug)]
pub(super) enum Meaning {
    /// The outcomes of the call's requests, in their order.
    Done(Vec<Outcome>),
    /// The call goes on with this step.
    Next(OffsetStep),
    /// It is tried again later, after another look at the metadata if the controller was wrong.
    Again(AdminError),
}

/// Reads the answer to the last step of `task`.
pub(super) fn read(task: &Task, answer: &ResponseBody) -> Meaning {
    match (task, answer) {
        (Task::CreateTopics(requests), ResponseBody::CreateTopics(answer)) => {
            created(requests.iter().map(|(_, request)| request), answer)
        }
        (
            Task::Single(_, request @ AdminRequest::CreateTopic { .. }),
            ResponseBody::CreateTopics(answer),
        ) => created(std::iter::once(request), answer),
        (Task::Single(..), answer) => single(answer),
        (Task::AlterOffset(_, AdminRequest::AlterOffset { tp, .. }, step), answer) => {
            offset_step(tp, *step, answer)
        }
        (task, answer) => unreachable!("{:?} answers {task:?}", answer.api()),
    }
}

fn created<'a>(
    requests: impl Iterator<Item = &'a AdminRequest>,
    answer: &kafka::CreateTopicsResponse,
) -> Meaning {
    if let Some(refused) = answer.topics.iter().find(|topic| is_not_controller(topic.error_code)) {
        return Meaning::Again(AdminError::new(
            ErrorCode::NotController,
            refused.error_message.as_ref(),
        ));
    }
    let outcome = |request: &AdminRequest| {
        let AdminRequest::CreateTopic { topic, .. } = request else {
            unreachable!("only topics are created together")
        };
        let told = answer.topics.iter().find(|told| told.name.as_str() == &**topic);
        told.map_or_else(
            || Err(AdminError::new(ErrorCode::UnknownServerError, None)),
            |told| outcome(told.error_code, told.error_message.as_ref()),
        )
    };
    Meaning::Done(requests.map(outcome).collect())
}

/// The answer to a request about one thing: its only outcome, or the first that is none.
fn single(answer: &ResponseBody) -> Meaning {
    let outcome = match answer {
        ResponseBody::DeleteTopics(answer) => {
            let results = answer.responses.iter();
            first_error(results.map(|told| (told.error_code, told.error_message.as_ref())))
        }
        ResponseBody::CreatePartitions(answer) => {
            let results = answer.results.iter();
            first_error(results.map(|told| (told.error_code, told.error_message.as_ref())))
        }
        ResponseBody::IncrementalAlterConfigs(answer) => {
            let results = answer.responses.iter();
            first_error(results.map(|told| (told.error_code, told.error_message.as_ref())))
        }
        ResponseBody::ElectLeaders(answer) => {
            let results = answer.replica_election_results.iter();
            let partitions = results.flat_map(|topic| &topic.partition_result);
            // A leader that is the right one already is no failure.
            let not_needed = ErrorCode::ElectionNotNeeded.code();
            let partitions = partitions.filter(|told| told.error_code != not_needed);
            let errors = partitions.map(|told| (told.error_code, told.error_message.as_ref()));
            outcome(answer.error_code, None).and_then(|()| first_error(errors))
        }
        ResponseBody::AlterPartitionReassignments(answer) => {
            let partitions = answer.responses.iter().flat_map(|topic| &topic.partitions);
            let errors = partitions.map(|told| (told.error_code, told.error_message.as_ref()));
            outcome(answer.error_code, answer.error_message.as_ref())
                .and_then(|()| first_error(errors))
        }
        other => unreachable!("{:?} answers no administrator", other.api()),
    };
    match outcome {
        Err(error) if error.error == ErrorCode::NotController => Meaning::Again(error),
        outcome => Meaning::Done(vec![outcome]),
    }
}

fn offset_step(tp: &TopicPartition, step: OffsetStep, answer: &ResponseBody) -> Meaning {
    match (step, answer) {
        (OffsetStep::FindLeader, ResponseBody::Metadata(answer)) => leader_in(tp, answer),
        (OffsetStep::ListOffset(_), ResponseBody::ListOffsets(answer)) => {
            let Some(told) = answer.topics.first().and_then(|topic| topic.partitions.first())
            else {
                return fail(ErrorCode::UnknownServerError);
            };
            match (ErrorCode::from_code(told.error_code), Offset::from_wire(told.offset)) {
                (ErrorCode::None, Some(offset)) => {
                    Meaning::Next(OffsetStep::FindCoordinator(offset))
                }
                (ErrorCode::None, None) => fail(ErrorCode::UnknownServerError),
                // Another broker leads by now: it is looked for again.
                (error, _) if error.wants_metadata() || error.is_retriable() => {
                    Meaning::Again(AdminError::new(error, None))
                }
                (error, _) => fail(error),
            }
        }
        (OffsetStep::FindCoordinator(offset), ResponseBody::FindCoordinator(answer)) => {
            let Some(told) = answer.coordinators.first() else {
                return fail(ErrorCode::UnknownServerError);
            };
            match ErrorCode::from_code(told.error_code) {
                ErrorCode::None => {
                    Meaning::Next(OffsetStep::Commit(BrokerId(told.node_id.0), offset))
                }
                error @ (ErrorCode::CoordinatorNotAvailable
                | ErrorCode::CoordinatorLoadInProgress) => {
                    Meaning::Again(AdminError::new(error, told.error_message.as_ref()))
                }
                error => {
                    Meaning::Done(vec![Err(AdminError::new(error, told.error_message.as_ref()))])
                }
            }
        }
        (OffsetStep::Commit(..), ResponseBody::OffsetCommit(answer)) => {
            let told = answer.topics.first().and_then(|topic| topic.partitions.first());
            let error = told.map_or(ErrorCode::UnknownServerError, |told| {
                ErrorCode::from_code(told.error_code)
            });
            match error {
                ErrorCode::CoordinatorLoadInProgress
                | ErrorCode::RebalanceInProgress
                | ErrorCode::CoordinatorNotAvailable
                | ErrorCode::NotCoordinator => Meaning::Again(AdminError::new(error, None)),
                ErrorCode::None => Meaning::Done(vec![Ok(())]),
                error => fail(error),
            }
        }
        (step, answer) => unreachable!("{:?} answers {step:?}", answer.api()),
    }
}

fn leader_in(tp: &TopicPartition, answer: &kafka::MetadataResponse) -> Meaning {
    let Some(topic) = answer.topics.first() else { return fail(ErrorCode::UnknownServerError) };
    let error = ErrorCode::from_code(topic.error_code);
    if !error.is_none() {
        let error = AdminError::new(error, None);
        return if error.error == ErrorCode::LeaderNotAvailable
            || error.error == ErrorCode::UnknownTopicOrPartition
        {
            Meaning::Again(error)
        } else {
            Meaning::Done(vec![Err(error)])
        };
    }
    let mut partitions = topic.partitions.iter();
    let told = partitions.find(|told| told.partition_index == tp.partition.0);
    match told.map(|told| BrokerId::from_wire(told.leader_id.0)) {
        Some(Some(leader)) => Meaning::Next(OffsetStep::ListOffset(leader)),
        Some(None) => Meaning::Again(AdminError::new(ErrorCode::LeaderNotAvailable, None)),
        None => Meaning::Again(AdminError::new(ErrorCode::UnknownTopicOrPartition, None)),
    }
}

fn fail(error: ErrorCode) -> Meaning {
    Meaning::Done(vec![Err(AdminError::new(error, None))])
}

fn is_not_controller(code: i16) -> bool {
    code == ErrorCode::NotController.code()
}

fn outcome(code: i16, message: Option<&StrBytes>) -> Outcome {
    match ErrorCode::from_code(code) {
        ErrorCode::None => Ok(()),
        error => Err(AdminError::new(error, message)),
    }
}

fn first_error<'a>(mut results: impl Iterator<Item = (i16, Option<&'a StrBytes>)>) -> Outcome {
    results.find_map(|(code, message)| outcome(code, message).err()).map_or(Ok(()), Err)
}

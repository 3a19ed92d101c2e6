//! Answers: strings for the wire, and what a request is answered when all of it failed.

use kafka_protocol::messages as kafka;
use kafka_protocol::messages::GroupId;
use kafka_protocol::messages::delete_groups_response::DeletableGroupResult;
use kafka_protocol::messages::describe_groups_response::DescribedGroup;
use kafka_protocol::messages::leave_group_response::MemberResponse;
use kafka_protocol::messages::offset_commit_response::{
    OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use kafka_protocol::messages::offset_fetch_response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponseTopic,
};
use kafka_protocol::protocol::StrBytes;

use crate::protocol::{ErrorCode, Request, RequestBody, ResponseBody};

/// The version of `OffsetFetch` from which on it takes several groups (KIP-709).
pub(crate) const OFFSET_FETCH_GROUPS: i16 = 8;
/// The version of `OffsetFetch` from which on an answer has an error of its own.
const OFFSET_FETCH_ERROR: i16 = 2;
/// The version of `LeaveGroup` from which on several members can leave (KIP-345).
pub(crate) const LEAVE_GROUP_MEMBERS: i16 = 3;

/// A string for a message.
pub(crate) fn wire(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

/// A string for a message; empty for none.
pub(crate) fn text(text: Option<&str>) -> StrBytes {
    text.map(wire).unwrap_or_default()
}

/// A group id for a message.
pub(crate) fn group_id(text: &str) -> GroupId {
    GroupId(wire(text))
}

/// What a client is answered when a write failed: Kafka does not show it the error of the log.
pub(crate) const fn coordinator_error(append_error: ErrorCode) -> ErrorCode {
    match append_error {
        ErrorCode::UnknownTopicOrPartition
        | ErrorCode::NotEnoughReplicas
        | ErrorCode::RequestTimedOut => ErrorCode::CoordinatorNotAvailable,
        ErrorCode::NotLeaderOrFollower | ErrorCode::KafkaStorageError => ErrorCode::NotCoordinator,
        ErrorCode::MessageTooLarge
        | ErrorCode::RecordListTooLarge
        | ErrorCode::InvalidFetchSize => ErrorCode::UnknownServerError,
        other => other,
    }
}

/// The answer to a request that failed as a whole.
///
/// # Panics
/// When it is no request for a group coordinator.
pub(crate) fn failed(request: &Request, error: ErrorCode) -> ResponseBody {
    let code = error.code();
    match &request.body {
        RequestBody::JoinGroup(_) => {
            let response = kafka::JoinGroupResponse::default().with_error_code(code);
            let response = super::classic::of_version(response, request.api_version);
            ResponseBody::JoinGroup(Box::new(response))
        }
        RequestBody::SyncGroup(_) => ResponseBody::SyncGroup(Box::new(
            kafka::SyncGroupResponse::default().with_error_code(code),
        )),
        RequestBody::Heartbeat(_) => {
            // While the groups are being loaded nobody is to lose its place.
            let code = if error == ErrorCode::CoordinatorLoadInProgress { 0 } else { code };
            ResponseBody::Heartbeat(Box::new(
                kafka::HeartbeatResponse::default().with_error_code(code),
            ))
        }
        RequestBody::LeaveGroup(leave) => {
            ResponseBody::LeaveGroup(Box::new(failed_leave(leave, request.api_version, error)))
        }
        RequestBody::OffsetCommit(commit) => {
            ResponseBody::OffsetCommit(Box::new(failed_commit(commit, error)))
        }
        RequestBody::OffsetDelete(_) => ResponseBody::OffsetDelete(Box::new(
            kafka::OffsetDeleteResponse::default().with_error_code(code),
        )),
        RequestBody::ListGroups(_) => ResponseBody::ListGroups(Box::new(
            kafka::ListGroupsResponse::default().with_error_code(code),
        )),
        other => unreachable!("{} is answered group by group", other.api().name()),
    }
}

fn failed_leave(
    request: &kafka::LeaveGroupRequest,
    api_version: i16,
    error: ErrorCode,
) -> kafka::LeaveGroupResponse {
    if error != ErrorCode::UnknownMemberId {
        return kafka::LeaveGroupResponse::default().with_error_code(error.code());
    }
    // There is no such group: nobody is a member of it.
    let member = |member: &kafka::leave_group_request::MemberIdentity| {
        MemberResponse::default()
            .with_member_id(member.member_id.clone())
            .with_group_instance_id(member.group_instance_id.clone())
            .with_error_code(error.code())
    };
    left(request.members.iter().map(member).collect(), api_version, error)
}

/// The answer to `LeaveGroup`; before several could leave, the one error was that of the answer.
pub(crate) fn left(
    members: Vec<MemberResponse>,
    api_version: i16,
    of_the_one: ErrorCode,
) -> kafka::LeaveGroupResponse {
    if api_version >= LEAVE_GROUP_MEMBERS {
        return kafka::LeaveGroupResponse::default().with_members(members);
    }
    let code = members.first().map_or(of_the_one.code(), |member| member.error_code);
    kafka::LeaveGroupResponse::default().with_error_code(code)
}

/// The answer to a request whose write failed, where `response` was to be its answer.
pub(crate) fn instead_of(
    request: &Request,
    response: ResponseBody,
    error: ErrorCode,
) -> ResponseBody {
    let ResponseBody::OffsetCommit(mut response) = response else { return failed(request, error) };
    // What was refused because it does not exist stays so.
    let partitions = response.topics.iter_mut().flat_map(|topic| &mut topic.partitions);
    for partition in partitions {
        if partition.error_code != ErrorCode::UnknownTopicOrPartition.code() {
            partition.error_code = error.code();
        }
    }
    ResponseBody::OffsetCommit(response)
}

/// Every partition of the request with that error.
pub(crate) fn failed_commit(
    request: &kafka::OffsetCommitRequest,
    error: ErrorCode,
) -> kafka::OffsetCommitResponse {
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter();
        let failed = partitions.map(|partition| committed(partition.partition_index, error));
        OffsetCommitResponseTopic::default()
            .with_name(topic.name.clone())
            .with_topic_id(topic.topic_id)
            .with_partitions(failed.collect())
    });
    kafka::OffsetCommitResponse::default().with_topics(topics.collect())
}

/// What became of one partition of a commit.
pub(crate) fn committed(partition: i32, error: ErrorCode) -> OffsetCommitResponsePartition {
    OffsetCommitResponsePartition::default()
        .with_partition_index(partition)
        .with_error_code(error.code())
}

/// A group of a `DeleteGroups`.
pub(crate) fn deleted(group: &str, error: ErrorCode) -> DeletableGroupResult {
    DeletableGroupResult::default().with_group_id(group_id(group)).with_error_code(error.code())
}

/// A group of a `DescribeGroups` that cannot be described.
pub(crate) fn not_described(group: &str, error: ErrorCode) -> DescribedGroup {
    DescribedGroup::default().with_group_id(group_id(group)).with_error_code(error.code())
}

/// A group of an `OffsetFetch` that failed. Very old clients see it partition by partition.
pub(crate) fn not_fetched(
    request: &Request,
    group: GroupId,
    error: ErrorCode,
) -> OffsetFetchResponseGroup {
    let failed = OffsetFetchResponseGroup::default().with_group_id(group);
    let RequestBody::OffsetFetch(fetch) = &request.body else {
        unreachable!("groups are fetched by OffsetFetch")
    };
    if request.api_version >= OFFSET_FETCH_ERROR {
        return failed.with_error_code(error.code());
    }
    let topics = fetch.topics.iter().flatten().map(|topic| {
        let partitions = topic.partition_indexes.iter().map(|partition| {
            kafka::offset_fetch_response::OffsetFetchResponsePartitions::default()
                .with_partition_index(*partition)
                .with_committed_offset(-1)
                .with_committed_leader_epoch(-1)
                .with_metadata(Some(StrBytes::default()))
                .with_error_code(error.code())
        });
        kafka::offset_fetch_response::OffsetFetchResponseTopics::default()
            .with_name(topic.name.clone())
            .with_partitions(partitions.collect())
    });
    failed.with_topics(topics.collect())
}

/// The answer to `OffsetFetch`: group by group, or for versions with one group flat.
pub(crate) fn fetched(
    mut groups: Vec<OffsetFetchResponseGroup>,
    api_version: i16,
) -> kafka::OffsetFetchResponse {
    if api_version >= OFFSET_FETCH_GROUPS {
        return kafka::OffsetFetchResponse::default().with_groups(groups);
    }
    let group = groups.pop().expect("versions without groups ask for one");
    let topics = group.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.into_iter().map(|partition| {
            OffsetFetchResponsePartition::default()
                .with_partition_index(partition.partition_index)
                .with_committed_offset(partition.committed_offset)
                .with_committed_leader_epoch(partition.committed_leader_epoch)
                .with_metadata(partition.metadata)
                .with_error_code(partition.error_code)
        });
        OffsetFetchResponseTopic::default()
            .with_name(topic.name)
            .with_partitions(partitions.collect())
    });
    kafka::OffsetFetchResponse::default()
        .with_topics(topics.collect())
        .with_error_code(group.error_code)
}

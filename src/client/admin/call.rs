//! One call of the admin client: what it wants, how far it is, and whom it asks next.
//!
//! In Kafka: `KafkaAdminClient.Call` and its `NodeProvider`s.

use crate::ids::{BrokerId, Offset};
use crate::node::{AdminRequest, ConfigResource, SeekTo};
use crate::sim::Instant;

/// What a call does.
#[derive(Clone, Debug)]
pub(super) enum Task {
    /// Creates topics, several in one request; with the number of each request.
    CreateTopics(Vec<(u64, AdminRequest)>),
    /// One request, one answer.
    Single(u64, AdminRequest),
    /// Commits an offset for a group: finds the offset, then the coordinator, then commits.
    AlterOffset(u64, AdminRequest, OffsetStep),
}

/// How far an [`AdminRequest::AlterOffset`] is.
#[derive(Clone, Copy, Debug)]
pub(super) enum OffsetStep {
    /// Which broker leads the partition is asked.
    FindLeader,
    /// The leader is asked where its log begins, or ends.
    ListOffset(BrokerId),
    /// Which broker coordinates the group is asked.
    FindCoordinator(Offset),
    /// The coordinator is asked to commit.
    Commit(BrokerId, Offset),
}

/// Whom a call asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// The broker that metadata names as the controller: with `KRaft` any one, which forwards.
    Controller,
    /// Any broker.
    LeastLoaded,
    /// This broker.
    Broker(BrokerId),
}

/// A call under way.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) task: Task,
    /// `default.api.timeout.ms` after it was made.
    pub(super) deadline: Instant,
    /// How often it failed.
    pub(super) tries: u32,
    pub(super) next_try: Instant,
}

impl Call {
    /// A call that may be sent at once.
    pub(super) const fn new(task: Task, now: Instant, deadline: Instant) -> Self {
        Self { task, deadline, tries: 0, next_try: now }
    }

    /// Kafka's name of the call.
    pub(super) const fn name(&self) -> &'static str {
        match &self.task {
            Task::CreateTopics(_) => "createTopics",
            Task::Single(_, request) => match request {
                AdminRequest::CreateTopic { .. } => "createTopics",
                AdminRequest::DeleteTopic { .. } => "deleteTopics",
                AdminRequest::CreatePartitions { .. } => "createPartitions",
                AdminRequest::ElectLeaders { .. } => "electLeaders",
                AdminRequest::Reassign { .. } => "alterPartitionReassignments",
                AdminRequest::AlterConfig { .. } => "incrementalAlterConfigs",
                AdminRequest::AlterOffset { .. } => "offsetCommit",
            },
            Task::AlterOffset(_, _, step) => match step {
                OffsetStep::FindLeader => "metadata",
                OffsetStep::ListOffset(_) => "listOffsets",
                OffsetStep::FindCoordinator(_) => "findCoordinator",
                OffsetStep::Commit(..) => "offsetCommit",
            },
        }
    }

    /// Whom it asks next.
    pub(super) fn target(&self) -> Target {
        match &self.task {
            Task::Single(_, AdminRequest::AlterConfig { resource, name, .. }) => {
                // A broker's own settings go to that broker.
                match (resource, name.parse()) {
                    (ConfigResource::Broker, Ok(id)) => Target::Broker(BrokerId(id)),
                    _ => Target::LeastLoaded,
                }
            }
            Task::CreateTopics(_) | Task::Single(..) => Target::Controller,
            Task::AlterOffset(_, _, step) => match step {
                OffsetStep::FindLeader | OffsetStep::FindCoordinator(_) => Target::LeastLoaded,
                OffsetStep::ListOffset(broker) | OffsetStep::Commit(broker, _) => {
                    Target::Broker(*broker)
                }
            },
        }
    }

    /// The requests it is about, with their numbers.
    pub(super) fn requests(&self) -> impl Iterator<Item = (u64, &AdminRequest)> {
        let (many, one) = match &self.task {
            Task::CreateTopics(requests) => (requests.as_slice(), None),
            Task::Single(id, request) | Task::AlterOffset(id, request, _) => {
                (&[][..], Some((*id, request)))
            }
        };
        many.iter().map(|(id, request)| (*id, request)).chain(one)
    }
}

/// The first task of a request.
pub(super) const fn task_of(id: u64, request: AdminRequest) -> Task {
    let step = match &request {
        AdminRequest::AlterOffset { to: SeekTo::Offset(offset), .. } => {
            OffsetStep::FindCoordinator(*offset)
        }
        AdminRequest::AlterOffset { .. } => OffsetStep::FindLeader,
        _ => return Task::Single(id, request),
    };
    Task::AlterOffset(id, request, step)
}

/// What a request is about, in a word.
pub(super) fn subject(request: &AdminRequest) -> String {
    match request {
        AdminRequest::CreateTopic { topic, .. }
        | AdminRequest::DeleteTopic { topic }
        | AdminRequest::CreatePartitions { topic, .. } => topic.to_string(),
        AdminRequest::ElectLeaders { partitions, .. } => {
            let names: Vec<_> = partitions.iter().map(ToString::to_string).collect();
            names.join(",")
        }
        AdminRequest::Reassign { tp, .. } => tp.to_string(),
        AdminRequest::AlterConfig { name, key, .. } => format!("{name} {key}"),
        AdminRequest::AlterOffset { group, tp, .. } => format!("{group} {tp}"),
    }
}

/// The API that a request is named after where it is told.
pub(super) const fn api(request: &AdminRequest) -> &'static str {
    match request {
        AdminRequest::CreateTopic { .. } => "CreateTopics",
        AdminRequest::DeleteTopic { .. } => "DeleteTopics",
        AdminRequest::CreatePartitions { .. } => "CreatePartitions",
        AdminRequest::ElectLeaders { .. } => "ElectLeaders",
        AdminRequest::Reassign { .. } => "AlterPartitionReassignments",
        AdminRequest::AlterConfig { .. } => "IncrementalAlterConfigs",
        AdminRequest::AlterOffset { .. } => "OffsetCommit",
    }
}

//! Answers to which several shards contribute, each when it is ready.

use std::sync::Arc;

use kafka_protocol::messages::DeleteGroupsResponse;
use kafka_protocol::messages::delete_groups_response::DeletableGroupResult;
use kafka_protocol::messages::offset_fetch_response::OffsetFetchResponseGroup;

use super::answer;
use crate::fact::Fact;
use crate::ids::{Offset, TopicPartition};
use crate::node::{Interest, Outbox, ReplyTo};
use crate::protocol::{ErrorCode, Request, RequestBody, ResponseBody};

/// What one shard contributes.
#[derive(Clone, Debug)]
pub(super) enum Part {
    /// Groups that were deleted, or not.
    Deleted(Vec<DeletableGroupResult>),
    /// A group's offsets, and its place in the answer.
    Fetched(usize, Box<OffsetFetchResponseGroup>),
}

/// An answer that is not complete.
#[derive(Clone, Debug)]
pub(super) struct Gather {
    pub(super) to: ReplyTo,
    pub(super) request: Arc<Request>,
    /// How many parts are missing.
    pub(super) missing: usize,
    pub(super) parts: Vec<Part>,
}

impl Part {
    /// Tells what a group is answered to have committed, to somebody who asks for stable offsets. Who does
    /// not is answered by the high watermark that the coordinator knows, which may lag behind after it
    /// took over (`CoordinatorLoaderImpl`, `GroupCoordinatorService.fetchOffsets`).
    pub(super) fn tell(&self, request: &Request, out: &mut Outbox) {
        let Self::Fetched(_, fetched) = self else { return };
        let RequestBody::OffsetFetch(request) = &request.body else { return };
        if out.interest < Interest::Everything || !request.require_stable {
            return;
        }
        for topic in &fetched.topics {
            for told in &topic.partitions {
                if told.error_code != ErrorCode::None.code() {
                    continue;
                }
                out.detail(|| Fact::OffsetFetched {
                    group: (**fetched.group_id).into(),
                    tp: TopicPartition::new(&**topic.name, told.partition_index),
                    offset: Offset::from_wire(told.committed_offset),
                });
            }
        }
    }

    /// The same where it could not be written.
    pub(super) fn failed(self, error: ErrorCode, request: &Request) -> Self {
        match self {
            Self::Deleted(groups) => {
                let failed = groups.into_iter().map(|group| group.with_error_code(error.code()));
                Self::Deleted(failed.collect())
            }
            Self::Fetched(place, group) => {
                // Consumers before Kafka 3.9 take the other error for fatal.
                let error = match error {
                    ErrorCode::CoordinatorNotAvailable => ErrorCode::NotCoordinator,
                    other => other,
                };
                let failed = answer::not_fetched(request, group.group_id, error);
                Self::Fetched(place, Box::new(failed))
            }
        }
    }
}

impl Gather {
    /// The answer, once all parts are there.
    pub(super) fn complete(mut self) -> ResponseBody {
        assert_eq!(self.missing, 0, "an answer is sent when it is complete");
        self.parts.sort_by_key(|part| match part {
            Part::Deleted(_) => 0,
            Part::Fetched(place, _) => *place,
        });
        let mut deleted = Vec::new();
        let mut fetched = Vec::new();
        for part in self.parts {
            match part {
                Part::Deleted(groups) => deleted.extend(groups),
                Part::Fetched(_, group) => fetched.push(*group),
            }
        }
        if matches!(self.request.body, RequestBody::OffsetFetch(_)) {
            let response = answer::fetched(fetched, self.request.api_version);
            return ResponseBody::OffsetFetch(Box::new(response));
        }
        let response = DeleteGroupsResponse::default().with_results(deleted);
        ResponseBody::DeleteGroups(Box::new(response))
    }
}

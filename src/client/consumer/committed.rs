//! Asking for committed offsets: where partitions that were just assigned begin.
//!
//! In Kafka: `ConsumerCoordinator.initWithCommittedOffsetsIfNeeded`, `fetchCommittedOffsets`,
//! `ConsumerUtils.refreshCommittedOffsets`; KIP-447 (stable offsets only).

use std::collections::{BTreeMap, BTreeSet};

use kafka_protocol::messages as kafka;
use kafka_protocol::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};

use super::coordinator::{Coordinator, Membership};
use super::discovery::Patience;
use super::exception::Thrown;
use super::partition::FetchPosition;
use super::step::{Step, Tag};
use crate::feature::mutant;
use crate::ids::{LeaderEpoch, Name, Offset, TopicPartition};
use crate::node::Failure;
use crate::protocol::{ErrorCode, RequestBody, ResponseBody, convert};
use crate::sim::Instant;

const OFFSET_FETCH_VERSION: i16 = 9;

/// Committed offsets by partition, with the epochs of the records before them.
type Offsets = BTreeMap<TopicPartition, (Offset, Option<LeaderEpoch>)>;

/// A question about committed offsets, kept from one poll to the next.
#[derive(Clone, Debug)]
struct Question {
    number: u64,
    partitions: BTreeSet<TopicPartition>,
    /// An answer to a member of another generation is of no use.
    membership: Option<Membership>,
    outcome: Option<Result<Offsets, Failed>>,
}

#[derive(Clone, Debug)]
enum Failed {
    Retriable,
    Fatal(Thrown),
}

/// The questions about committed offsets.
#[derive(Clone, Debug, Default)]
pub(super) struct CommittedOffsets {
    last_number: u64,
    question: Option<Question>,
    retry_at: Option<Instant>,
    /// Failures during one call of the application.
    attempts: u32,
}

impl CommittedOffsets {
    /// The application calls anew.
    pub(super) fn begin_call(&mut self) {
        self.attempts = 0;
        self.retry_at = None;
    }

    /// When the next attempt is due.
    pub(super) const fn wake_at(&self) -> Option<Instant> {
        self.retry_at
    }
}

impl Coordinator {
    /// Sets the positions of new partitions to their committed offsets. False if that takes longer.
    pub(super) fn init_with_committed_offsets_if_needed(
        &mut self,
        step: &mut Step,
    ) -> Result<bool, Thrown> {
        let partitions = step.subscriptions.initializing();
        if partitions.is_empty() {
            return Ok(true);
        }
        let membership = self.membership_if_stable().cloned();
        let is_same =
            |asked: &Question| asked.membership == membership && asked.partitions == partitions;
        if self.committed.question.as_ref().is_some_and(|asked| !is_same(asked)) {
            self.committed.question = None;
        }
        loop {
            if self.committed.retry_at.is_some_and(|at| at > step.now()) {
                return Ok(false);
            }
            self.committed.retry_at = None;
            if !self.ensure_ready(Patience::Call, step)? {
                return Ok(false);
            }
            let Some(question) = &mut self.committed.question else {
                self.send_offset_fetch(partitions.clone(), membership.clone(), step);
                continue;
            };
            let Some(outcome) = question.outcome.take() else { return Ok(false) };
            self.committed.question = None;
            match outcome {
                Ok(offsets) => {
                    self.committed.attempts = 0;
                    refresh_committed_offsets(&offsets, step);
                    return Ok(true);
                }
                Err(Failed::Fatal(thrown)) => return Err(thrown),
                Err(Failed::Retriable) => {
                    let wait = self.backoff.after(self.committed.attempts, &mut self.chance);
                    self.committed.attempts += 1;
                    self.committed.retry_at = Some(step.now() + wait);
                }
            }
        }
    }

    fn send_offset_fetch(
        &mut self,
        partitions: BTreeSet<TopicPartition>,
        membership: Option<Membership>,
        step: &mut Step,
    ) {
        self.committed.last_number += 1;
        let number = self.committed.last_number;
        let mut topics: BTreeMap<Name, Vec<i32>> = BTreeMap::new();
        for tp in &partitions {
            topics.entry(tp.topic.clone()).or_default().push(tp.partition.0);
        }
        let topic = |(name, indexes): (Name, Vec<i32>)| {
            OffsetFetchRequestTopics::default()
                .with_name(convert::topic_name(&name))
                .with_partition_indexes(indexes)
        };
        let group = OffsetFetchRequestGroup::default()
            .with_group_id(kafka::GroupId(convert::text(&self.group)))
            .with_topics(Some(topics.into_iter().map(topic).collect()));
        let request =
            kafka::OffsetFetchRequest::default().with_require_stable(true).with_groups(vec![group]);
        let peer = self.peer().expect("the coordinator is known");
        let body = RequestBody::OffsetFetch(Box::new(request));
        step.send(peer, Tag::OffsetFetch(number), OFFSET_FETCH_VERSION, body);
        self.committed.question = Some(Question { number, partitions, membership, outcome: None });
    }

    /// The answer to `OffsetFetch`, or none.
    pub(super) fn on_offset_fetch(
        &mut self,
        number: u64,
        answer: Result<&ResponseBody, Failure>,
        step: &mut Step,
    ) {
        let outcome = match answer {
            Ok(ResponseBody::OffsetFetch(answer)) => self.read_offsets(answer, step),
            Ok(other) => unreachable!("{:?} answers OffsetFetch", other.api()),
            Err(failure) => {
                self.on_no_answer(failure, step);
                Err(Failed::Retriable)
            }
        };
        let question = self.committed.question.as_mut();
        if let Some(question) = question.filter(|question| question.number == number) {
            question.outcome = Some(outcome);
        }
    }

    fn read_offsets(
        &mut self,
        answer: &kafka::OffsetFetchResponse,
        step: &mut Step,
    ) -> Result<Offsets, Failed> {
        let fatal = |name| Err(Failed::Fatal(Thrown::new(name)));
        let Some(group) = answer.groups.first() else { return fatal("KafkaException") };
        let error = ErrorCode::from_code(group.error_code);
        match error {
            ErrorCode::None => {}
            ErrorCode::CoordinatorNotAvailable | ErrorCode::NotCoordinator => {
                self.mark_coordinator_unknown_by(error, step);
                return Err(Failed::Retriable);
            }
            ErrorCode::GroupAuthorizationFailed => return fatal("GroupAuthorizationException"),
            _ if error.is_retriable() => return Err(Failed::Retriable),
            _ => return fatal("KafkaException"),
        }
        let mut offsets = Offsets::new();
        let mut is_unstable = false;
        for topic in &group.topics {
            let name = convert::name(&topic.name.0);
            for told in &topic.partitions {
                let tp = TopicPartition::new(name.clone(), told.partition_index);
                let epoch = LeaderEpoch::from_wire(told.committed_leader_epoch);
                match ErrorCode::from_code(told.error_code) {
                    ErrorCode::None => {
                        if let Some(offset) = Offset::from_wire(told.committed_offset) {
                            offsets.insert(tp, (offset, epoch));
                        }
                    }
                    // A commit is being replicated, or belongs to a transaction.
                    ErrorCode::UnstableOffsetCommit => is_unstable = true,
                    ErrorCode::TopicAuthorizationFailed => {
                        return fatal("TopicAuthorizationException");
                    }
                    _ => return fatal("KafkaException"),
                }
            }
        }
        if is_unstable { Err(Failed::Retriable) } else { Ok(offsets) }
    }
}

fn refresh_committed_offsets(offsets: &Offsets, step: &mut Step) {
    for (tp, (offset, epoch)) in offsets {
        if mutant!(step.out, CommittedOffsetsIgnored) {
            continue;
        }
        if let Some(epoch) = epoch {
            step.client.metadata_mut().update_last_seen_epoch(tp, *epoch);
        }
        let leader = step.current_leader(tp);
        if let Some(state) = step.subscriptions.get_mut(tp) {
            state.committed = Some(*offset);
            let offset_epoch = epoch.filter(|_| step.personality.validates_positions);
            let position = FetchPosition { offset: *offset, offset_epoch, leader };
            state.seek_unvalidated(position);
        }
    }
}

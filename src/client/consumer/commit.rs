//! Committing positions: by themselves every few seconds, when the application says so, before a
//! rebalance, and at the end.
//!
//! In Kafka: `ConsumerCoordinator.commitOffsetsSync`, `commitOffsetsAsync`,
//! `maybeAutoCommitOffsetsAsync`, `OffsetCommitResponseHandler`. Left out: metadata of commits.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use kafka_protocol::messages as kafka;
use kafka_protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};

use super::coordinator::{Coordinator, MemberState, Membership};
use super::discovery::Patience;
use super::exception::Thrown;
use super::rebalance::RebalanceProtocol;
use super::step::{Step, Tag};
use crate::fact::Fact;
use crate::feature::mutant;
use crate::ids::{LeaderEpoch, Name, Offset, TopicPartition};
use crate::node::Failure;
use crate::protocol::{ErrorCode, RequestBody, ResponseBody, convert};
use crate::sim::{Duration, Instant};

const OFFSET_COMMIT_VERSION: i16 = 9;

/// Positions to commit: offsets, and the epochs of the records before them.
pub(super) type Offsets = Vec<(TopicPartition, Offset, Option<LeaderEpoch>)>;

/// Who wanted a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CommitKind {
    /// `enable.auto.commit`.
    Auto,
    /// `commitAsync`.
    Async,
    /// `commitSync`, or the last commit before closing.
    Sync,
}

/// How bad it is that a commit failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Severity {
    /// Another attempt may succeed.
    Retriable,
    /// This commit is lost: `CommitFailedException`, `RebalanceInProgressException` and others.
    Final,
    /// Another member has this one's `group.instance.id`.
    Fenced,
}

/// Why a commit failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CommitFailure {
    error: ErrorCode,
    severity: Severity,
}

impl CommitFailure {
    const fn retriable(error: ErrorCode) -> Self {
        Self { error, severity: Severity::Retriable }
    }

    const fn last(error: ErrorCode) -> Self {
        Self { error, severity: Severity::Final }
    }

    fn is_retriable(self) -> bool {
        self.severity == Severity::Retriable
    }

    /// True if the application cannot go on.
    pub(super) fn is_fenced(self) -> bool {
        self.severity == Severity::Fenced
    }
}

type Outcome = Result<(), CommitFailure>;

/// What was sent with an `OffsetCommit` request.
#[derive(Clone, Debug)]
pub(super) struct SentCommit {
    number: u64,
    kind: CommitKind,
    offsets: Offsets,
    membership: Membership,
}

/// A commit that somebody waits for.
#[derive(Clone, Copy, Debug)]
pub(super) struct CommitFuture {
    number: u64,
    outcome: Option<Outcome>,
}

/// A `commitSync` that is under way.
#[derive(Clone, Debug)]
struct SyncCommit {
    offsets: Offsets,
    deadline: Instant,
    future: Option<CommitFuture>,
    /// No further attempt before.
    retry_at: Option<Instant>,
    attempts: u32,
}

/// The commits of a consumer.
#[derive(Clone, Debug)]
pub(super) struct Commits {
    next_auto_commit: Instant,
    last_number: u64,
    in_flight_async: u32,
    /// Asynchronous commits that wait until the coordinator is found.
    awaiting_lookup: Vec<(CommitKind, Offsets)>,
    /// Callbacks to call at the next poll.
    completed: VecDeque<(CommitKind, Outcome)>,
    /// Another member has this one's `group.instance.id`.
    fenced: bool,
    before_rebalance: Option<CommitFuture>,
    sync: Option<SyncCommit>,
}

impl Commits {
    pub(super) fn new(next_auto_commit: Instant) -> Self {
        Self {
            next_auto_commit,
            last_number: 0,
            in_flight_async: 0,
            awaiting_lookup: Vec::new(),
            completed: VecDeque::new(),
            fenced: false,
            before_rebalance: None,
            sync: None,
        }
    }

    /// When positions are committed by themselves next.
    pub(super) const fn next_auto_commit(&self) -> Instant {
        self.next_auto_commit
    }

    pub(super) fn restart_auto_commit(&mut self, step: &Step) {
        self.next_auto_commit = step.now() + step.config.auto_commit_interval;
    }

    /// When a `commitSync` tries again, or gives up.
    pub(super) fn sync_wake_at(&self) -> Option<Instant> {
        let sync = self.sync.as_ref()?;
        Some(sync.retry_at.map_or(sync.deadline, |retry| retry.min(sync.deadline)))
    }

    /// Nobody waits for `commitSync` any more.
    pub(super) fn abandon_sync(&mut self) {
        self.sync = None;
    }

    /// True while asynchronous commits wait for a coordinator.
    pub(super) fn awaits_lookup(&self) -> bool {
        !self.awaiting_lookup.is_empty()
    }
}

/// What there is to commit: all positions that are known to be good, what was marked, or what a pool of handlers
/// is done with since it was last asked.
pub(super) fn all_consumed(step: &mut Step) -> Offsets {
    if step.personality.has_pool() {
        let stash = step.subscriptions.take_stash();
        return stash.into_iter().map(|(tp, offset)| (tp, offset, None)).collect();
    }
    let partitions = step.subscriptions.partitions().iter();
    let consumed = partitions.filter_map(|(tp, state)| {
        if step.personality.has_workers() {
            return Some((tp.clone(), state.uncommitted_mark()?, None));
        }
        let position = state.valid_position()?;
        let ahead = if mutant!(step.out, CommitsTooFar) { 1_000_000 } else { 0 };
        Some((tp.clone(), position.offset.plus(ahead), position.offset_epoch))
    });
    consumed.collect()
}

impl Coordinator {
    // ---- by themselves ----

    /// Commits if `auto.commit.interval.ms` has passed.
    pub(super) fn maybe_auto_commit_async(&mut self, step: &mut Step) -> Result<(), Thrown> {
        if step.config.enable_auto_commit && self.commits.next_auto_commit <= step.now() {
            self.commits.restart_auto_commit(step);
            self.commit_async(CommitKind::Auto, step)?;
        }
        Ok(())
    }

    /// Commits before the assignment changes. False if the answer is still to come: until then, an
    /// eager member hands out no more records.
    pub(super) fn commit_before_rebalance(&mut self, step: &mut Step) -> Result<bool, Thrown> {
        let now = step.now();
        let deadline =
            *self.join_prepare_deadline.get_or_insert(now + step.config.max_poll_interval);
        if step.config.enable_auto_commit && self.commits.before_rebalance.is_none() {
            if self.protocol == RebalanceProtocol::Eager {
                for (_, state) in step.subscriptions.iter_mut() {
                    state.mark_pending_revocation();
                }
            }
            self.commits.before_rebalance = self.commit_async(CommitKind::Auto, step)?;
        }
        let Some(future) = self.commits.before_rebalance else { return Ok(true) };
        if future.outcome.is_some() {
            self.commits.before_rebalance = None;
        }
        if deadline <= now {
            // Better to join without than to be taken for dead.
            return Ok(true);
        }
        let is_done = match future.outcome {
            None => false,
            Some(Err(failure)) => !failure.is_retriable(),
            Some(Ok(())) => true,
        };
        Ok(is_done)
    }

    pub(super) fn end_commit_before_rebalance(&mut self) {
        self.join_prepare_deadline = None;
        self.commits.before_rebalance = None;
    }

    // ---- commitAsync ----

    /// Commits all positions without waiting; none if the coordinator is to be found first.
    pub(super) fn commit_async(
        &mut self,
        kind: CommitKind,
        step: &mut Step,
    ) -> Result<Option<CommitFuture>, Thrown> {
        self.invoke_completed_commits(step)?;
        let offsets = all_consumed(step);
        if offsets.is_empty() || self.ensure_ready(Patience::None, step)? {
            return Ok(Some(self.do_commit_async(kind, offsets, step)));
        }
        self.commits.awaiting_lookup.push((kind, offsets));
        self.lookup_coordinator(step);
        Ok(None)
    }

    fn do_commit_async(
        &mut self,
        kind: CommitKind,
        offsets: Offsets,
        step: &mut Step,
    ) -> CommitFuture {
        let kept = step.personality.has_pool().then(|| offsets.clone());
        let future = self.send_offset_commit(kind, offsets, step);
        self.commits.in_flight_async += 1;
        if let Some(outcome) = future.outcome {
            if outcome.is_err() {
                give_back(kept.iter().flatten(), step);
            }
            self.complete_async(kind, outcome);
        }
        future
    }

    fn complete_async(&mut self, kind: CommitKind, outcome: Outcome) {
        self.commits.in_flight_async -= 1;
        if outcome.is_err_and(CommitFailure::is_fenced) {
            self.commits.fenced = true;
        }
        self.commits.completed.push_back((kind, outcome));
    }

    /// The search for the coordinator ended, perhaps with `error`.
    pub(super) fn on_lookup_completed(&mut self, error: Option<ErrorCode>, step: &mut Step) {
        for (kind, offsets) in std::mem::take(&mut self.commits.awaiting_lookup) {
            match error {
                None => {
                    self.do_commit_async(kind, offsets, step);
                }
                Some(error) => {
                    let failure = CommitFailure::retriable(error);
                    self.commits.completed.push_back((kind, Err(failure)));
                }
            }
        }
    }

    /// Calls the callbacks of asynchronous commits.
    pub(super) fn invoke_completed_commits(&mut self, step: &mut Step) -> Result<(), Thrown> {
        if self.commits.fenced {
            return Err(Thrown::of(ErrorCode::FencedInstanceId));
        }
        while let Some((kind, outcome)) = self.commits.completed.pop_front() {
            let Err(failure) = outcome else { continue };
            self.tell_failure(failure, step);
            if kind == CommitKind::Auto && failure.is_retriable() {
                self.commits.next_auto_commit = step.now() + step.config.retry_backoff;
            }
        }
        Ok(())
    }

    fn tell_failure(&self, failure: CommitFailure, step: &mut Step) {
        step.out.fact(|| Fact::CommitFailed { group: self.group.clone(), error: failure.error });
    }

    // ---- commitSync ----

    /// Begins to commit all positions; the caller waits at most `timeout`.
    pub(super) fn begin_commit_sync(&mut self, timeout: Duration, step: &mut Step) {
        let offsets = all_consumed(step);
        let deadline = step.now() + timeout;
        self.commits.sync =
            Some(SyncCommit { offsets, deadline, future: None, retry_at: None, attempts: 0 });
    }

    /// Goes on with `commitSync`; none while it waits.
    pub(super) fn drive_commit_sync(&mut self, step: &mut Step) -> Result<Option<Outcome>, Thrown> {
        let outcome = self.try_commit_sync(step)?;
        if let Some(outcome) = outcome {
            self.commits.sync = None;
            if let Err(failure) = outcome {
                self.tell_failure(failure, step);
            }
        }
        Ok(outcome)
    }

    fn try_commit_sync(&mut self, step: &mut Step) -> Result<Option<Outcome>, Thrown> {
        self.invoke_completed_commits(step)?;
        let now = step.now();
        loop {
            let sync = self.commits.sync.as_mut().expect("a commitSync was begun");
            if sync.offsets.is_empty() && self.commits.in_flight_async == 0 {
                return Ok(Some(Ok(())));
            }
            if sync.deadline <= now {
                return Ok(Some(Err(CommitFailure::last(ErrorCode::RequestTimedOut))));
            }
            if sync.offsets.is_empty() || sync.retry_at.is_some_and(|at| at > now) {
                return Ok(None);
            }
            sync.retry_at = None;
            let Some(future) = sync.future else {
                let offsets = sync.offsets.clone();
                if !self.ensure_ready(Patience::Call, step)? {
                    return Ok(None);
                }
                let future = self.send_offset_commit(CommitKind::Sync, offsets, step);
                let sync = self.commits.sync.as_mut().expect("a commitSync was begun");
                sync.future = Some(future);
                continue;
            };
            match future.outcome {
                None => return Ok(None),
                Some(Err(failure)) if failure.is_retriable() => {
                    sync.future = None;
                    let wait = self.backoff.after(sync.attempts, &mut self.chance);
                    sync.attempts += 1;
                    sync.retry_at = Some(now + wait);
                }
                done => return Ok(done),
            }
        }
    }

    // ---- the request ----

    fn send_offset_commit(
        &mut self,
        kind: CommitKind,
        offsets: Offsets,
        step: &mut Step,
    ) -> CommitFuture {
        self.commits.last_number += 1;
        let number = self.commits.last_number;
        let done = |outcome| CommitFuture { number, outcome: Some(outcome) };
        if offsets.is_empty() {
            return done(Ok(()));
        }
        let unknown = self.coordinator_unknown(step);
        let Some(peer) = self.peer().filter(|_| !unknown) else {
            return done(Err(CommitFailure::retriable(ErrorCode::CoordinatorNotAvailable)));
        };
        let mut instance = None;
        let membership = if step.subscriptions.has_auto_assigned_partitions() {
            let Some(membership) = self.membership_if_stable() else {
                let error = if self.rebalance_in_progress() {
                    ErrorCode::RebalanceInProgress
                } else {
                    ErrorCode::UnknownMemberId
                };
                return done(Err(CommitFailure::last(error)));
            };
            instance = step.config.group_instance_id.as_deref().map(convert::text);
            membership.clone()
        } else {
            Membership::none()
        };
        let request = kafka::OffsetCommitRequest::default()
            .with_group_id(kafka::GroupId(convert::text(&self.group)))
            .with_generation_id_or_member_epoch(membership.generation_id())
            .with_member_id(convert::text(&membership.member_id))
            .with_group_instance_id(instance)
            .with_topics(by_topic(&offsets));
        let tag = Tag::OffsetCommit(Arc::new(SentCommit { number, kind, offsets, membership }));
        let body = RequestBody::OffsetCommit(Box::new(request));
        step.send(peer, tag, OFFSET_COMMIT_VERSION, body);
        CommitFuture { number, outcome: None }
    }

    /// The answer to `OffsetCommit`, or none.
    pub(super) fn on_offset_commit(
        &mut self,
        sent: &SentCommit,
        answer: Result<&ResponseBody, Failure>,
        step: &mut Step,
    ) {
        let outcome = match answer {
            Ok(ResponseBody::OffsetCommit(answer)) => {
                let partitions = answer.topics.iter().flat_map(|topic| &topic.partitions);
                let errors = partitions.map(|told| ErrorCode::from_code(told.error_code));
                match errors.into_iter().find(|error| !error.is_none()) {
                    None => Ok(()),
                    Some(error) => Err(self.on_commit_error(sent, error, step)),
                }
            }
            Ok(other) => unreachable!("{:?} answers OffsetCommit", other.api()),
            Err(failure) => {
                self.on_no_answer(failure, step);
                Err(CommitFailure::retriable(ErrorCode::NetworkException))
            }
        };
        if outcome.is_ok() {
            for (tp, offset, _) in &sent.offsets {
                if let Some(state) = step.subscriptions.get_mut(tp) {
                    state.committed = Some(*offset);
                }
            }
        }
        if sent.kind != CommitKind::Sync {
            let before_rebalance = self.commits.before_rebalance;
            let ends_generation = before_rebalance.is_some_and(|one| one.number == sent.number);
            if outcome.is_err() && step.personality.has_pool() && !ends_generation {
                give_back(&sent.offsets, step);
            }
            self.complete_async(sent.kind, outcome);
        }
        let sync = self.commits.sync.as_mut().and_then(|sync| sync.future.as_mut());
        let waiting = self.commits.before_rebalance.as_mut().into_iter().chain(sync);
        for future in waiting.filter(|future| future.number == sent.number) {
            future.outcome = Some(outcome);
        }
    }

    fn on_commit_error(
        &mut self,
        sent: &SentCommit,
        error: ErrorCode,
        step: &mut Step,
    ) -> CommitFailure {
        let is_current = self.membership == sent.membership;
        let is_joining = self.state == MemberState::PreparingRebalance;
        match error {
            ErrorCode::CoordinatorLoadInProgress | ErrorCode::UnknownTopicOrPartition => {
                CommitFailure::retriable(error)
            }
            ErrorCode::CoordinatorNotAvailable
            | ErrorCode::NotCoordinator
            | ErrorCode::RequestTimedOut => {
                self.mark_coordinator_unknown_by(error, step);
                CommitFailure::retriable(error)
            }
            ErrorCode::RebalanceInProgress => {
                self.request_rejoin("offset commit failed since group is already rebalancing");
                CommitFailure::last(error)
            }
            ErrorCode::FencedInstanceId if is_current => {
                CommitFailure { error, severity: Severity::Fenced }
            }
            // The member takes part in the next rebalance already: its old generation is no loss.
            ErrorCode::FencedInstanceId
            | ErrorCode::UnknownMemberId
            | ErrorCode::IllegalGeneration
                if !is_current && is_joining =>
            {
                CommitFailure::last(ErrorCode::RebalanceInProgress)
            }
            ErrorCode::UnknownMemberId | ErrorCode::IllegalGeneration => {
                self.reset_on_error("OFFSET_COMMIT", error);
                CommitFailure::last(error)
            }
            _ => CommitFailure::last(error),
        }
    }
}

/// A commit of what a pool is done with failed: the next one has it as well.
fn give_back<'a>(
    offsets: impl IntoIterator<Item = &'a (TopicPartition, Offset, Option<LeaderEpoch>)>,
    step: &mut Step,
) {
    for (tp, offset, _) in offsets {
        step.subscriptions.merge_commit(tp.clone(), *offset);
    }
}

fn by_topic(offsets: &Offsets) -> Vec<OffsetCommitRequestTopic> {
    let mut topics: BTreeMap<Name, Vec<OffsetCommitRequestPartition>> = BTreeMap::new();
    for (tp, offset, epoch) in offsets {
        let partition = OffsetCommitRequestPartition::default()
            .with_partition_index(tp.partition.0)
            .with_committed_offset(offset.0 as i64)
            .with_committed_leader_epoch(LeaderEpoch::to_wire(*epoch))
            .with_committed_metadata(Some(convert::text("")));
        topics.entry(tp.topic.clone()).or_default().push(partition);
    }
    let topic = |(name, partitions): (Name, _)| {
        OffsetCommitRequestTopic::default()
            .with_name(convert::topic_name(&name))
            .with_partitions(partitions)
    };
    topics.into_iter().map(topic).collect()
}

//! The consumer's place in its group, and its turn in every poll.
//!
//! In Kafka: `AbstractCoordinator`, `ConsumerCoordinator` (the classic group protocol). What it does
//! is told in the order of a member's life: [`super::discovery`], [`super::join`],
//! [`super::rebalance`], [`super::heartbeat`], [`super::commit`], [`super::committed`].

use std::collections::BTreeSet;
use std::fmt;

use super::commit::Commits;
use super::committed::CommittedOffsets;
use super::discovery::{Discovery, Patience};
use super::exception::Thrown;
use super::heartbeat::Heartbeat;
use super::join::Join;
use super::metadata_snapshot::MetadataSnapshot;
use super::rebalance::RebalanceProtocol;
use super::step::Step;
use crate::config::{Assignor, ConsumerConfig};
use crate::ids::{BrokerId, Generation, Name, TopicPartition};
use crate::node::Backoff;
use crate::protocol::ErrorCode;
use crate::sim::Instant;
use crate::sim::rng::Stream;

/// Where a member is on its way into the group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum MemberState {
    /// Not a member.
    #[default]
    Unjoined,
    /// `JoinGroup` was sent.
    PreparingRebalance,
    /// `JoinGroup` was answered; the assignment is still to come.
    CompletingRebalance,
    /// A member with an assignment.
    Stable,
}

impl MemberState {
    /// True before `JoinGroup` was answered: there are no heartbeats.
    pub(super) const fn has_not_joined(self) -> bool {
        matches!(self, Self::Unjoined | Self::PreparingRebalance)
    }
}

/// What the group knows the member by (`AbstractCoordinator.Generation`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Membership {
    pub(super) generation: Option<Generation>,
    /// Empty before the coordinator gave one.
    pub(super) member_id: Name,
    /// The assignor that all members know.
    pub(super) protocol: Option<Name>,
}

impl Membership {
    /// `NO_GENERATION`.
    pub(super) fn none() -> Self {
        Self { generation: None, member_id: "".into(), protocol: None }
    }

    pub(super) fn has_member_id(&self) -> bool {
        !self.member_id.is_empty()
    }

    /// The member id may be left.
    pub(super) fn is_reset(&self) -> bool {
        self.generation.is_none() && self.protocol.is_none()
    }

    pub(super) fn generation_id(&self) -> i32 {
        self.generation.map_or(-1, |generation| generation.0)
    }
}

/// As Kafka's log, and its reasons for rejoining, write it.
impl fmt::Display for Membership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (generation, member_id) = (self.generation_id(), &self.member_id);
        let protocol = self.protocol.as_deref().unwrap_or("null");
        write!(
            f,
            "Generation{{generationId={generation}, memberId='{member_id}', protocol='{protocol}'}}"
        )
    }
}

/// How a call of the coordinator ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// It did all it had to.
    Done,
    /// A rebalance is under way: there is nothing to do about positions, but records may be handed
    /// out meanwhile.
    NotYet,
    /// It waits, at most until the end of the application's call.
    Blocked,
    /// It waits, however long it takes.
    Stuck,
}

/// A consumer's place in its group.
#[derive(Clone, Debug)]
pub(super) struct Coordinator {
    pub(super) group: Name,
    pub(super) assignors: Vec<Assignor>,
    pub(super) protocol: RebalanceProtocol,
    /// The coordinator, while it is known.
    pub(super) node: Option<BrokerId>,
    pub(super) discovery: Discovery,
    pub(super) state: MemberState,
    pub(super) membership: Membership,
    pub(super) rejoin_reason: Name,
    pub(super) rejoin_needed: bool,
    pub(super) needs_join_prepare: bool,
    pub(super) join: Join,
    /// No attempt to join before.
    pub(super) join_not_before: Instant,
    pub(super) heartbeat: Heartbeat,
    pub(super) is_leader: bool,
    pub(super) joined_subscription: Option<BTreeSet<Name>>,
    pub(super) metadata_snapshot: MetadataSnapshot,
    /// What the assignment was computed from, on the group's leader.
    pub(super) assignment_snapshot: Option<MetadataSnapshot>,
    /// The generation that callbacks see.
    pub(super) callback_generation: Option<Generation>,
    /// What the sticky assignors keep: the last assignment and its generation.
    pub(super) last_assignment: Option<(Vec<TopicPartition>, Generation)>,
    /// Until when a commit before a rebalance may take.
    pub(super) join_prepare_deadline: Option<Instant>,
    pub(super) commits: Commits,
    pub(super) committed: CommittedOffsets,
    pub(super) chance: Stream,
    pub(super) backoff: Backoff,
}

impl Coordinator {
    /// A consumer of `group` that is not a member yet.
    pub(super) fn new(group: Name, config: &ConsumerConfig, now: Instant, chance: Stream) -> Self {
        let assignors = config.partition_assignment_strategy.clone();
        Self {
            group,
            protocol: RebalanceProtocol::of(&assignors),
            assignors,
            node: None,
            discovery: Discovery::default(),
            state: MemberState::default(),
            membership: Membership::none(),
            rejoin_reason: "".into(),
            rejoin_needed: true,
            needs_join_prepare: true,
            join: Join::None,
            join_not_before: Instant::ZERO,
            heartbeat: Heartbeat::new(config, now),
            is_leader: false,
            joined_subscription: None,
            metadata_snapshot: MetadataSnapshot::default(),
            assignment_snapshot: None,
            callback_generation: None,
            last_assignment: None,
            join_prepare_deadline: None,
            commits: Commits::new(now + config.auto_commit_interval),
            committed: CommittedOffsets::default(),
            chance,
            backoff: Backoff::new(config.retry_backoff, config.retry_backoff_max),
        }
    }

    /// What the group needs before records are handed out: a coordinator, membership, commits.
    pub(super) fn poll(&mut self, step: &mut Step) -> Result<Progress, Thrown> {
        if !self.await_metadata_of_group(step) {
            return Ok(Progress::Stuck);
        }
        self.maybe_update_subscription_metadata(step);
        self.invoke_completed_commits(step)?;
        if step.subscriptions.has_auto_assigned_partitions() {
            self.poll_heartbeat(step)?;
            if !self.ensure_ready(Patience::Call, step)? {
                return Ok(Progress::Blocked);
            }
            if self.rejoin_needed_or_pending(step) && !self.ensure_active_group(step)? {
                return Ok(Progress::NotYet);
            }
        } else if self.commits.awaits_lookup() {
            self.lookup_coordinator(step);
        }
        self.maybe_auto_commit_async(step)?;
        Ok(Progress::Done)
    }

    /// The application calls anew: it waits from the beginning.
    pub(super) fn begin_call(&mut self, step: &mut Step) {
        self.begin_discovery(step);
        self.committed.begin_call();
    }

    /// When a wait of the application's call ends by itself.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        self.discovery.wake_at().or(self.committed.wake_at())
    }

    // ---- membership ----

    /// True if the member has to join, or is at it.
    pub(super) fn rejoin_needed_or_pending(&mut self, step: &Step) -> bool {
        if !step.subscriptions.has_auto_assigned_partitions() {
            return false;
        }
        let metadata = &self.metadata_snapshot;
        if step.personality.watches_partitions
            && self.assignment_snapshot.as_ref().is_some_and(|assigned| !assigned.matches(metadata))
        {
            self.request_rejoin_if_necessary("cached metadata has changed");
            return true;
        }
        let subscription = step.subscriptions.topics();
        if self.joined_subscription.as_ref().is_some_and(|joined| joined != subscription) {
            self.request_rejoin_if_necessary("subscription has changed");
            return true;
        }
        self.rejoin_needed || !matches!(self.join, Join::None)
    }

    /// True while a request to join is on its way.
    pub(super) fn is_joining(&self) -> bool {
        !matches!(self.join, Join::None)
    }

    fn request_rejoin_if_necessary(&mut self, reason: &str) {
        if !self.rejoin_needed {
            self.request_rejoin(reason);
        }
    }

    pub(super) fn request_rejoin(&mut self, reason: impl Into<Name>) {
        self.rejoin_reason = reason.into();
        self.rejoin_needed = true;
    }

    /// The group does not know the member any more, or not by that generation.
    pub(super) fn reset_on_error(&mut self, api: &str, error: ErrorCode) {
        let reason = format!("encountered {} from {api} response", error.name());
        // With an illegal generation the member id is still good: the group need not wait for the
        // old one to leave.
        self.reset_and_rejoin(reason, error != ErrorCode::IllegalGeneration);
    }

    pub(super) fn reset_and_rejoin(&mut self, reason: impl Into<Name>, forget_member_id: bool) {
        self.state = MemberState::Unjoined;
        let member_id =
            if forget_member_id { "".into() } else { self.membership.member_id.clone() };
        self.membership = Membership { member_id, ..Membership::none() };
        self.request_rejoin(reason);
        self.needs_join_prepare = true;
    }

    /// The membership while the group is stable.
    pub(super) fn membership_if_stable(&self) -> Option<&Membership> {
        (self.state == MemberState::Stable).then_some(&self.membership)
    }

    pub(super) const fn rebalance_in_progress(&self) -> bool {
        matches!(self.state, MemberState::PreparingRebalance | MemberState::CompletingRebalance)
    }

    /// Takes note of newer metadata: its topics decide whether the group's leader rejoins.
    pub(super) fn maybe_update_subscription_metadata(&mut self, step: &Step) {
        if step.client.metadata().update_version() > self.metadata_snapshot.version {
            self.metadata_snapshot = MetadataSnapshot::take(step);
        }
    }
}

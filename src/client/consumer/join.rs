//! Joining the group: `JoinGroup`, on the leader the assignment, `SyncGroup`; and leaving it.
//!
//! In Kafka: `AbstractCoordinator.joinGroupIfNeeded` and its response handlers,
//! `ConsumerCoordinator.onLeaderElected`; KIP-62, KIP-345 (static members), KIP-394 (member ids),
//! KIP-800 (reasons), KIP-814 (a static leader that comes back).

use std::collections::BTreeSet;

use bytes::Bytes;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::sync_group_request::SyncGroupRequestAssignment;

use super::coordinator::{Coordinator, MemberState, Membership};
use super::discovery::Patience;
use super::exception::{Thrown, exception_of};
use super::metadata_snapshot::topic_of;
use super::personality::Balancers;
use super::step::{Step, Tag};
use crate::assignor::{self, AssignorFailure, Member, kafka_go};
use crate::fact::Fact;
use crate::feature::mutant;
use crate::ids::{Generation, Name};
use crate::node::Failure;
use crate::protocol::consumer_protocol::{Assignment, NEWEST_VERSION, PROTOCOL_TYPE, Subscription};
use crate::protocol::{ErrorCode, RequestBody, ResponseBody, convert};
use crate::sim::Duration;

const JOIN_GROUP_VERSION: i16 = 9;
const SYNC_GROUP_VERSION: i16 = 5;
const LEAVE_GROUP_VERSION: i16 = 5;
/// How much longer than the rebalance timeout a member waits for the answer to `JoinGroup`.
const JOIN_GROUP_TIMEOUT_LAPSE: Duration = Duration::from_secs(5);
/// Reasons are cut to so many bytes.
const REASON_LEN_MAX: usize = 255;

/// An attempt to join (`joinFuture`): it ends with an assignment or a failure, and is looked at
/// when the application polls.
#[derive(Clone, Debug)]
pub(super) enum Join {
    /// There is none.
    None,
    /// A request is on its way.
    Asked,
    /// The leader waits for metadata of the group's topics newer than this version; then it
    /// answers to what it was told.
    AwaitingMetadata { version: u64, told: Box<kafka::JoinGroupResponse> },
    /// The group's leader has divided the partitions.
    Assigned(Bytes),
    /// It came to nothing.
    Failed(JoinFailure),
}

/// Why an attempt to join came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JoinFailure {
    /// The coordinator says so.
    Error(ErrorCode),
    /// There was no answer.
    Disconnected,
    /// The member left before the answer came.
    Unjoined,
    /// The assignor threw.
    Assignor(AssignorFailure),
    /// The coordinator chose an assignor that the member does not have.
    UnknownAssignor,
    /// A member's subscription cannot be read.
    Malformed,
}

impl JoinFailure {
    /// The simple name of Java's exception.
    pub(super) fn exception(self) -> String {
        match self {
            Self::Error(error) if is_expected(error) => exception_of(error),
            Self::Error(_) => "KafkaException".to_owned(),
            Self::Disconnected => "DisconnectException".to_owned(),
            Self::Unjoined => "UnjoinedGroupException".to_owned(),
            Self::Assignor(AssignorFailure::NullPointer) => "NullPointerException".to_owned(),
            Self::Assignor(_) | Self::UnknownAssignor => "IllegalStateException".to_owned(),
            Self::Malformed => "SchemaException".to_owned(),
        }
    }

    fn is_retriable(self) -> bool {
        match self {
            Self::Error(error) => error.is_retriable(),
            Self::Disconnected | Self::Unjoined => true,
            Self::Assignor(_) | Self::UnknownAssignor | Self::Malformed => false,
        }
    }

    fn is_one_of(self, errors: &[ErrorCode]) -> bool {
        matches!(self, Self::Error(error) if errors.contains(&error))
    }
}

/// The errors that `JoinGroup` and `SyncGroup` are known to answer.
fn is_expected(error: ErrorCode) -> bool {
    matches!(
        error,
        ErrorCode::CoordinatorLoadInProgress
            | ErrorCode::CoordinatorNotAvailable
            | ErrorCode::NotCoordinator
            | ErrorCode::UnknownMemberId
            | ErrorCode::IllegalGeneration
            | ErrorCode::RebalanceInProgress
            | ErrorCode::MemberIdRequired
            | ErrorCode::FencedInstanceId
            | ErrorCode::InconsistentGroupProtocol
            | ErrorCode::InvalidSessionTimeout
            | ErrorCode::InvalidGroupId
            | ErrorCode::GroupAuthorizationFailed
            | ErrorCode::GroupMaxSizeReached
            | ErrorCode::UnsupportedVersion
    )
}

impl Coordinator {
    /// Makes the consumer an active member. False if that takes longer.
    pub(super) fn ensure_active_group(&mut self, step: &mut Step) -> Result<bool, Thrown> {
        if !self.ensure_ready(Patience::None, step)? {
            return Ok(false);
        }
        self.heartbeat.start_thread();
        if self.join_not_before > step.now() {
            return Ok(false);
        }
        while self.rejoin_needed_or_pending(step) {
            if !self.ensure_ready(Patience::None, step)? {
                return Ok(false);
            }
            if self.needs_join_prepare {
                self.needs_join_prepare = false;
                if !self.on_join_prepare(step)? {
                    self.needs_join_prepare = true;
                    return Ok(false);
                }
            }
            self.initiate_join(step);
            match &self.join {
                Join::None | Join::Asked | Join::AwaitingMetadata { .. } => return Ok(false),
                Join::Assigned(assignment) => {
                    let assignment = assignment.clone();
                    self.complete_join(&assignment, step)?;
                }
                Join::Failed(failure) => {
                    let failure = *failure;
                    self.join = Join::None;
                    if failure != JoinFailure::Error(ErrorCode::MemberIdRequired) {
                        let exception = failure.exception();
                        self.request_rejoin(format!("rebalance failed due to {exception}"));
                    }
                    if failure.is_one_of(step.personality.joins_at_once) {
                        continue;
                    }
                    if let Some(backoff) = step.personality.join_backoff {
                        self.join_not_before = step.now() + backoff;
                        return Ok(false);
                    }
                    if !failure.is_retriable() {
                        return Err(Thrown(failure.exception().into()));
                    }
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn complete_join(&mut self, assignment: &Bytes, step: &mut Step) -> Result<(), Thrown> {
        if self.membership.is_reset() || self.state != MemberState::Stable {
            // A heartbeat was refused between the answer and this poll.
            let state: &str = self.state.into();
            let reason = format!(
                "rebalance failed since the generation/state was modified by heartbeat thread to \
                 {}/{state} before the rebalance callback triggered",
                self.membership
            );
            self.reset_and_rejoin(reason, true);
            self.join = Join::None;
            return Ok(());
        }
        self.on_join_complete(assignment, step)?;
        self.join = Join::None;
        self.needs_join_prepare = true;
        Ok(())
    }

    fn initiate_join(&mut self, step: &mut Step) {
        if !matches!(self.join, Join::None) {
            return;
        }
        self.state = MemberState::PreparingRebalance;
        let Some(peer) = self.peer() else {
            let failure = JoinFailure::Error(ErrorCode::CoordinatorNotAvailable);
            self.join = Join::Failed(failure);
            return;
        };
        let config = step.config;
        let millis = |span: Duration| span.as_millis() as i32;
        let protocols = self.protocols(step).into_iter().map(|(name, metadata)| {
            JoinGroupRequestProtocol::default()
                .with_name(convert::text(name))
                .with_metadata(metadata)
        });
        let request = kafka::JoinGroupRequest::default()
            .with_group_id(kafka::GroupId(convert::text(&self.group)))
            .with_session_timeout_ms(millis(config.session_timeout))
            .with_rebalance_timeout_ms(millis(config.max_poll_interval))
            .with_member_id(convert::text(&self.membership.member_id))
            .with_group_instance_id(config.group_instance_id.as_deref().map(convert::text))
            .with_protocol_type(convert::text(PROTOCOL_TYPE))
            .with_protocols(protocols.collect())
            .with_reason(Some(convert::text(truncated(&self.rejoin_reason))));
        let (group, reason) = (&self.group, &self.rejoin_reason);
        step.out.fact(|| Fact::JoinSent { group: group.clone(), reason: reason.clone() });
        let timeout =
            config.request_timeout.max(config.max_poll_interval + JOIN_GROUP_TIMEOUT_LAPSE);
        let tag = Tag::JoinGroup(self.membership.clone());
        let body = RequestBody::JoinGroup(Box::new(request));
        step.send_within(peer, tag, JOIN_GROUP_VERSION, body, timeout);
        self.join = Join::Asked;
    }

    /// The answer to `JoinGroup`, or none.
    pub(super) fn on_join_group(
        &mut self,
        sent: &Membership,
        answer: Result<&ResponseBody, Failure>,
        step: &mut Step,
    ) {
        let answer = match answer {
            Ok(ResponseBody::JoinGroup(answer)) => answer,
            Ok(other) => unreachable!("{:?} answers JoinGroup", other.api()),
            Err(failure) => {
                self.on_no_answer(failure, step);
                return self.fail_join(JoinFailure::Disconnected);
            }
        };
        let error = ErrorCode::from_code(answer.error_code);
        match error {
            ErrorCode::None => return self.on_joined(answer, step),
            ErrorCode::UnknownMemberId if self.membership == *sent => {
                self.reset_on_error("JOIN_GROUP", error);
            }
            ErrorCode::CoordinatorNotAvailable | ErrorCode::NotCoordinator => {
                self.mark_coordinator_unknown_by(error, step);
            }
            ErrorCode::MemberIdRequired => {
                let member_id = convert::name(&answer.member_id);
                self.request_rejoin(format!(
                    "need to re-join with the given member-id: {member_id}"
                ));
                self.membership = Membership { member_id, ..Membership::none() };
            }
            _ => {}
        }
        self.fail_join(JoinFailure::Error(error));
    }

    fn fail_join(&mut self, failure: JoinFailure) {
        self.join = Join::Failed(failure);
    }

    fn on_joined(&mut self, answer: &kafka::JoinGroupResponse, step: &mut Step) {
        let is_other_type = |kind: &str| kind != PROTOCOL_TYPE;
        if answer.protocol_type.as_deref().is_some_and(is_other_type) {
            return self.fail_join(JoinFailure::Error(ErrorCode::InconsistentGroupProtocol));
        }
        if self.state != MemberState::PreparingRebalance {
            return self.fail_join(JoinFailure::Unjoined);
        }
        self.state = MemberState::CompletingRebalance;
        self.heartbeat.enable_thread(step);
        self.membership = Membership {
            generation: Some(Generation(answer.generation_id)),
            member_id: convert::name(&answer.member_id),
            protocol: answer.protocol_name.as_ref().map(convert::name),
        };
        if answer.leader == answer.member_id {
            self.begin_assignment(answer, step);
        } else {
            self.send_sync_group(Vec::new(), step);
        }
    }

    // ---- the leader ----

    /// The leader watches the topics of all members, and needs fresh metadata of them.
    fn begin_assignment(&mut self, answer: &kafka::JoinGroupResponse, step: &mut Step) {
        let mut topics = BTreeSet::new();
        for member in &answer.members {
            match Subscription::decode(&member.metadata) {
                Ok(subscription) => topics.extend(subscription.topics),
                Err(_) => return self.fail_join(JoinFailure::Malformed),
            }
        }
        step.subscriptions.group_subscribe(topics);
        let topics = step.subscriptions.metadata_topics();
        step.client.metadata_mut().set_topics(topics);
        let version = step.client.metadata().update_version();
        let told = Box::new(answer.clone());
        let metadata = step.client.metadata_mut();
        if metadata.is_update_wanted() || metadata.is_update_due(step.out.now) {
            metadata.request_update(false);
            self.join = Join::AwaitingMetadata { version, told };
        } else {
            self.finish_assignment(&told, step);
        }
    }

    /// Goes on with the assignment once metadata is fresh. False if it is not.
    pub(super) fn await_metadata_of_group(&mut self, step: &mut Step) -> bool {
        let Join::AwaitingMetadata { version, told } = &self.join else { return true };
        if step.client.metadata().update_version() == *version {
            return false;
        }
        let told = told.clone();
        self.join = Join::Asked;
        self.finish_assignment(&told, step);
        true
    }

    fn finish_assignment(&mut self, told: &kafka::JoinGroupResponse, step: &mut Step) {
        self.maybe_update_subscription_metadata(step);
        self.is_leader = true;
        if told.skip_assignment {
            // A static leader came back: everybody keeps what it has.
            self.assignment_snapshot = Some(self.metadata_snapshot.clone());
            return self.send_sync_group(Vec::new(), step);
        }
        match self.perform_assignment(told, step) {
            Ok(assignments) => {
                self.assignment_snapshot = Some(self.metadata_snapshot.clone());
                self.send_sync_group(assignments, step);
            }
            Err(failure) => self.fail_join(failure),
        }
    }

    /// Divides the partitions among all members.
    fn perform_assignment(
        &mut self,
        told: &kafka::JoinGroupResponse,
        step: &mut Step,
    ) -> Result<Vec<(Name, Bytes)>, JoinFailure> {
        let chosen = told.protocol_name.as_deref();
        let assignor =
            chosen.filter(|name| self.assignors.iter().any(|known| known.word() == *name));
        let assignor = assignor.and_then(assignor::Assignor::from_name);
        let assignor = assignor.ok_or(JoinFailure::UnknownAssignor)?;
        let member = |member: &kafka::join_group_response::JoinGroupResponseMember| {
            let id = convert::name(&member.member_id);
            let instance = member.group_instance_id.as_ref().map(convert::name);
            let subscription = Subscription::decode(&member.metadata);
            Ok(Member::new(id, instance, subscription.map_err(|_| JoinFailure::Malformed)?))
        };
        let mut members = told.members.iter().map(member).collect::<Result<Vec<_>, _>>()?;
        assignor::in_java_order(&mut members);
        let metadata = step.client.metadata();
        let wanted: BTreeSet<&Name> = members.iter().flat_map(|member| &member.topics).collect();
        let topics =
            wanted.into_iter().filter_map(|name| Some((name.clone(), topic_of(metadata, name)?)));
        let topics = topics.collect();
        let mut assigned = match (step.personality.balancers, assignor) {
            (Balancers::KafkaGo, assignor::Assignor::Range) => kafka_go::range(&members, &topics),
            (Balancers::KafkaGo, assignor::Assignor::RoundRobin) => {
                kafka_go::round_robin(&members, &topics)
            }
            _ => assignor.assign(&members, &topics).map_err(JoinFailure::Assignor)?,
        };
        if mutant!(step.out, AssignorGivesTwice) {
            let first = assigned.iter().flatten().next().cloned();
            for one in &mut assigned {
                one.extend(first.clone());
            }
        }
        if mutant!(step.out, AssignorForgetsOne) {
            assigned.iter_mut().find_map(Vec::pop);
        }
        if mutant!(step.out, AssignorHasAFavourite) {
            let all = std::mem::take(&mut assigned).concat();
            assigned = vec![Vec::new(); members.len()];
            assigned[0] = all;
        }
        if mutant!(step.out, AssignorShuffles) {
            assigned.rotate_left(1);
        }
        step.out.fact(|| Fact::AssignmentComputed {
            group: self.group.clone(),
            assignor: assignor.name().into(),
            members: members.len() as u32,
        });
        let encoded = |(member, partitions): (Member, Vec<_>)| {
            let assignment = Assignment { partitions, user_data: None };
            (member.member_id, assignment.encode(NEWEST_VERSION))
        };
        Ok(members.into_iter().zip(assigned).map(encoded).collect())
    }

    // ---- SyncGroup ----

    fn send_sync_group(&mut self, assignments: Vec<(Name, Bytes)>, step: &mut Step) {
        let Some(peer) = self.peer() else {
            return self.fail_join(JoinFailure::Error(ErrorCode::CoordinatorNotAvailable));
        };
        let membership = &self.membership;
        let assignment = |(member, assignment): (Name, Bytes)| {
            SyncGroupRequestAssignment::default()
                .with_member_id(convert::text(&member))
                .with_assignment(assignment)
        };
        let request = kafka::SyncGroupRequest::default()
            .with_group_id(kafka::GroupId(convert::text(&self.group)))
            .with_generation_id(membership.generation_id())
            .with_member_id(convert::text(&membership.member_id))
            .with_group_instance_id(step.config.group_instance_id.as_deref().map(convert::text))
            .with_protocol_type(Some(convert::text(PROTOCOL_TYPE)))
            .with_protocol_name(membership.protocol.as_deref().map(convert::text))
            .with_assignments(assignments.into_iter().map(assignment).collect());
        let tag = Tag::SyncGroup(membership.clone());
        step.send(peer, tag, SYNC_GROUP_VERSION, RequestBody::SyncGroup(Box::new(request)));
        self.join = Join::Asked;
    }

    /// The answer to `SyncGroup`, or none.
    pub(super) fn on_sync_group(
        &mut self,
        sent: &Membership,
        answer: Result<&ResponseBody, Failure>,
        step: &mut Step,
    ) {
        let answer = match answer {
            Ok(ResponseBody::SyncGroup(answer)) => answer,
            Ok(other) => unreachable!("{:?} answers SyncGroup", other.api()),
            Err(failure) => {
                self.on_no_answer(failure, step);
                return self.fail_join(JoinFailure::Disconnected);
            }
        };
        let error = ErrorCode::from_code(answer.error_code);
        match error {
            ErrorCode::None => return self.on_synced(answer),
            ErrorCode::UnknownMemberId | ErrorCode::IllegalGeneration
                if self.membership == *sent =>
            {
                self.reset_on_error("SYNC_GROUP", error);
            }
            ErrorCode::CoordinatorNotAvailable | ErrorCode::NotCoordinator => {
                self.mark_coordinator_unknown_by(error, step);
            }
            _ => {}
        }
        self.fail_join(JoinFailure::Error(error));
    }

    fn on_synced(&mut self, answer: &kafka::SyncGroupResponse) {
        let is_other = |told: &str, ours: Option<&str>| Some(told) != ours;
        let told_type = answer.protocol_type.as_deref();
        let told_name = answer.protocol_name.as_deref();
        let ours = self.membership.protocol.as_deref();
        if told_type.is_some_and(|told| is_other(told, Some(PROTOCOL_TYPE))) {
            return self.fail_join(JoinFailure::Error(ErrorCode::InconsistentGroupProtocol));
        }
        if self.membership.is_reset() || self.state != MemberState::CompletingRebalance {
            // Refused by a heartbeat meanwhile: this lets the member try again at once.
            return self.fail_join(JoinFailure::Error(ErrorCode::IllegalGeneration));
        }
        if told_name.is_some_and(|told| is_other(told, ours)) {
            return self.fail_join(JoinFailure::Error(ErrorCode::InconsistentGroupProtocol));
        }
        self.state = MemberState::Stable;
        self.rejoin_reason = "".into();
        self.rejoin_needed = false;
        self.join = Join::Assigned(answer.assignment.clone());
    }

    // ---- leaving ----

    /// Tells the coordinator that the member leaves, unless its place is kept for it; then it is no
    /// member any more.
    pub(super) fn maybe_leave_group(&mut self, reason: &str, step: &mut Step) {
        let is_dynamic = step.config.group_instance_id.is_none();
        let leaves = step.config.internal_leave_group_on_close
            && is_dynamic
            && !self.coordinator_unknown(step)
            && self.state != MemberState::Unjoined
            && self.membership.has_member_id();
        if let Some(peer) = self.peer().filter(|_| leaves) {
            let member = MemberIdentity::default()
                .with_member_id(convert::text(&self.membership.member_id))
                .with_reason(Some(convert::text(truncated(reason))));
            let request = kafka::LeaveGroupRequest::default()
                .with_group_id(kafka::GroupId(convert::text(&self.group)))
                .with_members(vec![member]);
            let body = RequestBody::LeaveGroup(Box::new(request));
            step.send(peer, Tag::LeaveGroup, LEAVE_GROUP_VERSION, body);
        }
        self.reset_and_rejoin("consumer pro-actively leaving the group", true);
    }
}

fn truncated(reason: &str) -> &str {
    &reason[..reason.floor_char_boundary(REASON_LEN_MAX)]
}

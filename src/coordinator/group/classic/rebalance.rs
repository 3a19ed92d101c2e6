//! The rebalance: it begins, the members join, a new generation begins.

use kafka_protocol::messages::JoinGroupResponse;
use kafka_protocol::messages::join_group_response::JoinGroupResponseMember;

use super::{ClassicGroup, ClassicGroupState, JoinTimer, Turn, Written};
use crate::coordinator::group::answer::{text, wire};
use crate::fact::{Fact, LeaveReason};
use crate::feature::mutant;
use crate::node::{Outbox, Timer, Why};
use crate::protocol::{ErrorCode, ResponseBody};
use crate::sim::Duration;

/// Members that take too long lose their place by the setting that consumers send as rebalance
/// timeout.
const REBALANCE_TIMEOUT: Why = Why::Config("max.poll.interval.ms");

impl ClassicGroup {
    /// Begins a rebalance if none is under way, or ends its join phase if nobody is missing.
    pub(super) fn rebalance_or_complete_join(
        &mut self,
        reason: impl FnOnce() -> String,
        turn: &mut Turn<'_>,
    ) -> Written {
        if self.can_rebalance() {
            self.prepare_rebalance(reason, turn)
        } else {
            self.maybe_complete_join(turn)
        }
    }

    /// Begins a rebalance.
    pub(in crate::coordinator::group) fn prepare_rebalance(
        &mut self,
        reason: impl FnOnce() -> String,
        turn: &mut Turn<'_>,
    ) -> Written {
        // Who waits for an assignment has to join again.
        if self.is_in(ClassicGroupState::CompletingRebalance) {
            self.drop_assignments(ErrorCode::RebalanceInProgress, turn.out);
        }
        self.stop_sync_timer(turn.out);
        self.pending_sync.clear();

        let initial = self.is_in(ClassicGroupState::Empty);
        turn.out.fact(|| Fact::RebalanceStarted {
            group: self.group.clone(),
            reason: reason().into(),
            generation: self.generation,
        });
        if initial {
            // The group is new: others will come.
            let delay = turn.config.initial_rebalance_delay;
            let remaining = self.rebalance_timeout().saturating_sub(delay);
            self.delay_first_rebalance(delay, remaining, turn.out);
        }
        self.become_state(ClassicGroupState::PreparingRebalance, turn.out);
        if initial {
            Written::nothing()
        } else if self.has_all_members_joined() {
            self.complete_join(turn)
        } else {
            self.wait_for_joins(turn.out);
            Written::nothing()
        }
    }

    /// Ends the join phase if nobody is missing; not that of a first rebalance, which is delayed.
    pub(super) fn maybe_complete_join(&mut self, turn: &mut Turn<'_>) -> Written {
        let preparing = self.is_in(ClassicGroupState::PreparingRebalance);
        let first = self.previous_state == ClassicGroupState::Empty;
        if preparing && !first && self.has_all_members_joined() {
            self.complete_join(turn)
        } else {
            Written::nothing()
        }
    }

    fn wait_for_joins(&mut self, out: &mut Outbox) {
        self.join_timer = JoinTimer::Rebalance;
        let due = out.now + self.rebalance_timeout();
        out.set_timer(Timer::GroupJoin(self.slot), due, REBALANCE_TIMEOUT);
    }

    fn delay_first_rebalance(&mut self, delay: Duration, remaining: Duration, out: &mut Outbox) {
        self.join_timer = JoinTimer::Initial { delay, remaining };
        let why = Why::Config("group.initial.rebalance.delay.ms");
        out.set_timer(Timer::GroupJoin(self.slot), out.now + delay, why);
    }

    /// The join timer is due.
    pub(in crate::coordinator::group) fn on_join_timer(&mut self, turn: &mut Turn<'_>) -> Written {
        match std::mem::replace(&mut self.join_timer, JoinTimer::Off) {
            JoinTimer::Off => Written::nothing(),
            JoinTimer::Initial { delay, remaining }
                if self.new_member_added && !remaining.is_zero() =>
            {
                // Somebody came meanwhile: wait on, as long as no member loses patience.
                self.new_member_added = false;
                let again = turn.config.initial_rebalance_delay.min(remaining);
                self.delay_first_rebalance(again, remaining.saturating_sub(delay), turn.out);
                Written::nothing()
            }
            JoinTimer::Initial { .. } | JoinTimer::Rebalance => self.complete_join(turn),
        }
    }

    /// Ends the join phase: who has not joined is out (but static members, who last for their
    /// session), and the others learn the new generation.
    pub(super) fn complete_join(&mut self, turn: &mut Turn<'_>) -> Written {
        if std::mem::replace(&mut self.join_timer, JoinTimer::Off) != JoinTimer::Off {
            turn.out.cancel_timer(Timer::GroupJoin(self.slot));
        }
        for member_id in self.in_map_order() {
            let member = &self.members[&member_id];
            if member.awaiting_join.is_none() && !member.is_static() {
                self.remove(&member_id, LeaveReason::RebalanceTimeout, turn.out);
            }
        }
        if !self.elect_joined_leader() && !self.members.is_empty() {
            // Only silent static members are left: wait until their sessions end.
            self.wait_for_joins(turn.out);
            return Written::nothing();
        }
        self.begin_next_generation(turn.out);
        if self.is_in(ClassicGroupState::Empty) {
            return Written { records: vec![self.to_record(|_| None)], ..Written::default() };
        }
        for member_id in self.in_map_order() {
            self.answer_generation(&member_id, turn.out);
            self.restart_session(&member_id, turn.out);
            self.members.get_mut(&member_id).expect("it is in the list").is_new = false;
            self.pending_sync.insert(member_id);
        }
        self.sync_timer = Some(self.generation);
        let due = turn.out.now + self.rebalance_timeout();
        turn.out.set_timer(Timer::GroupSync(self.slot), due, REBALANCE_TIMEOUT);
        Written::nothing()
    }

    fn begin_next_generation(&mut self, out: &mut Outbox) {
        if !mutant!(out, GenerationReused) {
            self.generation.0 += 1;
        }
        self.pending_sync.clear();
        if self.members.is_empty() {
            self.protocol = None;
            self.subscribed_topics = self.compute_subscribed_topics();
            self.become_state(ClassicGroupState::Empty, out);
            return;
        }
        self.protocol = Some(self.select_protocol());
        self.subscribed_topics = self.compute_subscribed_topics();
        self.become_state(ClassicGroupState::CompletingRebalance, out);
        out.fact(|| Fact::GenerationStarted {
            group: self.group.clone(),
            generation: self.generation,
            leader: self.leader.clone().expect("a leader was chosen"),
            assignor: self.protocol.clone().expect("an assignor was chosen"),
            members: self.members.len() as u32,
        });
    }

    /// Answers a parked `JoinGroup` with the generation.
    pub(super) fn answer_generation(&mut self, member_id: &str, out: &mut Outbox) {
        if self.members[member_id].awaiting_join.is_some() {
            let current = self.current_generation(member_id);
            self.answer_join(member_id, out, |response| *response = current);
        }
    }

    /// What a member is told about the generation; the leader learns the members as well.
    pub(super) fn current_generation(&self, member_id: &str) -> JoinGroupResponse {
        let members = if self.is_leader(member_id) { self.described() } else { Vec::new() };
        JoinGroupResponse::default()
            .with_members(members)
            .with_member_id(wire(member_id))
            .with_generation_id(self.generation.0)
            .with_protocol_name(self.protocol.as_deref().map(wire))
            .with_protocol_type(self.protocol_type.as_deref().map(wire))
            .with_leader(text(self.leader.as_deref()))
    }

    /// The members with their metadata, for the leader.
    fn described(&self) -> Vec<JoinGroupResponseMember> {
        let protocol = self.protocol.as_deref().unwrap_or_default();
        let describe = |member_id| {
            let member = &self.members[&member_id];
            JoinGroupResponseMember::default()
                .with_member_id(wire(&member.member_id))
                .with_group_instance_id(member.group_instance_id.as_deref().map(wire))
                .with_metadata(member.metadata(protocol))
        };
        self.in_map_order().into_iter().map(describe).collect()
    }

    /// Answers a parked `JoinGroup`; `fill` completes what is an empty answer to `member_id`.
    /// Nothing happens if none is parked.
    pub(super) fn answer_join(
        &mut self,
        member_id: &str,
        out: &mut Outbox,
        fill: impl FnOnce(&mut JoinGroupResponse),
    ) {
        let member = self.members.get_mut(member_id).expect("only members are answered");
        let Some(parked) = member.awaiting_join.take() else { return };
        self.awaiting_join -= 1;
        if parked.answered {
            return;
        }
        let mut response = JoinGroupResponse::default().with_member_id(wire(member_id));
        fill(&mut response);
        let response = super::join::of_version(response, parked.api_version);
        out.reply(parked.to, ResponseBody::JoinGroup(Box::new(response)));
    }
}

//! `Heartbeat`, and what happens to who sends none.

use kafka_protocol::messages::HeartbeatRequest;

use super::{ClassicGroup, ClassicGroupState, ClassicMember, Turn, Written};
use crate::fact::LeaveReason;
use crate::feature::mutant;
use crate::protocol::ErrorCode;

impl ClassicGroup {
    /// Handles a `Heartbeat`: the error to answer.
    pub(in crate::coordinator::group) fn heartbeat(
        &self,
        request: &HeartbeatRequest,
        turn: &mut Turn<'_>,
    ) -> ErrorCode {
        let member_id: &str = &request.member_id;
        let instance = request.group_instance_id.as_deref();
        if let Err(error) = self.validate_member(member_id, instance) {
            return error;
        }
        if request.generation_id != self.generation.0 {
            return ErrorCode::IllegalGeneration;
        }
        match self.state {
            ClassicGroupState::Empty | ClassicGroupState::Dead => ErrorCode::UnknownMemberId,
            ClassicGroupState::PreparingRebalance => {
                self.restart_session(member_id, turn.out);
                ErrorCode::RebalanceInProgress
            }
            // A consumer sends heartbeats as soon as it has joined.
            ClassicGroupState::CompletingRebalance | ClassicGroupState::Stable => {
                self.restart_session(member_id, turn.out);
                if mutant!(turn.out, StableGroupsRebalance) && self.is_leader(member_id) {
                    return ErrorCode::RebalanceInProgress;
                }
                ErrorCode::None
            }
        }
    }

    /// The timer of a member, or of a pending member, is due.
    pub(in crate::coordinator::group) fn on_member_timer(
        &mut self,
        timer: u32,
        turn: &mut Turn<'_>,
    ) -> Written {
        let Some(member_id) = self.member_of_timer(timer) else { return Written::nothing() };
        if self.pending_join.contains_key(&member_id) {
            self.remove(&member_id, LeaveReason::NeverJoined, turn.out);
            return self.complete_join_if_all_joined(turn);
        }
        if self.members.get(&member_id).is_none_or(ClassicMember::has_satisfied_heartbeat) {
            // It waits for an answer of ours.
            return Written::nothing();
        }
        // A new member may still wait for its first rebalance: if it is alive it joins again.
        self.answer_unknown(&member_id, turn.out);
        self.remove(&member_id, LeaveReason::SessionTimeout, turn.out);
        match self.state {
            ClassicGroupState::Stable | ClassicGroupState::CompletingRebalance => {
                let reason = || format!("removing member {member_id} on heartbeat expiration.");
                self.rebalance_or_complete_join(reason, turn)
            }
            _ => self.complete_join_if_all_joined(turn),
        }
    }

    /// Somebody who was waited for is gone. This ends even a first rebalance before its delay.
    fn complete_join_if_all_joined(&mut self, turn: &mut Turn<'_>) -> Written {
        if self.is_in(ClassicGroupState::PreparingRebalance) && self.has_all_members_joined() {
            self.complete_join(turn)
        } else {
            Written::nothing()
        }
    }

    /// Answers a parked `JoinGroup` of a member that is about to be removed.
    pub(super) fn answer_unknown(&mut self, member_id: &str, out: &mut crate::node::Outbox) {
        self.answer_join(member_id, out, |response| {
            response.member_id = kafka_protocol::protocol::StrBytes::default();
            response.error_code = ErrorCode::UnknownMemberId.code();
        });
    }
}

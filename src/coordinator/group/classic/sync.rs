//! `SyncGroup`: the leader brings the assignment, everybody takes its part.

use std::collections::BTreeMap;

use bytes::Bytes;
use kafka_protocol::messages::{SyncGroupRequest, SyncGroupResponse};

use super::{ClassicGroup, ClassicGroupState, EMPTY_ASSIGNMENT, Parked, Turn, Written};
use crate::coordinator::group::answer::wire;
use crate::coordinator::group::append::Completion;
use crate::fact::{Fact, LeaveReason};
use crate::ids::{Generation, Name};
use crate::node::{Outbox, ReplyTo, Timer};
use crate::protocol::{ErrorCode, ResponseBody};

/// A leader's assignment, until it is written.
#[derive(Clone, Debug)]
pub(in crate::coordinator::group) struct StoredAssignment {
    generation: Generation,
    leader: Name,
    /// By member.
    parts: BTreeMap<Name, Bytes>,
}

impl ClassicGroup {
    /// Handles a `SyncGroup`.
    pub(in crate::coordinator::group) fn sync(
        &mut self,
        request: &SyncGroupRequest,
        from: ReplyTo,
        api_version: i16,
        turn: &mut Turn<'_>,
    ) -> Written {
        if let Err(error) = self.validate_sync(request) {
            return self.refuse_sync(request, from, error, turn);
        }
        let member_id: &str = &request.member_id;
        match self.state {
            ClassicGroupState::Empty | ClassicGroupState::Dead => {
                self.refuse_sync(request, from, ErrorCode::UnknownMemberId, turn)
            }
            ClassicGroupState::PreparingRebalance => {
                self.refuse_sync(request, from, ErrorCode::RebalanceInProgress, turn)
            }
            ClassicGroupState::Stable => {
                self.has_synced(member_id, turn.out);
                let assignment = self.members[member_id].assignment.clone();
                let response = self.sync_response(assignment, ErrorCode::None);
                turn.out.reply(from, ResponseBody::SyncGroup(Box::new(response)));
                Written::nothing()
            }
            ClassicGroupState::CompletingRebalance => {
                let member = self.members.get_mut(member_id).expect("it was validated");
                member.awaiting_sync = Some(Parked { to: from, api_version, answered: false });
                self.has_synced(member_id, turn.out);
                if self.is_leader(member_id) {
                    self.store_assignment(request)
                } else {
                    Written::nothing()
                }
            }
        }
    }

    fn validate_sync(&self, request: &SyncGroupRequest) -> Result<(), ErrorCode> {
        self.validate_member(&request.member_id, request.group_instance_id.as_deref())?;
        if request.generation_id != self.generation.0 {
            return Err(ErrorCode::IllegalGeneration);
        }
        let differ = |theirs: Option<&str>, ours: Option<&str>| {
            theirs.is_some_and(|theirs| ours.is_some_and(|ours| ours != theirs))
        };
        if differ(request.protocol_type.as_deref(), self.protocol_type.as_deref())
            || differ(request.protocol_name.as_deref(), self.protocol.as_deref())
        {
            return Err(ErrorCode::InconsistentGroupProtocol);
        }
        Ok(())
    }

    fn refuse_sync(
        &self,
        request: &SyncGroupRequest,
        from: ReplyTo,
        error: ErrorCode,
        turn: &mut Turn<'_>,
    ) -> Written {
        turn.out.fact(|| Fact::GroupRefused {
            group: self.group.clone(),
            member: (*request.member_id).into(),
            api: "SyncGroup".into(),
            error,
        });
        let response = self.sync_response(EMPTY_ASSIGNMENT, error);
        turn.out.reply(from, ResponseBody::SyncGroup(Box::new(response)));
        Written::nothing()
    }

    /// The assignor is named in a good answer only.
    fn sync_response(&self, assignment: Bytes, error: ErrorCode) -> SyncGroupResponse {
        let named = |name: &Option<Name>| name.as_deref().filter(|_| error.is_none()).map(wire);
        SyncGroupResponse::default()
            .with_protocol_type(named(&self.protocol_type))
            .with_protocol_name(named(&self.protocol))
            .with_assignment(assignment)
            .with_error_code(error.code())
    }

    /// The leader's assignment is written before anybody gets it; who was forgotten gets nothing.
    fn store_assignment(&self, request: &SyncGroupRequest) -> Written {
        let mut parts: BTreeMap<Name, Bytes> = BTreeMap::new();
        for part in &request.assignments {
            parts.insert((*part.member_id).into(), part.assignment.clone());
        }
        for member_id in self.members.keys() {
            parts.entry(member_id.clone()).or_default();
        }
        let records = vec![self.to_record(|member| parts.get(&member.member_id).cloned())];
        let stored = StoredAssignment {
            generation: self.generation,
            leader: (*request.member_id).into(),
            parts,
        };
        let completion =
            Completion::Assignment { group: self.slot, stored: std::sync::Arc::new(stored) };
        Written { records, completion }
    }

    /// The assignment is written, or could not be.
    pub(in crate::coordinator::group) fn finish_storing(
        &mut self,
        stored: &StoredAssignment,
        result: Result<(), ErrorCode>,
        turn: &mut Turn<'_>,
    ) {
        // Meanwhile the next rebalance may have begun: then nobody wants this assignment.
        let current = self.is_in(ClassicGroupState::CompletingRebalance)
            && self.generation == stored.generation;
        if !current {
            return;
        }
        if let Err(error) = result {
            self.drop_assignments(error, turn.out);
            let reason = || {
                format!(
                    "Error {error} when storing group assignmentduring SyncGroup (member: {}).",
                    stored.leader
                )
            };
            // What this would write is not written: Kafka drops it here.
            self.rebalance_or_complete_join(reason, turn);
            return;
        }
        for member in self.members.values_mut() {
            member.assignment = stored.parts.get(&member.member_id).cloned().unwrap_or_default();
        }
        self.answer_all_syncs(ErrorCode::None, turn.out);
        turn.out.fact(|| Fact::AssignmentStored {
            group: self.group.clone(),
            generation: self.generation,
        });
        self.become_state(ClassicGroupState::Stable, turn.out);
    }

    /// Takes all assignments away; who waits for one learns `error`.
    pub(super) fn drop_assignments(&mut self, error: ErrorCode, out: &mut Outbox) {
        for member in self.members.values_mut() {
            member.assignment = EMPTY_ASSIGNMENT;
        }
        self.answer_all_syncs(error, out);
    }

    fn answer_all_syncs(&mut self, error: ErrorCode, out: &mut Outbox) {
        for member_id in self.in_map_order() {
            if self.answer_sync(&member_id, error, out) {
                // Its session could not end while it waited.
                self.restart_session(&member_id, out);
            }
        }
    }

    /// Answers a parked `SyncGroup`, if there is one.
    pub(super) fn answer_sync(
        &mut self,
        member_id: &str,
        error: ErrorCode,
        out: &mut Outbox,
    ) -> bool {
        let member = self.members.get_mut(member_id).expect("only members are answered");
        let Some(parked) = member.awaiting_sync.take() else { return false };
        let assignment = member.assignment.clone();
        if !parked.answered {
            let response = self.sync_response(assignment, error);
            out.reply(parked.to, ResponseBody::SyncGroup(Box::new(response)));
        }
        true
    }

    /// A member has sent `SyncGroup`.
    fn has_synced(&mut self, member_id: &str, out: &mut Outbox) {
        self.pending_sync.remove(member_id);
        if self.pending_sync.is_empty() {
            self.stop_sync_timer(out);
        }
    }

    pub(super) fn stop_sync_timer(&mut self, out: &mut Outbox) {
        if self.sync_timer.take().is_some() {
            out.cancel_timer(Timer::GroupSync(self.slot));
        }
    }

    /// The sync timer is due: who has not sent `SyncGroup` is out.
    pub(in crate::coordinator::group) fn on_sync_timer(&mut self, turn: &mut Turn<'_>) -> Written {
        let waiting_for = self.sync_timer.take();
        let waiting = matches!(
            self.state,
            ClassicGroupState::CompletingRebalance | ClassicGroupState::Stable
        );
        if waiting_for != Some(self.generation) || !waiting || self.pending_sync.is_empty() {
            return Written::nothing();
        }
        let missing: Vec<Name> = self.pending_sync.iter().cloned().collect();
        for member_id in &missing {
            self.remove(member_id, LeaveReason::SyncTimeout, turn.out);
        }
        let reason =
            || format!("Removing [{}] on pending sync request expiration", missing.join(", "));
        self.prepare_rebalance(reason, turn)
    }
}

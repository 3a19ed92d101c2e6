//! A static member comes back without its member id: it takes over its old place (KIP-345).

use std::sync::Arc;

use super::join::Joining;
use super::{ClassicGroup, ClassicGroupState, Parked, Protocol, Turn, Written};
use crate::coordinator::group::answer::text;
use crate::coordinator::group::append::Completion;
use crate::fact::{Fact, LeaveReason};
use crate::ids::Name;
use crate::node::Outbox;
use crate::protocol::ErrorCode;
use crate::sim::Duration;

/// The version from which on a leader can be told not to assign (KIP-814).
const SUPPORTS_SKIPPING_ASSIGNMENT: i16 = 9;

/// A static member's change of id, until it is written: what undoes it.
#[derive(Clone, Debug)]
pub(in crate::coordinator::group) struct Replacement {
    old: Name,
    new: Name,
    leader_before: Option<Name>,
    protocols: Vec<Protocol>,
    rebalance_timeout: Duration,
    session_timeout: Duration,
    parked: Parked,
}

impl ClassicGroup {
    /// The static member `old` comes back as `new`.
    pub(super) fn join_replacing(
        &mut self,
        joining: &Joining<'_>,
        old: &Name,
        new: &Name,
        turn: &mut Turn<'_>,
    ) -> Written {
        let leader_before = self.leader.clone();
        self.replace_static(old, new.clone(), turn.out);
        turn.out.fact(|| Fact::MemberRemoved {
            group: self.group.clone(),
            member: old.clone(),
            reason: LeaveReason::Replaced,
        });
        self.tell_joined(new, turn.out);
        self.restart_session(new, turn.out);
        let member = &self.members[new];
        let replacement = Replacement {
            old: old.clone(),
            new: new.clone(),
            leader_before,
            protocols: member.supported_protocols.clone(),
            rebalance_timeout: member.rebalance_timeout,
            session_timeout: member.session_timeout,
            parked: joining.parked(),
        };
        self.update(
            new,
            joining.protocols(),
            joining.rebalance_timeout(),
            joining.session_timeout(),
            Some(joining.parked()),
        );
        let instance = joining.request.group_instance_id.as_deref().unwrap_or_default();
        let client = joining.reason();
        match self.state {
            ClassicGroupState::Stable if self.protocol.as_ref() == Some(&self.select_protocol()) => {
                // No rebalance: it goes on with the assignment that it had.
                let record = self.to_record(|member| Some(member.assignment.clone()));
                let completion = Completion::StaticMember {
                    group: self.slot,
                    replacement: Arc::new(replacement),
                };
                Written { records: vec![record], completion }
            }
            ClassicGroupState::Stable => self.rebalance_or_complete_join(
                || {
                    format!(
                        "Group's selectedProtocol will change because static member {new} with \
                         instance id {instance} joined with change of protocol; client reason: {client}"
                    )
                },
                turn,
            ),
            // The leader may already be assigning to the old member id.
            ClassicGroupState::CompletingRebalance => self.prepare_rebalance(
                || {
                    format!(
                        "Updating metadata for static member {new} with instance id {instance}; \
                         client reason: {client}"
                    )
                },
                turn,
            ),
            ClassicGroupState::PreparingRebalance => self.maybe_complete_join(turn),
            ClassicGroupState::Empty | ClassicGroupState::Dead => {
                unreachable!("a group with a static member has members")
            }
        }
    }

    /// The change of id is written, or could not be.
    pub(in crate::coordinator::group) fn finish_replacing(
        &mut self,
        replacement: &Replacement,
        result: Result<(), ErrorCode>,
        out: &mut Outbox,
    ) {
        let Replacement { old, new, leader_before, .. } = replacement;
        if !self.members.contains_key(new) {
            // It left, or was replaced again, before the write was through.
            return;
        }
        let Err(error) = result else {
            if replacement.parked.api_version >= SUPPORTS_SKIPPING_ASSIGNMENT {
                let mut current = self.current_generation(new);
                current.skip_assignment = self.is_leader(new);
                self.answer_join(new, out, |response| *response = current);
            } else {
                // It is told of the old leader, so that it does not take itself for it and assign.
                let current = self.generation_under(new, leader_before.as_deref());
                self.answer_join(new, out, |response| *response = current);
            }
            return;
        };
        let mut refusal = self.generation_under(new, leader_before.as_deref());
        refusal.member_id = text(None);
        refusal.error_code = error.code();
        self.answer_join(new, out, |response| *response = refusal);
        self.update(
            new,
            replacement.protocols.clone(),
            replacement.rebalance_timeout,
            replacement.session_timeout,
            None,
        );
        self.replace_static(new, old.clone(), out);
        self.restart_session(old, out);
    }
}

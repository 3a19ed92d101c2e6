//! `JoinGroup`: a member comes, or comes again.

use kafka_protocol::messages::{JoinGroupRequest, JoinGroupResponse};

use super::{
    ClassicGroup, ClassicGroupState, ClassicMember, EMPTY_ASSIGNMENT, Parked, Protocol, Turn,
    Written,
};
use crate::coordinator::group::answer::{text, wire};
use crate::fact::{Fact, LeaveReason};
use crate::ids::Name;
use crate::node::{ReplyTo, Why};
use crate::protocol::{ErrorCode, ResponseBody};
use crate::sim::Duration;

/// The version from which on a dynamic member first asks for its member id (KIP-394).
const REQUIRES_MEMBER_ID: i16 = 4;

/// A `JoinGroup` on its way through a group.
pub(in crate::coordinator::group) struct Joining<'a> {
    pub(in crate::coordinator::group) request: &'a JoinGroupRequest,
    pub(in crate::coordinator::group) from: ReplyTo,
    pub(in crate::coordinator::group) api_version: i16,
    pub(in crate::coordinator::group) client_id: &'a Name,
    pub(in crate::coordinator::group) client_host: &'a Name,
    /// The id that a member without one gets.
    pub(in crate::coordinator::group) new_member_id: Option<Name>,
}

impl Joining<'_> {
    fn instance(&self) -> Option<Name> {
        self.request.group_instance_id.as_ref().map(|instance| (**instance).into())
    }

    pub(super) fn session_timeout(&self) -> Duration {
        Duration::from_millis(self.request.session_timeout_ms.max(0) as u64)
    }

    pub(super) fn rebalance_timeout(&self) -> Duration {
        // Version 0 knows one timeout only.
        if self.api_version == 0 {
            return self.session_timeout();
        }
        Duration::from_millis(self.request.rebalance_timeout_ms.max(0) as u64)
    }

    pub(super) fn protocols(&self) -> Vec<Protocol> {
        Protocol::of_request(&self.request.protocols)
    }

    pub(super) const fn parked(&self) -> Parked {
        Parked { to: self.from, api_version: self.api_version, answered: false }
    }

    /// The client's words for why it joins.
    pub(super) fn reason(&self) -> &str {
        match self.request.reason.as_deref() {
            None | Some("") => "not provided",
            Some(reason) => reason,
        }
    }

    /// Answers at once.
    pub(in crate::coordinator::group) fn answer(
        &self,
        response: JoinGroupResponse,
        turn: &mut Turn<'_>,
    ) -> Written {
        let response = of_version(response, self.api_version);
        turn.out.reply(self.from, ResponseBody::JoinGroup(Box::new(response)));
        Written::nothing()
    }

    /// Refuses at once, with that member id in the answer.
    pub(in crate::coordinator::group) fn refuse(
        &self,
        member_id: &str,
        error: ErrorCode,
        turn: &mut Turn<'_>,
    ) -> Written {
        // To be handed a member id is no refusal that anybody should read of.
        if error != ErrorCode::MemberIdRequired {
            turn.out.fact(|| Fact::GroupRefused {
                group: (**self.request.group_id).into(),
                member: member_id.into(),
                api: "JoinGroup".into(),
                error,
            });
        }
        let response = JoinGroupResponse::default()
            .with_member_id(wire(member_id))
            .with_error_code(error.code());
        self.answer(response, turn)
    }
}

/// Versions below 7 have no null for the assignor, later ones nothing else for none.
pub(in crate::coordinator::group) fn of_version(
    mut response: JoinGroupResponse,
    api_version: i16,
) -> JoinGroupResponse {
    let name = response.protocol_name.take().filter(|name| !name.is_empty());
    response.protocol_name = if api_version < 7 { Some(name.unwrap_or_default()) } else { name };
    response
}

impl ClassicGroup {
    /// Handles a `JoinGroup`.
    pub(in crate::coordinator::group) fn join(
        &mut self,
        joining: &Joining<'_>,
        turn: &mut Turn<'_>,
    ) -> Written {
        let member_id: &str = &joining.request.member_id;
        if !self.has_room_for(member_id, turn.config.max_size) {
            self.remove(member_id, LeaveReason::GroupFull, turn.out);
            return joining.refuse("", ErrorCode::GroupMaxSizeReached, turn);
        }
        if !self.supports(&joining.request.protocol_type, &joining.protocols()) {
            return joining.refuse(member_id, ErrorCode::InconsistentGroupProtocol, turn);
        }
        match &joining.new_member_id {
            Some(new) => self.join_new(joining, new, turn),
            None => self.join_known(joining, turn),
        }
    }

    /// Who is already being waited for, or already a member, always has room.
    fn has_room_for(&self, member_id: &str, max_size: usize) -> bool {
        let member = self.members.get(member_id);
        match self.state {
            ClassicGroupState::Empty | ClassicGroupState::Dead => true,
            // Of a group that is too large, those who join last are out.
            ClassicGroupState::PreparingRebalance => {
                member.is_some_and(|member| member.awaiting_join.is_some())
                    || self.awaiting_join < max_size
            }
            ClassicGroupState::CompletingRebalance | ClassicGroupState::Stable => {
                member.is_some() || self.members.len() < max_size
            }
        }
    }

    fn join_new(&mut self, joining: &Joining<'_>, new: &Name, turn: &mut Turn<'_>) -> Written {
        if let Some(instance) = &joining.request.group_instance_id {
            return match self.static_members.get(&**instance).cloned() {
                Some(old) => self.join_replacing(joining, &old, new, turn),
                None => self.add_member(joining, new, turn),
            };
        }
        if joining.api_version < REQUIRES_MEMBER_ID {
            return self.add_member(joining, new, turn);
        }
        // It has to join again with the id that it is handed now: a client that never reads the
        // answer leaves no member behind.
        self.add_pending(new.clone());
        let why = Why::Config("session.timeout.ms");
        self.set_member_timer(self.pending_join[new], joining.session_timeout(), why, turn.out);
        joining.refuse(new, ErrorCode::MemberIdRequired, turn)
    }

    fn add_member(
        &mut self,
        joining: &Joining<'_>,
        member_id: &Name,
        turn: &mut Turn<'_>,
    ) -> Written {
        // The first rebalance may be delayed further.
        if self.is_in(ClassicGroupState::PreparingRebalance)
            && self.previous_state == ClassicGroupState::Empty
        {
            self.new_member_added = true;
        }
        self.add(ClassicMember {
            member_id: member_id.clone(),
            group_instance_id: joining.instance(),
            client_id: joining.client_id.clone(),
            client_host: joining.client_host.clone(),
            rebalance_timeout: joining.rebalance_timeout(),
            session_timeout: joining.session_timeout(),
            protocol_type: (*joining.request.protocol_type).into(),
            supported_protocols: joining.protocols(),
            assignment: EMPTY_ASSIGNMENT,
            awaiting_join: Some(joining.parked()),
            awaiting_sync: None,
            is_new: true,
            timer: 0,
            inserted: 0,
        });
        self.tell_joined(member_id, turn.out);
        // It cannot send heartbeats, for it does not know its id, and nobody notices if it is gone:
        // so it may not wait for ever.
        let timer = self.members[member_id].timer;
        let why = Why::Rule("a new member waits 5 minutes for its first rebalance");
        self.set_member_timer(timer, turn.config.new_member_join_timeout, why, turn.out);
        let reason = || {
            format!(
                "Adding new member {member_id} with group instance id {}; client reason: {}",
                joining.request.group_instance_id.as_deref().unwrap_or("null"),
                joining.reason()
            )
        };
        self.rebalance_or_complete_join(reason, turn)
    }

    pub(super) fn tell_joined(&self, member_id: &Name, out: &mut crate::node::Outbox) {
        out.fact(|| Fact::MemberJoined {
            group: self.group.clone(),
            member: member_id.clone(),
            instance: self.members[member_id].group_instance_id.clone(),
        });
    }

    fn join_known(&mut self, joining: &Joining<'_>, turn: &mut Turn<'_>) -> Written {
        let request = joining.request;
        let member_id: &str = &request.member_id;
        let instance = request.group_instance_id.as_deref();
        if self.pending_join.contains_key(member_id) {
            if instance.is_some() {
                // Kafka stumbles here: a pending member cannot be a static one.
                return joining.refuse("", ErrorCode::UnknownServerError, turn);
            }
            return self.add_member(joining, &member_id.into(), turn);
        }
        if let Err(error) = self.validate_member(member_id, instance) {
            return joining.refuse(member_id, error, turn);
        }
        let changed = self.members[member_id].supported_protocols != joining.protocols();
        let leads = self.is_leader(member_id);
        let state = self.state.name();
        let client = joining.reason();
        let words = match self.state {
            ClassicGroupState::PreparingRebalance => {
                format!(
                    "Member {member_id} is joining group during {state}; client reason: {client}"
                )
            }
            // The leader can ask for a rebalance, such as when a topic has grown.
            ClassicGroupState::Stable if leads => format!(
                "Leader {member_id} re-joining group during {state}; client reason: {client}"
            ),
            ClassicGroupState::CompletingRebalance | ClassicGroupState::Stable if changed => {
                format!(
                    "Updating metadata for member {member_id} during {state}; client reason: {client}"
                )
            }
            // Nothing has changed: probably it did not get the first answer.
            ClassicGroupState::CompletingRebalance | ClassicGroupState::Stable => {
                return joining.answer(self.current_generation(member_id), turn);
            }
            ClassicGroupState::Empty | ClassicGroupState::Dead => {
                return joining.refuse(member_id, ErrorCode::UnknownMemberId, turn);
            }
        };
        self.update(
            member_id,
            joining.protocols(),
            joining.rebalance_timeout(),
            joining.session_timeout(),
            Some(joining.parked()),
        );
        self.rebalance_or_complete_join(|| words, turn)
    }

    /// What a static member is told that may not know that it leads (before KIP-814).
    pub(super) fn generation_under(
        &self,
        member_id: &str,
        leader: Option<&str>,
    ) -> JoinGroupResponse {
        let mut response = self.current_generation(member_id);
        response.members.clear();
        response.leader = text(leader);
        response
    }
}

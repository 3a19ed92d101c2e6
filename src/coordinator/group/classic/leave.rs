//! `LeaveGroup`: members go, or an administrator removes them by instance id.

use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::leave_group_response::MemberResponse;

use super::{ClassicGroup, ClassicGroupState, Turn, Written};
use crate::fact::LeaveReason;
use crate::ids::Name;
use crate::protocol::ErrorCode;

impl ClassicGroup {
    /// Handles a `LeaveGroup` for several members: what becomes of each.
    pub(in crate::coordinator::group) fn leave(
        &mut self,
        members: &[MemberIdentity],
        turn: &mut Turn<'_>,
    ) -> (Vec<MemberResponse>, Written) {
        let mut responses = Vec::with_capacity(members.len());
        let mut left: Vec<&str> = Vec::new();
        for member in members {
            let error = match self.leave_one(member, turn) {
                Ok(()) => {
                    left.push(&member.member_id);
                    ErrorCode::None
                }
                Err(error) => error,
            };
            let response = MemberResponse::default()
                .with_member_id(member.member_id.clone())
                .with_group_instance_id(member.group_instance_id.clone())
                .with_error_code(error.code());
            responses.push(response);
        }
        let written = match self.state {
            _ if left.is_empty() => Written::nothing(),
            ClassicGroupState::Stable | ClassicGroupState::CompletingRebalance => {
                let reason =
                    || format!("explicit `LeaveGroup` request for ({}) members.", left.join(", "));
                self.rebalance_or_complete_join(reason, turn)
            }
            ClassicGroupState::PreparingRebalance => self.maybe_complete_join(turn),
            ClassicGroupState::Empty | ClassicGroupState::Dead => Written::nothing(),
        };
        (responses, written)
    }

    fn leave_one(&mut self, member: &MemberIdentity, turn: &mut Turn<'_>) -> Result<(), ErrorCode> {
        let instance = member.group_instance_id.as_deref();
        if member.member_id.is_empty() {
            // An administrator does not know member ids.
            let member_id = instance.and_then(|instance| self.static_members.get(instance));
            let member_id: Name = member_id.cloned().ok_or(ErrorCode::UnknownMemberId)?;
            self.answer_unknown(&member_id, turn.out);
            self.remove(&member_id, LeaveReason::Removed, turn.out);
            return Ok(());
        }
        if !self.pending_join.contains_key(&*member.member_id) {
            self.validate_member(&member.member_id, instance)?;
            self.answer_unknown(&member.member_id, turn.out);
        }
        self.remove(&member.member_id, LeaveReason::Left, turn.out);
        Ok(())
    }
}

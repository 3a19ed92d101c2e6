//! The requests of members: join, sync, heartbeat, leave.

use kafka_protocol::messages as kafka;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use uuid::Builder;

use super::answer::{self, LEAVE_GROUP_MEMBERS};
use super::append::Completion;
use super::classic::{Joining, Turn, Written};
use super::{Append, Call, GroupCoordinator, refuse, tell_refused};
use crate::ids::Name;
use crate::node::{Outbox, Touched};
use crate::protocol::{ErrorCode, ResponseBody};
use crate::sim::Duration;

impl GroupCoordinator {
    /// `JoinGroup` (key 11).
    pub(super) fn on_join_group(
        &mut self,
        call: Call<'_>,
        request: &kafka::JoinGroupRequest,
        out: &mut Outbox,
    ) {
        let group: Name = (**request.group_id).into();
        let unknown = request.member_id.is_empty();
        let mut joining = Joining {
            request,
            from: call.from,
            api_version: call.request.api_version,
            client_id: &call.request.client_id,
            client_host: call.client_host,
            new_member_id: None,
        };
        let session = Duration::from_millis(request.session_timeout_ms.max(0) as u64);
        let sessions = self.config.min_session_timeout..=self.config.max_session_timeout;
        let invalid = if group.is_empty() {
            Some(ErrorCode::InvalidGroupId)
        } else {
            (!sessions.contains(&session)).then_some(ErrorCode::InvalidSessionTimeout)
        };
        if let Some(error) = invalid {
            joining.refuse(&request.member_id, error, &mut Turn { config: &self.config, out });
            return;
        }
        let partition = self.partition_for(&group);
        let existing = match self.slot_of(partition, &group) {
            Err(error) => return refuse(call, &group, &request.member_id, error, out),
            Ok(slot) => slot,
        };
        if existing.is_none() && !unknown {
            let mut turn = Turn { config: &self.config, out };
            joining.refuse(&request.member_id, ErrorCode::UnknownMemberId, &mut turn);
            return;
        }
        if unknown {
            let prefix = request.group_instance_id.as_deref();
            joining.new_member_id =
                Some(self.make_member_id(&group, prefix.unwrap_or(&call.request.client_id)));
        }
        let slot = existing.unwrap_or_else(|| self.create(partition, &group, out));
        let mut turn = Turn { config: &self.config, out };
        let group = self.groups[slot as usize].as_mut().expect("a known slot holds a group");
        let mut written = group.join(&joining, &mut turn);
        if existing.is_none() && written.records.is_empty() {
            // A new group is written, even if nobody was taken in.
            written.records.push(group.new_group_record());
        }
        self.finish_parking(partition, slot, call, written, out);
    }

    /// The client id or instance id with a random UUID, unless the scenario says which.
    fn make_member_id(&mut self, group: &str, prefix: &str) -> Name {
        let pinned =
            self.pinned.iter().position(|one| *one.group == *group && *one.prefix == *prefix);
        if let Some(place) = pinned {
            return self.pinned.remove(place).member_id;
        }
        let uuid = Builder::from_random_bytes(self.chance.bytes16()).into_uuid();
        format!("{prefix}-{uuid}").into()
    }

    /// `SyncGroup` (key 14).
    pub(super) fn on_sync_group(
        &mut self,
        call: Call<'_>,
        request: &kafka::SyncGroupRequest,
        out: &mut Outbox,
    ) {
        let group: &str = &request.group_id;
        let partition = self.partition_for(group);
        let names_missing = request.protocol_type.is_none() || request.protocol_name.is_none();
        let found = if names_missing && call.request.api_version >= 5 {
            Err(ErrorCode::InconsistentGroupProtocol)
        } else if group.is_empty() {
            Err(ErrorCode::InvalidGroupId)
        } else {
            self.slot_of(partition, group).and_then(|slot| slot.ok_or(ErrorCode::UnknownMemberId))
        };
        let slot = match found {
            Err(error) => return refuse(call, group, &request.member_id, error, out),
            Ok(slot) => slot,
        };
        let mut turn = Turn { config: &self.config, out };
        let group = self.groups[slot as usize].as_mut().expect("a known slot holds a group");
        let written = group.sync(request, call.from, call.request.api_version, &mut turn);
        self.finish_parking(partition, slot, call, written, out);
    }

    /// Writes what a join or sync wants written. Whether or not it wants anything: if a write fails
    /// while it is parked, it is answered.
    fn finish_parking(
        &mut self,
        partition: i32,
        slot: u32,
        call: Call<'_>,
        written: Written,
        out: &mut Outbox,
    ) {
        out.touch(Touched::Group(slot));
        let completion = match written.completion {
            Completion::Nothing => Completion::parked(call, slot),
            other => other,
        };
        self.append(partition, written.records, completion, Append::AsIs, out);
    }

    /// `Heartbeat` (key 12).
    pub(super) fn on_heartbeat(
        &mut self,
        call: Call<'_>,
        request: &kafka::HeartbeatRequest,
        out: &mut Outbox,
    ) {
        let group: &str = &request.group_id;
        let partition = self.partition_for(group);
        let found = if group.is_empty() {
            Err(ErrorCode::InvalidGroupId)
        } else {
            self.slot_of(partition, group).and_then(|slot| slot.ok_or(ErrorCode::UnknownMemberId))
        };
        let error = match found {
            Err(error) => error,
            Ok(slot) => {
                let mut turn = Turn { config: &self.config, out };
                let group = self.groups[slot as usize].as_ref();
                group.expect("a known slot holds a group").heartbeat(request, &mut turn)
            }
        };
        match error {
            // A member is told of a rebalance by its heartbeat: that is no refusal.
            ErrorCode::None | ErrorCode::RebalanceInProgress => {
                let response = kafka::HeartbeatResponse::default().with_error_code(error.code());
                let response = ResponseBody::Heartbeat(Box::new(response));
                if self.shards[&partition].is_settled() {
                    out.reply(call.from, response);
                    return;
                }
                let completion = Completion::reply(call, response);
                self.append(partition, Vec::new(), completion, Append::AsIs, out);
            }
            error => refuse(call, group, &request.member_id, error, out),
        }
    }

    /// `LeaveGroup` (key 13).
    pub(super) fn on_leave_group(
        &mut self,
        call: Call<'_>,
        request: &kafka::LeaveGroupRequest,
        out: &mut Outbox,
    ) {
        let group: &str = &request.group_id;
        let partition = self.partition_for(group);
        let found = if group.is_empty() {
            Err(ErrorCode::InvalidGroupId)
        } else {
            self.slot_of(partition, group).and_then(|slot| slot.ok_or(ErrorCode::UnknownMemberId))
        };
        let slot = match found {
            Err(error) => return refuse(call, group, &request.member_id, error, out),
            Ok(slot) => slot,
        };
        let api_version = call.request.api_version;
        let one = [MemberIdentity::default().with_member_id(request.member_id.clone())];
        let members =
            if api_version >= LEAVE_GROUP_MEMBERS { &request.members[..] } else { &one[..] };
        let mut turn = Turn { config: &self.config, out };
        let leaving = self.groups[slot as usize].as_mut().expect("a known slot holds a group");
        let (responses, written) = leaving.leave(members, &mut turn);
        out.touch(Touched::Group(slot));
        for response in &responses {
            if response.error_code != 0 {
                let error = ErrorCode::from_code(response.error_code);
                tell_refused(call, group, &response.member_id, error, out);
            }
        }
        let response = answer::left(responses, api_version, ErrorCode::None);
        let completion = Completion::reply(call, ResponseBody::LeaveGroup(Box::new(response)));
        self.append(partition, written.records, completion, Append::AsIs, out);
    }
}

//! The requests of administrators: describe, list and delete groups.

use std::collections::{BTreeMap, BTreeSet};

use kafka_protocol::messages as kafka;
use kafka_protocol::messages::describe_groups_response::DescribedGroup;

use super::answer::{self, wire};
use super::append::Completion;
use super::classic::{ClassicGroup, ClassicGroupState};
use super::gather::{Gather, Part};
use super::{Append, Call, GroupCoordinator, refuse};
use crate::ids::Name;
use crate::node::Outbox;
use crate::protocol::coordinator_record::GroupRecord;
use crate::protocol::{ErrorCode, ResponseBody};

/// The version of `DescribeGroups` from which on an unknown group is an error (KIP-1043).
const UNKNOWN_GROUP_IS_AN_ERROR: i16 = 6;

impl GroupCoordinator {
    /// `DescribeGroups` (key 15): what is committed of each group.
    pub(super) fn on_describe_groups(
        &self,
        call: Call<'_>,
        request: &kafka::DescribeGroupsRequest,
        out: &mut Outbox,
    ) {
        let version = call.request.api_version;
        let groups = request.groups.iter().map(|group| self.describe(group, version)).collect();
        let response = kafka::DescribeGroupsResponse::default().with_groups(groups);
        out.reply(call.from, ResponseBody::DescribeGroups(Box::new(response)));
    }

    fn describe(&self, group: &str, api_version: i16) -> DescribedGroup {
        let shard = match self.active_shard(self.partition_for(group)) {
            Err(error) => return answer::not_described(group, error),
            Ok(shard) => shard,
        };
        if let Some(slot) = shard.committed().groups.get(group) {
            return self.at(*slot).describe();
        }
        let dead = DescribedGroup::default()
            .with_group_id(answer::group_id(group))
            .with_group_state(wire(ClassicGroupState::Dead.name()));
        if api_version < UNKNOWN_GROUP_IS_AN_ERROR {
            return dead;
        }
        dead.with_error_code(ErrorCode::GroupIdNotFound.code())
            .with_error_message(Some(wire(&format!("Group {group} not found."))))
    }

    /// `ListGroups` (key 16): those that are committed, in every shard of this broker.
    pub(super) fn on_list_groups(
        &self,
        call: Call<'_>,
        request: &kafka::ListGroupsRequest,
        out: &mut Outbox,
    ) {
        if self.shards.values().any(|shard| !shard.active) {
            return refuse(call, "", "", ErrorCode::CoordinatorLoadInProgress, out);
        }
        let asked_for = |filter: &[kafka_protocol::protocol::StrBytes], value: &str| {
            filter.is_empty() || filter.iter().any(|asked| asked.trim().eq_ignore_ascii_case(value))
        };
        let slots = self.shards.values().flat_map(|shard| shard.committed().groups.values());
        let listed = slots.map(|slot| self.at(*slot)).filter(|group| {
            asked_for(&request.states_filter, group.state.name())
                && asked_for(&request.types_filter, "classic")
        });
        let groups = listed.map(ClassicGroup::list).collect();
        let response = kafka::ListGroupsResponse::default().with_groups(groups);
        out.reply(call.from, ResponseBody::ListGroups(Box::new(response)));
    }

    /// `DeleteGroups` (key 42): groups without members, with their offsets.
    pub(super) fn on_delete_groups(
        &mut self,
        call: Call<'_>,
        request: &kafka::DeleteGroupsRequest,
        out: &mut Outbox,
    ) {
        let names: BTreeSet<Name> =
            request.groups_names.iter().map(|name| (***name).into()).collect();
        let mut by_partition: BTreeMap<i32, Vec<Name>> = BTreeMap::new();
        for name in names {
            by_partition.entry(self.partition_for(&name)).or_default().push(name);
        }
        if by_partition.is_empty() {
            let response = ResponseBody::DeleteGroups(Box::default());
            out.reply(call.from, response);
            return;
        }
        let gather = self.begin_gather(call, by_partition.len());
        for (partition, groups) in by_partition {
            self.delete_of_shard(partition, &groups, gather, out);
        }
    }

    /// Starts an answer with that many parts.
    pub(super) fn begin_gather(&mut self, call: Call<'_>, parts: usize) -> u64 {
        let gather = self.next_gather;
        self.next_gather += 1;
        let whole = Gather {
            to: call.from,
            request: call.request.clone(),
            missing: parts,
            parts: Vec::new(),
        };
        self.gathers.insert(gather, whole);
        gather
    }

    fn delete_of_shard(&mut self, partition: i32, groups: &[Name], gather: u64, out: &mut Outbox) {
        let mut records = Vec::new();
        let deleted = groups.iter().map(|group| {
            let error = match self.tombstones(partition, group) {
                Ok(tombstones) => {
                    records.extend(tombstones);
                    ErrorCode::None
                }
                Err(error) => error,
            };
            answer::deleted(group, error)
        });
        let part = Part::Deleted(deleted.collect());
        let completion = Completion::Part { gather, part };
        if self.active_shard(partition).is_err() {
            return self.complete(completion, Ok(()), out);
        }
        self.append(partition, records, completion, Append::Replayed, out);
    }

    /// What has to be written for a group to be gone.
    fn tombstones(&self, partition: i32, group: &Name) -> Result<Vec<GroupRecord>, ErrorCode> {
        let shard = self.active_shard(partition)?;
        let slot = shard.current.groups.get(group).ok_or(ErrorCode::GroupIdNotFound)?;
        self.at(*slot).validate_delete()?;
        let mut records = shard.current.offsets.tombstones(group);
        records.push(ClassicGroup::tombstone(group));
        Ok(records)
    }
}

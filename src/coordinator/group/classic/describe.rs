//! `DescribeGroups` and `ListGroups`.

use bytes::Bytes;
use kafka_protocol::messages::describe_groups_response::{DescribedGroup, DescribedGroupMember};
use kafka_protocol::messages::list_groups_response::ListedGroup;

use super::{ClassicGroup, ClassicGroupState};
use crate::coordinator::group::answer::{group_id, text, wire};

impl ClassicGroup {
    /// The group as `DescribeGroups` shows it: with assignor and metadata while it is stable.
    pub fn describe(&self) -> DescribedGroup {
        let protocol = self.protocol.as_deref().filter(|_| self.is_in(ClassicGroupState::Stable));
        let describe = |member_id| {
            let member = &self.members[&member_id];
            let metadata = protocol.map_or_else(Bytes::new, |protocol| member.metadata(protocol));
            DescribedGroupMember::default()
                .with_member_id(wire(&member.member_id))
                .with_group_instance_id(member.group_instance_id.as_deref().map(wire))
                .with_client_id(wire(&member.client_id))
                .with_client_host(wire(&member.client_host))
                .with_member_metadata(metadata)
                .with_member_assignment(member.assignment.clone())
        };
        DescribedGroup::default()
            .with_group_id(group_id(&self.group))
            .with_group_state(wire(self.state.name()))
            .with_protocol_type(text(self.protocol_type.as_deref()))
            .with_protocol_data(text(protocol))
            .with_members(self.in_map_order().into_iter().map(describe).collect())
    }

    /// The group as `ListGroups` shows it.
    pub fn list(&self) -> ListedGroup {
        ListedGroup::default()
            .with_group_id(group_id(&self.group))
            .with_protocol_type(text(self.protocol_type.as_deref()))
            .with_group_state(wire(self.state.name()))
            .with_group_type(wire("classic"))
    }
}

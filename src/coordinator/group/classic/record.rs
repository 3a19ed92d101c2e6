//! A group as `__consumer_offsets` keeps it.

use bytes::Bytes;

use super::{ClassicGroup, ClassicGroupState, ClassicMember, Protocol};
use crate::ids::{Generation, Name, Timestamp};
use crate::protocol::coordinator_record::{
    Entry, GroupMetadataKey, GroupMetadataValue, GroupRecord, MemberMetadata,
};
use crate::sim::Duration;

/// The version that Kafka 4.1 writes, so that older brokers can read it.
const VALUE_VERSION: i16 = 3;

impl ClassicGroup {
    /// The group with what `assignment` says that each member has.
    pub(super) fn to_record(
        &self,
        assignment: impl Fn(&ClassicMember) -> Option<Bytes>,
    ) -> GroupRecord {
        let protocol = self.protocol.as_deref().unwrap_or_default();
        let member = |member_id: Name| {
            let member = &self.members[&member_id];
            MemberMetadata {
                group_instance_id: member.group_instance_id.clone(),
                client_id: member.client_id.clone(),
                client_host: member.client_host.clone(),
                rebalance_timeout: member.rebalance_timeout.as_millis() as i32,
                session_timeout: member.session_timeout.as_millis() as i32,
                subscription: member.metadata(protocol),
                assignment: assignment(member).unwrap_or_default(),
                member_id,
            }
        };
        let value = GroupMetadataValue {
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            generation: self.generation.0,
            protocol: self.protocol.clone(),
            leader: self.leader.clone(),
            current_state_timestamp: self.state_since.map_or(-1, |since| since.0),
            members: self.in_map_order().into_iter().map(member).collect(),
        };
        record(&self.group, value)
    }

    /// The group as it is written when it is made, before it has a member.
    pub(in crate::coordinator::group) fn new_group_record(&self) -> GroupRecord {
        let since = self.state_since.map_or(-1, |since| since.0);
        let value = GroupMetadataValue { current_state_timestamp: since, ..Default::default() };
        record(&self.group, value)
    }

    /// The record that removes the group.
    pub(in crate::coordinator::group) fn tombstone(group: &Name) -> GroupRecord {
        GroupRecord::GroupMetadata(Entry::tombstone(GroupMetadataKey { group: group.clone() }))
    }

    /// The group as the log says it is; nothing waits in it.
    #[must_use]
    pub(in crate::coordinator::group) fn replay(mut self, value: GroupMetadataValue) -> Self {
        assert!(self.members.is_empty(), "a group is loaded into an empty one");
        if !value.members.is_empty() {
            // Only what is complete is written.
            self.state = ClassicGroupState::Stable;
        }
        self.generation = Generation(value.generation);
        self.protocol_type = Some(value.protocol_type.clone()).filter(|kind| !kind.is_empty());
        self.protocol = value.protocol;
        self.leader = value.leader;
        let since = value.current_state_timestamp;
        self.state_since = (since != -1).then_some(Timestamp(since));
        for member in value.members {
            let session_timeout = Duration::from_millis(member.session_timeout.max(0) as u64);
            let rebalance_timeout = match member.rebalance_timeout {
                -1 => session_timeout,
                timeout => Duration::from_millis(timeout.max(0) as u64),
            };
            let protocol = Protocol {
                name: self.protocol.clone().unwrap_or_default(),
                metadata: member.subscription,
            };
            self.add(ClassicMember {
                member_id: member.member_id,
                group_instance_id: member.group_instance_id,
                client_id: member.client_id,
                client_host: member.client_host,
                rebalance_timeout,
                session_timeout,
                protocol_type: value.protocol_type.clone(),
                supported_protocols: vec![protocol],
                assignment: member.assignment,
                awaiting_join: None,
                awaiting_sync: None,
                is_new: false,
                timer: 0,
                inserted: 0,
            });
        }
        self.subscribed_topics = self.compute_subscribed_topics();
        self
    }
}

fn record(group: &Name, value: GroupMetadataValue) -> GroupRecord {
    let key = GroupMetadataKey { group: group.clone() };
    GroupRecord::GroupMetadata(Entry::new(key, value, VALUE_VERSION))
}

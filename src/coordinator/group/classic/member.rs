//! A member of a classic group.

use bytes::Bytes;
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;

use crate::ids::Name;
use crate::node::ReplyTo;
use crate::sim::Duration;

/// An assignor that a member knows, with the member's metadata under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// The assignor.
    pub name: Name,
    /// The member's metadata (its subscription).
    pub metadata: Bytes,
}

impl Protocol {
    /// The protocols of a request, in the member's order of preference.
    pub fn of_request(protocols: &[JoinGroupRequestProtocol]) -> Vec<Self> {
        let protocol = |protocol: &JoinGroupRequestProtocol| Self {
            name: (*protocol.name).into(),
            metadata: protocol.metadata.clone(),
        };
        protocols.iter().map(protocol).collect()
    }
}

/// A request that is parked with its member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parked {
    /// Where the answer goes.
    pub to: ReplyTo,
    /// The version to answer in.
    pub api_version: i16,
    /// True once it was answered behind the group's back, because a write failed or timed out; to
    /// the group it is parked all the same.
    pub answered: bool,
}

/// `ClassicGroupMember`.
#[derive(Clone, Debug)]
pub struct ClassicMember {
    /// The member id.
    pub member_id: Name,
    /// `group.instance.id` of a static member (KIP-345).
    pub group_instance_id: Option<Name>,
    /// `client.id`.
    pub client_id: Name,
    /// Where it connects from.
    pub client_host: Name,
    /// How long a rebalance waits for it.
    pub rebalance_timeout: Duration,
    /// How long it may be silent.
    pub session_timeout: Duration,
    /// `consumer` for consumers.
    pub protocol_type: Name,
    /// The assignors it knows, the preferred one first.
    pub supported_protocols: Vec<Protocol>,
    /// What the leader assigned to it.
    pub assignment: Bytes,
    /// Its `JoinGroup`, while that waits for the others.
    pub awaiting_join: Option<Parked>,
    /// Its `SyncGroup`, while that waits for the leader.
    pub awaiting_sync: Option<Parked>,
    /// True until its first rebalance has ended: it does not know its member id before.
    pub is_new: bool,
    /// The slot of its timer.
    pub(super) timer: u32,
    /// When it was put among the members, for the order in which Kafka goes through them.
    pub(super) inserted: u64,
}

impl ClassicMember {
    /// Its metadata under the assignor `protocol`; empty where it does not know that.
    pub fn metadata(&self, protocol: &str) -> Bytes {
        let known = self.supported_protocols.iter().find(|known| *known.name == *protocol);
        known.map(|known| known.metadata.clone()).unwrap_or_default()
    }

    /// True for a static member.
    pub const fn is_static(&self) -> bool {
        self.group_instance_id.is_some()
    }

    /// The slot of its timer.
    pub const fn timer(&self) -> u32 {
        self.timer
    }

    /// A member with a parked request needs no heartbeat; a new one may go nevertheless.
    pub(super) const fn has_satisfied_heartbeat(&self) -> bool {
        !self.is_new && (self.awaiting_join.is_some() || self.awaiting_sync.is_some())
    }

    /// The first of its assignors that is among `candidates`.
    pub(super) fn vote<'a>(&'a self, candidates: &[&Name]) -> Option<&'a Name> {
        let names = self.supported_protocols.iter().map(|protocol| &protocol.name);
        names.into_iter().find(|name| candidates.contains(name))
    }
}

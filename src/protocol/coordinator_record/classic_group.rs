//! A classic group with its members and their assignment.

use bytes::Bytes;

use crate::ids::Name;
use crate::protocol::schema::{base64, schema};

schema! {
    /// Key of a classic group.
    pub struct GroupMetadataKey(0) {
        /// The group.
        group: Name, 0..;
    }

    /// A classic group at the end of a rebalance.
    pub struct GroupMetadataValue(4, flexible 4) {
        /// `consumer` for consumers; empty for a group that only has offsets.
        protocol_type: Name, 0..;
        /// The generation.
        generation: i32, 0..;
        /// The assignor; none without members.
        protocol: Option<Name>, 0..;
        /// The member that leads; none without members.
        leader: Option<Name>, 0..;
        /// When the group came into its state, in milliseconds since 1970; -1 for unknown.
        current_state_timestamp: i64 = -1, 2..;
        /// The members.
        members: Vec<MemberMetadata>, 0..;
    }

    /// A member of a classic group.
    pub struct MemberMetadata(4, flexible 4) {
        /// The member id.
        member_id: Name, 0..;
        /// `group.instance.id` of a static member.
        group_instance_id: Option<Name>, 3..;
        /// `client.id`.
        client_id: Name, 0..;
        /// Where the member connects from.
        client_host: Name, 0..;
        /// How long a rebalance waits for the member; -1: as long as the session.
        rebalance_timeout: i32 = -1, 1..;
        /// How long the member may be silent.
        session_timeout: i32, 0..;
        /// What the member told of itself under the group's assignor.
        #[serde(serialize_with = "base64")]
        subscription: Bytes, 0..;
        /// What the leader assigned to it.
        #[serde(serialize_with = "base64")]
        assignment: Bytes, 0..;
    }
}

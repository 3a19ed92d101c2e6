//! A consumer group (KIP-848) with its members, their targets and what they have.

use bytes::Bytes;

use crate::ids::{Name, TopicId};
use crate::protocol::schema::{base64, schema};

schema! {
    /// Key of a consumer group.
    pub struct ConsumerGroupMetadataKey(0) {
        /// The group.
        group_id: Name, 0..;
    }

    /// A consumer group.
    pub struct ConsumerGroupMetadataValue(0, flexible 0) {
        /// The group epoch.
        epoch: i32, 0..;
        /// A hash over the topics that the group subscribes to; 0 for none.
        metadata_hash: i64, 0.., tag 0;
    }

    /// Key of the topics that a consumer group subscribes to.
    pub struct ConsumerGroupPartitionMetadataKey(0) {
        /// The group.
        group_id: Name, 0..;
    }

    /// The topics that a consumer group subscribes to. Kafka 4.1 keeps a hash instead.
    pub struct ConsumerGroupPartitionMetadataValue(0, flexible 0) {
        /// The topics.
        topics: Vec<TopicMetadata>, 0..;
    }

    /// A topic that a consumer group subscribes to.
    pub struct TopicMetadata(0, flexible 0) {
        /// The topic's id.
        topic_id: TopicId, 0..;
        /// The topic's name.
        topic_name: Name, 0..;
        /// How many partitions it has.
        num_partitions: i32, 0..;
        /// What is known of each partition.
        partition_metadata: Vec<PartitionMetadata>, 0..;
    }

    /// A partition of a topic that a consumer group subscribes to.
    pub struct PartitionMetadata(0, flexible 0) {
        /// The partition.
        partition: i32, 0..;
        /// The racks of its replicas.
        racks: Vec<Name>, 0..;
    }

    /// Key of a member of a consumer group.
    pub struct ConsumerGroupMemberMetadataKey(0) {
        /// The group.
        group_id: Name, 0..;
        /// The member id.
        member_id: Name, 0..;
    }

    /// A member of a consumer group.
    pub struct ConsumerGroupMemberMetadataValue(0, flexible 0) {
        /// `group.instance.id` of a static member.
        instance_id: Option<Name>, 0..;
        /// `client.rack`.
        rack_id: Option<Name>, 0..;
        /// `client.id`.
        client_id: Name, 0..;
        /// Where the member connects from.
        client_host: Name, 0..;
        /// The topics it subscribes to by name.
        subscribed_topic_names: Vec<Name>, 0..;
        /// The pattern it subscribes to.
        subscribed_topic_regex: Option<Name>, 0..;
        /// How long it may take to give partitions up.
        rebalance_timeout_ms: i32 = -1, 0..;
        /// The assignor it wants.
        server_assignor: Option<Name>, 0..;
        /// Set where the member speaks the classic protocol. Kafka's default is not null.
        classic_member_metadata: Option<ClassicMemberMetadata>
            = Some(ClassicMemberMetadata::default()), 0.., tag 0;
    }

    /// What a member of a consumer group told by the classic protocol.
    pub struct ClassicMemberMetadata(0, flexible 0) {
        /// How long the member may be silent.
        session_timeout_ms: i32, 0..;
        /// The assignors that it knows, with its subscription.
        supported_protocols: Vec<ClassicProtocol>, 0..;
    }

    /// An assignor that a classic member knows.
    pub struct ClassicProtocol(0, flexible 0) {
        /// The assignor.
        name: Name, 0..;
        /// The member's subscription under it.
        #[serde(serialize_with = "base64")]
        metadata: Bytes, 0..;
    }

    /// Key of the epoch of a consumer group's target assignment.
    pub struct ConsumerGroupTargetAssignmentMetadataKey(0) {
        /// The group.
        group_id: Name, 0..;
    }

    /// The epoch of a consumer group's target assignment.
    pub struct ConsumerGroupTargetAssignmentMetadataValue(0, flexible 0) {
        /// The group epoch it was computed for.
        assignment_epoch: i32, 0..;
    }

    /// Key of a member's target assignment.
    pub struct ConsumerGroupTargetAssignmentMemberKey(0) {
        /// The group.
        group_id: Name, 0..;
        /// The member id.
        member_id: Name, 0..;
    }

    /// A member's target assignment.
    pub struct ConsumerGroupTargetAssignmentMemberValue(0, flexible 0) {
        /// The partitions by topic.
        topic_partitions: Vec<TopicPartitions>, 0..;
    }

    /// Partitions of a topic.
    pub struct TopicPartitions(0, flexible 0) {
        /// The topic's id.
        topic_id: TopicId, 0..;
        /// The partitions.
        partitions: Vec<i32>, 0..;
    }

    /// Key of what a member of a consumer group has.
    pub struct ConsumerGroupCurrentMemberAssignmentKey(0) {
        /// The group.
        group_id: Name, 0..;
        /// The member id.
        member_id: Name, 0..;
    }

    /// What a member of a consumer group has.
    pub struct ConsumerGroupCurrentMemberAssignmentValue(0, flexible 0) {
        /// The member epoch.
        member_epoch: i32, 0..;
        /// The member epoch before that.
        previous_member_epoch: i32, 0..;
        /// 0 stable, 1 has to give partitions up, 2 waits for partitions of others, 127 unknown.
        state: i8, 0..;
        /// The partitions that are its own.
        assigned_partitions: Vec<TopicPartitions>, 0..;
        /// The partitions it has to give up.
        partitions_pending_revocation: Vec<TopicPartitions>, 0..;
    }

    /// Key of a pattern that members of a consumer group subscribe to.
    pub struct ConsumerGroupRegularExpressionKey(0) {
        /// The group.
        group_id: Name, 0..;
        /// The pattern.
        regular_expression: Name, 0..;
    }

    /// The topics that a pattern matches.
    pub struct ConsumerGroupRegularExpressionValue(0, flexible 0) {
        /// Their names.
        topics: Vec<Name>, 0..;
        /// The metadata offset it was resolved at.
        version: i64, 0..;
        /// When it was resolved, in milliseconds since 1970.
        timestamp: i64, 0..;
    }
}

//! A share group (KIP-932) with its members and their assignment.

use super::TopicPartitions;
use crate::ids::{Name, TopicId};
use crate::protocol::schema::schema;

schema! {
    /// Key of a member of a share group.
    pub struct ShareGroupMemberMetadataKey(0) {
        /// The group.
        group_id: Name, 0..;
        /// The member id.
        member_id: Name, 0..;
    }

    /// A member of a share group.
    pub struct ShareGroupMemberMetadataValue(0, flexible 0) {
        /// `client.rack`.
        rack_id: Option<Name>, 0..;
        /// `client.id`.
        client_id: Name, 0..;
        /// Where the member connects from.
        client_host: Name, 0..;
        /// The topics it subscribes to.
        subscribed_topic_names: Vec<Name>, 0..;
    }

    /// Key of a share group.
    pub struct ShareGroupMetadataKey(0) {
        /// The group.
        group_id: Name, 0..;
    }

    /// A share group.
    pub struct ShareGroupMetadataValue(0, flexible 0) {
        /// The group epoch.
        epoch: i32, 0..;
        /// A hash over the topics that the group subscribes to.
        metadata_hash: i64, 0..;
    }

    /// Key of the epoch of a share group's target assignment.
    pub struct ShareGroupTargetAssignmentMetadataKey(0) {
        /// The group.
        group_id: Name, 0..;
    }

    /// The epoch of a share group's target assignment.
    pub struct ShareGroupTargetAssignmentMetadataValue(0, flexible 0) {
        /// The group epoch it was computed for.
        assignment_epoch: i32, 0..;
    }

    /// Key of a share group member's target assignment.
    pub struct ShareGroupTargetAssignmentMemberKey(0) {
        /// The group.
        group_id: Name, 0..;
        /// The member id.
        member_id: Name, 0..;
    }

    /// A share group member's target assignment.
    pub struct ShareGroupTargetAssignmentMemberValue(0, flexible 0) {
        /// The partitions by topic.
        topic_partitions: Vec<TopicPartitions>, 0..;
    }

    /// Key of what a member of a share group has.
    pub struct ShareGroupCurrentMemberAssignmentKey(0) {
        /// The group.
        group_id: Name, 0..;
        /// The member id.
        member_id: Name, 0..;
    }

    /// What a member of a share group has.
    pub struct ShareGroupCurrentMemberAssignmentValue(0, flexible 0) {
        /// The member epoch.
        member_epoch: i32, 0..;
        /// The member epoch before that.
        previous_member_epoch: i32, 0..;
        /// The member's state.
        state: i8, 0..;
        /// The partitions that it may read.
        assigned_partitions: Vec<TopicPartitions>, 0..;
    }

    /// Key of the partitions that a share group has state for.
    pub struct ShareGroupStatePartitionMetadataKey(0) {
        /// The group.
        group_id: Name, 0..;
    }

    /// The partitions that a share group has state for.
    pub struct ShareGroupStatePartitionMetadataValue(0, flexible 0) {
        /// Those whose state is being made.
        initializing_topics: Vec<TopicPartitionsInfo>, 0..;
        /// Those that have state.
        initialized_topics: Vec<TopicPartitionsInfo>, 0..;
        /// Topics whose state is being deleted.
        deleting_topics: Vec<TopicInfo>, 0..;
    }

    /// Partitions of a topic, with its name.
    pub struct TopicPartitionsInfo(0, flexible 0) {
        /// The topic's id.
        topic_id: TopicId, 0..;
        /// The topic's name.
        topic_name: Name, 0..;
        /// The partitions.
        partitions: Vec<i32>, 0..;
    }

    /// A topic.
    pub struct TopicInfo(0, flexible 0) {
        /// The topic's id.
        topic_id: TopicId, 0..;
        /// The topic's name.
        topic_name: Name, 0..;
    }
}

//! A streams group (KIP-1071). Only read and written: streams groups are left out.

use crate::ids::Name;
use crate::protocol::schema::schema;

schema! {
    /// Key of a streams group.
    pub struct StreamsGroupMetadataKey(0) {
        /// The group.
        group_id: Name, 0..;
    }

    /// A streams group.
    pub struct StreamsGroupMetadataValue(0, flexible 0) {
        /// The group epoch.
        epoch: i32, 0..;
        /// A hash over the topics of the group.
        metadata_hash: i64, 0..;
    }

    /// Key of a member of a streams group.
    pub struct StreamsGroupMemberMetadataKey(0) {
        /// The group.
        group_id: Name, 0..;
        /// The member id.
        member_id: Name, 0..;
    }

    /// A member of a streams group.
    pub struct StreamsGroupMemberMetadataValue(0, flexible 0) {
        /// `group.instance.id` of a static member.
        instance_id: Option<Name>, 0..;
        /// `client.rack`.
        rack_id: Option<Name>, 0..;
        /// `client.id`.
        client_id: Name, 0..;
        /// Where the member connects from.
        client_host: Name, 0..;
        /// How long it may take to give tasks up.
        rebalance_timeout_ms: i32 = -1, 0..;
        /// The topology it runs.
        topology_epoch: i32, 0..;
        /// The process it lives in.
        process_id: Name, 0..;
        /// Where its state can be asked.
        user_endpoint: Option<StreamsEndpoint>, 0..;
        /// Its tags.
        client_tags: Vec<KeyValue>, 0..;
    }

    /// Where a member's state can be asked.
    pub struct StreamsEndpoint(0, flexible 0) {
        /// The host.
        host: Name, 0..;
        /// The port.
        port: u16, 0..;
    }

    /// A tag, or a setting.
    pub struct KeyValue(0, flexible 0) {
        /// Its name.
        key: Name, 0..;
        /// Its value.
        value: Name, 0..;
    }

    /// Key of the epoch of a streams group's target assignment.
    pub struct StreamsGroupTargetAssignmentMetadataKey(0) {
        /// The group.
        group_id: Name, 0..;
    }

    /// The epoch of a streams group's target assignment.
    pub struct StreamsGroupTargetAssignmentMetadataValue(0, flexible 0) {
        /// The group epoch it was computed for.
        assignment_epoch: i32, 0..;
    }

    /// Key of a streams member's target assignment.
    pub struct StreamsGroupTargetAssignmentMemberKey(0) {
        /// The group.
        group_id: Name, 0..;
        /// The member id.
        member_id: Name, 0..;
    }

    /// A streams member's target assignment.
    pub struct StreamsGroupTargetAssignmentMemberValue(0, flexible 0) {
        /// Tasks that run.
        active_tasks: Vec<TaskIds>, 0..;
        /// Tasks that stand by.
        standby_tasks: Vec<TaskIds>, 0..;
        /// Tasks that warm up.
        warmup_tasks: Vec<TaskIds>, 0..;
    }

    /// Tasks of a subtopology.
    pub struct TaskIds(0, flexible 0) {
        /// The subtopology.
        subtopology_id: Name, 0..;
        /// The partitions.
        partitions: Vec<i32>, 0..;
    }

    /// Key of what a member of a streams group has.
    pub struct StreamsGroupCurrentMemberAssignmentKey(0) {
        /// The group.
        group_id: Name, 0..;
        /// The member id.
        member_id: Name, 0..;
    }

    /// What a member of a streams group has.
    pub struct StreamsGroupCurrentMemberAssignmentValue(0, flexible 0) {
        /// The member epoch.
        member_epoch: i32, 0..;
        /// The member epoch before that.
        previous_member_epoch: i32, 0..;
        /// The member's state.
        state: i8, 0..;
        /// Tasks that run.
        active_tasks: Vec<TaskIds>, 0..;
        /// Tasks that stand by.
        standby_tasks: Vec<TaskIds>, 0..;
        /// Tasks that warm up.
        warmup_tasks: Vec<TaskIds>, 0..;
        /// Running tasks to be given up.
        active_tasks_pending_revocation: Vec<TaskIds>, 0..;
        /// Standby tasks to be given up.
        standby_tasks_pending_revocation: Vec<TaskIds>, 0..;
        /// Warm-up tasks to be given up.
        warmup_tasks_pending_revocation: Vec<TaskIds>, 0..;
    }

    /// Key of a streams group's topology.
    pub struct StreamsGroupTopologyKey(0) {
        /// The group.
        group_id: Name, 0..;
    }

    /// A streams group's topology.
    pub struct StreamsGroupTopologyValue(0, flexible 0) {
        /// The topology's epoch.
        epoch: i32, 0..;
        /// Its parts.
        subtopologies: Vec<Subtopology>, 0..;
    }

    /// A part of a topology that is connected in itself.
    pub struct Subtopology(0, flexible 0) {
        /// Its id.
        subtopology_id: Name, 0..;
        /// The topics it reads.
        source_topics: Vec<Name>, 0..;
        /// The patterns it reads.
        source_topic_regex: Vec<Name>, 0..;
        /// The topics its state is kept in.
        state_changelog_topics: Vec<StreamsTopicInfo>, 0..;
        /// The topics it repartitions to.
        repartition_sink_topics: Vec<Name>, 0..;
        /// The topics it reads repartitioned.
        repartition_source_topics: Vec<StreamsTopicInfo>, 0..;
        /// Topics that must be partitioned alike.
        copartition_groups: Vec<CopartitionGroup>, 0..;
    }

    /// Topics that must be partitioned alike, by their place in the lists of the subtopology.
    pub struct CopartitionGroup(0, flexible 0) {
        /// Among the topics it reads.
        source_topics: Vec<i16>, 0..;
        /// Among the patterns.
        source_topic_regex: Vec<i16>, 0..;
        /// Among the repartitioned ones.
        repartition_source_topics: Vec<i16>, 0..;
    }

    /// A topic that the group makes itself.
    pub struct StreamsTopicInfo(0, flexible 0) {
        /// Its name.
        name: Name, 0..;
        /// How many partitions it has; 0: as many as the topics it is partitioned like.
        partitions: i32, 0..;
        /// How many replicas; 0: the broker's default.
        replication_factor: i16, 0..;
        /// Its settings.
        topic_configs: Vec<KeyValue>, 0..;
    }
}

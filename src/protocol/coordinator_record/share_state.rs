//! How far a share group is with a partition (KIP-932).

use crate::ids::{Name, TopicId};
use crate::protocol::schema::schema;

schema! {
    /// Key of a snapshot of a share partition.
    pub struct ShareSnapshotKey(0) {
        /// The group.
        group_id: Name, 0..;
        /// The topic's id.
        topic_id: TopicId, 0..;
        /// The partition.
        partition: i32, 0..;
    }

    /// All that is to be kept of a share partition.
    pub struct ShareSnapshotValue(0, flexible 0) {
        /// The number of the snapshot.
        snapshot_epoch: i32, 0..;
        /// The epoch of the state: raised when it is made anew.
        state_epoch: i32, 0..;
        /// The leader epoch of the share partition.
        leader_epoch: i32, 0..;
        /// The first offset not yet done with.
        start_offset: i64, 0..;
        /// When the state was made, in milliseconds since 1970.
        create_timestamp: i64, 0..;
        /// When the snapshot was written, in milliseconds since 1970.
        write_timestamp: i64, 0..;
        /// What became of records from the start offset on.
        state_batches: Vec<StateBatch>, 0..;
    }

    /// Records with one delivery state.
    pub struct StateBatch(0, flexible 0) {
        /// The first offset.
        first_offset: i64, 0..;
        /// The last offset, included.
        last_offset: i64, 0..;
        /// 0 available, 2 acknowledged, 4 archived.
        delivery_state: i8, 0..;
        /// How often the records were delivered.
        delivery_count: i16, 0..;
    }

    /// Key of an update of a share partition.
    pub struct ShareUpdateKey(0) {
        /// The group.
        group_id: Name, 0..;
        /// The topic's id.
        topic_id: TopicId, 0..;
        /// The partition.
        partition: i32, 0..;
    }

    /// What changed since the snapshot.
    pub struct ShareUpdateValue(0, flexible 0) {
        /// The snapshot it belongs to.
        snapshot_epoch: i32, 0..;
        /// The leader epoch of the share partition.
        leader_epoch: i32, 0..;
        /// The first offset not yet done with; -1 where it did not change.
        start_offset: i64, 0..;
        /// What became of records.
        state_batches: Vec<StateBatch>, 0..;
    }
}

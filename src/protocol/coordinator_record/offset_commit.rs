//! A group's committed offset of one partition.

use crate::ids::{Name, TopicId};
use crate::protocol::schema::schema;

schema! {
    /// Key of a committed offset as Kafka 0.8 wrote it; it is read like the newer one.
    pub struct LegacyOffsetCommitKey(0) {
        /// The group.
        group: Name, 0..;
        /// The topic.
        topic: Name, 0..;
        /// The partition.
        partition: i32, 0..;
    }

    /// Value of a committed offset as Kafka 0.8 wrote it.
    pub struct LegacyOffsetCommitValue(0) {
        /// The next offset to read.
        offset: i64, 0..;
        /// The client's own words.
        metadata: Name, 0..;
        /// When it was committed, in milliseconds since 1970.
        commit_timestamp: i64, 0..;
    }

    /// Key of a committed offset.
    pub struct OffsetCommitKey(0) {
        /// The group.
        group: Name, 0..;
        /// The topic.
        topic: Name, 0..;
        /// The partition.
        partition: i32, 0..;
    }

    /// A committed offset.
    pub struct OffsetCommitValue(4, flexible 4) {
        /// The next offset to read.
        offset: i64, 0..;
        /// The leader epoch of the last record read, -1 for none.
        leader_epoch: i32 = -1, 3..;
        /// The client's own words.
        metadata: Name, 0..;
        /// When it was committed, in milliseconds since 1970.
        commit_timestamp: i64, 0..;
        /// When it expires, in milliseconds since 1970; -1: by `offsets.retention.minutes`.
        expire_timestamp: i64 = -1, 1..=1;
        /// The topic's id; zero for none.
        topic_id: TopicId, 4.., tag 0;
    }
}

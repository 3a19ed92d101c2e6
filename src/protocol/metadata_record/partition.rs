//! Records about topics and their partitions.

use serde::{Deserialize, Serialize};

use super::codec::{DecodeError, Field, Reader};
use super::schema::schema;
use super::value::broker_or_none;
use crate::ids::{BrokerId, LeaderEpoch, Name, PartitionEpoch, PartitionIndex, TopicId, Uuid};

schema! {
    /// A topic exists from here on; its partitions follow.
    pub struct TopicRecord(0) {
        /// The topic's name.
        name: Name, 0..;
        /// Its id.
        topic_id: TopicId, 0..;
    }

    /// A topic and all its partitions are gone.
    pub struct RemoveTopicRecord(0) {
        /// The topic's id.
        topic_id: TopicId, 0..;
    }

    /// The whole state of a partition. Version 1 adds `directories` (KIP-858), 2 the ELR (KIP-966).
    pub struct PartitionRecord(2) {
        /// The partition's number.
        partition_id: PartitionIndex = PartitionIndex(-1), 0..;
        /// The topic's id.
        topic_id: TopicId, 0..;
        /// The replicas, the preferred leader first.
        replicas: Vec<BrokerId>, 0..;
        /// The in-sync replicas.
        isr: Vec<BrokerId>, 0..;
        /// Replicas that a reassignment takes away.
        removing_replicas: Vec<BrokerId>, 0..;
        /// Replicas that a reassignment adds.
        adding_replicas: Vec<BrokerId>, 0..;
        /// The leader, if any.
        #[serde(with = "broker_or_none")]
        leader: Option<BrokerId>, 0..;
        /// 1 while the leader recovers from an unclean election, else 0.
        leader_recovery_state: i8, 0.., tag 0;
        /// The leader epoch.
        leader_epoch: LeaderEpoch = LeaderEpoch(-1), 0..;
        /// The partition epoch.
        partition_epoch: PartitionEpoch = PartitionEpoch(-1), 0..;
        /// The log directory of each replica, in the order of `replicas`.
        directories: Vec<Uuid>, 1..;
        /// The eligible leader replicas; none for no such replica.
        eligible_leader_replicas: Option<Vec<BrokerId>>, 2.., tag 1;
        /// The last known eligible leader replicas.
        last_known_elr: Option<Vec<BrokerId>>, 2.., tag 2;
    }

    /// What is different about a partition. Raises its partition epoch by one, and its leader epoch
    /// when `leader` is there.
    pub struct PartitionChangeRecord(2) {
        /// The partition's number.
        partition_id: PartitionIndex = PartitionIndex(-1), 0..;
        /// The topic's id.
        topic_id: TopicId, 0..;
        /// The in-sync replicas, if they change.
        isr: Option<Vec<BrokerId>>, 0.., tag 0;
        /// The leader, if it changes or the leader epoch must rise.
        leader: LeaderChange, 0.., tag 1;
        /// The replicas, if they change.
        replicas: Option<Vec<BrokerId>>, 0.., tag 2;
        /// Replicas that a reassignment takes away, if they change.
        removing_replicas: Option<Vec<BrokerId>>, 0.., tag 3;
        /// Replicas that a reassignment adds, if they change.
        adding_replicas: Option<Vec<BrokerId>>, 0.., tag 4;
        /// -1 for no change, 0 recovered, 1 recovering from an unclean election.
        leader_recovery_state: i8 = -1, 0.., tag 5;
        /// The log directory of each replica, if that changes.
        directories: Option<Vec<Uuid>>, 1.., tag 8;
        /// The eligible leader replicas, if they change.
        eligible_leader_replicas: Option<Vec<BrokerId>>, 2.., tag 6;
        /// The last known eligible leader replicas, if they change.
        last_known_elr: Option<Vec<BrokerId>>, 2.., tag 7;
    }

    /// All ELRs of a topic are forgotten, because its `min.insync.replicas` changed.
    pub struct ClearElrRecord(0) {
        /// The topic; empty for all topics.
        topic_name: Name, 0..;
    }
}

/// What a [`PartitionChangeRecord`] says of the leader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "i32", into = "i32")]
pub enum LeaderChange {
    /// Nothing (-2): leader and leader epoch stay.
    #[default]
    Unchanged,
    /// There is none now (-1).
    Nobody,
    /// This broker; possibly the same as before, with a new leader epoch.
    Leader(BrokerId),
}

impl LeaderChange {
    /// Whom it names.
    pub const fn leader(self) -> Option<BrokerId> {
        match self {
            Self::Leader(leader) => Some(leader),
            Self::Unchanged | Self::Nobody => None,
        }
    }

    /// The change to `leader`.
    pub fn to(leader: Option<BrokerId>) -> Self {
        leader.map_or(Self::Nobody, Self::Leader)
    }
}

impl From<i32> for LeaderChange {
    fn from(number: i32) -> Self {
        match number {
            -2 => Self::Unchanged,
            -1 => Self::Nobody,
            id => Self::Leader(BrokerId(id)),
        }
    }
}

impl From<LeaderChange> for i32 {
    fn from(change: LeaderChange) -> Self {
        match change {
            LeaderChange::Unchanged => -2,
            LeaderChange::Nobody => -1,
            LeaderChange::Leader(BrokerId(id)) => id,
        }
    }
}

impl Field for LeaderChange {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        i32::read(reader).map(Self::from)
    }
    fn write(&self, out: &mut Vec<u8>, version: i16) {
        i32::from(*self).write(out, version);
    }
}

impl PartitionChangeRecord {
    /// A record that changes nothing yet.
    pub fn of(topic_id: TopicId, partition_id: PartitionIndex) -> Self {
        Self { partition_id, topic_id, ..Self::default() }
    }

    /// True when it changes nothing: not worth writing.
    pub fn is_no_op(&self) -> bool {
        *self == Self::of(self.topic_id, self.partition_id)
    }
}

//! What a client knows of one topic.

use smallvec::SmallVec;

use crate::ids::{BrokerId, LeaderEpoch, Name, PartitionIndex, TopicId};
use crate::protocol::ErrorCode;

/// A few brokers.
pub type Brokers = SmallVec<[BrokerId; 3]>;

/// A topic as the last answers described it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: Name,
    /// Its id; zero if the broker named none.
    pub id: TopicId,
    /// True for `__consumer_offsets` and its like.
    pub internal: bool,
    /// Its partitions, by number.
    pub partitions: Vec<Partition>,
    /// The numbers of those whose leader is a known broker.
    pub available: Vec<i32>,
}

/// A partition as the last answers described it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partition {
    /// What the broker could not tell.
    pub error: ErrorCode,
    /// Its leader, if it has one.
    pub leader: Option<BrokerId>,
    /// The leader's epoch.
    pub leader_epoch: Option<LeaderEpoch>,
    /// Its replicas, the preferred leader first.
    pub replicas: Brokers,
    /// The in-sync replicas.
    pub isr: Brokers,
    /// The replicas on brokers or disks that do not run.
    pub offline: Brokers,
}

impl Topic {
    /// The partition with that number, if the topic has so many.
    pub fn partition(&self, index: PartitionIndex) -> Option<&Partition> {
        self.partitions.get(usize::try_from(index.0).ok()?)
    }

    /// How many partitions it has.
    pub fn partition_count(&self) -> i32 {
        self.partitions.len() as i32
    }

    /// The numbers of the partitions whose leader `is_known`.
    pub(super) fn led_by(&self, is_known: impl Fn(BrokerId) -> bool) -> Vec<i32> {
        let led = self.partitions.iter().map(|partition| partition.leader.is_some_and(&is_known));
        led.enumerate().filter(|(_, led)| *led).map(|(index, _)| index as i32).collect()
    }
}

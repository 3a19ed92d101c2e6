//! `metadata.version`: which records, and which fields of them, a cluster may write.
//!
//! In Kafka: `MetadataVersion` (KIP-778). Levels before 3.3-IV3 are left out, as in Kafka 4.1.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A level of `metadata.version`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MetadataVersion(pub i16);

/// Level and name, oldest first.
const NAMES: [(i16, &str); 21] = [
    (7, "3.3-IV3"),
    (8, "3.4-IV0"),
    (9, "3.5-IV0"),
    (10, "3.5-IV1"),
    (11, "3.5-IV2"),
    (12, "3.6-IV0"),
    (13, "3.6-IV1"),
    (14, "3.6-IV2"),
    (15, "3.7-IV0"),
    (16, "3.7-IV1"),
    (17, "3.7-IV2"),
    (18, "3.7-IV3"),
    (19, "3.7-IV4"),
    (20, "3.8-IV0"),
    (21, "3.9-IV0"),
    (22, "4.0-IV0"),
    (23, "4.0-IV1"),
    (24, "4.0-IV2"),
    (25, "4.0-IV3"),
    (26, "4.1-IV0"),
    (27, "4.1-IV1"),
];

impl MetadataVersion {
    /// The feature's name.
    pub const FEATURE: &str = "metadata.version";
    /// The oldest level that Kafka 4.1 can run at.
    pub const OLDEST: Self = Self(7);
    /// That of a new 4.1 cluster.
    pub const NEWEST: Self = Self(27);

    /// The level called `name`, like `4.1-IV1`.
    pub fn from_name(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, other)| *other == name).map(|(level, _)| Self(*level))
    }

    /// True when every shrink of the ISR must raise the leader epoch (until KAFKA-15021).
    pub const fn bumps_leader_epoch_on_isr_shrink(self) -> bool {
        self.0 < 12
    }

    /// True with transactions of metadata records (KIP-868).
    pub const fn has_transactions(self) -> bool {
        self.0 >= 13
    }

    /// True when controllers register (KIP-919).
    pub const fn has_controller_registration(self) -> bool {
        self.0 >= 15
    }

    /// True when the controller knows in which log directory a replica lies (KIP-858).
    pub const fn has_directory_assignment(self) -> bool {
        self.0 >= 17
    }

    /// True with eligible leader replicas in the records (KIP-966).
    pub const fn has_elr(self) -> bool {
        self.0 >= 23
    }

    /// The version of `RegisterBrokerRecord` to write.
    pub const fn register_broker_record(self) -> i16 {
        match self.0 {
            17.. => 3,
            8.. => 2,
            _ => 1,
        }
    }

    /// The version of `PartitionRecord` and `PartitionChangeRecord` to write.
    pub const fn partition_record(self) -> i16 {
        match self.0 {
            23.. => 2,
            17.. => 1,
            _ => 0,
        }
    }
}

impl fmt::Display for MetadataVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.iter().find(|(level, _)| *level == self.0) {
            Some((_, name)) => f.pad(name),
            None => f.pad(&self.0.to_string()),
        }
    }
}

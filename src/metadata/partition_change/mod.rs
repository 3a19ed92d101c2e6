//! What becomes of a partition when its circumstances change: its leader, ISR, ELR, replicas.
//!
//! In Kafka: `PartitionChangeBuilder`. The caller says what is wanted (another ISR, other replicas,
//! a preferred leader) and who could lead; out comes a record of what is different, if anything is.

mod builder;
mod election;

pub use builder::{PartitionChange, PartitionChangeBuilder};

use crate::protocol::MetadataVersion;

/// How far an election may go to find a leader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Election {
    /// Clean, the preferred replica before the current leader.
    Preferred,
    /// Clean: from the ISR, or from the ELR when the ISR is empty.
    #[default]
    Online,
    /// Any replica that lives, if it must be.
    Unclean,
}

/// The protocol levels that decide how partitions change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    /// Which records may be written.
    pub metadata_version: MetadataVersion,
    /// True with eligible leader replicas (KIP-966).
    pub elr: bool,
    /// True when the last known leader may lead again without an unclean election being allowed,
    /// and `last_known_elr` holds it alone. Kafka 4.1 always does so with ELR.
    pub last_known_leader: bool,
}

impl Levels {
    /// Those of Kafka 4.1 at `metadata_version`, with or without `elr`.
    pub const fn new(metadata_version: MetadataVersion, elr: bool) -> Self {
        Self { metadata_version, elr, last_known_leader: true }
    }
}

//! The feature levels that a cluster runs at (KIP-584).
//!
//! In Kafka: `FeaturesImage`, `FinalizedControllerFeatures`.

use imbl::OrdMap;

use crate::ids::Name;
use crate::protocol::MetadataVersion;
use crate::protocol::metadata_record::FeatureLevelRecord;

/// The finalized level of each feature; those at level 0 are not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features {
    levels: OrdMap<Name, i16>,
}

impl Features {
    /// The feature of eligible leader replicas (KIP-966).
    pub const ELR: &str = "eligible.leader.replicas.version";
    /// The feature of consumer groups (KIP-848).
    pub const GROUP: &str = "group.version";
    /// The feature of transactions (KIP-890).
    pub const TRANSACTION: &str = "transaction.version";
    /// The feature of Raft itself (KIP-853); its level lies in control records, not here.
    pub const KRAFT: &str = "kraft.version";

    /// Applies a record.
    pub fn apply(&mut self, record: &FeatureLevelRecord) {
        if record.feature_level == 0 {
            self.levels.remove(&record.name);
        } else {
            self.levels.insert(record.name.clone(), record.feature_level);
        }
    }

    /// The level of `feature`; 0 when it is off.
    pub fn level(&self, feature: &str) -> i16 {
        self.levels.get(feature).copied().unwrap_or(0)
    }

    /// `metadata.version`; none as long as the log is empty.
    pub fn metadata_version(&self) -> Option<MetadataVersion> {
        self.levels.get(MetadataVersion::FEATURE).copied().map(MetadataVersion)
    }

    /// True with eligible leader replicas.
    pub fn elr_enabled(&self) -> bool {
        self.level(Self::ELR) >= 1
    }

    /// All features and levels, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, i16)> {
        self.levels.iter().map(|(name, level)| (name, *level))
    }
}

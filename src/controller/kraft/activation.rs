//! How a controller becomes active, and how the log of a new cluster begins.
//!
//! In Kafka: `BootstrapMetadata`, `ActivationRecordsGenerator` (KIP-778, KIP-868).

use super::outcome::{Outcome, Records};
use super::state::ControllerState;
use crate::ids::Name;
use crate::metadata::{ConfigResource, Features};
use crate::protocol::MetadataVersion;
use crate::protocol::metadata_record::{
    AbortTransactionRecord, BeginTransactionRecord, ConfigRecord, EndTransactionRecord,
    FeatureLevelRecord,
};

/// What `kafka-storage format` left: the levels that a new cluster begins at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bootstrap {
    /// The level of `metadata.version`.
    pub metadata_version: MetadataVersion,
    /// The levels of other features, by name.
    pub features: Vec<(Name, i16)>,
}

/// Those of Kafka 4.1.
impl Default for Bootstrap {
    fn default() -> Self {
        let features = [(Features::ELR, 1), (Features::GROUP, 1), (Features::TRANSACTION, 2)];
        Self {
            metadata_version: MetadataVersion::NEWEST,
            features: features.map(|(name, level)| (name.into(), level)).to_vec(),
        }
    }
}

impl Bootstrap {
    fn level(&self, feature: &str) -> i16 {
        let found = self.features.iter().find(|(name, _)| &**name == feature);
        found.map_or(0, |(_, level)| *level)
    }

    /// The records of `bootstrap.checkpoint`.
    pub fn records(&self) -> Records {
        let mut records = Records::default();
        let feature = |name: Name, feature_level| FeatureLevelRecord { name, feature_level };
        records.push(feature(MetadataVersion::FEATURE.into(), self.metadata_version.0));
        let mut others = self.features.clone();
        others.sort();
        for (name, level) in others.into_iter().filter(|(_, level)| *level > 0) {
            records.push(feature(name, level));
        }
        records
    }
}

/// What a controller writes when it becomes active.
pub fn activation_records(state: &ControllerState) -> Outcome<()> {
    let mut records = Records::default();
    if state.transaction_start().is_some() {
        records.push(AbortTransactionRecord { reason: Some("Controller failover".into()) });
    }
    if state.features_before_transaction().metadata_version().is_some() {
        return Outcome::atomic_of(records, ());
    }
    let bootstrap = &state.config().bootstrap;
    let in_transaction = bootstrap.metadata_version.has_transactions();
    if in_transaction {
        records.push(BeginTransactionRecord { name: Some("Bootstrap records".into()) });
    }
    records.append(bootstrap.records());
    if bootstrap.level(Features::ELR) > 0 {
        // ELR rests on every broker having the same default.
        let name = "min.insync.replicas";
        let value = state.config().static_config.get(name).cloned();
        let cluster = ConfigResource::cluster();
        records.push(ConfigRecord {
            resource_type: cluster.kind.to_wire(),
            resource_name: cluster.name,
            name: name.into(),
            value: Some(value.unwrap_or_else(|| "1".into())),
        });
    }
    if in_transaction {
        records.push(EndTransactionRecord {});
        Outcome::of(records, ())
    } else {
        Outcome::atomic_of(records, ())
    }
}

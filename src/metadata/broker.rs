//! Registrations of brokers and controllers.
//!
//! In Kafka: `BrokerRegistration` (KIP-631), `ControllerRegistration` (KIP-919).

use super::directory;
use crate::ids::{BrokerEpoch, BrokerId, Name, Uuid};
use crate::protocol::metadata_record::{
    BrokerRegistrationChangeRecord, EndPoint, RegisterBrokerRecord, RegisterControllerRecord,
    SupportedFeature,
};

/// A broker as the controller has it registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerRegistration {
    /// The broker.
    pub id: BrokerId,
    /// Its epoch: the offset that was next when it registered.
    pub epoch: BrokerEpoch,
    /// Chosen anew by each of its processes.
    pub incarnation_id: Uuid,
    /// Where it listens.
    pub listeners: Vec<EndPoint>,
    /// The feature levels it can run at.
    pub supported_features: Vec<SupportedFeature>,
    /// Its rack.
    pub rack: Option<Name>,
    /// True when it may not lead.
    pub fenced: bool,
    /// True when it asked to shut down.
    pub in_controlled_shutdown: bool,
    /// True for a broker of a cluster that still has `ZooKeeper`.
    pub is_migrating_zk_broker: bool,
    /// Its log directories that are online, in order of their ids.
    pub directories: Vec<Uuid>,
}

impl BrokerRegistration {
    /// From its record.
    pub fn from_record(record: &RegisterBrokerRecord) -> Self {
        let mut directories = record.log_dirs.clone();
        sort_as_java(&mut directories);
        Self {
            id: record.broker_id,
            epoch: record.broker_epoch,
            incarnation_id: record.incarnation_id,
            listeners: record.end_points.clone(),
            supported_features: record.features.clone(),
            rack: record.rack.clone(),
            fenced: record.fenced,
            in_controlled_shutdown: record.in_controlled_shutdown,
            is_migrating_zk_broker: record.is_migrating_zk_broker,
            directories,
        }
    }

    /// Its record.
    pub fn to_record(&self) -> RegisterBrokerRecord {
        RegisterBrokerRecord {
            broker_id: self.id,
            is_migrating_zk_broker: self.is_migrating_zk_broker,
            incarnation_id: self.incarnation_id,
            broker_epoch: self.epoch,
            end_points: self.listeners.clone(),
            features: self.supported_features.clone(),
            rack: self.rack.clone(),
            fenced: self.fenced,
            in_controlled_shutdown: self.in_controlled_shutdown,
            log_dirs: self.directories.clone(),
        }
    }

    /// The registration after `change`.
    ///
    /// # Panics
    /// When the change is about another registration.
    #[must_use]
    pub fn merge(&self, change: &BrokerRegistrationChangeRecord) -> Self {
        assert_eq!(self.epoch, change.broker_epoch, "a change names the epoch of its registration");
        let mut next = self.clone();
        match change.fenced {
            BrokerRegistrationChangeRecord::FENCE => next.fenced = true,
            BrokerRegistrationChangeRecord::UNFENCE => next.fenced = false,
            other => assert_eq!(other, 0, "unknown fencing change"),
        }
        match change.in_controlled_shutdown {
            BrokerRegistrationChangeRecord::IN_CONTROLLED_SHUTDOWN => {
                next.in_controlled_shutdown = true;
            }
            other => assert_eq!(other, 0, "unknown change of controlled shutdown"),
        }
        if !change.log_dirs.is_empty() {
            next.directories.clone_from(&change.log_dirs);
            sort_as_java(&mut next.directories);
        }
        next
    }

    /// True when it may lead: neither fenced nor shutting down.
    pub const fn is_active(&self) -> bool {
        !self.fenced && !self.in_controlled_shutdown
    }

    /// True when a replica in `directory` can be reached here.
    pub fn has_online_directory(&self, directory: Uuid) -> bool {
        directory::is_online(directory, &self.directories)
    }

    /// The directory of a replica that is placed here: the only one, or the broker's choice.
    pub fn default_directory(&self) -> Uuid {
        match self.directories[..] {
            [] => directory::MIGRATING,
            [only] => only,
            _ => directory::UNASSIGNED,
        }
    }

    /// The listener called `name`.
    pub fn listener(&self, name: &str) -> Option<&EndPoint> {
        self.listeners.iter().find(|listener| &*listener.name == name)
    }

    /// The levels of `feature` that it can run at; none when it does not know the feature.
    pub fn supported(&self, feature: &str) -> Option<(i16, i16)> {
        supported(&self.supported_features, feature)
    }
}

/// A controller as the active controller has it registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControllerRegistration {
    /// The controller.
    pub id: BrokerId,
    /// Chosen anew by each of its processes.
    pub incarnation_id: Uuid,
    /// True when it is set up for the migration from `ZooKeeper`.
    pub zk_migration_ready: bool,
    /// Where it listens.
    pub listeners: Vec<EndPoint>,
    /// The feature levels it can run at.
    pub supported_features: Vec<SupportedFeature>,
}

impl ControllerRegistration {
    /// From its record.
    pub fn from_record(record: &RegisterControllerRecord) -> Self {
        Self {
            id: record.controller_id,
            incarnation_id: record.incarnation_id,
            zk_migration_ready: record.zk_migration_ready,
            listeners: record.end_points.clone(),
            supported_features: record.features.clone(),
        }
    }

    /// Its record.
    pub fn to_record(&self) -> RegisterControllerRecord {
        RegisterControllerRecord {
            controller_id: self.id,
            incarnation_id: self.incarnation_id,
            zk_migration_ready: self.zk_migration_ready,
            end_points: self.listeners.clone(),
            features: self.supported_features.clone(),
        }
    }

    /// The levels of `feature` that it can run at; none when it does not know the feature.
    pub fn supported(&self, feature: &str) -> Option<(i16, i16)> {
        supported(&self.supported_features, feature)
    }
}

fn supported(features: &[SupportedFeature], name: &str) -> Option<(i16, i16)> {
    let feature = features.iter().find(|feature| &*feature.name == name)?;
    Some((feature.min_supported_version, feature.max_supported_version))
}

/// Java compares a `Uuid` as two signed numbers.
fn sort_as_java(ids: &mut [Uuid]) {
    ids.sort_by_key(|id| ((id.0 >> 64) as u64 as i64, id.0 as u64 as i64));
}

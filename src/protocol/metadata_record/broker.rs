//! Records about brokers and controllers.

use super::schema::schema;
use crate::ids::{BrokerEpoch, BrokerId, Name, Uuid};

schema! {
    /// A broker registered, or changed its registration. Version 1 adds controlled shutdown
    /// (KIP-841), 2 the migration from `ZooKeeper` (KIP-866), 3 log directories (KIP-858).
    pub struct RegisterBrokerRecord(3) {
        /// The broker.
        broker_id: BrokerId, 0..;
        /// True for a broker of a cluster that still has `ZooKeeper`.
        is_migrating_zk_broker: bool, 2..;
        /// Chosen anew by each of its processes.
        incarnation_id: Uuid, 0..;
        /// Its epoch from now on.
        broker_epoch: BrokerEpoch, 0..;
        /// Where it listens.
        end_points: Vec<EndPoint>, 0..;
        /// The feature levels it can run at.
        features: Vec<SupportedFeature>, 0..;
        /// Its rack.
        rack: Option<Name>, 0..;
        /// True when it may not lead yet.
        fenced: bool = true, 0..;
        /// True when it asked to shut down.
        in_controlled_shutdown: bool, 1..;
        /// Its log directories that are online.
        log_dirs: Vec<Uuid>, 3.., tag 0;
    }

    /// Where a broker or controller listens.
    pub struct EndPoint(0) {
        /// The listener's name.
        name: Name, 0..;
        /// The host name.
        host: Name, 0..;
        /// The port.
        port: u16, 0..;
        /// 0 for plaintext.
        security_protocol: i16, 0..;
    }

    /// The levels of a feature that a broker or controller can run at.
    pub struct SupportedFeature(0) {
        /// The feature's name.
        name: Name, 0..;
        /// The lowest level.
        min_supported_version: i16, 0..;
        /// The highest level.
        max_supported_version: i16, 0..;
    }

    /// A broker is no longer part of the cluster.
    pub struct UnregisterBrokerRecord(0) {
        /// The broker.
        broker_id: BrokerId, 0..;
        /// The epoch of the registration that ends.
        broker_epoch: BrokerEpoch, 0..;
    }

    /// A broker may not lead any more; Kafka writes [`BrokerRegistrationChangeRecord`] instead.
    pub struct FenceBrokerRecord(0) {
        /// The broker.
        id: BrokerId, 0..;
        /// Its epoch.
        epoch: BrokerEpoch, 0..;
    }

    /// A broker may lead; Kafka writes [`BrokerRegistrationChangeRecord`] instead.
    pub struct UnfenceBrokerRecord(0) {
        /// The broker.
        id: BrokerId, 0..;
        /// Its epoch.
        epoch: BrokerEpoch, 0..;
    }

    /// What is different about a broker's registration.
    pub struct BrokerRegistrationChangeRecord(2) {
        /// The broker.
        broker_id: BrokerId, 0..;
        /// Its epoch.
        broker_epoch: BrokerEpoch, 0..;
        /// -1 unfenced, 0 no change, 1 fenced.
        fenced: i8, 0.., tag 0;
        /// 0 no change, 1 in controlled shutdown.
        in_controlled_shutdown: i8, 1.., tag 1;
        /// The log directories that are online; empty for no change.
        log_dirs: Vec<Uuid>, 2.., tag 2;
    }

    /// A controller registered (KIP-919).
    pub struct RegisterControllerRecord(0) {
        /// The controller.
        controller_id: BrokerId, 0..;
        /// Chosen anew by each of its processes.
        incarnation_id: Uuid, 0..;
        /// True when it is set up for the migration from `ZooKeeper`.
        zk_migration_ready: bool, 0..;
        /// Where it listens.
        end_points: Vec<EndPoint>, 0..;
        /// The feature levels it can run at.
        features: Vec<SupportedFeature>, 0..;
    }
}

impl BrokerRegistrationChangeRecord {
    /// The value of `fenced` that fences.
    pub const FENCE: i8 = 1;
    /// The value of `fenced` that unfences.
    pub const UNFENCE: i8 = -1;
    /// The value of `in_controlled_shutdown` that starts it.
    pub const IN_CONTROLLED_SHUTDOWN: i8 = 1;

    /// The lowest version that has what is set: Kafka writes no higher one.
    pub const fn lowest_version(&self) -> i16 {
        if !self.log_dirs.is_empty() {
            2
        } else if self.in_controlled_shutdown != 0 {
            1
        } else {
            0
        }
    }
}

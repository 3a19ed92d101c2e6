//! Records about the cluster as a whole: features, settings, producer ids, transactions of records.

use super::schema::schema;
use super::value::Float64;
use crate::ids::{BrokerEpoch, BrokerId, Name, ProducerId};

schema! {
    /// A feature runs at this level from here on (KIP-584).
    pub struct FeatureLevelRecord(0) {
        /// The feature's name.
        name: Name, 0..;
        /// Its level; 0 switches it off.
        feature_level: i16, 0..;
    }

    /// A dynamic configuration was set or deleted.
    pub struct ConfigRecord(0) {
        /// The kind of resource: 2 topic, 4 broker, 16 client metrics, 32 group.
        resource_type: i8, 0..;
        /// Which one; empty for the default of all brokers.
        resource_name: Name, 0..;
        /// The configuration's name.
        name: Name, 0..;
        /// Its value; none when it was deleted.
        value: Option<Name>, 0..;
    }

    /// A broker got a block of producer ids.
    pub struct ProducerIdsRecord(0) {
        /// The broker.
        broker_id: BrokerId, 0..;
        /// Its epoch.
        broker_epoch: BrokerEpoch = BrokerEpoch(-1), 0..;
        /// The first producer id that is still free.
        next_producer_id: ProducerId, 0..;
    }

    /// A client quota was set or removed (KIP-546).
    pub struct ClientQuotaRecord(0) {
        /// Whom it is about.
        entity: Vec<QuotaEntity>, 0..;
        /// Which quota.
        key: Name, 0..;
        /// Its value.
        value: Float64, 0..;
        /// True when it was removed.
        remove: bool, 0..;
    }

    /// One part of whom a quota is about.
    #[derive(PartialOrd, Ord)]
    pub struct QuotaEntity(0) {
        /// `user`, `client-id` or `ip`.
        entity_type: Name, 0..;
        /// Its name; none for the default.
        entity_name: Option<Name>, 0..;
    }

    /// Nothing: it keeps the log's end moving (KIP-835).
    pub struct NoOpRecord(0) {}

    /// How far the migration from `ZooKeeper` is.
    pub struct ZkMigrationStateRecord(0) {
        /// The state's number.
        zk_migration_state: i8, 0..;
    }

    /// The records up to the end of the transaction count together or not at all (KIP-868).
    pub struct BeginTransactionRecord(0) {
        /// What it is for.
        name: Option<Name>, 0.., tag 0;
    }

    /// The transaction counts.
    pub struct EndTransactionRecord(0) {}

    /// The transaction does not count.
    pub struct AbortTransactionRecord(0) {
        /// Why not.
        reason: Option<Name>, 0.., tag 0;
    }
}

//! The KRaft controller (KIP-500, KIP-631): one of the quorum's members, the one that leads it, decides;
//! the others follow what it writes.
//!
//! In Kafka: `QuorumController` and its managers. Hard state ([`ControllerState`]) changes only when a
//! record is replayed. A request handler reads it and returns records with a response; the records go
//! to the metadata log and are replayed at once, the response leaves when they are committed. Soft
//! state (sessions of brokers) exists on the active controller alone and begins anew with it.
//!
//! Left out: ACLs, SCRAM, delegation tokens, quotas, `UpdateFeatures`, policies, broker log levels.

mod activation;
mod answers;
pub mod api;
mod api_error;
mod config;
mod config_hooks;
mod configuration;
mod facts;
mod heartbeats;
#[cfg(test)]
mod lab;
mod outcome;
mod partition_index;
mod partition_tables;
mod periodic;
mod purgatory;
mod quorum_controller;
mod replication;
mod state;
#[cfg(test)]
mod sweep;
#[cfg(test)]
mod tests;
mod topic_ids;

pub use activation::{Bootstrap, activation_records};
pub use api_error::ApiError;
pub use config::{ConfigHooks, ControllerConfig};
pub use heartbeats::{BrokerControlState, BrokerHeartbeatManager};
pub use outcome::{Note, Outcome, Records, Then};
pub use periodic::{
    maybe_balance_partition_leaders, maybe_elect_unclean_leaders, maybe_fence_one_stale_broker,
};
pub use quorum_controller::{Append, AppendRecord, QuorumController};
pub use replication::Shutdown;
pub use state::ControllerState;
pub use topic_ids::TopicIds;

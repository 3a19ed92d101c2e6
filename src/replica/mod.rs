//! One partition's replicas: in-sync replicas, fetch sessions, purgatory, followers.

mod fetch_session;
mod fetcher;
mod isr;
mod isr_change;
mod partition;
mod purgatory;

pub use fetch_session::{Context, FetchSessions, LastTold};
pub use fetcher::{FetchStart, FetchState, NextFetch, ReplicaFetcher};
pub use isr::{BrokerList, FetchEpoch, Follower, FollowerFetch, LeaderState, Liveness};
pub use isr_change::{IsrGrant, IsrProposal};
pub use partition::{
    Partition, ProduceError, Read, ReadLimit, Role, Surroundings, Write, readable_end,
};
pub use purgatory::{Keys, Purgatory};

//! One partition's replicas: in-sync replicas, fetch sessions, purgatory, followers.

mod fetch_session;
mod isr;
mod purgatory;

pub use fetch_session::{Context, FetchSessions};
pub use isr::{BrokerList, FetchEpoch, Follower, FollowerFetch, LeaderState, Liveness};
pub use purgatory::Purgatory;

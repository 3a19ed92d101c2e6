//! Which partition a record or a group goes to.

pub mod coordinator_partition;
pub mod java_default_keyed;
pub mod java_round_robin;
pub mod java_sticky_adaptive;

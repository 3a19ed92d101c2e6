//! What controllers and leaders decided about replicas.

pub mod controller_chains;
mod java_random;
pub mod java_util_random;
pub mod leader_partition;
mod partition;
pub mod partition_chains;
pub mod partition_change_builder;
pub mod partition_reassignment_replicas;
pub mod striped_replica_placer;

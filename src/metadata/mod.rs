//! What the metadata log says, and the decisions that are made from it.
//!
//! The [`ClusterImage`] is the state that all records up to some offset add up to; brokers and
//! controllers hold one. Placement of replicas, elections and reassignments are pure functions of it.

mod broker;
mod configs;
mod delta;
pub mod directory;
mod features;
mod image;
pub mod java_hash;
mod partition;
pub mod partition_change;
pub mod placement;
pub mod reassignment;
mod snapshot;
pub mod topic_name;

pub use broker::{BrokerRegistration, ControllerRegistration};
pub use configs::{ConfigResource, Configs, ResourceType};
pub use delta::MetadataDelta;
pub use features::Features;
pub use image::{ClusterImage, TopicImage};
pub use partition::{LeaderRecoveryState, PartitionRegistration, Replicas, Unusual};

//! What Kafka's group coordinator answered and wrote.

pub mod classic_group;
pub mod driver;

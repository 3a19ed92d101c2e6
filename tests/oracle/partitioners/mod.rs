//! Which partition a record or a group goes to.

pub mod coordinator_partition;
pub mod java_default_keyed;
pub mod java_round_robin;
pub mod java_sticky_adaptive;
pub mod kafka_go_keyed;
pub mod kafka_go_sequences;
pub mod kafkajs_keyed;
pub mod kafkajs_unkeyed;
mod keyed;
pub mod librdkafka_keyed;
pub mod sarama_keyed;
pub mod sarama_sequences;

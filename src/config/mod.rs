//! Kafka's settings by name: typed, with Kafka 4.1's defaults, ranges and rules.
//!
//! In Kafka: `KafkaConfig`, `LogConfig`, `ProducerConfig`, `ConsumerConfig`, `AdminClientConfig` and
//! the `ConfigDef`s they are made of. Left out: listeners, TLS, SASL, quotas, tiered storage, share
//! and streams groups. Beside them the settings of other client libraries, by their own names. [`settings`] lists these names too, so that they are told from mistakes.

mod definition;
mod error;
mod kafka;
mod kq;
mod overrides;
mod setting;
mod suggest;
mod table;
mod words;

mod admin;
mod broker;
mod codec;
mod consumer;
mod producer;
mod sarama;
mod topic;

pub use admin::AdminConfig;
pub use broker::BrokerConfig;
pub use consumer::ConsumerConfig;
pub use definition::{Definition, Domain, Effect, Kind, Unit, Valid};
pub use error::ConfigError;
pub use kafka::{KafkaSetting, setting, settings};
pub use kq::{KqPusherConfig, KqQueueConfig};
pub use overrides::Overrides;
pub use producer::ProducerConfig;
pub use sarama::{SaramaConsumerConfig, SaramaProducerConfig};
pub use setting::{GzipLevel, Limit, Millionths, Setting};
pub use suggest::nearest;
pub use topic::TopicConfig;
pub use words::{
    Acks, Assignor, CleanupPolicy, Compression, GroupProtocol, IsolationLevel, KqBalancer,
    KqOffset, MetadataRecovery, OffsetReset, Partitioner, SaramaCompression, SaramaInitial,
    SaramaPartitioner, SaramaRequiredAcks, TimestampType, TopicCompression,
};

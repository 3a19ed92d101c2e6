//! What a producer is made from: plain data.

use bytes::Bytes;

use super::personality::Personality;
use crate::client::metadata::MetadataConfig;
use crate::config::{Acks, MetadataRecovery, ProducerConfig};
use crate::ids::{BrokerId, Name, PartitionIndex, Timestamp};
use crate::node::{Backoff, ChannelConfig};
use crate::protocol::Header;
use crate::sim::Duration;
use crate::sim::rng::Stream;

/// A producer and the application around it.
#[derive(Clone, Debug)]
pub struct ProducerSpec {
    /// `bootstrap.servers`.
    pub bootstrap: Vec<BrokerId>,
    /// The producer's settings.
    pub config: ProducerConfig,
    /// How the client library behaves.
    pub personality: Personality,
    /// What the application does.
    pub application: ApplicationSpec,
    /// How long `close()` waits for what is pending; none for as long as it takes.
    pub close_timeout: Option<Duration>,
}

impl ProducerSpec {
    /// `acks`: 0, 1, or -1 for all.
    pub fn acks(&self) -> i16 {
        match self.config.acks {
            Acks::None => 0,
            Acks::Leader => 1,
            Acks::All => -1,
        }
    }
}

/// What an application sends by itself. It sends nothing at rate zero, and one-off records anytime.
#[derive(Clone, Debug)]
pub struct ApplicationSpec {
    /// The topics, one record each in turn; at least one.
    pub topics: Vec<Name>,
    /// The partition, or none to let the partitioner choose.
    pub partition: Option<PartitionIndex>,
    /// The keys.
    pub keys: Keys,
    /// Values are padded to so many bytes.
    pub value_size: usize,
    /// How many times per 1,000 seconds it sends.
    pub per_kilosecond: u64,
    /// How many records it sends each time; at least one.
    pub burst: u32,
    /// After so many records it is done; none to go on.
    pub count: Option<u64>,
    /// How long after its start it sends the first record.
    pub start: Duration,
    /// What it does between two records.
    pub mode: SendMode,
    /// It prints partition and offset of every record that was acknowledged.
    pub prints: bool,
}

impl ApplicationSpec {
    /// An application that could send to `topic`, but does not by itself.
    pub fn new(topic: impl Into<Name>) -> Self {
        Self {
            topics: vec![topic.into()],
            partition: None,
            keys: Keys::None,
            value_size: 0,
            per_kilosecond: 0,
            burst: 1,
            count: None,
            start: Duration::ZERO,
            mode: SendMode::default(),
            prints: false,
        }
    }
}

/// The keys of an application's records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Keys {
    /// No keys.
    #[default]
    None,
    /// The same key for all.
    Fixed(Bytes),
    /// One after the other, from the first again after the last.
    Cycle(Vec<Bytes>),
    /// Any of them, each with the same chance.
    Random(Vec<Bytes>),
}

impl Keys {
    /// The key of the application's record `number`.
    pub fn of(&self, number: u64, chance: &mut Stream) -> Option<&Bytes> {
        match self {
            Self::None => None,
            Self::Fixed(key) => Some(key),
            Self::Cycle(keys) => keys.get((number % keys.len().max(1) as u64) as usize),
            Self::Random(keys) => keys.get(chance.below(keys.len().max(1) as u64) as usize),
        }
    }
}

/// One record as an application hands it to `send`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducerRecord {
    /// The topic.
    pub topic: Name,
    /// The partition, or none to let the partitioner choose.
    pub partition: Option<PartitionIndex>,
    /// When it is from; none for now.
    pub timestamp: Option<Timestamp>,
    /// The key, if any.
    pub key: Option<Bytes>,
    /// The value; none is a tombstone.
    pub value: Option<Bytes>,
    /// The headers.
    pub headers: Vec<Header>,
}

/// What an application does with the promise that `send` returns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SendMode {
    /// It hands in a callback and goes on.
    #[default]
    Async,
    /// It waits for the outcome before it sends the next record.
    Sync,
    /// It forgets it and goes on.
    FireAndForget,
}

impl ProducerSpec {
    /// A producer of Kafka's own client with these settings, which begins with these brokers.
    pub fn new(
        bootstrap: Vec<BrokerId>,
        config: ProducerConfig,
        application: ApplicationSpec,
    ) -> Self {
        let personality = Personality::java(&config);
        Self { bootstrap, config, personality, application, close_timeout: None }
    }

    pub(super) fn channels(&self, name: &Name) -> ChannelConfig {
        let config = &self.config;
        let client_id =
            if config.client_id.is_empty() { name.clone() } else { config.client_id.clone() };
        ChannelConfig {
            request_timeout: config.request_timeout,
            reconnect_backoff: config.reconnect_backoff,
            reconnect_backoff_max: config.reconnect_backoff_max,
            setup_timeout: config.socket_connection_setup_timeout,
            setup_timeout_max: config.socket_connection_setup_timeout_max,
            max_in_flight: config.max_in_flight_requests_per_connection as usize,
            ..ChannelConfig::new(client_id)
        }
    }

    pub(super) fn metadata(&self) -> MetadataConfig {
        let config = &self.config;
        let (first, most) = self.personality.metadata_backoff;
        MetadataConfig {
            max_age: config.metadata_max_age,
            backoff: Backoff::new(first, most),
            rebootstrap: match config.metadata_recovery_strategy {
                MetadataRecovery::Rebootstrap => Some(config.metadata_recovery_rebootstrap_trigger),
                MetadataRecovery::None => None,
            },
            renews_by_age_only: self.personality.renews_by_age_only,
            ..MetadataConfig::new(self.bootstrap.clone())
        }
    }
}

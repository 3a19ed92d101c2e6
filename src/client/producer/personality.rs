//! What differs between client libraries, beyond their settings: a value that the producer reads.
//!
//! In go-queue: `kq/pusher.go`; in kafka-go: `writer.go`, `balancer.go`, `transport.go`. Left out: that the batch of
//! each partition is a request of its own, on a connection of its own; that a connection which cannot be opened
//! is an attempt, so that a batch here just waits for it as long as ten attempts take; that a topic which is not
//! in the last metadata fails a whole chunk at once; that records bear the time at which their batch is written.
//!
//! In sarama: `async_producer.go`, `produce_set.go`. Left out: its circuit breaker (after three failed looks
//! for a leader nothing is tried for ten seconds), and that a program whose client finds no broker at its
//! start usually ends.

use super::chunk::ChunkSpec;
use super::spec::SendMode;
use crate::client::partitioner::{
    BuiltInPartitioner, KeyHash, LeastBytes, Partitioner, RoundRobinPartitioner, Spread,
};
use crate::config::{
    self, KqBalancer, KqPusherConfig, ProducerConfig, SaramaPartitioner, SaramaProducerConfig,
};
use crate::protocol::{Codec, Compression, ErrorCode};
use crate::sim::Duration;

/// How a producer of some library behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Personality {
    /// Who chooses partitions, before the first record.
    pub partitioner: Partitioner,
    /// Partitions without leader are chosen like others.
    pub chooses_leaderless: bool,
    /// A record without key gets one: the time, in nanoseconds since 1970, in decimal.
    pub time_is_key: bool,
    /// What is gathered before a record comes near a batch; none where nothing is.
    pub chunk: Option<ChunkSpec>,
    /// So many records fill a batch.
    pub max_batch_records: u32,
    /// A partition that the application names is used, whoever chooses otherwise.
    pub obeys_named_partition: bool,
    /// Of each partition one batch is on its way at most, however many requests are.
    pub one_batch_per_partition: bool,
    /// A request is made whether there is a connection or not: where none can be opened it fails, and
    /// that was an attempt. Otherwise batches wait for the connection.
    pub sends_unconnected: bool,
    /// The errors after which a batch is sent again; none for those that Kafka calls retriable.
    pub retried: Option<&'static [ErrorCode]>,
    /// Before a batch is sent again, and after the wait for that, metadata is asked for. A partition
    /// that has no leader for so long then fails its records.
    pub looks_for_leader: Option<Duration>,
    /// What `Produce` allows the leader to wait for its followers.
    pub server_timeout: Duration,
    /// How long the client waits before it asks for metadata again.
    pub metadata_backoff: (Duration, Duration),
    /// Metadata is looked at anew when it is old, whatever fails.
    pub renews_by_age_only: bool,
    /// The largest record, in bytes.
    pub max_record_size: u64,
    /// How batches are compressed.
    pub codec: Codec,
    /// How well earlier records of a topic compressed decides how many more fit into a batch; otherwise
    /// room is reckoned as if nothing were compressed.
    pub expects_compression: bool,
}

/// After what sarama sends again; losing the connection is one of them.
const SARAMA_RETRIES: &[ErrorCode] = &[
    ErrorCode::CorruptMessage,
    ErrorCode::UnknownTopicOrPartition,
    ErrorCode::LeaderNotAvailable,
    ErrorCode::NotLeaderOrFollower,
    ErrorCode::RequestTimedOut,
    ErrorCode::NotEnoughReplicas,
    ErrorCode::NotEnoughReplicasAfterAppend,
    ErrorCode::KafkaStorageError,
    ErrorCode::NetworkException,
];

impl Personality {
    /// Kafka's own client with these settings.
    pub fn java(config: &ProducerConfig) -> Self {
        let batch_size = config.batch_size.max(1) as u32;
        Self {
            partitioner: match config.partitioner_class {
                Some(config::Partitioner::RoundRobin) => {
                    Partitioner::Spread(Spread::Java(RoundRobinPartitioner::default()))
                }
                None => Partitioner::BuiltIn {
                    ignore_keys: config.partitioner_ignore_keys,
                    sticky: BuiltInPartitioner::new(batch_size),
                },
            },
            chooses_leaderless: false,
            time_is_key: false,
            chunk: None,
            max_batch_records: u32::MAX,
            obeys_named_partition: true,
            one_batch_per_partition: config.max_in_flight_requests_per_connection == 1,
            sends_unconnected: false,
            retried: None,
            looks_for_leader: None,
            server_timeout: config.request_timeout,
            metadata_backoff: (config.retry_backoff, config.retry_backoff_max),
            renews_by_age_only: false,
            max_record_size: config.max_request_size.min(config.buffer_memory),
            codec: config.compression_type.codec(config.compression_gzip_level),
            expects_compression: true,
        }
    }

    /// sarama with these settings.
    pub fn sarama(config: &SaramaProducerConfig) -> Self {
        Self {
            partitioner: match config.partitioner {
                SaramaPartitioner::Hash => Partitioner::by_key(KeyHash::FNV1A, Spread::Random),
                SaramaPartitioner::ReferenceHash => {
                    Partitioner::by_key(KeyHash::REFERENCE, Spread::Random)
                }
                SaramaPartitioner::ConsistentCrc => {
                    Partitioner::by_key(KeyHash::CRC32, Spread::Random)
                }
                SaramaPartitioner::Murmur2 => Partitioner::by_key(KeyHash::MURMUR2, Spread::Random),
                SaramaPartitioner::Random => Partitioner::Spread(Spread::Random),
                SaramaPartitioner::RoundRobin => Partitioner::Spread(Spread::Sarama { next: 0 }),
                SaramaPartitioner::Manual => Partitioner::Manual,
            },
            chooses_leaderless: false,
            time_is_key: false,
            chunk: None,
            max_batch_records: u32::MAX,
            obeys_named_partition: false,
            one_batch_per_partition: true,
            sends_unconnected: true,
            retried: Some(SARAMA_RETRIES),
            looks_for_leader: Some(
                config.metadata_retry_backoff * u64::from(config.metadata_retry_max),
            ),
            server_timeout: config.timeout,
            // It asks whenever it needs to; only what brings nothing new waits.
            metadata_backoff: (Duration::from_millis(10), config.metadata_retry_backoff),
            renews_by_age_only: false,
            max_record_size: config.max_message_bytes,
            codec: config.compression.codec(),
            expects_compression: false,
        }
    }

    /// go-queue's kq, around a `Writer` of kafka-go, with these settings; `WithSyncPush` where the application
    /// waits for each record.
    pub fn kq(config: &KqPusherConfig, mode: SendMode) -> Self {
        let random_without_key = |hash, empty_is_none| Partitioner::ByKey {
            hash,
            empty_is_none,
            otherwise: Spread::Random,
        };
        let in_turn = || Spread::KafkaGo { chunk: 0, records: 0 };
        let chunk = ChunkSpec { max_bytes: config.chunk_size, interval: config.flush_interval };
        let is_sync = mode == SendMode::Sync;
        Self {
            partitioner: match config.balancer {
                KqBalancer::LeastBytes => Partitioner::LeastBytes(LeastBytes::default()),
                KqBalancer::RoundRobin => Partitioner::Spread(in_turn()),
                KqBalancer::Hash => Partitioner::by_key(KeyHash::FNV1A, in_turn()),
                KqBalancer::ReferenceHash => random_without_key(KeyHash::REFERENCE, false),
                KqBalancer::Crc32 => random_without_key(KeyHash::CRC32, true),
                KqBalancer::Murmur2 => random_without_key(KeyHash::MURMUR2, false),
            },
            chooses_leaderless: true,
            time_is_key: true,
            chunk: (!is_sync).then_some(chunk),
            max_batch_records: if is_sync { 1 } else { KqPusherConfig::BATCH_SIZE },
            obeys_named_partition: false,
            one_batch_per_partition: true,
            sends_unconnected: true,
            retried: None,
            looks_for_leader: None,
            server_timeout: Duration::from_secs(10),
            metadata_backoff: (Duration::from_millis(100), Duration::from_secs(1)),
            renews_by_age_only: true,
            max_record_size: KqPusherConfig::BATCH_BYTES,
            // `Compression: kafka.Snappy`; nobody can ask for another.
            codec: Compression::Snappy.into(),
            expects_compression: false,
        }
    }

    /// True if a batch is sent again after `error`.
    pub(super) fn retries_after(&self, error: ErrorCode) -> bool {
        match self.retried {
            None => error.is_retriable(),
            Some(errors) => errors.contains(&error),
        }
    }
}

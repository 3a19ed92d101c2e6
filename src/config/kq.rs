//! Settings of go-queue's kq, by its own names: its pusher, and its queue.
//!
//! In go-queue 1.2.2: `PushOption`, `KqConf`, `QueueOption`; in kafka-go 0.4: what `Writer` and `Reader` do where
//! go-queue says nothing, and lets nobody say anything. Times are written as Go writes them: `1s`. Left out:
//! names, passwords, certificates, and the service around a queue.

use super::table::settings;
use super::{
    Acks, Assignor, ConfigError, ConsumerConfig, KqBalancer, KqOffset, OffsetReset, Overrides,
    ProducerConfig,
};
use crate::ids::Name;
use crate::sim::Duration;

/// `Writer.BatchTimeout`: so long a batch waits for more records.
const BATCH_TIMEOUT: Duration = Duration::from_secs(1);
/// What the nine pauses between ten attempts take: 0.1 s, 0.4 s, 0.9 s, and a second each time.
const ALL_ATTEMPTS: Duration = Duration::from_millis(7_400);
/// `ReadTimeout` and `WriteTimeout` of a `Writer`.
const TIMEOUT: Duration = Duration::from_secs(10);

settings! {
/// What a pusher of kq is configured with.
KqPusherConfig for KqPusher {
    /// Who chooses partitions.
    balancer: KqBalancer = string("WithBalancer", "LeastBytes");
    /// Whether asking for an unknown topic may create it.
    allow_auto_topic_creation: bool =
        boolean("WithAllowAutoTopicCreation", "false").ignored();
    /// How many bytes of values the pusher gathers before it hands them on.
    chunk_size: u64 = int("WithChunkSize", "1048576").at_least(1);
    /// How long it gathers.
    flush_interval: Duration = span("WithFlushInterval", "1s").at_least(1);
}
}

settings! {
/// What a queue of kq is configured with.
KqQueueConfig for KqQueue {
    /// Where to begin without a committed offset.
    offset: KqOffset = string("Offset", "last");
    /// How many readers a queue has, each a member of the group.
    conns: u32 = int("Conns", "1").at_least(1);
    /// How many goroutines take records out of a reader.
    consumers: u32 = int("Consumers", "8").at_least(1);
    /// How many handlers work at once.
    processors: u32 = int("Processors", "8").at_least(1);
    /// How much must be there before a fetch is answered early.
    min_bytes: u64 = int("MinBytes", "10240").at_least(1);
    /// The most that one fetch may bring.
    max_bytes: u64 = int("MaxBytes", "10485760").at_least(1);
    /// Whether a record is committed that its handler failed on.
    force_commit: bool = boolean("ForceCommit", "true");
    /// Whether records are committed in the order in which they came, and not before those before them.
    commit_in_order: bool = boolean("CommitInOrder", "false");
    /// How often what is done is committed.
    commit_interval: Duration = span("WithCommitInterval", "1s").at_least(1);
    /// How many records may wait for a goroutine.
    queue_capacity: u32 = int("WithQueueCapacity", "1000").at_least(1);
    /// How long a broker may hold a fetch while there is less than `MinBytes`.
    max_wait: Duration = span("WithMaxWait", "1s").at_least(1);
}
}

impl KqPusherConfig {
    /// `Writer.BatchBytes`: the largest record, and the largest batch.
    pub const BATCH_BYTES: u64 = 1_048_576;
    /// `Writer.BatchSize`: so many records fill a batch.
    pub const BATCH_SIZE: u32 = 100;

    /// go-queue's defaults with what `overrides` sets.
    ///
    /// # Errors
    /// Values that cannot be simulated, or that nobody knows.
    pub fn new(overrides: &Overrides) -> Result<Self, Vec<ConfigError>> {
        let mut config = Self::default();
        let errors = config.apply(overrides);
        if errors.is_empty() { Ok(config) } else { Err(errors) }
    }

    /// What kafka-go's `Writer` does for it, in Kafka's names. No acknowledgement is asked for: a `Writer`
    /// that go-queue makes by hand has the zero value of `RequiredAcks` (since 1.1.7; before that it was `all`).
    pub fn in_kafkas_names(&self) -> ProducerConfig {
        ProducerConfig {
            acks: Acks::None,
            batch_size: Self::BATCH_BYTES,
            buffer_memory: i64::MAX.cast_unsigned(),
            delivery_timeout: BATCH_TIMEOUT + ALL_ATTEMPTS,
            enable_idempotence: false,
            linger: BATCH_TIMEOUT,
            max_block: TIMEOUT,
            max_in_flight_requests_per_connection: 1_000,
            // `Transport.MetadataTTL` is six seconds, and each look comes after a part of it drawn by chance.
            metadata_max_age: Duration::from_secs(3),
            partitioner_adaptive_partitioning_enable: false,
            reconnect_backoff: Duration::from_millis(100),
            reconnect_backoff_max: Duration::from_secs(1),
            request_timeout: TIMEOUT,
            retries: 9,
            socket_connection_setup_timeout: Duration::from_secs(5),
            socket_connection_setup_timeout_max: Duration::from_secs(5),
            ..ProducerConfig::default()
        }
    }
}

impl KqQueueConfig {
    /// go-queue's defaults with what `overrides` sets.
    ///
    /// # Errors
    /// Values that cannot be simulated, or that nobody knows.
    pub fn new(overrides: &Overrides) -> Result<Self, Vec<ConfigError>> {
        let mut config = Self::default();
        let errors = config.apply(overrides);
        if errors.is_empty() { Ok(config) } else { Err(errors) }
    }

    /// What kafka-go's `Reader` does for it, in Kafka's names, for a member of `group`.
    pub fn in_kafkas_names(&self, group: &Name) -> ConsumerConfig {
        ConsumerConfig {
            auto_commit_interval: self.commit_interval,
            auto_offset_reset: match self.offset {
                KqOffset::Last => OffsetReset::Latest,
                KqOffset::First => OffsetReset::Earliest,
            },
            enable_auto_commit: true,
            fetch_min_bytes: self.min_bytes,
            fetch_max_bytes: self.max_bytes,
            fetch_max_wait: self.max_wait,
            group_id: Some(group.clone()),
            heartbeat_interval: Duration::from_secs(3),
            max_partition_fetch_bytes: self.max_bytes,
            // Handlers may take their time; this is what `JoinGroup` says (`RebalanceTimeout`).
            max_poll_interval: Duration::from_secs(30),
            max_poll_records: self.queue_capacity,
            partition_assignment_strategy: vec![Assignor::Range, Assignor::RoundRobin],
            request_timeout: TIMEOUT,
            session_timeout: Duration::from_secs(30),
            ..ConsumerConfig::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Domain;

    #[test]
    fn a_pusher_is_a_writer_that_asks_for_no_acknowledgement() {
        let pusher = KqPusherConfig::default();
        assert_eq!((pusher.balancer, pusher.chunk_size), (KqBalancer::LeastBytes, 1 << 20));
        assert_eq!(pusher.flush_interval, Duration::from_secs(1));
        let writer = pusher.in_kafkas_names();
        assert_eq!((writer.acks, writer.retries), (Acks::None, 9));
        assert_eq!((writer.linger, writer.batch_size), (Duration::from_secs(1), 1 << 20));
        assert_eq!(writer.delivery_timeout, Duration::from_millis(8_400));
    }

    #[test]
    fn a_queue_has_eight_of_each_waits_for_ten_kibibytes_and_begins_with_the_newest() {
        let queue = KqQueueConfig::default();
        assert_eq!((queue.conns, queue.consumers, queue.processors), (1, 8, 8));
        assert!(queue.force_commit && !queue.commit_in_order);
        let reader = queue.in_kafkas_names(&"g".into());
        assert_eq!(reader.auto_offset_reset, OffsetReset::Latest);
        assert_eq!((reader.fetch_min_bytes, reader.fetch_max_bytes), (10_240, 10_485_760));
        assert_eq!(reader.fetch_max_wait, Duration::from_secs(1));
        assert_eq!(reader.auto_commit_interval, Duration::from_secs(1));
        assert_eq!(reader.session_timeout, Duration::from_secs(30));
        assert_eq!(reader.heartbeat_interval, Duration::from_secs(3));
        assert_eq!(reader.partition_assignment_strategy, [Assignor::Range, Assignor::RoundRobin]);
    }

    #[test]
    fn names_are_go_queues_and_times_have_units() {
        let answer = |domain: Domain, name: &str, text: &str| {
            let error = Overrides::default().set(domain, name, text).unwrap_err();
            error.hint().map_or(error.to_string(), |hint| format!("{error}; {hint}"))
        };
        insta::assert_snapshot!(answer(Domain::KqQueue, "Processor", "8"), @"unknown kq queue setting `Processor`; did you mean `Processors`?");
        insta::assert_snapshot!(answer(Domain::KqQueue, "session.timeout.ms", "10000"), @"unknown kq queue setting `session.timeout.ms`; Kafka has it as a consumer setting");
        insta::assert_snapshot!(answer(Domain::KqQueue, "Offset", "earliest"), @"Invalid value earliest for configuration Offset: one of first, last (not earliest)");
        insta::assert_snapshot!(answer(Domain::KqQueue, "WithMaxWait", "100"), @"Invalid value 100 for configuration WithMaxWait: a time has a unit: 100ms, 2s, 10m");
        insta::assert_snapshot!(answer(Domain::KqQueue, "WithCommitInterval", "0s"), @"Invalid value 0s for configuration WithCommitInterval: Value must be at least 1");
        insta::assert_snapshot!(answer(Domain::KqQueue, "Processors", "0"), @"Invalid value 0 for configuration Processors: Value must be at least 1");
        insta::assert_snapshot!(answer(Domain::KqPusher, "acks", "all"), @"unknown kq pusher setting `acks`; Kafka has it as a producer setting");
        insta::assert_snapshot!(answer(Domain::KqPusher, "WithBalancer", "Murmur"), @"Invalid value Murmur for configuration WithBalancer: kafka-go has no balancer Murmur");
    }
}

//! Settings of sarama's producers and consumers, by sarama's own names.
//!
//! In sarama: `Config` and `NewConfig` (1.61). Times are written as Go writes them: `100ms`. Left out: TLS,
//! SASL, proxies, interceptors, transactions, and what only tunes goroutines.

use super::table::settings;
use super::{Acks, Assignor, ConfigError, ConsumerConfig, OffsetReset, Overrides, ProducerConfig};
use crate::ids::Name;
use crate::sim::Duration;

/// Longer than any run: what has no limit.
const FOREVER: Duration = Duration::from_secs(10_000_000);
/// `MaxRequestSize`: what sarama puts into one request at most.
const MAX_REQUEST_SIZE: u64 = 100 * 1024 * 1024;

settings! {
/// What a producer of sarama is configured with.
SaramaProducerConfig for SaramaProducer {
    /// The name the client gives itself.
    client_id: Name = string("ClientID", "");
    /// How long opening a connection may take.
    dial_timeout: Duration = span("Net.DialTimeout", "30s");
    /// How long it waits for an answer.
    read_timeout: Duration = span("Net.ReadTimeout", "30s");
    /// How long sending a request may take.
    write_timeout: Duration = span("Net.WriteTimeout", "30s").ignored();
    /// How many requests to a broker may be unanswered.
    max_open_requests: u32 = int("Net.MaxOpenRequests", "5").at_least(1);
    /// How often metadata is asked for again when there is no leader.
    metadata_retry_max: u32 = int("Metadata.Retry.Max", "3").at_least(0);
    /// How long it waits before that.
    metadata_retry_backoff: Duration = span("Metadata.Retry.Backoff", "250ms");
    /// After how long metadata is asked for anew though nothing failed.
    metadata_refresh_frequency: Duration = span("Metadata.RefreshFrequency", "10m");
    /// Whose acknowledgement a record waits for.
    required_acks: super::SaramaRequiredAcks = string("Producer.RequiredAcks", "WaitForLocal");
    /// How long the leader may wait for its followers.
    timeout: Duration = span("Producer.Timeout", "10s");
    /// The largest record, and the largest batch for a partition.
    max_message_bytes: u64 = int("Producer.MaxMessageBytes", "1048576").at_least(1);
    /// Who chooses partitions.
    partitioner: super::SaramaPartitioner = string("Producer.Partitioner", "NewHashPartitioner");
    /// How batches are compressed.
    compression: super::SaramaCompression = string("Producer.Compression", "CompressionNone");
    /// Whether a retry can neither repeat nor reorder records.
    idempotent: bool = boolean("Producer.Idempotent", "false").only(&[]);
    /// How often a record is sent again.
    retry_max: u32 = int("Producer.Retry.Max", "3").at_least(0);
    /// How long it waits before that.
    retry_backoff: Duration = span("Producer.Retry.Backoff", "100ms");
    /// How many bytes make a batch ready; 0 for as soon as possible.
    flush_bytes: u64 = int("Producer.Flush.Bytes", "0").only(&[]);
    /// How many records make a batch ready; 0 for as soon as possible.
    flush_messages: u32 = int("Producer.Flush.Messages", "0").only(&[]);
    /// How long a batch waits for more records.
    flush_frequency: Duration = span("Producer.Flush.Frequency", "0s");
    /// The most records in a batch; 0 for no limit.
    flush_max_messages: u32 = int("Producer.Flush.MaxMessages", "0").only(&[]);
    /// Whether the application is told of records that were acknowledged.
    return_successes: bool = boolean("Producer.Return.Successes", "false");
    /// Whether the application is told of records that failed.
    return_errors: bool = boolean("Producer.Return.Errors", "true").ignored();
}
}

settings! {
/// What a consumer of sarama is configured with.
SaramaConsumerConfig for SaramaConsumer {
    /// The name the client gives itself.
    client_id: Name = string("ClientID", "");
    /// The rack the consumer stands in.
    rack_id: Name = string("RackID", "");
    /// How long opening a connection may take.
    dial_timeout: Duration = span("Net.DialTimeout", "30s");
    /// How long it waits for an answer.
    read_timeout: Duration = span("Net.ReadTimeout", "30s");
    /// How often metadata is asked for again when there is no leader.
    metadata_retry_max: u32 = int("Metadata.Retry.Max", "3").at_least(0).ignored();
    /// How long it waits before that.
    metadata_retry_backoff: Duration = span("Metadata.Retry.Backoff", "250ms");
    /// After how long metadata is asked for anew though nothing failed.
    metadata_refresh_frequency: Duration = span("Metadata.RefreshFrequency", "10m");
    /// How many records of a partition wait for the handler.
    channel_buffer_size: u32 = int("ChannelBufferSize", "256").at_least(1);
    /// How much must be there before a fetch is answered early.
    fetch_min: u64 = int("Consumer.Fetch.Min", "1").at_least(1);
    /// How much a fetch asks for per partition.
    fetch_default: u64 = int("Consumer.Fetch.Default", "1048576").at_least(1);
    /// The most that a fetch for a partition may grow to; 0 for no limit.
    fetch_max: u64 = int("Consumer.Fetch.Max", "0").ignored();
    /// The most that one fetch may bring.
    fetch_max_bytes: u64 = int("Consumer.Fetch.MaxBytes", "52428800").at_least(1);
    /// How long a broker may hold a fetch when there is nothing new.
    max_wait_time: Duration = span("Consumer.MaxWaitTime", "500ms");
    /// How long a handler may keep other partitions of its broker waiting.
    max_processing_time: Duration = span("Consumer.MaxProcessingTime", "100ms").ignored();
    /// How long it waits before it reads a partition again that failed.
    retry_backoff: Duration = span("Consumer.Retry.Backoff", "2s").ignored();
    /// Where to begin without a committed offset.
    initial: super::SaramaInitial = string("Consumer.Offsets.Initial", "OffsetNewest");
    /// Whether marked offsets are committed by themselves.
    auto_commit_enable: bool = boolean("Consumer.Offsets.AutoCommit.Enable", "true");
    /// How often.
    auto_commit_interval: Duration = span("Consumer.Offsets.AutoCommit.Interval", "1s");
    /// How often the last commit of a session is tried again.
    offsets_retry_max: u32 = int("Consumer.Offsets.Retry.Max", "3").ignored();
    /// After how long without heartbeat the coordinator takes the member for dead.
    session_timeout: Duration = span("Consumer.Group.Session.Timeout", "10s");
    /// How often a member tells its coordinator that it lives.
    heartbeat_interval: Duration = span("Consumer.Group.Heartbeat.Interval", "3s");
    /// The ways of dividing partitions that the member supports, best first.
    group_strategies: Vec<Assignor> = list("Consumer.Group.Rebalance.GroupStrategies", "range")
        .one_of(&["range", "roundrobin", "sticky"])
        .only(&[]);
    /// How long members may take to join a rebalance.
    rebalance_timeout: Duration = span("Consumer.Group.Rebalance.Timeout", "1m");
    /// How often joining is tried again.
    rebalance_retry_max: u32 = int("Consumer.Group.Rebalance.Retry.Max", "4").ignored();
    /// How long a member waits before it tries to join again.
    rebalance_retry_backoff: Duration = span("Consumer.Group.Rebalance.Retry.Backoff", "2s");
    /// The name under which a member keeps its place over a restart (KIP-345).
    instance_id: Option<Name> = string("Consumer.Group.InstanceId").non_empty();
    /// Whether a position that is not in the log any more is replaced by the initial one.
    reset_invalid_offsets: bool = boolean("Consumer.Group.ResetInvalidOffsets", "true").only(&[]);
    /// Which records of transactions are seen.
    isolation_level: Name = string("Consumer.IsolationLevel", "ReadUncommitted").only(&[]);
}
}

impl SaramaProducerConfig {
    /// sarama's defaults with what `overrides` sets.
    ///
    /// # Errors
    /// Values that sarama refuses, or that cannot be simulated.
    pub fn new(overrides: &Overrides) -> Result<Self, Vec<ConfigError>> {
        let mut config = Self::default();
        let errors = config.apply(overrides);
        if errors.is_empty() { Ok(config) } else { Err(errors) }
    }

    /// The same in Kafka's names, as far as there are any.
    pub fn in_kafkas_names(&self) -> ProducerConfig {
        ProducerConfig {
            acks: match self.required_acks {
                super::SaramaRequiredAcks::NoResponse => Acks::None,
                super::SaramaRequiredAcks::WaitForLocal => Acks::Leader,
                super::SaramaRequiredAcks::WaitForAll => Acks::All,
            },
            batch_size: self.max_message_bytes,
            buffer_memory: i64::MAX.cast_unsigned(),
            client_id: self.client_id.clone(),
            delivery_timeout: FOREVER,
            enable_idempotence: false,
            linger: self.flush_frequency,
            // A topic that is not known is asked for so often, then sending fails.
            max_block: self.metadata_retry_backoff * u64::from(self.metadata_retry_max),
            max_in_flight_requests_per_connection: self.max_open_requests,
            max_request_size: MAX_REQUEST_SIZE,
            metadata_max_age: self.metadata_refresh_frequency,
            partitioner_adaptive_partitioning_enable: false,
            reconnect_backoff: Duration::ZERO,
            reconnect_backoff_max: Duration::ZERO,
            request_timeout: self.read_timeout,
            retries: self.retry_max,
            retry_backoff: self.retry_backoff,
            retry_backoff_max: self.retry_backoff,
            socket_connection_setup_timeout: self.dial_timeout,
            socket_connection_setup_timeout_max: self.dial_timeout,
            ..ProducerConfig::default()
        }
    }
}

impl SaramaConsumerConfig {
    /// sarama's defaults with what `overrides` sets.
    ///
    /// # Errors
    /// Values that sarama refuses, or that cannot be simulated.
    pub fn new(overrides: &Overrides) -> Result<Self, Vec<ConfigError>> {
        let mut config = Self::default();
        let errors = config.apply(overrides);
        if errors.is_empty() { Ok(config) } else { Err(errors) }
    }

    /// The same in Kafka's names, as far as there are any, for a member of `group`.
    pub fn in_kafkas_names(&self, group: &Name) -> ConsumerConfig {
        ConsumerConfig {
            auto_commit_interval: self.auto_commit_interval,
            auto_offset_reset: match self.initial {
                super::SaramaInitial::Newest => OffsetReset::Latest,
                super::SaramaInitial::Oldest => OffsetReset::Earliest,
            },
            client_id: self.client_id.clone(),
            client_rack: self.rack_id.clone(),
            enable_auto_commit: self.auto_commit_enable,
            fetch_min_bytes: self.fetch_min,
            fetch_max_bytes: self.fetch_max_bytes,
            fetch_max_wait: self.max_wait_time,
            group_id: Some(group.clone()),
            group_instance_id: self.instance_id.clone(),
            heartbeat_interval: self.heartbeat_interval,
            max_partition_fetch_bytes: self.fetch_default,
            // The handler may take its time: only a rebalance waits for it, for so long.
            max_poll_interval: self.rebalance_timeout,
            max_poll_records: self.channel_buffer_size,
            metadata_max_age: self.metadata_refresh_frequency,
            partition_assignment_strategy: self.group_strategies.clone(),
            reconnect_backoff: Duration::ZERO,
            reconnect_backoff_max: Duration::ZERO,
            request_timeout: self.read_timeout,
            retry_backoff: self.metadata_retry_backoff,
            retry_backoff_max: self.metadata_retry_backoff,
            session_timeout: self.session_timeout,
            socket_connection_setup_timeout: self.dial_timeout,
            socket_connection_setup_timeout_max: self.dial_timeout,
            ..ConsumerConfig::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Domain;

    #[test]
    fn defaults_are_those_of_new_config() {
        let producer = SaramaProducerConfig::default().in_kafkas_names();
        assert_eq!(
            (producer.acks, producer.retries, producer.enable_idempotence),
            (Acks::Leader, 3, false)
        );
        assert_eq!(producer.retry_backoff, Duration::from_millis(100));
        let consumer = SaramaConsumerConfig::default().in_kafkas_names(&"g".into());
        assert_eq!(consumer.auto_offset_reset, OffsetReset::Latest);
        assert_eq!(consumer.session_timeout, Duration::from_secs(10));
        assert_eq!(consumer.auto_commit_interval, Duration::from_secs(1));
    }

    #[test]
    fn names_are_saramas_and_times_have_units() {
        let answer = |name: &str, text: &str| {
            let error = Overrides::default().set(Domain::SaramaProducer, name, text).unwrap_err();
            error.hint().map_or(error.to_string(), |hint| format!("{error}; {hint}"))
        };
        insta::assert_snapshot!(answer("Producer.RequiredAck", "WaitForAll"), @"unknown sarama producer setting `Producer.RequiredAck`; did you mean `Producer.RequiredAcks`?");
        insta::assert_snapshot!(answer("acks", "all"), @"unknown sarama producer setting `acks`; Kafka has it as a producer setting");
        insta::assert_snapshot!(answer("Producer.Retry.Backoff", "100"), @"Invalid value 100 for configuration Producer.Retry.Backoff: a time has a unit: 100ms, 2s, 10m");
        insta::assert_snapshot!(answer("Producer.Idempotent", "true"), @"sarama knows `Producer.Idempotent=true`, the simulator does not model it (yet); what can be simulated: false");
        let strategy = "Consumer.Group.Rebalance.GroupStrategies";
        let error = Overrides::default().set(Domain::SaramaConsumer, strategy, "roundrobin");
        insta::assert_snapshot!(error.unwrap_err(), @"sarama knows `Consumer.Group.Rebalance.GroupStrategies=roundrobin`, the simulator does not model it (yet)");
    }
}

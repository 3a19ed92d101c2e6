//! Settings of a server process.
//!
//! In Kafka: `KafkaConfig` and the `*Config` classes it merges. A topic's own settings override the
//! `log.*` ones here, see [`super::TopicConfig::effective`].

use super::table::settings;
use super::{
    CleanupPolicy, ConfigError, GzipLevel, Limit, Millionths, Overrides, TimestampType,
    TopicCompression,
};
use crate::ids::Name;
use crate::sim::Duration;

settings! {
/// What a broker, a controller, or a process that is both is configured with.
BrokerConfig for Broker {
    /// How long a broker's lease lasts without a heartbeat; then the controller fences it.
    broker_session_timeout: Duration = int("broker.session.timeout.ms", "9000").since("2.8");
    /// How often a broker tells the controller that it lives.
    broker_heartbeat_interval: Duration = int("broker.heartbeat.interval.ms", "2000").since("2.8");
    /// How long a starting broker tries to register before it gives up and exits.
    initial_broker_registration_timeout: Duration =
        int("initial.broker.registration.timeout.ms", "60000").since("2.8");
    /// The rack a broker stands in, for placing replicas apart.
    broker_rack: Option<Name> = string("broker.rack").since("0.10");
    /// Whether a broker that stops hands its leaderships over first.
    controlled_shutdown_enable: bool = boolean("controlled.shutdown.enable", "true");
    /// How many requests a broker works on at a time.
    num_io_threads: u32 = int("num.io.threads", "8").at_least(1);
    /// How many threads carry requests and answers.
    num_network_threads: u32 = int("num.network.threads", "3").at_least(1).ignored();
    /// How many threads do the scheduled work.
    background_threads: u32 = int("background.threads", "10").at_least(1).ignored();
    /// How many requests may wait before the network threads stop reading.
    queued_max_requests: u32 = int("queued.max.requests", "500").at_least(1).ignored();
    /// After how long without traffic a broker closes a connection.
    connections_max_idle: Limit<Duration> = long("connections.max.idle.ms", "600000");
    /// How long a broker waits for answers to its own requests.
    request_timeout: Duration = int("request.timeout.ms", "30000");
    /// How long the first attempt to connect may take.
    socket_connection_setup_timeout: Duration =
        long("socket.connection.setup.timeout.ms", "10000").since("2.7");
    /// How long later attempts may take.
    socket_connection_setup_timeout_max: Duration =
        long("socket.connection.setup.timeout.max.ms", "30000").since("2.7");
    /// How long a broker waits for the controller's answer.
    controller_socket_timeout: Duration = int("controller.socket.timeout.ms", "30000");
    /// How many fetch sessions a broker remembers (KIP-227).
    max_incremental_fetch_session_cache_slots: u32 =
        int("max.incremental.fetch.session.cache.slots", "1000").at_least(0).since("1.1");
    /// The most that one fetch answer may carry.
    fetch_max_bytes: u64 = int("fetch.max.bytes", "57671680").at_least(1_024).since("0.10.1");
    /// The most partitions that one request for descriptions may name.
    max_request_partition_size_limit: u32 =
        int("max.request.partition.size.limit", "2000").at_least(1).since("3.8");
    /// The largest batch a broker takes; topics may say otherwise.
    message_max_bytes: u64 = int("message.max.bytes", "1048588").at_least(0);
    /// Whether topics can be deleted.
    delete_topic_enable: bool = boolean("delete.topic.enable", "true");
    /// Whether asking for an unknown topic creates it.
    auto_create_topics_enable: bool = boolean("auto.create.topics.enable", "true");
    /// How many partitions a topic gets if nobody says.
    num_partitions: u32 = int("num.partitions", "1").at_least(1);
    /// How many replicas a topic gets if nobody says.
    default_replication_factor: i32 = int("default.replication.factor", "1");
    /// How many replicas must be in sync before acks=all is taken.
    min_insync_replicas: u32 = int("min.insync.replicas", "1").at_least(1);
    /// Whether a replica that is out of sync may lead when no other is left.
    unclean_leader_election_enable: bool = boolean("unclean.leader.election.enable", "false");
    /// How often the controller looks for partitions it may give an unclean leader.
    unclean_leader_election_interval: Duration =
        long("unclean.leader.election.interval.ms", "300000").at_least(1).since("4.0");
    /// Whether the controller gives leaderships back to preferred replicas.
    auto_leader_rebalance_enable: bool = boolean("auto.leader.rebalance.enable", "true");
    /// How often it looks whether it should.
    leader_imbalance_check_interval: Duration =
        long("leader.imbalance.check.interval.seconds", "300").at_least(1);
    /// After how long without catching up a follower leaves the ISR.
    replica_lag_time_max: Duration = long("replica.lag.time.max.ms", "30000");
    /// How long a follower waits for its leader's answer.
    replica_socket_timeout: Duration = int("replica.socket.timeout.ms", "30000");
    /// How long a leader may hold a follower's fetch when there is nothing new.
    replica_fetch_wait_max: Duration = int("replica.fetch.wait.max.ms", "500");
    /// How much must be there before a follower's fetch is answered early.
    replica_fetch_min_bytes: u64 = int("replica.fetch.min.bytes", "1");
    /// How much a follower asks for per partition.
    replica_fetch_max_bytes: u64 = int("replica.fetch.max.bytes", "1048576").at_least(0);
    /// How much a follower asks for in one request.
    replica_fetch_response_max_bytes: u64 =
        int("replica.fetch.response.max.bytes", "10485760").at_least(0).since("0.10.1");
    /// How long a follower leaves a partition alone after an error.
    replica_fetch_backoff: Duration =
        int("replica.fetch.backoff.ms", "1000").at_least(0).since("0.9");
    /// How many threads fetch from each other broker.
    num_replica_fetchers: u32 = int("num.replica.fetchers", "1");
    /// How often high watermarks are written to disk.
    replica_high_watermark_checkpoint_interval: Duration =
        long("replica.high.watermark.checkpoint.interval.ms", "5000");
    /// How many finished fetches may pile up before they are cleared away.
    fetch_purgatory_purge_interval_requests: u32 =
        int("fetch.purgatory.purge.interval.requests", "1000").ignored();
    /// How many finished produce requests may pile up before they are cleared away.
    producer_purgatory_purge_interval_requests: u32 =
        int("producer.purgatory.purge.interval.requests", "1000").ignored();
    /// How large a segment grows before the next one begins.
    log_segment_bytes: u64 = int("log.segment.bytes", "1073741824").at_least(1_048_576);
    /// How old a segment grows before the next one begins.
    log_roll_ms: Option<Duration> = long("log.roll.ms");
    /// The same, where `log.roll.ms` is not set.
    log_roll_hours: Duration = int("log.roll.hours", "168").at_least(1);
    /// How much of that age is given away at random, so that not all roll at once.
    log_roll_jitter_ms: Option<Duration> = long("log.roll.jitter.ms");
    /// The same, where `log.roll.jitter.ms` is not set.
    log_roll_jitter_hours: Duration = int("log.roll.jitter.hours", "0").at_least(0);
    /// How long records are kept.
    log_retention_ms: Option<Limit<Duration>> = long("log.retention.ms");
    /// The same, where `log.retention.ms` is not set.
    log_retention_minutes: Option<Limit<Duration>> = int("log.retention.minutes");
    /// The same, where neither of the others is set.
    log_retention_hours: Limit<Duration> = int("log.retention.hours", "168");
    /// How many bytes of a partition are kept.
    log_retention_bytes: Limit<u64> = long("log.retention.bytes", "-1");
    /// How often segments are looked through for what may go.
    log_retention_check_interval: Duration =
        long("log.retention.check.interval.ms", "300000").at_least(1);
    /// How long after the start the scheduled work on logs begins.
    log_initial_task_delay: Duration = long("log.initial.task.delay.ms", "30000").at_least(0);
    /// Whether old segments are deleted, compacted, or both.
    log_cleanup_policy: CleanupPolicy =
        list("log.cleanup.policy", "delete").one_of(&["compact", "delete"]);
    /// How long a deleted segment's files stay under another name.
    log_segment_delete_delay: Duration = long("log.segment.delete.delay.ms", "60000").at_least(0);
    /// How large an index file can grow; it is allocated at once.
    log_index_size_max_bytes: u64 = int("log.index.size.max.bytes", "10485760").at_least(4);
    /// After how many bytes of records the index gets an entry.
    log_index_interval_bytes: u64 = int("log.index.interval.bytes", "4096").at_least(0);
    /// After how many records a log is flushed to the medium.
    log_flush_interval_messages: u64 =
        long("log.flush.interval.messages", "9223372036854775807").at_least(1);
    /// After how long a log is flushed to the medium.
    log_flush_interval_ms: Option<Duration> = long("log.flush.interval.ms");
    /// How often logs are looked through for what must be flushed.
    log_flush_scheduler_interval: Duration =
        long("log.flush.scheduler.interval.ms", "9223372036854775807");
    /// How often recovery points are written to disk.
    log_flush_offset_checkpoint_interval: Duration =
        int("log.flush.offset.checkpoint.interval.ms", "60000").at_least(0);
    /// How often log start offsets are written to disk.
    log_flush_start_offset_checkpoint_interval: Duration =
        int("log.flush.start.offset.checkpoint.interval.ms", "60000").at_least(0).since("0.11");
    /// Whether a new segment's file is allocated at once.
    log_preallocate: bool = boolean("log.preallocate", "false").since("0.9");
    /// Whose clock stamps the records.
    log_message_timestamp_type: TimestampType =
        string("log.message.timestamp.type", "CreateTime")
            .one_of(&["CreateTime", "LogAppendTime"]).since("0.10");
    /// How far before the broker's clock a record's time may lie.
    log_message_timestamp_before_max: Duration =
        long("log.message.timestamp.before.max.ms", "9223372036854775807").at_least(0).since("3.6");
    /// How far after the broker's clock a record's time may lie.
    log_message_timestamp_after_max: Duration =
        long("log.message.timestamp.after.max.ms", "3600000").at_least(0).since("3.6");
    /// How long a broker tries to report a failed directory before it exits.
    log_dir_failure_timeout: Duration =
        long("log.dir.failure.timeout.ms", "30000").at_least(1).since("3.7").ignored();
    /// How many threads load the logs of a directory.
    num_recovery_threads_per_data_dir: u32 =
        int("num.recovery.threads.per.data.dir", "2").at_least(1).ignored();
    /// Whether compacted topics are compacted.
    log_cleaner_enable: bool = boolean("log.cleaner.enable", "true").ignored();
    /// How many threads compact.
    log_cleaner_threads: u32 = int("log.cleaner.threads", "1").at_least(0).ignored();
    /// How long the cleaner rests when nothing is dirty.
    log_cleaner_backoff: Duration = long("log.cleaner.backoff.ms", "15000").at_least(0).ignored();
    /// How much memory the cleaner has for keys.
    log_cleaner_dedupe_buffer_size: u64 =
        long("log.cleaner.dedupe.buffer.size", "134217728").ignored();
    /// How long a tombstone stays after it was cleaned.
    log_cleaner_delete_retention: Duration =
        long("log.cleaner.delete.retention.ms", "86400000").at_least(0).ignored();
    /// How long a record stays uncompacted at least.
    log_cleaner_min_compaction_lag: Duration =
        long("log.cleaner.min.compaction.lag.ms", "0").at_least(0).since("0.10.1").ignored();
    /// After how long a record must be open to compaction.
    log_cleaner_max_compaction_lag: Duration =
        long("log.cleaner.max.compaction.lag.ms", "9223372036854775807")
            .at_least(1).since("2.3").ignored();
    /// How dirty a log must be before it is compacted.
    log_cleaner_min_cleanable_ratio: Millionths =
        double("log.cleaner.min.cleanable.ratio", "0.5").between(0, 1).ignored();
    /// How long tiered segments stay on local disks.
    log_local_retention_ms: i64 =
        long("log.local.retention.ms", "-2").at_least(-2).since("3.6").ignored();
    /// How many bytes of tiered segments stay on local disks.
    log_local_retention_bytes: i64 =
        long("log.local.retention.bytes", "-2").at_least(-2).since("3.6").ignored();
    /// How batches end up compressed.
    compression_type: TopicCompression =
        string("compression.type", "producer")
            .one_of(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"])
            .since("0.9");
    /// How hard gzip tries.
    compression_gzip_level: GzipLevel = int("compression.gzip.level", "-1").since("3.8");
    /// How hard LZ4 tries.
    compression_lz4_level: i32 =
        int("compression.lz4.level", "9").between(1, 17).since("3.8").ignored();
    /// How hard Zstandard tries.
    compression_zstd_level: i32 =
        int("compression.zstd.level", "3").between(-131_072, 22).since("3.8").ignored();
    /// How many partitions `__consumer_offsets` gets.
    offsets_topic_num_partitions: u32 = int("offsets.topic.num.partitions", "50").at_least(1);
    /// How many replicas `__consumer_offsets` gets.
    offsets_topic_replication_factor: u32 =
        short("offsets.topic.replication.factor", "3").at_least(1);
    /// How large a segment of `__consumer_offsets` grows.
    offsets_topic_segment_bytes: u64 = int("offsets.topic.segment.bytes", "104857600").at_least(1);
    /// How long a coordinator waits until its write is replicated.
    offsets_commit_timeout: Duration = int("offsets.commit.timeout.ms", "5000").at_least(1);
    /// How much a new coordinator reads at a time.
    offsets_load_buffer_size: u64 =
        int("offsets.load.buffer.size", "5242880").at_least(1).ignored();
    /// How long committed offsets outlive their group's last member.
    offsets_retention: Duration = int("offsets.retention.minutes", "10080").at_least(1);
    /// How often expired offsets are looked for.
    offsets_retention_check_interval: Duration =
        long("offsets.retention.check.interval.ms", "600000").at_least(1);
    /// The longest note that may come with a committed offset.
    offset_metadata_max_bytes: u64 = int("offset.metadata.max.bytes", "4096");
    /// How long a coordinator gathers writes before it appends them.
    group_coordinator_append_linger: Duration =
        int("group.coordinator.append.linger.ms", "5").at_least(0).since("3.8");
    /// How long the first rebalance of an empty group waits for more members.
    group_initial_rebalance_delay: Duration =
        int("group.initial.rebalance.delay.ms", "3000").since("0.11");
    /// The shortest session a member may ask for.
    group_min_session_timeout: Duration = int("group.min.session.timeout.ms", "6000").since("0.9");
    /// The longest session a member may ask for.
    group_max_session_timeout: Duration =
        int("group.max.session.timeout.ms", "1800000").since("0.9");
    /// The most members of a group.
    group_max_size: u32 = int("group.max.size", "2147483647").at_least(1).since("2.2");
    /// How often an idle controller appends a record that says nothing.
    metadata_max_idle_interval: Duration =
        int("metadata.max.idle.interval.ms", "500").at_least(0).since("3.3");
    /// After how many bytes of metadata records a snapshot is due.
    metadata_log_max_record_bytes_between_snapshots: u64 =
        long("metadata.log.max.record.bytes.between.snapshots", "20971520")
            .at_least(1).since("3").ignored();
    /// After how long a snapshot is due.
    metadata_log_max_snapshot_interval: Duration =
        long("metadata.log.max.snapshot.interval.ms", "3600000").at_least(0).since("3.4").ignored();
    /// How large a segment of the metadata log grows.
    metadata_log_segment_bytes: u64 =
        int("metadata.log.segment.bytes", "1073741824").at_least(8_388_608).since("3").ignored();
    /// How old a segment of the metadata log grows.
    metadata_log_segment_ms: Duration =
        long("metadata.log.segment.ms", "604800000").since("3").ignored();
    /// How many bytes of metadata log and snapshots are kept.
    metadata_max_retention_bytes: Limit<u64> =
        long("metadata.max.retention.bytes", "104857600").since("3").ignored();
    /// How long metadata log and snapshots are kept.
    metadata_max_retention_ms: Limit<Duration> =
        long("metadata.max.retention.ms", "604800000").since("3").ignored();
    /// How long a voter waits for its leader before it stands for election; and the leader, one and
    /// a half times, for its majority.
    controller_quorum_fetch_timeout: Duration =
        int("controller.quorum.fetch.timeout.ms", "2000").at_least(0).since("2.7");
    /// How long an election may take, at least; chance adds up to as much again.
    controller_quorum_election_timeout: Duration =
        int("controller.quorum.election.timeout.ms", "1000").at_least(0).since("2.7");
    /// The longest pause after a lost election.
    controller_quorum_election_backoff_max: Duration =
        int("controller.quorum.election.backoff.max.ms", "1000").at_least(0).since("2.7");
    /// How long a controller waits for another's answer.
    controller_quorum_request_timeout: Duration =
        int("controller.quorum.request.timeout.ms", "2000").at_least(0).since("2.7");
    /// How long it waits before it asks again.
    controller_quorum_retry_backoff: Duration =
        int("controller.quorum.retry.backoff.ms", "20").at_least(0).since("2.7");
    /// How long the active controller gathers records before it appends them.
    controller_quorum_append_linger: Duration =
        int("controller.quorum.append.linger.ms", "25").at_least(0).since("2.7");
    /// How many partitions `__transaction_state` gets.
    transaction_state_log_num_partitions: u32 =
        int("transaction.state.log.num.partitions", "50").at_least(1).since("0.11").ignored();
    /// How many replicas `__transaction_state` gets.
    transaction_state_log_replication_factor: u32 =
        short("transaction.state.log.replication.factor", "3").at_least(1).since("0.11").ignored();
    /// How many of them must be in sync.
    transaction_state_log_min_isr: u32 =
        int("transaction.state.log.min.isr", "2").at_least(1).since("0.11").ignored();
    /// How large a segment of `__transaction_state` grows.
    transaction_state_log_segment_bytes: u64 =
        int("transaction.state.log.segment.bytes", "104857600").at_least(1).since("0.11").ignored();
    /// How much a new transaction coordinator reads at a time.
    transaction_state_log_load_buffer_size: u64 =
        int("transaction.state.log.load.buffer.size", "5242880")
            .at_least(1).since("0.11").ignored();
    /// The longest timeout a transaction may ask for.
    transaction_max_timeout: Duration =
        int("transaction.max.timeout.ms", "900000").at_least(1).since("0.11").ignored();
    /// Whether a leader asks if a partition belongs to the transaction (KIP-890).
    transaction_partition_verification_enable: bool =
        boolean("transaction.partition.verification.enable", "true").since("3.6").ignored();
    /// How often overdue transactions are looked for.
    transaction_abort_timed_out_transaction_cleanup_interval: Duration =
        int("transaction.abort.timed.out.transaction.cleanup.interval.ms", "10000")
            .at_least(1).since("0.11").ignored();
    /// How often expired transactional ids are looked for.
    transaction_remove_expired_transaction_cleanup_interval: Duration =
        int("transaction.remove.expired.transaction.cleanup.interval.ms", "3600000")
            .at_least(1).since("0.11").ignored();
    /// Whether somebody else may decide about a transaction (KIP-939).
    transaction_two_phase_commit_enable: bool =
        boolean("transaction.two.phase.commit.enable", "false").since("4.1").only(&[]);
    /// How long an unused transactional id is remembered.
    transactional_id_expiration: Duration =
        int("transactional.id.expiration.ms", "604800000").at_least(1).since("0.11").ignored();
    /// How long a leader remembers a producer that does not write.
    producer_id_expiration: Duration =
        int("producer.id.expiration.ms", "86400000").at_least(1).since("3.4");
    /// How often it looks for such producers.
    producer_id_expiration_check_interval: Duration =
        int("producer.id.expiration.check.interval.ms", "600000").at_least(1).since("3.4");
}
}

impl BrokerConfig {
    /// Kafka's defaults with what `overrides` sets.
    ///
    /// # Errors
    /// Values that do not go together, in Kafka's words where it has any.
    pub fn new(overrides: &Overrides) -> Result<Self, Vec<ConfigError>> {
        let mut config = Self::default();
        let mut errors = config.apply(overrides);
        errors.extend(config.conflicts());
        if errors.is_empty() { Ok(config) } else { Err(errors) }
    }

    /// How long records are kept: milliseconds before minutes before hours.
    pub fn log_retention(&self) -> Limit<Duration> {
        self.log_retention_ms.or(self.log_retention_minutes).unwrap_or(self.log_retention_hours)
    }

    /// How old a segment grows: milliseconds before hours.
    pub fn log_roll(&self) -> Duration {
        self.log_roll_ms.unwrap_or(self.log_roll_hours)
    }

    /// How much of that age chance may take away: milliseconds before hours.
    pub fn log_roll_jitter(&self) -> Duration {
        self.log_roll_jitter_ms.unwrap_or(self.log_roll_jitter_hours)
    }

    /// After how long a log is flushed.
    pub fn log_flush_interval(&self) -> Duration {
        self.log_flush_interval_ms.unwrap_or(self.log_flush_scheduler_interval)
    }

    /// `KafkaConfig.validateValues`, as far as its settings are here.
    fn conflicts(&self) -> Vec<ConfigError> {
        let mut errors = Vec::new();
        let mut require = |holds: bool, names: &'static [&'static str], rule: &str| {
            if !holds {
                errors.push(ConfigError::Conflict { names, rule: rule.to_owned() });
            }
        };
        require(
            self.log_roll() >= Duration::from_millis(1),
            &["log.roll.ms"],
            "log.roll.ms must be greater than or equal to 1",
        );
        require(
            self.log_retention() != Limit::At(Duration::ZERO),
            &["log.retention.ms", "log.retention.minutes", "log.retention.hours"],
            "log.retention.ms must be unlimited (-1) or, greater than or equal to 1",
        );
        require(
            self.replica_fetch_wait_max <= self.replica_socket_timeout,
            &["replica.socket.timeout.ms", "replica.fetch.wait.max.ms"],
            "replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to \
             prevent unnecessary socket timeouts",
        );
        require(
            self.replica_fetch_wait_max <= self.replica_lag_time_max,
            &["replica.lag.time.max.ms", "replica.fetch.wait.max.ms"],
            "replica.fetch.wait.max.ms should always be less than or equal to \
             replica.lag.time.max.ms to prevent frequent changes in ISR",
        );
        require(
            self.log_cleaner_min_compaction_lag <= self.log_cleaner_max_compaction_lag,
            &["log.cleaner.min.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms"],
            "log.cleaner.min.compaction.lag.ms must not be more than \
             log.cleaner.max.compaction.lag.ms",
        );
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Domain;

    fn broker(settings: &[(&str, &str)]) -> Result<BrokerConfig, Vec<ConfigError>> {
        let mut overrides = Overrides::default();
        for (name, text) in settings {
            overrides.set(Domain::Broker, name, text).map_err(|error| vec![error])?;
        }
        BrokerConfig::new(&overrides)
    }

    #[test]
    fn retention_is_read_from_the_finest_unit_that_is_set() {
        let days = |days: u64| Limit::At(Duration::from_secs(days * 86_400));
        assert_eq!(BrokerConfig::default().log_retention(), days(7));
        let minutes = broker(&[("log.retention.minutes", "1440")]).unwrap();
        assert_eq!(minutes.log_retention(), days(1));
        let both = broker(&[("log.retention.minutes", "1440"), ("log.retention.ms", "-1")]);
        assert_eq!(both.unwrap().log_retention(), Limit::Unlimited);
    }

    #[test]
    fn times_may_carry_a_unit_and_are_written_as_kafka_writes_them() {
        let config = broker(&[("replica.lag.time.max.ms", "10s")]).unwrap();
        assert_eq!(config.replica_lag_time_max, Duration::from_secs(10));
        assert_eq!(config.text("replica.lag.time.max.ms").as_deref(), Some("10000"));
        assert_eq!(config.text("log.flush.interval.ms"), None);
        assert_eq!(
            config.text("log.flush.scheduler.interval.ms").as_deref(),
            Some("9223372036854775807")
        );
    }

    #[test]
    fn settings_that_do_not_go_together_are_refused_in_kafkas_words() {
        let errors = broker(&[("replica.lag.time.max.ms", "400")]).unwrap_err();
        insta::assert_snapshot!(errors[0], @"replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms to prevent frequent changes in ISR");
    }
}

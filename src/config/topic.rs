//! Settings of a topic.
//!
//! In Kafka: `LogConfig` and `TopicConfig`; what a topic does not set comes from its broker
//! (`ServerTopicConfigSynonyms`).

use super::table::settings;
use super::{
    BrokerConfig, CleanupPolicy, ConfigError, GzipLevel, Limit, Millionths, Overrides,
    TimestampType, TopicCompression,
};
use crate::ids::Name;
use crate::sim::Duration;

settings! {
/// What a topic's partitions are kept by.
TopicConfig for Topic {
    /// Whether old segments are deleted, compacted, or both.
    cleanup_policy: CleanupPolicy = list("cleanup.policy", "delete").one_of(&["compact", "delete"]);
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
    /// How long a tombstone stays after it was cleaned.
    delete_retention: Duration = long("delete.retention.ms", "86400000").at_least(0).ignored();
    /// How long a deleted segment's files stay under another name.
    file_delete_delay: Duration = long("file.delete.delay.ms", "60000").at_least(0);
    /// After how many records the log is flushed to the medium.
    flush_messages: u64 = long("flush.messages", "9223372036854775807").at_least(1);
    /// After how long the log is flushed to the medium.
    flush_ms: Duration = long("flush.ms", "9223372036854775807").at_least(0);
    /// Which followers a replication quota slows down.
    follower_replication_throttled_replicas: Vec<Name> =
        list("follower.replication.throttled.replicas", "").since("0.10.1").ignored();
    /// Which leaders a replication quota slows down.
    leader_replication_throttled_replicas: Vec<Name> =
        list("leader.replication.throttled.replicas", "").since("0.10.1").ignored();
    /// After how many bytes of records the index gets an entry.
    index_interval_bytes: u64 = int("index.interval.bytes", "4096").at_least(0);
    /// How large a segment grows, below the least that `segment.bytes` takes; for tests.
    internal_segment_bytes: Option<u64> = int("internal.segment.bytes");
    /// How many bytes of tiered segments stay on local disks.
    local_retention_bytes: i64 =
        long("local.retention.bytes", "-2").at_least(-2).since("3").ignored();
    /// How long tiered segments stay on local disks.
    local_retention_ms: i64 = long("local.retention.ms", "-2").at_least(-2).since("3").ignored();
    /// After how long a record must be open to compaction.
    max_compaction_lag: Duration =
        long("max.compaction.lag.ms", "9223372036854775807").at_least(1).since("2.3").ignored();
    /// How long a record stays uncompacted at least.
    min_compaction_lag: Duration =
        long("min.compaction.lag.ms", "0").at_least(0).since("0.10.1").ignored();
    /// The largest batch that is taken.
    max_message_bytes: u64 = int("max.message.bytes", "1048588").at_least(0);
    /// Whose clock stamps the records.
    message_timestamp_type: TimestampType =
        string("message.timestamp.type", "CreateTime")
            .one_of(&["CreateTime", "LogAppendTime"]).since("0.10");
    /// How far before the broker's clock a record's time may lie.
    message_timestamp_before_max: Duration =
        long("message.timestamp.before.max.ms", "9223372036854775807").at_least(0).since("3.6");
    /// How far after the broker's clock a record's time may lie.
    message_timestamp_after_max: Duration =
        long("message.timestamp.after.max.ms", "3600000").at_least(0).since("3.6");
    /// How dirty the log must be before it is compacted.
    min_cleanable_dirty_ratio: Millionths =
        double("min.cleanable.dirty.ratio", "0.5").between(0, 1).ignored();
    /// How many replicas must be in sync before acks=all is taken.
    min_insync_replicas: u32 = int("min.insync.replicas", "1").at_least(1);
    /// Whether a new segment's file is allocated at once.
    preallocate: bool = boolean("preallocate", "false").since("0.9");
    /// Whether segments go to tiered storage no more.
    remote_log_copy_disable: bool = boolean("remote.log.copy.disable", "false").only(&[]);
    /// Whether tiered segments go with tiered storage.
    remote_log_delete_on_disable: bool = boolean("remote.log.delete.on.disable", "false").only(&[]);
    /// Whether segments go to tiered storage (KIP-405).
    remote_storage_enable: bool = boolean("remote.storage.enable", "false").since("3").only(&[]);
    /// How many bytes of a partition are kept.
    retention_bytes: Limit<u64> = long("retention.bytes", "-1");
    /// How long records are kept.
    retention: Limit<Duration> = long("retention.ms", "604800000").at_least(-1);
    /// How large a segment grows before the next one begins.
    segment_bytes: u64 = int("segment.bytes", "1073741824").at_least(1_048_576);
    /// How old a segment grows before the next one begins.
    segment_ms: Duration = long("segment.ms", "604800000").at_least(1);
    /// How much of that age is given away at random, so that not all roll at once.
    segment_jitter: Duration = long("segment.jitter.ms", "0").at_least(0);
    /// How large an index file can grow; it is allocated at once.
    segment_index_bytes: u64 = int("segment.index.bytes", "10485760").at_least(4);
    /// Whether a replica that is out of sync may lead when no other is left.
    unclean_leader_election_enable: bool = boolean("unclean.leader.election.enable", "false");
}
}

impl TopicConfig {
    /// The settings of a topic on a broker: its own `overrides`, then the broker's.
    ///
    /// # Errors
    /// Values that do not go together, in Kafka's words.
    pub fn effective(
        overrides: &Overrides,
        broker: &BrokerConfig,
    ) -> Result<Self, Vec<ConfigError>> {
        let mut config = Self::of_broker(broker);
        let mut errors = config.apply(overrides);
        let (least, most) = (config.min_compaction_lag, config.max_compaction_lag);
        if least > most {
            errors.push(ConfigError::Conflict {
                names: &["min.compaction.lag.ms", "max.compaction.lag.ms"],
                rule: format!(
                    "conflict topic config setting min.compaction.lag.ms ({}) > \
                     max.compaction.lag.ms ({})",
                    least.as_millis(),
                    most.as_millis()
                ),
            });
        }
        if errors.is_empty() { Ok(config) } else { Err(errors) }
    }

    /// How large a segment grows.
    pub fn segment_size(&self) -> u64 {
        self.internal_segment_bytes.unwrap_or(self.segment_bytes)
    }

    /// `KafkaConfig.extractLogConfigMap`: a topic that sets nothing.
    pub fn of_broker(broker: &BrokerConfig) -> Self {
        Self {
            cleanup_policy: broker.log_cleanup_policy,
            compression_type: broker.compression_type,
            compression_gzip_level: broker.compression_gzip_level,
            compression_lz4_level: broker.compression_lz4_level,
            compression_zstd_level: broker.compression_zstd_level,
            delete_retention: broker.log_cleaner_delete_retention,
            file_delete_delay: broker.log_segment_delete_delay,
            flush_messages: broker.log_flush_interval_messages,
            flush_ms: broker.log_flush_interval(),
            index_interval_bytes: broker.log_index_interval_bytes,
            local_retention_bytes: broker.log_local_retention_bytes,
            local_retention_ms: broker.log_local_retention_ms,
            max_compaction_lag: broker.log_cleaner_max_compaction_lag,
            min_compaction_lag: broker.log_cleaner_min_compaction_lag,
            max_message_bytes: broker.message_max_bytes,
            message_timestamp_type: broker.log_message_timestamp_type,
            message_timestamp_before_max: broker.log_message_timestamp_before_max,
            message_timestamp_after_max: broker.log_message_timestamp_after_max,
            min_cleanable_dirty_ratio: broker.log_cleaner_min_cleanable_ratio,
            min_insync_replicas: broker.min_insync_replicas,
            preallocate: broker.log_preallocate,
            retention_bytes: broker.log_retention_bytes,
            retention: broker.log_retention(),
            segment_bytes: broker.log_segment_bytes,
            segment_ms: broker.log_roll(),
            segment_jitter: broker.log_roll_jitter(),
            segment_index_bytes: broker.log_index_size_max_bytes,
            unclean_leader_election_enable: broker.unclean_leader_election_enable,
            ..Self::default()
        }
    }

    /// The broker settings that stand in for the topic setting `name`, the one that counts most
    /// first. Empty for settings that only topics have.
    pub fn broker_synonyms(name: &str) -> &'static [&'static str] {
        SYNONYMS.iter().find(|(topic, _)| *topic == name).map_or(&[], |(_, broker)| broker)
    }
}

/// `ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS`.
const SYNONYMS: &[(&str, &[&str])] = &[
    ("segment.bytes", &["log.segment.bytes"]),
    ("segment.ms", &["log.roll.ms", "log.roll.hours"]),
    ("segment.jitter.ms", &["log.roll.jitter.ms", "log.roll.jitter.hours"]),
    ("segment.index.bytes", &["log.index.size.max.bytes"]),
    ("flush.messages", &["log.flush.interval.messages"]),
    ("flush.ms", &["log.flush.interval.ms", "log.flush.scheduler.interval.ms"]),
    ("retention.bytes", &["log.retention.bytes"]),
    ("retention.ms", &["log.retention.ms", "log.retention.minutes", "log.retention.hours"]),
    ("max.message.bytes", &["message.max.bytes"]),
    ("index.interval.bytes", &["log.index.interval.bytes"]),
    ("delete.retention.ms", &["log.cleaner.delete.retention.ms"]),
    ("min.compaction.lag.ms", &["log.cleaner.min.compaction.lag.ms"]),
    ("max.compaction.lag.ms", &["log.cleaner.max.compaction.lag.ms"]),
    ("file.delete.delay.ms", &["log.segment.delete.delay.ms"]),
    ("min.cleanable.dirty.ratio", &["log.cleaner.min.cleanable.ratio"]),
    ("cleanup.policy", &["log.cleanup.policy"]),
    ("unclean.leader.election.enable", &["unclean.leader.election.enable"]),
    ("min.insync.replicas", &["min.insync.replicas"]),
    ("compression.type", &["compression.type"]),
    ("compression.gzip.level", &["compression.gzip.level"]),
    ("compression.lz4.level", &["compression.lz4.level"]),
    ("compression.zstd.level", &["compression.zstd.level"]),
    ("preallocate", &["log.preallocate"]),
    ("message.timestamp.type", &["log.message.timestamp.type"]),
    ("message.timestamp.before.max.ms", &["log.message.timestamp.before.max.ms"]),
    ("message.timestamp.after.max.ms", &["log.message.timestamp.after.max.ms"]),
    ("local.retention.ms", &["log.local.retention.ms"]),
    ("local.retention.bytes", &["log.local.retention.bytes"]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Domain;

    fn overrides(domain: Domain, settings: &[(&str, &str)]) -> Overrides {
        let mut overrides = Overrides::default();
        for (name, text) in settings {
            overrides.set(domain, name, text).expect("the tests set what is right");
        }
        overrides
    }

    #[test]
    fn a_topic_takes_from_its_broker_what_it_does_not_set() {
        let broker =
            overrides(Domain::Broker, &[("log.retention.hours", "1"), ("log.roll.ms", "5m")]);
        let broker = BrokerConfig::new(&broker).unwrap();
        let topic = overrides(Domain::Topic, &[("retention.ms", "-1")]);
        let own = TopicConfig::effective(&topic, &broker).unwrap();
        let inherited = TopicConfig::effective(&Overrides::default(), &broker).unwrap();
        assert_eq!(own.retention, Limit::Unlimited);
        assert_eq!(inherited.retention, Limit::At(Duration::from_secs(3_600)));
        assert_eq!(own.segment_ms, Duration::from_secs(300));
    }

    #[test]
    fn every_topic_setting_with_a_synonym_follows_it() {
        let untouched = TopicConfig::default();
        let broker = BrokerConfig::default();
        for (name, synonyms) in SYNONYMS {
            for synonym in *synonyms {
                assert!(Domain::Broker.definition(synonym).is_ok(), "{synonym}");
            }
            let inherited = TopicConfig::of_broker(&broker);
            assert_eq!(inherited.text(name), untouched.text(name), "{name}");
        }
    }

    #[test]
    fn internal_segment_bytes_goes_before_segment_bytes() {
        let topic = overrides(Domain::Topic, &[("internal.segment.bytes", "700")]);
        let config = TopicConfig::effective(&topic, &BrokerConfig::default()).unwrap();
        assert_eq!(config.segment_size(), 700);
        assert_eq!(config.segment_bytes, 1 << 30);
    }

    #[test]
    fn refusals_speak_kafkas_words() {
        let say = |name, text| {
            let error = Overrides::default().set(Domain::Topic, name, text).unwrap_err();
            error.kafka_message().unwrap()
        };
        assert_eq!(
            say("retention.ms", "soon"),
            "Invalid value soon for configuration retention.ms: Not a number of type LONG"
        );
        assert_eq!(say("retention.msec", "1"), "Unknown topic config name: retention.msec");
        assert_eq!(
            say("min.insync.replicas", "0"),
            "Invalid value 0 for configuration min.insync.replicas: Value must be at least 1"
        );
        assert_eq!(
            say("cleanup.policy", "shred"),
            "Invalid value shred for configuration cleanup.policy: String must be one of: compact, \
             delete"
        );
    }
}

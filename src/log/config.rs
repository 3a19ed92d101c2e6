//! The settings of a topic, by Kafka's names and with Kafka's defaults.
//!
//! In Kafka: `LogConfig`, `TopicConfig`. Left out: tiered storage and replication quotas.

use crate::config::TopicConfig;
use std::str::FromStr;

use thiserror::Error;

use crate::protocol::{Codec, Compression, TimestampType};
use crate::sim::Duration;

/// Why a setting cannot be changed so.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// No topic setting has that name.
    #[error("Unknown topic config name: {0}")]
    Unknown(String),
    /// The value is of another type, or out of bounds.
    #[error("Invalid value {value} for configuration {name}: {wanted}")]
    Invalid {
        /// The setting.
        name: &'static str,
        /// The value.
        value: String,
        /// What is possible.
        wanted: &'static str,
    },
}

/// What the log of a topic keeps to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of Kafka's own")]
pub struct LogConfig {
    /// `segment.bytes`: a segment does not grow beyond.
    pub segment_bytes: u32,
    /// `internal.segment.bytes`: the same below 1 MiB, which `segment.bytes` does not allow.
    pub internal_segment_bytes: Option<u32>,
    /// `segment.ms`: a segment spans no more, by the timestamps of its records.
    pub segment_ms: i64,
    /// `segment.jitter.ms`: up to so much less, so that not all logs roll at once.
    pub segment_jitter_ms: i64,
    /// `segment.index.bytes`: a segment is rolled when one of its indexes is so long.
    pub segment_index_bytes: u32,
    /// `index.interval.bytes`: so much is appended between two index entries.
    pub index_interval_bytes: u32,
    /// `flush.messages`: records that may be unflushed.
    pub flush_messages: i64,
    /// `flush.ms`: how long records may be unflushed.
    pub flush_ms: i64,
    /// `retention.bytes`: oldest segments beyond are deleted; -1 for never.
    pub retention_bytes: i64,
    /// `retention.ms`: segments without younger records are deleted; -1 for never.
    pub retention_ms: i64,
    /// `max.message.bytes`: the largest batch that is taken.
    pub max_message_bytes: u32,
    /// `file.delete.delay.ms`: between renaming a file and removing it.
    pub file_delete_delay_ms: i64,
    /// `delete.retention.ms`: how long tombstones are kept.
    pub delete_retention_ms: i64,
    /// `min.compaction.lag.ms`: how long a record is left alone.
    pub min_compaction_lag_ms: i64,
    /// `max.compaction.lag.ms`: how long a record may stay uncompacted.
    pub max_compaction_lag_ms: i64,
    /// `min.cleanable.dirty.ratio` in millionths.
    pub min_cleanable_dirty_ratio_ppm: u32,
    /// `cleanup.policy` names `compact`.
    pub compact: bool,
    /// `cleanup.policy` names `delete`.
    pub delete: bool,
    /// `unclean.leader.election.enable`.
    pub unclean_leader_election_enable: bool,
    /// `min.insync.replicas`.
    pub min_insync_replicas: u32,
    /// `compression.type`; none for `producer`, which leaves batches as they come.
    pub compression_type: Option<Compression>,
    /// `compression.gzip.level`; none for gzip's own choice.
    pub compression_gzip_level: Option<u8>,
    /// `preallocate`.
    pub preallocate: bool,
    /// `message.timestamp.type`.
    pub message_timestamp_type: TimestampType,
    /// `message.timestamp.before.max.ms`: how far timestamps may lie in the past.
    pub message_timestamp_before_max_ms: i64,
    /// `message.timestamp.after.max.ms`: how far timestamps may lie in the future.
    pub message_timestamp_after_max_ms: i64,
}

/// A topic's settings, as far as a log has use for them.
impl From<&TopicConfig> for LogConfig {
    fn from(topic: &TopicConfig) -> Self {
        let mut config = Self::default();
        for name in Self::NAMES {
            if let Some(value) = topic.text(name) {
                config.set(name, &value).expect("a topic's settings are checked");
            }
        }
        config
    }
}

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            segment_bytes: 1 << 30,
            internal_segment_bytes: None,
            segment_ms: 7 * DAY_MS,
            segment_jitter_ms: 0,
            segment_index_bytes: 10 << 20,
            index_interval_bytes: 4_096,
            flush_messages: i64::MAX,
            flush_ms: i64::MAX,
            retention_bytes: -1,
            retention_ms: 7 * DAY_MS,
            max_message_bytes: (1 << 20) + 12,
            file_delete_delay_ms: 60_000,
            delete_retention_ms: DAY_MS,
            min_compaction_lag_ms: 0,
            max_compaction_lag_ms: i64::MAX,
            min_cleanable_dirty_ratio_ppm: 500_000,
            compact: false,
            delete: true,
            unclean_leader_election_enable: false,
            min_insync_replicas: 1,
            compression_type: None,
            compression_gzip_level: None,
            preallocate: false,
            message_timestamp_type: TimestampType::CreateTime,
            message_timestamp_before_max_ms: i64::MAX,
            message_timestamp_after_max_ms: 3_600_000,
        }
    }
}

impl LogConfig {
    /// True unless `flush.ms` is as good as never, its default.
    pub const fn flushes_by_time(&self) -> bool {
        self.flush_ms < Duration::MAX.as_millis() as i64
    }

    /// Every setting's name.
    pub const NAMES: [&str; 25] = [
        "cleanup.policy",
        "compression.gzip.level",
        "compression.type",
        "delete.retention.ms",
        "file.delete.delay.ms",
        "flush.messages",
        "flush.ms",
        "index.interval.bytes",
        "internal.segment.bytes",
        "max.compaction.lag.ms",
        "max.message.bytes",
        "message.timestamp.after.max.ms",
        "message.timestamp.before.max.ms",
        "message.timestamp.type",
        "min.cleanable.dirty.ratio",
        "min.compaction.lag.ms",
        "min.insync.replicas",
        "preallocate",
        "retention.bytes",
        "retention.ms",
        "segment.bytes",
        "segment.index.bytes",
        "segment.jitter.ms",
        "segment.ms",
        "unclean.leader.election.enable",
    ];

    /// What a batch is compressed with, whatever it came with; none for `producer`.
    pub fn codec(&self) -> Option<Codec> {
        let compression = self.compression_type?;
        Some(Codec { gzip_level: self.compression_gzip_level, ..compression.into() })
    }

    /// A segment does not grow beyond so many bytes.
    pub fn segment_size(&self) -> u32 {
        self.internal_segment_bytes.unwrap_or(self.segment_bytes)
    }

    /// A segment spans no more, by the timestamps of its records: compaction does not touch the
    /// active one.
    pub fn max_segment_ms(&self) -> i64 {
        if self.compact && self.max_compaction_lag_ms > 0 {
            self.max_compaction_lag_ms.min(self.segment_ms)
        } else {
            self.segment_ms
        }
    }

    /// Sets the setting called `name`.
    ///
    /// # Errors
    /// When there is none, or the value is not possible.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), ConfigError> {
        let known = Self::NAMES.into_iter().find(|known| *known == name);
        let name = known.ok_or_else(|| ConfigError::Unknown(name.to_owned()))?;
        let setting = Setting { name, value: value.trim() };
        match name {
            "cleanup.policy" => {
                let policies: Vec<_> = value.split(',').map(str::trim).collect();
                let known = |policy: &&str| matches!(*policy, "compact" | "delete" | "");
                if !policies.iter().all(known) {
                    return Err(setting.invalid("compact, delete"));
                }
                self.compact = policies.contains(&"compact");
                self.delete = policies.contains(&"delete");
            }
            "compression.gzip.level" => {
                self.compression_gzip_level = match setting.at_least(-1)? {
                    -1 => None,
                    level @ 1..=9 => Some(level as u8),
                    _ => return Err(setting.invalid("1 to 9, or -1")),
                };
            }
            "compression.type" => {
                self.compression_type = match setting.value {
                    "producer" => None,
                    "uncompressed" => Some(Compression::None),
                    "gzip" => Some(Compression::Gzip),
                    "snappy" => Some(Compression::Snappy),
                    "lz4" => Some(Compression::Lz4),
                    "zstd" => Some(Compression::Zstd),
                    _ => {
                        let wanted = "uncompressed, zstd, lz4, snappy, gzip, producer";
                        return Err(setting.invalid(wanted));
                    }
                };
            }
            "delete.retention.ms" => self.delete_retention_ms = setting.at_least(0)?,
            "file.delete.delay.ms" => self.file_delete_delay_ms = setting.at_least(0)?,
            "flush.messages" => self.flush_messages = setting.at_least(1)?,
            "flush.ms" => self.flush_ms = setting.at_least(0)?,
            "index.interval.bytes" => self.index_interval_bytes = setting.int(0)?,
            "internal.segment.bytes" => self.internal_segment_bytes = Some(setting.int(0)?),
            "max.compaction.lag.ms" => self.max_compaction_lag_ms = setting.at_least(1)?,
            "max.message.bytes" => self.max_message_bytes = setting.int(0)?,
            "message.timestamp.after.max.ms" => {
                self.message_timestamp_after_max_ms = setting.at_least(0)?;
            }
            "message.timestamp.before.max.ms" => {
                self.message_timestamp_before_max_ms = setting.at_least(0)?;
            }
            "message.timestamp.type" => {
                self.message_timestamp_type = match setting.value {
                    "CreateTime" => TimestampType::CreateTime,
                    "LogAppendTime" => TimestampType::LogAppendTime,
                    _ => return Err(setting.invalid("CreateTime, LogAppendTime")),
                };
            }
            "min.cleanable.dirty.ratio" => {
                let ppm = millionths(setting.value).filter(|ppm| *ppm <= 1_000_000);
                self.min_cleanable_dirty_ratio_ppm =
                    ppm.ok_or_else(|| setting.invalid("a number from 0 to 1"))?;
            }
            "min.compaction.lag.ms" => self.min_compaction_lag_ms = setting.at_least(0)?,
            "min.insync.replicas" => self.min_insync_replicas = setting.int(1)?,
            "preallocate" => self.preallocate = setting.boolean()?,
            "retention.bytes" => self.retention_bytes = setting.at_least(i64::MIN)?,
            "retention.ms" => self.retention_ms = setting.at_least(-1)?,
            "segment.bytes" => self.segment_bytes = setting.int(1 << 20)?,
            "segment.index.bytes" => self.segment_index_bytes = setting.int(4)?,
            "segment.jitter.ms" => self.segment_jitter_ms = setting.at_least(0)?,
            "segment.ms" => self.segment_ms = setting.at_least(1)?,
            "unclean.leader.election.enable" => {
                self.unclean_leader_election_enable = setting.boolean()?;
            }
            _ => unreachable!("{name} is listed among the names"),
        }
        Ok(())
    }
}

/// A value on its way in.
struct Setting<'a> {
    name: &'static str,
    value: &'a str,
}

impl Setting<'_> {
    fn invalid(&self, wanted: &'static str) -> ConfigError {
        ConfigError::Invalid { name: self.name, value: self.value.to_owned(), wanted }
    }

    fn at_least(&self, least: i64) -> Result<i64, ConfigError> {
        let value = i64::from_str(self.value).ok().filter(|value| *value >= least);
        value.ok_or_else(|| self.invalid("a whole number that is not too small"))
    }

    fn int(&self, least: i32) -> Result<u32, ConfigError> {
        let value = i32::from_str(self.value).ok().filter(|value| *value >= least);
        let value = value.and_then(|value| u32::try_from(value).ok());
        value.ok_or_else(|| self.invalid("a whole number of 31 bits that is not too small"))
    }

    fn boolean(&self) -> Result<bool, ConfigError> {
        match self.value {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(self.invalid("true, false")),
        }
    }
}

/// A decimal fraction in millionths.
fn millionths(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let whole: u32 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    whole.checked_mul(1_000_000)?.checked_add(digits.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_can_be_set() {
        for name in LogConfig::NAMES {
            let value = match name {
                "cleanup.policy" => "compact,delete",
                "compression.gzip.level" => "9",
                "compression.type" => "zstd",
                "message.timestamp.type" => "LogAppendTime",
                "min.cleanable.dirty.ratio" => "0.01",
                "preallocate" | "unclean.leader.election.enable" => "true",
                _ => "2000000",
            };
            let mut config = LogConfig::default();
            config.set(name, value).unwrap();
            assert_ne!(config, LogConfig::default(), "{name}");
        }
    }

    #[test]
    fn what_kafka_refuses_is_refused() {
        let mut config = LogConfig::default();
        let small = config.set("segment.bytes", "2048").unwrap_err();
        assert!(
            small.to_string().starts_with("Invalid value 2048 for configuration segment.bytes")
        );
        let unknown = config.set("segment.byte", "1").unwrap_err().to_string();
        assert_eq!(unknown, "Unknown topic config name: segment.byte");
        config.set("internal.segment.bytes", "2048").unwrap();
        assert_eq!(config.segment_size(), 2_048);
        config.set("min.cleanable.dirty.ratio", "0.25").unwrap();
        assert_eq!(config.min_cleanable_dirty_ratio_ppm, 250_000);
    }
}

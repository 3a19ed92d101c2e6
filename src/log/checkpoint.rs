//! The small text files: offsets by partition, leader epochs, ids, and the mark of a clean shutdown.
//!
//! In Kafka: `CheckpointFile`, `OffsetCheckpointFile`, `LeaderEpochCheckpointFile`,
//! `PartitionMetadataFile`, `CleanShutdownFileHandler`, `MetaProperties`. A checkpoint is a version,
//! a count, and a line per entry. It is written beside the old one, brought to the medium and renamed
//! over it, so that a crash leaves one of the two.

use std::fmt::{self, Write as _};

use thiserror::Error;

use super::epoch_cache::EpochEntry;
use crate::ids::{BrokerEpoch, LeaderEpoch, Offset, TopicId, TopicPartition, Uuid};

/// Up to where each log is known to be on the medium.
pub const RECOVERY_POINT_CHECKPOINT: &str = "recovery-point-offset-checkpoint";
/// Where each log begins, if inside a segment.
pub const LOG_START_OFFSET_CHECKPOINT: &str = "log-start-offset-checkpoint";
/// The high watermark of each replica.
pub const REPLICATION_OFFSET_CHECKPOINT: &str = "replication-offset-checkpoint";
/// How far each log was compacted.
pub const CLEANER_OFFSET_CHECKPOINT: &str = "cleaner-offset-checkpoint";
/// There while nobody uses the directory, if its last user closed it properly.
pub const CLEAN_SHUTDOWN: &str = ".kafka_cleanshutdown";
/// Whose directory it is.
pub const META_PROPERTIES: &str = "meta.properties";
/// What the metadata log of a new cluster begins with, as a snapshot.
pub const BOOTSTRAP_CHECKPOINT: &str = "bootstrap.checkpoint";
/// There while a process has the directory, and after one that could not clean up.
pub const LOCK: &str = ".lock";

/// Why a checkpoint cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CheckpointError {
    /// It is of another version.
    #[error("unrecognised version {0}, expected 0")]
    Version(i64),
    /// A line is not what it should be.
    #[error("malformed line in checkpoint file: {0}")]
    Line(String),
    /// It has not as many lines as it says.
    #[error("expected {expected} entries in checkpoint file, but found {found}")]
    Count {
        /// What it says.
        expected: usize,
        /// What it has.
        found: usize,
    },
}

/// The text of a checkpoint with these lines.
fn checkpoint(lines: impl ExactSizeIterator<Item: fmt::Display>) -> String {
    let mut text = format!("0\n{}\n", lines.len());
    for line in lines {
        writeln!(text, "{line}").expect("a string grows");
    }
    text
}

/// The entries of a checkpoint; none in an empty file.
fn parse_checkpoint<T>(
    text: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, CheckpointError> {
    let malformed = |line: &str| CheckpointError::Line(line.to_owned());
    let number = |line: &str| line.parse::<i64>().map_err(|_| malformed(line));
    let mut lines = text.lines();
    let Some(version) = lines.next() else { return Ok(Vec::new()) };
    let version = number(version)?;
    if version != 0 {
        return Err(CheckpointError::Version(version));
    }
    let Some(count) = lines.next() else { return Ok(Vec::new()) };
    let expected = number(count)? as usize;
    let entries: Result<Vec<_>, _> =
        lines.map(|line| parse(line).ok_or_else(|| malformed(line))).collect();
    let entries = entries?;
    let found = entries.len();
    if found == expected { Ok(entries) } else { Err(CheckpointError::Count { expected, found }) }
}

/// The text of a file of offsets by partition, in the order given.
pub fn offsets_text<'a>(
    offsets: impl ExactSizeIterator<Item = (&'a TopicPartition, Offset)>,
) -> String {
    checkpoint(offsets.map(|(tp, offset)| {
        fmt::from_fn(move |f| write!(f, "{} {} {offset}", tp.topic, tp.partition))
    }))
}

/// The entries of a file of offsets by partition.
///
/// # Errors
/// When it is malformed.
pub fn parse_offsets(text: &str) -> Result<Vec<(TopicPartition, Offset)>, CheckpointError> {
    parse_checkpoint(text, |line| {
        let mut words = line.split_whitespace();
        let (topic, partition, offset) = (words.next()?, words.next()?, words.next()?);
        let tp = TopicPartition::new(topic, partition.parse().ok()?);
        words.next().is_none().then_some((tp, Offset(offset.parse().ok()?)))
    })
}

/// The text of `leader-epoch-checkpoint`.
pub fn epochs_text(entries: &[EpochEntry]) -> String {
    checkpoint(
        entries.iter().map(|entry| {
            fmt::from_fn(move |f| write!(f, "{} {}", entry.epoch, entry.start_offset))
        }),
    )
}

/// The entries of `leader-epoch-checkpoint`.
///
/// # Errors
/// When it is malformed.
pub fn parse_epochs(text: &str) -> Result<Vec<EpochEntry>, CheckpointError> {
    parse_checkpoint(text, |line| {
        let (epoch, offset) = line.split_once(' ')?;
        let epoch = LeaderEpoch(epoch.parse().ok()?);
        Some(EpochEntry { epoch, start_offset: Offset(offset.parse().ok()?) })
    })
}

/// The text of `partition.metadata`.
pub fn partition_metadata_text(topic_id: TopicId) -> String {
    format!("version: 0\ntopic_id: {topic_id}")
}

/// The topic's id in `partition.metadata`.
pub fn parse_partition_metadata(text: &str) -> Option<TopicId> {
    Uuid::parse(text.lines().find_map(|line| line.strip_prefix("topic_id: "))?)
}

/// The text of `.kafka_cleanshutdown`. Without an epoch the controller takes the restart for an
/// unclean one (KIP-966).
pub fn clean_shutdown_text(epoch: Option<BrokerEpoch>) -> String {
    format!("{{\"version\":0,\"brokerEpoch\":{}}}", epoch.map_or(-1, |epoch| epoch.0))
}

/// The broker epoch in `.kafka_cleanshutdown`.
pub fn parse_clean_shutdown(text: &str) -> Option<BrokerEpoch> {
    let (_, rest) = text.split_once("\"brokerEpoch\":")?;
    let epoch = rest.trim_end().strip_suffix('}')?.parse().ok()?;
    Some(BrokerEpoch(epoch))
}

/// The text of `meta.properties`, as Java's `Properties` writes it: `date` is its second line, like
/// `Fri Nov 20 03:52:20 UTC 2026`.
pub fn meta_properties_text(
    date: &str,
    node_id: i32,
    directory_id: Uuid,
    cluster_id: &str,
) -> String {
    let mut text = format!("#\n#{date}\nnode.id={node_id}\n");
    write!(text, "directory.id={directory_id}\nversion=1\ncluster.id={cluster_id}\n")
        .expect("a string takes all text");
    text
}

/// The value of `key` in a properties file.
pub fn property<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_read_what_they_write() {
        let offsets = [(TopicPartition::new("kq", 2), Offset(98))];
        let text = offsets_text(offsets.iter().map(|(tp, offset)| (tp, *offset)));
        assert_eq!(text, "0\n1\nkq 2 98\n");
        assert_eq!(parse_offsets(&text), Ok(offsets.to_vec()));
        assert_eq!(parse_offsets(""), Ok(Vec::new()));
        assert_eq!(
            parse_offsets("0\n2\nkq 2 98\n").unwrap_err().to_string(),
            "expected 2 entries in checkpoint file, but found 1"
        );
        assert_eq!(parse_offsets("1\n"), Err(CheckpointError::Version(1)));
        assert_eq!(parse_offsets("0\n1\nkq 98\n"), Err(CheckpointError::Line("kq 98".into())));
    }

    #[test]
    fn epochs_read_what_they_write() {
        let entries = [(0, 0), (3, 29)].map(|(epoch, start)| EpochEntry {
            epoch: LeaderEpoch(epoch),
            start_offset: Offset(start),
        });
        assert_eq!(epochs_text(&entries), "0\n2\n0 0\n3 29\n");
        assert_eq!(parse_epochs("0\n2\n0 0\n3 29\n"), Ok(entries.to_vec()));
    }

    #[test]
    fn a_clean_shutdown_names_the_broker_epoch() {
        let text = clean_shutdown_text(Some(BrokerEpoch(13)));
        assert_eq!(text, r#"{"version":0,"brokerEpoch":13}"#);
        assert_eq!(parse_clean_shutdown(&text), Some(BrokerEpoch(13)));
        assert_eq!(parse_clean_shutdown(""), None);
    }

    #[test]
    fn metadata_names_ids() {
        let id = Uuid::parse("pqSPGe_XSAyNtsZV5iblNA").unwrap();
        let text = partition_metadata_text(id);
        assert_eq!(text, "version: 0\ntopic_id: pqSPGe_XSAyNtsZV5iblNA");
        assert_eq!(parse_partition_metadata(&text), Some(id));
        let meta =
            meta_properties_text("Fri Nov 20 03:52:20 UTC 2026", 1, id, "a2Fma2Etb3JhY2xlLTAwMQ");
        assert_eq!(property(&meta, "node.id"), Some("1"));
        assert_eq!(property(&meta, "directory.id"), Some("pqSPGe_XSAyNtsZV5iblNA"));
    }
}

//! Batches and records as `kafka-dump-log` prints them.
//!
//! In Kafka: `DumpLogSegments` with `--print-data-log`; for `__consumer_offsets` and
//! `__cluster_metadata` as with `--offsets-decoder` and `--cluster-metadata-decoder`, but with fields
//! that are at their defaults.

use std::fmt::Write as _;

use bytes::Bytes;

use crate::protocol::coordinator_record::GroupRecord;
use crate::protocol::{
    Batch, Compression, ControlRecord, MetadataRecord, RecordRef, TimestampType,
};

/// How the keys and values of a log are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Decoder {
    /// As text.
    #[default]
    Text,
    /// As records of `__consumer_offsets`.
    Offsets,
    /// As records of `__cluster_metadata`.
    Metadata,
}

impl Decoder {
    /// That of the log in a directory.
    pub fn of(directory: &str) -> Self {
        match directory.rsplit_once('-').map(|(topic, _)| topic) {
            Some("__consumer_offsets") => Self::Offsets,
            Some("__cluster_metadata") => Self::Metadata,
            _ => Self::Text,
        }
    }

    /// Key and value of a record, as far as it has them.
    pub fn read(self, record: &RecordRef<'_>) -> (Option<String>, Option<String>) {
        let decoded = match self {
            Self::Text => None,
            Self::Offsets => offsets(record),
            Self::Metadata => record.value.and_then(metadata).map(|value| (None, Some(value))),
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        decoded.unwrap_or_else(|| (record.key.map(text), record.value.map(text)))
    }
}

/// A record of `__consumer_offsets`: type and fields of its key, version and fields of its value.
fn offsets(record: &RecordRef<'_>) -> Option<(Option<String>, Option<String>)> {
    let key = Bytes::copy_from_slice(record.key?);
    let value = record.value.map(Bytes::copy_from_slice);
    let version = record.value.and_then(|value| value.first_chunk().copied());
    let record = GroupRecord::decode(key, value).ok()?;
    let (key, value) = record.json();
    let key = format!("{{\"type\":\"{}\",\"data\":{key}}}", record.record_type());
    let value = match (version, value) {
        (Some(version), Some(data)) => {
            let version = i16::from_be_bytes(version);
            format!("{{\"version\":\"{version}\",\"data\":{data}}}")
        }
        _ => "<DELETE>".to_owned(),
    };
    Some((Some(key), Some(value)))
}

fn metadata(value: &[u8]) -> Option<String> {
    let (version, record) = MetadataRecord::decode(value).ok()?;
    let json = serde_json::to_string(&record).ok()?;
    // Kafka's converter puts the version beside the type.
    Some(json.replacen(",\"data\":", &format!(",\"version\":{version},\"data\":"), 1))
}

/// The compression's name in Kafka.
pub(super) fn codec(batch: &Batch) -> &'static str {
    match batch.compression() {
        Some(Compression::None) => "none",
        Some(Compression::Gzip) => "gzip",
        Some(Compression::Snappy) => "snappy",
        Some(Compression::Lz4) => "lz4",
        Some(Compression::Zstd) => "zstd",
        None => "unknown",
    }
}

/// Whose timestamps they are, in Kafka's words.
pub(super) fn timestamp_type(batch: &Batch) -> &'static str {
    match batch.timestamp_type() {
        TimestampType::CreateTime => "CreateTime",
        TimestampType::LogAppendTime => "LogAppendTime",
    }
}

/// The line of a batch that begins at a position of its file.
pub fn batch_line(batch: &Batch, position: u64) -> String {
    let horizon = match batch.delete_horizon() {
        Some(horizon) => format!("OptionalLong[{}]", horizon.0),
        None => "OptionalLong.empty".to_owned(),
    };
    format!(
        "baseOffset: {} lastOffset: {} count: {} baseSequence: {} lastSequence: {} producerId: {} \
         producerEpoch: {} partitionLeaderEpoch: {} isTransactional: {} isControl: {} \
         deleteHorizonMs: {horizon} position: {position} {}: {} size: {} magic: {} compresscodec: {} \
         crc: {} isvalid: {}",
        batch.base_offset(),
        batch.last_offset(),
        batch.count(),
        batch.base_sequence().unwrap_or(-1),
        batch.last_sequence().unwrap_or(-1),
        batch.producer_id().map_or(-1, |id| id.0),
        batch.producer_epoch().0,
        batch.partition_leader_epoch().map_or(-1, |epoch| epoch.0),
        batch.is_transactional(),
        batch.is_control(),
        timestamp_type(batch),
        batch.max_timestamp().0,
        batch.size_in_bytes(),
        batch.magic(),
        codec(batch),
        batch.crc(),
        batch.is_valid(),
    )
}

/// The line of a record of a batch.
pub fn record_line(batch: &Batch, record: &RecordRef<'_>, decoder: Decoder) -> String {
    let size = |bytes: Option<&[u8]>| bytes.map_or(-1, |bytes| bytes.len() as i64);
    let headers: Vec<_> =
        record.headers().map(|(key, _)| String::from_utf8_lossy(key).into_owned()).collect();
    let mut line = format!(
        "| offset: {} {}: {} keySize: {} valueSize: {} sequence: {} headerKeys: [{}]",
        record.offset,
        timestamp_type(batch),
        record.timestamp.0,
        size(record.key),
        size(record.value),
        record.sequence.unwrap_or(-1),
        headers.join(","),
    );
    let told = "a text takes everything";
    if batch.is_control() {
        write!(line, " {}", control(record)).expect(told);
        return line;
    }
    let (key, value) = decoder.read(record);
    if let Some(key) = key {
        write!(line, " key: {key}").expect(told);
    }
    if let Some(value) = value {
        write!(line, " payload: {value}").expect(told);
    }
    line
}

/// What a control record says.
pub(super) fn control(record: &RecordRef<'_>) -> String {
    match ControlRecord::parse(record.key, record.value) {
        Ok(ControlRecord::EndTxn(end)) => {
            let how = if end.commit { "COMMIT" } else { "ABORT" };
            format!("endTxnMarker: {how} coordinatorEpoch: {}", end.coordinator_epoch)
        }
        Ok(ControlRecord::LeaderChange(message)) => {
            let ids = |voters: &[kafka_protocol::messages::leader_change_message::Voter]| {
                let ids = voters.iter().map(|voter| format!("{{\"voterId\":{}}}", voter.voter_id));
                ids.collect::<Vec<_>>().join(",")
            };
            format!(
                "LeaderChange: {{\"version\":{},\"leaderId\":{},\"voters\":[{}],\
                 \"grantingVoters\":[{}]}}",
                message.version,
                message.leader_id.0,
                ids(&message.voters),
                ids(&message.granting_voters)
            )
        }
        Ok(ControlRecord::SnapshotHeader(header)) => format!(
            "SnapshotHeader {{\"version\":{},\"lastContainedLogTimestamp\":{}}}",
            header.version, header.last_contained_log_timestamp
        ),
        Ok(ControlRecord::SnapshotFooter(footer)) => {
            format!("SnapshotFooter {{\"version\":{}}}", footer.version)
        }
        Ok(ControlRecord::KRaftVersion(version)) => format!(
            "KRaftVersion {{\"version\":{},\"kRaftVersion\":{}}}",
            version.version, version.k_raft_version
        ),
        Ok(other) => format!("controlType: {}", other.type_id()),
        Err(error) => error.to_string(),
    }
}

//! The metadata log, `__cluster_metadata`, record by record.
//!
//! What is not asked for is not read: a look at the end of a long log costs as much as at a short one.

use super::Lens;
use crate::ids::{BrokerId, ControllerEpoch, Offset, PartitionIndex, TopicPartition};
use crate::log::Log;
use crate::protocol::metadata_record::codec::{Field as _, Reader};
use crate::protocol::metadata_record::control::{
    KRaftVersionRecord, LeaderChangeMessage, SnapshotFooterRecord, SnapshotHeaderRecord,
    VotersRecord,
};
use crate::protocol::{Batch, MetadataRecord};
use crate::raft::METADATA_TOPIC;
use crate::sim::Instant;

/// A record of the metadata log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataEntry {
    /// Its offset.
    pub offset: Offset,
    /// When its writer appended it, to the millisecond.
    pub at: Instant,
    /// The epoch of the controller that wrote it.
    pub epoch: ControllerEpoch,
    /// Where its batch begins, and where the next one does: what was decided together.
    pub batch: (Offset, Offset),
    /// What it says.
    pub content: MetadataContent,
}

/// What a record of the metadata log says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetadataContent {
    /// A record of the controller's, with the version that it was written at.
    Record(i16, MetadataRecord),
    /// A record that the quorum wrote about itself: its type's name, and its fields as JSON.
    Control(&'static str, String),
}

impl MetadataEntry {
    /// The name of its type, like `PARTITION_CHANGE_RECORD`.
    pub fn type_name(&self) -> &'static str {
        match &self.content {
            MetadataContent::Record(_, record) => record.type_name(),
            MetadataContent::Control(name, _) => name,
        }
    }

    /// True for a record that says nothing: it keeps the log's end moving (KIP-835).
    pub const fn is_no_op(&self) -> bool {
        matches!(self.content, MetadataContent::Record(_, MetadataRecord::NoOp(_)))
    }
}

impl<'a> Lens<'a> {
    /// Whose metadata log is looked at: the active controller's; while there is none, that of the
    /// server that runs and knows most to be committed. None while no server runs.
    pub fn metadata_log_of(self) -> Option<BrokerId> {
        self.active_controller().or_else(|| {
            let running = self.servers().filter_map(|(id, ..)| {
                let raft = self.running(id)?.raft();
                Some((raft.high_watermark(), raft.log().log_end_offset(), -id.0))
            });
            running.max().map(|(.., id)| BrokerId(-id))
        })
    }

    /// A server's metadata log, while it runs.
    pub fn metadata_log(self, server: BrokerId) -> Option<&'a Log> {
        self.running(server).map(|running| running.raft().log())
    }

    /// The records of a server's metadata log from the offset `from` on, before `to`.
    pub fn metadata_records(
        self,
        server: BrokerId,
        from: Offset,
        to: Offset,
    ) -> Vec<MetadataEntry> {
        let tp = TopicPartition { topic: METADATA_TOPIC.into(), partition: PartitionIndex(0) };
        // What clocks say, and when it was: both run at the same rate.
        let began = self.wall().0 - self.now().as_millis() as i64;
        let batches = self.batches(&tp, server, from).into_iter().flatten();
        let batches = batches.take_while(|batch| batch.base_offset() < to);
        let mut entries = Vec::new();
        for batch in batches {
            let epoch = batch.partition_leader_epoch().unwrap_or_default();
            for record in batch.iter().map_while(Result::ok) {
                if !(from..to).contains(&record.offset) {
                    continue;
                }
                let Some(content) = content(&batch, record.key, record.value) else { continue };
                let millis = u64::try_from(record.timestamp.0 - began).unwrap_or_default();
                entries.push(MetadataEntry {
                    offset: record.offset,
                    at: Instant::from_nanos(millis * 1_000_000),
                    epoch: ControllerEpoch(epoch.0),
                    batch: (batch.base_offset(), batch.next_offset()),
                    content,
                });
            }
        }
        entries
    }
}

/// What a record says; none for what cannot be read.
fn content(batch: &Batch, key: Option<&[u8]>, value: Option<&[u8]>) -> Option<MetadataContent> {
    let value = value?;
    if !batch.is_control() {
        let (version, record) = MetadataRecord::decode(value).ok()?;
        return Some(MetadataContent::Record(version, record));
    }
    // A control record's key is its version and its type; its value begins with its version.
    let [.., high, low] = *key?.first_chunk::<4>()?;
    let version = i16::from_be_bytes(*value.first_chunk()?);
    macro_rules! read {
        ($name:literal, $record:ty) => {{
            let record = <$record>::read(&mut Reader::new(value, version)).ok()?;
            ($name, serde_json::to_string(&record).ok()?)
        }};
    }
    let (name, fields) = match i16::from_be_bytes([high, low]) {
        2 => read!("LEADER_CHANGE", LeaderChangeMessage),
        3 => read!("SNAPSHOT_HEADER", SnapshotHeaderRecord),
        4 => read!("SNAPSHOT_FOOTER", SnapshotFooterRecord),
        5 => read!("KRAFT_VERSION", KRaftVersionRecord),
        6 => read!("KRAFT_VOTERS", VotersRecord),
        _ => return None,
    };
    Some(MetadataContent::Control(name, fields))
}

//! A partition's log as it lies on disk, byte for byte: segments and their indexes, leader epochs,
//! producers, checkpoints; how it is appended to, read, truncated, recovered and cleaned up.
//!
//! In Kafka: the `storage` module. Left out so far: compaction, tiered storage, message
//! formats 0 and 1.

mod append;
mod body;
mod checkpoint;
mod config;
mod epoch_cache;
mod error;
mod file_records;
mod index;
mod java_order;
mod look;
mod manager;
mod names;
mod offset_index;
mod origin;
mod producer_entry;
mod producer_snapshot;
mod producer_state;
mod producers;
mod read;
mod recovery;
mod retention;
mod segment;
mod segments;
mod time_index;
mod truncate;
mod txn_index;
mod unified_log;
mod validate;

use std::sync::Arc;

use bytes::Bytes;

use crate::protocol::Batch;
use crate::sim::disk::Content;

pub use append::AppendInfo;
pub use checkpoint::*;
pub use config::{ConfigError, LogConfig};
pub use epoch_cache::{EpochCache, EpochEntry};
pub use error::{AppendError, InvalidBatch, InvalidRecord, KnownSequence, RecordProblem};
pub use file_records::TimestampAndOffset;
pub use index::largest_lower_bound;
pub use java_order::{any_ref_map_order, scala_hash_map_order, topic_partition_hash};
pub use look::{SegmentOnDisk, batches_in_file, batches_on_disk, segments_on_disk};
pub use manager::{LogId, LogManager};
pub use names::*;
pub use offset_index::{IndexError, OffsetIndex, OffsetPosition};
pub use origin::AppendOrigin;
pub use producer_entry::{BatchMetadata, CompletedTxn, ProducerEntry};
pub use producer_snapshot::{SnapshotError, read_snapshot, write_snapshot};
pub use producer_state::ProducerState;
pub use read::{Aborted, OffsetMetadata, OffsetQuery, ReadInfo};
pub use recovery::Loaded;
pub use segment::Segment;
pub use time_index::{TimeIndex, TimestampOffset};
pub use txn_index::{AbortedTxn, TxnIndex, TxnOrderError};
pub use unified_log::{Log, LogHome};
pub use validate::{Validated, validate};

/// A disk whose `.log` files hold batches as they are, shared with whoever holds them.
pub type Disk = crate::sim::disk::Disk<Arc<Batch>>;

impl Content for Arc<Batch> {
    fn len(&self) -> u64 {
        self.size_in_bytes()
    }

    fn to_bytes(&self) -> Bytes {
        Batch::to_bytes(self)
    }
}

/// Where the log of a partition ends on a disk that nobody has open: after the last whole batch.
pub fn end_offset_on_disk(
    disk: &Disk,
    tp: &crate::ids::TopicPartition,
) -> Option<crate::ids::Offset> {
    let directory = Directory { log_dir: "", topic: &tp.topic, partition: tp.partition.0 };
    let files = disk.list(&directory.path());
    let last = files.iter().rev().find(|(name, _)| name.ends_with(".log"))?;
    let base = offset_of(&last.0)?;
    let file = disk.open(&directory.file(&last.0))?;
    let mut end = base;
    for (_, block) in disk.rope(file).blocks_from(0) {
        match block {
            crate::sim::disk::Block::Content(batch) => end = batch.next_offset(),
            _ => break,
        }
    }
    Some(end)
}

//! The `.snapshot` file: what was known of producers at an offset.
//!
//! In Kafka: `ProducerSnapshot.json`, read and written by `ProducerStateManager`. A version, the
//! CRC-32C of what follows it, a count, and 46 bytes per producer.

use bytes::Bytes;
use smallvec::smallvec;
use thiserror::Error;

use super::producer_entry::{BatchMetadata, ProducerEntry};
use crate::ids::{Offset, ProducerEpoch, ProducerId, Timestamp};
use crate::protocol::crc32c;

const VERSION: u16 = 1;
const HEADER_LEN: usize = 10;
const ENTRY_LEN: usize = 46;
/// What the CRC covers begins here.
const COVERED_FROM: usize = 6;

/// Why a snapshot cannot be used. It is deleted, and an older one taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SnapshotError {
    /// It is of another version.
    #[error("snapshot contained an unknown file version {0}")]
    Version(u16),
    /// It ends too early.
    #[error("snapshot of {0} bytes is too short")]
    Short(usize),
    /// The CRC is wrong.
    #[error("snapshot is corrupt: stored crc {stored}, computed crc {computed}")]
    Crc {
        /// What it says.
        stored: u32,
        /// What its bytes say.
        computed: u32,
    },
}

/// The bytes of a snapshot, its entries in the order given.
pub fn write_snapshot<'a>(
    producers: impl ExactSizeIterator<Item = (ProducerId, &'a ProducerEntry)>,
) -> Bytes {
    let mut bytes = Vec::with_capacity(HEADER_LEN + ENTRY_LEN * producers.len());
    bytes.extend_from_slice(&VERSION.to_be_bytes());
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(&(producers.len() as u32).to_be_bytes());
    for (id, entry) in producers {
        let last = entry.batches.last();
        bytes.extend_from_slice(&id.0.to_be_bytes());
        bytes.extend_from_slice(&entry.epoch.0.to_be_bytes());
        bytes.extend_from_slice(&entry.last_sequence().to_be_bytes());
        bytes.extend_from_slice(&Offset::to_wire(last.map(|last| last.last_offset)).to_be_bytes());
        bytes.extend_from_slice(&last.map_or(0, |last| last.offset_delta).to_be_bytes());
        bytes.extend_from_slice(&entry.last_timestamp.0.to_be_bytes());
        bytes.extend_from_slice(&entry.coordinator_epoch.to_be_bytes());
        bytes.extend_from_slice(&Offset::to_wire(entry.current_txn_first_offset).to_be_bytes());
    }
    let crc = crc32c(&bytes[COVERED_FROM..]);
    bytes[2..COVERED_FROM].copy_from_slice(&crc.to_be_bytes());
    bytes.into()
}

/// The producers in a snapshot, in its order.
///
/// # Errors
/// When it is damaged.
pub fn read_snapshot(bytes: &[u8]) -> Result<Vec<(ProducerId, ProducerEntry)>, SnapshotError> {
    let short = SnapshotError::Short(bytes.len());
    let version = u16::from_be_bytes(*bytes.first_chunk().ok_or(short)?);
    if version != VERSION {
        return Err(SnapshotError::Version(version));
    }
    let mut reader = Fields { bytes: &bytes[2..] };
    let stored = u32::from_be_bytes(reader.take().ok_or(short)?);
    let count = u32::from_be_bytes(reader.take().ok_or(short)?);
    let mut producers = Vec::new();
    for _ in 0..count {
        producers.push(reader.producer().ok_or(short)?);
    }
    let computed = crc32c(&bytes[COVERED_FROM..]);
    if stored == computed { Ok(producers) } else { Err(SnapshotError::Crc { stored, computed }) }
}

struct Fields<'a> {
    bytes: &'a [u8],
}

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.bytes.split_first_chunk()?;
        self.bytes = rest;
        Some(*field)
    }

    fn producer(&mut self) -> Option<(ProducerId, ProducerEntry)> {
        let id = ProducerId(i64::from_be_bytes(self.take()?));
        let epoch = ProducerEpoch(i16::from_be_bytes(self.take()?));
        let last_sequence = i32::from_be_bytes(self.take()?);
        let last_offset = Offset::from_wire(i64::from_be_bytes(self.take()?));
        let offset_delta = i32::from_be_bytes(self.take()?);
        let timestamp = Timestamp(i64::from_be_bytes(self.take()?));
        let coordinator_epoch = i32::from_be_bytes(self.take()?);
        let current_txn_first_offset = Offset::from_wire(i64::from_be_bytes(self.take()?));
        let batches = match last_offset {
            Some(last_offset) => {
                smallvec![BatchMetadata { last_sequence, last_offset, offset_delta, timestamp }]
            }
            None => smallvec![],
        };
        let entry = ProducerEntry {
            epoch,
            coordinator_epoch,
            last_timestamp: timestamp,
            current_txn_first_offset,
            batches,
        };
        Some((id, entry))
    }
}

//! Batches in bytes: finding them one after the other, and what can be wrong with them.
//!
//! In Kafka: `ByteBufferLogInputStream`, `MemoryRecords.batches`.

use bytes::Bytes;
use thiserror::Error;

use super::batch::{Batch, LOG_OVERHEAD, at};

/// The least length field that any message format has had.
const LEAST_LENGTH: i32 = 14;

/// Why bytes are no batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BatchError {
    /// The length field says less than any batch takes.
    #[error("byte {position}: length field {length} is less than the minimum record overhead (14)")]
    Length {
        /// Where the batch begins.
        position: usize,
        /// What its length field says.
        length: i32,
    },
    /// The length field says less than the header of a batch of magic 2 takes.
    #[error("byte {position}: a batch of {size} bytes is smaller than its header")]
    Header {
        /// Where the batch begins.
        position: usize,
        /// Its length in bytes.
        size: usize,
    },
    /// No message format has this magic byte.
    #[error("byte {position}: invalid magic {magic}")]
    Magic {
        /// Where the batch begins.
        position: usize,
        /// The magic byte.
        magic: i8,
    },
    /// The message format of before 0.11.
    #[error("byte {position}: message format {magic} is not supported")]
    Legacy {
        /// Where the batch begins.
        position: usize,
        /// The magic byte.
        magic: i8,
    },
    /// The bytes end before the batch does.
    #[error("byte {position}: a batch of {size} bytes, but only {left} are left")]
    Incomplete {
        /// Where the batch begins.
        position: usize,
        /// Its length in bytes, if that much is there.
        size: usize,
        /// How many bytes there are.
        left: usize,
    },
    /// The CRC is not that of the bytes.
    #[error("byte {position}: stored crc {stored}, computed crc {computed}")]
    Crc {
        /// Where the batch begins.
        position: usize,
        /// What the header says.
        stored: u32,
        /// What the bytes say.
        computed: u32,
    },
}

/// The batches that lie one after the other in `bytes`, without looking at their CRC. Ends at the
/// first that is no batch, or not all there.
#[derive(Clone, Debug)]
pub struct Batches {
    bytes: Bytes,
    position: usize,
    ended: bool,
}

impl Batches {
    /// The batches in `bytes`.
    pub const fn new(bytes: Bytes) -> Self {
        Self { bytes, position: 0, ended: false }
    }

    /// How many bytes no batch was made of so far.
    pub fn rest(&self) -> usize {
        self.bytes.len() - self.position
    }

    fn parse(&mut self) -> Option<Result<Batch, BatchError>> {
        let position = self.position;
        let left = &self.bytes[position..];
        let length = i32::from_be_bytes(*left.get(at::LENGTH..)?.first_chunk()?);
        if length < LEAST_LENGTH {
            return Some(Err(BatchError::Length { position, length }));
        }
        let magic = *left.get(at::MAGIC)? as i8;
        if !(0..=2).contains(&magic) {
            return Some(Err(BatchError::Magic { position, magic }));
        }
        let size = LOG_OVERHEAD + length as usize;
        if left.len() < size {
            return None;
        }
        self.position += size;
        if magic < 2 {
            return Some(Err(BatchError::Legacy { position, magic }));
        }
        let bytes = &self.bytes[position..position + size];
        Some(Batch::from_file(bytes).ok_or(BatchError::Header { position, size }))
    }
}

impl Iterator for Batches {
    type Item = Result<Batch, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let batch = self.parse();
        // Where a batch was found but is of no use, the next one can still be found.
        self.ended =
            matches!(batch, None | Some(Err(BatchError::Length { .. } | BatchError::Magic { .. })));
        batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Timestamp;
    use crate::protocol::BatchBuilder;

    fn batch() -> Batch {
        let mut builder = BatchBuilder::new();
        builder.append(Timestamp(1_000), Some(b"k"), Some(b"v"), &[]);
        builder.build().expect("a record")
    }

    #[test]
    fn a_cut_batch_is_no_batch() {
        let bytes = batch().to_bytes();
        for len in 0..bytes.len() {
            let cut = Batch::parse(&bytes.slice(..len));
            assert!(matches!(cut, Err(BatchError::Incomplete { .. })), "{len}: {cut:?}");
        }
    }

    #[test]
    fn batches_follow_on_each_other() {
        let bytes = [batch().to_bytes(), batch().to_bytes(), batch().to_bytes().slice(..65)];
        let mut batches = Batches::new(bytes.concat().into());
        assert_eq!(batches.by_ref().flatten().count(), 2);
        assert_eq!(batches.rest(), 65, "the third is cut");
    }
}

//! One record batch (magic 2) as it lies in a log.

use std::fmt;

use bytes::Bytes;

/// Length of a batch header in bytes.
const HEADER_LEN: usize = 61;

/// One record batch of magic 2: 61 header bytes of its own, and records that all copies share.
#[derive(Clone, PartialEq, Eq)]
pub struct Batch {
    head: [u8; HEADER_LEN],
    records: Bytes,
}

impl Batch {
    /// Its length in bytes, header included.
    pub fn size_in_bytes(&self) -> u64 {
        (HEADER_LEN + self.records.len()) as u64
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch({} bytes)", self.size_in_bytes())
    }
}

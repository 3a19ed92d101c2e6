//! The index of aborted transactions: what a consumer with `read_committed` must skip.
//!
//! In Kafka: `TransactionIndex`, `AbortedTxn`; KIP-98. An entry has 34 bytes: a version, the
//! producer, the transaction's first offset, its marker's, and the last stable offset at its end.

use thiserror::Error;

use super::names::TXN_INDEX;
use super::{Directory, Disk};
use crate::ids::{Offset, ProducerId};
use crate::sim::disk::FileId;

const ENTRY_LEN: u64 = 34;

/// A transaction that was aborted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbortedTxn {
    /// Whose it was.
    pub producer_id: ProducerId,
    /// Its first record.
    pub first_offset: Offset,
    /// The offset of the marker that ended it.
    pub last_offset: Offset,
    /// How far everything was decided once it had ended.
    pub last_stable_offset: Offset,
}

impl AbortedTxn {
    fn to_bytes(self) -> [u8; ENTRY_LEN as usize] {
        let mut bytes = [0; ENTRY_LEN as usize];
        let fields = [
            self.producer_id.0 as u64,
            self.first_offset.0,
            self.last_offset.0,
            self.last_stable_offset.0,
        ];
        for (field, place) in fields.iter().zip(bytes[2..].chunks_exact_mut(8)) {
            place.copy_from_slice(&field.to_be_bytes());
        }
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        let field = |index: usize| {
            let at = 2 + 8 * index;
            u64::from_be_bytes(*bytes[at..].first_chunk().expect("an entry has 34 bytes"))
        };
        Self {
            producer_id: ProducerId(field(0) as i64),
            first_offset: Offset(field(1)),
            last_offset: Offset(field(2)),
            last_stable_offset: Offset(field(3)),
        }
    }
}

/// Entries are in the order of the markers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the last offset {offset} of an aborted transaction is not above the last one, {last}")]
pub struct TxnOrderError {
    /// The transaction's last offset.
    pub offset: i64,
    /// That of the last entry.
    pub last: i64,
}

/// The `.txnindex` file of a segment; there is none until a transaction is aborted.
#[derive(Clone, Debug)]
pub struct TxnIndex {
    base_offset: Offset,
    file: Option<FileId>,
    last_offset: Option<i64>,
}

impl TxnIndex {
    /// The index of a new segment.
    pub const fn new(base_offset: Offset) -> Self {
        Self { base_offset, file: None, last_offset: None }
    }

    /// The index of a segment that is there already.
    pub fn open(disk: &Disk, directory: Directory<'_>, base_offset: Offset) -> Self {
        let file = disk.open(&directory.of(base_offset, TXN_INDEX));
        Self { base_offset, file, last_offset: None }
    }

    /// Adds an entry, and the file if there is none.
    ///
    /// # Errors
    /// When its marker is not after the last one's.
    pub fn append(
        &mut self,
        disk: &mut Disk,
        directory: Directory<'_>,
        txn: AbortedTxn,
    ) -> Result<(), TxnOrderError> {
        let offset = txn.last_offset.0 as i64;
        if let Some(last) = self.last_offset
            && last >= offset
        {
            return Err(TxnOrderError { offset, last });
        }
        self.last_offset = Some(offset);
        let file = *self
            .file
            .get_or_insert_with(|| disk.create(&directory.of(self.base_offset, TXN_INDEX)));
        disk.append_small(file, &txn.to_bytes());
        Ok(())
    }

    /// Its entries in order.
    pub fn iter(&self, disk: &Disk) -> impl Iterator<Item = AbortedTxn> + use<> {
        let bytes = self.file.map(|file| disk.rope(file).read(0, u64::MAX)).unwrap_or_default();
        let count = bytes.len() as u64 / ENTRY_LEN;
        (0..count).map(move |index| {
            let at = (index * ENTRY_LEN) as usize;
            AbortedTxn::from_bytes(&bytes[at..])
        })
    }

    /// True without entries.
    pub fn is_empty(&self, disk: &Disk) -> bool {
        self.file.is_none_or(|file| disk.written(file) < ENTRY_LEN)
    }

    /// The transactions that reach into `from..to`; and true when no later index can hold another.
    pub fn collect(&self, disk: &Disk, from: Offset, to: Offset) -> (Vec<AbortedTxn>, bool) {
        let mut found = Vec::new();
        for txn in self.iter(disk) {
            if txn.last_offset.0 as i64 >= from.0 as i64 && txn.first_offset < to {
                found.push(txn);
            }
            if txn.last_stable_offset >= to {
                return (found, true);
            }
        }
        (found, false)
    }

    /// Removes the first transaction that ends at or after `offset`, and all that follow.
    pub fn truncate_to(&mut self, disk: &mut Disk, offset: Offset) {
        let Some(file) = self.file else { return };
        let mut last = None;
        for (index, txn) in self.iter(disk).enumerate() {
            let end = txn.last_offset.0 as i64;
            if end >= offset.0 as i64 {
                disk.truncate(file, index as u64 * ENTRY_LEN);
                self.last_offset = last;
                return;
            }
            last = Some(end);
        }
    }

    /// Removes all entries.
    pub fn reset(&mut self, disk: &mut Disk) {
        if let Some(file) = self.file {
            disk.truncate(file, 0);
        }
        self.last_offset = None;
    }

    /// True when no entry ends before the segment begins.
    pub fn is_sane(&self, disk: &Disk) -> bool {
        self.iter(disk).all(|txn| txn.last_offset >= self.base_offset)
    }

    /// Brings it to the medium.
    pub fn flush(&self, disk: &mut Disk) {
        if let Some(file) = self.file {
            disk.fsync(file);
        }
    }
}

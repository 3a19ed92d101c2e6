//! One record batch (magic 2) as it travels in Produce and Fetch and lies in a log.
//!
//! In Kafka: `DefaultRecordBatch`. A batch is 61 header bytes of its own and the records, which all
//! its copies share: a leader that assigns offsets, or stamps the time of the append, makes a new
//! header. Offset and leader epoch lie outside the CRC. Left out: magic 0 and 1.

use std::fmt;
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};

use super::batches::{BatchError, Batches};
use super::compression::{CodecError, Compression, Unpacked};
use super::crc::crc32c_of_two;
use super::record::{Base, Record, RecordError, RecordIter, increment_sequence};
use crate::ids::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Timestamp};

/// Length of a batch header in bytes.
pub const HEADER_LEN: usize = 61;
/// The bytes before the length field's scope: base offset and the length itself.
pub const LOG_OVERHEAD: usize = 12;
/// The bytes up to and including the magic byte, without which nothing can be told.
pub const HEADER_UP_TO_MAGIC: usize = 17;
/// Where the fields of the header begin.
pub(super) mod at {
    pub(in crate::protocol) const BASE_OFFSET: usize = 0;
    pub(in crate::protocol) const LENGTH: usize = 8;
    pub(in crate::protocol) const LEADER_EPOCH: usize = 12;
    pub(in crate::protocol) const MAGIC: usize = 16;
    pub(in crate::protocol) const CRC: usize = 17;
    pub(in crate::protocol) const ATTRIBUTES: usize = 21;
    pub(in crate::protocol) const LAST_OFFSET_DELTA: usize = 23;
    pub(in crate::protocol) const BASE_TIMESTAMP: usize = 27;
    pub(in crate::protocol) const MAX_TIMESTAMP: usize = 35;
    pub(in crate::protocol) const PRODUCER_ID: usize = 43;
    pub(in crate::protocol) const PRODUCER_EPOCH: usize = 51;
    pub(in crate::protocol) const BASE_SEQUENCE: usize = 53;
    pub(in crate::protocol) const COUNT: usize = 57;
}

/// The bits of the attributes.
pub(super) mod bit {
    pub(in crate::protocol) const COMPRESSION: u16 = 0x07;
    pub(in crate::protocol) const LOG_APPEND_TIME: u16 = 0x08;
    pub(in crate::protocol) const TRANSACTIONAL: u16 = 0x10;
    pub(in crate::protocol) const CONTROL: u16 = 0x20;
    pub(in crate::protocol) const DELETE_HORIZON: u16 = 0x40;
}

/// Who says when a record is from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimestampType {
    /// The producer.
    #[default]
    CreateTime,
    /// The broker that appended it.
    LogAppendTime,
}

/// How much about a batch is known to be right; copies of it inherit that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trust {
    /// It was read from raw bytes.
    Nothing,
    /// The CRC was computed or compared.
    Crc,
    /// The header says what the records say: it was built here, or validated record by record.
    Contents,
}

/// One record batch of magic 2: 61 header bytes of its own, and records that all copies share.
#[derive(Clone)]
pub struct Batch {
    records: Arc<[u8]>,
    /// What is in them, if they are compressed.
    unpacked: Option<Unpacked>,
    head: [u8; HEADER_LEN],
    trust: Trust,
}

impl Batch {
    pub(super) fn new(head: [u8; HEADER_LEN], records: &[u8], trust: Trust) -> Self {
        let mut batch = Self { records: records.into(), unpacked: None, head, trust };
        let is_compressed = batch.compression().is_some_and(|codec| codec != Compression::None);
        batch.unpacked = is_compressed.then(Unpacked::default);
        batch
    }

    /// A batch of records that were just compressed from `plain`.
    pub(super) fn packed(
        head: [u8; HEADER_LEN],
        records: &[u8],
        plain: &[u8],
        trust: Trust,
    ) -> Self {
        let unpacked = Some(Unpacked::known(plain));
        Self { records: records.into(), unpacked, head, trust }
    }

    /// Reads the batch that `bytes` are.
    ///
    /// # Errors
    /// When they are no batch of magic 2, or not exactly one. The CRC is not looked at.
    pub fn parse(bytes: &Bytes) -> Result<Self, BatchError> {
        let mut batches = Batches::new(bytes.clone());
        let left = bytes.len();
        let incomplete = BatchError::Incomplete { position: 0, size: HEADER_LEN, left };
        let batch = batches.next().unwrap_or(Err(incomplete))?;
        if batches.rest() > 0 {
            let position = batch.size_in_bytes() as usize;
            return Err(BatchError::Incomplete {
                position,
                size: HEADER_LEN,
                left: batches.rest(),
            });
        }
        Ok(batch)
    }

    /// A batch of the bytes of a file, whatever its magic byte says from 2 on.
    pub(crate) fn from_file(bytes: &[u8]) -> Option<Self> {
        let (head, records) = bytes.split_first_chunk()?;
        Some(Self::new(*head, records, Trust::Nothing))
    }

    fn field<const N: usize>(&self, at: usize) -> [u8; N] {
        *self.head[at..].first_chunk().expect("a field lies inside the header")
    }

    fn put<const N: usize>(&mut self, at: usize, bytes: [u8; N]) {
        self.head[at..at + N].copy_from_slice(&bytes);
    }

    /// The offset of its first record.
    pub fn base_offset(&self) -> Offset {
        Offset(u64::from_be_bytes(self.field(at::BASE_OFFSET)))
    }

    /// The offset of its last record.
    pub fn last_offset(&self) -> Offset {
        Offset(self.base_offset().0.wrapping_add_signed(i64::from(self.last_offset_delta())))
    }

    /// The offset after its last record.
    pub fn next_offset(&self) -> Offset {
        Offset(self.last_offset().0.wrapping_add(1))
    }

    /// Its last offset, counted from its first.
    pub fn last_offset_delta(&self) -> i32 {
        i32::from_be_bytes(self.field(at::LAST_OFFSET_DELTA))
    }

    /// Its length in bytes, header included.
    pub fn size_in_bytes(&self) -> u64 {
        (HEADER_LEN + self.records.len()) as u64
    }

    /// The epoch of the leader that appended it first.
    pub fn partition_leader_epoch(&self) -> Option<LeaderEpoch> {
        LeaderEpoch::from_wire(i32::from_be_bytes(self.field(at::LEADER_EPOCH)))
    }

    /// The message format: 2, unless the bytes are damaged.
    pub fn magic(&self) -> i8 {
        self.head[at::MAGIC] as i8
    }

    /// The CRC-32C that the header says.
    pub fn crc(&self) -> u32 {
        u32::from_be_bytes(self.field(at::CRC))
    }

    fn attributes(&self) -> u16 {
        u16::from_be_bytes(self.field(at::ATTRIBUTES))
    }

    /// How its records are compressed; `None` for a way that nobody knows.
    pub fn compression(&self) -> Option<Compression> {
        Compression::from_repr(self.compression_id())
    }

    /// The number by which its header names how its records are compressed.
    pub fn compression_id(&self) -> u8 {
        (self.attributes() & bit::COMPRESSION) as u8
    }

    /// Who says when its records are from.
    pub fn timestamp_type(&self) -> TimestampType {
        if self.attributes() & bit::LOG_APPEND_TIME == 0 {
            TimestampType::CreateTime
        } else {
            TimestampType::LogAppendTime
        }
    }

    /// True for a part of a transaction, its marker included.
    pub fn is_transactional(&self) -> bool {
        self.attributes() & bit::TRANSACTIONAL != 0
    }

    /// True for a batch that is no data: the end of a transaction, a change of the raft leader.
    pub fn is_control(&self) -> bool {
        self.attributes() & bit::CONTROL != 0
    }

    /// True for data that is no part of a transaction.
    pub fn is_plain_data(&self) -> bool {
        self.attributes() & (bit::TRANSACTIONAL | bit::CONTROL) == 0
    }

    /// When the cleaner may remove the tombstones in it, if it has seen them (KIP-534).
    pub fn delete_horizon(&self) -> Option<Timestamp> {
        (self.attributes() & bit::DELETE_HORIZON != 0).then(|| self.base_timestamp())
    }

    /// What the records' timestamps count from: the first record's, or the delete horizon.
    pub fn base_timestamp(&self) -> Timestamp {
        Timestamp(i64::from_be_bytes(self.field(at::BASE_TIMESTAMP)))
    }

    /// The largest timestamp in it, or when it was appended; -1 for none.
    pub fn max_timestamp(&self) -> Timestamp {
        Timestamp(i64::from_be_bytes(self.field(at::MAX_TIMESTAMP)))
    }

    /// The idempotent producer that wrote it.
    pub fn producer_id(&self) -> Option<ProducerId> {
        let id = i64::from_be_bytes(self.field(at::PRODUCER_ID));
        (id > -1).then_some(ProducerId(id))
    }

    /// The epoch of that producer; -1 without one.
    pub fn producer_epoch(&self) -> ProducerEpoch {
        ProducerEpoch(i16::from_be_bytes(self.field(at::PRODUCER_EPOCH)))
    }

    /// The first record's number in the producer's sequence.
    pub fn base_sequence(&self) -> Option<i32> {
        let sequence = i32::from_be_bytes(self.field(at::BASE_SEQUENCE));
        (sequence >= 0).then_some(sequence)
    }

    /// The last record's number in the producer's sequence.
    pub fn last_sequence(&self) -> Option<i32> {
        self.base_sequence().map(|first| increment_sequence(first, self.last_offset_delta()))
    }

    /// How many records it says it holds.
    pub fn count(&self) -> i32 {
        i32::from_be_bytes(self.field(at::COUNT))
    }

    /// The header's bytes.
    pub fn header(&self) -> &[u8; HEADER_LEN] {
        &self.head
    }

    /// The bytes of the records, compressed if they are.
    pub fn records(&self) -> &[u8] {
        &self.records
    }

    /// The bytes of the records, decompressed if need be: as much as can be read, and what is wrong with
    /// the rest. Copies of the batch decompress them once together.
    pub fn plain_records(&self) -> (&[u8], Option<CodecError>) {
        match (&self.unpacked, self.compression()) {
            (Some(unpacked), Some(compression)) => unpacked.get(compression, &self.records),
            _ => (&self.records, None),
        }
    }

    /// The length that it would have in bytes if nothing were compressed, header included.
    pub fn plain_size_in_bytes(&self) -> u64 {
        (HEADER_LEN + self.plain_records().0.len()) as u64
    }

    /// The whole batch in one piece.
    pub fn to_bytes(&self) -> Bytes {
        let mut bytes = BytesMut::with_capacity(HEADER_LEN + self.records.len());
        bytes.put_slice(&self.head);
        bytes.put_slice(&self.records);
        bytes.freeze()
    }

    /// Its records one by one, decoded where they lie, or where they were decompressed to.
    pub fn iter(&self) -> RecordIter<'_> {
        let max_timestamp = self.max_timestamp();
        let base = Base {
            offset: self.base_offset(),
            timestamp: self.base_timestamp(),
            append_time: (self.timestamp_type() == TimestampType::LogAppendTime)
                .then_some(max_timestamp),
            sequence: self.base_sequence(),
        };
        match self.compression() {
            Some(Compression::None) => RecordIter::new(&self.records, base, self.count()),
            Some(compression) => {
                let (plain, error) = self.plain_records();
                let end = error.map(|error| RecordError::Codec(compression, error));
                RecordIter::of_stream(plain, base, self.count(), end)
            }
            None => {
                RecordIter::broken(base, RecordError::UnknownCompression(self.compression_id()))
            }
        }
    }

    /// All its records, with bytes of their own.
    ///
    /// # Errors
    /// When one of them is malformed, or cannot be decompressed.
    pub fn decode(&self) -> Result<Vec<Record>, RecordError> {
        self.iter().map(|record| record.map(|record| record.to_record())).collect()
    }

    /// The CRC-32C that its bytes have.
    pub fn computed_crc(&self) -> u32 {
        crc32c_of_two(&self.head[at::ATTRIBUTES..], &self.records)
    }

    /// True when the CRC is right. What was built or checked before is not computed again.
    pub fn is_valid(&self) -> bool {
        self.trust >= Trust::Crc || self.crc() == self.computed_crc()
    }

    /// Itself, with the CRC checked once for all its copies.
    ///
    /// # Errors
    /// [`BatchError::Crc`] when it is wrong.
    pub fn checked(mut self) -> Result<Self, BatchError> {
        if self.trust < Trust::Crc {
            let (stored, computed) = (self.crc(), self.computed_crc());
            if stored != computed {
                return Err(BatchError::Crc { position: 0, stored, computed });
            }
            self.trust = Trust::Crc;
        }
        Ok(self)
    }

    /// True when its header is known to say what its records say.
    pub fn is_trusted(&self) -> bool {
        self.trust == Trust::Contents
    }

    /// Itself, after somebody compared its header with every record.
    #[must_use]
    pub fn into_trusted(mut self) -> Self {
        self.trust = Trust::Contents;
        self
    }

    /// The same records at `base_offset`, appended by the leader of `leader_epoch`.
    #[must_use]
    pub fn with_place(&self, base_offset: Offset, leader_epoch: LeaderEpoch) -> Self {
        let mut placed = self.clone();
        placed.put(at::BASE_OFFSET, base_offset.0.to_be_bytes());
        placed.put(at::LEADER_EPOCH, leader_epoch.0.to_be_bytes());
        placed
    }

    /// The same records, stamped by the log: every one of them reads as of `now`.
    #[must_use]
    pub fn with_log_append_time(&self, now: Timestamp) -> Self {
        self.with_max_timestamp(TimestampType::LogAppendTime, now)
    }

    /// The same records with another largest timestamp.
    #[must_use]
    pub fn with_max_timestamp(&self, kind: TimestampType, timestamp: Timestamp) -> Self {
        let mut stamped = self.clone();
        if self.timestamp_type() == kind && self.max_timestamp() == timestamp {
            return stamped;
        }
        let attributes = match kind {
            TimestampType::CreateTime => self.attributes() & !bit::LOG_APPEND_TIME,
            TimestampType::LogAppendTime => self.attributes() | bit::LOG_APPEND_TIME,
        };
        stamped.put(at::ATTRIBUTES, attributes.to_be_bytes());
        stamped.put(at::MAX_TIMESTAMP, timestamp.0.to_be_bytes());
        stamped.sealed()
    }

    /// The same records under another producer epoch and sequence: what an idempotent producer
    /// sends again after its epoch was raised.
    #[must_use]
    pub fn with_producer(&self, id: ProducerId, epoch: ProducerEpoch, base_sequence: i32) -> Self {
        let mut renamed = self.clone();
        renamed.put(at::PRODUCER_ID, id.0.to_be_bytes());
        renamed.put(at::PRODUCER_EPOCH, epoch.0.to_be_bytes());
        renamed.put(at::BASE_SEQUENCE, base_sequence.to_be_bytes());
        renamed.sealed()
    }

    /// Itself with the CRC that its bytes have.
    pub(super) fn sealed(mut self) -> Self {
        let crc = self.computed_crc();
        self.put(at::CRC, crc.to_be_bytes());
        self.trust = self.trust.max(Trust::Crc);
        self
    }
}

/// Equal bytes, whatever is known about them.
impl PartialEq for Batch {
    fn eq(&self, other: &Self) -> bool {
        self.head == other.head && self.records == other.records
    }
}

impl Eq for Batch {}

impl<'a> IntoIterator for &'a Batch {
    type Item = Result<super::RecordRef<'a>, RecordError>;
    type IntoIter = RecordIter<'a>;

    fn into_iter(self) -> RecordIter<'a> {
        self.iter()
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = (self.base_offset(), self.last_offset());
        write!(f, "Batch({first}..={last}, {} bytes", self.size_in_bytes())?;
        if let Some(epoch) = self.partition_leader_epoch() {
            write!(f, ", epoch {epoch}")?;
        }
        if let Some(id) = self.producer_id() {
            write!(f, ", producer {id}/{}", self.producer_epoch())?;
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::BatchBuilder;

    fn batch() -> Batch {
        let mut builder = BatchBuilder::new();
        builder.append(Timestamp(1_000), Some(b"k"), Some(b"v"), &[]);
        builder.append(Timestamp(1_007), None, Some(b"w"), &[]);
        builder.build().expect("two records")
    }

    #[test]
    fn copies_share_the_records_and_keep_their_crc() {
        let batch = batch();
        let placed = batch.with_place(Offset(40), LeaderEpoch(3));
        assert_eq!((placed.base_offset(), placed.next_offset()), (Offset(40), Offset(42)));
        assert_eq!(placed.partition_leader_epoch(), Some(LeaderEpoch(3)));
        assert_eq!(placed.records().as_ptr(), batch.records().as_ptr());
        assert_eq!(placed.crc(), placed.computed_crc());
        let offsets: Vec<_> = placed.decode().expect("valid").iter().map(|r| r.offset).collect();
        assert_eq!(offsets, [Offset(40), Offset(41)]);
    }

    #[test]
    fn log_append_time_is_every_records_time() {
        let stamped = batch().with_log_append_time(Timestamp(9_000));
        assert_eq!(stamped.crc(), stamped.computed_crc());
        assert_eq!(stamped.base_timestamp(), Timestamp(1_000), "the producer's stays");
        assert!(stamped.decode().expect("valid").iter().all(|r| r.timestamp == Timestamp(9_000)));
    }

    #[test]
    fn a_parsed_batch_is_trusted_only_after_its_crc_was_compared() {
        let batch = batch();
        let parsed = Batch::parse(&batch.to_bytes()).expect("one batch");
        assert_eq!(parsed, batch);
        assert!(batch.is_trusted() && !parsed.is_trusted());
        let mut damaged = batch.to_bytes().to_vec();
        damaged[HEADER_LEN + 3] ^= 1;
        let damaged = Batch::parse(&damaged.into()).expect("one batch");
        assert!(parsed.checked().is_ok());
        assert!(!damaged.is_valid());
        assert!(matches!(damaged.checked(), Err(BatchError::Crc { position: 0, .. })));
    }
}

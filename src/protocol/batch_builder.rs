//! Builds record batches, byte for byte as Kafka does.
//!
//! In Kafka: `MemoryRecordsBuilder` (magic 2). Records are compressed when the batch is built, not one by one.

use super::batch::{Batch, HEADER_LEN, LOG_OVERHEAD, TimestampType, Trust, at, bit};
use super::compression::{Codec, compress};
use super::record::{Header, size_of_body, write_record};
use super::varint::size_of_varint;
use crate::ids::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Timestamp};

/// What Kafka writes where there is no timestamp.
const NO_TIMESTAMP: Timestamp = Timestamp(-1);

/// A batch to be.
#[derive(Clone, Debug)]
pub struct BatchBuilder {
    base_offset: Offset,
    leader_epoch: Option<LeaderEpoch>,
    log_append_time: Option<Timestamp>,
    producer: Option<(ProducerId, ProducerEpoch, i32)>,
    attributes: u16,
    codec: Codec,
    base_timestamp: Option<Timestamp>,
    max_timestamp: Timestamp,
    last_offset: Option<Offset>,
    count: i32,
    records: Vec<u8>,
}

impl Default for BatchBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl BatchBuilder {
    /// An empty batch at offset 0 without leader epoch, as producers send it.
    pub const fn new() -> Self {
        Self {
            base_offset: Offset(0),
            leader_epoch: None,
            log_append_time: None,
            producer: None,
            attributes: 0,
            codec: Codec::NONE,
            base_timestamp: None,
            max_timestamp: NO_TIMESTAMP,
            last_offset: None,
            count: 0,
            records: Vec::new(),
        }
    }

    /// Its place in the log, as the leader of `leader_epoch` writes it.
    #[must_use]
    pub fn place(mut self, base_offset: Offset, leader_epoch: Option<LeaderEpoch>) -> Self {
        self.base_offset = base_offset;
        self.leader_epoch = leader_epoch;
        self
    }

    /// All its records read as of `now` (`LogAppendTime`).
    #[must_use]
    pub fn log_append_time(mut self, now: Timestamp) -> Self {
        self.log_append_time = Some(now);
        self.attributes |= bit::LOG_APPEND_TIME;
        self
    }

    /// Its records are compressed as a whole.
    #[must_use]
    pub fn compressed(mut self, codec: Codec) -> Self {
        self.codec = codec;
        self
    }

    /// It is a part of a transaction.
    #[must_use]
    pub fn transactional(mut self) -> Self {
        self.attributes |= bit::TRANSACTIONAL;
        self
    }

    /// It is no data.
    #[must_use]
    pub fn control(mut self) -> Self {
        self.attributes |= bit::CONTROL;
        self
    }

    /// The cleaner may remove tombstones from `horizon` on; timestamps count from there.
    #[must_use]
    pub fn delete_horizon(mut self, horizon: Timestamp) -> Self {
        self.attributes |= bit::DELETE_HORIZON;
        self.base_timestamp = Some(horizon);
        self
    }

    /// The idempotent producer that sends it, and the sequence number of its first record. May be
    /// set, or set anew, until it is built. Markers of transactions have sequence -1.
    pub fn set_producer(&mut self, id: ProducerId, epoch: ProducerEpoch, base_sequence: i32) {
        self.producer = Some((id, epoch, base_sequence));
    }

    /// Adds a record at the next offset. Timestamp -1 is none.
    pub fn append(
        &mut self,
        timestamp: Timestamp,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header],
    ) {
        self.append_at(self.next_offset(), timestamp, key, value, headers);
    }

    /// Adds a record at `offset`: compaction leaves gaps.
    ///
    /// # Panics
    /// When `offset` is not after the last one, or too far from the first.
    pub fn append_at(
        &mut self,
        offset: Offset,
        timestamp: Timestamp,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header],
    ) {
        assert!(self.last_offset.is_none_or(|last| offset > last), "offsets increase");
        let (timestamp_delta, offset_delta) = self.deltas(offset, timestamp);
        let body = size_of_body(timestamp_delta, offset_delta, key, value, headers);
        let whole = body + size_of_varint(body as i32);
        if self.records.capacity() == 0 {
            // Most batches of a slow producer hold one record: they get just the room they need.
            self.records.reserve_exact(whole);
        }
        self.base_timestamp.get_or_insert(timestamp);
        let records = std::mem::take(&mut self.records);
        let deltas = (timestamp_delta, offset_delta);
        self.records = write_record(records, body, deltas, key, value, headers);
        self.count += 1;
        self.last_offset = Some(offset);
        self.max_timestamp = self.max_timestamp.max(timestamp);
    }

    fn deltas(&self, offset: Offset, timestamp: Timestamp) -> (i64, i32) {
        let base_timestamp = self.base_timestamp.unwrap_or(timestamp);
        let offset_delta = i32::try_from(offset.records_since(self.base_offset))
            .expect("a batch spans less than 2^31 offsets");
        (timestamp.0 - base_timestamp.0, offset_delta)
    }

    /// The offset that the next record gets.
    pub fn next_offset(&self) -> Offset {
        self.last_offset.map_or(self.base_offset, Offset::next)
    }

    /// How many records it holds.
    pub fn count(&self) -> i32 {
        self.count
    }

    /// True when it holds no record.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Its length in bytes so far, header included, before anything is compressed.
    pub fn size_in_bytes(&self) -> usize {
        HEADER_LEN + self.records.len()
    }

    /// How many bytes one more record would add.
    pub fn size_of(
        &self,
        timestamp: Timestamp,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header],
    ) -> usize {
        let (timestamp_delta, offset_delta) = self.deltas(self.next_offset(), timestamp);
        let body = size_of_body(timestamp_delta, offset_delta, key, value, headers);
        body + size_of_varint(body as i32)
    }

    /// Makes room for records of so many bytes.
    pub fn reserve(&mut self, bytes: usize) {
        self.records.reserve(bytes);
    }

    /// Its last offset is this, though its last record lies before: what compaction leaves of a
    /// batch keeps its range.
    pub fn override_last_offset(&mut self, last: Offset) {
        self.last_offset = Some(last);
    }

    /// The batch; none without records.
    pub fn build(self) -> Option<Batch> {
        if self.count == 0 {
            return None;
        }
        Some(self.finish())
    }

    fn finish(self) -> Batch {
        if !self.codec.compresses() {
            let head = self.head(self.records.len());
            return Batch::new(head, &self.records, Trust::Contents).sealed();
        }
        let packed = compress(self.codec, &self.records);
        let head = self.head(packed.len());
        Batch::packed(head, &packed, &self.records, Trust::Contents).sealed()
    }

    /// The header, but for the CRC, before `len` bytes of records.
    fn head(&self, len: usize) -> [u8; HEADER_LEN] {
        let last = self.last_offset.expect("a batch ends somewhere");
        let last_offset_delta = last.records_since(self.base_offset) as i32;
        let length = (HEADER_LEN - LOG_OVERHEAD + len) as i32;
        let (producer_id, producer_epoch, base_sequence) =
            self.producer.unwrap_or((ProducerId(-1), ProducerEpoch(-1), -1));
        let max_timestamp = self.log_append_time.unwrap_or(self.max_timestamp);
        let base_timestamp = self.base_timestamp.unwrap_or(NO_TIMESTAMP);
        let attributes = self.attributes | self.codec.compression as u16;

        let mut head = [0; HEADER_LEN];
        let mut put = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
        put(at::BASE_OFFSET, &self.base_offset.0.to_be_bytes());
        put(at::LENGTH, &length.to_be_bytes());
        put(at::LEADER_EPOCH, &LeaderEpoch::to_wire(self.leader_epoch).to_be_bytes());
        put(at::MAGIC, &[2]);
        put(at::ATTRIBUTES, &attributes.to_be_bytes());
        put(at::LAST_OFFSET_DELTA, &last_offset_delta.to_be_bytes());
        put(at::BASE_TIMESTAMP, &base_timestamp.0.to_be_bytes());
        put(at::MAX_TIMESTAMP, &max_timestamp.0.to_be_bytes());
        put(at::PRODUCER_ID, &producer_id.0.to_be_bytes());
        put(at::PRODUCER_EPOCH, &producer_epoch.0.to_be_bytes());
        put(at::BASE_SEQUENCE, &base_sequence.to_be_bytes());
        put(at::COUNT, &self.count.to_be_bytes());
        head
    }
}

/// The timestamp type that a builder with these settings writes.
impl BatchBuilder {
    /// Who says when its records are from.
    pub fn timestamp_type(&self) -> TimestampType {
        if self.log_append_time.is_some() {
            TimestampType::LogAppendTime
        } else {
            TimestampType::CreateTime
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_foretold() {
        let mut builder = BatchBuilder::new();
        let headers = [Header::new("trace", Some(b"1")), Header::new("none", None)];
        for (ms, value) in [(1_000_000, "a"), (7, "b"), (2_000_000_000_000, "")] {
            let before = builder.size_in_bytes();
            let grows = builder.size_of(Timestamp(ms), None, Some(value.as_bytes()), &headers);
            builder.append(Timestamp(ms), None, Some(value.as_bytes()), &headers);
            assert_eq!(builder.size_in_bytes(), before + grows);
        }
        let size = builder.size_in_bytes() as u64;
        assert_eq!(builder.build().expect("records").size_in_bytes(), size);
    }

    #[test]
    fn nothing_makes_no_batch() {
        assert_eq!(BatchBuilder::new().build(), None);
    }
}

//! Why records cannot be appended, and what a producer is told.
//!
//! In Kafka: the exceptions of `UnifiedLog`, `LogValidator` and `ProducerAppendInfo`, with the codes
//! of `Errors` and the sentences that go into `ProduceResponse`.

use std::fmt;

use crate::ids::{Offset, ProducerEpoch, ProducerId, Timestamp, TopicPartition};
use crate::protocol::{ErrorCode, RecordError};

/// Why records cannot be appended. Nothing was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppendError {
    /// A batch is larger than `max.message.bytes`.
    RecordTooLarge {
        /// Its length in bytes.
        size: u64,
        /// What is allowed.
        max: u32,
    },
    /// A batch became larger than `max.message.bytes` when the broker compressed it otherwise.
    RebuiltTooLarge {
        /// Its length in bytes.
        size: u64,
        /// What is allowed.
        max: u32,
    },
    /// The batches together are larger than a segment.
    BatchTooLarge {
        /// Their length in bytes.
        size: u64,
        /// What is allowed.
        max: u32,
    },
    /// A batch's CRC is wrong.
    Corrupt {
        /// What its header says.
        stored_crc: u32,
    },
    /// A batch is not what it should be.
    InvalidBatch(InvalidBatch),
    /// Records are not what they should be.
    InvalidRecords(Vec<InvalidRecord>),
    /// The sequence numbers of an idempotent producer do not follow on each other.
    OutOfOrderSequence {
        /// Who sends.
        producer_id: ProducerId,
        /// Where the batch would be.
        offset: Offset,
        /// Its first sequence number.
        sequence: i32,
        /// What is known of the producer.
        known: KnownSequence,
    },
    /// A newer incarnation of the producer has written.
    InvalidProducerEpoch {
        /// Who sends.
        producer_id: ProducerId,
        /// Where the batch would be.
        offset: Offset,
        /// The batch's producer epoch.
        epoch: ProducerEpoch,
        /// The newest one seen.
        last_seen: ProducerEpoch,
    },
    /// A producer in a transaction sends a batch outside it.
    NotTransactional {
        /// Who sends.
        producer_id: ProducerId,
        /// Where the batch would be.
        offset: Offset,
    },
    /// An older transaction coordinator ends a transaction.
    CoordinatorFenced {
        /// Whose transaction.
        producer_id: ProducerId,
        /// Where the marker would be.
        offset: Offset,
        /// The epoch of who sends it.
        epoch: i32,
        /// The newest one seen.
        current: i32,
    },
    /// A follower was handed records that do not follow on its log.
    UnexpectedOffset {
        /// The first offset.
        first: Offset,
        /// The last offset.
        last: Offset,
        /// The offset that comes next.
        log_end_offset: Offset,
        /// Where the log begins.
        log_start_offset: Offset,
    },
    /// A follower was handed batches whose offsets do not increase.
    OffsetsOutOfOrder,
    /// A batch names a compression that nobody knows.
    UnknownCompression(u8),
}

/// What is known of a producer whose sequence number does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownSequence {
    /// The last sequence number of the same epoch; -1 for none.
    Last(i32),
    /// Its epoch is new, and must begin at 0.
    NewEpoch {
        /// The epoch of the batch.
        epoch: ProducerEpoch,
        /// The epoch before.
        current: ProducerEpoch,
    },
}

/// What is wrong with a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidBatch {
    /// A producer sends one batch per partition.
    MoreThanOne,
    /// There is none.
    Missing,
    /// Only brokers write control batches.
    Control,
    /// A producer numbers its records from 0.
    BaseOffset(Offset),
    /// It ends before it begins.
    OffsetRange(i64, i64),
    /// It says that it holds no records, or fewer.
    Count(i32),
    /// Its offsets and its count do not agree.
    InconsistentCount(i64, i64, i32),
    /// An idempotent producer must number its batches.
    Sequence(ProducerId),
    /// A raft leader writes its own epoch.
    LeaderEpoch(i32, i32),
    /// Its records cannot be read.
    Records(RecordError),
}

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidRecord {
    /// Which record of the batch, from 0.
    pub index: i32,
    /// What is wrong.
    pub problem: RecordProblem,
}

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordProblem {
    /// A compacted topic takes no records without key.
    NoKey,
    /// Its timestamp is too far from now.
    Timestamp {
        /// The timestamp.
        timestamp: Timestamp,
        /// The record's offset, as the producer numbers it.
        offset: Offset,
        /// The earliest one allowed.
        from: i64,
        /// The latest one allowed.
        to: i64,
    },
    /// Only brokers stamp records.
    LogAppendTime,
}

impl AppendError {
    /// What the producer is answered.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::RecordTooLarge { .. } | Self::RebuiltTooLarge { .. } => {
                ErrorCode::MessageTooLarge
            }
            Self::BatchTooLarge { .. } => ErrorCode::RecordListTooLarge,
            Self::Corrupt { .. } => ErrorCode::CorruptMessage,
            // Nobody foresaw these two: an exception of some other kind reaches the top.
            Self::InvalidBatch(InvalidBatch::Records(RecordError::Codec(..)))
            | Self::UnknownCompression(_) => ErrorCode::UnknownServerError,
            Self::InvalidBatch(_) => ErrorCode::InvalidRecord,
            Self::InvalidRecords(records) => {
                let about_time = |record: &InvalidRecord| record.problem != RecordProblem::NoKey;
                if records.iter().any(about_time) {
                    ErrorCode::InvalidTimestamp
                } else {
                    ErrorCode::InvalidRecord
                }
            }
            Self::OutOfOrderSequence { .. } => ErrorCode::OutOfOrderSequenceNumber,
            Self::InvalidProducerEpoch { .. } => ErrorCode::InvalidProducerEpoch,
            Self::NotTransactional { .. } => ErrorCode::InvalidTxnState,
            Self::CoordinatorFenced { .. } => ErrorCode::TransactionCoordinatorFenced,
            Self::UnexpectedOffset { .. } | Self::OffsetsOutOfOrder => {
                ErrorCode::UnknownServerError
            }
        }
    }

    /// Kafka's sentence about it, for an append to `tp`.
    pub fn message(&self, tp: &TopicPartition) -> String {
        match self {
            Self::RecordTooLarge { size, max } => format!(
                "The record batch size in the append to {tp} is {size} bytes which exceeds the \
                 maximum configured value of {max})."
            ),
            Self::RebuiltTooLarge { size, max } => format!(
                "Message batch size is {size} bytes in append topartition {tp} which exceeds the \
                 maximum configured size of {max}."
            ),
            Self::BatchTooLarge { size, max } => format!(
                "Message batch size is {size} bytes in append to partition {tp}, which exceeds \
                 the maximum configured segment size of {max}."
            ),
            Self::Corrupt { stored_crc } => {
                format!("Record is corrupt (stored crc = {stored_crc}) in topic partition {tp}.")
            }
            Self::InvalidBatch(invalid) => invalid.message(tp),
            Self::InvalidRecords(records) => self.about_records(records, tp),
            Self::OutOfOrderSequence { producer_id, offset, sequence, known } => match known {
                KnownSequence::Last(last) => format!(
                    "Out of order sequence number for producer {producer_id} at offset {offset} \
                     in partition {tp}: {sequence} (incoming seq. number), {last} (current end \
                     sequence number)"
                ),
                KnownSequence::NewEpoch { epoch, current } => format!(
                    "Invalid sequence number for new epoch of producer {producer_id}at offset \
                     {offset} in partition {tp}: {epoch} (request epoch), {sequence} (seq. \
                     number), {current} (current producer epoch)"
                ),
            },
            Self::InvalidProducerEpoch { producer_id, offset, epoch, last_seen } => format!(
                "Epoch of producer {producer_id} at offset {offset} in {tp} is {epoch}, which is \
                 smaller than the last seen epoch {last_seen}"
            ),
            Self::NotTransactional { producer_id, offset } => format!(
                "Expected transactional write from producer {producer_id} at offset \
                 (offset={offset}, segment=[-1:-1]) in partition {tp}"
            ),
            Self::CoordinatorFenced { producer_id, offset, epoch, current } => format!(
                "Invalid coordinator epoch for producerId {producer_id} at offset {offset} in \
                 partition {tp}: {epoch} (zombie), {current} (current)"
            ),
            Self::UnexpectedOffset { first, last, log_end_offset, log_start_offset } => format!(
                "Unexpected offset in append to {tp}. First offset {first} is less than the next \
                 offset {log_end_offset}. Last offset in append: {last}. Log start offset = \
                 {log_start_offset}"
            ),
            Self::OffsetsOutOfOrder => format!("Out of order offsets found in append to {tp}"),
            Self::UnknownCompression(id) => format!("Unknown compression type id: {id}"),
        }
    }

    fn about_records(&self, records: &[InvalidRecord], tp: &TopicPartition) -> String {
        if self.code() == ErrorCode::InvalidTimestamp {
            return "One or more records have been rejected due to invalid timestamp".to_owned();
        }
        let shown: Vec<_> = records
            .iter()
            .take(3)
            .map(|record| {
                let message = record.problem.message(tp);
                format!("RecordError(batchIndex={}, message='{message}')", record.index)
            })
            .collect();
        format!(
            "One or more records have been rejected due to {} record errors in total, and only \
             showing the first three errors at most: [{}]",
            records.len(),
            shown.join(", ")
        )
    }
}

impl InvalidBatch {
    fn message(&self, tp: &TopicPartition) -> String {
        match self {
            Self::MoreThanOne => "Compressed outer record has more than one batch".to_owned(),
            Self::Missing => "Record batch has no batches at all".to_owned(),
            Self::Control => {
                format!("Clients are not allowed to write control records in topic partition {tp}")
            }
            Self::BaseOffset(base) => format!(
                "The baseOffset of the record batch in the append to {tp} should be 0, but it is \
                 {base}"
            ),
            Self::OffsetRange(base, last) => format!(
                "Batch has an invalid offset range: [{base}, {last}] in topic partition {tp}"
            ),
            Self::Count(count) => {
                format!("Invalid reported count for record batch: {count} in topic partition {tp}")
            }
            Self::InconsistentCount(base, last, count) => format!(
                "Inconsistent batch offset range [{base}, {last}] and count of records {count} \
                 in topic partition {tp}"
            ),
            Self::Sequence(id) => format!(
                "Invalid sequence number -1 in record batch with producerId {id} in topic \
                 partition {tp}"
            ),
            Self::LeaderEpoch(expected, found) => format!(
                "Append from Raft leader did not set the batch epoch correctly, expected \
                 {expected} but the batch has {found}"
            ),
            Self::Records(RecordError::Codec(..)) => {
                "Failed to decompress record stream".to_owned()
            }
            Self::Records(error) => format!("Found invalid record structure: {error}"),
        }
    }
}

impl RecordProblem {
    /// Kafka's sentence about it.
    pub fn message(&self, tp: &TopicPartition) -> String {
        match self {
            Self::NoKey => {
                format!("Compacted topic cannot accept message without key in topic partition {tp}")
            }
            Self::Timestamp { timestamp, offset, from, to } => format!(
                "Timestamp {timestamp} of message with offset {offset} is out of range. The \
                 timestamp should be within [{from}, {to}]"
            ),
            Self::LogAppendTime => {
                "Producer should not set timestamp type to LogAppendTime.".to_owned()
            }
        }
    }
}

impl From<InvalidBatch> for AppendError {
    fn from(invalid: InvalidBatch) -> Self {
        Self::InvalidBatch(invalid)
    }
}

/// The code's name; [`AppendError::message`] says more.
impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.code().fmt(f)
    }
}

impl std::error::Error for AppendError {}

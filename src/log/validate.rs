//! What a leader checks before it takes a batch, and how it places and stamps it.
//!
//! In Kafka: `LogValidator`, the case of batches of magic 2. A batch that was built here is not walked
//! record by record unless a setting asks for something its header does not say. What is compressed as
//! the topic wants it keeps its bytes; otherwise the batch is built anew, compressed or not.

use std::sync::Arc;

use super::error::{AppendError, InvalidBatch, InvalidRecord, RecordProblem};
use super::{AppendOrigin, LogConfig};
use crate::ids::{LeaderEpoch, Offset, Timestamp};
use crate::protocol::{Batch, BatchBuilder, Codec, Compression, Record, RecordRef, TimestampType};

/// A batch that was found right, at its place in the log.
#[derive(Clone, Debug)]
pub struct Validated {
    /// The batch.
    pub batch: Arc<Batch>,
    /// The offset after it.
    pub next_offset: Offset,
    /// Its largest timestamp; -1 for none.
    pub max_timestamp: Timestamp,
    /// It was built anew, because the topic compresses otherwise than who sent it.
    pub is_rebuilt: bool,
}

/// Checks what a producer or coordinator sent, and makes it the batch at `offset`.
///
/// # Errors
/// When something is wrong with it; see [`AppendError`].
pub fn validate(
    batches: &[Arc<Batch>],
    config: &LogConfig,
    origin: AppendOrigin,
    (offset, leader_epoch): (Offset, LeaderEpoch),
    now: Timestamp,
) -> Result<Validated, AppendError> {
    let [batch] = batches else {
        let missing = batches.is_empty();
        return Err(if missing { InvalidBatch::Missing } else { InvalidBatch::MoreThanOne }.into());
    };
    let source = batch.compression();
    let source = source.ok_or(AppendError::UnknownCompression(batch.compression_id()))?;
    let target = config.codec().unwrap_or(source.into());
    check_batch(batch, origin)?;
    let read = if header_is_enough(batch, config, now) {
        Read { count: batch.count(), max_timestamp: batch.max_timestamp() }
    } else {
        read_records(batch, config, now)?
    };
    let mut in_place = source == target.compression;
    if source == Compression::None && batch.is_control() {
        // What ends a transaction is not compressed unless it came so.
        in_place = true;
    }
    if target.compresses() && !is_numbered_from_zero(batch) {
        in_place = false;
    }
    if !in_place {
        return rebuild(batch, target, config, (offset, leader_epoch), now);
    }
    let next_offset = offset.plus(read.count as u64);
    // The last record's offset is right even where a coordinator left gaps.
    let base_offset = next_offset.0.wrapping_sub(1).wrapping_sub(batch.last_offset_delta() as u64);
    let placed = batch.with_place(Offset(base_offset), leader_epoch);
    let (placed, max_timestamp) = match config.message_timestamp_type {
        TimestampType::LogAppendTime => (placed.with_log_append_time(now), now),
        kind @ TimestampType::CreateTime
            if placed.timestamp_type() != kind || placed.max_timestamp() != read.max_timestamp =>
        {
            (placed.with_max_timestamp(kind, read.max_timestamp), read.max_timestamp)
        }
        TimestampType::CreateTime => (placed, read.max_timestamp),
    };
    Ok(Validated {
        batch: Arc::new(placed.into_trusted()),
        next_offset,
        max_timestamp,
        is_rebuilt: false,
    })
}

/// True when records are numbered one by one from 0, as clients do.
fn is_numbered_from_zero(batch: &Batch) -> bool {
    let is_dense = batch.count().checked_sub(1) == Some(batch.last_offset_delta());
    batch.base_offset() == Offset(0)
        && is_dense
        && (batch.is_trusted()
            || batch
                .iter()
                .zip(0..)
                .all(|(record, at)| record.is_ok_and(|record| record.offset == Offset(at))))
}

/// The records in a new batch that is compressed by `codec`.
fn rebuild(
    batch: &Batch,
    codec: Codec,
    config: &LogConfig,
    (offset, leader_epoch): (Offset, LeaderEpoch),
    now: Timestamp,
) -> Result<Validated, AppendError> {
    let mut builder = BatchBuilder::new().compressed(codec).place(offset, Some(leader_epoch));
    if config.message_timestamp_type == TimestampType::LogAppendTime {
        builder = builder.log_append_time(now);
    }
    if batch.is_transactional() {
        builder = builder.transactional();
    }
    if let Some(id) = batch.producer_id() {
        let base_sequence = batch.base_sequence().unwrap_or(-1);
        builder.set_producer(id, batch.producer_epoch(), base_sequence);
    }
    for record in batch {
        let Record { timestamp, key, value, headers, .. } =
            record.map_err(InvalidBatch::Records)?.to_record();
        builder.append(timestamp, key.as_deref(), value.as_deref(), &headers);
    }
    let next_offset = builder.next_offset();
    let batch = builder.build().ok_or(InvalidBatch::Count(0))?;
    let max_timestamp = batch.max_timestamp();
    Ok(Validated { batch: Arc::new(batch), next_offset, max_timestamp, is_rebuilt: true })
}

fn check_batch(batch: &Batch, origin: AppendOrigin) -> Result<(), InvalidBatch> {
    if origin != AppendOrigin::Client {
        return Ok(());
    }
    let (base, last) = (batch.base_offset().0 as i64, batch.last_offset().0 as i64);
    let (count, spanned) = (batch.count(), last.wrapping_sub(base).wrapping_add(1));
    if spanned <= 0 {
        return Err(InvalidBatch::OffsetRange(base, last));
    }
    if count <= 0 {
        return Err(InvalidBatch::Count(count));
    }
    if spanned != i64::from(count) {
        return Err(InvalidBatch::InconsistentCount(base, last, count));
    }
    if batch.is_control() {
        return Err(InvalidBatch::Control);
    }
    match batch.producer_id() {
        Some(id) if batch.base_sequence().is_none() => Err(InvalidBatch::Sequence(id)),
        _ => Ok(()),
    }
}

/// True when the records cannot say anything that the header does not.
fn header_is_enough(batch: &Batch, config: &LogConfig, now: Timestamp) -> bool {
    let in_time = match config.message_timestamp_type {
        TimestampType::LogAppendTime => true,
        TimestampType::CreateTime => {
            config.message_timestamp_before_max_ms == i64::MAX
                && batch.max_timestamp().0.saturating_sub(now.0)
                    <= config.message_timestamp_after_max_ms
        }
    };
    batch.is_trusted()
        && in_time
        && !config.compact
        && batch.timestamp_type() == TimestampType::CreateTime
}

/// What the records of a batch say.
struct Read {
    count: i32,
    max_timestamp: Timestamp,
}

fn read_records(batch: &Batch, config: &LogConfig, now: Timestamp) -> Result<Read, AppendError> {
    let mut read = Read { count: 0, max_timestamp: Timestamp(-1) };
    let mut invalid = Vec::new();
    for record in batch {
        let record = record.map_err(InvalidBatch::Records)?;
        if let Some(problem) = check_record(batch, &record, config, now) {
            invalid.push(InvalidRecord { index: read.count, problem });
        }
        read.count += 1;
        read.max_timestamp = read.max_timestamp.max(record.timestamp);
    }
    if invalid.is_empty() { Ok(read) } else { Err(AppendError::InvalidRecords(invalid)) }
}

fn check_record(
    batch: &Batch,
    record: &RecordRef<'_>,
    config: &LogConfig,
    now: Timestamp,
) -> Option<RecordProblem> {
    if config.compact && record.key.is_none() {
        return Some(RecordProblem::NoKey);
    }
    let (before, after) =
        (config.message_timestamp_before_max_ms, config.message_timestamp_after_max_ms);
    let timestamp = record.timestamp;
    let checked = config.message_timestamp_type == TimestampType::CreateTime && timestamp.0 != -1;
    if checked {
        let age = now.0.wrapping_sub(timestamp.0);
        (age > before || age.wrapping_neg() > after).then_some(RecordProblem::Timestamp {
            timestamp,
            offset: record.offset,
            from: now.0.wrapping_sub(before),
            to: now.0.wrapping_add(after),
        })
    } else {
        (batch.timestamp_type() == TimestampType::LogAppendTime)
            .then_some(RecordProblem::LogAppendTime)
    }
}

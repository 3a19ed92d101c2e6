//! The batches in a `.log` file, found by walking from one length field to the next.
//!
//! In Kafka: `FileRecords`, `FileLogInputStream`. Where the file holds batches as values, they are
//! handed out as they are; where it holds plain bytes, because a write was torn, a bit has rotted or
//! the directory came from elsewhere, they are parsed.

use std::ops::Deref;
use std::sync::Arc;

use super::Disk;
use crate::ids::{LeaderEpoch, Offset, Timestamp};
use crate::protocol::{Batch, BatchError, HEADER_UP_TO_MAGIC, LOG_OVERHEAD};
use crate::sim::disk::{Block, FileId, Rope};

/// The least length field that any message format has had.
const LEAST_LENGTH: i32 = 14;

/// A batch of a file: shared with the file, or parsed just now.
#[derive(Clone, Debug)]
pub(super) enum Found<'a> {
    Shared(&'a Arc<Batch>),
    Parsed(Arc<Batch>),
}

impl Found<'_> {
    /// The batch itself, to keep.
    pub(super) fn share(&self) -> Arc<Batch> {
        match self {
            Self::Shared(batch) => Arc::clone(batch),
            Self::Parsed(batch) => Arc::clone(batch),
        }
    }
}

impl Deref for Found<'_> {
    type Target = Batch;
    fn deref(&self) -> &Batch {
        match self {
            Self::Shared(batch) => batch,
            Self::Parsed(batch) => batch,
        }
    }
}

/// The batches of a file from `position` on, up to byte `end`, each with where it begins. Ends at the
/// first that is not all there, or that no message format could be.
pub(super) fn batches(
    rope: &Rope<Arc<Batch>>,
    mut position: u64,
    end: u64,
) -> impl Iterator<Item = Result<(u64, Found<'_>), BatchError>> {
    let end = end.min(rope.len());
    let mut blocks = rope.blocks_from(position);
    let mut ended = false;
    std::iter::from_fn(move || {
        if ended {
            return None;
        }
        match blocks.next()? {
            (start, Block::Content(batch)) if start == position => {
                position += batch.size_in_bytes();
                if position > end {
                    ended = true;
                    return None;
                }
                Some(Ok((start, Found::Shared(batch))))
            }
            _ => match parse_at(rope, position, end) {
                None => {
                    ended = true;
                    None
                }
                Some(Err(error)) => {
                    ended = true;
                    Some(Err(error))
                }
                Some(Ok(batch)) => {
                    let start = position;
                    position += batch.size_in_bytes();
                    blocks = rope.blocks_from(position);
                    Some(Ok((start, Found::Parsed(Arc::new(batch)))))
                }
            },
        }
    })
}

fn parse_at(rope: &Rope<Arc<Batch>>, at: u64, end: u64) -> Option<Result<Batch, BatchError>> {
    let position = at as usize;
    let mut head = [0; HEADER_UP_TO_MAGIC];
    if at + HEADER_UP_TO_MAGIC as u64 >= end || !rope.read_into(at, &mut head) {
        return None;
    }
    let length = i32::from_be_bytes(*head[8..].first_chunk().expect("four bytes of length"));
    if length < LEAST_LENGTH {
        return Some(Err(BatchError::Length { position, length }));
    }
    let size = LOG_OVERHEAD + length as usize;
    if at + size as u64 > end {
        return None;
    }
    let magic = head[16] as i8;
    if magic < 2 {
        return Some(Err(BatchError::Legacy { position, magic }));
    }
    let bytes = rope.read(at, at + size as u64);
    Some(Batch::from_file(&bytes).ok_or(BatchError::Header { position, size }))
}

/// Where a batch lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LogOffsetPosition {
    /// The offset of its first record.
    pub(super) offset: Offset,
    pub(super) position: u64,
    pub(super) size: u64,
}

impl LogOffsetPosition {
    fn of(position: u64, batch: &Batch) -> Self {
        Self { offset: batch.base_offset(), position, size: batch.size_in_bytes() }
    }
}

/// The first batch at or after `position` that ends at or after `target`.
pub(super) fn search_for_offset(
    disk: &Disk,
    file: FileId,
    target: Offset,
    position: u64,
) -> Result<Option<LogOffsetPosition>, BatchError> {
    let rope = disk.rope(file);
    if let Some((at, batch)) = rope.search(position, |batch| batch.last_offset() < target) {
        return Ok(Some(LogOffsetPosition::of(at, batch)));
    }
    for found in batches(rope, position, rope.len()) {
        let (at, batch) = found?;
        if batch.last_offset() >= target {
            return Ok(Some(LogOffsetPosition::of(at, &batch)));
        }
    }
    Ok(None)
}

/// The same, searched from the end of the file, where readers that keep up read; none where that
/// leads nowhere.
pub(super) fn search_for_offset_back(
    disk: &Disk,
    file: FileId,
    target: Offset,
) -> Option<LogOffsetPosition> {
    let rope = disk.rope(file);
    let mut found = None;
    for (at, block) in rope.blocks_back(rope.len()) {
        match block {
            Block::Content(batch) if batch.last_offset() >= target => {
                found = Some(LogOffsetPosition::of(at, batch));
                if batch.base_offset() <= target {
                    break;
                }
            }
            Block::Content(_) => break,
            // Nobody knows where batches begin in plain bytes.
            Block::Gathered(_) | Block::Bytes(_) => return None,
        }
    }
    found
}

/// The first record at or after `position` with a timestamp of at least `target` and an offset of at
/// least `from`.
pub(super) fn search_for_timestamp(
    disk: &mut Disk,
    file: FileId,
    target: Timestamp,
    position: u64,
    from: Offset,
) -> Option<TimestampAndOffset> {
    let rope = disk.rope(file);
    let mut walked = 0;
    let mut found = None;
    for (_, batch) in batches(rope, position, rope.len()).map_while(Result::ok) {
        walked += batch.size_in_bytes();
        if batch.max_timestamp() < target {
            continue;
        }
        let wanted = batch
            .iter()
            .map_while(Result::ok)
            .find(|record| record.timestamp >= target && record.offset >= from);
        if let Some(record) = wanted {
            let (timestamp, offset) = (record.timestamp, record.offset);
            let leader_epoch = batch.partition_leader_epoch();
            found = Some(TimestampAndOffset { timestamp, offset, leader_epoch });
            break;
        }
    }
    disk.charge_read(file, walked);
    found
}

/// A record's place in time and in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampAndOffset {
    /// Its timestamp; -1 for none.
    pub timestamp: Timestamp,
    /// Its offset.
    pub offset: Offset,
    /// The epoch of the leader that wrote it.
    pub leader_epoch: Option<LeaderEpoch>,
}

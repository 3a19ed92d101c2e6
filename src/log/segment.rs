//! A segment of a log: its batches, and the indexes into them.
//!
//! In Kafka: `LogSegment`. A segment's files are named after its base offset. The file of a new
//! segment's index appears when it is first needed.

use std::sync::Arc;

use super::file_records::{
    LogOffsetPosition, TimestampAndOffset, batches, search_for_offset, search_for_offset_back,
    search_for_timestamp,
};
use super::names::{DELETED, LOG, OFFSET_INDEX, TIME_INDEX, TXN_INDEX};
use super::offset_index::{IndexError, OffsetIndex};
use super::time_index::{TimeIndex, TimestampOffset};
use super::txn_index::TxnIndex;
use super::{Directory, Disk, LogConfig};
use crate::ids::{Offset, Timestamp};
use crate::protocol::{Batch, BatchError};
use crate::sim::disk::{Block, FileId};

/// One segment.
#[derive(Clone, Debug)]
pub struct Segment {
    base_offset: Offset,
    log: Option<FileId>,
    pub(super) offset_index: OffsetIndex,
    pub(super) time_index: TimeIndex,
    pub(super) txn_index: TxnIndex,
    size: u64,
    index_interval_bytes: u32,
    bytes_since_last_index_entry: u32,
    /// The largest timestamp, and the last offset of the batch that had it; none until somebody
    /// asks, then it comes from the time index.
    max_timestamp: Option<TimestampOffset>,
    /// The largest timestamp of the first batch: the segment's age counts from there.
    rolling_based_timestamp: Option<Timestamp>,
    /// When it was opened: its age counts from there if its records have no timestamps.
    created: Timestamp,
    /// When it was last written to.
    last_modified: Timestamp,
}

/// What decides whether a segment takes an append.
#[derive(Clone, Copy, Debug)]
pub(super) struct RollParams {
    pub(super) max_segment_ms: i64,
    pub(super) max_segment_bytes: u32,
    pub(super) max_timestamp: Timestamp,
    pub(super) max_offset: Offset,
    pub(super) size: u64,
    pub(super) now: Timestamp,
}

impl Segment {
    /// A new segment; its files appear with the first append.
    pub(super) fn new(base_offset: Offset, config: &LogConfig, now: Timestamp) -> Self {
        Self {
            base_offset,
            log: None,
            offset_index: OffsetIndex::new(base_offset, config.segment_index_bytes),
            time_index: TimeIndex::new(base_offset, config.segment_index_bytes),
            txn_index: TxnIndex::new(base_offset),
            size: 0,
            index_interval_bytes: config.index_interval_bytes,
            bytes_since_last_index_entry: 0,
            max_timestamp: None,
            rolling_based_timestamp: None,
            created: now,
            last_modified: now,
        }
    }

    /// The segment whose `.log` lies in `directory`.
    pub(super) fn open(
        disk: &Disk,
        directory: Directory<'_>,
        base_offset: Offset,
        config: &LogConfig,
        now: Timestamp,
    ) -> Self {
        let log = disk.open(&directory.of(base_offset, LOG));
        let max_size = config.segment_index_bytes;
        Self {
            log,
            offset_index: OffsetIndex::open(disk, directory, base_offset, max_size),
            time_index: TimeIndex::open(disk, directory, base_offset, max_size),
            txn_index: TxnIndex::open(disk, directory, base_offset),
            size: log.map_or(0, |log| disk.written(log)),
            ..Self::new(base_offset, config, now)
        }
    }

    /// Creates the `.log` file if there is none.
    pub(super) fn touch_log(&mut self, disk: &mut Disk, directory: Directory<'_>) -> FileId {
        *self.log.get_or_insert_with(|| disk.create(&directory.of(self.base_offset, LOG)))
    }

    /// Creates the files of both indexes if there are none.
    pub(super) fn touch_indexes(&mut self, disk: &mut Disk, directory: Directory<'_>) {
        self.offset_index.touch(disk, directory);
        self.time_index.touch(disk, directory);
    }

    /// True when a new segment with these settings is like this one.
    pub(super) fn fits(&self, config: &LogConfig) -> bool {
        self.index_interval_bytes == config.index_interval_bytes
            && self.offset_index.max_size() == config.segment_index_bytes
    }

    /// The offset of its first record, if it has not been compacted.
    pub fn base_offset(&self) -> Offset {
        self.base_offset
    }

    /// The length of its `.log` in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its index of offsets.
    pub fn offset_index(&self) -> &OffsetIndex {
        &self.offset_index
    }

    /// Its index of timestamps.
    pub fn time_index(&self) -> &TimeIndex {
        &self.time_index
    }

    /// Its index of aborted transactions.
    pub fn txn_index(&self) -> &TxnIndex {
        &self.txn_index
    }

    /// Its `.log` file, once there is one.
    pub fn log_file(&self) -> Option<FileId> {
        self.log
    }

    /// The largest timestamp so far, and the last offset of the batch that had it.
    pub(super) fn max_timestamp_so_far(&mut self) -> TimestampOffset {
        *self.max_timestamp.get_or_insert_with(|| self.time_index.last_entry())
    }

    /// The largest timestamp so far, without remembering that somebody asked.
    pub fn max_timestamp(&self) -> TimestampOffset {
        self.max_timestamp.unwrap_or_else(|| self.time_index.last_entry())
    }

    /// Its age for retention: the largest timestamp, or when it was last written to.
    pub(super) fn largest_timestamp(&mut self) -> Timestamp {
        let largest = self.max_timestamp_so_far().timestamp;
        if largest.0 >= 0 { largest } else { self.last_modified }
    }

    /// True when an append must go into a new segment.
    pub(super) fn should_roll(
        &mut self,
        disk: &mut Disk,
        directory: Directory<'_>,
        roll: RollParams,
        jitter_ms: i64,
    ) -> bool {
        let waited = self.time_waited_for_roll(disk, roll.now, roll.max_timestamp);
        let too_large = self.size as i64 > i64::from(roll.max_segment_bytes) - roll.size as i64;
        if too_large || (self.size > 0 && waited > roll.max_segment_ms - jitter_ms) {
            return true;
        }
        self.touch_indexes(disk, directory);
        self.offset_index.is_full()
            || self.time_index.is_full()
            || !self.offset_index.can_append_offset(roll.max_offset)
    }

    fn time_waited_for_roll(&mut self, disk: &Disk, now: Timestamp, timestamp: Timestamp) -> i64 {
        if self.rolling_based_timestamp.is_none()
            && self.size > 0
            && let Some(log) = self.log
        {
            let first = batches(disk.rope(log), 0, self.size).next();
            self.rolling_based_timestamp =
                first.and_then(Result::ok).map(|(_, batch)| batch.max_timestamp());
        }
        match self.rolling_based_timestamp {
            Some(first) if first.0 >= 0 => timestamp.0 - first.0,
            _ => now.0 - self.created.0,
        }
    }

    /// Adds `batches` at the end, with an index entry for each that comes more than
    /// `index.interval.bytes` after the last one.
    pub(super) fn append(
        &mut self,
        disk: &mut Disk,
        directory: Directory<'_>,
        batches: &[Arc<Batch>],
        now: Timestamp,
    ) {
        let log = self.touch_log(disk, directory);
        self.offset_index.touch(disk, directory);
        if self.max_timestamp.is_none() {
            self.time_index.touch(disk, directory);
        }
        disk.append_all(log, batches.iter().map(|batch| Block::Content(Arc::clone(batch))));
        for batch in batches {
            let position = self.size;
            let (max_timestamp, last_offset) = (batch.max_timestamp(), batch.last_offset());
            if max_timestamp > self.max_timestamp_so_far().timestamp {
                self.max_timestamp =
                    Some(TimestampOffset { timestamp: max_timestamp, offset: last_offset });
            }
            if self.bytes_since_last_index_entry > self.index_interval_bytes {
                self.time_index.touch(disk, directory);
                // It fails only if what the file holds was torn by a power cut and never built anew.
                // Kafka fails the append then, with its bytes in the log; here the entry is left out.
                let _ = self.add_index_entries(disk, last_offset, position);
                self.bytes_since_last_index_entry = 0;
            }
            let size = batch.size_in_bytes();
            self.size += size;
            self.bytes_since_last_index_entry += size as u32;
        }
        self.last_modified = now;
    }

    fn add_index_entries(
        &mut self,
        disk: &mut Disk,
        last_offset: Offset,
        position: u64,
    ) -> Result<(), IndexError> {
        self.offset_index.append(disk, last_offset, position as u32)?;
        let largest = self.max_timestamp_so_far();
        self.time_index.maybe_append(disk, largest, false)
    }

    /// Adds the last entry of the time index, for which room is kept.
    fn add_last_time_entry(&mut self, disk: &mut Disk) -> Result<(), IndexError> {
        let largest = self.max_timestamp_so_far();
        self.time_index.maybe_append(disk, largest, true)
    }

    /// Where the batch lies that holds `offset`, or the first one after it.
    pub(super) fn translate_offset(
        &mut self,
        disk: &mut Disk,
        directory: Directory<'_>,
        offset: Offset,
    ) -> Result<Option<LogOffsetPosition>, BatchError> {
        let Some(log) = self.log else { return Ok(None) };
        self.offset_index.touch(disk, directory);
        self.find_offset(disk, log, offset)
    }

    /// The same without creating anything.
    pub(super) fn find_offset(
        &self,
        disk: &Disk,
        log: FileId,
        offset: Offset,
    ) -> Result<Option<LogOffsetPosition>, BatchError> {
        if offset > self.offset_index.last_offset() {
            // Every batch that the index knows of ends before.
            let found = search_for_offset_back(disk, log, offset);
            if found.is_some() {
                return Ok(found);
            }
        }
        let position = u64::from(self.offset_index.lookup(disk, offset).position);
        search_for_offset(disk, log, offset, position)
    }

    /// The offset after its last record.
    pub(super) fn read_next_offset(&mut self, disk: &mut Disk, directory: Directory<'_>) -> Offset {
        let Some(log) = self.log else { return self.base_offset };
        self.offset_index.touch(disk, directory);
        let from = self.offset_index.last_offset();
        let Ok(Some(found)) = self.find_offset(disk, log, from) else { return self.base_offset };
        batches(disk.rope(log), found.position, self.size)
            .map_while(Result::ok)
            .last()
            .map_or(self.base_offset, |(_, batch)| batch.next_offset())
    }

    /// Cuts off everything from `offset` on. Returns how many bytes that were.
    pub(super) fn truncate_to(
        &mut self,
        disk: &mut Disk,
        directory: Directory<'_>,
        offset: Offset,
        now: Timestamp,
    ) -> u64 {
        let found = self.translate_offset(disk, directory, offset).ok().flatten();
        self.touch_indexes(disk, directory);
        self.offset_index.truncate_to(disk, offset);
        self.time_index.truncate_to(disk, offset);
        self.txn_index.truncate_to(disk, offset);
        self.resize_indexes_to_max(disk);
        let cut = found.map_or(0, |found| self.truncate_bytes(disk, found.position));
        if self.size == 0 {
            self.created = now;
            self.rolling_based_timestamp = None;
        }
        self.bytes_since_last_index_entry = 0;
        if self.max_timestamp_so_far().timestamp.0 >= 0 {
            self.max_timestamp = Some(self.read_largest_timestamp(disk));
        }
        self.last_modified = now;
        cut
    }

    pub(super) fn truncate_bytes(&mut self, disk: &mut Disk, len: u64) -> u64 {
        let cut = self.size.saturating_sub(len);
        if let Some(log) = self.log
            && cut > 0
        {
            disk.truncate(log, len);
            self.size = len;
        }
        cut
    }

    fn read_largest_timestamp(&self, disk: &mut Disk) -> TimestampOffset {
        let last = self.time_index.last_entry();
        let Some(log) = self.log else { return last };
        let position = u64::from(self.offset_index.lookup(disk, last.offset).position);
        let mut largest = last;
        for (_, batch) in batches(disk.rope(log), position, self.size).map_while(Result::ok) {
            if batch.max_timestamp() > largest.timestamp {
                let (timestamp, offset) = (batch.max_timestamp(), batch.last_offset());
                largest = TimestampOffset { timestamp, offset };
            }
        }
        disk.charge_read(log, self.size - position);
        largest
    }

    /// Makes both index files as long as they may get: it is the active segment.
    pub(super) fn resize_indexes_to_max(&mut self, disk: &mut Disk) {
        self.offset_index.resize_to_max(disk);
        self.time_index.resize_to_max(disk);
    }

    /// Another segment takes the appends from now on.
    pub(super) fn on_become_inactive(&mut self, disk: &mut Disk, directory: Directory<'_>) {
        self.touch_indexes(disk, directory);
        // As in `append`.
        let _ = self.add_last_time_entry(disk);
        self.offset_index.trim(disk);
        self.time_index.trim(disk);
    }

    /// The process ends properly.
    pub(super) fn close(&mut self, disk: &mut Disk, directory: Directory<'_>) {
        if self.max_timestamp.is_some() {
            self.time_index.touch(disk, directory);
            // Kafka swallows what goes wrong here.
            let _ = self.add_last_time_entry(disk);
        }
        self.offset_index.trim(disk);
        self.time_index.trim(disk);
    }

    /// Brings all its files to the medium.
    pub(super) fn flush(&mut self, disk: &mut Disk, directory: Directory<'_>) {
        let log = self.touch_log(disk, directory);
        disk.fsync(log);
        self.touch_indexes(disk, directory);
        self.offset_index.flush(disk);
        self.time_index.flush(disk);
        self.txn_index.flush(disk);
    }

    /// The first record from `from` on whose timestamp is at least `target`.
    pub(super) fn find_offset_by_timestamp(
        &self,
        disk: &mut Disk,
        target: Timestamp,
        from: Offset,
    ) -> Option<TimestampAndOffset> {
        let log = self.log?;
        let entry = self.time_index.lookup(disk, target);
        let position = self.offset_index.lookup(disk, entry.offset.max(from)).position;
        search_for_timestamp(disk, log, target, u64::from(position), from)
    }

    /// Renames its files, which go away soon. Returns their new paths.
    pub(super) fn mark_deleted(&self, disk: &mut Disk, directory: Directory<'_>) -> Vec<String> {
        let mut renamed = Vec::new();
        for suffix in [LOG, OFFSET_INDEX, TIME_INDEX, TXN_INDEX] {
            let path = directory.of(self.base_offset, suffix);
            let deleted = format!("{path}{DELETED}");
            if disk.rename(&path, &deleted) {
                renamed.push(deleted);
            }
        }
        renamed
    }

    /// Removes its files.
    pub(super) fn delete_files(&self, disk: &mut Disk, directory: Directory<'_>) {
        for suffix in [LOG, OFFSET_INDEX, TIME_INDEX, TXN_INDEX] {
            disk.remove(&directory.of(self.base_offset, suffix));
        }
    }

    /// Forgets what the indexes say, before they are built anew.
    pub(super) fn reset_indexes(&mut self, disk: &mut Disk, directory: Directory<'_>) {
        self.touch_indexes(disk, directory);
        self.offset_index.reset(disk);
        self.time_index.reset(disk);
        self.txn_index.reset(disk);
        self.max_timestamp = None;
    }

    /// One batch of the segment was found to be right, at `position`.
    pub(super) fn index_again(
        &mut self,
        disk: &mut Disk,
        batch: &Batch,
        position: u64,
        last_index_entry: &mut u64,
    ) -> Result<(), IndexError> {
        if batch.max_timestamp() > self.max_timestamp_so_far().timestamp {
            let (timestamp, offset) = (batch.max_timestamp(), batch.last_offset());
            self.max_timestamp = Some(TimestampOffset { timestamp, offset });
        }
        if position - *last_index_entry > u64::from(self.index_interval_bytes) {
            self.add_index_entries(disk, batch.last_offset(), position)?;
            *last_index_entry = position;
        }
        Ok(())
    }

    /// All batches were looked at.
    pub(super) fn finish_indexes(&mut self, disk: &mut Disk) -> Result<(), IndexError> {
        self.offset_index.trim(disk);
        self.add_last_time_entry(disk)?;
        self.time_index.trim(disk);
        Ok(())
    }
}

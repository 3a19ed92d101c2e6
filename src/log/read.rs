//! Reading: from an offset to its batch by way of the index, and by timestamp.
//!
//! In Kafka: `UnifiedLog.read`, `LocalLog.read`, `LogSegment.read`, `fetchOffsetByTimestamp`. Whole
//! batches are read, from one segment at a time; nothing is copied.

use smallvec::SmallVec;

use super::file_records::{LogOffsetPosition, TimestampAndOffset, batches};
use super::segment::Segment;
use super::{Disk, Log};
use crate::ids::{Offset, ProducerId, Timestamp};
use crate::protocol::{ErrorCode, Records};

/// An offset, and where it lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OffsetMetadata {
    /// The offset.
    pub offset: Offset,
    /// The base offset of its segment.
    pub segment_base_offset: Offset,
    /// Bytes from the start of the segment.
    pub position: u64,
}

impl OffsetMetadata {
    fn of(segment: &Segment, found: LogOffsetPosition) -> Self {
        let segment_base_offset = segment.base_offset();
        Self { offset: found.offset, segment_base_offset, position: found.position }
    }
}

/// Aborted transactions: producer and first offset.
pub type Aborted = SmallVec<[(ProducerId, Offset); 2]>;

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct ReadInfo {
    /// Where reading began: at the start of the first batch.
    pub start: OffsetMetadata,
    /// Whole batches.
    pub records: Records,
    /// How many bytes Kafka sends: it cuts the last batch where the limit is.
    pub bytes: u64,
    /// True when not even the first batch fitted the limit.
    pub first_entry_incomplete: bool,
}

/// What offset is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetQuery {
    /// The first one (`EARLIEST_TIMESTAMP`).
    Earliest,
    /// The next one (`LATEST_TIMESTAMP`).
    Latest,
    /// That of the record with the largest timestamp (`MAX_TIMESTAMP`, KIP-734).
    MaxTimestamp,
    /// The first with a timestamp of at least this.
    Timestamp(Timestamp),
}

impl Log {
    /// Reads up to `max_bytes` of whole batches from the one that holds `start_offset` on, all of
    /// them before `max_offset`: the high watermark, the last stable offset or the log end offset.
    /// With `min_one_batch` the first is read however large it is.
    ///
    /// # Errors
    /// [`ErrorCode::OffsetOutOfRange`] outside `log_start_offset..=log_end_offset`,
    /// [`ErrorCode::CorruptMessage`] where the file cannot be walked.
    pub fn read(
        &self,
        disk: &mut Disk,
        start_offset: Offset,
        max_bytes: u64,
        max_offset: Offset,
        min_one_batch: bool,
    ) -> Result<ReadInfo, ErrorCode> {
        let (log_start, log_end) = (self.log_start_offset(), self.log_end_offset());
        if start_offset < log_start || start_offset > log_end {
            return Err(ErrorCode::OffsetOutOfRange);
        }
        let segments = &self.body.segments;
        let first = segments.floor(start_offset).ok_or(ErrorCode::OffsetOutOfRange)?;
        if start_offset >= max_offset {
            let start = self.offset_metadata(disk, start_offset).unwrap_or_default();
            return Ok(ReadInfo { start, ..ReadInfo::default() });
        }
        for index in first..segments.len() {
            let segment = segments.get(index).expect("the index is below their number");
            let limit = Limit { max_bytes, max_offset, min_one_batch };
            let read = limit.read(disk, segment, start_offset)?;
            if let Some(read) = read {
                if let Some(log) = segment.log_file() {
                    disk.charge_read(log, read.bytes);
                }
                return Ok(read);
            }
            // Everything from the offset on to the segment's end was compacted away.
        }
        Ok(ReadInfo { start: self.log_end_metadata(), ..ReadInfo::default() })
    }

    /// Where the log ends.
    pub fn log_end_metadata(&self) -> OffsetMetadata {
        let active = self.active_segment();
        OffsetMetadata {
            offset: self.log_end_offset(),
            segment_base_offset: active.base_offset(),
            position: active.size(),
        }
    }

    /// Where the batch lies that holds `offset`, or the next one: by its first offset. None outside
    /// the segments.
    pub fn offset_metadata(&self, disk: &Disk, offset: Offset) -> Option<OffsetMetadata> {
        let segments = &self.body.segments;
        let end = self.log_end_metadata();
        if offset > end.offset {
            return None;
        }
        let first = segments.floor(offset)?;
        if offset == end.offset {
            return Some(end);
        }
        for index in first..segments.len() {
            let segment = segments.get(index).expect("the index is below their number");
            let log = segment.log_file()?;
            if let Some(found) = segment.find_offset(disk, log, offset).ok()? {
                return Some(OffsetMetadata::of(segment, found));
            }
        }
        Some(end)
    }

    /// The high watermark, and where it lies. Where it lies inside a batch, or in a gap, it moves to
    /// the start of the batch that comes there.
    pub fn fetch_high_watermark(&mut self, disk: &Disk) -> OffsetMetadata {
        let offset = self.high_watermark();
        let located = self.offset_metadata(disk, offset);
        if !self.body.high_watermark_located
            && !self.is_implied()
            && let Some(at) = located
        {
            let (_, body) = self.parts();
            body.set_high_watermark(at.offset);
            body.high_watermark_located = true;
        }
        located.unwrap_or(OffsetMetadata { offset, ..OffsetMetadata::default() })
    }

    /// The last stable offset, and where it lies.
    pub fn fetch_last_stable_offset(&mut self, disk: &Disk) -> OffsetMetadata {
        let high_watermark = self.fetch_high_watermark(disk);
        match self.first_unstable_offset() {
            Some(offset) if offset < high_watermark.offset => self
                .offset_metadata(disk, offset)
                .unwrap_or(OffsetMetadata { offset, ..OffsetMetadata::default() }),
            _ => high_watermark,
        }
    }

    /// How many bytes lie between two offsets, if they are in one segment (`positionDiff`).
    pub fn bytes_between(from: OffsetMetadata, to: OffsetMetadata) -> Option<u64> {
        (from.segment_base_offset == to.segment_base_offset)
            .then(|| to.position.saturating_sub(from.position))
    }

    /// The aborted transactions that reach into what was read: consumers with `read_committed` skip
    /// their records.
    pub fn aborted_transactions(&self, disk: &Disk, start: Offset, read: &ReadInfo) -> Aborted {
        let segments = &self.body.segments;
        let Some(first) = segments.floor(read.start.segment_base_offset) else {
            return Aborted::new();
        };
        let segment = segments.get(first).expect("it was found");
        let end = read.start.position + read.bytes;
        let upper_bound = segment
            .offset_index
            .upper_bound_of_position(disk, end)
            .map(|entry| entry.offset)
            .or_else(|| segments.get(first + 1).map(Segment::base_offset))
            .unwrap_or(self.log_end_offset());
        let mut aborted = Aborted::new();
        for index in first..segments.len() {
            let segment = segments.get(index).expect("the index is below their number");
            let (found, complete) = segment.txn_index.collect(disk, start, upper_bound);
            aborted.extend(found.iter().map(|txn| (txn.producer_id, txn.first_offset)));
            if complete {
                break;
            }
        }
        aborted
    }

    /// Finds an offset by time. None where no record is so young.
    pub fn fetch_offset(
        &mut self,
        disk: &mut Disk,
        query: OffsetQuery,
    ) -> Option<TimestampAndOffset> {
        let no_timestamp = Timestamp(-1);
        match query {
            OffsetQuery::Earliest => {
                let offset = self.log_start_offset();
                let earliest =
                    self.epochs().earliest().filter(|entry| entry.start_offset <= offset);
                let leader_epoch = earliest.map(|entry| entry.epoch);
                Some(TimestampAndOffset { timestamp: no_timestamp, offset, leader_epoch })
            }
            OffsetQuery::Latest => {
                let (offset, leader_epoch) = (self.log_end_offset(), self.latest_epoch());
                Some(TimestampAndOffset { timestamp: no_timestamp, offset, leader_epoch })
            }
            OffsetQuery::MaxTimestamp => self.max_timestamp(disk),
            OffsetQuery::Timestamp(_) if self.is_implied() => None,
            OffsetQuery::Timestamp(target) => {
                let from = self.log_start_offset();
                let (_, body) = self.parts();
                let young = |segment: &mut Segment| segment.largest_timestamp() >= target;
                let index =
                    (0..body.segments.len()).find(|index| young(body.segments.get_mut(*index)))?;
                body.segments.get_mut(index).find_offset_by_timestamp(disk, target, from)
            }
        }
    }

    fn max_timestamp(&self, disk: &mut Disk) -> Option<TimestampAndOffset> {
        let mut latest: Option<&Segment> = None;
        for segment in self.segments() {
            let timestamp = |segment: &Segment| segment.max_timestamp().timestamp;
            if latest.is_none_or(|latest| timestamp(segment) > timestamp(latest)) {
                latest = Some(segment);
            }
        }
        let segment = latest?;
        let wanted = segment.max_timestamp();
        let position = segment.offset_index.lookup(disk, wanted.offset).position;
        let rope = disk.rope(segment.log_file()?);
        let mut from_there =
            batches(rope, u64::from(position), segment.size()).map_while(Result::ok);
        let (_, batch) = from_there.find(|(_, batch)| batch.max_timestamp() == wanted.timestamp)?;
        if wanted.timestamp.0 < 0 {
            return None;
        }
        let record = batch
            .iter()
            .map_while(Result::ok)
            .find(|record| record.timestamp == wanted.timestamp)?;
        Some(TimestampAndOffset {
            timestamp: wanted.timestamp,
            offset: record.offset,
            leader_epoch: batch.partition_leader_epoch(),
        })
    }
}

/// How far a read goes.
#[derive(Clone, Copy)]
struct Limit {
    max_bytes: u64,
    max_offset: Offset,
    min_one_batch: bool,
}

impl Limit {
    /// What `segment` holds from `offset` on; none if that is nothing.
    fn read(
        self,
        disk: &Disk,
        segment: &Segment,
        offset: Offset,
    ) -> Result<Option<ReadInfo>, ErrorCode> {
        let corrupt = |_| ErrorCode::CorruptMessage;
        let Some(log) = segment.log_file() else { return Ok(None) };
        let Some(found) = segment.find_offset(disk, log, offset).map_err(corrupt)? else {
            return Ok(None);
        };
        let start = OffsetMetadata::of(segment, found);
        let mut info = ReadInfo { start, ..ReadInfo::default() };
        let max_bytes =
            if self.min_one_batch { self.max_bytes.max(found.size) } else { self.max_bytes };
        if max_bytes == 0 || segment.base_offset() > self.max_offset {
            return Ok(Some(info));
        }
        info.first_entry_incomplete = max_bytes < found.size;
        let mut end = segment.size();
        for batch in batches(disk.rope(log), found.position, segment.size()) {
            let (position, batch) = batch.map_err(corrupt)?;
            if batch.last_offset() >= self.max_offset {
                // The limit lies in this batch: it is not read.
                end = position;
                break;
            }
            if position + batch.size_in_bytes() - found.position > max_bytes {
                break;
            }
            if info.records.len() == info.records.inline_size() {
                // Where there is more than one there are several: one step, not three.
                info.records.reserve(7);
            }
            info.records.push(batch.share());
        }
        info.bytes = max_bytes.min(end - found.position);
        Ok(Some(info))
    }
}

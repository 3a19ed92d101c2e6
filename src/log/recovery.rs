//! Opening a log: what a process finds in a partition's directory, and how it makes sure of it.
//!
//! In Kafka: `LogLoader`, `LogSegment.recover`. After a clean shutdown the files are believed. After
//! any other end, all batches from the recovery point on are read and checked; the log ends before
//! the first that is not whole and valid. Left out: what an interrupted compaction leaves behind, and
//! segments whose offsets span more than 31 bits.

use std::sync::Arc;

use super::body::{Body, Task};
use super::checkpoint::{parse_epochs, parse_partition_metadata};
use super::file_records::batches;
use super::names::{
    CLEANED, DELETED, LEADER_EPOCH_CHECKPOINT, LOG, OFFSET_INDEX, PARTITION_METADATA, TIME_INDEX,
    TXN_INDEX, offset_of,
};
use super::offset_index::{IndexError, relative};
use super::producer_state::{ProducerAppends, ProducerState};
use super::segment::Segment;
use super::segments::Segments;
use super::truncate::rebuild;
use super::unified_log::Place;
use super::{AppendOrigin, Disk, EpochCache, Log, LogHome};
use crate::fact::Fact;
use crate::ids::{Offset, PartitionIndex, Timestamp, TopicId};
use crate::node::Outbox;
use crate::protocol::Batch;

/// A log that was opened.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The log.
    pub log: Log,
    /// Bytes cut off because they were no whole, valid batch.
    pub truncated_bytes: u64,
}

/// What the log directory's files say about a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Checkpoints {
    pub(super) was_clean: bool,
    pub(super) log_start_offset: Offset,
    pub(super) recovery_point: Offset,
}

impl Log {
    /// Opens the log in its directory. `was_clean`: the last process closed it; `log_start_offset`
    /// and `recovery_point` are what the checkpoint files say, 0 if they say nothing.
    pub fn load(
        disk: &mut Disk,
        home: Arc<LogHome>,
        partition: PartitionIndex,
        was_clean: bool,
        (log_start_offset, recovery_point): (Offset, Offset),
        out: &mut Outbox,
    ) -> Loaded {
        let checkpoints = Checkpoints { was_clean, log_start_offset, recovery_point };
        let place = Place { home: &home, partition };
        let loader = Loader::new(disk, place, checkpoints, out.wall);
        let (body, truncated_bytes) = loader.load(disk);
        let mut log = Self::with_body(home, partition, Arc::new(body));
        if log.is_pristine() {
            log.imply_files(disk);
        }
        out.fact(|| Fact::LogLoaded {
            tp: log.topic_partition(),
            log_start_offset: log.log_start_offset(),
            log_end_offset: log.log_end_offset(),
            clean: was_clean,
            truncated_bytes,
        });
        Loaded { log, truncated_bytes }
    }

    /// The topic's id that a partition's directory says it belongs to.
    pub fn topic_id_on_disk(disk: &mut Disk, directory: super::Directory<'_>) -> Option<TopicId> {
        let bytes = disk.read_path(&directory.file(PARTITION_METADATA))?;
        parse_partition_metadata(std::str::from_utf8(&bytes).ok()?)
    }

    /// True when it is as new: nothing was ever written to it.
    fn is_pristine(&self) -> bool {
        let body = &self.body;
        let only_segment = body.segments.len() == 1
            && body.segments.active().base_offset() == Offset(0)
            && body.segments.active().size() == 0;
        only_segment
            && body.log_end_offset == Offset(0)
            && body.producers.latest_snapshot_offset().is_none()
            && body.epochs.entries().is_empty()
    }

    /// Takes its files off the disk until somebody writes: most logs of a large cluster are empty.
    fn imply_files(&mut self, disk: &mut Disk) {
        let directory = self.home.directory(self.partition);
        self.body.segments.active().delete_files(disk, directory);
        for name in [LEADER_EPOCH_CHECKPOINT, PARTITION_METADATA] {
            disk.remove(&directory.file(name));
        }
        let body = Body::pristine(&self.home.config, self.body.last_flushed);
        self.imply(Arc::new(body), None);
    }
}

struct Loader<'a> {
    place: Place<'a>,
    checkpoints: Checkpoints,
    now: Timestamp,
    segments: Segments,
    epochs: EpochCache,
    tasks: Vec<Task>,
    truncated_bytes: u64,
}

impl<'a> Loader<'a> {
    fn new(disk: &mut Disk, place: Place<'a>, checkpoints: Checkpoints, now: Timestamp) -> Self {
        let file = place.directory().file(LEADER_EPOCH_CHECKPOINT);
        let bytes = disk.read_path(&file).unwrap_or_default();
        let entries = std::str::from_utf8(&bytes).ok().and_then(|text| parse_epochs(text).ok());
        if disk.open(&file).is_none() {
            disk.create(&file);
        }
        Self {
            place,
            checkpoints,
            now,
            segments: Segments::default(),
            epochs: EpochCache::from_entries(entries.unwrap_or_default()),
            tasks: Vec::new(),
            truncated_bytes: 0,
        }
    }

    fn load(mut self, disk: &mut Disk) -> (Body, u64) {
        let (directory, config) = (self.place.directory(), self.place.config());
        self.remove_temporary_files(disk);
        let mut producers = ProducerState::load(disk, directory);
        self.load_segments(disk);
        if !self.checkpoints.was_clean {
            self.recover(disk);
        }
        let log_end_offset = self.check_log_start(disk, &mut producers);
        if self.segments.is_empty() {
            let start = self.checkpoints.log_start_offset;
            let mut segment = Segment::new(start, config, self.now);
            segment.touch_log(disk, directory);
            self.segments.push(segment);
        }
        let active = self.segments.active_mut();
        let (log_end_offset, recovery_point) = match log_end_offset {
            Some(end) if self.checkpoints.was_clean => (end, end),
            known => {
                let end = known.unwrap_or_else(|| active.read_next_offset(disk, directory));
                (end, self.checkpoints.recovery_point.min(end))
            }
        };
        active.touch_indexes(disk, directory);
        active.resize_indexes_to_max(disk);
        if self.epochs.truncate_from_end(log_end_offset)
            | self.epochs.truncate_from_start(self.checkpoints.log_start_offset)
        {
            self.tasks.push(Task::WriteEpochs);
        }
        let first = self.segments.first_base_offset().expect("there is a segment");
        let log_start_offset = self.checkpoints.log_start_offset.max(first);
        let base_offsets: Vec<_> = self.segments.iter().map(Segment::base_offset).collect();
        producers.remove_stray_snapshots(disk, directory, &base_offsets);
        let range = (log_start_offset, log_end_offset);
        let was_clean = self.checkpoints.was_clean;
        let segments = &mut self.segments;
        rebuild(disk, self.place, &mut producers, segments, range, self.now, was_clean);
        let mut body = Body {
            segments: self.segments,
            epochs: self.epochs,
            producers,
            log_end_offset,
            recovery_point: recovery_point.max(log_start_offset),
            on_disk: true,
            tasks: self.tasks,
            log_start_offset,
            high_watermark: log_start_offset,
            ..Body::pristine(config, self.now)
        };
        body.update_first_unstable_offset();
        (body, self.truncated_bytes)
    }

    fn remove_temporary_files(&self, disk: &mut Disk) {
        let directory = self.place.directory();
        for (name, _) in disk.list(&directory.path()) {
            let is_raft_snapshot = name.ends_with(".checkpoint.deleted");
            if (name.ends_with(DELETED) && !is_raft_snapshot) || name.ends_with(CLEANED) {
                disk.remove(&directory.file(&name));
            }
        }
    }

    fn load_segments(&mut self, disk: &mut Disk) {
        let (directory, config) = (self.place.directory(), self.place.config());
        for (name, _) in disk.list(&directory.path()) {
            let Some(base) = offset_of(&name) else { continue };
            if [OFFSET_INDEX, TIME_INDEX, TXN_INDEX].iter().any(|suffix| name.ends_with(suffix)) {
                if disk.open(&directory.of(base, LOG)).is_none() {
                    disk.remove(&directory.file(&name));
                }
            } else if name.ends_with(LOG) {
                let has = |suffix| disk.open(&directory.of(base, suffix)).is_some();
                let (has_index, has_time_index) = (has(OFFSET_INDEX), has(TIME_INDEX));
                let mut segment = Segment::open(disk, directory, base, config, self.now);
                if has_index && !has_time_index {
                    segment.time_index.touch(disk, directory);
                    segment.time_index.resize(disk, 0);
                }
                if !has_index || !segment.txn_index.is_sane(disk) {
                    // Whatever was lost with it is built anew.
                    let _ = self.recover_segment(disk, &mut segment);
                }
                self.segments.push(segment);
            }
        }
    }

    /// Checks all segments that may hold something that is not on the medium.
    fn recover(&mut self, disk: &mut Disk) {
        let directory = self.place.directory();
        let unflushed = self.segments.range(self.checkpoints.recovery_point, Offset(u64::MAX));
        for index in unflushed {
            let mut segment = self.segments.get(index).expect("it is in range").clone();
            let cut = self.recover_segment(disk, &mut segment).unwrap_or_else(|_| {
                let base = segment.base_offset();
                segment.truncate_to(disk, directory, base, self.now)
            });
            *self.segments.get_mut(index) = segment;
            if cut > 0 {
                self.truncated_bytes += cut;
                let rest = self.segments.split_off(index + 1);
                self.truncated_bytes += rest.iter().map(Segment::size).sum::<u64>();
                self.remove_segments(disk, &rest);
                return;
            }
        }
    }

    /// Reads a segment from its start, builds its indexes anew, and cuts off what is not whole and
    /// valid. Returns how many bytes that were.
    fn recover_segment(
        &mut self,
        disk: &mut Disk,
        segment: &mut Segment,
    ) -> Result<u64, IndexError> {
        let directory = self.place.directory();
        let mut producers = ProducerState::load(disk, directory);
        let range = (self.checkpoints.log_start_offset, segment.base_offset());
        let segments = &mut self.segments;
        rebuild(disk, self.place, &mut producers, segments, range, self.now, false);
        segment.reset_indexes(disk, directory);
        let Some(log) = segment.log_file() else { return Ok(0) };
        let size = segment.size();
        let (mut valid_bytes, mut last_index_entry) = (0, 0);
        loop {
            // One by one, because the indexes on the same disk are written in between.
            let next = batches(disk.rope(log), valid_bytes, size).next();
            let batch = match next {
                Some(Ok((_, batch))) if batch.is_valid() => batch.share(),
                _ => break,
            };
            if relative(segment.base_offset(), batch.last_offset()).is_none() {
                break;
            }
            segment.index_again(disk, &batch, valid_bytes, &mut last_index_entry)?;
            valid_bytes += batch.size_in_bytes();
            self.note_batch(disk, segment, &mut producers, &batch);
        }
        disk.charge_read(log, size);
        let cut = segment.truncate_bytes(disk, valid_bytes);
        segment.finish_indexes(disk)?;
        producers.take_snapshot(disk, directory, true);
        Ok(cut)
    }

    fn note_batch(
        &mut self,
        disk: &mut Disk,
        segment: &mut Segment,
        producers: &mut ProducerState,
        batch: &Batch,
    ) {
        let directory = self.place.directory();
        if let Some(epoch) = batch.partition_leader_epoch()
            && Some(epoch) > self.epochs.latest_epoch()
        {
            self.epochs.assign(epoch, batch.base_offset());
            self.write_epochs(disk);
        }
        let mut appends = ProducerAppends::new();
        // What is in the log was checked by a leader; what it let pass is not judged again.
        let checked = producers.check(batch, AppendOrigin::Replication, &mut appends);
        producers.update_all(appends);
        if let Ok(Some(txn)) = checked {
            let last_stable_offset = producers.last_stable_offset(&txn);
            segment.note_txn(disk, directory, &txn, last_stable_offset);
            producers.complete(&txn);
        }
        producers.set_map_end_offset(batch.next_offset());
    }

    fn write_epochs(&self, disk: &mut Disk) {
        let text = super::epochs_text(self.epochs.entries());
        disk.replace(&self.place.directory().file(LEADER_EPOCH_CHECKPOINT), text);
    }

    /// The log's end; none where there is no segment, or all of them end before the log is said to
    /// begin: then they go.
    fn check_log_start(
        &mut self,
        disk: &mut Disk,
        producers: &mut ProducerState,
    ) -> Option<Offset> {
        if self.segments.is_empty() {
            return None;
        }
        let directory = self.place.directory();
        let end = self.segments.active_mut().read_next_offset(disk, directory);
        let start = self.checkpoints.log_start_offset;
        if end >= start {
            return Some(end);
        }
        let all = self.segments.split_off(0);
        self.remove_segments(disk, &all);
        self.epochs.clear();
        self.write_epochs(disk);
        producers.truncate_fully_and_start_at(disk, directory, start);
        None
    }

    fn remove_segments(&mut self, disk: &mut Disk, removed: &[Segment]) {
        let directory = self.place.directory();
        let mut paths = Vec::new();
        let mut producers = ProducerState::load(disk, directory);
        for segment in removed {
            paths.extend(segment.mark_deleted(disk, directory));
            let base = segment.base_offset();
            paths.extend(producers.mark_snapshot_for_deletion(disk, directory, base));
        }
        if !paths.is_empty() {
            let at = Timestamp(self.now.0 + self.place.config().file_delete_delay_ms);
            self.tasks.push(Task::Delete { at, paths });
        }
    }
}

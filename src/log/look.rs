//! Looking at the batches of a log without touching it: for those who watch, not for those who read.
//!
//! Nothing is charged, no file is created, and a disk whose process is down can be looked at as well.

use std::sync::Arc;

use smallvec::SmallVec;

use super::file_records::batches;
use super::names::{LOG, OFFSET_INDEX, TIME_INDEX};
use super::offset_index::{OffsetIndex, OffsetPosition};
use super::time_index::{TimeIndex, TimestampOffset};
use super::{Directory, Disk, Log, Segment, offset_of};
use crate::ids::{Offset, TopicPartition};
use crate::protocol::Batch;
use crate::sim::disk::{Block, FileId};

impl Log {
    /// The base offset of the segment that holds `offset`, or would if it were appended.
    pub fn segment_of(&self, offset: Offset) -> Option<Offset> {
        let index = self.body.segments.floor(offset)?;
        self.body.segments.get(index).map(Segment::base_offset)
    }

    /// Its batches in order, from the one that holds `from` on. Ends at the first that is damaged.
    pub fn batches_from<'a>(
        &'a self,
        disk: &'a Disk,
        from: Offset,
    ) -> impl Iterator<Item = Arc<Batch>> + 'a {
        let first = self.body.segments.floor(from).unwrap_or(0);
        let segments = (first..).map_while(|index| self.body.segments.get(index));
        let files = segments.filter_map(move |segment| {
            let file = segment.log_file()?;
            let found = segment.find_offset(disk, file, from).ok().flatten();
            Some((file, found?.position))
        });
        files.flat_map(|(file, position)| batches_in(disk, file, position))
    }

    /// Its last batches, those from the one that begins at `from` on, in order.
    pub fn last_batches(&self, disk: &Disk, from: Offset) -> SmallVec<[Arc<Batch>; 2]> {
        let mut last = SmallVec::new();
        let Some(file) = self.active_segment().log_file() else { return last };
        let rope = disk.rope(file);
        for (_, block) in rope.blocks_back(rope.len()) {
            match block {
                Block::Content(batch) if batch.base_offset() >= from => {
                    last.push(Arc::clone(batch));
                    if batch.base_offset() == from {
                        last.reverse();
                        return last;
                    }
                }
                _ => break,
            }
        }
        // It begins in another segment, or among plain bytes.
        let all = self.batches_from(disk, from);
        all.filter(|batch| batch.base_offset() >= from).collect()
    }
}

/// The batches that lie in a partition's directory, in order, up to the first that is damaged or does
/// not follow on the one before: what a process finds that starts on this disk.
pub fn batches_on_disk(disk: &Disk, tp: &TopicPartition) -> Vec<Arc<Batch>> {
    let directory = Directory { log_dir: "", topic: &tp.topic, partition: tp.partition.0 };
    let mut all: Vec<Arc<Batch>> = Vec::new();
    for (name, len) in disk.list(&directory.path()) {
        let Some(base) = offset_of(&name).filter(|_| name.ends_with(LOG)) else { continue };
        if all.last().is_some_and(|last| last.next_offset() > base) {
            break;
        }
        let file = disk.open(&directory.file(&name)).expect("it is listed");
        let mut found = 0;
        for batch in batches_in(disk, file, 0) {
            found += batch.size_in_bytes();
            if !batch.is_valid() {
                return all;
            }
            all.push(batch);
        }
        if found < len {
            break;
        }
    }
    all
}

/// A segment as its files are.
#[derive(Clone, Debug)]
pub struct SegmentOnDisk {
    /// What its files are named after.
    pub base_offset: Offset,
    /// Its batches with where they begin, up to the first that is not whole.
    pub batches: Vec<(u64, Arc<Batch>)>,
    /// How many bytes were written to its `.log`.
    pub size: u64,
    /// Where its whole batches end.
    pub whole: u64,
    /// What its `.index` says.
    pub offsets: Vec<OffsetPosition>,
    /// What its `.timeindex` says.
    pub times: Vec<TimestampOffset>,
    /// Neither index has room for more.
    pub is_trimmed: bool,
}

/// The segments in a partition's directory, in order. Of those before the one named `from` nothing is
/// read, and of that one no batch that begins before `position`.
pub fn segments_on_disk(
    disk: &Disk,
    tp: &TopicPartition,
    (from, position): (Offset, u64),
) -> Vec<SegmentOnDisk> {
    let directory = Directory { log_dir: "", topic: &tp.topic, partition: tp.partition.0 };
    let logs = disk.list(&directory.path());
    let logs = logs.iter().filter(|(name, _)| name.ends_with(LOG));
    let bases = logs.filter_map(|(name, _)| offset_of(name)).filter(|base| *base >= from);
    let segment = |base: Offset| {
        let log = disk.open(&directory.of(base, LOG)).expect("it is listed");
        let (rope, start) = (disk.rope(log), if base == from { position } else { 0 });
        let found = batches(rope, start, rope.len()).map_while(Result::ok);
        let found: Vec<_> = found.map(|(at, batch)| (at, batch.share())).collect();
        let last = found.last().map_or(start, |(at, batch)| at + batch.size_in_bytes());
        let entries = |suffix, size: u64| {
            let file = disk.open(&directory.of(base, suffix));
            file.map_or((0, true), |file| {
                let written = disk.written(file);
                ((written / size) as u32, disk.len(file) == written)
            })
        };
        let (offset_count, offsets_trimmed) = entries(OFFSET_INDEX, 8);
        let (time_count, times_trimmed) = entries(TIME_INDEX, 12);
        let offsets = OffsetIndex::open(disk, directory, base, 0);
        let times = TimeIndex::open(disk, directory, base, 0);
        SegmentOnDisk {
            base_offset: base,
            batches: found,
            size: rope.len(),
            whole: last,
            offsets: (0..offset_count).map(|slot| offsets.entry(disk, slot)).collect(),
            times: (0..time_count).map(|slot| times.entry(disk, slot)).collect(),
            is_trimmed: offsets_trimmed && times_trimmed,
        }
    };
    bases.map(segment).collect()
}

/// The batches of a `.log` file, each with where it begins, up to the first that is not whole.
pub fn batches_in_file(disk: &Disk, file: FileId) -> Vec<(u64, Arc<Batch>)> {
    let rope = disk.rope(file);
    let found = batches(rope, 0, rope.len()).map_while(Result::ok);
    found.map(|(at, batch)| (at, batch.share())).collect()
}

fn batches_in(disk: &Disk, file: FileId, position: u64) -> impl Iterator<Item = Arc<Batch>> + '_ {
    let rope = disk.rope(file);
    batches(rope, position, rope.len()).map_while(Result::ok).map(|(_, batch)| batch.share())
}

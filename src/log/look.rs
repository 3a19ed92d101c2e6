//! Looking at the batches of a log without touching it: for those who watch, not for those who read.
//!
//! Nothing is charged, no file is created, and a disk whose process is down can be looked at as well.

use std::sync::Arc;

use smallvec::SmallVec;

use super::file_records::batches;
use super::names::LOG;
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

fn batches_in(disk: &Disk, file: FileId, position: u64) -> impl Iterator<Item = Arc<Batch>> + '_ {
    let rope = disk.rope(file);
    batches(rope, position, rope.len()).map_while(Result::ok).map(|(_, batch)| batch.share())
}

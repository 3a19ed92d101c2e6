//! How a broker finds an offset: the segment by its name, the entry before it in the sparse index, the
//! scan from there to the batch; and how a reader finds the record in the batch.
//!
//! In Kafka: `LogSegments.floorSegment`, `AbstractIndex.indexSlotRangeFor`,
//! `FileRecords.searchForOffsetFromPosition`, `CompletedFetch.nextFetchedRecord`. All numbers are those
//! of the files.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::ids::{BrokerId, Offset, TopicPartition};
use crate::log::{
    Directory, LOG, OFFSET_INDEX, OffsetPosition, SegmentOnDisk, file_name, largest_lower_bound,
    segments_on_disk,
};
use crate::protocol::{Batch, HEADER_LEN};
use crate::view::Lens;

/// So many batches of a scan are told one by one; those after them at once.
const ONE_BY_ONE: usize = 3;

/// A search for an offset, step by step.
#[derive(Clone, Debug)]
pub struct Find {
    /// The partition.
    pub tp: TopicPartition,
    /// The server on whose disk it lies.
    pub server: BrokerId,
    /// The offset that is looked for.
    pub target: Offset,
    /// The base offsets of the segments.
    pub segments: Vec<Offset>,
    /// Which segment it is in.
    pub segment: Option<usize>,
    /// The entries of that segment's index.
    pub entries: Vec<OffsetPosition>,
    /// The length of the `.index` file in bytes, zeros set aside included; 0 without one.
    pub index_len: u64,
    /// The batches of that segment.
    pub batches: Vec<(u64, Arc<Batch>)>,
    /// The steps.
    pub steps: Vec<Step>,
}

/// A batch that a scan passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scanned {
    /// Where it begins.
    pub position: u64,
    /// Its first offset.
    pub base: Offset,
    /// Its last offset.
    pub last: Offset,
}

/// What a scan does with a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It begins before the target: on to the next one.
    Before,
    /// It begins with the target.
    Here,
    /// It begins after the target, which lies in the batch before.
    After,
    /// It begins after the target, and the batch before ends before it: the target is in a gap.
    Gap,
}

/// A step of the search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The log does not have it: where the log begins and ends.
    OutOfRange {
        /// Its first offset.
        start: Offset,
        /// The offset after its last one.
        end: Offset,
    },
    /// It is the next offset to be written: nothing is there yet.
    End,
    /// The segment, by the names of the files.
    Segment,
    /// The index has no entry: the scan begins with the segment.
    NoIndex,
    /// An entry is looked at before the halving begins: that with which the last 8 KiB begin.
    Warm {
        /// Which one.
        slot: u32,
        /// Its offset against the target.
        order: Ordering,
    },
    /// The first entry, to see whether the target lies before it.
    First {
        /// Its offset against the target.
        order: Ordering,
    },
    /// The entry in the middle of what is left.
    Probe {
        /// Which one.
        slot: u32,
        /// What was left: the first and the last entry.
        range: (u32, u32),
        /// Its offset against the target.
        order: Ordering,
    },
    /// What the index says: the entry, and where the scan begins.
    Position {
        /// The entry; none if all are above the target.
        slot: Option<u32>,
        /// The byte at which the scan begins.
        position: u64,
    },
    /// A batch of the scan, or several of which the same is true.
    Scan {
        /// The batches.
        batches: Vec<Scanned>,
        /// What is done with them.
        verdict: Verdict,
    },
    /// The batch that holds it, with which an answer begins.
    Batch(Scanned),
    /// The record in the batch: how many before it are skipped, and at which byte of the file it is.
    Record {
        /// How many records of the batch are before it.
        skipped: usize,
        /// Where it begins.
        position: u64,
    },
}

impl Lens<'_> {
    /// How `server` finds `target` in its log of `tp`. None where it has no such log.
    pub fn find_offset(
        self,
        server: BrokerId,
        tp: &TopicPartition,
        target: Offset,
    ) -> Option<Find> {
        let disk = &*self.disk_of(server, Some(tp))?;
        let directory = Directory { log_dir: "", topic: &tp.topic, partition: tp.partition.0 };
        let files = disk.list(&directory.path());
        let logs = files.iter().filter(|(name, _)| name.ends_with(LOG));
        let bases: Vec<Offset> = logs.filter_map(|(name, _)| crate::log::offset_of(name)).collect();
        let running = self.log(tp, server);
        let end = match running {
            Some(log) => log.log_end_offset(),
            None => crate::log::end_offset_on_disk(disk, tp)?,
        };
        let start = running.map_or(*bases.first()?, crate::log::Log::log_start_offset);
        let segment = bases.partition_point(|base| *base <= target).checked_sub(1);
        let mut found = segment.map(|at| segments_on_disk(disk, tp, (bases[at], 0)).swap_remove(0));
        let index = segment.and_then(|at| disk.open(&directory.of(bases[at], OFFSET_INDEX)));
        let mut find = Find {
            tp: tp.clone(),
            server,
            target,
            segment,
            entries: found.as_mut().map(|one| std::mem::take(&mut one.offsets)).unwrap_or_default(),
            index_len: index.map_or(0, |file| disk.len(file)),
            batches: found
                .as_mut()
                .map(|one: &mut SegmentOnDisk| std::mem::take(&mut one.batches))
                .unwrap_or_default(),
            segments: bases,
            steps: Vec::new(),
        };
        if target < start || target > end {
            find.steps.push(Step::OutOfRange { start, end });
        } else {
            find.steps.push(Step::Segment);
            if target == end {
                find.steps.push(Step::End);
            } else {
                let position = find.search_index();
                find.scan(position);
            }
        }
        Some(find)
    }
}

impl Find {
    /// The name of a file of the segment that was found.
    pub fn file(&self, suffix: &str) -> String {
        let base = self.segment.map_or(Offset(0), |at| self.segments[at]);
        file_name(base, suffix)
    }

    /// The path of that file on the disk.
    pub fn path(&self, suffix: &str) -> String {
        let directory =
            Directory { log_dir: "", topic: &self.tp.topic, partition: self.tp.partition.0 };
        directory.file(&self.file(suffix))
    }

    /// Looks up the index as Kafka does. Returns where the scan begins.
    fn search_index(&mut self) -> u64 {
        let entries = &self.entries;
        let Ok(count) = u32::try_from(entries.len()) else { return 0 };
        if count == 0 {
            self.steps.push(Step::NoIndex);
            return 0;
        }
        let mut looked = Vec::new();
        let key = |slot: u32| entries[slot as usize].offset.0 as i64;
        let target = self.target.0 as i64;
        let slot = largest_lower_bound(count, 8, target, |slot| {
            looked.push(slot);
            key(slot)
        });
        let order = |slot: u32| key(slot).cmp(&target);
        let mut looked = looked.into_iter();
        let warm = looked.next().expect("an entry is looked at where there is one");
        self.steps.push(Step::Warm { slot: warm, order: order(warm) });
        let mut range = (warm, count - 1);
        if order(warm) != Ordering::Less {
            looked.next();
            if warm > 0 {
                self.steps.push(Step::First { order: order(0) });
            }
            range = (0, warm);
        }
        for slot in looked {
            self.steps.push(Step::Probe { slot, range, order: order(slot) });
            range = match order(slot) {
                Ordering::Greater => (range.0, slot - 1),
                Ordering::Less | Ordering::Equal => (slot, range.1),
            };
        }
        let position = slot.map_or(0, |slot| u64::from(entries[slot as usize].position));
        self.steps.push(Step::Position { slot, position });
        position
    }

    /// Goes from batch to batch, as Kafka does: a batch that begins after the target ends the scan.
    fn scan(&mut self, from: u64) {
        let first = self.batches.partition_point(|(at, _)| *at < from);
        let all = self.batches[first..].iter().map(|(position, batch)| Scanned {
            position: *position,
            base: batch.base_offset(),
            last: batch.last_offset(),
        });
        let mut passed: Vec<Scanned> = Vec::new();
        let mut end = None;
        for one in all {
            if one.base == self.target {
                end = Some((one, Verdict::Here));
                break;
            }
            if one.base > self.target {
                let held = passed.last().is_some_and(|before| before.last >= self.target);
                end = Some((one, if held { Verdict::After } else { Verdict::Gap }));
                break;
            }
            passed.push(one);
        }
        let found = match end {
            Some((one, Verdict::Here | Verdict::Gap)) => Some(one),
            _ => passed.last().copied(),
        };
        let shown = passed.len().min(ONE_BY_ONE);
        let verdict = Verdict::Before;
        for one in &passed[..shown] {
            self.steps.push(Step::Scan { batches: vec![*one], verdict });
        }
        if passed.len() > shown {
            self.steps.push(Step::Scan { batches: passed[shown..].to_vec(), verdict });
        }
        self.steps.extend(end.map(|(one, verdict)| Step::Scan { batches: vec![one], verdict }));
        let Some(found) = found else { return };
        self.steps.push(Step::Batch(found));
        self.record(found);
    }

    /// The record in the batch.
    fn record(&mut self, found: Scanned) {
        let index = self.batches.partition_point(|(at, _)| *at < found.position);
        let Some((at, batch)) = self.batches.get(index) else { return };
        let starts = super::batch::record_starts(batch);
        let mut records = batch.iter().map_while(Result::ok).zip(starts).enumerate();
        let record = records.find(|(_, (record, _))| record.offset >= self.target);
        if let Some((skipped, (_, start))) = record {
            let position = at + HEADER_LEN as u64 + start;
            self.steps.push(Step::Record { skipped, position });
        }
    }

    /// The batch that was found, with where it begins.
    pub fn found(&self) -> Option<(u64, &Batch)> {
        let position = self.steps.iter().find_map(|step| match step {
            Step::Batch(found) => Some(found.position),
            _ => None,
        })?;
        let index = self.batches.partition_point(|(at, _)| *at < position);
        self.batches.get(index).map(|(at, batch)| (*at, &**batch))
    }
}

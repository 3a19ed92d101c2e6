//! What lies on disks: L5 (batches are whole, and those that were appended), L6 (indexes), L7
//! (segments).
//!
//! Read through [`Lens::disk`] alone, file by file, as if by somebody who knows the formats and no
//! process. What was looked at once and not cut since is not looked at again. A disk that lost power may
//! end in half a batch: it is looked at again when a process has opened the log and put it right.

use super::Id;
use super::violation::{Report, Subject, Text, text};
use super::world::partition::Partition;
use super::world::replica::{Inspected, Replica};
use super::world::tree::{BatchId, ROOT, Tree};
use crate::ids::{Offset, Timestamp, TopicPartition};
use crate::log::{Log, SegmentOnDisk, segments_on_disk};
use crate::protocol::Batch;
use crate::view::Lens;

/// What is wrong, and what says so.
type Problem = Option<(Text, Text)>;

/// Looks at the files of all replicas of `partition`.
pub(super) fn inspect(lens: Lens<'_>, partition: &mut Partition, report: &mut Report) {
    let Partition { tp, registered, replicas, tree, .. } = partition;
    for replica in replicas.iter_mut() {
        let is_assigned =
            registered.as_ref().is_none_or(|state| state.replicas.contains(&replica.broker));
        let disk = lens.node_of(replica.broker).and_then(|node| lens.disk(node));
        let Some(disk) = disk.filter(|_| is_assigned && !replica.is_torn) else { continue };
        let before = replica.inspected;
        let segments = segments_on_disk(disk, tp, (before.segment, before.position));
        if segments.is_empty() && replica.tip == ROOT {
            // Nothing was ever written to it: its files are implied.
            continue;
        }
        let subject = || Subject::Replica(tp.clone(), replica.broker);
        let wrong = batches(replica, tree, &segments);
        report.judge(Id::L5, wrong.is_none(), || {
            let (found, against) = wrong.unwrap_or_default();
            (subject(), found, against)
        });
        let mut largest = before.largest;
        let mut wrong = None;
        for segment in &segments {
            if segment.base_offset != before.segment {
                largest = Timestamp(-1);
            }
            let is_judged = !replica.believes_torn;
            wrong = wrong.or_else(|| is_judged.then(|| indexes(segment, &mut largest)).flatten());
        }
        report.judge(Id::L6, wrong.is_none(), || {
            let (found, against) = wrong.unwrap_or_default();
            (subject(), found, against)
        });
        let wrong = files(replica, &segments);
        report.judge(Id::L7, wrong.is_none(), || {
            let (found, against) = wrong.unwrap_or_default();
            (subject(), found, against)
        });
        if let Some(last) = segments.last() {
            replica.inspected = Inspected {
                segment: last.base_offset,
                position: last.whole,
                next: replica.end,
                largest,
            };
        }
    }
}

/// L5: the batches are whole, and the ones that were appended.
fn batches(replica: &Replica, tree: &Tree, segments: &[SegmentOnDisk]) -> Problem {
    let mut expected = Vec::new();
    let mut id = replica.tip;
    while id != ROOT && tree[id].next > replica.inspected.next {
        expected.push(id);
        id = tree[id].parent;
    }
    let mut last: Option<BatchId> = None;
    for segment in segments {
        for (position, batch) in &segment.batches {
            let place = || {
                let (base, file) = (batch.base_offset(), segment.base_offset);
                text!(
                    "the batch at {} lies at byte {} of segment {}",
                    "位移 {} 处的批次位于段 {2} 的第 {1} 字节",
                    base,
                    position,
                    file
                )
            };
            if let Some(damage) = damage(batch) {
                return Some((place(), damage));
            }
            // Older segments were deleted.
            let is_gone = |id: &mut BatchId| {
                tree[*id].next <= batch.base_offset() && tree[*id].next <= replica.start
            };
            while last.is_none() && expected.pop_if(is_gone).is_some() {}
            match expected.pop() {
                Some(id) if tree[id].is(batch) => last = Some(id),
                other => {
                    let name = other.map(|id| tree[id].name());
                    return Some((place(), text!("appended was {:?}", "所追加的是 {:?}", name)));
                }
            }
        }
        if segment.whole < segment.size {
            let (whole, size) = (segment.whole, segment.size);
            let found =
                text!("segment {} has {} bytes", "段 {} 共 {} 字节", segment.base_offset, size);
            return Some((found, text!("its batches end at {}", "其批次止于 {}", whole)));
        }
    }
    expected.first().filter(|id| tree[**id].next > replica.start).map(|missing| {
        let found = text!("the files end before {}", "文件在 {} 之前结束", tree[*missing].name());
        (found, text!("it was appended, and not cut off", "它已追加且未被截断"))
    })
}

/// What is wrong with a batch by itself.
fn damage(batch: &Batch) -> Option<Text> {
    let length = i32::from_be_bytes(*batch.header()[8..].first_chunk().expect("a header has it"));
    let (size, count) = (batch.size_in_bytes(), batch.count());
    if batch.magic() != 2 {
        return Some(text!("its magic is {}", "其 magic 为 {}", batch.magic()));
    }
    if i64::from(length) + 12 != size as i64 {
        return Some(text!("its length field says {}", "其长度字段为 {}", length));
    }
    if batch.computed_crc() != batch.crc() {
        let (stored, computed) = (batch.crc(), batch.computed_crc());
        return Some(text!(
            "its CRC says {:08x}, and its bytes have {:08x}",
            "其 CRC 字段为 {:08x}，而其内容算出 {:08x}",
            stored,
            computed
        ));
    }
    if let Some((index, error)) = batch.iter().zip(0..).find_map(|(one, n)| Some((n, one.err()?))) {
        let index: i32 = index;
        return Some(text!("record {}: {}", "第 {} 条记录：{}", index, error));
    }
    (batch.iter().count() as i32 != count)
        .then(|| text!("it says that it holds {}", "它声称含 {} 条", count))
}

/// L6: entries increase, and point at batches that they are about.
fn indexes(segment: &SegmentOnDisk, largest: &mut Timestamp) -> Problem {
    let name = || text!("segment {}", "段 {}", segment.base_offset);
    let first = segment.batches.first().map_or(segment.whole, |(position, _)| *position);
    for pair in segment.offsets.windows(2) {
        if pair[0].offset >= pair[1].offset || pair[0].position >= pair[1].position {
            return Some((name(), text!("its offset index has {:?}", "其位移索引有 {:?}", pair)));
        }
    }
    for entry in segment.offsets.iter().filter(|entry| u64::from(entry.position) >= first) {
        let at = u64::from(entry.position);
        let known = segment.batches.binary_search_by_key(&at, |(position, _)| *position);
        let batch = known.ok().map(|index| &segment.batches[index].1);
        let is_in = batch.is_some_and(|batch| {
            batch.base_offset() <= entry.offset && entry.offset <= batch.last_offset()
        });
        if !is_in {
            let lies = batch.map(|batch| (batch.base_offset(), batch.last_offset()));
            let found = text!(
                "segment {}: its index says that {} lies at byte {}",
                "段 {}：索引称位移 {} 位于第 {} 字节",
                segment.base_offset,
                entry.offset,
                entry.position
            );
            return Some((found, text!("there lies {:?}", "那里是 {:?}", lies)));
        }
    }
    for pair in segment.times.windows(2) {
        if pair[0].timestamp > pair[1].timestamp || pair[0].offset > pair[1].offset {
            return Some((name(), text!("its time index has {:?}", "其时间索引有 {:?}", pair)));
        }
    }
    let mut times = segment.times.iter().peekable();
    for (_, batch) in &segment.batches {
        while times.next_if(|entry| entry.offset < batch.last_offset()).is_some() {}
        *largest = (*largest).max(batch.max_timestamp());
        if let Some(entry) = times.peek().filter(|entry| entry.timestamp < *largest) {
            let found = text!(
                "segment {}: the time index says that nothing up to {} is later than {}",
                "段 {}：时间索引称位移 {} 及之前没有晚于 {} 的记录",
                segment.base_offset,
                entry.offset,
                entry.timestamp.0
            );
            let against = text!(
                "at {} there is something of {}",
                "位移 {} 处或之前有时间为 {} 的记录",
                batch.base_offset(),
                largest.0
            );
            return Some((found, against));
        }
    }
    None
}

/// L7: segments follow on one another, and only the last takes appends.
fn files(replica: &Replica, segments: &[SegmentOnDisk]) -> Problem {
    let first = segments.first()?;
    if first.base_offset > replica.start.max(replica.inspected.segment) {
        let found = text!("the first segment is {}", "首段为 {}", first.base_offset);
        return Some((found, text!("the log begins at {}", "日志始于 {}", replica.start)));
    }
    for (index, segment) in segments.iter().enumerate() {
        let name = || text!("segment {}", "段 {}", segment.base_offset);
        let begins = segment.batches.first().map(|(_, batch)| batch.base_offset());
        let was_seen =
            segment.base_offset == replica.inspected.segment && replica.inspected.position > 0;
        if begins.is_some_and(|begins| begins != segment.base_offset && !was_seen) {
            return Some((
                name(),
                text!("its first batch is at {:?}", "其首个批次位于 {:?}", begins),
            ));
        }
        let Some(next) = segments.get(index + 1) else { break };
        let ends = segment.batches.last().map(|(_, batch)| batch.next_offset());
        if ends.is_some_and(|ends| ends != next.base_offset) {
            let against = text!("it ends at {:?}", "它止于 {:?}", ends);
            let next = next.base_offset;
            return Some((text!("segment {} comes next", "其后为段 {}", next), against));
        }
        if !segment.is_trimmed {
            let found = text!("its indexes have room for more", "其索引仍留有空间");
            return Some((
                found,
                text!("segment {} is not the last", "段 {} 不是末段", segment.base_offset),
            ));
        }
    }
    None
}

/// L7: a segment was begun because the one before it could not take what came.
pub(super) fn on_rolled(
    lens: Lens<'_>,
    (tp, broker): (&TopicPartition, crate::ids::BrokerId),
    base: Offset,
    by_retention: bool,
    report: &mut Report,
) {
    let Some(log) = lens.log(tp, broker) else { return };
    let mut newest = log.segments().rev().skip_while(|segment| segment.base_offset() > base);
    let (Some(active), Some(before)) = (newest.next(), newest.next()) else { return };
    if active.base_offset() != base {
        return;
    }
    let disk = lens.node_of(broker).and_then(|node| lens.disk(node));
    let (Some(disk), Some(file)) = (disk, before.log_file()) else { return };
    let config = log.config();
    let come: Vec<_> = lens.batches(tp, broker, base).into_iter().flatten().collect();
    let size: u64 = come.iter().map(|batch| batch.size_in_bytes()).sum();
    let too_large = before.size() + size > u64::from(config.segment_size());
    let latest = come.iter().map(|batch| batch.max_timestamp()).max();
    let first = disk.rope(file).blocks_from(0).next().and_then(|(_, block)| match block {
        crate::sim::disk::Block::Content(batch) => Some(batch.max_timestamp()),
        _ => None,
    });
    let span = config.max_segment_ms() - config.segment_jitter_ms;
    let too_old = match (first, latest) {
        (Some(first), Some(latest)) if first.0 >= 0 => latest.0 - first.0 > span,
        // Its age counts from when it was begun, which no file says.
        _ => true,
    };
    let room = config.segment_index_bytes;
    let is_full = (before.offset_index().entries() + 1) * 8 > room
        || (before.time_index().entries() + 2) * 12 > room;
    let is_right = by_retention || too_large || too_old || is_full;
    report.judge(Id::L7, is_right, || {
        let found = text!(
            "segment {} was begun for {} bytes; the one before it has {}",
            "为 {1} 字节新开段 {0}；前一段有 {2} 字节",
            base,
            size,
            before.size()
        );
        let against = text!(
            "segment.bytes is {}, segment.ms {}; from {:?} to {:?}",
            "segment.bytes 为 {}，segment.ms 为 {}；从 {:?} 到 {:?}",
            config.segment_size(),
            config.max_segment_ms(),
            first,
            latest
        );
        (Subject::Replica(tp.clone(), broker), found, against)
    });
}

/// L7: what was appended did not make the segment larger than it may be.
pub(super) fn on_appended(
    tp: &TopicPartition,
    broker: crate::ids::BrokerId,
    log: &Log,
    report: &mut Report,
) {
    let (size, limit) = (log.active_segment().size(), log.config().segment_size());
    report.judge(Id::L7, size <= u64::from(limit), || {
        let found = text!("the last segment has {} bytes", "末段有 {} 字节", size);
        let against = text!("segment.bytes is {}", "segment.bytes 为 {}", limit);
        (Subject::Replica(tp.clone(), broker), found, against)
    });
}

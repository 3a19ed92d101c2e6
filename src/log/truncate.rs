//! Cutting off the end of a log, or all of it.
//!
//! In Kafka: `UnifiedLog.truncateTo`, `truncateFullyAndStartAt`, `rebuildProducerState`.

use super::body::{Body, Task};
use super::file_records::batches;
use super::producer_state::{ProducerAppends, ProducerState};
use super::segment::Segment;
use super::segments::Segments;
use super::unified_log::Place;
use super::{AppendOrigin, Disk, Log};
use crate::fact::Fact;
use crate::feature::mutant;
use crate::ids::{Offset, Timestamp};
use crate::node::Outbox;

impl Log {
    /// Cuts off all records from `offset` on, and the batch that holds it. Returns true if there was
    /// something to cut.
    pub fn truncate_to(&mut self, disk: &mut Disk, offset: Offset, out: &mut Outbox) -> bool {
        let from = self.log_end_offset();
        if offset >= from {
            self.truncate_epochs_at_end();
            return false;
        }
        if self.body.segments.first_base_offset().is_some_and(|first| first > offset) {
            self.truncate_fully_and_start_at(disk, offset, None, out);
            return true;
        }
        let (place, body) = self.parts();
        let keep = body.segments.floor(offset).expect("the first segment begins before") + 1;
        let removed = body.segments.split_off(keep);
        body.remove_segments(disk, place, &removed, out.wall);
        body.segments.active_mut().truncate_to(disk, place.directory(), offset, out.wall);
        body.set_log_end_offset(offset);
        body.remove_snapshots(disk, place, &removed, out.wall);
        if !mutant!(out, TruncationKeepsEpochs) && body.epochs.truncate_from_end(offset) {
            body.tasks.push(Task::WriteEpochs);
        }
        body.log_start_offset = body.log_start_offset.min(offset);
        body.rebuild_producers(disk, place, offset, out.wall);
        if body.high_watermark >= offset && !mutant!(out, TruncationKeepsHighWatermark) {
            body.set_high_watermark(offset);
        }
        out.fact(|| Fact::LogTruncated { tp: place.tp(), from, to: offset });
        true
    }

    /// Removes everything; the log begins anew at `offset`. Its log start offset may lie further on.
    pub fn truncate_fully_and_start_at(
        &mut self,
        disk: &mut Disk,
        offset: Offset,
        log_start_offset: Option<Offset>,
        out: &mut Outbox,
    ) {
        self.materialize(disk);
        let from = self.log_end_offset();
        let (place, body) = self.parts();
        let directory = place.directory();
        let removed = body.segments.split_off(0);
        body.remove_segments(disk, place, &removed, out.wall);
        let mut segment = Segment::new(offset, place.config(), out.wall);
        segment.touch_log(disk, directory);
        body.segments.push(segment);
        body.set_log_end_offset(offset);
        body.epochs.clear();
        body.write_epochs(disk, place);
        body.producers.truncate_fully_and_start_at(disk, directory, offset);
        body.log_start_offset = log_start_offset.unwrap_or(offset);
        body.rebuild_producers(disk, place, offset, out.wall);
        body.set_high_watermark(offset);
        out.fact(|| Fact::LogTruncated { tp: place.tp(), from, to: offset });
    }
}

impl Body {
    /// The files of segments that are out of the log are renamed, and removed a while later.
    pub(super) fn remove_segments(
        &mut self,
        disk: &mut Disk,
        place: Place<'_>,
        removed: &[Segment],
        now: Timestamp,
    ) {
        let renamed = removed
            .iter()
            .flat_map(|segment| segment.mark_deleted(disk, place.directory()))
            .collect();
        self.delete_later(renamed, place, now);
    }

    /// The snapshots of removed segments go the same way.
    pub(super) fn remove_snapshots(
        &mut self,
        disk: &mut Disk,
        place: Place<'_>,
        removed: &[Segment],
        now: Timestamp,
    ) {
        let mut renamed = Vec::new();
        for segment in removed {
            let base = segment.base_offset();
            let producers = &mut self.producers;
            renamed.extend(producers.mark_snapshot_for_deletion(disk, place.directory(), base));
        }
        self.delete_later(renamed, place, now);
    }

    fn rebuild_producers(
        &mut self,
        disk: &mut Disk,
        place: Place<'_>,
        last_offset: Offset,
        now: Timestamp,
    ) {
        let range = (self.log_start_offset, last_offset);
        rebuild(disk, place, &mut self.producers, &mut self.segments, range, now, false);
    }
}

/// Brings `producers` to the state as of `last_offset`: from the newest snapshot, and the batches
/// after it. A log that was closed properly and has no snapshot is from before there were any:
/// its producers are taken as forgotten.
pub(super) fn rebuild(
    disk: &mut Disk,
    place: Place<'_>,
    producers: &mut ProducerState,
    segments: &mut Segments,
    (log_start_offset, last_offset): (Offset, Offset),
    now: Timestamp,
    was_clean: bool,
) {
    let directory = place.directory();
    let newest = segments.len().saturating_sub(2)..segments.len();
    let snapshot_at: Vec<_> = newest
        .filter_map(|index| segments.get(index).map(Segment::base_offset))
        .chain([last_offset])
        .collect();
    if was_clean && producers.latest_snapshot_offset().is_none() {
        for offset in snapshot_at {
            producers.set_map_end_offset(offset);
            producers.take_snapshot(disk, directory, true);
        }
        return;
    }
    let was_empty = producers.is_empty() && producers.map_end_offset() >= last_offset;
    let expiration_ms = place.home.producer_id_expiration_ms;
    let range = (log_start_offset, last_offset);
    producers.truncate_and_reload(disk, directory, range, now, expiration_ms);
    if last_offset > producers.map_end_offset() && !was_empty {
        let last_segment = segments.floor(last_offset);
        for index in segments.range(producers.map_end_offset(), last_offset) {
            let segment = segments.get_mut(index);
            let base = segment.base_offset();
            let start = base.max(producers.map_end_offset()).max(log_start_offset);
            producers.set_map_end_offset(start);
            if snapshot_at.contains(&base) {
                producers.take_snapshot(disk, directory, true);
            }
            let end = (last_segment == Some(index)).then_some(last_offset);
            replay(disk, place, producers, segment, start, end);
        }
    }
    producers.set_map_end_offset(last_offset);
    producers.take_snapshot(disk, directory, true);
}

/// Takes in what the batches of `segment` say, from the one with `start` to before the one with
/// `end`, or to the segment's end.
fn replay(
    disk: &mut Disk,
    place: Place<'_>,
    producers: &mut ProducerState,
    segment: &mut Segment,
    start: Offset,
    end: Option<Offset>,
) {
    let directory = place.directory();
    let Ok(Some(from)) = segment.translate_offset(disk, directory, start) else { return };
    let to = end.and_then(|end| segment.translate_offset(disk, directory, end).ok().flatten());
    let to = to.map_or(segment.size(), |to| to.position);
    let Some(log) = segment.log_file() else { return };
    let mut appends = ProducerAppends::new();
    let mut completed = Vec::new();
    for (_, batch) in batches(disk.rope(log), from.position, to).map_while(Result::ok) {
        // What is in the log was checked by a leader; what it let pass is not judged again.
        if let Ok(txn) = producers.check(&batch, AppendOrigin::Replication, &mut appends) {
            completed.extend(txn);
        }
    }
    producers.update_all(appends);
    for txn in &completed {
        producers.complete(txn);
    }
    disk.charge_read(log, to.saturating_sub(from.position));
}

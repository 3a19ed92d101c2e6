//! What a log consists of, and what changes it from inside: rolling, flushing, moving its offsets.
//!
//! In Kafka: `LocalLog`, and the fields of `UnifiedLog`.

use super::checkpoint::epochs_text;
use super::names::LEADER_EPOCH_CHECKPOINT;
use super::producer_state::ProducerState;
use super::segment::Segment;
use super::segments::Segments;
use super::unified_log::Place;
use super::{Disk, EpochCache, LogConfig};
use crate::fact::Fact;
use crate::ids::{Offset, Timestamp};
use crate::node::Outbox;

/// Something that a background thread does for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// Bring the segments before `up_to`, and the snapshot of that roll, to the medium.
    Flush { up_to: Offset, snapshot: Option<Offset> },
    /// Write `leader-epoch-checkpoint`.
    WriteEpochs,
    /// Remove files that were renamed.
    Delete { at: Timestamp, paths: Vec<String> },
}

impl Task {
    /// When it is due.
    pub(super) fn due(&self) -> Timestamp {
        match self {
            Self::Flush { .. } | Self::WriteEpochs => Timestamp(i64::MIN),
            Self::Delete { at, .. } => *at,
        }
    }
}

/// What a log consists of. Logs that nobody has written to share one.
#[derive(Clone, Debug)]
pub(super) struct Body {
    pub(super) segments: Segments,
    pub(super) epochs: EpochCache,
    pub(super) producers: ProducerState,
    pub(super) log_start_offset: Offset,
    pub(super) log_end_offset: Offset,
    pub(super) high_watermark: Offset,
    /// False while nobody has looked where the high watermark lies.
    pub(super) high_watermark_located: bool,
    pub(super) first_unstable_offset: Option<Offset>,
    pub(super) recovery_point: Offset,
    pub(super) last_flushed: Timestamp,
    /// False while its files are implied.
    pub(super) on_disk: bool,
    pub(super) tasks: Vec<Task>,
}

impl Body {
    /// The contents of a new log.
    pub(super) fn pristine(config: &LogConfig, now: Timestamp) -> Self {
        let mut segments = Segments::default();
        segments.push(Segment::new(Offset(0), config, now));
        Self {
            segments,
            epochs: EpochCache::default(),
            producers: ProducerState::default(),
            log_start_offset: Offset(0),
            log_end_offset: Offset(0),
            high_watermark: Offset(0),
            high_watermark_located: false,
            first_unstable_offset: None,
            recovery_point: Offset(0),
            last_flushed: now,
            on_disk: false,
            tasks: Vec::new(),
        }
    }

    /// True when a log with these settings begins like this.
    pub(super) fn fits(&self, config: &LogConfig) -> bool {
        self.segments.active().fits(config)
    }

    pub(super) fn set_high_watermark(&mut self, offset: Offset) {
        let offset = offset.clamp(self.log_start_offset, self.log_end_offset);
        self.high_watermark = offset;
        self.high_watermark_located = offset == self.log_end_offset;
        self.producers.on_high_watermark(offset);
        self.update_first_unstable_offset();
    }

    pub(super) fn update_first_unstable_offset(&mut self) {
        let first = self.producers.first_unstable_offset();
        self.first_unstable_offset = first.map(|offset| offset.max(self.log_start_offset));
    }

    pub(super) fn set_log_end_offset(&mut self, offset: Offset) {
        self.log_end_offset = offset;
        self.recovery_point = self.recovery_point.min(offset);
    }

    pub(super) fn set_log_start_offset(&mut self, offset: Offset) {
        self.log_start_offset = offset;
        if self.high_watermark < offset {
            self.set_high_watermark(offset);
        }
        self.recovery_point = self.recovery_point.max(offset);
    }

    pub(super) fn write_epochs(&self, disk: &mut Disk, place: Place<'_>) {
        let path = place.directory().file(LEADER_EPOCH_CHECKPOINT);
        disk.replace(&path, epochs_text(self.epochs.entries()));
    }

    /// Files are removed a while after they were renamed, so that readers can finish.
    pub(super) fn delete_later(&mut self, paths: Vec<String>, place: Place<'_>, now: Timestamp) {
        if !paths.is_empty() {
            let at = Timestamp(now.0 + place.config().file_delete_delay_ms);
            self.tasks.push(Task::Delete { at, paths });
        }
    }

    /// Makes a new segment the active one. It begins at `expected`, or where the log ends.
    pub(super) fn roll(
        &mut self,
        disk: &mut Disk,
        place: Place<'_>,
        expected: Option<Offset>,
        out: &mut Outbox,
    ) {
        let directory = place.directory();
        let base_offset = expected.unwrap_or_default().max(self.log_end_offset);
        let mut segment = Segment::new(base_offset, place.config(), out.wall);
        let active = self.segments.active_mut();
        if active.base_offset() == base_offset && active.size() == 0 {
            // Nothing was written to it: the new one takes its place and its name.
            active.touch_indexes(disk, directory);
            let paths = active.mark_deleted(disk, directory);
            *active = segment;
            active.touch_log(disk, directory);
            self.delete_later(paths, place, out.wall);
        } else {
            assert!(base_offset > active.base_offset(), "a segment begins after the last one");
            active.on_become_inactive(disk, directory);
            segment.delete_files(disk, directory);
            segment.touch_log(disk, directory);
            self.segments.push(segment);
        }
        self.producers.set_map_end_offset(base_offset);
        let snapshot = self.producers.take_snapshot(disk, directory, false);
        if self.high_watermark >= self.log_end_offset {
            self.set_high_watermark(self.log_end_offset);
        }
        self.tasks.push(Task::Flush { up_to: base_offset, snapshot });
        out.fact(|| Fact::SegmentRolled { tp: place.tp(), base_offset });
    }

    /// Brings what lies before `up_to` to the medium; `reach` is beyond it where the active segment
    /// counts even if it begins there.
    pub(super) fn flush(
        &mut self,
        disk: &mut Disk,
        place: Place<'_>,
        up_to: Offset,
        reach: Offset,
        now: Timestamp,
    ) {
        // Something may have been cut off since this was planned.
        let up_to = up_to.min(self.log_end_offset);
        if reach <= self.recovery_point {
            return;
        }
        for index in self.segments.range(self.recovery_point, reach) {
            self.segments.get_mut(index).flush(disk, place.directory());
        }
        if up_to > self.recovery_point {
            self.recovery_point = up_to;
            self.last_flushed = now;
        }
    }
}

//! Deleting oldest segments: those before the log start offset, those too many, those too old.
//!
//! In Kafka: `UnifiedLog.deleteOldSegments`. Files are renamed at once and removed a while later.

use super::body::Body;
use super::segment::Segment;
use super::unified_log::Place;
use super::{Disk, Log};
use crate::ids::Offset;
use crate::node::Outbox;

impl Log {
    /// Deletes the segments that the settings do not keep. Returns how many.
    pub fn delete_old_segments(&mut self, disk: &mut Disk, out: &mut Outbox) -> usize {
        if self.is_implied() {
            return 0;
        }
        let mut deleted = self.delete_before_log_start(disk, out);
        if self.config().delete {
            deleted += self.delete_beyond_size(disk, out);
            deleted += self.delete_by_age(disk, out);
        }
        deleted
    }

    fn delete_before_log_start(&mut self, disk: &mut Disk, out: &mut Outbox) -> usize {
        let log_start_offset = self.log_start_offset();
        let before = |_: &mut Segment, next: Option<Offset>| {
            next.is_some_and(|next| next <= log_start_offset)
        };
        self.delete_while(disk, out, before)
    }

    fn delete_beyond_size(&mut self, disk: &mut Disk, out: &mut Outbox) -> usize {
        let (size, allowed) = (self.size() as i64, self.config().retention_bytes);
        if allowed < 0 || size < allowed {
            return 0;
        }
        let mut beyond = size - allowed;
        // What is left must not fall short of what is allowed.
        let fits = move |segment: &mut Segment, _: Option<Offset>| {
            let left = beyond - segment.size() as i64;
            if left >= 0 {
                beyond = left;
            }
            left >= 0
        };
        self.delete_while(disk, out, fits)
    }

    fn delete_by_age(&mut self, disk: &mut Disk, out: &mut Outbox) -> usize {
        let (retention_ms, now) = (self.config().retention_ms, out.wall);
        if retention_ms < 0 {
            return 0;
        }
        let old = |segment: &mut Segment, _: Option<Offset>| {
            now.0 - segment.largest_timestamp().0 > retention_ms
        };
        self.delete_while(disk, out, old)
    }

    /// Deletes the first segments for which `condition` holds, all of them below the high watermark.
    fn delete_while(
        &mut self,
        disk: &mut Disk,
        out: &mut Outbox,
        condition: impl FnMut(&mut Segment, Option<Offset>) -> bool,
    ) -> usize {
        let (place, body) = self.parts();
        let deletable = body.deletable(condition);
        if deletable == 0 {
            return 0;
        }
        let removed = body.take_first(disk, place, deletable, out);
        if let Some(first) = self.body.segments.first_base_offset() {
            self.maybe_increment_log_start_offset(first, out);
        }
        let (place, body) = self.parts();
        body.remove_segments(disk, place, &removed, out.wall);
        body.remove_snapshots(disk, place, &removed, out.wall);
        deletable
    }
}

impl Body {
    fn deletable(
        &mut self,
        mut condition: impl FnMut(&mut Segment, Option<Offset>) -> bool,
    ) -> usize {
        let count = self.segments.len();
        (0..count)
            .take_while(|index| {
                let next = self.segments.get(index + 1).map(Segment::base_offset);
                let segment = self.segments.get_mut(*index);
                let below = self.high_watermark >= next.unwrap_or(self.log_end_offset);
                let is_empty_active = next.is_none() && segment.size() == 0;
                below && condition(segment, next) && !is_empty_active
            })
            .count()
    }

    /// Takes the first `count` segments out. The log keeps a segment: where all go, a new one comes.
    fn take_first(
        &mut self,
        disk: &mut Disk,
        place: Place<'_>,
        count: usize,
        out: &mut Outbox,
    ) -> Vec<Segment> {
        if count == self.segments.len() {
            self.roll(disk, place, None, out);
        }
        self.segments.remove_first(count)
    }
}

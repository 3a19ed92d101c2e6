//! The segments of a log in the order of their base offsets; the last one takes the appends.
//!
//! In Kafka: `LogSegments`.

use super::segment::Segment;
use crate::ids::Offset;
use crate::sim::CowList;

/// The segments of a log. A log that is not just being loaded has at least one.
#[derive(Clone, Debug, Default)]
pub(super) struct Segments {
    /// All but the last: they hardly change, and clones share them.
    closed: CowList<Segment>,
    active: Option<Segment>,
}

impl Segments {
    pub(super) fn len(&self) -> usize {
        self.closed.len() + usize::from(self.active.is_some())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.active.is_none()
    }

    /// Adds a segment after all others.
    pub(super) fn push(&mut self, segment: Segment) {
        if let Some(active) = self.active.replace(segment) {
            self.closed.push(active);
        }
    }

    pub(super) fn active(&self) -> &Segment {
        self.active.as_ref().expect("a log has a segment")
    }

    pub(super) fn active_mut(&mut self) -> &mut Segment {
        self.active.as_mut().expect("a log has a segment")
    }

    pub(super) fn get(&self, index: usize) -> Option<&Segment> {
        if index == self.closed.len() { self.active.as_ref() } else { self.closed.get(index) }
    }

    pub(super) fn get_mut(&mut self, index: usize) -> &mut Segment {
        if index == self.closed.len() { self.active_mut() } else { &mut self.closed[index] }
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Segment> {
        self.closed.iter().chain(&self.active)
    }

    pub(super) fn first_base_offset(&self) -> Option<Offset> {
        self.get(0).map(Segment::base_offset)
    }

    /// The index of the last segment that begins at or before `offset`.
    pub(super) fn floor(&self, offset: Offset) -> Option<usize> {
        if self.active.as_ref().is_some_and(|active| active.base_offset() <= offset) {
            return Some(self.closed.len());
        }
        self.closed.partition_point(|segment| segment.base_offset() <= offset).checked_sub(1)
    }

    /// The indexes of the segments with records in `from..to`: from the one that holds `from` on, if
    /// one does.
    pub(super) fn range(&self, from: Offset, to: Offset) -> std::ops::Range<usize> {
        if from == to {
            return 0..0;
        }
        let first = self.floor(from).unwrap_or(0);
        let end = match &self.active {
            Some(active) if active.base_offset() < to => self.len(),
            _ => self.closed.partition_point(|segment| segment.base_offset() < to),
        };
        first..end.max(first)
    }

    /// Removes the first `count` segments, oldest first.
    pub(super) fn remove_first(&mut self, count: usize) -> Vec<Segment> {
        let mut all: Vec<_> = std::mem::take(self).into_vec();
        let rest = all.split_off(count);
        for segment in rest {
            self.push(segment);
        }
        all
    }

    /// Removes the segments from index `first` on.
    pub(super) fn split_off(&mut self, first: usize) -> Vec<Segment> {
        let mut removed = Vec::new();
        while self.len() > first {
            let active = std::mem::replace(&mut self.active, self.closed.pop());
            removed.extend(active);
        }
        removed.reverse();
        removed
    }

    fn into_vec(self) -> Vec<Segment> {
        self.closed.iter().cloned().chain(self.active).collect()
    }
}

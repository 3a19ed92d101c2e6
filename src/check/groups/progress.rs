//! How far a group's applications are in a partition: P5 (nothing is committed that was not processed;
//! with commits before the work, nothing is processed twice).

use std::collections::BTreeMap;

use crate::check::Id;
use crate::check::violation::{Report, Subject, text};
use crate::check::world::partition::Partition;
use crate::ids::{Name, Offset};

/// What the applications of a group did in one partition.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    /// Everything before is processed, or was passed over for a reason.
    frontier: Offset,
    /// Stretches beyond it that are processed: where they begin and end.
    done: BTreeMap<Offset, Offset>,
}

impl Progress {
    /// The first member of the group begins at `offset`.
    pub(super) const fn beginning_at(offset: Offset) -> Self {
        Self { frontier: offset, done: BTreeMap::new() }
    }

    /// Records `from..to` are processed. True if some of them had been before.
    pub(super) fn note(&mut self, from: Offset, to: Offset) -> bool {
        if from >= to {
            return false;
        }
        let overlaps = from < self.frontier
            || self.done.range(..to).next_back().is_some_and(|(_, end)| *end > from);
        let (mut first, mut last) = (from, to);
        while let Some((start, end)) = self.done.range(..=last).next_back() {
            let (start, end) = (*start, *end);
            if end < first {
                break;
            }
            self.done.remove(&start);
            (first, last) = (first.min(start), last.max(end));
        }
        self.done.insert(first, last);
        self.advance();
        overlaps
    }

    fn advance(&mut self) {
        while let Some((start, end)) = self.done.first_key_value() {
            if *start > self.frontier {
                break;
            }
            self.frontier = self.frontier.max(*end);
            self.done.pop_first();
        }
    }

    /// Somebody set the position to `offset`: what is passed over is not waited for, what lies after
    /// may come again.
    pub(super) fn jump(&mut self, offset: Offset, comes_again: bool) {
        if offset > self.frontier {
            self.frontier = offset;
            self.advance();
        } else if comes_again {
            self.frontier = offset;
            self.done.clear();
        }
    }

    /// How many records before `committed` nobody processed.
    pub(super) fn unprocessed(&self, committed: Offset, partition: &Partition) -> u64 {
        let is_done = |offset: Offset| {
            let stretch = self.done.range(..=offset).next_back();
            stretch.is_some_and(|(_, end)| offset < *end)
        };
        let from = self.frontier.max(partition.official.start);
        let mut count = 0;
        for id in partition.official.from(&partition.tree, from) {
            let batch = &partition.tree[id];
            if batch.base >= committed {
                break;
            }
            if !batch.is_control {
                let offsets = batch.base.max(from).0..batch.next.min(committed).0;
                count += offsets.filter(|offset| !is_done(Offset(*offset))).count() as u64;
            }
        }
        count
    }

    /// The first record before `committed` that nobody processed.
    fn first_unprocessed(&mut self, committed: Offset, partition: &Partition) -> Option<Offset> {
        self.frontier = self.frontier.max(partition.official.start);
        self.advance();
        for id in partition.official.from(&partition.tree, self.frontier) {
            let batch = &partition.tree[id];
            if batch.base >= committed || self.frontier >= committed {
                return None;
            }
            if batch.next <= self.frontier {
                continue;
            }
            if !batch.is_control {
                return Some(self.frontier.max(batch.base));
            }
            self.frontier = batch.next;
            self.advance();
        }
        None
    }
}

/// P5, at least once: `offset` is committed, and everything before it is processed.
pub(super) fn judge_processed(
    group: &Name,
    offset: Offset,
    progress: &mut Progress,
    partition: &Partition,
    report: &mut Report,
) {
    let missing = progress.first_unprocessed(offset, partition);
    report.judge(Id::P5, missing.is_none(), || {
        let tp = &partition.tp;
        let found = text!("{} is committed for {}", "{1} 已提交 {0}", offset, tp);
        let missing = missing.unwrap_or_default();
        let against =
            text!("nobody has processed the record at {}", "位移 {} 的记录无人处理", missing);
        // Told once.
        progress.jump(offset, false);
        (Subject::Group(group.clone()), found, against)
    });
}

/// P5, at most once: records `from..to` are processed, and had not been.
pub(super) fn judge_once(
    group: &Name,
    (from, to): (Offset, Offset),
    again: bool,
    partition: &Partition,
    report: &mut Report,
) {
    report.judge(Id::P5, !again, || {
        let tp = &partition.tp;
        let found = text!("{}..{} of {} is processed", "{2} 的 {0}..{1} 得到处理", from, to, tp);
        let against = text!(
            "commits come before the work, and some of it had been processed",
            "提交先于处理，而其中一部分此前已经处理过"
        );
        (Subject::Group(group.clone()), found, against)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_grow_together() {
        let mut progress = Progress::beginning_at(Offset(10));
        assert!(!progress.note(Offset(20), Offset(30)));
        assert!(!progress.note(Offset(40), Offset(50)));
        assert!(!progress.note(Offset(30), Offset(40)));
        assert_eq!(progress.done.len(), 1);
        assert!(progress.note(Offset(25), Offset(26)));
        assert!(!progress.note(Offset(10), Offset(20)));
        assert_eq!((progress.frontier, progress.done.len()), (Offset(50), 0));
        assert!(progress.note(Offset(49), Offset(51)));
    }

    #[test]
    fn what_is_passed_over_is_not_waited_for() {
        let mut progress = Progress::beginning_at(Offset(0));
        progress.note(Offset(5), Offset(9));
        progress.jump(Offset(5), false);
        assert_eq!(progress.frontier, Offset(9));
        progress.jump(Offset(3), false);
        assert_eq!(progress.frontier, Offset(9));
        progress.jump(Offset(3), true);
        assert!(!progress.note(Offset(3), Offset(4)));
    }
}

//! When nothing is under way: L5 to L7 (files), R12 (nothing protected is gone) and C7 (images) are
//! judged then, and once more at the end of a run.
//!
//! A cluster is quiet when no record waits for its outcome and for a second nothing was appended, no
//! high watermark, ISR or leader moved, and no metadata was written; empty records, by which a
//! controller shows that it lives, do not count. A partition is looked at if it changed since the last
//! time, and if the logs of its ISR end at one offset. At the end of a run all that changed are, quiet
//! or not: what is judged of files holds always.

use super::watch::circumstances;
use super::world::METADATA;
use super::{Checker, bytes};
use crate::fact::Fact;
use crate::ids::LeaderEpoch;
use crate::raft::METADATA_TOPIC;
use crate::sim::{Duration, Instant};
use crate::view::Lens;

/// So long nothing may have moved.
const STILL: Duration = Duration::from_secs(1);

/// Since when nothing has moved.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stillness {
    since: Instant,
    /// It was looked at since then.
    is_judged: bool,
}

impl Stillness {
    /// Takes note of what shows that something is under way.
    pub(super) fn take(&mut self, fact: &Fact, now: Instant) {
        let moves = match fact {
            Fact::BatchAppended { tp, .. } => &*tp.topic != METADATA_TOPIC,
            Fact::RecordSent { .. }
            | Fact::RecordAcked { .. }
            | Fact::RecordFailed { .. }
            | Fact::BatchRetried { .. }
            | Fact::HighWatermarkAdvanced { .. }
            | Fact::FollowerFetched { .. }
            | Fact::LogLoaded { .. }
            | Fact::LogTruncated { .. }
            | Fact::LogStartMoved { .. }
            | Fact::SegmentRolled { .. }
            | Fact::BecameLeader { .. }
            | Fact::BecameFollower { .. }
            | Fact::IsrShrinkProposed { .. }
            | Fact::IsrExpandProposed { .. }
            | Fact::IsrUpdated { .. }
            | Fact::PartitionChanged { .. }
            | Fact::BrokerRegistered { .. }
            | Fact::BrokerFenced { .. }
            | Fact::BrokerUnfenced { .. }
            | Fact::ConfigChanged { .. }
            | Fact::TopicDeleted { .. }
            | Fact::MetadataApplied { .. } => true,
            _ => false,
        };
        if moves {
            *self = Self { since: now, is_judged: false };
        }
    }

    /// True once for every time that nothing has moved for long enough.
    fn begins(&mut self, now: Instant) -> bool {
        if self.is_judged || self.since + STILL > now {
            return false;
        }
        self.is_judged = true;
        true
    }
}

impl Checker {
    /// Judges what waits until nothing is under way, if nothing is.
    pub(super) fn maybe_judge_quiet(&mut self, lens: Lens<'_>) {
        let is_still = self.settings.classes.quiet && self.still.begins(lens.now());
        if is_still && self.ledger.producers.pending() == 0 {
            self.judge_quiet(lens, false);
        }
    }

    /// Judges what changed since the last time. At the end of a run nothing is waited for.
    pub(super) fn judge_quiet(&mut self, lens: Lens<'_>, at_end: bool) {
        if !self.settings.classes.quiet {
            return;
        }
        self.images.judge(lens, &self.world.partitions[METADATA as usize], &mut self.report);
        let any_loss_excuses = self.any_loss_excuses();
        let dirty = std::mem::take(&mut self.world.dirty);
        for slot in dirty.iter().copied() {
            let partition = &mut self.world.partitions[slot as usize];
            if partition.is_deleted {
                continue;
            }
            if !at_end && !partition.logs_are_level() {
                self.world.dirty.push(slot);
                continue;
            }
            partition.is_dirty = false;
            bytes::inspect(lens, partition, &mut self.report);
            if let Some((epoch, leader)) = partition.official.leader {
                let now = circumstances(partition, leader, epoch, any_loss_excuses);
                partition.judge_protection(&now, &mut self.report);
            }
        }
    }

    /// R12, right after a disk lost something: no log may have to be asked any more.
    pub(super) fn judge_loss(&mut self, slot: u32) {
        let any_loss_excuses = self.any_loss_excuses();
        let partition = &self.world.partitions[slot as usize];
        let Some((epoch, leader)) = partition.official.leader else { return };
        let now = circumstances(partition, leader, epoch.max(LeaderEpoch(0)), any_loss_excuses);
        partition.judge_protection(&now, &mut self.report);
    }
}

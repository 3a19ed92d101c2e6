//! Where each leader epoch begins in a log: by it followers find where their log leaves the leader's.
//!
//! In Kafka: `LeaderEpochFileCache`; KIP-101, KIP-279. The file `leader-epoch-checkpoint` holds the
//! same entries; [`Log`](super::Log) writes it.

use serde::Serialize;
use smallvec::SmallVec;

use crate::ids::{LeaderEpoch, Offset};

/// A leader epoch, and the first offset that its leader wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct EpochEntry {
    /// The epoch.
    pub epoch: LeaderEpoch,
    /// The first offset of the epoch.
    pub start_offset: Offset,
}

/// The epochs of a log: both epochs and start offsets increase.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EpochCache {
    entries: SmallVec<[EpochEntry; 1]>,
}

impl EpochCache {
    /// The entries that a checkpoint file holds.
    pub fn from_entries(entries: impl IntoIterator<Item = EpochEntry>) -> Self {
        let mut cache = Self::default();
        for entry in entries {
            cache.assign(entry.epoch, entry.start_offset);
        }
        cache
    }

    /// All entries, oldest first.
    pub fn entries(&self) -> &[EpochEntry] {
        &self.entries
    }

    /// Notes that the leader of `epoch` writes from `start_offset` on. Entries that contradict it
    /// go. Returns true when something changed.
    pub fn assign(&mut self, epoch: LeaderEpoch, start_offset: Offset) -> bool {
        if let Some(latest) = self.latest()
            && epoch == latest.epoch
            && start_offset >= latest.start_offset
        {
            return false;
        }
        let contradicts =
            |entry: &EpochEntry| entry.epoch >= epoch || entry.start_offset >= start_offset;
        self.pop_while(contradicts);
        self.entries.push(EpochEntry { epoch, start_offset });
        true
    }

    /// The entry of the newest epoch.
    pub fn latest(&self) -> Option<EpochEntry> {
        self.entries.last().copied()
    }

    /// The newest epoch.
    pub fn latest_epoch(&self) -> Option<LeaderEpoch> {
        self.latest().map(|entry| entry.epoch)
    }

    /// The entry of the oldest epoch.
    pub fn earliest(&self) -> Option<EpochEntry> {
        self.entries.first().copied()
    }

    /// The last epoch before `epoch`.
    pub fn previous_epoch(&self, epoch: LeaderEpoch) -> Option<LeaderEpoch> {
        let below = self.entries.partition_point(|entry| entry.epoch < epoch);
        self.entries[..below].last().map(|entry| entry.epoch)
    }

    /// The first epoch after `epoch`.
    pub fn next_epoch(&self, epoch: LeaderEpoch) -> Option<LeaderEpoch> {
        let not_above = self.entries.partition_point(|entry| entry.epoch <= epoch);
        self.entries.get(not_above).map(|entry| entry.epoch)
    }

    /// The largest epoch here that is not above `requested`, and where it ends: at the start of the
    /// next one, or at the end of the log. None when `requested` is newer than all.
    pub fn end_offset_for(
        &self,
        requested: LeaderEpoch,
        log_end_offset: Offset,
    ) -> Option<EpochEntry> {
        if self.latest_epoch() == Some(requested) {
            return Some(EpochEntry { epoch: requested, start_offset: log_end_offset });
        }
        let not_above = self.entries.partition_point(|entry| entry.epoch <= requested);
        let next = self.entries.get(not_above)?;
        // Older than all: no record of it is here, so it ends where everything begins.
        let epoch = self.entries[..not_above].last().map_or(requested, |entry| entry.epoch);
        Some(EpochEntry { epoch, start_offset: next.start_offset })
    }

    /// The epoch whose leader wrote the record at `offset`.
    pub fn epoch_for_offset(&self, offset: Offset) -> Option<LeaderEpoch> {
        let not_above = self.entries.partition_point(|entry| entry.start_offset <= offset);
        self.entries[..not_above].last().map(|entry| entry.epoch)
    }

    /// Removes epochs that begin at or after `end_offset`. Returns true when something changed.
    pub fn truncate_from_end(&mut self, end_offset: Offset) -> bool {
        self.pop_while(|entry| entry.start_offset >= end_offset)
    }

    /// Removes epochs that end at or before `start_offset`; the one that spans it begins there now.
    /// Returns true when something changed.
    pub fn truncate_from_start(&mut self, start_offset: Offset) -> bool {
        let begun = self.entries.partition_point(|entry| entry.start_offset <= start_offset);
        if begun == 0 || (begun == 1 && self.entries[0].start_offset == start_offset) {
            return false;
        }
        self.entries.drain(..begun - 1);
        self.entries[0].start_offset = start_offset;
        true
    }

    /// The epochs of the records in `start..end`.
    #[must_use]
    pub fn in_range(&self, start: Offset, end: Offset) -> Self {
        let mut range = self.clone();
        range.truncate_from_start(start);
        range.truncate_from_end(end);
        range
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    fn pop_while(&mut self, gone: impl Fn(&EpochEntry) -> bool) -> bool {
        let kept = self.entries.iter().rposition(|entry| !gone(entry)).map_or(0, |last| last + 1);
        let changed = kept < self.entries.len();
        self.entries.truncate(kept);
        changed
    }
}

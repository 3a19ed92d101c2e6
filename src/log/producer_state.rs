//! What a partition knows of its producers: who may write what next, and which transactions are open.
//!
//! In Kafka: `ProducerStateManager`; KIP-98. It is rebuilt from the last snapshot and the batches
//! after it. The first offset of a transaction that is open, or whose end is not replicated yet, is
//! the first unstable offset: consumers with `read_committed` read up to there.

use std::collections::BTreeMap;
use std::sync::Arc;

use imbl::OrdSet;
use smallvec::SmallVec;

use super::error::AppendError;
use super::java_order::{java_bucket, java_table, long_hash};
use super::names::{DELETED, SNAPSHOT, offset_of};
use super::origin::AppendOrigin;
use super::producer_entry::{CompletedTxn, ProducerAppend, ProducerEntry};
use super::producer_snapshot::{read_snapshot, write_snapshot};
use super::producers::{Known, Producers};
use super::{Directory, Disk};
use crate::ids::{Offset, ProducerId, Timestamp};
use crate::protocol::Batch;
use crate::sim::disk::Block;

/// A transaction that is open, or whose end is not replicated yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Txn {
    producer_id: ProducerId,
    /// Its marker, once it has ended.
    last_offset: Option<Offset>,
}

/// The producers of one append.
pub(super) type ProducerAppends = SmallVec<[ProducerAppend; 1]>;

/// The producers of a partition.
#[derive(Clone, Debug, Default)]
pub struct ProducerState {
    producers: Producers,
    /// The most producers there have been: how large Kafka's hash map of them is.
    most: u32,
    added: u32,
    /// Open transactions by their first offset.
    ongoing: BTreeMap<Offset, Txn>,
    /// Transactions that ended, at or above the high watermark.
    unreplicated: BTreeMap<Offset, Txn>,
    /// The snapshot files there are.
    snapshots: OrdSet<Offset>,
    /// What it says is as of this offset.
    map_end_offset: Offset,
    /// The newest snapshot is as of this offset.
    last_snapshot_offset: Offset,
}

impl ProducerState {
    /// Nothing is known but the snapshot files in `directory`.
    pub fn load(disk: &Disk, directory: Directory<'_>) -> Self {
        Self { snapshots: list_snapshots(disk, directory), ..Self::default() }
    }

    /// The producers by id.
    pub fn producers(&self) -> impl ExactSizeIterator<Item = (ProducerId, &ProducerEntry)> {
        let mut all: Vec<_> = self.producers.iter().map(|known| (known.id, &known.entry)).collect();
        all.sort_unstable_by_key(|(id, _)| *id);
        all.into_iter()
    }

    /// True when a producer is known.
    pub fn has_producers(&self) -> bool {
        !self.producers.is_empty()
    }

    /// What is known of a producer.
    pub fn entry(&self, id: ProducerId) -> Option<&ProducerEntry> {
        self.producers.place(id).map(|place| &self.producers.at(place).entry)
    }

    /// True when nothing is known, and no transaction waits for its end to be replicated.
    pub fn is_empty(&self) -> bool {
        self.producers.is_empty() && self.unreplicated.is_empty()
    }

    /// True when a transaction is open, or waits for its end to be replicated.
    pub fn has_transactions(&self) -> bool {
        !self.ongoing.is_empty() || !self.unreplicated.is_empty()
    }

    /// What it says is as of this offset.
    pub fn map_end_offset(&self) -> Offset {
        self.map_end_offset
    }

    /// From now on it is as of `offset`.
    pub fn set_map_end_offset(&mut self, offset: Offset) {
        self.map_end_offset = offset;
    }

    /// The snapshot files there are.
    pub fn snapshots(&self) -> impl Iterator<Item = Offset> {
        self.snapshots.iter().copied()
    }

    /// The newest snapshot file.
    pub fn latest_snapshot_offset(&self) -> Option<Offset> {
        self.snapshots.get_max().copied()
    }

    /// The first offset that consumers with `read_committed` may not read yet.
    pub fn first_unstable_offset(&self) -> Option<Offset> {
        let first = |txns: &BTreeMap<Offset, Txn>| txns.keys().next().copied();
        [first(&self.unreplicated), first(&self.ongoing)].into_iter().flatten().min()
    }

    /// True if all of `batches` follow on what is known of their producers, outside of transactions:
    /// most appends. Then there is nothing to check, and [`ProducerState::follow`] takes note of them.
    pub(super) fn are_followed_by(&self, batches: &[Arc<Batch>], origin: AppendOrigin) -> bool {
        batches.iter().all(|batch| {
            batch.producer_id().is_none_or(|id| {
                self.entry(id).is_some_and(|entry| entry.is_followed_by(batch, origin))
            })
        })
    }

    /// Batches that follow on what is known are in the log.
    pub(super) fn follow(&mut self, batches: &[Arc<Batch>]) {
        for batch in batches {
            if let Some(id) = batch.producer_id() {
                let place = self.producers.place(id).expect("it follows on what is known");
                self.producers.at_mut(place).entry.follow(batch);
            }
        }
    }

    /// How many of the producers may have so many batches, if none of them is new.
    pub(super) fn most_of(&self, batches: usize) -> usize {
        batches.min(self.producers.len())
    }

    /// Checks a batch of an append, and takes it into `appends`. Batches without producer are fine.
    pub(super) fn check(
        &self,
        batch: &Batch,
        origin: AppendOrigin,
        appends: &mut ProducerAppends,
    ) -> Result<Option<CompletedTxn>, AppendError> {
        let Some(id) = batch.producer_id() else { return Ok(None) };
        let known = appends.iter().position(|append| append.producer_id == id);
        let index = known.unwrap_or_else(|| {
            let place = self.producers.place(id);
            let known = place.map(|place| &self.producers.at(place).entry);
            appends.push(ProducerAppend::new(id, place, known, origin));
            appends.len() - 1
        });
        appends[index].append(batch)
    }

    /// The batches of an append are in the log.
    pub(super) fn update(&mut self, append: ProducerAppend) {
        let id = append.producer_id;
        for first_offset in &append.started {
            let txn = Txn { producer_id: id, last_offset: None };
            self.ongoing.insert(*first_offset, txn);
        }
        if let Some(place) = append.place.or_else(|| self.producers.place(id)) {
            let known = self.producers.at_mut(place);
            assert_eq!(known.id, id, "nobody was forgotten since the check");
            known.entry.update(append);
        } else {
            let mut entry = ProducerEntry::default();
            entry.update(append);
            self.add(id, entry);
        }
    }

    /// The batches of an append are in the log, of several producers.
    pub(super) fn update_all(&mut self, mut appends: ProducerAppends) {
        if appends.len() > 1 {
            // Kafka goes through a hash map of them.
            let table = java_table(appends.len());
            appends.sort_by_key(|append| java_bucket(long_hash(append.producer_id.0), table));
        }
        for append in appends {
            self.update(append);
        }
    }

    fn add(&mut self, id: ProducerId, entry: ProducerEntry) {
        self.added += 1;
        self.producers.insert(Known { id, added: self.added, entry });
        self.most = self.most.max(self.producers.len() as u32);
    }

    /// How far everything is decided once `completed` has ended.
    pub(super) fn last_stable_offset(&self, completed: &CompletedTxn) -> Offset {
        let other = |(_, txn): &(&Offset, &Txn)| txn.producer_id != completed.producer_id;
        match self.ongoing.iter().find(other) {
            Some((first_offset, _)) => *first_offset,
            None => completed.last_offset.next(),
        }
    }

    /// A transaction has ended.
    ///
    /// # Panics
    /// When it had not begun.
    pub(super) fn complete(&mut self, completed: &CompletedTxn) {
        let mut txn = self.ongoing.remove(&completed.first_offset).expect("it had begun");
        txn.last_offset = Some(completed.last_offset);
        self.unreplicated.insert(completed.first_offset, txn);
    }

    /// Transactions that ended below the high watermark are stable.
    pub fn on_high_watermark(&mut self, high_watermark: Offset) {
        if !self.unreplicated.is_empty() {
            self.unreplicated
                .retain(|_, txn| txn.last_offset.is_none_or(|last| last >= high_watermark));
        }
    }

    /// Records before `log_start_offset` are gone.
    pub fn on_log_start_offset(&mut self, log_start_offset: Offset) {
        self.on_high_watermark(log_start_offset);
        self.map_end_offset = self.map_end_offset.max(log_start_offset);
        self.last_snapshot_offset = self.latest_snapshot_offset().unwrap_or(log_start_offset);
    }

    /// Forgets producers not heard of for `expiration_ms` (`producer.id.expiration.ms`).
    pub fn remove_expired(&mut self, now: Timestamp, expiration_ms: i64) {
        self.producers.retain(|known| !is_expired(&known.entry, now, expiration_ms));
    }

    /// Writes a snapshot, unless the newest one is as of the same offset. Returns its offset.
    pub fn take_snapshot(
        &mut self,
        disk: &mut Disk,
        directory: Directory<'_>,
        sync: bool,
    ) -> Option<Offset> {
        let offset = self.map_end_offset;
        if offset <= self.last_snapshot_offset {
            return None;
        }
        let file = disk.create(&directory.of(offset, SNAPSHOT));
        disk.append(file, Block::plain(write_snapshot(self.in_hash_map_order().into_iter())));
        if sync {
            disk.fsync(file);
        }
        self.snapshots.insert(offset);
        self.last_snapshot_offset = offset;
        Some(offset)
    }

    fn in_hash_map_order(&self) -> Vec<(ProducerId, &ProducerEntry)> {
        let table = java_table(self.most as usize);
        let mut producers: Vec<_> = self.producers.iter().collect();
        producers.sort_by_key(|known| (java_bucket(long_hash(known.id.0), table), known.added));
        producers.into_iter().map(|known| (known.id, &known.entry)).collect()
    }

    /// The log ends at `log_end_offset` now. Unless that is what the state is as of, it is taken
    /// from the newest snapshot that is left; batches after it must be replayed.
    pub fn truncate_and_reload(
        &mut self,
        disk: &mut Disk,
        directory: Directory<'_>,
        (log_start_offset, log_end_offset): (Offset, Offset),
        now: Timestamp,
        expiration_ms: i64,
    ) {
        let beyond = |offset: &Offset| *offset > log_end_offset || *offset <= log_start_offset;
        for offset in self.snapshots.clone().into_iter().filter(beyond) {
            self.delete_snapshot(disk, directory, offset);
        }
        if log_end_offset == self.map_end_offset {
            self.on_log_start_offset(log_start_offset);
            return;
        }
        self.producers = Producers::default();
        self.ongoing.clear();
        self.unreplicated.clear();
        while let Some(offset) = self.latest_snapshot_offset() {
            let bytes = disk.read_path(&directory.of(offset, SNAPSHOT)).unwrap_or_default();
            let Ok(producers) = read_snapshot(&bytes) else {
                self.delete_snapshot(disk, directory, offset);
                continue;
            };
            for (id, entry) in producers {
                if !is_expired(&entry, now, expiration_ms) {
                    self.load_entry(id, entry);
                }
            }
            self.last_snapshot_offset = offset;
            self.map_end_offset = offset;
            return;
        }
        self.last_snapshot_offset = log_start_offset;
        self.map_end_offset = log_start_offset;
    }

    fn load_entry(&mut self, id: ProducerId, entry: ProducerEntry) {
        if let Some(first_offset) = entry.current_txn_first_offset {
            self.ongoing.insert(first_offset, Txn { producer_id: id, last_offset: None });
        }
        self.add(id, entry);
    }

    /// Nothing is known any more; the log begins at `offset`.
    pub fn truncate_fully_and_start_at(
        &mut self,
        disk: &mut Disk,
        directory: Directory<'_>,
        offset: Offset,
    ) {
        self.producers = Producers::default();
        self.ongoing.clear();
        self.unreplicated.clear();
        for snapshot in self.snapshots.clone() {
            self.delete_snapshot(disk, directory, snapshot);
        }
        self.last_snapshot_offset = Offset(0);
        self.map_end_offset = offset;
    }

    /// Removes snapshots that belong to no segment, but for the newest if it is after all segments:
    /// that is where the log was closed.
    pub fn remove_stray_snapshots(
        &mut self,
        disk: &mut Disk,
        directory: Directory<'_>,
        base_offsets: &[Offset],
    ) {
        self.snapshots = list_snapshots(disk, directory);
        let stray = |offset: &Offset| !base_offsets.contains(offset);
        let strays: Vec<_> = self.snapshots.iter().copied().filter(stray).collect();
        let Some((newest, older)) = strays.split_last() else { return };
        for offset in older {
            self.delete_snapshot(disk, directory, *offset);
        }
        if base_offsets.iter().max().is_some_and(|max| newest < max) {
            self.delete_snapshot(disk, directory, *newest);
        }
    }

    /// The snapshot at `offset` goes with its segment: it is renamed. Returns its new path.
    pub fn mark_snapshot_for_deletion(
        &mut self,
        disk: &mut Disk,
        directory: Directory<'_>,
        offset: Offset,
    ) -> Option<String> {
        self.snapshots.remove(&offset)?;
        let path = directory.of(offset, SNAPSHOT);
        let renamed = format!("{path}{DELETED}");
        disk.rename(&path, &renamed).then_some(renamed)
    }

    fn delete_snapshot(&mut self, disk: &mut Disk, directory: Directory<'_>, offset: Offset) {
        if self.snapshots.remove(&offset).is_some() {
            disk.remove(&directory.of(offset, SNAPSHOT));
        }
    }
}

fn is_expired(entry: &ProducerEntry, now: Timestamp, expiration_ms: i64) -> bool {
    entry.current_txn_first_offset.is_none() && now.0 - entry.last_timestamp.0 >= expiration_ms
}

fn list_snapshots(disk: &Disk, directory: Directory<'_>) -> OrdSet<Offset> {
    let files = disk.list(&directory.path());
    files
        .iter()
        .filter(|(name, _)| name.ends_with(SNAPSHOT))
        .filter_map(|(name, _)| offset_of(name))
        .collect()
}

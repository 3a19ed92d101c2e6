//! The log of one partition: what it consists of, and the offsets by which everybody speaks of it.
//!
//! In Kafka: `UnifiedLog` with its `LocalLog`. A log that nobody has written to has no files: they
//! are implied, and appear with the first append, or when the process ends.

use std::borrow::Cow;
use std::sync::Arc;

use super::body::{Body, Task};
use super::checkpoint::{epochs_text, partition_metadata_text};
use super::names::{LEADER_EPOCH_CHECKPOINT, PARTITION_METADATA, SNAPSHOT};
use super::producer_state::ProducerState;
use super::segment::Segment;
use super::{Directory, Disk, EpochCache, EpochEntry, LogConfig};
use crate::fact::Fact;
use crate::ids::{
    LeaderEpoch, Name, Offset, PartitionIndex, Timestamp, TopicId, TopicPartition, Uuid,
};
use crate::node::Outbox;

/// What the logs of a topic in one log directory have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogHome {
    /// The log directory; empty for the disk's root.
    pub log_dir: Name,
    /// The topic.
    pub topic: Name,
    /// Its id; zero for none.
    pub topic_id: TopicId,
    /// Its settings.
    pub config: LogConfig,
    /// `producer.id.expiration.ms` of the broker.
    pub producer_id_expiration_ms: i64,
}

impl LogHome {
    /// The home of a topic's logs, with the default expiration of producers, a day.
    pub fn new(log_dir: impl Into<Name>, topic: impl Into<Name>, topic_id: TopicId) -> Self {
        Self {
            log_dir: log_dir.into(),
            topic: topic.into(),
            topic_id,
            config: LogConfig::default(),
            producer_id_expiration_ms: 86_400_000,
        }
    }

    pub(super) fn directory(&self, partition: PartitionIndex) -> Directory<'_> {
        Directory { log_dir: &self.log_dir, topic: &self.topic, partition: partition.0 }
    }
}

/// A log's place and settings, while its contents change.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) home: &'a LogHome,
    pub(super) partition: PartitionIndex,
}

impl<'a> Place<'a> {
    pub(super) fn directory(self) -> Directory<'a> {
        self.home.directory(self.partition)
    }

    pub(super) fn config(self) -> &'a LogConfig {
        &self.home.config
    }

    pub(super) fn tp(self) -> TopicPartition {
        TopicPartition { topic: self.home.topic.clone(), partition: self.partition }
    }
}

/// The log of one partition. Small, because most logs of a large cluster are empty.
#[derive(Clone, Debug)]
pub struct Log {
    pub(super) home: Arc<LogHome>,
    pub(super) body: Arc<Body>,
    pub(super) partition: PartitionIndex,
    /// While its files are implied: the epoch that begins at 0, or -1.
    implied_epoch: i32,
}

impl Log {
    /// A new log. It has no files until somebody writes.
    pub fn create(home: Arc<LogHome>, partition: PartitionIndex, now: Timestamp) -> Self {
        let body = Arc::new(Body::pristine(&home.config, now));
        Self::with_body(home, partition, body)
    }

    pub(super) fn with_body(
        home: Arc<LogHome>,
        partition: PartitionIndex,
        body: Arc<Body>,
    ) -> Self {
        Self { home, body, partition, implied_epoch: -1 }
    }

    /// Its parts: the place it lies at, and what changes.
    pub(super) fn parts(&mut self) -> (Place<'_>, &mut Body) {
        let Self { home, body, partition, .. } = self;
        (Place { home, partition: *partition }, Arc::make_mut(body))
    }

    /// Its partition.
    pub fn topic_partition(&self) -> TopicPartition {
        TopicPartition { topic: self.home.topic.clone(), partition: self.partition }
    }

    /// The directory that its files lie in.
    pub fn directory(&self) -> Directory<'_> {
        self.home.directory(self.partition)
    }

    /// What it has in common with the topic's other logs.
    pub fn home(&self) -> &Arc<LogHome> {
        &self.home
    }

    /// Its topic's id; zero for none.
    pub fn topic_id(&self) -> TopicId {
        self.home.topic_id
    }

    /// Its settings.
    pub fn config(&self) -> &LogConfig {
        &self.home.config
    }

    /// Other settings apply from now on; open segments keep their indexes' sizes.
    pub fn set_home(&mut self, home: Arc<LogHome>) {
        assert_eq!(home.topic, self.home.topic, "a log stays with its topic");
        self.home = home;
    }

    /// The offset of its first record.
    pub fn log_start_offset(&self) -> Offset {
        self.body.log_start_offset
    }

    /// The offset that its next record gets.
    pub fn log_end_offset(&self) -> Offset {
        self.body.log_end_offset
    }

    /// The offset after the last record that every replica in the ISR is known to have.
    pub fn high_watermark(&self) -> Offset {
        self.body.high_watermark
    }

    /// True if the high watermark is known to lie between two batches.
    pub fn is_high_watermark_located(&self) -> bool {
        self.body.high_watermark_located
    }

    /// The offset up to which all transactions are decided.
    pub fn last_stable_offset(&self) -> Offset {
        let high_watermark = self.body.high_watermark;
        self.body.first_unstable_offset.map_or(high_watermark, |first| first.min(high_watermark))
    }

    /// Where the first transaction begins that is not decided, or not replicated.
    pub fn first_unstable_offset(&self) -> Option<Offset> {
        self.body.first_unstable_offset
    }

    /// What lies before is on the medium.
    pub fn recovery_point(&self) -> Offset {
        self.body.recovery_point
    }

    /// When something was last flushed.
    pub fn last_flushed(&self) -> Timestamp {
        self.body.last_flushed
    }

    /// Its segments, oldest first.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &Segment> {
        self.body.segments.iter()
    }

    /// How many segments it has.
    pub fn segment_count(&self) -> usize {
        self.body.segments.len()
    }

    /// The segment that takes the appends.
    pub fn active_segment(&self) -> &Segment {
        self.body.segments.active()
    }

    /// The length of all its batches in bytes.
    pub fn size(&self) -> u64 {
        self.segments().map(Segment::size).sum()
    }

    /// What is known of its producers.
    pub fn producers(&self) -> &ProducerState {
        &self.body.producers
    }

    /// Where each leader epoch begins.
    pub fn epochs(&self) -> Cow<'_, EpochCache> {
        match LeaderEpoch::from_wire(self.implied_epoch) {
            Some(epoch) => {
                let start_offset = Offset(0);
                Cow::Owned(EpochCache::from_entries([EpochEntry { epoch, start_offset }]))
            }
            None => Cow::Borrowed(&self.body.epochs),
        }
    }

    /// The newest leader epoch in it.
    pub fn latest_epoch(&self) -> Option<LeaderEpoch> {
        LeaderEpoch::from_wire(self.implied_epoch).or_else(|| self.body.epochs.latest_epoch())
    }

    /// The largest epoch here that is not above `epoch`, and where it ends (KIP-101, KIP-279). None
    /// when `epoch` is newer than all.
    pub fn end_offset_for_epoch(&self, epoch: LeaderEpoch) -> Option<(LeaderEpoch, Offset)> {
        if self.latest_epoch() == Some(epoch) {
            return Some((epoch, self.log_end_offset()));
        }
        let entry = self.epochs().end_offset_for(epoch, self.log_end_offset())?;
        Some((entry.epoch, entry.start_offset))
    }

    /// The leader of `epoch` writes from `start_offset` on.
    pub fn assign_epoch_start_offset(
        &mut self,
        disk: &mut Disk,
        epoch: LeaderEpoch,
        start_offset: Offset,
    ) {
        if self.is_implied() && start_offset == Offset(0) {
            if self.implied_epoch != epoch.0 {
                self.implied_epoch = epoch.0;
                // The file is written though it is not kept.
                disk.charge_fsync(epochs_text(self.epochs().entries()).len() as u64);
            }
            return;
        }
        self.materialize(disk);
        let (place, body) = self.parts();
        if body.epochs.assign(epoch, start_offset) {
            body.write_epochs(disk, place);
        }
    }

    /// Sets the high watermark, within the bounds of the log. Returns what it became.
    pub fn update_high_watermark(&mut self, offset: Offset) -> Offset {
        let target = offset.clamp(self.body.log_start_offset, self.body.log_end_offset);
        // An unwritten log is not touched just to say again that nothing is in it.
        if target != self.body.high_watermark || self.body.producers.has_transactions() {
            Arc::make_mut(&mut self.body).set_high_watermark(offset);
        }
        target
    }

    /// Raises the high watermark to `offset`, never lowers it. Returns what it was, if it rose.
    ///
    /// # Panics
    /// When `offset` lies beyond the end of the log.
    pub fn maybe_increment_high_watermark(&mut self, offset: Offset) -> Option<Offset> {
        let (old, end) = (self.body.high_watermark, self.body.log_end_offset);
        assert!(offset <= end, "high watermark {offset} past the log's end {end}");
        if offset <= old {
            return None;
        }
        let body = Arc::make_mut(&mut self.body);
        body.set_high_watermark(offset);
        // It is where replicas' logs end, so between two batches.
        body.high_watermark_located = true;
        Some(old)
    }

    /// Raises the log start offset: what lies before may be deleted. Returns true if it rose; none
    /// when `offset` lies beyond the high watermark.
    pub fn maybe_increment_log_start_offset(
        &mut self,
        offset: Offset,
        out: &mut Outbox,
    ) -> Option<bool> {
        if offset > self.body.high_watermark {
            return None;
        }
        let from = self.body.log_start_offset;
        if offset <= from {
            return Some(false);
        }
        let (place, body) = self.parts();
        body.set_log_start_offset(offset);
        if body.epochs.truncate_from_start(offset) {
            body.tasks.push(Task::WriteEpochs);
        }
        body.producers.on_log_start_offset(offset);
        body.update_first_unstable_offset();
        out.fact(|| Fact::LogStartMoved { tp: place.tp(), from, to: offset });
        Some(true)
    }

    /// Forgets producers not heard of for `producer.id.expiration.ms`.
    pub fn remove_expired_producers(&mut self, now: Timestamp) {
        if self.body.producers.has_producers() {
            let (place, body) = self.parts();
            body.producers.remove_expired(now, place.home.producer_id_expiration_ms);
        }
    }

    /// Writes a snapshot of the producers where the log ends.
    pub fn take_producer_snapshot(&mut self, disk: &mut Disk) -> Option<Offset> {
        self.materialize(disk);
        let (place, body) = self.parts();
        body.producers.take_snapshot(disk, place.directory(), true)
    }

    /// Makes a new segment the active one.
    pub fn roll(&mut self, disk: &mut Disk, out: &mut Outbox) {
        self.materialize(disk);
        let (place, body) = self.parts();
        body.roll(disk, place, None, out);
    }

    /// Brings everything to the medium. `even_active`: the active segment too, if it is empty.
    pub fn flush(&mut self, disk: &mut Disk, even_active: bool, now: Timestamp) {
        if !self.body.on_disk {
            return;
        }
        let (place, body) = self.parts();
        let end = body.log_end_offset;
        body.flush(disk, place, end, end.plus(u64::from(even_active)), now);
    }

    /// When the next task of the background threads is due; none without tasks.
    pub fn next_task(&self) -> Option<Timestamp> {
        self.body.tasks.iter().map(Task::due).min()
    }

    /// Carries out the tasks that are due: what Kafka's background threads do.
    pub fn run_tasks(&mut self, disk: &mut Disk, now: Timestamp) {
        if self.body.tasks.iter().all(|task| task.due() > now) {
            return;
        }
        let tasks = std::mem::take(&mut Arc::make_mut(&mut self.body).tasks);
        let (due, later) = tasks.into_iter().partition(|task| task.due() <= now);
        Arc::make_mut(&mut self.body).tasks = later;
        for task in due {
            self.run_task(disk, task, now);
        }
    }

    fn run_task(&mut self, disk: &mut Disk, task: Task, now: Timestamp) {
        let (place, body) = self.parts();
        match task {
            Task::Flush { up_to, snapshot } => {
                let directory = place.directory();
                let file = snapshot.and_then(|at| disk.open(&directory.of(at, SNAPSHOT)));
                if let Some(file) = file {
                    disk.fsync(file);
                }
                body.flush(disk, place, up_to, up_to, now);
            }
            Task::WriteEpochs => body.write_epochs(disk, place),
            Task::Delete { paths, .. } => {
                for path in paths {
                    disk.remove(&path);
                }
            }
        }
    }

    /// Creates the index files of all segments, as looking into them does.
    pub fn touch_indexes(&mut self, disk: &mut Disk) {
        self.materialize(disk);
        let (place, body) = self.parts();
        for index in 0..body.segments.len() {
            let segment = body.segments.get_mut(index);
            segment.touch_indexes(disk, place.directory());
            segment.max_timestamp_so_far();
        }
    }

    /// True while its files are implied.
    pub fn is_implied(&self) -> bool {
        !self.body.on_disk
    }

    /// Writes the files that are implied so far. It takes no time: they were there all along.
    #[inline]
    pub fn materialize(&mut self, disk: &mut Disk) {
        if !self.body.on_disk {
            self.write_implied(disk);
        }
    }

    fn write_implied(&mut self, disk: &mut Disk) {
        let epochs = self.epochs().into_owned();
        self.implied_epoch = -1;
        let (place, body) = self.parts();
        let directory = place.directory();
        body.on_disk = true;
        body.epochs = epochs;
        let epochs = &body.epochs;
        let epochs_file = directory.file(LEADER_EPOCH_CHECKPOINT);
        if epochs.entries().is_empty() {
            disk.create(&epochs_file);
        } else {
            disk.restore(&epochs_file, epochs_text(epochs.entries()));
        }
        if place.home.topic_id != Uuid::ZERO {
            let text = partition_metadata_text(place.home.topic_id);
            disk.restore(&directory.file(PARTITION_METADATA), text);
        }
        let active = body.segments.active_mut();
        active.touch_log(disk, directory);
        active.touch_indexes(disk, directory);
    }

    /// Its files are implied from now on, as those of a new log.
    pub(super) fn imply(&mut self, body: Arc<Body>, epoch: Option<LeaderEpoch>) {
        self.body = body;
        self.implied_epoch = LeaderEpoch::to_wire(epoch);
    }

    /// Forgets epochs that begin where the log ends.
    pub(super) fn truncate_epochs_at_end(&mut self) {
        self.implied_epoch = -1;
        let end = self.log_end_offset();
        if self.body.epochs.latest().is_some_and(|latest| latest.start_offset >= end) {
            let (_, body) = self.parts();
            body.epochs.truncate_from_end(end);
            body.tasks.push(Task::WriteEpochs);
        }
    }

    /// The process ends properly: snapshots and indexes are completed.
    pub fn close(&mut self, disk: &mut Disk) {
        self.materialize(disk);
        let (place, body) = self.parts();
        let directory = place.directory();
        body.producers.take_snapshot(disk, directory, true);
        for index in 0..body.segments.len() {
            body.segments.get_mut(index).close(disk, directory);
        }
    }
}

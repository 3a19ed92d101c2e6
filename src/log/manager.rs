//! All logs of a broker: opened when it starts, checkpointed while it runs, closed when it stops.
//!
//! In Kafka: `LogManager`. The broker sets the timers; here is what is done when they are due. Left
//! out: moving logs between directories, stray logs, and directories that fail.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use imbl::OrdMap;

use super::body::Body;
use super::checkpoint::{
    CLEAN_SHUTDOWN, CLEANER_OFFSET_CHECKPOINT, LOG_START_OFFSET_CHECKPOINT,
    RECOVERY_POINT_CHECKPOINT, REPLICATION_OFFSET_CHECKPOINT, clean_shutdown_text, offsets_text,
    parse_clean_shutdown, parse_offsets,
};
use super::java_order::{any_ref_map_order, scala_hash_map_order, topic_partition_hash};
use super::names::{Kind, delete_directory, join, parse_directory};
use super::{Disk, Log, LogConfig, LogHome};
use crate::ids::{
    BrokerEpoch, Name, Offset, PartitionIndex, Timestamp, TopicId, TopicPartition, Uuid,
};
use crate::node::Outbox;
use crate::sim::CowList;

/// A log of a broker, while it has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogId(u32);

/// A log as it was at some time: whether it has changed since can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogStamp {
    log: LogId,
    revision: u32,
}

/// The logs of one topic.
#[derive(Clone, Debug, Default)]
struct TopicLogs {
    /// What they have in common, by log directory.
    homes: Vec<Arc<LogHome>>,
    logs: BTreeMap<PartitionIndex, LogId>,
}

/// The logs of a broker.
#[derive(Clone, Debug)]
pub struct LogManager {
    log_dirs: Vec<Name>,
    producer_id_expiration_ms: i64,
    file_delete_delay_ms: i64,
    logs: CowList<Option<Log>>,
    /// How often each log was changed.
    revisions: Vec<u32>,
    free: Vec<LogId>,
    topics: OrdMap<Name, TopicLogs>,
    /// Logs that something is to be done for, by when.
    due: BTreeSet<(Timestamp, LogId)>,
    /// Directories that were renamed, and when they are removed.
    deleted: Vec<(Timestamp, String)>,
    /// What new logs consist of, until they are written to.
    pristine: Option<(Timestamp, Arc<Body>)>,
    /// The logs on the disk were opened.
    is_loaded: bool,
}

impl LogManager {
    /// No logs so far. `log_dirs`: the disk's directories (`log.dirs`), or the empty name for its
    /// root; the others are the broker's `producer.id.expiration.ms` and
    /// `log.segment.delete.delay.ms`.
    pub fn new(
        log_dirs: Vec<Name>,
        producer_id_expiration_ms: i64,
        file_delete_delay_ms: i64,
    ) -> Self {
        Self {
            log_dirs,
            producer_id_expiration_ms,
            file_delete_delay_ms,
            logs: CowList::new(),
            revisions: Vec::new(),
            free: Vec::new(),
            topics: OrdMap::new(),
            due: BTreeSet::new(),
            deleted: Vec::new(),
            pristine: None,
            is_loaded: false,
        }
    }

    /// Opens all logs that are on the disk. `config` knows each topic's settings. The mark of a clean
    /// shutdown is taken away: from now on any end is unclean, unless [`LogManager::shutdown`] comes.
    pub fn load(&mut self, disk: &mut Disk, config: impl Fn(&str) -> LogConfig, out: &mut Outbox) {
        self.is_loaded = true;
        for log_dir in self.log_dirs.clone() {
            let was_clean = disk.remove(&join(&log_dir, CLEAN_SHUTDOWN));
            let recovery_points = read_offsets(disk, &log_dir, RECOVERY_POINT_CHECKPOINT);
            let log_starts = read_offsets(disk, &log_dir, LOG_START_OFFSET_CHECKPOINT);
            for name in directories(disk, &log_dir) {
                let path = join(&log_dir, &name);
                match parse_directory(&name) {
                    // The metadata log belongs to the raft layer.
                    Some((tp, Kind::Current)) if &*tp.topic != "__cluster_metadata" => {
                        let at = |offsets: &BTreeMap<TopicPartition, Offset>| {
                            offsets.get(&tp).copied().unwrap_or_default()
                        };
                        let checkpoints = (at(&log_starts), at(&recovery_points));
                        let config = || config(&tp.topic);
                        self.load_one(disk, &log_dir, &tp, (was_clean, checkpoints), config, out);
                    }
                    Some((_, Kind::Delete)) => self.delete_later(path, out.wall),
                    _ => {}
                }
            }
            for name in [
                RECOVERY_POINT_CHECKPOINT,
                LOG_START_OFFSET_CHECKPOINT,
                REPLICATION_OFFSET_CHECKPOINT,
                CLEANER_OFFSET_CHECKPOINT,
            ] {
                let path = join(&log_dir, name);
                if disk.open(&path).is_none() {
                    disk.create(&path);
                }
            }
        }
    }

    fn load_one(
        &mut self,
        disk: &mut Disk,
        log_dir: &Name,
        tp: &TopicPartition,
        (was_clean, checkpoints): (bool, (Offset, Offset)),
        config: impl FnOnce() -> LogConfig,
        out: &mut Outbox,
    ) {
        let directory = super::Directory { log_dir, topic: &tp.topic, partition: tp.partition.0 };
        let topic_id = Log::topic_id_on_disk(disk, directory).unwrap_or(Uuid::ZERO);
        let home = self.home(log_dir, &tp.topic, topic_id, config);
        let loaded = Log::load(disk, home, tp.partition, was_clean, checkpoints, out);
        let mut log = loaded.log;
        if log.is_implied() {
            log.imply(self.pristine(log.config(), out.wall), None);
        }
        self.insert(tp, log);
    }

    /// The broker epoch of a clean shutdown, if all log directories name the same. To be asked before
    /// the logs are loaded.
    pub fn clean_shutdown_epoch(&self, disk: &mut Disk) -> Option<BrokerEpoch> {
        let mut epochs = self.log_dirs.iter().map(|log_dir| {
            let bytes = disk.read_path(&join(log_dir, CLEAN_SHUTDOWN))?;
            parse_clean_shutdown(std::str::from_utf8(&bytes).ok()?)
        });
        let first = epochs.next()??;
        epochs.all(|epoch| epoch == Some(first)).then_some(first)
    }

    /// True once the logs on the disk were opened.
    pub const fn is_loaded(&self) -> bool {
        self.is_loaded
    }

    /// The log of a partition, if it is here.
    pub fn find(&self, tp: &TopicPartition) -> Option<LogId> {
        self.topics.get(&tp.topic)?.logs.get(&tp.partition).copied()
    }

    /// The log of a partition; a new one, in the directory with the fewest logs, if it is not here.
    pub fn get_or_create(
        &mut self,
        tp: &TopicPartition,
        topic_id: TopicId,
        config: impl FnOnce() -> LogConfig,
        now: Timestamp,
    ) -> LogId {
        if let Some(id) = self.find(tp) {
            return id;
        }
        let log_dir = self.next_log_dir();
        let home = self.home(&log_dir, &tp.topic, topic_id, config);
        let body = self.pristine(&home.config, now);
        self.insert(tp, Log::with_body(home, tp.partition, body))
    }

    /// The log called `id`.
    ///
    /// # Panics
    /// When it was deleted.
    pub fn log(&self, id: LogId) -> &Log {
        self.logs[id.0 as usize].as_ref().expect("a log id is used while the log exists")
    }

    /// Changes the log called `id`, and notes what is to be done for it later.
    ///
    /// # Panics
    /// When it was deleted.
    pub fn update<T>(&mut self, id: LogId, change: impl FnOnce(&mut Log) -> T) -> T {
        self.touch(id);
        let log = &mut self.logs[id.0 as usize];
        let log = log.as_mut().expect("a log id is used while the log exists");
        let before = log.next_task();
        let result = change(log);
        let after = log.next_task();
        if before != after {
            before.map(|at| self.due.remove(&(at, id)));
            after.map(|at| self.due.insert((at, id)));
        }
        result
    }

    /// The log called `id` as it is now.
    pub fn stamp(&self, id: LogId) -> LogStamp {
        LogStamp { log: id, revision: self.revisions[id.0 as usize] }
    }

    /// True if the log has not changed since.
    pub fn is_unchanged(&self, stamp: LogStamp) -> bool {
        self.revisions[stamp.log.0 as usize] == stamp.revision
    }

    /// Something that goes with a log has changed: it counts as changed too.
    pub fn touch(&mut self, id: LogId) {
        let revision = &mut self.revisions[id.0 as usize];
        *revision = revision.wrapping_add(1);
    }

    /// All logs, by partition.
    pub fn iter(&self) -> impl Iterator<Item = (LogId, &Log)> {
        let ids = self.topics.iter().flat_map(|(_, topic)| topic.logs.values());
        ids.map(|id| (*id, self.log(*id)))
    }

    fn ids(&self) -> Vec<LogId> {
        self.iter().map(|(id, _)| id).collect()
    }

    /// Gives the logs of a topic other settings.
    pub fn update_config(&mut self, topic: &str, config: &LogConfig) {
        let Some(logs) = self.topics.get_mut(topic) else { return };
        for home in &mut logs.homes {
            Arc::make_mut(home).config = config.clone();
        }
        let TopicLogs { homes, logs } = logs.clone();
        for id in logs.into_values() {
            self.update(id, |log| {
                let home = homes.iter().find(|home| home.log_dir == log.home().log_dir);
                log.set_home(Arc::clone(home.expect("every log has a home")));
            });
        }
    }

    /// Renames a log's directory; it is removed `log.segment.delete.delay.ms` later. `unique` makes
    /// the name unique: sixteen random bytes.
    pub fn delete(&mut self, disk: &mut Disk, id: LogId, unique: [u8; 16], now: Timestamp) {
        let mut log = self.logs[id.0 as usize].take().expect("a log is deleted once");
        self.touch(id);
        log.next_task().map(|at| self.due.remove(&(at, id)));
        self.free.push(id);
        let tp = log.topic_partition();
        if let Some(topic) = self.topics.get_mut(&tp.topic) {
            topic.logs.remove(&tp.partition);
            if topic.logs.is_empty() {
                self.topics.remove(&tp.topic);
            }
        }
        log.materialize(disk);
        let path = join(&log.home().log_dir, &delete_directory(&tp, unique));
        disk.rename_directory(&log.directory().path(), &path);
        self.delete_later(path, now);
    }

    fn delete_later(&mut self, path: String, now: Timestamp) {
        self.deleted.push((Timestamp(now.0 + self.file_delete_delay_ms), path));
    }

    /// When the next task of the background threads is due.
    pub fn next_task(&self) -> Option<Timestamp> {
        let log = self.due.first().map(|(at, _)| *at);
        let deleted = self.deleted.iter().map(|(at, _)| *at).min();
        [log, deleted].into_iter().flatten().min()
    }

    /// Does what the background threads do by `now`: flushes after rolls, removes renamed files.
    pub fn run_tasks(&mut self, disk: &mut Disk, now: Timestamp) {
        while let Some((at, id)) = self.due.first().copied()
            && at <= now
        {
            self.update(id, |log| log.run_tasks(disk, now));
            assert!(!self.due.contains(&(at, id)), "a task is done once");
        }
        let (due, later) = std::mem::take(&mut self.deleted).into_iter().partition(|d| d.0 <= now);
        self.deleted = later;
        let due: Vec<(Timestamp, String)> = due;
        for (_, path) in due {
            for (name, _) in disk.list(&path) {
                disk.remove(&join(&path, &name));
            }
        }
    }

    /// Deletes segments that are not to be kept (`log.retention.check.interval.ms`). Compacted topics
    /// are left to the cleaner. Returns how many.
    pub fn cleanup(&mut self, disk: &mut Disk, out: &mut Outbox) -> usize {
        let ids = self.ids().into_iter().filter(|id| !self.log(*id).config().compact);
        let ids: Vec<_> = ids.collect();
        ids.into_iter().map(|id| self.update(id, |log| log.delete_old_segments(disk, out))).sum()
    }

    /// True if there is a log that is to be flushed now and then, by `flush.ms`.
    pub fn has_timed_flushes(&self) -> bool {
        self.iter().any(|(_, log)| log.config().flushes_by_time())
    }

    /// Flushes logs that were not for `flush.ms` (`log.flush.scheduler.interval.ms`).
    pub fn flush_dirty(&mut self, disk: &mut Disk, now: Timestamp) {
        for id in self.ids() {
            let log = self.log(id);
            if now.0 - log.last_flushed().0 >= log.config().flush_ms {
                self.update(id, |log| log.flush(disk, false, now));
            }
        }
    }

    /// Forgets producers not heard of for long (`producer.id.expiration.check.interval.ms`).
    pub fn remove_expired_producers(&mut self, now: Timestamp) {
        for id in self.ids() {
            if self.log(id).producers().has_producers() {
                self.update(id, |log| log.remove_expired_producers(now));
            }
        }
    }

    /// Writes `recovery-point-offset-checkpoint` (`log.flush.offset.checkpoint.interval.ms`).
    pub fn checkpoint_recovery_points(&self, disk: &mut Disk) {
        self.write_offsets(disk, RECOVERY_POINT_CHECKPOINT, |log| Some(log.recovery_point()));
    }

    /// Writes `log-start-offset-checkpoint` (`log.flush.start.offset.checkpoint.interval.ms`): where
    /// logs begin inside a segment.
    pub fn checkpoint_log_starts(&self, disk: &mut Disk) {
        self.write_offsets(disk, LOG_START_OFFSET_CHECKPOINT, |log| {
            let first = log.segments().next().map(super::Segment::base_offset);
            Some(log.log_start_offset()).filter(|start| Some(*start) > first)
        });
    }

    /// Writes `replication-offset-checkpoint`
    /// (`replica.high.watermark.checkpoint.interval.ms`).
    pub fn checkpoint_high_watermarks(&self, disk: &mut Disk) {
        for log_dir in &self.log_dirs {
            let offsets = self.offsets(log_dir, |log| Some(log.high_watermark()));
            if offsets.is_empty() {
                continue;
            }
            let offsets = any_ref_map_order(offsets, |(tp, _)| topic_partition_hash(tp));
            write(disk, log_dir, REPLICATION_OFFSET_CHECKPOINT, &offsets);
        }
    }

    /// The high watermarks that were written last.
    pub fn read_high_watermarks(&self, disk: &mut Disk) -> BTreeMap<TopicPartition, Offset> {
        let mut all = BTreeMap::new();
        for log_dir in &self.log_dirs {
            all.extend(read_offsets(disk, log_dir, REPLICATION_OFFSET_CHECKPOINT));
        }
        all
    }

    /// Closes all logs: everything is flushed and checkpointed, and the next start need not check;
    /// but for logs that were not opened at all, which are as the start before left them.
    pub fn shutdown(&mut self, disk: &mut Disk, broker_epoch: Option<BrokerEpoch>, now: Timestamp) {
        for id in self.ids() {
            self.update(id, |log| {
                log.materialize(disk);
                log.flush(disk, true, now);
                log.close(disk);
            });
        }
        self.checkpoint_recovery_points(disk);
        self.checkpoint_log_starts(disk);
        for log_dir in self.log_dirs.iter().filter(|_| self.is_loaded) {
            disk.replace(&join(log_dir, CLEAN_SHUTDOWN), clean_shutdown_text(broker_epoch));
        }
    }

    /// Writes all files that are implied so far: before the process dies, or somebody looks.
    pub fn materialize(&mut self, disk: &mut Disk) {
        for id in self.ids() {
            if self.log(id).is_implied() {
                self.update(id, |log| log.materialize(disk));
            }
        }
    }

    fn insert(&mut self, tp: &TopicPartition, log: Log) -> LogId {
        let next_task = log.next_task();
        let id = if let Some(id) = self.free.pop() {
            self.logs[id.0 as usize] = Some(log);
            id
        } else {
            self.logs.push(Some(log));
            self.revisions.push(0);
            LogId(self.logs.len() as u32 - 1)
        };
        self.topics.entry(tp.topic.clone()).or_default().logs.insert(tp.partition, id);
        next_task.map(|at| self.due.insert((at, id)));
        id
    }

    fn home(
        &mut self,
        log_dir: &Name,
        topic: &Name,
        topic_id: TopicId,
        config: impl FnOnce() -> LogConfig,
    ) -> Arc<LogHome> {
        let producer_id_expiration_ms = self.producer_id_expiration_ms;
        let topic_logs = self.topics.entry(topic.clone()).or_default();
        let same = |home: &&Arc<LogHome>| home.log_dir == *log_dir && home.topic_id == topic_id;
        if let Some(home) = topic_logs.homes.iter().find(same) {
            return Arc::clone(home);
        }
        let home = Arc::new(LogHome {
            log_dir: log_dir.clone(),
            topic: topic.clone(),
            topic_id,
            config: config(),
            producer_id_expiration_ms,
        });
        topic_logs.homes.push(Arc::clone(&home));
        home
    }

    fn pristine(&mut self, config: &LogConfig, now: Timestamp) -> Arc<Body> {
        match &self.pristine {
            Some((at, body)) if *at == now && body.fits(config) => Arc::clone(body),
            _ => {
                let body = Arc::new(Body::pristine(config, now));
                self.pristine = Some((now, Arc::clone(&body)));
                body
            }
        }
    }

    fn next_log_dir(&self) -> Name {
        if let [only] = &self.log_dirs[..] {
            return only.clone();
        }
        let count =
            |dir: &&Name| self.iter().filter(|(_, log)| log.home().log_dir == **dir).count();
        self.log_dirs.iter().min_by_key(count).expect("there is a log directory").clone()
    }

    fn offsets(
        &self,
        log_dir: &Name,
        offset: impl Fn(&Log) -> Option<Offset>,
    ) -> Vec<(TopicPartition, Offset)> {
        let here = self.iter().filter(|(_, log)| log.home().log_dir == *log_dir);
        here.filter_map(|(_, log)| Some((log.topic_partition(), offset(log)?))).collect()
    }

    fn write_offsets(&self, disk: &mut Disk, name: &str, offset: impl Fn(&Log) -> Option<Offset>) {
        for log_dir in &self.log_dirs {
            let mut offsets = self.offsets(log_dir, &offset);
            scala_hash_map_order(&mut offsets, |(tp, _)| topic_partition_hash(tp));
            write(disk, log_dir, name, &offsets);
        }
    }
}

fn write(disk: &mut Disk, log_dir: &str, name: &str, offsets: &[(TopicPartition, Offset)]) {
    let text = offsets_text(offsets.iter().map(|(tp, offset)| (tp, *offset)));
    disk.replace(&join(log_dir, name), text);
}

/// What a checkpoint says; nothing if it is damaged.
fn read_offsets(disk: &mut Disk, log_dir: &str, name: &str) -> BTreeMap<TopicPartition, Offset> {
    let bytes = disk.read_path(&join(log_dir, name)).unwrap_or_default();
    let offsets = std::str::from_utf8(&bytes).ok().and_then(|text| parse_offsets(text).ok());
    offsets.unwrap_or_default().into_iter().collect()
}

/// The directories in `log_dir`, by name.
fn directories(disk: &Disk, log_dir: &str) -> Vec<String> {
    let mut names: Vec<_> = disk
        .list(log_dir)
        .iter()
        .filter_map(|(path, _)| path.split_once('/').map(|(name, _)| name.to_owned()))
        .collect();
    names.dedup();
    names
}

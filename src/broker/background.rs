//! What a broker does from time to time: checkpoints, retention, flushing, deleting.
//!
//! In Kafka: the scheduled tasks of `LogManager` and `ReplicaManager`.

use super::Broker;
use crate::log::Disk;
use crate::node::{Outbox, Timer, Why};
use crate::sim::Duration;

/// Why logs are looked at for the first time.
const INITIAL: Why = Why::Config("log.initial.task.delay.ms");

impl Broker {
    /// Begins with what is done from time to time.
    pub(super) fn schedule_background(&mut self, out: &mut Outbox) {
        let config = &self.config;
        let initial = out.now + config.log_initial_task_delay;
        out.set_timer(Timer::LogRetention, initial, INITIAL);
        out.set_timer(Timer::RecoveryPointCheckpoint, initial, INITIAL);
        self.flusher_starts = initial;
        let every = config.replica_high_watermark_checkpoint_interval;
        let why = Why::Config("replica.high.watermark.checkpoint.interval.ms");
        out.set_timer(Timer::HighWatermarkCheckpoint, out.now + every, why);
        self.schedule_isr_expiration(out);
        self.schedule_log_tasks(out);
        if self.replicas.logs.has_timed_flushes() {
            self.schedule_flusher(out);
        }
    }

    /// Sets the timer for the next look for logs that `flush.ms` wants flushed. Kafka looks every
    /// `log.flush.scheduler.interval.ms`; by default that is once, 30 s after the start. Here it does
    /// not look while no log has a `flush.ms`.
    pub(super) fn schedule_flusher(&self, out: &mut Outbox) {
        let (first, every) = (self.flusher_starts, self.config.log_flush_scheduler_interval);
        let (at, why) = if out.now < first {
            (first, INITIAL)
        } else if every.is_zero() || every == Duration::MAX {
            return;
        } else {
            let so_far = out.now.since(first).as_nanos() / every.as_nanos();
            (first + every * (so_far + 1), Why::Config("log.flush.scheduler.interval.ms"))
        };
        out.set_timer(Timer::LogFlusher, at, why);
    }

    /// Sets the timer for the next file that is to be flushed or removed.
    pub(super) fn schedule_log_tasks(&self, out: &mut Outbox) {
        if let Some(at) = self.replicas.logs.next_task() {
            let wait = Duration::from_millis(at.0.saturating_sub(out.wall.0).max(0) as u64);
            let why = Why::Config("file.delete.delay.ms");
            out.set_timer(Timer::LogFlush, out.now + wait, why);
        }
    }

    pub(super) fn on_background_timer(&mut self, timer: Timer, disk: &mut Disk, out: &mut Outbox) {
        let logs = &mut self.replicas.logs;
        match timer {
            Timer::HighWatermarkCheckpoint => {
                logs.checkpoint_high_watermarks(disk);
                let every = self.config.replica_high_watermark_checkpoint_interval;
                let why = Why::Config("replica.high.watermark.checkpoint.interval.ms");
                out.set_timer(timer, out.now + every, why);
            }
            Timer::RecoveryPointCheckpoint => {
                logs.checkpoint_recovery_points(disk);
                logs.checkpoint_log_starts(disk);
                let every = self.config.log_flush_offset_checkpoint_interval;
                let why = Why::Config("log.flush.offset.checkpoint.interval.ms");
                out.set_timer(timer, out.now + every, why);
            }
            Timer::LogRetention => {
                logs.cleanup(disk, out);
                logs.remove_expired_producers(out.wall);
                let every = self.config.log_retention_check_interval;
                let why = Why::Config("log.retention.check.interval.ms");
                out.set_timer(timer, out.now + every, why);
                self.schedule_log_tasks(out);
            }
            Timer::LogFlusher => {
                logs.flush_dirty(disk, out.wall);
                if logs.has_timed_flushes() {
                    self.schedule_flusher(out);
                }
            }
            Timer::LogFlush => {
                logs.run_tasks(disk, out.wall);
                self.schedule_log_tasks(out);
            }
            other => unreachable!("{other:?} is not a timer of a broker"),
        }
    }
}

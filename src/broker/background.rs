//! What a broker does from time to time: checkpoints, retention, flushing, deleting.
//!
//! In Kafka: the scheduled tasks of `LogManager` and `ReplicaManager`.

use super::Broker;
use crate::log::Disk;
use crate::node::{Outbox, Timer, Why};
use crate::sim::Duration;

/// The first look at logs comes so long after the start (`InitialTaskDelayMs`).
const INITIAL_DELAY: Duration = Duration::from_secs(30);

impl Broker {
    /// Begins with what is done from time to time.
    pub(super) fn schedule_background(&self, out: &mut Outbox) {
        let config = &self.config;
        let initial = out.now + INITIAL_DELAY;
        let why = Why::Rule("logs are looked at 30 s after the start for the first time");
        out.set_timer(Timer::LogRetention, initial, why);
        out.set_timer(Timer::RecoveryPointCheckpoint, initial, why);
        let every = config.replica_high_watermark_checkpoint_interval;
        let why = Why::Config("replica.high.watermark.checkpoint.interval.ms");
        out.set_timer(Timer::HighWatermarkCheckpoint, out.now + every, why);
        self.schedule_isr_expiration(out);
        self.schedule_log_tasks(out);
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
            Timer::LogFlush => {
                logs.run_tasks(disk, out.wall);
                self.schedule_log_tasks(out);
            }
            other => unreachable!("{other:?} is not a timer of a broker"),
        }
    }
}

//! `close()`: a last commit, the last callback, leaving the group, ending the fetch sessions.
//!
//! In Kafka: `ClassicKafkaConsumer.close`, `ConsumerCoordinator.close`, `AbstractCoordinator.close`,
//! `Fetcher.maybeCloseFetchSessions`.

use super::Consumer;
use super::application::Activity;
use super::discovery::Patience;
use crate::node::{Outbox, Peer};
use crate::sim::{Duration, Instant};

/// `close()` without an argument waits for so long.
const DEFAULT_CLOSE_TIMEOUT: Duration = Duration::from_secs(30);

/// A service of go-zero is killed so long after it was told to end.
const FORCE_QUIT: Duration = Duration::from_millis(5_500);

/// How far `close` has come.
#[derive(Clone, Debug)]
pub(super) struct Closing {
    stage: Stage,
    status: i32,
    began: Instant,
    /// When it stops waiting in this stage.
    deadline: Instant,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    /// The last commit is under way.
    Committing,
    /// Asynchronous commits wait for a coordinator.
    FindingCoordinator,
    /// The coordinator has not answered everything.
    Leaving(Option<Peer>),
    /// So many brokers have not answered that the session is over.
    EndingSessions(usize),
}

impl Closing {
    /// A broker has answered that its session is over.
    pub(super) fn session_ended(&mut self) {
        if let Stage::EndingSessions(left) = &mut self.stage {
            *left -= 1;
        }
    }

    pub(super) const fn deadline(&self) -> Instant {
        self.deadline
    }
}

impl Consumer {
    /// The application closes its consumer, to end with `status`.
    pub(super) fn begin_close(&mut self, status: i32, out: &mut Outbox) {
        let config = &self.core.spec.config;
        let timeout = DEFAULT_CLOSE_TIMEOUT.min(config.request_timeout);
        let commits = config.enable_auto_commit;
        let mut stage = Stage::FindingCoordinator;
        let step = &mut self.core.step(out);
        if let Some(coordinator) = &mut self.coordinator {
            coordinator.begin_call(step);
            coordinator.commits.abandon_sync();
            if commits {
                coordinator.begin_commit_sync(timeout, step);
                stage = Stage::Committing;
            }
        }
        let deadline = out.now + timeout;
        self.app.activity = Activity::Closing(Closing { stage, status, began: out.now, deadline });
    }

    /// Goes on with `close`. False if it waits.
    pub(super) fn advance_close(&mut self, out: &mut Outbox) -> bool {
        let Activity::Closing(closing) = self.app.activity.clone() else { return false };
        let is_late = closing.deadline <= out.now;
        let next = match closing.stage {
            Stage::Committing => self.last_commit(out),
            Stage::FindingCoordinator => self.leave(is_late, out),
            Stage::Leaving(peer) => self.end_sessions(&closing, peer, out),
            Stage::EndingSessions(left) if (left > 0 || self.processors.is_busy()) && !is_late => {
                None
            }
            Stage::EndingSessions(_) => {
                out.exit(closing.status);
                self.app.activity = Activity::Closed;
                return true;
            }
        };
        let Some((stage, deadline)) = next else { return false };
        let deadline = deadline.unwrap_or(closing.deadline);
        self.app.activity = Activity::Closing(Closing { stage, deadline, ..closing });
        true
    }

    fn last_commit(&mut self, out: &mut Outbox) -> Option<(Stage, Option<Instant>)> {
        let step = &mut self.core.step(out);
        let coordinator = self.coordinator.as_mut()?;
        match coordinator.drive_commit_sync(step) {
            Ok(None) => None,
            // Whatever became of it, the consumer leaves.
            Ok(Some(_)) | Err(_) => Some((Stage::FindingCoordinator, None)),
        }
    }

    fn leave(&mut self, is_late: bool, out: &mut Outbox) -> Option<(Stage, Option<Instant>)> {
        let step = &mut self.core.step(out);
        let Some(coordinator) = &mut self.coordinator else {
            return Some((Stage::Leaving(None), None));
        };
        if coordinator.commits.awaits_lookup() && !is_late {
            let is_found = coordinator.ensure_ready(Patience::Call, step);
            if is_found == Ok(false) {
                return None;
            }
        }
        coordinator.heartbeat.close_thread();
        coordinator.on_leave_prepare(step);
        coordinator.maybe_leave_group("the consumer is being closed", step);
        let is_unknown = coordinator.coordinator_unknown(step);
        let peer = coordinator.peer().filter(|_| !is_unknown);
        Some((Stage::Leaving(peer), None))
    }

    fn end_sessions(
        &mut self,
        closing: &Closing,
        coordinator: Option<Peer>,
        out: &mut Outbox,
    ) -> Option<(Stage, Option<Instant>)> {
        let waits = |peer| self.core.client.outstanding(peer) > 0;
        if closing.deadline > out.now && coordinator.is_some_and(waits) {
            return None;
        }
        let left = DEFAULT_CLOSE_TIMEOUT.saturating_sub(out.now.since(closing.began));
        let deadline = out.now + left.min(self.core.spec.config.request_timeout);
        let sessions = self.fetcher.close_sessions(&mut self.core.step(out));
        if self.core.spec.personality.has_pool() {
            // Its handlers go on with what was read. Nobody commits it any more.
            return Some((Stage::EndingSessions(sessions), Some(closing.began + FORCE_QUIT)));
        }
        Some((Stage::EndingSessions(sessions), Some(deadline)))
    }
}

//! The consumer's timers: each is set anew only when its time has changed.

use crate::node::{Outbox, Timer, Why};
use crate::sim::Instant;

/// The slot of [`Timer::Retry`] that a consumer uses.
const RETRY: u32 = 0;

/// When each timer is set for.
#[derive(Clone, Debug, Default)]
pub(super) struct Alarms {
    heartbeat: Option<Instant>,
    poll_interval: Option<Instant>,
    poll: Option<Instant>,
    auto_commit: Option<Instant>,
    retry: Option<Instant>,
}

/// When the consumer wants to be woken, and for what.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted {
    /// A heartbeat, or a look for the coordinator.
    pub(super) heartbeat: Option<(Instant, Why)>,
    /// The application will have stayed away for too long.
    pub(super) poll_interval: Option<Instant>,
    /// The application goes on.
    pub(super) poll: Option<Instant>,
    /// Positions are committed by themselves.
    pub(super) auto_commit: Option<Instant>,
    /// Something is tried again, or a call ends.
    pub(super) retry: Option<(Instant, Why)>,
}

impl Alarms {
    /// `timer` went off.
    pub(super) fn fired(&mut self, timer: Timer) {
        match timer {
            Timer::Heartbeat => self.heartbeat = None,
            Timer::PollInterval => self.poll_interval = None,
            Timer::Poll => self.poll = None,
            Timer::AutoCommit => self.auto_commit = None,
            Timer::Retry(RETRY) => self.retry = None,
            _ => {}
        }
    }

    /// Sets what has changed.
    pub(super) fn set(&mut self, wanted: Wanted, out: &mut Outbox) {
        set(&mut self.heartbeat, wanted.heartbeat, Timer::Heartbeat, out);
        let interval = wanted.poll_interval.map(|at| (at, Why::Config("max.poll.interval.ms")));
        set(&mut self.poll_interval, interval, Timer::PollInterval, out);
        set(&mut self.poll, wanted.poll.map(|at| (at, Why::Scenario)), Timer::Poll, out);
        let commit = wanted.auto_commit.map(|at| (at, Why::Config("auto.commit.interval.ms")));
        set(&mut self.auto_commit, commit, Timer::AutoCommit, out);
        set(&mut self.retry, wanted.retry, Timer::Retry(RETRY), out);
    }
}

fn set(slot: &mut Option<Instant>, wanted: Option<(Instant, Why)>, timer: Timer, out: &mut Outbox) {
    if *slot == wanted.map(|(at, _)| at) {
        return;
    }
    *slot = wanted.map(|(at, _)| at);
    match wanted {
        Some((at, why)) => out.set_timer(timer, at, why),
        None => out.cancel_timer(timer),
    }
}

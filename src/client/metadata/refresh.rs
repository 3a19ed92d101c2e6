//! When metadata is asked for: at once when something is missing or wrong, but ever more slowly
//! while the answers say nothing new.

use crate::node::Backoff;
use crate::sim::rng::Stream;
use crate::sim::{Duration, Instant};

/// The state of asking for metadata.
#[derive(Clone, Debug)]
pub(super) struct Refresh {
    max_age: Duration,
    backoff: Backoff,
    chance: Stream,
    full_wanted: bool,
    partial_wanted: bool,
    /// The last answer or failure; none if the next request need not wait for it.
    last_news: Option<Instant>,
    last_success: Option<Instant>,
    /// Failures since the last answer.
    failures: u32,
    wait_after_failures: Duration,
    /// Answers in a row that told nothing new.
    equivalent: u32,
    wait_after_equivalent: Duration,
    /// Raised by every topic that is new.
    request_version: u32,
    in_progress: Option<InProgress>,
    /// When the attempts began that have not succeeded yet.
    attempts_since: Option<Instant>,
    /// What [`Refresh::due_at`] said last, and until when that holds.
    known_due: (Instant, Instant),
}

#[derive(Clone, Copy, Debug)]
struct InProgress {
    request_version: u32,
    partial: bool,
}

impl Refresh {
    /// Everything is wanted at once.
    pub(super) fn new(max_age: Duration, backoff: Backoff, chance: Stream) -> Self {
        Self {
            max_age,
            backoff,
            chance,
            full_wanted: true,
            partial_wanted: false,
            last_news: None,
            last_success: None,
            failures: 0,
            wait_after_failures: Duration::ZERO,
            equivalent: 0,
            wait_after_equivalent: Duration::ZERO,
            request_version: 0,
            in_progress: None,
            attempts_since: None,
            known_due: (Instant::ZERO, Instant::ZERO),
        }
    }

    /// All topics shall be asked for. `reset` forgets that the last answers told nothing new.
    pub(super) fn want_full(&mut self, reset: bool) {
        self.full_wanted = true;
        self.forget_due();
        if reset {
            self.made_progress();
        }
    }

    /// New topics shall be asked for, without any wait.
    pub(super) fn want_new_topics(&mut self) {
        self.last_news = None;
        self.partial_wanted = true;
        self.made_progress();
        self.request_version += 1;
    }

    /// The answer told something new.
    pub(super) fn made_progress(&mut self) {
        self.equivalent = 0;
        self.wait_after_equivalent = Duration::ZERO;
        self.forget_due();
    }

    /// True when a request is on its way.
    pub(super) fn is_in_progress(&self) -> bool {
        self.in_progress.is_some()
    }

    /// True when somebody wants an update before the known one is too old.
    pub(super) fn is_wanted(&self) -> bool {
        self.full_wanted || self.partial_wanted
    }

    /// When the next request may leave. Asked for at every step of a client.
    #[inline]
    pub(super) fn due_at(&mut self, now: Instant) -> Instant {
        let (due, holds_until) = self.known_due;
        if now < holds_until { due } else { self.find_due(now) }
    }

    fn find_due(&mut self, now: Instant) -> Instant {
        let too_old = self.last_success.map_or(Instant::ZERO, |at| at + self.max_age);
        if too_old <= now {
            // Asking because of age does not wait longer each time.
            self.made_progress();
        }
        let wait = self.wait_after_failures.max(self.wait_after_equivalent);
        let allowed = self.last_news.map_or(Instant::ZERO, |at| at + wait);
        let due = if self.is_wanted() { allowed } else { allowed.max(too_old) };
        let holds_until = if too_old <= now { Instant::FAR_FUTURE } else { too_old };
        self.known_due = (due, holds_until);
        due
    }

    /// Something changed that [`Refresh::due_at`] depends on.
    const fn forget_due(&mut self) {
        self.known_due = (Instant::ZERO, Instant::ZERO);
    }

    /// An attempt begins: a node is looked for.
    pub(super) fn attempt(&mut self, now: Instant) {
        self.attempts_since.get_or_insert(now);
    }

    /// When the client gives up the brokers that it knows, unless an answer comes before.
    pub(super) fn rebootstrap_at(&self, trigger: Duration) -> Option<Instant> {
        self.attempts_since.map(|since| since + trigger)
    }

    /// A request leaves; true if it asks for new topics only.
    pub(super) fn begin(&mut self, now: Instant, partial_allowed: bool) -> bool {
        let fresh = self.last_success.is_some_and(|at| at + self.max_age > now);
        let partial = partial_allowed && !self.full_wanted && fresh;
        self.in_progress = Some(InProgress { request_version: self.request_version, partial });
        partial
    }

    /// The answer came; true if it was asked for new topics only. What it tells is still to be
    /// looked at: [`Refresh::made_progress`] or not, then [`Refresh::settle`].
    pub(super) fn answered(&mut self, now: Instant) -> bool {
        let asked = self.in_progress.take();
        let partial = asked.is_some_and(|asked| asked.partial);
        self.partial_wanted =
            asked.is_some_and(|asked| asked.request_version < self.request_version);
        self.last_news = Some(now);
        self.failures = 0;
        if !partial {
            self.full_wanted = false;
            self.last_success = Some(now);
        }
        self.equivalent += 1;
        self.attempts_since = None;
        self.forget_due();
        partial
    }

    /// The answer has been looked at: draws how long the next request waits at least.
    pub(super) fn settle(&mut self) {
        self.wait_after_failures = self.backoff.after(0, &mut self.chance);
        if self.equivalent > 0 {
            self.wait_after_equivalent = self.backoff.after(self.equivalent - 1, &mut self.chance);
        }
        self.forget_due();
    }

    /// There was no answer, or one without content.
    pub(super) fn failed(&mut self, now: Instant) {
        self.in_progress = None;
        self.last_news = Some(now);
        self.wait_after_failures = self.backoff.after(self.failures, &mut self.chance);
        self.failures += 1;
        self.made_progress();
    }

    /// The client begins anew with the addresses it was given.
    pub(super) fn rebootstrapped(&mut self, now: Instant) {
        self.full_wanted = true;
        self.attempts_since = Some(now);
        self.forget_due();
    }
}

//! The program around the consumer: it polls, works on what it gets, commits, and polls again.
//!
//! In Kafka: the loop that every user writes. The application is one thread; while it works, waits
//! for a commit or stays away, it does not poll. Handlers beside the client are in [`super::workers`]
//! and [`super::processors`].

use std::collections::VecDeque;

use super::Consumer;
use super::close::Closing;
use super::collector::Fetch;
use super::commit::CommitKind;
use super::completed_fetch::Run;
use super::exception::Thrown;
use super::partition::{FetchPosition, Reset};
use super::spec::{CommitPolicy, ConsumerSpec, OnError};
use crate::config::OffsetReset;
use crate::fact::{Fact, ResetReason};
use crate::feature::mutant;
use crate::ids::TopicPartition;
use crate::node::{Instruction, Outbox, SeekTo};
use crate::sim::{Duration, Instant};

/// The application tells how far it has got, or polls again after an exception, no sooner than this.
const PROGRESS: Duration = Duration::from_millis(10);
/// `poll(0)` is taken for so much: time has to pass.
const LEAST_TIMEOUT: Duration = Duration::from_millis(1);

/// What the application is doing.
#[derive(Clone, Debug)]
pub(super) enum Activity {
    /// It waits to learn which partitions its topics have.
    Starting,
    /// It is inside `poll`.
    Polling,
    /// It works on records.
    Processing(Work),
    /// It neither polls nor works.
    Away { until: Instant },
    /// It is inside `commitSync`.
    Committing,
    /// It is inside `close`.
    Closing(Closing),
    /// It has ended.
    Closed,
}

/// Records that are being worked on.
#[derive(Clone, Debug)]
pub(super) struct Work {
    runs: VecDeque<(TopicPartition, Run)>,
    /// When the next ones are done, and how many.
    next: (Instant, u64),
    /// How long one takes.
    each: Duration,
    until: Instant,
}

/// The application's state.
#[derive(Clone, Debug)]
pub(super) struct Application {
    pub(super) activity: Activity,
    pub(super) instructions: VecDeque<Instruction>,
    /// The exit status that it is to end with.
    pub(super) ends_with: Option<i32>,
    /// What it works on once the commit under way has ended.
    committed_first: Option<Vec<(TopicPartition, Run)>>,
    pub(super) delivered: u64,
    pub(super) processed: u64,
    /// When the application last began to poll; it calls again whenever a call ends with nothing.
    polling_since: Instant,
    /// When the current call ends, while it waits for something.
    pub(super) call_ends_at: Option<Instant>,
    /// The current call waits for committed offsets: the group has had its turn in it.
    pub(super) awaits_positions: bool,
}

impl Application {
    pub(super) fn new(activity: Activity, now: Instant) -> Self {
        Self {
            activity,
            instructions: VecDeque::new(),
            ends_with: None,
            committed_first: None,
            delivered: 0,
            processed: 0,
            polling_since: now,
            call_ends_at: None,
            awaits_positions: false,
        }
    }

    pub(super) fn begin_call(&mut self, now: Instant) {
        self.polling_since = now;
        self.call_ends_at = None;
        self.awaits_positions = false;
    }

    /// When the call that is under way began: calls follow each other without a break.
    pub(super) fn call_began_at(&self, spec: &ConsumerSpec, now: Instant) -> Instant {
        let timeout = spec.poll_timeout.max(LEAST_TIMEOUT);
        let calls = now.since(self.polling_since).as_nanos() / timeout.as_nanos();
        self.polling_since + timeout * calls
    }

    /// When it will end if nothing comes.
    pub(super) fn call_would_end_at(&self, spec: &ConsumerSpec, now: Instant) -> Instant {
        self.call_began_at(spec, now) + spec.poll_timeout.max(LEAST_TIMEOUT)
    }

    /// True if a call that waits has waited for as long as the application allows.
    pub(super) fn call_has_ended(&mut self, spec: &ConsumerSpec, now: Instant) -> bool {
        let ends = match self.call_ends_at {
            Some(ends) => ends,
            None => self.call_would_end_at(spec, now),
        };
        self.call_ends_at = Some(ends);
        ends <= now
    }

    /// True while the application's thread is elsewhere than in a call of its consumer.
    pub(super) const fn is_busy(&self) -> bool {
        matches!(self.activity, Activity::Processing(_) | Activity::Away { .. })
    }

    /// Until when the application is known not to poll; none while it polls.
    pub(super) fn busy_until(&self) -> Option<Instant> {
        match &self.activity {
            Activity::Starting | Activity::Polling | Activity::Closing(_) | Activity::Closed => {
                None
            }
            Activity::Processing(work) => Some(work.until),
            Activity::Away { until } => Some(*until),
            Activity::Committing => Some(Instant::FAR_FUTURE),
        }
    }

    /// When the application itself goes on with something.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        match &self.activity {
            Activity::Processing(work) => Some(work.next.0),
            Activity::Away { until } => Some(*until),
            _ => None,
        }
    }
}

impl Consumer {
    /// Lets the application do what it can do now. False if it waits.
    pub(super) fn advance(&mut self, out: &mut Outbox) -> bool {
        match &mut self.app.activity {
            Activity::Starting | Activity::Committing if self.app.ends_with.is_some() => {
                // `wakeup()`, as below.
                self.go_on(out);
                true
            }
            Activity::Starting => self.assign_all(out),
            Activity::Polling => {
                let worked = self.run_workers(out) || self.run_processors(out);
                self.advance_polling(out) || worked
            }
            Activity::Processing(work) if work.next.0 > out.now => false,
            Activity::Processing(_) => {
                self.process(out);
                true
            }
            Activity::Away { until } if *until > out.now => false,
            Activity::Away { .. } => {
                self.go_on(out);
                true
            }
            Activity::Committing => self.advance_commit(out),
            Activity::Closing(_) => {
                let worked = self.run_processors(out);
                self.advance_close(out) || worked
            }
            Activity::Closed => false,
        }
    }

    fn advance_polling(&mut self, out: &mut Outbox) -> bool {
        if self.app.ends_with.is_some() && self.handlers.end() {
            // Closing waits for the handlers.
            return false;
        }
        if self.app.ends_with.is_some() || !self.app.instructions.is_empty() {
            // `wakeup()`: poll ends with an exception, and the application sees what is asked.
            self.end_poll(out);
            self.go_on(out);
            return true;
        }
        match self.poll(out) {
            Ok(None) => false,
            Ok(Some(fetch)) => {
                self.take_records(fetch, out);
                true
            }
            Err(thrown) => {
                self.on_thrown(&thrown, out);
                true
            }
        }
    }

    /// The application leaves `poll`: how long it stays away counts from its last call.
    fn end_poll(&mut self, out: &Outbox) {
        let began = self.app.call_began_at(&self.core.spec, out.now);
        if let Some(coordinator) = &mut self.coordinator {
            coordinator.heartbeat.polled_at(began, &self.core.spec.config);
        }
    }

    /// Between two polls: ends if it is told to, does what else it is told, or polls again.
    pub(super) fn go_on(&mut self, out: &mut Outbox) {
        self.app.activity = Activity::Polling;
        self.app.committed_first = None;
        if let Some(status) = self.app.ends_with {
            self.begin_close(status, out);
            return;
        }
        while let Some(instruction) = self.app.instructions.pop_front() {
            self.obey(&instruction, out);
            if !matches!(self.app.activity, Activity::Polling) {
                return;
            }
        }
        self.begin_poll(out);
    }

    pub(super) fn on_thrown(&mut self, thrown: &Thrown, out: &mut Outbox) {
        out.fact(|| Fact::PollFailed { exception: thrown.0.clone() });
        match self.core.spec.on_error {
            OnError::Exit => self.begin_close(1, out),
            OnError::PollAgain => {
                let until = out.now + PROGRESS;
                self.app.activity = Activity::Away { until };
            }
        }
    }

    // ---- records ----

    fn take_records(&mut self, mut fetch: Fetch, out: &mut Outbox) {
        if mutant!(out, RecordsDropped) {
            fetch.runs.retain(|(_, run)| run.from.0 % 5 != 0);
        }
        if self.core.spec.personality.has_workers() {
            if self.core.spec.personality.has_pool() {
                self.hand_to_processors(fetch, out);
            } else {
                self.hand_to_workers(fetch, out);
            }
            self.go_on(out);
            return;
        }
        for (tp, run) in &fetch.runs {
            self.app.delivered += run.records as u64;
            out.detail(|| Fact::RecordsDelivered {
                tp: tp.clone(),
                from: run.from,
                to: run.to,
                records: run.records,
            });
        }
        let records: u64 = fetch.runs.iter().map(|(_, run)| run.records as u64).sum();
        if records == 0 {
            // Only the position moved: the application is handed an empty batch.
            self.go_on(out);
            return;
        }
        if self.core.spec.commit == CommitPolicy::Before && self.coordinator.is_some() {
            self.app.committed_first = Some(fetch.runs);
            self.commit_sync(out);
            return;
        }
        self.work_on(fetch.runs, out);
    }

    fn work_on(&mut self, runs: Vec<(TopicPartition, Run)>, out: &Outbox) {
        let records: u64 = runs.iter().map(|(_, run)| run.records as u64).sum();
        let each = self.core.spec.process * out.cpu_factor.max(1);
        let until = out.now + each * records;
        let mut work = Work { runs: runs.into(), next: (out.now, 0), each, until };
        work.next = Self::next_progress(&work, out.now);
        self.app.activity = Activity::Processing(work);
    }

    /// When some more records will be done, and how many.
    fn next_progress(work: &Work, now: Instant) -> (Instant, u64) {
        let left: u64 = work.runs.iter().map(|(_, run)| run.records as u64).sum();
        let each = work.each;
        if each.is_zero() {
            return (now, left);
        }
        let records = (PROGRESS.as_nanos() / each.as_nanos()).clamp(1, left);
        (now + each * records, records)
    }

    fn process(&mut self, out: &mut Outbox) {
        let Activity::Processing(work) = &mut self.app.activity else { return };
        let mut done = work.next.1;
        self.app.processed += done;
        while done > 0
            && let Some((tp, run)) = work.runs.front_mut()
        {
            let some = done.min(run.records as u64);
            done -= some;
            run.records -= some as u32;
            run.from = if run.records == 0 { run.to } else { run.from.plus(some) };
            let to = run.from;
            out.detail(|| Fact::RecordsProcessed { tp: tp.clone(), to });
            if run.records == 0 {
                work.runs.pop_front();
            }
        }
        if !work.runs.is_empty() {
            work.next = Self::next_progress(work, out.now);
            return;
        }
        self.commit_by_policy(out);
    }

    // ---- commits ----

    fn commit_by_policy(&mut self, out: &mut Outbox) {
        let policy = self.core.spec.commit;
        match policy {
            CommitPolicy::Sync if self.coordinator.is_some() => self.commit_sync(out),
            CommitPolicy::Async if self.coordinator.is_some() => {
                let step = &mut self.core.step(out);
                let coordinator = self.coordinator.as_mut().expect("there is a group");
                match coordinator.commit_async(CommitKind::Async, step) {
                    Ok(_) => self.go_on(out),
                    Err(thrown) => self.on_thrown(&thrown, out),
                }
            }
            CommitPolicy::Auto
            | CommitPolicy::None
            | CommitPolicy::Before
            | CommitPolicy::Sync
            | CommitPolicy::Async => {
                self.go_on(out);
            }
        }
    }

    fn commit_sync(&mut self, out: &mut Outbox) {
        let timeout = self.core.spec.config.default_api_timeout;
        let step = &mut self.core.step(out);
        let Some(coordinator) = &mut self.coordinator else { return };
        coordinator.begin_call(step);
        coordinator.begin_commit_sync(timeout, step);
        self.app.activity = Activity::Committing;
    }

    fn advance_commit(&mut self, out: &mut Outbox) -> bool {
        let step = &mut self.core.step(out);
        let coordinator = self.coordinator.as_mut().expect("only a group commits");
        match coordinator.drive_commit_sync(step) {
            Ok(None) => return false,
            Ok(Some(Err(failure))) if failure.is_fenced() => {
                self.on_thrown(&Thrown::new("FencedInstanceIdException"), out);
            }
            // The application notes a failure and polls: that joins the group again.
            Ok(Some(result)) => match self.app.committed_first.take() {
                Some(runs) if result.is_ok() => self.work_on(runs, out),
                _ => self.go_on(out),
            },
            Err(thrown) => self.on_thrown(&thrown, out),
        }
        true
    }

    // ---- what the application is told to do ----

    fn obey(&mut self, instruction: &Instruction, out: &mut Outbox) {
        match instruction {
            Instruction::Seek { tp, to } => self.seek(tp, *to, out),
            Instruction::Commit => self.commit_sync(out),
            Instruction::Stall { span } if self.core.spec.personality.has_workers() => {
                self.handlers.stall(out.now + *span);
                self.processors.stall(out.now + *span);
            }
            Instruction::Stall { span } => {
                self.app.activity = Activity::Away { until: out.now + *span };
            }
            Instruction::Produce { .. } | Instruction::Rate { .. } | Instruction::Admin(_) => {}
        }
    }

    fn seek(&mut self, tp: &TopicPartition, to: SeekTo, out: &mut Outbox) {
        let step = &mut self.core.step(out);
        let leader = step.current_leader(tp);
        let Some(state) = step.subscriptions.get_mut(tp) else { return };
        let reason = ResetReason::Seek;
        match to {
            SeekTo::Offset(offset) => {
                // Without an epoch there is nothing to validate.
                state.seek_unvalidated(FetchPosition { offset, offset_epoch: None, leader });
                step.out.fact(|| Fact::PositionReset { tp: tp.clone(), to: offset, reason });
            }
            SeekTo::Earliest => {
                state.request_reset(Reset { strategy: OffsetReset::Earliest, reason });
            }
            SeekTo::Latest => {
                state.request_reset(Reset { strategy: OffsetReset::Latest, reason });
            }
        }
    }
}

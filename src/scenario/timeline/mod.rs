//! Time travel over a run: step in both directions, scrub, fork.
//!
//! The present is a [`Runner`]; the past is a history of events and some moments that were kept. A
//! step back restores the last moment kept before, and lets everything happen again up to the target:
//! the same scenario, seed and typed lines make the same trace. Doing something else in the past
//! forks: the old future is kept beside the new one.

mod checkpoints;
mod future;
mod history;
mod ledger;
mod meter;
mod ownership;
mod tools;
mod travel;
mod writer;

use std::sync::Arc;

use future::Future;
pub use future::{FutureId, Typed};
pub use history::{History, Marks, Past};
pub use ledger::{Books, Kept, Ledger, What};
use meter::Meter;
pub use meter::{Bucket, Latencies, Levels, Series};
pub use ownership::{Hold, Ownership, Rebalance, Span};
pub use travel::{Pause, Unit};

use crate::cluster::{EventKind, Happened, Told};
use crate::explain::why;
use crate::explain::{Importance, Story, StoryBuilder, StoryLine};
use crate::fact::Fact;
use crate::ids::Name;
use crate::scenario::language::{Condition, LineError};
use crate::scenario::model::Scenario;
use crate::scenario::runner::Runner;
use crate::scenario::save::Recorded;
use crate::sim::{Duration, Instant};

/// A moment of a run: everything that what follows depends on.
#[derive(Clone, Debug)]
struct Moment {
    /// How many steps the run has made.
    step: u32,
    runner: Runner,
    builder: StoryBuilder,
    meter: Meter,
}

/// A breakpoint.
#[derive(Clone, Debug)]
pub struct Breakpoint {
    /// The condition.
    pub condition: Condition,
    /// As it is written.
    pub text: String,
    /// Whether it held at the last look: it pauses when it begins to hold.
    holds: bool,
}

/// A run that can be travelled.
#[derive(Clone, Debug)]
pub struct Timeline {
    now: Moment,
    futures: Vec<Future>,
    current: usize,
    breakpoints: Vec<Breakpoint>,
    lines: Vec<StoryLine>,
}

impl Timeline {
    /// A run at its beginning.
    pub fn new(scenario: Arc<Scenario>) -> Self {
        let meter = Meter::new(scenario.duration);
        let runner = Runner::new(scenario, false).going_on().counting_bytes();
        let now = Moment { step: 0, runner, builder: StoryBuilder::default(), meter };
        let mut first = Future::default();
        first.checkpoints.visit(&now);
        Self { now, futures: vec![first], current: 0, breakpoints: Vec::new(), lines: Vec::new() }
    }

    /// The run at the cursor.
    pub fn runner(&self) -> &Runner {
        &self.now.runner
    }

    /// The instant of the cursor.
    pub fn at(&self) -> Instant {
        self.now.runner.now()
    }

    /// The id of the last event before the cursor.
    pub fn event(&self) -> u32 {
        self.now.runner.last_event()
    }

    /// What is remembered of this future, which may reach beyond the cursor.
    pub fn history(&self) -> &History {
        &self.future().history
    }

    /// What is kept of this future for those who draw time, which may reach beyond the cursor.
    pub fn ledger(&self) -> &Ledger {
        &self.future().ledger
    }

    /// What was measured of this future, which may reach beyond the cursor.
    pub fn series(&self) -> &Series {
        &self.future().series
    }

    /// How wide its buckets are.
    pub fn bucket_width(&self) -> Duration {
        self.now.meter.width()
    }

    /// Who read which partition of a group, up to the cursor.
    pub fn ownership(&self, group: &str) -> Ownership {
        let lens = self.now.runner.lens();
        let kept = self.ledger().until(self.event());
        let ownership = Ownership::of(group, kept, |node| &**lens.name(node));
        ownership.without(|tp| self.now.runner.scores().outages(tp))
    }

    /// The story up to the cursor.
    pub fn story(&self) -> &Story {
        &self.future().story
    }

    /// The instant up to which this future has been seen.
    pub fn seen_until(&self) -> Instant {
        self.future().seen_until.max(self.at())
    }

    /// True if the cursor is where this future has been seen to.
    pub fn is_at_frontier(&self) -> bool {
        self.now.step >= self.future().steps
    }

    /// True if the run is over at the cursor.
    pub fn is_over(&self) -> bool {
        self.now.runner.is_over()
    }

    fn future(&self) -> &Future {
        &self.futures[self.current]
    }

    /// The futures there are: the first is that of the scenario alone.
    pub fn futures(&self) -> usize {
        self.futures.len()
    }

    /// The future that the cursor is in.
    pub const fn current(&self) -> FutureId {
        FutureId(self.current)
    }

    /// The lines that were typed in a future, and up to when it was seen.
    ///
    /// # Panics
    /// When there is no such future.
    pub fn future_of(&self, id: FutureId) -> (&[Typed], Instant) {
        let future = &self.futures[id.0];
        (&future.typed, future.seen_until)
    }

    /// The lines that were typed in this future, with their times.
    pub fn recorded(&self) -> Vec<Recorded> {
        self.future().typed.iter().map(|typed| typed.recorded.clone()).collect()
    }

    /// What was done live in each future, that of this one last; futures in which nothing was are left
    /// out.
    pub fn done_live(&self) -> Vec<Vec<Recorded>> {
        let others = (0..self.futures.len()).filter(|id| *id != self.current);
        let lines = others.chain([self.current]).map(|id| {
            let typed = self.futures[id].typed.iter();
            typed.map(|typed| typed.recorded.clone()).collect::<Vec<_>>()
        });
        lines.filter(|lines| !lines.is_empty()).collect()
    }

    /// Takes a line that was typed. If there is a future that was seen already, it is kept, and
    /// another one begins.
    ///
    /// # Errors
    /// When the line cannot be read, or names what is not there.
    pub fn type_line(&mut self, line: &str) -> Result<(), LineError> {
        let instruction = self.now.runner.names().read(line)?;
        if !self.is_at_frontier() {
            self.fork();
        }
        let step = self.now.step;
        self.now.runner.order(instruction.clone());
        let recorded = self.now.runner.recorded().last().expect("it was just typed").clone();
        self.futures[self.current].typed.push(Typed { step, instruction, recorded });
        Ok(())
    }

    /// Why a line would be refused if it was typed now; none if it would not be. Nothing is changed.
    ///
    /// # Errors
    /// When the line cannot be read, or names what is not there.
    pub fn would_refuse(&self, line: &str) -> Result<Option<Name>, LineError> {
        let mut trial = self.now.runner.clone();
        let before = trial.scores().refused.len();
        trial.type_line(line)?;
        let at = trial.recorded().last().expect("it was just typed").at;
        trial.run_until(at);
        Ok(trial.scores().refused.get(before).map(|refused| refused.problem.clone()))
    }

    /// Keeps this future and begins another one at the cursor.
    fn fork(&mut self) {
        let (step, event, at) = (self.now.step, self.event(), self.at());
        let mut fork = self.future().up_to(step, event, at, self.current);
        fork.series.truncate(self.now.meter.over());
        self.futures[self.current].cursor = step;
        self.futures.push(fork);
        self.current = self.futures.len() - 1;
    }

    /// Sets a breakpoint: the run pauses when it begins to hold.
    pub fn add_breakpoint(&mut self, condition: Condition, text: String) {
        let holds = self.now.runner.holds(&condition);
        self.breakpoints.push(Breakpoint { condition, text, holds });
    }

    /// The breakpoints.
    pub fn breakpoints(&self) -> &[Breakpoint] {
        &self.breakpoints
    }

    /// Removes a breakpoint.
    pub fn remove_breakpoint(&mut self, index: usize) {
        if index < self.breakpoints.len() {
            self.breakpoints.remove(index);
        }
    }
}

impl why::History for Timeline {
    fn event(&self, id: u32) -> Option<Happened> {
        self.history().get(id).map(|past| past.happened)
    }

    /// What was told is not kept: it happens again, aside.
    fn told(&self, event: u32) -> Vec<Told> {
        let Some(past) = self.history().get(event) else { return Vec::new() };
        let again = self.moment_after(past.step);
        again.runner.told().iter().filter(|told| told.event == event).cloned().collect()
    }

    fn story(&self) -> &Story {
        Self::story(self)
    }
}

/// What the events of a step are worth stopping at for.
fn marks_of(kind: EventKind, idle: bool) -> Marks {
    let mut marks = if idle { Marks::default() } else { Marks::SHOWN };
    match kind {
        EventKind::Request(_) | EventKind::Response(_) if !idle => marks = marks.or(Marks::MESSAGE),
        EventKind::Command => marks = marks.or(Marks::COMMAND),
        _ => {}
    }
    marks
}

fn marks_of_fact(fact: &Fact) -> Marks {
    match fact {
        Fact::LeaderElected { .. } => Marks::ELECTION,
        Fact::RebalanceStarted { .. } | Fact::AssignmentStored { .. } => Marks::REBALANCE,
        Fact::RecordAcked { .. } => Marks::ACK,
        _ => Marks::default(),
    }
}

/// True for lines that are worth stopping at.
fn is_stop(line: &StoryLine) -> bool {
    line.amends.is_none() && line.importance >= Importance::Note
}

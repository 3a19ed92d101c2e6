//! Running a scenario: its steps come at their times, its conditions are watched, its expectations
//! judged.
//!
//! A run is a function of scenario, seed and the lines typed meanwhile. Steps and lines are events of
//! class 0 (decisions 1): at one instant they come before everything else, in the order of the file
//! or in which they were typed.

mod agenda;
mod availability;
mod carry_out;
mod cast;
mod expectations;
mod hash;
mod judge;
mod lesson;
mod scores;
mod undo;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use agenda::{Agenda, Item};
pub use availability::Outage;
use cast::Cast;
pub use expectations::{Failure, Outcome, Saw, Standing, Verdict};
use expectations::{Of, Watch};
use hash::TraceHash;
use judge::Judge;
use lesson::Lesson;
pub use lesson::{Known, Speech, Spoken};
pub use scores::{Refused, Scores};
use values::Eyes;

use crate::check::Checker;
use crate::client::Client;
use crate::client::admin::AdminOutcome;
use crate::cluster::{Act, Blueprint, Cluster, EventKind, Happened, Node, Told};
use crate::fact::Fact;
use crate::ids::{BrokerId, Name};
use crate::node::Interest;
use crate::scenario::language::{Condition, Instruction, LineError, Names, Value};
use crate::scenario::model::{Scenario, Step, When};
use crate::scenario::report::Summary;
use crate::scenario::save::Recorded;
use crate::sim::{Duration, Instant, NodeId};
use crate::view::Lens;

/// A run may have so many events; then it is stopped.
pub const EVENT_CAP: u32 = 50_000_000;

/// A scenario on its way. A clone is a checkpoint.
#[derive(Clone, Debug)]
pub struct Runner {
    scenario: Arc<Scenario>,
    cluster: Cluster,
    cast: Cast,
    agenda: Agenda,
    /// The event that showed that the topics of the file exist.
    topics_exist: Option<u32>,
    /// True once clients were started, or will be at their time.
    started: bool,
    /// What can be named now.
    names: Names,
    /// What steps gave a name.
    labels: BTreeMap<Name, Value>,
    /// Steps whose condition is waited for: the step before them in the file is done.
    armed: Vec<usize>,
    /// Steps that were carried out.
    done_steps: BTreeSet<usize>,
    watches: Vec<Watch>,
    /// What was there when an expectation failed, by its place among them.
    saw: BTreeMap<usize, Vec<Saw>>,
    scores: Scores,
    hash: Option<TraceHash>,
    judge: Judge,
    /// What the scenario said.
    lesson: Lesson,
    /// The lines that were typed, with their times.
    recorded: Vec<Recorded>,
    /// The step of the scenario that was carried out in the last step of the run.
    step_done: Option<usize>,
    asks: Option<usize>,
    /// Breakpoints that were set and not yet taken.
    breaks: Vec<Condition>,
    ended: bool,
    /// Why it ended before its time.
    stopped: Option<Stop>,
    /// It may have so many events.
    event_cap: u32,
}

/// Why a run was stopped before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// It had as many events as a run may have.
    TooManyEvents,
    /// Nobody wanted more.
    Asked,
    /// An invariant was broken, and the scenario does not say so.
    InvariantBroken,
}

impl Runner {
    /// A run at its beginning. With `hashed`, its trace is hashed as it goes.
    pub fn new(scenario: Arc<Scenario>, hashed: bool) -> Self {
        let (mut cluster, cast) = cast::build(&scenario);
        cluster.set_interest(Interest::Everything);
        let mut runner = Self {
            names: scenario.names.clone(),
            cluster,
            cast,
            agenda: Agenda::default(),
            topics_exist: None,
            started: false,
            labels: BTreeMap::new(),
            armed: Vec::new(),
            done_steps: BTreeSet::new(),
            watches: Vec::new(),
            saw: BTreeMap::new(),
            scores: Scores::default(),
            hash: hashed.then(TraceHash::default),
            judge: Judge::new(&scenario),
            lesson: Lesson::default(),
            recorded: Vec::new(),
            step_done: None,
            asks: None,
            breaks: Vec::new(),
            ended: false,
            stopped: None,
            event_cap: EVENT_CAP,
            scenario,
        };
        runner.plan();
        runner
    }

    /// The run may have so many events, instead of [`EVENT_CAP`]; then it is stopped, and has failed.
    pub const fn set_event_cap(&mut self, cap: u32) {
        self.event_cap = cap;
    }

    /// Counts the bytes that are sent, for those who draw them.
    #[must_use]
    pub fn counting_bytes(mut self) -> Self {
        self.cluster.count_bytes();
        self
    }

    /// Puts everything on the agenda that has a time.
    fn plan(&mut self) {
        self.agenda.add(Instant::ZERO, Item::StartServers);
        let scenario = Arc::clone(&self.scenario);
        for (index, step) in scenario.steps.iter().enumerate() {
            if let When::At(at) = step.when {
                self.agenda.add_step(at, index, step.ask.is_some());
            }
        }
        // At one instant answers come in the order of their questions.
        let mut asks: Vec<usize> = (0..scenario.steps.len()).collect();
        asks.sort_by_key(|index| match scenario.steps[*index].when {
            When::At(at) => (false, at),
            When::Holds { .. } => (true, Instant::ZERO),
        });
        for index in asks {
            let ask = scenario.steps[index].ask.as_ref();
            if let Some(answer) = ask.and_then(|ask| ask.answer.as_ref()) {
                self.agenda.add(answer.at, Item::Answer(index));
            }
        }
        for producer in &scenario.producers {
            if let Some(stop) = producer.stop {
                let node = self.cast.producers[&producer.name];
                self.agenda.add(stop, Item::Act(Act::Stop(node), 0));
            }
        }
        if let Some(measure) = &scenario.measure {
            self.agenda.add(measure.question.at, Item::Measure);
        }
        self.watch(&scenario.expect, Instant::ZERO, Of::Run);
        for (index, goal) in scenario.goals.iter().enumerate() {
            self.watch(&goal.expect, Instant::ZERO, Of::Goal(index));
        }
        self.arm(0);
    }

    /// Waits for the condition of a step, if it has one.
    fn arm(&mut self, index: usize) {
        let waits = |step: &Step| matches!(step.when, When::Holds { .. });
        if self.scenario.steps.get(index).is_some_and(waits) {
            self.armed.push(index);
        }
    }

    /// The scenario.
    pub fn scenario(&self) -> &Arc<Scenario> {
        &self.scenario
    }

    /// A look at the cluster.
    pub fn lens(&self) -> Lens<'_> {
        Lens::new(&self.cluster)
    }

    /// From now on what travels between nodes is written down.
    pub fn set_tap(&mut self) {
        self.cluster.set_tap();
    }

    /// The cluster itself.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The present.
    pub fn now(&self) -> Instant {
        self.cluster.now()
    }

    /// How many events happened that people see.
    pub fn number(&self) -> u64 {
        self.cluster.number()
    }

    /// The id of the last event.
    pub fn last_event(&self) -> u32 {
        self.cluster.last_event()
    }

    /// What can be named now.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// What was counted so far.
    pub fn scores(&self) -> &Scores {
        &self.scores
    }

    /// Commands of the scenario that could not be carried out. Lines that were typed are not among
    /// them: who typed them was told.
    pub fn refused_steps(&self) -> Vec<Refused> {
        let typed = |refused: &Refused| {
            self.recorded.iter().any(|one| one.at == refused.at && one.line == refused.line)
        };
        self.scores.refused.iter().filter(|refused| !typed(refused)).cloned().collect()
    }

    /// What was counted so far.
    pub fn summary(&self) -> Summary {
        let scores = &self.scores;
        let judged = |what: fn(&Checker) -> u64| self.judge.checker().map_or(0, what);
        Summary {
            sent: scores.sent(None),
            acked: scores.acked(None),
            failed: scores.failed(None),
            lost: judged(|checker| checker.lost(None)),
            acked_lost: judged(|checker| checker.acked_lost(None)),
            duplicated: judged(|checker| checker.duplicated(None)),
            rebalances: scores.rebalances(),
            elections: scores.elections,
            internal_elections: scores.internal_elections,
            unclean_elections: scores.unclean_elections,
        }
    }

    /// The lines that were typed, with their times.
    pub fn recorded(&self) -> &[Recorded] {
        &self.recorded
    }

    /// How what the administrator asked for came out, in the order in which it became known.
    pub fn admin_outcomes(&self) -> &[AdminOutcome] {
        match self.cluster.node(self.cast.admin) {
            Some(Node::Client(Client::Admin(admin))) => admin.outcomes(),
            _ => &[],
        }
    }

    /// The end of the run.
    pub fn end(&self) -> Instant {
        Instant::ZERO + self.scenario.duration
    }

    /// True once the run is over.
    pub fn is_over(&self) -> bool {
        self.ended
    }

    /// The hash of the trace so far, if it is hashed.
    pub fn trace_hash(&self) -> Option<u128> {
        self.hash.as_ref().map(TraceHash::finish)
    }

    /// The instant of the next thing to happen, at most the end.
    pub fn next_at(&mut self) -> Option<Instant> {
        if self.ended {
            return None;
        }
        let event = self.cluster.next_due().map(|due| due.at);
        let item = self.agenda.next_at();
        let next = [event, item].into_iter().flatten().min();
        Some(next.map_or(self.end(), |next| next.min(self.end())))
    }

    /// Lets the next thing happen: an event, or something on the agenda. False once the run is over.
    pub fn step(&mut self) -> bool {
        if self.ended {
            return false;
        }
        let event = self.cluster.next_due().map(|due| due.at);
        let item = self.agenda.next_at().filter(|at| event.is_none_or(|event| *at <= event));
        let next = item.or(event);
        self.step_done = None;
        self.asks = None;
        self.cluster.begin_step();
        if next.is_none_or(|next| next > self.end()) {
            self.cluster.advance_to(self.end());
            self.ended = true;
            self.settle();
            self.judge_end();
        } else if let Some(at) = item {
            self.cluster.advance_to(at);
            let item = self.agenda.take().expect("it was just seen");
            self.step_done = self.carry_out_item(item);
            self.done_steps.extend(self.step_done);
        } else {
            self.cluster.step();
        }
        self.look();
        if self.cluster.last_event() >= self.event_cap && !self.ended {
            self.ended = true;
            self.stopped = Some(Stop::TooManyEvents);
        }
        true
    }

    /// The events of the last step, in order: none if it was bookkeeping.
    pub fn happened(&self) -> &[Happened] {
        self.cluster.happened()
    }

    /// What was told in the last step, in order.
    pub fn told(&self) -> &[Told] {
        self.cluster.told()
    }

    /// The step of the scenario that was carried out last, if that was in the last step of the run:
    /// its place in the file.
    pub const fn step_done(&self) -> Option<usize> {
        self.step_done
    }

    /// The step of the scenario that comes next and asks something first, if the last step of the run
    /// came to that: its place in the file.
    pub const fn asks(&self) -> Option<usize> {
        self.asks
    }

    /// The steps of the scenario that were carried out: their places in the file.
    pub fn done_steps(&self) -> impl DoubleEndedIterator<Item = usize> {
        self.done_steps.iter().copied()
    }

    /// Takes the breakpoints that were set.
    pub fn take_breaks(&mut self) -> Vec<Condition> {
        std::mem::take(&mut self.breaks)
    }

    /// Ends the run here, before its time: what could not be judged yet is not.
    pub fn stop(&mut self) {
        if !self.ended {
            self.ended = true;
            self.stopped = Some(Stop::Asked);
        }
    }

    /// Ends the run at `at`, where nothing more happens before.
    ///
    /// # Panics
    /// When something is due before.
    pub fn stop_at(&mut self, at: Instant) {
        if !self.ended {
            self.cluster.begin_step();
            self.cluster.advance_to(at.max(self.now()));
            self.stop();
        }
    }

    /// Why the run ended before its time, if it did.
    pub const fn stopped(&self) -> Option<Stop> {
        self.stopped
    }

    fn is_stopped(&self) -> bool {
        self.stopped.is_some()
    }

    /// Lets everything happen that is due by `until`.
    pub fn run_until(&mut self, until: Instant) {
        while !self.ended && self.next_at().is_some_and(|at| at <= until) {
            self.step();
        }
    }

    /// Lets everything happen to the end.
    pub fn run(&mut self) {
        while self.step() {}
    }

    /// Looks at what the last step brought: scores, hash, conditions, expectations.
    fn look(&mut self) {
        if self.topics_exist.is_none() {
            self.see_topics();
        }
        let told = self.cluster.told();
        let boots = self.cluster.happened().iter().any(|one| one.kind == EventKind::Boot);
        if told.is_empty() && !boots {
            return;
        }
        if let Some(hash) = &mut self.hash {
            for one in told {
                hash.add(self.cluster.now(), self.cluster.name(one.node), &one.fact);
            }
        }
        let now = self.cluster.now();
        self.judge_step();
        for index in 0..self.cluster.told().len() {
            self.scores.add(now, &self.cluster.told()[index]);
        }
        self.look_at_processes();
        if !self.started {
            self.maybe_start_clients();
        }
        self.check_armed();
        self.check_watches();
    }

    /// Notes which brokers came to life or died.
    fn look_at_processes(&mut self) {
        for index in 0..self.cluster.happened().len() {
            let happened = self.cluster.happened()[index];
            self.look_at_process(happened.node, happened.kind == EventKind::Boot);
        }
        for index in 0..self.cluster.told().len() {
            let told = &self.cluster.told()[index];
            let (node, now) = (told.node, self.cluster.now());
            match told.fact {
                Fact::ProcessKilled { .. }
                | Fact::ProcessExited { .. }
                | Fact::PowerLost { .. } => self.look_at_process(node, true),
                Fact::ProcessPaused | Fact::ProcessResumed => {
                    let paused = matches!(told.fact, Fact::ProcessPaused);
                    if let Some(broker) = self.broker_of(node) {
                        self.scores.on_pause(broker, paused, now);
                    }
                }
                _ => {}
            }
        }
    }

    fn look_at_process(&mut self, node: NodeId, changed: bool) {
        if changed && let Some(broker) = self.broker_of(node) {
            let alive = self.cluster.node(node).is_some();
            self.scores.on_broker(broker, alive, self.cluster.now());
        }
    }

    /// The id of a process, if it is a broker.
    fn broker_of(&self, node: NodeId) -> Option<BrokerId> {
        match self.cluster.blueprint(node) {
            Blueprint::Server(spec) if spec.broker.is_some() => Some(spec.id),
            _ => None,
        }
    }

    /// Notes the event in which the administrator learned that all topics have leaders.
    fn see_topics(&mut self) {
        if let Some(Node::Client(Client::Admin(admin))) = self.cluster.node(self.cast.admin)
            && admin.topics_ready()
        {
            self.topics_exist = Some(self.last_event());
        }
    }

    /// Starts the clients once the topics of the file exist.
    fn maybe_start_clients(&mut self) {
        let Some(cause) = self.topics_exist else { return };
        self.started = true;
        self.watch_run();
        let now = self.now();
        let scenario = Arc::clone(&self.scenario);
        for producer in &scenario.producers {
            let node = self.cast.producers[&producer.name];
            self.agenda.add(after(now) + producer.start, Item::Act(Act::Start(node), cause));
        }
        for group in &scenario.groups {
            for member in &group.members {
                let node = self.cast.consumer(&group.name, &member.name);
                let node = node.expect("every member of the file has a process");
                self.agenda.add(after(now) + member.start, Item::Act(Act::Start(node), cause));
            }
        }
    }

    /// Conditions that are waited for may hold now: their steps come next.
    fn check_armed(&mut self) {
        if self.armed.is_empty() {
            return;
        }
        let (scenario, now) = (Arc::clone(&self.scenario), self.now());
        let (met, waiting): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.armed).into_iter().partition(|index| {
                let When::Holds { condition, .. } = &scenario.steps[*index].when else {
                    unreachable!("only conditions are waited for")
                };
                self.holds(condition)
            });
        self.armed = waiting;
        for index in met {
            self.agenda.add_step(after(now), index, scenario.steps[index].ask.is_some());
        }
    }

    fn eyes(&self) -> Eyes<'_> {
        Eyes {
            lens: self.lens(),
            cast: &self.cast,
            names: &self.names,
            labels: &self.labels,
            scores: &self.scores,
            checker: self.judge.checker(),
        }
    }

    /// True if `condition` holds now.
    pub fn holds(&self, condition: &Condition) -> bool {
        condition.holds(&self.eyes())
    }

    /// Takes a line that was typed. It is carried out one nanosecond from now, and recorded.
    ///
    /// # Errors
    /// When it cannot be read, or names what is not there.
    pub fn type_line(&mut self, line: &str) -> Result<(), LineError> {
        let instruction = self.names.read(line)?;
        self.order(instruction);
        Ok(())
    }

    /// Takes a command. It is carried out one nanosecond from now, and recorded.
    pub fn order(&mut self, instruction: Instruction) {
        self.order_at(instruction, after(self.now()));
    }

    /// Takes an instruction to carry out at `at`.
    pub fn order_at(&mut self, instruction: Instruction, at: Instant) {
        assert!(at > self.now(), "the past is over");
        self.recorded.push(Recorded { at, line: instruction.line.clone() });
        self.agenda.add(at, Item::Line(Box::new(instruction)));
    }
}

/// The next instant at which something can be done to what is now.
fn after(now: Instant) -> Instant {
    now + Duration::from_nanos(1)
}

//! Moving the cursor: forward, back, to a time, to a kind of event.

use super::future::{FutureId, Typed};
use super::history::Marks;
use super::{Moment, Timeline, is_stop, marks_of, marks_of_fact};
use crate::cluster::Passage;
use crate::scenario::save::Recorded;
use crate::sim::Instant;

/// How far one step of the viewer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumIter, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Unit {
    /// To the next event.
    Event,
    /// To the next message that arrives.
    Message,
    /// To the next line of the story.
    Line,
    /// To the next election.
    Election,
    /// To the next beginning or end of a rebalance.
    Rebalance,
    /// To the next acknowledgement.
    Ack,
    /// To the next command.
    Command,
}

impl Unit {
    const fn marks(self) -> Marks {
        match self {
            Self::Event => Marks::SHOWN,
            Self::Message => Marks::MESSAGE,
            Self::Line => Marks::LINE,
            Self::Election => Marks::ELECTION,
            Self::Rebalance => Marks::REBALANCE,
            Self::Ack => Marks::ACK,
            Self::Command => Marks::COMMAND,
        }
    }
}

/// Why a run that was let go stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pause {
    /// The time that was asked for has come.
    Reached,
    /// So many steps were made.
    Tired,
    /// A breakpoint began to hold: its place.
    Breakpoint(usize),
    /// A step of the scenario was done and says so, or comes next and asks something: its place in
    /// the file.
    Step(usize),
    /// The run is over.
    Over,
}

impl Moment {
    /// Orders the lines that were typed here: they have been ordered, unless this moment was restored.
    fn order_again(&mut self, lines: &[Typed]) {
        while let Some(typed) = lines.get(self.runner.recorded().len())
            && typed.step == self.step
        {
            self.runner.order_at(typed.instruction.clone(), typed.recorded.at);
        }
    }
}

impl Timeline {
    /// Makes one step of the run. False once it is over.
    pub(super) fn advance(&mut self) -> bool {
        let moment = &mut self.now;
        let future = &mut self.futures[self.current];
        moment.order_again(&future.typed);
        let next = moment.runner.next_at();
        if let Some(next) = next {
            moment.meter.advance(next, moment.runner.lens(), &mut future.series);
        }
        if !moment.runner.step() {
            return false;
        }
        moment.step += 1;
        let runner = &moment.runner;
        moment.meter.add(runner.told());
        self.lines.clear();
        moment.builder.push_step(runner.happened(), runner.told(), &runner.lens(), &mut self.lines);
        if moment.step > future.steps {
            for happened in runner.happened() {
                let told = runner.told().iter().filter(|told| told.event == happened.id);
                let mut marks = told.fold(marks_of(happened.kind, happened.idle), |marks, told| {
                    marks.or(marks_of_fact(&told.fact))
                });
                if self.lines.iter().any(|line| line.event == happened.id && is_stop(line)) {
                    marks = marks.or(Marks::LINE);
                }
                future.history.push(happened, marks, moment.step);
            }
            future.ledger.add(runner.now(), runner.told(), runner.lens());
            future.steps = moment.step;
            future.asks.extend(moment.runner.asks().map(|_| moment.step));
            let came = moment.runner.asks().into_iter().chain(moment.runner.step_done());
            future.came.extend(came.map(|index| (moment.step, index)));
            future.seen_until = runner.now();
        }
        future.story.extend(self.lines.drain(..));
        future.checkpoints.visit(moment);
        for condition in self.now.runner.take_breaks() {
            self.add_breakpoint(condition, String::new());
        }
        true
    }

    /// Goes on until `until`, at most so many steps, or until there is reason to pause.
    pub fn play(&mut self, until: Instant, steps: usize) -> Pause {
        for _ in 0..steps {
            match self.now.runner.next_at() {
                None => return Pause::Over,
                Some(next) if next > until => return Pause::Reached,
                Some(_) => {}
            }
            if !self.advance() {
                return Pause::Over;
            }
            if let Some(step) = self.pausing_step() {
                return Pause::Step(step);
            }
            if let Some(broken) = self.look_at_breakpoints() {
                return Pause::Breakpoint(broken);
            }
        }
        Pause::Tired
    }

    /// The step of the scenario that wants a pause: one that asks, before it is done.
    fn pausing_step(&self) -> Option<usize> {
        let runner = &self.now.runner;
        let done = runner.step_done().filter(|index| runner.scenario().steps[*index].pause);
        done.or(runner.asks())
    }

    fn look_at_breakpoints(&mut self) -> Option<usize> {
        if self.breakpoints.is_empty() || self.now.runner.told().is_empty() {
            return None;
        }
        let runner = &self.now.runner;
        let mut begun = None;
        for (index, breakpoint) in self.breakpoints.iter_mut().enumerate() {
            let held =
                std::mem::replace(&mut breakpoint.holds, runner.holds(&breakpoint.condition));
            if breakpoint.holds && !held && begun.is_none() {
                begun = Some(index);
            }
        }
        begun
    }

    /// One step of the viewer forward, no further than to where the scenario asks something. False if
    /// there is nothing more of that kind.
    pub fn forward(&mut self, unit: Unit) -> bool {
        // What was seen already need not be looked for.
        let next = self.history().after(self.event(), unit.marks()).map(|next| next.step);
        let ask = self.future().asks.iter().copied().find(|ask| *ask > self.now.step);
        if let Some(step) = next.into_iter().chain(ask).min() {
            self.go_to_step(step);
            return true;
        }
        self.go_to_step(self.future().steps);
        loop {
            let seen = self.history().len();
            if !self.advance() {
                return false;
            }
            if self.now.runner.asks().is_some() {
                return true;
            }
            if self.history().after(seen, unit.marks()).is_some() {
                return true;
            }
        }
    }

    /// One step of the viewer back, to just after the last event of that kind before this one.
    /// False if there is none.
    pub fn back(&mut self, unit: Unit) -> bool {
        let Some(current) = self.history().get(self.event()) else { return false };
        // All events of a step are seen together.
        let mut event = current.happened.id;
        while event > 0 && self.history().get(event).is_some_and(|one| one.step == current.step) {
            event -= 1;
        }
        match self.history().before(event + 1, unit.marks()) {
            Some(target) => self.go_to_step(target.step),
            // Who looks for what never was stays where he is.
            None if unit == Unit::Event && self.now.step > 0 => {
                self.go_to_step(0);
                return false;
            }
            None => return false,
        }
        true
    }

    /// Goes to an instant, forward or back: to after everything that happened by then.
    pub fn go_to(&mut self, at: Instant) {
        if at < self.at() {
            let last = self.history().last_at(at);
            let step = self.history().get(last).map_or(0, |past| past.step);
            self.go_to_step(step);
        }
        while self.now.runner.next_at().is_some_and(|next| next <= at) && self.advance() {}
    }

    /// Goes to just after an event that was seen.
    pub fn go_to_event(&mut self, event: u32) {
        let step = self.history().get(event).map_or(0, |past| past.step);
        self.go_to_step(step);
    }

    /// The moment just after a step that was seen, aside: the cursor stays where it is.
    pub(super) fn moment_after(&self, step: u32) -> Moment {
        let kept = self.future().checkpoints.before(step.saturating_sub(1));
        let mut moment = kept.expect("the beginning is always kept").clone();
        while moment.step < step {
            moment.order_again(&self.future().typed);
            if !moment.runner.step() {
                break;
            }
            moment.step += 1;
        }
        moment
    }

    /// Goes to where a step of the scenario asks something, or was just done if it does not ask. False
    /// if it never comes; then the cursor stays where it is.
    pub fn go_to_scenario_step(&mut self, index: usize) -> bool {
        let came = self.future().came.iter().find(|(_, one)| *one == index);
        if let Some((step, _)) = came.copied() {
            self.go_to_step(step);
            return true;
        }
        let from = self.now.step;
        self.go_to_step(self.future().steps);
        while self.advance() {
            let runner = &self.now.runner;
            if runner.asks() == Some(index) || runner.step_done() == Some(index) {
                return true;
            }
        }
        self.go_to_step(from);
        false
    }

    /// What travelled in the last `steps` steps before the cursor: they are made again, aside.
    pub fn passages(&self, steps: u32) -> Vec<Passage> {
        let last = self.now.step;
        let first = last.saturating_sub(steps);
        let mut moment = self.moment_after(first);
        moment.runner.set_tap();
        while moment.step < last {
            moment.order_again(&self.future().typed);
            if !moment.runner.step() {
                break;
            }
            moment.step += 1;
        }
        moment.runner.cluster().tap().map(|tap| tap.passages().to_vec()).unwrap_or_default()
    }

    fn go_to_step(&mut self, step: u32) {
        if step < self.now.step {
            self.restore(step);
        }
        while self.now.step < step && self.advance() {}
    }

    /// Goes back to the last moment kept that is not after `step`.
    fn restore(&mut self, step: u32) {
        let future = &mut self.futures[self.current];
        let kept = future.checkpoints.before(step);
        self.now = kept.expect("the beginning is always kept").clone();
        future.story.rewind(self.now.runner.last_event());
    }

    /// Goes over to another future, at the same instant if it was seen that far.
    pub fn switch(&mut self, to: FutureId) {
        if to.0 == self.current || to.0 >= self.futures.len() {
            return;
        }
        let at = self.at();
        self.futures[self.current].cursor = self.now.step;
        self.current = to.0;
        let last = self.history().last_at(at);
        let step = self.history().get(last).map_or(0, |past| past.step);
        // Its story is known up to where it was left.
        self.restore(step.min(self.future().cursor));
        self.go_to_step(step);
    }

    /// Does again, at the same moments, what was done live in another run, in a future of its own.
    /// Returns what can be done no more: names are gone, or the run is over before.
    pub fn do_again(&mut self, lines: &[Recorded]) -> Vec<Recorded> {
        self.go_to_step(0);
        if !self.is_at_frontier() {
            self.fork();
        }
        let mut left = Vec::new();
        for recorded in lines {
            let before = recorded.at.as_nanos().saturating_sub(1);
            self.go_to(Instant::from_nanos(before));
            let read = self.now.runner.names().read(&recorded.line);
            match read {
                Ok(instruction) if recorded.at <= self.now.runner.end() => {
                    let (step, recorded) = (self.now.step, recorded.clone());
                    self.now.runner.order_at(instruction.clone(), recorded.at);
                    self.futures[self.current].typed.push(Typed { step, instruction, recorded });
                }
                _ => left.push(recorded.clone()),
            }
            self.go_to(recorded.at);
        }
        left
    }

    /// The future that this one left, and when.
    pub fn left(&self) -> Option<(FutureId, Instant)> {
        self.future().left.map(|(id, at)| (FutureId(id), at))
    }
}

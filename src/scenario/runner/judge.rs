//! The invariants of a run: judged after every step, and what a violation means for it.

use super::{Runner, Stop};
use crate::check::{self, Checker, Id, Settings, Violation};
use crate::scenario::language::{Expected, Function};
use crate::scenario::model::{Promise, Scenario, Step, When};
use crate::view::Lens;

/// So many violations are kept: who goes on after the first may get one with every event.
const KEPT: usize = 256;

/// Who judges a run.
#[derive(Clone, Debug)]
pub(super) struct Judge {
    checker: Option<Checker>,
    /// The invariants that the scenario means to break.
    expected: Vec<Id>,
    violations: Vec<Violation>,
    /// A violation that the scenario does not mean ends the run.
    stops: bool,
}

impl Judge {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let steps = scenario.steps.iter().flat_map(|step| &step.expect);
        let expected = scenario.expect.iter().chain(steps).filter_map(|one| match &one.expected {
            Expected::Breaks(name) => Id::find(name),
            _ => None,
        });
        let promise = match scenario.promise {
            Promise::Newest => check::Promise::Newest,
            Promise::Level => check::Promise::Level,
        };
        let settings = Settings { promise, ..Settings::default() };
        Self {
            checker: Some(Checker::new(settings)),
            expected: expected.collect(),
            violations: Vec::new(),
            stops: true,
        }
    }

    pub(super) fn checker(&self) -> Option<&Checker> {
        self.checker.as_ref()
    }

    fn is_expected(&self, violation: &Violation) -> bool {
        self.expected.contains(&violation.id)
    }
}

impl Runner {
    /// The same run with nobody who judges it, for benchmarks: no invariant is checked, and what only
    /// the ledger knows (`acked-lost`, `lost`, `consumed`, `duplicated`) stays 0. For a run that has
    /// not begun. Where a step waits for something that the ledger knows, it is judged all the same:
    /// nobody who looks changes what happens.
    #[must_use]
    pub fn unjudged(mut self) -> Self {
        let waits_for_ledger = |step: &Step| match &step.when {
            When::At(_) => false,
            When::Holds { condition, .. } => condition.asks(&Function::is_of_the_ledger),
        };
        if !self.scenario.steps.iter().any(waits_for_ledger) {
            self.judge.checker = None;
        }
        self
    }

    /// The same run, which goes on after a violation: for where somebody watches.
    #[must_use]
    pub fn going_on(mut self) -> Self {
        self.judge.stops = false;
        self
    }

    /// Who judges the run: the loss ledger, and how often each invariant was judged.
    pub fn checker(&self) -> Option<&Checker> {
        self.judge.checker()
    }

    /// The invariants that were broken so far, in order; the first few hundred.
    pub fn violations(&self) -> &[Violation] {
        &self.judge.violations
    }

    /// Those of them that the scenario does not mean to break.
    pub fn unexpected(&self) -> impl Iterator<Item = &Violation> {
        self.judge.violations.iter().filter(|violation| !self.judge.is_expected(violation))
    }

    pub(super) fn has_broken(&self, invariant: &str) -> bool {
        self.judge.violations.iter().any(|violation| violation.id.name() == invariant)
    }

    /// Judges what the last step brought.
    pub(super) fn judge_step(&mut self) {
        let Some(checker) = &mut self.judge.checker else { return };
        let lens = Lens::new(&self.cluster);
        let found = checker.on_event(lens, self.cluster.happened(), self.cluster.told());
        if !found.is_empty() {
            self.note(found);
        }
    }

    /// Judges what the end of the run brings.
    pub(super) fn settle(&mut self) {
        if let Some(checker) = &mut self.judge.checker {
            let found = checker.on_end(Lens::new(&self.cluster));
            self.note(found);
        }
    }

    fn note(&mut self, found: Vec<Violation>) {
        let unexpected = found.iter().any(|violation| !self.judge.is_expected(violation));
        let room = KEPT - self.judge.violations.len();
        self.judge.violations.extend(found.into_iter().take(room));
        if unexpected && self.judge.stops && !self.ended {
            self.ended = true;
            self.stopped = Some(Stop::InvariantBroken);
        }
    }
}

//! What is expected of a run, watched while it goes and judged at its end.

use std::sync::Arc;

use super::Runner;
use super::agenda::Item;
use crate::ids::Name;
use crate::scenario::language::{Condition, Expected, Value};
use crate::scenario::model::{Expectation, Scenario, When};
use crate::sim::Instant;

/// How an expectation came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It held.
    Held,
    /// It did not.
    Failed(Failure),
    /// The run was stopped before it could be judged.
    NotJudged,
}

/// Why an expectation failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// `always`: it did not hold. `never`: it did. `when`: what should have followed at once did not.
    Broken,
    /// `at`, `at-end`: it did not hold then.
    NotThen,
    /// `within`: it did not hold in time.
    TooLate,
    /// `within`: the run ended before its time was over, and it did not hold until then.
    RunTooShort,
    /// `when`: its condition never held, so that nothing was checked.
    NeverMet,
    /// `breaks`: the invariant was kept.
    NotBroken,
    /// The topics of the file never came to be: there was nothing to watch.
    NeverStarted,
}

/// An expectation with how it came out.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Outcome {
    /// As it is written.
    pub text: Name,
    /// The step that it belongs to, by its place in the file; none for one of the whole run.
    pub step: Option<usize>,
    /// The goal that it belongs to, by its place in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<usize>,
    /// How it came out.
    pub verdict: Verdict,
    /// When that was clear.
    pub at: Instant,
    /// The last event before that.
    pub event: u32,
    /// What was compared, where it failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub saw: Vec<Saw>,
}

/// What something was when an expectation failed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Saw {
    /// What: `lag(checkout)`.
    pub what: Name,
    /// What it was.
    pub value: Value,
}

/// How an expectation of a goal stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// As it is written.
    pub text: Name,
    /// How it came out, once that is clear.
    pub verdict: Option<Verdict>,
    /// What it wants is so just now.
    pub now: bool,
}

/// What an expectation belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// The whole run.
    Run,
    /// A step, by its place in the file.
    Step(usize),
    /// A goal, by its place in the file.
    Goal(usize),
}

/// An expectation on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watch {
    of: Of,
    /// Its place among the expectations of the step, of the goal or of the run.
    index: usize,
    /// Since when it is watched.
    since: Option<Instant>,
    progress: Progress,
    done: Option<(Verdict, Instant, u32)>,
}

/// How far a `when … then …` is.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    /// Its condition has held.
    met: bool,
    /// It held at the last look.
    holds: bool,
    /// What follows is due by then.
    due: Option<Instant>,
}

impl Watch {
    fn expectation<'a>(&self, scenario: &'a Scenario) -> &'a Expectation {
        match self.of {
            Of::Run => &scenario.expect[self.index],
            Of::Step(step) => &scenario.steps[step].expect[self.index],
            Of::Goal(goal) => &scenario.goals[goal].expect[self.index],
        }
    }
}

impl Runner {
    /// Watches the expectations of a step from now on, or those of the run or a goal.
    pub(super) fn watch(&mut self, expected: &[Expectation], now: Instant, of: Of) {
        for (index, one) in expected.iter().enumerate() {
            // What is expected of the run counts from when its topics exist; a moment is a moment.
            let waits = !matches!(of, Of::Step(_)) && !matches!(one.expected, Expected::At(..));
            self.watches.push(Watch {
                of,
                index,
                since: None,
                progress: Progress::default(),
                done: None,
            });
            if !waits {
                self.begin_watch(self.watches.len() - 1, now);
            }
        }
    }

    /// Watches what is expected of the run: its topics exist now.
    pub(super) fn watch_run(&mut self) {
        for index in 0..self.watches.len() {
            if self.watches[index].since.is_none() {
                self.begin_watch(index, self.now());
            }
        }
    }

    fn begin_watch(&mut self, index: usize, now: Instant) {
        let scenario = Arc::clone(&self.scenario);
        let watch = &mut self.watches[index];
        watch.since = Some(now);
        match &watch.expectation(&scenario).expected {
            Expected::At(at, _) => self.agenda.add((*at).max(now), Item::Judge(index)),
            Expected::Within(span, _) => self.agenda.add(now + *span, Item::Judge(index)),
            _ => {}
        }
    }

    /// Looks at everything that may be decided now.
    pub(super) fn check_watches(&mut self) {
        let scenario = Arc::clone(&self.scenario);
        for index in 0..self.watches.len() {
            let watch = self.watches[index];
            if watch.done.is_some() || watch.since.is_none() {
                continue;
            }
            match &watch.expectation(&scenario).expected {
                Expected::Always(condition) => {
                    if !self.holds(condition) {
                        self.decide(index, Verdict::Failed(Failure::Broken));
                    }
                }
                Expected::Never(condition) => {
                    if self.holds(condition) {
                        self.decide(index, Verdict::Failed(Failure::Broken));
                    }
                }
                Expected::Within(_, condition) => {
                    if self.holds(condition) {
                        self.decide(index, Verdict::Held);
                    }
                }
                Expected::When { when, within, then } => {
                    let progress = self.follow_up(index, when, then);
                    if let Some(within) = within
                        && progress
                    {
                        let due = self.now() + *within;
                        self.watches[index].progress.due.get_or_insert(due);
                        self.agenda.add(due, Item::Judge(index));
                    } else if progress {
                        self.decide(index, Verdict::Failed(Failure::Broken));
                    }
                }
                Expected::AtEnd(_) | Expected::At(..) | Expected::Breaks(_) => {}
            }
        }
    }

    /// Looks at a `when … then …`. True if its condition has just begun to hold, and what should
    /// follow does not.
    fn follow_up(&mut self, index: usize, when: &Condition, then: &Condition) -> bool {
        let holds = self.holds(when);
        let before = self.watches[index].progress;
        let begins = holds && !before.holds;
        let followed = (begins || before.due.is_some()) && self.holds(then);
        let progress = &mut self.watches[index].progress;
        progress.holds = holds;
        progress.met |= holds;
        if followed {
            progress.due = None;
        }
        begins && !followed
    }

    fn decide(&mut self, index: usize, verdict: Verdict) {
        let (now, event) = (self.now(), self.last_event());
        if matches!(verdict, Verdict::Failed(_)) {
            let scenario = Arc::clone(&self.scenario);
            let condition = match &self.watches[index].expectation(&scenario).expected {
                Expected::Always(it)
                | Expected::Never(it)
                | Expected::AtEnd(it)
                | Expected::Within(_, it)
                | Expected::At(_, it) => Some(it),
                Expected::When { then, .. } => Some(then),
                Expected::Breaks(_) => None,
            };
            let saw = condition.map(|it| it.compared(&self.eyes())).unwrap_or_default();
            let saw = saw.into_iter().map(|(what, value)| Saw { what, value }).collect();
            self.saw.insert(index, saw);
        }
        self.watches[index].done.get_or_insert((verdict, now, event));
    }

    /// The time of an expectation has come.
    pub(super) fn judge(&mut self, index: usize) {
        let scenario = Arc::clone(&self.scenario);
        let watch = self.watches[index];
        if watch.done.is_some() {
            return;
        }
        let held = |holds| if holds { Verdict::Held } else { Verdict::Failed(Failure::NotThen) };
        match &watch.expectation(&scenario).expected {
            Expected::At(_, condition) => {
                let verdict = held(self.holds(condition));
                self.decide(index, verdict);
            }
            Expected::Within(_, condition) => {
                let in_time = self.holds(condition);
                let late = Verdict::Failed(Failure::TooLate);
                self.decide(index, if in_time { Verdict::Held } else { late });
            }
            Expected::When { then, .. } => {
                let due = watch.progress.due.is_some_and(|due| due <= self.now());
                if due && !self.holds(then) {
                    self.decide(index, Verdict::Failed(Failure::TooLate));
                }
            }
            _ => {}
        }
    }

    /// The run is over: everything is decided.
    pub(super) fn judge_end(&mut self) {
        let scenario = Arc::clone(&self.scenario);
        for index in 0..self.watches.len() {
            let watch = self.watches[index];
            if watch.done.is_some() {
                continue;
            }
            let verdict = match &watch.expectation(&scenario).expected {
                _ if watch.since.is_none() => Verdict::Failed(Failure::NeverStarted),
                Expected::Always(_) | Expected::Never(_) => Verdict::Held,
                Expected::AtEnd(condition) => {
                    let holds = self.holds(condition);
                    if holds { Verdict::Held } else { Verdict::Failed(Failure::NotThen) }
                }
                Expected::Within(..) => Verdict::Failed(Failure::RunTooShort),
                Expected::At(..) => Verdict::NotJudged,
                Expected::When { .. } => match watch.progress {
                    Progress { met: false, .. } => Verdict::Failed(Failure::NeverMet),
                    Progress { due: Some(_), .. } => Verdict::Failed(Failure::RunTooShort),
                    Progress { .. } => Verdict::Held,
                },
                Expected::Breaks(invariant) => {
                    if self.has_broken(invariant) {
                        Verdict::Held
                    } else {
                        Verdict::Failed(Failure::NotBroken)
                    }
                }
            };
            self.decide(index, verdict);
        }
    }

    /// How the expectations came out so far, in the order in which they were watched, and steps
    /// whose time never came.
    pub fn outcomes(&self) -> Vec<Outcome> {
        let watched = self.watches.iter().enumerate().filter_map(|(index, watch)| {
            let (verdict, at, event) = match watch.done {
                Some(done) => done,
                None if self.ended => (Verdict::NotJudged, self.now(), self.last_event()),
                None => return None,
            };
            let text = watch.expectation(&self.scenario).text.clone();
            let (step, goal) = match watch.of {
                Of::Run => (None, None),
                Of::Step(step) => (Some(step), None),
                Of::Goal(goal) => (None, Some(goal)),
            };
            let saw = self.saw.get(&index).cloned().unwrap_or_default();
            Some(Outcome { text, step, goal, verdict, at, event, saw })
        });
        let steps = self.scenario.steps.iter().enumerate().filter_map(|(index, step)| {
            let When::Holds { text, .. } = &step.when else { return None };
            if self.done_steps.contains(&index) {
                return None;
            }
            let verdict = if self.is_stopped() {
                Verdict::NotJudged
            } else if self.ended {
                Verdict::Failed(Failure::NeverMet)
            } else {
                return None;
            };
            let text = Name::from(format!("when {text}"));
            let (at, event) = (self.now(), self.last_event());
            let (step, saw) = (Some(index), Vec::new());
            Some(Outcome { text, step, goal: None, verdict, at, event, saw })
        });
        watched.chain(steps).collect()
    }

    /// How the expectations of a goal stand, in the order of the file.
    pub fn standings(&self, goal: usize) -> Vec<Standing> {
        let watches = self.watches.iter().filter(|watch| watch.of == Of::Goal(goal));
        let standing = |watch: &Watch| {
            let Expectation { expected, text } = watch.expectation(&self.scenario);
            let now = match expected {
                Expected::Never(condition) => !self.holds(condition),
                Expected::Always(condition)
                | Expected::AtEnd(condition)
                | Expected::At(_, condition)
                | Expected::Within(_, condition) => self.holds(condition),
                Expected::When { .. } => watch.progress.met && watch.progress.due.is_none(),
                Expected::Breaks(invariant) => self.has_broken(invariant),
            };
            let verdict = watch.done.map(|(verdict, ..)| verdict);
            Standing { text: text.clone(), verdict, now: now && watch.since.is_some() }
        };
        watches.map(standing).collect()
    }
}

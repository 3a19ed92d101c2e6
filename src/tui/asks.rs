//! What a class answered to the questions of a scenario. It belongs to the viewer: nothing of it is
//! in the run or its trace, and who goes back in time is not asked again.

use std::collections::BTreeMap;

use super::editor::Editor;
use crate::explain::Lang;
use crate::scenario::language::{Item, Kinds, Names};
use crate::scenario::runner::Runner;
use crate::scenario::{Ask, Given, Grade, Scenario, grade, is_numeric};
use crate::sim::Instant;

/// What was answered so far, by the step that asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asks(BTreeMap<usize, Asked>);

/// A question that was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// What was answered; none if the question was passed over, or hands were counted only.
    pub given: Option<Given>,
    /// How many hands were up for each choice; empty if nobody counted.
    pub hands: Vec<u32>,
    /// The run's answer was shown.
    pub(super) revealed: bool,
}

/// A question that waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// The step that asks.
    pub step: usize,
    /// The choice that is selected.
    pub chosen: usize,
    /// How many hands are up for each choice; empty while nobody counts.
    pub hands: Vec<u32>,
    /// What is typed, where there is nothing to choose from.
    pub field: Editor,
    /// The hint is shown.
    pub hint: bool,
    /// The first row shown.
    pub top: usize,
}

/// How many answers came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Answers that were right.
    pub right: usize,
    /// Answers that were wrong.
    pub wrong: usize,
    /// Hands that were right.
    pub hands_right: u32,
    /// All hands that were counted where the run could tell.
    pub hands: u32,
}

impl Asks {
    /// What was answered to the question of a step; none if it was not asked.
    pub fn of(&self, step: usize) -> Option<&Asked> {
        self.0.get(&step)
    }

    /// Notes what was answered.
    pub(super) fn answer(&mut self, step: usize, given: Option<Given>, hands: Vec<u32>) {
        let hands = if hands.iter().all(|count| *count == 0) { Vec::new() } else { hands };
        self.0.insert(step, Asked { given, hands, revealed: false });
    }

    /// The run's answer to this question is shown now, or is still to be shown.
    pub(super) fn set_revealed(&mut self, step: usize, revealed: bool) {
        if let Some(asked) = self.0.get_mut(&step) {
            asked.revealed = revealed;
        }
    }

    /// The questions whose answers are still to be shown.
    pub(super) fn pending(&self) -> impl Iterator<Item = usize> {
        self.0.iter().filter(|(_, asked)| !asked.revealed).map(|(step, _)| *step)
    }

    /// When the next of these answers is known, after `now`.
    pub(super) fn next_answer(&self, scenario: &Scenario, now: Instant) -> Option<Instant> {
        let at = |step: usize| Some(scenario.steps.get(step)?.ask.as_ref()?.answer.as_ref()?.at);
        self.pending().filter_map(at).filter(|at| *at > now).min()
    }

    /// Keeps what still belongs to the same question in another version of the file.
    pub(super) fn carry_over(&mut self, before: &Scenario, after: &Scenario) {
        let question = |scenario: &Scenario, step: usize| {
            Some(scenario.steps.get(step)?.ask.as_ref()?.question.clone())
        };
        self.0.retain(|step, _| question(before, *step) == question(after, *step));
    }

    /// How the answer to the question of a step came out, once the run has told it.
    pub fn grade(&self, step: usize, runner: &Runner) -> Option<Grade> {
        let ask = runner.scenario().steps.get(step)?.ask.as_ref()?;
        let given = self.of(step)?.given.as_ref()?;
        runner.told_answer(step)?;
        Some(runner.known(step).map_or(Grade::Open, |known| grade(given, ask, known)))
    }

    /// The score up to where the run is.
    pub fn score(&self, runner: &Runner) -> Score {
        let mut score = Score::default();
        for (step, asked) in &self.0 {
            match self.grade(*step, runner) {
                Some(Grade::Right) => score.right += 1,
                Some(Grade::Wrong) => score.wrong += 1,
                Some(Grade::Open) | None => {}
            }
            if let Some(right) = runner.known(*step).and_then(|known| known.right) {
                score.hands_right += asked.hands.get(right).copied().unwrap_or(0);
                score.hands += asked.hands.iter().sum::<u32>();
            }
        }
        score
    }
}

impl Gate {
    /// The question of a step, not answered yet.
    pub(super) fn new(step: usize) -> Self {
        let (chosen, hint, top) = (0, false, 0);
        Self { step, chosen, hands: Vec::new(), field: Editor::default(), hint, top }
    }

    /// Counts hands for the selected one of so many choices.
    pub(super) fn count(&mut self, choices: usize, count: impl FnOnce(u32) -> u32) {
        self.hands.resize(choices, 0);
        if let Some(hands) = self.hands.get_mut(self.chosen) {
            *hands = count(*hands).min(999);
        }
    }
}

/// What can be chosen: what the file says, and otherwise what has names, if that is not too much.
pub(super) fn choices(ask: &Ask, names: &Names, lang: Lang) -> Vec<String> {
    if !ask.choices.is_empty() {
        return ask.choices.iter().map(|one| one.text.told_in(lang).to_owned()).collect();
    }
    named(ask, names)
        .into_iter()
        .map(|(_, told)| lang.pick(told[0].clone(), told[1].clone()))
        .collect()
}

/// What is given where this one is chosen.
pub(super) fn choice(ask: &Ask, names: &Names, index: usize) -> Option<Given> {
    if !ask.choices.is_empty() {
        return (index < ask.choices.len()).then_some(Given::Choice(index));
    }
    let (word, _) = named(ask, names).into_iter().nth(index)?;
    Some(Given::Words(word.into()))
}

/// More names than this are typed, not chosen.
const MOST: usize = 6;

/// What has names, where the answer is one of them: the word of the language, and how it is told.
fn named(ask: &Ask, names: &Names) -> Vec<(String, [String; 2])> {
    let told = |word: &str, en: &str, zh: &str| (word.to_owned(), [en.to_owned(), zh.to_owned()]);
    let Some(of) = ask.answer.as_ref().map(|answer| answer.of).filter(|of| !of.list) else {
        return Vec::new();
    };
    match of.item {
        Item::Bool => vec![told("yes", "yes", "是"), told("no", "no", "否")],
        Item::Thing(kinds) if kinds.and(Kinds::PROCESS) == kinds => {
            let all = names.of(kinds);
            if all.len() > MOST {
                return Vec::new();
            }
            let mut named: Vec<_> = all.iter().map(|name| told(name, name, name)).collect();
            named.push(told("none", "nobody", "没有"));
            named
        }
        _ => Vec::new(),
    }
}

/// True if digits are all that is typed.
pub(super) fn takes_digits(ask: &Ask) -> bool {
    ask.answer.as_ref().is_some_and(|answer| is_numeric(answer.of))
}

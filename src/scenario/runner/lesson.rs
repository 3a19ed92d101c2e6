//! What a scenario says while it runs: its sentences, its questions, and the answers that the run
//! itself gives. Nothing of the cluster depends on it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Runner;
use crate::ids::Name;
use crate::scenario::language::Value;
use crate::scenario::model::{Ask, Text};
use crate::scenario::{grade, told_answer};
use crate::sim::Instant;

/// Something that the scenario said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Spoken {
    /// When.
    pub at: Instant,
    /// The last event before.
    pub event: u32,
    /// The step that says it, by its place in the file.
    pub step: usize,
    /// What.
    #[serde(flatten)]
    pub speech: Speech,
}

/// What a scenario says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Speech {
    /// What to know about a step that was just done.
    Say(Text),
    /// A question, just before its step is done.
    Ask {
        /// The question.
        question: Text,
        /// Answers to choose from.
        choices: Vec<Text>,
        /// A hint.
        hint: Option<Text>,
    },
    /// The answer to a question that was asked.
    Answer {
        /// What it came to in this run; none for a question to talk about.
        value: Option<Name>,
        /// How many it is, if it is a list.
        count: Option<usize>,
        /// What there is to say about it.
        reveal: Option<Text>,
    },
}

/// What was said so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Lesson {
    spoken: Vec<Spoken>,
    /// What the run answers, by the step that asks: known at its moment, asked or not.
    values: BTreeMap<usize, Known>,
    /// What is compared between runs, once its moment has come.
    measured: Option<Value>,
}

/// What a run answers to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// What it came to in this run.
    pub value: Value,
    /// Which of the choices is right, if one is.
    pub right: Option<usize>,
}

impl Runner {
    /// What the scenario has said so far, in order.
    pub fn spoken(&self) -> &[Spoken] {
        &self.lesson.spoken
    }

    fn speak(&mut self, step: usize, speech: Speech) {
        let (at, event) = (self.now(), self.last_event());
        self.lesson.spoken.push(Spoken { at, event, step, speech });
    }

    /// What the run answers to the question of a step, once it was asked and answered.
    pub fn known(&self, step: usize) -> Option<&Known> {
        self.told_answer(step).and(self.lesson.values.get(&step))
    }

    /// The answer to the question of a step as the scenario told it.
    pub fn told_answer(&self, step: usize) -> Option<&Spoken> {
        let is_it = |one: &&Spoken| one.step == step && matches!(one.speech, Speech::Answer { .. });
        self.lesson.spoken.iter().find(is_it)
    }

    /// What is compared with other runs of the file came to this; none before its moment.
    pub fn measured(&self) -> Option<&Value> {
        self.lesson.measured.as_ref()
    }

    /// The moment has come at which runs are compared.
    pub(super) fn measure(&mut self) {
        let scenario = std::sync::Arc::clone(&self.scenario);
        let measure = scenario.measure.as_ref().expect("it was put on the agenda");
        self.lesson.measured = Some(measure.question.value.value(&self.eyes()));
    }

    /// A step asks: it comes next.
    pub(super) fn ask(&mut self, step: usize) {
        self.asks = Some(step);
        if let Some(ask) = self.ask_of(step) {
            let Ask { question, choices, hint, .. } = ask;
            let choices = choices.into_iter().map(|choice| choice.text).collect();
            self.speak(step, Speech::Ask { question, choices, hint });
        }
    }

    /// A step was done: it says what it has to say, and answers what is known already.
    pub(super) fn tell(&mut self, step: usize) {
        if let Some(ask) = self.ask_of(step)
            && (ask.answer.is_none() || self.lesson.values.contains_key(&step))
        {
            self.reveal(step, ask);
        }
        if let Some(text) = self.scenario.steps[step].say.clone() {
            self.speak(step, Speech::Say(text));
        }
    }

    /// The moment has come that a question is about. It is answered now if it was asked; otherwise
    /// when it is.
    pub(super) fn answer(&mut self, step: usize) {
        let Some(ask) = self.ask_of(step) else { return };
        let Some(question) = &ask.answer else { return };
        let value = question.value.value(&self.eyes());
        let right = ask.choices.iter().position(|choice| match &choice.when {
            Some(condition) => self.holds(condition),
            None => grade::says(&choice.text.en, &value, ask.tolerance),
        });
        self.lesson.values.insert(step, Known { value, right });
        if self.done_steps.contains(&step) {
            self.reveal(step, ask);
        }
    }

    fn reveal(&mut self, step: usize, ask: Ask) {
        let value = self.lesson.values.get(&step).map(|known| &known.value);
        let count = value.and_then(|value| match value {
            Value::List(all) => Some(all.len()),
            _ => None,
        });
        let value = value.map(|value| Name::from(told_answer(value)));
        if value.is_some() || ask.reveal.is_some() {
            self.speak(step, Speech::Answer { value, count, reveal: ask.reveal });
        }
    }

    fn ask_of(&self, step: usize) -> Option<Ask> {
        self.scenario.steps[step].ask.clone()
    }
}

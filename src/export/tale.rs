//! A story as it is read: its lines and what the scenario says, in one order.

use serde::Serialize;

use crate::explain::{Importance, Lang, Narrator, Story};
use crate::scenario::runner::{Runner, Speech};
use crate::sim::Instant;
use crate::tui::panels::lesson::Said;
use crate::tui::wrap;

/// A story in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tale {
    /// What the scenario is called.
    pub title: String,
    /// What to look at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watch: Option<String>,
    /// What it is about: paragraphs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<String>,
    /// What happened and what was said.
    pub entries: Vec<Entry>,
}

/// Something that happened, or was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// When, in nanoseconds since the scenario began.
    pub at: Instant,
    /// The event in which it happened; for what was said, the last event before.
    pub event: u32,
    /// What it is.
    pub kind: Kind,
    /// A sign that tells what was said from what happened.
    #[serde(skip)]
    pub sign: Option<&'static str>,
    /// Who speaks: a process, or a part of the cluster.
    pub who: String,
    /// What.
    pub text: String,
    /// Answers to choose from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// A hint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// For a question, the place of its answer among the entries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<usize>,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, strum::IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Kind {
    /// A line of the story.
    Line,
    /// A line that others hang on.
    Turn,
    /// What there is to know.
    Say,
    /// A question.
    Ask,
    /// The answer to one.
    Answer,
}

impl Tale {
    /// The story so far of a run. Asides are left out.
    pub fn of(story: &Story, runner: &Runner, lang: Lang) -> Self {
        let (narrator, world) = (Narrator::new(lang), runner.lens());
        let mut entries = Vec::new();
        let mut steps = Vec::new();
        let mut spoken = runner.spoken().iter().peekable();
        let mut say = |entries: &mut Vec<Entry>, before: Option<u32>| {
            while let Some(one) = spoken.next_if(|one| before.is_none_or(|event| one.event < event))
            {
                let said = Said::of(&one.speech, lang);
                let (kind, hint) = match &one.speech {
                    Speech::Say(_) => (Kind::Say, None),
                    Speech::Ask { hint, .. } => (Kind::Ask, hint.as_ref()),
                    Speech::Answer { .. } => (Kind::Answer, None),
                };
                steps.push((entries.len(), one.step));
                entries.push(Entry {
                    at: one.at,
                    event: one.event,
                    kind,
                    sign: Some(said.sign),
                    who: said.kind.to_owned(),
                    text: said.text,
                    choices: said.choices,
                    hint: hint.map(|hint| hint.told_in(lang).to_owned()),
                    answer: None,
                });
            }
        };
        for shown in story.iter() {
            if shown.latest.importance == Importance::Aside {
                continue;
            }
            say(&mut entries, Some(shown.first.event));
            let (_, who, text) = narrator.columns(shown, &world);
            let turn = shown.latest.importance > Importance::Note;
            entries.push(Entry {
                at: shown.first.at,
                event: shown.first.event,
                kind: if turn { Kind::Turn } else { Kind::Line },
                sign: None,
                who,
                text,
                choices: Vec::new(),
                hint: None,
                answer: None,
            });
        }
        say(&mut entries, None);
        for (place, step) in &steps {
            if entries[*place].kind == Kind::Ask {
                let answers = |other: &&(usize, usize)| {
                    other.1 == *step && entries[other.0].kind == Kind::Answer
                };
                let answer = steps.iter().find(answers).map(|(place, _)| *place);
                entries[*place].answer = answer;
            }
        }
        let scenario = runner.scenario();
        Self {
            title: scenario.title.told_in(lang).to_owned(),
            watch: scenario.watch.as_ref().map(|watch| watch.told_in(lang).to_owned()),
            about: scenario
                .about
                .as_ref()
                .map_or_else(Vec::new, |about| wrap::paragraphs(about.told_in(lang))),
            entries,
        }
    }
}

//! What lies on top of a screen: each Esc takes one away.

use super::asks::Gate;
use super::editor::Editor;
use super::panels::disk::walk::Walk;
use super::prompt::Prompt;
use crate::foreign::Output;
use crate::ids::Offset;
use crate::scenario::{Diagnostic, Source, render};
use crate::view::message::MessageKey;

/// Something on top of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layer {
    /// The command line.
    Prompt(Prompt),
    /// The words that the story is filtered by.
    Filter {
        /// What is typed.
        editor: Editor,
        /// What the filter was before.
        before: String,
    },
    /// The offset that is to be found.
    Offset {
        /// What is typed.
        editor: Editor,
        /// Where it is looked for.
        walk: Walk,
    },
    /// How an offset is found.
    Find {
        /// The way, and the step that is shown.
        walk: Walk,
        /// The first row shown.
        top: usize,
    },
    /// A message, opened.
    Message {
        /// Which one.
        key: MessageKey,
        /// The first row shown.
        top: usize,
    },
    /// All keys and commands.
    Help {
        /// What is searched for.
        search: Editor,
        /// The first row shown.
        top: usize,
    },
    /// Cards, the one that is read last.
    Cards {
        /// The cards, each opened from the one before.
        cards: Vec<Card>,
        /// The first row shown.
        top: usize,
        /// Which of the terms to read next is selected.
        next: usize,
    },
    /// Things to choose from.
    List {
        /// What they are.
        kind: Kind,
        /// Which one is selected, of those that are shown.
        selected: usize,
        /// The first row shown.
        top: usize,
        /// Only what has these words in it.
        filter: Editor,
        /// The filter is being typed.
        typing: bool,
    },
    /// A record of the metadata log with all its fields.
    Record {
        /// Its offset.
        offset: Offset,
        /// The first row shown.
        top: usize,
    },
    /// What the scenario is about, and what it said.
    Lesson {
        /// The first row shown.
        top: usize,
    },
    /// A question that waits for an answer.
    Ask(Gate),
    /// What the run answers to the question of a step.
    Reveal {
        /// The step that asked.
        step: usize,
        /// The first row shown.
        top: usize,
    },
    /// The task and the goals.
    Goals {
        /// So many hints are shown.
        hints: usize,
        /// The first row shown.
        top: usize,
    },
    /// What is expected of the run.
    Expectations {
        /// The first row shown.
        top: usize,
    },
    /// What one of Kafka's tools answered.
    Tool {
        /// The line that was typed.
        line: String,
        /// What it printed.
        output: Output,
        /// The first row shown.
        top: usize,
        /// The first column shown.
        left: usize,
    },
    /// The run as a code.
    Code {
        /// The code.
        code: String,
        /// The first row shown.
        top: usize,
    },
    /// What is wrong with the file.
    Mistakes {
        /// What is told of it.
        text: String,
        /// The first row shown.
        top: usize,
    },
}

/// A card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Card {
    /// What a term means.
    Term(&'static str),
    /// How Kafka decides.
    Rule(&'static str),
}

/// What can be chosen from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The scenarios that come with the program.
    Scenarios,
    /// The runs that a file describes.
    Runs,
    /// The same, as answers to what all of them are asked.
    Guess,
    /// The futures there are.
    Futures,
    /// The breakpoints.
    Breakpoints,
    /// The steps of the scenario.
    Steps,
}

impl Layer {
    /// A card to read.
    pub fn card(card: Card) -> Self {
        Self::Cards { cards: vec![card], top: 0, next: 0 }
    }

    /// Things to choose from.
    pub fn list(kind: Kind, selected: usize) -> Self {
        Self::List { kind, selected, top: 0, filter: Editor::default(), typing: false }
    }

    /// What is wrong with a file.
    pub(super) fn mistakes(source: &Source, wrong: &[Diagnostic]) -> Self {
        Self::Mistakes { text: render(source, wrong, false), top: 0 }
    }

    /// The first row shown, for layers that scroll.
    pub(super) fn top(&mut self) -> Option<&mut usize> {
        match self {
            Self::Help { top, .. }
            | Self::Find { top, .. }
            | Self::Message { top, .. }
            | Self::Cards { top, .. }
            | Self::List { top, .. }
            | Self::Record { top, .. }
            | Self::Lesson { top }
            | Self::Expectations { top }
            | Self::Reveal { top, .. }
            | Self::Goals { top, .. }
            | Self::Ask(Gate { top, .. })
            | Self::Tool { top, .. }
            | Self::Code { top, .. }
            | Self::Mistakes { top, .. } => Some(top),
            Self::Prompt(_) | Self::Filter { .. } | Self::Offset { .. } => None,
        }
    }
}

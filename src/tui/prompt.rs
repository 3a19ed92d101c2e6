//! The command line: what is typed, what it could become, and what is wrong with it.

use super::editor::Editor;
use super::keymap;
use crate::explain::Lang;
use crate::foreign;
use crate::scenario::language::{LineError, Names, PRODUCTIONS, Part, complete};

/// The command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// What is typed.
    pub editor: Editor,
    /// The offer that is selected.
    pub chosen: Option<usize>,
    /// What was wrong when it was entered.
    pub wrong: Option<LineError>,
    /// Which of the earlier lines this is, counted from the newest.
    pub recalled: Option<usize>,
}

/// What could stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The word.
    pub text: String,
    /// Where in the line it begins.
    pub start: usize,
    /// What it is.
    pub says: &'static str,
}

impl Prompt {
    /// A command line that begins with `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self { editor: Editor::new(text), ..Self::default() }
    }

    /// What could stand at the cursor: words of the language first, then actions by name.
    pub fn offers(&self, names: &Names, lang: Lang) -> Vec<Offer> {
        let (line, cursor) = (self.editor.text(), self.editor.cursor());
        let words = complete(line, cursor, names).into_iter().map(|word| Offer {
            says: if word.zh.is_empty() { word.en } else { lang.pick(word.en, word.zh) },
            text: word.text,
            start: word.start,
        });
        let typed = line[..cursor].trim_start();
        let actions = keymap::ROWS
            .iter()
            .filter(|row| !typed.contains(' ') && row.name.starts_with(typed) && row.name != typed);
        let start = cursor - typed.len();
        let actions =
            actions.map(|row| Offer { text: row.name.to_owned(), start, says: row.says(lang) });
        words.chain(actions).collect()
    }

    /// Puts an offer into the line.
    pub fn accept(&mut self, offer: &Offer) {
        self.editor.replace(offer.start, &offer.text);
        if !offer.text.ends_with('(') {
            self.editor.replace(self.editor.cursor(), " ");
        }
        self.edited();
    }

    /// The line is another one than before.
    pub(super) fn edited(&mut self) {
        (self.chosen, self.wrong, self.recalled) = (None, None, None);
    }

    /// The form of the command that is typed, and what it does.
    pub fn usage(&self, lang: Lang) -> Option<(String, &'static str)> {
        let words: Vec<&str> = self.editor.text().split_whitespace().collect();
        let agrees = |syntax: &[Part]| {
            let known = syntax.iter().map_while(|part| match part {
                Part::Word(word) => Some(*word),
                _ => None,
            });
            known.zip(&words).filter(|(known, typed)| known == *typed).count()
        };
        let tool = words.first().and_then(|word| foreign::tool(word));
        if let Some(tool) = tool {
            return Some((tool.usage.to_owned(), lang.pick(tool.en, tool.zh)));
        }
        let best = PRODUCTIONS.iter().rev().max_by_key(|row| agrees(row.syntax))?;
        (agrees(best.syntax) > 0).then(|| (best.usage(), lang.pick(best.en, best.zh)))
    }
}

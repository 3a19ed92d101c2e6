//! What could be typed next, and what can be typed at all.

use strum::IntoEnumIterator;

use super::function::{Argument, FUNCTIONS, Item, Row, states_of};
use super::grammar::{PRODUCTIONS, Slot};
use super::kinds::Kinds;
use super::names::Names;
use super::parser::{Expected, expected_after};
use super::syntax::Operator;
use crate::config::{Domain, Kind, Valid};
use crate::feature::{LEVELS, Levels};
use crate::foreign;
use crate::protocol::{Api, ErrorCode};

/// Something that could stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The word.
    pub text: String,
    /// Where in the line it begins: what was typed from there on is part of it.
    pub start: usize,
    /// What it is; empty for names.
    pub en: &'static str,
    /// The same in Chinese.
    pub zh: &'static str,
}

/// A line of the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpLine {
    /// How it is written.
    pub usage: String,
    /// What it does or is.
    pub en: &'static str,
    /// The same in Chinese.
    pub zh: &'static str,
}

/// All commands, then all functions, then Kafka's tools.
pub fn help() -> Vec<HelpLine> {
    let commands =
        PRODUCTIONS.iter().map(|row| HelpLine { usage: row.usage(), en: row.en, zh: row.zh });
    let functions =
        FUNCTIONS.iter().map(|row| HelpLine { usage: row.syntax(), en: row.en, zh: row.zh });
    let tools = foreign::TOOLS.iter().map(|tool| HelpLine {
        usage: tool.usage.to_owned(),
        en: tool.en,
        zh: tool.zh,
    });
    commands.chain(functions).chain(tools).collect()
}

/// What could stand where the cursor is, given what is left of it.
pub fn complete(line: &str, cursor: usize, names: &Names) -> Vec<Completion> {
    complete_fitting(line, cursor, names, &|_, _| true)
}

/// Like [`complete`], but of the things that have names only those to which the command can be done:
/// `fits("start", "broker-1")`.
pub fn complete_fitting(
    line: &str,
    cursor: usize,
    names: &Names,
    fits: &dyn Fn(&str, &str) -> bool,
) -> Vec<Completion> {
    let cursor = (0..=cursor.min(line.len())).rev().find(|at| line.is_char_boundary(*at));
    let left = &line[..cursor.unwrap_or(0)];
    let start = left
        .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/')))
        .map_or(0, |at| at + left[at..].chars().next().map_or(1, char::len_utf8));
    let (before, typed) = left.split_at(start);
    let mut found = Found { names, before, fits, words: Vec::new() };
    let begins = before.trim().is_empty();
    if begins || !found.tool_words() {
        for expected in expected_after(before) {
            found.add_all(expected);
        }
    }
    if begins {
        found.tool_words();
    }
    let mut completions: Vec<Completion> = Vec::new();
    for (text, en, zh) in found.words {
        let fits = text.starts_with(typed) && text != typed;
        if fits && !completions.iter().any(|known| known.text == text) {
            completions.push(Completion { text, start, en, zh });
        }
    }
    completions
}

struct Found<'a> {
    names: &'a Names,
    before: &'a str,
    fits: &'a dyn Fn(&str, &str) -> bool,
    words: Vec<(String, &'static str, &'static str)>,
}

impl Found<'_> {
    /// What goes on a line for one of Kafka's tools, or the tools. False if the line is for none.
    fn tool_words(&mut self) -> bool {
        let before: Vec<&str> = self.before.split_whitespace().collect();
        let names = |kinds| self.names.of(kinds);
        let words = foreign::complete(&before, &names(Kinds::TOPIC), &names(Kinds::GROUP));
        let Some(words) = words else { return false };
        self.words.extend(words.into_iter().map(|word| (word.text, word.en, word.zh)));
        true
    }

    fn plain<T: Into<String>>(&mut self, words: impl IntoIterator<Item = T>) {
        self.words.extend(words.into_iter().map(|word| (word.into(), "", "")));
    }

    fn functions(&mut self, fits: impl Fn(&Row) -> bool) {
        for row in FUNCTIONS.iter().filter(|row| fits(row)) {
            let open = if row.required > 0 { "(" } else { "" };
            self.words.push((format!("{}{open}", row.name), row.en, row.zh));
        }
    }

    fn things(&mut self, kinds: Kinds) {
        let names = self.names;
        let command = self.before.split_whitespace().next().unwrap_or_default();
        self.plain(names.of(kinds).into_iter().filter(|name| (self.fits)(command, name)));
        self.plain(names.labels_of(kinds).map(ToString::to_string));
    }

    fn add_all(&mut self, expected: Expected) {
        match expected {
            Expected::Word(word) if word.starts_with(char::is_alphabetic) => {
                let row = PRODUCTIONS.iter().find(|row| {
                    self.before.trim().is_empty()
                        && matches!(row.syntax.first(), Some(super::Part::Word(first)) if *first == word)
                });
                let (en, zh) = row.map_or(("", ""), |row| (row.en, row.zh));
                self.words.push((word.to_owned(), en, zh));
            }
            Expected::Word(_) | Expected::End => {}
            Expected::Operator => self.plain(Operator::iter().map(Operator::text)),
            Expected::Argument(Argument::Thing(kinds)) => {
                self.things(kinds);
                self.functions(|row| row.function.gives(kinds));
            }
            Expected::Argument(Argument::Error) => {
                self.plain(ErrorCode::ALL.iter().map(|code| code.name()));
            }
            Expected::Against(row) => match row.result.item {
                Item::State(kinds) => self.plain(states_of(kinds)),
                Item::Thing(kinds) => {
                    self.things(kinds);
                    self.functions(|row| row.function.gives(kinds));
                    self.plain(["none"]);
                }
                Item::Bool => self.plain(["true", "false"]),
                Item::Number | Item::Span => {}
            },
            Expected::Slot(slot) => self.slot(slot),
        }
    }

    fn slot(&mut self, slot: Slot) {
        match slot {
            Slot::Set(kinds) => {
                self.things(kinds);
                self.functions(|row| row.function.gives(kinds));
            }
            Slot::One(kinds) => self.things(kinds),
            Slot::BrokerOrAll => {
                self.things(Kinds::BROKER);
                self.plain(["all"]);
            }
            Slot::Value | Slot::Condition => self.functions(|_| true),
            Slot::Setting(domain) => self.settings(domain),
            Slot::TopicOption => {
                self.plain(["partitions", "replication-factor"]);
                self.settings(Domain::Topic);
            }
            Slot::SettingValue => self.setting_values(),
            Slot::Level => {
                self.words
                    .extend(LEVELS.iter().map(|level| (level.name.to_owned(), level.question, "")));
            }
            Slot::LevelWord => {
                if let Ok(level) = Levels::find(self.last_word()) {
                    self.words.extend(
                        level.values.iter().map(|value| (value.word.to_owned(), value.rule, "")),
                    );
                }
            }
            Slot::Offset => self.plain(["earliest", "latest"]),
            Slot::Message => self.plain(Api::iter().map(Api::name)),
            Slot::NewName
            | Slot::Count
            | Slot::Span
            | Slot::Instant
            | Slot::Factor
            | Slot::Rate
            | Slot::Text
            | Slot::File
            | Slot::BrokerList => {}
        }
    }

    fn last_word(&self) -> &str {
        self.before.split_whitespace().next_back().unwrap_or_default()
    }

    fn settings(&mut self, domain: Domain) {
        self.words.extend(
            domain.definitions().iter().map(|known| (known.name.to_owned(), known.doc, "")),
        );
    }

    fn setting_values(&mut self) {
        let name = self.last_word();
        let known = [Domain::Topic, Domain::Broker]
            .into_iter()
            .find_map(|domain| domain.definition(name).ok());
        let Some(known) = known else { return };
        match (known.valid, known.kind) {
            (Valid::OneOf(words) | Valid::OneOfIgnoringCase(words), _) => {
                self.plain(words.iter().copied());
            }
            (_, Kind::Boolean) => self.plain(["true", "false"]),
            _ => self.plain(known.default),
        }
        self.plain(["default"]);
    }
}

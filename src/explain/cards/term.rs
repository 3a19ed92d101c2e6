//! Term cards: what a word of Kafka's means.

use std::sync::LazyLock;

use serde::Deserialize;

use super::fill::{self, SettingLine};
use super::since::Since;
use crate::config;
use crate::explain::Lang;

/// A term card as its file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// The term as it is written in sentences.
    pub term: String,
    /// What else it is called, in any language.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The first release that has it.
    pub since: Option<Since>,
    /// The proposals that brought it.
    #[serde(default)]
    pub kips: Vec<String>,
    /// Its settings, with their domains.
    #[serde(default)]
    pub settings: Vec<String>,
    /// Cards to read next.
    #[serde(default)]
    pub see: Vec<String>,
    /// What it is, in English.
    pub en: String,
    /// What it is, in Chinese.
    pub zh: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    card: Vec<Entry>,
}

/// All cards, in the order of the files.
pub(super) static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let files = [
        ("cluster", include_str!("terms/cluster.toml")),
        ("replication", include_str!("terms/replication.toml")),
        ("log", include_str!("terms/log.toml")),
        ("disk", include_str!("terms/disk.toml")),
        ("producer", include_str!("terms/producer.toml")),
        ("consumer", include_str!("terms/consumer.toml")),
        ("around", include_str!("terms/around.toml")),
        ("kafkascope", include_str!("terms/kafkascope.toml")),
    ];
    let read = |(name, source): (&str, &str)| -> Vec<Entry> {
        let file: Result<File, _> = toml::from_str(source);
        file.unwrap_or_else(|error| panic!("terms/{name}.toml: {error}")).card
    };
    files.into_iter().flat_map(read).collect()
});

/// What a term means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The term.
    pub term: &'static str,
    /// What else it is called.
    pub aliases: Vec<&'static str>,
    /// What it is, in two to four sentences.
    pub text: String,
    /// The settings that belong to it.
    pub settings: Vec<SettingLine>,
    /// The first release that has it; none for what was there from the beginning.
    pub since: Option<&'static str>,
    /// The proposals that brought it.
    pub kips: Vec<&'static str>,
    /// Terms to read next.
    pub see: Vec<&'static str>,
}

/// The card of `term`, by its name or one of its other names, in any case.
pub fn card(term: &str, lang: Lang) -> Option<Card> {
    let entry = find(term)?;
    let text = match lang {
        Lang::En => &entry.en,
        Lang::Zh => &entry.zh,
    };
    Some(Card {
        term: &entry.term,
        aliases: entry.aliases.iter().map(String::as_str).collect(),
        text: joined(&fill::text(text, lang)),
        settings: entry.settings.iter().map(|one| fill::setting(one, lang)).collect(),
        since: entry.since.as_ref().map(|since| since.told(lang)),
        kips: entry.kips.iter().map(String::as_str).collect(),
        see: entry.see.iter().map(String::as_str).collect(),
    })
}

/// All terms that have a card, in the order in which they are best read.
pub fn terms() -> impl Iterator<Item = &'static str> {
    ENTRIES.iter().map(|entry| entry.term.as_str())
}

/// Terms that may be meant by a word that has no card, the likeliest first.
pub fn suggestions(word: &str) -> Vec<&'static str> {
    let word = folded(word);
    let mut found: Vec<&'static str> = Vec::new();
    let near = config::nearest(&word, ENTRIES.iter().flat_map(names));
    found.extend(near.and_then(find).map(|entry| entry.term.as_str()));
    // What the word is a part of, or what is a part of it.
    let parts = ENTRIES.iter().filter(|entry| {
        names(entry).any(|name| {
            let name = folded(name);
            word.chars().count() >= 2 && (name.contains(&word) || word.contains(&name))
        })
    });
    for entry in parts {
        if !found.contains(&entry.term.as_str()) {
            found.push(&entry.term);
        }
    }
    found.truncate(5);
    found
}

pub(super) fn find(term: &str) -> Option<&'static Entry> {
    let term = folded(term);
    ENTRIES.iter().find(|entry| names(entry).any(|name| folded(name) == term))
}

fn names(entry: &Entry) -> impl Iterator<Item = &str> {
    std::iter::once(entry.term.as_str()).chain(entry.aliases.iter().map(String::as_str))
}

/// Case and the signs between words do not matter.
fn folded(text: &str) -> String {
    let letters = text.trim().chars().map(|letter| match letter {
        '_' | '-' => ' ',
        letter => letter.to_ascii_lowercase(),
    });
    letters.collect()
}

/// Lines of a text become one paragraph; between Chinese characters there is no space.
fn joined(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let wide = |letter: char| !letter.is_ascii();
        let touches = joined.chars().next_back().is_none_or(wide) && line.starts_with(wide);
        if !touches && !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(line);
    }
    joined
}

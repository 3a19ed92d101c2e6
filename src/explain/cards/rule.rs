//! Rule cards: how Kafka decides.

use std::sync::LazyLock;

use serde::Deserialize;

use super::fill::{self, SettingLine};
use super::since::Since;
use crate::explain::Lang;
use crate::feature::Levels;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub id: String,
    pub title: Both,
    #[serde(default)]
    pub settings: Vec<String>,
    #[serde(default)]
    pub see: Vec<String>,
    pub version: Vec<VersionEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VersionEntry {
    pub since: Since,
    #[serde(default)]
    pub kips: Vec<String>,
    /// `level:value` of the protocol under which it holds; newer versions come first.
    pub level: Option<String>,
    pub en: String,
    pub zh: String,
}

/// A text in both languages.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Both {
    pub en: String,
    pub zh: String,
}

impl Both {
    fn of(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rule: Vec<Entry>,
}

pub(super) static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let files = [
        ("controller", include_str!("rules/controller.toml")),
        ("replication", include_str!("rules/replication.toml")),
        ("clients", include_str!("rules/clients.toml")),
        ("groups", include_str!("rules/groups.toml")),
    ];
    let read = |(name, source): (&str, &str)| -> Vec<Entry> {
        let file: Result<File, _> = toml::from_str(source);
        file.unwrap_or_else(|error| panic!("rules/{name}.toml: {error}")).rule
    };
    files.into_iter().flat_map(read).collect()
});

/// How Kafka decides something, in all versions of the rule.
#[derive(Clone, Copy, Debug)]
pub struct RuleCard(&'static Entry);

/// One version of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleVersion {
    /// The first release that decides like this, and perhaps more about that.
    pub since: &'static str,
    /// The proposals and issues that brought it.
    pub kips: Vec<&'static str>,
    /// The level of the protocol and its value under which it holds; none for the only version.
    pub level: Option<(&'static str, &'static str)>,
    /// The rule: at most ten lines of pseudo-code.
    pub lines: Vec<String>,
}

/// The rule card called `id`.
pub fn rule(id: &str) -> Option<RuleCard> {
    ENTRIES.iter().find(|entry| entry.id == id).map(RuleCard)
}

/// All rule cards.
pub fn rules() -> impl Iterator<Item = RuleCard> {
    ENTRIES.iter().map(RuleCard)
}

impl RuleCard {
    /// Its name in links and in tests.
    pub fn id(self) -> &'static str {
        &self.0.id
    }

    /// What is decided.
    pub fn title(self, lang: Lang) -> &'static str {
        self.0.title.of(lang)
    }

    /// The settings that it asks.
    pub fn settings(self, lang: Lang) -> Vec<SettingLine> {
        self.0.settings.iter().map(|one| fill::setting(one, lang)).collect()
    }

    /// The terms that it speaks of.
    pub fn see(self) -> impl Iterator<Item = &'static str> {
        self.0.see.iter().map(String::as_str)
    }

    /// All versions of it, newest first.
    pub fn versions(self, lang: Lang) -> Vec<RuleVersion> {
        self.0.version.iter().map(|version| version.told(lang)).collect()
    }

    /// The version that holds under `levels`.
    pub fn version(self, levels: &Levels, lang: Lang) -> RuleVersion {
        let versions = &self.0.version;
        let in_force = versions.iter().find(|version| version.holds(levels));
        in_force.unwrap_or(&versions[0]).told(lang)
    }
}

impl VersionEntry {
    pub(super) fn level(&'static self) -> Option<(&'static str, &'static str)> {
        self.level.as_deref().map(|level| level.split_once(':').expect("level and value"))
    }

    fn holds(&'static self, levels: &Levels) -> bool {
        self.level().is_none_or(|(name, word)| {
            levels.iter().any(|(level, value)| level.name == name && value.word == word)
        })
    }

    fn told(&'static self, lang: Lang) -> RuleVersion {
        let text = match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        };
        RuleVersion {
            since: self.since.told(lang),
            kips: self.kips.iter().map(String::as_str).collect(),
            level: self.level(),
            lines: fill::text(text, lang).lines().map(str::to_owned).collect(),
        }
    }
}

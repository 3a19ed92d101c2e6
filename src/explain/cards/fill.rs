//! Settings in cards: their defaults, from the tables of settings.

use crate::config::{self, Domain};
use crate::explain::{Lang, Narrator};

/// A setting that belongs to a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingLine {
    /// Whose setting it is.
    pub domain: Domain,
    /// Its name.
    pub name: &'static str,
    /// Its default as Kafka writes it; none where Kafka says null.
    pub default: Option<&'static str>,
    /// Its default with its unit: `9 s`.
    pub default_told: String,
}

/// Reads `broker:broker.session.timeout.ms`.
///
/// # Panics
/// When Kafka has no such setting: cards are tested.
pub(super) fn setting(reference: &str, lang: Lang) -> SettingLine {
    let (domain, name) = reference.split_once(':').expect("domain and name");
    let domain = match domain {
        "broker" => Domain::Broker,
        "topic" => Domain::Topic,
        "producer" => Domain::Producer,
        "consumer" => Domain::Consumer,
        "admin" => Domain::Admin,
        "group" => Domain::Group,
        other => panic!("there are no settings of {other}"),
    };
    let known = config::setting(domain, name);
    let known = known.unwrap_or_else(|| panic!("Kafka has no setting {reference}"));
    let default_told = match known.default {
        Some("") => "\"\"".to_owned(),
        Some(text) => Narrator::new(lang).setting(known.name, text),
        None => "null".to_owned(),
    };
    SettingLine { domain, name: known.name, default: known.default, default_told }
}

/// Puts defaults where a text says `{broker:broker.session.timeout.ms}`.
pub(super) fn text(text: &str, lang: Lang) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text.trim();
    while let Some((before, after)) = rest.split_once('{') {
        let (reference, after) = after.split_once('}').expect("every { has its }");
        filled.push_str(before);
        filled.push_str(&setting(reference, lang).default_told);
        rest = after;
    }
    filled.push_str(rest);
    filled
}

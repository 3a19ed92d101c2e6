//! Cards: that they are whole, that they lead to each other, and that no number is copied into them.

use std::collections::BTreeSet;

use strum::IntoEnumIterator;
use unicode_width::UnicodeWidthStr;

use super::{RuleCard, card, rule, rules, suggestions, term, terms};
use crate::config::{self, Domain};
use crate::explain::Lang;
use crate::feature::{LEVELS, Levels};

/// What a card's line may take.
const COLUMNS: usize = 78;
const LINES: usize = 10;

fn is_chinese(text: &str) -> bool {
    text.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter))
}

/// `2.8` of `2.8 (early access), 3.3 (for production)`.
fn release(since: &str) -> Vec<u32> {
    first(since).split('.').map(|number| number.parse().expect("a release")).collect()
}

fn first(since: &str) -> &str {
    since.split([' ', ',']).next().unwrap_or_default()
}

/// The levels of a cluster whose level `name` is `word`.
fn levels(name: &str, word: &str) -> Levels {
    let mut levels = Levels::default();
    levels.set(name, word).expect("the level is known");
    levels
}

#[test]
fn every_term_has_a_text_in_both_languages() {
    assert!(terms().count() > 80, "{}", terms().count());
    for term in terms() {
        let (en, zh) = (card(term, Lang::En), card(term, Lang::Zh));
        let (en, zh) = (en.expect("it is listed"), zh.expect("it is listed"));
        assert!(!is_chinese(&en.text) && en.text.ends_with('.'), "{term}: {}", en.text);
        assert!(is_chinese(&zh.text) && zh.text.ends_with('。'), "{term}: {}", zh.text);
        for text in [&en.text, &zh.text] {
            assert!(!text.contains(['{', '}']) && !text.contains("  "), "{term}: {text}");
        }
        let sentences = en.text.matches(['.', '?', '!']).count();
        assert!(sentences >= 2 && en.text.len() <= 600, "{term}: {}", en.text);
        for since in [en.since, zh.since].into_iter().flatten() {
            assert!(release(since).len() >= 2, "{term}");
        }
        assert_eq!(en.since.map(release), zh.since.map(release), "{term}");
        assert!(zh.since.is_none_or(|since| since == first(since) || is_chinese(since)), "{term}");
        assert_eq!(en.kips.len(), zh.kips.len());
    }
}

#[test]
fn no_word_means_two_things() {
    let mut names = BTreeSet::new();
    for entry in term::ENTRIES.iter() {
        for name in std::iter::once(&entry.term).chain(&entry.aliases) {
            assert!(names.insert(name.to_lowercase()), "{name} is the name of two cards");
        }
    }
}

#[test]
fn every_card_that_is_named_is_there() {
    for term in terms() {
        let card = card(term, Lang::En).expect("it is listed");
        assert!(!card.see.is_empty(), "{term} leads nowhere");
        for see in card.see {
            assert!(super::card(see, Lang::En).is_some(), "{term} names {see}");
            assert_ne!(see, term);
        }
    }
    for rule in rules() {
        assert!(rule.see().count() > 0, "{} leads nowhere", rule.id());
        for see in rule.see() {
            assert!(card(see, Lang::En).is_some(), "{} names {see}", rule.id());
        }
    }
}

#[test]
fn every_setting_of_a_card_has_its_default() {
    let of_terms = terms().filter_map(|term| card(term, Lang::Zh)).flat_map(|card| card.settings);
    let of_rules = rules().flat_map(|rule| rule.settings(Lang::Zh));
    for line in of_terms.chain(of_rules) {
        let known = config::setting(line.domain, line.name).expect("Kafka has it");
        assert_eq!(line.default, known.default);
        assert!(!line.default_told.is_empty());
    }
    let session = card("broker session", Lang::Zh).expect("it is listed");
    let line = session.settings.iter().find(|line| line.name == "broker.session.timeout.ms");
    let line = line.expect("it belongs to it");
    assert_eq!((line.domain, &*line.default_told), (Domain::Broker, "9 秒"));
    assert!(session.text.contains("9 秒没有收到"), "{}", session.text);
}

#[test]
fn rules_are_short_enough_to_be_read_at_once() {
    for rule in rules() {
        for lang in Lang::iter() {
            assert!(rule.title(lang).width() <= COLUMNS, "{}", rule.id());
            assert_eq!(is_chinese(rule.title(lang)), lang == Lang::Zh, "{}", rule.id());
            for version in rule.versions(lang) {
                let lines = &version.lines;
                assert!((1..=LINES).contains(&lines.len()), "{} {version:?}", rule.id());
                assert_eq!(is_chinese(&lines.join("")), lang == Lang::Zh, "{}", rule.id());
                for line in lines {
                    assert!(line.width() <= COLUMNS, "{}: {} {line}", rule.id(), line.width());
                    assert!(!line.contains(['{', '}']) && !line.trim().is_empty(), "{line}");
                    assert_eq!(line.trim_end(), line);
                }
            }
        }
    }
}

#[test]
fn every_version_of_a_rule_holds_under_a_level_that_there_is() {
    for rule in rules() {
        let versions = rule.versions(Lang::En);
        assert!(!versions.is_empty(), "{}", rule.id());
        let releases: Vec<Vec<u32>> =
            versions.iter().map(|version| release(version.since)).collect();
        assert!(releases.is_sorted_by(|one, next| one > next), "{}: newest first", rule.id());
        for (version, since) in versions.iter().zip(&releases) {
            let Some((name, word)) = version.level else { continue };
            let level = LEVELS.iter().find(|level| level.name == name);
            let level = level.unwrap_or_else(|| panic!("{}: no level {name}", rule.id()));
            let value = level.values.iter().find(|value| value.word == word);
            let value = value.unwrap_or_else(|| panic!("{}: no {name} {word}", rule.id()));
            let known = value.since.first().expect("a release has it");
            assert!(*since >= release(known), "{}: {word} is of {known}", rule.id());
            let in_force = rule.version(&levels(name, word), Lang::En);
            assert_eq!(in_force, *version, "{}", rule.id());
        }
    }
}

#[test]
fn eligible_leader_replicas_are_a_preview_before_they_are_the_default() {
    let elr = rule("elr").expect("there is a card");
    let since = |lang| elr.version(&Levels::default(), lang).since;
    assert_eq!(since(Lang::En), "4.1 (in new clusters; preview in 4.0)");
    assert_eq!(since(Lang::Zh), "4.1 （新集群默认；4.0 为预览）");
    let card = card("ELR", Lang::En).expect("there is a card");
    assert_eq!(card.since, Some("4.0 (preview; on by default in new clusters since 4.1)"));
}

#[test]
fn the_newest_release_decides_by_the_newest_version() {
    let newest = Levels::default();
    for rule in rules() {
        assert_eq!(rule.version(&newest, Lang::En), rule.versions(Lang::En)[0], "{}", rule.id());
    }
}

/// The ids that [`rule_of`](crate::explain::why::rule_of) can return: all its texts that are no
/// patterns.
fn named() -> BTreeSet<&'static str> {
    let source = include_str!("../why/rule_of.rs");
    let mut named = BTreeSet::new();
    let mut rest = source;
    while let Some((_, after)) = rest.split_once('"') {
        let (text, after) = after.split_once('"').expect("every text has an end");
        if !after.starts_with(" =>") {
            named.insert(text);
        }
        rest = after;
    }
    named
}

#[test]
fn every_rule_that_is_named_has_a_card_and_no_card_is_forgotten() {
    let there: BTreeSet<&str> = rules().map(RuleCard::id).collect();
    assert_eq!(there, named());
    assert_eq!(there.len(), rules().count(), "an id is there twice");
    assert!(there.iter().all(|id| rule(id).is_some_and(|card| card.id() == *id)));
    assert!(rule("nobody decides this").is_none());
}

/// Amounts with a unit that are written out: `9 s`, `5 分钟`.
fn amounts(text: &str) -> Vec<String> {
    const UNITS: [&str; 18] = [
        "ms", "s", "min", "h", "d", "seconds", "minutes", "hours", "days", "KiB", "MiB", "GiB",
        "KB", "MB", "秒", "毫秒", "分钟", "小时",
    ];
    let mut found = Vec::new();
    for (at, _) in text.match_indices(|letter: char| letter.is_ascii_digit()) {
        let after = text[at + 1..].trim_start_matches(' ');
        let is_unit = |unit: &&&str| {
            after.strip_prefix(**unit).is_some_and(|rest| {
                let next = rest.chars().next();
                !unit.is_ascii() || next.is_none_or(|next| !next.is_ascii_alphanumeric())
            })
        };
        found.extend(UNITS.iter().find(is_unit).map(|unit| format!("{} {unit}", &text[at..=at])));
    }
    found
}

/// A text without what is filled in.
fn written(text: &str) -> String {
    let mut rest = text;
    let mut written = String::new();
    while let Some((before, after)) = rest.split_once('{') {
        written.push_str(before);
        rest = after.split_once('}').expect("every { has its }").1;
    }
    written + rest
}

#[test]
fn defaults_come_from_the_table_and_are_not_written_out() {
    assert_eq!(amounts("after 9 s, or 500 ms; 9 sorts, 4.0 since"), ["9 s", "0 ms"]);
    assert_eq!(amounts("每 45 秒"), ["5 秒"]);
    let of_terms = term::ENTRIES.iter().map(|one| (&one.term, &one.settings, [&one.en, &one.zh]));
    let versions = super::rule::ENTRIES.iter().flat_map(|one| {
        one.version.iter().map(|version| (&one.id, &one.settings, [&version.en, &version.zh]))
    });
    for (name, settings, texts) in of_terms.chain(versions) {
        for text in texts {
            let text = written(text);
            assert_eq!(amounts(&text), Vec::<String>::new(), "{name} writes an amount out");
            for reference in settings {
                let line = super::fill::setting(reference, Lang::En);
                let default = line.default.unwrap_or_default();
                let number = default.len() > 1 && default.bytes().all(|one| one.is_ascii_digit());
                let mut words = text.split(|letter: char| !letter.is_ascii_digit());
                assert!(!number || words.all(|word| word != default), "{name} names {default}");
            }
        }
    }
}

#[test]
fn a_term_is_found_by_any_of_its_names() {
    for name in ["high watermark", "High-Watermark", "HW", "高水位", " high_watermark "] {
        assert_eq!(card(name, Lang::En).expect("it is known").term, "high watermark", "{name}");
    }
    for name in ["ISR", "acks", "linger.ms", "重平衡", "generation", "group.instance.id"] {
        assert!(card(name, Lang::Zh).is_some(), "{name}");
    }
    assert!(card("durian", Lang::En).is_none());
}

#[test]
fn a_word_that_has_no_card_leads_to_one_that_has() {
    assert_eq!(suggestions("hihg watermark").first(), Some(&"high watermark"));
    assert_eq!(suggestions("rebalence").first(), Some(&"rebalance"));
    assert!(suggestions("epoch number").contains(&"leader epoch"));
    assert!(suggestions("水位").contains(&"high watermark"));
    assert!(suggestions("qwertzuiop").is_empty());
    assert!(suggestions("e").len() <= 5);
}

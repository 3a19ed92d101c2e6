//! `scenarios/COVERAGE.md`: what short notes on Kafka say, and where a class can see or try it.
//!
//! The rows are data (`rows.toml`). The page is made from them (`INSTA_UPDATE=always cargo test --test
//! coverage` writes it), and every place that they name must exist.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use kafkascope::explain::{Lang, cards};
use kafkascope::foreign;
use kafkascope::scenario::{library, load};
use kafkascope::tui::Screen;
use serde::Deserialize;
use strum::IntoEnumIterator;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/COVERAGE.md");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    section: Vec<Section>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    title: String,
    row: Vec<Row>,
}

/// A statement, and what becomes of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// What the notes say.
    says: String,
    is: Verdict,
    /// What holds, where the statement alone would mislead.
    right: Option<String>,
    /// Where it can be seen.
    #[serde(default)]
    shown: Vec<String>,
    /// What cannot be shown yet.
    missing: Option<String>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    True,
    Outdated,
    Wrong,
}

impl Verdict {
    const fn sign(self) -> &'static str {
        match self {
            Self::True => "✓",
            Self::Outdated => "⏳",
            Self::Wrong => "✗",
        }
    }
}

/// Where something can be seen.
enum Place<'a> {
    Scenario(&'a str, Option<usize>),
    Card(&'a str),
    Rule(&'a str),
    Screen(&'a str),
    Tool(&'a str),
}

impl<'a> Place<'a> {
    fn read(text: &'a str) -> Self {
        match text.split_once(':') {
            Some(("card", term)) => Self::Card(term),
            Some(("rule", id)) => Self::Rule(id),
            Some(("screen", name)) => Self::Screen(name),
            Some(("tool", name)) => Self::Tool(name),
            Some((kind, _)) => panic!("{text}: there is no kind of place `{kind}`"),
            None => match text.split_once('#') {
                Some((name, step)) => {
                    Self::Scenario(name, Some(step.parse().expect("a step's number")))
                }
                None => Self::Scenario(text, None),
            },
        }
    }

    fn exists(&self) -> bool {
        match *self {
            Self::Scenario(name, step) => library::find(name).is_some_and(|source| {
                let steps = load(&source).runs[0].scenario.steps.len();
                step.is_none_or(|step| (1..=steps).contains(&step))
            }),
            Self::Card(term) => cards::card(term, Lang::En).is_some_and(|card| card.term == term),
            Self::Rule(id) => cards::rule(id).is_some(),
            Self::Screen(name) => screens().contains(name),
            Self::Tool(name) => foreign::tool(name).is_some(),
        }
    }

    /// As the page has it.
    fn told(&self) -> String {
        match *self {
            Self::Scenario(name, None) => format!("[{name}]({name}.toml)"),
            Self::Scenario(name, Some(step)) => format!("[{name}]({name}.toml), step {step}"),
            Self::Card(term) => format!("`explain {term}`"),
            Self::Rule(id) => format!("rule `{id}`"),
            Self::Screen(name) => format!("screen {name}"),
            Self::Tool(name) => format!("`{name}`"),
        }
    }
}

fn screens() -> BTreeSet<String> {
    Screen::iter().map(|screen| screen.name(Lang::En).to_lowercase()).collect()
}

fn rows() -> Rows {
    toml::from_str(include_str!("rows.toml")).expect("the rows can be read")
}

/// The page that says it to people.
fn page(rows: &Rows) -> String {
    let all = || rows.section.iter().flat_map(|section| &section.row);
    let whole = all().filter(|row| row.missing.is_none()).count();
    let partly = all().filter(|row| row.missing.is_some() && !row.shown.is_empty()).count();
    let mut page = format!(
        "# What a class can see, and where\n\n\
         Statements from short notes on Kafka, as one finds them everywhere. ✓ true, ⏳ was true once, ✗ wrong; then what holds,\n\
         and where to see or try it: `kafkascope play NAME`, a step of it, a card (`kafkascope explain TERM`), a rule (in the chain of\n\
         causes, key `w`), a screen, a tool (`:kafka-topics --describe`).\n\n\
         {} statements: {whole} can be seen, {partly} in part, {} not yet.\n\n\
         <!-- Made from tests/coverage/rows.toml by `INSTA_UPDATE=always cargo test --test coverage`. -->\n",
        all().count(),
        all().count() - whole - partly,
    );
    for section in &rows.section {
        let _ = write!(
            page,
            "\n## {}\n\n| | statement | what holds | where | missing |\n|---|---|---|---|---|\n",
            section.title
        );
        for row in &section.row {
            let places: Vec<_> = row.shown.iter().map(|place| Place::read(place).told()).collect();
            let cell = |text: &str| text.replace('|', "\\|");
            let _ = writeln!(
                page,
                "| {} | {} | {} | {} | {} |",
                row.is.sign(),
                cell(&row.says),
                cell(row.right.as_deref().unwrap_or("")),
                places.join(" · "),
                cell(row.missing.as_deref().unwrap_or("")),
            );
        }
    }
    page
}

#[test]
fn every_row_is_shown_somewhere_or_says_what_is_missing() {
    let mut said = BTreeSet::new();
    for row in rows().section.iter().flat_map(|section| &section.row) {
        assert!(!row.shown.is_empty() || row.missing.is_some(), "{}", row.says);
        assert!(row.is == Verdict::True || row.right.is_some(), "what is right? {}", row.says);
        assert!(said.insert(row.says.clone()), "said twice: {}", row.says);
    }
    assert!(said.len() > 100);
}

#[test]
fn every_place_exists() {
    let rows = rows();
    let missing: Vec<_> = rows
        .section
        .iter()
        .flat_map(|section| &section.row)
        .flat_map(|row| &row.shown)
        .filter(|place| !Place::read(place).exists())
        .collect();
    assert!(missing.is_empty(), "no such place: {missing:?}");
}

#[test]
fn every_scenario_shows_a_row() {
    let rows = rows();
    let shown: BTreeSet<_> = rows
        .section
        .iter()
        .flat_map(|section| &section.row)
        .flat_map(|row| &row.shown)
        .filter_map(|place| match Place::read(place) {
            Place::Scenario(name, _) => Some(name),
            _ => None,
        })
        .collect();
    let idle: Vec<_> = library::names().filter(|name| !shown.contains(name)).collect();
    assert!(idle.is_empty(), "shown for no statement: {idle:?}");
}

#[test]
fn the_page_is_made_from_the_rows() {
    let page = page(&rows());
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(PAGE, &page).expect("the page can be written");
    }
    let written = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(page == written, "write it anew: INSTA_UPDATE=always cargo test --test coverage");
}

//! From a file to the runs that it describes, or to everything that is wrong with it.

use std::sync::Arc;

use super::across::{self, Comparison};
use super::build;
use super::compare::variants;
use super::diagnostic::{Diagnostic, Severity, Source};
use super::document::Document;
use super::limits;
use super::model::{Scenario, Text};
use super::read::{Read, Reader, json_schema, parse};
use super::run_key::Labels;
use crate::ids::Name;

/// What became of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loaded {
    /// The runs: one, or one for each value that is compared. None if anything is wrong.
    pub runs: Vec<Run>,
    /// What the runs are compared by, if the file says so.
    pub comparison: Option<Comparison>,
    /// What is wrong, and what is probably not meant so, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
}

/// One run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// What tells it from the others: `acks = 1`.
    pub label: Option<Name>,
    /// What is different about it, if the file says so.
    pub title: Option<Text>,
    /// What runs.
    pub scenario: Scenario,
}

impl Run {
    /// What is to run: with another seed than the file's, if one was asked for.
    pub fn seeded(&self, seed: Option<u64>) -> Arc<Scenario> {
        let mut scenario = self.scenario.clone();
        scenario.seed = seed.unwrap_or(scenario.seed);
        Arc::new(scenario)
    }
}

impl Loaded {
    /// True when it cannot run.
    pub fn is_wrong(&self) -> bool {
        self.diagnostics.iter().any(|one| one.severity == Severity::Error)
    }
}

impl Source {
    /// Takes a file's bytes for text.
    ///
    /// # Errors
    /// What is no text, nothing at all, or too long.
    pub fn new(name: impl Into<String>, bytes: Vec<u8>) -> Result<Self, Diagnostic> {
        let refuse = |message: &str| Err(Diagnostic::about_the_file(message));
        if bytes.len() > limits::FILE_BYTES {
            return refuse("the file is longer than 16 MiB");
        }
        if bytes.contains(&0) {
            return refuse("this is a binary file, no scenario");
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                return refuse(&format!(
                    "the file is not UTF-8: byte {at} is not part of a letter"
                ));
            }
        };
        // Some editors put a mark before the first letter.
        let text = text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned);
        if text.trim().is_empty() {
            return Err(Diagnostic::about_the_file("the file is empty")
                .hint("`kafkascope new` writes a scenario to begin with"));
        }
        Ok(Self { name: name.into(), text })
    }
}

/// Reads a scenario. All that is wrong is told at once.
pub fn load(source: &Source) -> Loaded {
    let (root, mut diagnostics) = parse(&source.text);
    if !diagnostics.is_empty() {
        // What the parser could not read is missing from the tree: more complaints would mislead.
        diagnostics.sort_by_key(|one| one.span.as_ref().map(|span| span.start));
        return Loaded { diagnostics, ..Loaded::default() };
    }
    let mut reader = Reader::new(&source.text);
    let mut loaded = Loaded::default();
    let mut first = None;
    let variants = variants(&root, &mut reader);
    let labels = Labels(variants.iter().filter_map(|one| one.label.clone()).collect());
    for (index, variant) in variants.into_iter().enumerate() {
        reader.keys_left = limits::KEYS;
        let Some(root) = variant.of(&root, &mut reader) else { break };
        let Some(document) = Document::read(&root, &mut reader) else { continue };
        let Some(scenario) = build::scenario(&document, &labels, index, &mut reader) else {
            continue;
        };
        loaded.runs.push(Run { label: variant.label, title: variant.title, scenario });
        first.get_or_insert(document);
    }
    if let Some(document) = &first {
        loaded.comparison = across::comparison(document, &loaded, &mut reader);
    }
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    // Runs of a comparison share most of what is wrong.
    for one in reader.diagnostics {
        if !diagnostics.contains(&one) {
            diagnostics.push(one);
        }
    }
    diagnostics.sort_by_key(|one| one.span.as_ref().map(|span| span.start));
    loaded.diagnostics = diagnostics;
    if loaded.is_wrong() {
        (loaded.runs, loaded.comparison) = (Vec::new(), None);
    }
    loaded
}

/// The JSON schema of scenario files.
pub fn schema() -> String {
    json_schema(&Document::shape(), "A kafkascope scenario")
}

/// A scenario to begin with.
pub const STARTER: &str = include_str!("starter.toml");

//! What is told in some of a file's runs only.

use std::collections::BTreeSet;

use crate::scenario::document::Document;
use crate::scenario::read::{ForRun, Reader};
use crate::scenario::run_key::{Labels, NoRun};

/// The run that is built, among all runs of its file.
pub(super) struct Runs<'l> {
    labels: &'l Labels,
    this: usize,
    /// There should be several, but what is compared could not be read: that has been told.
    unknown: bool,
}

impl<'l> Runs<'l> {
    /// Run number `this`.
    pub(super) fn new(document: &Document, labels: &'l Labels, this: usize) -> Self {
        Self { labels, this, unknown: document.compare.is_some() && labels.0.is_empty() }
    }

    /// What stands for this run: the first of `all` that names it, or names none.
    pub(super) fn first<'d, T>(
        &self,
        all: &'d [ForRun<T>],
        reader: &mut Reader<'_>,
    ) -> Option<&'d T> {
        let mut told = BTreeSet::new();
        let mut found = None;
        for one in all {
            let runs = self.named(one, reader)?;
            if !self.unknown && runs.is_subset(&told) {
                let hint = "each run tells the first that names it, or names no run";
                reader.error_with(&one.at, "no run tells this", hint);
            }
            if found.is_none() && runs.contains(&self.this) {
                found = Some(&one.what);
            }
            told.extend(runs);
        }
        found
    }

    /// All that stands for this run.
    pub(super) fn all<'d, T>(&self, all: &'d [ForRun<T>], reader: &mut Reader<'_>) -> Vec<&'d T> {
        let mut found = Vec::new();
        for one in all {
            if self.named(one, reader).is_some_and(|runs| runs.contains(&self.this)) {
                found.push(&one.what);
            }
        }
        found
    }

    /// The runs for which it stands, by their places; none after a complaint.
    fn named<T>(&self, one: &ForRun<T>, reader: &mut Reader<'_>) -> Option<BTreeSet<usize>> {
        if one.runs.is_empty() {
            return Some((0..self.labels.0.len().max(1)).collect());
        }
        if self.unknown {
            return Some(BTreeSet::new());
        }
        let mut runs = BTreeSet::new();
        for key in &one.runs {
            match self.labels.called(&key.value) {
                Ok(run) => {
                    runs.insert(run);
                }
                Err(NoRun::OneOnly) => {
                    let hint = "[compare] makes several";
                    reader.error_with(&key.span, "the file describes one run only", hint);
                    return None;
                }
                Err(NoRun::Unknown { key: called, keys, near }) => {
                    let hint = near.map_or_else(
                        || format!("there are {}", keys.join(", ")),
                        |near| format!("did you mean `{near}`?"),
                    );
                    reader.error_with(&key.span, format!("there is no run `{called}`"), hint);
                    return None;
                }
            }
        }
        Some(runs)
    }
}

//! What was measured of the runs of a file, as bars, and what is expected of them together.

use std::io::{self, Write};

use serde::Serialize;

use super::story::{WIDTH, pad};
use crate::explain::Lang;
use crate::scenario::language::Value;
use crate::scenario::{Comparison, Loaded, bars};
use crate::tui::wrap;

/// So many cells the longest bar has.
const LONGEST: u64 = 40;

/// Runs that were measured.
pub(super) struct Measured<'a> {
    pub(super) loaded: &'a Loaded,
    pub(super) comparison: &'a Comparison,
    pub(super) values: Vec<Option<Value>>,
}

impl<'a> Measured<'a> {
    /// What was measured of all runs of a file; none if the file compares nothing.
    pub(super) fn of(loaded: &'a Loaded, values: Vec<Option<Value>>) -> Option<Self> {
        let comparison = loaded.comparison.as_ref()?;
        Some(Self { loaded, comparison, values })
    }

    /// True if everything holds that is expected of the runs together, or cannot be told.
    pub(super) fn held(&self) -> bool {
        self.comparison.across.iter().all(|across| across.holds(&self.values) != Some(false))
    }

    pub(super) fn print(&self, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
        let bars = bars(&self.loaded.runs, &self.values);
        let widest = bars.iter().map(|bar| bar.name.chars().count()).max().unwrap_or_default();
        writeln!(out, "── {} ──", self.comparison.measure)?;
        if let Some(ask) = &self.comparison.ask {
            writeln!(out, "? {}", ask.question.told_in(lang))?;
        }
        for bar in &bars {
            let cells = usize::try_from((bar.of_largest * LONGEST).div_ceil(1_000)).unwrap_or(0);
            let title = bar.title.as_ref().map_or("", |title| title.told_in(lang));
            let drawn = pad(&"█".repeat(cells), LONGEST as usize);
            let name = pad(&bar.name, widest);
            let row = format!("{name}  {:>8} {:>6}  {drawn}  {title}", bar.told(), bar.times());
            writeln!(out, "{}", row.trim_end())?;
        }
        for across in &self.comparison.across {
            let sign = match across.holds(&self.values) {
                Some(true) => "✔",
                Some(false) => "✖",
                None => "·",
            };
            writeln!(out, "{sign} {}", across.text)?;
        }
        let Some(ask) = &self.comparison.ask else { return Ok(()) };
        if let Some(right) = ask.right(&self.values) {
            writeln!(out, "= {}", bars[right].name)?;
        }
        if let Some(reveal) = &ask.reveal {
            for row in wrap::rows(reveal.told_in(lang), WIDTH - 2) {
                writeln!(out, "  {row}")?;
            }
        }
        Ok(())
    }

    /// The same for programs.
    pub(super) fn document(&self) -> impl Serialize {
        let runs = bars(&self.loaded.runs, &self.values);
        let right = self.comparison.ask.as_ref().and_then(|ask| ask.right(&self.values));
        Document {
            measure: self.comparison.measure.to_string(),
            answer: right.map(|run| runs[run].name.to_string()),
            runs: runs
                .into_iter()
                .map(|bar| Row {
                    name: bar.name.to_string(),
                    measured: bar.value.map(|value| value.to_string()),
                })
                .collect(),
            across: self
                .comparison
                .across
                .iter()
                .map(|across| Judged {
                    text: across.text.to_string(),
                    holds: across.holds(&self.values),
                })
                .collect(),
        }
    }
}

#[derive(Serialize)]
struct Document {
    measure: String,
    runs: Vec<Row>,
    across: Vec<Judged>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    measured: Option<String>,
}

#[derive(Serialize)]
struct Judged {
    text: String,
    holds: Option<bool>,
}

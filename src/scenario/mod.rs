//! Scenarios: the file that says what a cluster is and what happens to it, and the language of what
//! can be done, expected and asked.
//!
//! A file is TOML, strictly read: `read` makes typed tables of it, as `document` declares them;
//! `build` looks up names, puts settings together and keeps the limits; the result is a
//! [`Scenario`], plain data. All mistakes of a file are told at once. `runner`
//! carries it out.

mod across;
mod build;
mod compare;
mod diagnostic;
mod document;
mod grade;
pub mod import;
pub mod language;
pub mod library;
pub mod limits;
mod load;
mod model;
mod read;
mod report;
mod run_key;
pub mod runner;
mod save;
pub mod share;
mod span;
pub mod timeline;

pub use across::{Across, Bar, Comparison, Extreme, Question, bars, told, told_answer};
pub use diagnostic::{Diagnostic, Severity, Source, place, render};
pub use grade::{Given, Grade, grade, is_numeric};
pub use load::{Loaded, Run, STARTER, load, schema};
pub use model::*;
pub use report::{Beside, Report, Summary, joint_hash};
pub use run_key::NoRun;
pub use save::{Recorded, save};
pub use span::{Span, Spanned};

/// Reads a moment of a run: `25s`, `1m30s`.
///
/// # Errors
/// When it is none.
pub fn parse_instant(text: &str) -> Result<crate::sim::Instant, crate::sim::SpanError> {
    Ok(crate::sim::Instant::ZERO + text.parse::<crate::sim::Duration>()?)
}

#[cfg(test)]
mod tests;

//! Scenarios: the file that says what a cluster is and what happens to it, and the language of what
//! can be done, expected and asked.
//!
//! A file is TOML, strictly read: `read` makes typed tables of it, as `document` declares them;
//! `build` looks up names, puts settings together and keeps the limits; the result is a
//! [`Scenario`], plain data. All mistakes of a file are told at once. `runner`
//! carries it out.

mod build;
mod compare;
mod diagnostic;
mod document;
pub mod language;
pub mod limits;
mod load;
mod model;
mod read;
pub mod runner;
mod save;
mod span;

pub use diagnostic::{Diagnostic, Severity, Source, place, render};
pub use load::{Loaded, Run, STARTER, load, schema};
pub use model::*;
pub use save::{Recorded, save};
pub use span::{Span, Spanned};

#[cfg(test)]
mod tests;

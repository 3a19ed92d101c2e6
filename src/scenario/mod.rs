//! Scenarios: the file that says what a cluster is and what happens to it, and the language of what
//! can be done, expected and asked.

pub mod language;
pub mod limits;
mod span;

pub use span::{Span, Spanned};

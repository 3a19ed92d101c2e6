//! What Kafka's words mean, and by which rules it decides.
//!
//! A term card says in a few sentences what a thing is, which settings belong to it and since when
//! there is such a thing. A rule card gives one decision as a few lines of pseudo-code, in our words,
//! for every level of the protocol that decided otherwise. Both are data (`terms/`, `rules/`);
//! defaults come from the tables of [`config`](crate::config), so that no card has another.

mod fill;
mod rule;
mod since;
mod term;

#[cfg(test)]
mod tests;

pub use fill::SettingLine;
pub use rule::{RuleCard, RuleVersion, rule, rules};
pub use term::{Card, card, suggestions, terms};

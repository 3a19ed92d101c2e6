//! Why something happened: the chain of causes from an event up to a step of the scenario, a fault, or
//! the beginning.
//!
//! Every event knows the event that scheduled it: that sent the message, set the timer, opened the
//! connection. What did *not* come has no such event: a broker is fenced because nothing was heard of
//! it. Then the chain goes on at what silenced it, the last fault that the story knows.

mod chain;
mod cone;
mod rule_of;
mod silence;

#[cfg(test)]
mod tests;

pub use chain::{Chain, Link, Says, Skipped, Tie, chain};
pub use cone::Cone;
pub use rule_of::{rule_of, rule_of_fact};

use super::Story;
use crate::cluster::{Happened, Told};

/// What is remembered of a run.
pub trait History {
    /// An event that happened.
    fn event(&self, id: u32) -> Option<Happened>;

    /// What an event told, in order; the story's details too, where they were wanted.
    fn told(&self, event: u32) -> Vec<Told>;

    /// The story so far.
    fn story(&self) -> &Story;
}

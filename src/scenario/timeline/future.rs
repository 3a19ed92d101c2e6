//! One course of events: what was seen of it, and the lines that made it.

use super::checkpoints::Checkpoints;
use super::history::History;
use super::ledger::Ledger;
use super::meter::Series;
use crate::explain::Story;
use crate::scenario::language::Instruction;
use crate::scenario::save::Recorded;
use crate::sim::Instant;

/// Which future.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FutureId(pub usize);

/// A line that was typed.
#[derive(Clone, Debug)]
pub struct Typed {
    /// After how many steps of the run.
    pub step: u32,
    /// What it says.
    pub instruction: Instruction,
    /// As it is saved.
    pub recorded: Recorded,
}

/// One course of events.
#[derive(Clone, Debug, Default)]
pub(super) struct Future {
    pub(super) history: History,
    pub(super) ledger: Ledger,
    pub(super) series: Series,
    /// The story up to the cursor, or to where the cursor was when it left.
    pub(super) story: Story,
    /// Where the cursor was when it left.
    pub(super) cursor: u32,
    /// How many steps were seen.
    pub(super) steps: u32,
    pub(super) seen_until: Instant,
    pub(super) typed: Vec<Typed>,
    /// The steps of the run at which the scenario asks something.
    pub(super) asks: Vec<u32>,
    /// After which step of the run a step of the scenario asked, or was done: its place in the file.
    pub(super) came: Vec<(u32, usize)>,
    pub(super) checkpoints: Checkpoints,
    /// The future that it left, and when.
    pub(super) left: Option<(usize, Instant)>,
}

impl Future {
    /// A future that has the past of this one up to `step`.
    pub(super) fn up_to(&self, step: u32, event: u32, at: Instant, id: usize) -> Self {
        let mut fork = self.clone();
        fork.history.truncate(event);
        fork.ledger.truncate(event);
        fork.checkpoints.truncate(step);
        fork.typed.retain(|typed| typed.step < step);
        fork.asks.retain(|asks| *asks <= step);
        fork.came.retain(|(came, _)| *came <= step);
        fork.steps = step;
        fork.seen_until = at;
        fork.left = Some((id, at));
        fork
    }
}

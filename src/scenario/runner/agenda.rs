//! What is still to come of a scenario, by time.

use std::collections::BTreeMap;

use crate::cluster::Act;
use crate::scenario::language::Instruction;
use crate::sim::Instant;

/// Something to do at a time.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// Start all servers and the administrator.
    StartServers,
    /// A step of the scenario asks something; it comes next.
    Ask(usize),
    /// A step of the scenario.
    Step(usize),
    /// A line that was typed.
    Line(Box<Instruction>),
    /// Something without a command of its own, brought about by that event: a client starts, what
    /// lasted for a while ends.
    Act(Act, u32),
    /// An expectation is judged.
    Judge(usize),
    /// What a step asks is answered.
    Answer(usize),
    /// What is compared between runs is measured.
    Measure,
}

/// Items by time; at one instant in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(super) struct Agenda {
    items: BTreeMap<(Instant, u32), Item>,
    added: u32,
}

impl Agenda {
    pub(super) fn add(&mut self, at: Instant, item: Item) {
        // Judgements and answers come after everything that is done at that instant.
        let last = matches!(item, Item::Judge(_) | Item::Answer(_) | Item::Measure);
        let order = if last { 1 << 31 } else { 0 };
        self.items.insert((at, order | self.added), item);
        self.added += 1;
    }

    /// Adds a step of the scenario: what it asks comes before what it does.
    pub(super) fn add_step(&mut self, at: Instant, index: usize, asks: bool) {
        if asks {
            self.add(at, Item::Ask(index));
        }
        self.add(at, Item::Step(index));
    }

    pub(super) fn next_at(&self) -> Option<Instant> {
        self.items.first_key_value().map(|((at, _), _)| *at)
    }

    pub(super) fn take(&mut self) -> Option<Item> {
        self.items.pop_first().map(|(_, item)| item)
    }

    /// What was to end something ends it no more: that was done by hand.
    pub(super) fn forget(&mut self, act: &Act) {
        self.items.retain(|_, item| !matches!(item, Item::Act(other, _) if other == act));
    }
}

//! What must be true of a cluster, judged from facts and bytes while it runs.
//!
//! A [`Checker`] follows a run event by event. It keeps books of its own: a tree of all batches that
//! were ever appended, each replica's place in it, the log that counts and how far it is committed,
//! what producers were told and consumers were given. Each invariant has a name ([`Id`]) and is judged
//! where the state that it is about changes, so that an event costs what it changed. Never is a node
//! asked whether it did well: books are kept from facts, and compared with the batches on disks and
//! with what nodes hold.
//!
//! Left out so far: the metadata quorum with several voters (Q), transactions (T but for T12, O7),
//! groups of KIP-848 (G5), crash recovery (S), compaction.

mod bytes;
mod controller;
mod groups;
mod healed;
mod id;
mod image;
mod ledger;
mod log;
mod placement;
mod quiet;
mod replication;
mod settle;
mod storage;
#[cfg(test)]
mod tests;
mod violation;
mod watch;
mod world;

pub use id::{Class, Counters, Id};
pub use ledger::{Cause, Loss, Losses, LostRecord, Removal, Totals};
use ledger::{Ledger, Producer};
use violation::Report;
pub use violation::{Classes, Subject, Text, Violation};
use world::World;

use crate::cluster::{Happened, Told};
use crate::ids::Name;
use crate::sim::NodeId;
use crate::view::Lens;

/// By which promise a run is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Promise {
    /// That of the newest protocol level, whatever the levels of the run.
    #[default]
    Newest,
    /// That of the levels of the run.
    Level,
}

/// How a run is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Which classes of invariants.
    pub classes: Classes,
    /// By which promise.
    pub promise: Promise,
}

impl Default for Settings {
    fn default() -> Self {
        Self { classes: Classes::ALL, promise: Promise::Newest }
    }
}

/// Follows a run and judges it. A clone goes on from the same point: it belongs to a checkpoint.
#[derive(Clone, Debug)]
pub struct Checker {
    settings: Settings,
    world: World,
    ledger: Ledger,
    groups: groups::Groups,
    faults: healed::Faults,
    written: healed::Written,
    still: quiet::Stillness,
    images: image::Images,
    report: Report,
    /// What the event concerned, to be judged when all of it was taken in.
    concerned: watch::Concerned,
}

impl Checker {
    /// A checker that has seen nothing: it has to follow a run from the beginning, with all facts
    /// ([`Interest::Everything`](crate::node::Interest::Everything)).
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            world: World::new(),
            ledger: Ledger::default(),
            groups: groups::Groups::default(),
            faults: healed::Faults::default(),
            written: healed::Written::default(),
            still: quiet::Stillness::default(),
            images: image::Images::default(),
            report: Report::new(settings.classes),
            concerned: watch::Concerned::default(),
        }
    }

    /// Takes in what happened in a step of the cluster, and judges what it changed.
    pub fn on_event(
        &mut self,
        lens: Lens<'_>,
        happened: &[Happened],
        told: &[Told],
    ) -> Vec<Violation> {
        self.report.event = lens.event();
        self.report.at = lens.now();
        for told in told {
            self.faults.take(&told.fact, lens.now());
            self.still.take(&told.fact, lens.now());
            self.take(lens, told, happened);
        }
        self.settle(lens);
        self.maybe_judge_quiet(lens);
        std::mem::take(&mut self.report.found)
    }

    /// The run is over: what could still have happened will not.
    pub fn on_end(&mut self, lens: Lens<'_>) -> Vec<Violation> {
        self.report.event = lens.event();
        self.report.at = lens.now();
        let partitions = &self.world.partitions;
        let tp = |slot: u32| partitions.get(slot as usize).map(|known| known.tp.clone());
        self.ledger.settle(tp, lens.batches_on_their_way(), &self.report);
        self.judge_quiet(lens, true);
        self.judge_healed(lens);
        std::mem::take(&mut self.report.found)
    }

    /// How often each invariant was judged.
    pub fn counters(&self) -> &Counters {
        &self.report.counters
    }
}

/// What a run has come to: for expectations and for the values of the command language.
impl Checker {
    /// Sums over the records of one producer, or of all.
    pub fn totals(&self, producer: Option<NodeId>) -> Totals {
        let mut sum = Totals::default();
        for known in self.of(producer) {
            sum += known.totals;
        }
        sum
    }

    /// How many records were acknowledged and can be read no more; what was removed by retention or
    /// on request does not count.
    pub fn acked_lost(&self, producer: Option<NodeId>) -> u64 {
        self.of(producer).map(|known| known.totals.acked_lost).sum()
    }

    /// How many records can be read no more, or never could, and did not fail as far as their
    /// applications know: they were acknowledged, or their application was told nothing and died.
    pub fn lost(&self, producer: Option<NodeId>) -> u64 {
        self.of(producer).map(Producer::lost).sum()
    }

    fn of(&self, producer: Option<NodeId>) -> impl Iterator<Item = &Producer> {
        let all = self.ledger.producers.iter().map(|(_, known)| known);
        all.filter(move |known| producer.is_none_or(|node| known.node == node))
    }

    /// How many records the applications of a group processed.
    pub fn consumed(&self, group: &str) -> u64 {
        self.ledger.consumed(group)
    }

    /// How many of them had been processed before; of all groups for none.
    pub fn duplicated(&self, group: Option<&str>) -> u64 {
        self.ledger.processed_again(group)
    }

    /// How many records the committed offsets of a group have passed that nobody of it processed.
    pub fn skipped(&self, group: &Name) -> u64 {
        self.groups.skipped(group, &self.world)
    }

    /// The records that were acknowledged and are lost, in the order in which they were; those too
    /// that came back.
    pub fn lost_records(&self) -> impl Iterator<Item = &LostRecord> {
        self.ledger.lost.iter()
    }

    /// What was removed by retention, on request, or with its topic.
    pub fn removals(&self) -> impl Iterator<Item = &Removal> {
        self.ledger.removed.iter()
    }
}

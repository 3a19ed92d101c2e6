//! What a run has lost, told for people: records that went together are one loss.

use serde::Serialize;

use super::cause::Cause;
use super::{LostRecord, Removal};
use crate::check::Checker;
use crate::ids::{LeaderEpoch, Name, Offset, TopicPartition};
use crate::sim::Instant;

/// Acknowledged records of one producer that were lost together, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// When they were lost, or their loss became certain.
    pub at: Instant,
    /// The number of the event.
    pub event: u64,
    /// Their partition.
    pub tp: TopicPartition,
    /// The producer that sent them.
    pub producer: Name,
    /// The application's running number of the first.
    pub number: u64,
    /// How many they are.
    pub records: u64,
    /// Where the first was; none with acks=0.
    pub first_offset: Option<Offset>,
    /// Where the last was; none with acks=0.
    pub last_offset: Option<Offset>,
    /// The epoch of the leader that had taken them; none with acks=0.
    pub leader_epoch: Option<LeaderEpoch>,
    /// With which `acks` they were acknowledged; -1 for all.
    pub acks: i16,
    /// By what right they are gone.
    #[serde(flatten)]
    pub cause: Cause,
}

/// What a run has lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Losses {
    /// What was acknowledged and lost, in the order in which it was; the first few.
    pub acked: Vec<Loss>,
    /// How many records of that kind are not among them.
    pub left_out: u64,
    /// Records that are in no log, and whose application was told nothing before it ended.
    pub untold: u64,
    /// What was removed by right: the first few.
    pub removed: Vec<Removal>,
}

/// So many of each are told.
const TOLD: usize = 20;

impl Loss {
    fn of(lost: &LostRecord) -> Self {
        Self {
            at: lost.at,
            event: lost.event,
            tp: lost.tp.clone(),
            producer: lost.producer.clone(),
            number: lost.number,
            records: 1,
            first_offset: lost.offset,
            last_offset: lost.offset,
            leader_epoch: lost.leader_epoch,
            acks: lost.acks,
            cause: lost.cause,
        }
    }

    /// Takes in a record that was lost with these; false if it was lost otherwise.
    fn takes(&mut self, lost: &LostRecord) -> bool {
        let same = self.event == lost.event
            && self.tp == lost.tp
            && self.producer == lost.producer
            && self.leader_epoch == lost.leader_epoch
            && self.first_offset.is_some() == lost.offset.is_some()
            && self.cause == lost.cause;
        if same {
            self.records += 1;
            self.last_offset = lost.offset;
        }
        same
    }
}

impl Checker {
    /// What the run has lost, and why.
    pub fn losses(&self) -> Losses {
        let mut losses = Losses::default();
        for lost in self.lost_records().filter(|lost| !lost.is_back) {
            if losses.acked.last_mut().is_some_and(|last| last.takes(lost)) {
                continue;
            }
            if losses.acked.len() < TOLD && losses.left_out == 0 {
                losses.acked.push(Loss::of(lost));
            } else {
                losses.left_out += 1;
            }
        }
        losses.untold = self.lost(None) - self.acked_lost(None);
        losses.removed = self.removals().take(TOLD).cloned().collect();
        losses
    }
}

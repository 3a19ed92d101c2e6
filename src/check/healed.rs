//! What must come to be once everything is healed: R20 (replicas converge), C10 (partitions have
//! leaders). Judged at the end of a run whose last fault is long enough ago.

use std::collections::BTreeSet;

use super::violation::{Subject, text};
use super::{Checker, Id};
use crate::cluster::ProcessState;
use crate::fact::Fact;
use crate::ids::Name;
use crate::sim::{Duration, Instant};
use crate::view::Lens;

/// How long a cluster may take to recover: sessions (9 s), replicas that catch up and join (30 s),
/// connections that are given up (30 s).
pub(super) const ENOUGH: Duration = Duration::from_secs(75);

/// What is broken in the cluster, by what was told.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    last: Instant,
    last_election: Instant,
    links: BTreeSet<(Name, Name)>,
    slow: bool,
}

impl Faults {
    /// Takes note of a fault, or of its end.
    pub(super) fn take(&mut self, fact: &Fact, now: Instant) {
        match fact {
            Fact::LinkHealed { from, to } | Fact::LinkDelayed { from, to, by: Duration::ZERO } => {
                self.links.remove(&(from.clone(), to.clone()));
            }
            Fact::LinkCut { from, to } | Fact::LinkDelayed { from, to, .. } => {
                self.links.insert((from.clone(), to.clone()));
            }
            Fact::SlowedDown { .. } => self.slow = true,
            Fact::ProcessStarted { .. }
            | Fact::ProcessKilled { .. }
            | Fact::ProcessExited { .. }
            | Fact::ProcessPaused
            | Fact::ProcessResumed
            | Fact::PowerLost { .. }
            | Fact::DiskWiped
            | Fact::TopicCreated { .. }
            | Fact::PartitionsAdded { .. } => {}
            Fact::LeaderElected { .. } => {
                self.last_election = now;
                return;
            }
            _ => return,
        }
        self.last = now;
    }

    /// When something was last broken, mended or made.
    pub(super) const fn last(&self) -> Instant {
        self.last
    }

    /// When a partition last got a leader.
    pub(super) const fn last_election(&self) -> Instant {
        self.last_election
    }

    pub(super) fn is_healed(&self, lens: Lens<'_>) -> bool {
        let mut servers = lens.nodes().filter(|node| lens.server_of(*node).is_some());
        self.links.is_empty()
            && !self.slow
            && self.last + ENOUGH <= lens.now()
            && servers.all(|node| lens.process_state(node) == ProcessState::Up)
    }
}

impl Checker {
    pub(super) fn judge_healed(&mut self, lens: Lens<'_>) {
        if !self.faults.is_healed(lens) {
            return;
        }
        self.judge_committed(lens);
        self.judge_rest(lens);
        let slots: Vec<u32> = self.world.living().collect();
        for slot in slots {
            let partition = &self.world.partitions[slot as usize];
            let Some(state) = &partition.registered else { continue };
            let can_lead = !state.isr.is_empty() || !state.elr.is_empty();
            self.report.judge(Id::C10, state.leader.is_some() || !can_lead, || {
                let found = text!("nobody leads it", "没有 leader");
                let (isr, elr) = (&state.isr, &state.elr);
                let against =
                    text!("ISR {:?} and ELR {:?} live", "ISR {:?} 与 ELR {:?} 存活", isr, elr);
                (Subject::Partition(partition.tp.clone()), found, against)
            });
            let is_whole = state.leader.is_none() || state.isr.len() == state.replicas.len();
            self.report.judge(Id::R20, is_whole, || {
                let found = text!("the ISR is {:?}", "ISR 为 {:?}", state.isr);
                let against = text!("the replicas are {:?}", "副本为 {:?}", state.replicas);
                (Subject::Partition(partition.tp.clone()), found, against)
            });
        }
    }
}

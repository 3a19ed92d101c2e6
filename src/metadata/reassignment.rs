//! Moving a partition to other replicas (KIP-455).
//!
//! In Kafka: `PartitionReassignmentReplicas`, `PartitionReassignmentRevert`. The replicas that join
//! and those that leave are all there until enough of the new ones are in the ISR.

use super::partition::PartitionRegistration;
use crate::ids::BrokerId;

/// The replicas of a partition while it moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReassignmentReplicas {
    /// Those that will go.
    pub removing: Vec<BrokerId>,
    /// Those that come.
    pub adding: Vec<BrokerId>,
    /// All of them, those that will go last.
    pub replicas: Vec<BrokerId>,
}

/// What a partition has once its move is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletedReassignment {
    /// Its replicas.
    pub replicas: Vec<BrokerId>,
    /// Its in-sync replicas.
    pub isr: Vec<BrokerId>,
}

impl ReassignmentReplicas {
    /// The move from `current` to `target`.
    pub fn between(current: &[BrokerId], target: &[BrokerId]) -> Self {
        let removing = sorted_difference(current, target);
        let adding = sorted_difference(target, current);
        let replicas = target.iter().chain(&removing).copied().collect();
        Self { removing, adding, replicas }
    }

    /// The move that `partition` is in.
    pub fn of(partition: &PartitionRegistration) -> Self {
        Self {
            removing: partition.removing_replicas().to_vec(),
            adding: partition.adding_replicas().to_vec(),
            replicas: partition.replicas.to_vec(),
        }
    }

    /// True when anything moves.
    pub fn is_in_progress(&self) -> bool {
        !self.removing.is_empty() || !self.adding.is_empty()
    }

    /// What the partition has if its move can be completed with this ISR.
    pub fn complete(&self, isr: &[BrokerId]) -> Option<CompletedReassignment> {
        if !self.is_in_progress() {
            return None;
        }
        let stays = |replica: &BrokerId| !self.removing.contains(replica);
        let isr: Vec<_> = isr.iter().copied().filter(stays).collect();
        let replicas: Vec<_> = self.replicas.iter().copied().filter(stays).collect();
        // Where nothing is removed, empty lists are no reason to wait; Kafka has it so.
        if !self.removing.is_empty() && (isr.is_empty() || replicas.is_empty()) {
            return None;
        }
        let all_in_sync = replicas.iter().all(|replica| isr.contains(replica));
        all_in_sync.then_some(CompletedReassignment { replicas, isr })
    }

    /// The replicas before the move, as far as their order is known.
    pub fn original_replicas(&self) -> Vec<BrokerId> {
        without(&self.replicas, &self.adding)
    }
}

/// What a partition goes back to when its move is cancelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revert {
    /// Its replicas.
    pub replicas: Vec<BrokerId>,
    /// Its in-sync replicas.
    pub isr: Vec<BrokerId>,
    /// True when none of the old replicas is in sync, so that one has to be chosen uncleanly.
    pub unclean: bool,
}

impl Revert {
    /// The way back for `partition`; none when all its replicas are being added.
    pub fn of(partition: &PartitionRegistration) -> Option<Self> {
        let moving = ReassignmentReplicas::of(partition);
        let replicas = moving.original_replicas();
        let mut isr = without(&partition.isr, &moving.adding);
        let unclean = isr.is_empty();
        if unclean {
            isr.push(*replicas.first()?);
        }
        Some(Self { replicas, isr, unclean })
    }
}

/// `replicas` without those in `excluded`, in their order.
pub fn without(replicas: &[BrokerId], excluded: &[BrokerId]) -> Vec<BrokerId> {
    replicas.iter().copied().filter(|replica| !excluded.contains(replica)).collect()
}

fn sorted_difference(all: &[BrokerId], excluded: &[BrokerId]) -> Vec<BrokerId> {
    let mut difference = without(all, excluded);
    difference.sort();
    difference.dedup();
    difference
}

//! Changes of the ISR: a leader asks, the controller answers.
//!
//! In Kafka: `Partition.prepareIsrShrink`, `handleAlterPartitionUpdate`, `handleAlterPartitionError`;
//! KIP-497.

use super::isr::{BrokerList, Liveness};
use super::partition::{Partition, Role, Surroundings};
use crate::fact::Fact;
use crate::feature::mutant;
use crate::ids::{BrokerEpoch, BrokerId, LeaderEpoch, PartitionEpoch, TopicIdPartition};
use crate::log::Log;
use crate::node::Outbox;
use crate::protocol::ErrorCode;

/// An ISR that a leader asks the controller for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IsrProposal {
    /// The partition.
    pub partition: TopicIdPartition,
    /// The leader epoch it is asked in.
    pub leader_epoch: LeaderEpoch,
    /// The partition epoch it is meant to follow on.
    pub partition_epoch: PartitionEpoch,
    /// The members, with the broker epochs they fetched with.
    pub isr: Vec<(BrokerId, Option<BrokerEpoch>)>,
}

/// What the controller answered to a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IsrGrant {
    /// The leader epoch in force.
    pub leader_epoch: LeaderEpoch,
    /// The partition epoch in force.
    pub partition_epoch: PartitionEpoch,
    /// The ISR in force.
    pub isr: BrokerList,
}

impl Partition {
    /// Looks for followers that fell behind. Returns the ISR to ask for, if one did.
    pub fn maybe_shrink_isr<L: Liveness>(
        &mut self,
        log: &Log,
        around: Surroundings<'_, L>,
        out: &mut Outbox,
    ) -> Option<IsrProposal> {
        let end = log.log_end_offset();
        let Role::Leader(leader) = &mut self.role else { return None };
        let leaving = leader.out_of_sync(end, out.now, around.lag_max);
        if leaving.is_empty() {
            return None;
        }
        let isr = leader.propose_shrink(&leaving);
        if mutant!(out, IsrShrunkUnasked) {
            leader.commit(&isr);
        }
        let (tp, told) = (self.tp.clone(), isr.to_vec());
        out.fact(|| Fact::IsrShrinkProposed { tp, out: leaving.to_vec(), isr: told });
        Some(self.proposal(&isr, around))
    }

    /// The pending proposal once more, to be sent again.
    pub fn pending_proposal<L>(&self, around: Surroundings<'_, L>) -> Option<IsrProposal> {
        let Role::Leader(leader) = &self.role else { return None };
        Some(self.proposal(&leader.proposed_isr()?, around))
    }

    pub(super) fn proposal<L>(&self, isr: &[BrokerId], around: Surroundings<'_, L>) -> IsrProposal {
        let Role::Leader(leader) = &self.role else { unreachable!("only a leader proposes") };
        IsrProposal {
            partition: self.id(),
            leader_epoch: self.leader_epoch.expect("a leader knows its epoch"),
            partition_epoch: self.partition_epoch.expect("a leader knows its state"),
            isr: leader.with_epochs(isr, around.local_epoch),
        }
    }

    /// The controller granted a proposal. True if the high watermark moved.
    pub fn on_isr_granted<L: Liveness>(
        &mut self,
        log: &mut Log,
        proposal: &IsrProposal,
        grant: &IsrGrant,
        around: Surroundings<'_, L>,
        out: &mut Outbox,
    ) -> bool {
        if !self.is_pending(proposal) {
            // The metadata log was faster, or another epoch began: the answer is out of date.
            return false;
        }
        let known = self.partition_epoch.unwrap_or_default();
        if Some(grant.leader_epoch) != self.leader_epoch || grant.partition_epoch < known {
            return false;
        }
        let Role::Leader(leader) = &mut self.role else { return false };
        leader.commit(&grant.isr);
        self.partition_epoch = Some(grant.partition_epoch);
        let tp = self.tp.clone();
        let (isr, partition_epoch) = (grant.isr.to_vec(), grant.partition_epoch);
        out.fact(|| Fact::IsrUpdated { tp, isr, partition_epoch });
        self.maybe_advance_high_watermark(log, around, out)
    }

    /// The controller refused a proposal. True if it is to be sent again.
    pub fn on_isr_refused(
        &mut self,
        proposal: &IsrProposal,
        error: ErrorCode,
        out: &mut Outbox,
    ) -> bool {
        if !self.is_pending(proposal) {
            return false;
        }
        let tp = self.tp.clone();
        out.fact(|| Fact::IsrChangeRefused { tp, error });
        let Role::Leader(leader) = &mut self.role else { return false };
        match error {
            ErrorCode::OperationNotAttempted | ErrorCode::IneligibleReplica => {
                // The controller says that our state is right and nothing was changed.
                leader.roll_back();
                false
            }
            ErrorCode::UnknownTopicOrPartition
            | ErrorCode::UnknownTopicId
            | ErrorCode::FencedLeaderEpoch
            | ErrorCode::InvalidUpdateVersion
            | ErrorCode::InvalidRequest
            | ErrorCode::NewLeaderElected => {
                // Our state may be out of date: it stays pending until the metadata log tells.
                false
            }
            _ => true,
        }
    }

    fn is_pending(&self, proposal: &IsrProposal) -> bool {
        let Role::Leader(leader) = &self.role else { return false };
        let asked = proposal.isr.iter().map(|(id, _)| *id);
        self.leader_epoch == Some(proposal.leader_epoch)
            && self.partition_epoch == Some(proposal.partition_epoch)
            && leader.proposed_isr().is_some_and(|isr| isr.iter().copied().eq(asked))
    }
}

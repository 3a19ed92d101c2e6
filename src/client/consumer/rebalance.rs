//! What a rebalance does to the assignment, and the callbacks that tell the application.
//!
//! In Kafka: `ConsumerCoordinator.onJoinPrepare`, `onJoinComplete`, `onLeavePrepare`,
//! `ConsumerRebalanceListenerInvoker`; KIP-415/KIP-429 (cooperative rebalancing). Callbacks take no
//! time.

use std::collections::BTreeSet;

use bytes::Bytes;

use super::coordinator::Coordinator;
use super::exception::Thrown;
use super::step::Step;
use crate::config::Assignor;
use crate::fact::Fact;
use crate::feature::mutant;
use crate::ids::{Generation, TopicPartition};
use crate::protocol::consumer_protocol::{
    Assignment, NEWEST_VERSION, StickyUserData, Subscription, cooperative_user_data,
};

/// What members do with their partitions when the group rebalances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum RebalanceProtocol {
    /// They give all up before they join.
    Eager,
    /// They keep them, and give up what the assignment takes away; then they join once more.
    Cooperative,
}

impl RebalanceProtocol {
    /// The best that all assignors support: so one eager assignor in the list makes the member
    /// eager.
    pub(super) fn of(assignors: &[Assignor]) -> Self {
        let is_cooperative = |assignor: &Assignor| *assignor == Assignor::CooperativeSticky;
        if assignors.iter().all(is_cooperative) { Self::Cooperative } else { Self::Eager }
    }
}

impl Coordinator {
    /// What the member tells the group it wants and has, for each of its assignors.
    pub(super) fn protocols(&mut self, step: &Step) -> Vec<(&'static str, Bytes)> {
        let topics = step.subscriptions.topics();
        self.joined_subscription = Some(topics.clone());
        let rack = &step.config.client_rack;
        let protocol = |assignor: &Assignor| {
            let subscription = Subscription {
                topics: topics.iter().cloned().collect(),
                user_data: self.user_data(*assignor),
                owned: step.subscriptions.assigned().into_iter().collect(),
                generation: self.membership.generation,
                rack: (!rack.is_empty()).then(|| rack.clone()),
            };
            (assignor.word(), subscription.encode(NEWEST_VERSION))
        };
        self.assignors.iter().map(protocol).collect()
    }

    fn user_data(&self, assignor: Assignor) -> Option<Bytes> {
        match assignor {
            Assignor::Range | Assignor::RoundRobin => None,
            Assignor::Sticky => {
                let (partitions, generation) = self.last_assignment.clone()?;
                Some(StickyUserData { partitions, generation: Some(generation) }.encode())
            }
            Assignor::CooperativeSticky => {
                let generation = self.last_assignment.as_ref().map(|(_, generation)| *generation);
                Some(cooperative_user_data(generation))
            }
        }
    }

    /// Commits, and gives up what must be given up before joining. False if the commit takes
    /// longer.
    pub(super) fn on_join_prepare(&mut self, step: &mut Step) -> Result<bool, Thrown> {
        if !self.commit_before_rebalance(step)? {
            return Ok(false);
        }
        let owned = step.subscriptions.assigned();
        if self.membership.generation.is_none() || !self.membership.has_member_id() {
            // The group has given them to others, or will.
            step.subscriptions.take_stash();
            if !owned.is_empty() {
                self.tell_lost(&owned, step);
                step.subscriptions.assign_from_subscribed(BTreeSet::new());
            }
        } else if self.protocol == RebalanceProtocol::Eager {
            self.tell_revoked(&owned, step);
            step.subscriptions.assign_from_subscribed(BTreeSet::new());
        } else {
            let (kept, revoked): (BTreeSet<_>, BTreeSet<_>) =
                owned.into_iter().partition(|tp| step.subscriptions.topics().contains(&tp.topic));
            if !revoked.is_empty() {
                self.tell_revoked(&revoked, step);
                step.subscriptions.assign_from_subscribed(kept);
            }
        }
        self.is_leader = false;
        step.subscriptions.reset_group_subscription();
        let topics = step.subscriptions.metadata_topics();
        step.client.metadata_mut().set_topics(topics);
        self.end_commit_before_rebalance();
        Ok(true)
    }

    /// Takes the assignment that the leader made.
    pub(super) fn on_join_complete(
        &mut self,
        assignment: &Bytes,
        step: &mut Step,
    ) -> Result<(), Thrown> {
        if !self.is_leader {
            self.assignment_snapshot = None;
        }
        let protocol = self.membership.protocol.as_deref();
        if !self.assignors.iter().any(|known| Some(known.word()) == protocol) {
            return Err(Thrown::new("IllegalStateException"));
        }
        let generation = self.membership.generation.unwrap_or_default();
        self.callback_generation = Some(generation);
        // A leader that forgot a member sends it nothing at all.
        let assignment =
            Assignment::decode(assignment).map_err(|_| Thrown::new("IllegalStateException"))?;
        let owned = step.subscriptions.assigned();
        let mut assigned: BTreeSet<_> = assignment.partitions.iter().cloned().collect();
        if mutant!(step.out, PartNotTaken) {
            assigned.pop_last();
        }
        if !step.subscriptions.matches(&assigned) {
            self.request_rejoin("received assignment does not match the current subscription");
            return Ok(());
        }
        if self.protocol == RebalanceProtocol::Cooperative {
            let revoked: BTreeSet<_> = owned.difference(&assigned).cloned().collect();
            if !revoked.is_empty() {
                self.tell_revoked(&revoked, step);
                self.request_rejoin("need to revoke partitions and re-join");
            }
        }
        self.last_assignment = Some((assignment.partitions, generation));
        self.commits.restart_auto_commit(step);
        let added: BTreeSet<_> = assigned.difference(&owned).cloned().collect();
        step.subscriptions.assign_from_subscribed(assigned);
        self.tell_assigned(&added, generation, step);
        Ok(())
    }

    /// Gives everything up before the member leaves for good.
    pub(super) fn on_leave_prepare(&mut self, step: &mut Step) {
        let owned = step.subscriptions.assigned();
        if !step.subscriptions.has_auto_assigned_partitions() || owned.is_empty() {
            return;
        }
        let is_lost = self.membership.generation.is_none()
            || !self.membership.has_member_id()
            || self.rebalance_in_progress();
        if is_lost {
            self.tell_lost(&owned, step);
        } else {
            self.tell_revoked(&owned, step);
        }
        step.subscriptions.assign_from_subscribed(BTreeSet::new());
    }

    // ---- callbacks ----

    fn tell_assigned(
        &self,
        partitions: &BTreeSet<TopicPartition>,
        generation: Generation,
        step: &mut Step,
    ) {
        step.out.fact(|| Fact::PartitionsAssigned {
            group: self.group.clone(),
            partitions: partitions.iter().cloned().collect(),
            generation,
        });
    }

    fn tell_revoked(&self, partitions: &BTreeSet<TopicPartition>, step: &mut Step) {
        step.out.fact(|| Fact::PartitionsRevoked {
            group: self.group.clone(),
            partitions: partitions.iter().cloned().collect(),
            generation: self.callback_generation.unwrap_or_default(),
        });
    }

    fn tell_lost(&self, partitions: &BTreeSet<TopicPartition>, step: &mut Step) {
        step.out.fact(|| Fact::PartitionsLost {
            group: self.group.clone(),
            partitions: partitions.iter().cloned().collect(),
        });
    }
}

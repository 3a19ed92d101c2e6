//! After an event: what needs the state that it left.

use super::world::partition::Partition;
use super::{Checker, controller, log};
use crate::fact::ElectionKind;
use crate::view::Lens;

impl Checker {
    /// Judges what needs the state after the event.
    pub(super) fn settle(&mut self, lens: Lens<'_>) {
        if !self.concerned.partitions.is_empty() || !self.concerned.brokers.is_empty() {
            self.settle_controller(lens);
        }
        self.judge_takers(lens);
        let replicas = std::mem::take(&mut self.concerned.replicas);
        for (slot, broker) in &replicas {
            if !self.world.partitions[*slot as usize].is_dirty {
                self.world.soil(*slot);
            }
            let partition = &mut self.world.partitions[*slot as usize];
            let tp = partition.tp.clone();
            let Some(log) = lens.log(&tp, *broker) else { continue };
            if log.topic_id() != partition.topic_id {
                continue;
            }
            let index = partition.index_of(*broker);
            let Partition { replicas, tree, .. } = partition;
            log::inspect(&tp, &mut replicas[index], tree, log, &mut self.report);
            let Some(state) = lens.replica_state(&tp, *broker) else { continue };
            partition.judge_partition_epoch(*broker, state.partition_epoch(), &mut self.report);
            if partition.registered.as_ref().is_some_and(|now| now.leader == Some(*broker)) {
                partition.judge_maximal_isr(Some(state), &mut self.report);
            }
        }
        self.concerned.replicas = replicas;
        self.concerned.replicas.clear();
    }

    fn settle_controller(&mut self, lens: Lens<'_>) {
        let changed = std::mem::take(&mut self.concerned.partitions);
        let elected = std::mem::take(&mut self.concerned.elected);
        let brokers = std::mem::take(&mut self.concerned.brokers);
        for (slot, node, before) in changed {
            self.world.soil(slot);
            let Some(image) = lens.committed_on(node) else { continue };
            self.world.elr = image.features().elr_enabled();
            let elr = self.world.elr;
            let partition = &mut self.world.partitions[slot as usize];
            let min_isr = controller::min_isr(lens, node, image, &partition.tp.topic);
            let report = &mut self.report;
            partition.judge_state(before.as_ref(), min_isr, elr, report);
            partition.judge_liveness(image, report);
            partition.judge_exclusion(elr, report);
            let by_election = elected.iter().any(|(elected, kind)| {
                *elected == slot && !matches!(kind, ElectionKind::Isr | ElectionKind::Preferred)
            });
            if let Some(before) = &before {
                partition.judge_move(lens, before, min_isr, report);
            }
            if let Some(before) = before.filter(|_| !by_election) {
                partition.judge_isr_change(&before, Some(image), report);
            }
            partition.judge_candidates(report);
            let leader = partition.registered.as_ref().and_then(|now| now.leader);
            let state = leader.and_then(|leader| lens.replica_state(&partition.tp, leader));
            partition.judge_maximal_isr(state, report);
            partition.proposals.retain(|proposal| {
                partition
                    .registered
                    .as_ref()
                    .is_some_and(|now| proposal.partition_epoch >= Some(now.partition_epoch))
            });
        }
        for created in std::mem::take(&mut self.concerned.created) {
            self.judge_created(lens, &created);
        }
        for (broker, node) in brokers {
            let Some(image) = lens.committed_on(node) else { continue };
            let elr = self.world.elr;
            for slot in self.hosted(broker) {
                let partition = &self.world.partitions[slot as usize];
                if !partition.is_deleted {
                    partition.judge_liveness(image, &mut self.report);
                    partition.judge_exclusion(elr, &mut self.report);
                }
            }
        }
    }
}

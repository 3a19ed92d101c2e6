//! Taking in facts: each goes to the books, and to the invariants that it concerns.

use smallvec::SmallVec;

use super::ledger::{Cause, Circumstances, Removal};
use super::placement::Created;
use super::replication::LeaderSays;
use super::world::partition::{Partition, Registered};
use super::{Checker, Promise, bytes, controller, log};
use crate::cluster::{EventKind, Happened, Told};
use crate::coordinator::group::OFFSETS_TOPIC;
use crate::fact::{ElectionKind, Fact};
use crate::ids::{BrokerId, LeaderEpoch, Offset, TopicPartition};
use crate::log::Log;
use crate::node::Timer;
use crate::sim::NodeId;
use crate::view::Lens;

/// What an event concerned.
#[derive(Clone, Debug, Default)]
pub(super) struct Concerned {
    /// Replicas whose logs changed.
    pub(super) replicas: SmallVec<[(u32, BrokerId); 4]>,
    /// Partitions whose registration changed, with the state before.
    pub(super) partitions: SmallVec<[(u32, NodeId, Option<Registered>); 2]>,
    /// Partitions whose leader was just elected, with the rule.
    pub(super) elected: SmallVec<[(u32, ElectionKind); 2]>,
    /// Partitions that were created.
    pub(super) created: SmallVec<[Created; 1]>,
    /// Brokers whose registration changed, with who told.
    pub(super) brokers: SmallVec<[(BrokerId, NodeId); 2]>,
}

impl Concerned {
    pub(super) fn replica(&mut self, slot: u32, broker: BrokerId) {
        if !self.replicas.contains(&(slot, broker)) {
            self.replicas.push((slot, broker));
        }
    }
}

impl Checker {
    /// Takes in one fact.
    pub(super) fn take(&mut self, lens: Lens<'_>, told: &Told, happened: &[Happened]) {
        let node = told.node;
        match &told.fact {
            Fact::RecordSent { tp, number } => {
                let slot = self.world.slot(tp);
                if let Some(producer) = self.ledger.producers.running(node, lens) {
                    self.ledger.on_sent(producer, *number, slot, &mut self.report);
                }
            }
            Fact::RecordAcked { tp, number, offset, .. } => {
                let slot = self.world.slot(tp);
                let Some(producer) = self.ledger.producers.running(node, lens) else { return };
                let name = super::world::tree::RecordName { producer, number: *number };
                let partition = slot.map(|slot| &mut self.world.partitions[slot as usize]);
                self.ledger.on_acked(name, slot, *offset, partition, &mut self.report);
            }
            Fact::RecordFailed { tp, number, error } => {
                let slot = self.world.slot(tp);
                let Some(producer) = self.ledger.producers.running(node, lens) else { return };
                let name = super::world::tree::RecordName { producer, number: *number };
                self.ledger.on_failed(name, slot, *error, &mut self.report);
            }
            Fact::BatchRetried { tp, error, .. } => {
                let slot = self.world.slot(tp);
                if let Some(producer) = self.ledger.producers.running(node, lens) {
                    self.ledger.on_retried(producer, slot, *error);
                }
            }
            Fact::RecordsDelivered { tp, from, to, .. } => {
                if let Some(slot) = self.world.slot(tp) {
                    self.ledger.readers.on_handed(node, slot, *from, *to);
                    let partition = &self.world.partitions[slot as usize];
                    let (reader, records) = ((node, slot), (*from, *to));
                    self.groups.on_handed(lens, reader, records, partition, &mut self.report);
                }
            }
            Fact::RecordsProcessed { tp, to } => {
                if let Some(slot) = self.world.slot(tp) {
                    let partition = &self.world.partitions[slot as usize];
                    let from = self.ledger.on_processed(lens, node, slot, *to, partition);
                    if let Some(from) = from {
                        let (reader, records) = ((node, slot), (from, *to));
                        self.groups.on_processed(
                            lens,
                            reader,
                            records,
                            partition,
                            &mut self.report,
                        );
                    }
                }
            }
            Fact::RecordHandled { tp, offset } => {
                if let Some(slot) = self.world.slot(tp) {
                    let partition = &self.world.partitions[slot as usize];
                    self.ledger.on_handled(lens, node, (slot, *offset), partition);
                    let (reader, records) = ((node, slot), (*offset, offset.plus(1)));
                    self.groups.on_processed(lens, reader, records, partition, &mut self.report);
                }
            }
            Fact::ProcessKilled { .. } | Fact::ProcessExited { .. } => self.on_death(lens, node),
            Fact::PowerLost { .. } => {
                self.on_death(lens, node);
                self.on_power_lost(lens, node);
            }
            Fact::DiskWiped => self.on_wiped(lens, node),
            fact => {
                if self.take_of_groups(lens, node, fact) {
                    return;
                }
                if let Some(server) = self.world.server(node, lens) {
                    self.take_from_server(lens, (node, server), fact, happened);
                }
            }
        }
    }

    fn take_from_server(
        &mut self,
        lens: Lens<'_>,
        (node, server): (NodeId, BrokerId),
        fact: &Fact,
        happened: &[Happened],
    ) {
        let by = (node, server);
        match fact {
            Fact::BatchAppended { tp, base_offset, as_leader, .. } => {
                self.on_appended(lens, by, tp, *base_offset, *as_leader);
            }
            Fact::FollowerFetched { tp, follower, log_end_offset } => {
                if let Some(slot) = self.world.slot(tp) {
                    let partition = &mut self.world.partitions[slot as usize];
                    partition.on_fetch(server, *follower, *log_end_offset);
                }
            }
            Fact::HighWatermarkAdvanced { tp, from, to, as_leader } => {
                let Some(slot) = self.world.slot(tp) else { return };
                self.concerned.replica(slot, server);
                let partition = &mut self.world.partitions[slot as usize];
                if *as_leader {
                    let says = leader_says(lens, tp, server);
                    let report = &mut self.report;
                    partition.on_leader_high_watermark(server, (*from, *to), says.as_ref(), report);
                } else {
                    partition.on_follower_high_watermark(server, *to, &mut self.report);
                }
            }
            Fact::ProduceCommitted { tp, next_offset } => {
                let Some(slot) = self.world.slot(tp) else { return };
                let says = leader_says(lens, tp, server);
                let partition = &self.world.partitions[slot as usize];
                let report = &mut self.report;
                partition.on_produce_committed(server, *next_offset, says.as_ref(), report);
            }
            Fact::RecordsServed { tp, from, to } => {
                if let Some(slot) = self.world.slot(tp) {
                    let partition = &mut self.world.partitions[slot as usize];
                    partition.on_served(server, (*from, *to), &mut self.report);
                }
            }
            Fact::LatestOffsetTold { tp, leader_epoch, offset } => {
                if let Some(slot) = self.world.slot(tp) {
                    let partition = &mut self.world.partitions[slot as usize];
                    partition.on_latest_told(server, *leader_epoch, *offset, &mut self.report);
                }
            }
            Fact::LogLoaded { tp, log_start_offset, log_end_offset, clean, .. } => {
                self.on_loaded(lens, server, tp, (*log_start_offset, *log_end_offset), *clean);
            }
            Fact::LogTruncated { tp, from, to } => {
                self.on_truncated(lens, server, tp, (*from, *to));
            }
            Fact::SegmentRolled { tp, base_offset } => {
                let is_retention = |event: &Happened| {
                    matches!(event.kind, EventKind::Timer(Timer::LogRetention, _))
                };
                let by_retention = happened.iter().any(is_retention);
                let replica = (tp, server);
                bytes::on_rolled(lens, replica, *base_offset, by_retention, &mut self.report);
            }
            Fact::LogStartMoved { tp, to, .. } => self.on_start_moved(server, tp, *to, happened),
            Fact::BecameLeader { tp, leader_epoch, .. } => {
                self.on_role(lens, server, tp, (*leader_epoch, true));
            }
            Fact::BecameFollower { tp, leader_epoch, .. } => {
                self.on_role(lens, server, tp, (*leader_epoch, false));
            }
            Fact::IsrShrinkProposed { tp, isr, .. } => {
                self.on_proposal(lens, server, tp, isr, None);
            }
            Fact::IsrExpandProposed { tp, isr, joining } => {
                self.on_proposal(lens, server, tp, isr, Some(*joining));
            }
            Fact::IsrUpdated { tp, .. } | Fact::IsrChangeRefused { tp, .. } => {
                if let Some(slot) = self.world.slot(tp) {
                    self.concerned.replica(slot, server);
                }
            }
            Fact::MetadataApplied { offset, epoch } => {
                self.world.on_applied(server, (*offset, *epoch), &mut self.report);
            }
            fact => self.take_from_controller(lens, node, fact),
        }
    }

    fn take_from_controller(&mut self, lens: Lens<'_>, node: NodeId, fact: &Fact) {
        match fact {
            Fact::ControllerActivated { epoch } => {
                self.world.on_activated(node, *epoch, &mut self.report);
            }
            Fact::BrokerRegistered { broker, broker_epoch, clean } => {
                self.world.on_registered(*broker, *broker_epoch, &mut self.report);
                self.concerned.brokers.push((*broker, node));
                if !clean {
                    self.forget_promises(*broker);
                }
            }
            Fact::BrokerFenced { broker, .. } | Fact::ControlledShutdownStarted { broker } => {
                self.concerned.brokers.push((*broker, node));
            }
            Fact::ConfigChanged { resource, name, key, .. } if **key == *controller::MIN_ISR => {
                let topic = (**resource == *"topic").then_some(&**name);
                let slots: Vec<u32> = self.world.living().collect();
                for slot in slots {
                    let partition = &mut self.world.partitions[slot as usize];
                    if topic.is_none_or(|topic| *partition.tp.topic == *topic) {
                        partition.keeps_enough = false;
                    }
                }
            }
            Fact::LeaderElected { tp, to, leader_epoch, kind, .. } => {
                let Some(slot) = self.world.slot(tp) else { return };
                self.concerned.elected.push((slot, *kind));
                let partition = &mut self.world.partitions[slot as usize];
                let elected = (*leader_epoch, *kind);
                if !controller::on_elected(partition, *to, elected, &mut self.report) {
                    partition.unclean = Some(*leader_epoch);
                    partition.keeps_enough = false;
                }
            }
            Fact::PartitionOffline { tp, from, .. } => {
                if let Some(slot) = self.world.slot(tp) {
                    let partition = &self.world.partitions[slot as usize];
                    let image = lens.committed_on(node);
                    controller::on_offline(partition, *from, image, &mut self.report);
                }
            }
            Fact::PartitionChanged { .. } => self.on_partition_changed(lens, node, fact),
            Fact::TopicCreated { topic, .. } => {
                self.concerned.created.push((topic.clone(), 0, node));
            }
            Fact::PartitionsAdded { topic, .. } => {
                let first = self.known_partitions(topic);
                self.concerned.created.push((topic.clone(), first, node));
            }
            Fact::TopicDeleted { topic } => {
                for slot in self.world.delete(topic) {
                    let partition = &self.world.partitions[slot as usize];
                    let from = partition.official.start;
                    let to = partition.official.end(&partition.tree);
                    self.ledger.on_removed(Removal {
                        at: self.report.at,
                        tp: partition.tp.clone(),
                        from,
                        to,
                        cause: Cause::TopicDeleted,
                    });
                }
            }
            _ => {
                // The others are for the story.
            }
        }
    }

    // ---- leaders and followers ----

    fn on_role(
        &mut self,
        lens: Lens<'_>,
        server: BrokerId,
        tp: &TopicPartition,
        (epoch, leads): (LeaderEpoch, bool),
    ) {
        let Some(slot) = self.world.slot(tp) else { return };
        let any_loss_excuses = self.any_loss_excuses();
        let partition = &mut self.world.partitions[slot as usize];
        let topic_id = partition.topic_id;
        if lens.replica_state(tp, server).is_none_or(|state| state.id().topic_id != topic_id) {
            return;
        }
        let index = partition.index_of(server);
        partition.replicas[index].is_open = true;
        // A log that was not there to be loaded is a new one.
        partition.replicas[index].is_torn = false;
        partition.judge_role(server, epoch, leads, &mut self.report);
        if leads && let Some(log) = lens.log(tp, server) {
            log::on_leader(tp, server, epoch, log, &mut self.report);
        }
        self.world.host(server, slot);
        self.concerned.replica(slot, server);
        let partition = &mut self.world.partitions[slot as usize];
        if !leads {
            partition.replicas[index].reign = None;
            partition.proposals.retain(|proposal| proposal.leader != server);
            return;
        }
        let circumstances = circumstances(partition, server, epoch, any_loss_excuses);
        let report = &mut self.report;
        let known = lens.log(tp, server).map_or(Offset(0), Log::high_watermark);
        let leads = (epoch, known);
        if let Some(change) = partition.on_leader(server, leads, &circumstances, report) {
            if circumstances.excuse(1).is_some() && known <= partition.official.end(&partition.tree)
            {
                // Its own log may be committed further than what is left of the one that counted.
                partition.official.commit(known, 1);
            }
            self.ledger.on_change(slot, partition, &change, &circumstances, report);
            if !change.left.is_empty() || !change.entered.is_empty() {
                partition.cuts.push((change, circumstances));
                self.on_rewritten(lens, slot, server);
            }
        }
    }

    /// The log that counts of a partition is that of `leader` now: groups look at it if it is theirs.
    pub(super) fn on_rewritten(&mut self, lens: Lens<'_>, slot: u32, leader: BrokerId) {
        let partition = &self.world.partitions[slot as usize];
        if *partition.tp.topic != *OFFSETS_TOPIC {
            return;
        }
        let (Some((change, circumstances)), Some(batches)) =
            (partition.cuts.last(), lens.batches(&partition.tp, leader, Offset(0)))
        else {
            return;
        };
        let report = &mut self.report;
        self.groups.on_rewritten(partition, batches, change, circumstances, report);
    }

    fn on_proposal(
        &mut self,
        lens: Lens<'_>,
        server: BrokerId,
        tp: &TopicPartition,
        isr: &[BrokerId],
        joining: Option<BrokerId>,
    ) {
        let Some(slot) = self.world.slot(tp) else { return };
        self.concerned.replica(slot, server);
        let partition = &mut self.world.partitions[slot as usize];
        let state = lens.replica_state(tp, server);
        partition.on_proposal(server, isr, joining, state, &mut self.report);
    }

    /// True where one replica that lost data excuses everything: what was promised before KIP-966.
    pub(super) fn any_loss_excuses(&self) -> bool {
        self.settings.promise == Promise::Level && !self.world.elr
    }

    // ---- the controller ----

    fn on_partition_changed(&mut self, lens: Lens<'_>, node: NodeId, fact: &Fact) {
        let Fact::PartitionChanged { tp, leader, leader_epoch, partition_epoch, isr, elr, .. } =
            fact
        else {
            return;
        };
        let image = lens.committed_on(node);
        let topic = image.and_then(|image| image.topic_named(&tp.topic));
        let Some(topic_id) = topic.map(|topic| topic.id) else { return };
        let slot = self.world.slot_or_add(tp, topic_id);
        let partition = &mut self.world.partitions[slot as usize];
        let before = partition.registered.clone();
        let mut now = before.clone().unwrap_or_default();
        now.leader = *leader;
        now.leader_epoch = *leader_epoch;
        now.partition_epoch = *partition_epoch;
        now.isr = isr.iter().copied().collect();
        now.elr = elr.iter().copied().collect();
        if let Some(state) = topic.and_then(|topic| topic.partition(tp.partition)) {
            let replicas = now.replicas.clone();
            now.assign(state);
            if !replicas.is_empty() && replicas != now.replicas {
                partition.keeps_enough = false;
            }
        }
        partition.registered = Some(now);
        if partition.named.last().is_none_or(|(known, _)| known < leader_epoch) {
            partition.named.push((*leader_epoch, *leader));
        }
        if let Some(before) = &before {
            partition.judge_epochs(before, &mut self.report);
        }
        self.concerned.partitions.push((slot, node, before));
    }
}

/// What the leader on `broker` says of itself.
fn leader_says(lens: Lens<'_>, tp: &TopicPartition, broker: BrokerId) -> Option<LeaderSays> {
    LeaderSays::of(lens.replica_state(tp, broker)?, lens.log(tp, broker)?)
}

/// The place of the replica on `broker`, if a process has it open.
pub(super) fn open_index(partition: &Partition, broker: BrokerId) -> Option<usize> {
    partition.replicas.iter().position(|replica| replica.broker == broker && replica.is_open)
}

/// Under which circumstances `to` begins to lead `epoch`.
pub(super) fn circumstances(
    partition: &Partition,
    to: BrokerId,
    epoch: LeaderEpoch,
    any_loss_excuses: bool,
) -> Circumstances {
    Circumstances {
        unclean: partition.unclean.filter(|unclean| *unclean <= epoch),
        lossy: partition.lossy(),
        any_loss_excuses,
        from: partition.official.leader.map(|(_, leader)| leader),
        to,
        epoch,
    }
}

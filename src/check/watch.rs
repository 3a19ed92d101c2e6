//! Taking in facts: each goes to the books, and to the invariants that it concerns.

use smallvec::SmallVec;

use super::ledger::{Cause, Circumstances, Removal};
use super::replication::LeaderSays;
use super::world::METADATA;
use super::world::partition::{Partition, Registered};
use super::{Checker, Promise, controller, log};
use crate::cluster::{EventKind, Happened, Told};
use crate::coordinator::group::OFFSETS_TOPIC;
use crate::fact::{ElectionKind, Fact};
use crate::ids::{BrokerId, ControllerEpoch, LeaderEpoch, Offset, TopicPartition};
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
    /// Brokers whose registration changed, with who told.
    pub(super) brokers: SmallVec<[(BrokerId, NodeId); 2]>,
}

impl Concerned {
    fn replica(&mut self, slot: u32, broker: BrokerId) {
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
                partition.is_dirty = true;
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
            Fact::LogLoaded { tp, log_start_offset, log_end_offset, .. } => {
                self.on_loaded(lens, server, tp, (*log_start_offset, *log_end_offset));
            }
            Fact::LogTruncated { tp, from, to } => {
                self.on_truncated(lens, server, tp, (*from, *to));
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
                self.world.on_controller(node, *epoch, &mut self.report);
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

    // ---- processes and disks ----

    fn on_death(&mut self, lens: Lens<'_>, node: NodeId) {
        self.ledger.producers.end(node);
        self.ledger.readers.end(node);
        self.groups.end(node);
        let Some(server) = self.world.server(node, lens) else { return };
        for slot in self.hosted(server) {
            let partition = &mut self.world.partitions[slot as usize];
            let index = partition.index_of(server);
            partition.replicas[index].close();
            partition.proposals.retain(|proposal| proposal.leader != server);
        }
        self.world.server_mut(server).applied = None;
    }

    fn on_power_lost(&mut self, lens: Lens<'_>, node: NodeId) {
        let (Some(server), Some(disk)) = (self.world.server(node, lens), lens.disk(node)) else {
            return;
        };
        for slot in self.hosted(server) {
            let partition = &mut self.world.partitions[slot as usize];
            let left = crate::log::batches_on_disk(disk, &partition.tp);
            let index = partition.index_of(server);
            let start = partition.replicas[index].start;
            let end = left.last().map_or(start, |last| last.next_offset());
            partition.on_loss(server, end);
        }
    }

    fn on_wiped(&mut self, lens: Lens<'_>, node: NodeId) {
        let Some(server) = self.world.server(node, lens) else { return };
        for slot in self.hosted(server) {
            let partition = &mut self.world.partitions[slot as usize];
            partition.on_loss(server, Offset(0));
            let index = partition.index_of(server);
            let replica = &mut partition.replicas[index];
            replica.start = Offset(0);
            replica.led.clear();
            replica.epochs.clear();
        }
    }

    pub(super) fn hosted(&mut self, server: BrokerId) -> Vec<u32> {
        self.world.server_mut(server).hosted.iter().copied().collect()
    }

    /// A broker shut down uncleanly: the controller takes it out of ISR and ELR.
    fn forget_promises(&mut self, broker: BrokerId) {
        for slot in self.hosted(broker) {
            self.world.partitions[slot as usize].keeps_enough = false;
        }
    }

    // ---- logs ----

    /// Something was appended: the bytes are looked at, once for all batches of an event.
    fn on_appended(
        &mut self,
        lens: Lens<'_>,
        (node, server): (NodeId, BrokerId),
        tp: &TopicPartition,
        base: Offset,
        as_leader: bool,
    ) {
        let Some(slot) = self.world.slot(tp) else { return };
        if slot == METADATA && as_leader {
            self.on_metadata_written(lens, node, server, base);
        }
        let partition = &mut self.world.partitions[slot as usize];
        let Some(index) = open_index(partition, server) else { return };
        if base < partition.replicas[index].end {
            return;
        }
        self.concerned.replica(slot, server);
        partition.is_dirty = true;
        let batches = lens.last_batches(tp, server, base);
        let mut is_written = false;
        for batch in &batches {
            let replica = &partition.replicas[index];
            log::on_append(tp, replica, &partition.tree, batch, &mut self.report);
            let tip = replica.tip;
            let reign = replica.reign.as_ref().map(|reign| reign.epoch);
            let id = if as_leader {
                let contents = self.ledger.producers.contents(batch);
                partition.lead(server, tip, batch, contents, &mut self.report)
            } else {
                partition.follow(server, tip, batch, &mut self.report)
            };
            let replica = &mut partition.replicas[index];
            (replica.tip, replica.end) = (id, batch.next_offset());
            let counts = reign.is_some_and(|epoch| partition.is_official(server, epoch));
            if counts && partition.official.tip() == tip {
                partition.official.push(id);
                let entered = &partition.tree[id];
                self.ledger.on_entered(slot, tp, entered, &mut self.report);
                is_written = true;
            }
        }
        if slot == METADATA && as_leader {
            // A single voter is a majority: what it wrote is committed.
            let end = partition.official.end(&partition.tree);
            partition.official.commit(end, 1);
        }
        if is_written && *tp.topic == *OFFSETS_TOPIC {
            for batch in &batches {
                let Self { groups, world, report, .. } = self;
                groups.on_written(lens, node, tp, batch, world, report);
            }
        }
    }

    /// C1: the metadata log has one writer, the controller of the newest epoch.
    fn on_metadata_written(
        &mut self,
        lens: Lens<'_>,
        node: NodeId,
        server: BrokerId,
        base: Offset,
    ) {
        let tp = self.world.partitions[METADATA as usize].tp.clone();
        let Some(first) = lens.last_batches(&tp, server, base).into_iter().next() else { return };
        let epoch = first.partition_leader_epoch().unwrap_or(LeaderEpoch(-1));
        self.world.on_controller(node, ControllerEpoch(epoch.0), &mut self.report);
        let log = &mut self.world.partitions[METADATA as usize];
        let Some(index) = open_index(log, server) else { return };
        if log.replicas[index].reign.as_ref().is_none_or(|reign| reign.epoch < epoch) {
            let circumstances = circumstances(log, server, epoch, false);
            log.on_leader(server, epoch, &circumstances, &mut self.report);
        }
    }

    fn on_loaded(
        &mut self,
        lens: Lens<'_>,
        server: BrokerId,
        tp: &TopicPartition,
        (start, end): (Offset, Offset),
    ) {
        let Some(slot) = self.world.slot(tp) else { return };
        let partition = &mut self.world.partitions[slot as usize];
        let topic_id = partition.topic_id;
        if lens.log(tp, server).is_none_or(|log| log.topic_id() != topic_id) {
            return;
        }
        if end < partition.replica(server).map_or(Offset(0), |replica| replica.end) {
            partition.on_loss(server, end);
        }
        let index = partition.index_of(server);
        let replica = &mut partition.replicas[index];
        replica.is_open = true;
        replica.start = start;
        self.world.host(server, slot);
        self.concerned.replica(slot, server);
    }

    fn on_truncated(
        &mut self,
        lens: Lens<'_>,
        server: BrokerId,
        tp: &TopicPartition,
        (from, to): (Offset, Offset),
    ) {
        let Some(slot) = self.world.slot(tp) else { return };
        let any_loss_excuses = self.any_loss_excuses();
        let partition = &mut self.world.partitions[slot as usize];
        if open_index(partition, server).is_none() {
            return;
        }
        let official = partition.official.leader;
        let epoch = official.map_or(LeaderEpoch(-1), |(epoch, _)| epoch);
        let circumstances = circumstances(partition, server, epoch, any_loss_excuses);
        let report = &mut self.report;
        let change = partition.on_cut(server, (from, to), &circumstances, report);
        partition.is_dirty = true;
        let disk = lens.node_of(server).and_then(|node| lens.disk(node));
        if let (Some(log), Some(disk), Some(replica)) =
            (lens.log(tp, server), disk, partition.replica(server))
        {
            log::on_truncation(tp, replica, to, log, disk, report);
        }
        if let Some(change) = change {
            self.ledger.on_change(slot, partition, &change, &circumstances, report);
            partition.cuts.push((change, circumstances));
            self.on_rewritten(lens, slot, server);
        }
        self.concerned.replica(slot, server);
    }

    fn on_start_moved(
        &mut self,
        server: BrokerId,
        tp: &TopicPartition,
        to: Offset,
        happened: &[Happened],
    ) {
        let Some(slot) = self.world.slot(tp) else { return };
        let partition = &mut self.world.partitions[slot as usize];
        let Some(index) = open_index(partition, server) else { return };
        let replica = &mut partition.replicas[index];
        replica.start = to;
        let leads = replica.reign.as_ref().map(|reign| reign.epoch);
        if leads.is_some_and(|epoch| partition.is_official(server, epoch)) {
            let from = std::mem::replace(&mut partition.official.start, to);
            let by_retention = happened
                .iter()
                .any(|event| matches!(event.kind, EventKind::Timer(Timer::LogRetention, _)));
            let cause = if by_retention { Cause::Retention } else { Cause::DeleteRecords };
            let (at, tp) = (self.report.at, tp.clone());
            self.ledger.on_removed(Removal { at, tp, from, to, cause });
        }
        self.concerned.replica(slot, server);
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
        partition.judge_role(server, epoch, leads, &mut self.report);
        if leads && let Some(log) = lens.log(tp, server) {
            log::on_leader(tp, server, epoch, log, &mut self.report);
        }
        partition.is_dirty = true;
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
        if let Some(change) = partition.on_leader(server, epoch, &circumstances, report) {
            let known = lens.log(tp, server).map_or(Offset(0), Log::high_watermark);
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
    fn on_rewritten(&mut self, lens: Lens<'_>, slot: u32, leader: BrokerId) {
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
    fn any_loss_excuses(&self) -> bool {
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
        partition.is_dirty = true;
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
fn open_index(partition: &Partition, broker: BrokerId) -> Option<usize> {
    partition.replicas.iter().position(|replica| replica.broker == broker && replica.is_open)
}

/// Under which circumstances `to` begins to lead `epoch`.
fn circumstances(
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

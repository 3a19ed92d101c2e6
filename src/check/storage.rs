//! Taking in what becomes of processes, disks and logs.

use super::ledger::{Cause, Removal};
use super::watch::{circumstances, open_index};
use super::world::METADATA;
use super::world::partition::Registered;
use super::world::replica::Inspected;
use super::{Checker, bytes, log};
use crate::cluster::{EventKind, Happened};
use crate::coordinator::group::OFFSETS_TOPIC;
use crate::ids::{BrokerId, ControllerEpoch, LeaderEpoch, Offset, TopicPartition};
use crate::node::Timer;
use crate::sim::NodeId;
use crate::view::Lens;

impl Checker {
    // ---- processes and disks ----

    pub(super) fn on_death(&mut self, lens: Lens<'_>, node: NodeId) {
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

    pub(super) fn on_power_lost(&mut self, lens: Lens<'_>, node: NodeId) {
        let (Some(server), Some(disk)) = (self.world.server(node, lens), lens.disk(node)) else {
            return;
        };
        for slot in self.hosted(server) {
            let partition = &mut self.world.partitions[slot as usize];
            let left = crate::log::batches_on_disk(disk, &partition.tp);
            let index = partition.index_of(server);
            let start = partition.replicas[index].start;
            let end = left.last().map_or(start, |last| last.next_offset());
            partition.replicas[index].is_torn = true;
            partition.on_loss(server, end);
            self.judge_loss(slot);
        }
    }

    pub(super) fn on_wiped(&mut self, lens: Lens<'_>, node: NodeId) {
        let Some(server) = self.world.server(node, lens) else { return };
        for slot in self.hosted(server) {
            let partition = &mut self.world.partitions[slot as usize];
            partition.on_loss(server, Offset(0));
            let index = partition.index_of(server);
            let replica = &mut partition.replicas[index];
            replica.start = Offset(0);
            replica.led.clear();
            replica.epochs.clear();
            replica.is_torn = false;
            self.judge_loss(slot);
        }
    }

    pub(super) fn hosted(&mut self, server: BrokerId) -> Vec<u32> {
        self.world.server_mut(server).hosted.iter().copied().collect()
    }

    /// A broker shut down uncleanly: the controller takes it out of ISR and ELR, be it that it has never
    /// heard of the partition.
    pub(super) fn forget_promises(&mut self, broker: BrokerId) {
        let slots: Vec<u32> = self.world.living().collect();
        for slot in slots {
            let partition = &mut self.world.partitions[slot as usize];
            let is_of = |now: &Registered| {
                now.replicas.contains(&broker) || now.candidates().any(|one| one == broker)
            };
            if partition.keeps_enough && partition.registered.as_ref().is_some_and(is_of) {
                partition.keeps_enough = false;
            }
        }
    }

    // ---- logs ----

    /// Something was appended: the bytes are looked at, once for all batches of an event.
    pub(super) fn on_appended(
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
        let disk = lens.node_of(server).and_then(|node| lens.disk(node));
        let (Some(log), Some(disk)) = (lens.log(tp, server), disk) else { return };
        let batches = log.last_batches(disk, base);
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
        bytes::on_appended(tp, server, log, &mut self.report);
        if slot == METADATA && as_leader {
            // A single voter is a majority: what it wrote is committed.
            let end = partition.official.end(&partition.tree);
            partition.official.commit(end, 1);
            self.written.note(lens.now(), end);
        }
        if is_written && *tp.topic == *OFFSETS_TOPIC {
            for batch in &batches {
                let Self { groups, world, report, .. } = self;
                groups.on_written(lens, node, tp, batch, world, report);
            }
        }
    }

    /// C1: the metadata log has one writer, the controller of the newest epoch.
    pub(super) fn on_metadata_written(
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
            log.on_leader(server, (epoch, base), &circumstances, &mut self.report);
        }
    }

    /// A broker has taken in metadata: it deletes the replicas that were moved away from it. Should one
    /// come back, it begins with an empty log.
    pub(super) fn on_moved_away(&mut self, lens: Lens<'_>, server: BrokerId) {
        let of_server = (server, 0)..=(server, u32::MAX);
        let slots: Vec<u32> = self.world.leaving.range(of_server).map(|(_, slot)| *slot).collect();
        for slot in slots {
            let partition = &mut self.world.partitions[slot as usize];
            let Some(index) = open_index(partition, server).filter(|_| !partition.is_deleted)
            else {
                // A process that is not up deletes it later.
                if partition.is_deleted {
                    self.world.leaving.remove(&(server, slot));
                }
                continue;
            };
            let log = lens.log(&partition.tp, server);
            let log = log.filter(|log| log.topic_id() == partition.topic_id);
            if log.is_none_or(|log| log.log_end_offset() < partition.replicas[index].end) {
                partition.forget(server);
            } else if !partition.has_come_back(server, lens.replica_state(&partition.tp, server)) {
                continue;
            }
            self.world.leaving.remove(&(server, slot));
        }
    }

    pub(super) fn on_loaded(
        &mut self,
        lens: Lens<'_>,
        server: BrokerId,
        tp: &TopicPartition,
        (start, end): (Offset, Offset),
        is_clean: bool,
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
        // Whoever opens a log makes sure of it, and may build its indexes anew: but not after a clean
        // shutdown.
        replica.believes_torn = is_clean && (replica.is_torn || replica.believes_torn);
        (replica.is_torn, replica.inspected) = (false, Inspected::NOTHING);
        self.world.host(server, slot);
        self.concerned.replica(slot, server);
    }

    pub(super) fn on_truncated(
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

    pub(super) fn on_start_moved(
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
}

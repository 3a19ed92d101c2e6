//! The controller: C1 (one per epoch), C2 (a partition's state), C3 (no fenced broker in an ISR), C4
//! (broker epochs), C8 (metadata is a prefix), C9 (clean elections), C12 (controlled shutdown).
//!
//! What is told of records is judged as it is told; what needs the whole image, after the event.

use super::Id;
use super::violation::{Report, Subject, text};
use super::world::partition::{Partition, Registered};
use super::world::{METADATA, World};
use crate::fact::ElectionKind;
use crate::ids::{BrokerEpoch, BrokerId, ControllerEpoch, LeaderEpoch, Offset, PartitionIndex};
use crate::metadata::{BrokerRegistration, ClusterImage, ConfigResource};
use crate::sim::NodeId;
use crate::view::Lens;

impl World {
    /// C1: `node` acts as the controller of `epoch`.
    pub(super) fn on_controller(
        &mut self,
        node: NodeId,
        epoch: ControllerEpoch,
        report: &mut Report,
    ) {
        let newest = self.controllers.last().copied();
        let is_new = newest.is_none_or(|(known, _)| known < epoch);
        let is_same = newest == Some((epoch, node));
        report.judge(Id::C1, is_new || is_same, || {
            let found = text!(
                "node {} acts as the controller of epoch {}",
                "节点 {} 以 epoch {} 的 controller 行事",
                node.0,
                epoch
            );
            (Subject::Cluster, found, text!("the newest was {:?}", "最新的是 {:?}", newest))
        });
        if is_new {
            self.controllers.push((epoch, node));
        }
    }

    /// C1: `node` became the active controller: with an epoch that nobody was active in, itself before
    /// its last end included.
    pub(super) fn on_activated(
        &mut self,
        node: NodeId,
        epoch: ControllerEpoch,
        report: &mut Report,
    ) {
        let before = self.activated.replace(epoch);
        report.judge(Id::C1, before.is_none_or(|before| before < epoch), || {
            let found = text!(
                "node {} became the controller of epoch {}",
                "节点 {} 成为 epoch {} 的 controller",
                node.0,
                epoch
            );
            (Subject::Cluster, found, text!("the last one's was {:?}", "上一个为 {:?}", before))
        });
        self.on_controller(node, epoch, report);
    }

    /// C4: a broker registered and got an epoch.
    pub(super) fn on_registered(
        &mut self,
        broker: BrokerId,
        epoch: BrokerEpoch,
        report: &mut Report,
    ) {
        let newest = self.servers.get(&broker).and_then(|known| known.epochs.last().copied());
        let taken = self.servers.iter().find(|(_, known)| known.epochs.contains(&epoch));
        let taken = taken.map(|(id, _)| *id);
        report.judge(Id::C4, newest.is_none_or(|known| known < epoch) && taken.is_none(), || {
            let found = text!("a broker got epoch {}", "broker 得到 epoch {}", epoch);
            let against = text!(
                "it had {:?}, and the epoch was that of {:?}",
                "它此前为 {:?}，而该 epoch 曾属于 {:?}",
                newest,
                taken
            );
            (Subject::Server(broker), found, against)
        });
        self.server_mut(broker).epochs.push(epoch);
        let slots: Vec<u32> = self.server_mut(broker).hosted.iter().copied().collect();
        for slot in slots {
            let partition = &mut self.partitions[slot as usize];
            let index = partition.index_of(broker);
            partition.replicas[index].loss_is_known = true;
        }
    }

    /// C6, C8: a server applied the metadata log up to `offset`, where `epoch` wrote.
    pub(super) fn on_applied(
        &mut self,
        server: BrokerId,
        (offset, epoch): (Offset, ControllerEpoch),
        report: &mut Report,
    ) {
        let before = self.server_mut(server).applied.replace((offset, epoch));
        let forward =
            before.is_none_or(|(known, known_epoch)| known < offset && known_epoch <= epoch);
        report.judge(Id::C6, forward, || {
            let found = text!(
                "metadata of controller epoch {} was applied up to {}",
                "应用了 controller epoch {} 的元数据，直到 {}",
                epoch,
                offset
            );
            (Subject::Server(server), found, text!("before that, {:?}", "此前为 {:?}", before))
        });
        let log = &self.partitions[METADATA as usize];
        let tip = log.replica(server).map(|replica| replica.tip);
        let applied = tip.map(|tip| log.tree.up_to(tip, offset.next()));
        let counts = log.official.up_to(&log.tree, offset.next());
        let committed = log.official.committed;
        let is_prefix = applied == Some(counts) && offset < committed;
        report.judge(Id::C8, is_prefix, || {
            let name = |id| log.tree[id].name();
            let found = text!(
                "a server applied the metadata log up to {}, with {:?} as the last batch",
                "节点应用元数据日志直到 {}，最后的批次为 {:?}",
                offset,
                applied.map(name)
            );
            let against = text!(
                "the controller's has {} there and is committed up to {}",
                "controller 的日志在该处为 {}，已提交到 {}",
                name(counts),
                committed
            );
            (Subject::Server(server), found, against)
        });
    }
}

/// C9: the leader that was elected came from ISR or ELR. Returns true for an election that is clean.
pub(super) fn on_elected(
    partition: &Partition,
    leader: BrokerId,
    (epoch, kind): (LeaderEpoch, ElectionKind),
    report: &mut Report,
) -> bool {
    let is_clean = !matches!(kind, ElectionKind::Unclean | ElectionKind::LastKnownLeader);
    let before = partition.registered.as_ref();
    // A change of the ISR may end a move, and with it the leadership of who asked for it: then the next
    // leader comes from the ISR that was asked for.
    let asked = partition.proposals.iter().find(|proposal| {
        before.is_some_and(|before| proposal.partition_epoch == Some(before.partition_epoch))
    });
    let eligible = match before {
        Some(before) => {
            let candidates = before.candidates();
            let joining = asked.into_iter().flat_map(|asked| asked.isr.iter().copied());
            candidates.chain(joining).any(|id| id == leader)
        }
        None => true,
    };
    report.judge(Id::C9, eligible || !is_clean, || {
        let found = text!(
            "{} was elected for epoch {} as {:?}",
            "{} 当选 epoch {} 的 leader，方式为 {:?}",
            leader,
            epoch,
            kind
        );
        let against = text!(
            "before it, ISR {:?}, ELR {:?}",
            "此前 ISR {:?}，ELR {:?}",
            before.map(|before| &before.isr),
            before.map(|before| &before.elr)
        );
        (Subject::Partition(partition.tp.clone()), found, against)
    });
    is_clean
}

/// C12: nobody who could have led is left behind.
pub(super) fn on_offline(
    partition: &Partition,
    from: Option<BrokerId>,
    image: Option<&ClusterImage>,
    report: &mut Report,
) {
    let (Some(before), Some(image)) = (&partition.registered, image) else { return };
    let mut others = before.isr.iter().filter(|id| Some(**id) != from);
    let alive = others.find(|id| image.is_active(**id));
    report.judge(Id::C12, alive.is_none(), || {
        let found =
            text!("the partition has no leader after {:?}", "分区在 {:?} 之后没有 leader", from);
        let against = text!(
            "{:?} is in the ISR {:?} and could lead",
            "{:?} 在 ISR {:?} 中且可以领导",
            alive,
            before.isr
        );
        (Subject::Partition(partition.tp.clone()), found, against)
    });
}

impl Partition {
    /// R4: leader epoch and partition epoch go forward at the controller.
    pub(super) fn judge_epochs(&self, before: &Registered, report: &mut Report) {
        let Some(now) = &self.registered else { return };
        let forward = before.leader_epoch <= now.leader_epoch
            && before.partition_epoch < now.partition_epoch
            && (before.leader == now.leader || before.leader_epoch < now.leader_epoch);
        report.judge(Id::R4, forward, || {
            let name = |state: &Registered| {
                format!("{:?} {}/{}", state.leader, state.leader_epoch, state.partition_epoch)
            };
            let found =
                text!("the controller has leader {}", "controller 的 leader 为 {}", name(now));
            let against = text!("before it was {}", "此前为 {}", name(before));
            (Subject::Partition(self.tp.clone()), found, against)
        });
    }

    /// C2: the state is consistent in itself.
    ///
    /// Who is moved away while the ISR is too small goes from the ISR into the ELR, and stays there though
    /// it is no replica any more (`PartitionChangeBuilder.maybePopulateTargetElr`); it cannot be elected.
    pub(super) fn judge_state(
        &mut self,
        before: Option<&Registered>,
        min_isr: usize,
        elr: bool,
        report: &mut Report,
    ) {
        let Some(now) = self.registered.clone() else { return };
        let distinct =
            |ids: &[BrokerId]| ids.iter().enumerate().all(|(index, id)| !ids[..index].contains(id));
        let was_candidate =
            |id: BrokerId| before.is_some_and(|before| before.candidates().any(|one| one == id));
        let sound = now.leader.is_none_or(|leader| now.isr.contains(&leader))
            && now.isr.iter().all(|id| now.replicas.contains(id))
            && now.elr.iter().all(|id| now.replicas.contains(id) || was_candidate(*id))
            && !now.elr.iter().any(|id| now.isr.contains(id))
            && distinct(&now.replicas)
            && distinct(&now.isr)
            && (elr || !now.isr.is_empty());
        let kept = now.candidates().count();
        if now.isr.len() >= min_isr {
            self.keeps_enough = true;
        }
        let enough = !elr || !self.keeps_enough || kept >= min_isr;
        report.judge(Id::C2, sound && enough, || {
            let found = text!(
                "leader {:?}, ISR {:?}, ELR {:?}, replicas {:?}",
                "leader {:?}，ISR {:?}，ELR {:?}，副本 {:?}",
                now.leader,
                now.isr,
                now.elr,
                now.replicas
            );
            let against = if sound {
                text!(
                    "min.insync.replicas is {}, and nobody shut down uncleanly",
                    "min.insync.replicas 为 {}，且无人非正常关闭",
                    min_isr
                )
            } else {
                text!("that contradicts itself", "自相矛盾")
            };
            (Subject::Partition(self.tp.clone()), found, against)
        });
        if !enough {
            self.keeps_enough = false;
        }
    }

    /// C3: nobody in an ISR of several is fenced or shutting down.
    pub(super) fn judge_liveness(&self, image: &ClusterImage, report: &mut Report) {
        let Some(now) = self.registered.as_ref().filter(|now| now.isr.len() > 1) else { return };
        let inactive = now.isr.iter().find(|id| !image.is_active(**id));
        report.judge(Id::C3, inactive.is_none(), || {
            let id = inactive.copied().unwrap_or_default();
            let found = text!("the ISR is {:?}", "ISR 为 {:?}", now.isr);
            let state = image.broker(id).map_or("not registered", registration_word);
            let against = text!("broker {} is {}", "broker {} 的状态：{}", id, state);
            (Subject::Partition(self.tp.clone()), found, against)
        });
    }
}

fn registration_word(broker: &BrokerRegistration) -> &'static str {
    match (broker.fenced, broker.in_controlled_shutdown) {
        (true, _) => "fenced",
        (false, true) => "shutting down",
        (false, false) => "active",
    }
}

/// The setting that says how large an ISR must be.
pub(super) const MIN_ISR: &str = "min.insync.replicas";

/// `min.insync.replicas` of a topic as the controller on `node` has it; not more than the topic's first
/// partition has replicas (`ReplicationControlManager.getTopicEffectiveMinIsr`).
pub(super) fn min_isr(lens: Lens<'_>, node: NodeId, image: &ClusterImage, topic: &str) -> usize {
    let config = lens.controller_config(node);
    let of = |resource: &ConfigResource| image.configs().get(resource, MIN_ISR);
    let value = of(&ConfigResource::topic(topic))
        .or_else(|| of(&ConfigResource::node(config?.node_id)))
        .or_else(|| of(&ConfigResource::cluster()))
        .or_else(|| config?.static_config.get(MIN_ISR));
    let first = image.topic_named(topic).and_then(|topic| topic.partition(PartitionIndex(0)));
    let most = first.map_or(usize::MAX, |first| first.replicas.len());
    value.and_then(|value| value.parse().ok()).unwrap_or(1).min(most)
}

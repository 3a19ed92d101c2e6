//! Partitions and their replicas.

use serde::Serialize;

use super::Lens;
use crate::cluster::ProcessState;
use crate::ids::{
    BrokerId, LeaderEpoch, Offset, PartitionEpoch, PartitionIndex, TopicId, TopicPartition,
};
use crate::log;
use crate::metadata::{LeaderRecoveryState, PartitionRegistration, TopicImage};
use crate::replica::Role;

/// What a replica is, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReplicaWord {
    /// The leader that the controller named.
    Leader,
    /// It believes that it leads, but the controller has gone on to another epoch.
    Zombie,
    /// A follower in the ISR.
    InSync,
    /// A follower out of the ISR.
    Lagging,
    /// Its process does not run.
    Offline,
    /// Its broker runs and has no such log (yet).
    Absent,
}

/// A partition as the controller has it, with its replicas as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartitionView {
    /// The partition.
    pub tp: TopicPartition,
    /// The topic's id.
    pub topic_id: TopicId,
    /// The leader, if any.
    pub leader: Option<BrokerId>,
    /// The leader epoch.
    pub leader_epoch: LeaderEpoch,
    /// The partition epoch.
    pub partition_epoch: PartitionEpoch,
    /// The in-sync replicas.
    pub isr: Vec<BrokerId>,
    /// The eligible leader replicas (KIP-966).
    pub elr: Vec<BrokerId>,
    /// The last known eligible leader replicas (KIP-966).
    pub last_known_elr: Vec<BrokerId>,
    /// Replicas that a reassignment adds.
    pub adding_replicas: Vec<BrokerId>,
    /// Replicas that a reassignment takes away.
    pub removing_replicas: Vec<BrokerId>,
    /// True while the leader was elected uncleanly and the ISR has not grown since.
    pub recovering: bool,
    /// The replicas, the preferred leader first.
    pub replicas: Vec<ReplicaView>,
}

/// One replica.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReplicaView {
    /// Its broker.
    pub broker: BrokerId,
    /// What it is, in one word.
    pub word: ReplicaWord,
    /// True while its broker's process is stopped by a signal.
    pub paused: bool,
    /// Its log start offset.
    pub log_start_offset: Offset,
    /// The high watermark as it knows it; none while its process does not run.
    pub high_watermark: Option<Offset>,
    /// The last stable offset as it knows it; none while its process does not run.
    pub last_stable_offset: Option<Offset>,
    /// Where its log ends: in memory, or on the disk of a broker that is down.
    pub log_end_offset: Offset,
    /// The leader epoch that it knows.
    pub leader_epoch: Option<LeaderEpoch>,
    /// The ISR as a leader believes it is, a pending joiner included.
    pub maximal_isr: Vec<BrokerId>,
    /// True while a leader waits for the controller's answer to an ISR change.
    pub isr_change_pending: bool,
    /// The length of its log in bytes.
    pub size_in_bytes: u64,
    /// How many segments its log has.
    pub segments: usize,
}

impl<'a> Lens<'a> {
    /// All partitions, by name.
    pub fn partitions(self) -> impl Iterator<Item = PartitionView> + use<'a> {
        self.topic_partitions().into_iter().filter_map(move |tp| self.partition(&tp))
    }

    /// The controller's state of a partition.
    pub fn registration(self, tp: &TopicPartition) -> Option<&'a PartitionRegistration> {
        self.image()?.topic_named(&tp.topic)?.partition(tp.partition)
    }

    /// True when the leader that the controller names has a process that runs, be it stopped by a
    /// signal.
    pub fn is_online(self, state: &PartitionRegistration) -> bool {
        let leader = state.leader.and_then(|leader| self.node_of(leader));
        let process = leader.map(|node| self.process_state(node));
        matches!(process, Some(ProcessState::Up | ProcessState::Paused))
    }

    /// One partition.
    pub fn partition(self, tp: &TopicPartition) -> Option<PartitionView> {
        self.partition_of(self.image()?.topic_named(&tp.topic)?, tp.partition)
    }

    /// The partition of `topic`, as the controller has it, with that number.
    pub fn partition_of(self, topic: &TopicImage, number: PartitionIndex) -> Option<PartitionView> {
        let state = topic.partition(number)?;
        let tp = TopicPartition { topic: topic.name.clone(), partition: number };
        let replicas = state.replicas.iter().map(|id| self.replica(&tp, topic.id, state, *id));
        let replicas = replicas.collect();
        Some(PartitionView {
            tp,
            topic_id: topic.id,
            leader: state.leader,
            leader_epoch: state.leader_epoch,
            partition_epoch: state.partition_epoch,
            isr: state.isr.to_vec(),
            elr: state.elr().to_vec(),
            last_known_elr: state.last_known_elr().to_vec(),
            adding_replicas: state.adding_replicas().to_vec(),
            removing_replicas: state.removing_replicas().to_vec(),
            recovering: state.leader_recovery_state == LeaderRecoveryState::Recovering,
            replicas,
        })
    }

    /// Where the log of a replica ends on the disk of a broker that is down.
    pub fn log_end_on_disk(self, tp: &TopicPartition, broker: BrokerId) -> Option<Offset> {
        log::end_offset_on_disk(self.disk(self.node_of(broker)?)?, tp)
    }

    fn replica(
        self,
        tp: &TopicPartition,
        topic_id: TopicId,
        state: &PartitionRegistration,
        broker: BrokerId,
    ) -> ReplicaView {
        let node = self.node_of(broker);
        let process = node.map_or(ProcessState::Down, |node| self.cluster.state(node));
        let mut view = ReplicaView {
            broker,
            word: ReplicaWord::Offline,
            paused: process == ProcessState::Paused,
            log_start_offset: Offset(0),
            high_watermark: None,
            last_stable_offset: None,
            log_end_offset: Offset(0),
            leader_epoch: None,
            maximal_isr: Vec::new(),
            isr_change_pending: false,
            size_in_bytes: 0,
            segments: 0,
        };
        let running = self.running(broker).and_then(|server| server.broker());
        let Some(running) = running else {
            if let Some(end) = self.log_end_on_disk(tp, broker) {
                view.log_end_offset = end;
            }
            return view;
        };
        let replicas = running.replicas();
        let slot =
            replicas.slot(crate::ids::TopicIdPartition { topic_id, partition: tp.partition });
        let Some((replica, log)) = slot.and_then(|slot| replicas.get(slot).zip(replicas.log(slot)))
        else {
            view.word = ReplicaWord::Absent;
            return view;
        };
        view.log_start_offset = log.log_start_offset();
        view.high_watermark = Some(log.high_watermark());
        view.last_stable_offset = Some(log.last_stable_offset());
        view.log_end_offset = log.log_end_offset();
        view.leader_epoch = replica.leader_epoch();
        view.size_in_bytes = log.size();
        view.segments = log.segment_count();
        let leads = match replica.role() {
            Role::Leader(leader) => {
                view.maximal_isr = leader.maximal_isr().to_vec();
                view.isr_change_pending = leader.is_inflight();
                true
            }
            Role::Follower => false,
        };
        let current = replica.leader_epoch() == Some(state.leader_epoch);
        view.word = if leads && current && state.leader == Some(broker) {
            ReplicaWord::Leader
        } else if leads {
            ReplicaWord::Zombie
        } else if state.isr.contains(&broker) {
            ReplicaWord::InSync
        } else {
            ReplicaWord::Lagging
        };
        view
    }
}

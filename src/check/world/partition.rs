//! A partition as facts and bytes tell of it.

use smallvec::SmallVec;

use super::official::{Change, Official};
use super::replica::Replica;
use super::tree::{BatchId, Tree};
use crate::check::ledger::Circumstances;
use crate::ids::{
    BrokerEpoch, BrokerId, LeaderEpoch, Offset, PartitionEpoch, TopicId, TopicPartition,
};
use crate::metadata::PartitionRegistration;

/// A few brokers.
pub(in crate::check) type Brokers = SmallVec<[BrokerId; 4]>;

/// A partition's state as the controller wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::check) struct Registered {
    pub(in crate::check) leader: Option<BrokerId>,
    pub(in crate::check) leader_epoch: LeaderEpoch,
    pub(in crate::check) partition_epoch: PartitionEpoch,
    pub(in crate::check) isr: Brokers,
    pub(in crate::check) elr: Brokers,
    pub(in crate::check) replicas: Brokers,
    pub(in crate::check) adding: Brokers,
    pub(in crate::check) removing: Brokers,
}

impl Registered {
    /// ISR and ELR: those who may be elected cleanly, as far as they are replicas.
    pub(in crate::check) fn candidates(&self) -> impl Iterator<Item = BrokerId> {
        self.isr.iter().chain(&self.elr).copied()
    }

    /// Those who may be elected cleanly.
    pub(in crate::check) fn electable(&self) -> impl Iterator<Item = BrokerId> {
        self.candidates().filter(|id| self.replicas.contains(id))
    }

    /// Takes over what facts do not tell.
    pub(in crate::check) fn assign(&mut self, state: &PartitionRegistration) {
        self.replicas = Brokers::from_slice(&state.replicas);
        self.adding = Brokers::from_slice(state.adding_replicas());
        self.removing = Brokers::from_slice(state.removing_replicas());
    }
}

/// An ISR that a leader asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::check) struct Proposal {
    pub(in crate::check) leader: BrokerId,
    /// The state it was asked in.
    pub(in crate::check) leader_epoch: Option<LeaderEpoch>,
    pub(in crate::check) partition_epoch: Option<PartitionEpoch>,
    pub(in crate::check) isr: Brokers,
    /// Who shall join, with the epoch it fetched with.
    pub(in crate::check) joining: Option<(BrokerId, Option<BrokerEpoch>)>,
}

/// Who wrote in a leader epoch, and how far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) struct Writer {
    pub(in crate::check) epoch: LeaderEpoch,
    pub(in crate::check) broker: BrokerId,
    pub(in crate::check) end: Offset,
}

/// A partition.
#[derive(Clone, Debug)]
pub(in crate::check) struct Partition {
    pub(in crate::check) tp: TopicPartition,
    pub(in crate::check) topic_id: TopicId,
    pub(in crate::check) is_deleted: bool,
    /// None for the metadata log, which no controller registers.
    pub(in crate::check) registered: Option<Registered>,
    /// Whom the controller named as leader, by epoch.
    pub(in crate::check) named: Vec<(LeaderEpoch, Option<BrokerId>)>,
    /// The highest high watermark that the leader of an epoch had, by epoch.
    pub(in crate::check) marks: SmallVec<[(LeaderEpoch, Offset); 2]>,
    /// Who wrote, by epoch.
    pub(in crate::check) writers: SmallVec<[Writer; 2]>,
    pub(in crate::check) tree: Tree,
    pub(in crate::check) official: Official,
    pub(in crate::check) replicas: SmallVec<[Replica; 3]>,
    /// What leaders asked for and the controller has not done.
    pub(in crate::check) proposals: SmallVec<[Proposal; 1]>,
    /// The last that the controller agreed to.
    pub(in crate::check) granted: Option<Proposal>,
    /// The newest epoch that began with an unclean election: leaders of earlier ones may go on for a
    /// while, and what they commit in that time is lost by right.
    pub(in crate::check) unclean_since: Option<LeaderEpoch>,
    /// The replicas that an administrator wants it to have, while it moves.
    pub(in crate::check) target: Option<Brokers>,
    /// The epoch of an unclean election whose leader has not started yet.
    pub(in crate::check) unclean: Option<LeaderEpoch>,
    /// The ISR was large enough for acks=all, and nothing has happened since that lets ISR and ELR
    /// together become smaller than that.
    pub(in crate::check) keeps_enough: bool,
    /// The largest offset that clients were told as the latest, with the newest epoch of those who
    /// told.
    pub(in crate::check) latest_told: Option<(LeaderEpoch, Offset)>,
    /// Records before were given to consumers.
    pub(in crate::check) served: Offset,
    /// When the log that counts lost its end, and under which circumstances.
    pub(in crate::check) cuts: Vec<(Change, Circumstances)>,
    /// It changed since the cluster was last looked at when quiet.
    pub(in crate::check) is_dirty: bool,
}

impl Partition {
    pub(in crate::check) fn new(tp: TopicPartition, topic_id: TopicId) -> Self {
        Self {
            tp,
            topic_id,
            is_deleted: false,
            registered: None,
            named: Vec::new(),
            marks: SmallVec::new(),
            writers: SmallVec::new(),
            tree: Tree::default(),
            official: Official::default(),
            replicas: SmallVec::new(),
            proposals: SmallVec::new(),
            granted: None,
            unclean_since: None,
            target: None,
            unclean: None,
            keeps_enough: false,
            latest_told: None,
            served: Offset(0),
            cuts: Vec::new(),
            is_dirty: false,
        }
    }

    /// The replica on `broker`.
    pub(in crate::check) fn replica(&self, broker: BrokerId) -> Option<&Replica> {
        self.replicas.iter().find(|replica| replica.broker == broker)
    }

    /// The replica on `broker` was deleted, for it was moved away: what comes there next is a new one.
    pub(in crate::check) fn forget(&mut self, broker: BrokerId) {
        let index = self.index_of(broker);
        self.replicas[index] = Replica::new(broker);
        for reign in self.replicas.iter_mut().filter_map(|replica| replica.reign.as_mut()) {
            reign.acknowledged.retain(|(follower, _)| *follower != broker);
        }
    }

    /// True if `broker`, which was moved away, is a replica again, and knows it: `state` is what it has.
    pub(in crate::check) fn has_come_back(
        &self,
        broker: BrokerId,
        state: Option<&crate::replica::Partition>,
    ) -> bool {
        self.registered.as_ref().zip(state).is_some_and(|(now, state)| {
            now.replicas.contains(&broker) && state.partition_epoch() >= Some(now.partition_epoch)
        })
    }

    /// The place of the replica on `broker` in the list; it is noted if it is new.
    pub(in crate::check) fn index_of(&mut self, broker: BrokerId) -> usize {
        let known = self.replicas.iter().position(|replica| replica.broker == broker);
        known.unwrap_or_else(|| {
            self.replicas.push(Replica::new(broker));
            self.replicas.len() - 1
        })
    }

    /// Whom the controller named as the leader of `epoch`.
    pub(in crate::check) fn named_for(&self, epoch: LeaderEpoch) -> Option<BrokerId> {
        self.named.iter().rev().find(|(named, _)| *named == epoch).and_then(|(_, leader)| *leader)
    }

    /// The leader of `epoch` has the high watermark `offset`.
    pub(in crate::check) fn mark(&mut self, epoch: LeaderEpoch, offset: Offset) {
        match self.marks.iter_mut().rev().find(|(known, _)| *known == epoch) {
            Some((_, highest)) => *highest = offset.max(*highest),
            None => self.marks.push((epoch, offset)),
        }
    }

    /// The highest high watermark that the leader of `epoch` had.
    pub(in crate::check) fn mark_of(&self, epoch: LeaderEpoch) -> Option<Offset> {
        self.marks.iter().rev().find(|(known, _)| *known == epoch).map(|(_, offset)| *offset)
    }

    /// How many replicas have lost bytes and not caught up.
    pub(in crate::check) fn lossy(&self) -> u32 {
        let assigned = |broker: BrokerId| {
            self.registered.as_ref().is_none_or(|state| state.replicas.contains(&broker))
        };
        let lossy = self.replicas.iter().filter(|one| one.is_lossy && assigned(one.broker));
        lossy.count() as u32
    }

    /// The last batch that is committed.
    pub(in crate::check) fn committed_tip(&self) -> BatchId {
        self.official.up_to(&self.tree, self.official.committed)
    }

    /// True if a log that ends with `tip` holds all that is committed.
    pub(in crate::check) fn holds_committed(&self, tip: BatchId) -> bool {
        let committed = self.committed_tip();
        self.tree.up_to(tip, self.tree[committed].next) == committed
    }

    /// True if the broker on `broker` leads in the newest epoch that has begun.
    pub(in crate::check) fn is_official(&self, broker: BrokerId, epoch: LeaderEpoch) -> bool {
        self.official.leader == Some((epoch, broker))
    }
}

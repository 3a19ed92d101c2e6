//! What the checker knows of the cluster: its own books, kept from facts and bytes.

pub(super) mod official;
pub(super) mod partition;
pub(super) mod replica;
pub(super) mod tree;

use std::collections::{BTreeMap, BTreeSet};

use imbl::{OrdMap, OrdSet};

use self::partition::Partition;
use crate::ids::{BrokerEpoch, BrokerId, ControllerEpoch, Name, Offset, TopicId, TopicPartition};
use crate::raft::{METADATA_TOPIC, METADATA_TOPIC_ID};
use crate::sim::{CowList, CowVec, NodeId};
use crate::view::Lens;

/// The metadata log's place among the partitions.
pub(super) const METADATA: u32 = 0;

/// What is known of a broker.
#[derive(Clone, Debug, Default)]
pub(super) struct Server {
    /// The epochs it was given, newest last.
    pub(super) epochs: Vec<BrokerEpoch>,
    /// How far its process has applied the metadata log, and in which controller epoch.
    pub(super) applied: Option<(Offset, ControllerEpoch)>,
    /// The partitions that it has, or had, replicas of.
    pub(super) hosted: OrdSet<u32>,
}

/// The checker's books about servers and partitions.
#[derive(Clone, Debug)]
pub(super) struct World {
    names: OrdMap<TopicPartition, u32>,
    /// The slots that were asked for last, by partition number.
    recent: [u32; 8],
    pub(super) partitions: CowVec<Partition>,
    pub(super) servers: BTreeMap<BrokerId, Server>,
    /// By node: the server that it is.
    nodes: Vec<Option<BrokerId>>,
    /// Which node was the active controller, by epoch.
    pub(super) controllers: Vec<(ControllerEpoch, NodeId)>,
    /// The epoch in which a controller became active last.
    pub(super) activated: Option<ControllerEpoch>,
    /// The partitions that changed since the cluster was last looked at when quiet.
    pub(super) dirty: CowList<u32>,
    /// Replicas that were moved away, whose brokers may not have heard of it yet.
    pub(super) leaving: BTreeSet<(BrokerId, u32)>,
    /// The eligible leader replicas are in force (KIP-966).
    pub(super) elr: bool,
}

impl World {
    pub(super) fn new() -> Self {
        let tp = TopicPartition::new(METADATA_TOPIC, 0);
        let mut world = Self {
            names: OrdMap::new(),
            recent: [METADATA; 8],
            partitions: CowVec::new(),
            servers: BTreeMap::new(),
            nodes: Vec::new(),
            controllers: Vec::new(),
            activated: None,
            dirty: CowList::new(),
            leaving: BTreeSet::new(),
            elr: true,
        };
        world.add(tp, METADATA_TOPIC_ID);
        world
    }

    /// The server that runs, or ran, as `node`.
    pub(super) fn server(&mut self, node: NodeId, lens: Lens<'_>) -> Option<BrokerId> {
        let index = node.0 as usize;
        if index >= self.nodes.len() {
            self.nodes = lens.nodes().map(|node| lens.server_of(node)).collect();
        }
        self.nodes.get(index).copied().flatten()
    }

    /// The place of a partition that exists.
    pub(super) fn slot(&mut self, tp: &TopicPartition) -> Option<u32> {
        let cached = &mut self.recent[(tp.partition.0 & 7) as usize];
        let known = &self.partitions[*cached as usize];
        if known.tp == *tp && !known.is_deleted {
            return Some(*cached);
        }
        let slot = *self.names.get(tp)?;
        *cached = slot;
        Some(slot)
    }

    /// True if there was such a partition, and its topic was deleted.
    pub(super) fn was_deleted(&self, tp: &TopicPartition) -> bool {
        self.partitions.iter().any(|old| old.is_deleted && old.tp == *tp)
    }

    /// The place of a partition, be it new.
    pub(super) fn slot_or_add(&mut self, tp: &TopicPartition, topic_id: TopicId) -> u32 {
        match self.slot(tp) {
            Some(slot) => slot,
            None => self.add(tp.clone(), topic_id),
        }
    }

    fn add(&mut self, tp: TopicPartition, topic_id: TopicId) -> u32 {
        let slot = self.partitions.push(Partition::new(tp.clone(), topic_id)) as u32;
        self.names.insert(tp, slot);
        slot
    }

    /// A topic is gone; another may get its name. Returns the places of its partitions.
    pub(super) fn delete(&mut self, topic: &Name) -> Vec<u32> {
        let first = TopicPartition { topic: topic.clone(), partition: Default::default() };
        let of_topic = self.names.range(first..).take_while(|(tp, _)| tp.topic == *topic);
        let gone: Vec<(TopicPartition, u32)> =
            of_topic.map(|(tp, slot)| (tp.clone(), *slot)).collect();
        for (tp, slot) in &gone {
            self.names.remove(tp);
            self.partitions[*slot as usize].is_deleted = true;
        }
        gone.into_iter().map(|(_, slot)| slot).collect()
    }

    /// The partitions that exist, the metadata log not counted.
    pub(super) fn living(&self) -> impl Iterator<Item = u32> {
        let slots = self.partitions.iter().enumerate().skip(METADATA as usize + 1);
        slots.filter(|(_, partition)| !partition.is_deleted).map(|(slot, _)| slot as u32)
    }

    /// A partition changed.
    pub(super) fn soil(&mut self, slot: u32) {
        let is_dirty = &mut self.partitions[slot as usize].is_dirty;
        if !std::mem::replace(is_dirty, true) {
            self.dirty.push(slot);
        }
    }

    /// What is known of a broker or controller.
    pub(super) fn server_mut(&mut self, server: BrokerId) -> &mut Server {
        self.servers.entry(server).or_default()
    }

    /// Notes that a broker has a replica of a partition.
    pub(super) fn host(&mut self, server: BrokerId, slot: u32) {
        self.server_mut(server).hosted.insert(slot);
    }
}

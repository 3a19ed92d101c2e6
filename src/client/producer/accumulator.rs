//! Where records wait: a queue of batches for every partition.
//!
//! In Kafka: `RecordAccumulator` with its `BufferPool`; KIP-480 and KIP-794 (where records without
//! key go).

use std::collections::{BTreeMap, VecDeque};

use smallvec::SmallVec;

use super::batch::{BatchId, Batches, Packing};
use super::personality::Personality;
use super::ratio::CompressionRatio;
use crate::client::metadata::{self, Metadata};
use crate::client::partitioner::Partitioner;
use crate::config::ProducerConfig;
use crate::ids::{BrokerId, LeaderEpoch, Name, TopicId, TopicPartition};
use crate::protocol::Codec;
use crate::sim::{Duration, Instant};

/// A queue's place in the accumulator: one per partition that was sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct QueueId(u32);

impl QueueId {
    /// The queue at `index`.
    pub(super) const fn new(index: usize) -> Self {
        Self(index as u32)
    }

    /// As an index into tables of queues.
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A topic's place in the accumulator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TopicSlot(u32);

impl TopicSlot {
    /// As an index into the table of topics.
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Where a record goes: decided, or up to the batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// To this partition.
    Partition(i32),
    /// Where records without key go just now.
    Sticky,
}

/// A record was added.
#[derive(Clone, Copy, Debug)]
pub(super) struct Appended {
    pub(super) queue: QueueId,
    /// A batch is full or new: the sender has something to do.
    pub(super) wakes_sender: bool,
}

/// There is not enough memory for another batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoMemory;

/// The batches of one partition that wait to be sent, and those on their way.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    pub(super) tp: TopicPartition,
    pub(super) topic: TopicSlot,
    pub(super) leader: Option<BrokerId>,
    pub(super) leader_epoch: Option<LeaderEpoch>,
    /// Sent and without outcome, oldest first.
    pub(super) in_flight: SmallVec<[BatchId; 5]>,
    pub(super) batches: VecDeque<BatchId>,
    /// Nothing more is sent until what is in flight is answered.
    pub(super) muted: bool,
    /// The connection to its leader broke: the next new batch waits so long, and looks for a leader.
    pub(super) abandoned: Option<Duration>,
    /// Its place among all partitions that its leader leads.
    pub(super) place: u32,
    /// How many bytes of records the last batch held.
    pub(super) expected: usize,
}

/// What the accumulator knows of a topic.
#[derive(Clone, Debug)]
pub(super) struct Topic {
    pub(super) name: Name,
    pub(super) id: TopicId,
    /// How many partitions it has; zero while it is not known.
    pub(super) count: i32,
    /// When a record was last sent to it.
    pub(super) last_used: Instant,
    pub(super) available: Vec<i32>,
    pub(super) queues: Vec<Option<QueueId>>,
    pub(super) opened: usize,
    pub(super) partitioner: Partitioner,
    /// How well its records are expected to compress.
    pub(super) ratio: CompressionRatio,
}

/// What the sender is to look at.
#[derive(Clone, Debug, Default)]
pub(super) struct Ready {
    /// Brokers for which something can be sent now.
    pub(super) nodes: SmallVec<[BrokerId; 4]>,
    /// When something else can be sent, if nothing happens before, and the setting that says so.
    pub(super) next_check: Option<(Instant, &'static str)>,
    /// Topics with a partition whose leader is not known.
    pub(super) unknown_leader: SmallVec<[TopicSlot; 1]>,
    /// Batches for which a leader was looked for in vain.
    pub(super) leaderless: SmallVec<[BatchId; 1]>,
}

/// A broker as the drains see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) broker: BrokerId,
    /// How many partitions it leads.
    pub(super) partitions: u32,
    /// Where among them the last drain ended.
    pub(super) ended_at: u32,
    /// When something was last ready to be sent to it, and when something last could be.
    pub(super) latency: Option<(Instant, Instant)>,
}

impl Node {
    const fn new(broker: BrokerId) -> Self {
        Self { broker, partitions: 0, ended_at: 0, latency: None }
    }
}

/// Why nothing lingers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hurry {
    /// The producer is being closed.
    pub(super) closed: bool,
    /// The application waits for memory.
    pub(super) exhausted: bool,
    /// The application waits until everything has an outcome.
    pub(super) flushing: bool,
}

impl Hurry {
    pub(super) const fn any(self) -> bool {
        self.closed || self.exhausted || self.flushing
    }
}

/// Where records wait to be sent.
#[derive(Clone, Debug)]
pub(super) struct Accumulator {
    pub(super) batches: Batches,
    pub(super) queues: Vec<Queue>,
    pub(super) topics: Vec<Topic>,
    /// Nothing lingers.
    pub(super) hurry: Hurry,
    pub(super) batch_size: usize,
    pub(super) linger: Duration,
    pub(super) delivery_timeout: Duration,
    pub(super) free_memory: u64,
    pub(super) partitioner: Partitioner,
    pub(super) codec: Codec,
    /// Room in a batch is reckoned with how well records compressed before.
    pub(super) expects_compression: bool,
    /// Metadata is asked for before a batch is sent again; for so long a leader is looked for.
    pub(super) looks_for_leader: Option<Duration>,
    /// Partitions without leader are chosen like others.
    pub(super) chooses_leaderless: bool,
    /// So many records fill a batch.
    pub(super) max_batch_records: u32,
    /// A partition that the application names is used.
    pub(super) obeys_named_partition: bool,
    pub(super) adaptive: bool,
    /// `partitioner.availability.timeout.ms`; zero for none.
    pub(super) availability_timeout: Duration,
    pub(super) slots: BTreeMap<Name, TopicSlot>,
    /// Queues with something in them, in order.
    pub(super) occupied: SmallVec<[QueueId; 8]>,
    /// The brokers that lead partitions, by id.
    pub(super) nodes: Vec<Node>,
    /// No batch expires before.
    pub(super) next_expiry: Instant,
    /// The version of the metadata that leaders were read from.
    pub(super) seen_version: u64,
}

impl Accumulator {
    /// Empty.
    pub(super) fn new(config: &ProducerConfig, personality: &Personality) -> Self {
        let batch_size = config.batch_size.max(1) as usize;
        Self {
            batches: Batches::default(),
            queues: Vec::new(),
            topics: Vec::new(),
            hurry: Hurry::default(),
            batch_size,
            linger: config.linger,
            delivery_timeout: config.delivery_timeout,
            free_memory: config.buffer_memory,
            adaptive: config.partitioner_adaptive_partitioning_enable
                && config.partitioner_class.is_none(),
            availability_timeout: config.partitioner_availability_timeout,
            partitioner: personality.partitioner.clone(),
            codec: personality.codec,
            expects_compression: personality.expects_compression && personality.codec.compresses(),
            looks_for_leader: personality.looks_for_leader,
            obeys_named_partition: personality.obeys_named_partition,
            chooses_leaderless: personality.chooses_leaderless,
            max_batch_records: personality.max_batch_records,
            slots: BTreeMap::new(),
            occupied: SmallVec::new(),
            nodes: Vec::new(),
            next_expiry: Instant::FAR_FUTURE,
            seen_version: 0,
        }
    }

    /// The slot of a topic.
    pub(super) fn topic(&mut self, name: &Name) -> TopicSlot {
        if let Some(slot) = self.slots.get(name) {
            return *slot;
        }
        let slot = TopicSlot(self.topics.len() as u32);
        self.topics.push(Topic {
            name: name.clone(),
            id: TopicId::ZERO,
            count: 0,
            last_used: Instant::ZERO,
            available: Vec::new(),
            queues: Vec::new(),
            opened: 0,
            partitioner: self.partitioner.clone(),
            ratio: CompressionRatio::INITIAL,
        });
        self.slots.insert(name.clone(), slot);
        self.seen_version = 0;
        slot
    }

    // ---- what metadata says ----

    /// Reads leaders and numbers of partitions, if anything may have changed.
    pub(super) fn refresh(&mut self, metadata: &Metadata) {
        if self.seen_version == metadata.version() {
            return;
        }
        self.seen_version = metadata.version();
        for topic in &mut self.topics {
            let known = metadata.topic(&topic.name);
            topic.count = known.map_or(0, metadata::Topic::partition_count);
            topic.id = known.map_or(TopicId::ZERO, |known| known.id);
            topic.available.clear();
            if self.chooses_leaderless {
                topic.available.extend(0..topic.count);
            } else {
                topic.available.extend(known.into_iter().flat_map(|known| &known.available));
            }
        }
        for queue in &mut self.queues {
            (queue.leader, queue.leader_epoch) = metadata.leader(&queue.tp);
        }
        for node in &mut self.nodes {
            node.partitions = 0;
        }
        for known in metadata.topics() {
            let slot = self.slots.get(&known.name);
            for (index, partition) in known.partitions.iter().enumerate() {
                let Some(leader) = partition.leader else { continue };
                let queue = slot.and_then(|slot| *self.topics[slot.index()].queues.get(index)?);
                let place = self.nodes.binary_search_by_key(&leader, |node| node.broker);
                let place = place.unwrap_or_else(|place| {
                    self.nodes.insert(place, Node::new(leader));
                    place
                });
                let node = &mut self.nodes[place];
                if let Some(queue) = queue {
                    self.queues[queue.index()].place = node.partitions;
                }
                node.partitions += 1;
            }
        }
    }

    /// How the next batch of a queue is compressed.
    pub(super) fn packing(&self, queue: QueueId) -> Packing {
        let topic = self.queues[queue.index()].topic;
        let expected = self.expects_compression.then(|| self.topics[topic.index()].ratio);
        Packing { codec: self.codec, expected }
    }

    /// When the next batch may expire, if any waits or is in flight.
    pub(super) fn next_expiry(&self) -> Option<Instant> {
        (self.batches.incomplete() > 0 && self.next_expiry < Instant::FAR_FUTURE)
            .then_some(self.next_expiry)
    }

    /// The memory of a batch that is done can be used again.
    pub(super) fn deallocate(&mut self, id: BatchId) {
        self.free_memory += std::mem::take(&mut self.batches[id].memory);
    }

    /// A batch is not on its way any more.
    pub(super) fn remove_in_flight(&mut self, id: BatchId) {
        let queue = self.batches[id].queue;
        self.queues[queue.index()].in_flight.retain(|other| *other != id);
    }

    /// Takes a batch out of its queue, wherever it is.
    pub(super) fn remove(&mut self, id: BatchId) {
        let queue = self.batches[id].queue;
        let waiting = &mut self.queues[queue.index()].batches;
        waiting.retain(|other| *other != id);
        if waiting.is_empty() {
            self.vacate(queue);
        }
    }

    /// True while batches wait to be sent.
    pub(super) fn has_undrained(&self) -> bool {
        !self.occupied.is_empty()
    }

    /// How many batches wait to be sent.
    pub(super) fn queued(&self) -> usize {
        self.occupied.iter().map(|queue| self.queues[queue.index()].batches.len()).sum()
    }

    /// How much memory is left, in bytes.
    pub(super) const fn free_memory(&self) -> u64 {
        self.free_memory
    }

    /// Turns the order of batches around that were never sent: for a broken simulator.
    pub(super) fn reverse(&mut self) {
        for queue in &mut self.queues {
            if queue.batches.iter().all(|id| self.batches[*id].sequence.is_none()) {
                queue.batches.make_contiguous().reverse();
            }
        }
    }

    pub(super) fn push_back(&mut self, queue: QueueId, id: BatchId) {
        self.queues[queue.index()].batches.push_back(id);
        self.occupy(queue);
    }

    pub(super) fn pop_front(&mut self, queue: QueueId) {
        let waiting = &mut self.queues[queue.index()].batches;
        waiting.pop_front();
        if waiting.is_empty() {
            self.vacate(queue);
        }
    }

    pub(super) fn occupy(&mut self, queue: QueueId) {
        if let Err(place) = self.occupied.binary_search(&queue) {
            self.occupied.insert(place, queue);
        }
    }

    pub(super) fn vacate(&mut self, queue: QueueId) {
        if let Ok(place) = self.occupied.binary_search(&queue) {
            self.occupied.remove(place);
        }
    }
}

//! Adding records: which partition, which batch, and whose memory.

use std::collections::VecDeque;

use smallvec::SmallVec;

use super::accumulator::{
    Accumulator, Appended, Choice, NoMemory, Node, Queue, QueueId, TopicSlot,
};
use super::batch::{NewRecord, ProducerBatch, Waiter};
use crate::client::partitioner::{Message, Partitioner, Partitions};
use crate::ids::{BrokerId, PartitionIndex, TopicPartition};
use crate::sim::rng::Stream;
use crate::sim::{Duration, Instant};

impl Accumulator {
    /// Where a record goes. An application's own choice is not looked at again.
    pub(super) fn choose(
        &mut self,
        slot: TopicSlot,
        (key, value): (Option<&[u8]>, Option<&[u8]>),
        chosen: Option<PartitionIndex>,
        chance: &mut Stream,
    ) -> Choice {
        let topic = &mut self.topics[slot.index()];
        if let Some(partition) = chosen.filter(|_| self.obeys_named_partition) {
            return Choice::Partition(partition.0);
        }
        let is_built_in = matches!(topic.partitioner, Partitioner::BuiltIn { .. });
        if is_built_in && !topic.partitioner.is_decided_by(key) {
            return Choice::Sticky;
        }
        let partitions = Partitions { count: topic.count, available: &topic.available };
        let partition = chosen.map(|partition| partition.0);
        let message = Message { key, value_len: value.map_or(0, <[u8]>::len), partition };
        Choice::Partition(topic.partitioner.partition(message, partitions, || positive(chance)))
    }

    /// Adds a record to the last batch of its partition, or to a new one.
    ///
    /// # Errors
    /// When there is no memory for a new batch.
    pub(super) fn append(
        &mut self,
        slot: TopicSlot,
        choice: Choice,
        record: NewRecord<'_>,
        waiter: Waiter,
        now: Instant,
        chance: &mut Stream,
    ) -> Result<Appended, NoMemory> {
        self.topics[slot.index()].last_used = now;
        let is_sticky = choice == Choice::Sticky;
        let mut memory = None;
        loop {
            let partition = match choice {
                Choice::Partition(partition) => partition,
                Choice::Sticky => self.peek(slot, chance),
            };
            let queue = self.queue(slot, partition);
            let was_full = self.all_full(queue);
            if is_sticky && was_full && self.count_bytes(slot, 0, true, chance) {
                continue;
            }
            if !was_full && let Some(grown) = self.try_append(queue, record, waiter, now) {
                self.free_memory += memory.unwrap_or(0);
                let is_full = self.all_full(queue);
                if is_sticky {
                    self.count_bytes(slot, grown, is_full, chance);
                }
                let wakes_sender = is_full || self.queues[queue.index()].batches.len() > 1;
                return Ok(Appended { queue, wakes_sender });
            }
            let had_memory = memory.is_some();
            let size = if let Some(size) = memory {
                size
            } else {
                let size = record.size_upper_bound.max(self.batch_size) as u64;
                self.free_memory = self.free_memory.checked_sub(size).ok_or(NoMemory)?;
                size
            };
            if is_sticky && !was_full && !had_memory {
                // The partition may be another one, now that its last batch takes no more.
                memory = Some(size);
                continue;
            }
            let grown = self.append_to_new(queue, record, waiter, size, now);
            if is_sticky {
                let is_full = self.all_full(queue);
                self.count_bytes(slot, grown, is_full, chance);
            }
            return Ok(Appended { queue, wakes_sender: true });
        }
    }

    /// True if there is memory for a new batch with this record.
    pub(super) fn has_memory_for(&self, record: NewRecord<'_>) -> bool {
        record.size_upper_bound.max(self.batch_size) as u64 <= self.free_memory
    }

    /// Adds a record to the last batch, if it fits: by how many bytes the batch grew.
    fn try_append(
        &mut self,
        queue: QueueId,
        record: NewRecord<'_>,
        waiter: Waiter,
        now: Instant,
    ) -> Option<u64> {
        let last = *self.queues[queue.index()].batches.back()?;
        let batch = &mut self.batches[last];
        let before = batch.size();
        if batch.try_append(record, waiter, now) {
            let grown = batch.size() - before;
            if batch.count as u32 >= self.max_batch_records {
                batch.close_for_appends();
            }
            return Some(grown);
        }
        batch.close_for_appends();
        None
    }

    fn append_to_new(
        &mut self,
        queue: QueueId,
        record: NewRecord<'_>,
        waiter: Waiter,
        memory: u64,
        now: Instant,
    ) -> u64 {
        let (expected, packing) = (self.queues[queue.index()].expected, self.packing(queue));
        let mut batch = ProducerBatch::new(queue, now, memory as usize, memory, expected, packing);
        assert!(batch.try_append(record, waiter, now), "the first record always fits");
        let size = batch.size();
        if self.max_batch_records == 1 {
            batch.close_for_appends();
        }
        self.next_expiry = self.next_expiry.min(now + self.delivery_timeout);
        let id = self.batches.insert(batch);
        self.push_back(queue, id);
        size
    }

    /// The queue of a partition, made at its first record.
    fn queue(&mut self, slot: TopicSlot, partition: i32) -> QueueId {
        let topic = &mut self.topics[slot.index()];
        let index = partition as usize;
        if let Some(Some(queue)) = topic.queues.get(index) {
            return *queue;
        }
        let queue = QueueId::new(self.queues.len());
        if topic.queues.len() <= index {
            topic.queues.resize(index + 1, None);
        }
        topic.queues[index] = Some(queue);
        topic.opened += 1;
        self.queues.push(Queue {
            tp: TopicPartition { topic: topic.name.clone(), partition: PartitionIndex(partition) },
            topic: slot,
            leader: None,
            leader_epoch: None,
            in_flight: SmallVec::new(),
            batches: VecDeque::new(),
            muted: false,
            abandoned: None,
            place: 0,
            expected: 0,
        });
        self.seen_version = 0;
        queue
    }

    fn peek(&mut self, slot: TopicSlot, chance: &mut Stream) -> i32 {
        let topic = &mut self.topics[slot.index()];
        let partitions = Partitions { count: topic.count, available: &topic.available };
        topic.partitioner.partition(Message::default(), partitions, || positive(chance))
    }

    /// `bytes` went to the sticky partition: true if another is in use from now on. `enable_switch`
    /// if its last batch is full.
    fn count_bytes(
        &mut self,
        slot: TopicSlot,
        bytes: u64,
        enable_switch: bool,
        chance: &mut Stream,
    ) -> bool {
        let topic = &mut self.topics[slot.index()];
        let Partitioner::BuiltIn { sticky, .. } = &mut topic.partitioner else { return false };
        if self.adaptive && sticky.is_due(bytes as u32, enable_switch) {
            if topic.opened < topic.count as usize {
                sticky.forget_load();
            } else {
                let mut sizes = SmallVec::<[i32; 16]>::new();
                let mut partitions = SmallVec::<[i32; 16]>::new();
                for queue in topic.queues.iter().flatten() {
                    let queue = &self.queues[queue.index()];
                    if queue.leader.is_some_and(|leader| {
                        is_available(&self.nodes, leader, self.availability_timeout)
                    }) {
                        sizes.push(queue.batches.len() as i32);
                        partitions.push(queue.tp.partition.0);
                    }
                }
                sticky.update_load(&sizes, &partitions, topic.opened);
            }
        }
        let partitions = Partitions { count: topic.count, available: &topic.available };
        sticky.on_appended(bytes as u32, enable_switch, partitions, || positive(chance))
    }

    fn all_full(&self, queue: QueueId) -> bool {
        let last = self.queues[queue.index()].batches.back();
        last.is_none_or(|last| self.batches[*last].is_full())
    }
}

/// A random number that is not negative, as Java's partitioner draws it.
fn positive(chance: &mut Stream) -> i32 {
    (chance.bits() >> 33) as i32
}

/// False for a broker to which nothing could be sent for too long, though something was ready.
fn is_available(nodes: &[Node], broker: BrokerId, timeout: Duration) -> bool {
    if timeout.is_zero() {
        return true;
    }
    let node = nodes.binary_search_by_key(&broker, |node| node.broker);
    let latency = node.ok().and_then(|node| nodes[node].latency);
    latency.is_none_or(|(ready, drained)| ready.since(drained) <= timeout)
}

//! One batch of records on its way through the producer.
//!
//! In Kafka: `ProducerBatch` around a `MemoryRecordsBuilder`.

use std::sync::Arc;

use smallvec::SmallVec;

use super::accumulator::QueueId;
use super::ratio::CompressionRatio;
use crate::ids::{LeaderEpoch, ProducerEpoch, ProducerId, Timestamp, TopicId};
use crate::protocol::varint::size_of_varint;
use crate::protocol::{Batch, BatchBuilder, Codec, HEADER_LEN, Header};
use crate::sim::{Duration, Instant};

/// A batch's place in [`Batches`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct BatchId(u32);

/// A record in a batch: its number in the application, and since when that waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiter {
    pub(super) number: u64,
    pub(super) since: Instant,
}

/// The identity and first sequence number that an idempotent producer gave a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sequence {
    pub(super) id: ProducerId,
    pub(super) epoch: ProducerEpoch,
    pub(super) base: i32,
}

/// What a batch holds.
#[derive(Clone, Debug)]
enum Content {
    /// Records may be added, unless it was closed for that.
    Building { builder: BatchBuilder, closed: bool },
    /// As it is sent.
    Built(Arc<Batch>),
    /// It is just being built.
    Taken,
}

/// How a batch is compressed, and how well that is expected to go.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Packing {
    pub(super) codec: Codec,
    /// None where room is reckoned as if nothing were compressed.
    pub(super) expected: Option<CompressionRatio>,
}

/// A batch of records for one partition.
#[derive(Clone, Debug)]
pub(super) struct ProducerBatch {
    /// Where it waits, or waited.
    pub(super) queue: QueueId,
    /// The id that its topic had when it was sent last.
    pub(super) topic_id: TopicId,
    pub(super) created: Instant,
    /// When it was created, or put back into its queue.
    pub(super) last_attempt: Instant,
    /// How often it was put back into its queue.
    pub(super) attempts: u32,
    /// How long after `last_attempt` it may be sent again.
    pub(super) backoff: Duration,
    /// The producer's memory that it takes; none for a part of a batch that was split.
    pub(super) memory: u64,
    /// How many records it holds.
    pub(super) count: i32,
    /// Who waits for its outcome; nobody once it is done.
    pub(super) waiters: SmallVec<[Waiter; 1]>,
    pub(super) sequence: Option<Sequence>,
    /// Its sequence was set anew after it had been sent.
    pub(super) sequence_was_reset: bool,
    /// The application knows its outcome.
    pub(super) is_done: bool,
    /// It is part of a request that is not answered.
    pub(super) in_request: bool,
    /// It waits for its backoff and looks for its leader though it was not sent before.
    looks: bool,
    /// How many answers about metadata there were when its new leader was asked for.
    pub(super) asked_for_leader: Option<u64>,
    packing: Packing,
    /// No more may be added past so many bytes.
    write_limit: usize,
    last_append: Instant,
    leader_epoch: Option<LeaderEpoch>,
    attempts_when_leader_changed: u32,
    content: Content,
}

impl ProducerBatch {
    /// An empty batch of up to `write_limit` bytes, created at `created`.
    pub(super) fn new(
        queue: QueueId,
        created: Instant,
        write_limit: usize,
        memory: u64,
        expected: usize,
        packing: Packing,
    ) -> Self {
        let mut builder = BatchBuilder::new().compressed(packing.codec);
        if expected > 0 {
            builder.reserve(expected.min(write_limit));
        }
        Self {
            queue,
            topic_id: TopicId::ZERO,
            created,
            last_attempt: created,
            attempts: 0,
            backoff: Duration::ZERO,
            memory,
            count: 0,
            waiters: SmallVec::new(),
            sequence: None,
            sequence_was_reset: false,
            is_done: false,
            in_request: false,
            looks: false,
            packing,
            asked_for_leader: None,
            write_limit,
            last_append: created,
            leader_epoch: None,
            attempts_when_leader_changed: 0,
            content: Content::Building { builder, closed: false },
        }
    }

    /// Adds a record if there is room; the first one always fits.
    pub(super) fn try_append(
        &mut self,
        record: NewRecord<'_>,
        waiter: Waiter,
        now: Instant,
    ) -> bool {
        let Content::Building { builder, closed: false } = &mut self.content else { return false };
        let NewRecord { timestamp, key, value, headers, .. } = record;
        let size = self.packing.size_of(builder);
        if !builder.is_empty()
            && (size >= self.write_limit
                || size + builder.size_of(timestamp, key, value, headers) > self.write_limit)
        {
            return false;
        }
        builder.append(timestamp, key, value, headers);
        self.count += 1;
        self.waiters.push(waiter);
        self.last_append = now;
        true
    }

    /// No more records are taken.
    pub(super) fn close_for_appends(&mut self) {
        if let Content::Building { closed, .. } = &mut self.content {
            *closed = true;
        }
    }

    /// True when no more records are taken.
    pub(super) fn is_full(&self) -> bool {
        match &self.content {
            Content::Building { builder, closed } => {
                *closed
                    || (!builder.is_empty() && self.packing.size_of(builder) >= self.write_limit)
            }
            Content::Built(_) | Content::Taken => true,
        }
    }

    /// Its length in bytes; that of a compressed batch which is not built is an estimate.
    pub(super) fn size(&self) -> u64 {
        match &self.content {
            Content::Building { builder, .. } => self.packing.size_of(builder) as u64,
            Content::Built(batch) => batch.size_in_bytes(),
            Content::Taken => 0,
        }
    }

    /// How well it was compressed, where that says something about the next one.
    pub(super) fn observed_ratio(&self) -> Option<CompressionRatio> {
        match &self.content {
            Content::Built(batch) => self.packing.expected.map(|_| CompressionRatio::of(batch)),
            Content::Building { .. } | Content::Taken => None,
        }
    }

    /// How many bytes of records it holds, before they are compressed.
    pub(super) fn plain_len(&self) -> usize {
        match &self.content {
            Content::Building { builder, .. } => builder.size_in_bytes() - HEADER_LEN,
            Content::Built(batch) => batch.plain_records().0.len(),
            Content::Taken => 0,
        }
    }

    /// The sequence number of its last record.
    pub(super) fn last_sequence(&self) -> i32 {
        self.sequence.map_or(-1, |sequence| sequence.base) + self.count - 1
    }

    /// The batch as it is sent. It is built once; afterwards only its sequence may change.
    pub(super) fn build(&mut self) -> Arc<Batch> {
        if let Content::Built(batch) = &self.content
            && !self.sequence_was_reset
        {
            return batch.clone();
        }
        let batch = match std::mem::replace(&mut self.content, Content::Taken) {
            Content::Building { mut builder, .. } => {
                if let Some(Sequence { id, epoch, base }) = self.sequence {
                    builder.set_producer(id, epoch, base);
                }
                Arc::new(builder.build().expect("a batch is made for its first record"))
            }
            Content::Built(batch) => {
                let Sequence { id, epoch, base } =
                    self.sequence.expect("only what was set can be reset");
                Arc::new(batch.with_producer(id, epoch, base))
            }
            Content::Taken => unreachable!("building does not fail half-way"),
        };
        self.sequence_was_reset = false;
        self.content = Content::Built(batch.clone());
        batch
    }

    /// Gives it another identity and sequence, though it may have been sent with the old one.
    pub(super) fn reset_sequence(&mut self, sequence: Sequence) {
        self.sequence = Some(sequence);
        self.sequence_was_reset = true;
    }

    /// It goes back into its queue, to be sent again not before `backoff` has passed.
    pub(super) fn reenqueued(&mut self, now: Instant, backoff: Duration) {
        self.attempts += 1;
        self.asked_for_leader = None;
        self.last_attempt = self.last_append.max(now);
        self.last_append = self.last_attempt;
        self.backoff = backoff;
    }

    /// It shall wait, and look for its leader, before it is sent at all.
    pub(super) fn look(&mut self, now: Instant, backoff: Duration) {
        self.looks = true;
        self.last_attempt = now;
        self.backoff = backoff;
    }

    /// True when its leader is looked for before it is sent, where the library does so.
    pub(super) fn looks_for_leader(&self) -> bool {
        self.looks || self.is_retry()
    }

    /// True when it was put back into its queue before.
    pub(super) fn is_retry(&self) -> bool {
        self.attempts > 0
    }

    /// Notes the epoch of the leader that it would go to now.
    pub(super) fn see_leader(&mut self, epoch: Option<LeaderEpoch>) {
        if epoch.is_some() && epoch > self.leader_epoch {
            self.attempts_when_leader_changed = self.attempts;
            self.leader_epoch = epoch;
        }
    }

    /// Until when it must not be sent again. With another leader than the one that failed, there is
    /// nothing to wait for (KIP-951).
    pub(super) fn backs_off_until(&self, now: Instant) -> Option<Instant> {
        let until = self.last_attempt + self.backoff;
        let leader_changed = self.attempts == self.attempts_when_leader_changed;
        let waits = self.looks || (self.attempts > 0 && !leader_changed);
        (waits && now < until).then_some(until)
    }

    /// Cuts it into batches of at most `batch_size` bytes, with the sequence numbers it had.
    pub(super) fn split(&mut self, batch_size: usize, packing: Packing) -> Vec<Self> {
        let batch = self.build();
        let mut parts: Vec<Self> = Vec::new();
        for (record, waiter) in batch.iter().zip(&self.waiters) {
            let record = record.expect("what was built here can be read").to_record();
            let (key, value) = (record.key.as_deref(), record.value.as_deref());
            let record = NewRecord::new(record.timestamp, key, value, &record.headers);
            let fits =
                parts.last_mut().is_some_and(|part| part.try_append(record, *waiter, self.created));
            if !fits {
                let limit = batch_size.max(record.size_upper_bound);
                let mut part = Self::new(self.queue, self.created, limit, 0, 0, packing);
                part.try_append(record, *waiter, self.created);
                parts.push(part);
            }
        }
        let mut sequence = self.sequence;
        for part in &mut parts {
            part.close_for_appends();
            part.sequence = sequence;
            if let Some(next) = &mut sequence {
                next.base += part.count;
            }
        }
        parts
    }
}

impl Packing {
    /// The length that a batch is reckoned with while it is filled.
    #[inline]
    fn size_of(self, builder: &BatchBuilder) -> usize {
        let size = builder.size_in_bytes();
        self.expected.map_or(size, |ratio| HEADER_LEN + ratio.estimate(size - HEADER_LEN))
    }
}

/// What the application puts into a record.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewRecord<'a> {
    pub(super) timestamp: Timestamp,
    pub(super) key: Option<&'a [u8]>,
    pub(super) value: Option<&'a [u8]>,
    pub(super) headers: &'a [Header],
    /// How large a batch of this record alone may be at most (`estimateSizeInBytesUpperBound`).
    pub(super) size_upper_bound: usize,
}

impl<'a> NewRecord<'a> {
    pub(super) fn new(
        timestamp: Timestamp,
        key: Option<&'a [u8]>,
        value: Option<&'a [u8]>,
        headers: &'a [Header],
    ) -> Self {
        /// Length, attributes, timestamp delta and offset delta at their longest.
        const MAX_RECORD_OVERHEAD: usize = 21;
        let field = |bytes: Option<&[u8]>| {
            let len = bytes.map_or(-1, |bytes| bytes.len() as i32);
            size_of_varint(len) + len.max(0) as usize
        };
        let header = |header: &Header| field(Some(&header.key)) + field(header.value.as_deref());
        let in_headers =
            size_of_varint(headers.len() as i32) + headers.iter().map(header).sum::<usize>();
        let size_upper_bound =
            HEADER_LEN + MAX_RECORD_OVERHEAD + field(key) + field(value) + in_headers;
        Self { timestamp, key, value, headers, size_upper_bound }
    }
}

/// The batches of a producer that are not done, and done ones whose request is not answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Batches {
    slots: Vec<Option<ProducerBatch>>,
    free: Vec<BatchId>,
    incomplete: usize,
}

impl Batches {
    /// Takes a new batch in.
    pub(super) fn insert(&mut self, batch: ProducerBatch) -> BatchId {
        self.incomplete += 1;
        if let Some(id) = self.free.pop() {
            self.slots[id.0 as usize] = Some(batch);
            return id;
        }
        self.slots.push(Some(batch));
        BatchId(self.slots.len() as u32 - 1)
    }

    /// Its outcome is known: takes those who wait for it.
    pub(super) fn finish(&mut self, id: BatchId) -> SmallVec<[Waiter; 1]> {
        let batch = &mut self[id];
        assert!(!batch.is_done, "a batch has one outcome");
        batch.is_done = true;
        self.incomplete -= 1;
        std::mem::take(&mut self[id].waiters)
    }

    /// Forgets a batch if it is done and in no request.
    pub(super) fn release(&mut self, id: BatchId) {
        if self[id].is_done && !self[id].in_request {
            self.slots[id.0 as usize] = None;
            self.free.push(id);
        }
    }

    /// A batch, unless it is gone.
    pub(super) fn get(&self, id: BatchId) -> Option<&ProducerBatch> {
        self.slots[id.0 as usize].as_ref()
    }

    /// How many batches have no outcome yet.
    pub(super) const fn incomplete(&self) -> usize {
        self.incomplete
    }

    /// The batches that have no outcome yet.
    pub(super) fn ids(&self) -> Vec<BatchId> {
        let is_incomplete =
            |slot: &Option<ProducerBatch>| slot.as_ref().is_some_and(|b| !b.is_done);
        let ids = self.slots.iter().enumerate().filter(|(_, slot)| is_incomplete(slot));
        ids.map(|(index, _)| BatchId(index as u32)).collect()
    }
}

impl std::ops::Index<BatchId> for Batches {
    type Output = ProducerBatch;
    fn index(&self, id: BatchId) -> &ProducerBatch {
        self.slots[id.0 as usize].as_ref().expect("nobody refers to a batch that is gone")
    }
}

impl std::ops::IndexMut<BatchId> for Batches {
    fn index_mut(&mut self, id: BatchId) -> &mut ProducerBatch {
        self.slots[id.0 as usize].as_mut().expect("nobody refers to a batch that is gone")
    }
}

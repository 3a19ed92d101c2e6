//! Who an idempotent producer is, and what it does when a broker disagrees about sequences.
//!
//! In Kafka: `TransactionManager`, its idempotent half (KIP-98, KIP-360). Left out: transactions.

use std::collections::{BTreeMap, BTreeSet};

use super::accumulator::QueueId;
use super::batch::{BatchId, Batches, Sequence};
use super::sequences::Sequences;
use crate::ids::{Offset, ProducerEpoch, ProducerId};
use crate::protocol::ErrorCode;

/// Where an idempotent producer is on its way to an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It has no identity and has not asked for one.
    Uninitialized,
    /// It has asked for one.
    Initializing,
    /// It has one.
    Ready,
    /// It will never send again.
    Fatal(ErrorCode),
}

/// What the broker answered about a batch, as far as sequences are concerned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refusal {
    pub(super) error: ErrorCode,
    pub(super) log_start_offset: Option<Offset>,
}

/// The state of an idempotent producer.
#[derive(Clone, Debug)]
pub(super) struct Idempotence {
    pub(super) state: State,
    identity: Option<(ProducerId, ProducerEpoch)>,
    partitions: Vec<Sequences>,
    /// Partitions of which a sent batch was given up: whether the broker has it is unknown. With
    /// the sequence number after it.
    unresolved: BTreeMap<QueueId, i32>,
    /// Partitions whose sequences start over with the next epoch.
    to_rewrite: BTreeSet<QueueId>,
    bump_wanted: bool,
}

impl Idempotence {
    /// Nobody yet.
    pub(super) fn new() -> Self {
        Self {
            state: State::Uninitialized,
            identity: None,
            partitions: Vec::new(),
            unresolved: BTreeMap::new(),
            to_rewrite: BTreeSet::new(),
            bump_wanted: false,
        }
    }

    /// Its id and epoch, once it has them.
    pub(super) const fn identity(&self) -> Option<(ProducerId, ProducerEpoch)> {
        self.identity
    }

    /// It was given an identity.
    pub(super) fn initialized(&mut self, id: ProducerId, epoch: ProducerEpoch) {
        self.identity = Some((id, epoch));
        self.state = State::Ready;
    }

    fn partition(&mut self, queue: QueueId) -> &mut Sequences {
        let index = queue.index();
        if self.partitions.len() <= index {
            self.partitions.resize_with(index + 1, Sequences::default);
        }
        &mut self.partitions[index]
    }

    // ---- sending ----

    /// True if the next batch of `queue` must not be sent now.
    pub(super) fn holds_back(&mut self, queue: QueueId, first: BatchId, batches: &Batches) -> bool {
        let Some(identity) = self.identity else { return true };
        let unresolved = self.unresolved.contains_key(&queue);
        let sequences = self.partition(queue);
        let Some(sequence) = batches[first].sequence else {
            // With an older epoch still in flight, sequences of the new one cannot begin; and while
            // nobody knows whether the broker has an expired batch, there is no next sequence.
            return (sequences.has_in_flight() && sequences.identity != Some(identity))
                || unresolved;
        };
        // A batch that is tried again waits for those with smaller sequences.
        sequences.first_in_flight(batches).is_some_and(|in_flight| in_flight.base != sequence.base)
    }

    /// Gives a batch that is about to be sent for the first time its sequence.
    pub(super) fn assign(&mut self, queue: QueueId, id: BatchId, batches: &mut Batches) {
        let identity = self.identity;
        let (producer, epoch) = identity.expect("nothing is sent without an identity");
        let sequences = self.partition(queue);
        if sequences.identity != identity && !sequences.has_in_flight() {
            sequences.start_over(identity, batches);
        }
        let base = sequences.take(batches[id].count);
        batches[id].sequence = Some(Sequence { id: producer, epoch, base });
        sequences.add(id, batches);
    }

    /// A part of a batch that was split takes its place.
    pub(super) fn add_part(&mut self, queue: QueueId, id: BatchId, batches: &Batches) {
        self.partition(queue).add(id, batches);
    }

    /// A batch is not in flight any more.
    pub(super) fn remove(&mut self, queue: QueueId, id: BatchId) {
        self.partition(queue).remove(id);
    }

    // ---- outcomes ----

    /// A batch was acknowledged.
    pub(super) fn on_completed(&mut self, id: BatchId, base: Option<Offset>, batches: &Batches) {
        let batch = &batches[id];
        let sequences = self.partition(batch.queue);
        sequences.acked(batch.last_sequence());
        if let Some(base) = base {
            let last = base.plus(batch.count as u64 - 1);
            sequences.last_acked_offset = sequences.last_acked_offset.max(Some(last));
        }
        sequences.remove(id);
    }

    /// A batch failed for good. `adjust` when the broker certainly did not take its sequence.
    pub(super) fn on_failed(
        &mut self,
        id: BatchId,
        error: ErrorCode,
        adjust: bool,
        batches: &Batches,
    ) {
        let queue = batches[id].queue;
        if matches!(
            error,
            ErrorCode::ClusterAuthorizationFailed
                | ErrorCode::TransactionalIdAuthorizationFailed
                | ErrorCode::ProducerFenced
                | ErrorCode::UnsupportedVersion
                | ErrorCode::InvalidProducerIdMapping
        ) {
            self.state = State::Fatal(error);
        }
        self.remove(queue, id);
        if matches!(self.state, State::Fatal(_)) {
            return;
        }
        let lost_track =
            matches!(error, ErrorCode::OutOfOrderSequenceNumber | ErrorCode::UnknownProducerId);
        if lost_track || adjust {
            self.want_bump(queue);
        }
    }

    /// A batch that may have reached the broker was given up.
    pub(super) fn mark_unresolved(&mut self, id: BatchId, batches: &Batches) {
        let batch = &batches[id];
        let next = batch.last_sequence() + 1;
        let known = self.unresolved.entry(batch.queue).or_insert(next);
        *known = next.max(*known);
    }

    /// Once nothing of such a partition is in flight, it shows whether the broker has it all: if
    /// not, sequences start over in the next epoch.
    pub(super) fn resolve(&mut self) {
        if self.unresolved.is_empty() {
            return;
        }
        for queue in self.unresolved.keys().copied().collect::<Vec<_>>() {
            let sequences = self.partition(queue);
            if sequences.has_in_flight() {
                continue;
            }
            let next = sequences.next;
            if !self.is_next(queue, next) {
                self.want_bump(queue);
            }
            self.unresolved.remove(&queue);
        }
    }

    fn is_next(&self, queue: QueueId, sequence: i32) -> bool {
        let sequences = self.partitions.get(queue.index());
        let last = sequences.and_then(|sequences| sequences.last_acked).unwrap_or(-1);
        sequence - last == 1
    }

    fn want_bump(&mut self, queue: QueueId) {
        self.bump_wanted = true;
        self.to_rewrite.insert(queue);
    }

    /// Raises the epoch if that was asked for: true if so. Past the largest epoch it needs a new id.
    pub(super) fn bump_if_wanted(&mut self, batches: &mut Batches) -> bool {
        if !std::mem::take(&mut self.bump_wanted) {
            return false;
        }
        match self.identity {
            Some((id, epoch)) if epoch.0 < i16::MAX => {
                self.identity = Some((id, ProducerEpoch(epoch.0 + 1)));
            }
            _ => {
                self.identity = None;
                self.state = State::Uninitialized;
            }
        }
        let identity = self.identity;
        for queue in std::mem::take(&mut self.to_rewrite) {
            self.partition(queue).start_over(identity, batches);
            self.unresolved.remove(&queue);
        }
        true
    }

    /// True if a batch that was refused is sent again.
    pub(super) fn may_retry(&mut self, id: BatchId, refusal: Refusal, batches: &Batches) -> bool {
        let batch = &batches[id];
        let queue = batch.queue;
        match refusal.error {
            ErrorCode::UnknownProducerId => {
                // The broker lost its state of this producer, with the head of the log or without.
                let is_first = refusal.log_start_offset.is_some() && !batch.sequence_was_reset;
                if is_first {
                    self.want_bump(queue);
                }
                true
            }
            ErrorCode::OutOfOrderSequenceNumber => {
                let base = batch.sequence.map_or(-1, |sequence| sequence.base);
                let unresolved = self.unresolved.get(&queue).copied();
                let is_later = batch.sequence_was_reset || !self.is_next(queue, base);
                let gap = match unresolved {
                    // One that failed before it brings this about: it waits its turn.
                    None => !is_later,
                    Some(next) => base == next,
                };
                if gap {
                    self.want_bump(queue);
                }
                true
            }
            error => error.is_retriable(),
        }
    }
}

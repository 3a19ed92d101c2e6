//! The sequence numbers of an idempotent producer in one partition.
//!
//! In Kafka: `TxnPartitionEntry`.

use smallvec::SmallVec;

use super::batch::{BatchId, Batches, Sequence};
use crate::ids::{Offset, ProducerEpoch, ProducerId};
use crate::protocol::increment_sequence;

/// What an idempotent producer knows of one partition.
#[derive(Clone, Debug, Default)]
pub(super) struct Sequences {
    /// The identity that batches for this partition carry.
    pub(super) identity: Option<(ProducerId, ProducerEpoch)>,
    /// The sequence number of the next record.
    pub(super) next: i32,
    /// That of the last record that was acknowledged.
    pub(super) last_acked: Option<i32>,
    /// The offset of the last record that was acknowledged.
    pub(super) last_acked_offset: Option<Offset>,
    /// Batches that were sent and have no outcome, by sequence.
    in_flight: SmallVec<[BatchId; 5]>,
}

impl Sequences {
    /// True while batches were sent that have no outcome.
    pub(super) fn has_in_flight(&self) -> bool {
        !self.in_flight.is_empty()
    }

    /// The sequence of the batch that must arrive before all others.
    pub(super) fn first_in_flight(&self, batches: &Batches) -> Option<Sequence> {
        self.in_flight.first().and_then(|first| batches[*first].sequence)
    }

    /// The sequence number of a batch of `count` records.
    pub(super) fn take(&mut self, count: i32) -> i32 {
        let first = self.next;
        self.next = increment_sequence(first, count);
        first
    }

    /// A batch is about to be sent.
    pub(super) fn add(&mut self, id: BatchId, batches: &Batches) {
        let sequence = batches[id].sequence;
        assert!(sequence.is_some(), "what is in flight has a sequence");
        let place = self.in_flight.partition_point(|other| batches[*other].sequence < sequence);
        self.in_flight.insert(place, id);
    }

    /// A batch has an outcome.
    pub(super) fn remove(&mut self, id: BatchId) {
        self.in_flight.retain(|other| *other != id);
    }

    /// A batch up to `last` was acknowledged.
    pub(super) fn acked(&mut self, last: i32) {
        self.last_acked = self.last_acked.max(Some(last));
    }

    /// Sequences start again at 0 under a new identity, those of batches in flight included.
    pub(super) fn start_over(
        &mut self,
        identity: Option<(ProducerId, ProducerEpoch)>,
        batches: &mut Batches,
    ) {
        self.next = 0;
        if let Some((id, epoch)) = identity {
            for batch in &self.in_flight {
                let batch = &mut batches[*batch];
                batch.reset_sequence(Sequence { id, epoch, base: self.next });
                self.next += batch.count;
            }
        }
        self.identity = identity;
        self.last_acked = None;
    }
}

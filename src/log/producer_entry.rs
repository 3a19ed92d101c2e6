//! What a partition knows of one idempotent producer.
//!
//! In Kafka: `ProducerStateEntry`, `BatchMetadata`, `ProducerAppendInfo`; KIP-98, KIP-360. The last
//! five batches are remembered, so that a batch that comes twice is recognised. Left out: the
//! verification of transactions with their coordinator (KIP-890).

use smallvec::SmallVec;

use super::error::{AppendError, KnownSequence};
use super::origin::AppendOrigin;
use crate::ids::{Offset, ProducerEpoch, ProducerId, Timestamp};
use crate::protocol::{Batch, decrement_sequence, parse_end_txn};

/// How many batches of a producer are remembered.
const BATCHES_KEPT: usize = 5;
/// The epoch of a producer that nothing is known of.
const NO_EPOCH: ProducerEpoch = ProducerEpoch(-1);

/// A batch of a producer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchMetadata {
    /// The sequence number of its last record.
    pub last_sequence: i32,
    /// The offset of its last record.
    pub last_offset: Offset,
    /// Its last offset, counted from its first.
    pub offset_delta: i32,
    /// Its largest timestamp.
    pub timestamp: Timestamp,
}

impl BatchMetadata {
    fn of(batch: &Batch) -> Self {
        Self {
            last_sequence: batch.last_sequence().unwrap_or(-1),
            last_offset: batch.last_offset(),
            offset_delta: batch.last_offset_delta(),
            timestamp: batch.max_timestamp(),
        }
    }

    /// The sequence number of its first record.
    pub const fn first_sequence(&self) -> i32 {
        decrement_sequence(self.last_sequence, self.offset_delta)
    }

    /// The offset of its first record.
    pub const fn first_offset(&self) -> Offset {
        Offset(self.last_offset.0.wrapping_sub(self.offset_delta as u64))
    }
}

/// A producer, as a partition knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducerEntry {
    /// The newest epoch seen; -1 for none.
    pub epoch: ProducerEpoch,
    /// The epoch of the coordinator that ended its last transaction; -1 for none.
    pub coordinator_epoch: i32,
    /// When it was last heard of, by its records' timestamps.
    pub last_timestamp: Timestamp,
    /// Where its open transaction began, if it is in one.
    pub current_txn_first_offset: Option<Offset>,
    /// Its last batches of this epoch, oldest first.
    pub batches: SmallVec<[BatchMetadata; BATCHES_KEPT]>,
}

impl Default for ProducerEntry {
    fn default() -> Self {
        Self {
            epoch: NO_EPOCH,
            coordinator_epoch: -1,
            last_timestamp: Timestamp(-1),
            current_txn_first_offset: None,
            batches: SmallVec::new(),
        }
    }
}

impl ProducerEntry {
    /// The sequence number of its last record; -1 for none.
    pub fn last_sequence(&self) -> i32 {
        self.batches.last().map_or(-1, |batch| batch.last_sequence)
    }

    /// The batch that was appended before, if this one is it.
    pub fn find_duplicate(&self, batch: &Batch) -> Option<BatchMetadata> {
        if batch.producer_epoch() != self.epoch {
            return None;
        }
        let first = batch.base_sequence().unwrap_or(-1);
        let last = batch.last_sequence().unwrap_or(-1);
        let same =
            |known: &&BatchMetadata| known.first_sequence() == first && known.last_sequence == last;
        self.batches.iter().find(same).copied()
    }

    fn set_epoch(&mut self, epoch: ProducerEpoch) {
        if self.epoch != epoch {
            self.batches.clear();
            self.epoch = epoch;
        }
    }

    fn push(&mut self, batch: BatchMetadata) {
        if self.batches.len() < BATCHES_KEPT {
            self.batches.push(batch);
        } else {
            self.batches.copy_within(1.., 0);
            self.batches[BATCHES_KEPT - 1] = batch;
        }
    }

    /// True if `batch` is data outside of any transaction, in the same epoch, and follows on what was
    /// there: then nothing else is to be checked.
    pub(super) fn is_followed_by(&self, batch: &Batch, origin: AppendOrigin) -> bool {
        batch.is_plain_data()
            && self.current_txn_first_offset.is_none()
            && batch.producer_epoch() == self.epoch
            && (origin != AppendOrigin::Client
                || batch.base_sequence().map(i64::from)
                    == Some(i64::from(self.last_sequence()) + 1))
    }

    /// Takes note of a batch that follows on what was there.
    pub(super) fn follow(&mut self, batch: &Batch) {
        let batch = BatchMetadata::of(batch);
        self.last_timestamp = batch.timestamp;
        self.push(batch);
    }

    /// Takes over what an append made of it.
    pub(super) fn update(&mut self, append: ProducerAppend) {
        self.set_epoch(append.epoch);
        for batch in append.batches {
            self.push(batch);
        }
        self.coordinator_epoch = append.coordinator_epoch;
        self.current_txn_first_offset = append.current_txn_first_offset;
        self.last_timestamp = append.last_timestamp;
    }
}

/// A transaction that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompletedTxn {
    /// Whose it was.
    pub producer_id: ProducerId,
    /// Its first record.
    pub first_offset: Offset,
    /// Its marker.
    pub last_offset: Offset,
    /// True when it was aborted.
    pub is_aborted: bool,
}

/// What becomes of a producer by the batches of one append. Nothing changes until all are valid.
#[derive(Clone, Debug)]
pub(super) struct ProducerAppend {
    pub(super) producer_id: ProducerId,
    /// Where it is kept, if it is known.
    pub(super) place: Option<u32>,
    origin: AppendOrigin,
    /// The epoch and last sequence number before.
    known_epoch: ProducerEpoch,
    known_last_sequence: i32,
    /// What a [`ProducerEntry`] says, after the batches so far.
    epoch: ProducerEpoch,
    coordinator_epoch: i32,
    last_timestamp: Timestamp,
    current_txn_first_offset: Option<Offset>,
    /// The new batches of this epoch.
    batches: SmallVec<[BatchMetadata; 1]>,
    /// Where transactions began in these batches.
    pub(super) started: SmallVec<[Offset; 1]>,
}

impl ProducerAppend {
    pub(super) fn new(
        producer_id: ProducerId,
        place: Option<u32>,
        known: Option<&ProducerEntry>,
        origin: AppendOrigin,
    ) -> Self {
        Self {
            producer_id,
            place,
            origin,
            known_epoch: known.map_or(NO_EPOCH, |known| known.epoch),
            known_last_sequence: known.map_or(-1, ProducerEntry::last_sequence),
            epoch: known.map_or(NO_EPOCH, |known| known.epoch),
            coordinator_epoch: known.map_or(-1, |known| known.coordinator_epoch),
            last_timestamp: known.map_or(Timestamp(-1), |known| known.last_timestamp),
            current_txn_first_offset: known.and_then(|known| known.current_txn_first_offset),
            batches: SmallVec::new(),
            started: SmallVec::new(),
        }
    }

    fn set_epoch(&mut self, epoch: ProducerEpoch) {
        if self.epoch != epoch {
            self.batches.clear();
            self.epoch = epoch;
        }
    }

    /// Checks one more batch, and takes it in.
    pub(super) fn append(&mut self, batch: &Batch) -> Result<Option<CompletedTxn>, AppendError> {
        if batch.is_control() {
            self.append_marker(batch)
        } else {
            self.append_data(batch).map(|()| None)
        }
    }

    fn append_data(&mut self, batch: &Batch) -> Result<(), AppendError> {
        let (epoch, offset) = (batch.producer_epoch(), batch.base_offset());
        self.check_epoch(epoch, offset)?;
        if self.origin == AppendOrigin::Client {
            self.check_sequence(epoch, batch.base_sequence().unwrap_or(-1), offset)?;
        }
        self.set_epoch(epoch);
        self.batches.push(BatchMetadata::of(batch));
        self.last_timestamp = batch.max_timestamp();
        match (self.current_txn_first_offset, batch.is_transactional()) {
            (Some(_), false) => {
                let producer_id = self.producer_id;
                return Err(AppendError::NotTransactional { producer_id, offset });
            }
            (None, true) => {
                self.current_txn_first_offset = Some(offset);
                self.started.push(offset);
            }
            (Some(_), true) | (None, false) => {}
        }
        Ok(())
    }

    fn append_marker(&mut self, batch: &Batch) -> Result<Option<CompletedTxn>, AppendError> {
        let Some((end, timestamp)) = parse_end_txn(batch) else { return Ok(None) };
        let (epoch, offset) = (batch.producer_epoch(), batch.base_offset());
        self.check_epoch(epoch, offset)?;
        let current = self.coordinator_epoch;
        // A follower takes what its leader has taken.
        if current > end.coordinator_epoch && self.origin != AppendOrigin::Replication {
            let (producer_id, epoch) = (self.producer_id, end.coordinator_epoch);
            return Err(AppendError::CoordinatorFenced { producer_id, offset, epoch, current });
        }
        let completed = self.current_txn_first_offset.map(|first_offset| CompletedTxn {
            producer_id: self.producer_id,
            first_offset,
            last_offset: offset,
            is_aborted: !end.commit,
        });
        self.set_epoch(epoch);
        self.coordinator_epoch = end.coordinator_epoch;
        self.current_txn_first_offset = None;
        self.last_timestamp = timestamp;
        Ok(completed)
    }

    fn check_epoch(&self, epoch: ProducerEpoch, offset: Offset) -> Result<(), AppendError> {
        let last_seen = self.epoch;
        if epoch >= last_seen || self.origin == AppendOrigin::Replication {
            return Ok(());
        }
        let producer_id = self.producer_id;
        Err(AppendError::InvalidProducerEpoch { producer_id, offset, epoch, last_seen })
    }

    fn check_sequence(
        &self,
        epoch: ProducerEpoch,
        sequence: i32,
        offset: Offset,
    ) -> Result<(), AppendError> {
        let producer_id = self.producer_id;
        let wrong =
            |known| Err(AppendError::OutOfOrderSequence { producer_id, offset, sequence, known });
        let current = self.epoch;
        if epoch != current {
            return if sequence == 0 || current == NO_EPOCH {
                Ok(())
            } else {
                wrong(KnownSequence::NewEpoch { epoch, current })
            };
        }
        let last = match self.batches.last() {
            Some(batch) => batch.last_sequence,
            None if epoch == self.known_epoch => self.known_last_sequence,
            None => -1,
        };
        let follows =
            i64::from(sequence) == i64::from(last) + 1 || (sequence == 0 && last == i32::MAX);
        if self.known_epoch == NO_EPOCH || follows {
            Ok(())
        } else {
            wrong(KnownSequence::Last(last))
        }
    }
}

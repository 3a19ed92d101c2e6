//! What is appended but not committed, and the answers that wait for it.
//!
//! In Kafka: `OffsetControlManager`, `DeferredEventQueue`.

use std::collections::VecDeque;
use std::sync::Arc;

use super::outcome::Note;
use super::quorum_controller::AppendRecord;
use super::state::ControllerState;
use crate::ids::Offset;
use crate::node::ReplyTo;
use crate::protocol::{Request, ResponseBody};

/// A batch that was appended.
#[derive(Clone, Debug)]
pub(super) struct PendingBatch {
    /// The offset of its first record.
    pub(super) base_offset: Offset,
    /// Its records.
    pub(super) records: Arc<[AppendRecord]>,
    /// Notes on them.
    pub(super) notes: Vec<(usize, Note)>,
    /// The state before it: what holds should it never be committed.
    pub(super) before: ControllerState,
}

impl PendingBatch {
    /// The offset after its last record.
    pub(super) fn next_offset(&self) -> Offset {
        self.base_offset.plus(self.records.len() as u64)
    }
}

/// An answer that waits.
#[derive(Clone, Debug)]
pub(super) struct Deferred {
    /// All before this offset must be committed.
    pub(super) until: Offset,
    /// Where it goes.
    pub(super) to: ReplyTo,
    /// What it answers.
    pub(super) request: Arc<Request>,
    /// What it says.
    pub(super) response: ResponseBody,
}

/// Batches and answers in order of their offsets.
#[derive(Clone, Debug, Default)]
pub(super) struct Purgatory {
    batches: VecDeque<PendingBatch>,
    deferred: VecDeque<Deferred>,
}

impl Purgatory {
    /// Adds a batch that was just appended.
    pub(super) fn push_batch(&mut self, batch: PendingBatch) {
        let last = self.end();
        assert!(last.is_none_or(|last| last <= batch.base_offset), "batches come in order");
        self.batches.push_back(batch);
    }

    /// Adds an answer that waits for all that is appended so far. Gives it back when nothing is
    /// pending: it may leave.
    pub(super) fn defer(
        &mut self,
        to: ReplyTo,
        request: Arc<Request>,
        response: ResponseBody,
    ) -> Option<ResponseBody> {
        match self.end() {
            Some(until) => {
                self.deferred.push_back(Deferred { until, to, request, response });
                None
            }
            None => Some(response),
        }
    }

    /// The offset after all that is pending; none when nothing is.
    fn end(&self) -> Option<Offset> {
        self.batches.back().map(PendingBatch::next_offset)
    }

    /// Takes out the next batch that lies below `offset` as a whole.
    pub(super) fn pop_batch(&mut self, offset: Offset) -> Option<PendingBatch> {
        self.batches.pop_front_if(|batch| batch.next_offset() <= offset)
    }

    /// Takes out the next answer that waits for nothing beyond `offset`.
    pub(super) fn pop_deferred(&mut self, offset: Offset) -> Option<Deferred> {
        self.deferred.pop_front_if(|deferred| deferred.until <= offset)
    }

    /// The state of what is committed; none when nothing is pending.
    pub(super) fn committed_state(&self) -> Option<&ControllerState> {
        self.batches.front().map(|batch| &batch.before)
    }

    /// Forgets everything; gives back the answers that waited.
    pub(super) fn clear(&mut self) -> VecDeque<Deferred> {
        self.batches.clear();
        std::mem::take(&mut self.deferred)
    }
}

//! How a shard writes: records are gathered into a batch, the batch is appended to the log, and who
//! waits for them is answered when the high watermark has passed them.
//!
//! In Kafka: `CoordinatorRuntime`, `DeferredEventQueue`. An operation that writes nothing waits as
//! well if anything is still on its way, so that nobody reads what may yet be lost.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

use super::classic::{Replacement, StoredAssignment};
use super::gather::Part;
use crate::ids::{Offset, ProducerEpoch, ProducerId, Timestamp};
use crate::node::ReplyTo;
use crate::protocol::coordinator_record::GroupRecord;
use crate::protocol::{Request, ResponseBody};
use crate::sim::Instant;

/// Records to be appended to a partition of `__consumer_offsets`, as one batch.
///
/// Kafka writes such a batch with base sequence 0, though it has no producer id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The partition.
    pub partition: i32,
    /// The leader epoch that the coordinator was loaded in.
    pub epoch: i32,
    /// The records in order.
    pub records: Vec<WriteRecord>,
    /// The producer of a transaction's offsets; none otherwise.
    pub producer: Option<(ProducerId, ProducerEpoch)>,
}

/// One record of a [`Write`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteRecord {
    /// When it was made.
    pub timestamp: Timestamp,
    /// Its key.
    pub key: Bytes,
    /// Its value; none for a tombstone.
    pub value: Option<Bytes>,
}

/// What to do when something is safe in the log, or failed.
#[derive(Clone, Debug, Default)]
pub(super) enum Completion {
    /// Nothing: nobody waits.
    #[default]
    Nothing,
    /// The answer goes out, or an error in its place.
    Reply { to: ReplyTo, request: Arc<Request>, response: Box<ResponseBody> },
    /// A `JoinGroup` or `SyncGroup` was taken in; it is answered by its group. If this fails, it is
    /// answered at once.
    Parked { group: u32, to: ReplyTo, request: Arc<Request> },
    /// A leader's assignment is handed out.
    Assignment { group: u32, stored: Arc<StoredAssignment> },
    /// A static member has its new id.
    StaticMember { group: u32, replacement: Arc<Replacement> },
    /// A part of an answer to which several shards contribute.
    Part { gather: u64, part: Part },
}

/// Somebody who waits.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) completion: Completion,
    /// When it fails because that took too long.
    pub(super) deadline: Instant,
}

impl Event {
    /// What to do now; nothing more after that.
    fn take(&mut self) -> Completion {
        std::mem::take(&mut self.completion)
    }

    const fn is_done(&self) -> bool {
        matches!(self.completion, Completion::Nothing)
    }
}

/// Records that are being gathered.
#[derive(Clone, Debug, Default)]
pub(super) struct Batch {
    records: Vec<WriteRecord>,
    size: usize,
    pub(super) events: Vec<Event>,
}

/// Length of a batch header in bytes.
const HEADER_LEN: usize = 61;

impl Batch {
    /// True where `records` fit in as well. Kafka counts a second header for them.
    pub(super) fn has_room_for(&self, records: &[WriteRecord], max_bytes: usize) -> bool {
        let more: usize = records.iter().map(|record| record.size(0, 0)).sum();
        self.records.is_empty() || HEADER_LEN + self.size + HEADER_LEN + more <= max_bytes
    }

    /// True where `records` fit into no batch at all.
    pub(super) fn is_too_large(records: &[WriteRecord], max_bytes: usize) -> bool {
        let size: usize = records.iter().map(|record| record.size(0, 0)).sum();
        HEADER_LEN + size > max_bytes.saturating_sub(HEADER_LEN)
    }

    pub(super) fn push(&mut self, record: WriteRecord) {
        let first = self.records.first().map_or(record.timestamp.0, |first| first.timestamp.0);
        self.size += record.size(self.records.len() as i64, record.timestamp.0 - first);
        self.records.push(record);
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    pub(super) fn into_parts(self) -> (Vec<WriteRecord>, Vec<Event>) {
        (self.records, self.events)
    }
}

impl WriteRecord {
    /// A record as it is written now.
    pub(super) fn new(record: &GroupRecord, timestamp: Timestamp) -> Self {
        let (key, value) = record.encode();
        Self { timestamp, key, value }
    }

    /// Its length in a batch.
    fn size(&self, offset_delta: i64, timestamp_delta: i64) -> usize {
        let key = self.key.len();
        let value = self.value.as_ref().map_or(0, Bytes::len);
        let value_length = self.value.as_ref().map_or(-1, |value| value.len() as i64);
        let body = 1
            + varint_size(timestamp_delta)
            + varint_size(offset_delta)
            + varint_size(key as i64)
            + key
            + varint_size(value_length)
            + value
            + 1;
        varint_size(body as i64) + body
    }
}

/// How many bytes a signed varint takes.
const fn varint_size(number: i64) -> usize {
    let zigzag = ((number << 1) ^ (number >> 63)) as u64;
    (64 - (zigzag | 1).leading_zeros() as usize).div_ceil(7)
}

/// Those who wait for the high watermark, in the order of the offsets they wait for.
#[derive(Clone, Debug, Default)]
pub(super) struct Deferred {
    events: VecDeque<(Offset, Event)>,
}

impl Deferred {
    pub(super) fn push(&mut self, offset: Offset, event: Event) {
        self.events.push_back((offset, event));
    }

    /// Those whose offset has been reached.
    pub(super) fn up_to(&mut self, high_watermark: Offset) -> Vec<Event> {
        let reached = self.events.partition_point(|(offset, _)| *offset <= high_watermark);
        self.events.drain(..reached).map(|(_, event)| event).collect()
    }

    /// All of them.
    pub(super) fn drain(&mut self) -> Vec<Event> {
        self.events.drain(..).map(|(_, event)| event).collect()
    }

    /// What fails because its time is over; it keeps its place, with nothing to do any more.
    pub(super) fn overdue(&mut self, now: Instant) -> Vec<Completion> {
        // Later ones have later deadlines, for all wait equally long.
        let overdue = self.events.iter_mut().take_while(|(_, event)| event.deadline <= now);
        overdue.map(|(_, event)| event.take()).collect()
    }

    /// When the first one fails.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let next = self.events.iter().find(|(_, event)| !event.is_done());
        next.map(|(_, event)| event.deadline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_take_as_many_bytes_as_they_need() {
        let sizes = [0, -1, 63, 64, -64, -65, 8191, 8192, i64::MAX, i64::MIN].map(varint_size);
        assert_eq!(sizes, [1, 1, 1, 2, 1, 2, 2, 3, 10, 10]);
    }
}

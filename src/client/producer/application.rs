//! The application around a producer: what it wants to send, and when.

use std::collections::VecDeque;
use std::io::Write;

use super::accumulator::{Choice, TopicSlot};
use super::spec::{ApplicationSpec, ProducerRecord, SendMode};
use crate::ids::Timestamp;
use crate::sim::Instant;

/// Nanoseconds in 1,000 seconds: rates are per so many.
const KILOSECOND: u128 = 1_000_000_000_000;

/// What the application was told to do.
#[derive(Clone, Debug)]
pub(super) enum Order {
    /// Send this.
    Send(ProducerRecord),
    /// Wait until everything sent so far has an outcome.
    Flush,
}

/// A call of `send` that has not returned.
#[derive(Clone, Debug)]
pub(super) struct BlockedSend {
    pub(super) slot: TopicSlot,
    pub(super) record: ProducerRecord,
    pub(super) number: u64,
    pub(super) called: Instant,
    pub(super) waits_for: WaitsFor,
}

/// What a call of `send` waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WaitsFor {
    /// Metadata newer than this version.
    Metadata(u64),
    /// Memory for another batch; the record has its place and time already.
    Memory(Choice, Timestamp),
}

/// What the application's thread does.
#[derive(Clone, Debug)]
pub(super) enum Doing {
    /// It sends its next record when it is time.
    Free,
    /// It is inside `send`.
    Sending(Box<BlockedSend>),
    /// It waits for the outcome of the record with that number.
    Awaiting(u64),
    /// It is inside `flush`.
    Flushing,
    /// It has closed the producer.
    Closing,
}

/// The application around a producer.
#[derive(Clone, Debug)]
pub(super) struct Application {
    pub(super) spec: ApplicationSpec,
    pub(super) doing: Doing,
    pub(super) orders: VecDeque<Order>,
    /// The slot of its own topic.
    pub(super) slot: TopicSlot,
    /// The next value, written anew for each record.
    pub(super) value: Vec<u8>,
    prefix_len: usize,
    next_number: u64,
    /// How many records it sent by itself.
    sent: u64,
    per_kilosecond: u64,
    /// Its records are due at even distances from here.
    anchor: Instant,
    ticks: u64,
}

impl Application {
    /// The application called `name`, which starts at `now`.
    pub(super) fn new(spec: ApplicationSpec, name: &str, slot: TopicSlot, now: Instant) -> Self {
        let mut value = Vec::with_capacity(spec.value_size.max(name.len() + 12));
        value.extend_from_slice(name.as_bytes());
        value.push(b'-');
        Self {
            doing: Doing::Free,
            orders: VecDeque::new(),
            slot,
            prefix_len: value.len(),
            value,
            next_number: 0,
            sent: 0,
            per_kilosecond: spec.per_kilosecond,
            anchor: now + spec.start,
            ticks: 0,
            spec,
        }
    }

    /// When its next record of its own is due, if it will send one.
    pub(super) fn due(&self) -> Option<Instant> {
        if self.per_kilosecond == 0 || self.spec.count.is_some_and(|count| self.sent >= count) {
            return None;
        }
        Some(self.due_at_tick(self.ticks))
    }

    fn due_at_tick(&self, tick: u64) -> Instant {
        let nanos = u128::from(tick) * KILOSECOND / u128::from(self.per_kilosecond);
        Instant::from_nanos(self.anchor.as_nanos().saturating_add(nanos as u64))
    }

    /// Sends so many records per 1,000 seconds from now on.
    pub(super) fn set_rate(&mut self, per_kilosecond: u64, now: Instant) {
        let last =
            (self.ticks > 0 && self.per_kilosecond > 0).then(|| self.due_at_tick(self.ticks - 1));
        self.per_kilosecond = per_kilosecond;
        // The last record is the first tick of the new cadence, if that is still to come.
        (self.anchor, self.ticks) = match last {
            Some(last) if per_kilosecond > 0 => (last, 1),
            _ => (now, 0),
        };
        if per_kilosecond > 0 && self.due_at_tick(self.ticks) < now {
            (self.anchor, self.ticks) = (now, 0);
        }
    }

    /// The number of the next record.
    pub(super) const fn take_number(&mut self) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        number
    }

    /// The next record of its own is being sent: writes its value, and gives its number. An
    /// application that is late goes on from now, it does not catch up.
    pub(super) fn tick(&mut self, now: Instant) -> u64 {
        self.sent += 1;
        self.ticks += 1;
        if self.due_at_tick(self.ticks) <= now {
            (self.anchor, self.ticks) = (now, 1);
        }
        let number = self.take_number();
        self.value.truncate(self.prefix_len);
        write!(self.value, "{number}").expect("a vector takes what is written");
        if self.value.len() < self.spec.value_size {
            self.value.resize(self.spec.value_size, b'.');
        }
        number
    }

    /// `send` returned for the record with that number, which has an outcome already or not.
    pub(super) fn sent(&mut self, number: u64, has_outcome: bool) {
        self.doing = match self.doing {
            Doing::Closing => Doing::Closing,
            _ if self.spec.mode == SendMode::Sync && !has_outcome => Doing::Awaiting(number),
            _ => Doing::Free,
        };
    }

    /// The record with that number has its outcome.
    pub(super) fn on_outcome(&mut self, number: u64) {
        if matches!(self.doing, Doing::Awaiting(awaited) if awaited == number) {
            self.doing = Doing::Free;
        }
    }
}

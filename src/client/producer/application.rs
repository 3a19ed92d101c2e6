//! The application around a producer: what it wants to send, and when.

use std::collections::VecDeque;

use super::accumulator::{Choice, TopicSlot};
use super::chunk::Chunk;
use super::spec::{ApplicationSpec, ProducerRecord, SendMode};
use crate::ids::Timestamp;
use crate::sim::{Duration, Instant};

/// Nanoseconds in 1,000 seconds: rates are per so many.
const KILOSECOND: u64 = 1_000_000_000_000;

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
    /// The slots of its own topics.
    slots: Vec<TopicSlot>,
    /// The next value, written anew for each record.
    pub(super) value: Vec<u8>,
    prefix_len: usize,
    next_number: u64,
    /// How many records it sent by itself.
    sent: u64,
    cadence: Cadence,
    /// What it gathers before it sends, if it does.
    pub(super) chunk: Option<Chunk>,
}

/// Instants at even distances, exact over any time.
#[derive(Clone, Copy, Debug)]
struct Cadence {
    per_kilosecond: u64,
    next: Instant,
    last: Option<Instant>,
    /// The distance in whole nanoseconds, and what is left of it in parts of `per_kilosecond`.
    distance: (Duration, u64),
    /// The sum of what was left.
    left: u64,
}

impl Cadence {
    fn new(per_kilosecond: u64, first: Instant) -> Self {
        let whole = KILOSECOND.checked_div(per_kilosecond).unwrap_or(0);
        let rest = KILOSECOND.checked_rem(per_kilosecond).unwrap_or(0);
        let distance = (Duration::from_nanos(whole), rest);
        Self { per_kilosecond, next: first, last: None, distance, left: 0 }
    }

    fn step(&mut self) {
        self.last = Some(self.next);
        let (whole, rest) = self.distance;
        self.next += whole;
        self.left += rest;
        if self.left >= self.per_kilosecond {
            self.left -= self.per_kilosecond;
            self.next += Duration::from_nanos(1);
        }
    }
}

impl Application {
    /// The application called `name`, which starts at `now`.
    pub(super) fn new(
        spec: ApplicationSpec,
        chunk: Option<Chunk>,
        name: &str,
        slots: Vec<TopicSlot>,
        now: Instant,
    ) -> Self {
        let mut value = Vec::with_capacity(spec.value_size.max(name.len() + 12));
        value.extend_from_slice(name.as_bytes());
        value.push(b'-');
        Self {
            doing: Doing::Free,
            chunk,
            orders: VecDeque::new(),
            slots,
            prefix_len: value.len(),
            value,
            next_number: 0,
            sent: 0,
            cadence: Cadence::new(spec.per_kilosecond, now + spec.start),
            spec,
        }
    }

    /// When its next record of its own is due, if it will send one.
    pub(super) fn due(&self) -> Option<Instant> {
        let is_done = self.spec.count.is_some_and(|count| self.sent >= count);
        (self.cadence.per_kilosecond > 0 && !is_done).then_some(self.cadence.next)
    }

    /// The slot of the topic that its last record of its own goes to.
    pub(super) fn slot(&self) -> TopicSlot {
        self.slots[(self.sent.saturating_sub(1) % self.slots.len() as u64) as usize]
    }

    /// Sends so many times per 1,000 seconds from now on.
    pub(super) fn set_rate(&mut self, per_kilosecond: u64, now: Instant) {
        let last = self.cadence.last.filter(|_| self.cadence.per_kilosecond > 0);
        self.cadence = Cadence::new(per_kilosecond, now);
        // The last record is the first tick of the new cadence, unless the next is late then.
        if let (Some(last), true) = (last, per_kilosecond > 0) {
            let mut from_last = Cadence::new(per_kilosecond, last);
            from_last.step();
            if from_last.next >= now {
                self.cadence = from_last;
            }
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
        if self.sent.is_multiple_of(u64::from(self.spec.burst)) {
            self.cadence.step();
            if self.cadence.next <= now {
                self.cadence = Cadence::new(self.cadence.per_kilosecond, now);
                self.cadence.step();
            }
        }
        let number = self.take_number();
        self.value.truncate(self.prefix_len);
        push_decimal(&mut self.value, number);
        if self.value.len() < self.spec.value_size {
            self.value.resize(self.spec.value_size, b'.');
        }
        number
    }

    /// `send` returned for the record with that number, which has an outcome already or not.
    pub(super) fn sent(&mut self, number: u64, has_outcome: bool) {
        if let (Some(chunk), true) = (&mut self.chunk, has_outcome) {
            chunk.on_outcome();
        }
        self.doing = match self.doing {
            Doing::Closing => Doing::Closing,
            // What was gathered before is handed on.
            Doing::Flushing => Doing::Flushing,
            _ if self.spec.mode == SendMode::Sync && !has_outcome => Doing::Awaiting(number),
            _ => Doing::Free,
        };
    }

    /// The record with that number has its outcome.
    pub(super) fn on_outcome(&mut self, number: u64) {
        if let Some(chunk) = &mut self.chunk {
            chunk.on_outcome();
        }
        if matches!(self.doing, Doing::Awaiting(awaited) if awaited == number) {
            self.doing = Doing::Free;
        }
    }
}

/// Appends `number` in decimal; formatting proper would be a tenth of what a record costs.
fn push_decimal(text: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    text.extend_from_slice(&digits[first..]);
}

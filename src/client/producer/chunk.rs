//! What a pusher of kq gathers before it hands records on.
//!
//! In go-zero: `executors.ChunkExecutor` around a `PeriodicalExecutor`; in go-queue: `Pusher.Push`, which returns
//! as soon as a record is in the chunk. One goroutine hands a chunk to kafka-go's `Writer`, and waits until all of
//! it has an outcome before it takes the next. A record counts as sent when it is handed on: what is gathered
//! when the process dies is gone, and nobody ever hears of it.

use std::collections::VecDeque;

use super::Producer;
use super::accumulator::TopicSlot;
use super::send::Outgoing;
use super::spec::ProducerRecord;
use crate::node::Outbox;
use crate::protocol::ErrorCode;
use crate::sim::{Duration, Instant};

/// After so many intervals without anything to do the goroutine ends; the next record starts another.
const IDLE_ROUND: u64 = 10;

/// How much is gathered, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkSpec {
    /// A chunk with so many bytes of values is handed on at once.
    pub max_bytes: u64,
    /// How often whatever there is is handed on.
    pub interval: Duration,
}

/// A record between `Push` and the writer.
#[derive(Clone, Debug)]
struct Gathered {
    slot: TopicSlot,
    record: ProducerRecord,
    number: u64,
    called: Instant,
}

/// The chunk that is being gathered, and the one before it.
#[derive(Clone, Debug)]
pub(super) struct Chunk {
    spec: ChunkSpec,
    gathered: Vec<Gathered>,
    bytes: u64,
    /// The ticks of the goroutine count from here; none while there is no goroutine.
    ticks_from: Option<Instant>,
    next_tick: Instant,
    /// The last chunk was handed on because it was full: the next tick does nothing.
    commanded: bool,
    /// When a chunk was last handed on, or the goroutine was started.
    last: Instant,
    /// Handed on, and not in a batch yet.
    writing: VecDeque<Gathered>,
    /// It is not known yet where that goes: metadata newer than this version is asked for.
    waits_for: Option<u64>,
    /// How many of what was handed on have no outcome.
    awaited: u64,
}

impl Chunk {
    /// Empty.
    pub(super) const fn new(spec: ChunkSpec) -> Self {
        Self {
            spec,
            gathered: Vec::new(),
            bytes: 0,
            ticks_from: None,
            next_tick: Instant::ZERO,
            commanded: false,
            last: Instant::ZERO,
            writing: VecDeque::new(),
            waits_for: None,
            awaited: 0,
        }
    }

    fn is_full(&self) -> bool {
        self.bytes >= self.spec.max_bytes
    }

    /// The writer is at it.
    const fn is_writing(&self) -> bool {
        self.awaited > 0
    }

    /// `Push` does not return: the chunk is full, and the writer is not done with the one before.
    pub(super) fn blocks(&self) -> bool {
        self.is_full() && self.is_writing()
    }

    /// A record has its outcome.
    pub(super) const fn on_outcome(&mut self) {
        self.awaited -= 1;
    }

    /// When the goroutine has something to hand on.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        (!self.gathered.is_empty() && !self.is_writing()).then_some(self.next_tick)
    }

    /// When the writer gives up to learn of a topic that it began to ask for then.
    pub(super) fn asks_since(&self) -> Option<Instant> {
        (!self.writing.is_empty()).then_some(self.last)
    }

    fn tick_after(&self, from: Instant, now: Instant) -> Instant {
        let interval = self.spec.interval;
        from + interval * (now.since(from).as_nanos() / interval.as_nanos() + 1)
    }

    fn add(&mut self, one: Gathered, now: Instant) {
        if self.gathered.is_empty() && !self.is_writing() {
            self.pass_idle_ticks(now);
        }
        self.bytes += one.record.value.as_ref().map_or(0, |value| value.len() as u64);
        self.gathered.push(one);
    }

    /// What the goroutine did while there was nothing to do.
    fn pass_idle_ticks(&mut self, now: Instant) {
        let begun = self.ticks_from.filter(|from| {
            let patience = self.last + self.spec.interval * IDLE_ROUND;
            // It ends at the first tick after so long.
            patience > now || self.tick_after(*from, patience) > now
        });
        let from = begun.unwrap_or(now);
        if begun.is_none() {
            self.ticks_from = Some(now);
            self.last = now;
        }
        self.commanded &= begun.is_some() && self.next_tick > now;
        self.next_tick = self.tick_after(from, now);
    }

    /// True if the goroutine hands the chunk on now.
    fn is_due(&mut self, now: Instant) -> bool {
        if self.gathered.is_empty() || self.is_writing() {
            return false;
        }
        if self.is_full() {
            self.commanded = true;
            return true;
        }
        if self.next_tick > now {
            return false;
        }
        let from = self.ticks_from.expect("there is a goroutine while something is gathered");
        self.next_tick = self.tick_after(from, now);
        !std::mem::take(&mut self.commanded)
    }

    fn hand_on(&mut self, now: Instant) {
        self.last = now;
        self.bytes = 0;
        self.awaited += self.gathered.len() as u64;
        self.writing.extend(self.gathered.drain(..));
    }
}

impl Producer {
    /// `Push`: into the chunk, or without one into the accumulator; true if the sender has something to do.
    pub(super) fn push(&mut self, outgoing: Outgoing<'_>, out: &mut Outbox) -> bool {
        let Some(chunk) = &mut self.application.chunk else {
            return self.send_record(outgoing, out);
        };
        let topic = self.accumulator.topics[outgoing.slot.index()].name.clone();
        let Outgoing { slot, number, called, .. } = outgoing;
        let record = outgoing.to_record(topic);
        chunk.add(Gathered { slot, record, number, called }, out.now);
        self.run_chunk(out)
    }

    /// The goroutine of the chunk goes on; true if the sender has something to do.
    pub(super) fn run_chunk(&mut self, out: &mut Outbox) -> bool {
        let mut wakes_sender = false;
        loop {
            wakes_sender |= self.write_chunk(out);
            let closes = self.accumulator.hurry.any();
            let Some(chunk) = &mut self.application.chunk else { return false };
            if !(closes && !chunk.gathered.is_empty() || chunk.is_due(out.now)) {
                return wakes_sender;
            }
            chunk.hand_on(out.now);
        }
    }

    /// Puts what was handed on into batches, once its topic is known.
    fn write_chunk(&mut self, out: &mut Outbox) -> bool {
        let mut wakes_sender = false;
        let closes = self.accumulator.hurry.closed;
        let version = self.network.metadata().update_version();
        while let Some(chunk) = &mut self.application.chunk
            && let Some(one) = chunk.writing.pop_front()
        {
            let waits = chunk.waits_for.take() == Some(version);
            let gives_up = closes || chunk.last + self.settings.max_block <= out.now;
            let outgoing = Outgoing::of(&one.record, one.slot, one.number, one.called);
            self.accumulator.refresh(self.network.metadata());
            if self.knows(&outgoing) {
                wakes_sender |= self.append(outgoing, out);
            } else if let Some(error) = self.network.metadata().refused(&one.record.topic) {
                self.refuse(outgoing, error, out);
            } else if gives_up {
                self.refuse(outgoing, ErrorCode::UnknownTopicOrPartition, out);
            } else {
                let slot = one.slot;
                let chunk = self.application.chunk.as_mut().expect("it is there");
                chunk.waits_for = Some(version);
                chunk.writing.push_front(one);
                if !waits {
                    self.ask_for(slot, out.now);
                }
                return !waits;
            }
        }
        wakes_sender
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Name;

    fn chunk() -> Chunk {
        Chunk::new(ChunkSpec { max_bytes: 10, interval: Duration::from_secs(1) })
    }

    fn at(millis: u64) -> Instant {
        Instant::ZERO + Duration::from_millis(millis)
    }

    fn record(slot: TopicSlot, value: &'static str, called: Instant) -> Gathered {
        let record = ProducerRecord {
            topic: Name::from("kq"),
            partition: None,
            timestamp: None,
            key: None,
            value: Some(bytes::Bytes::from_static(value.as_bytes())),
            headers: Vec::new(),
        };
        Gathered { slot, record, number: 0, called }
    }

    fn add(chunk: &mut Chunk, value: &'static str, millis: u64) {
        let slot = super::super::accumulator::TopicSlot::default();
        chunk.add(record(slot, value, at(millis)), at(millis));
    }

    #[test]
    fn the_first_record_starts_the_ticks_and_each_tick_hands_on_what_there_is() {
        let mut chunk = chunk();
        add(&mut chunk, "a", 300);
        assert_eq!(chunk.wake_at(), Some(at(1_300)));
        assert!(!chunk.is_due(at(1_299)) && chunk.is_due(at(1_300)));
        chunk.hand_on(at(1_300));
        add(&mut chunk, "b", 1_400);
        assert_eq!(chunk.wake_at(), None, "one chunk after the other");
        assert!(!chunk.is_due(at(2_400)));
        chunk.on_outcome();
        assert!(chunk.is_due(at(2_400)), "a tick went by meanwhile");
        assert_eq!(chunk.next_tick, at(3_300), "the next ones come when they would have");
    }

    #[test]
    fn a_full_chunk_is_handed_on_at_once_and_push_waits_for_the_one_before() {
        let mut chunk = chunk();
        add(&mut chunk, "0123456789", 0);
        assert!(!chunk.blocks() && chunk.is_due(at(0)));
        chunk.hand_on(at(0));
        add(&mut chunk, "01234", 100);
        assert!(!chunk.blocks());
        add(&mut chunk, "56789", 200);
        assert!(chunk.blocks() && !chunk.is_due(at(200)));
        chunk.on_outcome();
        assert!(!chunk.blocks() && chunk.is_due(at(500)));
    }

    #[test]
    fn after_ten_idle_intervals_the_ticks_begin_anew() {
        let mut chunk = chunk();
        add(&mut chunk, "a", 300);
        assert!(chunk.is_due(at(1_300)));
        chunk.hand_on(at(1_300));
        chunk.on_outcome();
        let mut later = chunk.clone();
        add(&mut chunk, "b", 12_200);
        assert_eq!(chunk.wake_at(), Some(at(12_300)), "the same ticks");
        add(&mut later, "b", 12_400);
        assert_eq!(later.wake_at(), Some(at(13_400)), "another goroutine");
    }
}

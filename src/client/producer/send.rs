//! `send`: from the application's thread into the accumulator.
//!
//! In Kafka: `KafkaProducer.doSend` and `waitOnMetadata`.

use bytes::Bytes;

use super::Producer;
use super::accumulator::{Choice, TopicSlot};
use super::application::{BlockedSend, Doing, Order, WaitsFor};
use super::batch::{NewRecord, Waiter};
use super::chunk::Chunk;
use super::spec::ProducerRecord;
use crate::fact::Fact;
use crate::ids::{Name, PartitionIndex, Timestamp, TopicPartition};
use crate::node::Outbox;
use crate::protocol::{ErrorCode, Header};
use crate::sim::Instant;

/// A record on its way into the accumulator.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outgoing<'a> {
    pub(super) slot: TopicSlot,
    partition: Option<PartitionIndex>,
    timestamp: Option<Timestamp>,
    key: Option<&'a [u8]>,
    value: Option<&'a [u8]>,
    headers: &'a [Header],
    pub(super) number: u64,
    pub(super) called: Instant,
}

impl<'a> Outgoing<'a> {
    pub(super) fn of(
        record: &'a ProducerRecord,
        slot: TopicSlot,
        number: u64,
        called: Instant,
    ) -> Self {
        Self {
            slot,
            partition: record.partition,
            timestamp: record.timestamp,
            key: record.key.as_deref(),
            value: record.value.as_deref(),
            headers: &record.headers,
            number,
            called,
        }
    }

    /// The same, to be kept.
    pub(super) fn to_record(self, topic: Name) -> ProducerRecord {
        ProducerRecord {
            topic,
            partition: self.partition,
            timestamp: self.timestamp,
            key: self.key.map(Bytes::copy_from_slice),
            value: self.value.map(Bytes::copy_from_slice),
            headers: self.headers.to_vec(),
        }
    }

    fn stamped(&self, timestamp: Timestamp) -> NewRecord<'a> {
        NewRecord::new(timestamp, self.key, self.value, self.headers)
    }
}

impl Producer {
    /// Lets the application send what is due; true if the sender has something to do now.
    pub(super) fn use_application(&mut self, out: &mut Outbox) -> bool {
        let mut wakes_sender = self.run_chunk(out);
        loop {
            match &self.application.doing {
                Doing::Free => {}
                Doing::Sending(_) => {
                    let Some(woken) = self.try_blocked(out) else { return wakes_sender };
                    wakes_sender |= woken;
                    continue;
                }
                Doing::Flushing if self.accumulator.batches.incomplete() == 0 => {
                    self.accumulator.hurry.flushing = false;
                    self.application.doing = Doing::Free;
                }
                Doing::Flushing | Doing::Awaiting(_) | Doing::Closing => return wakes_sender,
            }
            if self.application.chunk.as_ref().is_some_and(Chunk::blocks) {
                return wakes_sender;
            }
            if let Some(order) = self.application.orders.pop_front() {
                wakes_sender |= self.obey(&order, out);
            } else if self.application.due().is_some_and(|due| due <= out.now) {
                wakes_sender |= self.send_tick(out);
            } else {
                return wakes_sender;
            }
        }
    }

    /// Does what the application was told; true if the sender has something to do.
    fn obey(&mut self, order: &Order, out: &mut Outbox) -> bool {
        match order {
            Order::Send(record) => {
                let slot = self.accumulator.topic(&record.topic);
                let number = self.application.take_number();
                let outgoing = Outgoing::of(record, slot, number, out.now);
                let time = self.time_as_key(out);
                let key = outgoing.key.or(time.as_deref().map(str::as_bytes));
                self.push(Outgoing { key, ..outgoing }, out)
            }
            Order::Flush => {
                self.accumulator.hurry.flushing = true;
                self.application.doing = Doing::Flushing;
                self.run_chunk(out);
                true
            }
        }
    }

    fn send_tick(&mut self, out: &mut Outbox) -> bool {
        let number = self.application.tick(out.now);
        // The value and the keys leave the application for as long as they are looked at.
        let value = std::mem::take(&mut self.application.value);
        let keys = std::mem::take(&mut self.application.spec.keys);
        let time = self.time_as_key(out);
        let key = keys.of(number, &mut self.key_chance).map(AsRef::as_ref);
        let outgoing = Outgoing {
            slot: self.application.slot(),
            partition: self.application.spec.partition,
            timestamp: None,
            key: key.or(time.as_deref().map(str::as_bytes)),
            value: Some(&value),
            headers: &[],
            number,
            called: out.now,
        };
        let wakes_sender = self.push(outgoing, out);
        self.application.value = value;
        self.application.spec.keys = keys;
        wakes_sender
    }

    /// `strconv.FormatInt(time.Now().UnixNano(), 10)`: what kq takes for a key.
    fn time_as_key(&self, out: &Outbox) -> Option<String> {
        let below_a_milli = out.now.as_nanos() % 1_000_000;
        let time_is_key = self.settings.personality.time_is_key;
        time_is_key.then(|| format!("{}{below_a_milli:06}", out.wall.0))
    }

    /// A call of `send`; true if the sender has something to do.
    pub(super) fn send_record(&mut self, record: Outgoing<'_>, out: &mut Outbox) -> bool {
        self.accumulator.refresh(self.network.metadata());
        if self.knows(&record) {
            return self.append(record, out);
        }
        let topic = self.accumulator.topics[record.slot.index()].name.clone();
        if let Some(error) = self.network.metadata().refused(&topic) {
            self.refuse(record, error, out);
            return false;
        }
        self.ask_for(record.slot, out.now);
        self.block(record, WaitsFor::Metadata(self.network.metadata().update_version()));
        true
    }

    /// True if enough is known of the record's topic.
    pub(super) fn knows(&self, record: &Outgoing<'_>) -> bool {
        let count = self.accumulator.topics[record.slot.index()].count;
        count > 0 && record.partition.is_none_or(|partition| (0..count).contains(&partition.0))
    }

    /// Asks for metadata of a topic that too little is known of.
    pub(super) fn ask_for(&mut self, slot: TopicSlot, now: Instant) {
        let topic = &mut self.accumulator.topics[slot.index()];
        topic.last_used = now;
        let metadata = self.network.metadata_mut();
        metadata.add(&topic.name, Some(now + self.settings.metadata_max_idle));
        metadata.request_update_for(&topic.name);
    }

    /// The application's thread stays inside `send`.
    fn block(&mut self, record: Outgoing<'_>, waits_for: WaitsFor) {
        let topic = self.accumulator.topics[record.slot.index()].name.clone();
        self.application.doing = Doing::Sending(Box::new(BlockedSend {
            slot: record.slot,
            record: record.to_record(topic),
            number: record.number,
            called: record.called,
            waits_for,
        }));
    }

    /// Tries a call of `send` again that has not returned: none if it still has to wait, else
    /// whether the sender has something to do.
    fn try_blocked(&mut self, out: &mut Outbox) -> Option<bool> {
        let Doing::Sending(mut blocked) =
            std::mem::replace(&mut self.application.doing, Doing::Free)
        else {
            unreachable!("the caller saw a call of send")
        };
        let record = Outgoing::of(&blocked.record, blocked.slot, blocked.number, blocked.called);
        let gives_up = blocked.called + self.settings.max_block <= out.now;
        match blocked.waits_for {
            WaitsFor::Memory(choice, timestamp) => {
                let new = record.stamped(timestamp);
                if self.accumulator.has_memory_for(new) {
                    return Some(self.append_to(record, new, choice, out));
                }
            }
            WaitsFor::Metadata(seen) => {
                let version = self.network.metadata().update_version();
                if version > seen && !gives_up {
                    self.accumulator.refresh(self.network.metadata());
                    let topic = &self.accumulator.topics[record.slot.index()].name;
                    if let Some(error) = self.network.metadata().refused(topic) {
                        self.refuse(record, error, out);
                        return Some(false);
                    }
                    if self.knows(&record) {
                        return Some(self.append(record, out));
                    }
                    self.ask_for(record.slot, out.now);
                    blocked.waits_for = WaitsFor::Metadata(version);
                }
            }
        }
        if gives_up {
            self.refuse(record, ErrorCode::RequestTimedOut, out);
            return Some(false);
        }
        self.application.doing = Doing::Sending(blocked);
        None
    }

    /// Adds a record whose topic is known; true if the sender has something to do.
    pub(super) fn append(&mut self, record: Outgoing<'_>, out: &mut Outbox) -> bool {
        let timestamp = record.timestamp.unwrap_or(out.wall);
        let new = record.stamped(timestamp);
        let size = new.size_upper_bound as u64;
        if size > self.settings.personality.max_record_size {
            self.refuse(record, ErrorCode::MessageTooLarge, out);
            return false;
        }
        let chance = &mut self.partitioner_chance;
        let content = (record.key, record.value);
        let choice = self.accumulator.choose(record.slot, content, record.partition, chance);
        self.append_to(record, new, choice, out)
    }

    fn append_to(
        &mut self,
        record: Outgoing<'_>,
        new: NewRecord<'_>,
        choice: Choice,
        out: &mut Outbox,
    ) -> bool {
        let waiter = Waiter { number: record.number, since: record.called };
        let appended = self.accumulator.append(
            record.slot,
            choice,
            new,
            waiter,
            out.now,
            &mut self.partitioner_chance,
        );
        let Ok(appended) = appended else {
            // Everything that waits leaves now, so that memory comes free.
            self.accumulator.hurry.exhausted = true;
            self.block(record, WaitsFor::Memory(choice, new.timestamp));
            return true;
        };
        self.accumulator.hurry.exhausted = false;
        let queue = &self.accumulator.queues[appended.queue.index()];
        out.detail(|| Fact::RecordSent { tp: queue.tp.clone(), number: record.number });
        self.stats.sent += 1;
        self.application.sent(record.number, false);
        appended.wakes_sender
    }

    /// `send` fails before the record has a place in a batch.
    pub(super) fn refuse(&mut self, record: Outgoing<'_>, error: ErrorCode, out: &mut Outbox) {
        self.accumulator.hurry.exhausted = false;
        let topic = &self.accumulator.topics[record.slot.index()].name;
        let partition = record.partition.unwrap_or(PartitionIndex(-1));
        let tp = || TopicPartition { topic: topic.clone(), partition };
        out.detail(|| Fact::RecordSent { tp: tp(), number: record.number });
        out.fact(|| Fact::RecordFailed { tp: tp(), number: record.number, error });
        self.stats.sent += 1;
        self.stats.failed += 1;
        self.stats.last_error = Some(error);
        self.application.sent(record.number, true);
    }

    /// The producer is closed: a call of `send` that has not returned fails.
    pub(super) fn interrupt_send(&mut self, out: &mut Outbox) {
        if let Doing::Sending(blocked) =
            std::mem::replace(&mut self.application.doing, Doing::Closing)
        {
            let record =
                Outgoing::of(&blocked.record, blocked.slot, blocked.number, blocked.called);
            self.refuse(record, ErrorCode::UnknownServerError, out);
        }
        self.application.doing = Doing::Closing;
    }
}

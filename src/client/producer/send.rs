//! `send`: from the application's thread into the accumulator.
//!
//! In Kafka: `KafkaProducer.doSend` and `waitOnMetadata`.

use bytes::Bytes;

use super::Producer;
use super::accumulator::{Choice, TopicSlot};
use super::application::{BlockedSend, Doing, Order, WaitsFor};
use super::batch::{NewRecord, Waiter};
use crate::fact::Fact;
use crate::ids::{PartitionIndex, Timestamp, TopicPartition};
use crate::node::Outbox;
use crate::protocol::ErrorCode;
use crate::sim::Instant;

/// A record on its way into the accumulator.
#[derive(Clone, Copy, Debug)]
struct Outgoing<'a> {
    slot: TopicSlot,
    partition: Option<PartitionIndex>,
    key: Option<&'a [u8]>,
    value: &'a [u8],
    number: u64,
    called: Instant,
}

impl Producer {
    /// Lets the application send what is due; true if the sender has something to do now.
    pub(super) fn use_application(&mut self, out: &mut Outbox) -> bool {
        let mut wakes_sender = false;
        loop {
            match &self.application.doing {
                Doing::Free => {}
                Doing::Sending(_) => {
                    let Some(woken) = self.try_blocked(out) else { return wakes_sender };
                    wakes_sender |= woken;
                    continue;
                }
                Doing::Awaiting(_) | Doing::Closing => return wakes_sender,
            }
            if let Some(order) = self.application.orders.pop_front() {
                wakes_sender |= self.send_order(&order, out);
            } else if self.application.due().is_some_and(|due| due <= out.now) {
                wakes_sender |= self.send_tick(out);
            } else {
                return wakes_sender;
            }
        }
    }

    fn send_order(&mut self, order: &Order, out: &mut Outbox) -> bool {
        let slot = self.accumulator.topic(&order.topic);
        let number = self.application.take_number();
        let outgoing = Outgoing {
            slot,
            partition: order.partition,
            key: order.key.as_deref(),
            value: &order.value,
            number,
            called: out.now,
        };
        self.send(outgoing, out)
    }

    fn send_tick(&mut self, out: &mut Outbox) -> bool {
        let number = self.application.tick(out.now);
        // The value and the keys leave the application for as long as they are looked at.
        let value = std::mem::take(&mut self.application.value);
        let keys = std::mem::take(&mut self.application.spec.keys);
        let outgoing = Outgoing {
            slot: self.application.slot,
            partition: self.application.spec.partition,
            key: keys.of(number).map(AsRef::as_ref),
            value: &value,
            number,
            called: out.now,
        };
        let wakes_sender = self.send(outgoing, out);
        self.application.value = value;
        self.application.spec.keys = keys;
        wakes_sender
    }

    /// A call of `send`; true if the sender has something to do.
    fn send(&mut self, record: Outgoing<'_>, out: &mut Outbox) -> bool {
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
    fn knows(&self, record: &Outgoing<'_>) -> bool {
        let count = self.accumulator.topics[record.slot.index()].count;
        count > 0 && record.partition.is_none_or(|partition| partition.0 < count)
    }

    /// Asks for metadata of a topic that too little is known of.
    fn ask_for(&mut self, slot: TopicSlot, now: Instant) {
        let topic = &mut self.accumulator.topics[slot.index()];
        topic.last_used = now;
        let metadata = self.network.metadata_mut();
        metadata.add(&topic.name, Some(now + self.settings.metadata_max_idle));
        metadata.request_update_for(&topic.name);
    }

    /// The application's thread stays inside `send`.
    fn block(&mut self, record: Outgoing<'_>, waits_for: WaitsFor) {
        self.application.doing = Doing::Sending(Box::new(BlockedSend {
            slot: record.slot,
            partition: record.partition,
            key: record.key.map(Bytes::copy_from_slice),
            value: Bytes::copy_from_slice(record.value),
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
        let (key, value) = (blocked.key.clone(), blocked.value.clone());
        let record = Outgoing {
            slot: blocked.slot,
            partition: blocked.partition,
            key: key.as_deref(),
            value: &value,
            number: blocked.number,
            called: blocked.called,
        };
        let gives_up = blocked.called + self.settings.max_block <= out.now;
        match blocked.waits_for {
            WaitsFor::Memory(choice, timestamp) => {
                let new = NewRecord { timestamp, key: record.key, value: Some(record.value) };
                if self.accumulator.has_memory_for(new) {
                    return Some(self.append_to(record, choice, timestamp, out));
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
    fn append(&mut self, record: Outgoing<'_>, out: &mut Outbox) -> bool {
        let new = NewRecord { timestamp: out.wall, key: record.key, value: Some(record.value) };
        let size = new.size_upper_bound() as u64;
        if size > self.settings.max_request_size || size > self.settings.buffer_memory {
            self.refuse(record, ErrorCode::MessageTooLarge, out);
            return false;
        }
        let choice = self.accumulator.choose(record.slot, record.key, record.partition);
        self.append_to(record, choice, out.wall, out)
    }

    fn append_to(
        &mut self,
        record: Outgoing<'_>,
        choice: Choice,
        timestamp: Timestamp,
        out: &mut Outbox,
    ) -> bool {
        let new = NewRecord { timestamp, key: record.key, value: Some(record.value) };
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
            self.accumulator.exhausted = true;
            self.block(record, WaitsFor::Memory(choice, timestamp));
            return true;
        };
        self.accumulator.exhausted = false;
        let queue = &self.accumulator.queues[appended.queue.index()];
        out.detail(|| Fact::RecordSent { tp: queue.tp.clone(), number: record.number });
        self.stats.sent += 1;
        self.application.sent(record.number, false);
        appended.wakes_sender
    }

    /// `send` fails before the record has a place in a batch.
    fn refuse(&mut self, record: Outgoing<'_>, error: ErrorCode, out: &mut Outbox) {
        self.accumulator.exhausted = false;
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
            let record = Outgoing {
                slot: blocked.slot,
                partition: blocked.partition,
                key: None,
                value: &[],
                number: blocked.number,
                called: blocked.called,
            };
            self.refuse(record, ErrorCode::UnknownServerError, out);
        }
        self.application.doing = Doing::Closing;
    }
}

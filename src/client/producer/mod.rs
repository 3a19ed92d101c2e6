//! The producer: what Java's `KafkaProducer` does with its defaults, and the application around it; other
//! libraries as far as their [`Personality`] says.
//!
//! In Kafka: `KafkaProducer`, `RecordAccumulator`, `Sender`, `TransactionManager` (4.1). A record
//! walks down this list: [`ApplicationSpec`] says what is sent when, `send` waits for metadata and
//! memory, the accumulator gathers batches, the sender makes requests of them and outcomes of the
//! answers; an idempotent producer numbers its batches. Left out: transactions, interceptors,
//! throttling.

mod accumulator;
mod append;
mod application;
mod batch;
mod chunk;
mod drain;
mod idempotence;
mod identity;
mod overdue;
mod personality;
mod ratio;
mod send;
mod sender;
mod sequences;
mod spec;
#[cfg(test)]
mod tests;

use accumulator::Accumulator;
use application::{Application, Doing, Order};
use batch::BatchId;
use chunk::Chunk;
pub use chunk::ChunkSpec;
use idempotence::Idempotence;
use identity::Asking;
use overdue::Overdue;
pub use personality::Personality;
use sender::SentBatches;
pub use spec::{ApplicationSpec, Keys, ProducerRecord, ProducerSpec, SendMode};

use super::NetworkClient;
use super::metadata::Metadata;
use crate::config::Acks;
use crate::ids::{BrokerId, Name, ProducerEpoch, ProducerId, TopicPartition};
use crate::node::{Backoff, Input, Instruction, Outbox, Peer, Purpose, Timer, Touched, Why};
use crate::protocol::{Api, ErrorCode};
use crate::sim::rng::Stream;
use crate::sim::{Duration, Instant};

/// What a request of the producer was about.
#[derive(Clone, Debug)]
enum Tag {
    InitProducerId,
    Produce(SentBatches),
}

/// The settings that the path of a record looks at.
#[derive(Clone, Debug)]
struct Settings {
    /// 0, 1, or -1 for all.
    acks: i16,
    retries: u32,
    delivery_timeout: Duration,
    request_timeout: Duration,
    retry_backoff: Backoff,
    max_request_size: u64,
    max_in_flight: usize,
    max_block: Duration,
    metadata_max_idle: Duration,
    personality: Personality,
    close_timeout: Option<Duration>,
}

impl Settings {
    fn of(spec: &ProducerSpec) -> Self {
        let config = &spec.config;
        Self {
            acks: match config.acks {
                Acks::None => 0,
                Acks::Leader => 1,
                Acks::All => -1,
            },
            retries: config.retries,
            delivery_timeout: config.delivery_timeout,
            request_timeout: config.request_timeout,
            retry_backoff: Backoff::new(config.retry_backoff, config.retry_backoff_max),
            max_request_size: config.max_request_size,
            max_in_flight: config.max_in_flight_requests_per_connection as usize,
            max_block: config.max_block,
            metadata_max_idle: config.metadata_max_idle,
            personality: spec.personality.clone(),
            close_timeout: spec.close_timeout,
        }
    }
}

/// What a producer has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProducerStats {
    /// Records that the application handed over.
    pub sent: u64,
    /// Records that were acknowledged; with acks=0, that left.
    pub acked: u64,
    /// Records that failed.
    pub failed: u64,
    /// How often a batch was put back to be sent again.
    pub retried: u64,
    /// Why the last record failed.
    pub last_error: Option<ErrorCode>,
}

/// What the producer's timers are set to.
#[derive(Clone, Copy, Debug, Default)]
struct TimersSet {
    application: Option<Instant>,
    sender: Option<Instant>,
    delivery: Option<Instant>,
    block: Option<Instant>,
}

/// A producer and its application.
#[derive(Clone, Debug)]
pub struct Producer {
    settings: Settings,
    network: NetworkClient<Tag>,
    accumulator: Accumulator,
    /// None for a producer that is not idempotent.
    idempotence: Option<Idempotence>,
    asking: Asking,
    /// It is not the first attempt to get a producer id.
    asking_again: bool,
    application: Application,
    key_chance: Stream,
    partitioner_chance: Stream,
    backoff_chance: Stream,
    stats: ProducerStats,
    /// When something more can be sent, if nothing happens before, and the setting that says so.
    next_check: Option<(Instant, &'static str)>,
    overdue: Overdue,
    timers: TimersSet,
    /// When `close()` gives up what is pending.
    close_deadline: Option<Instant>,
    /// The batches that a round of the sender takes out; empty between two rounds.
    drained: Vec<(BrokerId, BatchId)>,
}

impl Producer {
    /// Starts the process called `name`; `incarnation` counts its starts, from 1.
    pub fn boot(
        spec: &ProducerSpec,
        name: &Name,
        incarnation: u32,
        seed: u64,
        out: &mut Outbox,
    ) -> Self {
        // A process that starts again draws other numbers, and its records have other values.
        let me = if incarnation > 1 { format!("{name}#{incarnation}") } else { name.to_string() };
        let streams = format!("producer/{me}");
        let stream = |purpose: &str| Stream::new(seed, &format!("{streams}/{purpose}"));
        let mut accumulator = Accumulator::new(&spec.config, &spec.personality);
        let topics = spec.application.topics.iter();
        let chunk = spec.personality.chunk.map(Chunk::new);
        let slots = topics.map(|topic| accumulator.topic(topic)).collect();
        let mut producer = Self {
            settings: Settings::of(spec),
            network: NetworkClient::new(spec.channels(name), spec.metadata(), seed, &streams),
            accumulator,
            idempotence: spec.config.enable_idempotence.then(Idempotence::new),
            asking: Asking::Choosing(Instant::ZERO),
            asking_again: false,
            application: Application::new(spec.application.clone(), chunk, &me, slots, out.now),
            key_chance: stream("keys"),
            partitioner_chance: stream("partitioner"),
            backoff_chance: stream("backoff"),
            stats: ProducerStats::default(),
            next_check: None,
            overdue: Overdue::default(),
            timers: TimersSet::default(),
            close_deadline: None,
            drained: Vec::new(),
        };
        producer.work(true, out);
        producer
    }

    /// Takes one step.
    pub fn handle(&mut self, input: Input, out: &mut Outbox) {
        let input = match input {
            // The two most frequent ones first. The sender hears of a record if a batch is new or
            // full.
            Input::Timer(Timer::Application) => {
                self.timers.application = None;
                return self.work(false, out);
            }
            Input::Response { connection, response } => {
                if response.body.api() == Api::Metadata {
                    self.renew_topics();
                }
                if let Some(done) = self.network.on_response(connection, response, out) {
                    self.on_completion(done, out);
                }
                return self.work(true, out);
            }
            Input::Timer(Timer::RequestTimeout(peer)) => {
                let is_awake = self.note_overdue(peer);
                return self.work(is_awake, out);
            }
            other => other,
        };
        let mut wakes_sender = true;
        match self.network.handle(input, out) {
            Ok(done) => {
                for done in done {
                    self.on_completion(done, out);
                }
            }
            Err(Input::Timer(Timer::Sender)) => self.timers.sender = None,
            Err(Input::Timer(Timer::DeliveryTimeout)) => self.timers.delivery = None,
            Err(Input::Timer(Timer::MaxBlock)) => self.timers.block = None,
            Err(Input::Timer(Timer::Retry(_))) => {}
            Err(Input::Instruction(instruction)) => {
                self.instruct(instruction, out);
                wakes_sender = false;
            }
            Err(Input::Shutdown) => self.close(out),
            Err(other) => unreachable!("a producer is not given {other:?}"),
        }
        self.work(wakes_sender, out);
    }

    /// The application sends one record, as soon as it is free to.
    pub fn send(&mut self, record: ProducerRecord, out: &mut Outbox) {
        self.application.orders.push_back(Order::Send(record));
        self.work(false, out);
    }

    /// The application calls `flush()`: nothing lingers, and nothing more is sent until everything
    /// sent before has an outcome.
    pub fn flush(&mut self, out: &mut Outbox) {
        self.application.orders.push_back(Order::Flush);
        self.work(false, out);
    }

    /// Topics that records went to lately stay of interest.
    fn renew_topics(&mut self) {
        for topic in &self.accumulator.topics {
            let metadata = self.network.metadata_mut();
            if metadata.wants(&topic.name) {
                let expires = topic.last_used + self.settings.metadata_max_idle;
                metadata.add(&topic.name, Some(expires));
            }
        }
    }

    fn instruct(&mut self, instruction: Instruction, out: &Outbox) {
        match instruction {
            Instruction::Produce { topic, partition, key, value } => {
                let record = ProducerRecord {
                    topic,
                    partition,
                    timestamp: None,
                    key,
                    value: Some(value),
                    headers: Vec::new(),
                };
                self.application.orders.push_back(Order::Send(record));
            }
            Instruction::Rate { per_kilosecond } => {
                self.application.set_rate(per_kilosecond, out.now);
            }
            other => unreachable!("a producer is not told to {other:?}"),
        }
    }

    /// `close()`: nothing new is taken, what waits is sent at once.
    fn close(&mut self, out: &mut Outbox) {
        self.accumulator.hurry.closed = true;
        self.interrupt_send(out);
        self.close_deadline = self.settings.close_timeout.map(|timeout| out.now + timeout);
    }

    /// Lets the application and the sender do what they can at this instant.
    fn work(&mut self, mut wakes_sender: bool, out: &mut Outbox) {
        loop {
            if wakes_sender {
                self.run_sender(out);
            }
            wakes_sender = self.use_application(out);
            if !wakes_sender {
                break;
            }
        }
        if matches!(self.application.doing, Doing::Closing) && self.try_exit(out) {
            return;
        }
        self.set_timers(out);
        out.touch(Touched::Client);
    }

    /// Ends the process if nothing is pending, or too late; true if so.
    fn try_exit(&mut self, out: &mut Outbox) -> bool {
        if self.close_deadline.is_some_and(|deadline| deadline <= out.now) {
            self.abort_all(ErrorCode::UnknownServerError, out);
        } else if self.accumulator.has_undrained() || self.network.in_flight_total() > 0 {
            return false;
        }
        out.exit(0);
        true
    }

    fn set_timers(&mut self, out: &mut Outbox) {
        let chunk = self.application.chunk.as_ref();
        let due = match self.application.doing {
            Doing::Free if chunk.is_some_and(Chunk::blocks) => None,
            Doing::Free => self.application.due(),
            Doing::Sending(_) | Doing::Awaiting(_) | Doing::Flushing | Doing::Closing => None,
        };
        let hands_on = chunk.and_then(Chunk::wake_at);
        let due = due.map(|at| (at, Why::Scenario)).into_iter();
        let due = due.chain(hands_on.map(|at| (at, Why::Config("WithFlushInterval"))));
        if let Some((due, why)) = due.min_by_key(|(at, _)| *at)
            && self.timers.application != Some(due)
        {
            self.timers.application = Some(due);
            out.set_timer(Timer::Application, due, why);
        }
        let overdue = self.overdue.wakes_at(self.settings.request_timeout);
        let next = overdue.map(|at| (at, "request.timeout.ms")).into_iter();
        let next = next.chain(self.next_check).min_by_key(|(at, _)| *at);
        let check = next.map(|(at, _)| at);
        if self.timers.sender != check {
            self.timers.sender = check;
            match next {
                Some((at, key)) => out.set_timer(Timer::Sender, at, Why::Config(key)),
                None => out.cancel_timer(Timer::Sender),
            }
        }
        // One that comes too early only looks and is set again: cheaper than moving it each time.
        // While a producer id is asked for nothing expires: then it is looked at with the answer.
        if let Some(at) = self.accumulator.next_expiry().filter(|at| *at > out.now)
            && self.timers.delivery.is_none()
        {
            self.timers.delivery = Some(at);
            out.set_timer(Timer::DeliveryTimeout, at, Why::Config("delivery.timeout.ms"));
        }
        let (give_up, why) = match &self.application.doing {
            Doing::Sending(blocked) => {
                (Some(blocked.called + self.settings.max_block), "max.block.ms")
            }
            _ => match chunk.and_then(Chunk::asks_since) {
                Some(since) => (Some(since + self.settings.max_block), "ReadTimeout"),
                None => (self.close_deadline, "close()"),
            },
        };
        if self.timers.block != give_up {
            self.timers.block = give_up;
            match give_up {
                Some(at) => out.set_timer(Timer::MaxBlock, at, Why::Config(why)),
                None => out.cancel_timer(Timer::MaxBlock),
            }
        }
    }

    // ---- for those who look ----

    /// What it has done so far.
    pub const fn stats(&self) -> ProducerStats {
        self.stats
    }

    /// What it knows of the cluster.
    pub const fn metadata(&self) -> &Metadata {
        self.network.metadata()
    }

    /// How many of its requests `broker` has not answered.
    pub fn in_flight(&self, broker: BrokerId) -> usize {
        self.network.in_flight(Peer::new(broker, Purpose::Client))
    }

    /// How many batches wait to be sent.
    pub fn queued_batches(&self) -> usize {
        self.accumulator.queued()
    }

    /// How many batches have no outcome yet, those that wait included.
    pub const fn incomplete_batches(&self) -> usize {
        self.accumulator.batches.incomplete()
    }

    /// How much of `buffer.memory` is free, in bytes.
    pub const fn free_memory(&self) -> u64 {
        self.accumulator.free_memory()
    }

    /// Its producer id and epoch, if it is idempotent and has them.
    pub fn identity(&self) -> Option<(ProducerId, ProducerEpoch)> {
        self.idempotence.as_ref().and_then(Idempotence::identity)
    }

    /// The leader that it knows of a partition.
    pub fn known_leader(&self, tp: &TopicPartition) -> Option<BrokerId> {
        self.network.metadata().leader(tp).0
    }

    /// True while the application is inside `send` or `flush`, or waits for an outcome.
    pub const fn is_blocked(&self) -> bool {
        matches!(self.application.doing, Doing::Sending(_) | Doing::Awaiting(_) | Doing::Flushing)
    }

    /// True when the application has sent all that it was made to send, and all has an outcome.
    pub fn is_done(&self) -> bool {
        self.application.due().is_none()
            && self.application.orders.is_empty()
            && !self.is_blocked()
            && self.incomplete_batches() == 0
    }
}

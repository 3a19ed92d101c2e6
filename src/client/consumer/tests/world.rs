//! Consumers on a bench: their timers, connections to brokers of cardboard with a millisecond each
//! way, and a transcript of what they ask and tell.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::brokers::Brokers;
use super::group::Ticket;
use crate::client::consumer::{Consumer, ConsumerSpec};
use crate::client::testing::{Cardboard, WALL};
use crate::config::{ConsumerConfig, Domain, Overrides};
use crate::fact::Fact;
use crate::ids::{BrokerId, Name, Offset, Timestamp, TopicPartition};
use crate::node::{ConnectionId, Disconnect, Effect, Input, Interest, Outbox, Timer};
use crate::protocol::{Request, RequestBody, Response, convert};
use crate::sim::{Duration, Instant};

const LATENCY: Duration = Duration::from_millis(1);

#[derive(Clone, Debug)]
enum Event {
    ToBroker(ConnectionId, Arc<Request>),
    ToClient(Name, ConnectionId, Input),
    Timer(Name, Timer, u64),
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) consumer: Consumer,
    timers: BTreeMap<Timer, u64>,
    pub(super) exit: Option<i32>,
}

#[derive(Debug)]
struct Wire {
    node: Name,
    broker: BrokerId,
    /// The broker works on one request of a connection at a time.
    waiting: VecDeque<Arc<Request>>,
    working_on: Option<(Ticket, i32)>,
}

/// The bench.
#[derive(Debug)]
pub(super) struct World {
    pub(super) brokers: Brokers,
    pub(super) nodes: BTreeMap<Name, Node>,
    /// What happened: instant, consumer, line.
    pub(super) lines: Vec<(Instant, Name, String)>,
    /// What each consumer should be handed next, once it was handed something.
    next: BTreeMap<(Name, TopicPartition), Offset>,
    wires: BTreeMap<ConnectionId, Wire>,
    events: BTreeMap<(Instant, u64), Event>,
    count: u64,
    out: Outbox,
}

/// Settings of a member of group `g`, over Kafka's defaults.
pub(super) fn member(settings: &[(&str, &str)]) -> ConsumerConfig {
    let mut overrides = Overrides::default();
    let group = [("group.id", "g"), ("auto.offset.reset", "earliest")];
    for (name, text) in group.iter().chain(settings) {
        overrides.set(Domain::Consumer, name, text).expect("a setting of Kafka's");
    }
    ConsumerConfig::new(&overrides).expect("settings that go together")
}

impl World {
    pub(super) fn new(cluster: Cardboard) -> Self {
        let mut out = Outbox::default();
        out.interest = Interest::Everything;
        out.begin(Instant::ZERO, Timestamp(WALL));
        Self {
            brokers: Brokers::new(cluster),
            nodes: BTreeMap::new(),
            lines: Vec::new(),
            next: BTreeMap::new(),
            wires: BTreeMap::new(),
            events: BTreeMap::new(),
            count: 0,
            out,
        }
    }

    pub(super) fn now(&self) -> Instant {
        self.out.now
    }

    pub(super) fn start(&mut self, name: &str, spec: &ConsumerSpec) {
        let name: Name = name.into();
        let mut out = std::mem::take(&mut self.out);
        let (now, wall) = (out.now, out.wall);
        out.begin(now, wall);
        let consumer = Consumer::boot(spec, &name, 1, 1, &mut out);
        self.out = out;
        let node = Node { consumer, timers: BTreeMap::new(), exit: None };
        self.nodes.insert(name.clone(), node);
        self.carry_out(&name);
    }

    /// The process dies without a word.
    pub(super) fn kill(&mut self, name: &str) {
        self.nodes.remove(name);
        self.next.retain(|(node, _), _| **node != *name);
        let ended: Vec<_> =
            self.wires.iter().filter(|(_, wire)| *wire.node == *name).map(|(id, _)| *id).collect();
        for connection in ended {
            self.forget(connection);
        }
    }

    pub(super) fn give(&mut self, name: &str, input: Input) {
        let name: Name = name.into();
        let Some(node) = self.nodes.get_mut(&name) else { return };
        let (now, wall) = (self.out.now, self.out.wall);
        self.out.begin(now, wall);
        node.consumer.handle(input, &mut self.out);
        self.carry_out(&name);
        self.answer();
    }

    pub(super) fn consumer(&self, name: &str) -> &Consumer {
        &self.nodes[name].consumer
    }

    pub(super) fn run_ms(&mut self, millis: u64) {
        let until = self.now() + Duration::from_millis(millis);
        self.answer();
        let mut here = (Instant::ZERO, 0);
        loop {
            let event = self.events.keys().next().map(|(at, _)| *at);
            let brokers = self.brokers.next_event();
            let Some(next) = event.into_iter().chain(brokers).min() else { break };
            if next > until {
                break;
            }
            self.set_clock(next.max(self.now()));
            here = if here.0 == self.now() { (here.0, here.1 + 1) } else { (self.now(), 0) };
            assert!(here.1 < 1_000, "time stands still at {next}");
            if event == Some(next) {
                let (_, event) = self.events.pop_first().expect("it is there");
                self.happen(event);
            }
            self.answer();
        }
        self.set_clock(until);
    }

    fn set_clock(&mut self, now: Instant) {
        self.out.now = now;
        self.out.wall = Timestamp(WALL + now.as_millis() as i64);
    }

    fn at(&mut self, at: Instant, event: Event) {
        self.count += 1;
        self.events.insert((at, self.count), event);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::ToBroker(connection, request) => {
                if let Some(wire) = self.wires.get_mut(&connection) {
                    wire.waiting.push_back(request);
                    self.work_on(connection);
                }
            }
            Event::ToClient(name, connection, input) => {
                let is_end = matches!(input, Input::Disconnected(..));
                if is_end || self.wires.contains_key(&connection) {
                    self.give(&name, input);
                }
            }
            Event::Timer(name, timer, count) => {
                let timers = self.nodes.get_mut(&name).map(|node| &mut node.timers);
                if let Some(timers) = timers.filter(|timers| timers.get(&timer) == Some(&count)) {
                    timers.remove(&timer);
                    self.give(&name, Input::Timer(timer));
                }
            }
        }
    }

    fn work_on(&mut self, connection: ConnectionId) {
        let now = self.now();
        let Some(wire) = self.wires.get_mut(&connection) else { return };
        if wire.working_on.is_some() {
            return;
        }
        let Some(request) = wire.waiting.pop_front() else { return };
        self.count += 1;
        let ticket = self.count;
        wire.working_on = Some((ticket, request.correlation_id));
        self.brokers.handle(ticket, wire.broker, &request, now);
        self.answer();
    }

    /// Sends the answers that are ready.
    fn answer(&mut self) {
        let now = self.now();
        for (ticket, body) in self.brokers.on_time(now) {
            let is_meant = |wire: &Wire| wire.working_on.is_some_and(|(known, _)| known == ticket);
            let wire = self.wires.iter_mut().find(|(_, wire)| is_meant(wire));
            let Some((connection, wire)) = wire else { continue };
            let connection = *connection;
            let (_, correlation_id) = wire.working_on.take().expect("it is meant");
            let response = Arc::new(Response { correlation_id, body });
            let name = wire.node.clone();
            let input = Input::Response { connection, response };
            self.at(now + LATENCY, Event::ToClient(name, connection, input));
            self.work_on(connection);
        }
    }

    fn carry_out(&mut self, name: &Name) {
        let now = self.now();
        for fact in std::mem::take(&mut self.out.facts) {
            self.check_order(name, &fact);
            if let Some(line) = told(&fact) {
                self.lines.push((now, name.clone(), line));
            }
        }
        for effect in std::mem::take(&mut self.out.effects) {
            self.effect(name, effect);
        }
    }

    /// Within one assignment, offsets go on where they were.
    fn check_order(&mut self, name: &Name, fact: &Fact) {
        match fact {
            Fact::RecordsDelivered { tp, from, to, .. } => {
                let before = self.next.insert((name.clone(), tp.clone()), *to);
                assert!(
                    before.is_none_or(|next| next == *from),
                    "{name} skips or repeats: {fact:?}"
                );
            }
            Fact::PositionReset { tp, .. } => {
                self.next.remove(&(name.clone(), tp.clone()));
            }
            Fact::PartitionsAssigned { partitions, .. }
            | Fact::PartitionsRevoked { partitions, .. }
            | Fact::PartitionsLost { partitions, .. } => {
                for tp in partitions {
                    self.next.remove(&(name.clone(), tp.clone()));
                }
            }
            _ => {}
        }
    }

    fn effect(&mut self, name: &Name, effect: Effect) {
        let now = self.now();
        assert!(self.nodes[name].exit.is_none(), "{name} has ended, and yet: {effect:?}");
        match effect {
            Effect::Connect { connection, peer, .. } => {
                let input = if self.brokers.cluster.down.contains(&peer) {
                    Input::Disconnected(connection, Disconnect::Refused)
                } else {
                    let wire = Wire {
                        node: name.clone(),
                        broker: peer,
                        waiting: VecDeque::new(),
                        working_on: None,
                    };
                    self.wires.insert(connection, wire);
                    Input::Connected(connection)
                };
                self.at(now + LATENCY, Event::ToClient(name.clone(), connection, input));
            }
            Effect::Close(connection) => self.forget(connection),
            Effect::Send(connection, request) => {
                // Nobody may be there any more.
                let Some(wire) = self.wires.get(&connection) else { return };
                let broker = wire.broker;
                self.lines.push((now, name.clone(), asked(broker, &request)));
                self.at(now + LATENCY, Event::ToBroker(connection, request));
            }
            Effect::SetTimer(timer, at, _) => {
                self.at(at.max(now), Event::Timer(name.clone(), timer, self.count + 1));
                let node = self.nodes.get_mut(name).expect("it sets a timer");
                node.timers.insert(timer, self.count);
            }
            Effect::CancelTimer(timer) => {
                self.nodes.get_mut(name).expect("it sets a timer").timers.remove(&timer);
            }
            Effect::Exit { status } => {
                let node = self.nodes.get_mut(name).expect("it exits");
                node.exit = Some(status);
                self.lines.push((now, name.clone(), format!("exits with {status}")));
            }
            Effect::Listen(_) | Effect::Reply(..) | Effect::NoReply(_) => {
                panic!("clients answer nobody")
            }
        }
    }

    fn forget(&mut self, connection: ConnectionId) {
        if let Some(wire) = self.wires.remove(&connection)
            && let Some((ticket, _)) = wire.working_on
        {
            self.brokers.forget(ticket);
        }
    }

    /// A broker dies: its connections end.
    pub(super) fn kill_broker(&mut self, broker: i32) {
        let broker = BrokerId(broker);
        self.brokers.cluster.down.insert(broker);
        self.brokers.forget_sessions(broker);
        let ended: Vec<_> = self.wires.iter().filter(|(_, wire)| wire.broker == broker).collect();
        let ended: Vec<_> = ended.into_iter().map(|(id, wire)| (*id, wire.node.clone())).collect();
        for (connection, node) in ended {
            self.forget(connection);
            let input = Input::Disconnected(connection, Disconnect::Reset);
            self.at(self.now(), Event::ToClient(node, connection, input));
        }
    }

    /// The transcript of one consumer from an instant on, without idle fetches.
    pub(super) fn transcript(&self, name: &str, from_ms: u64) -> String {
        let meant = self.lines.iter().filter(|(at, known, line)| {
            **known == *name && at.as_millis() >= from_ms && !line.ends_with(" Fetch")
        });
        let lines: Vec<_> = meant.map(|(at, _, line)| format!("{at} {line}")).collect();
        lines.join("\n")
    }

    /// The callbacks of all consumers from an instant on.
    pub(super) fn callbacks(&self, from_ms: u64) -> String {
        let is_callback = |line: &str| {
            ["assigned", "revoked", "lost"].iter().any(|callback| line.starts_with(callback))
        };
        let meant = self
            .lines
            .iter()
            .filter(|(at, _, line)| at.as_millis() >= from_ms && is_callback(line));
        let lines: Vec<_> = meant.map(|(at, name, line)| format!("{at} {name} {line}")).collect();
        lines.join("\n")
    }
}

/// A request as the transcript shows it.
fn asked(broker: BrokerId, request: &Request) -> String {
    let what = match &request.body {
        RequestBody::Fetch(fetch) if fetch.is_idle() => "Fetch".to_owned(),
        RequestBody::Fetch(fetch) => {
            let at: Vec<_> = fetch
                .partitions
                .iter()
                .map(|partition| format!("{}@{}", partition.partition, partition.fetch_offset))
                .collect();
            let gone: Vec<_> = fetch.forgotten.iter().map(|tp| tp.partition.to_string()).collect();
            let gone =
                if gone.is_empty() { String::new() } else { format!(" -[{}]", gone.join(", ")) };
            format!("Fetch session epoch {} [{}]{gone}", fetch.session.epoch, at.join(", "))
        }
        RequestBody::JoinGroup(join) => {
            let member = convert::name(&join.member_id);
            format!("JoinGroup as {member:?}")
        }
        RequestBody::SyncGroup(sync) if sync.assignments.is_empty() => "SyncGroup".to_owned(),
        RequestBody::SyncGroup(_) => "SyncGroup with the assignment".to_owned(),
        RequestBody::OffsetCommit(commit) => {
            let offsets: Vec<_> = commit
                .topics
                .iter()
                .flat_map(|topic| &topic.partitions)
                .map(|told| format!("{}@{}", told.partition_index, told.committed_offset))
                .collect();
            let generation = commit.generation_id_or_member_epoch;
            format!("OffsetCommit generation {generation} [{}]", offsets.join(", "))
        }
        RequestBody::LeaveGroup(leave) => {
            let reason = leave.members[0].reason.as_ref().map(convert::name);
            format!("LeaveGroup: {}", reason.as_deref().unwrap_or_default())
        }
        other => other.api().name().to_owned(),
    };
    format!("-> {broker} {what}")
}

/// A fact as the transcript shows it.
fn told(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::CoordinatorFound { broker, .. } => format!("coordinator is {broker}"),
        Fact::CoordinatorLost { broker, cause, .. } => {
            format!("coordinator {broker} is lost: {cause}")
        }
        Fact::JoinSent { reason, .. } => format!("joins: {reason:?}"),
        Fact::AssignmentComputed { assignor, members, .. } => {
            format!("computes {assignor} for {members}")
        }
        Fact::PartitionsAssigned { partitions, generation, .. } => {
            format!("assigned {partitions:?} in {generation}")
        }
        Fact::PartitionsRevoked { partitions, generation, .. } => {
            format!("revoked {partitions:?} in {generation}")
        }
        Fact::PartitionsLost { partitions, .. } => format!("lost {partitions:?}"),
        Fact::RecordsDelivered { tp, from, to, .. } => format!("gets {tp} {from}..{to}"),
        Fact::RecordsProcessed { tp, to } => format!("is done with {tp} to {to}"),
        Fact::RecordHandled { tp, offset } => format!("has handled {tp} {offset}"),
        Fact::HandlerFailed { tp, offset, .. } => format!("fails on {tp} {offset}"),
        Fact::PositionReset { tp, to, reason } => format!("resets {tp} to {to}: {reason:?}"),
        Fact::PollIntervalExceeded { .. } => "stayed away for too long".to_owned(),
        Fact::CommitFailed { error, .. } => format!("commit failed: {error}"),
        Fact::PollFailed { exception } => format!("throws {exception}"),
        Fact::MetadataUpdated { tp, leader, leader_epoch } => {
            format!("{tp} is led by {leader:?} in epoch {leader_epoch}")
        }
        Fact::RequestTimedOut { api, .. } => format!("{api} timed out"),
        _ => return None,
    })
}

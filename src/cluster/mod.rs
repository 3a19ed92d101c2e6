//! Nodes, network and disks together: boot, crash, faults, and the delivery of one event at a time.

mod act;
mod deliver;
mod event;
mod format;
mod inboxes;
mod node;
mod process;
mod server;
mod tap;
#[cfg(test)]
pub(crate) mod testing;

use std::collections::BTreeMap;

pub use act::{Act, Doomed};
use event::{Event, Scheduled};
pub use event::{EventKind, Happened, Message};
pub use format::Format;
pub use node::{Blueprint, Node};
use process::Process;
pub use process::ProcessState;
pub use server::{Server, ServerSpec};
pub use tap::{Passage, Tap};

use crate::fact::Fact;
use crate::ids::{BrokerId, Name, Timestamp};
use crate::log::{Disk, Log, LogManager};
use crate::node::{Effect, Input, Interest, Outbox, Timer};
use crate::protocol::Request;
use crate::sim::disk::DiskModel;
use crate::sim::{
    Class, Direction, Due, Duration, Instant, LinkModel, Network, NodeId, Packet, Queue,
};

/// What holds for the whole simulation.
#[derive(Clone, Debug)]
pub struct ClusterConfig {
    /// The seed of every random stream.
    pub seed: u64,
    /// The wall clock at the beginning.
    pub clock: Timestamp,
    /// How long a process takes from its start until it works.
    pub boot: Duration,
    /// What links are like.
    pub link: LinkModel,
    /// What the disks of servers are like.
    pub disk: DiskModel,
}

impl Default for ClusterConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            clock: Timestamp(1_767_225_600_000), // 2026-01-01T00:00:00Z
            boot: Duration::from_millis(500),
            link: LinkModel::default(),
            disk: DiskModel::default(),
        }
    }
}

/// A fact with who told it, and in which event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The event.
    pub event: u32,
    /// Who told it.
    pub node: NodeId,
    /// The fact.
    pub fact: Fact,
}

/// A whole cluster with its clients. A clone is a checkpoint: it shares what is large.
#[derive(Clone, Debug)]
pub struct Cluster {
    config: ClusterConfig,
    now: Instant,
    queue: Queue<Scheduled>,
    network: Network<Message>,
    processes: Vec<Process>,
    servers: BTreeMap<BrokerId, NodeId>,
    names: BTreeMap<Name, NodeId>,
    out: Outbox,
    /// The id of the last event.
    last: u32,
    /// How many events happened that people see: idle polls do not count.
    number: u64,
    happened: Vec<Happened>,
    told: Vec<Told>,
    /// Messages that will not arrive.
    doomed: Vec<Doomed>,
    /// Bytes that were sent; none while nobody counts them.
    wire: Option<Wire>,
    /// While somebody looks: what travels.
    tap: Option<Box<Tap>>,
}

/// Bytes that were sent over the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wire {
    /// Between clients and brokers.
    pub clients: u64,
    /// Between brokers and controllers.
    pub servers: u64,
}

impl Wire {
    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self { clients: self.clients + other.clients, servers: self.servers + other.servers }
    }

    /// What was sent since `earlier`.
    #[must_use]
    pub const fn less(self, earlier: Self) -> Self {
        Self { clients: self.clients - earlier.clients, servers: self.servers - earlier.servers }
    }
}

impl Cluster {
    /// A cluster without processes.
    pub fn new(config: ClusterConfig) -> Self {
        Self {
            network: Network::new(config.seed, config.link),
            config,
            now: Instant::ZERO,
            queue: Queue::new(),
            processes: Vec::new(),
            servers: BTreeMap::new(),
            names: BTreeMap::new(),
            out: Outbox::default(),
            last: 0,
            number: 0,
            happened: Vec::new(),
            told: Vec::new(),
            doomed: Vec::new(),
            wire: None,
            tap: None,
        }
    }

    /// Adds a process, not yet started.
    ///
    /// # Panics
    /// When the name, or the id of a server, is taken.
    pub fn add(&mut self, name: impl Into<Name>, blueprint: Blueprint) -> NodeId {
        let (name, id) = (name.into(), NodeId(self.processes.len() as u32));
        assert!(!self.names.contains_key(&name), "two processes are called {name}");
        if let Some(server) = blueprint.server_id() {
            let taken = self.servers.insert(server, id);
            assert!(taken.is_none(), "two servers have the id {server}");
        }
        self.names.insert(name.clone(), id);
        let process = Process::new(name, blueprint, self.config.disk, self.wall());
        self.processes.push(process);
        id
    }

    /// Gives the link from `from` to `to` a model of its own.
    pub fn set_link(&mut self, from: NodeId, to: NodeId, model: LinkModel) {
        self.network.set_model(from, to, model);
    }

    /// Counts the bytes that are sent from now on.
    pub fn count_bytes(&mut self) {
        self.wire = Some(Wire::default());
    }

    /// The bytes that were sent since they are counted.
    pub fn wire(&self) -> Wire {
        self.wire.unwrap_or_default()
    }

    /// Which facts are told.
    pub fn set_interest(&mut self, interest: Interest) {
        self.out.interest = interest;
    }

    /// Breaks the simulator on purpose, from now on.
    #[cfg(any(test, feature = "mutants"))]
    pub fn set_mutant(&mut self, mutant: crate::feature::Mutant) {
        self.out.mutant = Some(mutant);
    }

    /// From now on what travels is written down.
    pub fn set_tap(&mut self) {
        self.tap = Some(Box::default());
    }

    /// What travelled since, if that is written down.
    pub fn tap(&self) -> Option<&Tap> {
        self.tap.as_deref()
    }

    /// The present.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// The wall clock of somebody whose clock is right.
    pub fn wall(&self) -> Timestamp {
        Timestamp(self.config.clock.0 + self.now.as_millis() as i64)
    }

    /// How many events happened that people see.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The id of the last event: how many happened, idle polls included.
    pub fn last_event(&self) -> u32 {
        self.last
    }

    /// The events of the last step, in order: none if it was bookkeeping, several if something was
    /// done to the cluster.
    pub fn happened(&self) -> &[Happened] {
        &self.happened
    }

    /// What was told in the last step, in order.
    pub fn told(&self) -> &[Told] {
        &self.told
    }

    /// A new step begins: what happened and was told in the last one is forgotten.
    pub fn begin_step(&mut self) {
        self.told.clear();
        self.happened.clear();
    }

    /// Moves time on to `now`, where nothing is due before.
    ///
    /// # Panics
    /// When an event is due before, or time would go back.
    pub fn advance_to(&mut self, now: Instant) {
        assert!(now >= self.now, "time does not go back");
        assert!(self.queue.peek().is_none_or(|due| due.at >= now), "no event is left behind");
        self.now = now;
    }

    /// When the next event is due.
    pub fn next_due(&mut self) -> Option<Due> {
        self.queue.peek()
    }

    /// How many events are pending.
    pub fn pending(&self) -> usize {
        self.queue.len()
    }

    /// Lets the next event happen. False if there is none.
    pub fn step(&mut self) -> bool {
        self.begin_step();
        let Some((due, scheduled)) = self.queue.pop() else { return false };
        assert!(due.at >= self.now, "time does not go back");
        self.now = due.at;
        self.dispatch(scheduled.event, scheduled.cause, due.is_idle_poll());
        true
    }

    /// Lets all events happen that are due by `until`, and moves time there.
    pub fn run_until(&mut self, until: Instant) {
        while self.queue.peek().is_some_and(|due| due.at <= until) {
            self.step();
        }
        self.now = self.now.max(until);
    }

    /// Schedules an event of class 1.
    fn schedule(&mut self, at: Instant, cause: u32, event: Event) {
        self.queue.schedule(at, Class::Event, Scheduled { cause, event });
    }

    /// Notes that an event happens, and gives it an id.
    fn happen(&mut self, node: NodeId, kind: EventKind, cause: u32, origin: u32, idle: bool) {
        self.last += 1;
        self.number += u64::from(!idle);
        let (at, id) = (self.now, self.last);
        self.happened.push(Happened { at, id, cause, origin, node, kind, idle });
    }

    /// Gives `input` to a node and does what it wants done. Returns when the node is done with it.
    fn give(&mut self, node: NodeId, input: Input) -> Instant {
        self.prepare(node);
        let process = &mut self.processes[node.0 as usize];
        let running = process.node.as_mut().expect("only a running process is given input");
        running.handle(input, &mut self.out);
        self.carry_out(node)
    }

    /// Does what a node wants done. What it sends leaves when it is done, and that is returned.
    fn carry_out(&mut self, node: NodeId) -> Instant {
        let process = &mut self.processes[node.0 as usize];
        let mut spent = self.out.spent();
        if let Some(running) = process.node.as_mut() {
            spent += running.take_disk_time(self.now);
        }
        if process.cpu_factor > 1 {
            spent = spent * process.cpu_factor;
        }
        let leave = self.now + spent;
        if !self.out.facts.is_empty() {
            let event = self.last;
            self.told.extend(self.out.facts.drain(..).map(|fact| Told { event, node, fact }));
        }
        if !self.out.effects.is_empty() {
            let mut effects = std::mem::take(&mut self.out.effects);
            for effect in effects.drain(..) {
                self.apply(node, effect, leave);
            }
            self.out.effects = effects;
        }
        leave
    }

    fn apply(&mut self, node: NodeId, effect: Effect, leave: Instant) {
        match effect {
            Effect::Connect { connection, peer, listener } => {
                self.connect(node, connection, peer, listener, leave);
            }
            Effect::Close(connection) => self.close(node, connection, leave),
            Effect::Send(connection, request) => self.send_request(connection, request, leave),
            Effect::Reply(to, response) => self.send_reply(node, to, Some(response), leave),
            Effect::NoReply(to) => self.send_reply(node, to, None, leave),
            Effect::SetTimer(timer, at, why) => {
                let due = self.queue.reserve(at.max(self.now), Class::Event);
                let process = &mut self.processes[node.0 as usize];
                if let Some(alarm) = process.timers.set(timer, due, (why, self.last)) {
                    let event = Event::Alarm { node, alarm };
                    self.queue.schedule_as(due, Scheduled { cause: self.last, event });
                }
            }
            Effect::CancelTimer(timer) => {
                self.processes[node.0 as usize].timers.cancel(timer);
            }
            Effect::Listen(listener) => {
                self.processes[node.0 as usize].listening[listener as usize] = true;
            }
            Effect::Exit { status } => self.exit(node, status),
        }
    }

    /// When a timer of a process is due, if it is set.
    pub fn timer_due(&self, node: NodeId, timer: Timer) -> Option<Instant> {
        self.processes[node.0 as usize].timers.due(timer).map(|due| due.at)
    }

    /// The name of a process.
    pub fn name(&self, node: NodeId) -> &Name {
        &self.processes[node.0 as usize].name
    }

    /// The process called `name`.
    pub fn find(&self, name: &str) -> Option<NodeId> {
        self.names.get(name).copied()
    }

    /// The process of a broker or controller.
    pub fn server(&self, id: BrokerId) -> Option<NodeId> {
        self.servers.get(&id).copied()
    }

    /// All processes, in the order in which they were added.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> {
        (0..self.processes.len() as u32).map(NodeId)
    }

    /// What a process is doing.
    pub fn state(&self, node: NodeId) -> ProcessState {
        self.processes[node.0 as usize].state
    }

    /// What a process is started with.
    pub fn blueprint(&self, node: NodeId) -> &Blueprint {
        &self.processes[node.0 as usize].blueprint
    }

    /// How often a process was started.
    pub fn incarnation(&self, node: NodeId) -> u32 {
        self.processes[node.0 as usize].incarnation
    }

    /// True if a process that does not run ended by itself.
    pub fn exited(&self, node: NodeId) -> bool {
        self.processes[node.0 as usize].exited
    }

    /// How many requests wait for a handler of a process.
    pub fn queued_requests(&self, node: NodeId) -> usize {
        self.processes[node.0 as usize].inboxes.queued()
    }

    /// The disk of a process, whether it runs or not.
    pub fn disk(&self, node: NodeId) -> Option<&Disk> {
        let process = &self.processes[node.0 as usize];
        match &process.node {
            Some(Node::Server(server)) => Some(server.disk()),
            _ => process.disk.as_ref(),
        }
    }

    /// Logs in whose directories nothing is kept on the disk of a process, because nobody has written
    /// to them so far. Kafka has files of no length there, or of zeros.
    pub fn implied_logs(&self, node: NodeId) -> impl Iterator<Item = &Log> {
        let process = &self.processes[node.0 as usize];
        let running = match &process.node {
            Some(Node::Server(server)) => server.logs(),
            _ => None,
        };
        let logs = running.or(process.left.as_ref()).into_iter();
        logs.flat_map(LogManager::iter).map(|(_, log)| log).filter(|log| log.is_implied())
    }

    /// Links and connections.
    pub fn network(&self) -> &Network<Message> {
        &self.network
    }

    /// The next `count` packets to arrive: when, by which connection and in which direction.
    pub fn in_flight(&self, count: usize) -> Vec<(Instant, u32, Direction, &Packet<Message>)> {
        let upcoming = self.queue.upcoming(usize::MAX);
        let packets = upcoming.into_iter().filter_map(|(due, scheduled)| match &scheduled.event {
            Event::Packet { connection, direction, packet, .. } => {
                Some((due.at, *connection, *direction, packet))
            }
            _ => None,
        });
        packets.take(count).collect()
    }

    /// The requests that no handler has taken yet and one still may: they travel on a connection that
    /// their receiver knows, are held back by a cut link, or wait at their receiver. In no order.
    pub fn requests_on_their_way(&self) -> impl Iterator<Item = &Request> {
        let to_server = |connection: u32, direction: Direction| {
            let (_, server) = self.network.ends(connection)?;
            let known = self.processes[server.0 as usize].inboxes.contains(connection);
            (direction == Direction::ToServer && known).then_some(())
        };
        let upcoming = self.queue.upcoming(usize::MAX).into_iter();
        let travelling = upcoming.filter_map(move |(_, scheduled)| match &scheduled.event {
            Event::Packet { connection, direction, left, packet } => {
                to_server(*connection, *direction)?;
                let leaves = self.network.has_left(*connection, *direction, *left);
                leaves.then_some(packet)
            }
            _ => None,
        });
        let held = self.network.held().filter_map(move |(connection, direction, held)| {
            to_server(connection, direction).map(|()| &held.packet)
        });
        let packets = travelling.chain(held).filter_map(|packet| match packet {
            Packet::Message(Message::Request(request)) => Some(&**request),
            _ => None,
        });
        let inboxes = self.processes.iter().flat_map(|process| process.inboxes.requests());
        packets.chain(inboxes.map(|queued| &*queued.request))
    }

    /// The node of a process, while it runs.
    pub fn node(&self, node: NodeId) -> Option<&Node> {
        self.processes[node.0 as usize].node.as_ref()
    }
}

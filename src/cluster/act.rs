//! What is done to a cluster from outside: starting and stopping, faults, and instructions to
//! clients.

use super::event::{Event, EventKind, Message};
use super::process::ProcessState;
use super::{Cluster, Node};
use crate::fact::Fact;
use crate::ids::Name;
use crate::node::{Input, Instruction};
use crate::protocol::Api;
use crate::sim::{Direction, Duration, Instant, NodeId, Packet};

/// Something done to the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Start a process.
    Start(NodeId),
    /// Ask a process to end properly (`SIGTERM`).
    Stop(NodeId),
    /// End a process at once (`SIGKILL`); what it wrote is in the page cache.
    Kill(NodeId),
    /// Cut the power of a machine: what was not flushed is lost, and nobody resets connections.
    PowerOff(NodeId),
    /// Replace the disk by an empty one, formatted; the process must be down.
    Wipe(NodeId),
    /// Stop a process in the middle of everything (`SIGSTOP`).
    Pause(NodeId),
    /// Let a stopped process go on (`SIGCONT`).
    Resume(NodeId),
    /// Let nothing get from one node to another.
    Cut(NodeId, NodeId),
    /// Undo one cut.
    Heal(NodeId, NodeId),
    /// Add so much to everything that travels from one node to another; zero ends it.
    Delay(NodeId, NodeId, Duration),
    /// End all connections that one node opened to another, with messages in flight.
    Reset(NodeId, NodeId),
    /// Let a machine's disk take this many times as long; 1 ends it.
    SlowDisk(NodeId, u32),
    /// Let a machine's CPU take this many times as long; 1 ends it.
    SlowCpu(NodeId, u32),
    /// End the connection as the next message of a kind would arrive.
    DropNext(Doomed),
    /// Tell a client something.
    Tell(NodeId, Instruction),
}

/// A message that will not arrive: its connection is reset instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doomed {
    /// The sending node.
    pub from: NodeId,
    /// The receiving node.
    pub to: NodeId,
    /// The kind of request.
    pub api: Api,
    /// Its answer is meant.
    pub response: bool,
}

impl Act {
    /// The process that it is done to; of a link the sending one.
    pub fn node(&self) -> NodeId {
        match self {
            Self::Start(node)
            | Self::Stop(node)
            | Self::Kill(node)
            | Self::PowerOff(node)
            | Self::Wipe(node)
            | Self::Pause(node)
            | Self::Resume(node)
            | Self::Cut(node, _)
            | Self::Heal(node, _)
            | Self::Delay(node, ..)
            | Self::Reset(node, _)
            | Self::SlowDisk(node, _)
            | Self::SlowCpu(node, _)
            | Self::DropNext(Doomed { from: node, .. })
            | Self::Tell(node, _) => *node,
        }
    }

    /// From where to where, if it is done to a link.
    pub fn way(&self) -> Option<(NodeId, NodeId)> {
        match self {
            Self::Cut(from, to)
            | Self::Heal(from, to)
            | Self::Delay(from, to, _)
            | Self::Reset(from, to)
            | Self::DropNext(Doomed { from, to, .. }) => Some((*from, *to)),
            _ => None,
        }
    }
}

impl Cluster {
    /// Does `act` now, brought about by the event `cause`. What happens is added to what happened in
    /// this step.
    pub fn act(&mut self, act: Act, cause: u32) {
        self.perform(act, cause);
    }

    /// Notes a command as an event of its own, which what it does has as its cause.
    pub fn command(&mut self, node: NodeId, line: Name) -> u32 {
        self.happen(node, EventKind::Command, 0, 0, false);
        self.tell(node, || Fact::Command { line });
        self.last
    }

    /// Tells that a command could not be carried out, in the event of that command.
    pub fn refuse(&mut self, node: NodeId, line: Name, problem: Name) {
        self.tell(node, || Fact::CommandRefused { line, problem });
    }

    pub(super) fn perform(&mut self, act: Act, cause: u32) {
        match act {
            Act::Start(node) => self.start(node, cause),
            Act::Stop(node) => {
                if self.state(node) == ProcessState::Up {
                    self.happen(node, EventKind::Command, cause, cause, false);
                    self.give(node, Input::Shutdown);
                }
            }
            Act::Kill(node) => self.kill(node, cause),
            Act::PowerOff(node) => self.power_off(node, cause),
            Act::Wipe(node) => {
                let now = self.wall();
                let process = &mut self.processes[node.0 as usize];
                if let Some(disk) = &mut process.disk {
                    disk.wipe();
                    process.blueprint.format(now, disk);
                    process.left = None;
                    self.happen(node, EventKind::Command, cause, cause, false);
                    self.tell(node, || Fact::DiskWiped);
                }
            }
            Act::Pause(node) => {
                if self.state(node) == ProcessState::Up {
                    self.processes[node.0 as usize].state = ProcessState::Paused;
                    self.happen(node, EventKind::Command, cause, cause, false);
                    self.tell(node, || Fact::ProcessPaused);
                }
            }
            Act::Resume(node) => self.resume(node, cause),
            Act::Cut(from, to) => {
                self.network.cut(from, to);
                self.happen(from, EventKind::Command, cause, cause, false);
                let (from_name, to_name) = (self.name(from).clone(), self.name(to).clone());
                self.tell(from, || Fact::LinkCut { from: from_name, to: to_name });
            }
            Act::Heal(from, to) => {
                let waiting = self.network.heal(from, to);
                self.happen(from, EventKind::Command, cause, cause, false);
                let (from_name, to_name) = (self.name(from).clone(), self.name(to).clone());
                self.tell(from, || Fact::LinkHealed { from: from_name, to: to_name });
                for (connection, direction) in waiting {
                    let event = Event::Release { connection, direction };
                    self.schedule(self.now, self.last, event);
                }
            }
            Act::Delay(from, to, by) => {
                self.network.delay(from, to, by);
                self.happen(from, EventKind::Command, cause, cause, false);
                let (from_name, to_name) = (self.name(from).clone(), self.name(to).clone());
                self.tell(from, || Fact::LinkDelayed { from: from_name, to: to_name, by });
            }
            Act::Reset(from, to) => {
                self.happen(from, EventKind::Command, cause, cause, false);
                self.reset_connections(from, to);
            }
            Act::SlowDisk(node, factor) => {
                self.happen(node, EventKind::Command, cause, cause, false);
                let process = &mut self.processes[node.0 as usize];
                if let Some(disk) = process.disk.as_mut() {
                    disk.slow_down(factor as u64);
                } else if let Some(running) = process.node.as_mut() {
                    running.slow_disk(factor as u64);
                }
                self.tell(node, || Fact::SlowedDown { what: "disk".into(), factor });
            }
            Act::SlowCpu(node, factor) => {
                self.happen(node, EventKind::Command, cause, cause, false);
                self.processes[node.0 as usize].cpu_factor = factor as u64;
                self.tell(node, || Fact::SlowedDown { what: "cpu".into(), factor });
            }
            Act::DropNext(doomed) => {
                self.happen(doomed.from, EventKind::Command, cause, cause, false);
                self.doomed.push(doomed);
            }
            Act::Tell(node, instruction) => {
                if self.state(node) == ProcessState::Up {
                    self.happen(node, EventKind::Command, cause, cause, false);
                    self.give(node, Input::Instruction(instruction));
                }
            }
        }
    }

    fn start(&mut self, node: NodeId, cause: u32) {
        let boot = self.config.boot;
        let process = &mut self.processes[node.0 as usize];
        if process.state != ProcessState::Down {
            return;
        }
        process.state = ProcessState::Booting;
        process.powered = true;
        process.exited = false;
        let unanswered = std::mem::take(&mut process.unanswered);
        process.incarnation += 1;
        let incarnation = process.incarnation;
        let at =
            self.now + process.blueprint.boot(boot, self.config.seed, &process.name, incarnation);
        self.happen(node, EventKind::Command, cause, cause, false);
        self.tell(node, || Fact::ProcessStarted { incarnation });
        // A machine that is back knows none of its old connections, and says so.
        for connection in unanswered {
            if self.network.ends(connection).is_some() {
                let to = Direction::ToClient;
                self.transmit(connection, to, Packet::Reset, self.now, self.last);
            }
        }
        self.schedule(at, self.last, Event::Boot { node, incarnation });
    }

    /// A process has started: its node comes to life on the disk that is there.
    pub(super) fn boot(&mut self, node: NodeId, incarnation: u32, cause: u32) {
        let process = &mut self.processes[node.0 as usize];
        if process.state != ProcessState::Booting || process.incarnation != incarnation {
            return;
        }
        process.state = ProcessState::Up;
        self.happen(node, EventKind::Boot, cause, cause, false);
        self.prepare(node);
        let process = &mut self.processes[node.0 as usize];
        let running = Node::boot(
            &process.blueprint,
            &process.name,
            incarnation,
            self.config.seed,
            process.disk.take(),
            &mut self.out,
        );
        process.node = Some(running);
        self.carry_out(node);
    }

    /// Makes the outbox ready for a step of `node`.
    pub(super) fn prepare(&mut self, node: NodeId) {
        let (process, out) = (&self.processes[node.0 as usize], &mut self.out);
        let wall = self.config.clock.0 + process.skew_ms + self.now.as_millis() as i64;
        out.begin(self.now, crate::ids::Timestamp(wall));
        out.next_connection = self.network.next_connection();
        out.cpu_factor = process.cpu_factor;
    }

    fn kill(&mut self, node: NodeId, cause: u32) {
        if self.state(node) == ProcessState::Down {
            return;
        }
        self.happen(node, EventKind::Command, cause, cause, false);
        let connections = self.die(node, true);
        self.tell(node, || Fact::ProcessKilled { connections });
    }

    fn power_off(&mut self, node: NodeId, cause: u32) {
        self.happen(node, EventKind::Command, cause, cause, false);
        self.die(node, false);
        let process = &mut self.processes[node.0 as usize];
        process.powered = false;
        let name = format!("{}/power/{}", process.name, process.incarnation);
        let mut chance = crate::sim::rng::Stream::new(self.config.seed, &name);
        let lost = process.disk.as_mut().map(|disk| disk.power_cut(&mut chance));
        let lost_bytes = lost.unwrap_or_default().iter().map(|(_, bytes)| *bytes).sum();
        self.tell(node, || Fact::PowerLost { lost_bytes });
    }

    /// The process ended by itself.
    pub(super) fn exit(&mut self, node: NodeId, status: i32) {
        self.die(node, true);
        self.processes[node.0 as usize].exited = true;
        self.tell(node, || Fact::ProcessExited { status });
    }

    /// Memory is gone. If there is an operating system left, it resets the connections; returns how
    /// many.
    fn die(&mut self, node: NodeId, reset: bool) -> u32 {
        let mut count = 0;
        for (connection, direction) in self.network.connections_of(node) {
            self.network.silence(connection, direction, self.now);
            if reset {
                count += u32::from(self.network.is_open(connection));
                self.transmit(connection, direction, Packet::Reset, self.now, self.last);
            }
        }
        self.processes[node.0 as usize].die();
        count
    }

    fn resume(&mut self, node: NodeId, cause: u32) {
        let process = &mut self.processes[node.0 as usize];
        if process.state != ProcessState::Paused {
            return;
        }
        process.state = ProcessState::Up;
        let parked = !process.parked.is_empty();
        self.happen(node, EventKind::Command, cause, cause, false);
        self.tell(node, || Fact::ProcessResumed);
        if parked {
            self.schedule(self.now, self.last, Event::Unpark { node });
        }
        for connection in self.processes[node.0 as usize].inboxes.connections() {
            self.line_up(node, connection);
        }
    }

    /// Ends the connections that `from` opened to `to`: both sides see a reset.
    fn reset_connections(&mut self, from: NodeId, to: NodeId) {
        for (connection, direction) in self.network.connections_of(from) {
            let between = self.network.ends(connection) == Some((from, to));
            if direction == Direction::ToServer && between {
                self.reset_connection(connection, to, self.last);
            }
        }
    }

    /// Ends a connection: everything on its way is lost, only the news of the end gets through.
    fn reset_connection(&mut self, connection: u32, server: NodeId, cause: u32) {
        let start = Instant::ZERO;
        self.network.silence(connection, Direction::ToServer, start);
        self.network.silence(connection, Direction::ToClient, start);
        self.processes[server.0 as usize].forget(connection);
        let (direction, packet) = (Direction::ToClient, Packet::Reset);
        let event = Event::Packet { connection, direction, left: start, packet };
        self.schedule(self.now, cause, event);
    }

    /// Resets the connection if this message is one that shall not arrive.
    pub(super) fn drop_doomed(
        &mut self,
        connection: u32,
        direction: Direction,
        message: &Message,
        cause: u32,
    ) -> bool {
        let Some((client, server)) = self.network.ends(connection) else { return false };
        let (from, to) = match direction {
            Direction::ToServer => (client, server),
            Direction::ToClient => (server, client),
        };
        let (api, response) = match message {
            Message::Request(request) => (request.body.api(), false),
            Message::Response(response, _) => (response.body.api(), true),
        };
        let this = Doomed { from, to, api, response };
        let Some(place) = self.doomed.iter().position(|doomed| *doomed == this) else {
            return false;
        };
        self.doomed.remove(place);
        self.reset_connection(connection, server, cause);
        true
    }
}

//! Connections, packets and the queues in front of the handlers.

use std::sync::Arc;

use super::event::{Event, EventKind, Message, Queued, Scheduled};
use super::inboxes::Inbox;
use super::process::ProcessState;
use super::{Blueprint, Cluster, Told};
use crate::fact::Fact;
use crate::ids::BrokerId;
use crate::node::{ConnectionId, Disconnect, Input, Listener, ReplyTo};
use crate::protocol::{Request, Response};
use crate::sim::{Alarm, Class, Direction, Instant, NodeId, Packet, Ring, rng};

impl Cluster {
    /// Lets one event happen.
    pub(super) fn dispatch(&mut self, event: Event, cause: u32, idle: bool) {
        match event {
            Event::Packet { connection, direction, left, packet } => {
                let through = self.network.arrive(connection, direction, packet, left, cause);
                if let Some(packet) = through {
                    self.on_packet(connection, direction, packet, cause, idle);
                }
            }
            Event::Release { connection, direction } => {
                let Some((held, more)) = self.network.release(connection, direction) else {
                    return;
                };
                if more {
                    self.schedule(self.now, cause, Event::Release { connection, direction });
                }
                // Retransmission brings it now; the event that sent it is still its cause.
                self.on_packet(connection, direction, held.packet, held.cause, false);
            }
            Event::Alarm { node, alarm } => self.on_alarm(node, alarm, cause),
            Event::Boot { node, incarnation } => self.boot(node, incarnation, cause),
            Event::Lane { node, incarnation } => {
                let process = &mut self.processes[node.0 as usize];
                if process.incarnation == incarnation {
                    process.lane_wake = None;
                    self.pump(node);
                }
            }
            Event::Unpark { node } => self.unpark(node),
        }
    }

    /// Keeps an event for later if the process is stopped, or has older ones to catch up with.
    fn park(&mut self, node: NodeId, event: impl FnOnce() -> Event, cause: u32) -> bool {
        let process = &mut self.processes[node.0 as usize];
        let is_behind = process.is_behind();
        if is_behind {
            process.parked.push_back((event(), cause));
        }
        is_behind
    }

    fn on_packet(
        &mut self,
        connection: u32,
        direction: Direction,
        packet: Packet<Message>,
        cause: u32,
        idle: bool,
    ) {
        let Some((client, server)) = self.network.ends(connection) else { return };
        if !self.doomed.is_empty()
            && let Packet::Message(message) = &packet
            && self.drop_doomed(connection, direction, message, cause)
        {
            return;
        }
        if let Some(tap) = &mut self.tap {
            let server_knows = self.processes[server.0 as usize].inboxes.contains(connection);
            let is_taken = match direction {
                Direction::ToServer => self.processes[server.0 as usize].powered && server_knows,
                Direction::ToClient => self.processes[client.0 as usize].is_alive(),
            };
            if is_taken {
                tap.arrived(connection, direction, &packet, self.now);
            }
        }
        match direction {
            Direction::ToServer => self.on_server_packet(connection, server, packet, cause, idle),
            Direction::ToClient => self.on_client_packet(connection, client, packet, cause, idle),
        }
    }

    /// A packet reaches the side that was connected to.
    fn on_server_packet(
        &mut self,
        connection: u32,
        node: NodeId,
        packet: Packet<Message>,
        cause: u32,
        idle: bool,
    ) {
        let process = &mut self.processes[node.0 as usize];
        if !process.powered {
            if let Packet::Message(_) = packet {
                process.unanswered.insert(connection);
            }
            return;
        }
        let known = process.inboxes.contains(connection);
        match packet {
            Packet::Open(port) if process.is_listening(port) => {
                // The operating system accepts, even for a process that is stopped.
                process.inboxes.insert(connection, Inbox::at(listener_of(port)));
                self.network.mark_open(connection);
                self.transmit(connection, Direction::ToClient, Packet::Accepted, self.now, cause);
            }
            Packet::Open(_) => {
                self.transmit(connection, Direction::ToClient, Packet::Refused, self.now, cause);
            }
            Packet::Message(Message::Request(request)) if known => {
                let from = ReplyTo {
                    connection: ConnectionId(connection),
                    correlation_id: request.correlation_id,
                };
                self.enqueue(node, Queued { from, request, cause, idle });
            }
            Packet::Message(_) => {
                self.transmit(connection, Direction::ToClient, Packet::Reset, self.now, cause);
            }
            Packet::Closed | Packet::Reset => {
                process.forget(connection);
                self.network.remove(connection);
            }
            Packet::Accepted | Packet::Refused => unreachable!("only a client is answered so"),
        }
    }

    /// A packet reaches the side that opened the connection.
    fn on_client_packet(
        &mut self,
        connection: u32,
        node: NodeId,
        packet: Packet<Message>,
        cause: u32,
        idle: bool,
    ) {
        let process = &mut self.processes[node.0 as usize];
        if !process.is_alive() {
            return;
        }
        if process.is_behind() {
            let (direction, left) = (Direction::ToClient, self.now);
            let event = Event::Packet { connection, direction, left, packet };
            process.parked.push_back((event, cause));
            return;
        }
        let id = ConnectionId(connection);
        let mut end = None;
        let (input, kind, origin) = match packet {
            Packet::Message(Message::Response(response, origin)) => {
                let kind = EventKind::Response(response.body.api());
                (Input::Response { connection: id, response }, kind, origin)
            }
            Packet::Accepted => (Input::Connected(id), EventKind::Connection, cause),
            Packet::Refused | Packet::Reset | Packet::Closed => {
                let how = match packet {
                    Packet::Refused => Disconnect::Refused,
                    Packet::Reset => Disconnect::Reset,
                    _ => Disconnect::Closed,
                };
                end = self.end_of(connection, how);
                self.network.remove(connection);
                (Input::Disconnected(id, how), EventKind::Connection, cause)
            }
            Packet::Open(_) | Packet::Message(Message::Request(_)) => {
                unreachable!("only a server is asked")
            }
        };
        self.happen(node, kind, cause, origin, idle);
        if let (Some(tap), Input::Response { response, .. }) = (&mut self.tap, &input) {
            tap.taken(connection, Direction::ToClient, response.correlation_id, self.last);
        }
        if let Some(end) = end {
            self.tell(node, || end);
        }
        self.give(node, input);
    }

    /// How a connection ended, as the side that opened it sees it.
    fn end_of(&self, connection: u32, how: Disconnect) -> Option<Fact> {
        let (_, server) = self.network.ends(connection)?;
        let peer = self.name(server).clone();
        match how {
            Disconnect::Refused => Some(Fact::ConnectionRefused { peer }),
            Disconnect::Reset => Some(Fact::ConnectionReset { peer }),
            Disconnect::Closed => None,
        }
    }

    pub(super) fn tell(&mut self, node: NodeId, fact: impl FnOnce() -> Fact) {
        if self.out.interest > crate::node::Interest::Nothing {
            self.told.push(Told { event: self.last, node, fact: fact() });
        }
    }

    fn on_alarm(&mut self, node: NodeId, alarm: Alarm, cause: u32) {
        if self.park(node, || Event::Alarm { node, alarm }, cause) {
            return;
        }
        match self.processes[node.0 as usize].timers.ring(alarm) {
            Ring::Fire(timer, (why, set_by)) => {
                self.happen(node, EventKind::Timer(timer, why), set_by, set_by, false);
                self.give(node, Input::Timer(timer));
            }
            Ring::Later(due) => {
                // What was due while the process was stopped is due now.
                let late = due.at < self.now;
                let due = if late { self.queue.reserve(self.now, Class::Event) } else { due };
                let event = Event::Alarm { node, alarm };
                if due.at < self.now {
                    // A process that was stopped slept through it.
                    self.schedule(self.now, cause, event);
                } else {
                    self.queue.schedule_as(due, Scheduled { cause, event });
                }
            }
            Ring::Stale => {}
        }
    }

    /// A process that was stopped takes the next thing that came meanwhile.
    fn unpark(&mut self, node: NodeId) {
        let process = &mut self.processes[node.0 as usize];
        if process.state != ProcessState::Up {
            return;
        }
        let mut parked = std::mem::take(&mut process.parked);
        let Some((event, cause)) = parked.pop_front() else { return };
        // While it is handled nothing else is parked, so that it gets through.
        match event {
            Event::Packet { connection, direction, packet, .. } => {
                self.on_packet(connection, direction, packet, cause, false);
            }
            Event::Alarm { node, alarm } => self.on_alarm(node, alarm, cause),
            other => self.dispatch(other, cause, false),
        }
        let process = &mut self.processes[node.0 as usize];
        parked.append(&mut process.parked);
        process.parked = parked;
        if !process.parked.is_empty() {
            self.schedule(self.now, cause, Event::Unpark { node });
        }
    }

    /// Puts a request into the queue of its connection, or hands it to a handler that is free.
    fn enqueue(&mut self, node: NodeId, queued: Queued) {
        let now = self.now;
        let process = &mut self.processes[node.0 as usize];
        let connection = queued.from.connection.0;
        let inbox = process.inboxes.get_mut(connection).expect("the connection is known");
        let free = inbox.queue.is_empty() && !inbox.busy && inbox.ready_at <= now;
        if free && process.state == ProcessState::Up {
            let kind = Blueprint::lane_of(inbox.listener, queued.request.body.api());
            if process.waiting[kind].is_empty()
                && let Some(lane) = process.lanes[kind].idle(now)
            {
                self.take(node, kind, lane, queued);
                return;
            }
        }
        inbox.queue.push_back(queued);
        self.line_up(node, connection);
    }

    /// Lets a connection with a request stand in the queue of its lane, unless it does already or
    /// its request in process is not answered.
    pub(super) fn line_up(&mut self, node: NodeId, connection: u32) {
        let now = self.now;
        let process = &mut self.processes[node.0 as usize];
        let Some(inbox) = process.inboxes.get_mut(connection) else { return };
        if inbox.busy || inbox.waiting || process.state != ProcessState::Up {
            return;
        }
        let Some(next) = inbox.queue.front() else { return };
        let kind = Blueprint::lane_of(inbox.listener, next.request.body.api());
        let at = inbox.ready_at.max(now);
        inbox.waiting = true;
        process.waiting[kind].push_back(connection);
        let at = at.max(process.lanes[kind].next_idle());
        self.wake_lane(node, at);
    }

    fn wake_lane(&mut self, node: NodeId, at: Instant) {
        let process = &mut self.processes[node.0 as usize];
        if process.lane_wake.is_none_or(|wake| at < wake) {
            process.lane_wake = Some(at);
            let event = Event::Lane { node, incarnation: process.incarnation };
            self.schedule(at, 0, event);
        }
    }

    /// Takes the next request that waits for a handler.
    pub(super) fn pump(&mut self, node: NodeId) {
        let now = self.now;
        let process = &mut self.processes[node.0 as usize];
        if process.state != ProcessState::Up {
            return;
        }
        let mut taken = None;
        for kind in 0..process.lanes.len() {
            let Some(lane) = process.lanes[kind].idle(now) else { continue };
            let inboxes = &process.inboxes;
            let ready = |connection: &u32| {
                let inbox = inboxes.get(*connection).expect("it would have left");
                inbox.ready_at <= now
            };
            if let Some(place) = process.waiting[kind].iter().position(ready) {
                let connection = process.waiting[kind].remove(place).expect("it was just found");
                let inbox = process.inboxes.get_mut(connection).expect("it is known");
                inbox.waiting = false;
                taken = inbox.queue.pop_front().map(|queued| (kind, lane, queued));
                break;
            }
        }
        if let Some((kind, lane, queued)) = taken {
            self.take(node, kind, lane, queued);
        }
        self.wake_for_waiting(node);
    }

    /// Schedules the lane event for what still waits.
    fn wake_for_waiting(&mut self, node: NodeId) {
        let now = self.now;
        let process = &self.processes[node.0 as usize];
        let wake = process.waiting.iter().zip(&process.lanes).filter_map(|(waiting, lanes)| {
            let mut ready: Option<Instant> = None;
            for connection in waiting {
                let inbox = process.inboxes.get(*connection).expect("it would have left");
                ready = Some(ready.map_or(inbox.ready_at, |ready| ready.min(inbox.ready_at)));
                if inbox.ready_at <= now {
                    break;
                }
            }
            Some(ready?.max(lanes.next_idle()))
        });
        if let Some(at) = wake.min() {
            self.wake_lane(node, at.max(now));
        }
    }

    /// A handler takes a request.
    fn take(&mut self, node: NodeId, kind: usize, lane: usize, queued: Queued) {
        let process = &mut self.processes[node.0 as usize];
        let connection = queued.from.connection.0;
        let inbox = process.inboxes.get_mut(connection).expect("the connection is known");
        inbox.busy = true;
        (inbox.origin, inbox.api_version) = (queued.cause, queued.request.api_version);
        let (listener, api) = (inbox.listener, queued.request.body.api());
        self.happen(node, EventKind::Request(api), queued.cause, queued.cause, queued.idle);
        if let Some(tap) = &mut self.tap {
            let id = queued.request.correlation_id;
            tap.taken(connection, Direction::ToServer, id, self.last);
        }
        let input = Input::Request { from: queued.from, listener, request: queued.request };
        let done = self.give(node, input);
        if let Some(lanes) = self.processes[node.0 as usize].lanes.get_mut(kind)
            && !queued.idle
        {
            lanes.occupy(lane, done);
        }
    }

    /// Sends an answer, or ends a request that gets none: its connection takes the next one.
    pub(super) fn send_reply(
        &mut self,
        node: NodeId,
        to: ReplyTo,
        response: Option<Arc<Response>>,
        leave: Instant,
    ) {
        let connection = to.connection.0;
        let process = &mut self.processes[node.0 as usize];
        // The connection may have ended while the request waited.
        let Some(inbox) = process.inboxes.get_mut(connection) else { return };
        inbox.busy = false;
        inbox.ready_at = leave;
        let (origin, api_version) = (inbox.origin, inbox.api_version);
        let more = !inbox.queue.is_empty();
        if let Some(mut response) = response {
            Arc::make_mut(&mut response).body.trim(api_version);
            #[cfg(test)]
            super::testing::note(|| {
                super::testing::Sent::Response(api_version, response.body.clone())
            });
            let id = response.correlation_id;
            let packet = Packet::Message(Message::Response(response, origin));
            self.transmit(connection, Direction::ToClient, packet, leave, self.last);
            if let Some(tap) = &mut self.tap {
                tap.answers(connection, id, api_version);
            }
        }
        if more {
            self.line_up(node, connection);
        }
    }

    pub(super) fn send_request(
        &mut self,
        connection: ConnectionId,
        mut request: Arc<Request>,
        leave: Instant,
    ) {
        let api_version = request.api_version;
        Arc::make_mut(&mut request).body.trim(api_version);
        #[cfg(test)]
        super::testing::note(|| super::testing::Sent::Request(api_version, request.body.clone()));
        let packet = Packet::Message(Message::Request(request));
        self.transmit(connection.0, Direction::ToServer, packet, leave, self.last);
    }

    pub(super) fn connect(
        &mut self,
        client: NodeId,
        connection: ConnectionId,
        peer: BrokerId,
        listener: Listener,
        leave: Instant,
    ) {
        let server = self.servers.get(&peer).copied();
        let stream = self.stream(client, peer);
        let given = self.network.add(client, server.unwrap_or(client), stream);
        assert_eq!(given, connection.0, "connections are numbered as they are opened");
        if server.is_some() {
            let open = Packet::Open(listener as u8);
            self.transmit(given, Direction::ToServer, open, leave, self.last);
        } else {
            // No such host: as good as refused.
            self.transmit(given, Direction::ToClient, Packet::Refused, leave, self.last);
        }
    }

    /// The stream of chance of the next connection from `client` to `peer`: named by both and by how
    /// many there were before, so that another process in the cluster shifts nothing.
    fn stream(&mut self, client: NodeId, peer: BrokerId) -> u64 {
        let process = &mut self.processes[client.0 as usize];
        let opened = process.opened.entry(peer).or_insert(0);
        *opened += 1;
        rng::fnv1a(&format!("{}/{peer}/{opened}", process.name))
    }

    pub(super) fn close(&mut self, node: NodeId, connection: ConnectionId, leave: Instant) {
        let Some((client, _)) = self.network.ends(connection.0) else { return };
        let direction = if client == node { Direction::ToServer } else { Direction::ToClient };
        if direction == Direction::ToClient {
            self.processes[node.0 as usize].forget(connection.0);
        }
        self.transmit(connection.0, direction, Packet::Closed, leave, self.last);
    }

    fn count(&mut self, connection: u32, size: u64) {
        let Some((client, _)) = self.network.ends(connection) else { return };
        let is_server = self.blueprint(client).server_id().is_some();
        if let Some(wire) = &mut self.wire {
            let sum = if is_server { &mut wire.servers } else { &mut wire.clients };
            *sum += size;
        }
    }

    pub(super) fn transmit(
        &mut self,
        connection: u32,
        direction: Direction,
        packet: Packet<Message>,
        left: Instant,
        cause: u32,
    ) {
        let (size, idle) = match &packet {
            Packet::Message(message) => (message.size(), message.is_idle_poll()),
            _ => (0, false),
        };
        if self.wire.is_some() {
            self.count(connection, size);
        }
        if let (Some(tap), Some((client, server))) = (&mut self.tap, self.network.ends(connection))
        {
            let ends = match direction {
                Direction::ToServer => (client, server),
                Direction::ToClient => (server, client),
            };
            tap.sent(connection, direction, ends, &packet, (left, cause));
        }
        let arrival = self.network.transmit(connection, direction, left, size, idle);
        if let Some(arrival) = arrival {
            let event = Event::Packet { connection, direction, left, packet };
            self.queue.schedule(arrival.at, arrival.class, Scheduled { cause, event });
        }
    }
}

fn listener_of(port: u8) -> Listener {
    if port == Listener::Controller as u8 { Listener::Controller } else { Listener::Broker }
}

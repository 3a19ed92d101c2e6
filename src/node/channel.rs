//! The asking side of connections: one channel per broker and purpose, as every process keeps them.
//!
//! In Kafka: `NetworkClient` with `ClusterConnectionStates` and `InFlightRequests`; KIP-144
//! (reconnect back-off), KIP-601 (connection setup timeout). Left out: throttled channels, idle
//! connections (`connections.max.idle.ms`), several addresses of one broker.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::{Backoff, ConnectionId, Disconnect, Listener, Outbox, Timer, Why};
use crate::fact::Fact;
use crate::ids::{BrokerId, Name};
use crate::protocol::{Api, Request, RequestBody, Response};
use crate::sim::rng::Stream;
use crate::sim::{Duration, Instant, Lookup};

/// What a connection is for: a process may hold several to one broker, and they do not wait for each
/// other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// A client's produce, fetch and metadata requests; an administrator's.
    Client,
    /// A consumer's requests to its group coordinator.
    Coordinator,
    /// A follower's fetches from its leader.
    Replication,
    /// The metadata quorum.
    Raft,
    /// A broker's registration and heartbeats to the controller.
    Heartbeat,
    /// A broker's ISR changes to the controller.
    AlterPartition,
    /// Requests of clients that a broker hands on to the controller, and its own of that kind.
    Forwarding,
    /// A client's first requests, while it knows addresses but no brokers' ids.
    Bootstrap,
}

impl Purpose {
    /// Which of a server's listeners it is for.
    pub const fn listener(self) -> Listener {
        match self {
            Self::Client | Self::Coordinator | Self::Replication | Self::Bootstrap => {
                Listener::Broker
            }
            Self::Raft | Self::Heartbeat | Self::AlterPartition | Self::Forwarding => {
                Listener::Controller
            }
        }
    }
}

/// The other end of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Peer {
    /// The broker or controller.
    pub broker: BrokerId,
    /// What the channel is for.
    pub purpose: Purpose,
}

impl Peer {
    /// The channel to `broker` for `purpose`.
    pub const fn new(broker: BrokerId, purpose: Purpose) -> Self {
        Self { broker, purpose }
    }
}

/// The settings of a client's connections, by their Kafka names.
#[derive(Clone, Debug)]
pub struct ChannelConfig {
    /// `client.id`.
    pub client_id: Name,
    /// `request.timeout.ms`: a request unanswered for so long fails, and its connection is closed.
    pub request_timeout: Duration,
    /// The setting that `request_timeout` came from.
    pub request_timeout_key: &'static str,
    /// `reconnect.backoff.ms`.
    pub reconnect_backoff: Duration,
    /// `reconnect.backoff.max.ms`.
    pub reconnect_backoff_max: Duration,
    /// `socket.connection.setup.timeout.ms`.
    pub setup_timeout: Duration,
    /// `socket.connection.setup.timeout.max.ms`.
    pub setup_timeout_max: Duration,
    /// `max.in.flight.requests.per.connection`.
    pub max_in_flight: usize,
}

impl ChannelConfig {
    /// Kafka's defaults for a client with this `client.id`.
    pub fn new(client_id: impl Into<Name>) -> Self {
        Self {
            client_id: client_id.into(),
            request_timeout: Duration::from_secs(30),
            request_timeout_key: "request.timeout.ms",
            reconnect_backoff: Duration::from_millis(50),
            reconnect_backoff_max: Duration::from_secs(1),
            setup_timeout: Duration::from_secs(10),
            setup_timeout_max: Duration::from_secs(30),
            max_in_flight: usize::MAX,
        }
    }
}

/// Why a request got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The connection could not be opened, or ended.
    Disconnected,
    /// No answer came within `request.timeout.ms`.
    TimedOut,
}

/// What became of a request: its tag, and the answer or why there is none.
#[derive(Clone, Debug)]
pub struct Completion<T> {
    /// Who was asked.
    pub peer: Peer,
    /// What the request was about, as its sender put it.
    pub tag: T,
    /// The answer.
    pub result: Result<Arc<Response>, Failure>,
}

#[derive(Clone, Debug)]
struct Pending<T> {
    tag: T,
    api_version: i16,
    body: RequestBody,
    timeout: Duration,
}

#[derive(Clone, Debug)]
struct InFlight<T> {
    tag: T,
    api: Api,
    correlation_id: i32,
    deadline: Instant,
    timeout: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Disconnected,
    /// Not before the instant.
    BackingOff(Instant),
    Connecting {
        connection: ConnectionId,
        give_up_at: Instant,
    },
    Ready(ConnectionId),
}

#[derive(Clone, Debug)]
struct Channel<T> {
    state: State,
    /// Attempts since the last success that ended in nothing.
    failures: u32,
    setup_failures: u32,
    /// When an attempt began, or a connection ended.
    last_attempt: Instant,
    unsent: VecDeque<Pending<T>>,
    in_flight: VecDeque<InFlight<T>>,
    /// When the timer that watches the requests is set for, if it is.
    watch: Option<Instant>,
}

impl<T> Channel<T> {
    /// A request leaves now.
    fn note(&mut self, tag: T, api: Api, correlation_id: i32, now: Instant, timeout: Duration) {
        let deadline = now + timeout;
        self.in_flight.push_back(InFlight { tag, api, correlation_id, deadline, timeout });
    }
}

impl<T> Default for Channel<T> {
    fn default() -> Self {
        Self {
            state: State::Disconnected,
            failures: 0,
            setup_failures: 0,
            last_attempt: Instant::ZERO,
            unsent: VecDeque::new(),
            in_flight: VecDeque::new(),
            watch: None,
        }
    }
}

/// The channels of a process to the brokers and controllers it talks to; `T` says what a request
/// was about.
#[derive(Clone, Debug)]
pub struct Channels<T> {
    config: ChannelConfig,
    chance: Stream,
    peers: BTreeMap<Peer, Channel<T>>,
    by_connection: Lookup<ConnectionId, Peer>,
    next_correlation_id: i32,
}

impl<T: Clone> Channels<T> {
    /// No connections yet.
    pub fn new(config: ChannelConfig, chance: Stream) -> Self {
        Self {
            config,
            chance,
            peers: BTreeMap::new(),
            by_connection: Lookup::new(),
            next_correlation_id: 0,
        }
    }

    /// The settings.
    pub fn config(&self) -> &ChannelConfig {
        &self.config
    }

    /// Asks `peer`, as soon as there is a connection and room in flight. A connection is opened if
    /// there is none; if that fails, so do the requests that wait for it.
    pub fn send(
        &mut self,
        peer: Peer,
        tag: T,
        api_version: i16,
        body: RequestBody,
        out: &mut Outbox,
    ) {
        let timeout = self.config.request_timeout;
        self.send_within(peer, tag, api_version, body, timeout, out);
    }

    /// Like [`Channels::send`], with a request timeout of its own.
    pub fn send_within(
        &mut self,
        peer: Peer,
        tag: T,
        api_version: i16,
        body: RequestBody,
        timeout: Duration,
        out: &mut Outbox,
    ) {
        let channel = self.peers.entry(peer).or_default();
        let has_room =
            channel.unsent.is_empty() && channel.in_flight.len() < self.config.max_in_flight;
        if let (State::Ready(connection), true) = (channel.state, has_room) {
            let correlation_id = next(&mut self.next_correlation_id);
            channel.note(tag, body.api(), correlation_id, out.now, timeout);
            let client_id = self.config.client_id.clone();
            out.send(connection, Request { api_version, correlation_id, client_id, body });
            watch(peer, channel, self.config.request_timeout_key, out);
        } else {
            channel.unsent.push_back(Pending { tag, api_version, body, timeout });
            self.drain(peer, out);
        }
    }

    /// True when a request to `peer` would leave at once.
    pub fn is_ready(&self, peer: Peer) -> bool {
        self.peers.get(&peer).is_some_and(|channel| {
            matches!(channel.state, State::Ready(_))
                && channel.unsent.is_empty()
                && channel.in_flight.len() < self.config.max_in_flight
        })
    }

    /// True while a connection to `peer` may not be tried again yet.
    pub fn is_backing_off(&self, peer: Peer, now: Instant) -> bool {
        self.peers
            .get(&peer)
            .is_some_and(|channel| matches!(channel.state, State::BackingOff(until) if until > now))
    }

    /// True while a connection to `peer` is open.
    pub fn is_connected(&self, peer: Peer) -> bool {
        self.peers.get(&peer).is_some_and(|channel| matches!(channel.state, State::Ready(_)))
    }

    /// True while a connection to `peer` is being opened.
    pub fn is_connecting(&self, peer: Peer) -> bool {
        self.peers
            .get(&peer)
            .is_some_and(|channel| matches!(channel.state, State::Connecting { .. }))
    }

    /// True when there is no connection to `peer` and one may be tried now.
    pub fn can_connect(&self, peer: Peer, now: Instant) -> bool {
        self.peers.get(&peer).is_none_or(|channel| match channel.state {
            State::Disconnected => true,
            State::BackingOff(until) => until <= now,
            State::Connecting { .. } | State::Ready(_) => false,
        })
    }

    /// Whom `connection` leads to, while this process holds it.
    pub fn peer(&self, connection: ConnectionId) -> Option<Peer> {
        self.by_connection.get(&connection).copied()
    }

    /// When a connection to `peer` was last tried, or ended.
    pub fn last_attempt(&self, peer: Peer) -> Instant {
        self.peers.get(&peer).map_or(Instant::ZERO, |channel| channel.last_attempt)
    }

    /// Opens a connection to `peer` unless there is one or it is too early.
    pub fn make_ready(&mut self, peer: Peer, out: &mut Outbox) {
        self.peers.entry(peer).or_default();
        self.connect_if_allowed(peer, out);
    }

    /// How many requests to `peer` are unanswered or unsent.
    pub fn outstanding(&self, peer: Peer) -> usize {
        self.peers.get(&peer).map_or(0, |channel| channel.in_flight.len() + channel.unsent.len())
    }

    /// How many requests to `peer` are on their way.
    pub fn in_flight(&self, peer: Peer) -> usize {
        self.peers.get(&peer).map_or(0, |channel| channel.in_flight.len())
    }

    /// How many requests are on their way, whoever was asked.
    pub fn in_flight_total(&self) -> usize {
        self.peers.values().map(|channel| channel.in_flight.len()).sum()
    }

    /// The peers with an open connection.
    pub fn connected(&self) -> impl Iterator<Item = Peer> {
        let ready = |channel: &Channel<T>| matches!(channel.state, State::Ready(_));
        self.peers.iter().filter(move |(_, channel)| ready(channel)).map(|(peer, _)| *peer)
    }

    /// Closes the connection to `peer`; its requests fail.
    pub fn close(&mut self, peer: Peer, out: &mut Outbox) -> Vec<Completion<T>> {
        let Some(channel) = self.peers.get_mut(&peer) else { return Vec::new() };
        if let State::Ready(connection) | State::Connecting { connection, .. } = channel.state {
            out.close(connection);
            self.by_connection.remove(&connection);
        }
        channel.state = State::Disconnected;
        fail_all(peer, channel, Failure::Disconnected)
    }

    /// A connection is open.
    pub fn on_connected(&mut self, connection: ConnectionId, out: &mut Outbox) {
        let Some(peer) = self.by_connection.get(&connection).copied() else { return };
        let channel = self.peers.get_mut(&peer).expect("every connection has a channel");
        channel.state = State::Ready(connection);
        channel.failures = 0;
        channel.setup_failures = 0;
        out.cancel_timer(Timer::Connect(peer));
        self.drain(peer, out);
    }

    /// A response came: whose request it answers, and the tag.
    pub fn on_response(
        &mut self,
        connection: ConnectionId,
        response: Arc<Response>,
        out: &mut Outbox,
    ) -> Option<Completion<T>> {
        let peer = self.by_connection.get(&connection).copied()?;
        let channel = self.peers.get_mut(&peer)?;
        let request = channel.in_flight.pop_front()?;
        assert_eq!(
            request.correlation_id, response.correlation_id,
            "responses come in the order of their requests"
        );
        if !channel.unsent.is_empty() {
            self.drain(peer, out);
        }
        Some(Completion { peer, tag: request.tag, result: Ok(response) })
    }

    /// A request that gets no answer (acks=0) is done.
    pub fn forget_last(&mut self, peer: Peer) {
        if let Some(channel) = self.peers.get_mut(&peer) {
            channel.in_flight.pop_back();
        }
    }

    /// A connection ended or could not be opened: its requests fail.
    pub fn on_disconnected(
        &mut self,
        connection: ConnectionId,
        _how: Disconnect,
        out: &mut Outbox,
    ) -> Vec<Completion<T>> {
        let Some(peer) = self.by_connection.remove(&connection) else { return Vec::new() };
        self.back_off(peer, out);
        let channel = self.peers.get_mut(&peer).expect("every connection has a channel");
        fail_all(peer, channel, Failure::Disconnected)
    }

    /// `Timer::Connect(peer)`: the back-off is over, or an attempt to connect is given up.
    pub fn on_connect_timer(&mut self, peer: Peer, out: &mut Outbox) -> Vec<Completion<T>> {
        let Some(channel) = self.peers.get_mut(&peer) else { return Vec::new() };
        match channel.state {
            State::Connecting { connection, give_up_at } if give_up_at <= out.now => {
                channel.setup_failures += 1;
                out.close(connection);
                self.by_connection.remove(&connection);
                self.back_off(peer, out);
                let channel = self.peers.get_mut(&peer).expect("it was just there");
                fail_all(peer, channel, Failure::Disconnected)
            }
            State::BackingOff(until) if until <= out.now => {
                channel.state = State::Disconnected;
                if !channel.unsent.is_empty() {
                    self.connect_if_allowed(peer, out);
                }
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// `Timer::RequestTimeout(peer)`: if the oldest request is overdue, the connection is closed
    /// and all its requests fail.
    pub fn on_request_timer(&mut self, peer: Peer, out: &mut Outbox) -> Vec<Completion<T>> {
        let now = out.now;
        self.expire(peer, |deadline| deadline <= now, out)
    }

    /// Like [`Channels::on_request_timer`], for those who look at their requests now and then: they
    /// count whole milliseconds, and a request is overdue once more of them than allowed have passed.
    pub fn expire_overdue(&mut self, peer: Peer, out: &mut Outbox) -> Vec<Completion<T>> {
        let now = out.now.as_millis();
        self.expire(peer, |deadline| deadline.as_millis() < now, out)
    }

    fn expire(
        &mut self,
        peer: Peer,
        is_overdue: impl Fn(Instant) -> bool,
        out: &mut Outbox,
    ) -> Vec<Completion<T>> {
        let Some(channel) = self.peers.get_mut(&peer) else { return Vec::new() };
        channel.watch = None;
        let overdue = channel.in_flight.iter().find(|request| is_overdue(request.deadline));
        let Some(overdue) = overdue else {
            watch(peer, channel, self.config.request_timeout_key, out);
            return Vec::new();
        };
        let (api, after) = (overdue.api, overdue.timeout);
        out.fact(|| Fact::RequestTimedOut { peer: peer.broker, api: api.name().into(), after });
        if let State::Ready(connection) = channel.state {
            out.close(connection);
            self.by_connection.remove(&connection);
        }
        self.back_off(peer, out);
        let channel = self.peers.get_mut(&peer).expect("it was just there");
        fail_all(peer, channel, Failure::TimedOut)
    }

    /// Sends what may leave now; opens a connection if there is none.
    fn drain(&mut self, peer: Peer, out: &mut Outbox) {
        let channel = self.peers.get_mut(&peer).expect("the channel was made before");
        let State::Ready(connection) = channel.state else {
            self.connect_if_allowed(peer, out);
            return;
        };
        while channel.in_flight.len() < self.config.max_in_flight {
            let Some(pending) = channel.unsent.pop_front() else { break };
            let correlation_id = next(&mut self.next_correlation_id);
            let Pending { tag, api_version, body, timeout } = pending;
            channel.note(tag, body.api(), correlation_id, out.now, timeout);
            let client_id = self.config.client_id.clone();
            out.send(connection, Request { api_version, correlation_id, client_id, body });
        }
        watch(peer, channel, self.config.request_timeout_key, out);
    }

    fn connect_if_allowed(&mut self, peer: Peer, out: &mut Outbox) {
        let channel = self.peers.get_mut(&peer).expect("the channel was made before");
        match channel.state {
            State::Disconnected => {}
            State::BackingOff(until) if until <= out.now => {}
            State::BackingOff(_) | State::Connecting { .. } | State::Ready(_) => return,
        }
        let connection = out.connect(peer.broker, peer.purpose.listener());
        let patience = Backoff::new(self.config.setup_timeout, self.config.setup_timeout_max);
        let give_up_at = out.now + patience.after(channel.setup_failures, &mut self.chance);
        channel.state = State::Connecting { connection, give_up_at };
        channel.last_attempt = out.now;
        self.by_connection.insert(connection, peer);
        let why = Why::Config("socket.connection.setup.timeout.ms");
        out.set_timer(Timer::Connect(peer), give_up_at, why);
    }

    fn back_off(&mut self, peer: Peer, out: &mut Outbox) {
        let channel = self.peers.get_mut(&peer).expect("the channel was made before");
        let backoff =
            Backoff::new(self.config.reconnect_backoff, self.config.reconnect_backoff_max);
        let until = out.now + backoff.after(channel.failures, &mut self.chance);
        channel.failures += 1;
        channel.last_attempt = out.now;
        channel.state = State::BackingOff(until);
        out.set_timer(Timer::Connect(peer), until, Why::Config("reconnect.backoff.ms"));
    }
}

/// The number to use, raised for the next one.
const fn next(correlation_id: &mut i32) -> i32 {
    let this = *correlation_id;
    *correlation_id = this.wrapping_add(1);
    this
}

/// Sets the timer for the oldest request, unless it is set early enough.
fn watch<T>(peer: Peer, channel: &mut Channel<T>, key: &'static str, out: &mut Outbox) {
    let Some(oldest) = channel.in_flight.iter().map(|request| request.deadline).min() else {
        return;
    };
    // Its time may be up in this very millisecond.
    let at = if oldest > out.now { oldest } else { out.now + Duration::from_millis(1) };
    if channel.watch.is_none_or(|set| set > at) {
        channel.watch = Some(at);
        out.set_timer(Timer::RequestTimeout(peer), at, Why::Config(key));
    }
}

fn fail_all<T>(peer: Peer, channel: &mut Channel<T>, failure: Failure) -> Vec<Completion<T>> {
    let sent = channel.in_flight.drain(..).map(|request| request.tag);
    let unsent = channel.unsent.drain(..).map(|request| request.tag);
    sent.chain(unsent).map(|tag| Completion { peer, tag, result: Err(failure) }).collect()
}

//! A client's side of the network: its channels, and metadata that keeps itself up to date.
//!
//! In Kafka: `NetworkClient` with its `DefaultMetadataUpdater`. A client hands every input to
//! [`NetworkClient::handle`] first, sends with [`NetworkClient::send`], and calls
//! [`NetworkClient::poll`] at the end of each step. Left out: `ApiVersions` requests, telemetry,
//! throttling.

use std::sync::Arc;

use smallvec::SmallVec;

use super::metadata::{METADATA_VERSION, Metadata};
use crate::node::{
    ChannelConfig, Channels, Completion, ConnectionId, Disconnect, Input, Outbox, Peer, Timer, Why,
};
use crate::protocol::{RequestBody, Response, ResponseBody};
use crate::sim::rng::Stream;
use crate::sim::{Duration, Instant};

/// What became of a client's own requests in one step, oldest first.
pub type Completions<T> = SmallVec<[Completion<T>; 1]>;

/// Whose request it is.
#[derive(Clone, Debug)]
enum Tag<T> {
    Metadata,
    Client(T),
}

/// The channels of a client and its metadata; `T` says what a request was about.
#[derive(Clone, Debug)]
pub struct NetworkClient<T> {
    channels: Channels<Tag<T>>,
    metadata: Metadata,
    /// For the choice among nodes that are equally loaded.
    chance: Stream,
    /// What `Timer::Metadata` is set to.
    timer: Option<Instant>,
}

/// The answer of [`NetworkClient::least_loaded`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LeastLoaded {
    node: Option<Peer>,
    /// At least one node has an open connection.
    any_connected: bool,
}

impl<T: Clone> NetworkClient<T> {
    /// The client called `name` ("producer/web"): its streams of chance are named after it.
    pub fn new(
        config: ChannelConfig,
        metadata: super::metadata::MetadataConfig,
        seed: u64,
        name: &str,
    ) -> Self {
        let stream = |purpose: &str| Stream::new(seed, &format!("{name}/{purpose}"));
        Self {
            channels: Channels::new(config, stream("channels")),
            metadata: Metadata::new(metadata, stream("metadata")),
            chance: stream("node"),
            timer: None,
        }
    }

    /// What is known of the cluster.
    pub const fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// What is known of the cluster, to say what is of interest and to ask for updates.
    pub const fn metadata_mut(&mut self) -> &mut Metadata {
        &mut self.metadata
    }

    /// Takes an input that is about the network; others are handed back.
    ///
    /// # Errors
    /// Gives the input back that is not about the network.
    pub fn handle(&mut self, input: Input, out: &mut Outbox) -> Result<Completions<T>, Input> {
        match input {
            Input::Connected(connection) => {
                self.channels.on_connected(connection, out);
                Ok(SmallVec::new())
            }
            Input::Response { connection, response } => {
                Ok(self.on_response(connection, response, out).into_iter().collect())
            }
            Input::Disconnected(connection, how) => Ok(self.on_disconnected(connection, how, out)),
            Input::Timer(Timer::RequestTimeout(peer)) => {
                let was_connected = self.channels.is_connected(peer);
                let done = self.channels.on_request_timer(peer, out);
                Ok(self.after_expiry(peer, was_connected, done, out))
            }
            Input::Timer(Timer::Connect(peer)) => {
                let was_connecting = self.channels.is_connecting(peer);
                let done = self.channels.on_connect_timer(peer, out);
                let done = self.sort_all(done, out);
                if was_connecting && !self.channels.is_connecting(peer) {
                    self.metadata.on_disconnected(out.now);
                }
                Ok(done)
            }
            Input::Timer(Timer::Metadata) => {
                self.timer = None;
                Ok(self.rebootstrap_if_stuck(out))
            }
            other => Err(other),
        }
    }

    /// Closes the connection to `peer` if a request has waited too long for its answer, for a client
    /// that looks only when it is awake.
    pub fn expire_overdue(&mut self, peer: Peer, out: &mut Outbox) -> Completions<T> {
        let was_connected = self.channels.is_connected(peer);
        let done = self.channels.expire_overdue(peer, out);
        self.after_expiry(peer, was_connected, done, out)
    }

    fn after_expiry(
        &mut self,
        peer: Peer,
        was_connected: bool,
        done: Vec<Completion<Tag<T>>>,
        out: &mut Outbox,
    ) -> Completions<T> {
        let done = self.sort_all(done, out);
        if was_connected && !self.channels.is_connected(peer) {
            self.metadata.on_disconnected(out.now);
        }
        done
    }

    /// A response came: what became of the client's request, unless it was about metadata.
    #[inline]
    pub fn on_response(
        &mut self,
        connection: ConnectionId,
        response: Arc<Response>,
        out: &mut Outbox,
    ) -> Option<Completion<T>> {
        let done = self.channels.on_response(connection, response, out)?;
        self.sort(done, out)
    }

    fn on_disconnected(
        &mut self,
        connection: ConnectionId,
        how: Disconnect,
        out: &mut Outbox,
    ) -> Completions<T> {
        if self.channels.peer(connection).is_none() {
            // This client closed it before.
            return SmallVec::new();
        }
        let done = self.channels.on_disconnected(connection, how, out);
        let done = self.sort_all(done, out);
        self.metadata.on_disconnected(out.now);
        done
    }

    /// Keeps what is about metadata, passes on the rest.
    fn sort(&mut self, done: Completion<Tag<T>>, out: &mut Outbox) -> Option<Completion<T>> {
        let Completion { peer, tag, result } = done;
        match tag {
            Tag::Client(tag) => Some(Completion { peer, tag, result }),
            Tag::Metadata => {
                match result.as_deref().map(|response| &response.body) {
                    Ok(ResponseBody::Metadata(answer)) => self.metadata.on_response(answer, out),
                    Ok(other) => unreachable!("{:?} answers Metadata", other.api()),
                    Err(_) => self.metadata.on_failure(out.now),
                }
                None
            }
        }
    }

    fn sort_all(&mut self, done: Vec<Completion<Tag<T>>>, out: &mut Outbox) -> Completions<T> {
        done.into_iter().filter_map(|done| self.sort(done, out)).collect()
    }

    // ---- sending ----

    /// True when a request to `peer` would leave at once; a connection is opened if there is none.
    /// While metadata is due nobody is ready: it goes first.
    pub fn ready(&mut self, peer: Peer, out: &mut Outbox) -> bool {
        if self.is_ready(peer, out.now) {
            return true;
        }
        self.channels.make_ready(peer, out);
        false
    }

    /// True when a request to `peer` would leave at once.
    pub fn is_ready(&mut self, peer: Peer, now: Instant) -> bool {
        self.channels.is_ready(peer) && !self.metadata.is_update_due(now)
    }

    /// True while there is no connection to `peer`, nor one being opened.
    pub fn is_disconnected(&self, peer: Peer) -> bool {
        !self.channels.is_connected(peer) && !self.channels.is_connecting(peer)
    }

    /// True while a connection to `peer` is open.
    pub fn is_connected(&self, peer: Peer) -> bool {
        self.channels.is_connected(peer)
    }

    /// True while `peer` was found unreachable and may not be tried again yet.
    pub fn is_backing_off(&self, peer: Peer, now: Instant) -> bool {
        self.channels.is_backing_off(peer, now)
    }

    /// How many requests to `peer` are unanswered or unsent.
    pub fn outstanding(&self, peer: Peer) -> usize {
        self.channels.outstanding(peer)
    }

    /// Asks `peer`.
    pub fn send(
        &mut self,
        peer: Peer,
        tag: T,
        api_version: i16,
        body: RequestBody,
        out: &mut Outbox,
    ) {
        self.channels.send(peer, Tag::Client(tag), api_version, body, out);
    }

    /// Asks `peer`, and waits no longer than `timeout` for the answer.
    pub fn send_within(
        &mut self,
        peer: Peer,
        tag: T,
        api_version: i16,
        body: RequestBody,
        timeout: Duration,
        out: &mut Outbox,
    ) {
        self.channels.send_within(peer, Tag::Client(tag), api_version, body, timeout, out);
    }

    /// Sends a request that gets no answer (Produce with acks=0) to a peer that is ready.
    pub fn send_without_answer(
        &mut self,
        peer: Peer,
        tag: T,
        api_version: i16,
        body: RequestBody,
        out: &mut Outbox,
    ) {
        assert!(self.channels.is_ready(peer), "it leaves at once");
        self.send(peer, tag, api_version, body, out);
        self.channels.forget_last(peer);
    }

    /// Closes the connection to `peer`; its requests fail.
    pub fn close(&mut self, peer: Peer, out: &mut Outbox) -> Completions<T> {
        let done = self.channels.close(peer, out);
        self.sort_all(done, out)
    }

    /// How many requests to `peer` are on their way.
    pub fn in_flight(&self, peer: Peer) -> usize {
        self.channels.in_flight(peer)
    }

    /// How many requests are on their way, whoever was asked.
    pub fn in_flight_total(&self) -> usize {
        self.channels.in_flight_total()
    }

    /// The node with the fewest requests in flight that can be asked, or else one that may be
    /// connected to. An open connection is preferred to one being opened, that to a new one.
    pub fn least_loaded(&mut self, now: Instant) -> Option<Peer> {
        self.find_least_loaded(now).node
    }

    fn find_least_loaded(&mut self, now: Instant) -> LeastLoaded {
        let nodes = self.metadata.nodes();
        assert!(!nodes.is_empty(), "a client begins with one address at least");
        let offset = self.chance.below(nodes.len() as u64) as usize;
        let (mut ready, mut connecting, mut connectable) = (None, None, None);
        let mut any_connected = false;
        for index in 0..nodes.len() {
            let node = nodes[(offset + index) % nodes.len()];
            any_connected |= self.channels.is_connected(node);
            if self.channels.is_ready(node) {
                let in_flight = self.channels.in_flight(node);
                if in_flight == 0 {
                    return LeastLoaded { node: Some(node), any_connected: true };
                }
                if ready.is_none_or(|(least, _)| in_flight < least) {
                    ready = Some((in_flight, node));
                }
            } else if self.channels.is_connecting(node) {
                connecting = Some(node);
            } else if self.channels.can_connect(node, now) {
                let tried = self.channels.last_attempt(node);
                if connectable.is_none_or(|(longest_ago, _)| tried < longest_ago) {
                    connectable = Some((tried, node));
                }
            }
        }
        let node = ready.map(|(_, node)| node).or(connecting);
        LeastLoaded { node: node.or(connectable.map(|(_, node)| node)), any_connected }
    }

    // ---- metadata ----

    /// Asks for metadata if it is time; true if a request left. To be called at the end of every
    /// step, and again whenever an update was asked for.
    pub fn poll(&mut self, out: &mut Outbox) -> bool {
        let due = self.metadata.due_at(out.now);
        let sent = due.is_some_and(|due| due <= out.now) && self.ask_for_metadata(out);
        self.set_timer(due.filter(|due| *due > out.now), out);
        sent
    }

    fn ask_for_metadata(&mut self, out: &mut Outbox) -> bool {
        self.metadata.attempt(out.now);
        let mut choice = self.find_least_loaded(out.now);
        if choice.node.is_none() && !choice.any_connected && self.metadata.may_rebootstrap() {
            self.metadata.rebootstrap(out.now);
            choice = self.find_least_loaded(out.now);
        }
        // Without a node, the end of somebody's back-off brings the next attempt.
        let Some(node) = choice.node else { return false };
        if self.channels.is_ready(node) {
            let request = self.metadata.request(out.now);
            let body = RequestBody::Metadata(Box::new(request));
            self.channels.send(node, Tag::Metadata, METADATA_VERSION, body, out);
            return true;
        }
        let nodes = self.metadata.nodes();
        if !nodes.iter().any(|node| self.channels.is_connecting(*node)) {
            self.channels.make_ready(node, out);
        }
        false
    }

    fn set_timer(&mut self, due: Option<Instant>, out: &mut Outbox) {
        let give_up = self.metadata.rebootstrap_at().filter(|at| *at > out.now);
        let Some(at) = due.into_iter().chain(give_up).min() else { return };
        if self.timer == Some(at) {
            return;
        }
        self.timer = Some(at);
        let why = Why::Config(match due {
            Some(due) if due == at && self.metadata.is_update_wanted() => "retry.backoff.ms",
            Some(due) if due == at => "metadata.max.age.ms",
            _ => "metadata.recovery.rebootstrap.trigger.ms",
        });
        out.set_timer(Timer::Metadata, at, why);
    }

    /// After too long without an answer the client leaves all brokers it knows and begins anew.
    fn rebootstrap_if_stuck(&mut self, out: &mut Outbox) -> Completions<T> {
        if self.metadata.rebootstrap_at().is_none_or(|at| at > out.now) {
            return SmallVec::new();
        }
        let mut failed = Completions::new();
        for node in self.metadata.nodes().to_vec() {
            failed.extend(self.close(node, out));
        }
        self.metadata.rebootstrap(out.now);
        failed
    }
}

//! The admin client: what a scenario's administrator asks of the cluster, and the hidden client that
//! creates its topics.
//!
//! In Kafka: `KafkaAdminClient`. One call per broker is in flight; a call is tried again after
//! disconnects, timeouts and `NOT_CONTROLLER`, until `default.api.timeout.ms` is over. Left out:
//! `bootstrap.controllers`, quotas.

mod answers;
mod call;
mod requests;
mod setup;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use answers::AdminError;
use answers::{Meaning, Outcome};
use call::{Call, OffsetStep, Target, Task, task_of};
use setup::Setup;

use super::NetworkClient;
use super::metadata::{Metadata, MetadataConfig};
use crate::config::AdminConfig;
use crate::fact::Fact;
use crate::ids::{BrokerId, Name};
use crate::node::{
    AdminRequest, Backoff, ChannelConfig, Completion, Input, Instruction, Outbox, Peer, Purpose,
    Timer, Touched, Why,
};
use crate::protocol::ErrorCode;
use crate::sim::rng::Stream;
use crate::sim::{Duration, Instant};

/// The slot of `Timer::Retry` for calls that wait.
const RETRY: u32 = 0;

/// What an admin client is made from.
#[derive(Clone, Debug)]
pub struct AdminSpec {
    /// `bootstrap.servers`.
    pub bootstrap: Vec<BrokerId>,
    /// The client's settings.
    pub config: AdminConfig,
    /// How many brokers must be unfenced before the topics are created.
    pub expected_brokers: u32,
    /// The topics to create then: [`AdminRequest::CreateTopic`] each.
    pub topics: Vec<AdminRequest>,
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminOutcome {
    /// The number of the request: the topics of the spec are numbered first, then the instructions
    /// in the order in which they came.
    pub id: u64,
    /// The request.
    pub request: AdminRequest,
    /// Done, or why not.
    pub result: Result<(), AdminError>,
}

/// An admin client.
#[derive(Clone, Debug)]
pub struct Admin {
    network: NetworkClient<()>,
    request_timeout: Duration,
    api_timeout: Duration,
    retries: u32,
    backoff: Backoff,
    chance: Stream,
    expected_brokers: u32,
    /// What the preparations will create.
    topics: Vec<(u64, AdminRequest)>,
    setup: Setup,
    next_id: u64,
    /// Calls that wait for a broker, or for their next try.
    pending: Vec<Call>,
    /// The call that each broker is working on.
    in_flight: BTreeMap<Peer, Call>,
    outcomes: Vec<AdminOutcome>,
    timer: Option<Instant>,
    closing: bool,
}

impl Admin {
    /// Starts the client called `name`.
    pub fn boot(spec: &AdminSpec, name: &Name, seed: u64, out: &mut Outbox) -> Self {
        let AdminSpec { bootstrap, config, expected_brokers, topics } = spec;
        let streams = format!("admin/{name}");
        let client_id =
            if config.client_id.is_empty() { name.clone() } else { config.client_id.clone() };
        let channels = ChannelConfig {
            request_timeout: config.request_timeout,
            reconnect_backoff: config.reconnect_backoff,
            reconnect_backoff_max: config.reconnect_backoff_max,
            setup_timeout: config.socket_connection_setup_timeout,
            setup_timeout_max: config.socket_connection_setup_timeout_max,
            max_in_flight: 1,
            ..ChannelConfig::new(client_id)
        };
        let metadata = MetadataConfig {
            max_age: config.metadata_max_age,
            // An admin client asks for metadata at even distances.
            backoff: Backoff::new(config.retry_backoff, config.retry_backoff),
            partial_updates: false,
            ..MetadataConfig::new(bootstrap.clone())
        };
        let topics: Vec<_> = (0..).zip(topics.iter().cloned()).collect();
        let mut admin = Self {
            network: NetworkClient::new(channels, metadata, seed, &streams),
            request_timeout: config.request_timeout,
            api_timeout: config.default_api_timeout,
            retries: config.retries,
            backoff: Backoff::new(config.retry_backoff, config.retry_backoff_max),
            chance: Stream::new(seed, &format!("{streams}/backoff")),
            expected_brokers: *expected_brokers,
            next_id: topics.len() as u64,
            topics,
            setup: Setup::AwaitingBrokers,
            pending: Vec::new(),
            in_flight: BTreeMap::new(),
            outcomes: Vec::new(),
            timer: None,
            closing: false,
        };
        admin.work(out);
        admin
    }

    /// Takes one step.
    pub fn handle(&mut self, input: Input, out: &mut Outbox) {
        match self.network.handle(input, out) {
            Ok(done) => {
                for done in &done {
                    self.on_completion(done, out);
                }
            }
            Err(Input::Timer(Timer::Retry(RETRY))) => self.timer = None,
            Err(Input::Instruction(Instruction::Admin(request))) => {
                self.ask(request, out.now);
            }
            Err(Input::Shutdown) => self.closing = true,
            Err(other) => unreachable!("an admin client is not given {other:?}"),
        }
        self.work(out);
    }

    /// Takes a request; its number is the one in its outcome.
    fn ask(&mut self, request: AdminRequest, now: Instant) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        let deadline = now + self.api_timeout;
        self.pending.push(Call::new(task_of(id, request), now, deadline));
        id
    }

    /// Does what can be done at this instant.
    fn work(&mut self, out: &mut Outbox) {
        loop {
            self.prepare(out);
            self.send_calls(out);
            if !self.network.poll(out) {
                break;
            }
        }
        if self.closing && self.pending.is_empty() && self.in_flight.is_empty() {
            out.exit(0);
            return;
        }
        self.set_timer(out);
        out.touch(Touched::Client);
    }

    fn send_calls(&mut self, out: &mut Outbox) {
        for mut call in std::mem::take(&mut self.pending) {
            if call.deadline < out.now {
                let why = format!("Timed out waiting for a node assignment. Call: {}", call.name());
                self.finish_all(&call, &timed_out(&why), out);
                continue;
            }
            let peer = (call.next_try <= out.now).then(|| self.node_for(&call, out)).flatten();
            let peer = peer.filter(|peer| !self.in_flight.contains_key(peer));
            match peer.filter(|peer| self.network.ready(*peer, out)) {
                Some(peer) => {
                    let left = call.deadline.since(out.now);
                    let timeout = self.request_timeout.min(left);
                    let (version, body) = requests::request_for(&call.task, timeout);
                    self.network.send_within(peer, (), version, body, timeout, out);
                    call.next_try = out.now;
                    self.in_flight.insert(peer, call);
                }
                None => self.pending.push(call),
            }
        }
    }

    /// The broker that a call goes to, if it is known yet.
    fn node_for(&mut self, call: &Call, out: &Outbox) -> Option<Peer> {
        let metadata = self.network.metadata();
        let client = |broker| Peer::new(broker, Purpose::Client);
        let node = match call.target() {
            _ if metadata.brokers().is_empty() => None,
            Target::Controller => metadata.controller().map(client),
            Target::LeastLoaded => return self.network.least_loaded(out.now),
            Target::Broker(id) => metadata.brokers().contains_key(&id).then(|| client(id)),
        };
        if node.is_none() {
            self.network.metadata_mut().request_update(false);
        }
        node
    }

    fn on_completion(&mut self, done: &Completion<()>, out: &mut Outbox) {
        let Some(call) = self.in_flight.remove(&done.peer) else { return };
        let meaning = match &done.result {
            Ok(response) => answers::read(&call.task, &response.body),
            Err(_) => Meaning::Again(AdminError {
                error: ErrorCode::NetworkException,
                message: format!(
                    "Cancelled {} request due to node {} being disconnected",
                    call.name(),
                    done.peer.broker
                )
                .into(),
            }),
        };
        match meaning {
            Meaning::Done(outcomes) => self.finish(&call, outcomes, out),
            Meaning::Next(step) => {
                if let Task::AlterOffset(id, request, _) = call.task {
                    let task = Task::AlterOffset(id, request, step);
                    self.pending.push(Call::new(task, out.now, call.deadline));
                }
            }
            Meaning::Again(error) => self.try_again(call, &error, out),
        }
    }

    fn try_again(&mut self, mut call: Call, error: &AdminError, out: &mut Outbox) {
        if error.error == ErrorCode::NotController {
            self.network.metadata_mut().request_update(true);
        }
        call.next_try = out.now + self.backoff.after(call.tries, &mut self.chance);
        call.tries += 1;
        if call.deadline <= out.now || call.tries > self.retries || self.closing {
            let name = call.name();
            let why = format!("Call(callName={name}) timed out after {} attempt(s)", call.tries);
            return self.finish_all(&call, &timed_out(&why), out);
        }
        if let Task::AlterOffset(_, _, step) = &mut call.task {
            // Whoever was asked may not be the right one any more.
            *step = match *step {
                OffsetStep::ListOffset(_) => OffsetStep::FindLeader,
                OffsetStep::Commit(_, offset) => OffsetStep::FindCoordinator(offset),
                step => step,
            };
        }
        self.pending.push(call);
    }

    fn finish_all(&mut self, call: &Call, error: &AdminError, out: &mut Outbox) {
        let outcomes = call.requests().map(|_| Err(error.clone())).collect();
        self.finish(call, outcomes, out);
    }

    fn finish(&mut self, call: &Call, outcomes: Vec<Outcome>, out: &mut Outbox) {
        let is_setup = matches!(call.task, Task::CreateTopics(_));
        let mut created = Vec::new();
        for ((id, request), result) in call.requests().zip(outcomes) {
            if let Err(AdminError { error, message }) = &result {
                out.fact(|| Fact::AdminRefused {
                    api: call::api(request).into(),
                    subject: call::subject(request).into(),
                    error: *error,
                    message: message.clone(),
                });
            }
            let exists = |error: &AdminError| error.error == ErrorCode::TopicAlreadyExists;
            if is_setup && result.as_ref().err().is_none_or(exists) {
                created.push(request.clone());
            }
            self.outcomes.push(AdminOutcome { id, request: request.clone(), result });
        }
        if is_setup {
            self.topics_created(created.into_iter());
        }
    }

    fn set_timer(&mut self, out: &mut Outbox) {
        // One nanosecond past its deadline a call has timed out.
        let late = |call: &Call| call.deadline + Duration::from_nanos(1);
        let due = |call: &Call| {
            if call.next_try > out.now { call.next_try.min(late(call)) } else { late(call) }
        };
        let Some(at) = self.pending.iter().map(due).min() else { return };
        if self.timer.is_none_or(|set| set > at) {
            self.timer = Some(at);
            out.set_timer(Timer::Retry(RETRY), at, Why::Config("retry.backoff.ms"));
        }
    }

    // ---- for those who look ----

    /// Takes the outcomes since the last call, in the order in which they became known.
    pub fn take_outcomes(&mut self) -> Vec<AdminOutcome> {
        std::mem::take(&mut self.outcomes)
    }

    /// The outcomes that nobody has taken yet.
    pub fn outcomes(&self) -> &[AdminOutcome] {
        &self.outcomes
    }

    /// What was asked for and may have been done: what is under way, then what is over, the newest
    /// first.
    pub fn asked(&self) -> impl Iterator<Item = &AdminRequest> {
        let may_be_done = |outcome: &&AdminOutcome| match &outcome.result {
            Ok(()) => true,
            Err(refused) => refused.error == ErrorCode::RequestTimedOut,
        };
        let calls = self.in_flight.values().chain(self.pending.iter().rev());
        let under_way = calls.flat_map(|call| call.requests().map(|(_, request)| request));
        let over = self.outcomes.iter().rev().filter(may_be_done).map(|outcome| &outcome.request);
        under_way.chain(over)
    }

    /// The number that the next request gets.
    pub const fn next_id(&self) -> u64 {
        self.next_id
    }

    /// True once all declared brokers were unfenced.
    pub fn brokers_ready(&self) -> bool {
        self.setup != Setup::AwaitingBrokers
    }

    /// True once every topic of the spec that could be created has a leader for each partition.
    pub fn topics_ready(&self) -> bool {
        self.setup == Setup::Ready
    }

    /// True while no request is under way.
    pub fn is_idle(&self) -> bool {
        self.pending.is_empty() && self.in_flight.is_empty()
    }

    /// What it knows of the cluster.
    pub const fn metadata(&self) -> &Metadata {
        self.network.metadata()
    }
}

fn timed_out(why: &str) -> AdminError {
    AdminError { error: ErrorCode::RequestTimedOut, message: why.into() }
}

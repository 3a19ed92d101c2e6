//! The consumer: Kafka 4.1's Java client with the classic group protocol, and the application that
//! polls it.
//!
//! In Kafka: `ClassicKafkaConsumer` and its parts. A consumer has two threads. The application's
//! calls `poll` and does nearly everything inside it; the heartbeat thread does only what
//! `heartbeat` says. Here both take turns at every event: what the application's thread does waits
//! while it is busy, and so does the network while the heartbeat thread does not run. Left out: the
//! consumer protocol (KIP-848), patterns, `pause`. Other libraries are followed as far as their
//! [`Personality`] says.

mod personality;
mod spec;

mod application;
mod close;
mod poll;
mod processors;
mod workers;

mod coordinator;
mod discovery;
mod join;
mod metadata_snapshot;
mod rebalance;

mod commit;
mod committed;
mod heartbeat;

mod partition;
mod positions;
mod subscription;

mod collector;
mod completed_fetch;
mod fetcher;
mod session;

mod alarms;
mod exception;
mod step;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, VecDeque};

use alarms::{Alarms, Wanted};
use application::{Activity, Application};
use coordinator::Coordinator;
pub use coordinator::MemberState;
use fetcher::Fetcher;
pub use partition::{FetchPosition, FetchState, LeaderAndEpoch, PartitionState};
pub use personality::{Balancers, Marks, Personality, Workers};
use positions::OffsetFetcher;
use processors::Processors;
pub use spec::{CommitPolicy, ConsumerSpec, OnError, Reads, Slow};
use step::{Step, Tag};
pub use subscription::SubscriptionState;
use workers::Handlers;

use super::NetworkClient;
use super::metadata::MetadataConfig;
use crate::config::{ConsumerConfig, MetadataRecovery};
use crate::ids::{BrokerId, Generation, Name, TopicPartition};
use crate::node::{Backoff, ChannelConfig, Completion, Input, Outbox, Timer, Touched, Why};
use crate::sim::Instant;
use crate::sim::rng::Stream;

/// What all parts of a consumer work with.
#[derive(Clone, Debug)]
struct Core {
    spec: ConsumerSpec,
    client: NetworkClient<Tag>,
    subscriptions: SubscriptionState,
    ended: VecDeque<Completion<Tag>>,
}

impl Core {
    fn step<'a>(&'a mut self, out: &'a mut Outbox) -> Step<'a> {
        Step {
            config: &self.spec.config,
            personality: self.spec.personality,
            client: &mut self.client,
            subscriptions: &mut self.subscriptions,
            ended: &mut self.ended,
            out,
        }
    }
}

/// A consumer process: a state machine of its inputs.
#[derive(Clone, Debug)]
pub struct Consumer {
    core: Core,
    coordinator: Option<Coordinator>,
    fetcher: Fetcher,
    positions: OffsetFetcher,
    app: Application,
    handlers: Handlers,
    processors: Processors,
    /// What came over the network while nobody looked.
    deferred: Vec<Input>,
    /// Something could not be asked just now.
    retry_soon: bool,
    /// Whether every partition could be fetched when the call last looked for positions.
    had_all_fetch_positions: bool,
    alarms: Alarms,
}

impl Consumer {
    /// Starts the process called `name`: the application creates its consumer and polls.
    /// `incarnation` counts its starts, from 1.
    pub fn boot(
        spec: &ConsumerSpec,
        name: &Name,
        incarnation: u32,
        seed: u64,
        out: &mut Outbox,
    ) -> Self {
        let mut spec = spec.clone();
        if spec.commit != CommitPolicy::Auto {
            spec.config.enable_auto_commit = false;
        }
        // A process that starts again draws other numbers.
        let again = if incarnation > 1 { format!("#{incarnation}") } else { String::new() };
        let stream = format!("consumer/{name}{again}");
        let config = &spec.config;
        let channels = channel_config(config, name);
        let client = NetworkClient::new(channels, metadata_config(&spec), seed, &stream);
        let chance = Stream::new(seed, &format!("{stream}/coordinator"));
        let coordinator =
            config.group_id.clone().map(|group| Coordinator::new(group, config, out.now, chance));
        let core = Core {
            spec,
            client,
            subscriptions: SubscriptionState::default(),
            ended: VecDeque::new(),
        };
        let mut consumer = Self {
            core,
            coordinator,
            fetcher: Fetcher::default(),
            positions: OffsetFetcher::default(),
            app: Application::new(Activity::Polling, out.now),
            handlers: Handlers::default(),
            processors: Processors::default(),
            deferred: Vec::new(),
            retry_soon: false,
            had_all_fetch_positions: true,
            alarms: Alarms::default(),
        };
        consumer.begin_reading();
        consumer.run(out);
        consumer
    }

    /// `subscribe` or `assign`.
    fn begin_reading(&mut self) {
        let Core { spec, subscriptions, client, .. } = &mut self.core;
        match spec.reads.clone() {
            Reads::Subscribe(topics) => {
                assert!(self.coordinator.is_some(), "a subscription needs a group.id");
                subscriptions.subscribe(topics);
            }
            Reads::Assign(partitions) => {
                subscriptions.assign_from_user(partitions.into_iter().collect());
            }
            Reads::AssignAll(topics) => {
                client.metadata_mut().set_topics(topics);
                self.app.activity = Activity::Starting;
                return;
            }
        }
        client.metadata_mut().set_topics(subscriptions.metadata_topics());
    }

    /// Assigns all partitions of the topics, once they are known.
    fn assign_all(&mut self, out: &mut Outbox) -> bool {
        let Core { spec, subscriptions, client, .. } = &mut self.core;
        let Reads::AssignAll(topics) = &spec.reads else { return false };
        let mut partitions = BTreeSet::new();
        for name in topics {
            let Some(topic) = client.metadata().topic(name) else { return false };
            let indexes = 0..topic.partition_count();
            partitions.extend(indexes.map(|index| TopicPartition::new(name.clone(), index)));
        }
        subscriptions.assign_from_user(partitions);
        self.app.activity = Activity::Polling;
        self.begin_poll(out);
        true
    }

    /// Takes one step: the only way in.
    pub fn handle(&mut self, input: Input, out: &mut Outbox) {
        if matches!(self.app.activity, Activity::Closed) {
            return;
        }
        match input {
            Input::Shutdown => {
                if !matches!(self.app.activity, Activity::Closing(_)) {
                    self.app.ends_with = Some(0);
                }
            }
            Input::Instruction(instruction) => self.app.instructions.push_back(instruction),
            Input::Timer(
                timer @ (Timer::Heartbeat
                | Timer::PollInterval
                | Timer::Poll
                | Timer::AutoCommit
                | Timer::Retry(_)),
            ) => self.alarms.fired(timer),
            network if self.serves_network() => self.take(network, out),
            network => self.deferred.push(network),
        }
        self.run(out);
        out.touch(Touched::Client);
    }

    /// True while one of the two threads looks at the network.
    fn serves_network(&self) -> bool {
        !self.app.is_busy()
            || self.coordinator.as_ref().is_some_and(Coordinator::has_running_thread)
    }

    /// Goes on until nothing is left to do at this instant.
    fn run(&mut self, out: &mut Outbox) {
        loop {
            if self.serves_network() {
                self.take_deferred(out);
            }
            if let Some(coordinator) = &mut self.coordinator {
                let polling = !self.app.is_busy();
                coordinator.run_heartbeat_thread(polling, &mut self.core.step(out));
            }
            self.retry_soon = false;
            let mut goes_on = self.advance(out);
            if matches!(self.app.activity, Activity::Closed) {
                // Nothing more comes of a process that has ended.
                return;
            }
            goes_on |= self.take_ended(out);
            goes_on |= self.serves_network() && self.core.client.poll(out);
            if !goes_on {
                break;
            }
        }
        let wanted = self.wanted(out.now);
        self.alarms.set(wanted, out);
    }

    // ---- the network ----

    /// What came while nobody looked: answers first, then timeouts.
    fn take_deferred(&mut self, out: &mut Outbox) {
        if self.deferred.is_empty() {
            return;
        }
        let is_timer = |input: &Input| matches!(input, Input::Timer(_));
        let (timers, answers): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.deferred).into_iter().partition(is_timer);
        for input in answers.into_iter().chain(timers) {
            self.take(input, out);
        }
    }

    fn take(&mut self, input: Input, out: &mut Outbox) {
        if let Input::Response { connection, response } = input {
            // The most frequent one, and at most one of its own requests is over by it.
            if let Some(done) = self.core.client.on_response(connection, response, out) {
                self.on_completion(done, out);
            }
            self.take_ended(out);
            return;
        }
        let opened = matches!(input, Input::Connected(_));
        let Ok(completions) = self.core.client.handle(input, out) else { return };
        if let Some(coordinator) = self.coordinator.as_mut().filter(|_| opened) {
            coordinator.tell_found_if_connected(&mut self.core.step(out));
        }
        for done in completions {
            self.on_completion(done, out);
        }
        self.take_ended(out);
    }

    /// Requests that ended with a connection that the consumer closed itself.
    fn take_ended(&mut self, out: &mut Outbox) -> bool {
        let mut any = false;
        while let Some(done) = self.core.ended.pop_front() {
            self.on_completion(done, out);
            any = true;
        }
        any
    }

    fn on_completion(&mut self, done: Completion<Tag>, out: &mut Outbox) {
        let Completion { peer, tag, result } = done;
        let answer = result.as_deref().map(|response| &response.body).map_err(|failure| *failure);
        let step = &mut self.core.step(out);
        match (tag, &mut self.coordinator) {
            (Tag::Fetch, _) => match &result {
                Ok(response) => self.fetcher.on_response(peer.broker, response, step),
                Err(_) => self.fetcher.on_failure(peer.broker, step),
            },
            (Tag::CloseSession, _) => {
                if let Activity::Closing(closing) = &mut self.app.activity {
                    closing.session_ended();
                }
            }
            (Tag::ListOffsets(asked), _) => OffsetFetcher::on_list_offsets(&asked, answer, step),
            (Tag::EpochEnds(asked), _) => self.positions.on_epoch_ends(&asked, answer, step),
            (Tag::FindCoordinator, Some(coordinator)) => {
                coordinator.on_find_coordinator(answer, step);
            }
            (Tag::JoinGroup(sent), Some(coordinator)) => {
                coordinator.on_join_group(&sent, answer, step);
            }
            (Tag::SyncGroup(sent), Some(coordinator)) => {
                coordinator.on_sync_group(&sent, answer, step);
            }
            (Tag::Heartbeat(sent), Some(coordinator)) => {
                coordinator.on_heartbeat(&sent, answer, step);
            }
            (Tag::LeaveGroup, Some(coordinator)) => {
                if let Err(failure) = answer {
                    coordinator.on_no_answer(failure, step);
                }
            }
            (Tag::OffsetCommit(sent), Some(coordinator)) => {
                coordinator.on_offset_commit(&sent, answer, step);
            }
            (Tag::OffsetFetch(number), Some(coordinator)) => {
                coordinator.on_offset_fetch(number, answer, step);
            }
            (_, None) => unreachable!("without a group, nothing of a group is asked"),
        }
    }

    // ---- timers ----

    fn wanted(&self, now: Instant) -> Wanted {
        let Core { spec, subscriptions, .. } = &self.core;
        let config = &spec.config;
        let is_polling = matches!(self.app.activity, Activity::Polling);
        let backoff = Why::Config("retry.backoff.ms");
        let call_ends = self.app.call_ends_at.filter(|_| is_polling);
        let soon = || self.app.call_would_end_at(spec, now).min(now + config.retry_backoff);
        let mut retry = [
            call_ends.map(|at| (at, Why::Scenario)),
            (is_polling && self.retry_soon).then(|| (soon(), backoff)),
            subscriptions.next_retry(now).filter(|_| is_polling).map(|at| (at, backoff)),
            None,
            None,
        ];
        if let Activity::Closing(closing) = &self.app.activity {
            retry[0] = Some((closing.deadline(), Why::Rule("close waits for so long")));
        }
        let handled = self.handlers.wake_at().into_iter().chain(self.processors.wake_at());
        let poll = self.app.wake_at().into_iter().chain(handled).min();
        let mut wanted = Wanted { poll, ..Wanted::default() };
        if let Some(coordinator) = &self.coordinator {
            wanted.heartbeat = coordinator.heartbeat_due_at(!self.app.is_busy());
            let poll_at = coordinator.heartbeat.poll_at();
            let is_watched = coordinator.has_running_thread();
            let busy_until = self.app.busy_until().filter(|until| is_watched && *until >= poll_at);
            // One that is past waits until the coordinator is known again.
            wanted.poll_interval = busy_until.map(|_| poll_at).filter(|at| *at > now);
            let next_commit = coordinator.commits.next_auto_commit();
            let commits = is_polling && config.enable_auto_commit && next_commit > now;
            wanted.auto_commit = commits.then_some(next_commit);
            if !self.app.is_busy() {
                retry[3] = coordinator.wake_at().map(|at| (at, backoff));
                retry[4] = coordinator.commits.sync_wake_at().map(|at| (at, backoff));
            }
        }
        let later = retry.into_iter().flatten().filter(|(at, _)| *at > now);
        wanted.retry = later.min_by_key(|(at, _)| *at);
        wanted
    }

    // ---- what can be seen ----

    /// What it reads: topics, and partitions with their positions.
    pub fn subscriptions(&self) -> &SubscriptionState {
        &self.core.subscriptions
    }

    /// Its group, if it has one.
    pub fn group(&self) -> Option<&Name> {
        self.coordinator.as_ref().map(|coordinator| &coordinator.group)
    }

    /// The coordinator of its group, while it knows it.
    pub fn coordinator(&self) -> Option<BrokerId> {
        self.coordinator.as_ref()?.node
    }

    /// Where it is on its way into the group; none without one.
    pub fn member_state(&self) -> Option<MemberState> {
        Some(self.coordinator.as_ref()?.state)
    }

    /// Its member id, once it has one.
    pub fn member_id(&self) -> Option<&Name> {
        let membership = &self.coordinator.as_ref()?.membership;
        membership.has_member_id().then_some(&membership.member_id)
    }

    /// The generation it is a member of.
    pub fn generation(&self) -> Option<Generation> {
        self.coordinator.as_ref()?.membership.generation
    }

    /// True if it divides the partitions among the members of its group.
    pub fn is_leader(&self) -> bool {
        self.coordinator.as_ref().is_some_and(|coordinator| coordinator.is_leader)
    }

    /// One word for what it is at.
    pub fn state(&self) -> &'static str {
        match (&self.app.activity, self.member_state()) {
            (Activity::Closed, _) => "closed",
            (Activity::Closing(_), _) => "closing",
            (Activity::Starting, _) => "starting",
            (_, _) if !self.core.subscriptions.has_auto_assigned_partitions() => "assigned",
            (_, None | Some(MemberState::Unjoined)) => "unjoined",
            (_, Some(MemberState::PreparingRebalance)) => "joining",
            (_, Some(MemberState::CompletingRebalance)) => "syncing",
            (_, Some(MemberState::Stable)) => "stable",
        }
    }

    /// What it knows of the cluster.
    pub fn metadata(&self) -> &crate::client::metadata::Metadata {
        self.core.client.metadata()
    }

    /// When it leaves its group by itself unless its application polls; none without a group.
    pub fn must_poll_by(&self) -> Option<Instant> {
        Some(self.coordinator.as_ref()?.heartbeat.poll_at())
    }

    /// Until when the application does not poll, as far as is known; none while it polls.
    pub fn busy_until(&self) -> Option<Instant> {
        self.app.busy_until()
    }

    /// How many records the application was handed.
    pub fn delivered(&self) -> u64 {
        self.app.delivered
    }

    /// How many records the application is done with.
    pub fn processed(&self) -> u64 {
        self.app.processed
    }
}

fn channel_config(config: &ConsumerConfig, name: &str) -> ChannelConfig {
    let client_id =
        if config.client_id.is_empty() { name.into() } else { config.client_id.clone() };
    ChannelConfig {
        request_timeout: config.request_timeout,
        reconnect_backoff: config.reconnect_backoff,
        reconnect_backoff_max: config.reconnect_backoff_max,
        setup_timeout: config.socket_connection_setup_timeout,
        setup_timeout_max: config.socket_connection_setup_timeout_max,
        max_in_flight: 100,
        ..ChannelConfig::new(client_id)
    }
}

fn metadata_config(spec: &ConsumerSpec) -> MetadataConfig {
    let config = &spec.config;
    let rebootstraps = config.metadata_recovery_strategy == MetadataRecovery::Rebootstrap;
    MetadataConfig {
        max_age: config.metadata_max_age,
        backoff: Backoff::new(config.retry_backoff, config.retry_backoff_max),
        rebootstrap: rebootstraps.then_some(config.metadata_recovery_rebootstrap_trigger),
        allow_auto_topic_creation: config.allow_auto_create_topics,
        partial_updates: false,
        ..MetadataConfig::new(spec.bootstrap.clone())
    }
}

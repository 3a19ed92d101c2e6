//! What a client knows of the cluster: brokers, topics, who leads which partition since when.
//!
//! In Kafka: `Metadata`, `ProducerMetadata`, `MetadataSnapshot`; KIP-320 (older leader epochs are
//! ignored), KIP-516 (topic ids), KIP-951 (leaders named in Produce and Fetch answers), KIP-899
//! (re-bootstrap). Left out: authorisation, versions of before leader epochs,
//! subscriptions by pattern.

mod refresh;
mod topic;
mod update;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kafka_protocol::messages as kafka;
use refresh::Refresh;
pub use topic::{Brokers, Partition, Topic};

use crate::ids::{BrokerId, LeaderEpoch, Name, TopicId, TopicPartition};
use crate::node::{Backoff, Peer, Purpose};
use crate::protocol::{Endpoint, ErrorCode, convert};
use crate::sim::rng::Stream;
use crate::sim::{Duration, Instant};

/// The API version that metadata is asked for by.
pub const METADATA_VERSION: i16 = 13;

/// A client's settings about metadata, by their Kafka names.
#[derive(Clone, Debug)]
pub struct MetadataConfig {
    /// `bootstrap.servers`: brokers by whose addresses the client begins.
    pub bootstrap: Vec<BrokerId>,
    /// `metadata.max.age.ms`.
    pub max_age: Duration,
    /// `retry.backoff.ms` and `retry.backoff.max.ms`.
    pub backoff: Backoff,
    /// `metadata.recovery.strategy=rebootstrap`, and `metadata.recovery.rebootstrap.trigger.ms`.
    pub rebootstrap: Option<Duration>,
    /// `allow.auto.create.topics` of a consumer; producers always allow it.
    pub allow_auto_topic_creation: bool,
    /// New topics are asked for alone, without the others: producers do.
    pub partial_updates: bool,
    /// A broken connection is no reason to ask, once there is something to go by: kafka-go.
    pub renews_by_age_only: bool,
}

impl MetadataConfig {
    /// Kafka's defaults for a client that begins with these brokers.
    pub fn new(bootstrap: Vec<BrokerId>) -> Self {
        Self {
            bootstrap,
            max_age: Duration::from_secs(300),
            backoff: Backoff::new(Duration::from_millis(100), Duration::from_secs(1)),
            rebootstrap: Some(Duration::from_secs(300)),
            allow_auto_topic_creation: true,
            partial_updates: true,
            renews_by_age_only: false,
        }
    }
}

/// What a client knows of the cluster.
#[derive(Clone, Debug)]
pub struct Metadata {
    config: MetadataConfig,
    refresh: Refresh,
    /// The topics of interest, and when each is no longer; none for as long as it is not removed.
    wanted: BTreeMap<Name, Option<Instant>>,
    /// Those of them that no answer told about yet.
    new_topics: BTreeSet<Name>,
    nodes: Vec<Peer>,
    brokers: BTreeMap<BrokerId, Endpoint>,
    controller: Option<BrokerId>,
    topics: BTreeMap<Name, Arc<Topic>>,
    names: BTreeMap<TopicId, Name>,
    /// The newest leader epochs heard of, by partition; they outlive what is known of the topics.
    last_seen_epochs: BTreeMap<Name, Vec<Option<LeaderEpoch>>>,
    /// Topics that may not be used, and why.
    refused: BTreeMap<Name, ErrorCode>,
    /// What the last answer said was wrong with topics.
    errors: BTreeMap<Name, ErrorCode>,
    update_version: u64,
    version: u64,
}

impl Metadata {
    /// Knows nothing but where to ask.
    pub fn new(config: MetadataConfig, chance: Stream) -> Self {
        let refresh = Refresh::new(config.max_age, config.backoff, chance);
        let nodes = bootstrap_nodes(&config);
        Self {
            config,
            refresh,
            wanted: BTreeMap::new(),
            new_topics: BTreeSet::new(),
            nodes,
            brokers: BTreeMap::new(),
            controller: None,
            topics: BTreeMap::new(),
            names: BTreeMap::new(),
            last_seen_epochs: BTreeMap::new(),
            refused: BTreeMap::new(),
            errors: BTreeMap::new(),
            update_version: 1,
            version: 1,
        }
    }

    // ---- reading ----

    /// Raised by every answer: who waits for news compares it.
    pub const fn update_version(&self) -> u64 {
        self.update_version
    }

    /// Raised whenever anything known may have changed: caches of it compare it.
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// Whom to ask: bootstrap addresses at first, then all known brokers.
    pub fn nodes(&self) -> &[Peer] {
        &self.nodes
    }

    /// The known brokers.
    pub const fn brokers(&self) -> &BTreeMap<BrokerId, Endpoint> {
        &self.brokers
    }

    /// Where requests for the controller go: any broker, as the answers name one.
    pub const fn controller(&self) -> Option<BrokerId> {
        self.controller
    }

    /// What is known of the topic called `name`.
    pub fn topic(&self, name: &str) -> Option<&Topic> {
        self.topics.get(name).map(AsRef::as_ref)
    }

    /// All known topics by name.
    pub fn topics(&self) -> impl Iterator<Item = &Topic> {
        self.topics.values().map(AsRef::as_ref)
    }

    /// The name of the topic with that id.
    pub fn name_of(&self, id: TopicId) -> Option<&Name> {
        self.names.get(&id)
    }

    /// What is known of a partition.
    pub fn partition(&self, tp: &TopicPartition) -> Option<&Partition> {
        self.topic(&tp.topic)?.partition(tp.partition)
    }

    /// The leader of a partition, if it is a known broker, and its epoch.
    pub fn leader(&self, tp: &TopicPartition) -> (Option<BrokerId>, Option<LeaderEpoch>) {
        let Some(partition) = self.partition(tp) else { return (None, None) };
        (partition.leader.filter(|leader| self.is_known(*leader)), partition.leader_epoch)
    }

    /// The leader of a partition unless a newer epoch than its own was heard of.
    pub fn current_leader(&self, tp: &TopicPartition) -> (Option<BrokerId>, Option<LeaderEpoch>) {
        let seen = self.last_seen_epoch(tp);
        match self.leader(tp) {
            (leader, epoch) if epoch == seen => (leader, epoch),
            _ => (None, seen),
        }
    }

    /// The newest leader epoch heard of.
    pub fn last_seen_epoch(&self, tp: &TopicPartition) -> Option<LeaderEpoch> {
        let epochs = self.last_seen_epochs.get(&tp.topic)?;
        epochs.get(usize::try_from(tp.partition.0).ok()?).copied().flatten()
    }

    /// Why a topic may not be used at all, if so.
    pub fn refused(&self, topic: &str) -> Option<ErrorCode> {
        self.refused.get(topic).copied()
    }

    /// What the last answer said was wrong with a topic.
    pub fn error(&self, topic: &str) -> Option<ErrorCode> {
        self.errors.get(topic).copied()
    }

    fn is_known(&self, broker: BrokerId) -> bool {
        self.brokers.contains_key(&broker)
    }

    // ---- what is of interest ----

    /// `topic` is of interest until `expires` (for good if none); a new one is asked for at once.
    pub fn add(&mut self, topic: &Name, expires: Option<Instant>) {
        if let Some(known) = self.wanted.get_mut(topic) {
            *known = expires;
        } else {
            self.wanted.insert(topic.clone(), expires);
            self.new_topics.insert(topic.clone());
            self.refresh.want_new_topics();
        }
    }

    /// Exactly these topics are of interest from now on; true if one is new.
    pub fn set_topics(&mut self, topics: impl IntoIterator<Item = Name>) -> bool {
        let topics: BTreeMap<_, _> = topics.into_iter().map(|topic| (topic, None)).collect();
        let added: Vec<_> =
            topics.keys().filter(|topic| !self.wanted.contains_key(*topic)).cloned().collect();
        self.wanted = topics;
        self.new_topics.retain(|topic| self.wanted.contains_key(topic));
        if added.is_empty() {
            return false;
        }
        self.new_topics.extend(added);
        self.refresh.want_new_topics();
        true
    }

    /// True while `topic` is of interest.
    pub fn wants(&self, topic: &str) -> bool {
        self.wanted.contains_key(topic)
    }

    // ---- when to ask ----

    /// Asks for an update as soon as the back-off allows. `reset` where something new is wanted,
    /// not something tried again.
    pub fn request_update(&mut self, reset: bool) {
        self.refresh.want_full(reset);
    }

    /// Asks for an update about one topic: at once if it is new.
    pub fn request_update_for(&mut self, topic: &str) {
        if self.new_topics.contains(topic) {
            self.refresh.want_new_topics();
        } else {
            self.refresh.want_full(false);
        }
    }

    /// A newer leader epoch was heard of (in a Fetch or `OffsetForLeaderEpoch` answer, a committed
    /// offset): true if it is news, and then an update is asked for.
    pub fn update_last_seen_epoch(&mut self, tp: &TopicPartition, epoch: LeaderEpoch) -> bool {
        let Some(epochs) = self.last_seen_epochs.get_mut(&tp.topic) else { return false };
        match epochs.get_mut(tp.partition.0 as usize) {
            Some(Some(seen)) if *seen < epoch => {
                *seen = epoch;
                self.refresh.want_full(false);
                true
            }
            _ => false,
        }
    }

    /// True when a request should leave now, before all others.
    pub fn is_update_due(&mut self, now: Instant) -> bool {
        !self.refresh.is_in_progress() && self.refresh.due_at(now) <= now
    }

    /// True when somebody wants an update before what is known is too old.
    pub(in crate::client) fn is_update_wanted(&self) -> bool {
        self.refresh.is_wanted()
    }

    /// When a request should leave next, unless one is on its way.
    pub(in crate::client) fn due_at(&mut self, now: Instant) -> Option<Instant> {
        (!self.refresh.is_in_progress()).then(|| self.refresh.due_at(now))
    }

    /// A node to ask is looked for.
    pub(in crate::client) fn attempt(&mut self, now: Instant) {
        self.refresh.attempt(now);
    }

    /// When to begin anew with the bootstrap addresses, unless an answer comes.
    pub(in crate::client) fn rebootstrap_at(&self) -> Option<Instant> {
        self.refresh.rebootstrap_at(self.config.rebootstrap?)
    }

    /// True if the client may begin anew with the bootstrap addresses.
    pub(in crate::client) const fn may_rebootstrap(&self) -> bool {
        self.config.rebootstrap.is_some()
    }

    /// Forgets everything but the addresses it began with (KIP-899).
    pub(in crate::client) fn rebootstrap(&mut self, now: Instant) {
        self.nodes = bootstrap_nodes(&self.config);
        self.brokers.clear();
        self.controller = None;
        self.topics.clear();
        self.names.clear();
        self.refused.clear();
        self.refresh.rebootstrapped(now);
        self.update_version += 1;
        self.version += 1;
    }

    /// The request to send; the answer goes to [`Metadata::on_response`].
    pub(in crate::client) fn request(&mut self, now: Instant) -> kafka::MetadataRequest {
        let partial = self.refresh.begin(now, self.config.partial_updates);
        let topic = |name: &Name| {
            let name = convert::topic_name(name);
            kafka::metadata_request::MetadataRequestTopic::default().with_name(Some(name))
        };
        let topics = if partial {
            self.new_topics.iter().map(topic).collect()
        } else {
            self.wanted.keys().map(topic).collect()
        };
        kafka::MetadataRequest::default()
            .with_topics(Some(topics))
            .with_allow_auto_topic_creation(self.config.allow_auto_topic_creation)
    }

    /// A request got no answer.
    pub(in crate::client) fn on_failure(&mut self, now: Instant) {
        self.refresh.failed(now);
    }

    /// A connection ended: what is known may be out of date.
    pub(in crate::client) fn on_disconnected(&mut self, now: Instant) {
        if self.is_update_due(now) {
            self.refresh.failed(now);
        }
        if !self.config.renews_by_age_only || self.topics.is_empty() {
            self.refresh.want_full(false);
        }
    }
}

fn bootstrap_nodes(config: &MetadataConfig) -> Vec<Peer> {
    config.bootstrap.iter().map(|broker| Peer::new(*broker, Purpose::Bootstrap)).collect()
}

#[cfg(test)]
mod tests;

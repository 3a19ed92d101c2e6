//! Producers and consumers.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Lens;
use crate::client::consumer::MemberState;
use crate::client::{Client, ClientSpec};
use crate::cluster::{Blueprint, Node, ProcessState};
use crate::ids::{BrokerId, Generation, Name, Offset, ProducerEpoch, ProducerId, TopicPartition};
use crate::protocol::ErrorCode;
use crate::sim::{Instant, NodeId};

/// A producer and its application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProducerView {
    /// Its name.
    pub name: Name,
    /// True while it runs.
    pub alive: bool,
    /// True while it is stopped by a signal.
    pub paused: bool,
    /// The topics it sends to.
    pub topics: Vec<Name>,
    /// `acks`: 0, 1, or -1 for all.
    pub acks: i16,
    /// Its producer id and epoch, if it is idempotent and has them.
    pub identity: Option<(ProducerId, ProducerEpoch)>,
    /// Records that the application handed over.
    pub sent: u64,
    /// Records that were acknowledged.
    pub acked: u64,
    /// Records that failed for good.
    pub failed: u64,
    /// How often a batch was put back to be sent again.
    pub retried: u64,
    /// Why the last record failed.
    pub last_error: Option<ErrorCode>,
    /// Requests that are not answered, over all brokers.
    pub in_flight: usize,
    /// Batches that wait to be sent.
    pub queued_batches: usize,
    /// True while the application waits inside `send()`.
    pub blocked: bool,
}

/// A consumer and its application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConsumerView {
    /// Its name.
    pub name: Name,
    /// Its group, if it has one.
    pub group: Option<Name>,
    /// True while it runs.
    pub alive: bool,
    /// True while it is stopped by a signal.
    pub paused: bool,
    /// What its membership is doing, in one word.
    pub state: &'static str,
    /// Its member id.
    pub member_id: Option<Name>,
    /// The generation that it is in.
    pub generation: Option<Generation>,
    /// The coordinator it talks to.
    pub coordinator: Option<BrokerId>,
    /// True if it computes the group's assignment.
    pub leader: bool,
    /// The partitions it owns, with the next offset it will hand out.
    #[serde(serialize_with = "super::by_name")]
    pub owned: BTreeMap<TopicPartition, Option<Offset>>,
    /// The application works on records until then.
    pub busy_until: Option<Instant>,
    /// Records that the application was handed.
    pub delivered: u64,
    /// Records that the application is done with.
    pub processed: u64,
}

impl Lens<'_> {
    /// All producers, in the order of their names.
    pub fn producers(self) -> Vec<ProducerView> {
        let mut producers: Vec<ProducerView> =
            self.cluster.nodes().filter_map(|node| self.producer(node)).collect();
        producers.sort_by(|one, other| one.name.cmp(&other.name));
        producers
    }

    /// The producer that runs, or ran, as `node`.
    pub fn producer(self, node: NodeId) -> Option<ProducerView> {
        let Blueprint::Client(ClientSpec::Producer(spec)) = self.cluster.blueprint(node) else {
            return None;
        };
        let process = self.cluster.state(node);
        let running = match self.cluster.node(node) {
            Some(Node::Client(Client::Producer(producer))) => Some(producer),
            _ => None,
        };
        // What it did is remembered beyond its end by those who listen to facts.
        let stats = running.map(|producer| producer.stats()).unwrap_or_default();
        let in_flight = running.map_or(0, |producer| {
            self.broker_ids().into_iter().map(|broker| producer.in_flight(broker)).sum()
        });
        Some(ProducerView {
            name: self.name(node).clone(),
            alive: running.is_some(),
            paused: process == ProcessState::Paused,
            topics: spec.application.topics.clone(),
            acks: spec.acks(),
            identity: running.and_then(|producer| producer.identity()),
            sent: stats.sent,
            acked: stats.acked,
            failed: stats.failed,
            retried: stats.retried,
            last_error: stats.last_error,
            in_flight,
            queued_batches: running.map_or(0, |producer| producer.queued_batches()),
            blocked: running.is_some_and(|producer| producer.is_blocked()),
        })
    }

    /// All consumers, in the order of their names.
    pub fn consumers(self) -> Vec<ConsumerView> {
        let mut consumers: Vec<ConsumerView> =
            self.cluster.nodes().filter_map(|node| self.consumer(node)).collect();
        consumers.sort_by(|one, other| one.name.cmp(&other.name));
        consumers
    }

    /// The consumer that runs, or ran, as `node`.
    pub fn consumer(self, node: NodeId) -> Option<ConsumerView> {
        let Blueprint::Client(ClientSpec::Consumer(spec)) = self.cluster.blueprint(node) else {
            return None;
        };
        let running = match self.cluster.node(node) {
            Some(Node::Client(Client::Consumer(consumer))) => Some(consumer),
            _ => None,
        };
        let group = &spec.config.group_id;
        let owned = running.into_iter().flat_map(|consumer| {
            let partitions = consumer.subscriptions().partitions();
            partitions.iter().map(|(tp, state)| {
                (tp.clone(), state.valid_position().map(|position| position.offset))
            })
        });
        Some(ConsumerView {
            name: self.name(node).clone(),
            group: group.clone(),
            alive: running.is_some(),
            paused: self.cluster.state(node) == ProcessState::Paused,
            state: running.map_or("NotRunning", |consumer| member_word(consumer.member_state())),
            member_id: running.and_then(|consumer| consumer.member_id().cloned()),
            generation: running.and_then(|consumer| consumer.generation()),
            coordinator: running.and_then(|consumer| consumer.coordinator()),
            leader: running.is_some_and(|consumer| consumer.is_leader()),
            owned: owned.collect(),
            busy_until: running.and_then(|consumer| consumer.busy_until()),
            delivered: running.map_or(0, |consumer| consumer.delivered()),
            processed: running.map_or(0, |consumer| consumer.processed()),
        })
    }
}

/// Kafka's word for a member's state (`AbstractCoordinator.MemberState`).
fn member_word(state: Option<MemberState>) -> &'static str {
    match state {
        None | Some(MemberState::Unjoined) => "Unjoined",
        Some(MemberState::PreparingRebalance) => "PreparingRebalance",
        Some(MemberState::CompletingRebalance) => "CompletingRebalance",
        Some(MemberState::Stable) => "Stable",
    }
}

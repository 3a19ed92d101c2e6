//! What is counted over a run, from facts.

use std::collections::{BTreeMap, BTreeSet};

use super::availability::{Availability, Outage};
use crate::cluster::Told;
use crate::fact::{ElectionKind, Fact};
use crate::ids::{BrokerId, Name, Offset, TopicPartition};
use crate::metadata::topic_name::is_kafkas_own;
use crate::protocol::ErrorCode;
use crate::sim::{Duration, Instant, NodeId};

/// The counts of a run.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    /// Leaders that were elected after a topic's creation, those of internal topics aside.
    pub elections: u64,
    /// Leaders that were elected after the creation of an internal topic (`__consumer_offsets`).
    pub internal_elections: u64,
    /// Those of all of them that were elected uncleanly.
    pub unclean_elections: u64,
    /// Commands of the scenario that could not be carried out.
    pub refused: Vec<Refused>,
    rebalances: BTreeMap<Name, u64>,
    committed: BTreeMap<Name, BTreeMap<TopicPartition, Offset>>,
    producers: BTreeMap<NodeId, Sending>,
    errors: BTreeMap<(NodeId, ErrorCode), u64>,
    /// The event in which errors were counted last, with where: many records, one answer.
    counted: (u32, BTreeSet<TopicPartition>),
    availability: Availability,
    /// When the first record was sent.
    first_sent: Option<Instant>,
    /// When each consumer was last done with a record.
    last_processed: BTreeMap<NodeId, Instant>,
}

/// A command that could not be carried out.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Refused {
    /// The event.
    pub event: u32,
    /// When.
    pub at: Instant,
    /// The command.
    pub line: Name,
    /// Why not.
    pub problem: Name,
}

/// What a producer's application knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sending {
    sent: u64,
    acked: u64,
    failed: u64,
}

impl Scores {
    /// Takes in what was told at `now`.
    pub(super) fn add(&mut self, now: Instant, told: &Told) {
        match &told.fact {
            Fact::RecordSent { .. } => {
                self.first_sent.get_or_insert(now);
                self.producers.entry(told.node).or_default().sent += 1;
            }
            Fact::RecordsProcessed { .. } => {
                self.last_processed.insert(told.node, now);
            }
            Fact::RecordAcked { .. } => self.producers.entry(told.node).or_default().acked += 1,
            Fact::RecordFailed { tp, error, .. } => {
                self.producers.entry(told.node).or_default().failed += 1;
                self.add_error(told, tp, *error);
            }
            Fact::BatchRetried { tp, error, .. } => self.add_error(told, tp, *error),
            Fact::LeaderElected { tp, kind, .. } if *kind != ElectionKind::New => {
                let internal = is_kafkas_own(&tp.topic);
                let count =
                    if internal { &mut self.internal_elections } else { &mut self.elections };
                *count += 1;
                self.unclean_elections += u64::from(kind.is_unclean());
            }
            Fact::RebalanceStarted { group, .. } => {
                *self.rebalances.entry(group.clone()).or_default() += 1;
            }
            Fact::OffsetCommitted { group, tp, offset } => {
                let group = self.committed.entry(group.clone()).or_default();
                group.insert(tp.clone(), *offset);
            }
            Fact::OffsetExpired { group, tp } => {
                if let Some(committed) = self.committed.get_mut(group) {
                    committed.remove(tp);
                }
            }
            Fact::CommandRefused { line, problem } => self.refused.push(Refused {
                event: told.event,
                at: now,
                line: line.clone(),
                problem: problem.clone(),
            }),
            Fact::PartitionChanged { tp, leader, .. } => {
                self.availability.on_leader(tp, *leader, now);
            }
            Fact::TopicDeleted { topic } => self.availability.on_topic_deleted(topic),
            _ => {}
        }
    }

    /// Many records of one answer count as one error.
    fn add_error(&mut self, told: &Told, tp: &TopicPartition, error: ErrorCode) {
        if self.counted.0 != told.event {
            self.counted = (told.event, BTreeSet::new());
        }
        if self.counted.1.insert(tp.clone()) {
            *self.errors.entry((told.node, error)).or_default() += 1;
        }
    }

    /// A broker's process came to life, or died.
    pub(super) fn on_broker(&mut self, broker: BrokerId, alive: bool, now: Instant) {
        self.availability.on_broker(broker, alive, now);
    }

    /// A broker's process was stopped by a signal, or goes on.
    pub(super) fn on_pause(&mut self, broker: BrokerId, paused: bool, now: Instant) {
        self.availability.on_pause(broker, paused, now);
    }

    /// When no leader of a partition answered, from when it was first led.
    pub fn outages(&self, tp: &TopicPartition) -> &[Outage] {
        self.availability.outages(tp)
    }

    /// Records that a producer's application handed over; of all producers for none.
    pub fn sent(&self, producer: Option<NodeId>) -> u64 {
        self.sum(producer, |sending| sending.sent)
    }

    /// How many of them were acknowledged.
    pub fn acked(&self, producer: Option<NodeId>) -> u64 {
        self.sum(producer, |sending| sending.acked)
    }

    /// How many of them failed for good.
    pub fn failed(&self, producer: Option<NodeId>) -> u64 {
        self.sum(producer, |sending| sending.failed)
    }

    fn sum(&self, producer: Option<NodeId>, what: impl Fn(&Sending) -> u64) -> u64 {
        match producer {
            Some(node) => self.producers.get(&node).map_or(0, what),
            None => self.producers.values().map(what).sum(),
        }
    }

    /// How many answers said an error, or this one, to a producer, or to any.
    pub fn errors(&self, producer: Option<NodeId>, error: Option<&str>) -> u64 {
        let counted = self.errors.iter().filter(|((node, code), _)| {
            producer.is_none_or(|producer| producer == *node)
                && error.is_none_or(|error| code.name() == error)
        });
        counted.map(|(_, count)| count).sum()
    }

    /// How many rebalances all groups have begun.
    pub fn rebalances(&self) -> u64 {
        self.rebalances.values().sum()
    }

    /// How many rebalances a group has begun.
    pub fn rebalances_of(&self, group: &str) -> u64 {
        self.rebalances.get(group).copied().unwrap_or(0)
    }

    /// What a group has committed last.
    pub fn committed(&self, group: &str, tp: &TopicPartition) -> Option<Offset> {
        self.committed.get(group)?.get(tp).copied()
    }

    /// How long it took from the first record that was sent to the last with which one of these
    /// consumers was done.
    pub(super) fn took(&self, consumers: impl Iterator<Item = NodeId>) -> Option<Duration> {
        let last = consumers.filter_map(|node| self.last_processed.get(&node)).max()?;
        Some(last.since(self.first_sent?.min(*last)))
    }

    /// How long in all nobody led a partition, from when it was first led.
    pub fn unavailable(&self, tp: &TopicPartition, now: Instant) -> Duration {
        self.availability.unavailable(tp, now)
    }
}

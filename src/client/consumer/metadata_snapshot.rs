//! What an assignment was computed from: when it changes, the group's leader asks for another one.
//!
//! In Kafka: `ConsumerCoordinator.MetadataSnapshot`, `PartitionRackInfo` (KIP-881).

use std::collections::{BTreeMap, BTreeSet};

use super::step::Step;
use crate::assignor::Topic;
use crate::client::metadata::Metadata;
use crate::ids::Name;

/// Partition counts of the topics of interest, and with `client.rack` the racks of their replicas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct MetadataSnapshot {
    pub(super) version: u64,
    topics: BTreeMap<Name, Shape>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Shape {
    partitions: usize,
    /// By partition; none without `client.rack`.
    racks: Vec<BTreeSet<Name>>,
}

impl MetadataSnapshot {
    /// Metadata as it is now.
    pub(super) fn take(step: &Step) -> Self {
        let metadata = step.client.metadata();
        let with_racks = !step.config.client_rack.is_empty();
        let shape = |name: Name| {
            let topic = metadata.topic(&name)?;
            let racks = if with_racks { racks_of(metadata, &name) } else { Vec::new() };
            let racks = racks.into_iter().map(|racks| racks.into_iter().collect()).collect();
            Some((name, Shape { partitions: topic.partitions.len(), racks }))
        };
        let topics = step.subscriptions.metadata_topics().into_iter();
        Self { version: metadata.update_version(), topics: topics.filter_map(shape).collect() }
    }

    /// True if an assignment for the one is good for the other.
    pub(super) fn matches(&self, other: &Self) -> bool {
        self.version == other.version || self.topics == other.topics
    }
}

/// The racks of the replicas, by partition; none where brokers have no racks.
fn racks_of(metadata: &Metadata, topic: &str) -> Vec<Vec<Name>> {
    let Some(topic) = metadata.topic(topic) else { return Vec::new() };
    let brokers = metadata.brokers();
    if brokers.values().all(|broker| broker.rack.is_none()) {
        return Vec::new();
    }
    let rack = |broker| brokers.get(broker).and_then(|endpoint| endpoint.rack.clone());
    topic.partitions.iter().map(|known| known.replicas.iter().filter_map(rack).collect()).collect()
}

/// A topic as assignors see it.
pub(super) fn topic_of(metadata: &Metadata, name: &str) -> Option<Topic> {
    let topic = metadata.topic(name)?;
    Some(Topic { partitions: topic.partitions.len() as u32, racks: racks_of(metadata, name) })
}

//! Taking in what answers say: newer leader epochs win, a new topic id starts over.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kafka_protocol::messages as kafka;
use kafka_protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};

use super::{Metadata, Partition, Topic};
use crate::fact::Fact;
use crate::feature::mutant;
use crate::ids::{BrokerId, LeaderEpoch, Name, PartitionIndex, TopicPartition, Uuid};
use crate::node::{Outbox, Peer, Purpose};
use crate::protocol::{Endpoint, ErrorCode, convert};
use crate::sim::Instant;

impl Metadata {
    /// Takes an answer in.
    pub(in crate::client) fn on_response(
        &mut self,
        answer: &kafka::MetadataResponse,
        out: &mut Outbox,
    ) {
        if answer.brokers.is_empty() {
            // A broker that has only just started knows nobody yet.
            self.refresh.failed(out.now);
            return;
        }
        let partial = self.refresh.answered(out.now);
        self.update_version += 1;
        self.version += 1;
        self.take_brokers(answer);
        let mut topics = BTreeMap::new();
        let mut told = BTreeSet::new();
        self.errors.clear();
        let mut refused = BTreeMap::new();
        for topic in &answer.topics {
            let Some(name) = self.name_in(topic) else { continue };
            told.insert(name.clone());
            let error = ErrorCode::from_code(topic.error_code);
            if !error.is_none() {
                self.errors.insert(name.clone(), error);
            }
            if !self.retains(&name, out.now) {
                continue;
            }
            if error.is_none() {
                let topic = self.take_topic(&name, topic, out);
                topics.insert(name, Arc::new(topic));
                continue;
            }
            if error.wants_metadata() {
                self.refresh.want_full(false);
            }
            let is_final = matches!(
                error,
                ErrorCode::InvalidTopicException | ErrorCode::TopicAuthorizationFailed
            );
            if is_final {
                refused.insert(name, error);
            }
        }
        if partial {
            self.keep_untold(&told, &mut topics, &mut refused, out.now);
        }
        self.replace_topics(topics);
        self.refused = refused;
        let now = out.now;
        let mut epochs = std::mem::take(&mut self.last_seen_epochs);
        epochs.retain(|topic, _| self.retains(topic, now));
        self.last_seen_epochs = epochs;
        self.new_topics.retain(|topic| !told.contains(topic));
        self.refresh.settle();
    }

    fn name_in(&self, topic: &MetadataResponseTopic) -> Option<Name> {
        let Some(told) = &topic.name else {
            return self.names.get(&convert::id(topic.topic_id)).cloned();
        };
        let known = self.wanted.get_key_value(told.as_str());
        Some(known.map_or_else(|| convert::name(told), |(name, _)| name.clone()))
    }

    fn take_brokers(&mut self, answer: &kafka::MetadataResponse) {
        let endpoint = |broker: &MetadataResponseBroker| Endpoint {
            broker: BrokerId(broker.node_id.0),
            host: convert::name(&broker.host),
            port: broker.port as u16,
            rack: broker.rack.as_ref().map(convert::name),
        };
        let brokers = answer.brokers.iter().map(endpoint);
        self.brokers = brokers.map(|endpoint| (endpoint.broker, endpoint)).collect();
        self.controller = BrokerId::from_wire(answer.controller_id.0);
        self.list_nodes();
    }

    fn list_nodes(&mut self) {
        let peers = self.brokers.keys().map(|broker| Peer::new(*broker, Purpose::Client));
        self.nodes = peers.collect();
    }

    /// True if what is told about `topic` is kept. One that has not been used for a while is no
    /// longer of interest.
    fn retains(&mut self, topic: &Name, now: Instant) -> bool {
        if self.new_topics.contains(topic) {
            return true;
        }
        match self.wanted.get(topic) {
            None => false,
            Some(Some(expires)) if *expires <= now => {
                self.wanted.remove(topic);
                false
            }
            Some(_) => true,
        }
    }

    fn take_topic(&mut self, name: &Name, told: &MetadataResponseTopic, out: &mut Outbox) -> Topic {
        let old = self.topics.get(name).cloned();
        let id = convert::id(told.topic_id);
        let is_new_topic = id != Uuid::ZERO && old.as_ref().is_none_or(|old| old.id != id);
        let count = told.partitions.iter().map(|told| told.partition_index + 1).max();
        let mut partitions = vec![Partition::default(); count.unwrap_or(0) as usize];
        for told in &told.partitions {
            let tp = TopicPartition {
                topic: name.clone(),
                partition: PartitionIndex(told.partition_index),
            };
            let index = told.partition_index as usize;
            let known = old.as_ref().and_then(|old| old.partitions.get(index));
            partitions[index] = self.take_partition(&tp, told, is_new_topic, known);
            if mutant!(out, LeadersNeverLearned)
                && let Some(known) = known
                && known.leader.is_some()
            {
                partitions[index] = known.clone();
            }
            if let Some(known) = known
                && known.leader != partitions[index].leader
            {
                tell_leader(&tp, &partitions[index], out);
            }
        }
        Topic { name: name.clone(), id, internal: told.is_internal, partitions, available: vec![] }
    }

    /// The newer of what is told and what is known, by leader epoch.
    fn take_partition(
        &mut self,
        tp: &TopicPartition,
        told: &MetadataResponsePartition,
        is_new_topic: bool,
        known: Option<&Partition>,
    ) -> Partition {
        let partition = Partition {
            error: ErrorCode::from_code(told.error_code),
            leader: BrokerId::from_wire(told.leader_id.0),
            leader_epoch: LeaderEpoch::from_wire(told.leader_epoch),
            replicas: convert::broker_ids(&told.replica_nodes),
            isr: convert::broker_ids(&told.isr_nodes),
            offline: convert::broker_ids(&told.offline_replicas),
        };
        if partition.error.wants_metadata() {
            self.refresh.want_full(false);
        }
        let seen = self.last_seen_epoch(tp);
        match (partition.leader_epoch, seen) {
            (Some(epoch), Some(seen)) if epoch < seen && !is_new_topic => {
                // The broker that answered lags behind one that answered before (KIP-320).
                known.cloned().unwrap_or_default()
            }
            (Some(epoch), _) => {
                if seen != Some(epoch) || is_new_topic {
                    self.refresh.made_progress();
                }
                *self.seen_epoch_mut(tp) = Some(epoch);
                partition
            }
            (None, _) => {
                *self.seen_epoch_mut(tp) = None;
                self.refresh.made_progress();
                partition
            }
        }
    }

    /// What a partial answer did not speak of stays as it was.
    fn keep_untold(
        &mut self,
        told: &BTreeSet<Name>,
        topics: &mut BTreeMap<Name, Arc<Topic>>,
        refused: &mut BTreeMap<Name, ErrorCode>,
        now: Instant,
    ) {
        let untold: Vec<_> =
            self.topics.values().filter(|topic| !told.contains(&topic.name)).cloned().collect();
        for topic in untold {
            if self.retains(&topic.name, now) {
                topics.insert(topic.name.clone(), topic);
            }
        }
        for (topic, error) in std::mem::take(&mut self.refused) {
            if !told.contains(&topic) && self.retains(&topic, now) {
                refused.insert(topic, error);
            }
        }
    }

    fn replace_topics(&mut self, mut topics: BTreeMap<Name, Arc<Topic>>) {
        for topic in topics.values_mut() {
            let available = topic.led_by(|broker| self.brokers.contains_key(&broker));
            if topic.available != available {
                // Only now: a topic that nothing happens to stays shared with earlier clones.
                Arc::make_mut(topic).available = available;
            }
        }
        let with_id = topics.values().filter(|topic| topic.id != Uuid::ZERO);
        self.names = with_id.map(|topic| (topic.id, topic.name.clone())).collect();
        self.topics = topics;
    }

    /// Takes leaders that a Produce or Fetch answer named (KIP-951); true if one was news.
    pub fn update_leaders(
        &mut self,
        leaders: &[(TopicPartition, BrokerId, LeaderEpoch)],
        endpoints: &[Endpoint],
        out: &mut Outbox,
    ) -> bool {
        let mut changed = false;
        for (tp, leader, epoch) in leaders {
            let is_newer = self.current_leader(tp).1.is_none_or(|known| known < *epoch);
            let told = endpoints.iter().find(|endpoint| endpoint.broker == *leader);
            if !is_newer || (told.is_none() && !self.is_known(*leader)) {
                continue;
            }
            let Some(topic) = self.topics.get_mut(&tp.topic) else { continue };
            let index = tp.partition.0 as usize;
            if index >= topic.partitions.len() {
                continue;
            }
            let partition = &mut Arc::make_mut(topic).partitions[index];
            let is_other = partition.leader != Some(*leader);
            (partition.leader, partition.leader_epoch) = (Some(*leader), Some(*epoch));
            if is_other {
                tell_leader(tp, partition, out);
            }
            *self.seen_epoch_mut(tp) = Some(*epoch);
            changed = true;
        }
        if changed {
            for endpoint in endpoints {
                self.brokers.insert(endpoint.broker, endpoint.clone());
            }
            self.list_nodes();
            let topics = std::mem::take(&mut self.topics);
            self.replace_topics(topics);
            self.version += 1;
        }
        changed
    }

    fn seen_epoch_mut(&mut self, tp: &TopicPartition) -> &mut Option<LeaderEpoch> {
        if !self.last_seen_epochs.contains_key(&tp.topic) {
            self.last_seen_epochs.insert(tp.topic.clone(), Vec::new());
        }
        let epochs = self.last_seen_epochs.get_mut(&tp.topic).expect("it was just put there");
        let index = tp.partition.0 as usize;
        if epochs.len() <= index {
            epochs.resize(index + 1, None);
        }
        &mut epochs[index]
    }
}

fn tell_leader(tp: &TopicPartition, partition: &Partition, out: &mut Outbox) {
    out.fact(|| Fact::MetadataUpdated {
        tp: tp.clone(),
        leader: partition.leader,
        leader_epoch: partition.leader_epoch.unwrap_or_default(),
    });
}

//! Which partitions have a broker in their ISR, which in their ELR, and which have no leader: so that
//! fencing a broker costs as much as the partitions it is in.
//!
//! In Kafka: `BrokersToIsrs`, `BrokersToElrs`. There partitions come in the order of a hash of topic
//! ids; here as their topics were created.

use imbl::{OrdMap, OrdSet};

use crate::ids::{BrokerId, PartitionIndex as Index, TopicId, TopicIdPartition};
use crate::metadata::PartitionRegistration;

/// A partition in eight bytes: there are as many of these as there are replicas. The number of its
/// topic, in order of creation, and its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    topic: u32,
    partition: i32,
}

type Keys = OrdSet<Key>;

/// Partitions by broker.
#[derive(Clone, Debug, Default, PartialEq)]
struct ByBroker(OrdMap<BrokerId, Keys>);

impl ByBroker {
    /// Goes from the brokers in `before` to those in `after`.
    fn update(&mut self, key: Key, before: &[BrokerId], after: &[BrokerId]) {
        for broker in before.iter().filter(|broker| !after.contains(broker)) {
            let keys = self.0.get_mut(broker).expect("it was noted");
            keys.remove(&key);
            if keys.is_empty() {
                self.0.remove(broker);
            }
        }
        for broker in after.iter().filter(|broker| !before.contains(broker)) {
            self.0.entry(*broker).or_default().insert(key);
        }
    }
}

/// The partitions of a cluster by what they need attention for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct PartitionIndex {
    numbers: OrdMap<TopicId, u32>,
    topics: OrdMap<u32, TopicId>,
    next_number: u32,
    in_isr: ByBroker,
    in_elr: ByBroker,
    /// How many partitions each broker leads.
    led: OrdMap<BrokerId, u32>,
    leaderless: Keys,
    imbalanced: Keys,
    reassigning: Keys,
}

/// Changing.
impl PartitionIndex {
    /// A topic is new.
    pub(super) fn add_topic(&mut self, topic: TopicId) {
        self.numbers.insert(topic, self.next_number);
        self.topics.insert(self.next_number, topic);
        self.next_number += 1;
    }

    /// A topic whose partitions are gone is gone as well.
    pub(super) fn remove_topic(&mut self, topic: TopicId) {
        let number = self.numbers.remove(&topic).expect("the topic was added");
        self.topics.remove(&number);
    }

    /// Takes note of a partition's change; `before` is none for a new one, `after` for one that goes.
    pub(super) fn update(
        &mut self,
        tp: TopicIdPartition,
        before: Option<&PartitionRegistration>,
        after: Option<&PartitionRegistration>,
    ) {
        let topic = *self.numbers.get(&tp.topic_id).expect("the topic was added");
        let key = Key { topic, partition: tp.partition.0 };
        let isr = |state: Option<&PartitionRegistration>| state.map(|p| p.isr.clone());
        let (isr_before, isr_after) = (isr(before), isr(after));
        if isr_before != isr_after {
            let before = isr_before.as_deref().unwrap_or_default();
            self.in_isr.update(key, before, isr_after.as_deref().unwrap_or_default());
        }
        let elr_before = before.map_or(&[][..], PartitionRegistration::elr);
        self.in_elr.update(key, elr_before, after.map_or(&[], PartitionRegistration::elr));
        let leader = |state: Option<&PartitionRegistration>| state.and_then(|state| state.leader);
        self.leader_changed(leader(before), leader(after));
        set(&mut self.leaderless, key, after.is_some_and(|p| p.leader.is_none()));
        set(&mut self.imbalanced, key, after.is_some_and(|p| !p.has_preferred_leader()));
        set(&mut self.reassigning, key, after.is_some_and(PartitionRegistration::is_reassigning));
    }

    fn leader_changed(&mut self, before: Option<BrokerId>, after: Option<BrokerId>) {
        if before == after {
            return;
        }
        if let Some(leader) = before {
            let led = self.led.get_mut(&leader).expect("it was counted");
            *led -= 1;
            if *led == 0 {
                self.led.remove(&leader);
            }
        }
        if let Some(leader) = after {
            *self.led.entry(leader).or_default() += 1;
        }
    }
}

/// Reading.
impl PartitionIndex {
    /// The partitions with `broker` in their ISR.
    pub(super) fn in_isr(&self, broker: BrokerId) -> Vec<TopicIdPartition> {
        self.in_isr.0.get(&broker).map_or_else(Vec::new, |keys| self.named(keys))
    }

    /// The partitions with `broker` in their ELR.
    pub(super) fn in_elr(&self, broker: BrokerId) -> Vec<TopicIdPartition> {
        self.in_elr.0.get(&broker).map_or_else(Vec::new, |keys| self.named(keys))
    }

    /// True when `broker` leads a partition.
    pub(super) fn has_leaderships(&self, broker: BrokerId) -> bool {
        self.led.contains_key(&broker)
    }

    /// The partitions without a leader.
    pub(super) fn leaderless(&self) -> Vec<TopicIdPartition> {
        self.named(&self.leaderless)
    }

    /// The partitions that are not led by their preferred replica.
    pub(super) fn imbalanced(&self) -> Vec<TopicIdPartition> {
        self.named(&self.imbalanced)
    }

    /// The partitions that are being moved.
    pub(super) fn reassigning(&self) -> Vec<TopicIdPartition> {
        self.named(&self.reassigning)
    }

    fn named(&self, keys: &Keys) -> Vec<TopicIdPartition> {
        // Partitions of one topic come one after another.
        let mut last: Option<(u32, TopicId)> = None;
        let mut named = |key: &Key| {
            let topic_id = last.filter(|(number, _)| *number == key.topic).map_or_else(
                || *self.topics.get(&key.topic).expect("a partition has a topic"),
                |(_, topic_id)| topic_id,
            );
            last = Some((key.topic, topic_id));
            TopicIdPartition { topic_id, partition: Index(key.partition) }
        };
        keys.iter().map(&mut named).collect()
    }
}

fn set(keys: &mut Keys, key: Key, is_in: bool) {
    // Most partitions are in none of these sets and stay so: nothing to copy then.
    if keys.contains(&key) != is_in {
        if is_in {
            keys.insert(key);
        } else {
            keys.remove(&key);
        }
    }
}

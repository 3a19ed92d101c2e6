//! Which partitions have a broker in their ISR, which in their ELR, and which have no leader: so that
//! fencing a broker costs as much as the partitions it is in.
//!
//! In Kafka: `BrokersToIsrs`, `BrokersToElrs`. There partitions come in the order of a hash of topic
//! ids; here in the order of topic ids.

use imbl::{OrdMap, OrdSet};

use crate::ids::{BrokerId, TopicIdPartition};
use crate::metadata::PartitionRegistration;

/// Partitions by broker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct ByBroker(OrdMap<BrokerId, OrdSet<TopicIdPartition>>);

impl ByBroker {
    fn insert(&mut self, broker: BrokerId, tp: TopicIdPartition) {
        self.0.entry(broker).or_default().insert(tp);
    }

    fn remove(&mut self, broker: BrokerId, tp: TopicIdPartition) {
        let Some(partitions) = self.0.get_mut(&broker) else { return };
        partitions.remove(&tp);
        if partitions.is_empty() {
            self.0.remove(&broker);
        }
    }

    fn of(&self, broker: BrokerId) -> OrdSet<TopicIdPartition> {
        self.0.get(&broker).cloned().unwrap_or_default()
    }

    /// Goes from the brokers in `before` to those in `after`.
    fn update(&mut self, tp: TopicIdPartition, before: &[BrokerId], after: &[BrokerId]) {
        for broker in before.iter().filter(|broker| !after.contains(broker)) {
            self.remove(*broker, tp);
        }
        for broker in after.iter().filter(|broker| !before.contains(broker)) {
            self.insert(*broker, tp);
        }
    }
}

/// The partitions of a cluster by what they need attention for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PartitionIndex {
    in_isr: ByBroker,
    in_elr: ByBroker,
    led: ByBroker,
    leaderless: OrdSet<TopicIdPartition>,
    imbalanced: OrdSet<TopicIdPartition>,
    reassigning: OrdSet<TopicIdPartition>,
}

impl PartitionIndex {
    /// Takes note of a partition's change; `before` is none for a new one, `after` for one that goes.
    pub(super) fn update(
        &mut self,
        tp: TopicIdPartition,
        before: Option<&PartitionRegistration>,
        after: Option<&PartitionRegistration>,
    ) {
        type Brokers = fn(&PartitionRegistration) -> &[BrokerId];
        let of = |state: Option<&PartitionRegistration>, brokers: Brokers| {
            state.map_or_else(Vec::new, |state| brokers(state).to_vec())
        };
        self.in_isr.update(tp, &of(before, |p| &p.isr), &of(after, |p| &p.isr));
        self.in_elr.update(tp, &of(before, |p| &p.elr), &of(after, |p| &p.elr));
        self.led.update(
            tp,
            &of(before, |p| p.leader.as_slice()),
            &of(after, |p| p.leader.as_slice()),
        );
        set(&mut self.leaderless, tp, after.is_some_and(|p| p.leader.is_none()));
        set(&mut self.imbalanced, tp, after.is_some_and(|p| !p.has_preferred_leader()));
        set(&mut self.reassigning, tp, after.is_some_and(PartitionRegistration::is_reassigning));
    }

    /// The partitions with `broker` in their ISR.
    pub(super) fn in_isr(&self, broker: BrokerId) -> OrdSet<TopicIdPartition> {
        self.in_isr.of(broker)
    }

    /// The partitions with `broker` in their ELR.
    pub(super) fn in_elr(&self, broker: BrokerId) -> OrdSet<TopicIdPartition> {
        self.in_elr.of(broker)
    }

    /// True when `broker` leads a partition.
    pub(super) fn has_leaderships(&self, broker: BrokerId) -> bool {
        self.led.0.contains_key(&broker)
    }

    /// The partitions without a leader.
    pub(super) const fn leaderless(&self) -> &OrdSet<TopicIdPartition> {
        &self.leaderless
    }

    /// The partitions that are not led by their preferred replica.
    pub(super) const fn imbalanced(&self) -> &OrdSet<TopicIdPartition> {
        &self.imbalanced
    }

    /// The partitions that are being moved.
    pub(super) const fn reassigning(&self) -> &OrdSet<TopicIdPartition> {
        &self.reassigning
    }
}

fn set(partitions: &mut OrdSet<TopicIdPartition>, tp: TopicIdPartition, is_in: bool) {
    // Most partitions are in none of these sets and stay so: nothing to copy then.
    if partitions.contains(&tp) != is_in {
        if is_in {
            partitions.insert(tp);
        } else {
            partitions.remove(&tp);
        }
    }
}

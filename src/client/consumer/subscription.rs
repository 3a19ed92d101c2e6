//! What the consumer reads: the topics it subscribes to, and its assigned partitions.
//!
//! In Kafka: `SubscriptionState`. Left out: subscriptions by pattern.

use std::collections::{BTreeMap, BTreeSet};

use super::partition::{FetchState, PartitionState, Reset};
use crate::ids::{Name, Offset, TopicPartition, java_string_hash};
use crate::protocol::java_map::Table;
use crate::sim::Instant;

/// The consumer's subscription and assignment.
#[derive(Clone, Debug, Default)]
pub struct SubscriptionState {
    /// False where the application assigns partitions itself.
    auto_assigned: bool,
    topics: BTreeSet<Name>,
    /// The topics of the whole group, on its leader.
    group_topics: BTreeSet<Name>,
    partitions: BTreeMap<TopicPartition, PartitionState>,
    /// What is to be committed of what a pool of handlers is done with: of each partition the highest offset
    /// since the last commit, be it lower than that one (`offsetStash` of kafka-go).
    stash: BTreeMap<TopicPartition, Offset>,
    last_place: u64,
}

impl SubscriptionState {
    /// `subscribe(topics)`.
    pub(super) fn subscribe(&mut self, topics: impl IntoIterator<Item = Name>) {
        self.auto_assigned = true;
        self.topics = topics.into_iter().collect();
    }

    /// `assign(partitions)`: those that were assigned before keep their positions.
    pub(super) fn assign_from_user(&mut self, partitions: BTreeSet<TopicPartition>) {
        self.auto_assigned = false;
        self.topics = partitions.iter().map(|tp| tp.topic.clone()).collect();
        self.assign(partitions);
    }

    /// What the group gave: partitions that it gave before keep their positions.
    pub(super) fn assign_from_subscribed(&mut self, partitions: BTreeSet<TopicPartition>) {
        assert!(self.auto_assigned, "only a subscription is assigned to by its group");
        self.assign(partitions);
    }

    fn assign(&mut self, partitions: BTreeSet<TopicPartition>) {
        let mut before = std::mem::take(&mut self.partitions);
        for tp in in_java_order(partitions) {
            let known = before.remove(&tp);
            let mut state = known.unwrap_or_else(|| PartitionState::new(java_hash(&tp)));
            self.last_place += 1;
            state.place = self.last_place;
            self.partitions.insert(tp, state);
        }
    }

    /// Puts a partition behind the others in Java's list of assigned partitions.
    pub(super) fn move_to_end(&mut self, tp: &TopicPartition) {
        if let Some(state) = self.partitions.get_mut(tp) {
            self.last_place += 1;
            state.place = self.last_place;
        }
    }

    // ---- commits of a pool ----

    /// `offset` is to be committed, unless a higher one is.
    pub(super) fn merge_commit(&mut self, tp: TopicPartition, offset: Offset) {
        let known = self.stash.entry(tp).or_insert(offset);
        *known = offset.max(*known);
    }

    /// Takes out what is to be committed.
    pub(super) fn take_stash(&mut self) -> BTreeMap<TopicPartition, Offset> {
        std::mem::take(&mut self.stash)
    }

    // ---- topics ----

    /// True where a group assigns the partitions.
    pub const fn has_auto_assigned_partitions(&self) -> bool {
        self.auto_assigned
    }

    /// The topics that the consumer itself reads.
    pub const fn topics(&self) -> &BTreeSet<Name> {
        &self.topics
    }

    /// The leader of a group watches all its topics.
    pub(super) fn group_subscribe(&mut self, topics: BTreeSet<Name>) {
        self.group_topics = topics;
    }

    pub(super) fn reset_group_subscription(&mut self) {
        self.group_topics.clear();
    }

    /// The topics that metadata is needed of.
    pub(super) fn metadata_topics(&self) -> BTreeSet<Name> {
        self.topics.union(&self.group_topics).cloned().collect()
    }

    /// True if an assignment names subscribed topics only.
    pub(super) fn matches(&self, partitions: &BTreeSet<TopicPartition>) -> bool {
        partitions.iter().all(|tp| self.topics.contains(&tp.topic))
    }

    // ---- partitions ----

    /// The assigned partitions.
    pub const fn partitions(&self) -> &BTreeMap<TopicPartition, PartitionState> {
        &self.partitions
    }

    pub(super) fn assigned(&self) -> BTreeSet<TopicPartition> {
        self.partitions.keys().cloned().collect()
    }

    pub(super) fn get(&self, tp: &TopicPartition) -> Option<&PartitionState> {
        self.partitions.get(tp)
    }

    pub(super) fn get_mut(&mut self, tp: &TopicPartition) -> Option<&mut PartitionState> {
        self.partitions.get_mut(tp)
    }

    pub(super) fn iter_mut(
        &mut self,
    ) -> impl Iterator<Item = (&TopicPartition, &mut PartitionState)> {
        self.partitions.iter_mut()
    }

    pub(super) fn has_all_fetch_positions(&self) -> bool {
        self.partitions.values().all(PartitionState::has_valid_position)
    }

    /// The partitions that need a first position.
    pub(super) fn initializing(&self) -> BTreeSet<TopicPartition> {
        self.in_state(|state| state.fetch_state() == FetchState::Initializing)
    }

    /// The partitions that wait in `state` and may be asked about now.
    pub(super) fn awaiting(&self, state: FetchState, now: Instant) -> BTreeSet<TopicPartition> {
        self.in_state(|partition| partition.awaits(state, now))
    }

    fn in_state(&self, is_meant: impl Fn(&PartitionState) -> bool) -> BTreeSet<TopicPartition> {
        let meant = self.partitions.iter().filter(|(_, state)| is_meant(state));
        meant.map(|(tp, _)| tp.clone()).collect()
    }

    /// When something may be asked again about a position, if that is still to come.
    pub(super) fn next_retry(&self, now: Instant) -> Option<Instant> {
        let waiting = self.partitions.values().filter(|state| !state.has_valid_position());
        waiting.filter_map(PartitionState::next_retry).filter(|at| *at > now).min()
    }

    pub(super) fn request_reset(&mut self, tp: &TopicPartition, reset: Reset) {
        if let Some(state) = self.partitions.get_mut(tp) {
            state.request_reset(reset);
        }
    }
}

/// Java's `TopicPartition.hashCode`.
fn java_hash(tp: &TopicPartition) -> i32 {
    31_i32.wrapping_add(tp.partition.0).wrapping_mul(31).wrapping_add(java_string_hash(&tp.topic))
}

/// The order of Java's `PartitionStates`: that of a `HashMap`, but topic by topic.
fn in_java_order(partitions: BTreeSet<TopicPartition>) -> Vec<TopicPartition> {
    let mut table = Table::with_capacity(partitions.len() as u32);
    table.hold(partitions.len());
    let mut partitions: Vec<_> = partitions.into_iter().collect();
    partitions.sort_by_key(|tp| table.bucket(java_hash(tp)));
    let mut topics: Vec<Name> = Vec::new();
    for tp in &partitions {
        if !topics.contains(&tp.topic) {
            topics.push(tp.topic.clone());
        }
    }
    partitions.sort_by_key(|tp| topics.iter().position(|topic| *topic == tp.topic));
    partitions
}

/// The `HashSet` into which Java puts so many partitions to fetch. By their buckets in it, and in a
/// bucket by their places, are they named in requests, and so do their records come.
pub(super) fn fetch_table(partitions: usize) -> Table {
    let mut table = Table::default();
    // A set made of another collection leaves a little more room than one that grows.
    table.hold(partitions + 1);
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fetch order of an assignment, as Java 17 prints it.
    #[test]
    fn partitions_come_as_java_walks_over_them() {
        let fetch_order = |topics: &[&'static str], count: i32| {
            let partitions = |topic: &&'static str| {
                let topic: Name = (*topic).into();
                (0..count).map(move |partition| TopicPartition::new(topic.clone(), partition))
            };
            let mut subscriptions = SubscriptionState::default();
            subscriptions.assign_from_user(topics.iter().flat_map(partitions).collect());
            let mut assigned: Vec<_> = subscriptions.partitions.iter().collect();
            let table = fetch_table(assigned.len());
            assigned.sort_by_key(|(_, state)| (table.bucket(state.hash), state.place));
            let names = assigned.iter().map(|(tp, _)| {
                format!("{}{}", tp.topic.get(..1).unwrap_or_default(), tp.partition)
            });
            names.collect::<Vec<_>>().join(" ")
        };
        insta::assert_snapshot!(fetch_order(&["kq"], 12), @"k7 k6 k5 k4 k3 k2 k1 k0 k11 k10 k9 k8");
        let two = ["clicks", "orders"];
        insta::assert_snapshot!(fetch_order(&two, 3), @"c2 c1 o0 o1 o2 c0");
        insta::assert_snapshot!(fetch_order(&two, 7), @"c6 c5 c2 c1 o0 c4 o1 c3 o2 o3 o4 c0 o5 o6");
        insta::assert_snapshot!(fetch_order(&two, 13), @"o8 o10 o12 c9 c11 c5 c7 c1 o1 c3 o3 o5 o7 o9 o11 c10 c12 c6 c8 c2 o0 c4 o2 o4 c0 o6");
    }
}

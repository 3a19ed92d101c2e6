//! Groups, as their coordinators know them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Lens;
use super::membership::partitions_of;
use crate::cluster::ProcessState;
use crate::coordinator::group::{ClassicGroup, ClassicMember};
use crate::ids::{BrokerId, Generation, Name, PartitionIndex, TopicPartition};
use crate::sim::Duration;

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupView {
    /// Its name.
    pub name: Name,
    /// The broker that coordinates it, as that broker believes.
    pub coordinator: BrokerId,
    /// The partition of `__consumer_offsets` that it is kept in.
    pub offsets_partition: i32,
    /// Kafka's word for its state: `Empty`, `PreparingRebalance`, `CompletingRebalance`, `Stable`,
    /// `Dead`.
    pub state: &'static str,
    /// How many rebalances were completed.
    pub generation: Generation,
    /// The assignor that was chosen.
    pub assignor: Option<Name>,
    /// The member id of the leader.
    pub leader: Option<Name>,
    /// The members, by member id.
    pub members: Vec<MemberView>,
    /// What is committed: the next offset to read, by partition.
    #[serde(serialize_with = "super::by_name")]
    pub committed: BTreeMap<TopicPartition, i64>,
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MemberView {
    /// Its member id.
    pub member_id: Name,
    /// `client.id`.
    pub client_id: Name,
    /// `group.instance.id` of a static member.
    pub group_instance_id: Option<Name>,
    /// What it was assigned in this generation.
    pub assigned: Vec<TopicPartition>,
    /// True while its `JoinGroup` waits for the others.
    pub joining: bool,
    /// True while its `SyncGroup` waits for the leader's assignment.
    pub syncing: bool,
}

/// Why nobody knows a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Nobody has asked for a coordinator: `__consumer_offsets` does not exist.
    NotAskedFor,
    /// The partition of `__consumer_offsets` that it is kept in has no leader, or is not there.
    NoCoordinator,
    /// The coordinator, by name, has not heard of it, or has not read it yet.
    Loading(Name),
    /// The coordinator, by name, is down.
    Down(Name),
}

impl<'a> Lens<'a> {
    /// All groups, by name: each as the broker knows it that leads its offsets partition.
    pub fn groups(self) -> Vec<GroupView> {
        let mut groups = BTreeMap::new();
        for (id, ..) in self.servers().filter(|(_, _, is_broker, _)| *is_broker) {
            let Some(broker) = self.running(id).and_then(|server| server.broker()) else {
                continue;
            };
            for group in broker.coordinator().groups() {
                let view = self.group_on(id, &group.group);
                groups.extend(view.map(|view| (view.name.clone(), view)));
            }
        }
        groups.into_values().collect()
    }

    /// One group, as its coordinator knows it.
    pub fn group(self, name: &str) -> Option<GroupView> {
        let coordinator = self.coordinator_of(name)?;
        self.group_on(coordinator, name)
    }

    /// The broker that leads the partition of `__consumer_offsets` of a group, as the controller
    /// says.
    pub fn coordinator_of(self, group: &str) -> Option<BrokerId> {
        let topic = self.image()?.topic_named(crate::coordinator::group::OFFSETS_TOPIC)?;
        topic.partition(self.coordinator_partition(group)?)?.leader
    }

    /// Why nobody knows a group, where that is so.
    pub fn why_unknown(self, group: &str) -> Unknown {
        let Some(broker) = self.coordinator_of(group) else {
            let asked = self.coordinator_partition(group).is_some();
            return if asked { Unknown::NoCoordinator } else { Unknown::NotAskedFor };
        };
        let node = self.node_of(broker);
        let name = node.map_or_else(|| "".into(), |node| self.name(node).clone());
        if node.is_some_and(|node| self.process_state(node) != ProcessState::Down) {
            Unknown::Loading(name)
        } else {
            Unknown::Down(name)
        }
    }

    /// The partition of `__consumer_offsets` that a group is kept in, if that topic exists.
    pub fn coordinator_partition(self, group: &str) -> Option<PartitionIndex> {
        let topic = self.image()?.topic_named(crate::coordinator::group::OFFSETS_TOPIC)?;
        Some(crate::coordinator::partition_for(group, topic.partition_count() as i32))
    }

    /// One group in the memory of its coordinator, for those who look at every event.
    pub fn group_in_memory(self, name: &str) -> Option<&'a ClassicGroup> {
        let broker = self.coordinator_of(name)?;
        self.running(broker)?.broker()?.coordinator().group(name)
    }

    /// One group in the memory of `broker`, be it its coordinator in truth or not.
    pub fn group_at(self, broker: BrokerId, name: &str) -> Option<&'a ClassicGroup> {
        self.running(broker)?.broker()?.coordinator().group(name)
    }

    /// What `broker` takes for committed by a group: as far as the high watermark goes that it knows.
    pub fn offset_at(self, broker: BrokerId, name: &str, tp: &TopicPartition) -> Option<i64> {
        let coordinator = self.running(broker)?.broker()?.coordinator();
        Some(coordinator.committed_offsets(name)?.get(tp)?.committed_offset)
    }

    /// How long `broker` keeps the offsets of groups without members.
    pub fn offsets_retention(self, broker: BrokerId) -> Option<Duration> {
        Some(self.running(broker)?.broker()?.coordinator().config().offsets_retention)
    }

    fn group_on(self, broker: BrokerId, name: &str) -> Option<GroupView> {
        let coordinator = self.running(broker)?.broker()?.coordinator();
        let group = coordinator.group(name)?;
        let committed = coordinator.committed_offsets(name).into_iter().flatten();
        Some(GroupView {
            name: group.group.clone(),
            coordinator: broker,
            offsets_partition: group.partition,
            state: group.state.name(),
            generation: group.generation,
            assignor: group.protocol.clone(),
            leader: group.leader.clone(),
            members: group.members.values().map(member).collect(),
            committed: committed.map(|(tp, one)| (tp.clone(), one.committed_offset)).collect(),
        })
    }

    /// How many records a group has not read: the sum of [`Lens::lag_of`] over the partitions that it
    /// committed or is assigned. None where it is known of no partition.
    pub fn lag(self, group: &str, only: Option<&TopicPartition>) -> Option<u64> {
        let view = self.group(group)?;
        let assigned = view.members.iter().flat_map(|member| member.assigned.iter().cloned());
        let mut partitions: Vec<TopicPartition> =
            view.committed.keys().cloned().chain(assigned).collect();
        partitions.sort();
        partitions.dedup();
        if let Some(only) = only {
            partitions.retain(|tp| tp == only);
        }
        self.lag_over(&view, &partitions)
    }

    /// The sum of [`Lens::lag_of`] over those partitions of which it is known; none if of none.
    pub fn lag_over<'t>(
        self,
        group: &GroupView,
        partitions: impl IntoIterator<Item = &'t TopicPartition>,
    ) -> Option<u64> {
        let known = partitions.into_iter().filter_map(|tp| self.lag_of(group, tp));
        known.reduce(|sum, lag| sum + lag)
    }

    /// How many records of a partition a group has not read, as `kafka-consumer-groups --describe`
    /// has it: high watermark less committed offset. None while nobody leads the partition, and where
    /// the group has committed nothing: it may begin at the end, or at the beginning. (The consumer's
    /// own metric, `records-lag`, goes by its position instead: what it was given counts as read.)
    ///
    /// In Kafka: `ConsumerGroupCommand.getLag`.
    pub fn lag_of(self, group: &GroupView, tp: &TopicPartition) -> Option<u64> {
        let leader = self.registration(tp)?.leader?;
        let log = self.log(tp, leader)?;
        let read = *group.committed.get(tp)?;
        Some((log.high_watermark().0 as i64 - read).max(0) as u64)
    }
}

fn member(member: &ClassicMember) -> MemberView {
    MemberView {
        member_id: member.member_id.clone(),
        client_id: member.client_id.clone(),
        group_instance_id: member.group_instance_id.clone(),
        assigned: partitions_of(member),
        joining: member.awaiting_join.is_some(),
        syncing: member.awaiting_sync.is_some(),
    }
}

//! Who reads a partition, and how far they are.

use super::Lens;
use crate::client::consumer::Consumer;
use crate::ids::{Name, Offset, TopicPartition};
use crate::protocol::consumer_protocol::Assignment;
use crate::sim::NodeId;

/// How far a group is in a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderView {
    /// The group.
    pub group: Name,
    /// Its coordinator runs and knows it.
    pub is_known: bool,
    /// The next offset to read, as it was committed.
    pub committed: Option<Offset>,
    /// `client.id` of the member that has the partition, as the coordinator knows.
    pub owner: Option<Name>,
    /// The consumers that hold the partition themselves: at most one, but for zombies.
    pub positions: Vec<PositionView>,
    /// High watermark less committed offset; none while nobody leads.
    pub lag: Option<u64>,
}

/// How far a consumer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PositionView {
    /// The consumer.
    pub consumer: Name,
    /// Its process.
    pub node: NodeId,
    /// The next offset that it hands out; none until it knows where to begin.
    pub position: Option<Offset>,
}

impl Lens<'_> {
    /// The groups that read a partition, or did, by name.
    pub fn readers(self, tp: &TopicPartition) -> Vec<ReaderView> {
        let mut readers = Vec::new();
        for (group, processes) in self.group_processes() {
            let mut subscribed = false;
            let mut positions = Vec::new();
            for (consumer, node) in processes {
                let Some(running) = self.running_consumer(node).map(Consumer::subscriptions) else {
                    continue;
                };
                subscribed |= running.topics().contains(&tp.topic);
                if let Some(state) = running.partitions().get(tp) {
                    let position = state.valid_position().map(|position| position.offset);
                    positions.push(PositionView { consumer, node, position });
                }
            }
            let coordinator = self.coordinator_of(&group).and_then(|id| self.running(id)?.broker());
            let coordinator = coordinator.map(crate::broker::Broker::coordinator);
            let known = coordinator.and_then(|it| it.group(&group));
            let committed = coordinator
                .and_then(|it| it.committed_offsets(&group)?.get(tp))
                .and_then(|one| u64::try_from(one.committed_offset).ok())
                .map(Offset);
            let owner = known.and_then(|group| {
                let has = |assignment: &bytes::Bytes| {
                    let assigned = Assignment::decode(assignment);
                    assigned.is_ok_and(|assigned| assigned.partitions.contains(tp))
                };
                let mut members = group.members.values();
                members.find(|member| has(&member.assignment)).map(|one| one.client_id.clone())
            });
            if subscribed || !positions.is_empty() || committed.is_some() || owner.is_some() {
                let (is_known, lag) = (known.is_some(), self.lag_behind(tp, committed));
                readers.push(ReaderView { group, is_known, committed, owner, positions, lag });
            }
        }
        readers
    }

    fn lag_behind(self, tp: &TopicPartition, committed: Option<Offset>) -> Option<u64> {
        let log = self.log(tp, self.registration(tp)?.leader?)?;
        let read = committed.unwrap_or_default().max(log.log_start_offset());
        Some(log.high_watermark().0.saturating_sub(read.0))
    }
}

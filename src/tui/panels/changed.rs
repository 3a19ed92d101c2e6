//! What changed within the last two seconds of simulated time.

use std::collections::{BTreeMap, BTreeSet};

use crate::explain::{Story, StoryLine, Words};
use crate::fact::Fact;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::sim::{Duration, Instant, NodeId};

/// For so long a change is marked.
const LATELY: Duration = Duration::from_secs(2);

/// What changed lately: a function of the story and the time, so that it is the same whichever way
/// the cursor came. What changes all the time, like offsets, is not in it.
#[derive(Clone, Debug, Default)]
pub struct Changed {
    partitions: BTreeMap<TopicPartition, PartitionMarks>,
    truncated: BTreeSet<(TopicPartition, NodeId)>,
    nodes: BTreeSet<NodeId>,
    brokers: BTreeSet<BrokerId>,
    groups: BTreeSet<Name>,
}

/// What changed of a partition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartitionMarks {
    /// Another leads, or nobody does.
    pub leader: bool,
    /// The ISR has other members.
    pub isr: bool,
}

impl Changed {
    /// What changed in the two seconds up to `now`.
    pub fn of(story: &Story, now: Instant) -> Self {
        let mut changed = Self::default();
        // The very beginning is not long ago, but nothing has changed before.
        let lately = |line: &&StoryLine| now.since(line.at) <= LATELY;
        for line in story.lines().iter().rev().take_while(lately) {
            changed.note(line);
        }
        changed
    }

    /// What changed of a partition.
    pub fn partition(&self, tp: &TopicPartition) -> PartitionMarks {
        self.partitions.get(tp).copied().unwrap_or_default()
    }

    /// True if a replica cut its log back.
    pub fn is_truncated(&self, tp: &TopicPartition, node: NodeId) -> bool {
        // Most of the time there is none, and a name need not be made.
        !self.truncated.is_empty() && self.truncated.contains(&(tp.clone(), node))
    }

    /// True if something happened to a process.
    pub fn node(&self, node: NodeId) -> bool {
        self.nodes.contains(&node)
    }

    /// True if the controller changed what it thinks of a broker.
    pub fn broker(&self, broker: BrokerId) -> bool {
        self.brokers.contains(&broker)
    }

    /// True if a group changed.
    pub fn group(&self, group: &str) -> bool {
        self.groups.contains(group)
    }

    fn note(&mut self, line: &StoryLine) {
        match &line.words {
            Words::Partition { step } if step.before.is_some() => {
                let marks = self.partitions.entry(step.tp.clone()).or_default();
                marks.leader |= step.has_new_leader() || step.went_offline();
                marks.isr |= step.has_new_isr();
            }
            // Each version of the line adds one process, and all are of one instant.
            Words::Starting { nodes } => self.nodes.extend(nodes.last()),
            Words::Ended { .. } => _ = self.nodes.insert(line.node),
            Words::Fact { fact } | Words::Repeated { fact, .. } => self.note_fact(line.node, fact),
            Words::Partition { .. }
            | Words::Commanded { .. }
            | Words::Refusing { .. }
            | Words::Links { .. }
            | Words::MorePartitions { .. }
            | Words::Leading { .. }
            | Words::LogsOpened { .. }
            | Words::Coordinating { .. }
            | Words::More { .. } => {}
        }
    }

    fn note_fact(&mut self, node: NodeId, fact: &Fact) {
        match fact {
            Fact::LogTruncated { tp, .. } => _ = self.truncated.insert((tp.clone(), node)),
            Fact::BrokerRegistered { broker, .. }
            | Fact::BrokerUnfenced { broker }
            | Fact::BrokerFenced { broker, .. }
            | Fact::ControlledShutdownStarted { broker } => _ = self.brokers.insert(*broker),
            Fact::ProcessStarted { .. }
            | Fact::ProcessKilled { .. }
            | Fact::ProcessExited { .. }
            | Fact::PowerLost { .. }
            | Fact::ProcessPaused
            | Fact::ProcessResumed
            | Fact::SlowedDown { .. }
            | Fact::ControllerActivated { .. }
            | Fact::RecordFailed { .. }
            | Fact::BatchRetried { .. }
            | Fact::ProducerIdAssigned { .. }
            | Fact::PartitionsAssigned { .. }
            | Fact::PartitionsRevoked { .. }
            | Fact::PartitionsLost { .. }
            | Fact::PollIntervalExceeded { .. } => _ = self.nodes.insert(node),
            Fact::MemberJoined { group, .. }
            | Fact::MemberRemoved { group, .. }
            | Fact::GroupStateChanged { group, .. }
            | Fact::RebalanceStarted { group, .. }
            | Fact::GenerationStarted { group, .. }
            | Fact::AssignmentStored { group, .. } => _ = self.groups.insert(group.clone()),
            // What happens all the time, or shows elsewhere.
            _ => {}
        }
    }
}

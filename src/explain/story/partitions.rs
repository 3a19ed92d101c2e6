//! Partitions as the controller writes them: what was before, and what is different now.

use std::sync::Arc;

use imbl::OrdMap;
use serde::Serialize;

use super::{Importance, Words};
use crate::fact::{ElectionKind, Fact};
use crate::ids::{BrokerId, LeaderEpoch, Name, PartitionEpoch, TopicPartition};
use crate::metadata::topic_name::is_kafkas_own;

/// A partition as the controller wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartitionState {
    /// Its leader, if any.
    pub leader: Option<BrokerId>,
    /// The leader epoch.
    pub leader_epoch: LeaderEpoch,
    /// The partition epoch.
    pub partition_epoch: PartitionEpoch,
    /// The in-sync replicas.
    pub isr: Vec<BrokerId>,
    /// The eligible leader replicas.
    pub elr: Vec<BrokerId>,
    /// The last known eligible leader replicas.
    pub last_known_elr: Vec<BrokerId>,
    /// True while the leader was elected uncleanly and the ISR has not grown since.
    pub recovering: bool,
}

/// A change of a partition's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartitionStep {
    /// The partition.
    pub tp: TopicPartition,
    /// Its state before, unless it is new.
    pub before: Option<Arc<PartitionState>>,
    /// Its state now.
    pub after: Arc<PartitionState>,
    /// How its leader was chosen, if there was an election.
    pub election: Option<ElectionKind>,
    /// Who wanted it.
    pub way: Way,
}

/// By which way a change of a partition's state came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Its leader, or an administrator, asked for it.
    Asked,
    /// The session of a member of the ISR was over.
    Fenced,
    /// A member of the ISR shuts down.
    ShutDown,
    /// Another process of a member of the ISR or of the ELR registered.
    Registered,
}

impl PartitionStep {
    /// By which way it came about, by what is `told` with it of the brokers that left the ISR or the
    /// ELR.
    fn way<'a>(&self, mut told: impl Iterator<Item = &'a Fact>) -> Way {
        let Some(before) = &self.before else { return Way::Asked };
        let has = |state: &PartitionState, broker: &BrokerId| {
            state.isr.contains(broker) || state.elr.contains(broker)
        };
        let left = |broker: &BrokerId| {
            before.isr.contains(broker) && !self.after.isr.contains(broker)
                || has(before, broker) && !has(&self.after, broker)
        };
        let way = told.find_map(|fact| match fact {
            Fact::BrokerFenced { broker, expired: true } if left(broker) => Some(Way::Fenced),
            Fact::BrokerFenced { broker, .. } | Fact::ControlledShutdownStarted { broker }
                if left(broker) =>
            {
                Some(Way::ShutDown)
            }
            Fact::BrokerRegistered { broker, .. } if left(broker) => Some(Way::Registered),
            _ => None,
        });
        way.unwrap_or(Way::Asked)
    }

    /// True if another leads now, or the first one.
    pub fn has_new_leader(&self) -> bool {
        self.after.leader.is_some()
            && self.before.as_ref().is_none_or(|before| before.leader != self.after.leader)
    }

    /// True if it had a leader and has none now.
    pub fn went_offline(&self) -> bool {
        self.after.leader.is_none()
            && self.before.as_ref().is_none_or(|before| before.leader.is_some())
    }

    /// True if the ISR has other members now.
    pub fn has_new_isr(&self) -> bool {
        self.before.as_ref().is_none_or(|before| !same(&before.isr, &self.after.isr))
    }

    /// True if the ISR has grown.
    pub fn has_longer_isr(&self) -> bool {
        self.before.as_ref().is_some_and(|before| before.isr.len() < self.after.isr.len())
    }

    /// How much it matters.
    pub fn importance(&self) -> Importance {
        let recovering = self.before.as_ref().is_some_and(|one| one.recovering);
        if self.went_offline()
            || self.after.recovering != recovering
            || (self.has_new_leader() && self.before.is_some())
        {
            Importance::Turn
        } else if is_internal(&self.tp) && self.has_longer_isr() {
            Importance::Aside
        } else if self.has_new_isr() || self.has_new_elr() || self.before.is_none() {
            Importance::Note
        } else {
            Importance::Aside
        }
    }

    /// True if other replicas may be elected once nobody of the ISR is left: of a user's partition.
    fn has_new_elr(&self) -> bool {
        let before = self.before.as_ref();
        !is_internal(&self.tp) && before.is_some_and(|before| !same(&before.elr, &self.after.elr))
    }

    /// What is told first when many change at once: what is lost, who leads, the ISR.
    fn rank(&self) -> u8 {
        if self.went_offline() || self.election.is_some_and(ElectionKind::is_unclean) {
            0
        } else if self.has_new_leader() {
            1
        } else {
            2 + u8::from(!self.has_new_isr())
        }
    }
}

/// True for partitions of topics that Kafka keeps for itself.
pub(super) fn is_internal(tp: &TopicPartition) -> bool {
    is_kafkas_own(&tp.topic)
}

/// True for lists of the same brokers.
pub(in crate::explain) fn same(one: &[BrokerId], other: &[BrokerId]) -> bool {
    one.len() == other.len() && one.iter().all(|id| other.contains(id))
}

/// The partitions that were told of, as they were last. A clone shares what is large.
#[derive(Clone, Debug, Default)]
pub(super) struct Partitions(OrdMap<TopicPartition, Arc<PartitionState>>);

impl Serialize for Partitions {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter())
    }
}

impl Partitions {
    /// Takes note of a `PartitionChanged`; `election` is that of the `LeaderElected` before it, `told`
    /// all facts of the event.
    pub(super) fn change<'a>(
        &mut self,
        fact: &Fact,
        election: Option<ElectionKind>,
        told: impl Iterator<Item = &'a Fact>,
    ) -> Option<PartitionStep> {
        let Fact::PartitionChanged {
            tp,
            leader,
            leader_epoch,
            partition_epoch,
            isr,
            elr,
            last_known_elr,
            recovering,
        } = fact
        else {
            return None;
        };
        let after = Arc::new(PartitionState {
            leader: *leader,
            leader_epoch: *leader_epoch,
            partition_epoch: *partition_epoch,
            isr: isr.clone(),
            elr: elr.clone(),
            last_known_elr: last_known_elr.clone(),
            recovering: *recovering,
        });
        let before = self.0.insert(tp.clone(), after.clone());
        let way = Way::Asked;
        let step = PartitionStep { tp: tp.clone(), before, after, election, way };
        Some(PartitionStep { way: step.way(told), ..step })
    }

    /// A topic is gone, and its partitions with it.
    pub(super) fn forget(&mut self, topic: &Name) {
        let first = TopicPartition::new(topic.clone(), i32::MIN);
        let of_topic = self.0.range(first..).take_while(|(tp, _)| tp.topic == *topic);
        let gone: Vec<TopicPartition> = of_topic.map(|(tp, _)| tp.clone()).collect();
        for tp in gone {
            self.0.remove(&tp);
        }
    }
}

/// Changes of partitions in one event, with the places of their facts.
#[derive(Debug, Default)]
pub(super) struct Steps(Vec<(PartitionStep, [u16; 2])>);

/// How many partitions of one event have a line of their own.
const LINES: usize = 3;

impl Steps {
    pub(super) fn push(&mut self, step: PartitionStep, facts: [u16; 2]) {
        self.0.push((step, facts));
    }

    /// The lines: the first few partitions of users, or one of Kafka's own, and how many more there
    /// are. Partitions of a new topic have lines only if they are few: its own line says how many
    /// there are.
    pub(super) fn into_lines(mut self) -> Vec<(Words, Importance, Vec<u16>)> {
        let new = self.0.iter().filter(|(step, _)| step.before.is_none()).count();
        if new > LINES {
            self.0.retain(|(step, _)| step.before.is_some());
        }
        self.0.sort_by_key(|(step, _)| step.rank());
        let (mut own, mut users): (Vec<_>, Vec<_>) =
            self.0.into_iter().partition(|(step, _)| is_internal(&step.tp));
        let more = users.split_off(users.len().min(LINES));
        if users.is_empty() {
            users.extend((!own.is_empty()).then(|| own.remove(0)));
        }
        let mut lines: Vec<(Words, Importance, Vec<u16>)> = users
            .into_iter()
            .map(|(step, [from, to])| {
                let importance = step.importance();
                (Words::Partition { step: Arc::new(step) }, importance, (from..=to).collect())
            })
            .collect();
        lines.extend(counted(&more, None));
        let topic = own.first().map(|(step, _)| step.tp.topic.clone());
        let alike = own.iter().all(|(step, _)| Some(&step.tp.topic) == topic.as_ref());
        lines.extend(counted(&own, topic.filter(|_| alike)));
        lines
    }
}

/// How many partitions there are without a line.
fn counted(
    more: &[(PartitionStep, [u16; 2])],
    topic: Option<Name>,
) -> Option<(Words, Importance, Vec<u16>)> {
    let count = |wanted: fn(&PartitionStep) -> bool| {
        more.iter().filter(|(step, _)| wanted(step)).count() as u32
    };
    let importance = more.iter().map(|(step, _)| step.importance()).max()?;
    let offline = count(PartitionStep::went_offline);
    // What became of Kafka's own partitions is a turn only if they are gone.
    let loudest = if topic.is_none() || offline > 0 { Importance::Turn } else { Importance::Note };
    let words = Words::MorePartitions {
        topic,
        partitions: more.len() as u32,
        new_leaders: count(PartitionStep::has_new_leader),
        offline,
        way: more
            .first()
            .filter(|(one, _)| more.iter().all(|(step, _)| step.way == one.way))
            .map_or(Way::Asked, |(one, _)| one.way),
    };
    Some((words, importance.min(loudest), Vec::new()))
}

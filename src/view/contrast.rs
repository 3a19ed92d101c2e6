//! Two clusters at a moment: in what they differ.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Lens, PartitionView, ReplicaWord};
use crate::ids::{BrokerId, Name, TopicPartition};

/// In what two clusters differ: one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Contrast {
    /// What it is of: a partition, a broker, a group.
    pub subject: String,
    /// What it is.
    pub what: Aspect,
    /// Its value on the left; none where there is no such thing.
    pub left: Option<String>,
    /// Its value on the right; none where there is no such thing.
    pub right: Option<String>,
}

/// What can be different.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "they are Kafka's words")]
pub enum Aspect {
    Leader,
    LeaderEpoch,
    Isr,
    HighWatermark,
    LogEndOffset,
    State,
    Generation,
    Members,
    Lag,
    Acked,
    Failed,
}

impl Aspect {
    /// What it is called, in English and Chinese.
    pub const fn title(self) -> [&'static str; 2] {
        match self {
            Self::Leader => ["leader", "leader"],
            Self::LeaderEpoch => ["leader epoch", "leader epoch"],
            Self::Isr => ["ISR", "ISR"],
            Self::HighWatermark => ["HW", "HW"],
            Self::LogEndOffset => ["LEO", "LEO"],
            Self::State => ["state", "状态"],
            Self::Generation => ["generation", "代"],
            Self::Members => ["members", "成员数"],
            Self::Lag => ["lag", "积压"],
            Self::Acked => ["acked", "确认"],
            Self::Failed => ["failed", "失败"],
        }
    }
}

/// The values of a thing, in order.
type Values = Vec<(Aspect, String)>;

impl Lens<'_> {
    /// In what this cluster differs from another one: brokers, partitions, groups, producers, by name.
    /// Kafka's own topics are left out.
    pub fn contrast(self, other: Lens<'_>) -> Vec<Contrast> {
        let mut found = Vec::new();
        let both = |one: Vec<String>, more: Vec<String>| -> BTreeSet<String> {
            one.into_iter().chain(more).collect()
        };
        let brokers: BTreeSet<BrokerId> =
            self.broker_ids().into_iter().chain(other.broker_ids()).collect();
        for id in brokers {
            let name = self.node_of(id).map(|node| self.name(node).to_string());
            let name = name.unwrap_or_else(|| format!("broker-{id}"));
            compare(&name, self.broker_values(id), other.broker_values(id), &mut found);
        }
        let of = |lens: Lens<'_>| -> Vec<TopicPartition> {
            let mut all = lens.topic_partitions();
            all.retain(|tp| !tp.topic.starts_with("__"));
            all
        };
        let partitions: BTreeSet<TopicPartition> = of(self).into_iter().chain(of(other)).collect();
        for tp in partitions {
            let values = |lens: Lens<'_>| lens.partition(&tp).map(|one| partition_values(&one));
            compare(&tp.to_string(), values(self), values(other), &mut found);
        }
        let names = |lens: Lens<'_>| -> Vec<String> {
            lens.group_processes().into_keys().map(|name| name.to_string()).collect()
        };
        for group in both(names(self), names(other)) {
            compare(&group, self.group_values(&group), other.group_values(&group), &mut found);
        }
        let names = |lens: Lens<'_>| -> Vec<String> {
            lens.producers().into_iter().map(|one| one.name.to_string()).collect()
        };
        for name in both(names(self), names(other)) {
            let values = |lens: Lens<'_>| {
                let one = lens.producers().into_iter().find(|one| *one.name == *name)?;
                Some(vec![
                    (Aspect::Acked, one.acked.to_string()),
                    (Aspect::Failed, one.failed.to_string()),
                ])
            };
            compare(&name, values(self), values(other), &mut found);
        }
        found
    }

    fn broker_values(self, id: BrokerId) -> Option<Values> {
        let broker = self.broker(id)?;
        let word = match (broker.alive, broker.paused, broker.fenced) {
            (false, ..) => "NotRunning",
            (true, true, _) => "SIGSTOP",
            (true, false, true) if broker.state == "Running" => "Running, fenced",
            _ => broker.state,
        };
        Some(vec![(Aspect::State, word.to_owned())])
    }

    fn group_values(self, name: &str) -> Option<Values> {
        let name: Name = name.into();
        let group = self.group(&name)?;
        let read: BTreeSet<&TopicPartition> = group
            .members
            .iter()
            .flat_map(|member| &member.assigned)
            .chain(group.committed.keys())
            .collect();
        let lag = self.lag_over(&group, read);
        Some(vec![
            (Aspect::State, group.state.to_owned()),
            (Aspect::Generation, group.generation.to_string()),
            (Aspect::Members, group.members.len().to_string()),
            (Aspect::Lag, lag.map_or_else(|| "-".to_owned(), |lag| lag.to_string())),
        ])
    }
}

fn partition_values(partition: &PartitionView) -> Values {
    let ids: Vec<String> = partition.isr.iter().map(ToString::to_string).collect();
    let leads = partition.replicas.iter().find(|one| one.word == ReplicaWord::Leader);
    let known = partition.replicas.iter().filter_map(|one| one.high_watermark).max();
    let mark = leads.and_then(|leader| leader.high_watermark).or(known);
    let end = leads.map(|leader| leader.log_end_offset);
    let none = || "-".to_owned();
    vec![
        (Aspect::Leader, partition.leader.map_or_else(none, |id| id.to_string())),
        (Aspect::LeaderEpoch, partition.leader_epoch.to_string()),
        (Aspect::Isr, format!("[{}]", ids.join(","))),
        (Aspect::HighWatermark, mark.map_or_else(none, |mark| mark.to_string())),
        (Aspect::LogEndOffset, end.map_or_else(none, |end| end.to_string())),
    ]
}

/// The values that are different.
fn compare(subject: &str, left: Option<Values>, right: Option<Values>, into: &mut Vec<Contrast>) {
    let (left, right) = (left.unwrap_or_default(), right.unwrap_or_default());
    let aspects: BTreeSet<Aspect> = left.iter().chain(&right).map(|(aspect, _)| *aspect).collect();
    for what in aspects {
        let of = |values: &Values| {
            values.iter().find(|(aspect, _)| *aspect == what).map(|(_, value)| value.clone())
        };
        let (left, right) = (of(&left), of(&right));
        if left != right {
            into.push(Contrast { subject: subject.to_owned(), what, left, right });
        }
    }
}

//! Lines of the story as sentences.

use super::arguments::Arguments;
use super::values::{self, Value};
use super::{Narrator, amounts};
use crate::explain::World;
use crate::explain::story::{
    Channel, LinkChange, PartitionState, PartitionStep, Shown, StoryLine, Words, WordsKind, same,
};
use crate::fact::ElectionKind;
use crate::ids::{BrokerId, Name};
use crate::sim::{Duration, Instant, NodeId};

impl Narrator {
    /// What a line says.
    pub fn line(self, line: &StoryLine, world: &dyn World) -> String {
        self.words(line.node, &line.words, world)
    }

    /// A line in three columns: when, who, what.
    pub fn columns(self, shown: Shown<'_>, world: &dyn World) -> (String, String, String) {
        let (at, latest) = (shown.first.at, shown.latest);
        (clock(at), self.speaker(latest, world), self.line(latest, world))
    }

    /// Who speaks in a line.
    pub fn speaker(self, line: &StoryLine, world: &dyn World) -> String {
        let channel = match &line.words {
            // One process that starts speaks for itself.
            Words::Starting { nodes } if nodes.len() == 1 => Channel::Node,
            _ => line.channel,
        };
        self.channel(channel, line.node, world)
    }

    pub(in crate::explain) fn words(
        self,
        node: NodeId,
        words: &Words,
        world: &dyn World,
    ) -> String {
        let kind: &'static str = WordsKind::from(words).into();
        let mut arguments = self.arguments(world);
        arguments.node("node", node);
        match words {
            Words::Fact { fact } => return self.fact(node, fact, world),
            Words::Repeated { fact, times, over } => {
                arguments.set("sentence", self.fact(node, fact, world));
                arguments.set("times", told_times(*times));
                self.over(*over, &mut arguments);
            }
            Words::Ended { fact, noticed_by } => {
                arguments.set("sentence", self.fact(node, fact, world));
                arguments.value("noticed_by", nodes(noticed_by));
            }
            Words::Commanded { fact, of } => {
                arguments.set("sentence", self.fact(node, fact, world));
                arguments.value("of", nodes(of));
            }
            Words::Partition { step } => return self.step(step, world),
            Words::Links { change, links } => self.links(*change, links, &mut arguments),
            Words::Refusing { times, over, .. } => {
                arguments.fields(values::fields(words));
                arguments.set("often", told_times(*times));
                self.over(*over, &mut arguments);
            }
            Words::MorePartitions { partitions, new_leaders, .. } => {
                arguments.fields(values::fields(words));
                arguments.set("all", if partitions == new_leaders { "true" } else { "false" });
            }
            Words::Leading { leads, first, .. } => {
                arguments.fields(values::fields(words));
                arguments.set("all", if first.len() == *leads as usize { "true" } else { "false" });
            }
            Words::Starting { .. }
            | Words::LogsOpened { .. }
            | Words::Coordinating { .. }
            | Words::More { .. } => arguments.fields(values::fields(words)),
        }
        self.say(&format!("story-{kind}"), &arguments)
    }

    /// Over which time something came again and again; not worth a word within one second.
    fn over(self, over: Duration, arguments: &mut Arguments<'_>) {
        let long = over >= Duration::from_secs(1);
        let grain: u64 = if over < Duration::from_secs(10) { 100_000_000 } else { 1_000_000_000 };
        let rounded = (over.as_nanos() + grain / 2) / grain * grain;
        arguments.set("long", if long { "true" } else { "false" });
        arguments.set("over", amounts::span(self.catalogue, rounded));
    }

    fn links(self, change: LinkChange, links: &[(Name, Name)], arguments: &mut Arguments<'_>) {
        // Both directions of a link are one.
        let mut both: Vec<String> = Vec::new();
        for (from, to) in links {
            let known = |(a, b): &&(Name, Name)| a == to && b == from;
            match links.iter().find(known) {
                Some(_) if from < to => both.push(format!("{from} ⇄ {to}")),
                Some(_) => {}
                None => both.push(format!("{from} → {to}")),
            }
        }
        let (by, over) = match change {
            LinkChange::Delayed(by) => (by.as_nanos(), by.is_zero()),
            _ => (0, false),
        };
        let change: &'static str = if over { "undelayed" } else { change.into() };
        arguments.set("change", change);
        arguments.set("by", amounts::span(self.catalogue, by));
        arguments.value("links", Value::List(both.into_iter().map(Value::Text).collect()));
    }

    /// What is different in a partition: `kq-0: leader 1 → 2, leader epoch 0 → 1, ISR [1,2] → [2]`.
    fn step(self, step: &PartitionStep, world: &dyn World) -> String {
        let parts = match &step.before {
            None => self.new_state(&step.after, world),
            Some(before) => self.difference(before, &step.after, world),
        };
        let mut parts = parts.join(&self.word("part-separator"));
        if let Some(kind) = step.election.filter(|kind| is_remarkable(*kind)) {
            let kind: &'static str = kind.into();
            let mut arguments = self.arguments(world);
            arguments.set("kind", kind);
            parts.push_str(&self.say("part-election", &arguments));
        }
        let mut arguments = self.arguments(world);
        arguments.set("tp", step.tp.to_string());
        arguments.set("parts", parts);
        self.say("story-partition", &arguments)
    }

    fn new_state(self, state: &PartitionState, world: &dyn World) -> Vec<String> {
        let part = |id, value| self.part(id, Value::None, value, world);
        let mut parts = vec![
            part("part-new-leader", server(state.leader)),
            part("part-new-leader-epoch", Value::Number(state.leader_epoch.0.into())),
            part("part-new-isr", servers(&state.isr)),
        ];
        if !state.elr.is_empty() {
            parts.push(part("part-new-elr", servers(&state.elr)));
        }
        parts
    }

    fn difference(
        self,
        before: &PartitionState,
        after: &PartitionState,
        world: &dyn World,
    ) -> Vec<String> {
        let part = |id, from, to| self.part(id, from, to, world);
        let mut parts = Vec::new();
        if before.leader != after.leader {
            parts.push(part("part-leader", server(before.leader), server(after.leader)));
        }
        if before.leader_epoch != after.leader_epoch {
            let [from, to] = [before, after].map(|one| Value::Number(one.leader_epoch.0.into()));
            parts.push(part("part-leader-epoch", from, to));
        }
        let lists = [("part-isr", &before.isr, &after.isr), ("part-elr", &before.elr, &after.elr)];
        for (id, from, to) in lists {
            if !same(from, to) {
                parts.push(part(id, servers(from), servers(to)));
            }
        }
        // That it is forgotten goes without saying: somebody leads.
        let last = &after.last_known_elr;
        if !last.is_empty() && !same(&before.last_known_elr, last) {
            parts.push(part("part-last-known-elr", Value::None, servers(last)));
        }
        if before.recovering && !after.recovering {
            parts.push(self.word("part-recovered"));
        }
        if parts.is_empty() {
            let [from, to] = [before, after].map(|one| Value::Number(one.partition_epoch.0.into()));
            parts.push(part("part-partition-epoch", from, to));
        }
        parts
    }

    fn part(self, id: &str, from: Value, to: Value, world: &dyn World) -> String {
        let mut arguments = self.arguments(world);
        arguments.value("from", from);
        arguments.value("to", to);
        self.say(id, &arguments)
    }
}

/// A moment to the millisecond, as people read it.
pub fn clock(at: Instant) -> String {
    let millis = at.as_millis();
    format!("{}.{:03}", millis / 1_000, millis % 1_000)
}

/// A number of times, which is not exact when it is large.
fn told_times(times: u32) -> String {
    let more = times > crate::explain::story::COUNTED;
    format!("{times}{}", if more { "+" } else { "" })
}

/// True for elections that are not from the ISR as usual.
fn is_remarkable(kind: ElectionKind) -> bool {
    !matches!(kind, ElectionKind::New | ElectionKind::Isr)
}

fn server(id: Option<BrokerId>) -> Value {
    id.map_or(Value::None, |id| Value::Server(id.0))
}

fn servers(ids: &[BrokerId]) -> Value {
    Value::List(ids.iter().map(|id| Value::Server(id.0)).collect())
}

fn nodes(nodes: &[NodeId]) -> Value {
    Value::List(nodes.iter().map(|node| Value::Node(node.0)).collect())
}

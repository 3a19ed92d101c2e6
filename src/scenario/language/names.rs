//! What can be named: brokers, topics, groups, clients, and what steps called their own.

use std::collections::{BTreeMap, BTreeSet};

use super::command::Command;
use super::error::LineError;
use super::function::{Item, Type};
use super::kinds::Kinds;
use super::syntax::Reference;
use super::value::{Expr, Value};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::scenario::span::Spanned;

/// All that is declared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The brokers.
    pub brokers: BTreeSet<BrokerId>,
    /// How many controllers there are that are no brokers.
    pub controllers: u32,
    /// The topics, each with its number of partitions.
    pub topics: BTreeMap<Name, u32>,
    /// The producers.
    pub producers: BTreeSet<Name>,
    /// The groups, each with its consumers in order.
    pub groups: BTreeMap<Name, Vec<Name>>,
    /// What steps gave a name, and its type.
    pub labels: BTreeMap<Name, Type>,
    /// Names that later steps give.
    pub later: BTreeSet<Name>,
}

impl Names {
    /// Everything of these kinds, as it can be written, without what steps named.
    pub fn of(&self, kinds: Kinds) -> Vec<String> {
        let mut names = Vec::new();
        if kinds.meets(Kinds::BROKER) {
            names.extend(self.brokers.iter().map(|id| format!("broker-{id}")));
        }
        if kinds.meets(Kinds::CONTROLLER) {
            names.extend((1..=self.controllers).map(|number| format!("controller-{number}")));
        }
        if kinds.meets(Kinds::PRODUCER) {
            names.extend(self.producers.iter().map(ToString::to_string));
        }
        if kinds.meets(Kinds::CONSUMER) {
            names.extend(self.consumers().map(|(group, member)| {
                if self.groups_with(member).count() > 1 {
                    format!("{group}/{member}")
                } else {
                    member.to_string()
                }
            }));
        }
        if kinds.meets(Kinds::GROUP) {
            names.extend(self.groups.keys().map(ToString::to_string));
        }
        if kinds.meets(Kinds::TOPIC) {
            names.extend(self.topics.keys().map(ToString::to_string));
        }
        if kinds.meets(Kinds::PARTITION) {
            // More than anybody looks through would not help.
            const MOST: usize = 2_000;
            let partitions = self.topics.iter().flat_map(|(topic, partitions)| {
                (0..*partitions).map(move |index| self.partition_text(topic, index))
            });
            names.extend(partitions.take(MOST));
        }
        names
    }

    /// Names of steps for things of these kinds.
    pub fn labels_of(&self, kinds: Kinds) -> impl Iterator<Item = &Name> {
        self.labels
            .iter()
            .filter(move |(_, of)| matches!(of.item, Item::Thing(found) if found.meets(kinds)))
            .map(|(name, _)| name)
    }

    fn partition_text(&self, topic: &str, index: u32) -> String {
        let dashed = format!("{topic}-{index}");
        if self.topics.contains_key(&*dashed) { format!("{topic}/{index}") } else { dashed }
    }

    fn consumers(&self) -> impl Iterator<Item = (&Name, &Name)> {
        self.groups
            .iter()
            .flat_map(|(group, members)| members.iter().map(move |member| (group, member)))
    }

    fn groups_with<'a>(&'a self, member: &'a str) -> impl Iterator<Item = &'a Name> {
        self.consumers().filter(move |(_, name)| &***name == member).map(|(group, _)| group)
    }

    /// What a name stands for, where something of `kinds` is wanted.
    ///
    /// # Errors
    /// Names that nothing has, that something of another kind has, or that two things have.
    pub fn find(&self, name: &Spanned<Reference>, kinds: Kinds) -> Result<Expr, LineError> {
        let found = self.all(&name.value);
        let fitting: Vec<_> =
            found.iter().filter(|(kind, _)| kinds.meets(*kind)).map(|(_, expr)| expr).collect();
        let text = &*name.value.to_string();
        match (fitting.as_slice(), found.first()) {
            ([one], _) => Ok((*one).clone()),
            ([], Some((kind, _))) => Err(LineError::new(
                name.span.clone(),
                format!("`{text}` is {}; {} is wanted here", kind.name(), kinds.name()),
            )),
            ([], None) => Err(self.unknown(name, kinds)),
            (several, _) => Err(Self::ambiguous(name, several)),
        }
    }

    /// What a name stands for, wherever it is; none if for nothing, or for several things.
    pub fn find_any(&self, name: &Reference) -> Option<(Kinds, Expr)> {
        let mut found = self.all(name);
        if found.len() == 1 { found.pop() } else { None }
    }

    /// Everything that a name can stand for.
    fn all(&self, name: &Reference) -> Vec<(Kinds, Expr)> {
        let first = &name.first;
        let mut found = Vec::new();
        let mut add = |kind, value| found.push((kind, Expr::Value(value)));
        if let Some(second) = &name.second {
            if let (Some(partitions), Ok(index)) = (self.topics.get(first), second.parse::<u32>())
                && index < *partitions
            {
                add(Kinds::PARTITION, partition(first, index));
            }
            if self.groups.get(first).is_some_and(|members| members.contains(second)) {
                add(
                    Kinds::CONSUMER,
                    Value::Consumer { group: first.clone(), member: second.clone() },
                );
            }
            return found;
        }
        if let Some(id) = number_of(first, "broker-")
            && self.brokers.contains(&BrokerId(id))
        {
            add(Kinds::BROKER, Value::Broker(BrokerId(id)));
        }
        if let Some(number) = number_of(first, "controller-")
            && (1..=self.controllers as i32).contains(&number)
        {
            add(Kinds::CONTROLLER, Value::Controller(number as u32));
        }
        if self.producers.contains(first) {
            add(Kinds::PRODUCER, Value::Producer(first.clone()));
        }
        for group in self.groups_with(first) {
            let consumer = Value::Consumer { group: group.clone(), member: first.clone() };
            add(Kinds::CONSUMER, consumer);
        }
        if self.groups.contains_key(first) {
            add(Kinds::GROUP, Value::Group(first.clone()));
        }
        if self.topics.contains_key(first) {
            add(Kinds::TOPIC, Value::Topic(first.clone()));
        }
        if let Some((topic, index)) = self.split_partition(first)
            && index < self.topics[topic]
        {
            add(Kinds::PARTITION, partition(topic, index));
        }
        if let Some(of) = self.labels.get(first) {
            let Item::Thing(kinds) = of.item else { unreachable!("steps name things only") };
            found.push((kinds, Expr::Label(first.clone())));
        }
        found
    }

    /// `kq-0` as a declared topic and a number.
    fn split_partition<'a>(&self, text: &'a str) -> Option<(&'a str, u32)> {
        let (topic, digits) = text.rsplit_once('-')?;
        let index = digits.parse().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))?;
        self.topics.contains_key(topic).then_some((topic, index))
    }

    fn unknown(&self, name: &Spanned<Reference>, kinds: Kinds) -> LineError {
        let span = name.span.clone();
        let text = name.value.to_string();
        if self.later.contains(&*text) {
            return LineError::new(span, format!("`{text}` is named by a later step only"));
        }
        if kinds.meets(Kinds::PARTITION)
            && let Some((topic, last)) = self.out_of_range(&name.value)
        {
            let first = self.partition_text(topic, 0);
            let hint = match last {
                0 => format!("there is only {first}"),
                last => format!("there are {first} to {}", self.partition_text(topic, last)),
            };
            return LineError::new(span, format!("`{topic}` has no partition `{text}`")).hint(hint);
        }
        // An unknown partition is most often one of an unknown topic.
        if kinds == Kinds::PARTITION
            && let Some((topic, digits)) = text.rsplit_once(['-', '/'])
            && digits.parse::<u32>().is_ok()
        {
            let error = LineError::new(span, format!("unknown topic `{topic}`"));
            return error.suggest(topic, &self.of(Kinds::TOPIC), "there are");
        }
        let noun = kinds.name();
        let message = match noun.strip_prefix("a ") {
            Some(noun) if !noun.contains(" or ") => format!("unknown {noun} `{text}`"),
            _ => format!("unknown name `{text}`; {noun} is wanted here"),
        };
        let mut names = self.of(kinds);
        names.extend(self.labels_of(kinds).map(ToString::to_string));
        LineError::new(span, message).suggest(&text, &names, "there are")
    }

    /// The topic of a partition that it does not have, with its last partition.
    fn out_of_range<'a>(&'a self, name: &'a Reference) -> Option<(&'a str, u32)> {
        let topic = match &name.second {
            Some(index) => index.parse::<u32>().ok().map(|_| &*name.first)?,
            None => self.split_partition(&name.first)?.0,
        };
        self.topics.get(topic).map(|partitions| (topic, partitions.saturating_sub(1)))
    }

    fn ambiguous(name: &Spanned<Reference>, several: &[&Expr]) -> LineError {
        let forms: Vec<String> = several
            .iter()
            .map(|expr| match expr {
                Expr::Value(Value::Consumer { group, member }) => format!("`{group}/{member}`"),
                Expr::Value(Value::Partition(tp)) => {
                    format!("`{}/{}` for the partition", tp.topic, tp.partition)
                }
                Expr::Value(Value::Topic(topic)) => format!("the topic `{topic}`"),
                other => match other {
                    Expr::Value(value) => format!("`{value}`"),
                    _ => "the step's name".to_owned(),
                },
            })
            .collect();
        let message = format!("`{}` can mean several things", name.value);
        LineError::new(name.span.clone(), message).hint(format!("write {}", forms.join(" or ")))
    }

    /// Takes in what is there after a command.
    pub fn follow(&mut self, command: &Command) {
        match command {
            Command::AddBroker => {
                let next = self.next_broker();
                self.brokers.insert(next);
            }
            Command::AddConsumer { group } => {
                let next = self.next_consumer(group);
                self.groups.entry(group.clone()).or_default().push(next);
            }
            Command::AddPartitions { topic, count } => {
                let partitions = self.topics.entry(topic.clone()).or_default();
                *partitions = partitions.saturating_add(*count);
            }
            Command::CreateTopic(topic) => {
                // It may be refused, because there is such a topic; what that has can still be named.
                let partitions = self.topics.entry(topic.name.clone()).or_default();
                *partitions = topic.partitions.unwrap_or(1).max(*partitions);
            }
            _ => {}
        }
    }

    /// The names that a broker or consumer gets that is added now.
    pub fn next_broker(&self) -> BrokerId {
        BrokerId(self.brokers.last().map_or(1, |last| last.0 + 1))
    }

    /// The name of the next consumer of `group`.
    pub fn next_consumer(&self, group: &str) -> Name {
        let members = self.groups.get(group).map_or(&[][..], Vec::as_slice);
        let free = (members.len() + 1..).map(|number| Name::from(format!("c{number}")));
        free.into_iter().find(|name| !members.contains(name)).expect("numbers do not end")
    }
}

fn partition(topic: &str, index: u32) -> Value {
    Value::Partition(TopicPartition::new(topic, index as i32))
}

fn number_of(text: &str, prefix: &str) -> Option<i32> {
    let digits = text.strip_prefix(prefix)?;
    let canonical = !digits.starts_with(['0', '+', '-']);
    digits.parse().ok().filter(|_| canonical)
}

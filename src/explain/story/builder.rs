//! Makes lines of facts, event by event.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use super::folds::{Folds, Key, Subject};
use super::partitions::{Partitions, Steps, is_internal};
use super::{Channel, Importance, LinkChange, StoryLine, Words, importance};
use crate::cluster::{Happened, Told};
use crate::explain::World;
use crate::fact::{ElectionKind, Fact, FactKind};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::metadata::topic_name::is_kafkas_own;
use crate::sim::{Duration, Instant, NodeId};

/// How many facts of one kind in one event have a line of their own.
const LINES: usize = 3;

/// So long after its start nobody wonders that a process does not listen yet.
const STARTING: Duration = Duration::from_secs(5);

/// Makes the story. What it remembers of earlier facts is little, and a clone shares it: it belongs
/// to a checkpoint.
#[derive(Clone, Debug, Default, Serialize)]
pub struct StoryBuilder {
    next: u32,
    partitions: Partitions,
    folds: Folds,
    /// When processes were started last.
    started: BTreeMap<Name, Instant>,
    /// Brokers that have registered, and whether they are fenced.
    fenced: BTreeMap<BrokerId, bool>,
}

impl StoryBuilder {
    /// Adds the lines of one step to `lines`: of the events that happened in it, with what they told.
    pub fn push_step(
        &mut self,
        happened: &[Happened],
        told: &[Told],
        world: &dyn World,
        lines: &mut Vec<StoryLine>,
    ) {
        let mut rest = told;
        for event in happened {
            let end = rest.iter().position(|told| told.event != event.id).unwrap_or(rest.len());
            let (own, after) = rest.split_at(end);
            self.push(event, own, world, lines);
            rest = after;
        }
        assert!(rest.is_empty(), "facts name the event they were told in, in order");
    }

    /// Adds the lines of one event, which told all of `told`.
    pub fn push(
        &mut self,
        event: &Happened,
        told: &[Told],
        world: &dyn World,
        lines: &mut Vec<StoryLine>,
    ) {
        if told.iter().any(|told| importance(&told.fact).is_some()) {
            let first = lines.len();
            let mut teller = Teller { builder: self, event, told, world, lines, first };
            teller.commanded();
            teller.headlines();
            teller.partitions();
            teller.roles();
            teller.logs();
            teller.others();
        }
    }
}

/// Where a fact is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before all others of its event.
    Headline,
    /// With what became of partitions.
    Partition,
    /// With what a broker leads and follows.
    Role,
    /// With the logs that were opened.
    Log,
    /// In its turn.
    Other,
    /// Nowhere: it is in another line, or in none.
    Nowhere,
}

/// Tells one event.
struct Teller<'a> {
    builder: &'a mut StoryBuilder,
    event: &'a Happened,
    told: &'a [Told],
    world: &'a dyn World,
    lines: &'a mut Vec<StoryLine>,
    /// The event's first line in `lines`.
    first: usize,
}

impl<'a> Teller<'a> {
    fn place(&self, fact: &Fact) -> Place {
        use FactKind as K;
        match fact.kind() {
            K::ControllerActivated
            | K::BrokerRegistered
            | K::BrokerUnfenced
            | K::BrokerFenced
            | K::ControlledShutdownStarted
            | K::TopicCreated
            | K::TopicDeleted
            | K::PartitionsAdded => Place::Headline,
            K::PartitionChanged | K::LeaderElected | K::PartitionOffline => Place::Partition,
            K::BecameLeader | K::BecameFollower => Place::Role,
            K::LogLoaded => Place::Log,
            K::GroupStateChanged if self.is_told_otherwise() => Place::Nowhere,
            // Another broker coordinates the group now; here only the memory of it goes.
            K::GroupStateChanged if self.tells(K::CoordinatorUnloaded) => Place::Nowhere,
            _ if importance(fact).is_none() => Place::Nowhere,
            _ => Place::Other,
        }
    }

    /// True if a step of a rebalance says by itself which state the group is in.
    fn is_told_otherwise(&self) -> bool {
        use FactKind as K;
        let steps = [K::RebalanceStarted, K::GenerationStarted, K::AssignmentStored];
        steps.into_iter().any(|step| self.tells(step))
    }

    /// True if the event tells of such a thing.
    fn tells(&self, kind: FactKind) -> bool {
        self.told.iter().any(|told| told.fact.kind() == kind)
    }

    /// How much a fact matters here: less if it is an echo of what is told anyway.
    fn importance(&self, fact: &Fact) -> Importance {
        let is_echo = match fact {
            Fact::MemberJoined { .. } => self.tells(FactKind::RebalanceStarted),
            Fact::ConfigChanged { name, .. } => {
                is_kafkas_own(name) || self.tells(FactKind::ControllerActivated)
            }
            Fact::ConnectionRefused { peer } => {
                let started = self.builder.started.get(peer);
                started.is_some_and(|at| self.event.at.since(*at) <= STARTING)
            }
            Fact::IsrExpandProposed { tp, .. } => is_internal(tp),
            // The metadata log is always checked, however it was closed.
            Fact::LogLoaded { tp, truncated_bytes: 0, .. } => &*tp.topic == "__cluster_metadata",
            Fact::BrokerFenced { broker, .. } => self.builder.fenced.get(broker) == Some(&true),
            // That it is unfenced says it for the first time.
            Fact::BrokerRegistered { broker, .. } => !self.builder.fenced.contains_key(broker),
            _ => false,
        };
        if is_echo { Importance::Aside } else { importance(fact).unwrap_or(Importance::Aside) }
    }

    /// The facts that belong to `place`, with their place among all facts of the event.
    fn at(&self, place: Place) -> Vec<(u16, &'a Told)> {
        let told: &'a [Told] = self.told;
        let places = told.iter().enumerate();
        let own = places.filter(|(_, told)| self.place(&told.fact) == place);
        own.map(|(index, told)| (index as u16, told)).collect()
    }

    /// A command that names nobody is told with whom it did something to: `start victim (broker-3)`.
    fn commanded(&mut self) {
        let key = Key::Commanded(self.event.cause);
        if !self.is_open(&key) {
            return;
        }
        let told: &'a [Told] = self.told;
        for (index, told) in told.iter().enumerate() {
            let is_done_to_it = matches!(
                told.fact,
                Fact::ProcessStarted { .. }
                    | Fact::ProcessKilled { .. }
                    | Fact::PowerLost { .. }
                    | Fact::ProcessPaused
                    | Fact::ProcessResumed
                    | Fact::DiskWiped
            );
            let (node, name) = (told.node, self.world.node(told.node));
            let Some(fold) = self.builder.folds.open(&key, self.event.at) else { return };
            let (Words::Fact { fact } | Words::Commanded { fact, .. }) = &fold.words else {
                unreachable!("it is a command")
            };
            let Fact::Command { line } = &**fact else { unreachable!("it is a command") };
            if is_done_to_it && !names(line, name) {
                let begin = || unreachable!("the line is there");
                self.grow(key.clone(), Channel::You, index as u16, told, begin, |words, _| {
                    match words {
                        Words::Commanded { of, .. } => of.push(node),
                        Words::Fact { fact } => {
                            *words = Words::Commanded { fact: fact.clone(), of: vec![node] };
                        }
                        _ => unreachable!("it is a command"),
                    }
                });
            }
        }
    }

    fn headlines(&mut self) {
        for (index, told) in self.at(Place::Headline) {
            self.fact(index, told);
            match &told.fact {
                Fact::TopicDeleted { topic } => self.builder.partitions.forget(topic),
                Fact::BrokerRegistered { broker, .. } | Fact::BrokerFenced { broker, .. } => {
                    self.builder.fenced.insert(*broker, true);
                }
                Fact::BrokerUnfenced { broker } => {
                    self.builder.fenced.insert(*broker, false);
                }
                _ => {}
            }
        }
    }

    /// An election and the state that was written for it are one change.
    fn partitions(&mut self) {
        let mut steps = Steps::default();
        let all = self.told.iter().map(|told| &told.fact);
        let mut election: Option<(u16, &TopicPartition, Option<ElectionKind>)> = None;
        for (index, told) in self.at(Place::Partition) {
            match &told.fact {
                Fact::LeaderElected { tp, kind, .. } => election = Some((index, tp, Some(*kind))),
                Fact::PartitionOffline { tp, .. } => election = Some((index, tp, None)),
                fact => {
                    let own = election.take().filter(|(_, tp, _)| Some(*tp) == fact.partition());
                    let kind = own.and_then(|(_, _, kind)| kind);
                    let step = self.builder.partitions.change(fact, kind, all.clone());
                    let step = step.expect("elections apart, these facts are changes");
                    steps.push(step, [own.map_or(index, |(index, ..)| index), index]);
                }
            }
        }
        for (words, importance, facts) in steps.into_lines() {
            self.line(Channel::Control, self.event.node, importance, words, &facts);
        }
    }

    fn roles(&mut self) {
        let roles = self.at(Place::Role);
        if roles.len() <= LINES {
            for (index, told) in roles {
                self.fact(index, told);
            }
            return;
        }
        let leads = roles.iter().filter_map(|(_, told)| match &told.fact {
            Fact::BecameLeader { tp, .. } => Some(tp),
            _ => None,
        });
        let mut first: Vec<TopicPartition> =
            leads.clone().filter(|tp| !is_internal(tp)).take(LINES).cloned().collect();
        if first.is_empty() {
            first.extend(leads.clone().next().cloned());
        }
        let leads = leads.count() as u32;
        let follows = roles.len() as u32 - leads;
        let facts: Vec<u16> = roles.iter().map(|(index, _)| *index).collect();
        let words = Words::Leading { leads, follows, first };
        self.line(Channel::Node, roles[0].1.node, Importance::Aside, words, &facts);
    }

    fn logs(&mut self) {
        let logs = self.at(Place::Log);
        if logs.len() <= LINES {
            for (index, told) in logs {
                self.fact(index, told);
            }
            return;
        }
        let (mut unclean, mut truncated_bytes) = (0, 0);
        for (_, told) in &logs {
            if let Fact::LogLoaded { clean, log_end_offset, truncated_bytes: cut, .. } = &told.fact
            {
                unclean += u32::from(!clean && log_end_offset.0 > 0);
                truncated_bytes += cut;
            }
        }
        let importance = logs.iter().filter_map(|(_, told)| importance(&told.fact)).max();
        let facts: Vec<u16> = logs.iter().map(|(index, _)| *index).collect();
        let words = Words::LogsOpened { logs: logs.len() as u32, unclean, truncated_bytes };
        let importance = importance.unwrap_or(Importance::Aside);
        self.line(Channel::Disk, logs[0].1.node, importance, words, &facts);
    }

    fn others(&mut self) {
        let mut counts: Vec<(FactKind, u32)> = Vec::new();
        let others = self.at(Place::Other);
        let mut crowded = crowded(&others);
        let mut done = BTreeSet::new();
        for &(index, told) in &others {
            let kind = told.fact.kind();
            if let Some(shown) = crowded.remove(&kind) {
                done.insert(kind);
                let alike = others.iter().filter(|(_, told)| told.fact.kind() == kind);
                self.crowd(alike.copied(), &shown);
            }
            if done.contains(&kind) || self.is_told_by_growing(index, told) {
                continue;
            }
            match counts.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, count)) => *count += 1,
                None => counts.push((kind, 1)),
            }
            let so_far = counts.iter().find(|(known, _)| *known == kind).map_or(0, |one| one.1);
            if so_far as usize <= LINES {
                self.fact(index, told);
            } else {
                self.one_more(index, told, None);
            }
        }
    }

    /// Facts of one kind about too many partitions: those in `shown` first, and how many more.
    fn crowd(
        &mut self,
        facts: impl Iterator<Item = (u16, &'a Told)> + Clone,
        shown: &BTreeSet<&TopicPartition>,
    ) {
        let is_shown = |(_, told): &(u16, &'a Told)| {
            told.fact.partition().is_some_and(|tp| shown.contains(tp))
        };
        for (index, told) in facts.clone().filter(is_shown) {
            if !self.is_told_by_growing(index, told) {
                self.fact(index, told);
            }
        }
        let mut counted = BTreeSet::new();
        for (index, told) in facts.filter(|fact| !is_shown(fact)) {
            let tp = told.fact.partition().expect("only facts about partitions crowd");
            if counted.insert(tp) {
                let topic = is_internal(tp).then(|| tp.topic.clone());
                self.one_more(index, told, topic);
            }
        }
    }

    /// One more of a kind of which there are enough lines.
    fn one_more(&mut self, index: u16, told: &Told, of: Option<Name>) {
        let kind = told.fact.kind();
        let own = &mut self.lines[self.first..];
        let known = own.iter_mut().find_map(|line| match &mut line.words {
            Words::More { kind: known, topic, count } if *known == kind && *topic == of => {
                Some((count, &mut line.facts))
            }
            _ => None,
        });
        if let Some((count, facts)) = known {
            *count += 1;
            facts.push(index);
        } else {
            let importance = self.importance(&told.fact);
            let words = Words::More { kind, topic: of, count: 1 };
            self.line(Channel::of(&told.fact), told.node, importance, words, &[index]);
        }
    }

    /// Tells what begins a line that grows, or belongs to one. False for all else.
    fn is_told_by_growing(&mut self, index: u16, told: &Told) -> bool {
        let node = told.node;
        match &told.fact {
            Fact::ProcessStarted { incarnation } => {
                let name: Name = self.world.node(node).into();
                self.builder.folds.close(&Key::Ended(name.clone()));
                self.builder.folds.close(&Key::Refusing(name.clone()));
                self.builder.started.insert(name, self.event.at);
                if *incarnation > 1 {
                    // One that comes back is news of its own.
                    return false;
                }
                let key = Key::Starting(self.event.at, self.event.cause);
                let begin = || Words::Starting { nodes: vec![node] };
                self.grow(key, Channel::You, index, told, begin, |words, _| {
                    if let Words::Starting { nodes } = words {
                        nodes.push(node);
                    }
                });
            }
            Fact::Command { .. } => {
                let begin = || Words::Fact { fact: Arc::new(told.fact.clone()) };
                let key = Key::Commanded(self.event.id);
                self.grow(key, Channel::You, index, told, begin, |_, _| {});
            }
            Fact::ProcessKilled { .. } | Fact::ProcessExited { .. } | Fact::PowerLost { .. } => {
                let name: Name = self.world.node(node).into();
                let begin =
                    || Words::Ended { fact: Arc::new(told.fact.clone()), noticed_by: Vec::new() };
                self.builder.folds.close(&Key::Refusing(name.clone()));
                let key = Key::Ended(name);
                self.builder.folds.close(&key);
                self.grow(key, Channel::Node, index, told, begin, |_, _| {});
            }
            Fact::ConnectionReset { peer } if self.is_open(&Key::Ended(peer.clone())) => {
                let key = Key::Ended(peer.clone());
                let begin = || unreachable!("the line is there");
                self.grow(key, Channel::Node, index, told, begin, |words, _| {
                    if let Words::Ended { noticed_by, .. } = words
                        && !noticed_by.contains(&node)
                    {
                        noticed_by.push(node);
                    }
                });
            }
            Fact::ConnectionRefused { peer } => {
                let begin = || Words::Refusing {
                    peer: peer.clone(),
                    tried_by: vec![node],
                    times: 1,
                    over: Duration::ZERO,
                };
                let key = Key::Refusing(peer.clone());
                self.grow(key, Channel::Network, index, told, begin, |words, since_first| {
                    if let Words::Refusing { tried_by, times, over, .. } = words {
                        (*times, *over) = (*times + 1, since_first);
                        if !tried_by.contains(&node) {
                            tried_by.push(node);
                        }
                    }
                });
            }
            Fact::LinkCut { from, to } => self.link(LinkChange::Cut, from, to, index, told),
            Fact::LinkHealed { from, to } => self.link(LinkChange::Healed, from, to, index, told),
            Fact::LinkDelayed { from, to, by } => {
                self.link(LinkChange::Delayed(*by), from, to, index, told);
            }
            Fact::CoordinatorLoaded { groups, .. } => self.coordinating(true, *groups, index, told),
            Fact::CoordinatorUnloaded { .. } => self.coordinating(false, 0, index, told),
            fact => {
                let Some(subject) = Subject::of(node, fact) else { return false };
                let begin = || Words::Fact { fact: Arc::new(fact.clone()) };
                let key = Key::Repeated(Box::new(subject));
                self.grow(key, Channel::of(fact), index, told, begin, |words, over| {
                    let times = match words {
                        Words::Repeated { times, .. } => *times + 1,
                        _ => 2,
                    };
                    *words = Words::Repeated { fact: Arc::new(fact.clone()), times, over };
                });
            }
        }
        true
    }

    fn link(&mut self, change: LinkChange, from: &Name, to: &Name, index: u16, told: &Told) {
        let link = || (from.clone(), to.clone());
        let begin = || Words::Links { change, links: vec![link()] };
        let key = Key::Links(self.event.cause, change);
        self.grow(key, Channel::Network, index, told, begin, |words, _| {
            if let Words::Links { links, .. } = words {
                links.push(link());
            }
        });
    }

    fn coordinating(&mut self, begins: bool, groups: u32, index: u16, told: &Told) {
        let begin = || Words::Coordinating { begins, partitions: 1, groups };
        let key = Key::Coordinating(told.node, begins);
        self.grow(key, Channel::Group, index, told, begin, |words, _| {
            if let Words::Coordinating { partitions, groups: all, .. } = words {
                *partitions += 1;
                *all += groups;
            }
        });
    }

    fn is_open(&self, key: &Key) -> bool {
        self.builder.folds.is_open(key, self.event.at)
    }

    /// Tells what belongs to a line that may grow: begins it, or adds to it. `add` is told how long
    /// ago the line began.
    fn grow(
        &mut self,
        key: Key,
        channel: Channel,
        index: u16,
        told: &Told,
        begin: impl FnOnce() -> Words,
        add: impl FnOnce(&mut Words, Duration),
    ) {
        let importance = self.importance(&told.fact);
        let Some(fold) = self.builder.folds.open(&key, self.event.at) else {
            self.line(channel, told.node, importance, begin(), &[index]);
            let line = self.lines.last().expect("it was just added");
            self.builder.folds.begin(key, line);
            return;
        };
        add(&mut fold.words, self.event.at.since(fold.first));
        fold.importance = fold.importance.max(importance);
        let line = fold.line;
        // What is of this event already says it at once.
        let mut own = self.lines[self.first..].iter_mut();
        if let Some(known) = own.find(|one| one.number == line || one.amends == Some(line)) {
            known.words = fold.words.clone();
            known.importance = fold.importance;
            known.facts.push(index);
            fold.mark_told();
            return;
        }
        if !fold.is_worth_telling() {
            return;
        }
        fold.mark_told();
        let (channel, node, importance) = (fold.channel, fold.node, fold.importance);
        let words = fold.words.clone();
        self.line(channel, node, importance, words, &[index]);
        let newer = self.lines.last_mut().expect("it was just added");
        newer.amends = Some(line);
    }

    /// A line of one fact.
    fn fact(&mut self, index: u16, told: &Told) {
        let importance = self.importance(&told.fact);
        let words = Words::Fact { fact: Arc::new(told.fact.clone()) };
        self.line(Channel::of(&told.fact), told.node, importance, words, &[index]);
    }

    /// Adds a line.
    fn line(
        &mut self,
        channel: Channel,
        node: NodeId,
        importance: Importance,
        words: Words,
        facts: &[u16],
    ) {
        let number = self.builder.next;
        self.builder.next += 1;
        self.lines.push(StoryLine {
            number,
            at: self.event.at,
            event: self.event.id,
            node,
            channel,
            importance,
            words,
            facts: facts.into(),
            amends: None,
        });
    }
}

/// True if a command names a process.
fn names(line: &str, process: &str) -> bool {
    let is_of_name = |letter: char| letter.is_alphanumeric() || "._-".contains(letter);
    line.split(|letter| !is_of_name(letter)).any(|word| word == process)
}

/// Kinds of facts that are about too many partitions, with the partitions that have lines: the first
/// few of users, or one of Kafka's own.
fn crowded<'a>(facts: &[(u16, &'a Told)]) -> BTreeMap<FactKind, BTreeSet<&'a TopicPartition>> {
    let mut about: BTreeMap<FactKind, BTreeSet<&TopicPartition>> = BTreeMap::new();
    for (_, told) in facts {
        if let Some(tp) = told.fact.partition() {
            about.entry(told.fact.kind()).or_default().insert(tp);
        }
    }
    about.retain(|_, partitions| partitions.len() > LINES);
    for partitions in about.values_mut() {
        let users = partitions.iter().copied().filter(|tp| !is_internal(tp)).take(LINES);
        let users: BTreeSet<&TopicPartition> = users.collect();
        let shown =
            if users.is_empty() { partitions.iter().take(1).copied().collect() } else { users };
        *partitions = shown;
    }
    about
}

//! The chain of causes of one event, as short as it can be told.

use std::collections::BTreeMap;

use super::{History, rule_of, silence};
use crate::cluster::{EventKind, Happened, Told};
use crate::explain::{Importance, StoryLine, Words, World};
use crate::fact::{Fact, FactKind};
use crate::ids::TopicPartition;
use crate::node::{TimerKind, Why};
use crate::protocol::Api;
use crate::sim::{Duration, NodeId};

/// How an event brought about the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tie {
    /// It sent a request.
    Request(Api),
    /// It answered a request.
    Response(Api),
    /// It asked, and this is the answer.
    Answer(Api),
    /// It set a timer, for this reason.
    Timer(TimerKind, Why),
    /// It asked for a connection, or ended one.
    Connection,
    /// It started a process.
    Boot,
    /// It was a command, and this was done for it.
    Command,
    /// It showed that all topics exist: clients of the scenario start from then on.
    TopicsExist,
    /// It had consequences inside its node.
    Internal,
    /// It is why nothing came any more.
    Silence,
    /// It is why this was decided, in the same event.
    Decision,
}

/// What a link says.
#[derive(Clone, Debug)]
pub enum Says {
    /// Lines of the story, the one that matters first.
    Lines(Vec<StoryLine>),
    /// Facts that are no story.
    Facts(Vec<Told>),
    /// What kind of event it was; who sent the message, for a message.
    Event {
        /// The sender.
        from: Option<NodeId>,
    },
}

/// Events that are left out because they are like many others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// How many.
    pub events: u32,
    /// What most of them were.
    pub mostly: EventKind,
    /// How many of them were that.
    pub of_those: u32,
}

/// One event of a chain.
#[derive(Clone, Debug)]
pub struct Link {
    /// The event.
    pub event: Happened,
    /// How it brought about the link before it. None for the event asked about.
    pub tie: Option<Tie>,
    /// How much later the link before it happened.
    pub after: Duration,
    /// What it says.
    pub says: Says,
    /// What is left out between it and the link before it.
    pub skipped: Option<Skipped>,
    /// The rule card of the decision that was taken.
    pub rule: Option<&'static str>,
}

/// From the event asked about to its root.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The links: the event asked about first, its root last.
    pub links: Vec<Link>,
}

impl Link {
    /// Why its timer was set as it was, for the event of a timer.
    pub fn why(&self) -> Option<Why> {
        match self.event.kind {
            EventKind::Timer(_, why) => Some(why),
            _ => None,
        }
    }
}

impl Chain {
    /// The last link: a command, a fault, the start of a process.
    pub fn root(&self) -> &Link {
        self.links.last().expect("a chain has the event asked about")
    }
}

/// So many links to the left of what is left out, and to the right of it.
const NEAR: usize = 9;
const FAR: usize = 5;
/// So many events that say nothing are shown behind one that says something.
const STEPS: usize = 2;
/// So far back what silenced somebody is looked for: later it is another story.
const LOUD: usize = 64;

/// Why `event` happened; `line` is the number of the line of the story that was asked about. None if
/// there is no such event.
pub fn chain(
    history: &dyn History,
    world: &dyn World,
    event: u32,
    line: Option<u32>,
) -> Option<Chain> {
    let asked = history.event(event)?;
    let subject = subject(history, event, line);
    let by_fetching = is_by_fetching(history, event, line);
    let mut links: Vec<Link> = Vec::new();
    let mut skip = Skip::default();
    let mut current = asked;
    let mut effect: Option<Happened> = None;
    let mut tie = None;
    let mut shown_at = asked.at;
    let mut walked = 0;
    loop {
        let told = tellable(history, &current, line.filter(|_| walked == 0), subject.as_ref());
        let is_root = current.cause == 0;
        let silenced = (walked < LOUD)
            .then(|| silence::before(history, world, &current))
            .flatten()
            .filter(|fault| fault.id != current.id);
        let same_timer = effect.is_some_and(|effect| is_same_timer(&current, &effect));
        let says_something = !told.is_empty() && !same_timer;
        let is_step =
            !same_timer && skip.is_step() && !matches!(current.kind, EventKind::Connection);
        let wanted = walked == 0 || is_root || says_something || silenced.is_some() || is_step;
        if wanted {
            let skipped = skip.take(says_something || walked == 0);
            let mut told = told.into_iter();
            let (says, rule) = match told.next() {
                Some(first) => first,
                None => (plain(history, &current, walked == 0), None),
            };
            let after = shown_at.since(current.at);
            links.push(Link { event: current, tie, after, says, skipped, rule });
            // A decision in the same event that this one followed from.
            links.extend(told.map(|(says, rule)| Link {
                event: current,
                tie: Some(Tie::Decision),
                after: Duration::ZERO,
                says,
                skipped: None,
                rule,
            }));
            shown_at = current.at;
        } else {
            skip.add(current.kind);
        }
        let (next, by) = match silenced {
            Some(fault) => (Some(fault), Tie::Silence),
            None if by_fetching && current.kind == EventKind::Response(Api::Fetch) => {
                (history.event(current.origin), Tie::Answer(Api::Fetch))
            }
            None => match waited_for_followers(history, &current) {
                Some(api) => (history.event(current.origin), Tie::Answer(api)),
                None => (history.event(current.cause), tie_of(current.kind)),
            },
        };
        let Some(next) = next.filter(|next| next.id < current.id) else { break };
        let is_answer = matches!(next.kind, EventKind::Response(_));
        let by = if by == Tie::Command && is_answer { Tie::TopicsExist } else { by };
        tie = Some(by);
        effect = Some(current);
        current = next;
        walked += 1;
    }
    shorten(&mut links);
    Some(Chain { links })
}

/// The kind of request, if its answer only waited until followers had what it wrote. Whoever fetched
/// last is not why it was asked. (Producers do wait for followers: theirs is another story.)
fn waited_for_followers(history: &dyn History, event: &Happened) -> Option<Api> {
    let EventKind::Response(api) = event.kind else { return None };
    let completer = history.event(event.cause)?;
    let is_fetch = matches!(completer.kind, EventKind::Request(Api::Fetch));
    (is_fetch && event.origin != event.cause && !matches!(api, Api::Produce | Api::Fetch))
        .then_some(api)
}

/// The partition that was asked about: of what an event did, only that matters.
fn subject(history: &dyn History, event: u32, line: Option<u32>) -> Option<TopicPartition> {
    let lines = history.story().of_event(event);
    let asked = lines.iter().find(|one| Some(one.number) == line).or(lines.first())?;
    partition_of(&asked.words).cloned()
}

/// True if the line asked about says that a follower has caught up. It did by fetching again and again,
/// whoever wrote what it was answered with.
fn is_by_fetching(history: &dyn History, event: u32, line: Option<u32>) -> bool {
    let lines = history.story().of_event(event);
    let asked = lines.iter().find(|one| Some(one.number) == line).or(lines.first());
    asked.is_some_and(|asked| match &asked.words {
        Words::Fact { fact } => matches!(**fact, Fact::IsrExpandProposed { .. }),
        Words::Partition { step } => step.has_longer_isr() && !step.has_new_leader(),
        _ => false,
    })
}

fn partition_of(words: &Words) -> Option<&TopicPartition> {
    match words {
        Words::Partition { step } => Some(&step.tp),
        Words::Fact { fact } | Words::Repeated { fact, .. } => fact.partition(),
        _ => None,
    }
}

/// What an event says in the story: first what was asked about, then what that followed from.
fn tellable(
    history: &dyn History,
    event: &Happened,
    asked: Option<u32>,
    subject: Option<&TopicPartition>,
) -> Vec<(Says, Option<&'static str>)> {
    let lines = history.story().of_event(event.id);
    let is_asked = |line: &&StoryLine| asked.is_some() && Some(line.number) == asked;
    let about = |line: &&StoryLine| subject.is_some() && partition_of(&line.words) == subject;
    let loud: Vec<&StoryLine> = lines
        .iter()
        .filter(|line| {
            line.amends.is_none() && line.importance > Importance::Aside || is_asked(line)
        })
        .collect();
    let headline = loud.iter().copied().find(|line| is_headline(&line.words));
    let first =
        lines.iter().find(is_asked).or_else(|| loud.iter().copied().find(about)).or_else(|| {
            loud.iter().copied().max_by_key(|line| (line.importance, u32::MAX - line.number))
        });
    let Some(first) = first else { return Vec::new() };
    let others = |main: &StoryLine| {
        let mut all = vec![main.clone()];
        all.extend(
            loud.iter().filter(|line| line.number != main.number).map(|line| (*line).clone()),
        );
        all
    };
    let mut told = vec![(Says::Lines(others(first)), rule_of(&first.words))];
    if let Some(headline) = headline
        && headline.number != first.number
        && matches!(first.words, Words::Partition { .. } | Words::MorePartitions { .. })
    {
        told.push((Says::Lines(others(headline)), rule_of(&headline.words)));
    }
    told
}

/// True for what leads to changes of partitions in the same event.
fn is_headline(words: &Words) -> bool {
    use FactKind as K;
    let Words::Fact { fact } = words else { return false };
    matches!(
        fact.kind(),
        K::BrokerFenced | K::BrokerUnfenced | K::BrokerRegistered | K::ControlledShutdownStarted
    )
}

/// What is said of an event without a line: its details, if they were asked about.
fn plain(history: &dyn History, event: &Happened, asked: bool) -> Says {
    if asked {
        let told = history.told(event.id);
        if !told.is_empty() {
            return Says::Facts(told);
        }
    }
    let from = match event.kind {
        EventKind::Request(_) | EventKind::Response(_) => history.event(event.cause),
        _ => None,
    };
    Says::Event { from: from.map(|sender| sender.node) }
}

/// True for a timer that sets itself again and again: what it did the last time is no cause.
fn is_same_timer(event: &Happened, effect: &Happened) -> bool {
    match (event.kind, effect.kind) {
        (EventKind::Timer(timer, _), EventKind::Timer(again, _)) => {
            timer == again && event.node == effect.node
        }
        _ => false,
    }
}

fn tie_of(kind: EventKind) -> Tie {
    match kind {
        EventKind::Request(api) => Tie::Request(api),
        EventKind::Response(api) => Tie::Response(api),
        EventKind::Connection => Tie::Connection,
        EventKind::Timer(timer, why) => Tie::Timer(timer.into(), why),
        EventKind::Boot => Tie::Boot,
        EventKind::Command => Tie::Command,
        EventKind::Internal => Tie::Internal,
    }
}

/// Counts what is left out.
#[derive(Default)]
struct Skip {
    /// Links shown since the last that said something.
    steps: usize,
    /// What was left out since, by kind.
    kinds: BTreeMap<(u8, i32), (EventKind, u32)>,
    events: u32,
}

impl Skip {
    /// True while so few steps were shown that one more is wanted.
    fn is_step(&self) -> bool {
        self.events == 0 && self.steps < STEPS
    }

    fn add(&mut self, kind: EventKind) {
        self.events += 1;
        let key = match kind {
            EventKind::Request(api) | EventKind::Response(api) => (0, api as i32),
            EventKind::Timer(timer, _) => (1, TimerKind::from(timer) as i32),
            EventKind::Connection => (2, 0),
            EventKind::Boot => (3, 0),
            EventKind::Command => (4, 0),
            EventKind::Internal => (5, 0),
        };
        self.kinds.entry(key).or_insert((kind, 0)).1 += 1;
    }

    /// What was left out before a link that is shown.
    fn take(&mut self, says_something: bool) -> Option<Skipped> {
        let mostly = self.kinds.values().max_by_key(|(_, count)| *count).copied();
        let events = std::mem::take(&mut self.events);
        self.kinds.clear();
        self.steps = if says_something { 0 } else { self.steps + 1 };
        mostly.map(|(mostly, of_those)| Skipped { events, mostly, of_those })
    }
}

/// Leaves out the middle of a chain that is still too long.
fn shorten(links: &mut Vec<Link>) {
    if links.len() <= NEAR + FAR {
        return;
    }
    let far = links.split_off(links.len() - FAR);
    let mut skip = Skip::default();
    let mut events = 0;
    for link in links.split_off(NEAR) {
        events += link.skipped.map_or(0, |skipped| skipped.events);
        skip.add(link.event.kind);
    }
    let mut far = far.into_iter();
    links.extend(far.next().map(|mut first| {
        events += first.skipped.map_or(0, |skipped| skipped.events);
        let between = skip.take(true);
        first.skipped = between.map(|one| Skipped { events: one.events + events, ..one });
        first
    }));
    links.extend(far);
}

//! Who read which partition of a group over time, worked out from what is kept of the run: what
//! consumers were told in their callbacks, how their processes fared, and the coordinator's books.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ledger::{Books, Kept, What};
use crate::fact::Fact;
use crate::ids::{Generation, Name, TopicPartition};
use crate::scenario::runner::Outage;
use crate::sim::{Duration, Instant, NodeId};

/// The past of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ownership {
    /// Who had each partition when: spans in the order in which they began.
    pub partitions: BTreeMap<TopicPartition, Vec<Span>>,
    /// The rebalances, in order.
    pub rebalances: Vec<Rebalance>,
    /// When it came into its state, as far as a coordinator said so.
    pub state_since: Option<Instant>,
}

/// Somebody had a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The consumer.
    pub node: NodeId,
    /// From when.
    pub from: Instant,
    /// Until when; none for what lasts.
    pub until: Option<Instant>,
    /// How.
    pub hold: Hold,
}

/// How somebody has a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hold {
    /// It reads it.
    Reads,
    /// It runs and owns it, and gets nothing: no leader of the partition answers.
    Waits,
    /// Its process is stopped by a signal; the coordinator has not noticed.
    Paused,
    /// Its process is gone; the coordinator has not noticed.
    Gone,
    /// It believes to own it, and the coordinator gave it to somebody else or took it out of the group.
    Believes,
}

/// A rebalance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebalance {
    /// When it began.
    pub from: Instant,
    /// The event in which it began.
    pub event: u32,
    /// Kafka's words for the reason.
    pub reason: Name,
    /// When all had joined, and into which generation.
    pub joined: Option<(Instant, Generation)>,
    /// When it ended: the assignment was there, and the group stable; or it was broken off, because
    /// another one began, or its coordinator died.
    pub until: Option<Instant>,
    /// The coordinator.
    pub coordinator: NodeId,
}

impl Ownership {
    /// That of `group`, from what is kept up to some moment. `name` is what a process is called.
    pub fn of<'n>(group: &str, kept: &[Kept], name: impl Fn(NodeId) -> &'n str) -> Self {
        let mut scribe = Scribe {
            group,
            name,
            ownership: Self::default(),
            claims: BTreeSet::new(),
            left: BTreeMap::new(),
            down: BTreeSet::new(),
            paused: BTreeSet::new(),
            books: None,
        };
        for one in kept {
            scribe.take(one);
        }
        scribe.ownership
    }

    /// Takes from the readers the times in which no leader of the partition answered.
    #[must_use]
    pub fn without<'a>(mut self, outages: impl Fn(&TopicPartition) -> &'a [Outage]) -> Self {
        for (tp, spans) in &mut self.partitions {
            let outages = outages(tp);
            if !outages.is_empty() {
                *spans = spans.iter().flat_map(|span| span.without(outages)).collect();
                spans.sort_by_key(|span| span.from);
            }
        }
        self
    }

    /// Partitions of which somebody owns one now and gets nothing.
    pub fn waiting(&self) -> impl Iterator<Item = &TopicPartition> {
        let waits = |span: &Span| span.hold == Hold::Waits && span.until.is_none();
        self.partitions.iter().filter(move |(_, spans)| spans.iter().any(waits)).map(|(tp, _)| tp)
    }

    /// How long in all nobody read a partition up to `now`, from when it was first read.
    pub fn stopped(&self, tp: &TopicPartition, now: Instant) -> Duration {
        let reads = self.partitions.get(tp).into_iter().flatten();
        let mut until: Option<Instant> = None;
        let mut stopped = Duration::ZERO;
        for span in reads.filter(|span| span.hold == Hold::Reads) {
            if let Some(until) = until.filter(|until| *until < span.from) {
                stopped += span.from.since(until);
            }
            let end = span.until.unwrap_or(now);
            until = Some(until.map_or(end, |until| until.max(end)));
        }
        let open = until.filter(|until| *until < now);
        open.map_or(stopped, |until| stopped + now.since(until))
    }
}

impl Span {
    /// The same, one after the other, with the times in which a reader could not read apart.
    fn without(&self, outages: &[Outage]) -> Vec<Self> {
        let mut parts = Vec::new();
        let (mut at, end) = (self.from, self.until);
        if self.hold == Hold::Reads {
            let before = |one: Instant| end.is_none_or(|end| one < end);
            for outage in outages {
                let from = outage.from.max(at);
                if outage.until.is_some_and(|until| until <= at) || !before(from) {
                    continue;
                }
                let until = outage.until.filter(|until| before(*until)).or(end);
                if from > at {
                    parts.push(Self { from: at, until: Some(from), ..self.clone() });
                }
                parts.push(Self { from, until, hold: Hold::Waits, ..self.clone() });
                let Some(until) = until else { return parts };
                at = until;
            }
        }
        if end.is_none_or(|end| at < end) || parts.is_empty() {
            parts.push(Self { from: at, ..self.clone() });
        }
        parts
    }
}

/// Writes the past down, fact by fact.
struct Scribe<'a, F> {
    group: &'a str,
    name: F,
    ownership: Ownership,
    /// What processes that run hold, as they believe.
    claims: BTreeSet<(TopicPartition, NodeId)>,
    /// What processes held when they died.
    left: BTreeMap<TopicPartition, NodeId>,
    down: BTreeSet<NodeId>,
    paused: BTreeSet<NodeId>,
    books: Option<Arc<Books>>,
}

impl<'n, F: Fn(NodeId) -> &'n str> Scribe<'_, F> {
    fn take(&mut self, kept: &Kept) {
        let node = kept.node;
        match &kept.what {
            What::Books(books) if *books.group == *self.group => {
                self.books = Some(Arc::clone(books));
                self.settle(kept.at);
            }
            What::Books(_) => {}
            What::Fact(fact) => match &**fact {
                Fact::ProcessStarted { .. } => {
                    self.down.remove(&node);
                    self.paused.remove(&node);
                }
                Fact::ProcessKilled { .. }
                | Fact::ProcessExited { .. }
                | Fact::PowerLost { .. } => {
                    self.down.insert(node);
                    self.paused.remove(&node);
                    // What it coordinated is broken off: its successor begins anew.
                    let last = self.ownership.rebalances.last_mut();
                    if let Some(last) = last.filter(|last| last.coordinator == node) {
                        last.until.get_or_insert(kept.at);
                    }
                    let (own, rest): (BTreeSet<_>, BTreeSet<_>) = std::mem::take(&mut self.claims)
                        .into_iter()
                        .partition(|(_, owner)| *owner == node);
                    self.claims = rest;
                    self.left.extend(own);
                    self.settle(kept.at);
                }
                Fact::ProcessPaused => {
                    self.paused.insert(node);
                    self.settle(kept.at);
                }
                Fact::ProcessResumed => {
                    self.paused.remove(&node);
                    self.settle(kept.at);
                }
                fact if fact.group().is_some_and(|group| **group == *self.group) => {
                    self.group_fact(kept, fact);
                }
                _ => {}
            },
        }
    }

    fn group_fact(&mut self, kept: &Kept, fact: &Fact) {
        let rebalances = &mut self.ownership.rebalances;
        match fact {
            Fact::PartitionsAssigned { partitions, .. } => {
                for tp in partitions {
                    self.left.remove(tp);
                    self.claims.insert((tp.clone(), kept.node));
                }
                self.settle(kept.at);
            }
            Fact::PartitionsRevoked { partitions, .. }
            | Fact::PartitionsLost { partitions, .. } => {
                for tp in partitions {
                    self.claims.remove(&(tp.clone(), kept.node));
                }
                self.settle(kept.at);
            }
            Fact::RebalanceStarted { reason, .. } => {
                if let Some(last) = rebalances.last_mut() {
                    last.until.get_or_insert(kept.at);
                }
                rebalances.push(Rebalance {
                    from: kept.at,
                    event: kept.event,
                    reason: reason.clone(),
                    joined: None,
                    until: None,
                    coordinator: kept.node,
                });
            }
            Fact::GenerationStarted { generation, .. } => {
                if let Some(last) = rebalances.last_mut() {
                    last.joined = Some((kept.at, *generation));
                }
            }
            Fact::AssignmentStored { .. } => {
                if let Some(last) = rebalances.last_mut() {
                    last.until.get_or_insert(kept.at);
                }
            }
            Fact::GroupStateChanged { to, .. } => {
                self.ownership.state_since = Some(kept.at);
                if **to == *"Empty"
                    && let Some(last) = rebalances.last_mut()
                {
                    last.until.get_or_insert(kept.at);
                }
            }
            _ => {}
        }
    }

    /// Ends spans that are over at `now`, and begins others.
    fn settle(&mut self, now: Instant) {
        let mut holds: BTreeMap<TopicPartition, Vec<(NodeId, Hold)>> = BTreeMap::new();
        for (tp, node) in &self.claims {
            if let Some(hold) = self.hold(tp, *node) {
                holds.entry(tp.clone()).or_default().push((*node, hold));
            }
        }
        for (tp, node) in &self.left {
            if self.is_owner(tp, *node) == Some(true) {
                holds.entry(tp.clone()).or_default().push((*node, Hold::Gone));
            }
        }
        for (tp, spans) in &mut self.ownership.partitions {
            let holds = holds.get(tp).map_or(&[][..], Vec::as_slice);
            for span in spans.iter_mut().filter(|span| span.until.is_none()) {
                if !holds.contains(&(span.node, span.hold)) {
                    span.until = Some(now);
                }
            }
        }
        for (tp, holds) in holds {
            let spans = self.ownership.partitions.entry(tp).or_default();
            for (node, hold) in holds {
                let is_open =
                    |span: &Span| span.until.is_none() && (span.node, span.hold) == (node, hold);
                if !spans.iter().any(is_open) {
                    spans.push(Span { node, from: now, until: None, hold });
                }
            }
        }
    }

    /// How a process that runs holds a partition that it believes to own.
    fn hold(&self, tp: &TopicPartition, node: NodeId) -> Option<Hold> {
        let is_owner = self.is_owner(tp, node).unwrap_or(true);
        match (self.paused.contains(&node), is_owner) {
            (false, true) => Some(Hold::Reads),
            (false, false) => Some(Hold::Believes),
            (true, true) => Some(Hold::Paused),
            (true, false) => None,
        }
    }

    /// True if a process owns a partition by the books, or nobody else does and it is a member; none
    /// while there are no books.
    fn is_owner(&self, tp: &TopicPartition, node: NodeId) -> Option<bool> {
        let books = self.books.as_ref()?;
        let name = (self.name)(node);
        Some(match books.owner(tp) {
            Some(owner) => **owner == *name,
            None => books.has(name) && !self.down.contains(&node),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::LeaveReason;

    const C1: NodeId = NodeId(1);
    const C2: NodeId = NodeId(2);

    fn name(node: NodeId) -> &'static str {
        if node == C1 { "c1" } else { "c2" }
    }

    fn tp(number: i32) -> TopicPartition {
        TopicPartition::new("kq", number)
    }

    fn at(seconds: u64, node: NodeId, what: What) -> Kept {
        Kept { at: Instant::ZERO + Duration::from_secs(seconds), event: seconds as u32, node, what }
    }

    fn told(seconds: u64, node: NodeId, fact: Fact) -> Kept {
        at(seconds, node, What::Fact(Arc::new(fact)))
    }

    fn assigned(seconds: u64, node: NodeId, partitions: &[i32]) -> Kept {
        let partitions = partitions.iter().copied().map(tp).collect();
        let generation = Generation(1);
        let fact = Fact::PartitionsAssigned { group: "checkout".into(), partitions, generation };
        told(seconds, node, fact)
    }

    fn revoked(seconds: u64, node: NodeId, partitions: &[i32]) -> Kept {
        let partitions = partitions.iter().copied().map(tp).collect();
        let generation = Generation(1);
        let fact = Fact::PartitionsRevoked { group: "checkout".into(), partitions, generation };
        told(seconds, node, fact)
    }

    fn books(seconds: u64, members: &[(&str, &[i32])]) -> Kept {
        let members = members.iter().map(|(client, assigned)| {
            (Name::from(*client), assigned.iter().copied().map(tp).collect())
        });
        let books = Books { group: "checkout".into(), members: members.collect() };
        at(seconds, NodeId(9), What::Books(Arc::new(books)))
    }

    fn spans(kept: &[Kept], number: i32) -> Vec<(&'static str, u64, Option<u64>, Hold)> {
        let ownership = Ownership::of("checkout", kept, name);
        let seconds = |at: Instant| at.as_millis() / 1_000;
        let spans = ownership.partitions.get(&tp(number)).into_iter().flatten();
        spans
            .map(|one| (name(one.node), seconds(one.from), one.until.map(seconds), one.hold))
            .collect()
    }

    fn stopped(kept: &[Kept], number: i32, now: u64) -> u64 {
        let now = Instant::ZERO + Duration::from_secs(now);
        Ownership::of("checkout", kept, name).stopped(&tp(number), now).as_secs()
    }

    #[test]
    fn what_is_given_up_for_a_rebalance_stops() {
        let kept = [
            books(3, &[("c1", &[0, 1])]),
            assigned(3, C1, &[0, 1]),
            revoked(10, C1, &[0, 1]),
            books(12, &[("c1", &[0]), ("c2", &[1])]),
            assigned(12, C1, &[0]),
            assigned(13, C2, &[1]),
        ];
        let expected = [("c1", 3, Some(10), Hold::Reads), ("c2", 13, None, Hold::Reads)];
        assert_eq!(spans(&kept, 1), expected);
        assert_eq!((stopped(&kept, 0, 20), stopped(&kept, 1, 20)), (2, 3));
        assert_eq!(stopped(&kept[..3], 0, 11), 1, "it lasts");
        assert_eq!(stopped(&kept, 2, 20), 0, "nobody ever read it");
    }

    #[test]
    fn a_dead_member_owns_until_its_coordinator_notices() {
        let kept = [
            books(3, &[("c1", &[0]), ("c2", &[1])]),
            assigned(3, C1, &[0]),
            assigned(3, C2, &[1]),
            told(10, C2, Fact::ProcessKilled { connections: 1 }),
            books(55, &[("c1", &[0])]),
            books(56, &[("c1", &[0, 1])]),
            assigned(56, C1, &[1]),
        ];
        let expected = [
            ("c2", 3, Some(10), Hold::Reads),
            ("c2", 10, Some(55), Hold::Gone),
            ("c1", 56, None, Hold::Reads),
        ];
        assert_eq!(spans(&kept, 1), expected);
        assert_eq!(stopped(&kept, 1, 60), 46);
        assert_eq!(spans(&kept, 0), [("c1", 3, None, Hold::Reads)]);
    }

    #[test]
    fn a_zombie_believes_in_what_somebody_else_has() {
        let kept = [
            books(3, &[("c1", &[0]), ("c2", &[])]),
            assigned(3, C1, &[0]),
            told(10, C1, Fact::ProcessPaused),
            books(55, &[("c2", &[])]),
            books(56, &[("c2", &[0])]),
            assigned(56, C2, &[0]),
            told(70, C1, Fact::ProcessResumed),
            told(
                71,
                C1,
                Fact::PartitionsLost { group: "checkout".into(), partitions: vec![tp(0)] },
            ),
        ];
        let expected = [
            ("c1", 3, Some(10), Hold::Reads),
            ("c1", 10, Some(55), Hold::Paused),
            ("c2", 56, None, Hold::Reads),
            ("c1", 70, Some(71), Hold::Believes),
        ];
        assert_eq!(spans(&kept, 0), expected);
        assert_eq!(stopped(&kept, 0, 80), 46);
    }

    #[test]
    fn what_moves_cooperatively_is_read_until_its_owner_hears_of_it() {
        let kept = [
            books(3, &[("c1", &[0, 1])]),
            assigned(3, C1, &[0, 1]),
            books(12, &[("c1", &[0]), ("c2", &[])]),
            revoked(13, C1, &[1]),
            books(14, &[("c1", &[0]), ("c2", &[1])]),
            assigned(15, C2, &[1]),
        ];
        assert_eq!(spans(&kept, 0), [("c1", 3, None, Hold::Reads)]);
        let expected = [("c1", 3, Some(13), Hold::Reads), ("c2", 15, None, Hold::Reads)];
        assert_eq!(spans(&kept, 1), expected);
    }

    #[test]
    fn rebalances_have_a_beginning_and_an_end() {
        let group = || Name::from("checkout");
        let began = |reason: &str| Fact::RebalanceStarted {
            group: group(),
            reason: reason.into(),
            generation: Generation(1),
        };
        let kept = [
            told(10, C1, began("one")),
            told(11, C1, began("another")),
            told(
                12,
                C1,
                Fact::GenerationStarted {
                    group: group(),
                    generation: Generation(2),
                    leader: "c1".into(),
                    assignor: "range".into(),
                    members: 2,
                },
            ),
            told(13, C1, Fact::AssignmentStored { group: group(), generation: Generation(2) }),
            told(
                14,
                C1,
                Fact::MemberRemoved {
                    group: group(),
                    member: "c2".into(),
                    reason: LeaveReason::Left,
                },
            ),
        ];
        let all = Ownership::of("checkout", &kept, name).rebalances;
        let [one, another] = all.as_slice() else { panic!("{all:?}") };
        let second = |seconds| Instant::ZERO + Duration::from_secs(seconds);
        assert_eq!((one.from, one.event, &*one.reason), (second(10), 10, "one"));
        assert_eq!((one.joined, one.until), (None, Some(second(11))), "the next one began");
        assert_eq!((another.from, &*another.reason), (second(11), "another"));
        assert_eq!(another.joined, Some((second(12), Generation(2))));
        assert_eq!(another.until, Some(second(13)));
    }

    #[test]
    fn a_rebalance_ends_with_its_coordinator() {
        let began = || Fact::RebalanceStarted {
            group: "checkout".into(),
            reason: "c1 is new".into(),
            generation: Generation(0),
        };
        let (old, new) = (NodeId(8), NodeId(9));
        let kept = [
            told(1, old, began()),
            told(5, old, Fact::ProcessKilled { connections: 2 }),
            told(13, new, began()),
        ];
        let all = Ownership::of("checkout", &kept, name).rebalances;
        let spans = all.iter().map(|one| {
            let seconds = |at: Instant| at.as_millis() / 1_000;
            (seconds(one.from), one.until.map(seconds), one.coordinator)
        });
        assert_eq!(spans.collect::<Vec<_>>(), [(1, Some(5), old), (13, None, new)]);
    }

    #[test]
    fn without_a_leader_that_answers_nobody_reads() {
        let kept = [
            books(3, &[("c1", &[0])]),
            assigned(3, C1, &[0]),
            revoked(30, C1, &[0]),
            books(31, &[("c2", &[0])]),
            assigned(32, C2, &[0]),
        ];
        let second = |seconds| Instant::ZERO + Duration::from_secs(seconds);
        let outages = [(1, Some(2)), (10, Some(18)), (28, Some(31)), (40, None)]
            .map(|(from, until)| Outage { from: second(from), until: until.map(second) });
        let ownership = Ownership::of("checkout", &kept, name).without(|_| &outages);
        let seconds = |at: Instant| at.as_millis() / 1_000;
        let spans = ownership.partitions[&tp(0)].iter();
        let spans: Vec<_> =
            spans.map(|one| (seconds(one.from), one.until.map(seconds), one.hold)).collect();
        let expected = [
            (3, Some(10), Hold::Reads),
            (10, Some(18), Hold::Waits),
            (18, Some(28), Hold::Reads),
            (28, Some(30), Hold::Waits),
            (32, Some(40), Hold::Reads),
            (40, None, Hold::Waits),
        ];
        assert_eq!(spans, expected);
        assert_eq!(ownership.stopped(&tp(0), second(45)).as_secs(), 8 + 4 + 5);
        assert_eq!(ownership.waiting().collect::<Vec<_>>(), [&tp(0)]);
    }
}

//! Lines that grow: what happens again and again, and what belongs to a line that is already there.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Channel, Importance, LinkChange, StoryLine, Words};
use crate::fact::{Fact, FactKind};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::protocol::ErrorCode;
use crate::sim::{Duration, Instant, NodeId};

/// What comes later than this after the last of its kind begins a new line.
const WINDOW: Duration = Duration::from_secs(10);

/// The same for what comes with one change of metadata.
const MOMENT: Duration = Duration::from_secs(1);

/// So many repetitions are counted one by one; then a newer version of the line comes with every
/// tenth more.
pub(in crate::explain) const COUNTED: u32 = 100;

/// So many lines may grow at once before those are looked for that do not grow any more.
const MANY: usize = 256;

/// What makes things belong to one line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) enum Key {
    /// Processes that one command starts at one instant.
    Starting(Instant, u32),
    /// The end of the process of this name.
    Ended(Name),
    /// Nobody listens at the process of this name.
    Refusing(Name),
    /// Links that one command changes in one way.
    Links(u32, LinkChange),
    /// A broker gets, or loses, partitions of `__consumer_offsets`.
    Coordinating(NodeId, bool),
    /// The same fact, but for counts and offsets.
    Repeated(Box<Subject>),
}

impl Key {
    fn window(&self) -> Duration {
        if matches!(self, Self::Coordinating(..)) { MOMENT } else { WINDOW }
    }
}

/// What a fact that repeats is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Subject {
    kind: FactKind,
    node: NodeId,
    tp: Option<TopicPartition>,
    name: Option<Name>,
    id: Option<BrokerId>,
    error: Option<ErrorCode>,
}

impl Subject {
    /// For facts that come again and again while something is wrong.
    pub(super) fn of(node: NodeId, fact: &Fact) -> Option<Self> {
        let (tp, name, id, error) = match fact {
            Fact::ConnectionReset { peer } => (None, Some(peer), None, None),
            Fact::RequestTimedOut { peer, api, .. } => (None, Some(api), Some(*peer), None),
            Fact::IsrChangeRefused { tp, error }
            | Fact::ProduceRefused { tp, error }
            | Fact::BatchRetried { tp, error, .. }
            | Fact::RecordFailed { tp, error, .. } => (Some(tp), None, None, Some(*error)),
            Fact::FetchRefused { tp, replica, error, .. } => {
                (Some(tp), None, *replica, Some(*error))
            }
            Fact::RegistrationRefused { broker, error } => {
                (None, None, Some(*broker), Some(*error))
            }
            Fact::GroupRefused { group, error, .. } | Fact::CommitFailed { group, error } => {
                (None, Some(group), None, Some(*error))
            }
            Fact::CoordinatorLost { group, broker, .. } => (None, Some(group), Some(*broker), None),
            Fact::HandlerFailed { tp, .. } => (Some(tp), None, None, None),
            Fact::PollFailed { exception } => (None, Some(exception), None, None),
            _ => return None,
        };
        let (tp, name) = (tp.cloned(), name.cloned());
        Some(Self { kind: fact.kind(), node, tp, name, id, error })
    }
}

/// A line that may grow.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Fold {
    /// The line's number.
    pub line: u32,
    /// Who speaks in it.
    pub channel: Channel,
    /// Who told the first of it.
    pub node: NodeId,
    /// When the first of it happened.
    pub first: Instant,
    /// When the last of it happened.
    last: Instant,
    /// What it says by now.
    pub words: Words,
    /// How much it matters by now.
    pub importance: Importance,
    /// How often it had happened when a version of it was last told.
    told_times: u32,
}

impl Fold {
    /// True if what it says by now is worth a newer version of the line.
    pub(super) fn is_worth_telling(&self) -> bool {
        let times = self.times();
        times <= COUNTED || times >= self.told_times + self.told_times / 10
    }

    /// A version of the line says what it says by now.
    pub(super) fn mark_told(&mut self) {
        self.told_times = self.times();
    }

    fn times(&self) -> u32 {
        match &self.words {
            Words::Repeated { times, .. } | Words::Refusing { times, .. } => *times,
            _ => 1,
        }
    }
}

/// All lines that may grow.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Folds(#[serde(serialize_with = "in_order")] BTreeMap<Key, Fold>);

fn in_order<S: serde::Serializer>(
    folds: &BTreeMap<Key, Fold>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(folds.iter())
}

impl Folds {
    /// The line that what `key` says belongs to at `now`.
    pub(super) fn open(&mut self, key: &Key, now: Instant) -> Option<&mut Fold> {
        let fold = self.0.get_mut(key).filter(|fold| now.since(fold.last) <= key.window())?;
        fold.last = now;
        Some(fold)
    }

    /// True if there is a line that what `key` says belongs to at `now`.
    pub(super) fn is_open(&self, key: &Key, now: Instant) -> bool {
        self.0.get(key).is_some_and(|fold| now.since(fold.last) <= key.window())
    }

    /// A new line, which may grow.
    pub(super) fn begin(&mut self, key: Key, line: &StoryLine) {
        if self.0.len() >= MANY {
            self.0.retain(|_, fold| line.at.since(fold.last) <= WINDOW);
        }
        let fold = Fold {
            line: line.number,
            channel: line.channel,
            node: line.node,
            first: line.at,
            last: line.at,
            words: line.words.clone(),
            importance: line.importance,
            told_times: 1,
        };
        self.0.insert(key, fold);
    }

    /// The line grows no more.
    pub(super) fn close(&mut self, key: &Key) {
        self.0.remove(key);
    }
}

//! A broken invariant, and the two things that cannot both be.

use std::fmt;

use serde::Serialize;

use super::Id;
use super::id::{Class, Counters};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::sim::Instant;

/// A sentence in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Text {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

/// Writes a sentence in both languages, with the same values in it.
macro_rules! text {
    ($en:literal, $zh:literal $(, $value:expr)* $(,)?) => {
        $crate::check::violation::Text { en: format!($en $(, $value)*), zh: format!($zh $(, $value)*) }
    };
}
pub(super) use text;

/// What a violation is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A partition.
    Partition(TopicPartition),
    /// One replica of a partition.
    Replica(TopicPartition, BrokerId),
    /// A broker or controller.
    Server(BrokerId),
    /// A group.
    Group(Name),
    /// A client, by the name of its process.
    Client(Name),
    /// The cluster.
    Cluster,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Partition(tp) => write!(f, "{tp}"),
            Self::Replica(tp, broker) => write!(f, "{tp}@{broker}"),
            Self::Server(server) => write!(f, "{server}"),
            Self::Group(name) | Self::Client(name) => write!(f, "{name}"),
            Self::Cluster => write!(f, "cluster"),
        }
    }
}

/// A broken invariant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Which.
    pub id: Id,
    /// The number of the event after which it was seen; what people count, without idle polls.
    pub event: u64,
    /// When.
    pub at: Instant,
    /// What it is about.
    pub subject: Subject,
    /// What is the case.
    pub found: Text,
    /// What contradicts it.
    pub against: Text,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, event, at, subject, found, against } = self;
        write!(f, "{id} {subject} at {at}, event {event}: {}; {}", found.en, against.en)
    }
}

/// Which classes of invariants are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Classes {
    /// After every event.
    pub event: bool,
    /// When the cluster is quiet.
    pub quiet: bool,
    /// On clients' histories.
    pub history: bool,
    /// At the end of a run that was healed.
    pub liveness: bool,
}

impl Classes {
    /// All of them.
    pub const ALL: Self = Self { event: true, quiet: true, history: true, liveness: true };

    /// True if `class` is judged.
    pub const fn has(self, class: Class) -> bool {
        match class {
            Class::Event => self.event,
            Class::Quiet => self.quiet,
            Class::History => self.history,
            Class::Liveness => self.liveness,
        }
    }
}

/// Where judgements go: what was broken, and what was judged at all.
#[derive(Clone, Debug)]
pub(super) struct Report {
    pub(super) classes: Classes,
    pub(super) counters: Counters,
    pub(super) found: Vec<Violation>,
    pub(super) event: u64,
    pub(super) at: Instant,
}

impl Report {
    pub(super) fn new(classes: Classes) -> Self {
        Self {
            classes,
            counters: Counters::default(),
            found: Vec::new(),
            event: 0,
            at: Instant::ZERO,
        }
    }

    /// Judges `id` once: it holds, or here is why not.
    #[inline]
    pub(super) fn judge(
        &mut self,
        id: Id,
        holds: bool,
        why: impl FnOnce() -> (Subject, Text, Text),
    ) {
        if !self.classes.has(id.class()) {
            return;
        }
        self.counters.count(id);
        if !holds {
            self.broken(id, why());
        }
    }

    #[cold]
    fn broken(&mut self, id: Id, (subject, found, against): (Subject, Text, Text)) {
        let (event, at) = (self.event, self.at);
        self.found.push(Violation { id, event, at, subject, found, against });
    }
}

//! What is remembered of every event: when, where, what, and what brought it about. 25 bytes each.

use rustc_hash::FxHashMap;

use crate::cluster::{EventKind, Happened};
use crate::sim::{Instant, NodeId};

/// What an event is worth stopping at for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks(u8);

impl Marks {
    /// People see it: no idle poll.
    pub const SHOWN: Self = Self(1);
    /// A request or a response arrived.
    pub const MESSAGE: Self = Self(1 << 1);
    /// It has a line in the story.
    pub const LINE: Self = Self(1 << 2);
    /// A leader was elected.
    pub const ELECTION: Self = Self(1 << 3);
    /// A group began or ended a rebalance.
    pub const REBALANCE: Self = Self(1 << 4);
    /// A record was acknowledged.
    pub const ACK: Self = Self(1 << 5);
    /// A step of the scenario or a command.
    pub const COMMAND: Self = Self(1 << 6);

    /// Everything that is in either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// True if all of `other` is in it.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// An event as it is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Past {
    /// What happened.
    pub happened: Happened,
    /// What it is worth stopping at for.
    pub marks: Marks,
    /// The step of the run that it happened in, from 1.
    pub step: u32,
}

/// All events of a run up to some moment.
#[derive(Clone, Debug, Default)]
pub struct History {
    at: Vec<Instant>,
    cause: Vec<u32>,
    origin: Vec<u32>,
    step: Vec<u32>,
    node: Vec<u16>,
    kind: Vec<u16>,
    marks: Vec<Marks>,
    kinds: Vec<EventKind>,
    known: FxHashMap<EventKind, u16>,
}

impl History {
    /// Remembers the next event.
    ///
    /// # Panics
    /// When an event is left out.
    pub(super) fn push(&mut self, happened: &Happened, marks: Marks, step: u32) {
        assert_eq!(happened.id as usize, self.at.len() + 1, "events are numbered without gaps");
        let kind =
            self.known.get(&happened.kind).copied().unwrap_or_else(|| self.new_kind(happened.kind));
        self.at.push(happened.at);
        self.cause.push(happened.cause);
        self.origin.push(happened.origin);
        self.step.push(step);
        self.node.push(u16::try_from(happened.node.0).unwrap_or(u16::MAX));
        self.kind.push(kind);
        self.marks.push(marks);
    }

    /// There are hundreds of kinds; should there ever be too many, the last one stands for the rest.
    fn new_kind(&mut self, kind: EventKind) -> u16 {
        let Ok(number) = u16::try_from(self.kinds.len()) else { return u16::MAX };
        self.kinds.push(kind);
        self.known.insert(kind, number);
        number
    }

    /// Forgets everything after the event `last`.
    pub(super) fn truncate(&mut self, last: u32) {
        let len = last as usize;
        self.at.truncate(len);
        self.cause.truncate(len);
        self.origin.truncate(len);
        self.step.truncate(len);
        self.node.truncate(len);
        self.kind.truncate(len);
        self.marks.truncate(len);
    }

    /// How many events are remembered: the id of the last one.
    pub fn len(&self) -> u32 {
        self.at.len() as u32
    }

    /// True while nothing has happened.
    pub fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// An event, by its id.
    pub fn get(&self, id: u32) -> Option<Past> {
        let index = (id as usize).checked_sub(1).filter(|index| *index < self.at.len())?;
        let marks = self.marks[index];
        Some(Past {
            happened: Happened {
                at: self.at[index],
                id,
                cause: self.cause[index],
                origin: self.origin[index],
                node: NodeId(self.node[index].into()),
                kind: self.kinds[self.kind[index] as usize],
                idle: !marks.has(Marks::SHOWN),
            },
            marks,
            step: self.step[index],
        })
    }

    /// The last event before the event `id` that has all of `marks`.
    pub fn before(&self, id: u32, marks: Marks) -> Option<Past> {
        let end = (id as usize).saturating_sub(1).min(self.at.len());
        let index = self.marks[..end].iter().rposition(|found| found.has(marks))?;
        self.get(index as u32 + 1)
    }

    /// The first event after the event `id` that has all of `marks`.
    pub fn after(&self, id: u32, marks: Marks) -> Option<Past> {
        let rest = self.marks.get(id as usize..)?;
        let index = rest.iter().position(|found| found.has(marks))?;
        self.get(id + index as u32 + 1)
    }

    /// The id of the last event that happened by `at`; 0 if none had.
    pub fn last_at(&self, at: Instant) -> u32 {
        self.at.partition_point(|one| *one <= at) as u32
    }

    /// How many bytes an event takes.
    pub const BYTES_PER_EVENT: usize = 8 + 4 + 4 + 4 + 2 + 2 + 1;
}

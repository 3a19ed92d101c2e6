//! Commands that can be carried out: names looked up, settings checked.

use super::condition::Condition;
use super::function::Type;
use super::syntax::Rate;
use super::value::Expr;
use crate::config::Overrides;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::protocol::Api;
use crate::sim::{Duration, Instant};

/// A line that was looked up: what to do, for how long, and what a name for it would stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// What to do.
    pub command: Command,
    /// After how long it is undone.
    pub lasting: Option<Duration>,
    /// The line, in its canonical form.
    pub line: Name,
    /// What `as = "name"` would stand for.
    pub subject: Option<Type>,
}

/// What to do. Selections are expressions: whom they mean is known only when the time comes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the grammar's rows say what each does")]
pub enum Command {
    Kill(Vec<Expr>),
    Stop(Vec<Expr>),
    Start(Vec<Expr>),
    PowerOff(Vec<Expr>),
    Wipe(Vec<Expr>),
    Pause(Vec<Expr>),
    Resume(Vec<Expr>),
    Remove(Expr),
    AddBroker,
    AddConsumer {
        group: Name,
    },
    AddPartitions {
        topic: Name,
        count: u32,
    },
    Partition(Link),
    /// Everywhere, if no link is given.
    Heal(Option<Link>),
    Hold(Link),
    Release(Link),
    Reset(Link),
    Delay {
        link: Link,
        by: Duration,
    },
    DropNext {
        message: Message,
        link: Link,
    },
    SlowDisk {
        of: Vec<Expr>,
        factor: u32,
    },
    SlowCpu {
        of: Vec<Expr>,
        factor: u32,
    },
    Produce {
        value: Name,
        key: Option<Name>,
        to: ProduceTo,
    },
    Rate {
        producer: Expr,
        rate: Rate,
    },
    Seek {
        who: Expr,
        partition: TopicPartition,
        to: SeekTo,
    },
    /// No value: the setting is forgotten, as everywhere below.
    SetTopic {
        topic: Name,
        name: Name,
        value: Option<Name>,
    },
    /// No broker: the cluster's default.
    SetBroker {
        broker: Option<BrokerId>,
        name: Name,
        value: Option<Name>,
    },
    SetGroup {
        group: Name,
        name: Name,
        value: Option<Name>,
    },
    /// No broker: all of them.
    SetLevel {
        broker: Option<BrokerId>,
        level: &'static str,
        word: &'static str,
    },
    CreateTopic(NewTopic),
    DeleteTopic {
        topic: Name,
    },
    Elect {
        partition: TopicPartition,
        unclean: bool,
    },
    Reassign {
        partition: TopicPartition,
        to: Vec<BrokerId>,
    },
    Break(Condition),
    Goto(Instant),
    /// Looks at a step of the scenario, from 1.
    Step(usize),
    Save(Name),
    /// One of Kafka's tools with its arguments.
    Foreign(Vec<Name>),
}

/// Two sides of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// One side: the sender, where it matters.
    pub from: Vec<Expr>,
    /// The other.
    pub to: Vec<Expr>,
    /// What goes back is meant too.
    pub both_ways: bool,
}

/// A kind of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// The kind of request.
    pub api: Api,
    /// Its answer is meant.
    pub response: bool,
}

/// Where a single record goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProduceTo {
    /// The topic; the partitioner decides.
    Topic(Name),
    /// A partition.
    Partition(TopicPartition),
}

/// Where consumption goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeekTo {
    /// With the first record.
    Earliest,
    /// After the last record.
    Latest,
    /// At this offset.
    Offset(u64),
}

/// A topic to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTopic {
    /// Its name.
    pub name: Name,
    /// How many partitions, if said.
    pub partitions: Option<u32>,
    /// How many replicas, if said.
    pub replication_factor: Option<u32>,
    /// Its settings.
    pub config: Overrides,
}

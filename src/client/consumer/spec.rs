//! What a consumer is told at its start: its settings, and what its application does.
//!
//! Settings are Kafka's (`ConsumerConfig`); the rest is the program around the consumer, which calls
//! `poll` in a loop and works on what it gets.

use super::personality::{Marks, Personality};
use crate::config::ConsumerConfig;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::sim::Duration;

/// What the application asks its consumer to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reads {
    /// `subscribe(topics)`: the group divides the partitions.
    Subscribe(Vec<Name>),
    /// `assign` of all partitions that the topics have at the start; no group divides them.
    AssignAll(Vec<Name>),
    /// `assign(partitions)`.
    Assign(Vec<TopicPartition>),
}

/// When the application commits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum CommitPolicy {
    /// It leaves that to the consumer: `enable.auto.commit`.
    #[default]
    Auto,
    /// `commitSync()` when it is done with what a poll brought.
    Sync,
    /// `commitAsync()` at that point.
    Async,
    /// `commitSync()` before it works on what a poll brought.
    Before,
    /// Never.
    None,
}

/// What the application does when a call of its consumer throws.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnError {
    /// It closes the consumer and ends with status 1.
    #[default]
    Exit,
    /// It polls again a little later.
    PollAgain,
}

/// A consumer and the application around it.
#[derive(Clone, Debug)]
pub struct ConsumerSpec {
    /// Kafka's settings.
    pub config: ConsumerConfig,
    /// `bootstrap.servers`.
    pub bootstrap: Vec<BrokerId>,
    /// What it reads.
    pub reads: Reads,
    /// The argument of `poll`. While the coordinator is unknown, or committed offsets are asked for,
    /// buffered records are handed out only at its end.
    pub poll_timeout: Duration,
    /// How long the application works on one record; it does not poll meanwhile.
    pub process: Duration,
    /// When it commits. Anything but [`CommitPolicy::Auto`] switches `enable.auto.commit` off.
    pub commit: CommitPolicy,
    /// What it does when its consumer throws.
    pub on_error: OnError,
    /// How the client library behaves.
    pub personality: Personality,
    /// Which records are marked, where the library has marks.
    pub marks: Marks,
    /// Which records the handler fails on, where a failing handler is not the end (kq).
    pub fails: Marks,
    /// Which records take longer, where others go on meanwhile (kq).
    pub slow: Option<Slow>,
}

/// Records that their handlers need longer for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slow {
    /// Those whose offset is a multiple of this, which is not 0.
    pub every: u64,
    /// How long one takes.
    pub process: Duration,
}

impl ConsumerSpec {
    /// An application that reads `reads` with Kafka's usual loop: `poll(100 ms)`, no work to speak of.
    pub fn new(config: ConsumerConfig, bootstrap: Vec<BrokerId>, reads: Reads) -> Self {
        Self {
            config,
            bootstrap,
            reads,
            poll_timeout: Duration::from_millis(100),
            process: Duration::ZERO,
            commit: CommitPolicy::default(),
            on_error: OnError::default(),
            personality: Personality::JAVA,
            marks: Marks::default(),
            fails: Marks::None,
            slow: None,
        }
    }
}

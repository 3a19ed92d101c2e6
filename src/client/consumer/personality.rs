//! What differs between client libraries, beyond their settings: a value that the consumer reads.
//!
//! In sarama: `consumer_group.go`, `consumer_group_session.go`, `offset_manager.go`, `consumer.go` (1.61). Left
//! out: that a handler which is too slow is left out of its broker's next fetches (after
//! `Consumer.MaxProcessingTime`), that a fetch grows for a record larger than it, that a position which is not
//! in the log any more ends the session before it is replaced, the limit on how often joining is tried, its
//! ways of dividing partitions other than ranges, and that the first heartbeat of a session is sent at once.
//! Requests have the versions of Kafka's own client, but for Fetch.

use crate::config::SaramaConsumerConfig;
use crate::sim::Duration;

/// How a consumer of some library behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Personality {
    /// Who works on records.
    pub workers: Workers,
    /// How long a member waits before it tries to join again; none for as long as any request.
    pub join_backoff: Option<Duration>,
    /// After another leader was elected, it is asked whether its log agrees with the position (KIP-320).
    pub validates_positions: bool,
    /// Fetches name only what changed (KIP-227), and topics by id.
    pub has_fetch_sessions: bool,
}

/// Who works on records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Workers {
    /// The thread that polls, one record after the other; positions are what is committed.
    Caller,
    /// A handler for each partition, all at once, while the client goes on by itself; what handlers mark is
    /// what is committed. They end their record before a rebalance, however long that takes.
    PerPartition {
        /// So many records of a partition may wait for its handler.
        buffer: u32,
    },
}

/// Which records handlers mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Marks {
    /// All.
    #[default]
    All,
    /// Those with an even offset.
    Even,
    /// Those with an odd offset.
    Odd,
    /// None.
    None,
}

impl Personality {
    /// Kafka's own client.
    pub const JAVA: Self = Self {
        workers: Workers::Caller,
        join_backoff: None,
        validates_positions: true,
        has_fetch_sessions: true,
    };

    /// sarama with these settings.
    pub fn sarama(config: &SaramaConsumerConfig) -> Self {
        Self {
            workers: Workers::PerPartition { buffer: config.channel_buffer_size },
            join_backoff: Some(config.rebalance_retry_backoff),
            validates_positions: false,
            has_fetch_sessions: false,
        }
    }

    /// True where handlers work beside the client.
    pub(super) const fn has_workers(&self) -> bool {
        matches!(self.workers, Workers::PerPartition { .. })
    }
}

//! What differs between client libraries, beyond their settings: a value that the consumer reads.
//!
//! In sarama: `consumer_group.go`, `consumer_group_session.go`, `offset_manager.go`, `consumer.go` (1.61). Left
//! out: that a handler which is too slow is left out of its broker's next fetches (after
//! `Consumer.MaxProcessingTime`), that a fetch grows for a record larger than it, that a position which is not
//! in the log any more ends the session before it is replaced, the limit on how often joining is tried, its
//! ways of dividing partitions other than ranges, and that the first heartbeat of a session is sent at once.
//! Requests have the versions of Kafka's own client, but for Fetch.
//!
//! In kafka-go: `reader.go`, `consumergroup.go`, `groupbalancer.go` (0.4); in go-queue: `kq/queue.go` (1.2.2). Left out: that
//! each partition is fetched by a connection of its own, for which `MinBytes` counts; that the connection to the
//! coordinator is made anew for each generation, and that one which breaks ends the generation; that a member
//! whose `SyncGroup` fails leaves; that a commit is tried three times before the next one's turn; that a
//! position past the end of the log waits there; several readers in one process (`Conns`); chance in how
//! goroutines take turns.

use crate::config::{KqQueueConfig, SaramaConsumerConfig};
use crate::ids::Offset;
use crate::protocol::ErrorCode;
use crate::sim::Duration;

/// How a consumer of some library behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Personality {
    /// Who works on records.
    pub workers: Workers,
    /// How long a member waits before it tries to join again; none for as long as any request.
    pub join_backoff: Option<Duration>,
    /// After these errors it does not wait.
    pub joins_at_once: &'static [ErrorCode],
    /// How the leader divides partitions.
    pub balancers: Balancers,
    /// The leader asks for another assignment when a topic gets more partitions.
    pub watches_partitions: bool,
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
    /// So many handlers for all partitions together, all at once, while the client goes on by itself; what they
    /// are done with is committed. No rebalance waits for them.
    Pool {
        /// How many.
        handlers: u32,
        /// How many take records out for them.
        consumers: u32,
        /// So many records may wait to be taken out.
        buffer: u32,
        /// A record is committed after those before it.
        in_order: bool,
        /// A record is committed also if its handler failed.
        force_commit: bool,
    },
}

/// Whose ways of dividing partitions the leader follows, by the names of its assignors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Balancers {
    /// Those of Kafka's own client, which sarama's are like.
    Java,
    /// kafka-go's.
    KafkaGo,
}

/// Which records handlers mark, or fail on.
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

impl Marks {
    /// True if the record at `offset` is one of them.
    pub const fn picks(self, offset: Offset) -> bool {
        match self {
            Self::All => true,
            Self::Even => offset.0.is_multiple_of(2),
            Self::Odd => !offset.0.is_multiple_of(2),
            Self::None => false,
        }
    }
}

/// What kafka-go waits before it joins again (`JoinGroupBackoff`).
const KAFKA_GO_JOIN_BACKOFF: Duration = Duration::from_secs(5);
/// `CommitInOrder` has as many handlers as the machine has cores: here as many as there are processors.
const CORES: u32 = 8;

impl Personality {
    /// Kafka's own client.
    pub const JAVA: Self = Self {
        workers: Workers::Caller,
        join_backoff: None,
        joins_at_once: &[
            ErrorCode::UnknownMemberId,
            ErrorCode::IllegalGeneration,
            ErrorCode::RebalanceInProgress,
            ErrorCode::MemberIdRequired,
        ],
        balancers: Balancers::Java,
        watches_partitions: true,
        validates_positions: true,
        has_fetch_sessions: true,
    };

    /// sarama with these settings.
    pub fn sarama(config: &SaramaConsumerConfig) -> Self {
        Self {
            workers: Workers::PerPartition { buffer: config.channel_buffer_size },
            join_backoff: Some(config.rebalance_retry_backoff),
            joins_at_once: &[
                ErrorCode::UnknownMemberId,
                ErrorCode::IllegalGeneration,
                ErrorCode::MemberIdRequired,
            ],
            balancers: Balancers::Java,
            watches_partitions: true,
            validates_positions: false,
            has_fetch_sessions: false,
        }
    }

    /// go-queue's kq, around a `Reader` of kafka-go, with these settings.
    pub fn kq(config: &KqQueueConfig) -> Self {
        let in_order = config.commit_in_order;
        Self {
            workers: Workers::Pool {
                handlers: if in_order { CORES } else { config.processors },
                consumers: if in_order { 1 } else { config.consumers },
                buffer: config.queue_capacity,
                in_order,
                force_commit: config.force_commit,
            },
            join_backoff: Some(KAFKA_GO_JOIN_BACKOFF),
            joins_at_once: &[ErrorCode::RebalanceInProgress, ErrorCode::MemberIdRequired],
            balancers: Balancers::KafkaGo,
            watches_partitions: false,
            validates_positions: false,
            has_fetch_sessions: false,
        }
    }

    /// True where handlers work beside the client.
    pub(super) const fn has_workers(&self) -> bool {
        !matches!(self.workers, Workers::Caller)
    }

    /// True where records of a partition are handled beside each other.
    pub(crate) const fn has_pool(&self) -> bool {
        matches!(self.workers, Workers::Pool { .. })
    }
}

//! What a node is given and what it gives back: inputs, timers, and the outbox.
//!
//! A node is a state machine, a function of time and input. It never blocks, reads a clock or holds
//! another node; what it wants done it puts into the [`Outbox`], and the cluster carries that out.

mod backoff;
mod channel;

use std::sync::Arc;

pub use backoff::Backoff;
use bytes::Bytes;
pub use channel::{ChannelConfig, Channels, Completion, Failure, Peer, Purpose};
use serde::Serialize;
use strum::{EnumDiscriminants, EnumIter, IntoStaticStr};

use crate::fact::Fact;
use crate::ids::{BrokerId, Name, Offset, PartitionIndex, Timestamp, TopicPartition};
use crate::protocol::{Request, Response, ResponseBody};
use crate::sim::{Duration, Instant};

/// A connection, numbered in the order in which they were opened; below 2^24.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ConnectionId(pub u32);

/// Where the answer to a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplyTo {
    /// The connection the request came by.
    pub connection: ConnectionId,
    /// The request's correlation id.
    pub correlation_id: i32,
}

/// Where a server takes connections: brokers and controllers have addresses of their own, be they one
/// process or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Listener {
    /// For clients, and for brokers that follow (`listeners`).
    #[default]
    Broker,
    /// For the metadata quorum and what brokers ask of controllers (`controller.listener.names`).
    Controller,
}

/// Why a connection ended, or never began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disconnect {
    /// Nobody listens there.
    Refused,
    /// The other side's operating system ended it.
    Reset,
    /// The other side closed it.
    Closed,
}

/// One step's cause, from the node's point of view.
#[derive(Clone, Debug)]
pub enum Input {
    /// A request arrived and a handler thread took it.
    Request {
        /// Where the answer goes.
        from: ReplyTo,
        /// Where it came in.
        listener: Listener,
        /// The request.
        request: Arc<Request>,
    },
    /// A response arrived.
    Response {
        /// The connection it came by.
        connection: ConnectionId,
        /// The response.
        response: Arc<Response>,
    },
    /// A connection this node asked for is open.
    Connected(ConnectionId),
    /// A connection of this node ended, or could not be opened.
    Disconnected(ConnectionId, Disconnect),
    /// A timer that this node set is due.
    Timer(Timer),
    /// The process is asked to end properly (`SIGTERM`, or `close()` of a client).
    Shutdown,
    /// The application or the administrator behind a client is told to do something.
    Instruction(Instruction),
}

/// What a scenario or a viewer tells a client to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instruction {
    /// Send one record.
    Produce {
        /// The topic.
        topic: Name,
        /// The partition, or none to let the partitioner choose.
        partition: Option<PartitionIndex>,
        /// The key, if any.
        key: Option<Bytes>,
        /// The value.
        value: Bytes,
    },
    /// Send so many records per second from now on; zero stops.
    Rate {
        /// Records per 1,000 seconds.
        per_kilosecond: u64,
    },
    /// Move a consumer's position.
    Seek {
        /// The partition.
        tp: TopicPartition,
        /// Where to.
        to: SeekTo,
    },
    /// Commit the positions now.
    Commit,
    /// Stay away from the client for so long: a consumer does not poll meanwhile.
    Stall {
        /// How long.
        span: Duration,
    },
    /// Ask the cluster for something, as an administrator.
    Admin(AdminRequest),
}

/// Where a position is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeekTo {
    /// That offset.
    Offset(Offset),
    /// The log start offset.
    Earliest,
    /// The high watermark.
    Latest,
}

/// What an administrator asks of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdminRequest {
    /// Create a topic.
    CreateTopic {
        /// Its name.
        topic: Name,
        /// How many partitions; the broker's default if none.
        partitions: Option<u32>,
        /// How many replicas each; the broker's default if none.
        replication_factor: Option<u16>,
        /// The replicas of each partition, instead of the two numbers.
        replicas: Vec<Vec<BrokerId>>,
        /// Its configuration.
        config: Vec<(Name, Name)>,
    },
    /// Delete a topic.
    DeleteTopic {
        /// Its name.
        topic: Name,
    },
    /// Give a topic this many partitions.
    CreatePartitions {
        /// Its name.
        topic: Name,
        /// How many it shall have.
        count: u32,
    },
    /// Elect leaders.
    ElectLeaders {
        /// Uncleanly, or the preferred ones.
        unclean: bool,
        /// Of these partitions; of all if empty.
        partitions: Vec<TopicPartition>,
    },
    /// Move a partition to other replicas.
    Reassign {
        /// The partition.
        tp: TopicPartition,
        /// Its replicas from then on; none cancels a move.
        replicas: Option<Vec<BrokerId>>,
    },
    /// Set or delete a dynamic configuration.
    AlterConfig {
        /// What kind of thing.
        resource: ConfigResource,
        /// Which one; empty for all brokers.
        name: Name,
        /// The setting.
        key: Name,
        /// Its value, or none to delete it.
        value: Option<Name>,
    },
    /// Commit offsets for a group that has no members.
    AlterOffset {
        /// The group.
        group: Name,
        /// The partition.
        tp: TopicPartition,
        /// Where to.
        to: SeekTo,
    },
}

/// What a dynamic configuration belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigResource {
    /// A topic.
    Topic,
    /// A broker, or all of them.
    Broker,
    /// A group.
    Group,
}

/// A timer of a node. Setting it again moves it.
///
/// `u32` fields are slots of the state machine that set it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumDiscriminants)]
#[strum_discriminants(name(TimerKind))]
#[strum_discriminants(derive(PartialOrd, Ord, Hash, EnumIter, IntoStaticStr))]
#[strum_discriminants(strum(serialize_all = "kebab-case"))]
#[strum_discriminants(doc = "A timer without what it belongs to.")]
pub enum Timer {
    // ---- every node ----
    /// The earliest request of a channel times out.
    RequestTimeout(Peer),
    /// A channel may connect again, or its attempt to connect is given up.
    Connect(Peer),

    // ---- broker ----
    /// Time to register, or to send a heartbeat.
    BrokerHeartbeat,
    /// Time to look for followers that fell behind.
    IsrExpiration,
    /// Time to write `replication-offset-checkpoint`.
    HighWatermarkCheckpoint,
    /// Time to write `recovery-point-offset-checkpoint` and `log-start-offset-checkpoint`.
    RecoveryPointCheckpoint,
    /// Time to look for segments that retention no longer keeps.
    LogRetention,
    /// Time to flush what was rolled, and to remove deleted files for good.
    LogFlush,
    /// A fetcher may ask its leader again.
    FetcherBackoff(BrokerId),
    /// A produce request in purgatory has waited long enough.
    ProducePurgatory(u32),
    /// A fetch request in purgatory has waited long enough.
    FetchPurgatory(u32),
    /// Time to ask the controller again about ISR changes.
    AlterPartitionRetry,
    /// Time to fetch the metadata log again.
    MetadataFetch,
    /// A fetch of the metadata log has waited long enough at the leader of the quorum.
    RaftFetch(u32),
    /// A channel to the controller looks for it again.
    ControllerChannel(Purpose),
    /// Time to look for logs that `flush.ms` wants flushed.
    LogFlusher,

    // ---- group coordinator ----
    /// A group's join phase ends.
    GroupJoin(u32),
    /// A group's sync phase ends.
    GroupSync(u32),
    /// A member's session, or its pending join, ends: group and member slot.
    GroupMember(u32, u32),
    /// Records of a coordinator shard (by its partition) waited long enough to be replicated.
    CoordinatorAppend(u32),
    /// Time to look for expired offsets and empty groups of a coordinator shard.
    GroupExpiry(u32),
    /// Time to append what a coordinator shard gathered.
    CoordinatorLinger(u32),

    // ---- controller ----
    /// Time to look for brokers whose session ended.
    FenceStale,
    /// Time to move leaderships to preferred replicas.
    LeaderBalance,
    /// Time to look for partitions that may be led uncleanly.
    UncleanBalance,
    /// Time to append a no-op record.
    MetadataIdle,
    /// Time to append what the controller gathered.
    RaftAppend,

    // ---- clients ----
    /// Time for the application's next record.
    Application,
    /// A batch has lingered long enough, or may be tried again.
    Sender,
    /// Time to refresh metadata.
    Metadata,
    /// Time for the consumer's next heartbeat.
    Heartbeat,
    /// `max.poll.interval.ms` passed since the last poll.
    PollInterval,
    /// The application polls again: its processing is done.
    Poll,
    /// Time to commit automatically.
    AutoCommit,
    /// Something failed; time to try again.
    Retry(u32),
    /// A record has waited for its outcome long enough.
    DeliveryTimeout,
    /// A call of the application (`send`, `close`) gives up.
    MaxBlock,
}

/// Why a timer is set the way it is: what the why-chain names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The setting of this name.
    Config(&'static str),
    /// A constant or formula of Kafka's own, in a few words.
    Rule(&'static str),
    /// The scenario says so.
    Scenario,
}

/// What a node wants done.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Open a connection to a server process.
    Connect {
        /// The connection's id from now on.
        connection: ConnectionId,
        /// The broker or controller to reach.
        peer: BrokerId,
        /// Which of its listeners.
        listener: Listener,
    },
    /// Close a connection.
    Close(ConnectionId),
    /// Send a request.
    Send(ConnectionId, Arc<Request>),
    /// Answer a request; its connection may carry the next one.
    Reply(ReplyTo, Arc<Response>),
    /// A request that gets no answer is done; its connection may carry the next one.
    NoReply(ReplyTo),
    /// Set a timer, or move it.
    SetTimer(Timer, Instant, Why),
    /// Forget a timer.
    CancelTimer(Timer),
    /// From now on the process takes connections there.
    Listen(Listener),
    /// The process ends.
    Exit {
        /// Its exit status.
        status: i32,
    },
}

/// What a step touched, for those who keep pictures of the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Touched {
    /// A replica, by its slot in the broker.
    Replica(u32),
    /// The metadata of a node.
    Metadata,
    /// A group, by its slot in the coordinator.
    Group(u32),
    /// The client's own state.
    Client,
}

/// Which facts somebody wants to hear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Interest {
    /// None: they cost nothing.
    #[default]
    Nothing,
    /// Those that the story tells.
    Story,
    /// All of them.
    Everything,
}

/// Where a node puts what it wants done. One outbox serves all nodes, step after step.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    /// The instant of the step.
    pub now: Instant,
    /// The wall clock that the node reads at that instant.
    pub wall: Timestamp,
    /// What to do, in order.
    pub effects: Vec<Effect>,
    /// What happened, in order.
    pub facts: Vec<Fact>,
    /// What changed.
    pub touched: Vec<Touched>,
    /// Which facts are wanted.
    pub interest: Interest,
    /// The id that the next connection gets.
    pub next_connection: u32,
    /// Facts about the metadata log have been told up to here, by whichever controller first knew
    /// that it is committed. Part of the simulation's state: it outlives a step.
    pub metadata_told: Offset,
    /// In which way the simulator is broken on purpose.
    #[cfg(any(test, feature = "mutants"))]
    pub mutant: Option<crate::feature::Mutant>,
    /// Work takes so many times as long.
    pub cpu_factor: u64,
    spent: Duration,
}

impl Outbox {
    /// Opens a connection to a listener of `peer`.
    pub fn connect(&mut self, peer: BrokerId, listener: Listener) -> ConnectionId {
        let connection = ConnectionId(self.next_connection);
        self.next_connection += 1;
        self.effects.push(Effect::Connect { connection, peer, listener });
        connection
    }

    /// Closes `connection`.
    pub fn close(&mut self, connection: ConnectionId) {
        self.effects.push(Effect::Close(connection));
    }

    /// Sends `request` on `connection`.
    #[inline]
    pub fn send(&mut self, connection: ConnectionId, request: Request) {
        self.effects.push(Effect::Send(connection, Arc::new(request)));
    }

    /// Answers a request.
    #[inline]
    pub fn reply(&mut self, to: ReplyTo, body: ResponseBody) {
        let response = Response { correlation_id: to.correlation_id, body };
        self.effects.push(Effect::Reply(to, Arc::new(response)));
    }

    /// Ends a request that gets no answer (Produce with acks=0).
    pub fn no_reply(&mut self, to: ReplyTo) {
        self.effects.push(Effect::NoReply(to));
    }

    /// Sets `timer` to `at`, wherever it was.
    pub fn set_timer(&mut self, timer: Timer, at: Instant, why: Why) {
        self.effects.push(Effect::SetTimer(timer, at, why));
    }

    /// Forgets `timer`; nothing happens if it was not set.
    pub fn cancel_timer(&mut self, timer: Timer) {
        self.effects.push(Effect::CancelTimer(timer));
    }

    /// Takes connections there from now on; before, they are refused.
    pub fn listen(&mut self, listener: Listener) {
        self.effects.push(Effect::Listen(listener));
    }

    /// Ends the process.
    pub fn exit(&mut self, status: i32) {
        self.effects.push(Effect::Exit { status });
    }

    /// Occupies the node for `span`: what it sends in this step leaves that much later.
    pub fn spend(&mut self, span: Duration) {
        self.spent += span;
    }

    /// The time this step has taken so far.
    pub fn spent(&self) -> Duration {
        self.spent
    }

    /// Tells something that belongs into the story.
    #[inline]
    pub fn fact(&mut self, fact: impl FnOnce() -> Fact) {
        if self.interest >= Interest::Story {
            self.facts.push(fact());
        }
    }

    /// Tells something that happens all the time: for invariants, charts and the trace hash.
    #[inline]
    pub fn detail(&mut self, fact: impl FnOnce() -> Fact) {
        if self.interest >= Interest::Everything {
            self.facts.push(fact());
        }
    }

    /// Marks something as changed.
    pub fn touch(&mut self, what: Touched) {
        if self.interest >= Interest::Everything && self.touched.last() != Some(&what) {
            self.touched.push(what);
        }
    }

    /// Makes room for the next step.
    pub fn begin(&mut self, now: Instant, wall: Timestamp) {
        self.now = now;
        self.wall = wall;
        self.effects.clear();
        self.facts.clear();
        self.touched.clear();
        self.spent = Duration::ZERO;
    }
}

/// The directory name of partition `index` of `topic`.
pub fn directory_of(topic: &str, index: PartitionIndex) -> String {
    format!("{topic}-{index}")
}

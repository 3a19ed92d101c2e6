//! All that can happen and be told: one typed value per domain event, made of ids and primitives.
//!
//! Facts are constructed by the state machines only (and by the cluster for faults and processes).
//! Everything that tells, judges or draws a run reads them: the story, the invariants, the trace
//! hash. The order of variants and fields is part of the trace hash of a version.

mod kinds;
mod partition;

pub use kinds::{ElectionKind, LeaveReason, ResetReason};
use serde::Serialize;
use strum::{EnumCount, EnumDiscriminants, EnumIter, IntoStaticStr};

use crate::ids::{
    BrokerEpoch, BrokerId, ControllerEpoch, Generation, LeaderEpoch, Name, Offset, PartitionEpoch,
    ProducerEpoch, ProducerId, TopicPartition,
};
use crate::protocol::ErrorCode;
use crate::sim::Duration;

/// One domain event. The node that tells it is recorded beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, EnumDiscriminants, EnumCount, IntoStaticStr)]
#[serde(tag = "fact", rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
#[strum_discriminants(name(FactKind))]
#[strum_discriminants(derive(
    PartialOrd,
    Ord,
    Hash,
    EnumIter,
    EnumCount,
    IntoStaticStr,
    Serialize
))]
#[strum_discriminants(strum(serialize_all = "kebab-case"))]
#[strum_discriminants(serde(rename_all = "kebab-case"))]
#[strum_discriminants(doc = "What a fact is about, without its fields.")]
pub enum Fact {
    // ---- steps, faults and processes (told by the cluster) ----
    /// A step of the scenario or a live command was carried out.
    Command {
        /// The command as it can be typed.
        line: Name,
    },
    /// A command could not be carried out.
    CommandRefused {
        /// The command as it can be typed.
        line: Name,
        /// Why not.
        problem: Name,
    },
    /// A process began to start.
    ProcessStarted {
        /// How often it has started, from 1.
        incarnation: u32,
    },
    /// A process died without a word (`kill -9`); its page cache survives.
    ProcessKilled {
        /// Connections that its operating system reset.
        connections: u32,
    },
    /// A process ended by itself.
    ProcessExited {
        /// Its exit status.
        status: i32,
    },
    /// The machine lost power.
    PowerLost {
        /// Bytes that had not reached the medium.
        lost_bytes: u64,
    },
    /// A disk was replaced by an empty one.
    DiskWiped,
    /// A process was stopped in the middle of everything (`SIGSTOP`).
    ProcessPaused,
    /// A stopped process goes on (`SIGCONT`).
    ProcessResumed,
    /// Nothing gets from one node to another any more.
    LinkCut {
        /// The sending node.
        from: Name,
        /// The receiving node.
        to: Name,
    },
    /// What was held back gets through again.
    LinkHealed {
        /// The sending node.
        from: Name,
        /// The receiving node.
        to: Name,
    },
    /// Everything from one node to another takes longer.
    LinkDelayed {
        /// The sending node.
        from: Name,
        /// The receiving node.
        to: Name,
        /// How much longer; zero when it is over.
        by: Duration,
    },
    /// A machine's disk or CPU takes this many times as long.
    SlowedDown {
        /// `disk` or `cpu`.
        what: Name,
        /// 1 when it is over.
        factor: u32,
    },
    /// A connection ended with messages in flight.
    ConnectionReset {
        /// The other end.
        peer: Name,
    },
    /// A connection could be opened.
    ConnectionOpened {
        /// The other end.
        peer: Name,
    },
    /// Nobody listens where a connection was tried.
    ConnectionRefused {
        /// The other end.
        peer: Name,
    },
    /// A request was not answered within its timeout; its connection is closed.
    RequestTimedOut {
        /// The broker or controller that was asked.
        peer: BrokerId,
        /// The request's kind.
        api: Name,
        /// How long was waited.
        after: Duration,
    },

    // ---- log ----
    /// A log was opened.
    LogLoaded {
        /// The partition.
        tp: TopicPartition,
        /// Its first offset.
        log_start_offset: Offset,
        /// The offset its next record gets.
        log_end_offset: Offset,
        /// True when the last process closed it properly, so that nothing had to be checked.
        clean: bool,
        /// Bytes cut off because they were no whole, valid batch.
        truncated_bytes: u64,
    },
    /// A batch was appended.
    BatchAppended {
        /// The partition.
        tp: TopicPartition,
        /// The batch's first offset.
        base_offset: Offset,
        /// The offset after its last record.
        next_offset: Offset,
        /// The epoch of the leader that appended it first.
        leader_epoch: LeaderEpoch,
        /// True on the leader, false on a follower.
        as_leader: bool,
    },
    /// Records were cut off the end of a log.
    LogTruncated {
        /// The partition.
        tp: TopicPartition,
        /// The log end offset before.
        from: Offset,
        /// The log end offset now.
        to: Offset,
    },
    /// A new segment became the active one.
    SegmentRolled {
        /// The partition.
        tp: TopicPartition,
        /// The new segment's first offset.
        base_offset: Offset,
    },
    /// Segments were deleted by retention, or records by request.
    LogStartMoved {
        /// The partition.
        tp: TopicPartition,
        /// The log start offset before.
        from: Offset,
        /// The log start offset now.
        to: Offset,
    },

    // ---- replication ----
    /// A broker began to lead a partition.
    BecameLeader {
        /// The partition.
        tp: TopicPartition,
        /// The new leader epoch.
        leader_epoch: LeaderEpoch,
        /// Where its log ended.
        log_end_offset: Offset,
    },
    /// A broker began to follow.
    BecameFollower {
        /// The partition.
        tp: TopicPartition,
        /// Whom it follows, if anybody.
        leader: Option<BrokerId>,
        /// The leader epoch.
        leader_epoch: LeaderEpoch,
    },
    /// A follower asked its leader for what comes next; by that it acknowledges what came before.
    FollowerFetched {
        /// The partition.
        tp: TopicPartition,
        /// The follower.
        follower: BrokerId,
        /// Its log end offset.
        log_end_offset: Offset,
    },
    /// Records became committed: every replica in the ISR has them.
    HighWatermarkAdvanced {
        /// The partition.
        tp: TopicPartition,
        /// The high watermark before.
        from: Offset,
        /// The high watermark now.
        to: Offset,
        /// True on the leader; a follower learns it one fetch later.
        as_leader: bool,
    },
    /// A leader asked the controller to take replicas out of the ISR.
    IsrShrinkProposed {
        /// The partition.
        tp: TopicPartition,
        /// Those that fell behind.
        out: Vec<BrokerId>,
        /// The ISR asked for.
        isr: Vec<BrokerId>,
    },
    /// A leader asked the controller to take a replica into the ISR.
    IsrExpandProposed {
        /// The partition.
        tp: TopicPartition,
        /// The one that has caught up.
        joining: BrokerId,
        /// The ISR asked for.
        isr: Vec<BrokerId>,
    },
    /// A leader learned that its proposal was accepted.
    IsrUpdated {
        /// The partition.
        tp: TopicPartition,
        /// The ISR in force.
        isr: Vec<BrokerId>,
        /// The partition epoch it came with.
        partition_epoch: PartitionEpoch,
    },
    /// A leader's proposal was refused.
    IsrChangeRefused {
        /// The partition.
        tp: TopicPartition,
        /// What the controller answered.
        error: ErrorCode,
    },
    /// A leader did not take a batch.
    ProduceRefused {
        /// The partition.
        tp: TopicPartition,
        /// What the producer is answered.
        error: ErrorCode,
    },
    /// A request of a replica or a consumer was refused.
    FetchRefused {
        /// The partition.
        tp: TopicPartition,
        /// The follower, or none for a consumer.
        replica: Option<BrokerId>,
        /// The offset asked for.
        offset: Offset,
        /// What it is answered.
        error: ErrorCode,
    },
    /// A leader found that a follower's log has another history than its own (KIP-320).
    DivergenceFound {
        /// The partition.
        tp: TopicPartition,
        /// The follower.
        follower: BrokerId,
        /// The last epoch they share.
        epoch: LeaderEpoch,
        /// Where that epoch ends in the leader's log.
        end_offset: Offset,
    },

    /// A leader answers acks=all: everything before `next_offset` is committed.
    ProduceCommitted {
        /// The partition.
        tp: TopicPartition,
        /// The offset after the last record that is answered for.
        next_offset: Offset,
    },
    /// A broker answered a consumer's fetch with records.
    RecordsServed {
        /// The partition.
        tp: TopicPartition,
        /// The offset of the first record that was sent.
        from: Offset,
        /// The offset after the last one.
        to: Offset,
    },
    /// A leader told a client where the log ends, as far as clients may see.
    LatestOffsetTold {
        /// The partition.
        tp: TopicPartition,
        /// The leader epoch.
        leader_epoch: LeaderEpoch,
        /// The high watermark, or the last stable offset.
        offset: Offset,
    },

    // ---- controller and metadata ----
    /// A controller became the active one.
    ControllerActivated {
        /// Its epoch.
        epoch: ControllerEpoch,
    },
    /// A broker registered with the controller.
    BrokerRegistered {
        /// The broker.
        broker: BrokerId,
        /// Its epoch from now on.
        broker_epoch: BrokerEpoch,
        /// False when its last process did not shut down cleanly.
        clean: bool,
    },
    /// A broker's registration was refused.
    RegistrationRefused {
        /// The broker.
        broker: BrokerId,
        /// What it is answered.
        error: ErrorCode,
    },
    /// A broker has caught up with the metadata log and may lead.
    BrokerUnfenced {
        /// The broker.
        broker: BrokerId,
    },
    /// A broker may not lead any more.
    BrokerFenced {
        /// The broker.
        broker: BrokerId,
        /// True when it sent no heartbeat for `broker.session.timeout.ms`, false when it asked for
        /// it or shut down.
        expired: bool,
    },
    /// A broker asked to shut down; its leaderships move away first.
    ControlledShutdownStarted {
        /// The broker.
        broker: BrokerId,
    },
    /// The controller wrote a partition's new state.
    PartitionChanged {
        /// The partition.
        tp: TopicPartition,
        /// Its leader, if any.
        leader: Option<BrokerId>,
        /// The leader epoch.
        leader_epoch: LeaderEpoch,
        /// The partition epoch.
        partition_epoch: PartitionEpoch,
        /// The in-sync replicas.
        isr: Vec<BrokerId>,
        /// The eligible leader replicas (KIP-966).
        elr: Vec<BrokerId>,
        /// The last known eligible leader replicas (KIP-966).
        last_known_elr: Vec<BrokerId>,
        /// True while the leader was elected uncleanly and the ISR has not grown since.
        recovering: bool,
    },
    /// The controller chose a leader.
    LeaderElected {
        /// The partition.
        tp: TopicPartition,
        /// The leader before, if any.
        from: Option<BrokerId>,
        /// The new leader.
        to: BrokerId,
        /// The leader epoch from now on.
        leader_epoch: LeaderEpoch,
        /// By which rule.
        kind: ElectionKind,
    },
    /// No replica may lead a partition.
    PartitionOffline {
        /// The partition.
        tp: TopicPartition,
        /// The leader it lost.
        from: Option<BrokerId>,
        /// The leader epoch from now on.
        leader_epoch: LeaderEpoch,
    },
    /// A topic was created.
    TopicCreated {
        /// Its name.
        topic: Name,
        /// How many partitions it has.
        partitions: u32,
        /// How many replicas each has.
        replication_factor: u32,
    },
    /// A topic was deleted.
    TopicDeleted {
        /// Its name.
        topic: Name,
    },
    /// A topic has more partitions than before.
    PartitionsAdded {
        /// Its name.
        topic: Name,
        /// How many it has now.
        partitions: u32,
    },
    /// A dynamic configuration was set or deleted.
    ConfigChanged {
        /// `topic`, `broker` or `group`.
        resource: Name,
        /// Which one; empty for the cluster-wide default.
        name: Name,
        /// The configuration's name.
        key: Name,
        /// Its value; none when it was deleted.
        value: Option<Name>,
    },
    /// An administrator's request was refused.
    AdminRefused {
        /// The request's kind.
        api: Name,
        /// What it was about.
        subject: Name,
        /// What is answered.
        error: ErrorCode,
        /// Kafka's sentence.
        message: Name,
    },
    /// A broker applied the metadata log up to here.
    MetadataApplied {
        /// The last offset applied.
        offset: Offset,
        /// The controller epoch of that record.
        epoch: ControllerEpoch,
    },

    // ---- groups ----
    /// A broker loaded an offsets partition and coordinates its groups from now on.
    CoordinatorLoaded {
        /// The partition of `__consumer_offsets`.
        tp: TopicPartition,
        /// How many groups it found.
        groups: u32,
    },
    /// A broker coordinates the groups of an offsets partition no more.
    CoordinatorUnloaded {
        /// The partition of `__consumer_offsets`.
        tp: TopicPartition,
    },
    /// A member was taken into a group.
    MemberJoined {
        /// The group.
        group: Name,
        /// The member id.
        member: Name,
        /// `group.instance.id`, for a static member.
        instance: Option<Name>,
    },
    /// A member is out of its group.
    MemberRemoved {
        /// The group.
        group: Name,
        /// The member id.
        member: Name,
        /// Why.
        reason: LeaveReason,
    },
    /// A group changed its state.
    GroupStateChanged {
        /// The group.
        group: Name,
        /// The state before.
        from: Name,
        /// The state now.
        to: Name,
        /// The generation now.
        generation: Generation,
    },
    /// A rebalance began.
    RebalanceStarted {
        /// The group.
        group: Name,
        /// Kafka's words for the reason.
        reason: Name,
        /// The generation that ends.
        generation: Generation,
    },
    /// All members have joined: the group has a new generation.
    GenerationStarted {
        /// The group.
        group: Name,
        /// The new generation.
        generation: Generation,
        /// The member that computes the assignment.
        leader: Name,
        /// The assignor that all members know.
        assignor: Name,
        /// How many members there are.
        members: u32,
    },
    /// The leader's assignment arrived: every member learns its part.
    AssignmentStored {
        /// The group.
        group: Name,
        /// The generation.
        generation: Generation,
    },
    /// A coordinator took a commit, which is to be replicated now.
    CommitAccepted {
        /// The group.
        group: Name,
        /// The member that commits; empty for somebody who is none.
        member: Name,
        /// The generation that it claims to be in; none for somebody who is no member.
        generation: Option<Generation>,
        /// The partition.
        tp: TopicPartition,
        /// The next offset to read.
        offset: Offset,
    },
    /// A group's offset was committed and is safe.
    OffsetCommitted {
        /// The group.
        group: Name,
        /// The partition.
        tp: TopicPartition,
        /// The next offset to read.
        offset: Offset,
    },
    /// A group request was refused.
    GroupRefused {
        /// The group.
        group: Name,
        /// The member that asked.
        member: Name,
        /// The request's kind.
        api: Name,
        /// What is answered.
        error: ErrorCode,
    },
    /// A coordinator answered what a group has committed, to somebody who asked for stable offsets.
    OffsetFetched {
        /// The group.
        group: Name,
        /// The partition.
        tp: TopicPartition,
        /// The next offset to read; none where nothing is committed.
        offset: Option<Offset>,
    },
    /// A committed offset is too old: its coordinator is about to remove it.
    OffsetExpired {
        /// The group.
        group: Name,
        /// The partition.
        tp: TopicPartition,
    },

    // ---- producers ----
    /// The application handed a record to its producer.
    RecordSent {
        /// The partition it goes to.
        tp: TopicPartition,
        /// The application's running number of the record, from 0.
        number: u64,
    },
    /// A record is acknowledged.
    RecordAcked {
        /// The partition.
        tp: TopicPartition,
        /// The application's running number.
        number: u64,
        /// Its offset; none with acks=0.
        offset: Option<Offset>,
        /// How long the application waited.
        latency: Duration,
    },
    /// A record failed for good.
    RecordFailed {
        /// The partition.
        tp: TopicPartition,
        /// The application's running number.
        number: u64,
        /// What the application is told.
        error: ErrorCode,
    },
    /// A producer will send a batch again.
    BatchRetried {
        /// The partition.
        tp: TopicPartition,
        /// What went wrong.
        error: ErrorCode,
        /// How many records it holds.
        records: u32,
    },
    /// A producer got its id.
    ProducerIdAssigned {
        /// The id.
        producer_id: ProducerId,
        /// Its epoch.
        producer_epoch: ProducerEpoch,
    },
    /// A client learned another leader.
    MetadataUpdated {
        /// The partition.
        tp: TopicPartition,
        /// The leader it now knows, if any.
        leader: Option<BrokerId>,
        /// The leader epoch it now knows.
        leader_epoch: LeaderEpoch,
    },

    // ---- consumers ----
    /// A consumer found its group's coordinator.
    CoordinatorFound {
        /// The group.
        group: Name,
        /// The broker.
        broker: BrokerId,
    },
    /// A consumer does not know its group's coordinator any more.
    CoordinatorLost {
        /// The group.
        group: Name,
        /// The broker it was.
        broker: BrokerId,
        /// Why.
        cause: Name,
    },
    /// A consumer sent `JoinGroup`.
    JoinSent {
        /// The group.
        group: Name,
        /// Its words for the reason.
        reason: Name,
    },
    /// A consumer computed the assignment of its group.
    AssignmentComputed {
        /// The group.
        group: Name,
        /// The assignor.
        assignor: Name,
        /// For how many members.
        members: u32,
    },
    /// A consumer's callback: these partitions are its own now.
    PartitionsAssigned {
        /// The group.
        group: Name,
        /// The partitions that are new.
        partitions: Vec<TopicPartition>,
        /// The generation.
        generation: Generation,
    },
    /// A consumer's callback: it gives these partitions up.
    PartitionsRevoked {
        /// The group.
        group: Name,
        /// The partitions.
        partitions: Vec<TopicPartition>,
        /// The generation.
        generation: Generation,
    },
    /// A consumer's callback: these partitions were taken from it.
    PartitionsLost {
        /// The group.
        group: Name,
        /// The partitions.
        partitions: Vec<TopicPartition>,
    },
    /// The application was handed records.
    RecordsDelivered {
        /// The partition.
        tp: TopicPartition,
        /// The first offset.
        from: Offset,
        /// The offset after the last one.
        to: Offset,
        /// How many records (offsets have gaps).
        records: u32,
    },
    /// The application is done with records.
    RecordsProcessed {
        /// The partition.
        tp: TopicPartition,
        /// The offset after the last one.
        to: Offset,
    },
    /// A consumer set its position anew.
    PositionReset {
        /// The partition.
        tp: TopicPartition,
        /// The new position.
        to: Offset,
        /// Why.
        reason: ResetReason,
    },
    /// A consumer did not poll for `max.poll.interval.ms` and leaves its group.
    PollIntervalExceeded {
        /// The group.
        group: Name,
    },
    /// A consumer's commit failed.
    CommitFailed {
        /// The group.
        group: Name,
        /// What it was answered.
        error: ErrorCode,
    },
    /// A consumer threw an exception at its application.
    PollFailed {
        /// Java's simple name of the exception.
        exception: Name,
    },

    // ---- applications ----
    /// An application printed where its record is.
    OffsetPrinted {
        /// The partition.
        tp: TopicPartition,
        /// The application's running number of the record.
        number: u64,
        /// Its offset.
        offset: Offset,
    },
    /// One of the handlers that work beside each other is done with a record.
    RecordHandled {
        /// The partition.
        tp: TopicPartition,
        /// Its offset.
        offset: Offset,
    },
    /// A handler failed on a record.
    HandlerFailed {
        /// The partition.
        tp: TopicPartition,
        /// Its offset.
        offset: Offset,
        /// It is committed all the same.
        committed: bool,
    },
}

//! Ways to break the simulator on purpose: each invariant has one that makes it fire.
//!
//! They are consulted where the decision is made, by [`mutant!`], and exist in tests and under the
//! feature `mutants` only: else the question is `false` at compile time.

/// Asks whether the simulator is broken in this way. What is asked has a field `mutant`: the outbox
/// of a step, or a controller's configuration.
macro_rules! mutant {
    ($holder:expr, $mutant:ident) => {{
        #[cfg(any(test, feature = "mutants"))]
        let is_broken = $holder.mutant == Some($crate::feature::Mutant::$mutant);
        #[cfg(not(any(test, feature = "mutants")))]
        let is_broken = false;
        is_broken
    }};
}
pub(crate) use mutant;

/// One way to break the simulator.
#[cfg(any(test, feature = "mutants"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mutant {
    // ---- log ----
    /// A truncation keeps the leader epochs above it.
    TruncationKeepsEpochs,
    /// A truncation keeps the recovery point above it.
    TruncationKeepsRecoveryPoint,
    /// A new leader does not write down where its epoch begins.
    EpochNotAssigned,

    // ---- replication ----
    /// The high watermark does not wait for followers.
    HighWatermarkIgnoresFollowers,
    /// acks=all is answered before the records are committed.
    AckBeforeCommit,
    /// A follower's high watermark is the end of its log.
    FollowerHighWatermarkAtLogEnd,
    /// A leader does not look whether a follower's log is another one.
    DivergenceIgnored,
    /// A follower cuts its log at its high watermark.
    TruncationToHighWatermark,
    /// A follower joins the ISR however far behind it is.
    IsrJoinWhereverItIs,
    /// A leader takes its own proposal for the ISR before the controller has answered.
    IsrNaive,
    /// Consumers read to the end of the log.
    ConsumersReadUncommitted,
    /// A new leader says where its log ends before it knows its high watermark.
    LatestOffsetAtOnce,
    /// The high watermark is not looked at when the ISR shrinks.
    HighWatermarkIgnoresIsr,
    /// Followers do not fetch from a new leader.
    FollowersDoNotFetch,

    // ---- controller ----
    /// Any live replica is elected.
    ElectionIgnoresIsr,
    /// A fenced broker stays where it is in ISRs.
    FencedBrokerStaysInIsr,
    /// An ISR change is taken whatever state it was asked in.
    IsrChangeIgnoresEpochs,
    /// An ISR change is taken whichever incarnations of the brokers are meant.
    IsrChangeIgnoresBrokerEpochs,
    /// Whoever leaves the ISR does not become an eligible leader.
    ElrForgotten,
    /// Every shutdown counts as a clean one.
    ShutdownAlwaysClean,
    /// When a broker goes, nobody takes over.
    NobodyTakesOver,
    /// When a broker comes, what has no leader gets none.
    LeaderlessStaysSo,
    /// Brokers do not take in dynamic configurations.
    BrokerIgnoresConfigRecords,

    // ---- groups and offsets ----
    /// An assignor gives a partition to two members.
    AssignorGivesTwice,
    /// An assignor leaves a partition out.
    AssignorForgets,
    /// An assignor gives everything to one member.
    AssignorFavoursOne,
    /// A consumer that has to give up its partitions keeps them.
    ConsumerKeepsPartitions,
    /// A generation has the number of the one before.
    GenerationReused,
    /// A coordinator that loads its partition forgets the members of groups.
    MembersForgotten,
    /// A coordinator takes commits from whoever sends them.
    CommitsUnfenced,
    /// A coordinator keeps one less than the offset committed.
    CommitStoredWrong,
    /// Offsets of groups with members expire.
    ActiveOffsetsExpire,
    /// A consumer commits what it has not read.
    CommitsTooFar,
    /// A consumer starts anew whatever was committed.
    ResetsForNothing,
    /// Heartbeats do not count.
    HeartbeatsIgnored,

    // ---- clients ----
    /// A leader acknowledges what it did not append.
    AckWithoutAppend,
    /// A leader takes a batch twice.
    DuplicatesAppended,
    /// A consumer leaves out a record with every fetch.
    ConsumerSkips,
}

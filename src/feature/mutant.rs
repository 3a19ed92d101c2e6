//! Ways to break the simulator on purpose: what the invariants are for shows by what makes them fire.
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
    /// A follower joins the ISR however far behind it is.
    IsrJoinWhereverItIs,
    /// Consumers read to the end of the log.
    ConsumersReadUncommitted,
    /// The high watermark is not looked at when the ISR shrinks.
    HighWatermarkIgnoresIsr,

    // ---- controller ----
    /// A fenced broker stays where it is in ISRs.
    FencedBrokerStaysInIsr,
    /// Whoever leaves the ISR does not become an eligible leader.
    ElrForgotten,
    /// Every shutdown counts as a clean one.
    ShutdownAlwaysClean,
    /// When a broker goes, nobody takes over.
    NobodyTakesOver,

    // ---- groups and offsets ----
    /// An assignor gives a partition to two members.
    AssignorGivesTwice,
    /// A generation has the number of the one before.
    GenerationReused,
    /// A coordinator takes commits from whoever sends them.
    CommitsUnfenced,
    /// A coordinator keeps one less than the offset committed.
    CommitStoredWrong,
    /// A consumer commits what it has not read.
    CommitsTooFar,
    /// An assignor forgets a partition.
    AssignorForgetsOne,
    /// An assignor gives everything to one member.
    AssignorHasAFavourite,
    /// An assignor gives every member what is another's.
    AssignorShuffles,
    /// A member leaves out a partition that it is assigned.
    PartNotTaken,
    /// A coordinator that loads a group forgets one of its members.
    MemberForgotten,
    /// A coordinator does not wait until what it writes is committed.
    WritesNotAwaited,
    /// A coordinator asks the members of a stable group to join again.
    StableGroupsRebalance,
    /// Sessions end after a tenth of their time.
    SessionsTooShort,
    /// Offsets expire whoever uses them.
    OffsetsExpireInUse,

    // ---- clients ----
    /// A leader acknowledges what it did not append.
    AckWithoutAppend,
    /// A leader takes a batch twice.
    DuplicatesAppended,
    /// A consumer drops records on the way to its application.
    RecordsDropped,
    /// A consumer does not go where its group has committed.
    CommittedOffsetsIgnored,
    /// A client keeps to the first leader that it knows.
    LeadersNeverLearned,
}

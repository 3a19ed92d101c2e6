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
    /// A leader leaves out offsets.
    OffsetsSkipped,
    /// Every other batch is of an older epoch than the one before it.
    EpochsMixed,
    /// A truncation leaves the high watermark where it is.
    TruncationKeepsHighWatermark,
    /// A byte of what a follower copied is another one.
    BytesDamaged,
    /// An index says that the end of the log is where its last batch is.
    IndexPointsAstray,
    /// A segment takes one append only.
    SegmentsRolledAlways,

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
    /// A leader's high watermark sinks when its ISR changes.
    HighWatermarkSinks,
    /// A leader that is told of another one goes on leading.
    OldLeaderStays,
    /// A new leader works in the epoch before its own.
    EpochBehind,
    /// A leader takes a change of the ISR for granted before it asks.
    IsrShrunkUnasked,
    /// No follower joins the ISR.
    IsrNeverGrows,
    /// A follower cuts its log at its high watermark before it copies.
    FollowerTruncatesToHighWatermark,
    /// Every other second clients are told half of the latest offset.
    LatestOffsetSinks,

    // ---- controller ----
    /// A fenced broker stays where it is in ISRs.
    FencedBrokerStaysInIsr,
    /// Whoever leaves the ISR does not become an eligible leader.
    ElrForgotten,
    /// Every shutdown counts as a clean one.
    ShutdownAlwaysClean,
    /// When a broker goes, nobody takes over.
    NobodyTakesOver,
    /// When a broker comes back, it does not take over what nobody leads.
    NobodyComesBack,
    /// Anybody is elected, and it is called clean.
    UncleanElectionHidden,
    /// A new controller works in the epoch of the one before.
    ControllerEpochReused,
    /// A broker that registers again gets a lower epoch.
    BrokerEpochSinks,
    /// An ISR change is taken whatever state it was asked in.
    IsrChangeUnchecked,
    /// A broker is unfenced once only.
    FencedForGood,
    /// A broker forgets who is fenced.
    BrokerForgetsFencing,
    /// A broker believes that it has applied more metadata than there is.
    MetadataAppliedTooFar,
    /// Replicas are moved at once, before the new ones have anything.
    MovedAtOnce,
    /// Replicas are placed as if there were no racks.
    RacksIgnored,

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
    /// An application is told an outcome twice.
    OutcomeToldTwice,
    /// An application is not told some outcomes.
    OutcomeForgotten,
    /// A producer sends the newest batch first.
    NewestBatchFirst,
    /// A consumer leaves out records.
    ConsumerSkips,
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

//! The story of a run: of all facts those that people want to read, one line each, with what belongs
//! together in one line.
//!
//! A line is data without language: a [`Narrator`](super::Narrator) says it in English or Chinese when
//! it is shown. Lines are only ever added. What happens again and again, and what turns out to belong
//! to a line that is already there, comes as a newer version of that line
//! ([`StoryLine::amends`]); so a run that is taken back and replayed has the same story.

mod builder;
mod folds;
mod importance;
mod partitions;
mod told;
mod words;

#[cfg(test)]
mod tests;

pub use builder::StoryBuilder;
pub(super) use folds::COUNTED;
pub use importance::{Importance, importance, is_story};
pub(super) use partitions::Way;
pub(super) use partitions::same;
pub use partitions::{PartitionState, PartitionStep};
use smallvec::SmallVec;
pub use told::{Shown, Story};
pub(super) use words::WordsKind;
pub use words::{LinkChange, Words};

use crate::fact::{Fact, FactKind};
use crate::sim::{Instant, NodeId};

/// Who speaks: the second column of the story.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    strum::EnumIter,
    strum::IntoStaticStr,
)]
#[strum(serialize_all = "kebab-case")]
pub enum Channel {
    /// The scenario, or whoever sits at the keyboard.
    You,
    /// Links and connections.
    Network,
    /// The controller: it decides.
    Control,
    /// A group, in the words of its coordinator.
    Group,
    /// Files.
    Disk,
    /// The node that told it: a broker, a producer, a consumer.
    Node,
}

impl Channel {
    /// Who tells of such facts.
    pub fn of(fact: &Fact) -> Self {
        use FactKind as K;
        match fact.kind() {
            K::Command | K::CommandRefused => Self::You,
            K::LinkCut
            | K::LinkHealed
            | K::LinkDelayed
            | K::ConnectionReset
            | K::ConnectionOpened
            | K::ConnectionRefused
            | K::RequestTimedOut => Self::Network,
            K::LogLoaded | K::SegmentRolled | K::LogStartMoved => Self::Disk,
            K::ControllerActivated
            | K::BrokerRegistered
            | K::RegistrationRefused
            | K::BrokerUnfenced
            | K::BrokerFenced
            | K::ControlledShutdownStarted
            | K::PartitionChanged
            | K::LeaderElected
            | K::PartitionOffline
            | K::TopicCreated
            | K::TopicDeleted
            | K::PartitionsAdded
            | K::ConfigChanged => Self::Control,
            K::CoordinatorLoaded
            | K::CoordinatorUnloaded
            | K::MemberJoined
            | K::MemberRemoved
            | K::GroupStateChanged
            | K::RebalanceStarted
            | K::GenerationStarted
            | K::AssignmentStored
            | K::CommitAccepted
            | K::OffsetCommitted
            | K::OffsetFetched
            | K::OffsetExpired
            | K::GroupRefused => Self::Group,
            K::ProcessStarted
            | K::ProcessKilled
            | K::ProcessExited
            | K::PowerLost
            | K::DiskWiped
            | K::ProcessPaused
            | K::ProcessResumed
            | K::SlowedDown
            | K::BatchAppended
            | K::LogTruncated
            | K::BecameLeader
            | K::BecameFollower
            | K::FollowerFetched
            | K::HighWatermarkAdvanced
            | K::IsrShrinkProposed
            | K::IsrExpandProposed
            | K::IsrUpdated
            | K::IsrChangeRefused
            | K::ProduceRefused
            | K::FetchRefused
            | K::DivergenceFound
            | K::ProduceCommitted
            | K::RecordsServed
            | K::LatestOffsetTold
            // Told by the controller, and once more by the client that asked.
            | K::AdminRefused
            | K::MetadataApplied
            | K::RecordSent
            | K::RecordAcked
            | K::RecordFailed
            | K::OffsetPrinted
            | K::RecordHandled
            | K::HandlerFailed
            | K::BatchRetried
            | K::ProducerIdAssigned
            | K::MetadataUpdated
            | K::CoordinatorFound
            | K::CoordinatorLost
            | K::JoinSent
            | K::AssignmentComputed
            | K::PartitionsAssigned
            | K::PartitionsRevoked
            | K::PartitionsLost
            | K::RecordsDelivered
            | K::RecordsProcessed
            | K::PositionReset
            | K::PollIntervalExceeded
            | K::CommitFailed
            | K::PollFailed => Self::Node,
        }
    }
}

/// One line of the story, without its language.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct StoryLine {
    /// Its number, from 0; newer versions of a line have numbers of their own.
    pub number: u32,
    /// When it happened.
    pub at: Instant,
    /// The event in which it happened.
    pub event: u32,
    /// Who told it.
    pub node: NodeId,
    /// Who speaks.
    pub channel: Channel,
    /// How much it matters.
    pub importance: Importance,
    /// What it says.
    pub words: Words,
    /// The facts it was made of: their places among the facts of its event.
    pub facts: SmallVec<[u16; 2]>,
    /// The number of the line that this is a newer version of. It takes that line's place, and that
    /// line keeps its time.
    pub amends: Option<u32>,
}

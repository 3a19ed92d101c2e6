//! Which facts are told in the story, and how loudly.

use crate::fact::{ElectionKind, Fact, LeaveReason};
use crate::metadata::topic_name::is_kafkas_own;
use crate::protocol::ErrorCode;

/// How much a line of the story matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, strum::EnumIter)]
pub enum Importance {
    /// For who wants to know everything: the echo of what others decided.
    Aside,
    /// A step of the story.
    Note,
    /// A turn of the story: what is done to the cluster, who dies, who leads, what is lost.
    Turn,
}

/// How much `fact` matters. None for what happens all the time: that is for charts and checks.
pub fn importance(fact: &Fact) -> Option<Importance> {
    use Importance::{Aside, Note, Turn};
    Some(match fact {
        Fact::Command { .. }
        | Fact::CommandRefused { .. }
        | Fact::ProcessKilled { .. }
        | Fact::PowerLost { .. }
        | Fact::DiskWiped
        | Fact::ProcessPaused
        | Fact::ProcessResumed
        | Fact::LinkCut { .. }
        | Fact::LinkHealed { .. }
        | Fact::LinkDelayed { .. }
        | Fact::SlowedDown { .. }
        | Fact::LogTruncated { .. }
        | Fact::ControllerActivated { .. }
        | Fact::BrokerFenced { .. }
        | Fact::ControlledShutdownStarted { .. }
        | Fact::PartitionOffline { .. }
        | Fact::RecordFailed { .. }
        | Fact::PartitionsLost { .. }
        | Fact::PollIntervalExceeded { .. }
        | Fact::PollFailed { .. } => Turn,

        Fact::LeaderElected { kind, .. } => note_if(*kind == ElectionKind::New),
        Fact::MemberRemoved { reason, .. } => note_if(*reason == LeaveReason::Left),
        Fact::LogLoaded { truncated_bytes, clean, log_end_offset, .. } => {
            if *truncated_bytes > 0 {
                Turn
            } else if !clean && log_end_offset.0 > 0 {
                Note
            } else {
                Aside
            }
        }
        Fact::AdminRefused { subject, error: ErrorCode::TopicAlreadyExists, .. }
            if is_kafkas_own(subject) =>
        {
            Aside
        }
        Fact::CoordinatorLoaded { groups, .. } => {
            if *groups > 0 {
                Note
            } else {
                Aside
            }
        }

        Fact::ProcessStarted { .. }
        | Fact::ProcessExited { .. }
        | Fact::ConnectionReset { .. }
        | Fact::ConnectionRefused { .. }
        | Fact::RequestTimedOut { .. }
        | Fact::LogStartMoved { .. }
        | Fact::IsrShrinkProposed { .. }
        | Fact::IsrExpandProposed { .. }
        | Fact::IsrChangeRefused { .. }
        | Fact::ProduceRefused { .. }
        | Fact::DivergenceFound { .. }
        | Fact::BrokerRegistered { .. }
        | Fact::RegistrationRefused { .. }
        | Fact::BrokerUnfenced { .. }
        | Fact::PartitionChanged { .. }
        | Fact::TopicCreated { .. }
        | Fact::TopicDeleted { .. }
        | Fact::PartitionsAdded { .. }
        | Fact::ConfigChanged { .. }
        | Fact::AdminRefused { .. }
        | Fact::MemberJoined { .. }
        | Fact::GroupStateChanged { .. }
        | Fact::RebalanceStarted { .. }
        | Fact::GenerationStarted { .. }
        | Fact::GroupRefused { .. }
        | Fact::OffsetExpired { .. }
        | Fact::BatchRetried { .. }
        | Fact::ProducerIdAssigned { .. }
        | Fact::MetadataUpdated { .. }
        | Fact::CoordinatorLost { .. }
        | Fact::PartitionsAssigned { .. }
        | Fact::PartitionsRevoked { .. }
        | Fact::PositionReset { .. }
        | Fact::OffsetFetched { offset: Some(_), .. }
        | Fact::CommitFailed { .. }
        | Fact::OffsetPrinted { .. }
        | Fact::HandlerFailed { .. } => Note,

        Fact::SegmentRolled { .. }
        | Fact::BecameLeader { .. }
        | Fact::BecameFollower { .. }
        | Fact::IsrUpdated { .. }
        | Fact::FetchRefused { .. }
        | Fact::CoordinatorUnloaded { .. }
        | Fact::CoordinatorFound { .. }
        | Fact::JoinSent { .. }
        | Fact::AssignmentStored { .. }
        | Fact::AssignmentComputed { .. } => Aside,

        Fact::ConnectionOpened { .. }
        | Fact::BatchAppended { .. }
        | Fact::FollowerFetched { .. }
        | Fact::HighWatermarkAdvanced { .. }
        | Fact::ProduceCommitted { .. }
        | Fact::RecordsServed { .. }
        | Fact::LatestOffsetTold { .. }
        | Fact::MetadataApplied { .. }
        | Fact::CommitAccepted { .. }
        | Fact::OffsetCommitted { .. }
        | Fact::OffsetFetched { .. }
        | Fact::RecordSent { .. }
        | Fact::RecordAcked { .. }
        | Fact::RecordsDelivered { .. }
        | Fact::RecordsProcessed { .. }
        | Fact::RecordHandled { .. } => return None,
    })
}

/// A turn of the story, but for what is as usual.
const fn note_if(usual: bool) -> Importance {
    if usual { Importance::Note } else { Importance::Turn }
}

/// True for facts that the story tells.
pub fn is_story(fact: &Fact) -> bool {
    importance(fact).is_some()
}

//! What a fact is about.

use super::{Fact, FactKind};
use crate::ids::{Name, TopicPartition};

impl Fact {
    /// What it is about.
    pub fn kind(&self) -> FactKind {
        FactKind::from(self)
    }

    /// The partition it is about, if it is about one.
    pub fn partition(&self) -> Option<&TopicPartition> {
        match self {
            Self::LogLoaded { tp, .. }
            | Self::BatchAppended { tp, .. }
            | Self::LogTruncated { tp, .. }
            | Self::SegmentRolled { tp, .. }
            | Self::LogStartMoved { tp, .. }
            | Self::BecameLeader { tp, .. }
            | Self::BecameFollower { tp, .. }
            | Self::FollowerFetched { tp, .. }
            | Self::HighWatermarkAdvanced { tp, .. }
            | Self::IsrShrinkProposed { tp, .. }
            | Self::IsrExpandProposed { tp, .. }
            | Self::IsrUpdated { tp, .. }
            | Self::IsrChangeRefused { tp, .. }
            | Self::ProduceRefused { tp, .. }
            | Self::FetchRefused { tp, .. }
            | Self::DivergenceFound { tp, .. }
            | Self::ProduceCommitted { tp, .. }
            | Self::RecordsServed { tp, .. }
            | Self::LatestOffsetTold { tp, .. }
            | Self::PartitionChanged { tp, .. }
            | Self::LeaderElected { tp, .. }
            | Self::PartitionOffline { tp, .. }
            | Self::CommitAccepted { tp, .. }
            | Self::OffsetCommitted { tp, .. }
            | Self::OffsetFetched { tp, .. }
            | Self::OffsetExpired { tp, .. }
            | Self::RecordSent { tp, .. }
            | Self::RecordAcked { tp, .. }
            | Self::RecordFailed { tp, .. }
            | Self::BatchRetried { tp, .. }
            | Self::MetadataUpdated { tp, .. }
            | Self::RecordsDelivered { tp, .. }
            | Self::RecordsProcessed { tp, .. }
            | Self::PositionReset { tp, .. }
            | Self::OffsetPrinted { tp, .. }
            | Self::RecordHandled { tp, .. }
            | Self::HandlerFailed { tp, .. } => Some(tp),
            _ => None,
        }
    }

    /// The group it is about, if it is about one.
    pub fn group(&self) -> Option<&Name> {
        match self {
            Self::MemberJoined { group, .. }
            | Self::MemberRemoved { group, .. }
            | Self::GroupStateChanged { group, .. }
            | Self::RebalanceStarted { group, .. }
            | Self::GenerationStarted { group, .. }
            | Self::AssignmentStored { group, .. }
            | Self::CommitAccepted { group, .. }
            | Self::OffsetCommitted { group, .. }
            | Self::GroupRefused { group, .. }
            | Self::OffsetFetched { group, .. }
            | Self::OffsetExpired { group, .. }
            | Self::CoordinatorFound { group, .. }
            | Self::CoordinatorLost { group, .. }
            | Self::JoinSent { group, .. }
            | Self::AssignmentComputed { group, .. }
            | Self::PartitionsAssigned { group, .. }
            | Self::PartitionsRevoked { group, .. }
            | Self::PartitionsLost { group, .. }
            | Self::PollIntervalExceeded { group }
            | Self::CommitFailed { group, .. } => Some(group),
            _ => None,
        }
    }
}

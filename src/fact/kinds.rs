//! The words by which facts say how and why.

use serde::Serialize;
use strum::IntoStaticStr;

/// How a leader was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum ElectionKind {
    /// The first leader of a new partition.
    New,
    /// From the ISR.
    Isr,
    /// From the eligible leader replicas (KIP-966).
    Elr,
    /// The last known leader came back after an unclean shutdown (KIP-966).
    LastKnownLeader,
    /// The preferred replica, by command or by the balancer.
    Preferred,
    /// From outside ISR and ELR: records may be lost.
    Unclean,
}

impl ElectionKind {
    /// True if records may be lost: the leader is none of ISR and ELR, as Kafka counts in
    /// `UncleanLeaderElectionsPerSec`.
    pub const fn is_unclean(self) -> bool {
        matches!(self, Self::LastKnownLeader | Self::Unclean)
    }
}

/// Why a member is no longer in its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum LeaveReason {
    /// It sent `LeaveGroup`.
    Left,
    /// No heartbeat for `session.timeout.ms`.
    SessionTimeout,
    /// It did not rejoin within the rebalance timeout.
    RebalanceTimeout,
    /// It did not send `SyncGroup` within the rebalance timeout.
    SyncTimeout,
    /// It was handed a member id and did not join with it in time (KIP-394).
    NeverJoined,
    /// Another member took its `group.instance.id` (KIP-345).
    Replaced,
    /// An administrator removed it.
    Removed,
    /// The group has `group.max.size` members without it.
    GroupFull,
}

/// Why a consumer set its position anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum ResetReason {
    /// The group has no committed offset for the partition.
    NoCommittedOffset,
    /// The position lies outside the leader's log.
    OutOfRange,
    /// The leader's log has another history below the position (KIP-320).
    Diverged,
    /// The application asked for it.
    Seek,
}

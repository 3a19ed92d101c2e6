//! By which rule something was decided.

use crate::explain::Words;
use crate::explain::story::Way;
use crate::fact::{ElectionKind, Fact, LeaveReason};
use crate::protocol::ErrorCode;

/// The id of the rule card for what a line says.
pub fn rule_of(words: &Words) -> Option<&'static str> {
    match words {
        Words::Fact { fact } | Words::Repeated { fact, .. } => rule_of_fact(fact),
        Words::Partition { step } => {
            if let Some(kind) = step.election {
                Some(rule_of_election(kind))
            } else if step.went_offline() {
                Some("elect-leader")
            } else if let Some(rule) = rule_of_way(step.way) {
                Some(rule)
            } else if step.before.as_ref().is_some_and(|before| before.elr != step.after.elr) {
                Some("elr")
            } else {
                Some("alter-partition")
            }
        }
        Words::MorePartitions { new_leaders: 0, offline: 0, way, .. } => {
            rule_of_way(*way).or(Some("alter-partition"))
        }
        Words::MorePartitions { .. } => Some("elect-leader"),
        Words::Refusing { .. } => Some("reconnect"),
        Words::LogsOpened { .. } => Some("log-recovery"),
        Words::Leading { .. } => Some("become-leader"),
        Words::Coordinating { .. } => Some("coordinator"),
        Words::Starting { .. } | Words::Ended { .. } | Words::Links { .. } | Words::More { .. } => {
            None
        }
    }
}

/// The id of the rule card of the decision that a fact tells of.
pub fn rule_of_fact(fact: &Fact) -> Option<&'static str> {
    Some(match fact {
        Fact::BrokerFenced { expired: true, .. } => "fence-broker",
        Fact::BrokerFenced { .. } | Fact::ControlledShutdownStarted { .. } => "controlled-shutdown",
        Fact::BrokerUnfenced { .. } => "unfence-broker",
        Fact::BrokerRegistered { .. } | Fact::RegistrationRefused { .. } => "register-broker",
        Fact::ControllerActivated { .. } => "activate-controller",
        Fact::LeaderElected { kind, .. } => rule_of_election(*kind),
        Fact::PartitionOffline { .. } => "elect-leader",
        Fact::TopicDeleted { .. } => "topic-deletion",
        Fact::ConfigChanged { .. } | Fact::MetadataApplied { .. } => "apply-metadata",
        Fact::TopicCreated { .. } | Fact::PartitionsAdded { .. } => "placement",
        Fact::PartitionChanged { .. } | Fact::IsrUpdated { .. } | Fact::IsrChangeRefused { .. } => {
            "alter-partition"
        }
        Fact::IsrShrinkProposed { .. } => "isr-shrink",
        Fact::IsrExpandProposed { .. } => "isr-expand",
        Fact::HighWatermarkAdvanced { .. }
        | Fact::FollowerFetched { .. }
        | Fact::RecordsServed { .. } => "high-watermark",
        Fact::LatestOffsetTold { .. } => "list-offsets",
        Fact::BecameLeader { .. } | Fact::BecameFollower { .. } => "become-leader",
        Fact::LogTruncated { .. } | Fact::DivergenceFound { .. } => "truncation",
        Fact::FetchRefused { .. } => "fetch-fencing",
        Fact::LogLoaded { .. } => "log-recovery",
        Fact::BatchAppended { .. } => "append",
        Fact::SegmentRolled { .. } => "segment-roll",
        Fact::LogStartMoved { .. } => "retention",
        Fact::ProduceRefused { error, .. } => match error {
            ErrorCode::NotEnoughReplicas | ErrorCode::NotEnoughReplicasAfterAppend => {
                "min-insync-replicas"
            }
            ErrorCode::OutOfOrderSequenceNumber
            | ErrorCode::DuplicateSequenceNumber
            | ErrorCode::InvalidProducerEpoch
            | ErrorCode::UnknownProducerId => "idempotence",
            _ => "fetch-fencing",
        },
        Fact::RecordSent { .. } => "partitioner",
        Fact::ProduceCommitted { .. } | Fact::RecordAcked { .. } | Fact::OffsetPrinted { .. } => {
            "acks"
        }
        Fact::RecordFailed { .. } => "delivery-timeout",
        Fact::BatchRetried { .. } => "retry",
        Fact::ProducerIdAssigned { .. } => "idempotence",
        Fact::MetadataUpdated { .. } => "metadata-refresh",
        Fact::ConnectionRefused { .. } => "reconnect",
        Fact::RequestTimedOut { .. } => "request-timeout",
        Fact::CoordinatorLoaded { .. }
        | Fact::CoordinatorUnloaded { .. }
        | Fact::CoordinatorFound { .. }
        | Fact::CoordinatorLost { .. } => "coordinator",
        Fact::MemberJoined { .. } | Fact::JoinSent { .. } | Fact::RebalanceStarted { .. } => {
            "join-group"
        }
        Fact::GenerationStarted { .. } => "join-phase",
        Fact::MemberRemoved { reason, .. } => match reason {
            LeaveReason::SessionTimeout => "session-expiry",
            LeaveReason::RebalanceTimeout | LeaveReason::SyncTimeout => "join-phase",
            LeaveReason::NeverJoined | LeaveReason::GroupFull => "join-group",
            LeaveReason::Replaced => "static-member",
            LeaveReason::Left | LeaveReason::Removed => "leave-group",
        },
        Fact::AssignmentComputed { assignor, .. } => match &**assignor {
            "roundrobin" => "assignor-roundrobin",
            "sticky" => "assignor-sticky",
            "cooperative-sticky" => "assignor-cooperative-sticky",
            _ => "assignor-range",
        },
        Fact::AssignmentStored { .. }
        | Fact::PartitionsAssigned { .. }
        | Fact::PartitionsRevoked { .. }
        | Fact::PartitionsLost { .. } => "rebalance",
        Fact::OffsetCommitted { .. } | Fact::HandlerFailed { .. } => "auto-commit",
        Fact::CommitAccepted { .. } | Fact::CommitFailed { .. } | Fact::GroupRefused { .. } => {
            "commit-fencing"
        }
        Fact::OffsetFetched { .. } | Fact::PositionReset { .. } => "offset-reset",
        Fact::OffsetExpired { .. } => "offset-expiry",
        Fact::GroupStateChanged { .. } => "group-state",
        Fact::RecordsDelivered { .. } | Fact::PollFailed { .. } => "poll",
        Fact::PollIntervalExceeded { .. } => "poll-interval",
        Fact::Command { .. }
        | Fact::CommandRefused { .. }
        | Fact::ProcessStarted { .. }
        | Fact::ProcessKilled { .. }
        | Fact::ProcessExited { .. }
        | Fact::PowerLost { .. }
        | Fact::DiskWiped
        | Fact::ProcessPaused
        | Fact::ProcessResumed
        | Fact::LinkCut { .. }
        | Fact::LinkHealed { .. }
        | Fact::LinkDelayed { .. }
        | Fact::SlowedDown { .. }
        | Fact::ConnectionReset { .. }
        | Fact::ConnectionOpened { .. }
        | Fact::AdminRefused { .. }
        | Fact::RecordsProcessed { .. }
        | Fact::RecordHandled { .. } => return None,
    })
}

/// The rule by which a broker left the ISR, unless the partition's leader asked for it.
fn rule_of_way(way: Way) -> Option<&'static str> {
    match way {
        Way::Asked => None,
        Way::Fenced => Some("fence-broker"),
        Way::ShutDown => Some("controlled-shutdown"),
        Way::Registered => Some("register-broker"),
    }
}

fn rule_of_election(kind: ElectionKind) -> &'static str {
    match kind {
        ElectionKind::New => "placement",
        ElectionKind::Isr => "elect-leader",
        ElectionKind::Elr => "elect-from-elr",
        ElectionKind::LastKnownLeader => "elect-last-known-leader",
        ElectionKind::Preferred => "preferred-leader",
        ElectionKind::Unclean => "unclean-election",
    }
}

//! One fact of every kind and shape, with typical values, for tests.

use crate::fact::{ElectionKind, Fact, LeaveReason, ResetReason};
use crate::ids::{
    BrokerEpoch, BrokerId, ControllerEpoch, Generation, LeaderEpoch, Name, Offset, PartitionEpoch,
    ProducerEpoch, ProducerId, TopicPartition,
};
use crate::protocol::ErrorCode;
use crate::sim::Duration;

/// A member id as coordinators make them.
pub(in crate::explain) const C1: &str = "c1-1b2c3d4e-5f60-7182-93a4-b5c6d7e8f901";

/// The partition that samples are about.
pub(in crate::explain) fn kq(partition: i32) -> TopicPartition {
    TopicPartition::new("kq", partition)
}

fn name(text: &str) -> Name {
    text.into()
}

fn brokers(ids: &[i32]) -> Vec<BrokerId> {
    ids.iter().map(|id| BrokerId(*id)).collect()
}

/// Every kind of fact, in every form that has words of its own.
pub(in crate::explain) fn facts() -> Vec<Fact> {
    let mut facts = cluster();
    facts.extend(log());
    facts.extend(replication());
    facts.extend(controller());
    facts.extend(groups());
    facts.extend(clients());
    facts
}

fn cluster() -> Vec<Fact> {
    let (from, to) = (name("broker-1"), name("broker-2"));
    let delayed = |by| Fact::LinkDelayed { from: from.clone(), to: to.clone(), by };
    let slowed = |what, factor| Fact::SlowedDown { what: name(what), factor };
    vec![
        Fact::Command { line: name("kill leader(kq-0)") },
        Fact::CommandRefused {
            line: name("kill broker-9"),
            problem: name("there is no broker-9; there are broker-1, broker-2, broker-3"),
        },
        Fact::ProcessStarted { incarnation: 1 },
        Fact::ProcessStarted { incarnation: 2 },
        Fact::ProcessKilled { connections: 5 },
        Fact::ProcessKilled { connections: 1 },
        Fact::ProcessKilled { connections: 0 },
        Fact::ProcessExited { status: 0 },
        Fact::ProcessExited { status: 1 },
        Fact::PowerLost { lost_bytes: 8_192 },
        Fact::PowerLost { lost_bytes: 1 },
        Fact::PowerLost { lost_bytes: 0 },
        Fact::DiskWiped,
        Fact::ProcessPaused,
        Fact::ProcessResumed,
        Fact::LinkCut { from: from.clone(), to: to.clone() },
        Fact::LinkHealed { from: from.clone(), to: to.clone() },
        delayed(Duration::from_millis(200)),
        delayed(Duration::ZERO),
        slowed("disk", 10),
        slowed("cpu", 10),
        slowed("disk", 1),
        slowed("cpu", 1),
        Fact::ConnectionReset { peer: name("broker-1") },
        Fact::ConnectionOpened { peer: name("broker-1") },
        Fact::ConnectionRefused { peer: name("broker-1") },
        Fact::RequestTimedOut {
            peer: BrokerId(1),
            api: name("Produce"),
            after: Duration::from_secs(30),
        },
    ]
}

fn log() -> Vec<Fact> {
    let loaded = |end, clean, truncated_bytes| Fact::LogLoaded {
        tp: kq(0),
        log_start_offset: Offset(0),
        log_end_offset: Offset(end),
        clean,
        truncated_bytes,
    };
    let appended = |as_leader| Fact::BatchAppended {
        tp: kq(0),
        base_offset: Offset(118),
        next_offset: Offset(121),
        leader_epoch: LeaderEpoch(1),
        as_leader,
    };
    vec![
        loaded(0, false, 0),
        loaded(118, true, 0),
        loaded(118, false, 0),
        loaded(118, false, 97),
        loaded(118, false, 1),
        appended(true),
        appended(false),
        Fact::LogTruncated { tp: kq(0), from: Offset(118), to: Offset(97) },
        Fact::SegmentRolled { tp: kq(0), base_offset: Offset(118) },
        Fact::LogStartMoved { tp: kq(0), from: Offset(0), to: Offset(60) },
    ]
}

fn replication() -> Vec<Fact> {
    let follower =
        |leader| Fact::BecameFollower { tp: kq(0), leader, leader_epoch: LeaderEpoch(1) };
    let high_watermark = |as_leader| Fact::HighWatermarkAdvanced {
        tp: kq(0),
        from: Offset(118),
        to: Offset(121),
        as_leader,
    };
    let shrink =
        |out: &[i32]| Fact::IsrShrinkProposed { tp: kq(0), out: brokers(out), isr: brokers(&[1]) };
    let fetch_refused = |replica| Fact::FetchRefused {
        tp: kq(0),
        replica,
        offset: Offset(118),
        error: ErrorCode::FencedLeaderEpoch,
    };
    vec![
        Fact::BecameLeader { tp: kq(0), leader_epoch: LeaderEpoch(1), log_end_offset: Offset(118) },
        follower(Some(BrokerId(2))),
        follower(None),
        Fact::FollowerFetched { tp: kq(0), follower: BrokerId(2), log_end_offset: Offset(121) },
        high_watermark(true),
        high_watermark(false),
        Fact::ProduceCommitted { tp: kq(0), next_offset: Offset(118) },
        Fact::RecordsServed { tp: kq(0), from: Offset(100), to: Offset(118) },
        Fact::LatestOffsetTold { tp: kq(0), leader_epoch: LeaderEpoch(1), offset: Offset(118) },
        shrink(&[2]),
        shrink(&[2, 3]),
        Fact::IsrExpandProposed { tp: kq(0), joining: BrokerId(2), isr: brokers(&[1, 2]) },
        Fact::IsrUpdated { tp: kq(0), isr: brokers(&[1, 2]), partition_epoch: PartitionEpoch(3) },
        Fact::IsrChangeRefused { tp: kq(0), error: ErrorCode::InvalidUpdateVersion },
        Fact::ProduceRefused { tp: kq(0), error: ErrorCode::NotEnoughReplicas },
        fetch_refused(Some(BrokerId(2))),
        fetch_refused(None),
        Fact::DivergenceFound {
            tp: kq(0),
            follower: BrokerId(1),
            epoch: LeaderEpoch(0),
            end_offset: Offset(97),
        },
    ]
}

fn controller() -> Vec<Fact> {
    let registered = |clean| Fact::BrokerRegistered {
        broker: BrokerId(1),
        broker_epoch: BrokerEpoch(62),
        clean,
    };
    let changed = |leader| Fact::PartitionChanged {
        tp: kq(0),
        leader,
        leader_epoch: LeaderEpoch(1),
        partition_epoch: PartitionEpoch(1),
        isr: brokers(&[2]),
        elr: Vec::new(),
        last_known_elr: Vec::new(),
        recovering: false,
    };
    let elected = |from: Option<i32>, kind| Fact::LeaderElected {
        tp: kq(0),
        from: from.map(BrokerId),
        to: BrokerId(2),
        leader_epoch: LeaderEpoch(1),
        kind,
    };
    let offline = |from: Option<i32>| Fact::PartitionOffline {
        tp: kq(0),
        from: from.map(BrokerId),
        leader_epoch: LeaderEpoch(1),
    };
    let created =
        |partitions| Fact::TopicCreated { topic: name("kq"), partitions, replication_factor: 2 };
    let config = |of: &str, value: Option<&str>| Fact::ConfigChanged {
        resource: name(if of.is_empty() { "broker" } else { "topic" }),
        name: name(of),
        key: name("min.insync.replicas"),
        value: value.map(name),
    };
    let admin = |message| Fact::AdminRefused {
        api: name("CreateTopics"),
        subject: name("kq"),
        error: ErrorCode::TopicAlreadyExists,
        message: name(message),
    };
    let elections = [
        ElectionKind::New,
        ElectionKind::Isr,
        ElectionKind::Elr,
        ElectionKind::LastKnownLeader,
        ElectionKind::Preferred,
        ElectionKind::Unclean,
    ];
    let mut facts = vec![
        Fact::ControllerActivated { epoch: ControllerEpoch(1) },
        registered(true),
        registered(false),
        Fact::RegistrationRefused {
            broker: BrokerId(1),
            error: ErrorCode::DuplicateBrokerRegistration,
        },
        Fact::BrokerUnfenced { broker: BrokerId(1) },
        Fact::BrokerFenced { broker: BrokerId(1), expired: true },
        Fact::BrokerFenced { broker: BrokerId(1), expired: false },
        Fact::ControlledShutdownStarted { broker: BrokerId(1) },
        changed(Some(BrokerId(2))),
        changed(None),
        elected(None, ElectionKind::New),
        offline(Some(1)),
        offline(None),
        created(3),
        created(1),
        Fact::TopicDeleted { topic: name("kq") },
        Fact::PartitionsAdded { topic: name("kq"), partitions: 6 },
        config("kq", Some("2")),
        config("kq", None),
        config("", Some("2")),
        config("", None),
        admin("Topic 'kq' already exists."),
        admin(""),
        Fact::MetadataApplied { offset: Offset(62), epoch: ControllerEpoch(1) },
    ];
    facts.extend(elections.map(|kind| elected(Some(1), kind)));
    facts
}

fn groups() -> Vec<Fact> {
    let tp = TopicPartition::new("__consumer_offsets", 13);
    let group = name("checkout");
    let loaded = |groups| Fact::CoordinatorLoaded { tp: tp.clone(), groups };
    let joined = |instance: Option<&str>| Fact::MemberJoined {
        group: group.clone(),
        member: name(C1),
        instance: instance.map(name),
    };
    let rebalance = |reason: String| Fact::RebalanceStarted {
        group: group.clone(),
        reason: reason.into(),
        generation: Generation(3),
    };
    let started = |members| Fact::GenerationStarted {
        group: group.clone(),
        generation: Generation(4),
        leader: name(C1),
        assignor: name("cooperative-sticky"),
        members,
    };
    let accepted = |member: &str| Fact::CommitAccepted {
        group: group.clone(),
        member: name(member),
        generation: (!member.is_empty()).then_some(Generation(4)),
        tp: kq(0),
        offset: Offset(118),
    };
    let refused = |member: &str| Fact::GroupRefused {
        group: group.clone(),
        member: name(member),
        api: name("Heartbeat"),
        error: ErrorCode::RebalanceInProgress,
    };
    let mut facts = vec![
        loaded(0),
        loaded(1),
        loaded(2),
        Fact::CoordinatorUnloaded { tp: tp.clone() },
        joined(None),
        joined(Some("till-1")),
        Fact::GroupStateChanged {
            group: group.clone(),
            from: name("PreparingRebalance"),
            to: name("Empty"),
            generation: Generation(4),
        },
        started(1),
        started(3),
        Fact::AssignmentStored { group: group.clone(), generation: Generation(4) },
        accepted(C1),
        accepted(""),
        Fact::OffsetCommitted { group: group.clone(), tp: kq(0), offset: Offset(118) },
        refused(C1),
        refused(""),
        Fact::OffsetFetched { group: group.clone(), tp: kq(0), offset: Some(Offset(118)) },
        Fact::OffsetFetched { group: group.clone(), tp: kq(0), offset: None },
        Fact::OffsetExpired { group: group.clone(), tp: kq(0) },
    ];
    let reasons = [
        LeaveReason::Left,
        LeaveReason::SessionTimeout,
        LeaveReason::RebalanceTimeout,
        LeaveReason::SyncTimeout,
        LeaveReason::NeverJoined,
        LeaveReason::Replaced,
        LeaveReason::Removed,
        LeaveReason::GroupFull,
    ];
    facts.extend(reasons.map(|reason| Fact::MemberRemoved {
        group: group.clone(),
        member: name(C1),
        reason,
    }));
    facts.extend(rebalance_reasons().map(rebalance));
    facts
}

fn rebalance_reasons() -> [String; 12] {
    let client = "client reason: not provided";
    [
        format!("Adding new member {C1} with group instance id null; {client}"),
        format!("Member {C1} is joining group during PreparingRebalance; {client}"),
        format!("Leader {C1} re-joining group during Stable; {client}"),
        format!(
            "Leader {C1} re-joining group during Stable; client reason: cached metadata has changed"
        ),
        format!("Updating metadata for member {C1} during Stable; {client}"),
        format!("Updating metadata for static member {C1} with instance id till-1; {client}"),
        format!(
            "Group's selectedProtocol will change because static member {C1} with instance id \
             till-1 joined with change of protocol; {client}"
        ),
        format!("removing member {C1} on heartbeat expiration."),
        format!("Removing [{C1}] on pending sync request expiration"),
        format!("explicit `LeaveGroup` request for ({C1}) members."),
        format!(
            "Error NOT_COORDINATOR when storing group assignmentduring SyncGroup (member: {C1})."
        ),
        "Freshly-loaded group checkout (size 3) is over capacity 2. Rebalancing in order to give a \
         chance for consumers to commit offsets"
            .to_owned(),
    ]
}

fn clients() -> Vec<Fact> {
    let group = name("checkout");
    let acked = |offset: Option<u64>| Fact::RecordAcked {
        tp: kq(0),
        number: 377,
        offset: offset.map(Offset),
        latency: Duration::from_micros(3_217),
    };
    let retried =
        |records| Fact::BatchRetried { tp: kq(0), error: ErrorCode::NotLeaderOrFollower, records };
    let learned = |leader: Option<i32>| Fact::MetadataUpdated {
        tp: kq(0),
        leader: leader.map(BrokerId),
        leader_epoch: LeaderEpoch(1),
    };
    let sent = |reason| Fact::JoinSent { group: group.clone(), reason: name(reason) };
    let computed = |members| Fact::AssignmentComputed {
        group: group.clone(),
        assignor: name("range"),
        members,
    };
    let assigned = |count: i32| Fact::PartitionsAssigned {
        group: group.clone(),
        partitions: (0..count).map(kq).collect(),
        generation: Generation(4),
    };
    let revoked = |count: i32| Fact::PartitionsRevoked {
        group: group.clone(),
        partitions: (0..count).map(kq).collect(),
        generation: Generation(3),
    };
    let lost = |count: i32| Fact::PartitionsLost {
        group: group.clone(),
        partitions: (0..count).map(kq).collect(),
    };
    let delivered = |records| Fact::RecordsDelivered {
        tp: kq(0),
        from: Offset(118),
        to: Offset(118 + u64::from(records)),
        records,
    };
    let resets = [
        ResetReason::NoCommittedOffset,
        ResetReason::OutOfRange,
        ResetReason::Diverged,
        ResetReason::Seek,
    ];
    let mut facts = vec![
        Fact::RecordSent { tp: kq(0), number: 377 },
        acked(Some(118)),
        acked(None),
        Fact::RecordFailed { tp: kq(0), number: 377, error: ErrorCode::RequestTimedOut },
        Fact::OffsetPrinted { tp: kq(0), number: 377, offset: Offset(118) },
        retried(1),
        retried(20),
        Fact::ProducerIdAssigned {
            producer_id: ProducerId(1_000),
            producer_epoch: ProducerEpoch(0),
        },
        learned(Some(2)),
        learned(None),
        Fact::CoordinatorFound { group: group.clone(), broker: BrokerId(2) },
        Fact::CoordinatorLost {
            group: group.clone(),
            broker: BrokerId(2),
            cause: name("error response NOT_COORDINATOR"),
        },
        sent(""),
        sent("need to revoke partitions and re-join"),
        computed(1),
        computed(3),
        assigned(0),
        assigned(2),
        assigned(50),
        revoked(0),
        revoked(2),
        lost(0),
        lost(2),
        delivered(1),
        delivered(500),
        Fact::RecordsProcessed { tp: kq(0), to: Offset(121) },
        Fact::RecordHandled { tp: kq(0), offset: Offset(120) },
        Fact::HandlerFailed { tp: kq(0), offset: Offset(121), committed: true },
        Fact::HandlerFailed { tp: kq(0), offset: Offset(121), committed: false },
        Fact::PollIntervalExceeded { group: group.clone() },
        Fact::CommitFailed { group, error: ErrorCode::UnknownMemberId },
        Fact::PollFailed { exception: name("NoOffsetForPartitionException") },
    ];
    facts.extend(resets.map(|reason| Fact::PositionReset { tp: kq(0), to: Offset(97), reason }));
    facts
}

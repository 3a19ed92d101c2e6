//! What a controller does, step by step.

use super::lab::Lab;
use super::{ControllerConfig, QuorumController};
use crate::fact::{ElectionKind, Fact, FactKind};
use crate::ids::{BrokerId, ControllerEpoch, Offset, Timestamp};
use crate::metadata::ResourceType::{Broker, Topic};
use crate::node::{Outbox, Timer};
use crate::protocol::{ErrorCode, ResponseBody};
use crate::sim::{Duration, Instant};

const SESSION: Duration = Duration::from_secs(9);

#[test]
fn a_new_cluster_begins_as_every_recorded_one() {
    let lab = Lab::new(Lab::config());
    let log = serde_json::to_string(&lab.log).expect("records have a JSON form");
    let names = ["eligible.leader.replicas.version", "group.version", "transaction.version"];
    let feature = |name: &str, level: i16| {
        format!(
            r#"{{"type":"FEATURE_LEVEL_RECORD","data":{{"name":"{name}","featureLevel":{level}}}}}"#
        )
    };
    let expected = [
        r#"{"type":"BEGIN_TRANSACTION_RECORD","data":{"name":"Bootstrap records"}}"#.to_owned(),
        feature("metadata.version", 27),
        feature(names[0], 1),
        feature(names[1], 1),
        feature(names[2], 2),
        r#"{"type":"CONFIG_RECORD","data":{"resourceType":4,"resourceName":"","name":"min.insync.replicas","value":"1"}}"#
            .to_owned(),
        r#"{"type":"END_TRANSACTION_RECORD","data":{}}"#.to_owned(),
    ];
    assert_eq!(log, format!("[{}]", expected.join(",")));
}

#[test]
fn an_answer_leaves_when_its_records_are_committed() {
    let mut lab = Lab::with_brokers(2);
    lab.create_topic("kq", &[1, 2]);
    assert!(lab.controller.image().topic_id("kq").is_some());
    assert!(lab.controller.committed_image().topic_id("kq").is_none());
    assert!(lab.replies.is_empty());
    lab.kinds();
    lab.commit();
    assert_eq!(lab.replies.len(), 1);
    let expected = [FactKind::TopicCreated, FactKind::LeaderElected, FactKind::PartitionChanged];
    assert_eq!(lab.kinds(), expected);
}

#[test]
fn what_is_not_committed_is_undone_with_the_leadership() {
    let mut lab = Lab::with_brokers(2);
    lab.create_topic("kept", &[1, 2]);
    lab.commit();
    lab.create_topic("lost", &[2, 1]);
    lab.replies.clear();
    lab.begin();
    lab.controller.leader_changed(Some(BrokerId(102)), &mut lab.out);
    lab.end(Vec::new());
    assert!(lab.controller.image().topic_id("kept").is_some());
    assert!(lab.controller.image().topic_id("lost").is_none());
    let ResponseBody::CreateTopics(answer) = &lab.replies[0] else { panic!("no answer") };
    assert_eq!(answer.topics[0].error_code, ErrorCode::NotController.code());
    let message = answer.topics[0].error_message.as_deref();
    assert_eq!(message, Some("The active controller appears to be node 102."));
}

#[test]
fn a_broker_whose_session_ends_is_fenced_after_others_took_over() {
    let mut lab = Lab::with_brokers(2);
    lab.create_topic("kq", &[1, 2]);
    lab.commit();
    lab.wait(SESSION);
    lab.heartbeat(2, false);
    lab.timer(Timer::FenceStale);
    assert_eq!(lab.partition("kq").leader, Some(BrokerId(1)), "a session of 9 s lasts 9 s");
    lab.kinds();
    lab.wait(Duration::from_nanos(1));
    lab.timer(Timer::FenceStale);
    let partition = lab.partition("kq");
    assert_eq!((partition.leader, &partition.isr[..]), (Some(BrokerId(2)), &[BrokerId(2)][..]));
    let facts = std::mem::take(&mut lab.facts);
    assert!(matches!(facts[0], Fact::LeaderElected { kind: ElectionKind::Isr, .. }));
    assert!(matches!(facts[1], Fact::PartitionChanged { .. }));
    assert_eq!(facts[2], Fact::BrokerFenced { broker: BrokerId(1), expired: true });
}

#[test]
fn a_broker_may_stop_when_the_others_know_who_leads_instead() {
    let mut lab = Lab::with_brokers(3);
    lab.create_topic("kq", &[1, 2]);
    lab.commit();
    for broker in [2, 3] {
        lab.heartbeat(broker, false);
    }
    assert!(!lab.heartbeat(1, true).should_shut_down);
    assert_eq!(lab.partition("kq").leader, Some(BrokerId(2)));
    assert!(!lab.heartbeat(1, true).should_shut_down, "2 and 3 have not said what they know");
    lab.heartbeat(2, false);
    assert!(!lab.heartbeat(1, true).should_shut_down, "3 has not");
    lab.heartbeat(3, false);
    assert!(lab.heartbeat(1, true).should_shut_down);
    let fenced = Fact::BrokerFenced { broker: BrokerId(1), expired: false };
    assert_eq!(lab.facts.last(), Some(&fenced));
}

#[test]
fn a_second_process_waits_until_the_session_of_the_first_ends() {
    let mut lab = Lab::with_brokers(1);
    assert_eq!(lab.register(1, 2, -1), Err(ErrorCode::DuplicateBrokerRegistration));
    assert!(matches!(lab.facts.last(), Some(Fact::RegistrationRefused { .. })));
    lab.wait(SESSION + Duration::from_nanos(1));
    let epoch = lab.register(1, 2, -1).expect("the session is over");
    let registered = lab.facts.last().expect("it was told");
    assert!(matches!(registered, Fact::BrokerRegistered { clean: false, .. }));
    assert_eq!(epoch, lab.end_offset().0 as i64 - 1, "nothing had to be cleaned up before");
}

#[test]
fn a_lone_leader_that_died_is_elected_as_the_last_known_one() {
    let mut lab = Lab::with_brokers(1);
    lab.create_topic("kq", &[1]);
    lab.commit();
    lab.wait(SESSION + Duration::from_nanos(1));
    lab.timer(Timer::FenceStale);
    let one = [BrokerId(1)];
    let partition = lab.partition("kq");
    assert_eq!((partition.leader, partition.elr()), (None, &one[..]));
    assert!(matches!(lab.facts[lab.facts.len() - 3], Fact::PartitionOffline { .. }));
    // Its next process cannot say the epoch of the one before.
    lab.register(1, 2, -1).expect("the session is over");
    let partition = lab.partition("kq");
    assert_eq!((partition.elr(), partition.last_known_elr()), (&[][..], &one[..]));
    lab.heartbeat(1, false);
    let elected = lab.facts.iter().rev().find_map(|fact| match fact {
        Fact::LeaderElected { kind, .. } => Some(*kind),
        _ => None,
    });
    assert_eq!(elected, Some(ElectionKind::LastKnownLeader));
    assert!(matches!(lab.facts.last(), Some(Fact::PartitionChanged { recovering: true, .. })));
}

#[test]
fn a_leader_that_stopped_properly_is_elected_from_the_elr() {
    let mut lab = Lab::with_brokers(1);
    let epoch = lab.controller.image().broker(BrokerId(1)).expect("registered").epoch;
    lab.create_topic("kq", &[1]);
    lab.commit();
    lab.heartbeat(1, true);
    assert!(lab.heartbeat(1, true).should_shut_down);
    lab.wait(SESSION + Duration::from_nanos(1));
    lab.register(1, 2, epoch.0).expect("the session is over");
    lab.heartbeat(1, false);
    let elected = lab.facts.iter().rev().find_map(|fact| match fact {
        Fact::LeaderElected { kind, .. } => Some(*kind),
        _ => None,
    });
    assert_eq!(elected, Some(ElectionKind::Elr));
}

#[test]
fn another_controller_replays_to_the_same_cluster() {
    let mut lab = Lab::with_brokers(3);
    lab.create_topic("kq", &[1, 2, 3]);
    lab.commit();
    let mut standby = QuorumController::new(ControllerConfig::new(BrokerId(102), "lab"), 1, 1);
    standby.replay_committed(Offset(1), &lab.log, &mut lab.out);
    assert!(lab.out.facts.is_empty(), "the active controller has told all of it");
    assert_eq!(standby.image(), lab.controller.image());
    let snapshot = lab.controller.image().to_records();
    standby.load_snapshot(Offset(lab.log.len() as u64), &snapshot);
    assert_eq!(standby.image(), lab.controller.image());
    // It gives every broker a whole session.
    let mut out = Outbox::default();
    out.begin(Instant::ZERO + SESSION, Timestamp(0));
    let appends = standby.claim(ControllerEpoch(2), lab.end_offset().next(), &mut out);
    assert!(appends.is_empty());
    out.begin(Instant::ZERO + SESSION + SESSION, Timestamp(0));
    assert!(standby.on_timer(Timer::FenceStale, &mut out).is_empty());
}

#[test]
fn what_an_administrator_may_not_do_is_told() {
    let mut lab = Lab::with_brokers(1);
    lab.create_topic("a.b", &[1]);
    lab.commit();
    lab.create_topic("a_b", &[1]);
    lab.commit();
    let Some(Fact::AdminRefused { api, subject, error, message }) = lab.facts.last() else {
        panic!("{:?}", lab.facts.last());
    };
    assert_eq!((&**api, &**subject), ("CreateTopics", "a_b"));
    assert_eq!(*error, ErrorCode::InvalidTopicException);
    assert_eq!(&**message, "Topic 'a_b' collides with existing topic: a.b");
}

#[test]
fn what_a_controller_wrote_as_it_died_is_told_by_the_next() {
    let mut lab = Lab::with_brokers(2);
    let committed = lab.log.len();
    lab.create_topic("kq", &[1, 2]);
    // Others have these records, but this controller dies before it hears of it.
    let mut next = QuorumController::new(ControllerConfig::new(BrokerId(102), "lab"), 1, 1);
    lab.begin();
    next.replay_committed(Offset(1), &lab.log[..committed], &mut lab.out);
    assert!(lab.out.facts.is_empty());
    let base_offset = Offset(committed as u64 + 1);
    next.replay_committed(base_offset, &lab.log[committed..], &mut lab.out);
    lab.kinds();
    lab.end(Vec::new());
    let expected = [FactKind::TopicCreated, FactKind::LeaderElected, FactKind::PartitionChanged];
    assert_eq!(lab.kinds(), expected);
}

#[test]
fn the_elr_rests_on_one_min_insync_replicas_for_all_brokers() {
    let mut lab = Lab::with_brokers(1);
    let mut set = |name, value| lab.set_config(Broker, name, "min.insync.replicas", value);
    let refused = set("1", Some("2")).expect_err("brokers may not differ");
    assert_eq!(refused, "Broker-level min.insync.replicas cannot be altered while ELR is enabled.");
    assert!(set("", None).is_err(), "nor may all be without");
    assert_eq!(set("", Some("2")), Ok(()));
    let refused = lab.set_config(Broker, "7", "log.cleaner.threads", Some("2"));
    assert_eq!(refused, Err("No node with id 7 found.".to_owned()));
    let refused = lab.set_config(Topic, "none", "retention.ms", Some("1"));
    assert_eq!(refused, Err("The topic 'none' does not exist.".to_owned()));
}

#[test]
fn another_min_insync_replicas_clears_the_elr_that_rests_on_the_old_one() {
    let mut lab = Lab::with_brokers(1);
    lab.create_topic("kq", &[1]);
    lab.commit();
    lab.wait(SESSION + Duration::from_nanos(1));
    lab.timer(Timer::FenceStale);
    assert!(!lab.partition("kq").elr().is_empty());
    let epoch = lab.partition("kq").partition_epoch;
    lab.set_config(Topic, "kq", "min.insync.replicas", Some("1")).expect("the topic exists");
    assert!(
        lab.partition("kq").elr().is_empty() && lab.partition("kq").last_known_elr().is_empty()
    );
    assert_eq!(lab.partition("kq").partition_epoch, epoch.next());
    let kinds = [FactKind::ConfigChanged, FactKind::PartitionChanged];
    assert!(lab.kinds().ends_with(&kinds));
}

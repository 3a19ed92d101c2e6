//! Joining, rebalancing, leaving, and losing the coordinator.

use super::world::World;
use super::{spec, world};
use crate::client::consumer::MemberState;
use crate::client::testing::Cardboard;
use crate::node::Input;
use crate::protocol::{Api, ErrorCode};

/// Short times, so that transcripts are short.
const QUICK: [(&str, &str); 3] = [
    ("session.timeout.ms", "6000"),
    ("heartbeat.interval.ms", "1000"),
    ("enable.auto.commit", "false"),
];

fn quick<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    QUICK.iter().chain(more).copied().collect()
}

/// Six partitions; c1 joins, c2 joins, c3 joins, c2 leaves, c3 dies.
fn come_and_go(strategy: &str) -> World {
    let mut world = World::new(Cardboard::of(3).topic("kq", &[1, 2, 3, 1, 2, 3]));
    let settings = quick(&[("partition.assignment.strategy", strategy)]);
    let spec = spec(&settings);
    for name in ["c1", "c2", "c3"] {
        world.start(name, &spec);
        world.run_ms(5_000);
    }
    world.give("c2", Input::Shutdown);
    world.run_ms(5_000);
    world.kill("c3");
    world.run_ms(10_000);
    world
}

#[test]
fn first_join() {
    let mut world = world();
    world.brokers.append("kq", 0, 3);
    world.start("c1", &spec(&[]));
    world.run_ms(9_000);
    insta::assert_snapshot!(world.transcript("c1", 0), @r#"
    0.001 -> 1 Metadata
    0.001 -> 1 FindCoordinator
    0.003 coordinator is 1
    0.003 joins: ""
    0.004 -> 1 JoinGroup as ""
    0.006 joins: "need to re-join with the given member-id: c1-1"
    0.006 -> 1 JoinGroup as "c1-1"
    3.008 computes range for 1
    3.008 -> 1 SyncGroup with the assignment
    3.010 assigned [kq-0, kq-1] in 1
    3.010 -> 1 OffsetFetch
    3.013 -> 1 ListOffsets
    3.013 -> 2 ListOffsets
    3.015 resets kq-0 to 0: NoCommittedOffset
    3.015 -> 1 Fetch session epoch 0 [0@0]
    3.015 resets kq-1 to 0: NoCommittedOffset
    3.015 -> 2 Fetch session epoch 0 [1@0]
    3.017 gets kq-0 0..3
    3.017 is done with kq-0 to 3
    3.017 -> 1 Fetch session epoch 1 [0@3]
    6.008 -> 1 Heartbeat
    8.010 -> 1 OffsetCommit generation 1 [0@3, 1@0]
    "#);
}

#[test]
fn eager_members_give_everything_up_first() {
    insta::assert_snapshot!(come_and_go("range").callbacks(0), @"
    3.010 c1 assigned [kq-0, kq-1, kq-2, kq-3, kq-4, kq-5] in 1
    5.010 c1 revoked [kq-0, kq-1, kq-2, kq-3, kq-4, kq-5] in 1
    5.014 c1 assigned [kq-0, kq-1, kq-2] in 2
    5.014 c2 assigned [kq-3, kq-4, kq-5] in 2
    10.014 c1 revoked [kq-0, kq-1, kq-2] in 2
    10.014 c2 revoked [kq-3, kq-4, kq-5] in 2
    10.018 c1 assigned [kq-0, kq-1] in 3
    10.018 c2 assigned [kq-2, kq-3] in 3
    10.018 c3 assigned [kq-4, kq-5] in 3
    15.000 c2 revoked [kq-2, kq-3] in 3
    15.018 c1 revoked [kq-0, kq-1] in 3
    15.018 c3 revoked [kq-4, kq-5] in 3
    15.022 c1 assigned [kq-0, kq-1, kq-2] in 4
    15.022 c3 assigned [kq-3, kq-4, kq-5] in 4
    26.022 c1 revoked [kq-0, kq-1, kq-2] in 4
    26.026 c1 assigned [kq-0, kq-1, kq-2, kq-3, kq-4, kq-5] in 5
    ");
}

#[test]
fn cooperative_members_give_up_what_moves_and_join_once_more() {
    insta::assert_snapshot!(come_and_go("cooperative-sticky").callbacks(0), @"
    3.010 c1 assigned [kq-0, kq-1, kq-2, kq-3, kq-4, kq-5] in 1
    5.014 c1 revoked [kq-3, kq-4, kq-5] in 2
    5.014 c1 assigned [] in 2
    5.014 c2 assigned [] in 2
    6.018 c1 assigned [] in 3
    6.018 c2 assigned [kq-3, kq-4, kq-5] in 3
    10.022 c1 revoked [kq-2] in 4
    10.022 c1 assigned [] in 4
    10.022 c2 revoked [kq-5] in 4
    10.022 c2 assigned [] in 4
    10.022 c3 assigned [] in 4
    11.026 c1 assigned [] in 5
    11.026 c2 assigned [] in 5
    11.026 c3 assigned [kq-2, kq-5] in 5
    15.000 c2 revoked [kq-3, kq-4] in 5
    15.030 c1 assigned [kq-3] in 6
    15.030 c3 assigned [kq-4] in 6
    26.034 c1 assigned [kq-2, kq-4, kq-5] in 7
    ");
}

#[test]
fn one_eager_assignor_in_the_list_makes_the_member_eager() {
    let default = come_and_go("range,cooperative-sticky").callbacks(0);
    assert_eq!(default, come_and_go("range").callbacks(0));
}

#[test]
fn a_cooperative_rebalance_in_requests() {
    let mut world = world();
    let settings = quick(&[("partition.assignment.strategy", "cooperative-sticky")]);
    world.start("c1", &spec(&settings));
    world.run_ms(5_000);
    world.start("c2", &spec(&settings));
    world.run_ms(2_500);
    insta::assert_snapshot!(world.transcript("c1", 5_000), @r#"
    5.008 -> 1 Heartbeat
    5.010 joins: "group is already rebalancing"
    5.010 -> 1 JoinGroup as "c1-1"
    5.012 computes cooperative-sticky for 2
    5.012 -> 1 SyncGroup with the assignment
    5.014 revoked [kq-1] in 2
    5.014 assigned [] in 2
    5.014 joins: "need to revoke partitions and re-join"
    5.014 -> 1 JoinGroup as "c1-1"
    6.016 computes cooperative-sticky for 2
    6.016 -> 1 SyncGroup with the assignment
    6.018 assigned [] in 3
    7.016 -> 1 Heartbeat
    "#);
}

#[test]
fn who_closes_leaves_at_once_and_who_dies_after_its_session() {
    let mut world = world();
    for name in ["c1", "c2"] {
        world.start(name, &spec(&quick(&[])));
    }
    world.run_ms(10_000);
    world.give("c2", Input::Shutdown);
    world.run_ms(3_000);
    insta::assert_snapshot!(world.callbacks(10_000), @"
    10.000 c2 revoked [kq-1] in 1
    10.010 c1 revoked [kq-0] in 1
    10.014 c1 assigned [kq-0, kq-1] in 2
    ");
    insta::assert_snapshot!(world.transcript("c2", 10_000), @"
    10.000 revoked [kq-1] in 1
    10.000 -> 1 LeaveGroup: the consumer is being closed
    10.002 -> 2 Fetch session epoch -1 []
    10.043 exits with 0
    ");
    world.start("c3", &spec(&quick(&[])));
    world.run_ms(7_000);
    world.kill("c3");
    world.run_ms(10_000);
    insta::assert_snapshot!(world.callbacks(20_000), @"
    26.018 c1 revoked [kq-0] in 3
    26.022 c1 assigned [kq-0, kq-1] in 4
    ");
}

#[test]
fn a_coordinator_that_moves_is_found_without_any_callback() {
    let mut world = world();
    world.start("c1", &spec(&quick(&[])));
    world.run_ms(5_500);
    world.brokers.coordinator = 2;
    world.run_ms(2_000);
    insta::assert_snapshot!(world.transcript("c1", 5_500), @"
    6.008 -> 1 Heartbeat
    6.010 coordinator 1 is lost: error response NOT_COORDINATOR
    6.010 -> 1 FindCoordinator
    6.027 coordinator is 2
    6.097982651 -> 2 Heartbeat
    7.097982651 -> 2 Heartbeat
    ");
}

#[test]
fn a_coordinator_that_dies_is_looked_for_until_there_is_another() {
    let mut world = world();
    world.start("c1", &spec(&quick(&[])));
    world.run_ms(5_500);
    world.kill_broker(1);
    for _ in 0..3 {
        world.brokers.script.push_back((Api::FindCoordinator, ErrorCode::CoordinatorNotAvailable));
    }
    world.run_ms(100);
    world.brokers.coordinator = 2;
    world.run_ms(2_000);
    insta::assert_snapshot!(world.transcript("c1", 5_500), @"
    5.500 coordinator 1 is lost: coordinator unavailable
    5.500 -> 2 FindCoordinator
    5.600 -> 2 FindCoordinator
    5.614839781 -> 2 Metadata
    6.200 -> 2 Metadata
    6.200 -> 2 FindCoordinator
    6.800 -> 2 FindCoordinator
    6.893462484 -> 2 Metadata
    7.302 coordinator is 2
    7.303 -> 2 Heartbeat
    ");
}

#[test]
fn an_error_of_join_group_is_tried_again() {
    let errors = [
        ErrorCode::CoordinatorLoadInProgress,
        ErrorCode::NotCoordinator,
        ErrorCode::UnknownMemberId,
        ErrorCode::RebalanceInProgress,
    ];
    let mut world = world();
    for error in errors {
        world.brokers.script.push_back((Api::JoinGroup, error));
    }
    world.start("c1", &spec(&quick(&[])));
    world.run_ms(1_000);
    insta::assert_snapshot!(world.transcript("c1", 0), @r#"
    0.001 -> 1 Metadata
    0.001 -> 1 FindCoordinator
    0.003 coordinator is 1
    0.003 joins: ""
    0.004 -> 1 JoinGroup as ""
    0.100 joins: "rebalance failed due to CoordinatorLoadInProgressException"
    0.100 -> 1 JoinGroup as ""
    0.102 coordinator 1 is lost: error response NOT_COORDINATOR
    0.103 -> 1 FindCoordinator
    0.106 coordinator is 1
    0.106 joins: "rebalance failed due to NotCoordinatorException"
    0.106 -> 1 JoinGroup as ""
    0.108 joins: "rebalance failed due to UnknownMemberIdException"
    0.108 -> 1 JoinGroup as ""
    0.110 joins: "rebalance failed due to RebalanceInProgressException"
    0.110 -> 1 JoinGroup as ""
    0.112 joins: "need to re-join with the given member-id: c1-1"
    0.112 -> 1 JoinGroup as "c1-1"
    "#);
}

#[test]
fn a_fatal_error_of_join_group_ends_the_application() {
    let mut world = world();
    world.brokers.script.push_back((Api::JoinGroup, ErrorCode::GroupMaxSizeReached));
    world.start("c1", &spec(&quick(&[])));
    world.run_ms(1_000);
    insta::assert_snapshot!(world.transcript("c1", 0), @r#"
    0.001 -> 1 Metadata
    0.001 -> 1 FindCoordinator
    0.003 coordinator is 1
    0.003 joins: ""
    0.004 -> 1 JoinGroup as ""
    0.006 throws GroupMaxSizeReachedException
    0.006 exits with 1
    "#);
}

#[test]
fn a_member_that_the_group_forgot_loses_its_partitions_and_joins_anew() {
    let mut world = world();
    world.start("c1", &spec(&quick(&[])));
    world.run_ms(5_500);
    world.brokers.script.push_back((Api::Heartbeat, ErrorCode::UnknownMemberId));
    world.run_ms(4_500);
    insta::assert_snapshot!(world.transcript("c1", 5_500), @r#"
    6.008 -> 1 Heartbeat
    6.010 lost [kq-0, kq-1]
    6.010 joins: "encountered UNKNOWN_MEMBER_ID from HEARTBEAT response"
    6.010 -> 1 JoinGroup as ""
    6.012 joins: "need to re-join with the given member-id: c1-2"
    6.012 -> 1 JoinGroup as "c1-2"
    "#);
}

#[test]
fn an_illegal_generation_keeps_the_member_id() {
    let mut world = world();
    world.start("c1", &spec(&quick(&[])));
    world.run_ms(5_500);
    world.brokers.script.push_back((Api::Heartbeat, ErrorCode::IllegalGeneration));
    world.run_ms(1_500);
    insta::assert_snapshot!(world.transcript("c1", 5_500), @r#"
    6.008 -> 1 Heartbeat
    6.010 lost [kq-0, kq-1]
    6.010 joins: "encountered ILLEGAL_GENERATION from HEARTBEAT response"
    6.010 -> 1 JoinGroup as "c1-1"
    6.012 computes range for 1
    6.012 -> 1 SyncGroup with the assignment
    6.014 assigned [kq-0, kq-1] in 2
    6.014 -> 1 OffsetFetch
    6.016 -> 1 ListOffsets
    6.016 -> 2 ListOffsets
    6.027 resets kq-0 to 0: NoCommittedOffset
    6.027 resets kq-1 to 0: NoCommittedOffset
    "#);
}

#[test]
fn a_coordinator_that_is_silent_counts_as_lost() {
    let mut world = world();
    world.start("c1", &spec(&quick(&[])));
    world.run_ms(5_500);
    world.brokers.silent.push(Api::Heartbeat);
    world.run_ms(8_000);
    world.brokers.silent.clear();
    world.run_ms(2_000);
    insta::assert_snapshot!(world.transcript("c1", 5_500), @"
    6.008 -> 1 Heartbeat
    7.008 -> 1 Heartbeat
    8.008 -> 1 Heartbeat
    9.008 -> 1 Heartbeat
    10.008 -> 1 Heartbeat
    11.008 -> 1 Heartbeat
    11.010 coordinator 1 is lost: session timed out without receiving a heartbeat response
    11.010 -> 1 FindCoordinator
    11.048 coordinator is 1
    11.810401215 -> 1 Heartbeat
    12.810401215 -> 1 Heartbeat
    13.810401215 -> 1 Heartbeat
    14.810401215 -> 1 Heartbeat
    ");
}

#[test]
fn a_static_member_takes_its_place_again() {
    let mut world = world();
    world.start("s1", &spec(&quick(&[("group.instance.id", "one")])));
    world.start("s2", &spec(&quick(&[("group.instance.id", "two")])));
    world.run_ms(6_000);
    world.give("s2", Input::Shutdown);
    world.run_ms(1_000);
    world.start("s2'", &spec(&quick(&[("group.instance.id", "two")])));
    world.run_ms(2_000);
    insta::assert_snapshot!(world.callbacks(0), @"
    3.008 s1 assigned [kq-0] in 1
    3.008 s2 assigned [kq-1] in 1
    6.000 s2 revoked [kq-1] in 1
    7.008 s2' assigned [kq-1] in 1
    ");
    insta::assert_snapshot!(world.transcript("s2", 6_000), @"
    6.000 revoked [kq-1] in 1
    6.000 -> 2 Fetch session epoch -1 []
    6.025 exits with 0
    ");
    insta::assert_snapshot!(world.transcript("s2'", 6_000), @r#"
    7.001 -> 1 Metadata
    7.001 -> 1 FindCoordinator
    7.003 coordinator is 1
    7.003 joins: ""
    7.004 -> 1 JoinGroup as ""
    7.006 -> 1 SyncGroup
    7.008 assigned [kq-1] in 1
    7.008 -> 1 OffsetFetch
    7.011 -> 2 ListOffsets
    7.013 resets kq-1 to 0: NoCommittedOffset
    7.013 -> 2 Fetch session epoch 0 [1@0]
    8.006 -> 1 Heartbeat
    "#);
}

#[test]
fn a_fenced_static_member_is_told_at_its_next_poll() {
    let mut world = world();
    world.start("s1", &spec(&quick(&[("group.instance.id", "one")])));
    world.run_ms(5_000);
    world.start("s2", &spec(&quick(&[("group.instance.id", "one")])));
    world.run_ms(2_000);
    insta::assert_snapshot!(world.transcript("s1", 5_000), @"
    5.006 -> 1 Heartbeat
    5.008 throws FencedInstanceIdException
    5.008 lost [kq-0, kq-1]
    5.008 -> 1 Fetch session epoch -1 []
    5.008 -> 2 Fetch session epoch -1 []
    5.021 exits with 1
    ");
}

#[test]
fn the_leader_joins_anew_when_a_topic_grows() {
    let mut world = world();
    let settings = quick(&[("metadata.max.age.ms", "2000")]);
    world.start("c1", &spec(&settings));
    world.start("c2", &spec(&settings));
    world.run_ms(6_000);
    world.brokers.cluster.topics.get_mut("kq").expect("it is there").leaders.push((1, 0));
    world.run_ms(4_000);
    insta::assert_snapshot!(world.callbacks(6_000), @"
    6.026 c1 revoked [kq-0] in 1
    7.010 c2 revoked [kq-1] in 1
    7.014 c1 assigned [kq-0, kq-1] in 2
    7.014 c2 assigned [kq-2] in 2
    ");
    let joins = |name| {
        world.transcript(name, 6_000).lines().find(|l| l.contains("joins")).map(str::to_owned)
    };
    insta::assert_debug_snapshot!((joins("c1"), joins("c2")), @r#"
    (
        Some(
            "6.026 joins: \"cached metadata has changed\"",
        ),
        Some(
            "7.010 joins: \"group is already rebalancing\"",
        ),
    )
    "#);
}

#[test]
fn closing_in_the_middle_of_a_rebalance_loses_what_is_owned() {
    let mut world = world();
    let settings = quick(&[("partition.assignment.strategy", "cooperative-sticky")]);
    world.start("c1", &spec(&settings));
    world.run_ms(5_000);
    world.brokers.silent.push(Api::SyncGroup);
    world.start("c2", &spec(&settings));
    world.run_ms(1_500);
    assert_eq!(world.consumer("c1").member_state(), Some(MemberState::CompletingRebalance));
    world.give("c1", Input::Shutdown);
    world.run_ms(31_000);
    insta::assert_snapshot!(world.transcript("c1", 6_500), @"
    6.500 lost [kq-0, kq-1]
    6.500 -> 1 LeaveGroup: the consumer is being closed
    35.012 SyncGroup timed out
    35.012 coordinator 1 is lost: timed out
    35.012 -> 1 Fetch session epoch -1 []
    35.012 -> 2 Fetch session epoch -1 []
    35.012 -> 1 Metadata
    35.014 exits with 0
    ");
}

#[test]
fn what_can_be_seen_of_a_member() {
    let mut world = world();
    world.brokers.append("kq", 1, 4);
    world.start("c1", &spec(&[]));
    assert_eq!(world.consumer("c1").state(), "unjoined");
    world.run_ms(2_000);
    assert_eq!(world.consumer("c1").state(), "joining");
    world.run_ms(8_000);
    let consumer = world.consumer("c1");
    assert_eq!(consumer.state(), "stable");
    assert_eq!(consumer.member_id().map(AsRef::as_ref), Some("c1-1"));
    assert!(consumer.is_leader());
    let seen = consumer.subscriptions().partitions().iter().map(|(tp, state)| {
        let offset = state.position().map(|position| position.offset.0);
        (tp.to_string(), offset, state.committed().map(|offset| offset.0), state.lag())
    });
    let seen: Vec<_> = seen.collect();
    assert_eq!(seen[1], ("kq-1".to_owned(), Some(4), Some(4), Some(0)));
    assert_eq!((consumer.delivered(), consumer.processed()), (4, 4));
    assert_eq!(consumer.busy_until(), None);
}

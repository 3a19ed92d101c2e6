//! Records handed out and worked on, commits, and what goes on while the application is busy.

use super::{spec, world};
use crate::client::consumer::{CommitPolicy, ConsumerSpec};
use crate::node::{Input, Instruction};
use crate::protocol::{Api, ErrorCode};
use crate::sim::{Duration, Instant};

/// An application that works on each record for so many milliseconds.
fn slow(millis: u64, settings: &[(&str, &str)]) -> ConsumerSpec {
    ConsumerSpec { process: Duration::from_millis(millis), ..spec(settings) }
}

fn committing(commit: CommitPolicy) -> ConsumerSpec {
    ConsumerSpec { commit, ..slow(100, &[("max.poll.records", "2")]) }
}

#[test]
fn records_come_by_max_poll_records_and_the_next_fetch_waits_for_room() {
    let mut world = world();
    world.brokers.append("kq", 0, 5);
    world.brokers.append("kq", 1, 3);
    let settings = [("max.poll.records", "2"), ("enable.auto.commit", "false")];
    world.start("c1", &slow(100, &settings));
    world.run_ms(5_000);
    insta::assert_snapshot!(world.transcript("c1", 3_012), @"
    3.013 -> 1 ListOffsets
    3.013 -> 2 ListOffsets
    3.015 resets kq-0 to 0: NoCommittedOffset
    3.015 -> 1 Fetch session epoch 0 [0@0]
    3.015 resets kq-1 to 0: NoCommittedOffset
    3.015 -> 2 Fetch session epoch 0 [1@0]
    3.017 gets kq-0 0..2
    3.117 is done with kq-0 to 1
    3.217 is done with kq-0 to 2
    3.217 gets kq-0 2..4
    3.317 is done with kq-0 to 3
    3.417 is done with kq-0 to 4
    3.417 gets kq-0 4..5
    3.417 gets kq-1 0..1
    3.417 -> 1 Fetch session epoch 1 [0@5]
    3.517 is done with kq-0 to 5
    3.617 is done with kq-1 to 1
    3.617 gets kq-1 1..3
    3.717 is done with kq-1 to 2
    3.817 is done with kq-1 to 3
    3.817 -> 2 Fetch session epoch 1 [1@3]
    ");
}

#[test]
fn work_that_takes_too_long_costs_the_membership() {
    let mut world = world();
    let settings = [
        ("max.poll.interval.ms", "6000"),
        ("session.timeout.ms", "6000"),
        ("heartbeat.interval.ms", "1000"),
        ("enable.auto.commit", "false"),
    ];
    world.start("c1", &spec(&settings));
    world.start("c2", &spec(&settings));
    world.run_ms(5_000);
    world.give("c1", Input::Instruction(Instruction::Stall { span: Duration::from_secs(12) }));
    world.run_ms(14_000);
    insta::assert_snapshot!(world.callbacks(0), @"
    3.010 c1 assigned [kq-0] in 1
    3.010 c2 assigned [kq-1] in 1
    11.010 c2 revoked [kq-1] in 1
    11.014 c2 assigned [kq-0, kq-1] in 2
    17.000 c1 lost [kq-0]
    17.014 c2 revoked [kq-0, kq-1] in 2
    17.018 c2 assigned [kq-1] in 3
    17.018 c1 assigned [kq-0] in 3
    ");
    insta::assert_snapshot!(world.transcript("c1", 10_500), @r#"
    11.000 stayed away for too long
    11.000 -> 1 LeaveGroup: consumer poll timeout has expired.
    17.000 lost [kq-0]
    17.000 joins: "consumer pro-actively leaving the group"
    17.000 -> 1 JoinGroup as ""
    17.002 joins: "need to re-join with the given member-id: c1-3"
    17.002 -> 1 JoinGroup as "c1-3"
    17.016 -> 1 SyncGroup
    17.018 assigned [kq-0] in 3
    17.018 -> 1 OffsetFetch
    17.020 -> 1 ListOffsets
    17.022 resets kq-0 to 0: NoCommittedOffset
    18.016 -> 1 Heartbeat
    "#);
}

#[test]
fn positions_are_committed_every_five_seconds_while_the_application_polls() {
    let mut world = world();
    world.brokers.append("kq", 0, 1);
    world.start("c1", &spec(&[]));
    world.run_ms(14_000);
    // Busy from 14 s to 26 s: the commit of 18 s waits.
    world.give("c1", Input::Instruction(Instruction::Stall { span: Duration::from_secs(12) }));
    world.run_ms(20_000);
    let transcript = world.transcript("c1", 0);
    let commits: Vec<_> = transcript.lines().filter(|line| line.contains("OffsetCommit")).collect();
    let commits = commits.join(
        "
",
    );
    insta::assert_snapshot!(commits, @"
    8.010 -> 1 OffsetCommit generation 1 [0@1, 1@0]
    13.010 -> 1 OffsetCommit generation 1 [0@1, 1@0]
    26.000 -> 1 OffsetCommit generation 1 [0@1, 1@0]
    31.000 -> 1 OffsetCommit generation 1 [0@1, 1@0]
    ");
}

#[test]
fn a_commit_that_finds_no_coordinator_is_tried_again_soon() {
    let mut world = world();
    world.brokers.append("kq", 0, 1);
    world.brokers.script.push_back((Api::OffsetCommit, ErrorCode::CoordinatorLoadInProgress));
    world.start("c1", &spec(&[("heartbeat.interval.ms", "30000")]));
    world.run_ms(9_000);
    insta::assert_snapshot!(world.transcript("c1", 8_000), @"
    8.010 -> 1 OffsetCommit generation 1 [0@1, 1@0]
    8.012 commit failed: COORDINATOR_LOAD_IN_PROGRESS
    8.112 -> 1 OffsetCommit generation 1 [0@1, 1@0]
    ");
}

#[test]
fn commit_sync_comes_after_the_work_and_before_the_next_poll() {
    let mut world = world();
    world.brokers.append("kq", 0, 3);
    world.start("c1", &committing(CommitPolicy::Sync));
    world.run_ms(5_000);
    insta::assert_snapshot!(world.transcript("c1", 3_015), @"
    3.015 resets kq-0 to 0: NoCommittedOffset
    3.015 -> 1 Fetch session epoch 0 [0@0]
    3.015 resets kq-1 to 0: NoCommittedOffset
    3.015 -> 2 Fetch session epoch 0 [1@0]
    3.017 gets kq-0 0..2
    3.117 is done with kq-0 to 1
    3.217 is done with kq-0 to 2
    3.217 -> 1 OffsetCommit generation 1 [0@2, 1@0]
    3.219 gets kq-0 2..3
    3.219 -> 1 Fetch session epoch 1 [0@3]
    3.319 is done with kq-0 to 3
    3.319 -> 1 OffsetCommit generation 1 [0@3, 1@0]
    ");
}

#[test]
fn commit_async_does_not_wait() {
    let mut world = world();
    world.brokers.append("kq", 0, 3);
    world.start("c1", &committing(CommitPolicy::Async));
    world.run_ms(5_000);
    insta::assert_snapshot!(world.transcript("c1", 3_015), @"
    3.015 resets kq-0 to 0: NoCommittedOffset
    3.015 -> 1 Fetch session epoch 0 [0@0]
    3.015 resets kq-1 to 0: NoCommittedOffset
    3.015 -> 2 Fetch session epoch 0 [1@0]
    3.017 gets kq-0 0..2
    3.117 is done with kq-0 to 1
    3.217 is done with kq-0 to 2
    3.217 gets kq-0 2..3
    3.217 -> 1 OffsetCommit generation 1 [0@2, 1@0]
    3.217 -> 1 Fetch session epoch 1 [0@3]
    3.317 is done with kq-0 to 3
    3.317 -> 1 OffsetCommit generation 1 [0@3, 1@0]
    ");
}

#[test]
fn a_commit_of_an_old_generation_fails_and_the_member_joins_anew() {
    let mut world = world();
    world.brokers.append("kq", 0, 2);
    world.brokers.script.push_back((Api::OffsetCommit, ErrorCode::UnknownMemberId));
    world.start("c1", &committing(CommitPolicy::Sync));
    world.run_ms(4_000);
    insta::assert_snapshot!(world.transcript("c1", 3_015), @r#"
    3.015 resets kq-0 to 0: NoCommittedOffset
    3.015 -> 1 Fetch session epoch 0 [0@0]
    3.015 resets kq-1 to 0: NoCommittedOffset
    3.015 -> 2 Fetch session epoch 0 [1@0]
    3.017 gets kq-0 0..2
    3.117 is done with kq-0 to 1
    3.217 is done with kq-0 to 2
    3.217 -> 1 OffsetCommit generation 1 [0@2, 1@0]
    3.219 commit failed: UNKNOWN_MEMBER_ID
    3.219 lost [kq-0, kq-1]
    3.219 joins: "encountered UNKNOWN_MEMBER_ID from OFFSET_COMMIT response"
    3.219 -> 1 JoinGroup as ""
    3.221 joins: "need to re-join with the given member-id: c1-2"
    3.221 -> 1 JoinGroup as "c1-2"
    "#);
}

#[test]
fn commit_sync_is_tried_again_until_the_coordinator_is_ready() {
    let mut world = world();
    world.brokers.append("kq", 0, 2);
    for error in [ErrorCode::CoordinatorLoadInProgress, ErrorCode::NotCoordinator] {
        world.brokers.script.push_back((Api::OffsetCommit, error));
    }
    world.start("c1", &committing(CommitPolicy::Sync));
    world.run_ms(4_000);
    insta::assert_snapshot!(world.transcript("c1", 3_015), @"
    3.015 resets kq-0 to 0: NoCommittedOffset
    3.015 -> 1 Fetch session epoch 0 [0@0]
    3.015 resets kq-1 to 0: NoCommittedOffset
    3.015 -> 2 Fetch session epoch 0 [1@0]
    3.017 gets kq-0 0..2
    3.117 is done with kq-0 to 1
    3.217 is done with kq-0 to 2
    3.217 -> 1 OffsetCommit generation 1 [0@2, 1@0]
    3.306982651 -> 1 OffsetCommit generation 1 [0@2, 1@0]
    3.308982651 coordinator 1 is lost: error response NOT_COORDINATOR
    3.528958043 -> 1 FindCoordinator
    3.531958043 coordinator is 1
    3.531958043 -> 1 OffsetCommit generation 1 [0@2, 1@0]
    3.533958043 -> 1 Fetch session epoch 1 [0@2]
    ");
}

#[test]
fn a_rebalance_waits_for_busy_members() {
    let mut world = world();
    world.brokers.append("kq", 0, 50);
    let settings = [("heartbeat.interval.ms", "1000"), ("enable.auto.commit", "false")];
    world.start("c1", &slow(100, &settings));
    world.run_ms(4_000);
    world.start("c2", &slow(100, &settings));
    world.run_ms(6_000);
    insta::assert_snapshot!(world.callbacks(0), @"
    3.010 c1 assigned [kq-0, kq-1] in 1
    8.017 c1 revoked [kq-0, kq-1] in 1
    8.021 c1 assigned [kq-0] in 2
    8.021 c2 assigned [kq-1] in 2
    ");
}

#[test]
fn a_busy_cooperative_member_answers_to_a_rebalance_late() {
    let mut world = world();
    world.brokers.append("kq", 0, 9);
    let settings = [
        ("heartbeat.interval.ms", "1000"),
        ("enable.auto.commit", "false"),
        ("max.poll.records", "3"),
        ("partition.assignment.strategy", "cooperative-sticky"),
    ];
    world.start("c1", &slow(500, &settings));
    world.run_ms(3_500);
    world.start("c2", &slow(500, &settings));
    world.run_ms(6_000);
    insta::assert_snapshot!(world.transcript("c1", 3_010), @r#"
    3.010 assigned [kq-0, kq-1] in 1
    3.010 -> 1 OffsetFetch
    3.013 -> 1 ListOffsets
    3.013 -> 2 ListOffsets
    3.015 resets kq-0 to 0: NoCommittedOffset
    3.015 -> 1 Fetch session epoch 0 [0@0]
    3.015 resets kq-1 to 0: NoCommittedOffset
    3.015 -> 2 Fetch session epoch 0 [1@0]
    3.017 gets kq-0 0..3
    3.517 is done with kq-0 to 1
    4.008 -> 1 Heartbeat
    4.017 is done with kq-0 to 2
    4.517 is done with kq-0 to 3
    4.517 joins: "group is already rebalancing"
    4.517 gets kq-0 3..6
    4.517 -> 1 JoinGroup as "c1-1"
    5.017 is done with kq-0 to 4
    5.517 is done with kq-0 to 5
    6.017 is done with kq-0 to 6
    6.017 computes cooperative-sticky for 2
    6.017 gets kq-0 6..9
    6.017 -> 1 SyncGroup with the assignment
    6.517 is done with kq-0 to 7
    7.017 is done with kq-0 to 8
    7.017 -> 1 Heartbeat
    7.517 is done with kq-0 to 9
    7.517 revoked [kq-1] in 2
    7.517 assigned [] in 2
    7.517 joins: "need to revoke partitions and re-join"
    7.517 -> 1 JoinGroup as "c1-1"
    7.517 -> 1 Fetch session epoch 1 [0@9]
    7.523 computes cooperative-sticky for 2
    7.523 -> 1 SyncGroup with the assignment
    7.525 assigned [] in 3
    8.523 -> 1 Heartbeat
    "#);
}

#[test]
fn an_eager_member_commits_before_it_gives_partitions_up() {
    let mut world = world();
    world.brokers.append("kq", 0, 2);
    let settings = [("heartbeat.interval.ms", "1000")];
    world.start("c1", &spec(&settings));
    world.run_ms(4_500);
    world.start("c2", &spec(&settings));
    world.run_ms(1_500);
    insta::assert_snapshot!(world.transcript("c1", 4_500), @r#"
    5.008 -> 1 Heartbeat
    5.010 -> 1 OffsetCommit generation 1 [0@2, 1@0]
    5.012 revoked [kq-0, kq-1] in 1
    5.012 joins: "group is already rebalancing"
    5.012 -> 1 JoinGroup as "c1-1"
    5.014 computes range for 2
    5.014 -> 1 SyncGroup with the assignment
    5.016 assigned [kq-0] in 2
    5.016 -> 1 OffsetFetch
    5.023 -> 1 OffsetForLeaderEpoch
    "#);
}

#[test]
fn closing_finishes_the_work_commits_and_leaves() {
    let mut world = world();
    world.brokers.append("kq", 0, 20);
    world.start("c1", &slow(50, &[]));
    world.run_ms(3_500);
    world.give("c1", Input::Shutdown);
    world.run_ms(5_000);
    assert_eq!(world.nodes["c1"].exit, Some(0));
    insta::assert_snapshot!(world.transcript("c1", 3_900), @"
    3.917 is done with kq-0 to 18
    3.967 is done with kq-0 to 19
    4.017 is done with kq-0 to 20
    4.017 -> 1 OffsetCommit generation 1 [0@20, 1@0]
    4.019 revoked [kq-0, kq-1] in 1
    4.019 -> 1 LeaveGroup: the consumer is being closed
    4.021 -> 1 Fetch session epoch -1 []
    4.021 -> 2 Fetch session epoch -1 []
    4.023 exits with 0
    ");
}

#[test]
fn a_member_that_dies_at_work_has_done_part_of_it() {
    let mut world = world();
    world.brokers.append("kq", 0, 20);
    world.start("c1", &slow(50, &[]));
    world.run_ms(3_500);
    let consumer = world.consumer("c1");
    assert_eq!((consumer.delivered(), consumer.processed()), (20, 9));
    assert_eq!(consumer.busy_until().map(Instant::as_millis), Some(4_017));
}

//! Where partitions begin, and what happens when a position is no good any more.

use super::world::World;
use super::{spec, world};
use crate::client::consumer::{ConsumerSpec, Reads};
use crate::client::testing::Cardboard;
use crate::config::{ConsumerConfig, Domain, Overrides};
use crate::ids::{BrokerId, Offset, TopicPartition};
use crate::node::{Input, Instruction, SeekTo};
use crate::protocol::{Api, ErrorCode};

fn manual<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [("enable.auto.commit", "false")].iter().chain(more).copied().collect()
}

#[test]
fn a_committed_offset_is_where_a_partition_begins() {
    let mut world = world();
    world.brokers.append("kq", 0, 5);
    world.brokers.group.committed.insert(TopicPartition::new("kq", 0), (Offset(2), 0));
    world.brokers.group.unstable = true;
    world.start("c1", &spec(&manual(&[])));
    world.run_ms(4_000);
    insta::assert_snapshot!(world.transcript("c1", 3_005), @"
    3.008 computes range for 1
    3.008 -> 1 SyncGroup with the assignment
    3.010 assigned [kq-0, kq-1] in 1
    3.010 -> 1 OffsetFetch
    3.099982651 -> 1 OffsetFetch
    3.102982651 -> 2 ListOffsets
    3.103982651 -> 1 OffsetForLeaderEpoch
    3.104982651 resets kq-1 to 0: NoCommittedOffset
    3.104982651 -> 2 Fetch session epoch 0 [1@0]
    3.105982651 -> 1 Fetch session epoch 0 [0@2]
    3.107982651 gets kq-0 2..5
    3.107982651 is done with kq-0 to 5
    3.107982651 -> 1 Fetch session epoch 1 [0@5]
    ");
}

#[test]
fn without_committed_offset_and_policy_the_application_is_told() {
    let mut world = world();
    world.start("c1", &spec(&manual(&[("auto.offset.reset", "none")])));
    world.run_ms(5_000);
    insta::assert_snapshot!(world.transcript("c1", 3_005), @"
    3.008 computes range for 1
    3.008 -> 1 SyncGroup with the assignment
    3.010 assigned [kq-0, kq-1] in 1
    3.010 -> 1 OffsetFetch
    3.012 throws NoOffsetForPartitionException
    3.012 revoked [kq-0, kq-1] in 1
    3.012 -> 1 LeaveGroup: the consumer is being closed
    3.014 exits with 1
    ");
}

#[test]
fn a_position_outside_the_log_is_reset() {
    let mut world = world();
    world.brokers.append("kq", 0, 5);
    world.start("c1", &spec(&manual(&[("auto.offset.reset", "latest")])));
    world.run_ms(5_000);
    world.brokers.append("kq", 0, 5);
    world.run_ms(1_000);
    let log = world.brokers.logs.get_mut(&TopicPartition::new("kq", 0)).expect("it is there");
    log.batches.pop();
    world.run_ms(1_000);
    insta::assert_snapshot!(world.transcript("c1", 5_000), @"
    5.001 gets kq-0 5..10
    5.001 is done with kq-0 to 10
    5.001 -> 1 Fetch session epoch 4 [0@10]
    6.001 -> 1 ListOffsets
    6.003 resets kq-0 to 5: OutOfRange
    6.003 -> 1 Fetch session epoch 6 [0@5]
    6.008 -> 1 Heartbeat
    ");
}

#[test]
fn a_new_leader_is_asked_whether_its_log_agrees() {
    let mut world = world();
    world.brokers.append("kq", 0, 5);
    world.start("c1", &spec(&manual(&[])));
    world.run_ms(5_000);
    world.brokers.cluster.elect("kq", 0, 2);
    world.brokers.append("kq", 0, 1);
    world.run_ms(2_000);
    insta::assert_snapshot!(world.transcript("c1", 5_000), @"
    5.001 -> 1 Metadata
    5.003 kq-0 is led by Some(BrokerId(2)) in epoch 1
    5.003 -> 2 OffsetForLeaderEpoch
    5.525 -> 2 Fetch session epoch 5 [0@5]
    5.527 gets kq-0 5..6
    5.527 is done with kq-0 to 6
    5.527 -> 2 Fetch session epoch 6 [0@6]
    6.008 -> 1 Heartbeat
    ");
}

#[test]
fn a_leader_named_in_the_answer_saves_asking_for_metadata() {
    let mut world = world();
    world.brokers.names_leaders = true;
    world.brokers.append("kq", 0, 5);
    world.start("c1", &spec(&manual(&[])));
    world.run_ms(5_000);
    world.brokers.cluster.elect("kq", 0, 2);
    world.brokers.append("kq", 0, 1);
    world.run_ms(1_000);
    insta::assert_snapshot!(world.transcript("c1", 5_000), @"
    5.001 kq-0 is led by Some(BrokerId(2)) in epoch 1
    5.001 -> 2 OffsetForLeaderEpoch
    5.525 -> 2 Fetch session epoch 5 [0@5]
    5.527 gets kq-0 5..6
    5.527 is done with kq-0 to 6
    5.527 -> 2 Fetch session epoch 6 [0@6]
    ");
}

#[test]
fn records_that_the_new_leader_never_had_are_found_out() {
    let mut world = world();
    for _ in 0..2 {
        world.brokers.append("kq", 0, 5);
    }
    world.start("c1", &spec(&manual(&[])));
    world.run_ms(5_000);
    let log = world.brokers.logs.get_mut(&TopicPartition::new("kq", 0)).expect("it is there");
    log.batches.pop();
    world.brokers.cluster.elect("kq", 0, 2);
    for _ in 0..2 {
        world.brokers.append("kq", 0, 5);
    }
    world.run_ms(2_000);
    insta::assert_snapshot!(world.transcript("c1", 5_000), @"
    5.001 -> 1 Metadata
    5.003 kq-0 is led by Some(BrokerId(2)) in epoch 1
    5.003 -> 2 OffsetForLeaderEpoch
    5.023 resets kq-0 to 5: Diverged
    5.525 -> 2 Fetch session epoch 5 [0@5]
    5.527 gets kq-0 5..15
    5.527 is done with kq-0 to 15
    5.527 -> 2 Fetch session epoch 6 [0@15]
    6.008 -> 1 Heartbeat
    ");
}

#[test]
fn a_truncated_log_is_an_error_without_a_policy() {
    let mut world = world();
    world.brokers.append("kq", 0, 5);
    for partition in 0..2 {
        let tp = TopicPartition::new("kq", partition);
        world.brokers.group.committed.insert(tp, (Offset(0), -1));
    }
    world.start("c1", &spec(&manual(&[("auto.offset.reset", "none")])));
    world.run_ms(5_000);
    world.brokers.logs.clear();
    world.brokers.cluster.elect("kq", 0, 2);
    world.brokers.append("kq", 0, 1);
    world.run_ms(2_000);
    insta::assert_snapshot!(world.transcript("c1", 5_000), @"
    5.001 -> 1 Metadata
    5.003 kq-0 is led by Some(BrokerId(2)) in epoch 1
    5.003 -> 2 OffsetForLeaderEpoch
    5.021 throws LogTruncationException
    5.021 revoked [kq-0, kq-1] in 1
    5.021 -> 1 LeaveGroup: the consumer is being closed
    5.023 -> 1 Fetch session epoch -1 []
    5.023 -> 2 Fetch session epoch -1 []
    5.523 exits with 1
    ");
}

#[test]
fn a_refused_reset_is_asked_again() {
    let mut world = world();
    world.brokers.script.push_back((Api::ListOffsets, ErrorCode::NotLeaderOrFollower));
    world.brokers.script.push_back((Api::ListOffsets, ErrorCode::LeaderNotAvailable));
    world.start("c1", &spec(&manual(&[])));
    world.run_ms(4_000);
    insta::assert_snapshot!(world.transcript("c1", 3_010), @"
    3.010 assigned [kq-0, kq-1] in 1
    3.010 -> 1 OffsetFetch
    3.013 -> 1 ListOffsets
    3.013 -> 2 ListOffsets
    3.015 -> 1 Metadata
    3.115 -> 1 ListOffsets
    3.115 -> 2 ListOffsets
    3.117 resets kq-0 to 0: NoCommittedOffset
    3.117 -> 1 Fetch session epoch 0 [0@0]
    3.117 resets kq-1 to 0: NoCommittedOffset
    3.117 -> 2 Fetch session epoch 0 [1@0]
    ");
}

#[test]
fn the_application_seeks() {
    let mut world = world();
    world.brokers.append("kq", 0, 9);
    world.start("c1", &spec(&manual(&[("auto.offset.reset", "latest")])));
    world.run_ms(5_000);
    let tp = TopicPartition::new("kq", 0);
    for to in [SeekTo::Offset(Offset(4)), SeekTo::Latest, SeekTo::Earliest] {
        world.give("c1", Input::Instruction(Instruction::Seek { tp: tp.clone(), to }));
        world.run_ms(600);
    }
    insta::assert_snapshot!(world.transcript("c1", 5_000), @"
    5.000 resets kq-0 to 4: Seek
    5.023 -> 1 Fetch session epoch 4 [0@4]
    5.025 gets kq-0 4..9
    5.025 is done with kq-0 to 9
    5.025 -> 1 Fetch session epoch 5 [0@9]
    5.600 -> 1 ListOffsets
    6.008 -> 1 Heartbeat
    6.029 resets kq-0 to 9: Seek
    6.200 -> 1 ListOffsets
    6.531 resets kq-0 to 0: Seek
    6.531 -> 1 Fetch session epoch 8 [0@0]
    6.533 gets kq-0 0..9
    6.533 is done with kq-0 to 9
    6.533 -> 1 Fetch session epoch 9 [0@9]
    ");
}

#[test]
fn a_dead_leader_is_not_asked_until_there_is_another() {
    let mut world = world();
    world.brokers.append("kq", 1, 5);
    world.start("c1", &spec(&manual(&[])));
    world.run_ms(5_000);
    world.kill_broker(2);
    world.run_ms(1_000);
    world.brokers.cluster.elect("kq", 1, 1);
    world.brokers.append("kq", 1, 5);
    world.run_ms(2_000);
    insta::assert_snapshot!(world.transcript("c1", 5_000), @"
    5.000 -> 1 Metadata
    5.137839781 -> 1 Metadata
    5.805244371 -> 1 Metadata
    6.008 -> 1 Heartbeat
    6.027 kq-1 is led by Some(BrokerId(1)) in epoch 1
    6.027 -> 1 OffsetForLeaderEpoch
    7.031 -> 1 Fetch session epoch 8 [1@5]
    7.033 gets kq-1 5..10
    7.033 is done with kq-1 to 10
    7.033 -> 1 Fetch session epoch 9 [1@10]
    ");
}

#[test]
fn without_a_group_all_partitions_are_read_and_nothing_is_committed() {
    let mut world = world();
    world.brokers.append("kq", 0, 2);
    let mut overrides = Overrides::default();
    overrides.set(Domain::Consumer, "auto.offset.reset", "earliest").expect("a setting");
    let config = ConsumerConfig::new(&overrides).expect("settings that go together");
    let reads = Reads::AssignAll(vec!["kq".into()]);
    world.start("c1", &ConsumerSpec::new(config, vec![BrokerId(1)], reads));
    world.run_ms(1_000);
    world.give("c1", Input::Shutdown);
    world.run_ms(1_000);
    insta::assert_snapshot!(world.transcript("c1", 0), @"
    0.001 -> 1 Metadata
    0.004 -> 1 ListOffsets
    0.004 -> 2 ListOffsets
    0.006 resets kq-0 to 0: NoCommittedOffset
    0.006 -> 1 Fetch session epoch 0 [0@0]
    0.006 resets kq-1 to 0: NoCommittedOffset
    0.006 -> 2 Fetch session epoch 0 [1@0]
    0.008 gets kq-0 0..2
    0.008 is done with kq-0 to 2
    0.008 -> 1 Fetch session epoch 1 [0@2]
    1.000 -> 1 Fetch session epoch -1 []
    1.000 -> 2 Fetch session epoch -1 []
    1.012 exits with 0
    ");
}

#[test]
fn a_replica_that_the_leader_names_is_read_from_until_it_fails() {
    let mut world = world();
    world.brokers.append("kq", 0, 2);
    world.brokers.prefers = Some(BrokerId(2));
    world.start("c1", &spec(&manual(&[])));
    world.run_ms(4_000);
    world.brokers.prefers = None;
    world.brokers.append("kq", 0, 2);
    world.run_ms(1_000);
    insta::assert_snapshot!(world.transcript("c1", 3_015), @"
    3.015 resets kq-0 to 0: NoCommittedOffset
    3.015 -> 1 Fetch session epoch 0 [0@0]
    3.015 resets kq-1 to 0: NoCommittedOffset
    3.015 -> 2 Fetch session epoch 0 [1@0]
    3.517 -> 2 Fetch session epoch 1 [0@0]
    3.519 gets kq-0 0..2
    3.519 is done with kq-0 to 2
    3.519 -> 2 Fetch session epoch 2 [0@2]
    4.001 -> 1 Fetch session epoch 1 [0@2]
    4.001 -> 2 Fetch session epoch 3 [] -[0]
    4.001 -> 1 Metadata
    4.003 gets kq-0 2..4
    4.003 is done with kq-0 to 4
    4.003 -> 1 Fetch session epoch 2 [0@4]
    ");
}

#[test]
fn partitions_are_named_in_the_order_of_a_java_hash_set() {
    let mut world = World::new(Cardboard::of(1).topic("kq", &[1; 6]));
    for partition in 0..6 {
        world.brokers.append("kq", partition, 1);
    }
    world.start("c1", &spec(&manual(&[])));
    world.run_ms(4_000);
    insta::assert_snapshot!(world.transcript("c1", 3_013), @"
    3.013 -> 1 ListOffsets
    3.015 resets kq-0 to 0: NoCommittedOffset
    3.015 resets kq-1 to 0: NoCommittedOffset
    3.015 resets kq-2 to 0: NoCommittedOffset
    3.015 resets kq-3 to 0: NoCommittedOffset
    3.015 resets kq-4 to 0: NoCommittedOffset
    3.015 resets kq-5 to 0: NoCommittedOffset
    3.015 -> 1 Fetch session epoch 0 [5@0, 4@0, 3@0, 2@0, 1@0, 0@0]
    3.017 gets kq-5 0..1
    3.017 gets kq-4 0..1
    3.017 gets kq-3 0..1
    3.017 gets kq-2 0..1
    3.017 gets kq-1 0..1
    3.017 gets kq-0 0..1
    3.017 is done with kq-5 to 1
    3.017 is done with kq-4 to 1
    3.017 is done with kq-3 to 1
    3.017 is done with kq-2 to 1
    3.017 is done with kq-1 to 1
    3.017 is done with kq-0 to 1
    3.017 -> 1 Fetch session epoch 1 [5@1, 4@1, 3@1, 2@1, 1@1, 0@1]
    ");
}

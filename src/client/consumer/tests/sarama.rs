//! Members of a group that work with sarama: marks, commits, handlers beside the client.

use super::World;
use crate::client::consumer::{ConsumerSpec, Marks, Personality, Reads};
use crate::client::testing::Cardboard;
use crate::config::{Domain, Overrides, SaramaConsumerConfig};
use crate::ids::BrokerId;
use crate::node::{Input, Instruction};
use crate::sim::Duration;

/// A handler that works on each record for so many milliseconds.
fn sarama(millis: u64, marks: Marks, settings: &[(&str, &str)]) -> ConsumerSpec {
    let mut overrides = Overrides::default();
    for (name, text) in [("Consumer.Offsets.Initial", "OffsetOldest")].iter().chain(settings) {
        overrides.set(Domain::SaramaConsumer, name, text).expect("a setting of sarama's");
    }
    let config = SaramaConsumerConfig::new(&overrides).expect("settings that sarama takes");
    let reads = Reads::Subscribe(vec!["kq".into()]);
    let spec = ConsumerSpec::new(config.in_kafkas_names(&"g".into()), vec![BrokerId(1)], reads);
    ConsumerSpec {
        process: Duration::from_millis(millis),
        personality: Personality::sarama(&config),
        marks,
        ..spec
    }
}

/// One broker that leads one partition of `kq`.
fn one() -> World {
    World::new(Cardboard::of(1).topic("kq", &[1]))
}

/// What a consumer committed, and when.
fn commits(world: &World, name: &str) -> String {
    let transcript = world.transcript(name, 0);
    let commits = transcript.lines().filter(|line| line.contains("OffsetCommit"));
    commits.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_second_what_is_marked_is_committed_and_nothing_where_nothing_is_new() {
    let mut world = one();
    world.brokers.append("kq", 0, 4);
    world.start("c1", &sarama(400, Marks::All, &[]));
    world.run_ms(9_000);
    insta::assert_snapshot!(commits(&world, "c1"), @"
    4.010 -> 1 OffsetCommit generation 1 [0@2]
    5.010 -> 1 OffsetCommit generation 1 [0@4]
    ");
}

#[test]
fn a_later_mark_hides_the_records_before_it() {
    let mut world = one();
    world.brokers.append("kq", 0, 4);
    world.start("c1", &sarama(10, Marks::Even, &[]));
    world.run_ms(6_000);
    world.give("c1", Input::Shutdown);
    world.run_ms(1_000);
    assert_eq!(world.nodes["c1"].exit, Some(0));
    insta::assert_snapshot!(commits(&world, "c1"), @"4.010 -> 1 OffsetCommit generation 1 [0@3]");
    // Whoever comes next begins after the last mark, and marks nothing: 3 is odd.
    world.start("c2", &sarama(10, Marks::Even, &[]));
    world.run_ms(6_000);
    world.give("c2", Input::Shutdown);
    world.run_ms(1_000);
    assert!(world.transcript("c2", 0).contains("gets kq-0 3..4"), "{}", world.transcript("c2", 0));
    assert_eq!(commits(&world, "c2"), "");
}

#[test]
fn the_end_of_a_session_waits_for_the_record_in_hand_commits_it_and_leaves() {
    let mut world = one();
    world.brokers.append("kq", 0, 4);
    world.start("c1", &sarama(700, Marks::All, &[]));
    world.run_ms(4_000);
    world.give("c1", Input::Shutdown);
    world.run_ms(2_000);
    insta::assert_snapshot!(world.transcript("c1", 3_012), @"
    3.013 -> 1 ListOffsets
    3.015 resets kq-0 to 0: NoCommittedOffset
    3.015 -> 1 Fetch session epoch -1 [0@0]
    3.017 gets kq-0 0..1
    3.017 -> 1 Fetch session epoch -1 [0@4]
    3.519 -> 1 Fetch session epoch -1 [0@4]
    3.717 is done with kq-0 to 1
    3.717 gets kq-0 1..2
    4.417 is done with kq-0 to 2
    4.417 -> 1 OffsetCommit generation 1 [0@2]
    4.419 revoked [kq-0] in 1
    4.419 -> 1 LeaveGroup: the consumer is being closed
    4.421 exits with 0
    ");
    assert_eq!(world.nodes["c1"].exit, Some(0));
}

#[test]
fn a_handler_that_is_stuck_keeps_its_membership_until_somebody_else_joins() {
    let mut world = one();
    world.brokers.append("kq", 0, 4);
    let settings = [("Consumer.Group.Rebalance.Timeout", "6s")];
    world.start("c1", &sarama(100, Marks::All, &settings));
    world.run_ms(3_050);
    world.give("c1", Input::Instruction(Instruction::Stall { span: Duration::from_secs(30) }));
    world.run_ms(20_000);
    let transcript = world.transcript("c1", 4_000);
    assert!(!transcript.contains("stayed away") && !transcript.contains("LeaveGroup"));
    world.start("c2", &sarama(100, Marks::All, &settings));
    world.run_ms(20_000);
    insta::assert_snapshot!(world.callbacks(0), @"
    3.010 c1 assigned [kq-0] in 1
    29.060 c2 assigned [kq-0] in 2
    33.050 c1 lost [kq-0]
    35.060 c2 revoked [kq-0] in 2
    35.064 c2 assigned [] in 3
    35.064 c1 assigned [kq-0] in 3
    ");
    insta::assert_snapshot!(commits(&world, "c1"), @"");
}

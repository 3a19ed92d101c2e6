//! Members of a group that work with kq: handlers beside each other, one number for each partition.

use super::World;
use crate::client::consumer::{ConsumerSpec, Marks, Personality, Reads, Slow};
use crate::client::testing::Cardboard;
use crate::config::{Domain, KqQueueConfig, Overrides};
use crate::ids::BrokerId;
use crate::node::Input;
use crate::sim::Duration;

/// Handlers that work on each record for so many milliseconds, and on each tenth for three seconds.
fn kq(millis: u64, fails: Marks, settings: &[(&str, &str)]) -> ConsumerSpec {
    let mut overrides = Overrides::default();
    for (name, text) in [("Offset", "first")].iter().chain(settings) {
        overrides.set(Domain::KqQueue, name, text).expect("a setting of kq's");
    }
    let config = KqQueueConfig::new(&overrides).expect("settings that kq takes");
    let reads = Reads::Subscribe(vec!["kq".into()]);
    let spec = ConsumerSpec::new(config.in_kafkas_names(&"g".into()), vec![BrokerId(1)], reads);
    ConsumerSpec {
        process: Duration::from_millis(millis),
        personality: Personality::kq(&config),
        fails,
        slow: Some(Slow { every: 10, process: Duration::from_secs(3) }),
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

fn count(world: &World, name: &str, what: &str) -> usize {
    world.transcript(name, 0).matches(what).count()
}

#[test]
fn the_highest_of_what_is_done_since_the_last_commit_is_committed_be_it_lower_than_that() {
    let mut world = one();
    world.brokers.append("kq", 0, 5);
    world.start("c1", &kq(100, Marks::None, &[]));
    world.run_ms(12_000);
    insta::assert_snapshot!(commits(&world, "c1"), @"
    4.010 -> 1 OffsetCommit generation 1 [0@5]
    7.010 -> 1 OffsetCommit generation 1 [0@1]
    ");
    assert_eq!(count(&world, "c1", "has handled"), 5);
}

#[test]
fn in_order_what_is_done_waits_for_what_came_before() {
    let mut world = one();
    world.brokers.append("kq", 0, 5);
    world.start("c1", &kq(100, Marks::None, &[("CommitInOrder", "true")]));
    world.run_ms(12_000);
    insta::assert_snapshot!(commits(&world, "c1"), @"7.010 -> 1 OffsetCommit generation 1 [0@5]");
}

#[test]
fn what_a_handler_fails_on_is_committed_and_without_force_commit_hidden_by_the_next() {
    let committed = |settings: &[(&str, &str)]| {
        let mut world = one();
        world.brokers.append("kq", 0, 4);
        world.start("c1", &kq(100, Marks::Odd, &[&[("Processors", "1")], settings].concat()));
        world.run_ms(12_000);
        assert_eq!(count(&world, "c1", "fails on"), 2);
        commits(&world, "c1")
    };
    insta::assert_snapshot!(committed(&[]), @"7.010 -> 1 OffsetCommit generation 1 [0@4]");
    insta::assert_snapshot!(committed(&[("ForceCommit", "false")]), @"7.010 -> 1 OffsetCommit generation 1 [0@3]");
}

#[test]
fn as_many_records_are_in_hand_as_there_are_processors() {
    let mut world = one();
    world.brokers.append("kq", 0, 5);
    world.start("c1", &kq(500, Marks::None, &[("Processors", "2"), ("Consumers", "1")]));
    world.run_ms(12_000);
    let transcript = world.transcript("c1", 3_000);
    let lines = transcript.lines().filter(|line| line.contains("handled") || line.contains("gets"));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @"
    3.017 gets kq-0 0..1
    3.017 gets kq-0 1..2
    3.017 gets kq-0 2..3
    3.517 has handled kq-0 1
    3.517 gets kq-0 3..4
    4.017 has handled kq-0 2
    4.017 gets kq-0 4..5
    4.517 has handled kq-0 3
    5.017 has handled kq-0 4
    6.017 has handled kq-0 0
    ");
}

#[test]
fn a_rebalance_waits_for_nobody_and_what_is_in_hand_is_committed_in_the_next_generation() {
    let mut world = World::new(Cardboard::of(1).topic("kq", &[1, 1]));
    world.brokers.append("kq", 0, 1);
    world.start("c1", &kq(100, Marks::None, &[]));
    world.run_ms(5_000);
    world.start("c2", &kq(100, Marks::None, &[]));
    world.run_ms(12_000);
    insta::assert_snapshot!(world.callbacks(0), @"
    3.010 c1 assigned [kq-0, kq-1] in 1
    6.010 c1 revoked [kq-0, kq-1] in 1
    6.014 c1 assigned [kq-0] in 2
    6.014 c2 assigned [kq-1] in 2
    ");
    // It is read again in between: nothing was committed when the generation began.
    let commits = commits(&world, "c1");
    assert!(commits.starts_with("7.014 -> 1 OffsetCommit generation 2 [0@1]"), "{commits}");
}

#[test]
fn a_queue_that_is_stopped_leaves_and_handles_what_it_has_uncommitted() {
    let mut world = one();
    world.brokers.append("kq", 0, 3);
    world.start("c1", &kq(100, Marks::None, &[]));
    world.run_ms(4_500);
    world.give("c1", Input::Shutdown);
    world.run_ms(8_000);
    let from = world.transcript("c1", 4_400);
    insta::assert_snapshot!(from, @"
    4.500 revoked [kq-0] in 1
    4.500 -> 1 LeaveGroup: the consumer is being closed
    6.017 has handled kq-0 0
    6.017 exits with 0
    ");
    assert_eq!(world.nodes["c1"].exit, Some(0));
}

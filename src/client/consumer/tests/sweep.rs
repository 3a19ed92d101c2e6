//! Many seeds of faults: afterwards every record has been read and committed, and members agree.

use std::collections::BTreeSet;

use super::spec;
use super::world::World;
use crate::client::consumer::{CommitPolicy, ConsumerSpec, OnError};
use crate::client::testing::Cardboard;
use crate::ids::BrokerId;
use crate::node::{Input, Instruction};
use crate::protocol::{Api, ErrorCode};
use crate::sim::Duration;
use crate::sim::rng::Stream;

const PARTITIONS: u64 = 6;
const SEEDS: u64 = 60;

fn any_spec(chance: &mut Stream) -> ConsumerSpec {
    let strategies = ["range", "cooperative-sticky"];
    let settings = [
        ("session.timeout.ms", "6000"),
        ("heartbeat.interval.ms", "1000"),
        ("max.poll.interval.ms", "8000"),
        ("max.poll.records", "20"),
        ("partition.assignment.strategy", strategies[chance.below(2) as usize]),
    ];
    let commits = [CommitPolicy::Auto, CommitPolicy::Sync, CommitPolicy::Async];
    ConsumerSpec {
        process: Duration::from_millis(chance.below(20)),
        commit: commits[chance.below(3) as usize],
        on_error: OnError::PollAgain,
        ..spec(&settings)
    }
}

fn any_error(chance: &mut Stream) -> (Api, ErrorCode) {
    let errors = [
        (Api::JoinGroup, ErrorCode::CoordinatorLoadInProgress),
        (Api::JoinGroup, ErrorCode::UnknownMemberId),
        (Api::SyncGroup, ErrorCode::RebalanceInProgress),
        (Api::SyncGroup, ErrorCode::UnknownMemberId),
        (Api::Heartbeat, ErrorCode::IllegalGeneration),
        (Api::Heartbeat, ErrorCode::NotCoordinator),
        (Api::OffsetCommit, ErrorCode::RequestTimedOut),
        (Api::OffsetCommit, ErrorCode::RebalanceInProgress),
        (Api::OffsetCommit, ErrorCode::IllegalGeneration),
        (Api::OffsetFetch, ErrorCode::CoordinatorNotAvailable),
        (Api::ListOffsets, ErrorCode::UnknownLeaderEpoch),
        (Api::FindCoordinator, ErrorCode::CoordinatorNotAvailable),
    ];
    errors[chance.below(errors.len() as u64) as usize]
}

fn any_fault(world: &mut World, spec: &ConsumerSpec, chance: &mut Stream) {
    let broker = chance.below(3) as i32 + 1;
    let name = format!("c{}", chance.below(4));
    match chance.below(9) {
        0 => world.kill_broker(broker),
        1 => {
            world.brokers.cluster.down.remove(&BrokerId(broker));
        }
        2 => world.brokers.cluster.elect("kq", chance.below(PARTITIONS) as usize, broker),
        3 => world.brokers.coordinator = broker,
        4 => world.brokers.script.push_back(any_error(chance)),
        5 => {
            let span = Duration::from_millis(chance.below(12_000));
            world.give(&name, Input::Instruction(Instruction::Stall { span }));
        }
        6 => world.kill(&name),
        7 => world.give(&name, Input::Shutdown),
        _ => {
            if world.nodes.get(name.as_str()).is_none_or(|node| node.exit.is_some()) {
                world.kill(&name);
                world.start(&name, spec);
            }
        }
    }
}

fn storm(seed: u64) {
    let mut chance = Stream::new(seed, "storm");
    let mut world = World::new(Cardboard::of(3).topic("kq", &[1, 2, 3, 1, 2, 3]));
    let spec = any_spec(&mut chance);
    for name in ["c0", "c1"] {
        world.start(name, &spec);
    }
    for _ in 0..120 {
        world.brokers.append("kq", chance.below(PARTITIONS) as i32, 1 + chance.below(4) as u32);
        any_fault(&mut world, &spec, &mut chance);
        world.run_ms(chance.below(800));
    }
    world.brokers.cluster.down.clear();
    world.brokers.script.clear();
    for (partition, broker) in (0..PARTITIONS as usize).zip([1, 2, 3].into_iter().cycle()) {
        world.brokers.cluster.elect("kq", partition, broker);
    }
    world.kill("c9");
    world.start("c9", &spec);
    world.run_ms(60_000);
    // A commit that failed is made good by the next one.
    for partition in 0..PARTITIONS {
        world.brokers.append("kq", partition as i32, 1);
    }
    world.run_ms(30_000);

    let mut owned = BTreeSet::new();
    for (name, node) in &world.nodes {
        if node.exit.is_some() {
            continue;
        }
        assert_eq!(node.consumer.state(), "stable", "seed {seed}: {name}");
        for tp in node.consumer.subscriptions().partitions().keys() {
            assert!(owned.insert(tp.clone()), "seed {seed}: {tp} is owned twice");
        }
    }
    assert_eq!(owned.len() as u64, PARTITIONS, "seed {seed}: {owned:?}");
    for (tp, log) in &world.brokers.logs {
        let end = log.batches.last().map(|batch| batch.next_offset());
        let committed = world.brokers.group.committed.get(tp).map(|(offset, _)| *offset);
        assert_eq!(committed, end, "seed {seed}: {tp}");
    }
}

#[test]
fn after_many_faults_everything_is_read_and_committed() {
    for seed in 0..SEEDS {
        storm(seed);
    }
}

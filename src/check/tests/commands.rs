//! What people type while a cluster runs: nothing of it breaks a promise, whatever it is.

use super::lab::{Lab, Plan};
use crate::cluster::Act;
use crate::coordinator::group::OFFSETS_TOPIC;
use crate::fact::Fact;
use crate::ids::{BrokerId, Name, Offset, PartitionIndex, TopicPartition};
use crate::node::{AdminRequest, ConfigResource, Instruction};
use crate::protocol::ErrorCode;
use crate::sim::rng::Stream;
use crate::sim::{Duration, NodeId};
use crate::view::Lens;

/// Asks for something at random, of the topics `kq` and `two` and of the one that groups are kept in.
pub(super) fn command(lab: &mut Lab, chance: &mut Stream) {
    let topic = if chance.below(2) == 0 { "kq" } else { "two" };
    match chance.below(16) {
        0 => delete(lab, topic),
        1 => delete(lab, OFFSETS_TOPIC),
        2 | 3 => set_min_isr(lab, topic, ["1", "2", "3"][chance.below(3) as usize]),
        4 | 5 => add_partitions(lab, topic, 2 + chance.below(6) as u32),
        6 => create(lab, topic, 3, 1 + chance.below(3) as u16),
        7 => create(lab, &format!("new-{}", chance.below(9)), 2, 2),
        8 => {
            let producer = lab.node("all");
            let key = (chance.below(2) == 0).then_some("k");
            let partition = [None, Some(0), Some(1)][chance.below(3) as usize];
            produce(lab, producer, OFFSETS_TOPIC, partition, key);
        }
        9 => lab.ask(AdminRequest::ElectLeaders { unclean: false, partitions: Vec::new() }),
        10 => {
            let tp = TopicPartition::new(topic, chance.below(3) as i32);
            lab.ask(AdminRequest::Reassign { tp, replicas: None });
        }
        _ => {
            let mut all = vec![1, 2, 3];
            let mut replicas = Vec::new();
            for _ in 0..=chance.below(3) {
                replicas.push(all.remove(chance.below(all.len() as u64) as usize));
            }
            lab.reassign(topic, chance.below(3) as i32, &replicas);
        }
    }
}

fn delete(lab: &mut Lab, topic: &str) {
    lab.ask(AdminRequest::DeleteTopic { topic: topic.into() });
}

fn set_min_isr(lab: &mut Lab, topic: &str, value: &str) {
    let key = "min.insync.replicas".into();
    let value = Some(value.into());
    let resource = ConfigResource::Topic;
    lab.ask(AdminRequest::AlterConfig { resource, name: topic.into(), key, value });
}

fn add_partitions(lab: &mut Lab, topic: &str, count: u32) {
    lab.ask(AdminRequest::CreatePartitions { topic: topic.into(), count });
}

fn create(lab: &mut Lab, topic: &str, partitions: u32, replicas: u16) {
    lab.ask(AdminRequest::CreateTopic {
        topic: topic.into(),
        partitions: Some(partitions),
        replication_factor: Some(replicas),
        replicas: Vec::new(),
        config: Vec::new(),
    });
}

fn produce(
    lab: &mut Lab,
    producer: NodeId,
    topic: &str,
    partition: Option<i32>,
    key: Option<&'static str>,
) {
    lab.act(Act::Tell(
        producer,
        Instruction::Produce {
            topic: topic.into(),
            partition: partition.map(PartitionIndex),
            key: key.map(|key| key.as_bytes().into()),
            value: b"hello"[..].into(),
        },
    ));
}

/// A cluster with a producer and a group of two at work.
fn at_work(plan: Plan) -> Lab {
    let mut lab = Lab::new(plan);
    lab.producer("web", "kq", 20, &[]);
    for name in ["c1", "c2"] {
        lab.consumer(name, "checkout", "kq", &[]);
    }
    lab.run(Duration::from_secs(10));
    lab
}

fn three_partitions(replicas: u16) -> Plan {
    Plan { topics: vec![("kq", 3, replicas)], ..Plan::default() }
}

fn offsets_end(lab: &Lab, partition: i32) -> Offset {
    let (lens, tp) = (Lens::new(&lab.cluster), TopicPartition::new(OFFSETS_TOPIC, partition));
    let leader = lens.registration(&tp).and_then(|state| state.leader).expect("it has a leader");
    lens.log(&tp, leader).expect("it leads").log_end_offset()
}

/// How many members a group has by its coordinator.
fn members(lab: &Lab, group: &str) -> usize {
    let group: Name = group.into();
    Lens::new(&lab.cluster).group_in_memory(&group).map_or(0, |group| group.members.len())
}

#[test]
fn only_kafka_itself_writes_to_an_internal_topic() {
    let mut lab = at_work(three_partitions(3));
    let web = lab.node("web");
    for (partition, key) in [(0, Some("k")), (0, None), (1, Some("k"))] {
        let before = offsets_end(&lab, partition);
        produce(&mut lab, web, OFFSETS_TOPIC, Some(partition), key);
        lab.until_told("the record is refused", Duration::from_millis(900), |fact| {
            matches!(fact, Fact::ProduceRefused { tp, error: ErrorCode::InvalidTopicException }
                if *tp.topic == *OFFSETS_TOPIC)
        });
        // Only members commit there, and not as often.
        assert!(offsets_end(&lab, partition).0 - before.0 <= 4);
        lab.run(Duration::from_secs(2));
    }
    lab.run(Duration::from_secs(10));
    lab.end();
    lab.expect_nothing();
}

#[test]
fn a_coordinator_that_somebody_wrote_beside_reads_its_partition_again() {
    let mut lab = at_work(three_partitions(3));
    let intruder = lab.producer("intruder", "kq", 0, &[("client.id", "__admin_client")]);
    lab.run(Duration::from_secs(1));
    let home = lab.home("checkout");
    produce(&mut lab, intruder, OFFSETS_TOPIC, Some(home), Some("not a key of Kafka's"));
    lab.until_told(
        "the coordinator starts anew",
        Duration::from_secs(10),
        |fact| matches!(fact, Fact::CoordinatorLoaded { tp, .. } if tp.partition.0 == home),
    );
    lab.run(Duration::from_secs(20));
    assert_eq!(members(&lab, "checkout"), 2);
}

#[test]
fn a_group_outlives_the_deletion_of_the_topic_it_is_kept_in() {
    let mut lab = at_work(three_partitions(3));
    delete(&mut lab, OFFSETS_TOPIC);
    lab.until_told("its coordinator goes", Duration::from_secs(5), |fact| {
        matches!(fact, Fact::CoordinatorUnloaded { .. })
    });
    assert_eq!(members(&lab, "checkout"), 0);
    // Whoever looks for a coordinator lets the topic be created again, as in the beginning.
    lab.run(Duration::from_secs(30));
    assert_eq!(members(&lab, "checkout"), 2);
    assert!(lab.committed("checkout", &TopicPartition::new("kq", 0)).is_some());
    lab.end();
    lab.expect_nothing();
}

#[test]
fn a_broker_that_was_away_does_not_take_its_old_log_for_that_of_a_new_topic() {
    let mut lab = at_work(three_partitions(3));
    let second = lab.broker(2);
    lab.act(Act::Stop(second));
    lab.run(Duration::from_secs(5));
    for topic in [OFFSETS_TOPIC, "kq"] {
        delete(&mut lab, topic);
    }
    lab.run(Duration::from_secs(15));
    lab.act(Act::Start(second));
    lab.run(Duration::from_secs(20));
    assert_eq!(members(&lab, "checkout"), 2);
    lab.end();
    lab.expect_nothing();
}

#[test]
fn who_is_moved_away_while_too_few_are_in_sync_stays_eligible_by_name_alone() {
    let mut lab = at_work(three_partitions(2));
    set_min_isr(&mut lab, "kq", "2");
    lab.run(Duration::from_secs(1));
    let tp = TopicPartition::new("kq", 0);
    let state = Lens::new(&lab.cluster).registration(&tp).expect("it exists").clone();
    lab.reassign("kq", 0, &[state.replicas[0].0]);
    lab.run(Duration::from_secs(5));
    let now = Lens::new(&lab.cluster).registration(&tp).expect("it exists").clone();
    assert_eq!((now.replicas.len(), now.elr()), (1, &state.replicas[1..]));
    lab.end();
    lab.expect_nothing();
}

#[test]
fn a_replica_that_comes_back_begins_with_an_empty_log() {
    let mut lab = at_work(three_partitions(3));
    for replicas in [&[2, 3][..], &[1, 2, 3]] {
        lab.reassign("kq", 0, replicas);
        lab.run(Duration::from_secs(5));
    }
    let tp = TopicPartition::new("kq", 0);
    let now = Lens::new(&lab.cluster).registration(&tp).expect("it exists").clone();
    assert!(now.isr.contains(&BrokerId(1)), "{:?}", now.isr);
    lab.end();
    lab.expect_nothing();
}

#[test]
fn a_topic_that_comes_again_has_nothing_of_the_one_before() {
    for seed in 0..4 {
        let mut lab = at_work(Plan { seed, ..three_partitions(2) });
        delete(&mut lab, "kq");
        lab.run(Duration::from_secs(20));
        // A producer asks for the topic, and so it is created: with one partition.
        add_partitions(&mut lab, "kq", 3);
        lab.run(Duration::from_secs(20));
        lab.end();
        lab.expect_nothing();
    }
}

#[test]
fn partitions_are_placed_on_a_broker_that_has_stopped_only_if_there_is_no_other() {
    for replicas in [2, 3] {
        let mut lab = at_work(three_partitions(replicas));
        let second = lab.broker(2);
        lab.act(Act::Stop(second));
        lab.run(Duration::from_secs(15));
        add_partitions(&mut lab, "kq", 5);
        create(&mut lab, "new", 2, replicas);
        lab.run(Duration::from_secs(5));
        lab.end();
        lab.expect_nothing();
    }
}

#[test]
fn partitions_that_are_added_during_a_move_get_as_many_replicas_as_that_has() {
    let mut lab = at_work(three_partitions(2));
    let third = lab.broker(3);
    lab.act(Act::Stop(third));
    lab.run(Duration::from_secs(1));
    lab.reassign("kq", 2, &[2, 3]);
    lab.run(Duration::from_secs(5));
    add_partitions(&mut lab, "kq", 5);
    lab.run(Duration::from_secs(5));
    lab.end();
    lab.expect_nothing();
}

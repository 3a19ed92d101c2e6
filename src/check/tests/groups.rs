//! Groups that do what they may: nothing is found, and it was looked at.

use super::lab::{Lab, Plan};
use crate::check::Id;
use crate::client::consumer::CommitPolicy;
use crate::cluster::Act;
use crate::ids::{Offset, TopicPartition};
use crate::node::{Instruction, SeekTo};
use crate::sim::Duration;

const QUICK: (&str, &str) = ("session.timeout.ms", "6000");

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn lab(partitions: u32) -> Lab {
    let plan = Plan { topics: vec![("kq", partitions, 3)], ..Plan::default() };
    let mut lab = Lab::new(plan.with("min.insync.replicas", "2"));
    lab.producer("web", "kq", 50, &[]);
    lab
}

fn kq() -> TopicPartition {
    TopicPartition::new("kq", 0)
}

#[track_caller]
fn expect_judged(lab: &Lab, ids: &[Id]) {
    lab.expect_nothing();
    let never = ids.iter().filter(|id| lab.checker.counters().of(**id) == 0);
    assert_eq!(never.collect::<Vec<_>>(), [] as [&Id; 0], "never judged");
}

#[test]
fn the_offsets_of_a_group_that_left_expire() {
    let mut lab = lab(1);
    let consumer = lab.consumer("c1", "checkout", "kq", &[QUICK]);
    lab.run(seconds(20));
    assert!(lab.committed("checkout", &kq()).is_some());
    lab.act(Act::Stop(consumer));
    lab.run(seconds(50));
    assert!(lab.committed("checkout", &kq()).is_some());
    lab.run(seconds(30));
    assert_eq!(lab.committed("checkout", &kq()), None);
    expect_judged(&lab, &[Id::O1, Id::O4]);
}

#[test]
fn an_owner_may_go_back() {
    let mut lab = lab(1);
    let consumer = lab.consumer("c1", "checkout", "kq", &[QUICK]);
    lab.run(seconds(20));
    let before = lab.committed("checkout", &kq());
    lab.act(Act::Tell(consumer, Instruction::Seek { tp: kq(), to: SeekTo::Offset(Offset(3)) }));
    lab.act(Act::Tell(consumer, Instruction::Commit));
    lab.run(Duration::from_millis(100));
    assert!(lab.committed("checkout", &kq()) < before);
    lab.run(seconds(10));
    expect_judged(&lab, &[Id::O3, Id::P4, Id::P5]);
}

#[test]
fn consumers_are_killed_amid_their_work() {
    for policy in [CommitPolicy::Auto, CommitPolicy::Sync, CommitPolicy::Async] {
        let mut lab = lab(4);
        for name in ["c1", "c2", "c3"] {
            lab.consumer_that(name, "checkout", "kq", &[QUICK], |spec| {
                spec.commit = policy;
                spec.process = Duration::from_millis(10);
            });
        }
        lab.run(seconds(15));
        for name in ["c1", "c2", "c3", "c1"] {
            let consumer = lab.node(name);
            lab.act(Act::Kill(consumer));
            lab.run(seconds(9));
            lab.act(Act::Start(consumer));
            lab.run(seconds(4));
        }
        expect_judged(&lab, &[Id::P5, Id::G2, Id::G3, Id::G6, Id::G7, Id::O1, Id::O6]);
    }
}

#[test]
fn who_commits_first_works_once() {
    let mut lab = lab(2);
    for name in ["c1", "c2"] {
        lab.consumer_that(name, "checkout", "kq", &[QUICK], |spec| {
            spec.commit = CommitPolicy::Before;
            spec.process = Duration::from_millis(10);
        });
    }
    lab.run(seconds(15));
    for name in ["c1", "c2"] {
        let consumer = lab.node(name);
        lab.act(Act::Kill(consumer));
        lab.run(seconds(9));
        lab.act(Act::Start(consumer));
        lab.run(seconds(4));
    }
    assert_eq!(lab.checker.duplicated(Some("checkout")), 0);
    expect_judged(&lab, &[Id::P5]);
}

#[test]
fn static_members_outlive_their_coordinator() {
    let mut lab = lab(4);
    for (name, instance) in [("c1", "till-1"), ("c2", "till-2")] {
        lab.consumer(name, "checkout", "kq", &[("group.instance.id", instance)]);
    }
    lab.run(seconds(20));
    for _ in 0..3 {
        let coordinator = lab.coordinator("checkout");
        lab.act(Act::Kill(coordinator));
        lab.run(seconds(20));
        lab.act(Act::Start(coordinator));
        lab.run(seconds(20));
    }
    expect_judged(&lab, &[Id::G8, Id::G9, Id::O1]);
}

#[test]
fn what_moves_moves_once_when_a_member_comes() {
    for assignor in ["sticky", "cooperative-sticky"] {
        let mut lab = lab(7);
        let config = [QUICK, ("partition.assignment.strategy", assignor)];
        for name in ["c1", "c2", "c3"] {
            lab.consumer(name, "checkout", "kq", &config);
            lab.run(seconds(10));
        }
        let gone = lab.node("c1");
        lab.act(Act::Stop(gone));
        lab.run(seconds(10));
        expect_judged(&lab, &[Id::G2, Id::G6, Id::G7]);
    }
}

#[test]
fn a_group_that_is_left_alone_rests() {
    let mut lab = lab(2);
    let config = [QUICK, ("max.poll.interval.ms", "10000")];
    lab.consumer("c1", "checkout", "kq", &config);
    lab.consumer("c2", "checkout", "kq", &config);
    lab.run(seconds(110));
    lab.end();
    expect_judged(&lab, &[Id::G10, Id::P6]);
}

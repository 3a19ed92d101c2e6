//! Runs with faults at random, in which nothing may be found.

use super::lab::{Lab, Plan};
use crate::cluster::{Act, ProcessState};
use crate::sim::rng::Stream;
use crate::sim::{Duration, NodeId};

/// What may happen in a run.
#[derive(Clone, Copy, Debug, Default)]
struct Faults {
    /// Machines lose power.
    power: bool,
    /// Disks are replaced by empty ones.
    wipe: bool,
}

/// Does something at random to the cluster.
fn disturb(lab: &mut Lab, faults: Faults, chance: &mut Stream) {
    let brokers: Vec<NodeId> = (1..=3).map(|id| lab.broker(id)).collect();
    let controller = lab.node("controller-1");
    let any = brokers[chance.below(3) as usize];
    let other = brokers[chance.below(3) as usize];
    match lab.cluster.state(any) {
        ProcessState::Down => return lab.act(Act::Start(any)),
        ProcessState::Paused => return lab.act(Act::Resume(any)),
        ProcessState::Booting => return,
        ProcessState::Up => {}
    }
    match chance.below(12) {
        0 | 1 => lab.act(Act::Kill(any)),
        2 => lab.act(Act::Stop(any)),
        3 => lab.act(Act::Pause(any)),
        4 if any != other => lab.act(Act::Cut(any, other)),
        5 => {
            lab.act(Act::Cut(any, controller));
            lab.act(Act::Cut(controller, any));
        }
        6 if faults.power => lab.act(Act::PowerOff(any)),
        7 if faults.wipe => {
            lab.act(Act::Kill(any));
            lab.act(Act::Wipe(any));
        }
        8 => lab.act(Act::Delay(any, other, Duration::from_millis(chance.below(3_000)))),
        9 => lab.act(Act::Reset(any, other)),
        _ => heal_links(lab),
    }
}

fn heal_links(lab: &mut Lab) {
    let faults: Vec<_> = lab.cluster.network().faults().collect();
    for fault in faults {
        lab.act(Act::Delay(fault.from, fault.to, Duration::ZERO));
        for _ in 0..fault.cuts {
            lab.act(Act::Heal(fault.from, fault.to));
        }
    }
}

fn heal(lab: &mut Lab) {
    heal_links(lab);
    for node in lab.cluster.nodes().collect::<Vec<_>>() {
        lab.act(Act::Resume(node));
        lab.act(Act::Start(node));
    }
}

fn sweep(plan: impl Fn() -> Plan, faults: Faults, seeds: std::ops::Range<u64>) -> Lab {
    let mut last = None;
    for seed in seeds {
        let mut lab = Lab::new(Plan { seed, ..plan() });
        lab.producer("all", "kq", 20, &[]);
        lab.producer("one", "kq", 10, &[("acks", "1"), ("enable.idempotence", "false")]);
        let mut chance = Stream::new(seed, "sweep");
        for _ in 0..40 {
            lab.run(chance.span(Duration::from_millis(10), Duration::from_secs(6)));
            disturb(&mut lab, faults, &mut chance);
            if !lab.found.is_empty() {
                break;
            }
        }
        heal(&mut lab);
        lab.run(Duration::from_secs(60));
        let all: Vec<String> = lab.found.iter().take(4).map(ToString::to_string).collect();
        assert!(all.is_empty(), "seed {seed}, {:?}\n{}", lab.now(), all.join("\n"));
        last = Some(lab);
    }
    last.expect("there are seeds")
}

fn seeds(count: u64) -> std::ops::Range<u64> {
    match std::env::var("LAB_SEED").ok().and_then(|seed| seed.parse().ok()) {
        Some(seed) => seed..seed + 1,
        None => 0..count,
    }
}

#[test]
fn a_calm_cluster_breaks_nothing() {
    let mut lab = Lab::new(Plan::default());
    lab.producer("web", "kq", 20, &[]);
    lab.run(Duration::from_secs(20));
    lab.expect_nothing();
}

#[test]
fn processes_and_links_fail() {
    let plan = || Plan::default().topic("two", 3, 2).with("min.insync.replicas", "2");
    let lab = sweep(plan, Faults::default(), seeds(30));
    println!("{:?} {:?}", lab.checker.totals(None), lab.checker.counters());
}

#[test]
fn processes_and_links_fail_where_one_replica_is_enough() {
    sweep(Plan::default, Faults::default(), seeds(30));
}

#[test]
fn power_fails() {
    let plan = || Plan::default().with("min.insync.replicas", "2");
    sweep(plan, Faults { power: true, ..Faults::default() }, seeds(30));
}

#[test]
fn disks_are_lost() {
    let plan = || Plan::default().with("min.insync.replicas", "2");
    sweep(plan, Faults { power: true, wipe: true }, seeds(30));
}

#[test]
fn nothing_is_found_without_eligible_leader_replicas() {
    let plan = || Plan { elr: false, ..Plan::default().with("min.insync.replicas", "2") };
    sweep(plan, Faults::default(), seeds(30));
}

#[test]
fn unclean_elections_lose_by_right() {
    let plan = || Plan::default().with("unclean.leader.election.enable", "true");
    sweep(plan, Faults { power: true, wipe: true }, seeds(30));
}

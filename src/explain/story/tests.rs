//! Stories of made-up events, told in both languages.

use super::{Importance, Story, StoryBuilder, StoryLine};
use crate::cluster::{EventKind, Happened, Told};
use crate::explain::narrator::samples::{C1, kq};
use crate::explain::narrator::tests::{COLUMNS, Small};
use crate::explain::{Lang, Narrator, World};
use crate::fact::{ElectionKind, Fact, LeaveReason};
use crate::ids::{BrokerId, Generation, LeaderEpoch, Name, Offset, PartitionEpoch, TopicPartition};
use crate::protocol::ErrorCode;
use crate::sim::{Instant, NodeId};

/// A run that is made up event by event.
#[derive(Clone, Default)]
struct Run {
    builder: StoryBuilder,
    story: Story,
    events: u32,
    cause: u32,
}

fn node(name: &str) -> NodeId {
    Small.find(name).expect("one of the small cluster")
}

impl Run {
    /// An event at `millis` on `name` that tells `facts`.
    fn event(&mut self, millis: u64, name: &str, facts: impl IntoIterator<Item = Fact>) {
        self.events += 1;
        let (id, node) = (self.events, node(name));
        let happened = Happened {
            at: Instant::from_nanos(millis * 1_000_000),
            id,
            cause: self.cause,
            origin: self.cause,
            node,
            kind: EventKind::Internal,
            idle: false,
        };
        let told: Vec<Told> =
            facts.into_iter().map(|fact| Told { event: id, node, fact }).collect();
        let mut lines = Vec::new();
        self.builder.push_step(&[happened], &told, &Small, &mut lines);
        self.story.extend(lines);
    }

    fn told(&self, lang: Lang) -> String {
        let narrator = Narrator::new(lang);
        let lines = self.story.iter().map(|line| {
            let (at, who, what) = narrator.columns(line, &Small);
            assert!(unicode_width::UnicodeWidthStr::width(&*what) <= COLUMNS, "{what}");
            let mark = match line.latest.importance {
                Importance::Turn => '!',
                Importance::Note => ' ',
                Importance::Aside => '.',
            };
            format!("{mark} {at:>7}  {who:8}  {what}")
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn changed(tp: &TopicPartition, leader: Option<i32>, epoch: i32, isr: &[i32]) -> Fact {
    Fact::PartitionChanged {
        tp: tp.clone(),
        leader: leader.map(BrokerId),
        leader_epoch: LeaderEpoch(epoch),
        partition_epoch: PartitionEpoch(epoch),
        isr: isr.iter().map(|id| BrokerId(*id)).collect(),
        elr: Vec::new(),
        last_known_elr: Vec::new(),
        recovering: false,
    }
}

fn elected(tp: &TopicPartition, from: Option<i32>, to: i32, epoch: i32) -> Fact {
    Fact::LeaderElected {
        tp: tp.clone(),
        from: from.map(BrokerId),
        to: BrokerId(to),
        leader_epoch: LeaderEpoch(epoch),
        kind: if from.is_some() { ElectionKind::Isr } else { ElectionKind::New },
    }
}

/// A topic with `count` partitions, all led by broker 1 and followed by broker 2.
fn created(topic: &str, count: i32) -> Vec<Fact> {
    let mut facts = vec![Fact::TopicCreated {
        topic: topic.into(),
        partitions: count as u32,
        replication_factor: 2,
    }];
    for index in 0..count {
        let tp = TopicPartition::new(topic, index);
        facts.push(elected(&tp, None, 1, 0));
        facts.push(changed(&tp, Some(1), 0, &[1, 2]));
    }
    facts
}

/// Broker 1 is fenced, and broker 2 leads what it led.
fn fenced(topics: &[(&str, i32)]) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (topic, count) in topics {
        for index in 0..*count {
            let tp = TopicPartition::new(*topic, index);
            facts.push(elected(&tp, Some(1), 2, 1));
            facts.push(changed(&tp, Some(2), 1, &[2]));
        }
    }
    facts.push(Fact::BrokerFenced { broker: BrokerId(1), expired: true });
    facts
}

#[test]
fn a_command_that_names_nobody_says_whom_it_meant() {
    let mut run = Run::default();
    run.event(0, "broker-3", [Fact::ProcessStarted { incarnation: 1 }]);
    for (line, fact) in [
        ("kill leader(kq-0)", Fact::ProcessKilled { connections: 0 }),
        ("start victim", Fact::ProcessStarted { incarnation: 2 }),
        ("kill broker-3", Fact::ProcessKilled { connections: 0 }),
    ] {
        run.cause = 0;
        run.event(10_000, "broker-3", [Fact::Command { line: line.into() }]);
        run.cause = run.events;
        run.event(10_000, "broker-3", [fact]);
    }
    insta::assert_snapshot!(run.told(Lang::En), @r"
        0.000  broker-3  starts
    !  10.000  you       kill leader(kq-0) (broker-3)
    !  10.000  broker-3  killed
    !  10.000  you       start victim (broker-3)
       10.000  broker-3  starts again
    !  10.000  you       kill broker-3
    !  10.000  broker-3  killed
    ");
}

#[test]
fn a_broker_dies() {
    let mut run = Run::default();
    for name in ["controller-1", "broker-1", "broker-2", "broker-3"] {
        run.event(0, name, [Fact::ProcessStarted { incarnation: 1 }]);
    }
    run.event(2_000, "controller-1", created("kq", 3));
    run.event(2_100, "controller-1", created("__consumer_offsets", 50));
    run.event(10_000, "broker-1", [Fact::Command { line: "kill broker-1".into() }]);
    run.cause = run.events;
    run.event(10_000, "broker-1", [Fact::ProcessKilled { connections: 5 }]);
    let reset = || Fact::ConnectionReset { peer: "broker-1".into() };
    for name in ["web", "broker-2", "broker-3"] {
        run.event(10_001, name, [reset()]);
    }
    let refused = || Fact::ConnectionRefused { peer: "broker-1".into() };
    for second in 0..9 {
        run.event(10_051 + 1_000 * second, "broker-2", [refused()]);
        run.event(10_061 + 1_000 * second, "web", [refused()]);
    }
    run.event(19_001, "controller-1", fenced(&[("__consumer_offsets", 50), ("kq", 1)]));
    insta::assert_snapshot!(run.told(Lang::En), @r"
        0.000  you       start controller-1, broker-1, broker-2, broker-3
        2.000  control   topic kq created: 3 partitions, replication factor 2
        2.000  control   kq-0: leader 1, leader epoch 0, ISR [1,2]
        2.000  control   kq-1: leader 1, leader epoch 0, ISR [1,2]
        2.000  control   kq-2: leader 1, leader epoch 0, ISR [1,2]
        2.100  control   topic __consumer_offsets created: 50 partitions, replication factor 2
    !  10.000  you       kill broker-1
    !  10.000  broker-1  killed; its 5 connections are reset, as web, broker-2, broker-3 notice
       10.051  network   broker-1 refuses connections: broker-2, web (18 times in 8 s)
    !  19.001  control   broker-1 fenced: no heartbeat for 9 s (broker.session.timeout.ms)
    !  19.001  control   kq-0: leader 1 → 2, leader epoch 0 → 1, ISR [1,2] → [2]
       19.001  control   … and 50 partitions of __consumer_offsets with a new leader
    ");
    insta::assert_snapshot!(run.told(Lang::Zh), @r"
        0.000  你         启动 controller-1、broker-1、broker-2、broker-3
        2.000  controller  创建 topic kq：3 个分区，副本因子 2
        2.000  controller  kq-0：leader 1，leader epoch 0，ISR [1,2]
        2.000  controller  kq-1：leader 1，leader epoch 0，ISR [1,2]
        2.000  controller  kq-2：leader 1，leader epoch 0，ISR [1,2]
        2.100  controller  创建 topic __consumer_offsets：50 个分区，副本因子 2
    !  10.000  你         kill broker-1
    !  10.000  broker-1  被 kill，它的 5 个连接被重置，web、broker-2、broker-3 随即察觉
       10.051  网络        broker-1 拒绝连接：broker-2、web（8 秒内 18 次）
    !  19.001  controller  broker-1 被隔离（fenced）：9 秒没有心跳（broker.session.timeout.ms）
    !  19.001  controller  kq-0：leader 1 → 2，leader epoch 0 → 1，ISR [1,2] → [2]
       19.001  controller  ……还有 __consumer_offsets 的 50 个分区换了 leader
    ");
}

#[test]
fn what_repeats_is_one_line_until_it_stops() {
    let mut run = Run::default();
    let refused = || Fact::ProduceRefused { tp: kq(0), error: ErrorCode::NotEnoughReplicas };
    for millis in 0..250 {
        run.event(millis * 100, "broker-1", [refused()]);
    }
    run.event(60_000, "broker-1", [refused()]);
    let lines: usize = run.story.lines().len();
    assert!(lines < 130, "newer versions become rare: {lines}");
    insta::assert_snapshot!(run.told(Lang::En), @r"
     0.000  broker-1  kq-0: refuses a batch: NOT_ENOUGH_REPLICAS (233+ times in 23 s)
    60.000  broker-1  kq-0: refuses a batch: NOT_ENOUGH_REPLICAS
    ");
}

#[test]
fn many_failures_in_one_event_are_one_line() {
    let mut run = Run::default();
    let error = ErrorCode::RequestTimedOut;
    run.event(0, "web", (0..500).map(|number| Fact::RecordFailed { tp: kq(0), number, error }));
    insta::assert_snapshot!(run.told(Lang::En), @"!   0.000  web       kq-0: record 499 failed for good: REQUEST_TIMED_OUT (500+ times)");
    assert_eq!(run.story.lines().len(), 1);
}

#[test]
fn a_partition_changes_in_all_that_can_change() {
    let mut run = Run::default();
    let state = |leader: Option<i32>, epoch, isr: &[i32], elr: &[i32], last: &[i32], recovering| {
        let ids = |ids: &[i32]| ids.iter().map(|id| BrokerId(*id)).collect::<Vec<_>>();
        Fact::PartitionChanged {
            tp: kq(0),
            leader: leader.map(BrokerId),
            leader_epoch: LeaderEpoch(epoch),
            partition_epoch: PartitionEpoch(epoch + 10),
            isr: ids(isr),
            elr: ids(elr),
            last_known_elr: ids(last),
            recovering,
        }
    };
    let kind = |from, to, epoch, kind| Fact::LeaderElected {
        tp: kq(0),
        from,
        to: BrokerId(to),
        leader_epoch: LeaderEpoch(epoch),
        kind,
    };
    let (one, none) = (Some(BrokerId(1)), None);
    let offline = Fact::PartitionOffline { tp: kq(0), from: one, leader_epoch: LeaderEpoch(1) };
    run.event(0, "controller-1", [state(Some(1), 0, &[1, 2], &[], &[], false)]);
    run.event(1, "controller-1", [state(Some(1), 0, &[1], &[2], &[], false)]);
    run.event(2, "controller-1", [offline, state(None, 1, &[], &[2], &[1], false)]);
    let elected = kind(none, 2, 2, ElectionKind::Elr);
    run.event(3, "controller-1", [elected, state(Some(2), 2, &[2], &[], &[], false)]);
    let elected = kind(Some(BrokerId(2)), 3, 3, ElectionKind::Unclean);
    run.event(4, "controller-1", [elected, state(Some(3), 3, &[3], &[], &[], true)]);
    run.event(5, "controller-1", [state(Some(3), 3, &[3, 1], &[], &[], false)]);
    let elected = kind(Some(BrokerId(3)), 1, 4, ElectionKind::Preferred);
    run.event(6, "controller-1", [elected, state(Some(1), 4, &[1, 3], &[], &[], false)]);
    run.event(7, "controller-1", [state(Some(1), 4, &[3, 1], &[], &[], false)]);
    insta::assert_snapshot!(run.told(Lang::En), @r"
        0.000  control   kq-0: leader 1, leader epoch 0, ISR [1,2]
        0.001  control   kq-0: ISR [1,2] → [1], ELR [] → [2]
    !   0.002  control   kq-0: leader 1 → none, leader epoch 0 → 1, ISR [1] → [], last known leader [1]
    !   0.003  control   kq-0: leader none → 2, leader epoch 1 → 2, ISR [] → [2], ELR [2] → [] (from the ELR)
    !   0.004  control   kq-0: leader 2 → 3, leader epoch 2 → 3, ISR [2] → [3] (unclean: records may be lost)
    !   0.005  control   kq-0: ISR [3] → [3,1], recovered from the unclean election
    !   0.006  control   kq-0: leader 3 → 1, leader epoch 3 → 4 (the preferred leader)
    .   0.007  control   kq-0: partition epoch 14 → 14
    ");
    insta::assert_snapshot!(run.told(Lang::Zh), @r"
        0.000  controller  kq-0：leader 1，leader epoch 0，ISR [1,2]
        0.001  controller  kq-0：ISR [1,2] → [1]，ELR [] → [2]
    !   0.002  controller  kq-0：leader 1 → 无，leader epoch 0 → 1，ISR [1] → []，最后的 leader [1]
    !   0.003  controller  kq-0：leader 无 → 2，leader epoch 1 → 2，ISR [] → [2]，ELR [2] → []（来自 ELR）
    !   0.004  controller  kq-0：leader 2 → 3，leader epoch 2 → 3，ISR [2] → [3]（unclean：可能丢记录）
    !   0.005  controller  kq-0：ISR [3] → [3,1]，已从 unclean 选举中恢复
    !   0.006  controller  kq-0：leader 3 → 1，leader epoch 3 → 4（preferred leader）
    .   0.007  controller  kq-0：partition epoch 14 → 14
    ");
}

#[test]
fn links_are_cut_and_healed_by_one_command_in_one_line() {
    let mut run = Run::default();
    run.event(
        0,
        "broker-1",
        [Fact::Command { line: "partition broker-1 | {broker-2, web}".into() }],
    );
    run.cause = run.events;
    let names = |from: &str, to: &str| -> (Name, Name) { (from.into(), to.into()) };
    let pairs = [("broker-1", "broker-2"), ("broker-2", "broker-1"), ("broker-1", "web")];
    for (from, to) in pairs.map(|(from, to)| names(from, to)) {
        let told = Fact::LinkCut { from: from.clone(), to: to.clone() };
        run.event(0, &from, [told]);
        run.event(5_000, &from, [Fact::LinkHealed { from: from.clone(), to }]);
    }
    insta::assert_snapshot!(run.told(Lang::En), @r"
    !   0.000  you       partition broker-1 | {broker-2, web}
    !   0.000  network   nothing gets through any more: broker-1 ⇄ broker-2, broker-1 → web
    !   5.000  network   packets get through again: broker-1 ⇄ broker-2, broker-1 → web
    ");
    insta::assert_snapshot!(run.told(Lang::Zh), @r"
    !   0.000  你         partition broker-1 | {broker-2, web}
    !   0.000  网络        网络不通了：broker-1 ⇄ broker-2、broker-1 → web
    !   5.000  网络        网络恢复：broker-1 ⇄ broker-2、broker-1 → web
    ");
}

#[test]
fn a_rebalance() {
    let mut run = Run::default();
    let group: Name = "checkout".into();
    let state = |from: &str, to: &str, generation| Fact::GroupStateChanged {
        group: group.clone(),
        from: from.into(),
        to: to.into(),
        generation: Generation(generation),
    };
    let joined = Fact::MemberJoined { group: group.clone(), member: C1.into(), instance: None };
    let reason = format!("Adding new member {C1} with group instance id null; client reason: x");
    let rebalance = Fact::RebalanceStarted {
        group: group.clone(),
        reason: reason.into(),
        generation: Generation(0),
    };
    for partition in 0..17 {
        let tp = TopicPartition::new("__consumer_offsets", partition);
        run.event(100, "broker-2", [Fact::CoordinatorLoaded { tp, groups: 0 }]);
    }
    run.event(1_000, "broker-2", [joined, rebalance, state("Empty", "PreparingRebalance", 0)]);
    let started = Fact::GenerationStarted {
        group: group.clone(),
        generation: Generation(1),
        leader: C1.into(),
        assignor: "range".into(),
        members: 1,
    };
    let completing = state("PreparingRebalance", "CompletingRebalance", 1);
    run.event(4_000, "broker-2", [completing, started]);
    let stored = Fact::AssignmentStored { group: group.clone(), generation: Generation(1) };
    run.event(4_010, "broker-2", [state("CompletingRebalance", "Stable", 1), stored]);
    let partitions = vec![kq(0), kq(1), kq(2)];
    let assigned =
        Fact::PartitionsAssigned { group: group.clone(), partitions, generation: Generation(1) };
    run.event(4_011, "c1", [assigned]);
    let left = LeaveReason::Left;
    let removed = Fact::MemberRemoved { group: group.clone(), member: C1.into(), reason: left };
    run.event(9_000, "broker-2", [removed, state("Stable", "Empty", 2)]);
    insta::assert_snapshot!(run.told(Lang::En), @r"
    .   0.100  group     broker-2 coordinates the groups of 17 partitions of __consumer_offsets: none yet
    .   1.000  group     checkout: c1-1b2c… is a member now
        1.000  group     checkout: first rebalance: c1-1b2c… is new
        4.000  group     checkout: generation 1, 1 member; c1-1b2c… divides the partitions (range)
    .   4.010  group     checkout: assignment of generation 1 stored; every member gets its part
        4.011  c1        checkout: gets kq-0, kq-1, kq-2 in generation 1
        9.000  group     checkout: c1-1b2c… leaves
        9.000  group     checkout: Stable → Empty, generation 2
    ");
    insta::assert_snapshot!(run.told(Lang::Zh), @r"
    .   0.100  组         broker-2 开始协调 17 个 __consumer_offsets 分区上的组：目前没有
    .   1.000  组         checkout：c1-1b2c… 入组
        1.000  组         checkout：开始第一次重平衡：c1-1b2c… 是新成员
        4.000  组         checkout：generation 1，1 个成员；由 c1-1b2c… 分配（range）
    .   4.010  组         checkout：generation 1 的分配已保存，各成员领取自己的分区
        4.011  c1        checkout：generation 1 分到 kq-0、kq-1、kq-2
        9.000  组         checkout：c1-1b2c… 离组
        9.000  组         checkout：Stable → Empty，generation 2
    ");
}

#[test]
fn a_broker_comes_back() {
    let mut run = Run::default();
    run.event(0, "broker-1", [Fact::ProcessKilled { connections: 2 }]);
    run.event(1, "web", [Fact::ConnectionRefused { peer: "broker-1".into() }]);
    run.event(2, "broker-1", [Fact::ProcessStarted { incarnation: 2 }]);
    let loaded = |index: i32, clean, truncated_bytes| Fact::LogLoaded {
        tp: TopicPartition::new("kq", index),
        log_start_offset: Offset(0),
        log_end_offset: Offset(100),
        clean,
        truncated_bytes,
    };
    run.event(3, "broker-1", (0..20).map(|index| loaded(index, index > 2, 0)));
    run.event(4, "broker-2", (0..20).map(|index| loaded(index, index > 0, u64::from(index == 0))));
    run.event(5, "broker-3", (0..2).map(|index| loaded(index, true, 0)));
    let leads = |index| Fact::BecameLeader {
        tp: TopicPartition::new("kq", index),
        leader_epoch: LeaderEpoch(4),
        log_end_offset: Offset(100),
    };
    let follows = |index| Fact::BecameFollower {
        tp: TopicPartition::new("kq", index),
        leader: Some(BrokerId(2)),
        leader_epoch: LeaderEpoch(4),
    };
    run.event(6, "broker-1", (0..8).map(leads).chain((8..20).map(follows)));
    run.event(7, "broker-1", (0..4).map(follows));
    run.event(8, "broker-1", [leads(0), follows(1)]);
    // It listens again: what was refused before is another story.
    run.event(9, "web", [Fact::ConnectionRefused { peer: "broker-1".into() }]);
    insta::assert_snapshot!(run.told(Lang::En), @r"
    !   0.000  broker-1  killed; its 2 connections are reset
        0.001  network   broker-1 refuses connections: web
        0.002  broker-1  starts again
        0.003  disk      broker-1: 20 logs opened; 3 checked after an unclean stop, all whole
    !   0.004  disk      broker-2: 20 logs opened; 1 checked after an unclean stop, a byte cut off
    .   0.005  disk      broker-3: kq-0 opened as it was closed; log start offset 0, log end offset 100
    .   0.005  disk      broker-3: kq-1 opened as it was closed; log start offset 0, log end offset 100
    .   0.006  broker-1  leads 8 partitions (kq-0, kq-1, kq-2, …), follows in 12
    .   0.007  broker-1  follows in 4 partitions
    .   0.008  broker-1  kq-0: leads from offset 100 on, leader epoch 4
    .   0.008  broker-1  kq-1: follows broker-2, leader epoch 4
    .   0.009  network   broker-1 refuses connections: web
    ");
    insta::assert_snapshot!(run.told(Lang::Zh), @r"
    !   0.000  broker-1  被 kill，它的 2 个连接被重置
        0.001  网络        broker-1 拒绝连接：web
        0.002  broker-1  再次启动
        0.003  磁盘        broker-1：打开 20 个日志；3 个上次未正常关闭，已检查，全部完好
    !   0.004  磁盘        broker-2：打开 20 个日志；1 个上次未正常关闭，已检查，截掉 1 字节
    .   0.005  磁盘        broker-3：kq-0 已打开，上次正常关闭；log start offset 0，log end offset 100
    .   0.005  磁盘        broker-3：kq-1 已打开，上次正常关闭；log start offset 0，log end offset 100
    .   0.006  broker-1  在 8 个分区做 leader（kq-0、kq-1、kq-2 等），在 12 个做 follower
    .   0.007  broker-1  在 4 个分区做 follower
    .   0.008  broker-1  kq-0：成为 leader，从 offset 100 开始，leader epoch 4
    .   0.008  broker-1  kq-1：跟随 broker-2，leader epoch 4
    .   0.009  网络        broker-1 拒绝连接：web
    ");
}

#[test]
fn more_than_three_of_a_kind_in_one_event_are_counted() {
    let mut run = Run::default();
    let learned = |index| Fact::MetadataUpdated {
        tp: kq(index),
        leader: Some(BrokerId(2)),
        leader_epoch: LeaderEpoch(1),
    };
    run.event(0, "web", (0..9).map(learned));
    insta::assert_snapshot!(run.told(Lang::En), @r"
    0.000  web       kq-0: learns that broker-2 leads, leader epoch 1
    0.000  web       kq-1: learns that broker-2 leads, leader epoch 1
    0.000  web       kq-2: learns that broker-2 leads, leader epoch 1
    0.000  web       … and 6 more partitions
    ");
    insta::assert_snapshot!(run.told(Lang::Zh), @r"
    0.000  web       kq-0：得知 leader 是 broker-2，leader epoch 1
    0.000  web       kq-1：得知 leader 是 broker-2，leader epoch 1
    0.000  web       kq-2：得知 leader 是 broker-2，leader epoch 1
    0.000  web       ……还有 6 个分区
    ");
}

#[test]
fn details_are_no_story() {
    let mut run = Run::default();
    run.event(0, "web", [Fact::RecordSent { tp: kq(0), number: 1 }]);
    assert!(run.story.is_empty());
}

#[test]
fn a_story_that_is_taken_back_and_told_again_is_the_same() {
    let mut run = Run::default();
    let refused = || Fact::ConnectionRefused { peer: "broker-1".into() };
    run.event(0, "broker-1", [Fact::ProcessKilled { connections: 2 }]);
    run.event(1, "web", [Fact::ConnectionReset { peer: "broker-1".into() }]);
    run.event(2, "web", [refused()]);
    let checkpoint = run.clone();
    let go_on = |run: &mut Run| {
        run.event(3, "broker-2", [refused()]);
        run.event(4, "broker-2", [Fact::ConnectionReset { peer: "broker-1".into() }]);
        run.event(5, "controller-1", created("kq", 1));
    };
    go_on(&mut run);
    let told = run.told(Lang::En);
    run.story.rewind(checkpoint.events);
    assert_eq!(run.told(Lang::En), checkpoint.told(Lang::En));
    run.builder = checkpoint.builder.clone();
    run.events = checkpoint.events;
    go_on(&mut run);
    assert_eq!(run.told(Lang::En), told);
    let lines: Vec<&StoryLine> = run.story.lines().iter().collect();
    assert!(lines.iter().enumerate().all(|(place, line)| line.number as usize == place));
}

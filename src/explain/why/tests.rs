//! Chains of causes in made-up histories.

use std::collections::BTreeSet;

use strum::IntoEnumIterator;
use unicode_width::UnicodeWidthStr;

use super::{Chain, Cone, History, Says, Tie, chain, rule_of, rule_of_fact};
use crate::cluster::{EventKind, Happened, Told};
use crate::explain::narrator::samples::{C1, facts, kq};
use crate::explain::narrator::tests::{COLUMNS, Small};
use crate::explain::{Lang, Narrator, Story, StoryBuilder, Words, World, cards};
use crate::fact::{ElectionKind, Fact, LeaveReason};
use crate::ids::{BrokerId, LeaderEpoch, PartitionEpoch};
use crate::node::{Timer, TimerKind, Why};
use crate::protocol::Api;
use crate::sim::{Instant, NodeId};

/// A history that is made up event by event.
#[derive(Default)]
struct Past {
    events: Vec<Happened>,
    told: Vec<Told>,
    builder: StoryBuilder,
    story: Story,
}

impl History for Past {
    fn event(&self, id: u32) -> Option<Happened> {
        self.events.get((id as usize).checked_sub(1)?).copied()
    }

    fn told(&self, event: u32) -> Vec<Told> {
        self.told.iter().filter(|told| told.event == event).cloned().collect()
    }

    fn story(&self) -> &Story {
        &self.story
    }
}

fn node(name: &str) -> NodeId {
    Small.find(name).expect("one of the small cluster")
}

impl Past {
    /// An event at `millis` on `name`, brought about by `cause`; returns its id.
    fn add(
        &mut self,
        millis: u64,
        name: &str,
        cause: u32,
        kind: EventKind,
        facts: impl IntoIterator<Item = Fact>,
    ) -> u32 {
        let (id, node) = (self.events.len() as u32 + 1, node(name));
        let at = Instant::from_nanos(millis * 1_000_000);
        let happened = Happened { at, id, cause, origin: cause, node, kind, idle: false };
        let told: Vec<Told> =
            facts.into_iter().map(|fact| Told { event: id, node, fact }).collect();
        let mut lines = Vec::new();
        self.builder.push(&happened, &told, &Small, &mut lines);
        self.story.extend(lines);
        self.events.push(happened);
        self.told.extend(told);
        id
    }

    fn why(&self, event: u32, lang: Lang) -> String {
        told(&chain(self, &Small, event, None).expect("it happened"), lang)
    }
}

/// A chain in words, the way it is shown.
fn told(chain: &Chain, lang: Lang) -> String {
    let narrator = Narrator::new(lang);
    let mut text = Vec::new();
    for (place, link) in chain.links.iter().enumerate() {
        let tie = place
            .checked_sub(1)
            .and_then(|before| narrator.tie(link, &chain.links[before], &Small));
        text.extend(tie.map(|tie| format!("      ^ {tie}")));
        let rule = link.rule.map_or(String::new(), |rule| format!("  [{rule}]"));
        let (who, what) = (narrator.link_speaker(link, &Small), narrator.link(link, &Small));
        text.push(format!("{:>7}  {who:12}  {what}{rule}", link.event.at.to_string()));
    }
    text.join("\n")
}

fn heartbeat() -> EventKind {
    EventKind::Timer(Timer::BrokerHeartbeat, Why::Config("broker.heartbeat.interval.ms"))
}

fn sweep() -> EventKind {
    EventKind::Timer(Timer::FenceStale, Why::Config("broker.session.timeout.ms"))
}

fn changed(leader: i32, epoch: i32) -> Fact {
    Fact::PartitionChanged {
        tp: kq(0),
        leader: Some(BrokerId(leader)),
        leader_epoch: LeaderEpoch(epoch),
        partition_epoch: PartitionEpoch(epoch),
        isr: vec![BrokerId(leader)],
        elr: Vec::new(),
        last_known_elr: Vec::new(),
        recovering: false,
    }
}

/// Broker 1 lives for a while, is killed and fenced; broker 2 leads in its stead. Returns the events
/// of the fencing and of the new leader.
fn failover(past: &mut Past) -> (u32, u32) {
    let start = past.add(
        0,
        "controller-1",
        0,
        EventKind::Command,
        [Fact::ProcessStarted { incarnation: 1 }],
    );
    let boot = past.add(300, "controller-1", start, EventKind::Boot, []);
    let up = past.add(500, "broker-1", 0, EventKind::Boot, []);
    past.add(600, "controller-1", boot, EventKind::Internal, [changed(1, 0)]);
    let (mut beat, mut timer) = (up, boot);
    for second in 1..5 {
        beat = past.add(2_000 * second, "broker-1", beat, heartbeat(), []);
        let asked = EventKind::Request(Api::BrokerHeartbeat);
        let taken = past.add(2_000 * second + 1, "controller-1", beat, asked, []);
        let answered = EventKind::Response(Api::BrokerHeartbeat);
        beat = past.add(2_000 * second + 2, "broker-1", taken, answered, []);
        timer = past.add(2_250 * second, "controller-1", timer, sweep(), []);
    }
    let line = Fact::Command { line: "kill broker-1".into() };
    let command = past.add(10_000, "broker-1", 0, EventKind::Command, [line]);
    let killed = Fact::ProcessKilled { connections: 3 };
    past.add(10_000, "broker-1", command, EventKind::Command, [killed]);
    let elected = Fact::LeaderElected {
        tp: kq(0),
        from: Some(BrokerId(1)),
        to: BrokerId(2),
        leader_epoch: LeaderEpoch(1),
        kind: ElectionKind::Isr,
    };
    let fenced = Fact::BrokerFenced { broker: BrokerId(1), expired: true };
    let told = [elected, changed(2, 1), fenced];
    let fenced = past.add(19_001, "controller-1", timer, sweep(), told);
    let answered = EventKind::Response(Api::Fetch);
    let leads = Fact::BecameLeader {
        tp: kq(0),
        leader_epoch: LeaderEpoch(1),
        log_end_offset: crate::ids::Offset(118),
    };
    let leads = past.add(19_002, "broker-2", fenced, answered, [leads]);
    (fenced, leads)
}

#[test]
fn a_leader_is_elected_because_somebody_killed_the_other() {
    let mut past = Past::default();
    let (_, leads) = failover(&mut past);
    insta::assert_snapshot!(past.why(leads, Lang::En), @r"
    19.002  broker-2      kq-0: leads from offset 118 on, leader epoch 1
         ^ 1 ms later its answer to Fetch reaches broker-2
    19.001  control       kq-0: leader 1 → 2, leader epoch 0 → 1, ISR [1] → [2]  [elect-leader]
         ^ so it was decided
    19.001  control       broker-1 fenced: no heartbeat for 9 s (broker.session.timeout.ms)  [fence-broker]
         ^ so controller-1 hears nothing of it any more
    10.000  broker-1      killed; its 3 connections are reset
         ^ this was done for it
    10.000  you           kill broker-1
    ");
    insta::assert_snapshot!(past.why(leads, Lang::Zh), @r"
    19.002  broker-2      kq-0：成为 leader，从 offset 118 开始，leader epoch 1
         ^ 1 毫秒后 broker-2 收到它对 Fetch 的应答
    19.001  controller    kq-0：leader 1 → 2，leader epoch 0 → 1，ISR [1] → [2]  [elect-leader]
         ^ 于是作出这个决定
    19.001  controller    broker-1 被隔离（fenced）：9 秒没有心跳（broker.session.timeout.ms）  [fence-broker]
         ^ 于是 controller-1 再也收不到它的消息
    10.000  broker-1      被 kill，它的 3 个连接被重置
         ^ 为此执行了这一步
    10.000  你             kill broker-1
    ");
}

#[test]
fn the_line_asked_about_comes_first() {
    let mut past = Past::default();
    let (fenced, _) = failover(&mut past);
    let lines = past.story.of_event(fenced);
    let narrator = Narrator::new(Lang::En);
    let first = |number| {
        let chain = chain(&past, &Small, fenced, Some(number)).expect("it happened");
        narrator.link(&chain.links[0], &Small)
    };
    for line in lines {
        assert_eq!(first(line.number), narrator.line(line, &Small));
    }
}

#[test]
fn heartbeats_are_not_told_one_by_one() {
    let mut past = Past::default();
    let mut beat = past.add(0, "c1", 0, EventKind::Boot, []);
    for second in 1..100 {
        let why = Why::Config("heartbeat.interval.ms");
        let timer = EventKind::Timer(Timer::Heartbeat, why);
        beat = past.add(3_000 * second, "c1", beat, timer, []);
        let asked = EventKind::Request(Api::Heartbeat);
        beat = past.add(3_000 * second + 1, "broker-1", beat, asked, []);
        let answered = EventKind::Response(Api::Heartbeat);
        beat = past.add(3_000 * second + 2, "c1", beat, answered, []);
    }
    insta::assert_snapshot!(past.why(beat, Lang::En), @r"
    297.002  c1            broker-1 answers the Heartbeat of c1
          ^ 1 ms later its answer to Heartbeat reaches c1
    297.001  broker-1      c1 tells broker-1 that it lives (Heartbeat)
          ^ 1 ms later broker-1 takes its Heartbeat request
    297.000  c1            time for a heartbeat to the coordinator
          ^ 297 s and 294 events (most of them: Heartbeat) later
      0.000  c1            the process is up
    ");
    insta::assert_snapshot!(past.why(beat, Lang::Zh), @r"
    297.002  c1            broker-1 应答 c1 的 Heartbeat
          ^ 1 毫秒后 c1 收到它对 Heartbeat 的应答
    297.001  broker-1      c1 向 broker-1 报平安（Heartbeat）
          ^ 1 毫秒后 broker-1 处理了它的 Heartbeat 请求
    297.000  c1            该给协调者发心跳了
          ^ 297 秒、294 个事件（多为：Heartbeat）之后
      0.000  c1            进程启动完毕
    ");
}

#[test]
fn a_timer_that_sets_itself_is_not_its_own_cause() {
    let mut past = Past::default();
    let mut timer = past.add(0, "controller-1", 0, EventKind::Boot, []);
    let why = Why::Config("leader.imbalance.check.interval.seconds");
    let balance = EventKind::Timer(Timer::LeaderBalance, why);
    for times in 1..5 {
        timer = past.add(300_000 * times, "controller-1", timer, balance, [changed(1, 4)]);
    }
    insta::assert_snapshot!(past.why(timer, Lang::En), @r"
    1200.000  control       kq-0: leader 1, leader epoch 4, ISR [1], partition epoch 4
          ^ 20 min and 3 events (most of them: looks for partitions that their preferred replica does not lead) later
      0.000  controller-1  the process is up
    ");
}

#[test]
fn silence_has_a_cause_only_while_it_lasts() {
    let mut past = Past::default();
    let cut = |from: &str, to: &str| Fact::LinkCut { from: from.into(), to: to.into() };
    let healed = |from: &str, to: &str| Fact::LinkHealed { from: from.into(), to: to.into() };
    let boot = past.add(0, "broker-1", 0, EventKind::Boot, []);
    let line = Fact::Command { line: "partition broker-1 -> broker-2".into() };
    let command = past.add(1_000, "broker-1", 0, EventKind::Command, [line]);
    let facts = [cut("broker-1", "broker-2")];
    let fault = past.add(1_000, "broker-1", command, EventKind::Command, facts);
    let shrink = |out| Fact::IsrShrinkProposed {
        tp: kq(0),
        out: vec![BrokerId(out)],
        isr: vec![BrokerId(1)],
    };
    let why = Why::Config("replica.lag.time.max.ms");
    let timer = EventKind::Timer(Timer::IsrExpiration, why);
    let during = past.add(31_000, "broker-1", boot, timer, [shrink(2)]);
    let other = past.add(31_000, "broker-1", boot, timer, [shrink(3)]);
    past.add(40_000, "broker-1", 0, EventKind::Command, [healed("broker-1", "broker-2")]);
    let soon = past.add(70_000, "broker-1", boot, timer, [shrink(2)]);
    let late = past.add(140_000, "broker-1", boot, timer, [shrink(2)]);
    let through = |event| {
        let chain = chain(&past, &Small, event, None).expect("it happened");
        chain.links.iter().any(|link| link.event.id == fault && link.tie == Some(Tie::Silence))
    };
    assert!(through(during) && through(soon));
    assert!(!through(other), "another link");
    assert!(!through(late), "long healed");
}

#[test]
fn a_member_expires_because_its_consumer_was_paused() {
    let mut past = Past::default();
    let boot = past.add(0, "broker-1", 0, EventKind::Boot, []);
    let line = Fact::Command { line: "pause c1".into() };
    let command = past.add(5_000, "c1", 0, EventKind::Command, [line]);
    past.add(5_000, "c1", command, EventKind::Command, [Fact::ProcessPaused]);
    let removed = Fact::MemberRemoved {
        group: "checkout".into(),
        member: C1.into(),
        reason: LeaveReason::SessionTimeout,
    };
    let timer = EventKind::Timer(Timer::GroupMember(0, 0), Why::Config("session.timeout.ms"));
    let expired = past.add(50_000, "broker-1", boot, timer, [removed]);
    insta::assert_snapshot!(past.why(expired, Lang::En), @r"
    50.000  group         checkout: c1-1b2c… is out: no heartbeat for 45 s (session.timeout.ms)  [session-expiry]
         ^ so broker-1 hears nothing of it any more
     5.000  c1            stopped in the middle of everything (SIGSTOP)
         ^ this was done for it
     5.000  you           pause c1
    ");
}

#[test]
fn clients_start_because_the_topics_exist() {
    let mut past = Past::default();
    let boot = past.add(0, "c1", 0, EventKind::Boot, []);
    let answer = past.add(1_347, "c1", boot, EventKind::Response(Api::Metadata), []);
    let other = past.add(1_348, "broker-1", boot, EventKind::Request(Api::Fetch), []);
    let started = Fact::ProcessStarted { incarnation: 1 };
    let start = past.add(1_349, "web", answer, EventKind::Command, [started]);
    let chain = chain(&past, &Small, start, None).expect("it happened");
    assert_eq!(chain.links[1].tie, Some(Tie::TopicsExist));
    assert!(chain.links.iter().all(|link| link.event.id != other));
}

#[test]
fn every_chain_ends_at_a_root() {
    let mut past = Past::default();
    failover(&mut past);
    for event in &past.events {
        let chain = chain(&past, &Small, event.id, None).expect("it happened");
        let root = chain.root();
        assert_eq!(root.event.cause, 0);
        assert!(matches!(root.event.kind, EventKind::Command | EventKind::Boot), "{root:?}");
        let ids: Vec<u32> = chain.links.iter().map(|link| link.event.id).collect();
        assert!(ids.is_sorted_by(|later, earlier| later >= earlier), "{ids:?}");
        assert!(chain.links.iter().skip(1).all(|link| link.tie.is_some()));
        assert!(chain.links.len() <= 20);
    }
    assert!(chain(&past, &Small, 0, None).is_none());
    assert!(chain(&past, &Small, past.events.len() as u32 + 1, None).is_none());
}

#[test]
fn details_are_told_when_they_are_asked_about() {
    let mut past = Past::default();
    let acked = facts().into_iter().find(|fact| matches!(fact, Fact::RecordAcked { .. }));
    let event = past.add(0, "web", 0, EventKind::Response(Api::Produce), acked);
    let chain = chain(&past, &Small, event, None).expect("it happened");
    assert!(matches!(&chain.links[0].says, Says::Facts(told) if told.len() == 1));
}

#[test]
fn cones_hold_what_led_here_and_what_followed() {
    let mut past = Past::default();
    let step = |past: &mut Past, cause| past.add(0, "web", cause, EventKind::Internal, []);
    let one = step(&mut past, 0);
    let two = step(&mut past, one);
    let other = step(&mut past, 0);
    let three = step(&mut past, two);
    let four = step(&mut past, three);
    past.events[four as usize - 1].origin = one;
    assert_eq!(Cone::causes(&past, four, 1).events(), [one, two, three, four]);
    assert_eq!(Cone::causes(&past, four, three).events(), [three, four]);
    assert_eq!(Cone::effects(&past, one, four).events(), [one, two, three, four]);
    assert_eq!(Cone::effects(&past, two, three).events(), [two, three]);
    let cone = Cone::effects(&past, one, four);
    assert!(!cone.contains(other));
    assert_eq!(cone.graph().edge_weights().filter(|asked| **asked).count(), 1);
}

#[test]
fn every_request_and_timer_has_a_sentence() {
    for lang in Lang::iter() {
        let narrator = Narrator::new(lang);
        for api in Api::iter() {
            let sentence = narrator.request(api, Some(node("broker-2")), node("broker-1"), &Small);
            assert!(sentence.contains(api.name()) && sentence.width() <= COLUMNS, "{sentence}");
        }
        for timer in TimerKind::iter() {
            assert!(narrator.timer(timer).width() <= COLUMNS);
        }
        for said in ["event-connection", "event-boot", "event-command", "event-internal"] {
            assert!(!narrator.word(said).is_empty());
        }
    }
}

/// The rules that timers are set by, as the sources say them.
fn rules_of_timers() -> BTreeSet<String> {
    fn visit(folder: &std::path::Path, rules: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).expect("the sources are there") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                visit(&path, rules);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let source = std::fs::read_to_string(&path).expect("it is text");
                let rest = source.split("Why::Rule(\"").skip(1);
                rules.extend(rest.filter_map(|rest| rest.split('"').next()).map(str::to_owned));
            }
        }
    }
    let mut rules = BTreeSet::new();
    visit(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut rules);
    // This very function.
    rules.remove(").skip(1);");
    rules
}

#[test]
fn every_rule_of_a_timer_is_told_in_chinese() {
    let narrator = Narrator::new(Lang::Zh);
    let rules = rules_of_timers();
    assert!(rules.len() >= 8, "{rules:?}");
    for rule in rules {
        let rule: &'static str = rule.leak();
        let told = narrator.why(Why::Rule(rule), node("broker-1"), &Small);
        assert_ne!(told, rule, "no Chinese for this rule");
    }
}

#[test]
fn every_rule_that_is_named_has_a_card() {
    for fact in facts() {
        if let Some(rule) = rule_of_fact(&fact) {
            assert!(cards::rule(rule).is_some(), "{rule}");
        }
    }
    let mut past = Past::default();
    failover(&mut past);
    for line in past.story.lines() {
        if let Some(rule) = rule_of(&line.words) {
            assert!(cards::rule(rule).is_some(), "{rule}");
        }
    }
}

#[test]
fn a_broker_leaves_the_isr_by_the_rule_that_took_it_out() {
    let isr = |isr: &[i32], epoch| {
        let Fact::PartitionChanged { tp, leader_epoch, elr, last_known_elr, .. } = changed(1, 0)
        else {
            unreachable!("it is such a fact")
        };
        let isr = isr.iter().copied().map(BrokerId).collect();
        let (leader, partition_epoch) = (Some(BrokerId(1)), PartitionEpoch(epoch));
        let recovering = false;
        Fact::PartitionChanged {
            tp,
            leader,
            leader_epoch,
            partition_epoch,
            isr,
            elr,
            last_known_elr,
            recovering,
        }
    };
    let rule = |with: &[Fact]| {
        let mut past = Past::default();
        past.add(0, "controller-1", 0, EventKind::Internal, [isr(&[1, 2, 3], 0)]);
        let told = std::iter::once(isr(&[1, 3], 1)).chain(with.iter().cloned());
        let event = past.add(9_000, "controller-1", 0, sweep(), told);
        let lines = past.story.of_event(event);
        let line = lines.iter().find(|line| matches!(line.words, Words::Partition { .. }));
        rule_of(&line.expect("the ISR is told").words)
    };
    let (broker, other) = (BrokerId(2), BrokerId(3));
    assert_eq!(rule(&[]), Some("alter-partition"));
    assert_eq!(rule(&[Fact::BrokerFenced { broker, expired: true }]), Some("fence-broker"));
    let elsewhere = Fact::BrokerFenced { broker: other, expired: true };
    assert_eq!(rule(&[elsewhere]), Some("alter-partition"), "that is another broker");
    assert_eq!(rule(&[Fact::ControlledShutdownStarted { broker }]), Some("controlled-shutdown"));
    let registered =
        Fact::BrokerRegistered { broker, broker_epoch: crate::ids::BrokerEpoch(7), clean: false };
    assert_eq!(rule(&[registered]), Some("register-broker"));
}

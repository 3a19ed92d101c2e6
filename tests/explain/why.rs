//! Why things happened in a cluster that really runs.

use kafkascope::cluster::EventKind;
use kafkascope::explain::why::{self, Chain};
use kafkascope::explain::{Lang, Narrator};
use kafkascope::node::Interest;
use kafkascope::view::Lens;

use crate::cluster::Run;

fn told(run: &Run, chain: &Chain, lang: Lang) -> String {
    let (narrator, world) = (Narrator::new(lang), Lens::new(&run.cluster));
    let mut text = Vec::new();
    for (place, link) in chain.links.iter().enumerate() {
        let before = place.checked_sub(1).map(|before| &chain.links[before]);
        let tie = before.and_then(|before| narrator.tie(link, before, &world));
        text.extend(tie.map(|tie| format!("             ^ {tie}")));
        let who = narrator.link_speaker(link, &world);
        let what = narrator.link(link, &world);
        text.push(format!("{:>12}  {who:12}  {what}", link.event.at.to_string()));
    }
    text.join("\n")
}

fn why(run: &Run, text: &str, lang: Lang) -> String {
    let (event, line) = run.line_of(text);
    let chain = why::chain(run, &Lens::new(&run.cluster), event, Some(line)).expect("it happened");
    told(run, &chain, lang)
}

#[test]
fn another_leads_because_a_broker_was_killed() {
    let mut run = Run::new(Interest::Everything);
    run.until(5_000);
    run.command("kill broker-1");
    run.until(20_000);
    insta::assert_snapshot!(why(&run, "kq-1: leader 1 → 2", Lang::En), @r"
    13.797655173  control       kq-1: leader 1 → 2, leader epoch 0 → 1, ISR [1,2] → [2]
                 ^ so it was decided
    13.797655173  control       broker-1 fenced: no heartbeat for 9 s (broker.session.timeout.ms)
                 ^ so controller-1 hears nothing of it any more
           5.000  broker-1      killed; its 4 connections are reset
                 ^ this was done for it
           5.000  you           kill broker-1
    ");
    insta::assert_snapshot!(why(&run, "kq-1: leads from offset", Lang::En), @r"
    3.004771701  broker-1      kq-1: leads from offset 0 on, leader epoch 0
                ^ 3.25 ms later its answer to Fetch reaches broker-1
    3.001520320  control       kq-1: leader 1, leader epoch 0, ISR [1,2]
                ^ 1.52 ms and 4 events (most of them: one of its connections opens or ends) later
          3.000  web           starts
    ");
    insta::assert_snapshot!(why(&run, "broker-1 refuses connections", Lang::Zh), @r"
    6.000750  网络            broker-1 拒绝连接：broker-2
             ^ 于是 broker-2 再也收不到它的消息
       5.000  broker-1      被 kill，它的 4 个连接被重置
             ^ 为此执行了这一步
       5.000  你             kill broker-1
    ");
}

#[test]
fn a_replica_is_back_in_the_isr_because_its_broker_was_started() {
    let mut run = Run::new(Interest::Everything);
    run.until(5_000);
    run.command("kill broker-1");
    run.until(20_000);
    run.command("start broker-1");
    run.until(30_000);
    insta::assert_snapshot!(why(&run, "replica 1 has caught up", Lang::En), @r"
    20.715556696  broker-3      kq-0: replica 1 has caught up; asks for ISR [3,1]
                 ^ 250 µs later broker-3 takes its Fetch request
    20.715306577  broker-1      broker-3 answers the Fetch of broker-1
                 ^ 19.4 ms later it has the answer to its Fetch
    20.695900364  broker-1      broker-3 answers the Fetch of broker-1
                 ^ 1.03 ms and 2 events (most of them: one of its connections opens or ends) later
    20.694866127  disk          broker-1: kq-0 checked after an unclean stop, all is whole; log end offset 39
                 ^ 250 µs later its answer to BrokerHeartbeat reaches broker-1
    20.694615967  controller-1  broker-1 tells controller-1 that it lives (BrokerHeartbeat)
                 ^ 250 µs later controller-1 takes its BrokerHeartbeat request
    20.694365807  broker-1      time for a heartbeat to the controller
                 ^ 13.8 ms and 4 events (most of them: BrokerHeartbeat) later
    20.680614565  control       broker-1 registers after an unclean shutdown, broker epoch 62
                 ^ 681 ms and 3 events (most of them: the process is up) later
          20.000  broker-1      starts again
                 ^ this was done for it
          20.000  you           start broker-1
    ");
    insta::assert_snapshot!(why(&run, "kq-1: ISR [2] →", Lang::Zh), @r"
    21.196890463  controller    kq-1：ISR [2] → [2,1]
                 ^ 772 微秒、1 个事件（它的一个连接打开或断开）之后
    21.196118303  broker-2      kq-1：副本 1 已追上，申请把 ISR 改为 [2,1]
                 ^ 250 微秒后 broker-2 处理了它的 Fetch 请求
    21.195868303  broker-1      broker-2 应答 broker-1 的 Fetch
                 ^ 501 毫秒、2 个事件（多为：它的一个连接打开或断开）之后
    20.694866127  磁盘            broker-1：kq-0 上次未正常关闭，检查后完好；log end offset 39
                 ^ 250 微秒后 broker-1 收到它对 BrokerHeartbeat 的应答
    20.694615967  controller-1  broker-1 向 controller-1 报平安（BrokerHeartbeat）
                 ^ 250 微秒后 controller-1 处理了它的 BrokerHeartbeat 请求
    20.694365807  broker-1      该给 controller 发心跳了
                 ^ 13.8 毫秒、4 个事件（多为：BrokerHeartbeat）之后
    20.680614565  controller    broker-1 注册，上次未正常关闭，broker epoch 62
                 ^ 681 毫秒、3 个事件（多为：进程启动完毕）之后
          20.000  broker-1      再次启动
                 ^ 为此执行了这一步
          20.000  你             start broker-1
    ");
}

#[test]
fn leaders_move_because_a_broker_was_stopped() {
    let mut run = Run::new(Interest::Everything);
    run.until(5_000);
    run.command("stop broker-1");
    run.until(10_000);
    insta::assert_snapshot!(why(&run, "kq-1: leader 1 → 2", Lang::En), @r"
    5.000250160  control       kq-1: leader 1 → 2, leader epoch 0 → 1, ISR [1,2] → [2]
                ^ so it was decided
    5.000250160  control       broker-1 wants to shut down: others lead its partitions first
                ^ 250 µs later controller-1 takes its BrokerHeartbeat request
          5.000  broker-1      time for a heartbeat to the controller
                ^ at once (a broker that is to stop tells the controller)
          5.000  broker-1      does what it is told
                ^ this was done for it
          5.000  you           stop broker-1
    ");
    insta::assert_snapshot!(why(&run, "broker-1 fenced", Lang::En), @r"
    7.054251239  control       broker-1 fenced: it shuts down
                ^ 250 µs later controller-1 takes its BrokerHeartbeat request
    7.054001079  broker-1      time for a heartbeat to the controller
                ^ 2 s later the timer rings that it set (broker.heartbeat.interval.ms = 2 s)
    5.054001079  broker-1      controller-1 answers the BrokerHeartbeat of broker-1
                ^ 53.8 ms and 3 events (most of them: BrokerHeartbeat) later
    5.000250160  control       broker-1 wants to shut down: others lead its partitions first
                ^ 250 µs later controller-1 takes its BrokerHeartbeat request
          5.000  broker-1      time for a heartbeat to the controller
                ^ at once (a broker that is to stop tells the controller)
          5.000  broker-1      does what it is told
                ^ this was done for it
          5.000  you           stop broker-1
    ");
}

#[test]
fn every_event_has_a_chain_to_a_root() {
    let mut run = Run::new(Interest::Everything);
    run.until(5_000);
    run.command("kill broker-1");
    run.until(16_000);
    let world = Lens::new(&run.cluster);
    for lang in [Lang::En, Lang::Zh] {
        let every = if lang == Lang::En { 1 } else { 17 };
        for event in run.events().iter().step_by(every) {
            let chain = why::chain(&run, &world, event.id, None).expect("it happened");
            let root = chain.root().event;
            assert_eq!(root.cause, 0, "{event:?}");
            assert!(matches!(root.kind, EventKind::Command | EventKind::Boot), "{root:?}");
            assert!(!told(&run, &chain, lang).is_empty());
        }
    }
}

//! The story of a run, as people read it.

use kafkascope::explain::Lang;
use kafkascope::node::Interest;

use crate::cluster::Run;

fn failover(interest: Interest) -> Run {
    let mut run = Run::new(interest);
    run.until(5_000);
    run.command("kill broker-1");
    run.until(20_000);
    run.command("start broker-1");
    run.until(30_000);
    run.command("stop broker-2");
    run.until(35_000);
    run
}

#[test]
fn a_broker_dies_comes_back_and_another_stops() {
    let run = failover(Interest::Story);
    insta::assert_snapshot!(run.told_in(Lang::En, false), @r"
     0.000  you           start controller-1, broker-1, broker-2, broker-3
     0.297  control       controller-1 is the active controller, epoch 1
     0.692  control       broker-3 unfenced: it has caught up with the metadata and may lead
     0.699  control       broker-1 unfenced: it has caught up with the metadata and may lead
     0.702  control       broker-2 unfenced: it has caught up with the metadata and may lead
     3.000  web           starts
     3.001  control       topic kq created: 3 partitions, replication factor 2
     3.001  control       kq-0: leader 3, leader epoch 0, ISR [3,1]
     3.001  control       kq-1: leader 1, leader epoch 0, ISR [1,2]
     3.001  control       kq-2: leader 2, leader epoch 0, ISR [2,3]
     3.102  web           gets producer id 0, epoch 0
     5.000  you           kill broker-1
     5.000  broker-1      killed; its 4 connections are reset, as broker-2 notices
     6.000  network       broker-1 refuses connections: broker-2 (8 times in 7 s)
    13.797  control       broker-1 fenced: no heartbeat for 9 s (broker.session.timeout.ms)
    13.797  control       kq-1: leader 1 → 2, leader epoch 0 → 1, ISR [1,2] → [2]
    13.797  control       kq-0: ISR [3,1] → [3]
    20.000  you           start broker-1
    20.000  broker-1      starts again
    20.680  control       broker-1 registers after an unclean shutdown, broker epoch 62
    20.694  disk          broker-1: kq-0 checked after an unclean stop, all is whole; log end offset 39
    20.695  control       broker-1 unfenced: it has caught up with the metadata and may lead
    20.715  broker-3      kq-0: replica 1 has caught up; asks for ISR [3,1]
    20.716  control       kq-0: ISR [3] → [3,1]
    21.196  broker-2      kq-1: replica 1 has caught up; asks for ISR [2,1]
    21.196  control       kq-1: ISR [2] → [2,1]
    30.000  you           stop broker-2
    30.000  control       broker-2 wants to shut down: others lead its partitions first
    30.000  control       kq-1: leader 2 → 1, leader epoch 1 → 2, ISR [2,1] → [1]
    30.000  control       kq-2: leader 2 → 3, leader epoch 0 → 1, ISR [2,3] → [3]
    31.815  broker-2      kq-2: refuses a batch: NOT_LEADER_OR_FOLLOWER
    31.815  web           kq-2: a batch of 1 record is tried again: NOT_LEADER_OR_FOLLOWER
    31.815  web           kq-2: learns that broker-3 leads, leader epoch 1
    32.054  control       broker-2 fenced: it shuts down
    32.057  broker-2      stopped properly (exit status 0), as web notices
    ");
    insta::assert_snapshot!(run.told_in(Lang::Zh, false), @r"
     0.000  你             启动 controller-1、broker-1、broker-2、broker-3
     0.297  controller    controller-1 成为 active controller，epoch 1
     0.692  controller    broker-3 解除隔离：元数据已跟上，可以当 leader 了
     0.699  controller    broker-1 解除隔离：元数据已跟上，可以当 leader 了
     0.702  controller    broker-2 解除隔离：元数据已跟上，可以当 leader 了
     3.000  web           启动
     3.001  controller    创建 topic kq：3 个分区，副本因子 2
     3.001  controller    kq-0：leader 3，leader epoch 0，ISR [3,1]
     3.001  controller    kq-1：leader 1，leader epoch 0，ISR [1,2]
     3.001  controller    kq-2：leader 2，leader epoch 0，ISR [2,3]
     3.102  web           获得 producer id 0，epoch 0
     5.000  你             kill broker-1
     5.000  broker-1      被 kill，它的 4 个连接被重置，broker-2 随即察觉
     6.000  网络            broker-1 拒绝连接：broker-2（7 秒内 8 次）
    13.797  controller    broker-1 被隔离（fenced）：9 秒没有心跳（broker.session.timeout.ms）
    13.797  controller    kq-1：leader 1 → 2，leader epoch 0 → 1，ISR [1,2] → [2]
    13.797  controller    kq-0：ISR [3,1] → [3]
    20.000  你             start broker-1
    20.000  broker-1      再次启动
    20.680  controller    broker-1 注册，上次未正常关闭，broker epoch 62
    20.694  磁盘            broker-1：kq-0 上次未正常关闭，检查后完好；log end offset 39
    20.695  controller    broker-1 解除隔离：元数据已跟上，可以当 leader 了
    20.715  broker-3      kq-0：副本 1 已追上，申请把 ISR 改为 [3,1]
    20.716  controller    kq-0：ISR [3] → [3,1]
    21.196  broker-2      kq-1：副本 1 已追上，申请把 ISR 改为 [2,1]
    21.196  controller    kq-1：ISR [2] → [2,1]
    30.000  你             stop broker-2
    30.000  controller    broker-2 申请关闭：先把它的分区交给别的 leader
    30.000  controller    kq-1：leader 2 → 1，leader epoch 1 → 2，ISR [2,1] → [1]
    30.000  controller    kq-2：leader 2 → 3，leader epoch 0 → 1，ISR [2,3] → [3]
    31.815  broker-2      kq-2：拒收一批记录：NOT_LEADER_OR_FOLLOWER
    31.815  web           kq-2：一批 1 条记录将重发：NOT_LEADER_OR_FOLLOWER
    31.815  web           kq-2：得知 leader 是 broker-3，leader epoch 1
    32.054  controller    broker-2 被隔离（fenced）：它正在关闭
    32.057  broker-2      正常退出（退出码 0），web 随即察觉
    ");
}

#[test]
fn with_everything_that_is_told() {
    insta::assert_snapshot!(failover(Interest::Story).told_in(Lang::En, true), @r"
     0.000  you           start controller-1, broker-1, broker-2, broker-3
     0.297  control       controller-1 is the active controller, epoch 1
     0.297  disk          controller-1: __cluster_metadata-0 opened, empty
     0.297  control       all brokers: min.insync.replicas = 1
     0.577  disk          broker-3: __cluster_metadata-0 opened, empty
     0.585  disk          broker-2: __cluster_metadata-0 opened, empty
     0.594  disk          broker-1: __cluster_metadata-0 opened, empty
     0.677  control       broker-3 registers, broker epoch 8
     0.686  control       broker-2 registers, broker epoch 9
     0.692  control       broker-3 unfenced: it has caught up with the metadata and may lead
     0.695  control       broker-1 registers, broker epoch 11
     0.699  control       broker-1 unfenced: it has caught up with the metadata and may lead
     0.702  control       broker-2 unfenced: it has caught up with the metadata and may lead
     3.000  web           starts
     3.001  control       topic kq created: 3 partitions, replication factor 2
     3.001  control       kq-0: leader 3, leader epoch 0, ISR [3,1]
     3.001  control       kq-1: leader 1, leader epoch 0, ISR [1,2]
     3.001  control       kq-2: leader 2, leader epoch 0, ISR [2,3]
     3.004  broker-3      kq-0: leads from offset 0 on, leader epoch 0
     3.004  broker-3      kq-2: follows broker-2, leader epoch 0
     3.004  broker-2      kq-2: leads from offset 0 on, leader epoch 0
     3.004  broker-2      kq-1: follows broker-1, leader epoch 0
     3.004  broker-1      kq-1: leads from offset 0 on, leader epoch 0
     3.004  broker-1      kq-0: follows broker-3, leader epoch 0
     3.102  web           gets producer id 0, epoch 0
     5.000  you           kill broker-1
     5.000  broker-1      killed; its 4 connections are reset, as broker-2 notices
     6.000  network       broker-1 refuses connections: broker-2 (8 times in 7 s)
    13.797  control       broker-1 fenced: no heartbeat for 9 s (broker.session.timeout.ms)
    13.797  control       kq-1: leader 1 → 2, leader epoch 0 → 1, ISR [1,2] → [2]
    13.797  control       kq-0: ISR [3,1] → [3]
    13.800  broker-2      kq-1: leads from offset 0 on, leader epoch 1
    20.000  you           start broker-1
    20.000  broker-1      starts again
    20.579  disk          broker-1: __cluster_metadata-0 checked after an unclean stop, all is whole; log end offset 28
    20.680  control       broker-1 registers after an unclean shutdown, broker epoch 62
    20.694  broker-1      kq-0: follows broker-3, leader epoch 0
    20.694  broker-1      kq-1: follows broker-2, leader epoch 1
    20.694  disk          broker-1: kq-0 checked after an unclean stop, all is whole; log end offset 39
    20.695  control       broker-1 unfenced: it has caught up with the metadata and may lead
    20.715  broker-3      kq-0: replica 1 has caught up; asks for ISR [3,1]
    20.716  control       kq-0: ISR [3] → [3,1]
    21.196  broker-2      kq-1: replica 1 has caught up; asks for ISR [2,1]
    21.196  control       kq-1: ISR [2] → [2,1]
    30.000  you           stop broker-2
    30.000  control       broker-2 wants to shut down: others lead its partitions first
    30.000  control       kq-1: leader 2 → 1, leader epoch 1 → 2, ISR [2,1] → [1]
    30.000  control       kq-2: leader 2 → 3, leader epoch 0 → 1, ISR [2,3] → [3]
    30.003  broker-2      kq-1: follows broker-1, leader epoch 2
    30.003  broker-2      kq-2: follows broker-3, leader epoch 1
    30.003  broker-1      kq-1: leads from offset 0 on, leader epoch 2
    30.003  broker-3      kq-2: leads from offset 0 on, leader epoch 1
    30.032  broker-2      kq-2: refuses broker-3's fetch at offset 0: FENCED_LEADER_EPOCH
    30.204  broker-2      kq-1: refuses broker-1's fetch at offset 0: FENCED_LEADER_EPOCH
    31.815  broker-2      kq-2: refuses a batch: NOT_LEADER_OR_FOLLOWER
    31.815  web           kq-2: a batch of 1 record is tried again: NOT_LEADER_OR_FOLLOWER
    31.815  web           kq-2: learns that broker-3 leads, leader epoch 1
    32.054  control       broker-2 fenced: it shuts down
    32.057  broker-2      stopped properly (exit status 0), as web notices
    ");
}

#[test]
fn details_do_not_change_the_story() {
    let (story, everything) = (failover(Interest::Story), failover(Interest::Everything));
    assert_eq!(story.story.lines().len(), everything.story.lines().len());
    let same = story.story.lines().iter().zip(everything.story.lines());
    for (one, other) in same {
        assert_eq!((one.at, one.event, &one.words), (other.at, other.event, &other.words));
    }
}

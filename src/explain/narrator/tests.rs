//! Sentences for every fact, in both languages.

use std::collections::BTreeSet;

use strum::IntoEnumIterator;
use unicode_width::UnicodeWidthStr;

use super::samples::{C1, facts};
use super::{Catalogue, Narrator};
use crate::explain::{Channel, Lang, World};
use crate::fact::{Fact, FactKind};
use crate::ids::BrokerId;
use crate::sim::NodeId;

/// A cluster of three brokers, a controller, a producer and two consumers, all with defaults.
pub(in crate::explain) struct Small;

pub(in crate::explain) const NODES: [&str; 7] =
    ["controller-1", "broker-1", "broker-2", "broker-3", "web", "c1", "c2"];

impl World for Small {
    fn node(&self, node: NodeId) -> &str {
        NODES[node.0 as usize]
    }

    fn find(&self, name: &str) -> Option<NodeId> {
        NODES.iter().position(|known| *known == name).map(|place| NodeId(place as u32))
    }

    fn server(&self, id: BrokerId) -> Option<NodeId> {
        match id.0 {
            101 => Some(NodeId(0)),
            1..=3 => Some(NodeId(id.0 as u32)),
            _ => None,
        }
    }

    fn setting(&self, _: NodeId, _: &str) -> Option<String> {
        None
    }
}

/// The longest line that is shown whole.
pub(in crate::explain) const COLUMNS: usize = 110;

fn all_sentences(lang: Lang) -> Vec<(Fact, String)> {
    let narrator = Narrator::new(lang);
    facts()
        .into_iter()
        .map(|fact| {
            let sentence = narrator.fact(NodeId(2), &fact, &Small);
            (fact, sentence)
        })
        .collect()
}

#[test]
fn there_is_a_sample_of_every_fact() {
    let sampled: BTreeSet<FactKind> = facts().iter().map(Fact::kind).collect();
    let missing: Vec<_> = FactKind::iter().filter(|kind| !sampled.contains(kind)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_fact_has_a_message_in_every_language() {
    for lang in Lang::iter() {
        for kind in FactKind::iter() {
            let id = format!("fact-{}", <&str>::from(kind));
            assert!(Catalogue::of(lang).has(&id), "{}: {id}", lang.code());
        }
        for channel in Channel::iter().filter(|channel| *channel != Channel::Node) {
            assert!(Catalogue::of(lang).has(&format!("channel-{}", <&str>::from(channel))));
        }
    }
}

#[test]
fn both_languages_have_the_same_messages() {
    let ids = |source: &'static str| -> BTreeSet<&str> {
        let lines = source.lines().filter(|line| line.starts_with(|c: char| c.is_alphabetic()));
        lines.filter_map(|line| line.split_once(" =")).map(|(id, _)| id).collect()
    };
    let (en, zh) = (ids(include_str!("en.ftl")), ids(include_str!("zh.ftl")));
    // Words that only one grammar needs.
    let own = [
        "members",
        "partitions",
        "offsets-partitions",
        "from-server",
        "to-server",
        "leader-or-none",
    ];
    // Rules of timers are English already.
    let is_own = |id: &&&str| own.contains(id) || id.starts_with("why-");
    let different: Vec<_> = en.symmetric_difference(&zh).filter(|id| !is_own(id)).collect();
    assert!(different.is_empty(), "{different:?}");
}

/// Asking for what a fact does not have fails in [`Catalogue::format`].
#[test]
fn sentences_are_whole_and_fit_into_a_line() {
    for lang in Lang::iter() {
        for (fact, sentence) in all_sentences(lang) {
            let columns = sentence.width();
            assert!(columns <= COLUMNS, "{columns}: {sentence}");
            assert!(!sentence.contains(['{', '}', '$']), "{sentence}");
            assert!(!sentence.contains("  ") && sentence.trim() == sentence, "“{sentence}”");
            assert!(!sentence.is_empty(), "{fact:?}");
        }
    }
}

#[test]
fn chinese_sentences_are_chinese() {
    // What an administrator typed, and what is all terms and numbers.
    use FactKind as K;
    let as_it_is = [
        K::Command,
        K::CommandRefused,
        K::ConfigChanged,
        K::GroupStateChanged,
        K::LeaderElected,
        K::PartitionChanged,
    ];
    for (fact, sentence) in all_sentences(Lang::Zh) {
        let chinese = sentence.chars().any(|letter| ('一'..='鿿').contains(&letter));
        assert!(chinese || as_it_is.contains(&fact.kind()), "{sentence}");
        assert!(!sentence.contains("none"), "{sentence}");
    }
}

fn listed(lang: Lang) -> String {
    let lines = all_sentences(lang);
    let narrator = Narrator::new(lang);
    let lines = lines.iter().map(|(fact, sentence)| {
        let who = narrator.channel(Channel::of(fact), NodeId(2), &Small);
        format!("{who:8}  {sentence}")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
#[expect(clippy::too_many_lines, reason = "a sentence of every fact")]
fn english() {
    insta::assert_snapshot!(listed(Lang::En), @r"
    you       kill leader(kq-0)
    you       kill broker-9: there is no broker-9; there are broker-1, broker-2, broker-3
    broker-2  starts
    broker-2  starts again
    broker-2  killed; its 5 connections are reset
    broker-2  killed; its connection is reset
    broker-2  killed
    broker-2  stopped properly (exit status 0)
    broker-2  stopped with exit status 1
    broker-2  power lost; 8192 bytes had not reached the disk and are gone
    broker-2  power lost; a byte had not reached the disk and is gone
    broker-2  power lost; everything was on the disk
    broker-2  its disk is replaced by an empty one
    broker-2  stopped in the middle of everything (SIGSTOP)
    broker-2  goes on as if nothing had happened (SIGCONT)
    network   broker-1 → broker-2: nothing gets through any more
    network   broker-1 → broker-2: packets get through again
    network   broker-1 → broker-2: everything takes 200 ms longer
    network   broker-1 → broker-2: as fast as before
    broker-2  disk takes 10 times as long
    broker-2  CPU takes 10 times as long
    broker-2  disk as fast as before
    broker-2  CPU as fast as before
    network   broker-2: connection to broker-1 reset
    network   broker-2: connected to broker-1
    network   broker-2: broker-1 refuses the connection
    network   broker-2: no answer to Produce from broker-1 for 30 s; connection closed
    disk      broker-2: kq-0 opened, empty
    disk      broker-2: kq-0 opened as it was closed; log start offset 0, log end offset 118
    disk      broker-2: kq-0 checked after an unclean stop, all is whole; log end offset 118
    disk      broker-2: kq-0 checked after an unclean stop; 97 bytes cut off, log end offset 118
    disk      broker-2: kq-0 checked after an unclean stop; a byte cut off, log end offset 118
    broker-2  kq-0: appends a batch at offset 118; log end offset 121, epoch 1
    broker-2  kq-0: copies a batch at offset 118; log end offset 121, epoch 1
    broker-2  kq-0: cuts its log back from offset 118 to 97
    disk      broker-2: kq-0 begins a new segment at offset 118
    disk      broker-2: kq-0 deletes old records: log start offset 0 → 60
    broker-2  kq-0: leads from offset 118 on, leader epoch 1
    broker-2  kq-0: follows broker-2, leader epoch 1
    broker-2  kq-0: has nobody to follow, leader epoch 1
    broker-2  kq-0: broker-2 asks for offset 121, so it has all before it
    broker-2  kq-0: high watermark 118 → 121
    broker-2  kq-0: high watermark 118 → 121, as the leader says
    broker-2  kq-0: everything before offset 118 is committed: acks=all is answered
    broker-2  kq-0: answers a consumer with the records from offset 100 on; next 118
    broker-2  kq-0: tells a client that the log ends at offset 118, leader epoch 1
    broker-2  kq-0: replica 2 has not caught up for 30 s (replica.lag.time.max.ms); asks for ISR [1]
    broker-2  kq-0: replicas 2,3 have not caught up for 30 s (replica.lag.time.max.ms); asks for ISR [1]
    broker-2  kq-0: replica 2 has caught up; asks for ISR [1,2]
    broker-2  kq-0: ISR [1,2] is in force, partition epoch 3
    broker-2  kq-0: the controller refuses the ISR asked for: INVALID_UPDATE_VERSION
    broker-2  kq-0: refuses a batch: NOT_ENOUGH_REPLICAS
    broker-2  kq-0: refuses broker-2's fetch at offset 118: FENCED_LEADER_EPOCH
    broker-2  kq-0: refuses a consumer's fetch at offset 118: FENCED_LEADER_EPOCH
    broker-2  kq-0: broker-1's log differs from offset 97 on; epoch 0 is the last they share
    control   broker-2 is the active controller, epoch 1
    control   broker-1 registers, broker epoch 62
    control   broker-1 registers after an unclean shutdown, broker epoch 62
    control   broker-1 may not register: DUPLICATE_BROKER_REGISTRATION
    control   broker-1 unfenced: it has caught up with the metadata and may lead
    control   broker-1 fenced: no heartbeat for 9 s (broker.session.timeout.ms)
    control   broker-1 fenced: it shuts down
    control   broker-1 wants to shut down: others lead its partitions first
    control   kq-0: leader 2, leader epoch 1, ISR [2], partition epoch 1
    control   kq-0: leader none, leader epoch 1, ISR [2], partition epoch 1
    control   kq-0: leader 2, leader epoch 1
    control   kq-0: offline, nobody may lead it after broker-1, leader epoch 1
    control   kq-0: offline, nobody may lead it, leader epoch 1
    control   topic kq created: 3 partitions, replication factor 2
    control   topic kq created: 1 partition, replication factor 2
    control   topic kq deleted
    control   topic kq has 6 partitions now
    control   topic kq: min.insync.replicas = 2
    control   topic kq: min.insync.replicas back to its default
    control   all brokers: min.insync.replicas = 2
    control   all brokers: min.insync.replicas back to its default
    broker-2  CreateTopics of kq refused: TOPIC_ALREADY_EXISTS: Topic 'kq' already exists.
    broker-2  CreateTopics of kq refused: TOPIC_ALREADY_EXISTS
    broker-2  knows the metadata up to offset 62, controller epoch 1
    control   kq-0: leader 1 → 2, leader epoch 1
    control   kq-0: leader 1 → 2, leader epoch 1
    control   kq-0: leader 1 → 2, leader epoch 1 (from the ELR)
    control   kq-0: leader 1 → 2, leader epoch 1 (the last known leader; unclean: records may be lost)
    control   kq-0: leader 1 → 2, leader epoch 1 (the preferred leader)
    control   kq-0: leader 1 → 2, leader epoch 1 (unclean: records may be lost)
    group     broker-2 coordinates the groups of __consumer_offsets-13: none yet
    group     broker-2 coordinates the groups of __consumer_offsets-13: 1 group found
    group     broker-2 coordinates the groups of __consumer_offsets-13: 2 groups found
    group     broker-2 coordinates the groups of __consumer_offsets-13 no more
    group     checkout: c1-1b2c… is a member now
    group     checkout: c1-1b2c… is a member now, static member till-1
    group     checkout: PreparingRebalance → Empty, generation 4
    group     checkout: generation 4, 1 member; c1-1b2c… divides the partitions (cooperative-sticky)
    group     checkout: generation 4, 3 members; c1-1b2c… divides the partitions (cooperative-sticky)
    group     checkout: assignment of generation 4 stored; every member gets its part
    group     checkout: takes the commit of c1-1b2c… for kq-0, next offset to read 118
    group     checkout: takes a commit for kq-0, next offset to read 118
    group     checkout: kq-0 committed, next offset to read 118
    group     checkout: Heartbeat of c1-1b2c… refused: REBALANCE_IN_PROGRESS
    group     checkout: Heartbeat refused: REBALANCE_IN_PROGRESS
    group     checkout: kq-0 is to be read from offset 118 on: committed
    group     checkout: nothing is committed for kq-0
    group     checkout: the committed offset of kq-0 is too old and is removed
    group     checkout: c1-1b2c… leaves
    group     checkout: c1-1b2c… is out: no heartbeat for 45 s (session.timeout.ms)
    group     checkout: c1-1b2c… is out: it did not join within 5 min (max.poll.interval.ms)
    group     checkout: c1-1b2c… is out: no SyncGroup within 5 min (max.poll.interval.ms)
    group     checkout: c1-1b2c… is out: it got its member id and never joined
    group     checkout: c1-1b2c… is out: another process has its group.instance.id now
    group     checkout: c1-1b2c… is removed by an administrator
    group     checkout: c1-1b2c… is out: the group is full (group.max.size)
    group     checkout: rebalance, generation 3 ends: c1-1b2c… is new
    group     checkout: rebalance, generation 3 ends: c1-1b2c… joins
    group     checkout: rebalance, generation 3 ends: its leader asks for it
    group     checkout: rebalance, generation 3 ends: its leader asks for it (cached metadata has changed)
    group     checkout: rebalance, generation 3 ends: c1-1b2c… rejoins with other metadata
    group     checkout: rebalance, generation 3 ends: c1-1b2c… rejoins with other metadata
    group     checkout: rebalance, generation 3 ends: static member c1-1b2c… has other assignors
    group     checkout: rebalance, generation 3 ends: c1-1b2c… is silent
    group     checkout: rebalance, generation 3 ends: c1-1b2c… did not sync
    group     checkout: rebalance, generation 3 ends: c1-1b2c… left
    group     checkout: rebalance, generation 3 ends: the assignment could not be stored: NOT_COORDINATOR
    group     checkout: rebalance, generation 3 ends: the group is larger than group.max.size
    broker-2  kq-0: record 377 handed to the producer
    broker-2  kq-0: record 377 acknowledged at offset 118 after 3.22 ms
    broker-2  kq-0: record 377 sent; with acks=0 nobody answers (3.22 ms)
    broker-2  kq-0: record 377 failed for good: REQUEST_TIMED_OUT
    broker-2  the application prints: record 377 is in kq-0 at offset 118
    broker-2  kq-0: a batch of 1 record is tried again: NOT_LEADER_OR_FOLLOWER
    broker-2  kq-0: a batch of 20 records is tried again: NOT_LEADER_OR_FOLLOWER
    broker-2  gets producer id 1000, epoch 0
    broker-2  kq-0: learns that broker-2 leads, leader epoch 1
    broker-2  kq-0: learns that nobody leads, leader epoch 1
    broker-2  checkout: its coordinator is broker-2
    broker-2  checkout: its coordinator broker-2 answers NOT_COORDINATOR; looks for it anew
    broker-2  checkout: sends JoinGroup
    broker-2  checkout: sends JoinGroup: need to revoke partitions and re-join
    broker-2  checkout: divides the partitions for 1 member (range)
    broker-2  checkout: divides the partitions among 3 members (range)
    broker-2  checkout: gets no new partition in generation 4
    broker-2  checkout: gets kq-0, kq-1 in generation 4
    broker-2  checkout: gets kq-0, kq-1, kq-2, kq-3, kq-4, kq-5, kq-6, kq-7, … 42 more in generation 4
    broker-2  checkout: gives up no partition
    broker-2  checkout: gives up kq-0, kq-1
    broker-2  checkout: is no member any more; it had no partitions
    broker-2  checkout: is no member any more and has lost kq-0, kq-1
    broker-2  kq-0: 1 record for the application, offset 118
    broker-2  kq-0: 500 records for the application from offset 118 on; next 618
    broker-2  kq-0: the application is done up to offset 121
    broker-2  kq-0: a handler is done with offset 120
    broker-2  kq-0: the handler fails on offset 121; it is committed all the same (ForceCommit)
    broker-2  kq-0: the handler fails on offset 121; nobody commits it
    broker-2  checkout: no poll() for 5 min (max.poll.interval.ms): it leaves
    broker-2  checkout: commit failed: UNKNOWN_MEMBER_ID
    broker-2  poll() throws NoOffsetForPartitionException
    broker-2  kq-0: begins at offset 97: nothing is committed (auto.offset.reset = latest)
    broker-2  kq-0: goes on at offset 97: its position is not in the log (auto.offset.reset = latest)
    broker-2  kq-0: goes back to offset 97: the log below its position was truncated
    broker-2  kq-0: seeks to offset 97
    ");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a sentence of every fact")]
fn chinese() {
    insta::assert_snapshot!(listed(Lang::Zh), @r"
    你         kill leader(kq-0)
    你         kill broker-9：there is no broker-9; there are broker-1, broker-2, broker-3
    broker-2  启动
    broker-2  再次启动
    broker-2  被 kill，它的 5 个连接被重置
    broker-2  被 kill，它的 1 个连接被重置
    broker-2  被 kill
    broker-2  正常退出（退出码 0）
    broker-2  退出，退出码 1
    broker-2  断电；8192 字节尚未落盘，丢失了
    broker-2  断电；1 字节尚未落盘，丢失了
    broker-2  断电；数据都已落盘
    broker-2  换了一块空磁盘
    broker-2  整个进程被暂停（SIGSTOP）
    broker-2  恢复运行，浑然不觉自己停过（SIGCONT）
    网络        broker-1 → broker-2：网络不通了
    网络        broker-1 → broker-2：网络恢复
    网络        broker-1 → broker-2：每个包多走 200 毫秒
    网络        broker-1 → broker-2：延迟恢复正常
    broker-2  磁盘变慢，耗时是原来的 10 倍
    broker-2  CPU 变慢，耗时是原来的 10 倍
    broker-2  磁盘恢复正常速度
    broker-2  CPU 恢复正常速度
    网络        broker-2：到 broker-1 的连接被重置
    网络        broker-2：连上了 broker-1
    网络        broker-2：broker-1 拒绝连接
    网络        broker-2：broker-1 过了 30 秒仍未回应 Produce，连接关闭
    磁盘        broker-2：kq-0 已打开，是空的
    磁盘        broker-2：kq-0 已打开，上次正常关闭；log start offset 0，log end offset 118
    磁盘        broker-2：kq-0 上次未正常关闭，检查后完好；log end offset 118
    磁盘        broker-2：kq-0 上次未正常关闭，检查后截掉 97 字节；log end offset 118
    磁盘        broker-2：kq-0 上次未正常关闭，检查后截掉 1 字节；log end offset 118
    broker-2  kq-0：在 offset 118 追加一批，log end offset 121，epoch 1
    broker-2  kq-0：在 offset 118 复制一批，log end offset 121，epoch 1
    broker-2  kq-0：把日志从 offset 118 截短到 97
    磁盘        broker-2：kq-0 从 offset 118 起写新的 segment
    磁盘        broker-2：kq-0 删除旧记录，log start offset 0 → 60
    broker-2  kq-0：成为 leader，从 offset 118 开始，leader epoch 1
    broker-2  kq-0：跟随 broker-2，leader epoch 1
    broker-2  kq-0：没有 leader 可跟随，leader epoch 1
    broker-2  kq-0：broker-2 来拉取 offset 121，说明之前的它都有了
    broker-2  kq-0：高水位 118 → 121
    broker-2  kq-0：从 leader 得知高水位 118 → 121
    broker-2  kq-0：offset 118 之前都已提交，应答 acks=all
    broker-2  kq-0：把从 offset 100 起的记录发给消费者，下一条 118
    broker-2  kq-0：告诉客户端日志末尾是 offset 118，leader epoch 1
    broker-2  kq-0：副本 2 落后超过 30 秒（replica.lag.time.max.ms），申请把 ISR 改为 [1]
    broker-2  kq-0：副本 2,3 落后超过 30 秒（replica.lag.time.max.ms），申请把 ISR 改为 [1]
    broker-2  kq-0：副本 2 已追上，申请把 ISR 改为 [1,2]
    broker-2  kq-0：ISR [1,2] 生效，partition epoch 3
    broker-2  kq-0：controller 拒绝了所申请的 ISR：INVALID_UPDATE_VERSION
    broker-2  kq-0：拒收一批记录：NOT_ENOUGH_REPLICAS
    broker-2  kq-0：拒绝 broker-2 从 offset 118 拉取：FENCED_LEADER_EPOCH
    broker-2  kq-0：拒绝消费者从 offset 118 拉取：FENCED_LEADER_EPOCH
    broker-2  kq-0：broker-1 的日志从 offset 97 起与 leader 不同，最后共有的 epoch 是 0
    controller  broker-2 成为 active controller，epoch 1
    controller  broker-1 注册，broker epoch 62
    controller  broker-1 注册，上次未正常关闭，broker epoch 62
    controller  broker-1 注册被拒：DUPLICATE_BROKER_REGISTRATION
    controller  broker-1 解除隔离：元数据已跟上，可以当 leader 了
    controller  broker-1 被隔离（fenced）：9 秒没有心跳（broker.session.timeout.ms）
    controller  broker-1 被隔离（fenced）：它正在关闭
    controller  broker-1 申请关闭：先把它的分区交给别的 leader
    controller  kq-0：leader 2，leader epoch 1，ISR [2]，partition epoch 1
    controller  kq-0：leader 无，leader epoch 1，ISR [2]，partition epoch 1
    controller  kq-0：leader 2，leader epoch 1
    controller  kq-0：broker-1 之后没有副本可当 leader，分区下线，leader epoch 1
    controller  kq-0：下线，没有副本可当 leader，leader epoch 1
    controller  创建 topic kq：3 个分区，副本因子 2
    controller  创建 topic kq：1 个分区，副本因子 2
    controller  topic kq 已删除
    controller  topic kq 现有 6 个分区
    controller  topic kq：min.insync.replicas = 2
    controller  topic kq：min.insync.replicas 恢复默认值
    controller  所有 broker：min.insync.replicas = 2
    controller  所有 broker：min.insync.replicas 恢复默认值
    broker-2  对 kq 的 CreateTopics 被拒：TOPIC_ALREADY_EXISTS：Topic 'kq' already exists.
    broker-2  对 kq 的 CreateTopics 被拒：TOPIC_ALREADY_EXISTS
    broker-2  元数据已应用到 offset 62，controller epoch 1
    controller  kq-0：leader 1 → 2，leader epoch 1
    controller  kq-0：leader 1 → 2，leader epoch 1
    controller  kq-0：leader 1 → 2，leader epoch 1（来自 ELR）
    controller  kq-0：leader 1 → 2，leader epoch 1（最后的 leader；unclean：可能丢记录）
    controller  kq-0：leader 1 → 2，leader epoch 1（preferred leader）
    controller  kq-0：leader 1 → 2，leader epoch 1（unclean：可能丢记录）
    组         broker-2 开始协调 __consumer_offsets-13 上的组：目前没有
    组         broker-2 开始协调 __consumer_offsets-13 上的组：读出 1 个组
    组         broker-2 开始协调 __consumer_offsets-13 上的组：读出 2 个组
    组         broker-2 不再协调 __consumer_offsets-13 上的组
    组         checkout：c1-1b2c… 入组
    组         checkout：c1-1b2c… 入组，静态成员 till-1
    组         checkout：PreparingRebalance → Empty，generation 4
    组         checkout：generation 4，1 个成员；由 c1-1b2c… 分配（cooperative-sticky）
    组         checkout：generation 4，3 个成员；由 c1-1b2c… 分配（cooperative-sticky）
    组         checkout：generation 4 的分配已保存，各成员领取自己的分区
    组         checkout：接受 c1-1b2c… 对 kq-0 的提交，下次从 offset 118 读
    组         checkout：接受对 kq-0 的提交，下次从 offset 118 读
    组         checkout：kq-0 已提交，下次从 offset 118 读
    组         checkout：c1-1b2c… 的 Heartbeat 被拒：REBALANCE_IN_PROGRESS
    组         checkout：Heartbeat 被拒：REBALANCE_IN_PROGRESS
    组         checkout：kq-0 从 offset 118 读起：已提交到这里
    组         checkout：kq-0 没有已提交的 offset
    组         checkout：kq-0 的已提交 offset 过期，被移除
    组         checkout：c1-1b2c… 离组
    组         checkout：c1-1b2c… 被移出：45 秒没有心跳（session.timeout.ms）
    组         checkout：c1-1b2c… 被移出：5 分钟内没有重新加入（max.poll.interval.ms）
    组         checkout：c1-1b2c… 被移出：5 分钟内没有发 SyncGroup（max.poll.interval.ms）
    组         checkout：c1-1b2c… 被移出：拿到 member id 却一直没有加入
    组         checkout：c1-1b2c… 被移出：它的 group.instance.id 已归另一个进程
    组         checkout：c1-1b2c… 被管理员移出
    组         checkout：c1-1b2c… 被移出：组已满（group.max.size）
    组         checkout：开始重平衡，generation 3 结束：c1-1b2c… 是新成员
    组         checkout：开始重平衡，generation 3 结束：c1-1b2c… 加入
    组         checkout：开始重平衡，generation 3 结束：组的 leader 要求
    组         checkout：开始重平衡，generation 3 结束：组的 leader 要求（cached metadata has changed）
    组         checkout：开始重平衡，generation 3 结束：c1-1b2c… 带着不同的元数据重新加入
    组         checkout：开始重平衡，generation 3 结束：c1-1b2c… 带着不同的元数据重新加入
    组         checkout：开始重平衡，generation 3 结束：静态成员 c1-1b2c… 换了分配器
    组         checkout：开始重平衡，generation 3 结束：c1-1b2c… 没有心跳
    组         checkout：开始重平衡，generation 3 结束：c1-1b2c… 没有发 SyncGroup
    组         checkout：开始重平衡，generation 3 结束：c1-1b2c… 离开
    组         checkout：开始重平衡，generation 3 结束：分配结果没能写入：NOT_COORDINATOR
    组         checkout：开始重平衡，generation 3 结束：组的成员超过 group.max.size
    broker-2  kq-0：记录 377 交给生产者
    broker-2  kq-0：记录 377 得到确认，offset 118，耗时 3.22 毫秒
    broker-2  kq-0：记录 377 已发出；acks=0，不等确认（3.22 毫秒）
    broker-2  kq-0：记录 377 最终失败：REQUEST_TIMED_OUT
    broker-2  应用打印：第 377 条记录在 kq-0 的 offset 118
    broker-2  kq-0：一批 1 条记录将重发：NOT_LEADER_OR_FOLLOWER
    broker-2  kq-0：一批 20 条记录将重发：NOT_LEADER_OR_FOLLOWER
    broker-2  获得 producer id 1000，epoch 0
    broker-2  kq-0：得知 leader 是 broker-2，leader epoch 1
    broker-2  kq-0：得知目前没有 leader，leader epoch 1
    broker-2  checkout：协调者是 broker-2
    broker-2  checkout：协调者 broker-2 答复 NOT_COORDINATOR，重新查找
    broker-2  checkout：发出 JoinGroup
    broker-2  checkout：发出 JoinGroup：need to revoke partitions and re-join
    broker-2  checkout：为 1 个成员计算分配（range）
    broker-2  checkout：为 3 个成员计算分配（range）
    broker-2  checkout：generation 4 没有分到新的分区
    broker-2  checkout：generation 4 分到 kq-0、kq-1
    broker-2  checkout：generation 4 分到 kq-0、kq-1、kq-2、kq-3、kq-4、kq-5、kq-6、kq-7 等 50 个
    broker-2  checkout：没有要放弃的分区
    broker-2  checkout：放弃 kq-0、kq-1
    broker-2  checkout：已不是成员，手上没有分区
    broker-2  checkout：已不是成员，失去 kq-0、kq-1
    broker-2  kq-0：从 offset 118 起 1 条记录交给应用，下一条 119
    broker-2  kq-0：从 offset 118 起 500 条记录交给应用，下一条 618
    broker-2  kq-0：应用处理到 offset 121
    broker-2  kq-0：处理函数处理完 offset 120
    broker-2  kq-0：处理函数在 offset 121 上失败，照样提交（ForceCommit）
    broker-2  kq-0：处理函数在 offset 121 上失败，不提交它
    broker-2  checkout：5 分钟没有调用 poll()（max.poll.interval.ms），退出组
    broker-2  checkout：提交失败：UNKNOWN_MEMBER_ID
    broker-2  poll() 抛出 NoOffsetForPartitionException
    broker-2  kq-0：从 offset 97 开始：没有已提交的 offset（auto.offset.reset = latest）
    broker-2  kq-0：改从 offset 97 继续：原位置不在日志里（auto.offset.reset = latest）
    broker-2  kq-0：退回 offset 97：原位置之前的日志被截断过
    broker-2  kq-0：seek 到 offset 97
    ");
}

#[test]
fn silences_are_told_with_the_setting_that_bounds_them() {
    struct Quick;
    impl World for Quick {
        fn node(&self, node: NodeId) -> &str {
            Small.node(node)
        }
        fn find(&self, name: &str) -> Option<NodeId> {
            Small.find(name)
        }
        fn server(&self, id: BrokerId) -> Option<NodeId> {
            Small.server(id)
        }
        fn setting(&self, node: NodeId, key: &str) -> Option<String> {
            let quick = node == NodeId(5) && key == "session.timeout.ms";
            quick.then(|| "6000".to_owned())
        }
    }
    let removed = Fact::MemberRemoved {
        group: "checkout".into(),
        member: C1.into(),
        reason: crate::fact::LeaveReason::SessionTimeout,
    };
    let say = |world: &dyn World| Narrator::new(Lang::En).fact(NodeId(2), &removed, world);
    insta::assert_snapshot!(say(&Small), @"checkout: c1-1b2c… is out: no heartbeat for 45 s (session.timeout.ms)");
    insta::assert_snapshot!(say(&Quick), @"checkout: c1-1b2c… is out: no heartbeat for 6 s (session.timeout.ms)");
}

//! What is said of a row of the tree: what it is in Kafka, and what a power loss would do to it.

use ratatui::style::Style;

use super::name;
use super::tree::{Row, What};
use crate::explain::Lang;
use crate::ids::BrokerId;
use crate::log::{DELETE_DIRECTORY, offset_of};
use crate::tui::Look;
use crate::view::Lens;
use crate::view::disk::FileKind;

/// What is said of a row.
pub(super) fn row(
    look: &Look<'_>,
    lens: Lens<'_>,
    server: BrokerId,
    row: &Row,
) -> Vec<(Style, String)> {
    let (theme, lang) = (look.theme, look.lang());
    let what = match row.what {
        What::Root(count) => root(lang, &name(lens, server), count),
        What::Topic(count) => lang.pick(
            format!(
                "{count} directories of an internal topic, a partition each. Enter unfolds them."
            ),
            format!("内部主题的 {count} 个目录，每个分区一个。回车展开。"),
        ),
        What::Directory(count, _) => directory(lang, &row.name, count),
        What::File => file(lang, &row.name),
    };
    vec![(theme.note, what), (theme.label, durability(lang, row))]
}

fn root(lang: Lang, server: &str, count: usize) -> String {
    lang.pick(
        format!(
            "log.dirs of {server}: a directory for each of its {count} replicas, named topic-partition, \
             and the files that tell the next start of the process where it was."
        ),
        format!(
            "{server} 的 log.dirs：{count} 个副本各有一个「主题-分区」目录，\
             另有几个文件，供进程下次启动时知道进行到哪里。"
        ),
    )
}

fn directory(lang: Lang, name: &str, count: usize) -> String {
    if name.ends_with(DELETE_DIRECTORY) {
        return lang.pick(
            "A replica that was deleted: the files go when file.delete.delay.ms is over."
                .to_owned(),
            "已删除的副本：过了 file.delete.delay.ms，文件才真正删掉。".to_owned(),
        );
    }
    lang.pick(
        format!(
            "The log of partition {name}: {count} files. A segment is a .log with its indexes, named after \
             its first offset."
        ),
        format!("分区 {name} 的日志：{count} 个文件。一个 segment 是一个 .log 加它的索引，以首个 offset 命名。"),
    )
}

/// What a file is.
pub(super) fn file(lang: Lang, name: &str) -> String {
    let base = offset_of(name).map_or_else(String::new, |base| base.to_string());
    let (en, zh) = match FileKind::of(name) {
        FileKind::Log if name.ends_with(".checkpoint") => (
            "A snapshot of the metadata log: all records that are still true, as batches.".to_owned(),
            "元数据日志的快照：仍然有效的全部记录，也是 batch。".to_owned(),
        ),
        FileKind::Log => (
            format!(
                "Record batches one after the other, from offset {base} on. Followers have the same bytes."
            ),
            format!("从 offset {base} 开始，一个接一个的 record batch。follower 上的字节完全相同。"),
        ),
        FileKind::OffsetIndex => (
            "The sparse offset index: an entry of 8 bytes for about every index.interval.bytes of .log. The \
             active segment's is as long as segment.index.bytes; zeros fill it until it is rolled."
                .to_owned(),
            "稀疏的 offset 索引：.log 每写约 index.interval.bytes 字节，记一个 8 字节的项。\
             活跃 segment 的索引先占满 segment.index.bytes，没写到的是零，滚动时才截短。"
                .to_owned(),
        ),
        FileKind::TimeIndex => (
            "The time index: timestamp to offset, 12 bytes an entry. Retention and \"offset at this time\" \
             use it; who has read how far is not in it."
                .to_owned(),
            "时间索引：时间戳到 offset，每项 12 字节。按时间删除、按时间查 offset 用它；与谁消费到哪里无关。"
                .to_owned(),
        ),
        FileKind::TxnIndex => (
            "Aborted transactions of this segment: what read_committed consumers skip.".to_owned(),
            "这个 segment 里中止的事务：read_committed 的消费者要跳过它们。".to_owned(),
        ),
        FileKind::Snapshot => (
            format!(
                "What was known of each producer at offset {base}: its last sequence numbers, so that a \
                 restart still recognises duplicates."
            ),
            format!("到 offset {base} 为止每个生产者的状态：最后的序号。有它，重启后仍能识别重复。"),
        ),
        FileKind::LeaderEpochs => (
            "Where each leader epoch begins in this log: with it a follower finds out how far it agrees with \
             the leader."
                .to_owned(),
            "每个 leader epoch 从哪个 offset 开始。follower 靠它判断自己与 leader 在哪里分叉。".to_owned(),
        ),
        FileKind::PartitionMetadata => (
            "The topic's id: a topic that was deleted and created anew is another one.".to_owned(),
            "主题的 id：删掉再建的同名主题是另一个主题。".to_owned(),
        ),
        FileKind::MetaProperties => (
            "Whose directory this is: node.id, cluster.id, directory.id.".to_owned(),
            "这个目录属于谁：node.id、cluster.id、directory.id。".to_owned(),
        ),
        FileKind::Bootstrap => (
            "What kafka-storage format wrote: the levels that a new cluster begins at. Later the metadata log \
             counts."
                .to_owned(),
            "kafka-storage format 写下的：新集群从哪些功能级别开始。之后以元数据日志为准。".to_owned(),
        ),
        FileKind::Lock => (
            "Empty: a process that has this directory locks it, so that no second one starts on it. A clean \
             shutdown removes it."
                .to_owned(),
            "空文件：使用这个目录的进程锁住它，别的进程就不能再用。正常关闭时删除。".to_owned(),
        ),
        FileKind::RecoveryPoints => (
            "Up to which offset each log is on the medium for certain: after a crash recovery begins there."
                .to_owned(),
            "每个日志到哪个 offset 为止确定已落盘：崩溃后从这里开始恢复检查。".to_owned(),
        ),
        FileKind::LogStarts => (
            "Where logs begin that do not begin with a segment (DeleteRecords).".to_owned(),
            "起点不在 segment 开头的日志从哪里开始（DeleteRecords）。".to_owned(),
        ),
        FileKind::HighWatermarks => (
            "The high watermark of each replica, written every replica.high.watermark.checkpoint.interval.ms."
                .to_owned(),
            "每个副本的高水位，每隔 replica.high.watermark.checkpoint.interval.ms 写一次。".to_owned(),
        ),
        FileKind::Cleaned => (
            "How far each log was compacted.".to_owned(),
            "每个日志压缩（compaction）到了哪里。".to_owned(),
        ),
        FileKind::CleanShutdown => (
            "The last process closed its logs properly: the next start need not check them.".to_owned(),
            "上一个进程正常关闭了日志：下次启动不必检查。".to_owned(),
        ),
        FileKind::QuorumState => (
            "What a member of the metadata quorum must not forget: the epoch, and for whom it voted."
                .to_owned(),
            "元数据仲裁成员不能忘的事：当前 epoch，以及投了谁的票。".to_owned(),
        ),
        FileKind::Other => ("A file.".to_owned(), "一个文件。".to_owned()),
    };
    lang.pick(en, zh)
}

/// What a power loss would do.
fn durability(lang: Lang, row: &Row) -> String {
    let (written, risk) = (row.written, row.at_risk);
    if risk == 0 {
        return lang.pick(
            "All that was written is on the medium: a power loss takes nothing.".to_owned(),
            "写下的都已落盘：断电什么也不丢。".to_owned(),
        );
    }
    lang.pick(
        format!(
            "{risk} of {written} bytes are in the page cache only: kill -9 leaves them, a power loss takes up \
             to all of them. Kafka leaves flushing to the system and relies on the other replicas."
        ),
        format!(
            "写下的 {written} 字节中有 {risk} 字节只在页缓存里：kill -9 不会丢，断电最多全丢。\
             Kafka 把刷盘交给操作系统，靠其他副本保证不丢。"
        ),
    )
}

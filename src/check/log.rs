//! The log of one replica: L1 (offsets), L2 and L3 (epochs), L4 (bounds), L8 (truncation).
//!
//! What is told of an append is compared with the bytes that are there, and with the log as it was
//! before. L5, L6 and L7 need a walk over files: see `bytes`.

use super::Id;
use super::violation::{Report, Subject, text};
use super::world::replica::Replica;
use super::world::tree::{BatchId, Tree};
use crate::ids::{BrokerId, LeaderEpoch, Offset, TopicPartition};
use crate::log::{Disk, EpochEntry, Log};
use crate::protocol::Batch;

/// L1, L2: `batch` follows on the log that ends with `replica`'s.
pub(super) fn on_append(
    tp: &TopicPartition,
    replica: &Replica,
    tree: &Tree,
    batch: &Batch,
    report: &mut Report,
) {
    let subject = || Subject::Replica(tp.clone(), replica.broker);
    let (base, next) = (batch.base_offset(), batch.next_offset());
    report.judge(Id::L1, base == replica.end && next > base, || {
        let found = text!("a batch {}..{} was appended", "追加了批次 {}..{}", base, next);
        (subject(), found, text!("the log ended at {}", "日志此前止于 {}", replica.end))
    });
    let epoch = batch.partition_leader_epoch().unwrap_or(LeaderEpoch(-1));
    let before = tree[replica.tip].epoch;
    report.judge(Id::L2, epoch >= before, || {
        let found =
            text!("the batch at {} is of epoch {}", "位移 {} 处的批次属于 epoch {}", base, epoch);
        (
            subject(),
            found,
            text!("the one before it is of epoch {}", "前一批次属于 epoch {}", before),
        )
    });
}

/// L3, L4: the log is as its batches say. For after every event that changed it.
pub(super) fn inspect(
    tp: &TopicPartition,
    replica: &mut Replica,
    tree: &Tree,
    log: &Log,
    report: &mut Report,
) {
    bounds(tp, replica, log, report);
    let epochs = log.epochs();
    let entries = epochs.entries();
    let tip = &tree[replica.tip];
    let knows_last = tip.next <= log.log_start_offset()
        || tip.epoch == LeaderEpoch(-1)
        || entries.iter().any(|one| one.epoch == tip.epoch && one.start_offset <= tip.base);
    if replica.epochs[..] == *entries && knows_last {
        return;
    }
    let subject = || Subject::Replica(tp.clone(), replica.broker);
    report.judge(Id::L3, knows_last, || {
        let found = text!("its last batch is {}", "它的最后一个批次是 {}", tip.name());
        (subject(), found, text!("the cache says {:?}", "epoch 缓存为 {:?}", entries))
    });
    let ordered = entries
        .windows(2)
        .all(|pair| pair[0].epoch < pair[1].epoch && pair[0].start_offset <= pair[1].start_offset);
    let end = log.log_end_offset();
    let inside = entries.last().is_none_or(|last| last.start_offset <= end);
    report.judge(Id::L3, ordered && inside, || {
        let found = text!("the epoch cache says {:?}", "epoch 缓存为 {:?}", entries);
        (subject(), found, text!("the log ends at {}", "日志止于 {}", end))
    });
    for entry in entries {
        let justified = entry.start_offset == log.log_start_offset()
            || replica.epochs.contains(entry)
            || replica.led.contains(entry)
            || begins_at(tree, replica.tip, *entry);
        report.judge(Id::L3, justified, || {
            let (epoch, start) = (entry.epoch, entry.start_offset);
            let found = text!(
                "the cache says that epoch {} begins at {}",
                "epoch 缓存称 epoch {} 始于 {}",
                epoch,
                start
            );
            let against = text!(
                "no batch of it begins there, and it began to lead at {:?}",
                "那里没有该 epoch 的首个批次，它当选 leader 的位移为 {:?}",
                replica.led
            );
            (subject(), found, against)
        });
    }
    replica.epochs = entries.into();
}

/// L3: a leader's cache has its epoch from the moment on in which it begins to lead (KAFKA-7415).
pub(super) fn on_leader(
    tp: &TopicPartition,
    leader: BrokerId,
    epoch: LeaderEpoch,
    log: &Log,
    report: &mut Report,
) {
    let latest = log.epochs().latest().map(|latest| latest.epoch);
    report.judge(Id::L3, latest >= Some(epoch), || {
        let found = text!("a broker began to lead epoch {}", "broker 开始领导 epoch {}", epoch);
        let against =
            text!("the newest epoch of its cache is {:?}", "其缓存中最新的 epoch 为 {:?}", latest);
        (Subject::Replica(tp.clone(), leader), found, against)
    });
}

/// True if the first batch of an epoch is where `entry` says.
fn begins_at(tree: &Tree, tip: BatchId, entry: EpochEntry) -> bool {
    let id = tree.up_to(tip, entry.start_offset);
    let first = {
        // The next batch of the log after that.
        let mut at = tip;
        while tree[at].parent != id && at != id {
            at = tree[at].parent;
        }
        &tree[at]
    };
    first.base == entry.start_offset && first.epoch == entry.epoch && tree[id].epoch < entry.epoch
}

fn bounds(tp: &TopicPartition, replica: &Replica, log: &Log, report: &mut Report) {
    let (start, end) = (log.log_start_offset(), log.log_end_offset());
    let (stable, high_watermark) = (log.last_stable_offset(), log.high_watermark());
    let active = log.active_segment();
    let index = active.offset_index();
    let in_order = start <= stable
        && stable <= high_watermark
        && high_watermark <= end
        && log.recovery_point() <= end
        && index.last_offset() <= end
        && index.last_offset() >= active.base_offset()
        && end == replica.end;
    report.judge(Id::L4, in_order, || {
        let found = text!(
            "log start {}, last stable offset {}, high watermark {}, recovery point {}, last entry \
             of the index {}",
            "日志起点 {}，LSO {}，高水位 {}，恢复点 {}，索引末项 {}",
            start,
            stable,
            high_watermark,
            log.recovery_point(),
            index.last_offset()
        );
        let against = text!(
            "the log ends at {}, and by what was appended at {}",
            "日志止于 {}，按追加记录应止于 {}",
            end,
            replica.end
        );
        (Subject::Replica(tp.clone(), replica.broker), found, against)
    });
}

/// L8: nothing is left at or above `to`.
pub(super) fn on_truncation(
    tp: &TopicPartition,
    replica: &Replica,
    to: Offset,
    log: &Log,
    disk: &Disk,
    report: &mut Report,
) {
    let active = log.active_segment();
    let epochs = log.epochs();
    let last_epoch = epochs.latest().map(|last| last.start_offset);
    let index = active.offset_index();
    let last_index = (index.entries() > 0).then(|| index.last_offset());
    let times = active.time_index();
    let last_time = (times.entries() > 0).then(|| times.last_entry().offset);
    let last_txn = active.txn_index().iter(disk).map(|txn| txn.last_offset).max();
    let producers = log.producers().map_end_offset();
    // A leader that begins right here writes its epoch down for this offset.
    let led_here = replica.led.last().is_some_and(|led| Some(led.start_offset) == last_epoch);
    let nothing_left = log.log_end_offset() <= to
        && log.high_watermark() <= to
        && (last_epoch.is_none_or(|start| start < to) || led_here)
        && last_index.is_none_or(|last| last < to)
        && last_time.is_none_or(|last| last < to)
        && last_txn.is_none_or(|last| last < to)
        && producers <= to;
    report.judge(Id::L8, nothing_left, || {
        let found = text!("the log was cut at {}", "日志被截断到 {}", to);
        let against = text!(
            "log end {}, high watermark {}, last epoch from {:?}, indexes up to {:?} and {:?}, \
             aborted transactions up to {:?}, producers as of {}",
            "日志末端 {}，高水位 {}，最后的 epoch 起点 {:?}，索引到 {:?} 和 {:?}，已中止事务到 {:?}，\
             生产者状态截至 {}",
            log.log_end_offset(),
            log.high_watermark(),
            last_epoch,
            last_index,
            last_time,
            last_txn,
            producers
        );
        (Subject::Replica(tp.clone(), replica.broker), found, against)
    });
}

//! The loss ledger: what applications sent, what they were told, and why records are gone.
//!
//! Records are judged by their values, which name them, in the batches of the log that counts. When
//! that log becomes another one, what left it is entered here with its cause; R11 says that nothing
//! acknowledged with acks=all is among it without one. P1 (one outcome), P2 (acknowledged is in the
//! log, failed is not), P3 (order) and T12 (idempotence) are about the same records.

mod cause;
mod loss;
mod producers;
mod readers;

use std::collections::BTreeSet;

pub use cause::Cause;
pub(super) use cause::Circumstances;
pub use loss::{Loss, Losses};
pub(super) use producers::Producer;
pub use producers::Totals;
pub(super) use producers::{Outcome, Producers};
use readers::Readers;
use serde::Serialize;

use super::Id;
use super::violation::{Report, Subject, text};
use super::world::official::Change;
use super::world::partition::Partition;
use super::world::tree::{BatchId, Node, RecordName};
use crate::ids::{LeaderEpoch, Name, Offset, TopicPartition};
use crate::protocol::{Batch, ErrorCode};
use crate::sim::{CowList, Instant};

/// A record that was acknowledged and can be read no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LostRecord {
    /// When it was lost, or its loss became certain.
    pub at: Instant,
    /// The number of the event.
    pub event: u64,
    /// Its partition.
    pub tp: TopicPartition,
    /// The producer that sent it.
    pub producer: Name,
    /// The application's running number.
    pub number: u64,
    /// Where it was; none with acks=0.
    pub offset: Option<Offset>,
    /// The epoch of the leader that had taken it; none with acks=0.
    pub leader_epoch: Option<LeaderEpoch>,
    /// With which `acks` it was acknowledged; -1 for all.
    pub acks: i16,
    /// By what right it is gone.
    pub cause: Cause,
    /// True once it can be read again: its holder came back and leads.
    pub is_back: bool,
}

/// Records that were removed as they should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Removal {
    /// When.
    pub at: Instant,
    /// Their partition.
    pub tp: TopicPartition,
    /// The offset of the first one.
    pub from: Offset,
    /// The offset after the last one.
    pub to: Offset,
    /// Why.
    #[serde(flatten)]
    pub cause: Cause,
}

/// The ledger.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    pub(super) producers: Producers,
    pub(super) readers: Readers,
    pub(super) lost: CowList<LostRecord>,
    pub(super) removed: CowList<Removal>,
    /// The places of partitions whose topics were deleted.
    deleted: BTreeSet<u32>,
}

/// A number that no partition has: of a record whose topic is not there.
const NOWHERE: u32 = u32::MAX;

impl Ledger {
    // ---- what applications do and are told ----

    /// P1: the application handed over a record.
    pub(super) fn on_sent(
        &mut self,
        producer: u32,
        number: u64,
        slot: Option<u32>,
        report: &mut Report,
    ) {
        let producer = &mut self.producers[producer];
        producer.totals.sent += 1;
        producer.note_sent(number, report.at);
        let record = producer.record_mut(number);
        let is_new = record.outcome == Outcome::NeverSent;
        record.slot = slot.unwrap_or(NOWHERE);
        record.outcome = Outcome::Pending;
        report.judge(Id::P1, is_new, || {
            let found = text!("record {} was sent", "发送了记录 {}", number);
            let subject = Subject::Client(producer.name.clone());
            (subject, found, text!("it had been sent before", "它此前已经发送过"))
        });
    }

    /// P1, P2, P3, R11: a record was acknowledged, at `offset` if that is known.
    pub(super) fn on_acked(
        &mut self,
        name: RecordName,
        slot: Option<u32>,
        offset: Option<Offset>,
        partition: Option<&mut Partition>,
        report: &mut Report,
    ) {
        let producer = &mut self.producers[name.producer];
        producer.totals.acked += 1;
        let record = producer.record_mut(name.number);
        let before = std::mem::replace(&mut record.outcome, Outcome::Acked);
        record.offset = offset;
        judge_outcome(producer, name.number, before, report);
        let (Some(offset), Some(slot), Some(partition)) = (offset, slot, partition) else { return };
        let copies = producer.record_mut(name.number).copies;
        let held = partition.official.holding(&partition.tree, offset);
        match held.map(|id| (id, partition.tree[id].record_at(offset))) {
            Some((_, Some(found))) if found == name => {
                report.judge(Id::P2, true, || unreachable!("it holds"));
                judge_order(producer, slot, name.number, offset, &partition.tp, report);
            }
            Some((id, None)) if !partition.tree[id].is_control && copies == 0 => {
                // The application sent something of its own: now its place is known.
                partition.tree.name_record(id, offset, name);
                producer.record_mut(name.number).copies = 1;
            }
            _ => self.on_acked_elsewhere(name, offset, partition, report),
        }
    }

    /// The log that counts does not have the record where it was acknowledged to be.
    fn on_acked_elsewhere(
        &mut self,
        name: RecordName,
        offset: Offset,
        partition: &Partition,
        report: &mut Report,
    ) {
        let producer = &self.producers[name.producer];
        let branch = partition.tree.with_record(name, offset);
        let is_removed = offset < partition.official.start;
        report.judge(Id::P2, branch.is_some() || is_removed, || {
            let number = name.number;
            let found = text!(
                "record {} was acknowledged at {} of {}",
                "记录 {} 在 {2} 的位移 {1} 得到确认",
                number,
                offset,
                partition.tp
            );
            let against = text!("no log ever had it there", "没有任何日志在那里有过它");
            (Subject::Client(producer.name.clone()), found, against)
        });
        if producer.record(name.number).is_some_and(|record| record.copies > 0) || is_removed {
            return;
        }
        let is_off = |(change, _): &&(Change, Circumstances)| {
            change.left.first().is_some_and(|id| partition.tree[*id].base <= offset)
        };
        let cut = partition.cuts.iter().rev().find(is_off);
        let acks = producer.acks;
        let cause = if let Some((change, circumstances)) = cut {
            circumstances.cause_for(acks, change.min_isr_at(offset))
        } else {
            // A leader of the past took it, after another had begun.
            let written = branch.map(|id| partition.tree[id].epoch);
            let unclean = partition.unclean_since.filter(|since| written < Some(*since));
            match (partition.official.leader, acks, unclean) {
                (Some((epoch, to)), 1, _) => Cause::LeaderOnly { from: None, to, epoch },
                (_, _, Some(epoch)) if branch.is_some() => Cause::UncleanElection { epoch },
                _ => Cause::Unexplained,
            }
        };
        let epoch = branch.map(|id| partition.tree[id].epoch);
        self.lose(name, &partition.tp, (Some(offset), epoch), cause, report);
        report.judge(Id::R11, cause != Cause::Unexplained, || {
            let found = text!(
                "record {} was acknowledged with acks=all at {}",
                "记录 {} 以 acks=all 在位移 {} 得到确认",
                name.number,
                offset
            );
            let against =
                text!("the leader's log has something else there", "leader 的日志在该处是别的内容");
            (Subject::Partition(partition.tp.clone()), found, against)
        });
    }

    /// P1, P2: a record failed.
    pub(super) fn on_failed(
        &mut self,
        name: RecordName,
        slot: Option<u32>,
        error: ErrorCode,
        report: &mut Report,
    ) {
        let producer = &mut self.producers[name.producer];
        producer.totals.failed += 1;
        let was_retried = slot.is_some_and(|slot| producer.stream(slot).was_retried);
        let is_certain = !was_retried && is_certain(error);
        let record = producer.record_mut(name.number);
        let outcome = if is_certain { Outcome::Failed } else { Outcome::Unknown };
        let before = std::mem::replace(&mut record.outcome, outcome);
        let copies = record.copies;
        judge_outcome(producer, name.number, before, report);
        if is_certain {
            report.judge(Id::P2, copies == 0, || {
                let found =
                    text!("record {} failed with {}", "记录 {} 以 {} 失败", name.number, error);
                let subject = Subject::Client(producer.name.clone());
                (subject, found, text!("it is in the log", "它却在日志中"))
            });
        }
    }

    /// A producer was answered with an error and tries again.
    pub(super) fn on_retried(&mut self, producer: u32, slot: Option<u32>, error: ErrorCode) {
        let producer = &mut self.producers[producer];
        *producer.errors.entry(error).or_default() += 1;
        if let Some(slot) = slot.filter(|_| !is_certain(error)) {
            producer.stream(slot).was_retried = true;
        }
    }

    // ---- what the log that counts has ----

    /// P2, T12: a batch is in the log that counts.
    pub(super) fn on_entered(
        &mut self,
        slot: u32,
        tp: &TopicPartition,
        node: &Node,
        report: &mut Report,
    ) {
        let mut twice = None;
        let mut failed = None;
        let mut last: Option<RecordName> = None;
        for (_, name) in node.records() {
            let producer = &mut self.producers[name.producer];
            let record = producer.record_mut(name.number);
            if record.slot == NOWHERE {
                record.slot = slot;
            } else if record.slot != slot && self.deleted.contains(&record.slot) {
                // It was in the log of a topic that is deleted: the next one of that name knows nothing
                // of its producer (`ProducerStateManager` belongs to a log).
                (record.slot, record.copies) = (slot, 0);
            }
            record.copies = record.copies.saturating_add(1);
            let (copies, outcome) = (record.copies, record.outcome);
            match outcome {
                Outcome::AckedLost => {
                    record.outcome = Outcome::Acked;
                    producer.totals.acked_lost -= 1;
                    self.note_back(name);
                }
                Outcome::Failed => failed = failed.or(Some(name)),
                _ => {}
            }
            let producer = &mut self.producers[name.producer];
            if copies == 2 {
                producer.totals.duplicated += 1;
                twice = twice.or(Some(name));
            }
            let follows = last.is_some_and(|last| {
                last.producer == name.producer && last.number + 1 == name.number
            });
            if !follows {
                self.on_next_run(slot, tp, name, copies, report);
            }
            last = Some(name);
        }
        let Some(last) = last else { return };
        let producer = &mut self.producers[last.producer];
        let stream = producer.stream(slot);
        stream.last_appended = stream.last_appended.max(Some(last.number));
        if producer.is_idempotent {
            report.judge(Id::T12, twice.is_none(), || {
                let number = twice.map_or(0, |name| name.number);
                let found = text!(
                    "record {} of an idempotent producer is in {}",
                    "幂等生产者的记录 {} 在 {} 中",
                    number,
                    node.name()
                );
                let subject = Subject::Client(producer.name.clone());
                (subject, found, text!("it is in the log already", "它已经在日志中"))
            });
        }
        if let Some(name) = failed {
            report.judge(Id::P2, false, || {
                let found =
                    text!("record {} is in {}", "记录 {} 在 {} 中", name.number, node.name());
                let against =
                    text!("the application was told that it failed", "应用被告知它已失败");
                (Subject::Client(producer.name.clone()), found, against)
            });
        }
    }

    /// Records of a producer begin that do not follow on the one before.
    fn on_next_run(
        &mut self,
        slot: u32,
        tp: &TopicPartition,
        name: RecordName,
        copies: u8,
        report: &mut Report,
    ) {
        let producer = &mut self.producers[name.producer];
        let acks = producer.acks;
        let before = producer.stream(slot).last_appended;
        if before.is_some_and(|before| name.number < before) {
            if copies == 1 {
                producer.totals.out_of_order += 1;
            }
            return;
        }
        if acks != 0 {
            return;
        }
        // With acks=0 nothing is sent again: what should have come before will not come.
        let first = before.map_or(0, |before| before + 1);
        for number in first..name.number {
            let missing = self.producers[name.producer].record(number).is_some_and(|sent| {
                sent.slot == slot && sent.copies == 0 && sent.outcome == Outcome::Acked
            });
            if missing {
                let name = RecordName { number, ..name };
                self.lose(name, tp, (None, None), Cause::NotAwaited, report);
            }
        }
    }

    /// R11: batches left the log that counts, and others came.
    pub(super) fn on_change(
        &mut self,
        slot: u32,
        partition: &Partition,
        change: &Change,
        circumstances: &Circumstances,
        report: &mut Report,
    ) {
        let mut unexplained: Option<(Offset, Offset, u64)> = None;
        for id in &change.left {
            self.on_left(slot, partition, *id, change, circumstances, &mut unexplained, report);
        }
        if !change.left.is_empty() {
            report.judge(Id::R11, unexplained.is_none(), || {
                let (first, last, count) = unexplained.unwrap_or_default();
                let found = text!(
                    "{} records acknowledged with acks=all at {}..={}",
                    "{} 条以 acks=all 确认的记录，位移 {}..={}",
                    count,
                    first,
                    last
                );
                let against = text!(
                    "the log of broker {}, leader of epoch {}, does not have them",
                    "epoch {1} 的 leader（broker {0}）的日志没有它们",
                    circumstances.to,
                    circumstances.epoch
                );
                (Subject::Partition(partition.tp.clone()), found, against)
            });
        }
        for id in &change.entered {
            self.on_entered(slot, &partition.tp, &partition.tree[*id], report);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one step of the loop above")]
    fn on_left(
        &mut self,
        slot: u32,
        partition: &Partition,
        id: BatchId,
        change: &Change,
        circumstances: &Circumstances,
        unexplained: &mut Option<(Offset, Offset, u64)>,
        report: &mut Report,
    ) {
        for (offset, name) in partition.tree[id].records() {
            let producer = &mut self.producers[name.producer];
            let acks = producer.acks;
            let stream = producer.stream(slot);
            (stream.last_appended, stream.last_acked) = (None, None);
            let record = producer.record_mut(name.number);
            record.copies = record.copies.saturating_sub(1);
            if record.copies == 1 {
                producer.totals.duplicated -= 1;
            } else if record.copies == 0 && record.outcome == Outcome::Acked {
                let cause = circumstances.cause_for(acks, change.min_isr_at(offset));
                let place = (Some(offset), Some(partition.tree[id].epoch));
                self.lose(name, &partition.tp, place, cause, report);
                if cause == Cause::Unexplained {
                    let (first, _, count) = unexplained.unwrap_or((offset, offset, 0));
                    *unexplained = Some((first, offset, count + 1));
                }
            }
        }
    }

    /// True if a record was sent before the partition `slot` was there, to one of a topic that was deleted,
    /// and is not in `slot`: a leader that has not heard of the deletion may acknowledge it yet.
    pub(super) fn is_of_deleted(&self, name: RecordName, slot: Option<u32>) -> bool {
        let sent = self.producers[name.producer].record(name.number).map(|record| record.slot);
        let is_gone = |sent: u32| sent == NOWHERE || self.deleted.contains(&sent);
        !self.deleted.is_empty() && sent != slot && sent.is_some_and(is_gone)
    }

    /// A topic was deleted that had this partition.
    pub(super) fn on_deleted(&mut self, slot: u32) {
        self.deleted.insert(slot);
    }

    /// Records of the log that counts were removed by right.
    pub(super) fn on_removed(&mut self, removal: Removal) {
        self.removed.push(removal);
    }

    /// At the end: with acks=0, what is in no log now never will be, but for what is on its way.
    pub(super) fn settle<'a>(
        &mut self,
        tps: impl Fn(u32) -> Option<TopicPartition>,
        on_their_way: impl Iterator<Item = &'a Batch>,
        report: &Report,
    ) {
        let mut missing = Vec::new();
        let may_come: BTreeSet<RecordName> =
            on_their_way.flat_map(|batch| self.producers.names_in(batch)).collect();
        for (index, producer) in self.producers.iter().filter(|(_, one)| one.acks == 0) {
            let records = producer.records.iter().enumerate();
            let lost = records
                .filter(|(_, sent)| sent.outcome == Outcome::Acked && sent.copies == 0)
                .map(|(number, sent)| (index, number as u64, sent.slot))
                .filter(|(producer, number, _)| {
                    !may_come.contains(&RecordName { producer: *producer, number: *number })
                });
            missing.extend(lost);
        }
        for (producer, number, slot) in missing {
            if let Some(tp) = tps(slot) {
                let name = RecordName { producer, number };
                self.lose(name, &tp, (None, None), Cause::NotAwaited, report);
            }
        }
    }

    fn lose(
        &mut self,
        name: RecordName,
        tp: &TopicPartition,
        (offset, leader_epoch): (Option<Offset>, Option<LeaderEpoch>),
        cause: Cause,
        report: &Report,
    ) {
        let producer = &mut self.producers[name.producer];
        producer.record_mut(name.number).outcome = Outcome::AckedLost;
        producer.totals.acked_lost += 1;
        self.lost.push(LostRecord {
            at: report.at,
            event: report.event,
            tp: tp.clone(),
            producer: producer.name.clone(),
            number: name.number,
            offset,
            leader_epoch,
            acks: producer.acks,
            cause,
            is_back: false,
        });
    }

    /// A lost record can be read again.
    fn note_back(&mut self, name: RecordName) {
        let producer = &self.producers[name.producer].name;
        let is_it = |lost: &LostRecord| lost.number == name.number && lost.producer == *producer;
        if let Some(index) = (0..self.lost.len()).rev().find(|index| is_it(&self.lost[*index])) {
            self.lost[index].is_back = true;
        }
    }
}

/// True where no broker can have appended what a request with this answer carried.
const fn is_certain(error: ErrorCode) -> bool {
    matches!(
        error,
        ErrorCode::MessageTooLarge
            | ErrorCode::RecordListTooLarge
            | ErrorCode::InvalidRequiredAcks
            | ErrorCode::InvalidTopicException
            | ErrorCode::InvalidTimestamp
            | ErrorCode::InvalidRecord
            | ErrorCode::NotEnoughReplicas
            | ErrorCode::TopicAuthorizationFailed
            | ErrorCode::ClusterAuthorizationFailed
    )
}

/// P1: nothing had been told about the record before.
fn judge_outcome(producer: &Producer, number: u64, before: Outcome, report: &mut Report) {
    report.judge(Id::P1, before == Outcome::Pending, || {
        let found = text!(
            "the application was told an outcome of record {}",
            "应用得到记录 {} 的结果",
            number
        );
        let against = match before {
            Outcome::NeverSent => text!("it was never sent", "它从未发送"),
            _ => text!("it was told {:?} before", "此前已告知 {:?}", before),
        };
        (Subject::Client(producer.name.clone()), found, against)
    });
}

/// P3: what was sent later is at a higher offset.
fn judge_order(
    producer: &mut Producer,
    slot: u32,
    number: u64,
    offset: Offset,
    tp: &TopicPartition,
    report: &mut Report,
) {
    let keeps_order = producer.keeps_order;
    let name = producer.name.clone();
    let stream = producer.stream(slot);
    let before = stream.last_acked;
    if before.is_none_or(|(last, _)| last < number) {
        stream.last_acked = Some((number, offset));
    }
    let Some((last, last_offset)) = before.filter(|_| keeps_order) else { return };
    let in_order = (last < number) == (last_offset < offset);
    report.judge(Id::P3, in_order, || {
        let found =
            text!("record {} is at {} of {}", "记录 {} 位于 {2} 的位移 {1}", number, offset, tp);
        let against = text!("record {} is at {}", "记录 {} 位于 {}", last, last_offset);
        (Subject::Client(name), found, against)
    });
}

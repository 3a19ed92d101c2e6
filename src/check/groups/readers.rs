//! Consumers: G3 (one user of a partition), P4 (readers go on where they were), O6 (positions are set
//! anew for a reason), and what applications process, for P5.

use smallvec::SmallVec;

use super::Groups;
use super::progress::{Progress, judge_once};
use crate::check::violation::{Report, Subject, Text, text};
use crate::check::world::World;
use crate::check::world::partition::Partition;
use crate::check::{Checker, Id};
use crate::client::consumer::{CommitPolicy, ConsumerSpec, Marks, Workers};
use crate::fact::{Fact, ResetReason};
use crate::ids::{BrokerId, Name, Offset, TopicPartition};
use crate::protocol::ErrorCode;
use crate::sim::NodeId;
use crate::view::Lens;

/// Positions that leaders refused last, by partition.
pub(super) type Refused = SmallVec<[Offset; 4]>;

/// So many are remembered.
const REMEMBERED: usize = 8;

impl Checker {
    /// Takes in what consumers tell; false if it is something else.
    pub(super) fn take_of_readers(&mut self, lens: Lens<'_>, node: NodeId, fact: &Fact) -> bool {
        let Self { groups, world, report, .. } = self;
        match fact {
            Fact::PartitionsAssigned { group, partitions, generation } => {
                for tp in partitions {
                    if let Some(slot) = world.slot(tp) {
                        groups.positions.remove(&(node, slot));
                    }
                    let user = groups.of(lens, group).users.insert(tp.clone(), node);
                    judge_user(lens, group, tp, (node, user), report);
                }
                if let Some(memory) = lens.group_in_memory(group) {
                    super::assignment::judge_taken(lens, node, *generation, memory, report);
                }
            }
            Fact::PartitionsRevoked { group, partitions, .. }
            | Fact::PartitionsLost { group, partitions } => {
                for tp in partitions {
                    if let Some(slot) = world.slot(tp) {
                        groups.positions.remove(&(node, slot));
                    }
                    let users = &mut groups.of(lens, group).users;
                    if users.get(tp) == Some(&node) {
                        users.remove(tp);
                    }
                }
            }
            Fact::FetchRefused { tp, replica: None, offset, error } => {
                if *error == ErrorCode::OffsetOutOfRange
                    && let Some(slot) = world.slot(tp)
                {
                    let server = lens.server_of(node);
                    judge_range(lens, server, (tp, *offset), report);
                    let refused = groups.refused.entry(slot).or_default();
                    refused.truncate(REMEMBERED - 1);
                    refused.insert(0, *offset);
                }
            }
            Fact::PositionReset { tp, to, reason } => {
                if let Some(slot) = world.slot(tp) {
                    groups.on_reset(lens, (node, slot), (*to, *reason), world, report);
                }
            }
            _ => return false,
        }
        true
    }
}

impl Groups {
    /// P4: the application of a consumer is handed the records `from..to`.
    pub(in crate::check) fn on_handed(
        &mut self,
        lens: Lens<'_>,
        (node, slot): (NodeId, u32),
        (from, to): (Offset, Offset),
        partition: &Partition,
        report: &mut Report,
    ) {
        let before = self.positions.insert((node, slot), to);
        if let Some(spec) = lens.consumer_spec(node)
            && let Some(name) = &spec.config.group_id
        {
            let group = self.of(lens, name);
            group.commits_first |= spec.commit == CommitPolicy::Before;
            group.commits_ahead |= commits_ahead(spec);
            group.progress.entry(slot).or_insert_with(|| Progress::beginning_at(from));
        }
        let Some(before) = before else { return };
        let mut between = partition.official.from(&partition.tree, before);
        let skipped = between.find(|id| {
            let batch = &partition.tree[*id];
            batch.base < from && !batch.is_control && batch.next > partition.official.start
        });
        let skipped = skipped.filter(|_| before.max(partition.official.start) < from);
        report.judge(Id::P4, from >= before && skipped.is_none(), || {
            let found = text!(
                "the application was handed {}..{} of {}",
                "应用得到了 {2} 的 {0}..{1}",
                from,
                to,
                partition.tp
            );
            let subject = Subject::Client(lens.name(node).clone());
            (subject, found, text!("it was to read on at {}", "它应从 {} 继续读", before))
        });
    }

    /// The application of the consumer `node` is done with the records `from..to`.
    pub(in crate::check) fn on_processed(
        &mut self,
        lens: Lens<'_>,
        (node, slot): (NodeId, u32),
        (from, to): (Offset, Offset),
        partition: &Partition,
        report: &mut Report,
    ) {
        let Some(name) = lens.consumer_spec(node).and_then(|spec| spec.config.group_id.as_ref())
        else {
            return;
        };
        let group = self.of(lens, name);
        let progress = group.progress.entry(slot).or_insert_with(|| Progress::beginning_at(from));
        let again = progress.note(from, to);
        if group.commits_first && !partition.lost_committed() && !group.lost_offsets {
            judge_once(name, (from, to), again, partition, report);
        }
    }

    /// O6: the position of a consumer is set anew.
    fn on_reset(
        &mut self,
        lens: Lens<'_>,
        (node, slot): (NodeId, u32),
        (to, reason): (Offset, ResetReason),
        world: &mut World,
        report: &mut Report,
    ) {
        let name = lens.consumer_spec(node).and_then(|spec| spec.config.group_id.clone());
        let before = self.positions.insert((node, slot), to);
        // As for O1: a coordinator that has not heard of an unclean election answers from its own log.
        let home = name.as_ref().and_then(|name| self.home(lens, name));
        let home = home.and_then(|home| world.slot(&super::offsets_partition(home)));
        let may_have_lost =
            home.is_some_and(|home| world.partitions[home as usize].unclean_since.is_some());
        let partition = &world.partitions[slot as usize];
        let tp = &partition.tp;
        let against = match reason {
            ResetReason::NoCommittedOffset if may_have_lost => None,
            ResetReason::NoCommittedOffset => name.as_ref().and_then(|name| {
                let entries = self.entries(name, tp).filter(|entries| !entries.may_be_none())?;
                let is_removed = entries.iter().any(|entry| entry.value.is_none());
                let committed = entries.last()?.value.filter(|_| !is_removed)?;
                Some(text!("committed is {}", "已提交 {}", committed))
            }),
            ResetReason::OutOfRange => {
                let refused = self.refused.get(&slot);
                let is_refused = refused.is_some_and(|refused| {
                    before.is_none_or(|before| refused.iter().any(|offset| *offset >= before))
                });
                (!is_refused).then(|| text!("no leader refused it", "没有 leader 拒绝过它"))
            }
            ResetReason::Diverged => {
                let is_cut = |from: Offset| before.is_none_or(|before| from < before);
                let mut cuts = partition.cuts.iter();
                let proven = cuts.any(|(change, _)| {
                    let first = change.left.first();
                    first.is_some_and(|id| is_cut(partition.tree[*id].base))
                });
                // A leader whose log begins later knows no epoch so old.
                let is_removed = before.is_some_and(|before| before <= partition.official.start);
                let no_cut = || {
                    text!("the log was never cut below {:?}", "日志从未在 {:?} 之下截断", before)
                };
                (!proven && !is_removed).then(no_cut)
            }
            ResetReason::Seek => None,
        };
        report.judge(Id::O6, against.is_none(), || {
            let (en, zh) = reason_words(reason);
            let found = Text {
                en: format!("the position in {tp} was reset to {to}: {en}"),
                zh: format!("{tp} 的位置被重置为 {to}，理由是{zh}"),
            };
            let against = against.unwrap_or_default();
            (Subject::Client(lens.name(node).clone()), found, against)
        });
        let Some(name) = name else { return };
        let group = self.of(lens, &name);
        group.jump(slot, to, true);
        if reason == ResetReason::Seek {
            let sought = group.sought.entry(slot).or_default();
            *sought = to.max(*sought);
        }
    }
}

/// True if what is committed may pass what is not processed, as kq's handlers have it.
fn commits_ahead(spec: &ConsumerSpec) -> bool {
    match spec.personality.workers {
        Workers::Caller | Workers::PerPartition { .. } => false,
        Workers::Pool { handlers, in_order, .. } => {
            (handlers > 1 && !in_order) || spec.fails != Marks::None
        }
    }
}

const fn reason_words(reason: ResetReason) -> (&'static str, &'static str) {
    match reason {
        ResetReason::NoCommittedOffset => ("nothing was committed", "没有提交过"),
        ResetReason::OutOfRange => ("it was out of range", "越界"),
        ResetReason::Diverged => ("the log was truncated", "日志被截断"),
        ResetReason::Seek => ("the application said so", "应用要求"),
    }
}

/// O6: what a leader refuses as out of range is outside its log.
fn judge_range(
    lens: Lens<'_>,
    server: Option<BrokerId>,
    (tp, offset): (&TopicPartition, Offset),
    report: &mut Report,
) {
    let Some(log) = server.and_then(|server| lens.log(tp, server)) else { return };
    let (start, end) = (log.log_start_offset(), log.log_end_offset());
    report.judge(Id::O6, offset < start || offset > end, || {
        let found = text!("{} is refused as out of range", "位移 {} 因越界被拒", offset);
        let against = text!("the log holds {}..{}", "日志范围是 {}..{}", start, end);
        (Subject::Partition(tp.clone()), found, against)
    });
}

/// G3: nobody else uses the partition who is still a member.
fn judge_user(
    lens: Lens<'_>,
    name: &Name,
    tp: &TopicPartition,
    (node, before): (NodeId, Option<NodeId>),
    report: &mut Report,
) {
    let other = before.filter(|before| *before != node);
    let is_member = other.is_some_and(|other| {
        let consumer = lens.running_consumer(other);
        let id = consumer.and_then(crate::client::consumer::Consumer::member_id);
        let group = lens.group_in_memory(name);
        id.zip(group).is_some_and(|(id, group)| group.members.contains_key(id))
    });
    report.judge(Id::G3, !is_member, || {
        let found = text!("{} begins to use {}", "{} 开始使用 {}", lens.name(node), tp);
        let other = lens.name(other.expect("it is a member"));
        let against =
            text!("{} still uses it, and is a member", "{} 仍在使用它，且仍是成员", other);
        (Subject::Group(name.clone()), found, against)
    });
}

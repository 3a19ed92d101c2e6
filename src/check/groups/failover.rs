//! A coordinator takes over: G8 (what was told of a group survives), O1 (what was told of offsets does).
//!
//! A group of the classic protocol is written when its assignment is stored, when a static member is
//! replaced, and when it becomes empty: the generation of a rebalance that has not come so far, and
//! members that have joined since, are lost with their coordinator, in Kafka too (`GroupMetadataManager`).

use std::sync::Arc;

use super::journal::{Gone, Journal};
use super::{Groups, offsets_partition};
use crate::check::Id;
use crate::check::ledger::Circumstances;
use crate::check::violation::{Report, Subject, text};
use crate::check::world::official::Change;
use crate::check::world::partition::Partition;
use crate::coordinator::group::{ClassicGroup, ClassicGroupState};
use crate::ids::{BrokerId, Offset};
use crate::protocol::Batch;
use crate::protocol::coordinator_record::GroupMetadataValue;
use crate::sim::NodeId;
use crate::view::Lens;

impl Groups {
    /// The log that counts of a partition of the offsets topic is another one: `batches`.
    pub(in crate::check) fn on_rewritten(
        &mut self,
        partition: &Partition,
        batches: impl Iterator<Item = Arc<Batch>>,
        change: &Change,
        circumstances: &Circumstances,
        report: &mut Report,
    ) {
        let home = partition.tp.partition.0;
        let first = change.left.first().or(change.entered.first());
        let cut = first.map_or(Offset(u64::MAX), |id| partition.tree[*id].base);
        let gone = self.journals.entry(home).or_default().rewrite(batches, cut);
        for group in self.all.values_mut().filter(|group| group.home == Some(home)) {
            for taken in group.taken.values_mut().flatten() {
                taken.at = taken.at.filter(|at| *at < cut);
            }
            group.lost_offsets |= partition.lost_committed();
        }
        for gone in gone {
            let (id, name, at) = match &gone {
                Gone::Offset(name, _, at) => (Id::O1, name, *at),
                Gone::Metadata(name, at) => (Id::G8, name, *at),
            };
            let excuse = circumstances.excuse(change.min_isr_at(at));
            report.judge(id, excuse.is_some(), || {
                let found = match &gone {
                    Gone::Offset(_, tp, at) => text!(
                        "the commit for {} at {} is gone",
                        "{} 在日志位移 {} 处的提交已丢失",
                        tp,
                        at
                    ),
                    Gone::Metadata(_, at) => text!(
                        "the group's metadata at {} is gone",
                        "日志位移 {} 处的组元数据已丢失",
                        at
                    ),
                };
                let against = text!(
                    "somebody was told that it is safe; now broker {} leads epoch {}",
                    "曾告知它已安全；如今 broker {} 领导 epoch {}",
                    circumstances.to,
                    circumstances.epoch
                );
                (Subject::Group(name.clone()), found, against)
            });
        }
    }

    /// The coordinator `server` has loaded its partition `home`, be it by right or not: what it knew of
    /// its groups is gone.
    pub(super) fn on_loaded(
        &mut self,
        lens: Lens<'_>,
        (node, server): (NodeId, BrokerId),
        home: i32,
    ) {
        for (name, group) in self.all.iter_mut().filter(|(_, group)| group.home == Some(home)) {
            group.generation = None;
            for taken in group.taken.values_mut() {
                taken.retain(|taken| taken.by != node);
            }
            // Members that had come and were not written are gone with the last coordinator.
            let memory = lens.group_at(server, name);
            if memory.is_none_or(|memory| memory.is_in(ClassicGroupState::Empty)) {
                group.in_use = false;
            }
        }
    }

    /// The coordinator `server` has loaded its partition `home`, which it leads by right.
    pub(super) fn judge_loaded(
        &self,
        lens: Lens<'_>,
        server: BrokerId,
        home: i32,
        report: &mut Report,
    ) {
        let Some(journal) = self.journals.get(&home) else { return };
        judge_memory(lens, server, journal, report);
        judge_offsets(lens, server, home, journal, report);
    }
}

/// G8: what the coordinator has in memory is what the log says.
fn judge_memory(lens: Lens<'_>, server: BrokerId, journal: &Journal, report: &mut Report) {
    for (name, kept) in journal.groups() {
        let memory = lens.group_at(server, name);
        let written = kept.metadata.last().and_then(|entry| entry.value.clone());
        let same = match (&written, memory) {
            (Some(written), Some(memory)) => is_same(written, memory),
            (Some(_), None) => false,
            (None, memory) => memory.is_none_or(|memory| memory.members.is_empty()),
        };
        report.judge(Id::G8, same, || {
            let words = |memory: &ClassicGroup| {
                let members = memory.members.values();
                let members = members.map(|member| (&member.member_id, &member.group_instance_id));
                format!("generation {}, {:?}", memory.generation, members.collect::<Vec<_>>())
            };
            let found = text!(
                "its new coordinator {} has {:?}",
                "新协调者 {} 所知为 {:?}",
                server,
                memory.map(words)
            );
            let words = |written: &GroupMetadataValue| {
                let members = written.members.iter();
                let members = members.map(|member| (&member.member_id, &member.group_instance_id));
                format!("generation {}, {:?}", written.generation, members.collect::<Vec<_>>())
            };
            let against = text!(
                "{} says {:?}",
                "{} 记载 {:?}",
                offsets_partition(memory.map_or(0, |memory| memory.partition)),
                written.as_deref().map(words)
            );
            (Subject::Group(name.clone()), found, against)
        });
    }
}

/// O1: the offsets that a coordinator has loaded are those of the log up to the high watermark that it
/// knows. That may lag behind the one its predecessor told, so that for a moment it takes for uncommitted
/// what is not: so does Kafka's (`CoordinatorLoaderImpl` takes over the partition's high watermark). Who asks
/// for stable offsets waits until it has caught up.
fn judge_offsets(
    lens: Lens<'_>,
    server: BrokerId,
    home: i32,
    journal: &Journal,
    report: &mut Report,
) {
    let Some(log) = lens.log(&offsets_partition(home), server) else { return };
    let high_watermark = log.high_watermark();
    for (name, kept) in journal.groups() {
        for (tp, entries) in &kept.offsets {
            let known = entries.iter().take_while(|entry| entry.at < high_watermark).last();
            let Some(known) = known else { continue };
            let found = lens.offset_at(server, name, tp);
            report.judge(Id::O1, found == known.value, || {
                let found = text!(
                    "its new coordinator {} has {:?} for {}",
                    "新协调者 {0} 处 {2} 的位移为 {1:?}",
                    server,
                    found,
                    tp
                );
                let against = text!(
                    "the log says {:?}, and is committed up to {}",
                    "日志记载 {:?}，已提交到 {}",
                    known.value,
                    high_watermark
                );
                (Subject::Group(name.clone()), found, against)
            });
        }
    }
}

fn is_same(written: &GroupMetadataValue, memory: &ClassicGroup) -> bool {
    written.generation == memory.generation.0
        && written.leader == memory.leader
        && written.members.len() == memory.members.len()
        && written.members.iter().all(|member| {
            memory.members.get(&member.member_id).is_some_and(|known| {
                known.group_instance_id == member.group_instance_id
                    && known.assignment == member.assignment
            })
        })
}

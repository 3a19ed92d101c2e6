//! Groups and their offsets: G1 (one target owner), G3 (one user), G4 (generations), O1 (commits are
//! kept), O2 (members commit), O5 (nobody commits beyond the log), O6 (resets have reasons), P4 (readers
//! go on where they were).

use std::collections::BTreeMap;

use super::violation::{Report, Subject, text};
use super::world::World;
use super::world::partition::Partition;
use super::{Checker, Id};
use crate::fact::{Fact, ResetReason};
use crate::ids::{Generation, Name, Offset, TopicPartition};
use crate::sim::NodeId;
use crate::view::Lens;

/// What is known of a group.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    /// The newest generation, and which coordinator began it since when it loaded the group.
    generation: Option<(NodeId, Generation)>,
    /// Who uses a partition, as the callbacks of consumers say.
    users: BTreeMap<TopicPartition, NodeId>,
    /// Commits that were taken and are not safe yet, oldest first.
    taken: BTreeMap<TopicPartition, Vec<Offset>>,
    /// Commits that are safe.
    committed: BTreeMap<TopicPartition, Offset>,
}

/// All groups, and where their consumers are.
#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    all: BTreeMap<Name, Group>,
    /// Where consumers read on, by their processes and the places of partitions.
    positions: BTreeMap<(NodeId, u32), Offset>,
}

impl Groups {
    fn of(&mut self, name: &Name) -> &mut Group {
        if !self.all.contains_key(name) {
            self.all.insert(name.clone(), Group::default());
        }
        self.all.get_mut(name).expect("it was just put there")
    }

    /// A process has ended: nobody uses what it used.
    pub(super) fn end(&mut self, node: NodeId) {
        for group in self.all.values_mut() {
            group.users.retain(|_, user| *user != node);
        }
        self.positions.retain(|(reader, _), _| *reader != node);
    }

    /// P4: the application of a consumer is handed the records `from..to`.
    pub(super) fn on_handed(
        &mut self,
        lens: Lens<'_>,
        (node, slot): (NodeId, u32),
        (from, to): (Offset, Offset),
        partition: &Partition,
        report: &mut Report,
    ) {
        let Some(before) = self.positions.insert((node, slot), to) else { return };
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
}

impl Checker {
    /// Takes in what coordinators and consumers tell; false if it is something else.
    pub(super) fn take_of_groups(&mut self, lens: Lens<'_>, node: NodeId, fact: &Fact) -> bool {
        let Self { groups, world, report, .. } = self;
        match fact {
            Fact::CoordinatorLoaded { tp, .. } => on_loaded(groups, world, lens, tp),
            Fact::GenerationStarted { group, generation, .. } => {
                let known = groups.of(group).generation.replace((node, *generation));
                let known = known.filter(|(by, _)| *by == node).map(|(_, known)| known);
                report.judge(Id::G4, known.is_none_or(|known| known < *generation), || {
                    let found = text!("generation {} began", "generation {} 开始", generation);
                    let against = text!("before it was {:?}", "此前为 {:?}", known);
                    (Subject::Group(group.clone()), found, against)
                });
            }
            Fact::AssignmentStored { group, .. } => judge_targets(lens, group, report),
            Fact::PartitionsAssigned { group, partitions, .. } => {
                for tp in partitions {
                    if let Some(slot) = world.slot(tp) {
                        groups.positions.remove(&(node, slot));
                    }
                    let user = groups.of(group).users.insert(tp.clone(), node);
                    judge_user(lens, group, tp, (node, user), report);
                }
            }
            Fact::PartitionsRevoked { group, partitions, .. }
            | Fact::PartitionsLost { group, partitions } => {
                for tp in partitions {
                    if let Some(slot) = world.slot(tp) {
                        groups.positions.remove(&(node, slot));
                    }
                    let users = &mut groups.of(group).users;
                    if users.get(tp) == Some(&node) {
                        users.remove(tp);
                    }
                }
            }
            Fact::PositionReset { tp, to, reason } => {
                let group = lens.consumer_spec(node).and_then(|spec| spec.config.group_id.clone());
                let slot = world.slot(tp);
                let committed =
                    group.as_ref().and_then(|name| groups.of(name).committed.get(tp).copied());
                if let Some(slot) = slot {
                    groups.positions.insert((node, slot), *to);
                }
                let is_new = *reason != ResetReason::NoCommittedOffset || committed.is_none();
                report.judge(Id::O6, is_new, || {
                    let found = text!(
                        "the position in {} was reset to {}: nothing was committed",
                        "{} 的位置被重置为 {}，理由是没有提交过",
                        tp,
                        to
                    );
                    let subject = Subject::Client(lens.name(node).clone());
                    (subject, found, text!("committed is {:?}", "已提交 {:?}", committed))
                });
            }
            Fact::CommitAccepted { group, member, generation, tp, offset } => {
                judge_committer(lens, group, (member, *generation), report);
                groups.of(group).taken.entry(tp.clone()).or_default().push(*offset);
                if let Some(slot) = world.slot(tp) {
                    judge_commit(group, *offset, &world.partitions[slot as usize], report);
                }
            }
            Fact::OffsetCommitted { group, tp, offset } => {
                let known = groups.of(group);
                let taken = known.taken.entry(tp.clone()).or_default();
                let place = taken.iter().position(|one| one == offset);
                report.judge(Id::O1, place.is_some(), || {
                    let found = text!("{} is committed for {}", "{1} 已提交 {0}", offset, tp);
                    let against = text!("what was taken is {:?}", "所接受的是 {:?}", taken);
                    (Subject::Group(group.clone()), found, against)
                });
                taken.drain(..place.map_or(0, |place| place + 1));
                known.committed.insert(tp.clone(), *offset);
            }
            _ => return false,
        }
        true
    }
}

/// A coordinator loads its partition. What it finds committed may lag behind for a moment, as its
/// high watermark does; what was lost by right is not asked for any more.
fn on_loaded(groups: &mut Groups, world: &mut World, lens: Lens<'_>, tp: &TopicPartition) {
    let Some(slot) = world.slot(tp) else { return };
    let log = &world.partitions[slot as usize];
    let may_have_lost = log.lossy() > 0 || !log.cuts.is_empty() || log.unclean.is_some();
    for (name, group) in &mut groups.all {
        if lens.coordinator_partition(name) == Some(tp.partition) {
            group.generation = None;
            group.taken.clear();
            if may_have_lost {
                group.committed.clear();
            }
        }
    }
}

impl Checker {
    /// O1: coordinators have what was committed.
    pub(super) fn judge_committed(&mut self, lens: Lens<'_>) {
        let Self { groups, report, .. } = self;
        for (name, group) in &groups.all {
            let Some(view) = lens.group(name) else { continue };
            for (tp, offset) in &group.committed {
                let found = view.committed.get(tp).copied();
                // A commit that came after may be in the log, and nobody was told.
                report.judge(Id::O1, found.is_some_and(|found| found >= offset.0 as i64), || {
                    let found = text!(
                        "the coordinator has {:?} for {}",
                        "协调者处 {1} 的位移为 {0:?}",
                        found,
                        tp
                    );
                    let against = text!("committed is {}", "已提交的是 {}", offset);
                    (Subject::Group(name.clone()), found, against)
                });
            }
        }
    }
}

/// G1: no partition is assigned to two members.
fn judge_targets(lens: Lens<'_>, name: &Name, report: &mut Report) {
    let Some(view) = lens.group(name) else { return };
    let mut owners: BTreeMap<&TopicPartition, &Name> = BTreeMap::new();
    let mut twice = None;
    for member in &view.members {
        for tp in &member.assigned {
            if let Some(other) = owners.insert(tp, &member.member_id) {
                twice = Some((tp, other, &member.member_id));
            }
        }
    }
    report.judge(Id::G1, twice.is_none(), || {
        let (tp, one, other) = twice.expect("that is what is wrong");
        let found = text!("{} is assigned to {}", "{} 分配给了 {}", tp, one);
        let against = text!("and to {}", "同时也分配给了 {}", other);
        (Subject::Group(name.clone()), found, against)
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
        let id = lens.consumer(other).and_then(|consumer| consumer.member_id);
        let group = lens.group(name);
        id.zip(group)
            .is_some_and(|(id, group)| group.members.iter().any(|member| member.member_id == id))
    });
    report.judge(Id::G3, !is_member, || {
        let found = text!("{} begins to use {}", "{} 开始使用 {}", lens.name(node), tp);
        let other = lens.name(other.expect("it is a member"));
        let against =
            text!("{} still uses it, and is a member", "{} 仍在使用它，且仍是成员", other);
        (Subject::Group(name.clone()), found, against)
    });
}

/// O2: who commits is a member, in the current generation; or nobody is.
fn judge_committer(
    lens: Lens<'_>,
    name: &Name,
    (member, generation): (&Name, Option<Generation>),
    report: &mut Report,
) {
    let Some(group) = lens.group(name) else { return };
    let is_current = match generation {
        Some(generation) => {
            generation == group.generation
                && group.members.iter().any(|known| known.member_id == *member)
        }
        None => group.members.is_empty(),
    };
    report.judge(Id::O2, is_current, || {
        let found = text!(
            "a commit of {} in generation {:?} was taken",
            "接受了 {} 在 generation {:?} 的提交",
            member,
            generation
        );
        let members: Vec<&Name> = group.members.iter().map(|known| &known.member_id).collect();
        let against = text!(
            "the group is in generation {}, with the members {:?}",
            "该组处于 generation {}，成员为 {:?}",
            group.generation,
            members
        );
        (Subject::Group(name.clone()), found, against)
    });
}

/// O5: what is committed is in the log.
fn judge_commit(name: &Name, offset: Offset, partition: &Partition, report: &mut Report) {
    if !partition.cuts.is_empty() {
        return;
    }
    let end = partition.official.end(&partition.tree);
    report.judge(Id::O5, offset <= end, || {
        let found = text!("{} was committed for {}", "{1} 提交了 {0}", offset, partition.tp);
        let against = text!("the log ends at {}", "日志止于 {}", end);
        (Subject::Group(name.clone()), found, against)
    });
}

//! Committed offsets: O1 (a commit is what is read back), O2 (members commit), O3 (offsets go back by
//! their owner's will only), O4 (offsets in use do not expire), O5 (nobody commits beyond the log), G9
//! (writes are completed by the log that counts).
//!
//! A commit is followed from the moment when a coordinator takes it: into the log that counts, to the
//! answer, and back to whoever asks.

use super::assignment::assigned;
use super::journal::Said;
use super::progress::judge_processed;
use super::{Groups, Taken};
use crate::check::violation::{Report, Subject, text};
use crate::check::world::World;
use crate::check::world::partition::Partition;
use crate::check::{Checker, Id};
use crate::coordinator::group::{ClassicGroup, ClassicGroupState};
use crate::fact::Fact;
use crate::ids::{BrokerId, Generation, Name, Offset, TopicPartition};
use crate::protocol::Batch;
use crate::sim::NodeId;
use crate::view::Lens;

impl Checker {
    /// Takes in what the coordinator `server` tells of offsets; false if it is something else.
    pub(super) fn take_of_offsets(
        &mut self,
        lens: Lens<'_>,
        (node, server): (NodeId, BrokerId),
        fact: &Fact,
    ) -> bool {
        let Self { groups, world, report, .. } = self;
        match fact {
            Fact::CommitAccepted { group, member, generation, tp, offset } => {
                let memory = lens.group_at(server, group);
                if let Some(memory) = memory {
                    judge_committer(memory, (member, *generation), report);
                }
                let known = groups.committed(lens, group, tp).max(groups.taken(group, tp));
                let goes_back = known.is_some_and(|known| *offset < known);
                let may_lower = !goes_back
                    || groups.of(lens, group).commits_ahead
                    || memory.is_none_or(|memory| may_commit(memory, member, *generation, tp));
                let taken = Taken { by: node, offset: *offset, at: None, may_lower };
                let known = groups.of(lens, group);
                known.taken.entry(tp.clone()).or_default().push(taken);
                let Some(slot) = world.slot(tp) else { return true };
                if generation.is_none() {
                    // An administrator's, or that of somebody without group: it says where to go on.
                    known.jump(slot, *offset, true);
                }
                let sought = known.sought.get(&slot).copied();
                judge_commit(group, *offset, sought, (world, slot), report);
            }
            Fact::OffsetCommitted { group, tp, offset } => {
                on_committed(groups, world, lens, node, (group, tp, *offset), report);
            }
            Fact::OffsetFetched { group, tp, offset } => {
                // Who leads no more and does not know answers by what it knew: a read writes nothing, so
                // nothing fences it (`CoordinatorRuntime.CoordinatorWriteEvent` without records).
                if let Some(home) = groups.home(lens, group)
                    && leads(world, home, server)
                {
                    judge_fetched(groups, (group, tp, *offset), report);
                }
            }
            Fact::OffsetExpired { group, tp } => {
                judge_expiry(groups, lens, server, (group, tp), report);
            }
            _ => return false,
        }
        true
    }
}

/// True if `server` leads that partition of the offsets topic, in the newest epoch that has begun.
pub(super) fn leads(world: &mut World, home: i32, server: BrokerId) -> bool {
    let Some(slot) = world.slot(&super::offsets_partition(home)) else { return false };
    let log = &world.partitions[slot as usize];
    let reign = log.replica(server).and_then(|replica| replica.reign.as_ref());
    reign.is_some_and(|reign| log.is_official(server, reign.epoch))
}

impl Groups {
    /// A batch is in the log that counts, of a partition of the offsets topic. `node` wrote it.
    pub(in crate::check) fn on_written(
        &mut self,
        lens: Lens<'_>,
        node: NodeId,
        tp: &TopicPartition,
        batch: &Batch,
        world: &mut World,
        report: &mut Report,
    ) {
        let home = tp.partition.0;
        for (at, group, said) in super::journal::records(batch) {
            if let Said::Offset(tp, value) = &said {
                if let Some(value) = value {
                    self.judge_written(node, &group, tp, (at, *value), report);
                } else {
                    // With its topic, be it that there is another of that name by now.
                    let exists = !world.was_deleted(tp) && world.slot(tp).is_some();
                    let server = lens.server_of(node);
                    let memory = server.and_then(|server| lens.group_at(server, &group));
                    judge_removal(&group, tp, exists, memory, report);
                }
            }
            if matches!(said, Said::Metadata(None)) {
                // The group is removed: the next one of that name begins anew.
                let group = self.known(&group);
                (group.generation, group.stored, group.in_use) = (None, None, false);
            }
            self.journals.entry(home).or_default().push(&group, at, report.at, said);
        }
    }

    /// O1, O3: what is written is what was taken; it is lower than before only if somebody said so.
    fn judge_written(
        &mut self,
        node: NodeId,
        name: &Name,
        tp: &TopicPartition,
        (at, value): (Offset, i64),
        report: &mut Report,
    ) {
        let before = self.written(name, tp);
        let group = self.known(name);
        let is_it = |taken: &&mut Taken| {
            taken.by == node && taken.at.is_none() && taken.offset.0 as i64 == value
        };
        let taken = group.taken.get_mut(tp).and_then(|all| all.iter_mut().find(is_it));
        let is_taken = taken.is_some();
        let may_lower = taken.as_ref().is_some_and(|taken| taken.may_lower);
        if let Some(taken) = taken {
            taken.at = Some(at);
        }
        report.judge(Id::O1, is_taken, || {
            let found = text!("{} is written for {}", "为 {1} 写入了 {0}", value, tp);
            let against = text!("nobody committed that", "没有人提交过这个位移");
            (Subject::Group(name.clone()), found, against)
        });
        let Some(before) = before.filter(|before| value < *before) else { return };
        report.judge(Id::O3, may_lower, || {
            let found = text!(
                "the committed offset of {} goes back from {} to {}",
                "{} 的提交位移从 {} 退回 {}",
                tp,
                before,
                value
            );
            let against = text!("its owner did not say so", "这并非其拥有者所为");
            (Subject::Group(name.clone()), found, against)
        });
    }
}

/// A commit is answered: it was taken (O1), it is committed in the log that counts (G9), and what it
/// passes is processed (P5).
fn on_committed(
    groups: &mut Groups,
    world: &mut World,
    lens: Lens<'_>,
    node: NodeId,
    (name, tp, offset): (&Name, &TopicPartition, Offset),
    report: &mut Report,
) {
    let home = groups.home(lens, name);
    let group = groups.of(lens, name);
    let taken = group.taken.entry(tp.clone()).or_default();
    let is_it = |one: &Taken| one.by == node && one.offset == offset;
    let place = taken.iter().position(|one| is_it(one) && one.at.is_some());
    let place = place.or_else(|| taken.iter().position(is_it));
    report.judge(Id::O1, place.is_some(), || {
        let found = text!("{} is committed for {}", "{1} 已提交 {0}", offset, tp);
        let against = text!("what was taken is {:?}", "所接受的是 {:?}", taken);
        (Subject::Group(name.clone()), found, against)
    });
    let at = place.and_then(|place| taken[place].at);
    if let Some(place) = place {
        let mut index = 0;
        taken.retain(|one| {
            index += 1;
            index > place + 1 || one.by != node
        });
    }
    if let Some(home) = home {
        judge_completed(world, (home, lens.server_of(node)), name, at, report);
        if let Some(at) = at {
            groups.journals.entry(home).or_default().settle_offset(name, tp, at);
        }
    }
    let Some(slot) = world.slot(tp) else { return };
    let group = groups.of(lens, name);
    let partition = &world.partitions[slot as usize];
    if group.commits_first || group.commits_ahead || partition.lost_committed() {
        return;
    }
    if let Some(progress) = group.progress.get_mut(&slot) {
        judge_processed(name, offset, progress, partition, report);
    }
}

/// G9: what is told to be safe is in the log that counts, and committed there. A leader of the past may
/// tell so as well, if all that could follow it have it: the record outlives it.
pub(super) fn judge_completed(
    world: &mut World,
    (home, server): (i32, Option<BrokerId>),
    name: &Name,
    at: Option<Offset>,
    report: &mut Report,
) {
    let Some(slot) = world.slot(&super::offsets_partition(home)) else { return };
    let log = &world.partitions[slot as usize];
    let committed = log.official.committed;
    let is_safe = at.is_some_and(|at| at < committed);
    if !is_safe && server.is_some_and(|server| log.is_overtaken_by_unclean_election(server)) {
        // What it commits before it hears of the election is lost by right.
        return;
    }
    report.judge(Id::G9, is_safe, || {
        let found = match at {
            Some(at) => text!("a write at {} is told to be safe", "位移 {} 的写入被告知已安全", at),
            None => text!(
                "a write is told to be safe that is not in the log",
                "不在日志中的写入被告知已安全"
            ),
        };
        let against = text!(
            "{}-{} is committed up to {}",
            "{}-{} 已提交到 {}",
            crate::coordinator::group::OFFSETS_TOPIC,
            home,
            committed
        );
        (Subject::Group(name.clone()), found, against)
    });
}

/// O1: what is answered is the newest commit that somebody was told is safe, or one after it.
fn judge_fetched(
    groups: &mut Groups,
    (name, tp, offset): (&Name, &TopicPartition, Option<Offset>),
    report: &mut Report,
) {
    let Some(entries) = groups.entries(name, tp) else {
        report.judge(Id::O1, offset.is_none(), || {
            let found = text!("{:?} is answered for {}", "对 {1} 的答复是 {0:?}", offset, tp);
            let against = text!("nothing was ever committed", "从未有过提交");
            (Subject::Group(name.clone()), found, against)
        });
        return;
    };
    let told = offset.map(|offset| offset.0 as i64);
    let holds = entries.iter().any(|entry| entry.value == told)
        || (told.is_none() && entries.may_be_none());
    report.judge(Id::O1, holds, || {
        let found = text!("{:?} is answered for {}", "对 {1} 的答复是 {0:?}", told, tp);
        let all: Vec<Option<i64>> = entries.iter().map(|entry| entry.value).collect();
        let against = text!("the log has {:?}", "日志中是 {:?}", all);
        (Subject::Group(name.clone()), found, against)
    });
}

/// O2: who commits is a member, in the current generation; or nobody is.
fn judge_committer(
    group: &ClassicGroup,
    (member, generation): (&Name, Option<Generation>),
    report: &mut Report,
) {
    let is_current = match generation {
        Some(generation) => generation == group.generation && group.members.contains_key(member),
        None => group.members.is_empty(),
    };
    report.judge(Id::O2, is_current, || {
        let found = text!(
            "a commit of {} in generation {:?} was taken",
            "接受了 {} 在 generation {:?} 的提交",
            member,
            generation
        );
        let members: Vec<&Name> = group.members.keys().collect();
        let against = text!(
            "the group is in generation {}, with the members {:?}",
            "该组处于 generation {}，成员为 {:?}",
            group.generation,
            members
        );
        (Subject::Group(group.group.clone()), found, against)
    });
}

/// O3: the partition is the committer's, or nobody's: who has just given it up was its last owner. Handlers of kq
/// commit what they were handed whoever owns it by now.
fn may_commit(
    group: &ClassicGroup,
    member: &Name,
    generation: Option<Generation>,
    tp: &TopicPartition,
) -> bool {
    let Some(generation) = generation else { return group.members.is_empty() };
    if generation != group.generation {
        return false;
    }
    let Some(owner) = group.members.get(member) else { return false };
    let others = || group.members.values().filter(|other| other.member_id != *member);
    assigned(owner).contains(tp) || !others().any(|other| assigned(other).contains(tp))
}

/// O4: an offset expires if the group has been empty for as long as offsets are kept. In a stable group
/// it expires if nobody subscribes to the topic; then its age counts from its commit, for Kafka does not
/// note when a subscription ended (`ClassicGroup.offsetExpirationCondition`).
fn judge_expiry(
    groups: &mut Groups,
    lens: Lens<'_>,
    server: BrokerId,
    (name, tp): (&Name, &TopicPartition),
    report: &mut Report,
) {
    let Some(retention) = lens.offsets_retention(server) else { return };
    // A group that has nothing left goes with its last offset.
    let memory = lens.group_at(server, name);
    let committed = groups.entries(name, tp).and_then(|entries| entries.last()?.when.into());
    let group = groups.of(lens, name);
    let committed = committed.unwrap_or_default();
    // Clocks of brokers count milliseconds.
    let is_over = |since: crate::sim::Instant| {
        since + retention <= report.at + crate::sim::Duration::from_millis(1)
    };
    let unsubscribed = memory.is_some_and(|memory| {
        let topics = memory.subscribed_topics.as_ref().filter(|topics| !topics.contains(&tp.topic));
        memory.is_in(ClassicGroupState::Stable) && topics.is_some() && is_over(committed)
    });
    // Only a group without members goes.
    let empty =
        (!group.in_use || memory.is_none()) && is_over(group.empty_since.unwrap_or(committed));
    report.judge(Id::O4, unsubscribed || empty, || {
        let found = text!("the committed offset of {} expires", "{} 的提交位移过期", tp);
        let against = text!(
            "the group is {:?}, and was in use until {:?}",
            "该组状态为 {:?}，使用至 {:?}",
            memory.map(|memory| memory.state),
            group.empty_since
        );
        (Subject::Group(name.clone()), found, against)
    });
}

/// O4: an offset is removed for its age, with its topic, or by an administrator: by the last one only if
/// nobody reads the topic.
fn judge_removal(
    name: &Name,
    tp: &TopicPartition,
    exists: bool,
    memory: Option<&ClassicGroup>,
    report: &mut Report,
) {
    let Some(memory) = memory.filter(|_| exists) else { return };
    let is_read = !memory.is_in(ClassicGroupState::Empty)
        && !memory.is_in(ClassicGroupState::Dead)
        && memory.is_subscribed_to(&tp.topic);
    report.judge(Id::O4, !is_read, || {
        let found = text!("the committed offset of {} is removed", "{} 的提交位移被移除", tp);
        let against = text!("the group reads it", "该组正在读取它");
        (Subject::Group(name.clone()), found, against)
    });
}

/// O5: what is committed is in the log. `sought`: how far somebody of the group went at the application's
/// word, which may be anywhere.
fn judge_commit(
    name: &Name,
    offset: Offset,
    sought: Option<Offset>,
    (world, slot): (&World, u32),
    report: &mut Report,
) {
    let partition = &world.partitions[slot as usize];
    // After an unclean election somebody may have read from the leader before, which did not know yet.
    let may_be_lost = partition.lost_committed() || partition.unclean_since.is_some();
    if may_be_lost || sought.is_some_and(|sought| offset <= sought) {
        return;
    }
    let end = partition.official.end(&partition.tree);
    if offset > end && world.was_deleted(&partition.tp) {
        // A commit of what was read before the topic was deleted: Kafka asks only whether there is such
        // a partition (`KafkaApis.handleOffsetCommitRequest`).
        return;
    }
    report.judge(Id::O5, offset <= end, || {
        let found = text!("{} was committed for {}", "{1} 提交了 {0}", offset, partition.tp);
        let against = text!("the log ends at {}", "日志止于 {}", end);
        (Subject::Group(name.clone()), found, against)
    });
}

impl Partition {
    /// True if something that was committed was ever lost, be it by right: an unclean election, or more
    /// replicas that lost data than the topic can bear.
    pub(super) fn lost_committed(&self) -> bool {
        self.cuts.iter().any(|(change, _)| !change.min_isr.is_empty())
    }
}

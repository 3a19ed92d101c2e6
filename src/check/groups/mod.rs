//! Groups of the classic protocol, their offsets, and consumers.
//!
//! Books are kept from facts and from the bytes of `__consumer_offsets`: what its log that counts says of
//! each group ([`journal`]), which commits coordinators took, what members use, how far applications are
//! ([`progress`]). Judged are [`assignment`]s (G1, G2, G6, G7), [`offsets`] (O1 to O5, G9), [`readers`]
//! (G3, P4, P5, O6), what survives a coordinator ([`failover`]: G8) and what must come to be ([`rest`]: G10,
//! G11, P6).
//!
//! Left out: G5 (members of a KIP-848 group reach the target epoch) and O7 (pending transactional commits)
//! are about protocols that are not simulated yet.

mod assignment;
mod failover;
mod journal;
mod offsets;
mod progress;
mod readers;
mod rest;

use std::collections::BTreeMap;

use self::journal::{Entries, Journal};
use self::progress::Progress;
use self::readers::Refused;
use super::violation::{Subject, text};
use super::world::World;
use super::{Checker, Id};
use crate::coordinator::group::{ClassicGroupState, OFFSETS_TOPIC};
use crate::fact::Fact;
use crate::ids::{BrokerId, Generation, Name, Offset, TopicPartition};
use crate::sim::{Instant, NodeId};
use crate::view::Lens;

/// A commit that a coordinator took.
#[derive(Clone, Copy, Debug)]
struct Taken {
    by: NodeId,
    offset: Offset,
    /// Where it is in the log that counts, once it is.
    at: Option<Offset>,
    /// Who commits may set the offset back.
    may_lower: bool,
}

/// What the leader of a group knew of the topics when it computed.
#[derive(Clone, Debug)]
struct Computed {
    generation: Generation,
    /// How many partitions each topic has.
    topics: BTreeMap<Name, u32>,
}

/// What is known of a group.
#[derive(Clone, Debug, Default)]
struct Group {
    /// The partition of the offsets topic that it is kept in.
    home: Option<i32>,
    /// The newest generation, and which coordinator began it since when it loaded the group.
    generation: Option<(NodeId, Generation)>,
    /// The newest generation whose assignment was stored.
    stored: Option<Generation>,
    /// Who uses a partition, as the callbacks of consumers say.
    users: BTreeMap<TopicPartition, NodeId>,
    /// Commits that were taken and are not safe yet, oldest first.
    taken: BTreeMap<TopicPartition, Vec<Taken>>,
    computed: Option<Computed>,
    /// When somebody last came or went.
    changed: Instant,
    /// It has members.
    in_use: bool,
    /// When its last member went.
    empty_since: Option<Instant>,
    /// How far its applications are, by the places of partitions.
    progress: BTreeMap<u32, Progress>,
    /// How far applications went of their own will.
    sought: BTreeMap<u32, Offset>,
    /// Its applications commit before they work.
    commits_first: bool,
    /// Its applications commit what is done, be there something before it that is not, or has failed (kq).
    commits_ahead: bool,
    /// Its offsets were lost by right.
    lost_offsets: bool,
}

impl Group {
    /// Somebody said where to go on.
    fn jump(&mut self, slot: u32, offset: Offset, comes_again: bool) {
        let progress = self.progress.entry(slot).or_insert_with(|| Progress::beginning_at(offset));
        progress.jump(offset, comes_again && self.commits_first);
    }
}

/// All groups, and where their consumers are.
#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    all: BTreeMap<Name, Group>,
    /// What the offsets topic says, by partition.
    journals: BTreeMap<i32, Journal>,
    /// Where consumers read on, by their processes and the places of partitions.
    positions: BTreeMap<(NodeId, u32), Offset>,
    /// Positions that leaders refused, by the places of partitions.
    refused: BTreeMap<u32, Refused>,
}

impl Groups {
    /// The group called `name`; it is noted if it is new.
    fn known(&mut self, name: &Name) -> &mut Group {
        if !self.all.contains_key(name) {
            self.all.insert(name.clone(), Group::default());
        }
        self.all.get_mut(name).expect("it was just put there")
    }

    /// The same, with where it is kept.
    fn of(&mut self, lens: Lens<'_>, name: &Name) -> &mut Group {
        let group = self.known(name);
        if group.home.is_none() {
            group.home = lens.coordinator_partition(name).map(|partition| partition.0);
        }
        group
    }

    /// The partition of the offsets topic that a group is kept in.
    fn home(&mut self, lens: Lens<'_>, name: &Name) -> Option<i32> {
        self.of(lens, name).home
    }

    fn entries(&self, name: &Name, tp: &TopicPartition) -> Option<&Entries<i64>> {
        let journal = self.journals.get(&self.all.get(name)?.home?)?;
        journal.group(name)?.offsets.get(tp)
    }

    /// The newest committed offset in the log.
    fn written(&self, name: &Name, tp: &TopicPartition) -> Option<i64> {
        let journal = self.journals.get(&self.all.get(name)?.home?)?;
        journal.committed(name, tp)?.value
    }

    /// How many records the committed offsets of a group have passed that nobody of it processed.
    pub(super) fn skipped(&self, name: &Name, world: &World) -> u64 {
        let Some(group) = self.all.get(name) else { return 0 };
        let skipped = group.progress.iter().map(|(slot, progress)| {
            let partition = &world.partitions[*slot as usize];
            let committed = self.written(name, &partition.tp).and_then(Offset::from_wire);
            committed.map_or(0, |committed| progress.unprocessed(committed, partition))
        });
        skipped.sum()
    }

    fn committed(&mut self, lens: Lens<'_>, name: &Name, tp: &TopicPartition) -> Option<Offset> {
        self.home(lens, name)?;
        self.written(name, tp).and_then(Offset::from_wire)
    }

    /// The commit that was taken last.
    fn taken(&self, name: &Name, tp: &TopicPartition) -> Option<Offset> {
        self.all.get(name)?.taken.get(tp)?.last().map(|taken| taken.offset)
    }

    /// A process has ended: nobody uses what it used, and what it took is lost if it is not written.
    pub(super) fn end(&mut self, node: NodeId) {
        for group in self.all.values_mut() {
            group.users.retain(|_, user| *user != node);
            for taken in group.taken.values_mut() {
                taken.retain(|taken| taken.by != node);
            }
        }
        self.positions.retain(|(reader, _), _| *reader != node);
    }
}

/// A partition of the offsets topic.
fn offsets_partition(home: i32) -> TopicPartition {
    TopicPartition::new(OFFSETS_TOPIC, home)
}

impl Checker {
    /// Takes in what coordinators and consumers tell; false if it is something else.
    pub(super) fn take_of_groups(&mut self, lens: Lens<'_>, node: NodeId, fact: &Fact) -> bool {
        if self.take_of_readers(lens, node, fact) {
            return true;
        }
        if let Fact::AssignmentComputed { group, .. } = fact {
            self.on_computed(lens, node, group);
            return true;
        }
        let Some(server) = self.world.server(node, lens) else { return false };
        let by = (node, server);
        self.take_of_offsets(lens, by, fact) || self.take_of_coordinator(lens, by, fact)
    }

    /// What the leader of a group knows of the topics.
    fn on_computed(&mut self, lens: Lens<'_>, node: NodeId, group: &Name) {
        let Some(consumer) = lens.running_consumer(node) else { return };
        let Some(generation) = consumer.generation() else { return };
        let topics = consumer.metadata().topics();
        let topics =
            topics.map(|topic| (topic.name.clone(), topic.partitions.len() as u32)).collect();
        self.groups.of(lens, group).computed = Some(Computed { generation, topics });
    }

    fn take_of_coordinator(&mut self, lens: Lens<'_>, by: (NodeId, BrokerId), fact: &Fact) -> bool {
        let (node, server) = by;
        match fact {
            Fact::CoordinatorLoaded { tp, .. } => {
                let home = tp.partition.0;
                self.groups.on_loaded(lens, by, home);
                if offsets::leads(&mut self.world, home, server) {
                    self.groups.judge_loaded(lens, server, home, &mut self.report);
                }
            }
            Fact::CoordinatorUnloaded { tp } => {
                let home = Some(tp.partition.0);
                for group in self.groups.all.values_mut().filter(|group| group.home == home) {
                    for taken in group.taken.values_mut() {
                        taken.retain(|taken| taken.by != node);
                    }
                }
            }
            Fact::GenerationStarted { group, generation, .. } => {
                let one = self.groups.of(lens, group);
                let known = one.generation.replace((node, *generation));
                let known = known.filter(|(by, _)| *by == node).map(|(_, known)| known);
                // A group whose first write fails is forgotten, and begins again (the handler of
                // `GroupMetadataManager.classicGroupJoinToClassicGroup`'s append reverts it).
                let is_again = *generation == Generation(1) && one.stored.is_none();
                let increases = known.is_none_or(|known| known < *generation || is_again);
                self.report.judge(Id::G4, increases, || {
                    let found = text!("generation {} began", "generation {} 开始", generation);
                    let against = text!("before it was {:?}", "此前为 {:?}", known);
                    (Subject::Group(group.clone()), found, against)
                });
            }
            Fact::AssignmentStored { group, generation } => {
                self.on_stored(lens, server, group, *generation);
            }
            Fact::GroupStateChanged { group, to, .. } => self.on_state(lens, server, group, to),
            Fact::MemberJoined { group, .. } => {
                if self.leads_home(lens, server, group) {
                    self.groups.on_membership(lens, group);
                }
            }
            Fact::MemberRemoved { group, member, reason } => {
                if self.leads_home(lens, server, group) {
                    self.groups.on_membership(lens, group);
                    self.judge_put_out(lens, (group, member), *reason);
                }
            }
            Fact::RebalanceStarted { group, reason, .. } => {
                if let Some(memory) = lens.group_at(server, group)
                    && self.leads_home(lens, server, group)
                {
                    self.judge_rebalance(lens, group, memory, reason);
                }
            }
            _ => return false,
        }
        true
    }

    /// True if `server` coordinates the group by right: others may believe so for a while.
    fn leads_home(&mut self, lens: Lens<'_>, server: BrokerId, group: &Name) -> bool {
        let home = self.groups.home(lens, group);
        home.is_some_and(|home| offsets::leads(&mut self.world, home, server))
    }

    /// A coordinator says that an assignment is stored.
    fn on_stored(&mut self, lens: Lens<'_>, server: BrokerId, name: &Name, generation: Generation) {
        let Self { groups, world, report, .. } = self;
        groups.of(lens, name).stored = Some(generation);
        if let Some(home) = groups.home(lens, name) {
            let at = groups.journals.get(&home).and_then(|one| one.assignment(name, generation));
            offsets::judge_completed(world, (home, Some(server)), name, at, report);
            if let Some(at) = at {
                groups.journals.entry(home).or_default().settle_metadata(name, at);
            }
        }
        let Some(memory) = lens.group_at(server, name) else { return };
        if memory.generation == generation {
            assignment::judge_stored(groups.known(name), memory, report);
        }
    }

    fn on_state(&mut self, lens: Lens<'_>, server: BrokerId, name: &Name, to: &str) {
        if !self.leads_home(lens, server, name) {
            return;
        }
        let now = lens.now();
        let group = self.groups.known(name);
        if to == ClassicGroupState::Empty.name() {
            group.in_use = false;
            group.empty_since = Some(now);
        } else if to != ClassicGroupState::Dead.name() {
            group.in_use = true;
        }
        if to == ClassicGroupState::Stable.name()
            && let Some(memory) = lens.group_at(server, name)
            && memory.is_in(ClassicGroupState::Stable)
        {
            assignment::judge_stable(memory, &mut self.report);
        }
    }

    /// O1: at the end coordinators have what was committed, or something later that nobody was told.
    pub(super) fn judge_committed(&mut self, lens: Lens<'_>) {
        let Self { groups, report, .. } = self;
        for (name, group) in &groups.all {
            let Some(journal) = group.home.and_then(|home| groups.journals.get(&home)) else {
                continue;
            };
            let (Some(kept), Some(view)) = (journal.group(name), lens.group(name)) else {
                continue;
            };
            for (tp, entries) in &kept.offsets {
                let found = view.committed.get(tp).copied();
                let holds = entries.iter().any(|entry| entry.value == found)
                    || (found.is_none() && entries.may_be_none());
                report.judge(Id::O1, holds, || {
                    let found = text!(
                        "the coordinator has {:?} for {}",
                        "协调者处 {1} 的位移为 {0:?}",
                        found,
                        tp
                    );
                    let all: Vec<Option<i64>> = entries.iter().map(|entry| entry.value).collect();
                    let against = text!("the log has {:?}", "日志中是 {:?}", all);
                    (Subject::Group(name.clone()), found, against)
                });
            }
        }
    }
}

//! The group coordinator of one broker, with all shards that the broker leads.
//!
//! In Kafka: `GroupCoordinatorService`, `GroupCoordinatorShard`, `CoordinatorRuntime`. A request is
//! taken by [`GroupCoordinator::handle`] and answered through the outbox: at once, when its group
//! answers it, or when what it wrote is committed. What is to be written is fetched with
//! [`GroupCoordinator::next_write`] after every step; the owner appends it and says how that went
//! ([`on_appended`](GroupCoordinator::on_appended),
//! [`on_append_failed`](GroupCoordinator::on_append_failed)), and later how far the high watermark is
//! ([`on_high_watermark`](GroupCoordinator::on_high_watermark)).
//!
//! Consumer groups (KIP-848) and share groups live in the same shards: their records are skipped as
//! yet. Left out: streams groups, authorization, quotas, metrics.

pub(crate) mod answer;
mod append;
mod classic;
mod config;
mod expiry;
mod gather;
mod lifecycle;
mod membership;
mod offset_requests;
mod overview;
mod shard;
mod writing;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::fact::Fact;
use crate::ids::{LeaderEpoch, Name, PartitionIndex, TopicPartition};
use crate::node::{Outbox, ReplyTo, Timer, Touched};
use crate::protocol::{ErrorCode, Request, RequestBody};
use crate::sim::{CowVec, rng::Stream};

use super::offsets::GroupOffsets;
use append::Completion;
use gather::Gather;
use shard::Shard;

pub use append::{Write, WriteRecord};
pub use classic::{ClassicGroup, ClassicGroupState, ClassicMember, Parked, Protocol};
pub use config::GroupCoordinatorConfig;
pub use shard::{LoadedContent, LoadedRecord};

/// The internal topic that groups are kept in.
pub const OFFSETS_TOPIC: &str = "__consumer_offsets";

/// The group coordinator of a broker.
#[derive(Clone, Debug)]
pub struct GroupCoordinator {
    config: GroupCoordinatorConfig,
    /// For member ids.
    chance: Stream,
    shards: BTreeMap<i32, Shard>,
    /// The groups of all shards, by slot.
    groups: CowVec<Option<ClassicGroup>>,
    free_slots: Vec<u32>,
    /// Batches to be appended.
    outgoing: VecDeque<Write>,
    gathers: BTreeMap<u64, Gather>,
    next_gather: u64,
    /// Member ids that the scenario says.
    pinned: Vec<PinnedMemberId>,
}

/// A member id that is not drawn by chance.
#[derive(Clone, Debug)]
pub struct PinnedMemberId {
    /// The group.
    pub group: Name,
    /// The client id of the member, or its instance id if it is static.
    pub prefix: Name,
    /// What the next one of that name gets.
    pub member_id: Name,
}

/// A request on its way through the coordinator.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Where the answer goes.
    pub from: ReplyTo,
    /// The request.
    pub request: &'a Arc<Request>,
    /// Where the client connects from, as Kafka writes it: `/127.0.0.1`.
    pub client_host: &'a Name,
}

impl GroupCoordinator {
    /// A coordinator without shards.
    pub fn new(config: GroupCoordinatorConfig, chance: Stream) -> Self {
        Self {
            config,
            chance,
            shards: BTreeMap::new(),
            groups: CowVec::new(),
            free_slots: Vec::new(),
            outgoing: VecDeque::new(),
            gathers: BTreeMap::new(),
            next_gather: 0,
            pinned: Vec::new(),
        }
    }

    /// Its settings.
    pub const fn config(&self) -> &GroupCoordinatorConfig {
        &self.config
    }

    /// Says what member id the next one gets that joins a group.
    pub fn pin_member_id(&mut self, pinned: PinnedMemberId) {
        self.pinned.push(pinned);
    }

    /// The partition of `__consumer_offsets` that coordinates `group`.
    pub fn partition_for(&self, group: &str) -> i32 {
        super::partition_for(group, self.config.offsets_topic_num_partitions).0
    }

    /// Handles a request for the coordinator. `exists` tells whether a partition of a topic does.
    ///
    /// # Panics
    /// When it is none.
    pub fn handle(
        &mut self,
        call: Call<'_>,
        exists: &impl Fn(&str, i32) -> bool,
        out: &mut Outbox,
    ) {
        match &call.request.body {
            RequestBody::JoinGroup(request) => self.on_join_group(call, request, out),
            RequestBody::SyncGroup(request) => self.on_sync_group(call, request, out),
            RequestBody::Heartbeat(request) => self.on_heartbeat(call, request, out),
            RequestBody::LeaveGroup(request) => self.on_leave_group(call, request, out),
            RequestBody::OffsetCommit(request) => self.on_offset_commit(call, request, exists, out),
            RequestBody::OffsetFetch(request) => self.on_offset_fetch(call, request, out),
            RequestBody::OffsetDelete(request) => self.on_offset_delete(call, request, exists, out),
            RequestBody::DescribeGroups(request) => self.on_describe_groups(call, request, out),
            RequestBody::ListGroups(request) => self.on_list_groups(call, request, out),
            RequestBody::DeleteGroups(request) => self.on_delete_groups(call, request, out),
            other => unreachable!("{} is not for the group coordinator", other.api().name()),
        }
    }

    /// A timer is due.
    ///
    /// # Panics
    /// When it is none of the coordinator's.
    pub fn on_timer(&mut self, timer: Timer, out: &mut Outbox) {
        match timer {
            Timer::GroupJoin(slot) => self.step(slot, out, ClassicGroup::on_join_timer),
            Timer::GroupSync(slot) => self.step(slot, out, ClassicGroup::on_sync_timer),
            Timer::GroupMember(slot, member) => {
                self.step(slot, out, |group, turn| group.on_member_timer(member, turn));
            }
            Timer::CoordinatorLinger(partition) => self.flush(partition as i32, out),
            Timer::CoordinatorAppend(partition) => self.on_append_timeout(partition as i32, out),
            Timer::GroupExpiry(partition) => self.on_expiry(partition as i32, out),
            other => unreachable!("{other:?} is not a timer of the group coordinator"),
        }
    }

    /// A group does something of its own accord.
    fn step(
        &mut self,
        slot: u32,
        out: &mut Outbox,
        act: impl FnOnce(&mut ClassicGroup, &mut classic::Turn<'_>) -> classic::Written,
    ) {
        let Some(Some(group)) = self.groups.get_mut(slot as usize) else { return };
        let mut turn = classic::Turn { config: &self.config, out };
        let written = act(group, &mut turn);
        let partition = group.partition;
        out.touch(Touched::Group(slot));
        self.append(partition, written.records, written.completion, Append::AsIs, out);
    }

    /// The shard of `group`, if it can be asked.
    fn active_shard(&self, partition: i32) -> Result<&Shard, ErrorCode> {
        match self.shards.get(&partition) {
            None => Err(ErrorCode::NotCoordinator),
            Some(shard) if !shard.active => Err(ErrorCode::CoordinatorLoadInProgress),
            Some(shard) => Ok(shard),
        }
    }

    /// The slot of a group, as the shard knows it now.
    fn slot_of(&self, partition: i32, group: &str) -> Result<Option<u32>, ErrorCode> {
        Ok(self.active_shard(partition)?.current.groups.get(group).copied())
    }

    fn at(&self, slot: u32) -> &ClassicGroup {
        self.groups[slot as usize].as_ref().expect("a known slot holds a group")
    }

    fn at_mut(&mut self, slot: u32) -> &mut ClassicGroup {
        self.groups[slot as usize].as_mut().expect("a known slot holds a group")
    }

    /// Makes a group without members.
    fn create(&mut self, partition: i32, group: &Name, out: &Outbox) -> u32 {
        let slot = self.free_slots.pop().unwrap_or_else(|| self.groups.push(None) as u32);
        let created = ClassicGroup::new(group.clone(), partition, slot, out.wall);
        self.groups[slot as usize] = Some(created);
        let shard = self.shards.get_mut(&partition).expect("a group is made in a shard");
        shard.current.groups.insert(group.clone(), slot);
        slot
    }

    /// The groups, by slot.
    pub fn groups(&self) -> impl Iterator<Item = &ClassicGroup> {
        self.groups.iter().flatten()
    }

    /// A group by name.
    pub fn group(&self, group: &str) -> Option<&ClassicGroup> {
        let slot = self.slot_of(self.partition_for(group), group).ok()??;
        Some(self.at(slot))
    }

    /// True if this broker coordinates `group` and has loaded what there is to know of it.
    pub fn is_loaded(&self, group: &str) -> bool {
        self.active_shard(self.partition_for(group)).is_ok()
    }

    /// What a group committed and is safe.
    pub fn committed_offsets(&self, group: &str) -> Option<&GroupOffsets> {
        let shard = self.shards.get(&self.partition_for(group))?;
        shard.committed().offsets.of_group(group)
    }

    /// The leader epoch in which `partition` is coordinated here, loaded or not.
    pub fn epoch_of(&self, partition: i32) -> Option<LeaderEpoch> {
        self.shards.get(&partition).map(|shard| LeaderEpoch(shard.epoch))
    }

    /// The partitions of `__consumer_offsets` that are coordinated here, loaded or not.
    pub fn partitions(&self) -> impl Iterator<Item = i32> {
        self.shards.keys().copied()
    }
}

/// How records are appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Append {
    /// The state has them already: classic groups change at once.
    AsIs,
    /// They are replayed, and all in one batch.
    Replayed,
    /// They are replayed, in as many batches as it takes.
    ReplayedInParts,
}

/// Answers with an error for the whole request.
fn refuse(call: Call<'_>, group: &str, member: &str, error: ErrorCode, out: &mut Outbox) {
    tell_refused(call, group, member, error, out);
    out.reply(call.from, answer::failed(call.request, error));
}

fn tell_refused(call: Call<'_>, group: &str, member: &str, error: ErrorCode, out: &mut Outbox) {
    out.fact(|| Fact::GroupRefused {
        group: group.into(),
        member: member.into(),
        api: call.request.body.api().name().into(),
        error,
    });
}

/// A partition of the offsets topic.
fn offsets_partition(partition: i32) -> TopicPartition {
    TopicPartition { topic: OFFSETS_TOPIC.into(), partition: PartitionIndex(partition) }
}

impl Completion {
    /// Answers `call` with `response` once what was written is committed.
    fn reply(call: Call<'_>, response: crate::protocol::ResponseBody) -> Self {
        Self::Reply { to: call.from, request: call.request.clone(), response: Box::new(response) }
    }

    /// `call` is parked in the group at `slot`.
    fn parked(call: Call<'_>, slot: u32) -> Self {
        Self::Parked { group: slot, to: call.from, request: call.request.clone() }
    }
}

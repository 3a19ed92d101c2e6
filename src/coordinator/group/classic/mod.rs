//! The classic protocol: a group whose members join, sync and heartbeat, and whose leader assigns.
//!
//! In Kafka: `ClassicGroup` and the classic part of `GroupMetadataManager`. KIP-62 (rebalance
//! timeout), KIP-134 (initial delay), KIP-345 (static members), KIP-394 (required member id), KIP-559,
//! KIP-800 (reasons), KIP-814 (`skip_assignment`). What the members tell each other is bytes here,
//! but for the topics they subscribe to. A group changes at once; what it writes is written after.

mod describe;
mod heartbeat;
mod join;
mod leave;
mod member;
mod members;
mod offsets;
mod rebalance;
mod record;
mod state;
mod static_member;
mod sync;

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use super::append::Completion;
use super::config::GroupCoordinatorConfig;
use crate::fact::Fact;
use crate::ids::{Generation, Name, Timestamp};
use crate::node::{Outbox, ReplyTo, Touched};
use crate::protocol::ErrorCode;
use crate::protocol::coordinator_record::GroupRecord;
use crate::protocol::java_map;
use crate::sim::Duration;

pub use member::{ClassicMember, Parked, Protocol};
pub use state::ClassicGroupState;

pub(super) use join::{Joining, of_version};
pub(super) use offsets::ExpiresFrom;
pub(super) use static_member::Replacement;
pub(super) use sync::StoredAssignment;

/// A classic group. All about it is public to look at, nothing to change.
#[derive(Clone, Debug)]
pub struct ClassicGroup {
    /// The group.
    pub group: Name,
    /// The partition of `__consumer_offsets` that coordinates it.
    pub partition: i32,
    /// Its slot: what its timers are named by.
    pub slot: u32,
    /// Its state.
    pub state: ClassicGroupState,
    /// The state before.
    pub previous_state: ClassicGroupState,
    /// When it came into its state; none where the log does not say.
    pub state_since: Option<Timestamp>,
    /// `consumer` for consumers; none for a group that only has offsets.
    pub protocol_type: Option<Name>,
    /// The assignor that was chosen.
    pub protocol: Option<Name>,
    /// How many rebalances were completed.
    pub generation: Generation,
    /// The member id of the leader.
    pub leader: Option<Name>,
    /// The members by id.
    pub members: BTreeMap<Name, ClassicMember>,
    /// The member ids of static members, by `group.instance.id`.
    pub static_members: BTreeMap<Name, Name>,
    /// Member ids that were handed out and have not joined yet (KIP-394), with their timers.
    pub pending_join: BTreeMap<Name, u32>,
    /// Members that have joined and not yet sent `SyncGroup`.
    pub pending_sync: BTreeSet<Name>,
    /// The topics its members subscribe to; none where the coordinator cannot tell.
    pub subscribed_topics: Option<BTreeSet<Name>>,
    /// How many members' `JoinGroup` is parked.
    awaiting_join: usize,
    /// By assignor: how many members know it.
    supported_protocols: BTreeMap<Name, usize>,
    /// True when a member came while the first rebalance was being delayed.
    new_member_added: bool,
    /// What the join timer does.
    join_timer: JoinTimer,
    /// The generation whose members the sync timer waits for.
    sync_timer: Option<Generation>,
    /// By timer slot: the member id.
    timers: Vec<Option<Name>>,
    /// The table of Kafka's map of members.
    table: java_map::Table,
    /// How many members were put into it so far.
    inserted: u64,
}

/// What happens when the join timer is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum JoinTimer {
    Off,
    /// The first rebalance of an empty group is delayed, and again while members keep coming.
    Initial {
        delay: Duration,
        remaining: Duration,
    },
    /// The rebalance goes on without those who have not joined.
    Rebalance,
}

/// What a group works with during one step.
pub(super) struct Turn<'a> {
    pub(super) config: &'a GroupCoordinatorConfig,
    pub(super) out: &'a mut Outbox,
}

/// What a group wants written, and what to do when that is safe, or failed.
#[derive(Default)]
pub(super) struct Written {
    pub(super) records: Vec<GroupRecord>,
    pub(super) completion: Completion,
}

impl Written {
    /// Nothing.
    pub(super) fn nothing() -> Self {
        Self::default()
    }
}

/// No assignment.
const EMPTY_ASSIGNMENT: Bytes = Bytes::new();

impl ClassicGroup {
    /// A group without members.
    pub(super) fn new(group: Name, partition: i32, slot: u32, now: Timestamp) -> Self {
        Self {
            group,
            partition,
            slot,
            state: ClassicGroupState::Empty,
            previous_state: ClassicGroupState::Dead,
            state_since: Some(now),
            protocol_type: None,
            protocol: None,
            generation: Generation(0),
            leader: None,
            members: BTreeMap::new(),
            static_members: BTreeMap::new(),
            pending_join: BTreeMap::new(),
            pending_sync: BTreeSet::new(),
            subscribed_topics: None,
            awaiting_join: 0,
            supported_protocols: BTreeMap::new(),
            new_member_added: false,
            join_timer: JoinTimer::Off,
            sync_timer: None,
            timers: Vec::new(),
            table: java_map::Table::default(),
            inserted: 0,
        }
    }

    /// True in that state.
    pub fn is_in(&self, state: ClassicGroupState) -> bool {
        self.state == state
    }

    /// How many members' `JoinGroup` is parked.
    pub const fn awaiting_join(&self) -> usize {
        self.awaiting_join
    }

    /// True where the group only has offsets.
    pub fn is_simple(&self) -> bool {
        let empty = self.is_in(ClassicGroupState::Empty);
        self.protocol_type.is_none() && empty && self.pending_join.is_empty()
    }

    /// True where members speak the consumers' protocol.
    pub fn uses_consumer_protocol(&self) -> bool {
        self.protocol_type.as_deref() == Some(crate::protocol::consumer_protocol::PROTOCOL_TYPE)
    }

    /// True where a rebalance can begin.
    fn can_rebalance(&self) -> bool {
        self.state.can_become(ClassicGroupState::PreparingRebalance)
    }

    /// The request `to` is parked here and not yet answered: from now on it is.
    pub(super) fn mark_answered(&mut self, to: ReplyTo) -> bool {
        let parked = self.members.values_mut().flat_map(|member| {
            [&mut member.awaiting_join, &mut member.awaiting_sync].into_iter().flatten()
        });
        let mut waiting = parked.filter(|parked| parked.to == to && !parked.answered);
        waiting.next().is_some_and(|parked| {
            parked.answered = true;
            true
        })
    }

    /// The coordinator is unloaded: who waits has to look for another one.
    pub(super) fn die(&mut self, out: &mut Outbox) {
        self.cancel_timers(out);
        for member_id in self.in_map_order() {
            self.answer_join(&member_id, out, |response| {
                response.error_code = ErrorCode::NotCoordinator.code();
            });
            self.answer_sync(&member_id, ErrorCode::NotCoordinator, out);
        }
        self.become_state(ClassicGroupState::Dead, out);
    }

    fn become_state(&mut self, state: ClassicGroupState, out: &mut Outbox) {
        assert!(self.state.can_become(state), "{} from {:?} to {state:?}", self.group, self.state);
        self.previous_state = std::mem::replace(&mut self.state, state);
        self.state_since = Some(out.wall);
        out.touch(Touched::Group(self.slot));
        out.fact(|| Fact::GroupStateChanged {
            group: self.group.clone(),
            from: self.previous_state.name().into(),
            to: state.name().into(),
            generation: self.generation,
        });
    }
}

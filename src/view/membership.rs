//! What a coordinator waits for: members that are to be heard of, and requests that are parked.

use super::Lens;
use crate::cluster::ProcessState;
use crate::coordinator::group::{ClassicGroup, ClassicGroupState, ClassicMember};
use crate::ids::{Name, TopicPartition};
use crate::node::Timer;
use crate::protocol::consumer_protocol::Assignment;
use crate::sim::{Duration, Instant, NodeId};

/// What is waited for between a member and its coordinator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// Nothing but its next heartbeat.
    Heartbeat,
    /// The group rebalances, and it has not joined again yet.
    Rejoin,
    /// Its `JoinGroup` waits for the others.
    Others,
    /// It has joined, and its `SyncGroup` has not come yet.
    Sync,
    /// Its `SyncGroup` waits for the leader's assignment.
    Leader,
}

/// A member of a group in its coordinator's memory, or a process that would be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatView {
    /// The process, if it is one of the scenario's.
    pub process: Option<(Name, NodeId)>,
    /// What its process is doing.
    pub state: ProcessState,
    /// The process is the one that holds the membership, not an earlier one that is gone.
    pub is_current: bool,
    /// The membership; none for a process that is no member.
    pub member: Option<MembershipView>,
    /// What the process itself believes to own.
    pub believes: Vec<TopicPartition>,
}

/// A membership, as the coordinator has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembershipView {
    /// The member id.
    pub member_id: Name,
    /// `client.id`.
    pub client_id: Name,
    /// `group.instance.id` of a static member.
    pub instance: Option<Name>,
    /// It computes the assignment.
    pub is_leader: bool,
    /// What is waited for.
    pub waiting: Waiting,
    /// How long it may be silent.
    pub session_timeout: Duration,
    /// When it is taken for gone, unless it is heard of; none while a request of its is parked.
    pub session_ends: Option<Instant>,
    /// How long ago it was heard of last; none where the coordinator's timer does not say.
    pub heard: Option<Duration>,
    /// What it was assigned.
    pub assigned: Vec<TopicPartition>,
}

impl Lens<'_> {
    /// The members of a group, and the processes that are none: by name.
    pub fn seats(self, name: &str) -> Vec<SeatView> {
        let group = self.group_in_memory(name);
        let processes = self.group_processes().remove(name).unwrap_or_default();
        let mut seats = Vec::new();
        let mut seated = Vec::new();
        for member in group.iter().flat_map(|group| group.members.values()) {
            let group = group.expect("it has members");
            let process = processes.iter().find(|(process, node)| {
                let running = self.running_consumer(*node).and_then(|it| it.member_id());
                running == Some(&member.member_id) || *process == member.client_id
            });
            let current = process.filter(|(_, node)| {
                let running = self.running_consumer(*node).and_then(|it| it.member_id());
                running == Some(&member.member_id)
            });
            seated.extend(current.map(|(_, node)| *node));
            seats.push(self.seat(process, current.is_some(), Some(self.membership(group, member))));
        }
        // A process that is down has its membership still, or none that is of interest.
        for process in &processes {
            let shown = |seat: &SeatView| seat.process.as_ref() == Some(process);
            let is_up = self.process_state(process.1) != ProcessState::Down;
            if !seated.contains(&process.1) && (is_up || !seats.iter().any(shown)) {
                seats.push(self.seat(Some(process), is_up, None));
            }
        }
        seats.sort_by(|one, other| {
            let key = |seat: &SeatView| {
                let name = seat.process.as_ref().map(|(name, _)| name.clone());
                let member = seat.member.as_ref();
                (name.or_else(|| member.map(|one| one.client_id.clone())), !seat.is_current)
            };
            key(one).cmp(&key(other))
        });
        seats
    }

    fn seat(
        self,
        process: Option<&(Name, NodeId)>,
        is_current: bool,
        member: Option<MembershipView>,
    ) -> SeatView {
        let running = process.and_then(|(_, node)| self.running_consumer(*node));
        let running = running.filter(|_| is_current);
        let believes = running.into_iter().flat_map(|it| it.subscriptions().partitions().keys());
        let state = match process {
            Some((_, node)) if is_current => self.process_state(*node),
            _ => ProcessState::Down,
        };
        SeatView {
            process: process.cloned(),
            state,
            is_current,
            member,
            believes: believes.cloned().collect(),
        }
    }

    fn membership(self, group: &ClassicGroup, member: &ClassicMember) -> MembershipView {
        let preparing = group.state == ClassicGroupState::PreparingRebalance;
        let waiting = if member.awaiting_join.is_some() {
            Waiting::Others
        } else if member.awaiting_sync.is_some() {
            Waiting::Leader
        } else if preparing {
            Waiting::Rejoin
        } else if group.pending_sync.contains(&member.member_id) {
            Waiting::Sync
        } else {
            Waiting::Heartbeat
        };
        let timer = Timer::GroupMember(group.slot, member.timer());
        let is_parked = member.awaiting_join.is_some() || member.awaiting_sync.is_some();
        let ends = self.coordinator_timer(&group.group, timer).filter(|_| !is_parked);
        let left = ends.map(|ends| ends.since(self.now()));
        // A new member has a longer first session: the time of that is not looked at.
        let heard = left.filter(|left| *left <= member.session_timeout);
        MembershipView {
            member_id: member.member_id.clone(),
            client_id: member.client_id.clone(),
            instance: member.group_instance_id.clone(),
            is_leader: group.leader.as_ref() == Some(&member.member_id),
            waiting,
            session_timeout: member.session_timeout,
            session_ends: ends,
            heard: heard.map(|left| member.session_timeout.saturating_sub(left)),
            assigned: partitions_of(member),
        }
    }

    /// When the coordinator goes on without those that have not joined; when it begins the group's
    /// first rebalance, if that is being delayed.
    pub fn join_ends(self, group: &ClassicGroup) -> Option<Instant> {
        self.coordinator_timer(&group.group, Timer::GroupJoin(group.slot))
    }

    fn coordinator_timer(self, group: &str, timer: Timer) -> Option<Instant> {
        self.cluster.timer_due(self.node_of(self.coordinator_of(group)?)?, timer)
    }
}

/// What a member is assigned, sorted; nothing if that is no consumer's assignment.
pub fn partitions_of(member: &ClassicMember) -> Vec<TopicPartition> {
    let assignment = Assignment::decode(&member.assignment);
    let mut partitions = assignment.map(|one| one.partitions).unwrap_or_default();
    partitions.sort();
    partitions
}

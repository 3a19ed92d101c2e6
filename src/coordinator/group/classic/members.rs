//! Who is in a group: adding, removing and replacing members, choosing leader and assignor.

use std::collections::BTreeSet;

use super::{ClassicGroup, ClassicGroupState, ClassicMember, Parked, Protocol};
use crate::fact::{Fact, LeaveReason};
use crate::feature::mutant;
use crate::ids::{Name, java_string_hash};
use crate::node::{Outbox, Timer, Why};
use crate::protocol::consumer_protocol::Subscription;
use crate::protocol::{ErrorCode, java_map};
use crate::sim::Duration;

impl ClassicGroup {
    /// The member ids in the order in which Kafka's map of members gives them.
    pub(super) fn in_map_order(&self) -> Vec<Name> {
        let mut members: Vec<&ClassicMember> = self.members.values().collect();
        members.sort_by_key(|member| self.map_order(member));
        members.into_iter().map(|member| member.member_id.clone()).collect()
    }

    fn map_order(&self, member: &ClassicMember) -> (u32, u64) {
        (self.table.bucket(java_string_hash(&member.member_id)), member.inserted)
    }

    /// Takes `member` in.
    ///
    /// # Panics
    /// When the group cannot have it: that is for the caller to know.
    pub(super) fn add(&mut self, mut member: ClassicMember) {
        if let Some(instance) = &member.group_instance_id {
            let before = self.static_members.insert(instance.clone(), member.member_id.clone());
            assert_eq!(before, None, "static member {instance} is already in {}", self.group);
        }
        if self.members.is_empty() {
            self.protocol_type = Some(member.protocol_type.clone());
        }
        assert_eq!(self.protocol_type.as_ref(), Some(&member.protocol_type), "one type in a group");
        assert!(
            self.supports(&member.protocol_type, &member.supported_protocols),
            "an assignor in common"
        );
        if self.leader.is_none() {
            self.leader = Some(member.member_id.clone());
        }
        self.count_protocols(&member.supported_protocols, 1);
        self.awaiting_join += usize::from(member.awaiting_join.is_some());
        // A pending member keeps its timer.
        member.timer = match self.pending_join.remove(&member.member_id) {
            Some(timer) => timer,
            None => self.take_timer(member.member_id.clone()),
        };
        self.insert(member);
    }

    fn insert(&mut self, mut member: ClassicMember) {
        member.inserted = self.inserted;
        self.inserted += 1;
        self.members.insert(member.member_id.clone(), member);
        self.table.hold(self.members.len());
    }

    /// Takes `member_id` out, wherever it is, and tells why.
    pub(super) fn remove(&mut self, member_id: &str, reason: LeaveReason, out: &mut Outbox) {
        let removed = self.members.remove(member_id);
        if let Some(member) = &removed {
            self.count_protocols(&member.supported_protocols, -1);
            self.awaiting_join -= usize::from(member.awaiting_join.is_some());
            if let Some(instance) = &member.group_instance_id {
                self.static_members.remove(instance);
            }
            self.free_timer(member.timer, out);
        }
        if self.is_leader(member_id) {
            let first = self.members.values().min_by_key(|member| self.map_order(member));
            self.leader = first.map(|member| member.member_id.clone());
        }
        let pending = self.pending_join.remove(member_id);
        if let Some(timer) = pending {
            self.free_timer(timer, out);
        }
        self.pending_sync.remove(member_id);
        if removed.is_some() || pending.is_some() {
            out.fact(|| Fact::MemberRemoved {
                group: self.group.clone(),
                member: member_id.into(),
                reason,
            });
        }
    }

    /// Hands out `member_id`, to be joined with.
    pub(super) fn add_pending(&mut self, member_id: Name) {
        assert!(!self.members.contains_key(&member_id), "a pending member is not yet a member");
        let timer = self.take_timer(member_id.clone());
        self.pending_join.insert(member_id, timer);
    }

    /// Gives the place of the static member `old` to `new`; who waits in its name is fenced.
    pub(super) fn replace_static(&mut self, old: &str, new: Name, out: &mut Outbox) {
        let instance = self.members[old].group_instance_id.clone();
        let instance = instance.expect("only static members are replaced");
        self.answer_join(old, out, |response| {
            response.leader = kafka_protocol::protocol::StrBytes::default();
            response.error_code = ErrorCode::FencedInstanceId.code();
        });
        self.answer_sync(old, ErrorCode::FencedInstanceId, out);
        let mut member = self.members.remove(old).expect("it was just there");
        self.free_timer(member.timer, out);
        member.member_id = new.clone();
        member.is_new = false;
        member.timer = self.take_timer(new.clone());
        self.insert(member);
        if self.is_leader(old) {
            self.leader = Some(new.clone());
        }
        self.static_members.insert(instance, new);
    }

    /// Takes over what a member tells when it joins again. `parked` is none where nobody waits.
    pub(super) fn update(
        &mut self,
        member_id: &str,
        protocols: Vec<Protocol>,
        rebalance_timeout: Duration,
        session_timeout: Duration,
        parked: Option<Parked>,
    ) {
        let member = self.members.get_mut(member_id).expect("only members are updated");
        let before = std::mem::replace(&mut member.supported_protocols, protocols);
        let after = member.supported_protocols.clone();
        member.rebalance_timeout = rebalance_timeout;
        member.session_timeout = session_timeout;
        self.awaiting_join += usize::from(parked.is_some());
        self.awaiting_join -= usize::from(member.awaiting_join.is_some());
        member.awaiting_join = parked;
        self.count_protocols(&before, -1);
        self.count_protocols(&after, 1);
    }

    fn count_protocols(&mut self, protocols: &[Protocol], by: isize) {
        for protocol in protocols {
            let count = self.supported_protocols.entry(protocol.name.clone()).or_default();
            *count = count.strict_add_signed(by);
            if *count == 0 {
                self.supported_protocols.remove(&protocol.name);
            }
        }
    }

    /// True where a member of that type with those assignors fits in.
    pub(super) fn supports(&self, protocol_type: &str, protocols: &[Protocol]) -> bool {
        if self.is_in(ClassicGroupState::Empty) {
            return !protocol_type.is_empty() && !protocols.is_empty();
        }
        let known = |protocol: &Protocol| {
            let count = self.supported_protocols.get(&protocol.name).copied().unwrap_or_default();
            count == self.members.len()
        };
        self.protocol_type.as_deref() == Some(protocol_type) && protocols.iter().any(known)
    }

    /// The assignor that most members prefer of those that all of them know.
    ///
    /// # Panics
    /// When there is none: no member is taken in that would make it so.
    pub(super) fn select_protocol(&self) -> Name {
        let everybody = self.members.len();
        let candidates = self.supported_protocols.iter().filter(|(_, count)| **count == everybody);
        let candidates: Vec<&Name> = candidates.map(|(name, _)| name).collect();
        let mut votes: Vec<(&Name, usize)> = Vec::new();
        for member_id in self.in_map_order() {
            let vote = self.members[&member_id].vote(&candidates).expect("an assignor in common");
            match votes.iter_mut().find(|(name, _)| *name == vote) {
                Some((_, count)) => *count += 1,
                None => votes.push((vote, 1)),
            }
        }
        // Of equal ones the first in the order of a Java map.
        java_map::sort_by_hash(&mut votes, |(name, _)| java_string_hash(name));
        let most = votes.iter().map(|(_, count)| *count).max().expect("every member votes");
        let chosen = votes.iter().find(|(_, count)| *count == most);
        chosen.expect("one has most votes").0.clone()
    }

    /// Chooses a leader among those who have joined, if the leader has not; false if nobody has.
    pub(super) fn elect_joined_leader(&mut self) -> bool {
        let Some(leader) = &self.leader else { return false };
        if self.members.get(leader).is_some_and(|leader| leader.awaiting_join.is_some()) {
            return true;
        }
        let joined = self.members.values().filter(|member| member.awaiting_join.is_some());
        let first = joined.min_by_key(|member| self.map_order(member));
        let Some(first) = first.map(|member| member.member_id.clone()) else { return false };
        self.leader = Some(first);
        true
    }

    /// True for the leader.
    pub fn is_leader(&self, member_id: &str) -> bool {
        self.leader.as_deref() == Some(member_id)
    }

    /// True when nobody is waited for any more.
    pub(super) fn has_all_members_joined(&self) -> bool {
        self.members.len() == self.awaiting_join && self.pending_join.is_empty()
    }

    /// The longest of the members' rebalance timeouts.
    pub(super) fn rebalance_timeout(&self) -> Duration {
        let timeouts = self.members.values().map(|member| member.rebalance_timeout);
        timeouts.max().unwrap_or_default()
    }

    /// Checks what a request says of its sender.
    ///
    /// # Errors
    /// [`ErrorCode::UnknownMemberId`], or [`ErrorCode::FencedInstanceId`] where another member has
    /// the `group.instance.id`.
    pub(super) fn validate_member(
        &self,
        member_id: &str,
        group_instance_id: Option<&str>,
    ) -> Result<(), ErrorCode> {
        if let Some(instance) = group_instance_id {
            match self.static_members.get(instance) {
                None => return Err(ErrorCode::UnknownMemberId),
                Some(existing) if **existing != *member_id => {
                    return Err(ErrorCode::FencedInstanceId);
                }
                Some(_) => {}
            }
        }
        if self.members.contains_key(member_id) { Ok(()) } else { Err(ErrorCode::UnknownMemberId) }
    }

    /// The topics that the members subscribe to, where the coordinator can read that.
    pub(super) fn compute_subscribed_topics(&self) -> Option<BTreeSet<Name>> {
        if !self.uses_consumer_protocol() {
            return None;
        }
        if self.members.is_empty() {
            return Some(BTreeSet::new());
        }
        let protocol = self.protocol.as_deref()?;
        let mut topics = BTreeSet::new();
        for member in self.members.values() {
            topics.extend(Subscription::topics_of(&member.metadata(protocol)).ok()?);
        }
        Some(topics)
    }

    /// Sets the timer of a member or pending member.
    pub(super) fn set_member_timer(&self, timer: u32, span: Duration, why: Why, out: &mut Outbox) {
        out.set_timer(Timer::GroupMember(self.slot, timer), out.now + span, why);
    }

    /// The session of a member begins anew.
    pub(in crate::coordinator::group) fn restart_session(&self, member_id: &str, out: &mut Outbox) {
        let Some(member) = self.members.get(member_id) else { return };
        let why = Why::Config("session.timeout.ms");
        let mut session = member.session_timeout;
        if mutant!(out, SessionsTooShort) {
            session = session / 10;
        }
        self.set_member_timer(member.timer, session, why, out);
    }

    /// Whose timer `Timer::GroupMember(slot, timer)` is.
    pub fn member_of_timer(&self, timer: u32) -> Option<Name> {
        self.timers.get(timer as usize)?.clone()
    }

    fn take_timer(&mut self, member_id: Name) -> u32 {
        let free = self.timers.iter().position(Option::is_none);
        let timer = free.unwrap_or_else(|| {
            self.timers.push(None);
            self.timers.len() - 1
        });
        self.timers[timer] = Some(member_id);
        timer as u32
    }

    fn free_timer(&mut self, timer: u32, out: &mut Outbox) {
        self.timers[timer as usize] = None;
        out.cancel_timer(Timer::GroupMember(self.slot, timer));
    }

    /// Forgets all timers: the group is no more.
    pub(in crate::coordinator::group) fn cancel_timers(&self, out: &mut Outbox) {
        for (timer, member) in (0..).zip(&self.timers) {
            if member.is_some() {
                out.cancel_timer(Timer::GroupMember(self.slot, timer));
            }
        }
        if self.join_timer != super::JoinTimer::Off {
            out.cancel_timer(Timer::GroupJoin(self.slot));
        }
        if self.sync_timer.is_some() {
            out.cancel_timer(Timer::GroupSync(self.slot));
        }
    }
}

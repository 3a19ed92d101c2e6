//! A group coordinator of cardboard: as much of a classic group as members can tell from a real one.

use std::collections::BTreeMap;

use bytes::Bytes;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::join_group_response::JoinGroupResponseMember;

use crate::ids::{Name, Offset, TopicPartition};
use crate::protocol::{ErrorCode, ResponseBody, convert};
use crate::sim::{Duration, Instant};

/// Whom an answer is for: the asker's ticket.
pub(super) type Ticket = u64;

#[derive(Clone, Debug)]
struct Member {
    instance: Option<Name>,
    protocols: Vec<(Name, Bytes)>,
    session: Duration,
    rebalance: Duration,
    expires: Instant,
    joining: Option<Ticket>,
    syncing: Option<Ticket>,
    assignment: Bytes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Empty,
    Preparing { not_before: Instant, deadline: Instant },
    Completing,
    Stable,
}

/// One group.
#[derive(Clone, Debug)]
pub(super) struct Group {
    state: State,
    pub(super) generation: i32,
    members: BTreeMap<Name, Member>,
    /// Member ids in the order in which they came.
    order: Vec<Name>,
    leader: Name,
    protocol: Name,
    next_id: u32,
    pub(super) committed: BTreeMap<TopicPartition, (Offset, i32)>,
    /// Commits that are not stable yet are told to be so once.
    pub(super) unstable: bool,
    answers: Vec<(Ticket, ResponseBody)>,
}

impl Group {
    pub(super) fn new() -> Self {
        Self {
            state: State::Empty,
            generation: 0,
            members: BTreeMap::new(),
            order: Vec::new(),
            leader: "".into(),
            protocol: "".into(),
            next_id: 0,
            committed: BTreeMap::new(),
            unstable: false,
            answers: Vec::new(),
        }
    }

    /// Answers that have become ready.
    pub(super) fn take_answers(&mut self) -> Vec<(Ticket, ResponseBody)> {
        std::mem::take(&mut self.answers)
    }

    pub(super) fn next_event(&self) -> Option<Instant> {
        let sessions = self.members.values().filter(|member| member.joining.is_none());
        let sessions = sessions.map(|member| member.expires).min();
        let phase = match self.state {
            State::Preparing { not_before, .. } if self.all_joined() => Some(not_before),
            State::Preparing { deadline, .. } => Some(deadline),
            _ => None,
        };
        sessions.into_iter().chain(phase).min()
    }

    pub(super) fn on_time(&mut self, now: Instant) {
        let expired = |member: &Member| member.joining.is_none() && member.expires <= now;
        let gone: Vec<_> =
            self.members.iter().filter(|(_, m)| expired(m)).map(|(id, _)| id.clone()).collect();
        for id in gone {
            self.remove(&id, now);
        }
        if let State::Preparing { not_before, deadline } = self.state {
            if deadline <= now {
                let late: Vec<_> =
                    self.members.iter().filter(|(_, m)| m.joining.is_none()).collect();
                let late: Vec<_> = late.into_iter().map(|(id, _)| id.clone()).collect();
                for id in late {
                    self.members.remove(&id);
                    self.order.retain(|known| *known != id);
                }
                self.complete_join(now);
            } else if not_before <= now && self.all_joined() {
                self.complete_join(now);
            }
        }
    }

    fn all_joined(&self) -> bool {
        !self.members.is_empty() && self.members.values().all(|member| member.joining.is_some())
    }

    fn remove(&mut self, id: &Name, now: Instant) {
        self.members.remove(id);
        self.order.retain(|known| known != id);
        if self.members.is_empty() {
            self.state = State::Empty;
            self.generation += 1;
        } else if let State::Preparing { .. } = self.state {
            self.on_time(now);
        } else {
            self.prepare(now);
        }
    }

    fn prepare(&mut self, now: Instant) {
        let initial = self.state == State::Empty;
        let patience = self.members.values().map(|member| member.rebalance).max();
        let deadline = now + patience.unwrap_or(Duration::ZERO);
        let not_before = if initial { now + Duration::from_secs(3) } else { now };
        for member in self.members.values_mut() {
            if let Some(ticket) = member.syncing.take() {
                self.answers.push((ticket, sync_error(ErrorCode::RebalanceInProgress)));
            }
        }
        self.state = State::Preparing { not_before, deadline };
    }

    pub(super) fn join(
        &mut self,
        ticket: Ticket,
        asked: &kafka::JoinGroupRequest,
        client: &str,
        now: Instant,
    ) {
        let id = convert::name(&asked.member_id);
        let instance = asked.group_instance_id.as_ref().map(convert::name);
        if let Some(instance) = &instance {
            let known = self.members.iter().find(|(_, m)| m.instance.as_ref() == Some(instance));
            let known = known.map(|(id, _)| id.clone());
            if id.is_empty() {
                return self.join_static(ticket, asked, instance, known, now);
            }
            if known.is_some_and(|known| known != id) {
                return self.answers.push((ticket, join_error(ErrorCode::FencedInstanceId, "")));
            }
        } else if id.is_empty() {
            self.next_id += 1;
            let id = format!("{client}-{}", self.next_id);
            return self.answers.push((ticket, join_error(ErrorCode::MemberIdRequired, &id)));
        }
        if instance.is_none() && !self.members.contains_key(&id) && !id.starts_with(client) {
            return self.answers.push((ticket, join_error(ErrorCode::UnknownMemberId, "")));
        }
        self.admit(ticket, &id, asked, now);
        self.rebalance(now);
    }

    fn join_static(
        &mut self,
        ticket: Ticket,
        asked: &kafka::JoinGroupRequest,
        instance: &Name,
        known: Option<Name>,
        now: Instant,
    ) {
        self.next_id += 1;
        let id: Name = format!("{instance}-{}", self.next_id).into();
        let Some(known) = known else {
            self.admit(ticket, &id, asked, now);
            return self.rebalance(now);
        };
        // It takes the place of its earlier self.
        let before = self.members.remove(&known).expect("it is there");
        for waits in [before.joining, before.syncing].into_iter().flatten() {
            self.answers.push((waits, join_error(ErrorCode::FencedInstanceId, "")));
        }
        let place = self.order.iter().position(|other| *other == known).expect("it is there");
        self.admit(ticket, &id, asked, now);
        self.order.pop();
        self.order[place] = id.clone();
        let member = self.members.get_mut(&id).expect("it was just admitted");
        member.assignment = before.assignment;
        if self.state != State::Stable {
            return self.rebalance(now);
        }
        member.joining = None;
        let was_leader = self.leader == known;
        if was_leader {
            self.leader = id.clone();
        }
        self.answers.push((ticket, self.joined(&id, was_leader)));
    }

    fn admit(&mut self, ticket: Ticket, id: &Name, asked: &kafka::JoinGroupRequest, now: Instant) {
        let millis = |ms: i32| Duration::from_millis(ms as u64);
        let protocols = asked.protocols.iter();
        let protocols = protocols.map(|known| (convert::name(&known.name), known.metadata.clone()));
        let member = Member {
            instance: asked.group_instance_id.as_ref().map(convert::name),
            protocols: protocols.collect(),
            session: millis(asked.session_timeout_ms),
            rebalance: millis(asked.rebalance_timeout_ms),
            expires: now + millis(asked.session_timeout_ms),
            joining: Some(ticket),
            syncing: None,
            assignment: Bytes::new(),
        };
        if self.members.insert(id.clone(), member).is_none() {
            self.order.push(id.clone());
        }
    }

    fn rebalance(&mut self, now: Instant) {
        if !matches!(self.state, State::Preparing { .. }) {
            self.prepare(now);
        }
        self.on_time(now);
    }

    fn complete_join(&mut self, now: Instant) {
        self.generation += 1;
        let Some(first) = self.order.first().cloned() else {
            self.state = State::Empty;
            return;
        };
        if !self.members.contains_key(&self.leader) {
            self.leader = first;
        }
        let supports =
            |member: &Member, name: &Name| member.protocols.iter().any(|(n, _)| n == name);
        let candidates = self.members[&self.leader].protocols.iter().map(|(name, _)| name);
        let common = candidates.filter(|name| self.members.values().all(|m| supports(m, name)));
        self.protocol = common.into_iter().next().cloned().expect("a common assignor");
        self.state = State::Completing;
        let ids = self.order.clone();
        for id in &ids {
            let answer = self.joined(id, false);
            let member = self.members.get_mut(id).expect("it is there");
            member.expires = now + member.session;
            let ticket = member.joining.take().expect("all have joined");
            self.answers.push((ticket, answer));
        }
    }

    fn joined(&self, id: &Name, skip_assignment: bool) -> ResponseBody {
        let is_leader = self.leader == *id;
        let member = |id: &Name| {
            let member = &self.members[id];
            let metadata = member.protocols.iter().find(|(name, _)| *name == self.protocol);
            JoinGroupResponseMember::default()
                .with_member_id(convert::text(id))
                .with_group_instance_id(member.instance.as_deref().map(convert::text))
                .with_metadata(metadata.map(|(_, bytes)| bytes.clone()).unwrap_or_default())
        };
        let members = if is_leader { self.order.iter().map(member).collect() } else { Vec::new() };
        let answer = kafka::JoinGroupResponse::default()
            .with_generation_id(self.generation)
            .with_protocol_type(Some(convert::text("consumer")))
            .with_protocol_name(Some(convert::text(&self.protocol)))
            .with_leader(convert::text(&self.leader))
            .with_skip_assignment(skip_assignment)
            .with_member_id(convert::text(id))
            .with_members(members);
        ResponseBody::JoinGroup(Box::new(answer))
    }

    pub(super) fn sync(&mut self, ticket: Ticket, asked: &kafka::SyncGroupRequest) {
        let id = convert::name(&asked.member_id);
        if let Some(error) = self.refuses(&id, asked.generation_id) {
            return self.answers.push((ticket, sync_error(error)));
        }
        if let State::Preparing { .. } = self.state {
            return self.answers.push((ticket, sync_error(ErrorCode::RebalanceInProgress)));
        }
        self.members.get_mut(&id).expect("it is known").syncing = Some(ticket);
        if id == self.leader && self.state == State::Completing {
            for told in &asked.assignments {
                let member = self.members.get_mut(&convert::name(&told.member_id));
                member.expect("the leader knows the members").assignment = told.assignment.clone();
            }
            self.state = State::Stable;
        }
        if self.state != State::Stable {
            return;
        }
        for member in self.members.values_mut() {
            if let Some(ticket) = member.syncing.take() {
                let answer = kafka::SyncGroupResponse::default()
                    .with_protocol_type(Some(convert::text("consumer")))
                    .with_protocol_name(Some(convert::text(&self.protocol)))
                    .with_assignment(member.assignment.clone());
                self.answers.push((ticket, ResponseBody::SyncGroup(Box::new(answer))));
            }
        }
    }

    fn refuses(&self, id: &Name, generation: i32) -> Option<ErrorCode> {
        if !self.members.contains_key(id) {
            Some(ErrorCode::UnknownMemberId)
        } else if generation != self.generation {
            Some(ErrorCode::IllegalGeneration)
        } else {
            None
        }
    }

    pub(super) fn heartbeat(&mut self, asked: &kafka::HeartbeatRequest, now: Instant) -> ErrorCode {
        let id = convert::name(&asked.member_id);
        let instance = asked.group_instance_id.as_ref().map(convert::name);
        let is_taken =
            |(other, member): (&Name, &Member)| *other != id && member.instance == instance;
        if instance.is_some() && self.members.iter().any(is_taken) {
            return ErrorCode::FencedInstanceId;
        }
        if let Some(error) = self.refuses(&id, asked.generation_id) {
            return error;
        }
        let member = self.members.get_mut(&id).expect("it is known");
        member.expires = now + member.session;
        if let State::Preparing { .. } = self.state {
            ErrorCode::RebalanceInProgress
        } else {
            ErrorCode::None
        }
    }

    pub(super) fn leave(&mut self, asked: &kafka::LeaveGroupRequest, now: Instant) {
        for member in &asked.members {
            let id = convert::name(&member.member_id);
            if self.members.contains_key(&id) {
                self.remove(&id, now);
            }
        }
    }

    pub(super) fn commit(&mut self, asked: &kafka::OffsetCommitRequest, now: Instant) -> ErrorCode {
        let id = convert::name(&asked.member_id);
        if asked.generation_id_or_member_epoch >= 0 {
            if let Some(error) = self.refuses(&id, asked.generation_id_or_member_epoch) {
                return error;
            }
            if self.state == State::Completing {
                return ErrorCode::RebalanceInProgress;
            }
            let member = self.members.get_mut(&id).expect("it is known");
            member.expires = now + member.session;
        }
        for topic in &asked.topics {
            for told in &topic.partitions {
                let tp = TopicPartition::new(convert::name(&topic.name.0), told.partition_index);
                let offset = Offset(told.committed_offset as u64);
                self.committed.insert(tp, (offset, told.committed_leader_epoch));
            }
        }
        ErrorCode::None
    }
}

fn join_error(error: ErrorCode, member: &str) -> ResponseBody {
    let answer = kafka::JoinGroupResponse::default()
        .with_error_code(error.code())
        .with_generation_id(-1)
        .with_member_id(convert::text(member));
    ResponseBody::JoinGroup(Box::new(answer))
}

fn sync_error(error: ErrorCode) -> ResponseBody {
    let answer = kafka::SyncGroupResponse::default().with_error_code(error.code());
    ResponseBody::SyncGroup(Box::new(answer))
}

//! A group coordinator whose log does what the test says, when the test says so.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::GroupId;
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kafka_protocol::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use kafka_protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use kafka_protocol::protocol::StrBytes;
use kafkascope::coordinator::group::{Call, GroupCoordinator, GroupCoordinatorConfig, Write};
use kafkascope::fact::Fact;
use kafkascope::ids::{Name, Offset, Timestamp};
use kafkascope::node::{ConnectionId, Effect, Interest, Outbox, ReplyTo, Timer};
use kafkascope::protocol::{ErrorCode, Request, RequestBody, ResponseBody};
use kafkascope::sim::rng::Stream;
use kafkascope::sim::{Duration, Instant};

/// A coordinator of one partition.
pub(crate) struct HeldLog {
    pub(crate) coordinator: GroupCoordinator,
    pub(crate) now: Instant,
    pub(crate) timers: BTreeMap<Timer, Instant>,
    /// By request: its answer.
    answers: BTreeMap<ReplyTo, ResponseBody>,
    pub(crate) facts: Vec<Fact>,
    /// What is to be appended.
    pub(crate) writes: Vec<Write>,
    log_end_offset: u64,
    requests: i32,
    out: Outbox,
}

impl HeldLog {
    /// An empty group coordinator with that change to the defaults; it gathers nothing.
    pub(crate) fn new(change: impl FnOnce(&mut GroupCoordinatorConfig)) -> Self {
        let mut bench = Self::unloaded(change);
        bench.step(|coordinator, out| coordinator.load(0, 0, [], Offset(0), Offset(0), out));
        bench
    }

    /// The same, before its partition is loaded.
    pub(crate) fn unloaded(change: impl FnOnce(&mut GroupCoordinatorConfig)) -> Self {
        let mut config = GroupCoordinatorConfig {
            offsets_topic_num_partitions: 1,
            append_linger: Duration::ZERO,
            initial_rebalance_delay: Duration::ZERO,
            ..GroupCoordinatorConfig::default()
        };
        change(&mut config);
        let mut out = Outbox::default();
        out.interest = Interest::Everything;
        Self {
            coordinator: GroupCoordinator::new(config, Stream::new(1, "coordinator")),
            now: Instant::ZERO,
            timers: BTreeMap::new(),
            answers: BTreeMap::new(),
            facts: Vec::new(),
            writes: Vec::new(),
            log_end_offset: 0,
            requests: 0,
            out,
        }
    }

    /// One step.
    pub(crate) fn step(&mut self, act: impl FnOnce(&mut GroupCoordinator, &mut Outbox)) {
        let mut out = std::mem::take(&mut self.out);
        out.begin(self.now, Timestamp(self.now.as_millis() as i64));
        act(&mut self.coordinator, &mut out);
        while let Some(write) = self.coordinator.next_write() {
            self.writes.push(write);
        }
        for effect in out.effects.drain(..) {
            match effect {
                Effect::Reply(to, response) => {
                    let before = self.answers.insert(to, response.body.clone());
                    assert_eq!(before, None, "{to:?} is answered once");
                }
                Effect::SetTimer(timer, at, _) => {
                    self.timers.insert(timer, at);
                }
                Effect::CancelTimer(timer) => {
                    self.timers.remove(&timer);
                }
                other => panic!("a coordinator does no {other:?}"),
            }
        }
        self.facts.append(&mut out.facts);
        self.out = out;
    }

    /// Asks; the answer is there when it is.
    pub(crate) fn ask(&mut self, api_version: i16, body: RequestBody) -> ReplyTo {
        self.requests += 1;
        let from = ReplyTo { connection: ConnectionId(0), correlation_id: self.requests };
        let request = Arc::new(Request {
            api_version,
            correlation_id: self.requests,
            client_id: "app".into(),
            body,
        });
        let client_host: Name = "/127.0.0.1".into();
        self.step(|coordinator, out| {
            let call = Call { from, request: &request, client_host: &client_host };
            coordinator.handle(call, &|topic, partition| topic != "gone" && partition < 10, out);
        });
        from
    }

    /// The answer, which must be there.
    pub(crate) fn answer(&mut self, to: ReplyTo) -> ResponseBody {
        self.answers.remove(&to).expect("the request is answered")
    }

    /// True while there is no answer.
    pub(crate) fn waits(&self, to: ReplyTo) -> bool {
        !self.answers.contains_key(&to)
    }

    /// The log takes the first batch.
    pub(crate) fn append(&mut self) -> Write {
        let write = self.writes.remove(0);
        let base_offset = Offset(self.log_end_offset);
        self.log_end_offset += write.records.len() as u64;
        self.step(|coordinator, out| {
            assert!(coordinator.on_appended(0, base_offset, out));
        });
        write
    }

    /// All that is appended is committed.
    pub(crate) fn commit(&mut self) {
        let end = Offset(self.log_end_offset);
        self.step(|coordinator, out| coordinator.on_high_watermark(0, end, out));
    }

    /// The log takes all batches, and they are committed.
    pub(crate) fn settle(&mut self) {
        while !self.writes.is_empty() {
            self.append();
        }
        self.commit();
    }

    /// The log does not take the first batch.
    pub(crate) fn fail(&mut self, error: ErrorCode) {
        self.writes.clear();
        self.step(|coordinator, out| coordinator.on_append_failed(0, error, out));
    }

    /// Time passes; what is due happens when it is.
    pub(crate) fn pass(&mut self, span: Duration) {
        let until = self.now + span;
        while let Some((timer, at)) =
            self.timers.iter().map(|(timer, at)| (*timer, *at)).min_by_key(|(_, at)| *at)
            && at <= until
        {
            self.now = at;
            self.timers.remove(&timer);
            self.step(|coordinator, out| coordinator.on_timer(timer, out));
        }
        self.now = until;
    }

    /// Commits `offset` of `kq-0` as that member.
    pub(crate) fn commit_offset(&mut self, member: &Membership, offset: i64) -> ReplyTo {
        let partition = OffsetCommitRequestPartition::default()
            .with_partition_index(0)
            .with_committed_offset(offset);
        let topic = OffsetCommitRequestTopic::default()
            .with_name(kafka::TopicName(string("kq")))
            .with_partitions(vec![partition]);
        self.ask(9, commit_request(member, vec![topic]))
    }

    /// The committed offset of `kq-0`.
    pub(crate) fn fetch_offset(&mut self, require_stable: bool) -> ReplyTo {
        let topic = OffsetFetchRequestTopics::default()
            .with_name(kafka::TopicName(string("kq")))
            .with_partition_indexes(vec![0]);
        let group = OffsetFetchRequestGroup::default()
            .with_group_id(GroupId(string("g")))
            .with_topics(Some(vec![topic]));
        let fetch = kafka::OffsetFetchRequest::default()
            .with_groups(vec![group])
            .with_require_stable(require_stable);
        self.ask(9, RequestBody::OffsetFetch(Box::new(fetch)))
    }

    /// The offset in an answer to that.
    pub(crate) fn fetched(&mut self, to: ReplyTo) -> Result<i64, ErrorCode> {
        let ResponseBody::OffsetFetch(fetched) = self.answer(to) else { panic!("not fetched") };
        let group = &fetched.groups[0];
        if group.error_code != 0 {
            return Err(ErrorCode::from_code(group.error_code));
        }
        let partition = &group.topics[0].partitions[0];
        assert_eq!(partition.error_code, 0);
        Ok(partition.committed_offset)
    }

    /// The error in an answer to a commit.
    pub(crate) fn committed(&mut self, to: ReplyTo) -> ErrorCode {
        let ResponseBody::OffsetCommit(commit) = self.answer(to) else { panic!("not committed") };
        ErrorCode::from_code(commit.topics[0].partitions[0].error_code)
    }

    /// Sends `JoinGroup`.
    pub(crate) fn join(&mut self, version: i16, member: &Membership) -> ReplyTo {
        let protocol = JoinGroupRequestProtocol::default()
            .with_name(string("range"))
            .with_metadata(Bytes::from_static(b"\0\0\0\0\0\x01\0\x02kq\xff\xff\xff\xff"));
        let join = kafka::JoinGroupRequest::default()
            .with_group_id(GroupId(string("g")))
            .with_session_timeout_ms(10_000)
            .with_rebalance_timeout_ms(30_000)
            .with_member_id(string(&member.member_id))
            .with_group_instance_id(member.instance.map(string))
            .with_protocol_type(string("consumer"))
            .with_protocols(vec![protocol]);
        self.ask(version, RequestBody::JoinGroup(Box::new(join)))
    }

    /// The answer to that.
    pub(crate) fn joined(&mut self, to: ReplyTo) -> kafka::JoinGroupResponse {
        let ResponseBody::JoinGroup(join) = self.answer(to) else { panic!("not joined") };
        *join
    }

    /// Sends `SyncGroup` with an assignment for each of `members`.
    pub(crate) fn sync(&mut self, member: &Membership, members: &[&Membership]) -> ReplyTo {
        let parts = members.iter().map(|member| {
            SyncGroupRequestAssignment::default()
                .with_member_id(string(&member.member_id))
                .with_assignment(Bytes::copy_from_slice(member.member_id.as_bytes()))
        });
        let sync = kafka::SyncGroupRequest::default()
            .with_group_id(GroupId(string("g")))
            .with_generation_id(member.generation)
            .with_member_id(string(&member.member_id))
            .with_group_instance_id(member.instance.map(string))
            .with_protocol_type(Some(string("consumer")))
            .with_protocol_name(Some(string("range")))
            .with_assignments(parts.collect());
        self.ask(5, RequestBody::SyncGroup(Box::new(sync)))
    }

    /// The error in an answer to that.
    pub(crate) fn synced(&mut self, to: ReplyTo) -> ErrorCode {
        let ResponseBody::SyncGroup(sync) = self.answer(to) else { panic!("not synced") };
        ErrorCode::from_code(sync.error_code)
    }

    /// Sends `Heartbeat`.
    pub(crate) fn heartbeat(&mut self, member: &Membership) -> ReplyTo {
        let heartbeat = kafka::HeartbeatRequest::default()
            .with_group_id(GroupId(string("g")))
            .with_generation_id(member.generation)
            .with_member_id(string(&member.member_id));
        self.ask(4, RequestBody::Heartbeat(Box::new(heartbeat)))
    }

    /// The error in an answer to that.
    pub(crate) fn heard(&mut self, to: ReplyTo) -> ErrorCode {
        let ResponseBody::Heartbeat(heartbeat) = self.answer(to) else { panic!("not heard") };
        ErrorCode::from_code(heartbeat.error_code)
    }

    /// Takes one member all the way into the group.
    pub(crate) fn stable_member(&mut self, instance: Option<&'static str>) -> Membership {
        let joining = self.join(3, &Membership { instance, ..Membership::default() });
        self.settle();
        self.pass(Duration::from_millis(1));
        let joined = self.joined(joining);
        let member = Membership {
            member_id: joined.member_id.to_string(),
            generation: joined.generation_id,
            instance,
        };
        let syncing = self.sync(&member, &[&member]);
        self.settle();
        assert_eq!(self.synced(syncing), ErrorCode::None);
        member
    }

    /// The state of the group.
    pub(crate) fn state(&self) -> &'static str {
        self.coordinator.group("g").map_or("none", |group| group.state.name())
    }
}

/// What a client knows of itself.
#[derive(Clone, Debug)]
pub(crate) struct Membership {
    pub(crate) member_id: String,
    pub(crate) generation: i32,
    pub(crate) instance: Option<&'static str>,
}

/// Nobody.
impl Default for Membership {
    fn default() -> Self {
        Self { member_id: String::new(), generation: -1, instance: None }
    }
}

/// `OffsetCommit` of `topics`.
pub(crate) fn commit_request(
    member: &Membership,
    topics: Vec<OffsetCommitRequestTopic>,
) -> RequestBody {
    let commit = kafka::OffsetCommitRequest::default()
        .with_group_id(GroupId(string("g")))
        .with_generation_id_or_member_epoch(member.generation)
        .with_member_id(string(&member.member_id))
        .with_topics(topics);
    RequestBody::OffsetCommit(Box::new(commit))
}

/// A string for a message.
pub(crate) fn string(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

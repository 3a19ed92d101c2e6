//! Brokers of cardboard: logs that are read, a coordinator, and errors on demand.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use kafka_protocol::messages as kafka;
use kafka_protocol::messages::{
    find_coordinator_response as found, list_offsets_response as listed,
    offset_commit_response as committed, offset_fetch_response as fetched,
    offset_for_leader_epoch_response as ends,
};

use super::group::{Group, Ticket};
use crate::client::testing::Cardboard;
use crate::ids::{BrokerId, LeaderEpoch, Name, Offset, Timestamp, TopicPartition};
use crate::protocol::{
    Api, Batch, BatchBuilder, ErrorCode, FetchPartition, FetchPartitionResponse, FetchRequest,
    FetchResponse, Request, RequestBody, ResponseBody, convert,
};
use crate::sim::Instant;

/// A partition's log.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    pub(super) start: u64,
    pub(super) batches: Vec<Arc<Batch>>,
}

impl Log {
    fn end(&self) -> u64 {
        self.batches.last().map_or(self.start, |batch| batch.next_offset().0)
    }

    fn epoch_end(&self, epoch: i32) -> (i32, i64) {
        let known = |batch: &&Arc<Batch>| {
            batch.partition_leader_epoch().is_some_and(|other| other.0 <= epoch)
        };
        let last = self.batches.iter().rfind(known);
        let epoch = last.and_then(|batch| batch.partition_leader_epoch());
        let end = last.map_or(-1, |batch| batch.next_offset().0 as i64);
        (LeaderEpoch::to_wire(epoch), end)
    }
}

#[derive(Clone, Debug)]
struct Parked {
    ticket: Ticket,
    session: (BrokerId, i32),
    deadline: Instant,
}

/// All brokers at once.
#[derive(Clone, Debug)]
pub(super) struct Brokers {
    pub(super) cluster: Cardboard,
    pub(super) logs: BTreeMap<TopicPartition, Log>,
    pub(super) group: Group,
    pub(super) coordinator: i32,
    /// The next requests of these kinds are answered by these errors.
    pub(super) script: VecDeque<(Api, ErrorCode)>,
    /// Requests of this kind stay unanswered.
    pub(super) silent: Vec<Api>,
    /// Fetch answers name the leader (KIP-951).
    pub(super) names_leaders: bool,
    /// Leaders send consumers to this broker (KIP-392).
    pub(super) prefers: Option<BrokerId>,
    sessions: BTreeMap<(BrokerId, i32), Vec<FetchPartition>>,
    next_session: i32,
    parked: Vec<Parked>,
    answers: Vec<(Ticket, ResponseBody)>,
}

impl Brokers {
    pub(super) fn new(cluster: Cardboard) -> Self {
        Self {
            cluster,
            logs: BTreeMap::new(),
            group: Group::new(),
            coordinator: 1,
            script: VecDeque::new(),
            silent: Vec::new(),
            names_leaders: false,
            prefers: None,
            sessions: BTreeMap::new(),
            next_session: 0,
            parked: Vec::new(),
            answers: Vec::new(),
        }
    }

    /// Appends a batch of `records` to a partition, by its leader of now.
    pub(super) fn append(&mut self, topic: &str, partition: i32, records: u32) {
        let mut builder = BatchBuilder::new();
        for _ in 0..records {
            builder.append(Timestamp(0), None, Some(b"v"), &[]);
        }
        let batch = builder.build().expect("a record at least");
        let epoch = self.cluster.topics[topic].leaders[partition as usize].1;
        let log = self.logs.entry(TopicPartition::new(topic, partition)).or_default();
        let placed = batch.with_place(Offset(log.end()), LeaderEpoch(epoch));
        log.batches.push(Arc::new(placed));
    }

    pub(super) fn next_event(&self) -> Option<Instant> {
        let parked = self.parked.iter().map(|parked| parked.deadline).min();
        self.group.next_event().into_iter().chain(parked).min()
    }

    /// Answers that are ready now.
    pub(super) fn on_time(&mut self, now: Instant) -> Vec<(Ticket, ResponseBody)> {
        self.group.on_time(now);
        for parked in std::mem::take(&mut self.parked) {
            let answer = self.read(parked.session);
            if answer.partitions.is_empty() && parked.deadline > now {
                self.parked.push(parked);
            } else {
                self.answers.push((parked.ticket, ResponseBody::Fetch(answer)));
                if parked.session.1 < 0 {
                    self.sessions.remove(&parked.session);
                }
            }
        }
        let mut answers = self.group.take_answers();
        answers.append(&mut self.answers);
        answers
    }

    /// A broker that dies forgets its fetch sessions.
    pub(super) fn forget_sessions(&mut self, broker: BrokerId) {
        self.sessions.retain(|(other, _), _| *other != broker);
        self.parked.retain(|parked| parked.session.0 != broker);
    }

    /// A request whose connection is gone is not answered.
    pub(super) fn forget(&mut self, ticket: Ticket) {
        self.parked.retain(|parked| parked.ticket != ticket);
    }

    pub(super) fn handle(
        &mut self,
        ticket: Ticket,
        broker: BrokerId,
        request: &Request,
        now: Instant,
    ) {
        let api = request.body.api();
        if self.silent.contains(&api) {
            return;
        }
        if let Some(index) = self.script.iter().position(|(scripted, _)| *scripted == api) {
            let (_, error) = self.script.remove(index).expect("it was just found");
            let answer = self.refuse(&request.body, error);
            return self.answers.push((ticket, answer));
        }
        let answer = match &request.body {
            RequestBody::Metadata(asked) => {
                ResponseBody::Metadata(Box::new(self.cluster.metadata(asked)))
            }
            RequestBody::FindCoordinator(asked) => self.find_coordinator(asked, ErrorCode::None),
            RequestBody::Fetch(asked) => return self.fetch(ticket, broker, asked, now),
            RequestBody::ListOffsets(asked) => self.list_offsets(asked, ErrorCode::None),
            RequestBody::OffsetForLeaderEpoch(asked) => self.epoch_ends(asked),
            RequestBody::OffsetFetch(asked) => self.offset_fetch(asked),
            _ if broker.0 != self.coordinator => {
                self.refuse(&request.body, ErrorCode::NotCoordinator)
            }
            RequestBody::JoinGroup(asked) => {
                return self.group.join(ticket, asked, &request.client_id, now);
            }
            RequestBody::SyncGroup(asked) => return self.group.sync(ticket, asked),
            RequestBody::Heartbeat(asked) => heartbeat(self.group.heartbeat(asked, now)),
            RequestBody::LeaveGroup(asked) => {
                self.group.leave(asked, now);
                ResponseBody::LeaveGroup(Box::default())
            }
            RequestBody::OffsetCommit(asked) => {
                let error = self.group.commit(asked, now);
                offset_commit(asked, error)
            }
            other => panic!("consumers do not send {:?}", other.api()),
        };
        self.answers.push((ticket, answer));
    }

    fn refuse(&self, asked: &RequestBody, error: ErrorCode) -> ResponseBody {
        let code = error.code();
        match asked {
            RequestBody::FindCoordinator(asked) => self.find_coordinator(asked, error),
            RequestBody::JoinGroup(_) => ResponseBody::JoinGroup(Box::new(
                kafka::JoinGroupResponse::default().with_error_code(code),
            )),
            RequestBody::SyncGroup(_) => ResponseBody::SyncGroup(Box::new(
                kafka::SyncGroupResponse::default().with_error_code(code),
            )),
            RequestBody::Heartbeat(_) => heartbeat(error),
            RequestBody::LeaveGroup(_) => ResponseBody::LeaveGroup(Box::new(
                kafka::LeaveGroupResponse::default().with_error_code(code),
            )),
            RequestBody::OffsetCommit(asked) => offset_commit(asked, error),
            RequestBody::ListOffsets(asked) => self.list_offsets(asked, error),
            RequestBody::OffsetFetch(asked) => {
                let group = fetched::OffsetFetchResponseGroup::default()
                    .with_group_id(asked.groups[0].group_id.clone())
                    .with_error_code(code);
                let answer = kafka::OffsetFetchResponse::default().with_groups(vec![group]);
                ResponseBody::OffsetFetch(Box::new(answer))
            }
            other => panic!("{:?} is never refused as a whole", other.api()),
        }
    }

    fn find_coordinator(
        &self,
        asked: &kafka::FindCoordinatorRequest,
        error: ErrorCode,
    ) -> ResponseBody {
        let coordinator = found::Coordinator::default()
            .with_key(asked.coordinator_keys[0].clone())
            .with_error_code(error.code())
            .with_node_id(self.coordinator.into());
        let answer = kafka::FindCoordinatorResponse::default().with_coordinators(vec![coordinator]);
        ResponseBody::FindCoordinator(Box::new(answer))
    }

    fn leader(&self, tp: &TopicPartition) -> (i32, i32) {
        let topic = self.cluster.topics.get(&tp.topic);
        let leader = topic.and_then(|topic| topic.leaders.get(tp.partition.0 as usize));
        leader.copied().unwrap_or((-1, -1))
    }

    fn list_offsets(&self, asked: &kafka::ListOffsetsRequest, error: ErrorCode) -> ResponseBody {
        let topic = |topic: &kafka::list_offsets_request::ListOffsetsTopic| {
            let partition = |asked: &kafka::list_offsets_request::ListOffsetsPartition| {
                let name = convert::name(&topic.name.0);
                let tp = TopicPartition::new(name, asked.partition_index);
                let log = self.logs.get(&tp).cloned().unwrap_or_default();
                let offset = if asked.timestamp == -2 { log.start } else { log.end() };
                listed::ListOffsetsPartitionResponse::default()
                    .with_partition_index(asked.partition_index)
                    .with_error_code(error.code())
                    .with_offset(offset as i64)
                    .with_leader_epoch(self.leader(&tp).1)
            };
            listed::ListOffsetsTopicResponse::default()
                .with_name(topic.name.clone())
                .with_partitions(topic.partitions.iter().map(partition).collect())
        };
        let topics = asked.topics.iter().map(topic).collect();
        ResponseBody::ListOffsets(Box::new(
            kafka::ListOffsetsResponse::default().with_topics(topics),
        ))
    }

    fn epoch_ends(&self, asked: &kafka::OffsetForLeaderEpochRequest) -> ResponseBody {
        let topic = |topic: &kafka::offset_for_leader_epoch_request::OffsetForLeaderTopic| {
            let partition =
                |asked: &kafka::offset_for_leader_epoch_request::OffsetForLeaderPartition| {
                    let tp = TopicPartition::new(convert::name(&topic.topic.0), asked.partition);
                    let (epoch, end) = self.logs[&tp].epoch_end(asked.leader_epoch);
                    ends::EpochEndOffset::default()
                        .with_partition(asked.partition)
                        .with_leader_epoch(epoch)
                        .with_end_offset(end)
                };
            ends::OffsetForLeaderTopicResult::default()
                .with_topic(topic.topic.clone())
                .with_partitions(topic.partitions.iter().map(partition).collect())
        };
        let topics = asked.topics.iter().map(topic).collect();
        let answer = kafka::OffsetForLeaderEpochResponse::default().with_topics(topics);
        ResponseBody::OffsetForLeaderEpoch(Box::new(answer))
    }

    fn offset_fetch(&mut self, asked: &kafka::OffsetFetchRequest) -> ResponseBody {
        let error = if std::mem::take(&mut self.group.unstable) {
            ErrorCode::UnstableOffsetCommit
        } else {
            ErrorCode::None
        };
        let topics = asked.groups[0].topics.iter().flatten();
        let topic = |topic: &kafka::offset_fetch_request::OffsetFetchRequestTopics| {
            let partition = |index: &i32| {
                let tp = TopicPartition::new(convert::name(&topic.name.0), *index);
                let known = self.group.committed.get(&tp);
                fetched::OffsetFetchResponsePartitions::default()
                    .with_partition_index(*index)
                    .with_error_code(error.code())
                    .with_committed_offset(known.map_or(-1, |(offset, _)| offset.0 as i64))
                    .with_committed_leader_epoch(known.map_or(-1, |(_, epoch)| *epoch))
            };
            fetched::OffsetFetchResponseTopics::default()
                .with_name(topic.name.clone())
                .with_partitions(topic.partition_indexes.iter().map(partition).collect())
        };
        let group = fetched::OffsetFetchResponseGroup::default()
            .with_group_id(asked.groups[0].group_id.clone())
            .with_topics(topics.map(topic).collect());
        let answer = kafka::OffsetFetchResponse::default().with_groups(vec![group]);
        ResponseBody::OffsetFetch(Box::new(answer))
    }

    // ---- fetches ----

    fn fetch(&mut self, ticket: Ticket, broker: BrokerId, asked: &FetchRequest, now: Instant) {
        let is_alone = asked.session.epoch == -1 && !asked.partitions.is_empty();
        if asked.session.epoch == -1 && !is_alone {
            self.sessions.remove(&(broker, asked.session.id));
            let answer = ResponseBody::Fetch(FetchResponse::default());
            return self.answers.push((ticket, answer));
        }
        let is_new = is_alone || asked.session.epoch == 0;
        let id = if is_new {
            self.next_session += 1;
            // What is asked outside of any session is kept until it is answered.
            if is_alone { -self.next_session } else { self.next_session }
        } else {
            asked.session.id
        };
        let is_known = is_new || self.sessions.contains_key(&(broker, id));
        let Some(partitions) = is_known.then(|| self.sessions.entry((broker, id)).or_default())
        else {
            let error = ErrorCode::FetchSessionIdNotFound;
            let answer = FetchResponse { error, ..FetchResponse::default() };
            return self.answers.push((ticket, ResponseBody::Fetch(answer)));
        };
        for gone in &asked.forgotten {
            partitions.retain(|p| p.topic.id != gone.topic_id || p.partition != gone.partition);
        }
        for new in &asked.partitions {
            let same =
                |p: &&mut FetchPartition| p.topic == new.topic && p.partition == new.partition;
            match partitions.iter_mut().find(same) {
                Some(known) => *known = new.clone(),
                None => partitions.push(new.clone()),
            }
        }
        let deadline = now + asked.max_wait;
        self.parked.push(Parked { ticket, session: (broker, id), deadline });
    }

    fn read(&self, session: (BrokerId, i32)) -> FetchResponse {
        let read = |asked: &FetchPartition| self.read_partition(session.0, asked);
        let partitions = self.sessions[&session].iter().filter_map(read);
        FetchResponse {
            session_id: session.1.max(0),
            partitions: partitions.collect(),
            ..FetchResponse::default()
        }
    }

    fn read_partition(
        &self,
        broker: BrokerId,
        asked: &FetchPartition,
    ) -> Option<FetchPartitionResponse> {
        let topics = self.cluster.topics.iter();
        let name: Option<Name> = topics
            .filter(|(name, topic)| match &asked.topic.name {
                Some(asked) => asked == *name,
                None => topic.id == asked.topic.id,
            })
            .map(|(name, _)| name.clone())
            .next();
        let mut answer = FetchPartitionResponse {
            topic: asked.topic.clone(),
            partition: asked.partition,
            ..FetchPartitionResponse::default()
        };
        let Some(name) = name else {
            answer.error = ErrorCode::UnknownTopicId;
            return Some(answer);
        };
        let tp = TopicPartition::new(name, asked.partition.0);
        let (leader, epoch) = self.leader(&tp);
        let asked_epoch = LeaderEpoch::to_wire(asked.current_leader_epoch);
        if leader < 0 {
            answer.error = ErrorCode::UnknownTopicOrPartition;
        } else if leader != broker.0 && self.prefers != Some(broker) {
            answer.error = ErrorCode::NotLeaderOrFollower;
        } else if asked_epoch >= 0 && asked_epoch < epoch {
            answer.error = ErrorCode::FencedLeaderEpoch;
        }
        if !answer.error.is_none() {
            let named = (BrokerId(leader), LeaderEpoch(epoch));
            answer.current_leader = self.names_leaders.then_some(named);
            return Some(answer);
        }
        if self.prefers.is_some_and(|preferred| preferred != broker) {
            answer.preferred_read_replica = self.prefers;
            return Some(answer);
        }
        let log = self.logs.get(&tp).cloned().unwrap_or_default();
        let at = asked.fetch_offset.0;
        if at < log.start || at > log.end() {
            answer.error = ErrorCode::OffsetOutOfRange;
            return Some(answer);
        }
        let unread = log.batches.iter().filter(|batch| batch.next_offset().0 > at);
        answer.records = unread.cloned().collect();
        answer.high_watermark = Some(Offset(log.end()));
        answer.log_start_offset = Some(Offset(log.start));
        (!answer.records.is_empty()).then_some(answer)
    }
}

fn heartbeat(error: ErrorCode) -> ResponseBody {
    let answer = kafka::HeartbeatResponse::default().with_error_code(error.code());
    ResponseBody::Heartbeat(Box::new(answer))
}

fn offset_commit(asked: &kafka::OffsetCommitRequest, error: ErrorCode) -> ResponseBody {
    let topic = |topic: &kafka::offset_commit_request::OffsetCommitRequestTopic| {
        let partition = |asked: &kafka::offset_commit_request::OffsetCommitRequestPartition| {
            committed::OffsetCommitResponsePartition::default()
                .with_partition_index(asked.partition_index)
                .with_error_code(error.code())
        };
        committed::OffsetCommitResponseTopic::default()
            .with_name(topic.name.clone())
            .with_partitions(topic.partitions.iter().map(partition).collect())
    };
    let topics = asked.topics.iter().map(topic).collect();
    ResponseBody::OffsetCommit(Box::new(kafka::OffsetCommitResponse::default().with_topics(topics)))
}

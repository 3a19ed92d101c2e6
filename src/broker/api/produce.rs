//! Produce (key 0): leaders append.
//!
//! In Kafka: `KafkaApis.handleProduceRequest`, `ReplicaManager.appendRecords`, `DelayedProduce`;
//! KIP-951 (a wrong leader names the right one). Left out: transactions, quotas.

use smallvec::SmallVec;

use super::super::purgatories::{DelayedProduce, WaitingBatch};
use super::super::replicas::not_here;
use super::super::{Broker, around};
use crate::fact::Fact;
use crate::feature::mutant;
use crate::ids::{BrokerId, LeaderEpoch, Offset, PartitionIndex, TopicPartition};
use crate::log::{AppendOrigin, Disk, Log};
use crate::metadata::topic_name;
use crate::node::{Outbox, ReplyTo, Timer, Touched, Why};
use crate::protocol::{
    Endpoint, ErrorCode, ProducePartition, ProducePartitionResponse, ProduceRequest,
    ProduceResponse, ResponseBody, TopicRef,
};
use crate::replica::Write;

/// acks=all.
const ALL: i16 = -1;

/// The client that may write to internal topics, by its `client.id`: no other one is asked for.
const ADMIN_CLIENT: &str = "__admin_client";

/// What became of one partition's batch so far.
struct Appended {
    answer: ProducePartitionResponse,
    waiting: WaitingBatch,
    /// The high watermark moved.
    advanced: bool,
}

impl Broker {
    /// Appends to the logs that this broker leads; answers when as many replicas have it as asked.
    pub(in crate::broker) fn on_produce(
        &mut self,
        from: ReplyTo,
        (client_id, request): (&str, &ProduceRequest),
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        let may_write_internal = client_id == ADMIN_CLIENT;
        let valid_acks = matches!(request.acks, -1..=1);
        let count = request.partitions.len();
        let mut answer = ProduceResponse::default();
        answer.partitions.reserve_exact(count);
        let mut batches: SmallVec<[WaitingBatch; 1]> = SmallVec::with_capacity(count);
        let mut touched: SmallVec<[(u32, bool); 4]> = SmallVec::new();
        for partition in &request.partitions {
            let appended = if !valid_acks {
                refused(partition, ErrorCode::InvalidRequiredAcks)
            } else if !may_write_internal && self.is_internal(partition) {
                out.spend(self.costs.partition);
                refused(partition, ErrorCode::InvalidTopicException)
            } else {
                self.append(partition, request.acks == ALL, disk, out)
            };
            if appended.answer.error.is_none() {
                touched.push((appended.waiting.slot, appended.advanced));
            } else {
                let tp = self.name_of(&partition.topic, partition.partition);
                let error = appended.answer.error;
                out.fact(|| Fact::ProduceRefused { tp, error });
            }
            answer.partitions.push(appended.answer);
            batches.push(appended.waiting);
        }
        self.name_leaders(&mut answer);
        self.answer_produce(from, request, (answer, batches), out);
        // Followers that wait for this are answered after the producer is taken care of, as the
        // action queue of a handler thread has it.
        for (slot, advanced) in touched {
            if advanced {
                self.on_high_watermark(slot, disk, out);
            } else {
                self.complete_fetches(slot, disk, out);
            }
        }
    }

    /// True where a partition exists, as this broker knows, and is of an internal topic: what is in
    /// there is for Kafka to write. Asked before it is asked who leads (`appendToLocalLog`).
    fn is_internal(&self, partition: &ProducePartition) -> bool {
        let topic = match &partition.topic.name {
            Some(name) => self.image.topic_named(name),
            None => self.image.topic(partition.topic.id),
        };
        topic.is_some_and(|topic| {
            topic_name::is_internal(&topic.name) && topic.partition(partition.partition).is_some()
        })
    }

    fn append(
        &mut self,
        partition: &ProducePartition,
        acks_all: bool,
        disk: &mut Disk,
        out: &mut Outbox,
    ) -> Appended {
        out.spend(self.costs.partition);
        let Some(slot) = self.replicas.resolve(&partition.topic, partition.partition) else {
            let error = not_here(&self.image, &partition.topic, partition.partition);
            return refused(partition, error);
        };
        let records: u64 = partition.records.iter().map(|batch| batch.count().max(0) as u64).sum();
        let bytes = partition.records.iter().map(|batch| batch.size_in_bytes()).sum();
        out.spend(self.costs.checking(records, bytes));
        if mutant!(out, AckWithoutAppend) {
            let mut appended = refused(partition, ErrorCode::None);
            appended.answer.base_offset = self.replicas.log(slot).map(Log::log_end_offset);
            appended.waiting = WaitingBatch { slot, required: Offset(0), pending: acks_all };
            return appended;
        }
        let around = around(self.id, &self.lifecycle, &self.config, &self.image);
        let origin = AppendOrigin::Client;
        let result = self.replicas.change_log(slot, |replica, log| {
            let write = Write { batches: &partition.records, origin, acks_all };
            if mutant!(out, DuplicatesAppended) {
                let origin = AppendOrigin::Coordinator;
                let write = Write { batches: &partition.records, origin, acks_all };
                let _ = replica.append_to_leader(log, write, around, disk, out);
            }
            replica.append_to_leader(log, write, around, disk, out)
        });
        out.touch(Touched::Replica(slot));
        let (info, advanced) = match result {
            Ok(appended) => appended,
            Err(error) => return refused(partition, error.code()),
        };
        let required = info.last_offset.map_or(Offset(0), Offset::next);
        let mut appended = refused(partition, ErrorCode::None);
        appended.answer.base_offset = info.first_offset;
        appended.answer.log_append_time = info.log_append_time;
        appended.answer.log_start_offset = Some(info.log_start_offset);
        appended.waiting = WaitingBatch { slot, required, pending: true };
        appended.advanced = advanced;
        appended
    }

    /// Answers at once, or lets the request wait for the in-sync replicas.
    fn answer_produce(
        &mut self,
        from: ReplyTo,
        request: &ProduceRequest,
        (mut answer, batches): (ProduceResponse, SmallVec<[WaitingBatch; 1]>),
        out: &mut Outbox,
    ) {
        let failed = answer.partitions.iter().any(|partition| !partition.error.is_none());
        let appended = batches.iter().any(|batch| batch.pending);
        match request.acks {
            0 if failed => {
                // Nobody waits for an answer: the closed connection tells that something is wrong.
                out.no_reply(from);
                out.close(from.connection);
            }
            0 => out.no_reply(from),
            ALL if appended => {
                for (partition, batch) in answer.partitions.iter_mut().zip(&batches) {
                    if batch.pending {
                        partition.error = ErrorCode::RequestTimedOut;
                    }
                }
                let keys =
                    batches.iter().filter(|batch| batch.pending).map(|batch| batch.slot).collect();
                let waiting = self.produces.add(DelayedProduce { from, answer, batches }, keys);
                if self.is_produce_complete(waiting, out) {
                    let delayed = self.produces.remove(waiting).expect("it was just added");
                    out.reply(from, ResponseBody::Produce(delayed.answer));
                } else {
                    let why = Why::Config("request.timeout.ms");
                    let timer = Timer::ProducePurgatory(waiting);
                    out.set_timer(timer, out.now + request.timeout, why);
                }
            }
            _ => out.reply(from, ResponseBody::Produce(answer)),
        }
    }

    /// Where this broker is not the leader it says who is, as far as it knows (KIP-951).
    fn name_leaders(&self, answer: &mut ProduceResponse) {
        for partition in &mut answer.partitions {
            if partition.error != ErrorCode::NotLeaderOrFollower {
                continue;
            }
            partition.current_leader = self.current_leader(&partition.topic, partition.partition);
            let leader = partition.current_leader.map(|(leader, _)| leader);
            if let Some(endpoint) = leader.and_then(|leader| self.endpoint(leader))
                && !answer.endpoints.contains(&endpoint)
            {
                answer.endpoints.push(endpoint);
            }
        }
    }

    /// The leader and leader epoch of a partition: as its replica here knows them, else as the image
    /// does.
    pub(super) fn current_leader(
        &self,
        topic: &TopicRef,
        partition: PartitionIndex,
    ) -> Option<(BrokerId, LeaderEpoch)> {
        if let Some(replica) =
            self.replicas.resolve(topic, partition).and_then(|slot| self.replicas.get(slot))
        {
            return replica.leader().zip(replica.leader_epoch());
        }
        let topic_id = match &topic.name {
            Some(name) => self.image.topic_id(name)?,
            None => topic.id,
        };
        let state = self.image.partition(topic_id, partition)?;
        Some((state.leader?, state.leader_epoch))
    }

    /// Where a broker listens, if it is alive.
    pub(super) fn endpoint(&self, broker: BrokerId) -> Option<Endpoint> {
        let registration = self.image.broker(broker).filter(|found| !found.fenced)?;
        let listener = registration.listeners.first()?;
        Some(Endpoint {
            broker,
            host: listener.host.clone(),
            port: listener.port,
            rack: registration.rack.clone(),
        })
    }

    /// The name of a partition that a request names, for the story.
    pub(super) fn name_of(&self, topic: &TopicRef, partition: PartitionIndex) -> TopicPartition {
        let name = topic.name.clone();
        let name = name.or_else(|| self.image.topic(topic.id).map(|topic| topic.name.clone()));
        let topic = name.unwrap_or_else(|| topic.id.to_string().into());
        TopicPartition { topic, partition }
    }
}

/// An answer that says only `error`.
fn refused(partition: &ProducePartition, error: ErrorCode) -> Appended {
    Appended {
        answer: ProducePartitionResponse {
            topic: partition.topic.clone(),
            partition: partition.partition,
            error,
            base_offset: None,
            log_append_time: None,
            log_start_offset: None,
            error_message: None,
            current_leader: None,
        },
        waiting: WaitingBatch { slot: u32::MAX, required: Offset(0), pending: false },
        advanced: false,
    }
}

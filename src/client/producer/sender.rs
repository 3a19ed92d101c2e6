//! The sender: batches become requests, answers become outcomes.
//!
//! In Kafka: `Sender`. One produce request per broker that is ready, with at most one batch of each
//! partition; the order within a partition is kept by sequences, or by one request in flight.

use smallvec::SmallVec;

use super::accumulator::TopicSlot;
use super::batch::BatchId;
use super::idempotence::Refusal;
use super::{Producer, Tag};
use crate::fact::Fact;
use crate::feature::mutant;
use crate::ids::{BrokerId, LeaderEpoch, Offset, TopicId, TopicPartition};
use crate::node::{Completion, Failure, Outbox, Peer, Purpose};
use crate::protocol::{
    ErrorCode, ProducePartition, ProducePartitionResponse, ProduceRequest, ProduceResponse,
    Records, RequestBody, ResponseBody, TopicRef,
};

/// The API version of Produce that names topics by id.
const PRODUCE_VERSION: i16 = 13;
/// The last one that names them by name.
const PRODUCE_VERSION_BY_NAME: i16 = 12;

/// The batches of one request.
pub(super) type SentBatches = SmallVec<[BatchId; 4]>;

/// What became of one batch in a request.
#[derive(Clone, Copy, Debug)]
struct Answer {
    error: ErrorCode,
    base_offset: Option<Offset>,
    log_start_offset: Option<Offset>,
    current_leader: Option<(BrokerId, LeaderEpoch)>,
}

impl Answer {
    const fn of_error(error: ErrorCode) -> Self {
        Self { error, base_offset: None, log_start_offset: None, current_leader: None }
    }

    const fn of(partition: &ProducePartitionResponse) -> Self {
        Self {
            error: partition.error,
            base_offset: partition.base_offset,
            log_start_offset: partition.log_start_offset,
            current_leader: partition.current_leader,
        }
    }
}

/// Leaders that an answer named.
type Leaders = Vec<(TopicPartition, BrokerId, LeaderEpoch)>;

impl Producer {
    /// Sends all that can be sent now.
    pub(super) fn run_sender(&mut self, out: &mut Outbox) {
        self.expire_requests(out);
        loop {
            let sent = self.prepare_identity(out) && self.send_producer_data(out);
            let asked = self.network.poll(out);
            // What waits may have been held back by metadata that was due, or fits the next request.
            let goes_on = asked || (sent && self.accumulator.has_undrained());
            if !goes_on {
                break;
            }
        }
        self.overdue.sleep(out.now);
    }

    /// One round: a request to every broker that is ready; true if one left.
    fn send_producer_data(&mut self, out: &mut Outbox) -> bool {
        self.next_check = None;
        if !self.accumulator.has_undrained() && !self.accumulator.may_expire(out.now) {
            return false;
        }
        self.accumulator.refresh(self.network.metadata());
        let ready = self.accumulator.ready(self.network.metadata().update_version(), out.now);
        self.next_check = ready.next_check;
        for batch in ready.leaderless {
            self.give_up(batch, out);
        }
        if !ready.unknown_leader.is_empty() {
            self.ask_for_leaders(&ready.unknown_leader, out);
        }
        let mut drained = std::mem::take(&mut self.drained);
        for node in ready.nodes {
            let can_send = self.can_send(Peer::new(node, Purpose::Client), out);
            self.accumulator.note_latency(node, out.now, can_send);
            if can_send {
                self.drain(node, &mut drained, out);
            }
        }
        for batch in self.accumulator.expired(out.now) {
            self.expire(batch, out);
        }
        let sent = !drained.is_empty();
        for batches in drained.chunk_by(|one, next| one.0 == next.0) {
            self.send_request(batches, out);
        }
        drained.clear();
        self.drained = drained;
        sent
    }

    /// True if a request to `peer` may leave now, or be kept until there is a connection.
    fn can_send(&mut self, peer: Peer, out: &mut Outbox) -> bool {
        if self.settings.personality.sends_unconnected && self.settings.acks != 0 {
            return self.network.outstanding(peer) < self.settings.max_in_flight;
        }
        self.network.ready(peer, out)
    }

    /// A partition has had no leader for too long: its first batch fails.
    fn give_up(&mut self, id: BatchId, out: &mut Outbox) {
        self.accumulator.remove(id);
        self.fail(id, ErrorCode::LeaderNotAvailable, false, out);
        self.accumulator.batches.release(id);
    }

    /// Takes the batches of a request to `node` out: they are in flight from now on.
    fn drain(&mut self, node: BrokerId, drained: &mut Vec<(BrokerId, BatchId)>, out: &Outbox) {
        let max_size = self.settings.max_request_size;
        let before = drained.len();
        if mutant!(out, NewestBatchFirst) {
            self.accumulator.reverse();
        }
        self.accumulator.drain(node, max_size, out.now, self.idempotence.as_mut(), drained);
        for (_, id) in &drained[before..] {
            let batch = &mut self.accumulator.batches[*id];
            batch.in_request = true;
            let queue = &mut self.accumulator.queues[batch.queue.index()];
            queue.in_flight.push(*id);
            queue.muted = self.settings.personality.one_batch_per_partition;
        }
    }

    fn ask_for_leaders(&mut self, topics: &[TopicSlot], out: &Outbox) {
        let metadata = self.network.metadata_mut();
        for topic in topics {
            let topic = &mut self.accumulator.topics[topic.index()];
            topic.last_used = out.now;
            metadata.add(&topic.name, Some(out.now + self.settings.metadata_max_idle));
        }
        if !self.settings.personality.renews_by_age_only {
            metadata.request_update(false);
        }
    }

    /// One request with all these batches, which are for one broker.
    fn send_request(&mut self, drained: &[(BrokerId, BatchId)], out: &mut Outbox) {
        let peer = Peer::new(drained[0].0, Purpose::Client);
        let batches = &mut self.accumulator.batches;
        let mut by_id = true;
        for (_, id) in drained {
            let batch = &mut batches[*id];
            let topic = self.accumulator.queues[batch.queue.index()].topic;
            batch.topic_id = self.accumulator.topics[topic.index()].id;
            by_id &= batch.topic_id != TopicId::ZERO;
        }
        let mut partitions = SmallVec::with_capacity(drained.len());
        for (_, id) in drained {
            let batch = &mut batches[*id];
            let tp = &self.accumulator.queues[batch.queue.index()].tp;
            let topic = if by_id {
                TopicRef { id: batch.topic_id, name: None }
            } else {
                TopicRef::named(&tp.topic)
            };
            let mut records = Records::new();
            records.push(batch.build());
            partitions.push(ProducePartition { topic, partition: tp.partition, records });
        }
        let body = RequestBody::Produce(ProduceRequest {
            transactional_id: None,
            acks: self.settings.acks,
            timeout: self.settings.personality.server_timeout,
            partitions,
        });
        let version = if by_id { PRODUCE_VERSION } else { PRODUCE_VERSION_BY_NAME };
        if self.settings.acks != 0 {
            let tag = Tag::Produce(drained.iter().map(|(_, id)| *id).collect());
            self.network.send(peer, tag, version, body, out);
            return;
        }
        let tag = Tag::Produce(SmallVec::new());
        self.network.send_without_answer(peer, tag, version, body, out);
        // Nobody will say anything about them: sent is as good as it gets.
        for (_, id) in drained {
            self.accumulator.batches[*id].in_request = false;
            self.on_answer(*id, Answer::of_error(ErrorCode::None), &mut Vec::new(), out);
        }
    }

    // ---- answers ----

    /// One of the producer's own requests is over.
    pub(super) fn on_completion(&mut self, done: Completion<Tag>, out: &mut Outbox) {
        let result = done.result.as_ref().map(|response| &response.body).map_err(|why| *why);
        match (done.tag, result) {
            (Tag::InitProducerId, result) => self.on_init_producer_id(result, out),
            (Tag::Produce(sent), Ok(ResponseBody::Produce(response))) => {
                self.on_produce_response(&sent, response, out);
            }
            (Tag::Produce(_), Ok(other)) => unreachable!("{:?} answers Produce", other.api()),
            (Tag::Produce(sent), Err(why)) => {
                if self.settings.personality.looks_for_leader.is_some() {
                    let backoff = self.settings.retry_backoff.after(0, &mut self.backoff_chance);
                    self.accumulator.abandon(done.peer.broker, backoff);
                }
                let error = match why {
                    Failure::TimedOut => ErrorCode::RequestTimedOut,
                    Failure::Disconnected => ErrorCode::NetworkException,
                };
                for batch in sent {
                    self.accumulator.batches[batch].in_request = false;
                    self.on_answer(batch, Answer::of_error(error), &mut Vec::new(), out);
                }
            }
        }
    }

    fn on_produce_response(
        &mut self,
        sent: &SentBatches,
        response: &ProduceResponse,
        out: &mut Outbox,
    ) {
        let mut leaders = Leaders::new();
        for partition in &response.partitions {
            let batch = sent.iter().find(|batch| self.is_answered_by(**batch, partition));
            let batch = *batch.expect("an answer speaks of what was in the request");
            self.accumulator.batches[batch].in_request = false;
            self.on_answer(batch, Answer::of(partition), &mut leaders, out);
        }
        if !leaders.is_empty() {
            self.network.metadata_mut().update_leaders(&leaders, &response.endpoints, out);
        }
    }

    fn is_answered_by(&self, id: BatchId, answer: &ProducePartitionResponse) -> bool {
        let Some(batch) = self.accumulator.batches.get(id) else { return false };
        let tp = &self.accumulator.queues[batch.queue.index()].tp;
        let same_topic = match &answer.topic.name {
            Some(name) => *name == tp.topic,
            None => answer.topic.id == batch.topic_id,
        };
        same_topic && answer.partition == tp.partition
    }

    /// A batch was answered (or its request failed): it is done, or is sent again.
    fn on_answer(&mut self, id: BatchId, answer: Answer, leaders: &mut Leaders, out: &mut Outbox) {
        let Answer { error, .. } = answer;
        let batch = &self.accumulator.batches[id];
        let (queue, attempts) = (batch.queue, batch.attempts);
        if error == ErrorCode::MessageTooLarge && batch.count > 1 && !batch.is_done {
            self.split(id);
        } else if error.is_none() {
            self.complete(id, answer.base_offset, out);
        } else {
            if self.may_retry(id, answer, out) {
                self.retry(id, error, out);
            } else if error == ErrorCode::DuplicateSequenceNumber {
                // The broker has it, but does not remember where.
                self.complete(id, None, out);
            } else {
                self.fail(id, error, attempts < self.settings.retries, out);
            }
            if error.wants_metadata() {
                let names_leader =
                    matches!(error, ErrorCode::NotLeaderOrFollower | ErrorCode::FencedLeaderEpoch);
                if let Some((leader, epoch)) = answer.current_leader.filter(|_| names_leader) {
                    let tp = self.accumulator.queues[queue.index()].tp.clone();
                    leaders.push((tp, leader, epoch));
                }
                // Some look for the leader only when it is time to try again.
                let personality = &self.settings.personality;
                if personality.looks_for_leader.is_none() && !personality.renews_by_age_only {
                    self.network.metadata_mut().request_update(false);
                }
            }
        }
        self.accumulator.queues[queue.index()].muted = false;
        self.accumulator.batches.release(id);
    }

    fn may_retry(&mut self, id: BatchId, answer: Answer, out: &Outbox) -> bool {
        let batch = &self.accumulator.batches[id];
        let Answer { error, log_start_offset, .. } = answer;
        if batch.is_done
            || batch.created + self.settings.delivery_timeout <= out.now
            || batch.attempts >= self.settings.retries
        {
            return false;
        }
        match &mut self.idempotence {
            None => self.settings.personality.retries_after(error),
            Some(idempotence) => {
                let refusal = Refusal { error, log_start_offset };
                idempotence.may_retry(id, refusal, &self.accumulator.batches)
            }
        }
    }

    fn retry(&mut self, id: BatchId, error: ErrorCode, out: &mut Outbox) {
        let batch = &self.accumulator.batches[id];
        let tp = &self.accumulator.queues[batch.queue.index()].tp;
        let records = batch.count as u32;
        out.fact(|| Fact::BatchRetried { tp: tp.clone(), error, records });
        let backoff = self.settings.retry_backoff.after(batch.attempts, &mut self.backoff_chance);
        self.stats.retried += 1;
        self.accumulator.reenqueue(id, out.now, backoff);
        self.accumulator.remove_in_flight(id);
    }

    /// The broker takes no batch of that size: its parts are sent instead.
    fn split(&mut self, id: BatchId) {
        let queue = self.accumulator.batches[id].queue;
        if let Some(idempotence) = &mut self.idempotence {
            idempotence.remove(queue, id);
        }
        for part in self.accumulator.split_and_reenqueue(id) {
            if let Some(idempotence) = &mut self.idempotence {
                idempotence.add_part(queue, part, &self.accumulator.batches);
            }
        }
        // The records in it wait in its parts now.
        self.accumulator.batches.finish(id);
        self.accumulator.remove_in_flight(id);
        self.accumulator.deallocate(id);
    }

    fn complete(&mut self, id: BatchId, base_offset: Option<Offset>, out: &mut Outbox) {
        if let Some(idempotence) = &mut self.idempotence {
            idempotence.on_completed(id, base_offset, &self.accumulator.batches);
        }
        if self.accumulator.batches[id].is_done {
            // It expired before: the application was told that it failed.
            return;
        }
        let waiters = self.accumulator.batches.finish(id);
        let queue = self.accumulator.batches[id].queue;
        let tp = &self.accumulator.queues[queue.index()].tp;
        let now = out.now;
        for (index, waiter) in waiters.iter().enumerate() {
            if mutant!(out, OutcomeForgotten) && waiter.number % 64 == 0 {
                continue;
            }
            if mutant!(out, OutcomeToldTwice) {
                let (tp, latency) = (tp.clone(), now.since(waiter.since));
                let (number, offset) =
                    (waiter.number, base_offset.map(|base| base.plus(index as u64)));
                out.detail(|| Fact::RecordAcked { tp, number, offset, latency });
            }
            out.detail(|| Fact::RecordAcked {
                tp: tp.clone(),
                number: waiter.number,
                offset: base_offset.map(|base| base.plus(index as u64)),
                latency: now.since(waiter.since),
            });
            if let (true, Some(base)) = (self.application.spec.prints, base_offset) {
                let offset = base.plus(index as u64);
                out.fact(|| Fact::OffsetPrinted { tp: tp.clone(), number: waiter.number, offset });
            }
            self.application.on_outcome(waiter.number);
        }
        self.stats.acked += waiters.len() as u64;
        self.accumulator.remove_in_flight(id);
        self.accumulator.deallocate(id);
    }

    /// A batch failed for good. `adjust` when the broker certainly did not take its sequence.
    fn fail(&mut self, id: BatchId, error: ErrorCode, adjust: bool, out: &mut Outbox) {
        if self.accumulator.batches[id].is_done {
            return;
        }
        self.tell_failure(id, error, out);
        if let Some(idempotence) = &mut self.idempotence {
            idempotence.on_failed(id, error, adjust, &self.accumulator.batches);
        }
        self.accumulator.remove_in_flight(id);
        self.accumulator.deallocate(id);
    }

    fn tell_failure(&mut self, id: BatchId, error: ErrorCode, out: &mut Outbox) {
        let waiters = self.accumulator.batches.finish(id);
        let queue = self.accumulator.batches[id].queue;
        let tp = &self.accumulator.queues[queue.index()].tp;
        for waiter in &waiters {
            out.fact(|| Fact::RecordFailed { tp: tp.clone(), number: waiter.number, error });
            self.application.on_outcome(waiter.number);
        }
        self.stats.failed += waiters.len() as u64;
        self.stats.last_error = Some(error);
    }

    /// A batch waited longer than `delivery.timeout.ms`.
    fn expire(&mut self, id: BatchId, out: &mut Outbox) {
        let batch = &self.accumulator.batches[id];
        let is_retry = batch.is_retry();
        self.fail(id, ErrorCode::RequestTimedOut, false, out);
        if let Some(idempotence) = self.idempotence.as_mut().filter(|_| is_retry) {
            // Nothing new is sent until it is known what the broker has.
            idempotence.mark_unresolved(id, &self.accumulator.batches);
        }
        self.accumulator.batches.release(id);
    }

    /// Everything that has no outcome fails.
    pub(super) fn abort_all(&mut self, error: ErrorCode, out: &mut Outbox) {
        for id in self.accumulator.batches.ids() {
            self.accumulator.remove(id);
            self.accumulator.remove_in_flight(id);
            self.tell_failure(id, error, out);
            self.accumulator.deallocate(id);
            self.accumulator.batches.release(id);
        }
    }
}

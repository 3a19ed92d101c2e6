//! What can be sent, what is sent, and what it is too late for.

use smallvec::SmallVec;

use super::accumulator::{Accumulator, Node, QueueId, Ready};
use super::batch::BatchId;
use super::idempotence::Idempotence;
use crate::ids::BrokerId;
use crate::sim::{Duration, Instant};

impl Accumulator {
    /// For which brokers something can be sent, and when to look again; `metadata_version` counts the
    /// answers about metadata.
    pub(super) fn ready(&mut self, metadata_version: u64, now: Instant) -> Ready {
        let mut ready = Ready::default();
        for queue in &self.occupied {
            let queue = &mut self.queues[queue.index()];
            let first = &mut self.batches[queue.batches[0]];
            if !first.is_retry()
                && !queue.muted
                && let Some(backoff) = queue.abandoned.take()
            {
                first.look(now, backoff);
            }
            if let Some(patience) = self.looks_for_leader
                && first.looks_for_leader()
                && first.backs_off_until(now).is_none()
            {
                let asked = *first.asked_for_leader.get_or_insert(metadata_version);
                let gives_up = first.last_attempt + first.backoff + patience;
                let has_leader = asked < metadata_version && queue.leader.is_some();
                if !has_leader && gives_up <= now {
                    ready.leaderless.push(queue.batches[0]);
                    continue;
                }
                if !has_leader {
                    if !ready.unknown_leader.contains(&queue.topic) {
                        ready.unknown_leader.push(queue.topic);
                    }
                    let check = (gives_up, "Metadata.Retry.Max");
                    ready.next_check = Some(ready.next_check.map_or(check, |next| next.min(check)));
                    continue;
                }
            }
            if self.looks_for_leader.is_none() {
                first.see_leader(queue.leader_epoch);
            }
            let Some(leader) = queue.leader else {
                if !ready.unknown_leader.contains(&queue.topic) {
                    ready.unknown_leader.push(queue.topic);
                }
                continue;
            };
            if queue.muted || ready.nodes.contains(&leader) {
                continue;
            }
            let backs_off_until = first.backs_off_until(now);
            let (until, key) = match backs_off_until {
                Some(until) => (until, "retry.backoff.ms"),
                None => (first.last_attempt + self.linger, "linger.ms"),
            };
            let sendable =
                queue.batches.len() > 1 || first.is_full() || until <= now || self.hurry.any();
            if sendable && backs_off_until.is_none() {
                ready.nodes.push(leader);
            } else {
                let check = (until, key);
                ready.next_check = Some(ready.next_check.map_or(check, |next| next.min(check)));
            }
        }
        ready.nodes.sort_unstable();
        ready
    }

    /// The connection to `node` broke: of each partition it leads, the next batch that was not sent before
    /// waits for `backoff` and looks for a leader.
    pub(super) fn abandon(&mut self, node: BrokerId, backoff: Duration) {
        for queue in self.queues.iter_mut().filter(|queue| queue.leader == Some(node)) {
            queue.abandoned = Some(backoff);
        }
    }

    /// Something is ready for `node`; `can_send` if a request can leave now.
    pub(super) fn note_latency(&mut self, node: BrokerId, now: Instant, can_send: bool) {
        let node = self.nodes.binary_search_by_key(&node, |node| node.broker);
        if let (Ok(node), false) = (node, self.availability_timeout.is_zero()) {
            let (ready, drained) = self.nodes[node].latency.get_or_insert((now, now));
            *ready = now;
            if can_send {
                *drained = now;
            }
        }
    }

    /// Takes out the batches for one request to `node`: at most one of each partition it leads. A drain
    /// begins where the one before ended, so that all partitions have their turn.
    pub(super) fn drain(
        &mut self,
        node: BrokerId,
        max_size: u64,
        now: Instant,
        mut idempotence: Option<&mut Idempotence>,
        drained: &mut Vec<(BrokerId, BatchId)>,
    ) {
        let before = drained.len();
        let Ok(known) = self.nodes.binary_search_by_key(&node, |node| node.broker) else {
            return;
        };
        let Node { partitions: count, ended_at, .. } = self.nodes[known];
        if count == 0 {
            return;
        }
        let start = ended_at % count;
        let mut turn: SmallVec<[(u32, QueueId); 8]> = SmallVec::new();
        for id in &self.occupied {
            let queue = &self.queues[id.index()];
            if queue.leader == Some(node) && !queue.muted {
                turn.push(((queue.place + count - start) % count, *id));
            }
        }
        turn.sort_unstable();
        let mut size = 0;
        let mut end = (start + count - 1) % count;
        for (nth, id) in turn {
            let queue = &mut self.queues[id.index()];
            let first_id = queue.batches[0];
            let first = &mut self.batches[first_id];
            if self.looks_for_leader.is_none() {
                first.see_leader(queue.leader_epoch);
            }
            if first.backs_off_until(now).is_some() {
                continue;
            }
            let too_large = size + first.size() > max_size && drained.len() > before;
            let held_back = idempotence
                .as_deref_mut()
                .is_some_and(|idempotence| idempotence.holds_back(id, first_id, &self.batches));
            if too_large || held_back {
                // Kafka ends the whole drain here, also for the partitions that come after.
                end = (start + nth) % count;
                break;
            }
            self.pop_front(id);
            if let Some(idempotence) = idempotence.as_deref_mut()
                && self.batches[first_id].sequence.is_none()
            {
                idempotence.assign(id, first_id, &mut self.batches);
            }
            let batch = &mut self.batches[first_id];
            batch.build();
            size += batch.size();
            let queue = &mut self.queues[id.index()];
            queue.expected = batch.plain_len();
            if let Some(observed) = batch.observed_ratio() {
                // A batch that is sent again is counted again.
                let topic = &mut self.topics[queue.topic.index()];
                topic.ratio = topic.ratio.after(observed);
            }
            drained.push((node, first_id));
        }
        self.nodes[known].ended_at = end;
    }

    /// Puts a batch back that failed and may be sent again: first in its queue, or where its
    /// sequence belongs.
    pub(super) fn reenqueue(&mut self, id: BatchId, now: Instant, backoff: Duration) {
        self.batches[id].reenqueued(now, backoff);
        self.insert(id);
    }

    fn insert(&mut self, id: BatchId) {
        let queue = self.batches[id].queue;
        let batches = &self.batches;
        let waiting = &mut self.queues[queue.index()].batches;
        let place = match batches[id].sequence {
            None => 0,
            Some(sequence) => {
                let is_before = |other: &BatchId| {
                    batches[*other].sequence.is_some_and(|other| other.base < sequence.base)
                };
                waiting.iter().take_while(|other| is_before(other)).count()
            }
        };
        waiting.insert(place, id);
        self.occupy(queue);
    }

    /// Cuts a batch that the broker found too large, and puts the parts into its queue.
    pub(super) fn split_and_reenqueue(&mut self, id: BatchId) -> Vec<BatchId> {
        let batch = &self.batches[id];
        let queue = batch.queue;
        if let Some(observed) = batch.observed_ratio() {
            let topic = self.queues[queue.index()].topic;
            self.topics[topic.index()].ratio = observed.after_split();
        }
        let packing = self.packing(queue);
        let parts = self.batches[id].split(self.batch_size, packing);
        let mut ids = Vec::with_capacity(parts.len());
        for part in parts.into_iter().rev() {
            let part = self.batches.insert(part);
            self.insert(part);
            ids.push(part);
        }
        ids
    }

    /// True if a batch's delivery timeout may have passed.
    pub(super) fn may_expire(&self, now: Instant) -> bool {
        self.next_expiry <= now
    }

    /// Takes the batches out whose delivery timeout has passed, those that wait first.
    pub(super) fn expired(&mut self, now: Instant) -> Vec<BatchId> {
        if !self.may_expire(now) {
            return Vec::new();
        }
        let (mut in_flight, mut expired) = (Vec::new(), Vec::new());
        let mut next_expiry = Instant::FAR_FUTURE;
        let expires_at = |id: &BatchId| self.batches[*id].created + self.delivery_timeout;
        for queue in &mut self.queues {
            let count = queue.in_flight.iter().take_while(|id| expires_at(id) <= now).count();
            in_flight.extend(queue.in_flight.drain(..count));
            let count = queue.batches.iter().take_while(|id| expires_at(id) <= now).count();
            expired.extend(queue.batches.drain(..count));
            let left = queue.in_flight.iter().chain(&queue.batches).map(expires_at);
            next_expiry = left.filter(|at| *at > now).fold(next_expiry, Instant::min);
        }
        let queues = &self.queues;
        self.occupied.retain(|queue| !queues[queue.index()].batches.is_empty());
        self.next_expiry = next_expiry;
        expired.extend(in_flight);
        expired
    }
}

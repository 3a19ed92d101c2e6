//! Fetching: one request per broker at a time, for the partitions whose records are used up.
//!
//! In Kafka: `Fetcher`, `AbstractFetch`; KIP-74 (limits), KIP-227 (sessions), KIP-320 (epochs),
//! KIP-392 (reading from followers), KIP-951 (leaders named in answers).

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::completed_fetch::CompletedFetch;
use super::partition::{FetchPosition, LeaderAndEpoch};
use super::session::{NodeSession, SessionRequest, Wanted};
use super::step::{Step, Tag};
use super::subscription::in_fetch_order;
use crate::config::IsolationLevel;
use crate::ids::{BrokerId, LeaderEpoch, Name, TopicPartition, Uuid};
use crate::protocol::{
    ErrorCode, FetchPartition, FetchRequest, Fetcher as FetchedBy, Isolation, RequestBody,
    Response, ResponseBody, TopicRef,
};

/// Fetch with topic ids, and the newest version without.
const FETCH_VERSION: i16 = 18;
const FETCH_VERSION_WITHOUT_IDS: i16 = 12;

/// Sends fetches and keeps what they brought.
#[derive(Clone, Debug, Default)]
pub(super) struct Fetcher {
    /// What answers brought and nobody has looked at yet.
    pub(super) completed: VecDeque<CompletedFetch>,
    /// What is being handed out.
    pub(super) next_in_line: Option<CompletedFetch>,
    nodes: BTreeMap<BrokerId, NodeSession>,
}

impl Fetcher {
    /// Sends a fetch to every broker that leads partitions without buffered records and owes no
    /// answer. True if a partition that could be fetched had to be left out for want of a leader,
    /// or of a connection to it.
    pub(super) fn send_fetches(&mut self, step: &mut Step) -> bool {
        let mut unbuffered = self.fetchable_without_buffer(step);
        if unbuffered.is_empty() {
            return false;
        }
        in_fetch_order(&mut unbuffered, |(key, ..)| *key);
        let buffered_nodes = self.nodes_of_buffered(step);
        let mut by_node: BTreeMap<BrokerId, Wanted> = BTreeMap::new();
        let mut left_out = false;
        for (_, tp, position) in unbuffered {
            let Some(node) = node_for(&tp, position, step) else {
                left_out = true;
                continue;
            };
            if step.is_unavailable(Step::node(node)) {
                left_out = true;
            } else if self.is_pending(node) || buffered_nodes.contains(&node) {
                // The answer, or the next poll, makes room. Leaving out the buffered partitions of
                // a broker would drop them from its session.
            } else {
                let request = fetch_partition(&tp, position, step);
                by_node.entry(node).or_default().push((tp, request));
            }
        }
        for (node, wanted) in by_node {
            self.send_fetch(node, wanted, step);
        }
        left_out
    }

    /// The partitions to fetch, with Java's hash codes and places.
    fn fetchable_without_buffer(
        &self,
        step: &Step,
    ) -> Vec<((i32, u64), TopicPartition, FetchPosition)> {
        let partitions = step.subscriptions.partitions().iter();
        let fetchable = partitions
            .filter(|(tp, state)| state.is_fetchable() && !state.has_backlog && !self.buffers(tp));
        let with_position = fetchable.map(|(tp, state)| {
            let position = state.position().expect("a fetchable partition has a position");
            ((state.hash, state.place), tp.clone(), position)
        });
        with_position.collect()
    }

    fn buffers(&self, tp: &TopicPartition) -> bool {
        self.next_in_line.as_ref().is_some_and(|fetch| !fetch.is_consumed() && fetch.tp == *tp)
            || self.completed.iter().any(|fetch| fetch.tp == *tp)
    }

    fn is_pending(&self, node: BrokerId) -> bool {
        self.nodes.get(&node).is_some_and(|session| session.pending)
    }

    /// The brokers that would be asked for what is buffered.
    fn nodes_of_buffered(&self, step: &mut Step) -> Vec<BrokerId> {
        let in_line = self.next_in_line.iter().filter(|fetch| !fetch.is_consumed());
        let buffered = in_line.chain(&self.completed);
        let node = |fetch: &CompletedFetch| {
            let state = step.subscriptions.get(&fetch.tp).filter(|state| state.is_fetchable())?;
            let position = state.position().expect("a fetchable partition has a position");
            node_for(&fetch.tp, position, step)
        };
        buffered.filter_map(node).collect()
    }

    fn send_fetch(&mut self, node: BrokerId, wanted: Wanted, step: &mut Step) {
        let session = self.nodes.entry(node).or_default();
        let by_id = wanted.iter().all(|(_, request)| request.topic.id != Uuid::ZERO);
        let request = session.build(wanted, step.personality.has_fetch_sessions);
        session.pending = true;
        let version = if by_id { FETCH_VERSION } else { FETCH_VERSION_WITHOUT_IDS };
        let body = fetch_request(request, step);
        step.send(Step::node(node), Tag::Fetch, version, body);
    }

    // ---- answers ----

    /// An answer came: it is buffered until the application polls.
    pub(super) fn on_response(
        &mut self,
        node: BrokerId,
        response: &Arc<Response>,
        step: &mut Step,
    ) {
        let ResponseBody::Fetch(fetch) = &response.body else {
            unreachable!("Fetch is answered by Fetch")
        };
        let session = self.nodes.get_mut(&node).expect("a session was begun before it was asked");
        if !session.on_response(fetch) {
            if fetch.error == ErrorCode::FetchSessionTopicIdError {
                step.request_metadata(false);
            }
            return;
        }
        let mut leaders = Vec::new();
        for (index, partition) in fetch.partitions.iter().enumerate() {
            let Some((tp, offset)) = session.asked(&partition.topic, partition.partition) else {
                continue;
            };
            let is_elsewhere = matches!(
                partition.error,
                ErrorCode::NotLeaderOrFollower | ErrorCode::FencedLeaderEpoch
            );
            if let Some((leader, epoch)) = partition.current_leader.filter(|_| is_elsewhere) {
                leaders.push((tp.clone(), leader, epoch));
            }
            let completed = CompletedFetch::new(tp, response.clone(), index, offset);
            self.completed.push_back(completed);
        }
        if !leaders.is_empty() {
            take_leaders(&leaders, fetch, step);
        }
    }

    /// There was no answer.
    pub(super) fn on_failure(&mut self, node: BrokerId, step: &mut Step) {
        let session = self.nodes.get_mut(&node).expect("a session was begun before it was asked");
        session.on_failure();
        for tp in session.partitions() {
            if let Some(state) = step.subscriptions.get_mut(tp) {
                state.clear_preferred_read_replica();
            }
        }
    }

    // ---- the end ----

    /// Ends the sessions with all brokers that can be reached; how many answers are to come.
    pub(super) fn close_sessions(&mut self, step: &mut Step) -> usize {
        let mut sent = 0;
        if !step.personality.has_fetch_sessions {
            return sent;
        }
        for (node, session) in &mut self.nodes {
            let is_known = step.client.metadata().brokers().contains_key(node);
            if is_known && !step.is_unavailable(Step::node(*node)) {
                let body = fetch_request(session.close(), step);
                step.send(Step::node(*node), Tag::CloseSession, FETCH_VERSION, body);
                sent += 1;
            }
        }
        sent
    }
}

/// Where to fetch `tp` from: the replica its leader named, or else the leader.
fn node_for(tp: &TopicPartition, position: FetchPosition, step: &mut Step) -> Option<BrokerId> {
    let Some(leader) = position.leader.leader else {
        step.request_metadata(false);
        return None;
    };
    let now = step.now();
    let preferred = step.subscriptions.get_mut(tp)?.preferred_read_replica(now);
    let Some(preferred) = preferred else { return Some(leader) };
    let metadata = step.client.metadata();
    let is_online = metadata.brokers().contains_key(&preferred)
        && metadata.partition(tp).is_some_and(|known| {
            known.replicas.contains(&preferred) && !known.offline.contains(&preferred)
        });
    if is_online {
        return Some(preferred);
    }
    request_metadata_for(tp, step);
    Some(leader)
}

/// Something is wrong with where `tp` was fetched from.
pub(super) fn request_metadata_for(tp: &TopicPartition, step: &mut Step) {
    step.request_metadata(false);
    if let Some(state) = step.subscriptions.get_mut(tp) {
        state.clear_preferred_read_replica();
    }
}

fn fetch_partition(tp: &TopicPartition, position: FetchPosition, step: &Step) -> FetchPartition {
    let topic = step.client.metadata().topic(&tp.topic);
    let topic = topic.filter(|_| step.personality.has_fetch_sessions);
    let id = topic.map_or(Uuid::ZERO, |topic| topic.id);
    let name = |topic: &Name| (id == Uuid::ZERO).then(|| topic.clone());
    FetchPartition {
        topic: TopicRef { id, name: name(&tp.topic) },
        partition: tp.partition,
        current_leader_epoch: position.leader.epoch,
        fetch_offset: position.offset,
        last_fetched_epoch: None,
        log_start_offset: None,
        max_bytes: step.config.max_partition_fetch_bytes as u32,
    }
}

fn fetch_request(request: SessionRequest, step: &Step) -> RequestBody {
    let config = step.config;
    let rack = &config.client_rack;
    RequestBody::Fetch(FetchRequest {
        fetcher: FetchedBy::Consumer,
        max_wait: config.fetch_max_wait,
        min_bytes: config.fetch_min_bytes as u32,
        max_bytes: config.fetch_max_bytes as u32,
        isolation: match config.isolation_level {
            IsolationLevel::ReadUncommitted => Isolation::ReadUncommitted,
            IsolationLevel::ReadCommitted => Isolation::ReadCommitted,
        },
        session: request.session,
        partitions: request.partitions.into_iter().map(|(_, partition)| partition).collect(),
        forgotten: request.forgotten,
        rack: (!rack.is_empty()).then(|| rack.clone()),
    })
}

/// Takes leaders that an answer named, and holds the positions against them (KIP-951).
fn take_leaders(
    leaders: &[(TopicPartition, BrokerId, LeaderEpoch)],
    fetch: &crate::protocol::FetchResponse,
    step: &mut Step,
) {
    let metadata = step.client.metadata_mut();
    if !metadata.update_leaders(leaders, &fetch.endpoints, step.out) {
        return;
    }
    for (tp, leader, epoch) in leaders {
        let current = step.current_leader(tp);
        let told = LeaderAndEpoch { leader: Some(*leader), epoch: Some(*epoch) };
        if current == told
            && let Some(state) = step.subscriptions.get_mut(tp)
        {
            state.maybe_validate(current);
        }
    }
}

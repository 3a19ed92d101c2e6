//! Fetching: one request per broker at a time, for the partitions whose records are used up.
//!
//! In Kafka: `Fetcher`, `AbstractFetch`; KIP-74 (limits), KIP-227 (sessions), KIP-320 (epochs),
//! KIP-392 (reading from followers), KIP-951 (leaders named in answers).

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use smallvec::SmallVec;

use super::completed_fetch::CompletedFetch;
use super::partition::{LeaderAndEpoch, PartitionState};
use super::session::{NodeSession, SessionRequest, Wanted};
use super::step::{Step, Tag};
use super::subscription::fetch_table;
use crate::client::NetworkClient;
use crate::config::{ConsumerConfig, IsolationLevel};
use crate::ids::{BrokerId, LeaderEpoch, Name, TopicPartition, Uuid};
use crate::node::Outbox;
use crate::protocol::{
    ErrorCode, FetchPartition, FetchRequest, Fetcher as FetchedBy, Isolation, RequestBody,
    Response, ResponseBody, TopicRef,
};
use crate::sim::Instant;

/// Fetch with topic ids, and the newest version without.
const FETCH_VERSION: i16 = 18;
const FETCH_VERSION_WITHOUT_IDS: i16 = 12;

/// Whether a broker may be asked for records now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Free,
    /// It owes an answer, or what it answered is not used up.
    Occupied,
    /// It cannot be reached.
    Unavailable,
}

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
        let is_unbuffered = |tp: &TopicPartition, state: &PartitionState| {
            state.is_fetchable() && !state.has_backlog && !self.buffers(tp)
        };
        let mut partitions = step.subscriptions.partitions().iter();
        if !partitions.any(|(tp, state)| is_unbuffered(tp, state)) {
            return false;
        }
        let mut nodes = self.nodes_of_buffered(step);
        let Step { config, client, subscriptions, out, personality, .. } = step;
        let in_session = personality.has_fetch_sessions;
        let mut wanted: SmallVec<[(BrokerId, &TopicPartition, &PartitionState); 8]> =
            SmallVec::new();
        let (mut count, mut left_out) = (0, false);
        for (tp, state) in subscriptions.iter_mut() {
            if !is_unbuffered(tp, state) {
                continue;
            }
            count += 1;
            let Some(node) = node_for(tp, state, client, out.now) else {
                left_out = true;
                continue;
            };
            let known = nodes.iter().find(|(known, _)| *known == node);
            let known = known.map(|(_, standing)| *standing);
            let standing = known.unwrap_or_else(|| {
                let standing = self.standing(node, client, out.now);
                nodes.push((node, standing));
                standing
            });
            match standing {
                Standing::Unavailable => left_out = true,
                // The answer, or the next poll, makes room. Leaving out the buffered partitions of
                // a broker would drop them from its session.
                Standing::Occupied => {}
                Standing::Free => wanted.push((node, tp, state)),
            }
        }
        let table = fetch_table(count);
        wanted.sort_unstable_by_key(|(node, _, state)| {
            (*node, table.bucket(state.hash), state.place)
        });
        for of_node in wanted.chunk_by(|one, next| one.0 == next.0) {
            let partitions: SmallVec<[Wanted; 4]> = of_node
                .iter()
                .map(|(_, tp, state)| (*tp, fetch_partition(tp, state, client, config, in_session)))
                .collect();
            self.send_fetch(of_node[0].0, &partitions, in_session, config, client, out);
        }
        left_out
    }

    fn buffers(&self, tp: &TopicPartition) -> bool {
        self.next_in_line.as_ref().is_some_and(|fetch| !fetch.is_consumed() && fetch.tp == *tp)
            || self.completed.iter().any(|fetch| fetch.tp == *tp)
    }

    /// Whether `node` may be asked now.
    fn standing(&self, node: BrokerId, client: &NetworkClient<Tag>, now: Instant) -> Standing {
        if client.is_backing_off(Step::node(node), now) {
            Standing::Unavailable
        } else if self.nodes.get(&node).is_some_and(|session| session.pending) {
            Standing::Occupied
        } else {
            Standing::Free
        }
    }

    /// The brokers that would be asked for what is buffered: they are not asked for anything else.
    fn nodes_of_buffered(&self, step: &mut Step) -> SmallVec<[(BrokerId, Standing); 4]> {
        let in_line = self.next_in_line.iter().filter(|fetch| !fetch.is_consumed());
        let buffered = in_line.chain(&self.completed);
        let node = |fetch: &CompletedFetch| {
            let now = step.now();
            let state = step.subscriptions.get_mut(&fetch.tp);
            let state = state.filter(|state| state.is_fetchable())?;
            let node = node_for(&fetch.tp, state, step.client, now)?;
            let standing = match self.standing(node, step.client, now) {
                Standing::Unavailable => Standing::Unavailable,
                Standing::Occupied | Standing::Free => Standing::Occupied,
            };
            Some((node, standing))
        };
        buffered.filter_map(node).collect()
    }

    fn send_fetch(
        &mut self,
        node: BrokerId,
        wanted: &[Wanted],
        in_session: bool,
        config: &ConsumerConfig,
        client: &mut NetworkClient<Tag>,
        out: &mut Outbox,
    ) {
        let session = self.nodes.entry(node).or_default();
        let by_id = wanted.iter().all(|(_, request)| request.topic.id != Uuid::ZERO);
        let request = session.build(wanted, in_session);
        session.pending = true;
        let version = if by_id { FETCH_VERSION } else { FETCH_VERSION_WITHOUT_IDS };
        let body = fetch_request(request, config);
        client.send(Step::node(node), Tag::Fetch, version, body, out);
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
                let body = fetch_request(session.close(), step.config);
                step.send(Step::node(*node), Tag::CloseSession, FETCH_VERSION, body);
                sent += 1;
            }
        }
        sent
    }
}

/// Where to fetch `tp` from: the replica its leader named, or else the leader.
fn node_for(
    tp: &TopicPartition,
    state: &mut PartitionState,
    client: &mut NetworkClient<Tag>,
    now: Instant,
) -> Option<BrokerId> {
    let position = state.position().expect("a fetchable partition has a position");
    let Some(leader) = position.leader.leader else {
        client.metadata_mut().request_update(false);
        return None;
    };
    let Some(preferred) = state.preferred_read_replica(now) else { return Some(leader) };
    let metadata = client.metadata_mut();
    let is_online = metadata.brokers().contains_key(&preferred)
        && metadata.partition(tp).is_some_and(|known| {
            known.replicas.contains(&preferred) && !known.offline.contains(&preferred)
        });
    if is_online {
        return Some(preferred);
    }
    metadata.request_update(false);
    state.clear_preferred_read_replica();
    Some(leader)
}

/// Something is wrong with where `tp` was fetched from.
pub(super) fn request_metadata_for(tp: &TopicPartition, step: &mut Step) {
    step.request_metadata(false);
    if let Some(state) = step.subscriptions.get_mut(tp) {
        state.clear_preferred_read_replica();
    }
}

fn fetch_partition(
    tp: &TopicPartition,
    state: &PartitionState,
    client: &NetworkClient<Tag>,
    config: &ConsumerConfig,
    has_ids: bool,
) -> FetchPartition {
    let position = state.position().expect("a fetchable partition has a position");
    let topic = client.metadata().topic(&tp.topic).filter(|_| has_ids);
    let id = topic.map_or(Uuid::ZERO, |topic| topic.id);
    let name = |topic: &Name| (id == Uuid::ZERO).then(|| topic.clone());
    FetchPartition {
        topic: TopicRef { id, name: name(&tp.topic) },
        partition: tp.partition,
        current_leader_epoch: position.leader.epoch,
        fetch_offset: position.offset,
        last_fetched_epoch: None,
        log_start_offset: None,
        max_bytes: config.max_partition_fetch_bytes as u32,
    }
}

fn fetch_request(request: SessionRequest, config: &ConsumerConfig) -> RequestBody {
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
        partitions: request.partitions,
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

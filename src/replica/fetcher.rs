//! How a follower copies from a leader: one fetcher per leader, with all partitions it leads.
//!
//! In Kafka: `ReplicaFetcherThread`, `AbstractFetcherThread`, `RemoteLeaderEndPoint`; KIP-227
//! (sessions), KIP-595 and KAFKA-10487 (truncation on fetch). Left out: several fetchers per leader
//! (`num.replica.fetchers`), throttling, tiered storage.

use std::collections::BTreeMap;

use crate::ids::{LeaderEpoch, Offset, TopicIdPartition};
use crate::protocol::{FetchPartition, FetchSession, SessionRef, TopicRef};
use crate::sim::Instant;

/// What a fetcher does for one replica.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchState {
    /// The partition.
    pub id: TopicIdPartition,
    /// The leader epoch it fetches in.
    pub leader_epoch: LeaderEpoch,
    /// The next offset it wants.
    pub fetch_offset: Offset,
    /// The epoch of the last record it has.
    pub last_fetched_epoch: Option<LeaderEpoch>,
    /// Its log start offset.
    pub log_start_offset: Offset,
    /// Not before then: something went wrong.
    pub delayed_until: Option<Instant>,
    /// The leader was asked where its log begins and ends.
    pub resolving: bool,
    /// The leader's session holds it, as it is here.
    sent: bool,
    /// The leader's session holds it, as it was at some time.
    in_session: bool,
}

/// The next request of a fetcher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextFetch {
    /// The session it belongs to.
    pub session: SessionRef,
    /// The slots of what is named, in order.
    pub named: Vec<u32>,
    /// What leaves the session: it may be that there is no replica of it here any more.
    pub forgotten: Vec<TopicIdPartition>,
}

/// The copying from one leader.
#[derive(Clone, Debug, Default)]
pub struct ReplicaFetcher {
    /// Where it is in its session with the leader.
    pub session: FetchSession,
    partitions: BTreeMap<u32, FetchState>,
    /// What is in the leader's session and not fetched any more, by slot.
    dropped: Vec<(u32, TopicIdPartition)>,
    /// What may have changed since the last request.
    changed: Vec<u32>,
    /// What the session holds: offset and epoch, as last asked.
    held: BTreeMap<u32, (Offset, LeaderEpoch)>,
    /// No delay ends before; none when nothing is delayed.
    earliest_wake: Option<Instant>,
    /// A fetch, or a question for offsets, is on its way.
    pub busy: bool,
}

impl ReplicaFetcher {
    /// Begins to fetch for the replica in `slot`, or begins anew.
    pub fn add(&mut self, slot: u32, start: FetchStart) {
        let in_session = self.held.contains_key(&slot);
        self.dropped.retain(|(dropped, _)| *dropped != slot);
        let state = FetchState {
            id: start.id,
            leader_epoch: start.leader_epoch,
            fetch_offset: start.fetch_offset,
            last_fetched_epoch: start.last_fetched_epoch,
            log_start_offset: start.log_start_offset,
            delayed_until: None,
            resolving: false,
            sent: false,
            in_session,
        };
        self.partitions.insert(slot, state);
        self.changed.push(slot);
    }

    /// Fetches no more for the replica in `slot`.
    pub fn remove(&mut self, slot: u32) {
        if let Some(state) = self.partitions.remove(&slot)
            && state.in_session
        {
            self.dropped.push((slot, state.id));
        }
    }

    /// True when there is nothing to fetch.
    pub fn is_empty(&self) -> bool {
        self.partitions.is_empty()
    }

    /// True if what is fetched for the replica in `slot` is still what was asked last: else the
    /// answer comes too late for it.
    pub fn is_as_asked(&self, slot: u32) -> bool {
        self.partitions.get(&slot).is_some_and(|state| {
            state.delayed_until.is_none()
                && !state.resolving
                && self.held.get(&slot) == Some(&(state.fetch_offset, state.leader_epoch))
        })
    }

    /// What is fetched for the replica in `slot`.
    pub fn get(&self, slot: u32) -> Option<&FetchState> {
        self.partitions.get(&slot)
    }

    /// The slots that are fetched for, in order.
    pub fn slots(&self) -> impl Iterator<Item = u32> {
        self.partitions.keys().copied()
    }

    /// All that is fetched, by slot.
    pub fn states(&self) -> impl Iterator<Item = (u32, &FetchState)> {
        self.partitions.iter().map(|(slot, state)| (*slot, state))
    }

    /// Changes what is fetched for the replica in `slot`.
    pub fn update(&mut self, slot: u32, change: impl FnOnce(&mut FetchState)) {
        if let Some(state) = self.partitions.get_mut(&slot) {
            change(state);
            state.sent = false;
            self.changed.push(slot);
        }
    }

    /// Leaves a replica alone until `until`.
    pub fn delay(&mut self, slot: u32, until: Instant) {
        self.update(slot, |state| {
            if state.delayed_until.is_none() {
                state.delayed_until = Some(until);
            }
        });
        let earliest = self.earliest_wake.map_or(until, |earliest| earliest.min(until));
        self.earliest_wake = Some(earliest);
    }

    /// Leaves all replicas alone until `until`: a request failed as a whole.
    pub fn delay_all(&mut self, until: Instant) {
        let slots: Vec<u32> = self.slots().collect();
        for slot in slots {
            self.delay(slot, until);
        }
    }

    /// Ends the delays that are over.
    pub fn wake(&mut self, now: Instant) {
        if self.earliest_wake.is_none_or(|earliest| earliest > now) {
            return;
        }
        let over: Vec<u32> = self
            .states()
            .filter(|(_, state)| state.delayed_until.is_some_and(|until| until <= now))
            .map(|(slot, _)| slot)
            .collect();
        for slot in over {
            self.update(slot, |state| state.delayed_until = None);
        }
        self.earliest_wake = self.next_wake();
    }

    /// The first end of a delay, if anything is delayed.
    pub fn next_wake(&self) -> Option<Instant> {
        self.partitions.values().filter_map(|state| state.delayed_until).min()
    }

    /// What to ask next; none when nothing can be asked.
    pub fn next_fetch(&mut self) -> Option<NextFetch> {
        let ready = |state: &FetchState| state.delayed_until.is_none() && !state.resolving;
        if !self.partitions.values().any(ready) {
            return None;
        }
        let full = self.session.is_full();
        let mut changed = std::mem::take(&mut self.changed);
        if full {
            self.held.clear();
            self.dropped.clear();
            changed = self.partitions.keys().copied().collect();
            for state in self.partitions.values_mut() {
                (state.sent, state.in_session) = (false, false);
            }
        }
        changed.sort_unstable();
        changed.dedup();
        let mut forgotten = std::mem::take(&mut self.dropped);
        let mut named = Vec::new();
        for slot in changed {
            let Some(state) = self.partitions.get_mut(&slot) else { continue };
            if ready(state) {
                if !state.sent {
                    (state.sent, state.in_session) = (true, true);
                    self.held.insert(slot, (state.fetch_offset, state.leader_epoch));
                    named.push(slot);
                }
            } else if state.in_session {
                state.in_session = false;
                forgotten.push((slot, state.id));
            }
        }
        for (slot, _) in &forgotten {
            self.held.remove(slot);
        }
        let forgotten = forgotten.into_iter().map(|(_, id)| id).collect();
        Some(NextFetch { session: self.session.next(), named, forgotten })
    }

    /// The request for the replica in `slot`.
    pub fn request_for(&self, slot: u32, max_bytes: u32) -> FetchPartition {
        let state = &self.partitions[&slot];
        FetchPartition {
            topic: TopicRef { id: state.id.topic_id, name: None },
            partition: state.id.partition,
            current_leader_epoch: Some(state.leader_epoch),
            fetch_offset: state.fetch_offset,
            last_fetched_epoch: state.last_fetched_epoch,
            log_start_offset: Some(state.log_start_offset),
            max_bytes,
        }
    }
}

/// Where a follower begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchStart {
    /// The partition.
    pub id: TopicIdPartition,
    /// The leader epoch to fetch in.
    pub leader_epoch: LeaderEpoch,
    /// The next offset it wants.
    pub fetch_offset: Offset,
    /// The epoch of the last record it has.
    pub last_fetched_epoch: Option<LeaderEpoch>,
    /// Its log start offset.
    pub log_start_offset: Offset,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{PartitionIndex, Uuid};

    fn start(partition: i32) -> FetchStart {
        FetchStart {
            id: id(partition),
            leader_epoch: LeaderEpoch(0),
            fetch_offset: Offset(0),
            last_fetched_epoch: None,
            log_start_offset: Offset(0),
        }
    }

    fn id(partition: i32) -> TopicIdPartition {
        TopicIdPartition { topic_id: Uuid(7), partition: PartitionIndex(partition) }
    }

    #[test]
    fn what_is_not_fetched_any_more_leaves_the_session_by_its_id() {
        let mut fetcher = ReplicaFetcher::default();
        fetcher.add(0, start(3));
        fetcher.add(1, start(4));
        let first = fetcher.next_fetch().expect("two partitions are wanted");
        assert_eq!((first.named, first.forgotten), (vec![0, 1], vec![]));
        fetcher
            .session
            .on_response(&crate::protocol::FetchResponse { session_id: 9, ..Default::default() });
        fetcher.remove(0);
        let next = fetcher.next_fetch().expect("one partition is wanted");
        assert_eq!((next.named, next.forgotten), (vec![], vec![id(3)]));
    }
}

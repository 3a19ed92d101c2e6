//! The fetch session with one broker: each request names only what changed since the last.
//!
//! In Kafka: `FetchSessionHandler` (KIP-227). Left out: checking that a broker answers about the
//! partitions of the session only.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use crate::ids::{Name, Offset, PartitionIndex, TopicId, TopicIdPartition, TopicPartition};
use crate::protocol::{FetchPartition, FetchResponse, FetchSession, SessionRef, TopicRef};

/// A partition that is to be fetched from a broker, and how.
pub(super) type Wanted<'a> = (&'a TopicPartition, FetchPartition);

/// The parts of a Fetch request that a session decides.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SessionRequest {
    pub(super) session: SessionRef,
    pub(super) partitions: SmallVec<[FetchPartition; 1]>,
    pub(super) forgotten: Vec<TopicIdPartition>,
}

#[derive(Clone, Debug)]
struct SessionPartition {
    request: FetchPartition,
    /// Changed partitions are named in the order in which they came into the session.
    place: u64,
}

/// The session with one broker, and whether it still owes an answer.
#[derive(Clone, Debug, Default)]
pub(super) struct NodeSession {
    session: FetchSession,
    partitions: BTreeMap<TopicPartition, SessionPartition>,
    names: BTreeMap<TopicId, Name>,
    places: u64,
    /// A request is on its way.
    pub(super) pending: bool,
}

impl NodeSession {
    /// The next request, if `wanted` is to be fetched from now on, in this order; outside of any
    /// session if there shall be none.
    pub(super) fn build(&mut self, wanted: &[Wanted], in_session: bool) -> SessionRequest {
        if !in_session {
            self.session.close();
        }
        if self.session.is_full() {
            self.partitions.clear();
            for (tp, request) in wanted {
                self.put(tp, request);
            }
            return self.request(wanted.iter().map(|(_, request)| request), Vec::new());
        }
        let mut added: SmallVec<[&Wanted; 4]> = SmallVec::new();
        let mut changed: SmallVec<[(u64, &FetchPartition); 8]> = SmallVec::new();
        let mut stay = 0;
        for one in wanted {
            let (tp, request) = one;
            match self.partitions.get_mut(*tp) {
                Some(known) if known.request.topic.id == request.topic.id => {
                    stay += 1;
                    if known.request != *request {
                        known.request = request.clone();
                        changed.push((known.place, request));
                    }
                }
                // Not there yet, or a topic that was made anew.
                _ => added.push(one),
            }
        }
        let everything = stay == self.partitions.len();
        let forgotten = if everything { Vec::new() } else { self.forget_all_but(wanted) };
        for (tp, request) in &added {
            self.put(tp, request);
        }
        changed.sort_unstable_by_key(|(place, _)| *place);
        let added = added.into_iter().map(|(_, request)| request);
        self.request(added.chain(changed.into_iter().map(|(_, request)| request)), forgotten)
    }

    /// The request that ends the session.
    pub(super) fn close(&mut self) -> SessionRequest {
        self.session.close();
        self.request(std::iter::empty(), Vec::new())
    }

    fn request<'a>(
        &self,
        partitions: impl Iterator<Item = &'a FetchPartition>,
        forgotten: Vec<TopicIdPartition>,
    ) -> SessionRequest {
        let partitions = partitions.cloned().collect();
        SessionRequest { session: self.session.next(), partitions, forgotten }
    }

    fn put(&mut self, tp: &TopicPartition, request: &FetchPartition) {
        self.names.entry(request.topic.id).or_insert_with(|| tp.topic.clone());
        self.places += 1;
        let partition = SessionPartition { request: request.clone(), place: self.places };
        self.partitions.insert(tp.clone(), partition);
    }

    /// Takes out of the session what is not wanted any more, and topics that were made anew.
    fn forget_all_but(&mut self, wanted: &[Wanted]) -> Vec<TopicIdPartition> {
        let wanted: BTreeMap<_, _> =
            wanted.iter().map(|(tp, request)| (*tp, request.topic.id)).collect();
        let mut forgotten = Vec::new();
        self.partitions.retain(|tp, known| {
            let topic_id = known.request.topic.id;
            let stays = wanted.get(tp) == Some(&topic_id);
            if !stays {
                let partition = TopicIdPartition { topic_id, partition: tp.partition };
                forgotten.push((known.place, partition));
            }
            stays
        });
        forgotten.sort_by_key(|(place, _)| *place);
        forgotten.into_iter().map(|(_, partition)| partition).collect()
    }

    /// Takes an answer. False if it holds nothing.
    pub(super) fn on_response(&mut self, response: &FetchResponse) -> bool {
        self.pending = false;
        self.session.on_response(response)
    }

    /// There was no answer: the session begins anew.
    pub(super) fn on_failure(&mut self) {
        self.pending = false;
        self.session.restart();
    }

    /// The partition that an answer speaks of, and the offset that was asked for.
    pub(super) fn asked(
        &self,
        topic: &TopicRef,
        partition: PartitionIndex,
    ) -> Option<(TopicPartition, Offset)> {
        let topic = topic.name.clone().or_else(|| self.names.get(&topic.id).cloned())?;
        let tp = TopicPartition { topic, partition };
        let offset = self.partitions.get(&tp)?.request.fetch_offset;
        Some((tp, offset))
    }

    /// The partitions of the session.
    pub(super) fn partitions(&self) -> impl Iterator<Item = &TopicPartition> {
        self.partitions.keys()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Uuid;

    /// Asks for these partitions from these offsets on: the session's epoch, what the request names,
    /// and what it forgets.
    fn build(node: &mut NodeSession, partitions: &[(i32, u64)]) -> (i32, Vec<i32>, Vec<i32>) {
        let request = |(partition, offset): &(i32, u64)| FetchPartition {
            topic: TopicRef { id: Uuid(7), name: None },
            partition: PartitionIndex(*partition),
            current_leader_epoch: None,
            fetch_offset: Offset(*offset),
            last_fetched_epoch: None,
            log_start_offset: None,
            max_bytes: 1,
        };
        let names: Vec<_> =
            partitions.iter().map(|(index, _)| TopicPartition::new("kq", *index)).collect();
        let wanted: Vec<_> = names.iter().zip(partitions.iter().map(request)).collect();
        named(&node.build(&wanted, true))
    }

    fn named(request: &SessionRequest) -> (i32, Vec<i32>, Vec<i32>) {
        let partitions = request.partitions.iter().map(|one| one.partition.0).collect();
        let forgotten = request.forgotten.iter().map(|tp| tp.partition.0).collect();
        (request.session.epoch, partitions, forgotten)
    }

    #[test]
    fn later_requests_name_what_changed() {
        let mut node = NodeSession::default();
        assert_eq!(build(&mut node, &[(1, 0), (0, 0)]), (0, vec![1, 0], vec![]));
        let opened = FetchResponse { session_id: 9, ..FetchResponse::default() };
        assert!(node.on_response(&opened));
        assert_eq!(build(&mut node, &[(1, 0), (0, 0)]), (1, vec![], vec![]));
        assert!(node.on_response(&opened));
        let next = build(&mut node, &[(0, 4), (2, 0), (1, 3)]);
        assert_eq!(next, (2, vec![2, 1, 0], vec![]), "new ones, then old ones by age");
        assert!(node.on_response(&opened));
        assert_eq!(build(&mut node, &[(2, 0)]), (3, vec![], vec![1, 0]));
        node.on_failure();
        assert_eq!(build(&mut node, &[(2, 0)]), (0, vec![2], vec![]));
        assert_eq!(named(&node.close()), (-1, vec![], vec![]));
    }
}

//! Fetch sessions on the broker (KIP-227): a request names only what changed, and so does the answer.
//!
//! In Kafka: `FetchManager`, `FetchSessionCacheShard`, `FetchSession`. Left out: several shards.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use crate::ids::{Offset, TopicIdPartition};
use crate::log::LogStamp;
use crate::protocol::{
    ErrorCode, FetchPartition, FetchPartitionResponse, FetchRequest, FetchResponse, Fetcher,
    Isolation, SessionRef,
};
use crate::sim::rng::Stream;
use crate::sim::{Duration, Instant};

/// A session may be evicted by anybody once it was idle for so long.
const EVICTION: Duration = Duration::from_secs(120);

/// What a fetcher was last told of a partition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LastTold {
    /// The high watermark.
    pub high_watermark: Option<Offset>,
    /// The log start offset.
    pub log_start_offset: Option<Offset>,
}

/// A partition of a session.
#[derive(Clone, Debug)]
pub struct CachedPartition {
    /// What is asked of it.
    pub request: FetchPartition,
    /// What was last told of it.
    pub told: LastTold,
    /// The slot of its replica, once it was found.
    pub slot: Option<u32>,
    /// There is nothing new for the fetcher while its log is as it was then.
    pub still: Option<LogStamp>,
}

impl CachedPartition {
    fn new(request: FetchPartition) -> Self {
        Self { request, told: LastTold::default(), slot: None, still: None }
    }

    /// Notes what is about to be answered; true if it must be said at all.
    fn has_news(&mut self, response: &FetchPartitionResponse) -> bool {
        self.still = None;
        let mut news = !response.records.is_empty()
            || response.preferred_read_replica.is_some()
            || response.diverging_epoch.is_some();
        if self.told.high_watermark != response.high_watermark {
            self.told.high_watermark = response.high_watermark;
            news = true;
        }
        if self.told.log_start_offset != response.log_start_offset {
            self.told.log_start_offset = response.log_start_offset;
            news = true;
        }
        if !response.error.is_none() {
            // What comes after an error is always news.
            self.told.high_watermark = None;
            news = true;
        }
        news
    }
}

#[derive(Clone, Debug)]
struct Session {
    /// A follower's session is not evicted for a consumer's.
    privileged: bool,
    /// How it was fetched last.
    how: (Fetcher, Isolation),
    /// The epoch the next request must have.
    epoch: i32,
    last_used: Instant,
    created: Instant,
    partitions: Vec<CachedPartition>,
}

/// How a fetch is to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// Everything was asked and everything is answered; no session.
    Sessionless,
    /// Everything was asked and everything is answered; the answer may begin a session.
    Full {
        /// True for a follower.
        privileged: bool,
    },
    /// Part of a session: only news is answered.
    Incremental {
        /// The session's id.
        id: i32,
    },
}

/// The sessions of one broker.
#[derive(Clone, Debug)]
pub struct FetchSessions {
    slots: usize,
    chance: Stream,
    sessions: BTreeMap<i32, Session>,
}

impl FetchSessions {
    /// No session yet; at most `slots` (`max.incremental.fetch.session.cache.slots`).
    pub fn new(slots: usize, chance: Stream) -> Self {
        Self { slots, chance, sessions: BTreeMap::new() }
    }

    /// How many sessions there are.
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// True when there is no session.
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// Takes a request into its session, or begins without one.
    ///
    /// # Errors
    /// [`ErrorCode::FetchSessionIdNotFound`] for a session that was evicted, or belonged to an
    /// earlier life of the broker; [`ErrorCode::InvalidFetchSessionEpoch`] for one out of turn.
    pub fn begin(&mut self, request: &FetchRequest, now: Instant) -> Result<Context, ErrorCode> {
        let SessionRef { id, epoch } = request.session;
        if epoch <= 0 {
            if id != 0 {
                self.sessions.remove(&id);
            }
            let privileged = request.fetcher.replica().is_some();
            let sessionless = epoch == SessionRef::NONE.epoch;
            return Ok(if sessionless {
                Context::Sessionless
            } else {
                Context::Full { privileged }
            });
        }
        let session = self.sessions.get_mut(&id).ok_or(ErrorCode::FetchSessionIdNotFound)?;
        if session.epoch != epoch {
            return Err(ErrorCode::InvalidFetchSessionEpoch);
        }
        for asked in &request.partitions {
            // What gave records last time is at the end, and is what has a new offset now.
            let mut known = session.partitions.iter_mut();
            let known = known.rfind(|known| is_same(&known.request, asked));
            match known {
                Some(known) => {
                    known.request = asked.clone();
                    known.still = None;
                }
                None => session.partitions.push(CachedPartition::new(asked.clone())),
            }
        }
        if !request.forgotten.is_empty() {
            session.partitions.retain(|known| {
                let (topic_id, partition) = (known.request.topic.id, known.request.partition);
                !request.forgotten.contains(&TopicIdPartition { topic_id, partition })
            });
        }
        if session.partitions.is_empty() {
            self.sessions.remove(&id);
            return Ok(Context::Sessionless);
        }
        let how = (request.fetcher, request.isolation);
        if session.how != how {
            session.how = how;
            session.partitions.iter_mut().for_each(|known| known.still = None);
        }
        session.last_used = now;
        session.epoch = next_epoch(epoch);
        Ok(Context::Incremental { id })
    }

    /// The partitions of a session, in the order in which they are served; none for a context without a
    /// session, or whose session is gone.
    pub fn partitions(
        &mut self,
        context: Context,
    ) -> impl ExactSizeIterator<Item = &mut CachedPartition> {
        let session = match context {
            Context::Incremental { id } => self.sessions.get_mut(&id),
            Context::Sessionless | Context::Full { .. } => None,
        };
        session.map_or(&mut [][..], |session| &mut session.partitions[..]).iter_mut()
    }

    /// True if an answer with these partitions would have something to say.
    pub fn has_news(&self, context: Context, response: &FetchPartitionResponse) -> bool {
        let Context::Incremental { id } = context else { return true };
        let session = self.sessions.get(&id);
        let known = session.and_then(|session| {
            session.partitions.iter().find(|known| answers(&known.request, response))
        });
        known.is_none_or(|known| known.clone().has_news(response))
    }

    /// Makes the answer to a request: begins a session, or leaves out what is no news in one.
    /// `partitions` are in the order in which they were asked; in a session, what has certainly no
    /// news may be left out before.
    pub fn finish(
        &mut self,
        context: Context,
        request: &FetchRequest,
        mut partitions: SmallVec<[FetchPartitionResponse; 1]>,
        now: Instant,
    ) -> FetchResponse {
        let mut answer = FetchResponse::default();
        match context {
            Context::Sessionless => {}
            Context::Full { privileged } => {
                answer.session_id = self.create(privileged, request, &partitions, now);
            }
            Context::Incremental { id } => {
                answer.session_id = id;
                match self.sessions.get_mut(&id) {
                    Some(session) if session.epoch == next_epoch(request.session.epoch) => {
                        session.keep_news(&mut partitions);
                    }
                    // The session went on without this request: it was sent twice.
                    _ => {
                        answer.error = ErrorCode::InvalidFetchSessionEpoch;
                        partitions.clear();
                    }
                }
            }
        }
        answer.partitions = partitions;
        answer
    }

    fn create(
        &mut self,
        privileged: bool,
        request: &FetchRequest,
        responses: &[FetchPartitionResponse],
        now: Instant,
    ) -> i32 {
        if self.sessions.len() >= self.slots && !self.evict(privileged, responses.len(), now) {
            return 0;
        }
        let id = loop {
            let id = 1 + self.chance.below(i32::MAX as u64 - 1) as i32;
            if !self.sessions.contains_key(&id) {
                break id;
            }
        };
        let mut session = Session {
            privileged,
            how: (request.fetcher, request.isolation),
            epoch: 1,
            last_used: now,
            created: now,
            partitions: request.partitions.iter().cloned().map(CachedPartition::new).collect(),
        };
        for response in responses {
            let known = &mut session.partitions;
            if let Some(known) = known.iter_mut().find(|known| answers(&known.request, response)) {
                known.has_news(response);
            }
        }
        self.sessions.insert(id, session);
        id
    }

    /// Makes room: the longest idle session if it was idle for long, else the smallest that a
    /// session of that kind and size may replace.
    fn evict(&mut self, privileged: bool, size: usize, now: Instant) -> bool {
        let oldest = self.sessions.iter().min_by_key(|(id, session)| (session.last_used, **id));
        let victim = match oldest {
            Some((id, session)) if now.since(session.last_used) > EVICTION => Some(*id),
            _ => {
                let old = |session: &Session| now.since(session.created) > EVICTION;
                let candidates = self
                    .sessions
                    .iter()
                    .filter(|(_, session)| old(session) || privileged && !session.privileged);
                candidates
                    .map(|(id, session)| (session.privileged, session.partitions.len(), *id))
                    .min()
                    .filter(|smallest| (privileged, size, 0) >= *smallest)
                    .map(|(_, _, id)| id)
            }
        };
        victim.is_some_and(|id| self.sessions.remove(&id).is_some())
    }
}

impl Session {
    /// Leaves out of an answer what is no news. Partitions that gave records go to the end, so that
    /// a full answer does not starve the others.
    fn keep_news(&mut self, responses: &mut SmallVec<[FetchPartitionResponse; 1]>) {
        let mut from = 0;
        responses.retain(|response| {
            let rest = self.partitions.get(from..).unwrap_or_default();
            let place = rest.iter().position(|known| answers(&known.request, response));
            let Some(place) = place.map(|place| from + place) else { return true };
            let news = self.partitions[place].has_news(response);
            from = place + 1;
            if !response.records.is_empty() && place + 1 < self.partitions.len() {
                let known = self.partitions.remove(place);
                self.partitions.push(known);
                from = place;
            }
            news
        });
    }
}

fn is_same(one: &FetchPartition, other: &FetchPartition) -> bool {
    one.partition == other.partition && one.topic == other.topic
}

fn answers(request: &FetchPartition, response: &FetchPartitionResponse) -> bool {
    request.partition == response.partition && request.topic == response.topic
}

/// After the greatest epoch comes 1 again.
pub(crate) fn next_epoch(epoch: i32) -> i32 {
    if epoch == i32::MAX { 1 } else { epoch + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{PartitionIndex, Uuid};
    use crate::protocol::TopicRef;

    fn partition(index: i32, fetch_offset: u64) -> FetchPartition {
        FetchPartition {
            topic: TopicRef { id: Uuid(7), name: None },
            partition: PartitionIndex(index),
            current_leader_epoch: None,
            fetch_offset: Offset(fetch_offset),
            last_fetched_epoch: None,
            log_start_offset: None,
            max_bytes: 1 << 20,
        }
    }

    fn request(session: SessionRef, partitions: &[FetchPartition]) -> FetchRequest {
        FetchRequest {
            fetcher: Fetcher::Consumer,
            max_wait: Duration::from_millis(500),
            min_bytes: 1,
            max_bytes: 1 << 20,
            isolation: Isolation::ReadUncommitted,
            session,
            partitions: SmallVec::from(partitions.to_vec()),
            forgotten: Vec::new(),
            rack: None,
        }
    }

    fn answer(index: i32, high_watermark: u64) -> FetchPartitionResponse {
        FetchPartitionResponse {
            topic: TopicRef { id: Uuid(7), name: None },
            partition: PartitionIndex(index),
            error: ErrorCode::None,
            high_watermark: Some(Offset(high_watermark)),
            last_stable_offset: None,
            log_start_offset: Some(Offset(0)),
            diverging_epoch: None,
            current_leader: None,
            aborted: Vec::new(),
            preferred_read_replica: None,
            records: SmallVec::new(),
        }
    }

    #[test]
    fn a_session_answers_only_news_and_only_in_turn() {
        let mut sessions = FetchSessions::new(10, Stream::new(1, "sessions"));
        let now = Instant::ZERO;
        let full = request(SessionRef::INITIAL, &[partition(0, 0), partition(1, 0)]);
        let context = sessions.begin(&full, now).expect("a full request");
        let answers: SmallVec<_> = [answer(0, 5), answer(1, 5)].into_iter().collect();
        let first = sessions.finish(context, &full, answers, now);
        assert_eq!(first.partitions.len(), 2);
        let id = first.session_id;
        let next = request(SessionRef { id, epoch: 1 }, &[partition(1, 3)]);
        let context = sessions.begin(&next, now).expect("in turn");
        let offsets: Vec<_> =
            sessions.partitions(context).map(|known| known.request.fetch_offset.0).collect();
        assert_eq!(offsets, [0, 3]);
        let answers = [answer(0, 5), answer(1, 6)].into_iter().collect();
        let second = sessions.finish(context, &next, answers, now);
        let told: Vec<_> = second.partitions.iter().map(|told| told.partition.0).collect();
        assert_eq!(told, [1]);
        assert_eq!(sessions.begin(&next, now), Err(ErrorCode::InvalidFetchSessionEpoch));
        let lost = request(SessionRef { id: id ^ 1, epoch: 1 }, &[]);
        assert_eq!(sessions.begin(&lost, now), Err(ErrorCode::FetchSessionIdNotFound));
    }

    #[test]
    fn a_consumer_does_not_evict_a_follower() {
        let mut sessions = FetchSessions::new(1, Stream::new(1, "sessions"));
        let now = Instant::ZERO;
        let consumer = request(SessionRef::INITIAL, &[partition(0, 0)]);
        let follower = FetchRequest {
            fetcher: Fetcher::Replica { id: crate::ids::BrokerId(2), epoch: None },
            ..consumer.clone()
        };
        let mut ask = |request: &FetchRequest| {
            let context = sessions.begin(request, now).expect("a full request");
            sessions
                .finish(context, request, SmallVec::from_vec(vec![answer(0, 0)]), now)
                .session_id
        };
        assert_ne!(ask(&consumer), 0);
        assert_ne!(ask(&follower), 0);
        assert_eq!(ask(&consumer), 0);
    }
}

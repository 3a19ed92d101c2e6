//! Fetch (key 1): followers copy and consumers read through it.
//!
//! In Kafka: `KafkaApis.handleFetchRequest`, `ReplicaManager.fetchMessages`, `DelayedFetch`; KIP-74
//! (response limits), KIP-227 (sessions), KIP-320 (epoch fencing), KIP-951 (a wrong leader names the
//! right one). Left out: quotas, preferred read replicas (KIP-392).

use std::sync::Arc;

use smallvec::SmallVec;

use super::super::purgatories::{DelayedFetch, WaitingFetch, fetch_of};
use super::super::replicas::not_here;
use super::super::{Broker, around};
use crate::fact::Fact;
use crate::feature::mutant;
use crate::log::{Disk, Log, OffsetMetadata};
use crate::node::{Interest, Outbox, ReplyTo, Touched};
use crate::protocol::{
    ErrorCode, FetchPartition, FetchPartitionResponse, FetchRequest, FetchResponse, Fetcher,
    Request, ResponseBody,
};
use crate::replica::{Context, Liveness, ReadLimit};
use crate::sim::Instant;

/// Brokers answer consumers of this version on from followers as well (KIP-392).
const FOLLOWERS_MAY_ANSWER: i16 = 11;

/// Room for so many more answers at once, where one is not enough: a kibibyte, which allocators still
/// take for small.
const SEVERAL: usize = 4;

/// What a fetch comes to: the answers of its partitions, without those that have certainly no news.
type Answers = SmallVec<[FetchPartitionResponse; 1]>;

/// True if only a leader may answer.
pub(in crate::broker) fn leader_only(request: &Request) -> bool {
    fetch_of(request).fetcher.replica().is_some() || request.api_version < FOLLOWERS_MAY_ANSWER
}

impl Broker {
    /// Reads for a follower or a consumer; waits for `min_bytes` if there is not enough.
    pub(in crate::broker) fn on_fetch(
        &mut self,
        from: ReplyTo,
        request: &Arc<Request>,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        let fetch = fetch_of(request);
        let context = match self.sessions.begin(fetch, out.now) {
            Ok(context) => context,
            Err(error) => {
                out.reply(from, ResponseBody::Fetch(FetchResponse { error, ..Default::default() }));
                return;
            }
        };
        let mut partitions = self.asked(context, fetch);
        let answers = self.read(request, &mut partitions, true, disk, out);
        for (known, one) in self.sessions.partitions(context).zip(&partitions) {
            known.still = one.still;
        }
        let bytes: u64 = answers.iter().map(size).sum();
        let news = answers.iter().any(|one| !one.error.is_none() || one.diverging_epoch.is_some());
        let enough = bytes >= u64::from(fetch.min_bytes);
        if fetch.max_wait.is_zero() || partitions.is_empty() || enough || news {
            self.spare(partitions);
            self.finish(from, request, context, answers, out);
            return;
        }
        let request = Arc::clone(request);
        let delayed = DelayedFetch { from, request, context, partitions };
        self.park_fetch(delayed, fetch.max_wait, out);
    }

    /// Answers a fetch that waited, with what there is now.
    pub(in crate::broker) fn answer_fetch(
        &mut self,
        mut delayed: DelayedFetch,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        let answers = self.read(&delayed.request, &mut delayed.partitions, false, disk, out);
        self.spare(delayed.partitions);
        self.finish(delayed.from, &delayed.request, delayed.context, answers, out);
    }

    /// What a request asks for: its own partitions, or all of its session.
    fn asked(&mut self, context: Context, fetch: &FetchRequest) -> Vec<WaitingFetch> {
        let mut list = self.spare_fetches.pop().unwrap_or_default();
        let replicas = &self.replicas;
        let find = |asked: &FetchPartition| replicas.resolve(&asked.topic, asked.partition);
        let waiting = |asked: &FetchPartition, slot| WaitingFetch {
            slot,
            asked: asked.clone(),
            told: None,
            start: OffsetMetadata::default(),
            still: None,
        };
        match context {
            Context::Incremental { .. } => {
                let partitions = self.sessions.partitions(context);
                list.extend(partitions.map(|known| {
                    known.still = known.still.filter(|stamp| replicas.is_unchanged(*stamp));
                    if known.still.is_none() {
                        // A slot is not used again: while a replica is there, it is this one.
                        let by_id = known.request.topic.name.is_none();
                        let kept = known.slot.filter(|slot| by_id && replicas.get(*slot).is_some());
                        known.slot = kept.or_else(|| find(&known.request));
                    }
                    let one = waiting(&known.request, known.slot);
                    WaitingFetch { told: Some(known.told), still: known.still, ..one }
                }));
            }
            Context::Sessionless | Context::Full { .. } => {
                list.extend(fetch.partitions.iter().map(|asked| waiting(asked, find(asked))));
            }
        }
        list
    }

    /// Keeps a list for another fetch.
    fn spare(&mut self, mut list: Vec<WaitingFetch>) {
        list.clear();
        self.spare_fetches.push(list);
    }

    /// Reads partition by partition until the response is full. A follower's offsets are noted the
    /// first time only (`note`), not when its fetch has waited.
    fn read(
        &mut self,
        request: &Request,
        partitions: &mut [WaitingFetch],
        note: bool,
        disk: &mut Disk,
        out: &mut Outbox,
    ) -> Answers {
        let fetch = fetch_of(request);
        let max_bytes = match fetch.fetcher {
            Fetcher::Replica { .. } => u64::from(fetch.max_bytes),
            Fetcher::Consumer => u64::from(fetch.max_bytes).min(self.config.fetch_max_bytes),
        };
        let mut limit =
            ReadLimit { max_bytes, min_one_batch: true, leader_only: leader_only(request) };
        let mut answers = Answers::new();
        let is_current = !note || self.is_current(fetch.fetcher);
        for one in partitions {
            out.spend(self.costs.partition);
            if is_current && self.is_still(fetch, one, note, out.now) {
                continue;
            }
            let answer = match self.nothing_new(fetch, one) {
                Some(start) => {
                    one.start = start;
                    if is_current && (!note || self.note_same(fetch, one, out.now)) {
                        let slot = one.slot.filter(|_| fetch.min_bytes <= 1);
                        one.still = slot.map(|slot| self.replicas.stamp(slot));
                        continue;
                    }
                    match self.note_follower(fetch, one, note, disk, out) {
                        Ok(()) => continue,
                        Err(error) => self.refuse(fetch, one, error, out),
                    }
                }
                None => self.read_partition(fetch, one, limit, note, disk, out),
            };
            let bytes = size(&answer);
            limit.min_one_batch &= bytes == 0;
            limit.max_bytes = limit.max_bytes.saturating_sub(bytes);
            if answers.len() == answers.inline_size() {
                // Where there is more than one there are several: one step, not three.
                answers.reserve_exact(SEVERAL);
            }
            answers.push(answer);
        }
        answers
    }

    /// True for a partition of a session that has not changed since there was nothing new: of a follower
    /// the time is noted.
    fn is_still(
        &mut self,
        fetch: &FetchRequest,
        one: &mut WaitingFetch,
        note: bool,
        now: Instant,
    ) -> bool {
        let is_same = |stamp: &_| fetch.min_bytes <= 1 && self.replicas.is_unchanged(*stamp);
        one.still = one.still.filter(is_same);
        if one.still.is_none() {
            return false;
        }
        if note && let (Some(slot), Some(follower)) = (one.slot, fetch.fetcher.replica()) {
            self.replicas.record_unchanged_fetch(slot, follower, now);
        }
        one.start = OffsetMetadata { offset: one.asked.fetch_offset, ..OffsetMetadata::default() };
        true
    }

    /// Where reading would begin, if there is certainly nothing to tell of this partition of a
    /// session: most of a follower's partitions, most of the time.
    fn nothing_new(&self, fetch: &FetchRequest, one: &WaitingFetch) -> Option<OffsetMetadata> {
        let told = one.told?;
        let (replica, log) = self.replicas.get_with_log(one.slot?)?;
        let nothing = told.high_watermark == Some(log.high_watermark())
            && told.log_start_offset == Some(log.log_start_offset())
            && replica.has_nothing_for(log, fetch.fetcher, fetch.isolation, &one.asked);
        let offset = one.asked.fetch_offset;
        if !nothing {
            None
        } else if fetch.min_bytes <= 1 {
            Some(OffsetMetadata { offset, ..OffsetMetadata::default() })
        } else {
            Some(log.log_end_metadata()).filter(|end| end.offset == offset)
        }
    }

    fn read_partition(
        &mut self,
        fetch: &FetchRequest,
        one: &mut WaitingFetch,
        limit: ReadLimit,
        note: bool,
        disk: &mut Disk,
        out: &mut Outbox,
    ) -> FetchPartitionResponse {
        // Since a fetch began to wait, the replica may have gone, and another one come.
        if one.slot.is_none_or(|slot| self.replicas.get(slot).is_none()) {
            one.slot = self.replicas.resolve(&one.asked.topic, one.asked.partition);
        }
        let asked = &one.asked;
        let Some(slot) = one.slot else {
            let error = not_here(&self.image, &asked.topic, asked.partition);
            // A topic that nobody here has heard of yet is nothing to tell.
            return match error {
                ErrorCode::NotLeaderOrFollower => self.refuse(fetch, one, error, out),
                _ => answer_of(asked, error),
            };
        };
        let limit =
            ReadLimit { max_bytes: limit.max_bytes.min(u64::from(asked.max_bytes)), ..limit };
        let without_epoch;
        let asked = if mutant!(out, DivergenceIgnored) {
            without_epoch = FetchPartition { last_fetched_epoch: None, ..asked.clone() };
            &without_epoch
        } else {
            asked
        };
        if mutant!(out, ConsumersReadUncommitted) && fetch.fetcher == Fetcher::Consumer {
            self.replicas.with(slot, |_, log| log.update_high_watermark(log.log_end_offset()));
        }
        let (replica, log) = self.replicas.get_with_log(slot).expect("the slot is in use");
        let read = match replica.read(log, fetch.fetcher, fetch.isolation, asked, limit, disk) {
            Ok(read) => read,
            Err(error) => return self.refuse(fetch, one, error, out),
        };
        one.start = read.info.start;
        if read.diverging_epoch.is_none()
            && let Err(error) = self.note_follower(fetch, one, note, disk, out)
        {
            return self.refuse(fetch, one, error, out);
        }
        if let (Some((epoch, end_offset)), Some(follower)) =
            (read.diverging_epoch, fetch.fetcher.replica())
        {
            let tp = self.tp(slot);
            out.fact(|| Fact::DivergenceFound { tp, follower, epoch, end_offset });
        }
        let mut answer = answer_of(&one.asked, ErrorCode::None);
        answer.diverging_epoch = read.diverging_epoch;
        // As it was before the read: what a follower raises by its own fetch it learns one fetch later.
        answer.high_watermark = Some(read.high_watermark);
        answer.last_stable_offset = Some(read.last_stable_offset);
        answer.log_start_offset = Some(read.log_start_offset);
        answer.records = read.info.records;
        answer
    }

    /// A follower's fetch tells how far it is: the high watermark may move, and it may join the ISR.
    fn note_follower(
        &mut self,
        fetch: &FetchRequest,
        one: &WaitingFetch,
        note: bool,
        disk: &mut Disk,
        out: &mut Outbox,
    ) -> Result<(), ErrorCode> {
        if !note || fetch.fetcher.replica().is_none() {
            return Ok(());
        }
        let slot = one.slot.expect("it was read");
        let around = around(self.id, &self.lifecycle, &self.config, &self.image);
        let (moved, proposal) = self.replicas.with_log(slot, |replica, log| {
            replica.record_fetch(log, fetch.fetcher, &one.asked, one.start.offset, around, out)
        })?;
        let advanced = moved
            && self.replicas.change_log(slot, |replica, log| {
                replica.maybe_advance_high_watermark(log, around, out)
            });
        if let Some(proposal) = proposal {
            self.propose(proposal, out);
        }
        if advanced {
            out.touch(Touched::Replica(slot));
            self.on_high_watermark(slot, disk, out);
        }
        Ok(())
    }

    /// True for a fetch that is certainly not one of an older incarnation of a follower.
    fn is_current(&self, fetcher: Fetcher) -> bool {
        let Fetcher::Replica { id, epoch } = fetcher else { return true };
        let Some(epoch) = epoch else { return false };
        self.image.alive_broker_epoch(id).is_none_or(|alive| alive <= epoch)
    }

    /// Takes note of a fetch where there is nothing new, if that is all there is to it.
    fn note_same(&mut self, fetch: &FetchRequest, one: &WaitingFetch, now: Instant) -> bool {
        fetch.fetcher == Fetcher::Consumer
            || one.slot.is_some_and(|slot| {
                self.replicas.record_same_fetch(slot, fetch.fetcher, &one.asked, now)
            })
    }

    fn refuse(
        &self,
        fetch: &FetchRequest,
        one: &WaitingFetch,
        error: ErrorCode,
        out: &mut Outbox,
    ) -> FetchPartitionResponse {
        let asked = &one.asked;
        let tp = self.name_of(&asked.topic, asked.partition);
        let replica = fetch.fetcher.replica();
        out.fact(|| Fact::FetchRefused { tp, replica, offset: asked.fetch_offset, error });
        let mut answer = answer_of(asked, error);
        if matches!(error, ErrorCode::NotLeaderOrFollower | ErrorCode::FencedLeaderEpoch) {
            answer.current_leader = self.current_leader(&asked.topic, asked.partition);
        }
        if error == ErrorCode::OffsetOutOfRange {
            let log = one.slot.and_then(|slot| self.replicas.log(slot));
            answer.high_watermark = log.map(Log::high_watermark);
            answer.log_start_offset = log.map(Log::log_start_offset);
        }
        answer
    }

    fn finish(
        &mut self,
        from: ReplyTo,
        request: &Request,
        context: Context,
        answers: Answers,
        out: &mut Outbox,
    ) {
        let fetch = fetch_of(request);
        let bytes = answers.iter().map(size).sum();
        if let Some(copying) = self.costs.copying(bytes) {
            self.copied += bytes;
            out.spend(copying);
        }
        let tells = fetch.fetcher == Fetcher::Consumer && out.interest == Interest::Everything;
        for read in answers.iter().filter(|_| tells) {
            if let (Some(first), Some(last)) = (read.records.first(), read.records.last())
                && let Some(slot) = self.replicas.resolve(&read.topic, read.partition)
            {
                let (from, to) = (first.base_offset(), last.next_offset());
                out.detail(|| Fact::RecordsServed { tp: self.tp(slot), from, to });
            }
        }
        let mut answer = self.sessions.finish(context, fetch, answers, out.now);
        for leader in answer.partitions.iter().filter_map(|partition| partition.current_leader) {
            if let Some(endpoint) = self.endpoint(leader.0)
                && !answer.endpoints.contains(&endpoint)
            {
                answer.endpoints.push(endpoint);
            }
        }
        out.reply(from, ResponseBody::Fetch(answer));
    }

    /// The partition of the replica in `slot`.
    fn tp(&self, slot: u32) -> crate::ids::TopicPartition {
        self.replicas.get(slot).expect("the slot is in use").topic_partition().clone()
    }
}

fn size(answer: &FetchPartitionResponse) -> u64 {
    answer.records.iter().map(|batch| batch.size_in_bytes()).sum()
}

/// An answer that says only `error`.
fn answer_of(asked: &FetchPartition, error: ErrorCode) -> FetchPartitionResponse {
    let (topic, partition) = (asked.topic.clone(), asked.partition);
    FetchPartitionResponse { topic, partition, error, ..Default::default() }
}

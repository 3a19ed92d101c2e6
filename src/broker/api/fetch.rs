//! Fetch (key 1): followers copy and consumers read through it.
//!
//! In Kafka: `KafkaApis.handleFetchRequest`, `ReplicaManager.fetchMessages`, `DelayedFetch`; KIP-74
//! (response limits), KIP-227 (sessions), KIP-320 (epoch fencing), KIP-951 (a wrong leader names the
//! right one). Left out: quotas, preferred read replicas (KIP-392).

use std::sync::Arc;

use smallvec::SmallVec;

use super::super::purgatories::{DelayedFetch, WaitingFetch, fetch_of};
use super::super::replicas::unknown;
use super::super::{Broker, around};
use super::PARTITION;
use crate::fact::Fact;
use crate::feature::mutant;
use crate::log::{Disk, Log, OffsetMetadata};
use crate::node::{Outbox, ReplyTo, Touched};
use crate::protocol::{
    ErrorCode, FetchPartition, FetchPartitionResponse, FetchRequest, FetchResponse, Fetcher,
    Request, ResponseBody,
};
use crate::replica::{Context, Read, ReadLimit};

/// Brokers answer consumers of this version on from followers as well (KIP-392).
const FOLLOWERS_MAY_ANSWER: i16 = 11;

/// What one partition of a fetch comes to.
struct PartitionRead {
    slot: Option<u32>,
    start: OffsetMetadata,
    answer: FetchPartitionResponse,
}

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
        let asked = self.asked(context, fetch);
        let reads = self.read(request, &asked, true, disk, out);
        let bytes: u64 = reads.iter().map(|read| size(&read.answer)).sum();
        let news = reads
            .iter()
            .any(|read| !read.answer.error.is_none() || read.answer.diverging_epoch.is_some());
        let enough = bytes >= u64::from(fetch.min_bytes);
        if fetch.max_wait.is_zero() || reads.is_empty() || enough || news {
            self.finish(from, request, context, reads, out);
            return;
        }
        let waiting = reads.iter().zip(asked).map(|(read, asked)| {
            let slot = read.slot.expect("a partition without error is here");
            WaitingFetch { slot, asked, start: read.start }
        });
        let partitions = waiting.collect();
        let request = Arc::clone(request);
        let delayed = DelayedFetch { from, request, context, partitions };
        self.park_fetch(delayed, fetch.max_wait, out);
    }

    /// Answers a fetch that waited, with what there is now.
    pub(in crate::broker) fn answer_fetch(
        &mut self,
        delayed: DelayedFetch,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        let asked: SmallVec<[FetchPartition; 1]> =
            delayed.partitions.into_iter().map(|one| one.asked).collect();
        let reads = self.read(&delayed.request, &asked, false, disk, out);
        self.finish(delayed.from, &delayed.request, delayed.context, reads, out);
    }

    /// What a request asks for: its own partitions, or all of its session.
    fn asked(&self, context: Context, fetch: &FetchRequest) -> SmallVec<[FetchPartition; 1]> {
        match context {
            Context::Incremental { .. } => self.sessions.partitions(context).cloned().collect(),
            Context::Sessionless | Context::Full { .. } => fetch.partitions.clone(),
        }
    }

    /// Reads partition by partition until the response is full. A follower's offsets are noted the
    /// first time only (`note`), not when its fetch has waited.
    fn read(
        &mut self,
        request: &Request,
        asked: &[FetchPartition],
        note: bool,
        disk: &mut Disk,
        out: &mut Outbox,
    ) -> SmallVec<[PartitionRead; 1]> {
        let fetch = fetch_of(request);
        let max_bytes = match fetch.fetcher {
            Fetcher::Replica { .. } => u64::from(fetch.max_bytes),
            Fetcher::Consumer => u64::from(fetch.max_bytes).min(self.config.fetch_max_bytes),
        };
        let mut limit =
            ReadLimit { max_bytes, min_one_batch: true, leader_only: leader_only(request) };
        let mut reads = SmallVec::new();
        for asked in asked {
            out.spend(PARTITION);
            let read = self.read_partition(fetch, asked, limit, note, disk, out);
            let bytes = size(&read.answer);
            limit.min_one_batch &= bytes == 0;
            limit.max_bytes = limit.max_bytes.saturating_sub(bytes);
            reads.push(read);
        }
        reads
    }

    fn read_partition(
        &mut self,
        fetch: &FetchRequest,
        asked: &FetchPartition,
        limit: ReadLimit,
        note: bool,
        disk: &mut Disk,
        out: &mut Outbox,
    ) -> PartitionRead {
        let Some(slot) = self.replicas.resolve(&asked.topic, asked.partition) else {
            return refused(asked, None, unknown(&asked.topic));
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
        let read = self.replicas.with(slot, |replica, log| {
            replica.read(log, fetch.fetcher, fetch.isolation, asked, limit, disk)
        });
        let read = match read {
            Ok(read) => read,
            Err(error) => return self.refuse(fetch, asked, slot, error, out),
        };
        if note && fetch.fetcher.replica().is_some() && read.diverging_epoch.is_none() {
            let noted = self.note_follower(fetch.fetcher, asked, slot, &read, disk, out);
            if let Err(error) = noted {
                return self.refuse(fetch, asked, slot, error, out);
            }
        }
        if let (Some((epoch, end_offset)), Some(follower)) =
            (read.diverging_epoch, fetch.fetcher.replica())
        {
            let tp = self.tp(slot);
            out.fact(|| Fact::DivergenceFound { tp, follower, epoch, end_offset });
        }
        let mut found = refused(asked, Some(slot), ErrorCode::None);
        found.start = read.info.start;
        found.answer.diverging_epoch = read.diverging_epoch;
        // As it was before the read: what a follower raises by its own fetch it learns one fetch later.
        found.answer.high_watermark = Some(read.high_watermark);
        found.answer.last_stable_offset = Some(read.last_stable_offset);
        found.answer.log_start_offset = Some(read.log_start_offset);
        found.answer.records = read.info.records;
        found
    }

    /// A follower's fetch tells how far it is: the high watermark may move, and it may join the ISR.
    fn note_follower(
        &mut self,
        fetcher: Fetcher,
        asked: &FetchPartition,
        slot: u32,
        read: &Read,
        disk: &mut Disk,
        out: &mut Outbox,
    ) -> Result<(), ErrorCode> {
        let around = around(self.id, &self.lifecycle, &self.config, &self.image);
        let (advanced, proposal) = self.replicas.with(slot, |replica, log| {
            replica.record_fetch(log, fetcher, asked, read.log_end_offset, around, out)
        })?;
        if let Some(proposal) = proposal {
            self.propose(proposal, out);
        }
        if advanced {
            out.touch(Touched::Replica(slot));
            self.on_high_watermark(slot, disk, out);
        }
        Ok(())
    }

    fn refuse(
        &self,
        fetch: &FetchRequest,
        asked: &FetchPartition,
        slot: u32,
        error: ErrorCode,
        out: &mut Outbox,
    ) -> PartitionRead {
        let tp = self.tp(slot);
        let replica = fetch.fetcher.replica();
        out.fact(|| Fact::FetchRefused { tp, replica, offset: asked.fetch_offset, error });
        let mut read = refused(asked, Some(slot), error);
        if matches!(error, ErrorCode::NotLeaderOrFollower | ErrorCode::FencedLeaderEpoch) {
            read.answer.current_leader = self.current_leader(&asked.topic, asked.partition);
        }
        if error == ErrorCode::OffsetOutOfRange {
            let log = self.replicas.log(slot);
            read.answer.high_watermark = log.map(Log::high_watermark);
            read.answer.log_start_offset = log.map(Log::log_start_offset);
        }
        read
    }

    fn finish(
        &mut self,
        from: ReplyTo,
        request: &Request,
        context: Context,
        reads: SmallVec<[PartitionRead; 1]>,
        out: &mut Outbox,
    ) {
        let fetch = fetch_of(request);
        for read in reads.iter().filter(|_| fetch.fetcher == Fetcher::Consumer) {
            if let (Some(slot), Some(first), Some(last)) =
                (read.slot, read.answer.records.first(), read.answer.records.last())
            {
                let (from, to) = (first.base_offset(), last.next_offset());
                out.detail(|| Fact::RecordsServed { tp: self.tp(slot), from, to });
            }
        }
        let answers = reads.into_iter().map(|read| read.answer).collect();
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
fn refused(asked: &FetchPartition, slot: Option<u32>, error: ErrorCode) -> PartitionRead {
    PartitionRead {
        slot,
        start: OffsetMetadata::default(),
        answer: FetchPartitionResponse {
            topic: asked.topic.clone(),
            partition: asked.partition,
            error,
            high_watermark: None,
            last_stable_offset: None,
            log_start_offset: None,
            diverging_epoch: None,
            current_leader: None,
            aborted: Vec::new(),
            preferred_read_replica: None,
            records: SmallVec::new(),
        },
    }
}

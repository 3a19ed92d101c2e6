//! Requests that wait: acks=all for the high watermark, fetches for something to read.
//!
//! In Kafka: `DelayedProduce`, `DelayedFetch`.

use std::cmp::Ordering;
use std::sync::Arc;

use smallvec::SmallVec;

use super::Broker;
use super::replicas::not_here;
use crate::fact::Fact;
use crate::feature::mutant;
use crate::ids::{LeaderEpoch, Offset};
use crate::log::{Disk, Log, LogStamp, OffsetMetadata};
use crate::node::{Outbox, ReplyTo, Timer, Why};
use crate::protocol::{
    ErrorCode, FetchPartition, FetchRequest, Fetcher, Isolation, ProduceResponse, Request,
    ResponseBody,
};
use crate::replica::{Context, LastTold, Partition, readable_end};
use crate::sim::Duration;

/// One partition of a produce request that waits.
#[derive(Clone, Debug)]
pub(super) struct WaitingBatch {
    pub(super) slot: u32,
    /// The offset after its last record.
    pub(super) required: Offset,
    /// False once its outcome is certain.
    pub(super) pending: bool,
}

/// A produce request with acks=all that waits for the in-sync replicas.
#[derive(Clone, Debug)]
pub(super) struct DelayedProduce {
    pub(super) from: ReplyTo,
    pub(super) answer: ProduceResponse,
    /// In the order of the answer's partitions.
    pub(super) batches: SmallVec<[WaitingBatch; 1]>,
}

/// One partition of a fetch, which may have to wait.
#[derive(Clone, Debug)]
pub(super) struct WaitingFetch {
    /// The replica, if it is here.
    pub(super) slot: Option<u32>,
    pub(super) asked: FetchPartition,
    /// In a session: what the fetcher was last told.
    pub(super) told: Option<LastTold>,
    /// Where reading would begin; with a `min_bytes` of at most 1 only the offset counts.
    pub(super) start: OffsetMetadata,
    /// In a session: nothing is new while the log is as it was then.
    pub(super) still: Option<LogStamp>,
}

/// A fetch that waits for `min_bytes`.
#[derive(Clone, Debug)]
pub(super) struct DelayedFetch {
    pub(super) from: ReplyTo,
    pub(super) request: Arc<Request>,
    pub(super) context: Context,
    /// From `spare_fetches`, and back there.
    pub(super) partitions: Vec<WaitingFetch>,
}

impl Broker {
    /// The high watermark of a replica moved: whoever waited for that goes on.
    pub(super) fn on_high_watermark(&mut self, slot: u32, disk: &mut Disk, out: &mut Outbox) {
        self.complete_produces(slot, out);
        self.complete_fetches(slot, disk, out);
        self.tell_coordinator(slot, disk, out);
    }

    /// Answers the produce requests that wait for the replica in `slot` and have waited enough.
    pub(super) fn complete_produces(&mut self, slot: u32, out: &mut Outbox) {
        for waiting in self.produces.watching(slot) {
            if self.is_produce_complete(waiting, out) {
                self.finish_produce(waiting, out);
            }
        }
    }

    /// Looks at each partition of a waiting produce request; true if none is pending any more.
    pub(super) fn is_produce_complete(&mut self, waiting: u32, out: &mut Outbox) -> bool {
        let Some(delayed) = self.produces.get_mut(waiting) else { return false };
        let answers = &mut delayed.answer.partitions;
        for (batch, answer) in delayed.batches.iter_mut().zip(answers) {
            if !batch.pending {
                continue;
            }
            let replica = self.replicas.get_with_log(batch.slot);
            let reached = match replica {
                Some((replica, log)) => replica.has_reached(log, batch.required),
                None => Err(not_here(&self.image, &answer.topic, answer.partition)),
            };
            match reached {
                Ok(false) if !mutant!(out, AckBeforeCommit) => {}
                Ok(_) => {
                    batch.pending = false;
                    answer.error = ErrorCode::None;
                    let next_offset = batch.required;
                    let tp = replica.map(|(replica, _)| replica.topic_partition());
                    let tp = || tp.expect("a replica reached it").clone();
                    out.detail(|| Fact::ProduceCommitted { tp: tp(), next_offset });
                }
                Err(error) => {
                    batch.pending = false;
                    answer.error = error;
                }
            }
        }
        delayed.batches.iter().all(|batch| !batch.pending)
    }

    fn finish_produce(&mut self, waiting: u32, out: &mut Outbox) {
        if let Some(delayed) = self.produces.remove(waiting) {
            out.cancel_timer(Timer::ProducePurgatory(waiting));
            out.reply(delayed.from, ResponseBody::Produce(delayed.answer));
        }
    }

    /// A produce request waited for its whole timeout: what is pending is answered as timed out. The
    /// records are in the log and may yet be committed.
    pub(super) fn on_produce_expired(&mut self, waiting: u32, out: &mut Outbox) {
        if self.is_produce_complete(waiting, out) || self.produces.get(waiting).is_some() {
            self.finish_produce(waiting, out);
        }
    }

    /// Lets a fetch wait.
    pub(super) fn park_fetch(
        &mut self,
        delayed: DelayedFetch,
        max_wait: Duration,
        out: &mut Outbox,
    ) {
        let fetcher = fetch_of(&delayed.request).fetcher;
        let mut keys = SmallVec::with_capacity(delayed.partitions.len());
        keys.extend(delayed.partitions.iter().filter_map(|one| one.slot));
        let waiting = self.fetches.add(delayed, keys);
        let why = match fetcher {
            Fetcher::Consumer => Why::Config("fetch.max.wait.ms"),
            Fetcher::Replica { .. } => Why::Config("replica.fetch.wait.max.ms"),
        };
        out.set_timer(Timer::FetchPurgatory(waiting), out.now + max_wait, why);
    }

    /// Answers the fetches that wait for the replica in `slot` and have enough to read now.
    pub(super) fn complete_fetches(&mut self, slot: u32, disk: &mut Disk, out: &mut Outbox) {
        for waiting in self.fetches.watching(slot) {
            if self.is_fetch_complete(waiting, slot, disk) {
                self.finish_fetch(waiting, disk, out);
            }
        }
    }

    /// True if a waiting fetch has something to say: enough to read, an error, a divergence. The
    /// replica in `slot` has moved on.
    fn is_fetch_complete(&mut self, waiting: u32, slot: u32, disk: &Disk) -> bool {
        let Some(delayed) = self.fetches.get(waiting) else { return false };
        let request = fetch_of(&delayed.request);
        let leader_only = super::api::fetch::leader_only(&delayed.request);
        if request.min_bytes <= 1 {
            // However little there is, it is enough; most likely it is in what has moved on.
            let is_enough = |one: &WaitingFetch| self.is_enough(one, request, leader_only);
            let moved = delayed.partitions.iter().find(|one| one.slot == Some(slot));
            return moved.is_some_and(is_enough) || delayed.partitions.iter().any(is_enough);
        }
        let mut bytes = 0;
        for one in &delayed.partitions {
            let Some(slot) = one.slot.filter(|slot| self.replicas.get(*slot).is_some()) else {
                return true;
            };
            let readable = self.replicas.with(slot, |replica, log| {
                if is_over(replica, log, one, leader_only) {
                    return None;
                }
                readable_bytes(log, one, request, disk)
            });
            let Some(readable) = readable else { return true };
            bytes += readable;
        }
        bytes >= u64::from(request.min_bytes)
    }

    /// True if a waiting fetch is to be answered because of this partition, where one byte is enough.
    fn is_enough(&self, one: &WaitingFetch, request: &FetchRequest, leader_only: bool) -> bool {
        if one.still.is_some_and(|stamp| self.replicas.is_unchanged(stamp)) {
            return false;
        }
        let replica = one.slot.and_then(|slot| self.replicas.get_with_log(slot));
        replica.is_none_or(|(replica, log)| {
            one.start.offset != readable_end(log, request.fetcher, request.isolation)
                || is_over(replica, log, one, leader_only)
        })
    }

    /// A fetch waited for its whole time: it is answered with what there is.
    pub(super) fn on_fetch_expired(&mut self, waiting: u32, disk: &mut Disk, out: &mut Outbox) {
        self.finish_fetch(waiting, disk, out);
    }

    fn finish_fetch(&mut self, waiting: u32, disk: &mut Disk, out: &mut Outbox) {
        if let Some(delayed) = self.fetches.remove(waiting) {
            out.cancel_timer(Timer::FetchPurgatory(waiting));
            self.answer_fetch(delayed, disk, out);
        }
    }

    /// The broker does not lead the replica in `slot` any more, or has it no more: whoever waits is
    /// answered.
    pub(super) fn on_leadership_lost(&mut self, slot: u32, disk: &mut Disk, out: &mut Outbox) {
        self.complete_produces(slot, out);
        self.complete_fetches(slot, disk, out);
    }
}

/// The fetch in a request.
pub(super) fn fetch_of(request: &Request) -> &FetchRequest {
    match &request.body {
        crate::protocol::RequestBody::Fetch(fetch) => fetch,
        _ => unreachable!("only fetches wait with fetches"),
    }
}

/// True if waiting on has no sense: the replica refuses the fetch, or has another history.
fn is_over(replica: &Partition, log: &Log, one: &WaitingFetch, leader_only: bool) -> bool {
    replica.check_epoch(one.asked.current_leader_epoch, leader_only).is_err()
        || one.asked.last_fetched_epoch.is_some_and(|last| diverges(log, one, last))
}

/// True if the log has another history than the fetcher's.
fn diverges(log: &Log, one: &WaitingFetch, last: LeaderEpoch) -> bool {
    log.end_offset_for_epoch(last)
        .is_none_or(|(epoch, end)| epoch < last || end < one.asked.fetch_offset)
}

/// How much of `log` a waiting fetch could read; none if it should not wait for more: the log was
/// truncated below it, or it reads an older segment.
fn readable_bytes(
    log: &mut Log,
    one: &WaitingFetch,
    request: &FetchRequest,
    disk: &Disk,
) -> Option<u64> {
    match one.start.offset.cmp(&readable_end(log, request.fetcher, request.isolation)) {
        Ordering::Greater => return None,
        Ordering::Equal => return Some(0),
        Ordering::Less => {}
    }
    let end = match (request.fetcher, request.isolation) {
        (Fetcher::Replica { .. }, _) => log.log_end_metadata(),
        (Fetcher::Consumer, Isolation::ReadUncommitted) => log.fetch_high_watermark(disk),
        (Fetcher::Consumer, Isolation::ReadCommitted) => log.fetch_last_stable_offset(disk),
    };
    let size = Log::bytes_between(one.start, end)?;
    Some(size.min(u64::from(one.asked.max_bytes)))
}

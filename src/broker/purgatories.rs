//! Requests that wait: acks=all for the high watermark, fetches for something to read.
//!
//! In Kafka: `DelayedProduce`, `DelayedFetch`.

use std::cmp::Ordering;
use std::sync::Arc;

use smallvec::SmallVec;

use super::Broker;
use crate::fact::Fact;
use crate::feature::mutant;
use crate::ids::{LeaderEpoch, Offset};
use crate::log::{Disk, Log, OffsetMetadata};
use crate::node::{Outbox, ReplyTo, Timer, Why};
use crate::protocol::{
    ErrorCode, FetchPartition, FetchRequest, Fetcher, Isolation, ProduceResponse, Request,
    ResponseBody,
};
use crate::replica::Context;
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

/// One partition of a fetch that waits.
#[derive(Clone, Debug)]
pub(super) struct WaitingFetch {
    pub(super) slot: u32,
    pub(super) asked: FetchPartition,
    /// Where reading would begin.
    pub(super) start: OffsetMetadata,
}

/// A fetch that waits for `min_bytes`.
#[derive(Clone, Debug)]
pub(super) struct DelayedFetch {
    pub(super) from: ReplyTo,
    pub(super) request: Arc<Request>,
    pub(super) context: Context,
    pub(super) partitions: SmallVec<[WaitingFetch; 1]>,
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
            let replica = self.replicas.get(batch.slot).zip(self.replicas.log(batch.slot));
            let reached = match replica {
                Some((replica, log)) => replica.has_reached(log, batch.required),
                None => Err(ErrorCode::UnknownTopicOrPartition),
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
        let keys: SmallVec<[u32; 2]> = delayed.partitions.iter().map(|one| one.slot).collect();
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
            if self.is_fetch_complete(waiting, disk) {
                self.finish_fetch(waiting, disk, out);
            }
        }
    }

    /// True if a waiting fetch has something to say: enough to read, an error, a divergence.
    fn is_fetch_complete(&mut self, waiting: u32, disk: &Disk) -> bool {
        let Some(delayed) = self.fetches.get(waiting) else { return false };
        let request = fetch_of(&delayed.request);
        let leader_only = super::api::fetch::leader_only(&delayed.request);
        let mut bytes = 0;
        for one in &delayed.partitions {
            if self.replicas.get(one.slot).is_none() {
                return true;
            }
            let readable = self.replicas.with(one.slot, |replica, log| {
                replica.check_epoch(one.asked.current_leader_epoch, leader_only).ok()?;
                if one.asked.last_fetched_epoch.is_some_and(|last| diverges(log, one, last)) {
                    return None;
                }
                readable_bytes(log, one, request, disk)
            });
            let Some(readable) = readable else { return true };
            bytes += readable;
        }
        bytes >= u64::from(request.min_bytes)
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
    let end = match (request.fetcher, request.isolation) {
        (Fetcher::Replica { .. }, _) => log.log_end_offset(),
        (Fetcher::Consumer, Isolation::ReadUncommitted) => log.high_watermark(),
        (Fetcher::Consumer, Isolation::ReadCommitted) => log.last_stable_offset(),
    };
    match one.start.offset.cmp(&end) {
        Ordering::Greater => return None,
        Ordering::Equal => return Some(0),
        // However little it is, it is enough.
        Ordering::Less if request.min_bytes <= 1 => return Some(1),
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

//! What a fetch brought of one partition, until the application has had all of it.
//!
//! In Kafka: `CompletedFetch`. Records are counted, not handed over: where a batch's header is known
//! to be right and its offsets have no gaps, it is not even decoded. Left out: deserializers.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use crate::config::IsolationLevel;
use crate::ids::{LeaderEpoch, Offset, ProducerId, TopicPartition};
use crate::protocol::{
    Batch, ControlRecord, EndTxn, FetchPartitionResponse, Response, ResponseBody,
};

/// Records of one partition, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// The first one's offset.
    pub(super) from: Offset,
    /// The offset after the last one.
    pub(super) to: Offset,
    /// How many they are: offsets may have gaps.
    pub(super) records: u32,
}

/// A batch whose bytes are not what its checksum, or its header, says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CorruptRecord;

/// The records of the current batch that were not handed out yet.
#[derive(Clone, Debug)]
enum Rest {
    /// All offsets from the first to the second, which is exclusive.
    Dense(Offset, Offset),
    /// These offsets.
    Sparse(VecDeque<Offset>),
}

/// One partition of a Fetch answer.
#[derive(Clone, Debug)]
pub(super) struct CompletedFetch {
    pub(super) tp: TopicPartition,
    response: Arc<Response>,
    index: usize,
    /// How many batches were begun.
    batches: usize,
    rest: Option<Rest>,
    next_fetch_offset: Offset,
    last_epoch: Option<LeaderEpoch>,
    aborted: BTreeSet<ProducerId>,
    aborted_begun: usize,
    /// Records were handed out.
    has_given: bool,
    consumed: bool,
}

impl CompletedFetch {
    /// What `response` holds at `index`, which was asked for from `fetch_offset` on.
    pub(super) fn new(
        tp: TopicPartition,
        response: Arc<Response>,
        index: usize,
        fetch_offset: Offset,
    ) -> Self {
        Self {
            tp,
            response,
            index,
            batches: 0,
            rest: None,
            next_fetch_offset: fetch_offset,
            last_epoch: None,
            aborted: BTreeSet::new(),
            aborted_begun: 0,
            has_given: false,
            consumed: false,
        }
    }

    /// What the broker said about the partition.
    pub(super) fn answer(&self) -> &FetchPartitionResponse {
        let ResponseBody::Fetch(fetch) = &self.response.body else {
            unreachable!("only an answer to Fetch holds records")
        };
        &fetch.partitions[self.index]
    }

    /// The next offset to hand out.
    pub(super) const fn next_fetch_offset(&self) -> Offset {
        self.next_fetch_offset
    }

    /// The leader epoch of the batch that was begun last.
    pub(super) const fn last_epoch(&self) -> Option<LeaderEpoch> {
        self.last_epoch
    }

    pub(super) const fn is_consumed(&self) -> bool {
        self.consumed
    }

    pub(super) const fn has_given(&self) -> bool {
        self.has_given
    }

    /// Nobody wants what is left.
    pub(super) fn drain(&mut self) {
        self.consumed = true;
        self.rest = None;
    }

    /// Hands out up to `max` records; none if only control records, aborted ones or none are left.
    ///
    /// # Errors
    /// When the next batch is damaged and nothing lies before it.
    pub(super) fn take(
        &mut self,
        max: u32,
        isolation: IsolationLevel,
        check_crcs: bool,
    ) -> Result<Option<Run>, CorruptRecord> {
        let mut run: Option<Run> = None;
        while !self.consumed {
            let left = max - run.map_or(0, |run| run.records);
            if left == 0 {
                break;
            }
            if let Some(rest) = &mut self.rest {
                match rest.take(left) {
                    Some(more) => {
                        self.next_fetch_offset = more.to;
                        self.has_given = true;
                        run = Some(run.map_or(more, |run| Run {
                            from: run.from,
                            to: more.to,
                            records: run.records + more.records,
                        }));
                    }
                    None => self.rest = None,
                }
                continue;
            }
            if let Err(corrupt) = self.next_batch(isolation, check_crcs) {
                return if run.is_some() { Ok(run) } else { Err(corrupt) };
            }
        }
        Ok(run)
    }

    /// Begins the next batch; without one, everything is consumed.
    fn next_batch(
        &mut self,
        isolation: IsolationLevel,
        check_crcs: bool,
    ) -> Result<(), CorruptRecord> {
        let records = &self.answer().records;
        let Some(batch) = records.get(self.batches).cloned() else {
            // A compacted batch may end with offsets that have no record any more.
            if let Some(last) = records.last() {
                self.next_fetch_offset = last.next_offset();
            }
            self.drain();
            return Ok(());
        };
        if check_crcs && !batch.is_valid() {
            return Err(CorruptRecord);
        }
        let is_aborted = self.is_aborted(&batch, isolation);
        let rest = if batch.is_control() || is_aborted {
            None
        } else {
            Some(Rest::of(&batch, self.next_fetch_offset)?)
        };
        self.last_epoch = batch.partition_leader_epoch();
        self.batches += 1;
        if rest.is_none() {
            self.next_fetch_offset = self.next_fetch_offset.max(batch.next_offset());
        }
        self.rest = rest;
        Ok(())
    }

    /// True if the batch belongs to a transaction that was aborted and is therefore not seen.
    fn is_aborted(&mut self, batch: &Batch, isolation: IsolationLevel) -> bool {
        let Some(producer) = batch.producer_id() else { return false };
        if isolation == IsolationLevel::ReadUncommitted {
            return false;
        }
        // The broker lists them by first offset.
        while let Some((producer, first)) = self.answer().aborted.get(self.aborted_begun).copied()
            && first <= batch.last_offset()
        {
            self.aborted.insert(producer);
            self.aborted_begun += 1;
        }
        if batch.is_control() {
            if is_abort_marker(batch) {
                self.aborted.remove(&producer);
            }
            return false;
        }
        batch.is_transactional() && self.aborted.contains(&producer)
    }
}

fn is_abort_marker(batch: &Batch) -> bool {
    let Some(Ok(record)) = batch.iter().next() else { return false };
    let abort = ControlRecord::parse(record.key, record.value);
    matches!(abort, Ok(ControlRecord::EndTxn(EndTxn { commit: false, .. })))
}

impl Rest {
    /// The records of `batch` from `next` on.
    fn of(batch: &Batch, next: Offset) -> Result<Self, CorruptRecord> {
        let from = next.max(batch.base_offset());
        let is_dense = batch.count() == batch.last_offset_delta() + 1;
        if is_dense && batch.is_trusted() {
            return Ok(Self::Dense(from, batch.next_offset()));
        }
        let mut offsets = VecDeque::new();
        for record in batch {
            match record {
                Ok(record) if record.offset >= next => offsets.push_back(record.offset),
                Ok(_) => {}
                Err(_) => return Err(CorruptRecord),
            }
        }
        Ok(Self::Sparse(offsets))
    }

    /// Takes up to `max` records.
    fn take(&mut self, max: u32) -> Option<Run> {
        match self {
            Self::Dense(from, end) if *from < *end => {
                let records = end.records_since(*from).min(max as u64);
                let run = Run { from: *from, to: from.plus(records), records: records as u32 };
                *from = run.to;
                Some(run)
            }
            Self::Dense(..) => None,
            Self::Sparse(offsets) => {
                let from = *offsets.front()?;
                let records = offsets.len().min(max as usize);
                let last = offsets.drain(..records).next_back()?;
                Some(Run { from, to: last.next(), records: records as u32 })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Timestamp;
    use crate::protocol::{BatchBuilder, FetchResponse};

    fn batch(base: u64, records: u32) -> Arc<Batch> {
        let mut builder = BatchBuilder::new();
        for _ in 0..records {
            builder.append(Timestamp(0), None, Some(b"v"), &[]);
        }
        let batch = builder.build().expect("a record at least");
        Arc::new(batch.with_place(Offset(base), LeaderEpoch(3)))
    }

    fn fetch(records: Vec<Arc<Batch>>, from: u64) -> CompletedFetch {
        let partition =
            FetchPartitionResponse { records: records.into(), ..FetchPartitionResponse::default() };
        let fetch = FetchResponse { partitions: [partition].into(), ..FetchResponse::default() };
        let response = Response { correlation_id: 0, body: ResponseBody::Fetch(fetch) };
        let tp = TopicPartition::new("kq", 0);
        CompletedFetch::new(tp, Arc::new(response), 0, Offset(from))
    }

    fn take(fetch: &mut CompletedFetch, max: u32) -> Option<(u64, u64, u32)> {
        let run = fetch.take(max, IsolationLevel::ReadUncommitted, true).expect("sound batches");
        run.map(|run| (run.from.0, run.to.0, run.records))
    }

    #[test]
    fn records_before_the_position_are_not_handed_out() {
        let mut fetch = fetch(vec![batch(10, 5), batch(15, 5)], 12);
        assert_eq!(take(&mut fetch, 4), Some((12, 16, 4)));
        assert_eq!(fetch.last_epoch(), Some(LeaderEpoch(3)));
        assert_eq!(take(&mut fetch, 500), Some((16, 20, 4)));
        assert!(fetch.is_consumed());
        assert_eq!(take(&mut fetch, 500), None);
    }

    #[test]
    fn offsets_that_the_cleaner_removed_are_gone() {
        let mut fetch = fetch(vec![batch(10, 2), batch(40, 2)], 10);
        assert_eq!(take(&mut fetch, 500), Some((10, 42, 4)));
        assert_eq!(fetch.next_fetch_offset(), Offset(42));
    }

    #[test]
    fn a_damaged_batch_is_told_when_its_turn_comes() {
        let mut bytes = batch(12, 2).to_bytes().to_vec();
        *bytes.last_mut().expect("a batch") ^= 1;
        let damaged = Batch::parse(&bytes.into()).expect("a batch in form");
        let mut fetch = fetch(vec![batch(10, 2), Arc::new(damaged)], 10);
        assert_eq!(take(&mut fetch, 500), Some((10, 12, 2)));
        let next = fetch.take(500, IsolationLevel::ReadUncommitted, true);
        assert_eq!(next, Err(CorruptRecord));
    }

    #[test]
    fn aborted_records_are_not_handed_out_to_readers_of_committed_ones() {
        use crate::ids::ProducerEpoch;
        let transactional = |base, value: &[u8]| {
            let mut builder = BatchBuilder::new().transactional();
            builder.set_producer(ProducerId(7), ProducerEpoch(0), 0);
            builder.append(Timestamp(0), None, Some(value), &[]);
            builder.build().expect("a record").with_place(Offset(base), LeaderEpoch(3))
        };
        let marker = |base, commit| {
            let end = ControlRecord::EndTxn(EndTxn { commit, coordinator_epoch: 0 });
            let mut builder = BatchBuilder::new().transactional().control();
            builder.set_producer(ProducerId(7), ProducerEpoch(0), -1);
            builder.append(Timestamp(0), Some(&end.key()), Some(&end.value()), &[]);
            builder.build().expect("a record").with_place(Offset(base), LeaderEpoch(3))
        };
        let batches = [
            transactional(0, b"aborted"),
            marker(1, false),
            transactional(2, b"committed"),
            marker(3, true),
        ];
        let records = batches.map(Arc::new).to_vec();
        let partition = FetchPartitionResponse {
            records: records.into(),
            aborted: vec![(ProducerId(7), Offset(0))],
            ..FetchPartitionResponse::default()
        };
        let fetch = FetchResponse { partitions: [partition].into(), ..FetchResponse::default() };
        let response = Response { correlation_id: 0, body: ResponseBody::Fetch(fetch) };
        let tp = TopicPartition::new("kq", 0);
        let mut fetch = CompletedFetch::new(tp, Arc::new(response), 0, Offset(0));
        let run = fetch.take(500, IsolationLevel::ReadCommitted, true);
        assert_eq!(run, Ok(Some(Run { from: Offset(2), to: Offset(3), records: 1 })));
        assert_eq!(fetch.next_fetch_offset(), Offset(4), "past the last marker");
    }
}

//! The leader of the quorum: it appends records and serves those who fetch them.

use std::collections::BTreeMap;
use std::sync::Arc;

use kafka_protocol::messages::LeaderChangeMessage;
use kafka_protocol::messages::leader_change_message::Voter;

use super::{Raft, Role, quorum_state};
use crate::feature::mutant;
use crate::ids::{BrokerId, ControllerEpoch, LeaderEpoch, Offset};
use crate::log::{AppendOrigin, Disk};
use crate::node::{Outbox, ReplyTo, Timer, Why};
use crate::protocol::{
    Batch, BatchBuilder, ControlRecord, ErrorCode, FetchPartition, FetchPartitionResponse,
    FetchRequest, FetchResponse, MetadataRecord, ResponseBody,
};
use crate::sim::Instant;

/// A fetch that waits for something new.
#[derive(Clone, Debug)]
struct Waiting {
    from: ReplyTo,
    fetcher: Option<BrokerId>,
    partition: FetchPartition,
}

/// What a leader keeps of its reign.
#[derive(Clone, Debug, Default)]
pub(super) struct Leader {
    waiting: BTreeMap<u32, Waiting>,
    next_slot: u32,
    /// How far each observer has fetched, and when it last did.
    pub(super) fetched: BTreeMap<BrokerId, (Offset, Instant)>,
}

impl Raft {
    /// A single voter elects itself: a new epoch begins with a record that says so.
    pub(super) fn become_leader(&mut self, disk: &mut Disk, out: &mut Outbox) {
        if !mutant!(out, ControllerEpochReused) || self.epoch.0 == 0 {
            self.epoch = ControllerEpoch(self.epoch.0 + 1);
        }
        self.leader = Some(self.id);
        self.role = Role::Leader(Leader::default());
        quorum_state::write(disk, &self.log, self.epoch, self.leader, &self.config.voters);
        let voter = Voter::default().with_voter_id(self.id.0);
        let message = LeaderChangeMessage::default()
            .with_leader_id(self.id.0.into())
            .with_voters(vec![voter.clone()])
            .with_granting_voters(vec![voter]);
        let at = self.log.log_end_offset();
        let batch = ControlRecord::LeaderChange(message).batch(at, self.leader_epoch(), out.wall);
        self.append_batch(batch, disk, out);
    }

    /// Where the next record goes.
    pub fn next_offset(&self) -> Offset {
        self.log.log_end_offset()
    }

    /// Appends records as one batch and flushes them. Returns the offset of the last one.
    ///
    /// # Panics
    /// When it does not lead, or there are none.
    pub fn append<'a>(
        &mut self,
        records: impl IntoIterator<Item = (i16, &'a MetadataRecord)>,
        disk: &mut Disk,
        out: &mut Outbox,
    ) -> Offset {
        let mut builder =
            BatchBuilder::new().place(self.log.log_end_offset(), Some(self.leader_epoch()));
        let mut bytes = Vec::new();
        for (version, record) in records {
            bytes.clear();
            record.encode(version, &mut bytes);
            builder.append(out.wall, None, Some(&bytes), &[]);
        }
        let batch = builder.build().expect("there are records to append");
        self.append_batch(batch, disk, out);
        Offset(self.log.log_end_offset().0 - 1)
    }

    fn append_batch(&mut self, batch: Batch, disk: &mut Disk, out: &mut Outbox) {
        assert!(self.is_leader(), "only the leader appends");
        let epoch = self.leader_epoch();
        let batch = [Arc::new(batch)];
        self.log
            .append_as_leader(disk, &batch, epoch, AppendOrigin::RaftLeader, out)
            .expect("the leader's own batch fits its log");
        self.log.flush(disk, true, out.wall);
        // The only voter is a majority by itself.
        self.high_watermark = self.log.log_end_offset();
        self.log.update_high_watermark(self.high_watermark);
        self.answer_waiting(disk, out);
    }

    /// Fetch of the metadata log.
    pub fn on_fetch(
        &mut self,
        from: ReplyTo,
        request: &FetchRequest,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        let Some(partition) = request.partitions.first() else {
            let error = ErrorCode::InvalidRequest;
            out.reply(from, ResponseBody::Fetch(FetchResponse { error, ..Default::default() }));
            return;
        };
        let fetcher = request.fetcher.replica();
        let answer = self.read(partition, disk);
        let Role::Leader(leader) = &mut self.role else {
            reply(from, answer, out);
            return;
        };
        if answer.error.is_none()
            && answer.diverging_epoch.is_none()
            && let Some(fetcher) = fetcher
        {
            leader.fetched.insert(fetcher, (partition.fetch_offset, out.now));
        }
        if has_news(&answer) || request.max_wait.is_zero() {
            reply(from, answer, out);
            return;
        }
        let slot = leader.next_slot;
        leader.next_slot = leader.next_slot.wrapping_add(1);
        leader.waiting.insert(slot, Waiting { from, fetcher, partition: partition.clone() });
        let why = Why::Rule("an observer's fetch waits at most 500 ms");
        out.set_timer(Timer::RaftFetch(slot), out.now + request.max_wait, why);
    }

    /// A fetch has waited long enough.
    pub(super) fn on_fetch_expired(&mut self, slot: u32, disk: &mut Disk, out: &mut Outbox) {
        let Role::Leader(leader) = &mut self.role else { return };
        if let Some(waiting) = leader.waiting.remove(&slot) {
            let answer = self.read(&waiting.partition, disk);
            reply(waiting.from, answer, out);
        }
    }

    /// Something was appended: whoever waits is answered.
    fn answer_waiting(&mut self, disk: &mut Disk, out: &mut Outbox) {
        let Role::Leader(leader) = &mut self.role else { return };
        for (slot, waiting) in std::mem::take(&mut leader.waiting) {
            out.cancel_timer(Timer::RaftFetch(slot));
            let answer = self.read(&waiting.partition, disk);
            reply(waiting.from, answer, out);
        }
    }

    /// What a fetch is answered now.
    fn read(&self, partition: &FetchPartition, disk: &mut Disk) -> FetchPartitionResponse {
        let mut answer = FetchPartitionResponse {
            topic: partition.topic.clone(),
            partition: partition.partition,
            error: ErrorCode::None,
            high_watermark: None,
            last_stable_offset: None,
            log_start_offset: None,
            diverging_epoch: None,
            current_leader: self.leader.map(|leader| (leader, self.leader_epoch())),
            aborted: Vec::new(),
            preferred_read_replica: None,
            records: Default::default(),
        };
        let asked = partition.current_leader_epoch.unwrap_or(LeaderEpoch(0));
        answer.error = match asked.cmp(&self.leader_epoch()) {
            std::cmp::Ordering::Less => ErrorCode::FencedLeaderEpoch,
            std::cmp::Ordering::Greater => ErrorCode::UnknownLeaderEpoch,
            std::cmp::Ordering::Equal if !self.is_leader() => ErrorCode::NotLeaderOrFollower,
            std::cmp::Ordering::Equal => ErrorCode::None,
        };
        if !answer.error.is_none() {
            return answer;
        }
        answer.high_watermark = Some(self.high_watermark);
        answer.log_start_offset = Some(self.log.log_start_offset());
        let shared = partition.last_fetched_epoch.map(|epoch| self.log.end_offset_for_epoch(epoch));
        match (partition.last_fetched_epoch, shared) {
            (Some(last), Some(Some((epoch, end))))
                if epoch < last || end < partition.fetch_offset =>
            {
                answer.diverging_epoch = Some((epoch, end));
            }
            _ => {
                let end = self.log.log_end_offset();
                let max = u64::from(partition.max_bytes);
                match self.log.read(disk, partition.fetch_offset, max, end, true) {
                    Ok(read) => answer.records = read.records,
                    Err(error) => answer.error = error,
                }
            }
        }
        answer
    }

    /// How many fetches wait for something new.
    pub fn waiting_fetches(&self) -> impl Iterator<Item = BrokerId> {
        let leader = match &self.role {
            Role::Leader(leader) => Some(leader),
            Role::Observer(_) => None,
        };
        let waiting = leader.into_iter().flat_map(|leader| leader.waiting.values());
        waiting.filter_map(|waiting| waiting.fetcher)
    }
}

fn has_news(answer: &FetchPartitionResponse) -> bool {
    !answer.error.is_none() || answer.diverging_epoch.is_some() || !answer.records.is_empty()
}

fn reply(from: ReplyTo, answer: FetchPartitionResponse, out: &mut Outbox) {
    let partitions = std::iter::once(answer).collect();
    out.reply(from, ResponseBody::Fetch(FetchResponse { partitions, ..Default::default() }));
}

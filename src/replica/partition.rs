//! One replica of a partition on its broker: leading, following, or neither.
//!
//! In Kafka: `Partition`. The log lies below it, the requests that wait for it above.

use super::isr::{BrokerList, FetchEpoch, FollowerFetch, LeaderState, Liveness};
use super::isr_change::IsrProposal;
use crate::fact::Fact;
use crate::feature::mutant;
use crate::ids::{
    BrokerEpoch, BrokerId, LeaderEpoch, Offset, PartitionEpoch, TopicId, TopicIdPartition,
    TopicPartition,
};
use crate::log::{
    AppendError, AppendInfo, AppendOrigin, Disk, Log, LogId, OffsetQuery, ReadInfo,
    TimestampAndOffset,
};
use crate::metadata::PartitionRegistration;
use crate::node::Outbox;
use crate::protocol::{ErrorCode, FetchPartition, Fetcher, Isolation, Records};
use crate::sim::{Duration, Instant};

/// What a replica does.
#[derive(Clone, Debug)]
pub enum Role {
    /// It takes writes and serves reads.
    Leader(Box<LeaderState>),
    /// It copies, or waits until there is a leader to copy from.
    Follower,
}

/// What a replica needs to know of its broker and of the others.
#[derive(Debug)]
pub struct Surroundings<'a, L> {
    /// The broker it lives on.
    pub local: BrokerId,
    /// That broker's epoch.
    pub local_epoch: BrokerEpoch,
    /// `replica.lag.time.max.ms`.
    pub lag_max: Duration,
    /// What the broker's metadata image says about the others.
    pub liveness: &'a L,
}

impl<L> Clone for Surroundings<'_, L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<L> Copy for Surroundings<'_, L> {}

/// Why a leader did not take a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProduceError {
    /// It does not lead.
    NotLeader,
    /// acks=all, and the ISR is too small.
    NotEnoughReplicas {
        /// How many are in sync.
        in_sync: usize,
        /// How many there should be.
        min_isr: usize,
    },
    /// The log refused it.
    Append(AppendError),
}

impl ProduceError {
    /// What the producer is answered.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NotLeader => ErrorCode::NotLeaderOrFollower,
            Self::NotEnoughReplicas { .. } => ErrorCode::NotEnoughReplicas,
            Self::Append(error) => error.code(),
        }
    }
}

/// What is to be appended by a leader.
#[derive(Clone, Copy, Debug)]
pub struct Write<'a> {
    /// The batches.
    pub batches: &'a Records,
    /// Who writes.
    pub origin: AppendOrigin,
    /// True if the ISR must be large enough (acks=all).
    pub acks_all: bool,
}

/// How much a fetch may read, and of whom.
#[derive(Clone, Copy, Debug)]
pub struct ReadLimit {
    /// At most so many bytes.
    pub max_bytes: u64,
    /// But one batch, however large it is.
    pub min_one_batch: bool,
    /// Only the leader may answer; consumers that know their rack may read from followers (KIP-392).
    pub leader_only: bool,
}

/// What a fetch reads from a replica.
#[derive(Clone, Debug)]
pub struct Read {
    /// The records, from the fetch offset on.
    pub info: ReadInfo,
    /// Where the fetcher's log left this one (KIP-595); then there are no records.
    pub diverging_epoch: Option<(LeaderEpoch, Offset)>,
    /// The high watermark before the read.
    pub high_watermark: Offset,
    /// The last stable offset before the read.
    pub last_stable_offset: Offset,
    /// The log start offset before the read.
    pub log_start_offset: Offset,
}

/// A replica of a partition.
#[derive(Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "`partition_epoch` is Kafka's word")]
pub struct Partition {
    pub(super) tp: TopicPartition,
    topic_id: TopicId,
    log: LogId,
    pub(super) role: Role,
    leader: Option<BrokerId>,
    pub(super) leader_epoch: Option<LeaderEpoch>,
    pub(super) partition_epoch: Option<PartitionEpoch>,
    replicas: BrokerList,
    adding: BrokerList,
    removing: BrokerList,
}

impl Partition {
    /// A replica whose state the controller has not told yet.
    pub fn new(tp: TopicPartition, topic_id: TopicId, log: LogId) -> Self {
        Self {
            tp,
            topic_id,
            log,
            role: Role::Follower,
            leader: None,
            leader_epoch: None,
            partition_epoch: None,
            replicas: BrokerList::new(),
            adding: BrokerList::new(),
            removing: BrokerList::new(),
        }
    }

    /// The partition.
    pub fn topic_partition(&self) -> &TopicPartition {
        &self.tp
    }

    /// The partition by its topic's id.
    pub fn id(&self) -> TopicIdPartition {
        TopicIdPartition { topic_id: self.topic_id, partition: self.tp.partition }
    }

    /// Its log.
    pub fn log(&self) -> LogId {
        self.log
    }

    /// What it does.
    pub fn role(&self) -> &Role {
        &self.role
    }

    /// True for the leader.
    pub fn is_leader(&self) -> bool {
        matches!(self.role, Role::Leader(_))
    }

    /// The leader it knows.
    pub fn leader(&self) -> Option<BrokerId> {
        self.leader
    }

    /// The leader epoch it knows; none before the controller told it.
    pub fn leader_epoch(&self) -> Option<LeaderEpoch> {
        self.leader_epoch
    }

    /// The partition epoch it knows; none before the controller told it.
    pub fn partition_epoch(&self) -> Option<PartitionEpoch> {
        self.partition_epoch
    }

    /// The brokers that hold replicas, the preferred leader first.
    pub fn replicas(&self) -> &[BrokerId] {
        &self.replicas
    }

    /// `min.insync.replicas`, at most the number of replicas.
    pub fn effective_min_isr(&self, log: &Log) -> usize {
        let configured = usize::try_from(log.config().min_insync_replicas).unwrap_or(1);
        configured.min(self.replicas.len().max(1))
    }

    /// True while the ISR is smaller than `min.insync.replicas`.
    pub fn is_under_min_isr(&self, log: &Log) -> bool {
        let min_isr = self.effective_min_isr(log);
        matches!(&self.role, Role::Leader(state) if state.isr().len() < min_isr)
    }

    fn set_assignment(&mut self, state: &PartitionRegistration) {
        self.replicas = BrokerList::from_slice(&state.replicas);
        self.adding = BrokerList::from_slice(state.adding_replicas());
        self.removing = BrokerList::from_slice(state.removing_replicas());
        self.partition_epoch = Some(state.partition_epoch);
    }

    fn is_stale(&self, state: &PartitionRegistration) -> bool {
        self.partition_epoch.is_some_and(|known| state.partition_epoch < known)
    }

    /// The controller says that this replica leads. True if the high watermark moved.
    pub fn make_leader<L: Liveness>(
        &mut self,
        log: &mut Log,
        state: &PartitionRegistration,
        around: Surroundings<'_, L>,
        disk: &mut Disk,
        out: &mut Outbox,
    ) -> bool {
        if self.is_stale(state) {
            return false;
        }
        let new_epoch = self.leader_epoch.is_none_or(|known| state.leader_epoch > known);
        self.set_assignment(state);
        let end = log.log_end_offset();
        let mut leader_epoch = state.leader_epoch;
        if mutant!(out, EpochBehind) {
            leader_epoch = LeaderEpoch((leader_epoch.0 - 1).max(0));
        }
        if mutant!(out, HighWatermarkSinks) {
            log.update_high_watermark(Offset(0));
        }
        match &mut self.role {
            Role::Leader(leader) => {
                leader.update(&state.replicas, &state.isr, new_epoch.then_some(end), out.now);
            }
            Role::Follower => {
                let leader =
                    LeaderState::new(around.local, &state.replicas, &state.isr, end, out.now);
                self.role = Role::Leader(Box::new(leader));
            }
        }
        if new_epoch {
            // At once, not with the first batch: a follower may ask for any epoch up to this one
            // (KAFKA-7415).
            if !mutant!(out, EpochNotAssigned) {
                log.assign_epoch_start_offset(disk, leader_epoch, end);
            }
            self.leader_epoch = Some(leader_epoch);
            let tp = self.tp.clone();
            out.fact(|| Fact::BecameLeader { tp, leader_epoch, log_end_offset: end });
        }
        self.leader = Some(around.local);
        self.maybe_advance_high_watermark(log, around, out)
    }

    /// The controller says that this replica follows, or that nobody leads. True if its fetching has
    /// to begin anew.
    pub fn make_follower(&mut self, state: &PartitionRegistration, out: &mut Outbox) -> bool {
        if self.is_stale(state) {
            return false;
        }
        let new_epoch = self.leader_epoch.is_none_or(|known| state.leader_epoch > known);
        self.set_assignment(state);
        if !mutant!(out, OldLeaderStays) {
            self.role = Role::Follower;
        }
        self.leader = state.leader;
        self.leader_epoch = Some(state.leader_epoch);
        if new_epoch {
            let (tp, leader_epoch) = (self.tp.clone(), state.leader_epoch);
            let leader = state.leader;
            out.fact(|| Fact::BecameFollower { tp, leader, leader_epoch });
        }
        new_epoch
    }

    /// Appends what a producer or a coordinator sent. Returns where, and whether the high watermark
    /// moved (an ISR of one needs nobody's acknowledgement).
    ///
    /// # Errors
    /// When it does not lead, the ISR is too small for acks=all, or the log refuses the batches.
    pub fn append_to_leader<L: Liveness>(
        &self,
        log: &mut Log,
        write: Write<'_>,
        around: Surroundings<'_, L>,
        disk: &mut Disk,
        out: &mut Outbox,
    ) -> Result<(AppendInfo, bool), ProduceError> {
        let Role::Leader(leader) = &self.role else { return Err(ProduceError::NotLeader) };
        let (in_sync, min_isr) = (leader.isr().len(), self.effective_min_isr(log));
        if write.acks_all && in_sync < min_isr {
            return Err(ProduceError::NotEnoughReplicas { in_sync, min_isr });
        }
        let epoch = self.leader_epoch.expect("a leader knows its epoch");
        let info = log
            .append_as_leader(disk, write.batches, epoch, write.origin, out)
            .map_err(ProduceError::Append)?;
        Ok((info, self.maybe_advance_high_watermark(log, around, out)))
    }

    /// Raises the high watermark to what all replicas that count have, if the ISR is large enough.
    pub fn maybe_advance_high_watermark<L: Liveness>(
        &self,
        log: &mut Log,
        around: Surroundings<'_, L>,
        out: &mut Outbox,
    ) -> bool {
        if self.is_under_min_isr(log) && !mutant!(out, HighWatermarkIgnoresIsr) {
            return false;
        }
        let Role::Leader(leader) = &self.role else { return false };
        let end = log.log_end_offset();
        let candidate = if mutant!(out, HighWatermarkIgnoresFollowers) {
            Some(end)
        } else {
            leader.high_watermark_candidate(end, out.now, around.lag_max, around.liveness)
        };
        let Some(to) = candidate else { return false };
        let Some(from) = log.maybe_increment_high_watermark(to) else { return false };
        if from < to {
            let tp = || self.tp.clone();
            out.detail(|| Fact::HighWatermarkAdvanced { tp: tp(), from, to, as_leader: true });
        }
        true
    }

    /// True when acks=all may be answered for everything below `required`, and with what.
    ///
    /// # Errors
    /// [`ErrorCode::NotLeaderOrFollower`] when it leads no more,
    /// [`ErrorCode::NotEnoughReplicasAfterAppend`] when the ISR has become too small.
    pub fn has_reached(&self, log: &Log, required: Offset) -> Result<bool, ErrorCode> {
        let Role::Leader(leader) = &self.role else { return Err(ErrorCode::NotLeaderOrFollower) };
        if log.high_watermark() < required {
            Ok(false)
        } else if leader.maximal_isr_len() < self.effective_min_isr(log) {
            Err(ErrorCode::NotEnoughReplicasAfterAppend)
        } else {
            Ok(true)
        }
    }

    /// Checks the leader epoch that a request names, and that this replica leads if it must.
    ///
    /// # Errors
    /// [`ErrorCode::FencedLeaderEpoch`] when it is older than ours,
    /// [`ErrorCode::UnknownLeaderEpoch`] when it is newer,
    /// [`ErrorCode::NotLeaderOrFollower`] when it matches but this replica does not lead.
    pub fn check_epoch(
        &self,
        current: Option<LeaderEpoch>,
        leader_only: bool,
    ) -> Result<(), ErrorCode> {
        if let Some(current) = current {
            let ours = self.leader_epoch.unwrap_or(LeaderEpoch(-1));
            if current < ours {
                return Err(ErrorCode::FencedLeaderEpoch);
            }
            if current > ours {
                return Err(ErrorCode::UnknownLeaderEpoch);
            }
        }
        if leader_only && !self.is_leader() {
            return Err(ErrorCode::NotLeaderOrFollower);
        }
        Ok(())
    }

    /// Reads for a follower or a consumer, at most `max_bytes`.
    ///
    /// # Errors
    /// Those of [`Partition::check_epoch`]; [`ErrorCode::OffsetOutOfRange`] outside the log, or when
    /// the fetcher's last epoch is not known here; [`ErrorCode::UnknownLeaderEpoch`] for a follower
    /// that is not among the replicas.
    pub fn read(
        &self,
        log: &Log,
        fetcher: Fetcher,
        isolation: Isolation,
        asked: &FetchPartition,
        limit: ReadLimit,
        disk: &mut Disk,
    ) -> Result<Read, ErrorCode> {
        self.check_epoch(asked.current_leader_epoch, limit.leader_only)?;
        if let (Some(id), Role::Leader(leader)) = (fetcher.replica(), &self.role)
            && leader.follower(id).is_none()
        {
            return Err(match asked.current_leader_epoch {
                Some(_) => ErrorCode::UnknownLeaderEpoch,
                None => ErrorCode::NotLeaderOrFollower,
            });
        }
        let mut read = Read {
            info: ReadInfo::default(),
            diverging_epoch: None,
            high_watermark: log.high_watermark(),
            last_stable_offset: log.last_stable_offset(),
            log_start_offset: log.log_start_offset(),
        };
        read.diverging_epoch = divergence(log, asked)?;
        if read.diverging_epoch.is_none() {
            let end = readable_end(log, fetcher, isolation);
            let from = asked.fetch_offset;
            read.info = log.read(disk, from, limit.max_bytes, end, limit.min_one_batch)?;
        }
        Ok(read)
    }

    /// True if [`Partition::read`] on this leader certainly finds nothing: the fetcher wants what
    /// comes next, and shares this history.
    pub fn has_nothing_for(
        &self,
        log: &Log,
        fetcher: Fetcher,
        isolation: Isolation,
        asked: &FetchPartition,
    ) -> bool {
        let Role::Leader(leader) = &self.role else { return false };
        let is_known = match fetcher.replica() {
            Some(id) => leader.follower(id).is_some(),
            None => true,
        };
        is_known
            && asked.fetch_offset == readable_end(log, fetcher, isolation)
            && asked.current_leader_epoch.is_none_or(|epoch| Some(epoch) == self.leader_epoch)
            && asked.last_fetched_epoch.is_none_or(|last| Some(last) == log.latest_epoch())
            // Otherwise the offset may lie inside a batch.
            && (asked.fetch_offset == log.log_end_offset() || log.is_high_watermark_located())
    }

    /// Takes note of a follower's fetch: it has all below the batch that was read for it,
    /// which begins at `start`. Returns whether it has more than before, so that the high watermark may move
    /// ([`Partition::maybe_advance_high_watermark`]), and the ISR to ask for if it may join.
    ///
    /// # Errors
    /// [`ErrorCode::NotLeaderOrFollower`] for a fetch of an older incarnation of the broker.
    pub fn record_fetch<L: Liveness>(
        &mut self,
        log: &Log,
        fetcher: Fetcher,
        asked: &FetchPartition,
        start: Offset,
        around: Surroundings<'_, L>,
        out: &mut Outbox,
    ) -> Result<(bool, Option<IsrProposal>), ErrorCode> {
        let Fetcher::Replica { id, epoch } = fetcher else { return Ok((false, None)) };
        let Role::Leader(leader) = &mut self.role else {
            return Err(ErrorCode::NotLeaderOrFollower);
        };
        let before = leader.follower(id).and_then(|follower| follower.log_end_offset);
        // Where the read began: of a batch whose middle is asked for it has nothing.
        let fetch = FollowerFetch { offset: start, ..follower_fetch(log, epoch, asked) };
        leader.record_fetch(id, fetch, out.now, around.liveness)?;
        let moved = before != Some(fetch.offset);
        if moved {
            let tp = || self.tp.clone();
            let end = fetch.offset;
            out.detail(|| Fact::FollowerFetched { tp: tp(), follower: id, log_end_offset: end });
        }
        let may_join = leader.may_join(id, log.high_watermark(), around.liveness)
            && !mutant!(out, IsrNeverGrows)
            || mutant!(out, IsrJoinWhereverItIs)
                && !leader.is_inflight()
                && !leader.isr().contains(&id);
        let proposal = may_join.then(|| {
            let isr = leader.propose_expand(id);
            let (tp, told) = (self.tp.clone(), isr.to_vec());
            out.fact(|| Fact::IsrExpandProposed { tp, joining: id, isr: told });
            isr
        });
        let proposal = proposal.map(|isr| self.proposal(&isr, around));
        Ok((moved, proposal))
    }

    /// Takes note of a fetch by a follower that is alive and has nothing new: false if there may be
    /// more to it ([`Partition::record_fetch`]).
    pub fn record_same_fetch(
        &mut self,
        log: &Log,
        fetcher: Fetcher,
        asked: &FetchPartition,
        now: Instant,
    ) -> bool {
        match (&mut self.role, fetcher) {
            (Role::Leader(leader), Fetcher::Replica { id, epoch }) => {
                leader.record_same_fetch(id, follower_fetch(log, epoch, asked), now)
            }
            _ => false,
        }
    }

    /// Takes note of one more such fetch, where nothing has changed since that one.
    pub fn record_unchanged_fetch(&mut self, follower: BrokerId, now: Instant) {
        if let Role::Leader(leader) = &mut self.role {
            leader.record_unchanged_fetch(follower, now);
        }
    }

    /// The end of `epoch`, or of the last one before it (KIP-101, KIP-279).
    ///
    /// # Errors
    /// Those of [`Partition::check_epoch`].
    pub fn end_offset_for_epoch(
        &self,
        log: &Log,
        current: Option<LeaderEpoch>,
        epoch: LeaderEpoch,
        leader_only: bool,
    ) -> Result<Option<(LeaderEpoch, Offset)>, ErrorCode> {
        self.check_epoch(current, leader_only)?;
        Ok(log.end_offset_for_epoch(epoch))
    }

    /// Where a client may begin to read: `query`, bounded by what it may see.
    ///
    /// # Errors
    /// Those of [`Partition::check_epoch`]; [`ErrorCode::OffsetNotAvailable`] while a new leader's
    /// high watermark lags behind the start of its epoch (KIP-207).
    pub fn offset_for(
        &self,
        log: &mut Log,
        query: OffsetQuery,
        isolation: Option<Isolation>,
        current: Option<LeaderEpoch>,
        leader_only: bool,
        disk: &mut Disk,
    ) -> Result<Option<TimestampAndOffset>, ErrorCode> {
        self.check_epoch(current, leader_only)?;
        let last = match isolation {
            Some(Isolation::ReadCommitted) => log.last_stable_offset(),
            Some(Isolation::ReadUncommitted) => log.high_watermark(),
            None => log.log_end_offset(),
        };
        let lagging = matches!(
            &self.role,
            Role::Leader(leader)
                if isolation.is_some() && leader.epoch_start_offset > log.high_watermark()
        );
        let found = match query {
            OffsetQuery::Latest if lagging => return Err(ErrorCode::OffsetNotAvailable),
            OffsetQuery::Latest => {
                return Ok(Some(TimestampAndOffset {
                    timestamp: crate::ids::Timestamp(-1),
                    offset: last,
                    leader_epoch: self.leader_epoch,
                }));
            }
            OffsetQuery::Earliest => return Ok(log.fetch_offset(disk, query)),
            OffsetQuery::MaxTimestamp | OffsetQuery::Timestamp(_) => log.fetch_offset(disk, query),
        };
        match found {
            Some(found) if found.offset < last => Ok(Some(found)),
            Some(_) | None if lagging => Err(ErrorCode::OffsetNotAvailable),
            _ => Ok(None),
        }
    }
}

/// What a fetch of `asked` says about the follower.
fn follower_fetch(log: &Log, epoch: Option<BrokerEpoch>, asked: &FetchPartition) -> FollowerFetch {
    FollowerFetch {
        epoch: epoch.map_or(FetchEpoch::Unversioned, FetchEpoch::Of),
        offset: asked.fetch_offset,
        log_start_offset: asked.log_start_offset,
        leader_end: log.log_end_offset(),
    }
}

/// Where reading ends: followers get everything, consumers what is safe.
pub fn readable_end(log: &Log, fetcher: Fetcher, isolation: Isolation) -> Offset {
    match (fetcher, isolation) {
        (Fetcher::Replica { .. }, _) => log.log_end_offset(),
        (Fetcher::Consumer, Isolation::ReadUncommitted) => log.high_watermark(),
        (Fetcher::Consumer, Isolation::ReadCommitted) => log.last_stable_offset(),
    }
}

/// Where the fetcher's log left this one, if it did.
fn divergence(
    log: &Log,
    asked: &FetchPartition,
) -> Result<Option<(LeaderEpoch, Offset)>, ErrorCode> {
    let Some(last) = asked.last_fetched_epoch else { return Ok(None) };
    let shared = log.end_offset_for_epoch(last).ok_or(ErrorCode::OffsetOutOfRange)?;
    if asked.fetch_offset < log.log_start_offset() {
        return Err(ErrorCode::OffsetOutOfRange);
    }
    let (epoch, end) = shared;
    Ok((epoch < last || end < asked.fetch_offset).then_some(shared))
}

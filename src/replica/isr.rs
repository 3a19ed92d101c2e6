//! What a leader knows of its followers, and the in-sync replicas it derives from that.
//!
//! In Kafka: `Partition` (leader side), `Replica`, `ReplicaState`, `PartitionState`; KIP-497
//! (`AlterPartition`, maximal ISR), KIP-841 (no fenced replica joins), KIP-903 (broker epochs).

use smallvec::SmallVec;

use crate::ids::{BrokerEpoch, BrokerId, Offset};
use crate::protocol::ErrorCode;
use crate::sim::{Duration, Instant};

/// A few broker ids in an order that means something.
pub type BrokerList = SmallVec<[BrokerId; 4]>;

/// What a leader asks its metadata image about other brokers.
pub trait Liveness {
    /// True for a broker that the controller has fenced, or does not know.
    fn is_fenced(&self, broker: BrokerId) -> bool;
    /// True for a broker in controlled shutdown.
    fn is_shutting_down(&self, broker: BrokerId) -> bool;
    /// The epoch of a broker that is alive.
    fn alive_broker_epoch(&self, broker: BrokerId) -> Option<BrokerEpoch>;
}

/// A follower as its leader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follower {
    /// The follower.
    pub id: BrokerId,
    /// Its log start offset; none before its first fetch.
    pub log_start_offset: Option<Offset>,
    /// Its log end offset, which is where it fetched last; none before its first fetch.
    pub log_end_offset: Option<Offset>,
    /// When it last had everything that the leader had; none for long ago.
    pub last_caught_up: Option<Instant>,
    /// The broker epoch it last fetched with.
    pub broker_epoch: Option<FetchEpoch>,
    last_fetch: Option<Instant>,
    leader_end_at_last_fetch: Option<Offset>,
}

/// The broker epoch of a fetch; before KIP-903 a fetch had none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchEpoch {
    /// The version of the request knows no broker epoch.
    Unversioned,
    /// The follower's broker epoch.
    Of(BrokerEpoch),
}

/// What a follower's fetch says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FollowerFetch {
    /// Which incarnation of the broker fetches.
    pub epoch: FetchEpoch,
    /// Where it fetches: its log end offset.
    pub offset: Offset,
    /// Its log start offset.
    pub log_start_offset: Option<Offset>,
    /// Where the leader's log ended before the read.
    pub leader_end: Offset,
}

impl Follower {
    fn unknown(id: BrokerId) -> Self {
        Self {
            id,
            log_start_offset: None,
            log_end_offset: None,
            last_caught_up: None,
            broker_epoch: None,
            last_fetch: None,
            leader_end_at_last_fetch: None,
        }
    }

    fn fetched_at_the_end(&mut self, now: Instant) {
        self.last_caught_up = self.last_caught_up.max(Some(now));
        self.last_fetch = Some(now);
    }

    /// True when it has all the leader has, or had so within `lag_max` (`replica.lag.time.max.ms`).
    pub fn is_caught_up(&self, leader_end: Offset, now: Instant, lag_max: Duration) -> bool {
        self.log_end_offset == Some(leader_end)
            || self.last_caught_up.is_some_and(|at| now.since(at) <= lag_max)
    }

    /// True when the controller would take it into an ISR: neither fenced nor shutting down, and
    /// the incarnation that fetched is the one that is registered (KIP-841, KIP-903).
    fn is_eligible(&self, liveness: &impl Liveness) -> bool {
        let epoch_matches = match (self.broker_epoch, liveness.alive_broker_epoch(self.id)) {
            (Some(FetchEpoch::Unversioned), Some(_)) => true,
            (Some(FetchEpoch::Of(fetched)), Some(alive)) => fetched == alive,
            _ => false,
        };
        epoch_matches && !liveness.is_fenced(self.id) && !liveness.is_shutting_down(self.id)
    }
}

/// The ISR that the controller committed, and a change to it that the leader asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Proposal {
    /// The committed ISR stands.
    None,
    /// A replica shall join. Until the answer it counts as a member: that is only stricter.
    Expand { joining: BrokerId },
    /// Replicas shall leave. Until the answer they still count.
    Shrink { leaving: BrokerList },
}

/// The leader's side of a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaderState {
    local: BrokerId,
    /// Where its log ended when its leader epoch began.
    pub epoch_start_offset: Offset,
    /// Its followers, in the order of the assignment.
    followers: SmallVec<[Follower; 2]>,
    committed_isr: BrokerList,
    proposal: Proposal,
}

impl LeaderState {
    /// The state of a broker that becomes leader: of its followers it knows nothing yet.
    pub fn new(
        local: BrokerId,
        replicas: &[BrokerId],
        isr: &[BrokerId],
        log_end_offset: Offset,
        now: Instant,
    ) -> Self {
        let mut state = Self {
            local,
            epoch_start_offset: log_end_offset,
            followers: SmallVec::new(),
            committed_isr: BrokerList::from_slice(isr),
            proposal: Proposal::None,
        };
        state.set_assignment(replicas);
        for follower in &mut state.followers {
            follower.last_caught_up = isr.contains(&follower.id).then_some(now);
        }
        state
    }

    /// A new partition state of the same leader epoch, or of a later one that it leads as well.
    pub fn update(
        &mut self,
        replicas: &[BrokerId],
        isr: &[BrokerId],
        new_epoch: Option<Offset>,
        now: Instant,
    ) {
        self.set_assignment(replicas);
        self.committed_isr = BrokerList::from_slice(isr);
        self.proposal = Proposal::None;
        if let Some(log_end_offset) = new_epoch {
            // Led on in a new epoch: offsets stay known, but who is outside the ISR must fetch
            // anew before it may join, and does not hold the high watermark back.
            self.epoch_start_offset = log_end_offset;
            for follower in &mut self.followers {
                let seen = isr.contains(&follower.id).then_some(now);
                follower.last_caught_up = seen;
                follower.last_fetch = seen;
                follower.leader_end_at_last_fetch = Some(log_end_offset);
            }
        }
    }

    fn set_assignment(&mut self, replicas: &[BrokerId]) {
        let known = std::mem::take(&mut self.followers);
        let others = replicas.iter().filter(|id| **id != self.local);
        self.followers = others
            .map(|id| {
                let found = known.iter().find(|follower| follower.id == *id);
                found.cloned().unwrap_or_else(|| Follower::unknown(*id))
            })
            .collect();
    }

    /// The followers, in the order of the assignment.
    pub fn followers(&self) -> &[Follower] {
        &self.followers
    }

    /// The follower with that id, if it is assigned.
    pub fn follower(&self, id: BrokerId) -> Option<&Follower> {
        self.followers.iter().find(|follower| follower.id == id)
    }

    /// The ISR: the committed one, with what a pending change would leave of it.
    pub fn isr(&self) -> &[BrokerId] {
        &self.committed_isr
    }

    /// Every replica that may be in the ISR: what the controller committed and what it may commit.
    pub fn maximal_isr(&self) -> BrokerList {
        let mut isr = self.committed_isr.clone();
        if let Proposal::Expand { joining } = self.proposal {
            isr.push(joining);
        }
        isr
    }

    /// How many replicas [`LeaderState::maximal_isr`] has.
    pub fn maximal_isr_len(&self) -> usize {
        self.committed_isr.len() + usize::from(matches!(self.proposal, Proposal::Expand { .. }))
    }

    /// True for a member of [`LeaderState::maximal_isr`].
    pub fn is_in_maximal_isr(&self, id: BrokerId) -> bool {
        self.committed_isr.contains(&id)
            || matches!(self.proposal, Proposal::Expand { joining } if joining == id)
    }

    /// True while the controller has not answered a proposed change.
    pub fn is_inflight(&self) -> bool {
        self.proposal != Proposal::None
    }

    /// A follower fetched from an offset, so it has all below.
    ///
    /// # Errors
    /// [`ErrorCode::NotLeaderOrFollower`] when the fetch is of an older incarnation of the broker
    /// than the image knows (KIP-903).
    pub fn record_fetch(
        &mut self,
        id: BrokerId,
        fetch: FollowerFetch,
        now: Instant,
        liveness: &impl Liveness,
    ) -> Result<(), ErrorCode> {
        if let FetchEpoch::Of(epoch) = fetch.epoch
            && liveness.alive_broker_epoch(id).is_some_and(|alive| alive > epoch)
        {
            return Err(ErrorCode::NotLeaderOrFollower);
        }
        let Some(follower) = self.followers.iter_mut().find(|follower| follower.id == id) else {
            return Err(ErrorCode::UnknownLeaderEpoch);
        };
        if fetch.offset >= fetch.leader_end {
            follower.last_caught_up = follower.last_caught_up.max(Some(now));
        } else if follower.leader_end_at_last_fetch.is_none_or(|end| fetch.offset >= end) {
            // It has what the leader had when it fetched before: so it was caught up then.
            follower.last_caught_up = follower.last_caught_up.max(follower.last_fetch);
        }
        follower.log_start_offset = fetch.log_start_offset;
        follower.log_end_offset = Some(fetch.offset);
        let seen = follower.leader_end_at_last_fetch.max(Some(fetch.leader_end));
        follower.leader_end_at_last_fetch = seen;
        follower.last_fetch = Some(now);
        follower.broker_epoch = Some(fetch.epoch);
        Ok(())
    }

    /// A follower that is caught up fetched again from the end of the log: of a member of the ISR
    /// only the time is to be noted. False if there may be more to it; then nothing is noted.
    pub fn record_same_fetch(&mut self, id: BrokerId, fetch: FollowerFetch, now: Instant) -> bool {
        let follower = self.followers.iter_mut().find(|follower| follower.id == id);
        let Some(follower) = follower else { return false };
        let is_same = fetch.offset >= fetch.leader_end
            && follower.log_end_offset == Some(fetch.offset)
            && follower.log_start_offset == fetch.log_start_offset
            && follower.leader_end_at_last_fetch >= Some(fetch.leader_end)
            && follower.broker_epoch == Some(fetch.epoch)
            && self.committed_isr.contains(&id);
        if is_same {
            follower.fetched_at_the_end(now);
        }
        is_same
    }

    /// A follower fetched as [`LeaderState::record_same_fetch`] says, where nothing has changed since
    /// the last time.
    pub fn record_unchanged_fetch(&mut self, id: BrokerId, now: Instant) {
        let follower = self.followers.iter_mut().find(|follower| follower.id == id);
        follower.expect("it was here when it fetched before").fetched_at_the_end(now);
    }

    /// The highest offset that every replica which counts has reached, at most `leader_end`.
    ///
    /// A replica counts if it is in the maximal ISR, or is caught up and about to join: else it
    /// could never catch up with a high watermark that runs ahead of it.
    pub fn high_watermark_candidate(
        &self,
        leader_end: Offset,
        now: Instant,
        lag_max: Duration,
        liveness: &impl Liveness,
    ) -> Option<Offset> {
        let mut candidate = Some(leader_end);
        for follower in &self.followers {
            if follower.log_end_offset < candidate
                && (self.is_in_maximal_isr(follower.id)
                    || follower.is_caught_up(leader_end, now, lag_max)
                        && follower.is_eligible(liveness))
            {
                candidate = follower.log_end_offset;
            }
        }
        candidate
    }

    /// True when `id` may join the ISR: it reached the high watermark and the start of this leader
    /// epoch (KAFKA-7128), is not a member, and nothing is pending.
    pub fn may_join(&self, id: BrokerId, high_watermark: Offset, liveness: &impl Liveness) -> bool {
        !self.is_inflight()
            && !self.committed_isr.contains(&id)
            && self.follower(id).is_some_and(|follower| {
                follower.is_eligible(liveness)
                    && follower
                        .log_end_offset
                        .is_some_and(|end| end >= high_watermark && end >= self.epoch_start_offset)
            })
    }

    /// The members of the ISR that fell behind for longer than `lag_max`; none while a change is
    /// pending.
    pub fn out_of_sync(&self, leader_end: Offset, now: Instant, lag_max: Duration) -> BrokerList {
        if self.is_inflight() {
            return BrokerList::new();
        }
        let others = self.committed_isr.iter().filter(|id| **id != self.local);
        others
            .filter(|id| {
                self.follower(**id)
                    .is_none_or(|follower| !follower.is_caught_up(leader_end, now, lag_max))
            })
            .copied()
            .collect()
    }

    /// Proposes that `id` joins; returns the ISR to ask for.
    pub fn propose_expand(&mut self, id: BrokerId) -> BrokerList {
        assert!(!self.is_inflight(), "one change at a time");
        self.proposal = Proposal::Expand { joining: id };
        self.maximal_isr()
    }

    /// Proposes that `leaving` leave; returns the ISR to ask for.
    pub fn propose_shrink(&mut self, leaving: &[BrokerId]) -> BrokerList {
        assert!(!self.is_inflight(), "one change at a time");
        self.proposal = Proposal::Shrink { leaving: BrokerList::from_slice(leaving) };
        self.proposed_isr().expect("a change was just proposed")
    }

    /// The ISR that was asked for, while the answer is out.
    pub fn proposed_isr(&self) -> Option<BrokerList> {
        match &self.proposal {
            Proposal::None => None,
            Proposal::Expand { .. } => Some(self.maximal_isr()),
            Proposal::Shrink { leaving } => Some(
                self.committed_isr.iter().filter(|id| !leaving.contains(id)).copied().collect(),
            ),
        }
    }

    /// `isr` with the broker epoch that each member last fetched with, as `AlterPartition` carries
    /// it; none where it is not known.
    pub fn with_epochs(
        &self,
        isr: &[BrokerId],
        local_epoch: BrokerEpoch,
    ) -> Vec<(BrokerId, Option<BrokerEpoch>)> {
        let epoch_of = |id: BrokerId| {
            if id == self.local {
                return Some(local_epoch);
            }
            match self.follower(id)?.broker_epoch? {
                FetchEpoch::Unversioned => None,
                FetchEpoch::Of(epoch) => Some(epoch),
            }
        };
        isr.iter().map(|id| (*id, epoch_of(*id))).collect()
    }

    /// The controller took the change: `isr` is in force.
    pub fn commit(&mut self, isr: &[BrokerId]) {
        self.committed_isr = BrokerList::from_slice(isr);
        self.proposal = Proposal::None;
    }

    /// The controller refused the change and says that it did not happen.
    pub fn roll_back(&mut self) {
        self.proposal = Proposal::None;
    }
}

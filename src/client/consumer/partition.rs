//! One assigned partition: where the consumer is in it, and whether it may fetch.
//!
//! In Kafka: `SubscriptionState.TopicPartitionState`, `FetchPosition`, `FetchStates`. Left out:
//! `pause()` and `resume()`.

use crate::config::OffsetReset;
use crate::fact::ResetReason;
use crate::ids::{BrokerId, LeaderEpoch, Offset};
use crate::sim::Instant;

/// Who leads a partition, as far as the consumer knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeaderAndEpoch {
    /// The leader; none while a newer epoch than its own was heard of.
    pub leader: Option<BrokerId>,
    /// The newest epoch heard of.
    pub epoch: Option<LeaderEpoch>,
}

/// Where a consumer is in a partition: what it hands out next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchPosition {
    /// The next offset.
    pub offset: Offset,
    /// The epoch of the last record before it; none if the consumer has read none.
    pub offset_epoch: Option<LeaderEpoch>,
    /// The leader that the position was last held against.
    pub leader: LeaderAndEpoch,
}

/// What a partition waits for. Fetching needs a position that is known to be in the leader's log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum FetchState {
    /// No position yet: the committed offset is asked for.
    #[default]
    Initializing,
    /// All is well.
    Fetching,
    /// The log start or end is asked for.
    AwaitReset,
    /// The leader is asked whether its log agrees with the position (KIP-320).
    AwaitValidation,
}

/// A reset that is under way: where to, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reset {
    pub(super) strategy: OffsetReset,
    pub(super) reason: ResetReason,
}

/// One assigned partition.
#[derive(Clone, Debug, Default)]
pub struct PartitionState {
    fetch_state: FetchState,
    position: Option<FetchPosition>,
    reset: Option<Reset>,
    /// Nothing is asked about the position before.
    next_retry: Option<Instant>,
    /// The positions are being committed before a rebalance takes the partition away.
    pending_revocation: bool,
    preferred_read_replica: Option<(BrokerId, Instant)>,
    pub(super) high_watermark: Option<Offset>,
    pub(super) last_stable_offset: Option<Offset>,
    pub(super) log_start_offset: Option<Offset>,
    pub(super) committed: Option<Offset>,
    /// What handlers have marked: the offset after the last one.
    pub(super) marked: Option<Offset>,
    /// So much waits for the handler that no more is fetched.
    pub(super) has_backlog: bool,
    /// Java's hash code of the partition.
    pub(super) hash: i32,
    /// Its place in Java's list of assigned partitions.
    pub(super) place: u64,
}

impl PartitionState {
    /// A partition that was just assigned, with Java's hash code of it.
    pub(super) fn new(hash: i32) -> Self {
        Self { hash, ..Self::default() }
    }

    /// What it waits for.
    pub const fn fetch_state(&self) -> FetchState {
        self.fetch_state
    }

    /// Where the consumer is; none while that is not known.
    pub const fn position(&self) -> Option<FetchPosition> {
        self.position
    }

    /// The position, if it is known to be good.
    pub fn valid_position(&self) -> Option<FetchPosition> {
        self.position.filter(|_| self.has_valid_position())
    }

    /// The offset that this consumer last committed, or began with.
    pub const fn committed(&self) -> Option<Offset> {
        self.committed
    }

    /// The leader's high watermark as the last fetch told it.
    pub const fn high_watermark(&self) -> Option<Offset> {
        self.high_watermark
    }

    /// How many records the consumer has not handed out yet, as far as it knows.
    pub fn lag(&self) -> Option<u64> {
        Some(self.high_watermark?.0.saturating_sub(self.position?.offset.0))
    }

    /// A handler is done with all before `to`: marks only move forward, from what is committed on.
    pub(super) fn mark(&mut self, to: Offset) {
        if self.marked.max(self.committed).is_none_or(|known| to > known) {
            self.marked = Some(to);
        }
    }

    /// What is marked and not committed.
    pub(super) fn uncommitted_mark(&self) -> Option<Offset> {
        self.marked.filter(|marked| self.committed.is_none_or(|committed| *marked > committed))
    }

    pub(super) const fn has_valid_position(&self) -> bool {
        matches!(self.fetch_state, FetchState::Fetching)
    }

    pub(super) const fn is_fetchable(&self) -> bool {
        !self.pending_revocation && self.has_valid_position()
    }

    pub(super) const fn reset(&self) -> Option<Reset> {
        self.reset
    }

    pub(super) fn mark_pending_revocation(&mut self) {
        self.pending_revocation = true;
    }

    // ---- positions ----

    /// The application has been handed the records before `position`.
    pub(super) fn advance(&mut self, position: FetchPosition) {
        assert!(self.has_valid_position(), "only a partition that fetches moves on");
        self.position = Some(position);
    }

    /// Moves to a position that needs no validation.
    pub(super) fn seek_validated(&mut self, position: FetchPosition) {
        self.fetch_state = FetchState::Fetching;
        self.position = Some(position);
        self.reset = None;
        self.next_retry = None;
    }

    /// Moves to a position, which is validated first if its epoch is known.
    pub(super) fn seek_unvalidated(&mut self, position: FetchPosition) {
        self.seek_validated(position);
        self.validate(position);
    }

    fn validate(&mut self, position: FetchPosition) {
        let can_be_validated = position.offset_epoch.is_some() && position.leader.epoch.is_some();
        self.fetch_state =
            if can_be_validated { FetchState::AwaitValidation } else { FetchState::Fetching };
        self.position = Some(position);
        self.next_retry = None;
    }

    /// Holds the position against a leader that is perhaps another one than before. True if it must
    /// be validated.
    pub(super) fn maybe_validate(&mut self, current: LeaderAndEpoch) -> bool {
        if self.fetch_state == FetchState::AwaitReset || current.leader.is_none() {
            return false;
        }
        if let Some(position) = self.position
            && position.leader != current
        {
            self.validate(FetchPosition { leader: current, ..position });
            self.preferred_read_replica = None;
        }
        self.fetch_state == FetchState::AwaitValidation
    }

    /// The leader's log agrees with the position.
    pub(super) fn complete_validation(&mut self) {
        if self.position.is_some() {
            self.fetch_state = FetchState::Fetching;
            self.next_retry = None;
        }
    }

    /// The position is no good: another one is looked for.
    pub(super) fn request_reset(&mut self, reset: Reset) {
        self.fetch_state = FetchState::AwaitReset;
        self.position = None;
        self.reset = Some(reset);
        self.next_retry = None;
    }

    // ---- trying again ----

    pub(super) fn retry_not_before(&mut self, at: Instant) {
        self.next_retry = Some(at);
    }

    pub(super) const fn next_retry(&self) -> Option<Instant> {
        self.next_retry
    }

    pub(super) fn awaits(&self, state: FetchState, now: Instant) -> bool {
        self.fetch_state == state && self.next_retry.is_none_or(|at| at <= now)
    }

    // ---- the replica to read from (KIP-392) ----

    pub(super) fn preferred_read_replica(&mut self, now: Instant) -> Option<BrokerId> {
        if self.preferred_read_replica.is_some_and(|(_, expires)| now > expires) {
            self.preferred_read_replica = None;
        }
        self.preferred_read_replica.map(|(broker, _)| broker)
    }

    pub(super) fn prefer_read_replica(&mut self, broker: BrokerId, expires: Instant) {
        if self.preferred_read_replica.is_none_or(|(known, _)| known != broker) {
            self.preferred_read_replica = Some((broker, expires));
        }
    }

    pub(super) fn clear_preferred_read_replica(&mut self) -> Option<BrokerId> {
        self.preferred_read_replica.take().map(|(broker, _)| broker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leader(broker: i32, epoch: i32) -> LeaderAndEpoch {
        LeaderAndEpoch { leader: Some(BrokerId(broker)), epoch: Some(LeaderEpoch(epoch)) }
    }

    fn at(offset: u64, epoch: Option<i32>) -> FetchPosition {
        FetchPosition {
            offset: Offset(offset),
            offset_epoch: epoch.map(LeaderEpoch),
            leader: leader(1, 4),
        }
    }

    #[test]
    fn a_position_with_an_epoch_is_validated_when_the_leader_changes() {
        let mut state = PartitionState::default();
        state.seek_validated(at(10, Some(4)));
        assert!(!state.maybe_validate(leader(1, 4)), "the same leader");
        assert!(state.maybe_validate(leader(2, 5)));
        assert!(!state.is_fetchable());
        assert_eq!(state.position().map(|position| position.leader), Some(leader(2, 5)));
        state.complete_validation();
        assert!(state.is_fetchable());
    }

    #[test]
    fn a_position_without_an_epoch_cannot_be_validated() {
        let mut state = PartitionState::default();
        state.seek_unvalidated(at(10, None));
        assert!(!state.maybe_validate(leader(2, 5)));
        assert!(state.is_fetchable());
    }

    #[test]
    fn a_position_that_is_being_reset_is_not_validated() {
        let mut state = PartitionState::default();
        let reset = Reset { strategy: OffsetReset::Latest, reason: ResetReason::OutOfRange };
        state.request_reset(reset);
        assert!(!state.maybe_validate(leader(2, 5)));
        assert_eq!((state.position(), state.fetch_state()), (None, FetchState::AwaitReset));
    }

    #[test]
    fn marks_only_move_forward_from_what_is_committed_on() {
        let mut state = PartitionState::default();
        assert_eq!(state.uncommitted_mark(), None);
        state.mark(Offset(3));
        state.mark(Offset(1));
        assert_eq!(state.uncommitted_mark(), Some(Offset(3)));
        state.committed = Some(Offset(3));
        assert_eq!(state.uncommitted_mark(), None, "it is committed");
        state.mark(Offset(2));
        assert_eq!(state.uncommitted_mark(), None);
        state.mark(Offset(7));
        assert_eq!(state.uncommitted_mark(), Some(Offset(7)));
    }
}

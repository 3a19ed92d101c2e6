//! Handing out buffered records, at most `max.poll.records` at a time, and acting on what brokers
//! said about partitions.
//!
//! In Kafka: `FetchCollector`, `Fetch`. Answers are looked at only here, when the application polls.

use super::completed_fetch::{CompletedFetch, CorruptRecord, Run};
use super::exception::Thrown;
use super::fetcher::{Fetcher, request_metadata_for};
use super::partition::{FetchPosition, Reset};
use super::step::Step;
use crate::config::OffsetReset;
use crate::fact::ResetReason;
use crate::feature::mutant;
use crate::ids::TopicPartition;
use crate::protocol::ErrorCode;

/// What one poll hands out.
#[derive(Clone, Debug, Default)]
pub(super) struct Fetch {
    /// Records by partition, in the order in which they came.
    pub(super) runs: Vec<(TopicPartition, Run)>,
    /// A position moved, be it over control records only.
    pub(super) position_advanced: bool,
}

impl Fetch {
    /// True if `poll` has nothing to return for.
    pub(super) fn is_empty(&self) -> bool {
        self.runs.is_empty() && !self.position_advanced
    }

    fn records(&self) -> u32 {
        self.runs.iter().map(|(_, run)| run.records).sum()
    }

    fn add(&mut self, tp: &TopicPartition, run: Run) {
        match self.runs.iter_mut().find(|(known, _)| known == tp) {
            Some((_, known)) => {
                known.to = run.to;
                known.records += run.records;
            }
            None => self.runs.push((tp.clone(), run)),
        }
    }
}

impl Fetcher {
    /// Takes records out of the buffer.
    ///
    /// # Errors
    /// What the application is told when the first thing in the buffer is an error; one that comes
    /// behind records is told by the next poll.
    pub(super) fn collect(&mut self, step: &mut Step) -> Result<Fetch, Thrown> {
        let mut fetch = Fetch::default();
        while fetch.records() < step.config.max_poll_records {
            let thrown = match &mut self.next_in_line {
                Some(next) if !next.is_consumed() => take_records(next, &mut fetch, step).err(),
                _ => {
                    self.next_in_line = None;
                    let Some(next) = self.completed.pop_front() else { break };
                    match initialize(&next, step) {
                        Ok(is_good) => {
                            self.next_in_line = is_good.then_some(next);
                            None
                        }
                        Err(thrown) => {
                            // With records before it, the error has to wait for the next poll.
                            if !fetch.is_empty() {
                                self.completed.push_front(next);
                            }
                            Some(thrown)
                        }
                    }
                }
            };
            match thrown {
                Some(thrown) if fetch.is_empty() => return Err(thrown),
                Some(_) => break,
                None => {}
            }
        }
        Ok(fetch)
    }
}

/// Takes what may still be handed out of one partition, if that is still wanted.
fn take_records(
    next: &mut CompletedFetch,
    fetch: &mut Fetch,
    step: &mut Step,
) -> Result<(), Thrown> {
    let state = step.subscriptions.get_mut(&next.tp).filter(|state| state.is_fetchable());
    let position = state.as_ref().and_then(|state| state.position());
    let (Some(state), Some(position)) = (state, position) else {
        // A rebalance, a seek or a reset came in between.
        drain(next, step);
        return Ok(());
    };
    if position.offset != next.next_fetch_offset() {
        drain(next, step);
        return Ok(());
    }
    let left = step.config.max_poll_records - fetch.records();
    let taken = next.take(left, step.config.isolation_level, step.config.check_crcs);
    let run = taken.map_err(|CorruptRecord| Thrown::new("KafkaException"))?;
    let skipped = u64::from(mutant!(step.out, ConsumerSkips) && position.offset.0 % 8 == 7);
    if next.next_fetch_offset() > position.offset {
        state.advance(FetchPosition {
            offset: next.next_fetch_offset().plus(skipped),
            offset_epoch: next.last_epoch().filter(|_| step.personality.validates_positions),
            leader: position.leader,
        });
        fetch.position_advanced = true;
    }
    if let Some(run) = run {
        fetch.add(&next.tp, run);
    }
    if next.is_consumed() {
        drain(next, step);
    }
    Ok(())
}

/// Nothing more is handed out of `next`. Who has had records waits behind the others.
fn drain(next: &mut CompletedFetch, step: &mut Step) {
    next.drain();
    if next.has_given() {
        step.subscriptions.move_to_end(&next.tp);
    }
}

/// Looks at an answer for the first time. False if there is nothing to hand out.
fn initialize(next: &CompletedFetch, step: &mut Step) -> Result<bool, Thrown> {
    let now = step.now();
    let Some(state) = step.subscriptions.get_mut(&next.tp) else { return Ok(false) };
    let Some(position) = state.valid_position() else { return Ok(false) };
    let answer = next.answer();
    if !answer.error.is_none() {
        // Partitions that work go first.
        let done = on_error(next, answer.error, position, step);
        step.subscriptions.move_to_end(&next.tp);
        return done.map(|()| false);
    }
    if position.offset != next.next_fetch_offset() {
        return Ok(false);
    }
    state.high_watermark = answer.high_watermark.or(state.high_watermark);
    state.log_start_offset = answer.log_start_offset.or(state.log_start_offset);
    state.last_stable_offset = answer.last_stable_offset.or(state.last_stable_offset);
    if let Some(replica) = answer.preferred_read_replica {
        state.prefer_read_replica(replica, now + step.config.metadata_max_age);
    }
    Ok(true)
}

fn on_error(
    next: &CompletedFetch,
    error: ErrorCode,
    position: FetchPosition,
    step: &mut Step,
) -> Result<(), Thrown> {
    match error {
        ErrorCode::NotLeaderOrFollower
        | ErrorCode::ReplicaNotAvailable
        | ErrorCode::KafkaStorageError
        | ErrorCode::FencedLeaderEpoch
        | ErrorCode::OffsetNotAvailable
        | ErrorCode::UnknownTopicOrPartition
        | ErrorCode::UnknownTopicId
        | ErrorCode::InconsistentTopicId => request_metadata_for(&next.tp, step),
        ErrorCode::OffsetOutOfRange => return on_out_of_range(next, position, step),
        // The next fetch may find the broker further.
        ErrorCode::UnknownLeaderEpoch | ErrorCode::UnknownServerError => {}
        ErrorCode::TopicAuthorizationFailed => {
            return Err(Thrown::new("TopicAuthorizationException"));
        }
        ErrorCode::CorruptMessage => return Err(Thrown::new("KafkaException")),
        _ => return Err(Thrown::new("IllegalStateException")),
    }
    Ok(())
}

/// The position lies outside the log: of the leader, or of the follower that was read from.
fn on_out_of_range(
    next: &CompletedFetch,
    position: FetchPosition,
    step: &mut Step,
) -> Result<(), Thrown> {
    let state = step.subscriptions.get_mut(&next.tp).expect("it has a position");
    if state.clear_preferred_read_replica().is_some() {
        return Ok(());
    }
    if next.next_fetch_offset() != position.offset {
        // The position moved while the request was on its way.
        return Ok(());
    }
    match step.config.auto_offset_reset {
        OffsetReset::None => Err(Thrown::new("OffsetOutOfRangeException")),
        strategy => {
            state.request_reset(Reset { strategy, reason: ResetReason::OutOfRange });
            Ok(())
        }
    }
}

//! Finding positions: where the log begins or ends, and whether the leader's log agrees (KIP-320).
//!
//! In Kafka: `OffsetFetcher`, `OffsetFetcherUtils`, `OffsetsForLeaderEpochUtils`. Left out: lookups
//! by timestamp on behalf of the application.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kafka_protocol::messages as kafka;
use kafka_protocol::messages::list_offsets_request as list;
use kafka_protocol::messages::offset_for_leader_epoch_request as ends;
use kafka_protocol::messages::offset_for_leader_epoch_response::EpochEndOffset;

use super::exception::Thrown;
use super::partition::{FetchPosition, FetchState, LeaderAndEpoch, PartitionState, Reset};
use super::step::{Step, Tag};
use crate::config::{IsolationLevel, OffsetReset};
use crate::fact::{Fact, ResetReason};
use crate::ids::{BrokerId, LeaderEpoch, Name, Offset, TopicPartition};
use crate::node::Failure;
use crate::protocol::{ErrorCode, RequestBody, ResponseBody, convert};

const LIST_OFFSETS_VERSION: i16 = 10;
const OFFSET_FOR_LEADER_EPOCH_VERSION: i16 = 4;
/// What asks for the log's end and its start instead of a time.
const LATEST_TIMESTAMP: i64 = -1;
const EARLIEST_TIMESTAMP: i64 = -2;

/// What comes of looking for positions.
#[derive(Clone, Debug, Default)]
pub(super) struct OffsetFetcher {
    /// The metadata that positions were last held against.
    metadata_version: Option<u64>,
    /// What the application is told at the next poll.
    thrown: Option<Thrown>,
}

impl OffsetFetcher {
    /// Holds all positions against the leaders of newer metadata.
    pub(super) fn validate_positions_on_metadata_change(&mut self, step: &mut Step) {
        let version = step.client.metadata().update_version();
        if self.metadata_version.replace(version) == Some(version) {
            return;
        }
        let metadata = step.client.metadata();
        for (tp, state) in step.subscriptions.iter_mut() {
            let (leader, epoch) = metadata.current_leader(tp);
            state.maybe_validate(LeaderAndEpoch { leader, epoch });
        }
    }

    /// Asks leaders whether their logs agree with positions that came from another leader. True if
    /// one could not be asked yet.
    pub(super) fn validate_positions_if_needed(&mut self, step: &mut Step) -> Result<bool, Thrown> {
        if let Some(thrown) = self.thrown.take() {
            return Err(thrown);
        }
        self.validate_positions_on_metadata_change(step);
        let mut by_leader: BTreeMap<BrokerId, Vec<(TopicPartition, FetchPosition)>> =
            BTreeMap::new();
        let now = step.now();
        for (tp, state) in step.subscriptions.partitions() {
            if state.awaits(FetchState::AwaitValidation, now)
                && let Some(position) = state.position()
                && let Some(leader) = position.leader.leader
            {
                by_leader.entry(leader).or_default().push((tp.clone(), position));
            }
        }
        let mut left_out = false;
        for (leader, positions) in by_leader {
            let peer = Step::node(leader);
            if !step.client.is_connected(peer) {
                // What versions the broker speaks is known once there is a connection.
                step.client.ready(peer, step.out);
                left_out = true;
                continue;
            }
            retry_after_request_timeout(positions.iter().map(|(tp, _)| tp), step);
            let body = epoch_ends_request(&positions);
            let tag = Tag::EpochEnds(positions.into());
            step.send(peer, tag, OFFSET_FOR_LEADER_EPOCH_VERSION, body);
        }
        Ok(left_out)
    }

    /// Partitions that still have no position use the reset policy.
    pub(super) fn reset_initializing_positions(step: &mut Step) -> Result<(), Thrown> {
        let initializing = step.subscriptions.initializing();
        let strategy = step.config.auto_offset_reset;
        if strategy == OffsetReset::None && !initializing.is_empty() {
            return Err(Thrown::new("NoOffsetForPartitionException"));
        }
        for tp in initializing {
            let reset = Reset { strategy, reason: ResetReason::NoCommittedOffset };
            step.subscriptions.request_reset(&tp, reset);
        }
        Ok(())
    }

    /// Asks leaders for the positions that resets lead to. True if one could not be asked yet.
    pub(super) fn reset_positions_if_needed(step: &mut Step) -> bool {
        let mut by_leader: BTreeMap<BrokerId, Vec<Asked>> = BTreeMap::new();
        let mut left_out = false;
        for tp in step.subscriptions.awaiting(FetchState::AwaitReset, step.now()) {
            let reset = step.subscriptions.get(&tp).and_then(PartitionState::reset);
            let strategy = reset.expect("what awaits a reset knows which").strategy;
            let current = step.current_leader(&tp);
            match current.leader {
                None => {
                    step.request_metadata(true);
                    left_out = true;
                }
                Some(leader) if step.is_unavailable(Step::node(leader)) => left_out = true,
                Some(leader) => {
                    by_leader.entry(leader).or_default().push((tp, strategy, current.epoch));
                }
            }
        }
        for (leader, asked) in by_leader {
            retry_after_request_timeout(asked.iter().map(|(tp, ..)| tp), step);
            let body = list_offsets_request(&asked, step);
            let tag: Arc<[_]> = asked.into_iter().map(|(tp, strategy, _)| (tp, strategy)).collect();
            step.send(Step::node(leader), Tag::ListOffsets(tag), LIST_OFFSETS_VERSION, body);
        }
        left_out
    }

    // ---- answers ----

    /// The answer to `ListOffsets`, or none.
    pub(super) fn on_list_offsets(
        asked: &[(TopicPartition, OffsetReset)],
        answer: Result<&ResponseBody, Failure>,
        step: &mut Step,
    ) {
        let Ok(ResponseBody::ListOffsets(answer)) = answer else {
            try_again(asked.iter().map(|(tp, _)| tp), step);
            return;
        };
        let mut retry = BTreeSet::new();
        for topic in &answer.topics {
            let name = convert::name(&topic.name.0);
            for partition in &topic.partitions {
                let tp = TopicPartition::new(name.clone(), partition.partition_index);
                let error = ErrorCode::from_code(partition.error_code);
                let offset = Offset::from_wire(partition.offset);
                match (error, offset) {
                    (ErrorCode::None, Some(offset)) => {
                        let strategy = asked.iter().find(|(known, _)| *known == tp);
                        let epoch = LeaderEpoch::from_wire(partition.leader_epoch);
                        if let Some((_, strategy)) = strategy {
                            reset_position(&tp, *strategy, offset, epoch, step);
                        }
                    }
                    // No record is as young as was asked for.
                    (ErrorCode::None, None) => {}
                    _ => {
                        retry.insert(tp);
                    }
                }
            }
        }
        if !retry.is_empty() {
            try_again(&retry, step);
        }
    }

    /// The answer to `OffsetForLeaderEpoch`, or none.
    pub(super) fn on_epoch_ends(
        &mut self,
        asked: &[(TopicPartition, FetchPosition)],
        answer: Result<&ResponseBody, Failure>,
        step: &mut Step,
    ) {
        let mut retry: BTreeSet<_> = asked.iter().map(|(tp, _)| tp.clone()).collect();
        if let Ok(ResponseBody::OffsetForLeaderEpoch(answer)) = answer {
            for topic in &answer.topics {
                let name = convert::name(&topic.topic.0);
                for end in &topic.partitions {
                    let tp = TopicPartition::new(name.clone(), end.partition);
                    let position = asked.iter().find(|(known, _)| *known == tp);
                    let Some((_, position)) = position else { continue };
                    if ErrorCode::from_code(end.error_code).is_none() {
                        retry.remove(&tp);
                        self.complete_validation(&tp, *position, end, step);
                    }
                }
            }
        }
        if !retry.is_empty() {
            try_again(&retry, step);
        }
    }

    /// The leader said where the epoch of the position ends in its log.
    fn complete_validation(
        &mut self,
        tp: &TopicPartition,
        asked: FetchPosition,
        end: &EpochEndOffset,
        step: &mut Step,
    ) {
        let strategy = step.config.auto_offset_reset;
        let Some(state) = step.subscriptions.get_mut(tp) else { return };
        if state.fetch_state() != FetchState::AwaitValidation || state.position() != Some(asked) {
            // A rebalance, a seek or another leader came in between.
            return;
        }
        let end_offset = Offset::from_wire(end.end_offset);
        let epoch = LeaderEpoch::from_wire(end.leader_epoch);
        match end_offset.zip(epoch) {
            Some((end, _)) if end >= asked.offset => state.complete_validation(),
            _ if strategy == OffsetReset::None => {
                self.thrown.get_or_insert_with(|| Thrown::new("LogTruncationException"));
            }
            Some((end, epoch)) => {
                state.seek_validated(FetchPosition {
                    offset: end,
                    offset_epoch: Some(epoch),
                    leader: asked.leader,
                });
                tell_reset(tp, end, ResetReason::Diverged, step);
            }
            // The leader knows no epoch as old as the position's.
            None => state.request_reset(Reset { strategy, reason: ResetReason::Diverged }),
        }
    }
}

type Asked = (TopicPartition, OffsetReset, Option<LeaderEpoch>);

/// The answer to a reset came: it holds unless the position was set in another way meanwhile.
fn reset_position(
    tp: &TopicPartition,
    asked: OffsetReset,
    offset: Offset,
    epoch: Option<LeaderEpoch>,
    step: &mut Step,
) {
    let leader = step.current_leader(tp);
    if let Some(epoch) = epoch {
        step.client.metadata_mut().update_last_seen_epoch(tp, epoch);
    }
    let Some(state) = step.subscriptions.get_mut(tp) else { return };
    let Some(reset) = state.reset().filter(|reset| reset.strategy == asked) else { return };
    // Without an epoch there is nothing to validate.
    state.seek_unvalidated(FetchPosition { offset, offset_epoch: None, leader });
    tell_reset(tp, offset, reset.reason, step);
}

fn tell_reset(tp: &TopicPartition, to: Offset, reason: ResetReason, step: &mut Step) {
    step.out.fact(|| Fact::PositionReset { tp: tp.clone(), to, reason });
}

/// While a request is on its way, nothing is asked about its partitions.
fn retry_after_request_timeout<'a>(
    partitions: impl Iterator<Item = &'a TopicPartition>,
    step: &mut Step,
) {
    let at = step.now() + step.config.request_timeout;
    for tp in partitions {
        if let Some(state) = step.subscriptions.get_mut(tp) {
            state.retry_not_before(at);
        }
    }
}

/// The leader was not the leader, or was not there.
fn try_again<'a>(partitions: impl IntoIterator<Item = &'a TopicPartition>, step: &mut Step) {
    let at = step.now() + step.config.retry_backoff;
    for tp in partitions {
        if let Some(state) = step.subscriptions.get_mut(tp) {
            state.retry_not_before(at);
        }
    }
    step.request_metadata(false);
}

fn list_offsets_request(asked: &[Asked], step: &Step) -> RequestBody {
    let mut topics: BTreeMap<Name, Vec<list::ListOffsetsPartition>> = BTreeMap::new();
    for (tp, strategy, epoch) in asked {
        let timestamp = match strategy {
            OffsetReset::Earliest => EARLIEST_TIMESTAMP,
            OffsetReset::Latest => LATEST_TIMESTAMP,
            OffsetReset::ByDuration(span) => step.out.wall.0 - span.as_millis() as i64,
            OffsetReset::None => unreachable!("without a policy nothing is reset"),
        };
        let partition = list::ListOffsetsPartition::default()
            .with_partition_index(tp.partition.0)
            .with_current_leader_epoch(LeaderEpoch::to_wire(*epoch))
            .with_timestamp(timestamp);
        topics.entry(tp.topic.clone()).or_default().push(partition);
    }
    let topic = |(name, partitions): (Name, _)| {
        list::ListOffsetsTopic::default()
            .with_name(convert::topic_name(&name))
            .with_partitions(partitions)
    };
    let isolation = match step.config.isolation_level {
        IsolationLevel::ReadUncommitted => 0,
        IsolationLevel::ReadCommitted => 1,
    };
    let request = kafka::ListOffsetsRequest::default()
        .with_replica_id(kafka::BrokerId(-1))
        .with_isolation_level(isolation)
        .with_timeout_ms(step.config.request_timeout.as_millis() as i32)
        .with_topics(topics.into_iter().map(topic).collect());
    RequestBody::ListOffsets(Box::new(request))
}

fn epoch_ends_request(positions: &[(TopicPartition, FetchPosition)]) -> RequestBody {
    let mut topics: BTreeMap<Name, Vec<ends::OffsetForLeaderPartition>> = BTreeMap::new();
    for (tp, position) in positions {
        let partition = ends::OffsetForLeaderPartition::default()
            .with_partition(tp.partition.0)
            .with_current_leader_epoch(LeaderEpoch::to_wire(position.leader.epoch))
            .with_leader_epoch(LeaderEpoch::to_wire(position.offset_epoch));
        topics.entry(tp.topic.clone()).or_default().push(partition);
    }
    let topic = |(name, partitions): (Name, _)| {
        ends::OffsetForLeaderTopic::default()
            .with_topic(convert::topic_name(&name))
            .with_partitions(partitions)
    };
    let request = kafka::OffsetForLeaderEpochRequest::default()
        .with_replica_id(kafka::BrokerId(-1))
        .with_topics(topics.into_iter().map(topic).collect());
    RequestBody::OffsetForLeaderEpoch(Box::new(request))
}

//! What an active controller does by the clock.
//!
//! In Kafka: `PeriodicTaskControlManager` and the tasks that `QuorumController` registers. A task that
//! left something undone runs again after 10 ms.

use super::api::elect_leaders::elect_leader;
use super::config::ControllerConfig;
use super::heartbeats::BrokerHeartbeatManager;
use super::outcome::{Outcome, Records};
use super::state::ControllerState;
use crate::metadata::partition_change::Election;
use crate::node::{Timer, Why};
use crate::protocol::metadata_record::NoOpRecord;
use crate::sim::{Duration, Instant};

/// How soon a task runs again that left something undone.
pub(super) const IMMEDIATE_PERIOD: Duration = Duration::from_millis(10);

/// How many elections one run makes.
const MAX_ELECTIONS: usize = 1_000;

/// The periodic tasks, by their timers.
pub(super) const TASKS: [Timer; 4] =
    [Timer::FenceStale, Timer::LeaderBalance, Timer::UncleanBalance, Timer::MetadataIdle];

/// How often the task of `timer` runs, and the reason; none when it never does.
pub(super) fn period(config: &ControllerConfig, timer: Timer) -> Option<(Duration, Why)> {
    match timer {
        Timer::FenceStale => {
            // Eight times per session, so that a broker is fenced after at most 9/8 of one.
            let period = config.broker_session_timeout / 8;
            let period = period.max(Duration::from_millis(1));
            Some((period, Why::Config("broker.session.timeout.ms")))
        }
        Timer::LeaderBalance => config
            .leader_imbalance_check_interval
            .map(|period| (period, Why::Config("leader.imbalance.check.interval.seconds"))),
        Timer::UncleanBalance => Some((
            config.unclean_leader_election_interval,
            Why::Config("unclean.leader.election.interval.ms"),
        )),
        Timer::MetadataIdle => config
            .metadata_max_idle_interval
            .map(|period| (period, Why::Config("metadata.max.idle.interval.ms"))),
        _ => None,
    }
}

/// Runs the task of `timer`; none when it is no task's. The response is true when something is left
/// to do.
pub(super) fn run(
    state: &ControllerState,
    heartbeats: &mut BrokerHeartbeatManager,
    now: Instant,
    timer: Timer,
) -> Option<Outcome<bool>> {
    match timer {
        Timer::FenceStale => Some(maybe_fence_one_stale_broker(state, heartbeats, now)),
        Timer::LeaderBalance => Some(maybe_balance_partition_leaders(state)),
        Timer::UncleanBalance => Some(maybe_elect_unclean_leaders(state)),
        Timer::MetadataIdle => {
            let mut records = Records::default();
            records.push(NoOpRecord {});
            Some(Outcome::of(records, false))
        }
        _ => None,
    }
}

/// Fences one broker whose session is over: one at a time, so that the next one's partitions know of
/// it. True when there was one, for there may be more.
pub fn maybe_fence_one_stale_broker(
    state: &ControllerState,
    heartbeats: &mut BrokerHeartbeatManager,
    now: Instant,
) -> Outcome<bool> {
    let mut records = Records::default();
    let Some((broker, epoch)) = heartbeats.take_expired(now) else {
        return Outcome::of(records, false);
    };
    match state.image().broker(broker) {
        None => heartbeats.remove(broker),
        Some(registration) if registration.epoch != epoch => {
            // The session of an earlier process: its registration is gone already.
        }
        Some(_) => {
            state.handle_broker_fenced(broker, true, &mut records);
            heartbeats.fence(broker);
        }
    }
    Outcome::of(records, true)
}

/// Gives leadership back to preferred replicas. True when there may be more to do.
pub fn maybe_balance_partition_leaders(state: &ControllerState) -> Outcome<bool> {
    let mut records = Records::default();
    for tp in state.partitions.imbalanced() {
        if records.len() >= MAX_ELECTIONS {
            break;
        }
        let topic = state.image().topic(tp.topic_id).expect("a partition has a topic");
        let partition = state.image().partition(tp.topic_id, tp.partition);
        let partition = partition.expect("the index lists partitions that exist");
        let settings = state.settings_of(topic);
        records.push_change(state.change_partition(settings, tp, partition, |builder| {
            builder.election(Election::Preferred)
        }));
    }
    let more = records.len() >= MAX_ELECTIONS;
    Outcome::of(records, more)
}

/// Finds leaders for partitions without one, where topics allow it. True when there may be more to do.
pub fn maybe_elect_unclean_leaders(state: &ControllerState) -> Outcome<bool> {
    let mut records = Records::default();
    for tp in state.partitions.leaderless() {
        if records.len() >= MAX_ELECTIONS {
            break;
        }
        let topic = state.image().topic(tp.topic_id).expect("a partition has a topic");
        if state.unclean_election_enabled(&topic.name) {
            // Nobody may be there to lead: then it stays as it is.
            let unclean = Election::Unclean;
            _ = elect_leader(state, &topic.name, tp.partition, unclean, &mut records);
        }
    }
    let more = records.len() >= MAX_ELECTIONS;
    Outcome::of(records, more)
}

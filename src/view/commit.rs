//! What a partition's high watermark waits for.

use super::{Lens, PartitionView};
use crate::cluster::ProcessState;
use crate::ids::{BrokerId, Offset, TopicPartition};
use crate::metadata::ClusterImage;
use crate::replica::Role;
use crate::sim::{Duration, Instant};

/// What a partition's high watermark waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waits {
    /// For nothing: the in-sync replicas have everything.
    Nothing,
    /// For these in-sync replicas, which fetched no further than that; none if they did not fetch
    /// from this leader yet.
    Followers(Vec<FollowerView>),
    /// For more in-sync replicas: there are fewer than `min.insync.replicas` (KIP-966).
    MinIsr {
        /// How many there are.
        in_sync: usize,
        /// How many there should be.
        min_isr: usize,
    },
    /// For the broker that is to lead: it does not know yet.
    NewLeader(BrokerId),
    /// For the controller: the process of the leader that it names does not run, or stands.
    Controller {
        /// The leader that it names.
        leader: BrokerId,
        /// True if the process is stopped by a signal only.
        paused: bool,
    },
    /// For a replica that may lead.
    Leader,
}

/// A follower, as its leader sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FollowerView {
    /// Its broker.
    pub broker: BrokerId,
    /// Where it fetched last; none before its first fetch from this leader.
    pub log_end_offset: Option<Offset>,
    /// When it last had everything that the leader had; none for long ago.
    pub last_caught_up: Option<Instant>,
    /// The high watermark waits for it: it is in the ISR, or about to be.
    pub counts: bool,
}

impl Lens<'_> {
    /// The followers of a partition, as the leader on `broker` sees them; none where nobody leads.
    pub fn followers(self, tp: &TopicPartition, broker: BrokerId) -> Vec<FollowerView> {
        let state = self.replica_state(tp, broker).zip(self.log(tp, broker));
        let Some((replica, log)) = state else { return Vec::new() };
        let Role::Leader(leader) = replica.role() else { return Vec::new() };
        let (end, now) = (log.log_end_offset(), self.now());
        let lag_max = self.replica_lag_time_max(broker);
        let image = self.image();
        let is_alive = |id| {
            let known = image.and_then(|image: &ClusterImage| image.broker(id));
            known.is_some_and(|one| !one.fenced && !one.in_controlled_shutdown)
        };
        let followers = leader.followers().iter().map(|one| FollowerView {
            broker: one.id,
            log_end_offset: one.log_end_offset,
            last_caught_up: one.last_caught_up,
            counts: leader.is_in_maximal_isr(one.id)
                || one.is_caught_up(end, now, lag_max) && is_alive(one.id),
        });
        followers.collect()
    }

    /// `replica.lag.time.max.ms` of a broker.
    pub fn replica_lag_time_max(self, broker: BrokerId) -> Duration {
        let node = self.node_of(broker);
        let value = node.and_then(|node| self.setting(node, "replica.lag.time.max.ms"));
        Duration::from_millis(value.and_then(|value| value.parse().ok()).unwrap_or(30_000))
    }

    /// `min.insync.replicas` of a partition, as the replica on `broker` reckons with it.
    pub fn min_isr(self, tp: &TopicPartition, broker: BrokerId) -> Option<usize> {
        let (replica, log) = self.replica_state(tp, broker).zip(self.log(tp, broker))?;
        Some(replica.effective_min_isr(log))
    }

    /// What the high watermark of a partition waits for.
    pub fn waits(self, partition: &PartitionView) -> Waits {
        let tp = &partition.tp;
        let Some(leader) = partition.leader else { return Waits::Leader };
        let process = self.node_of(leader).map(|node| self.process_state(node));
        if matches!(process, None | Some(ProcessState::Down | ProcessState::Paused)) {
            let paused = process == Some(ProcessState::Paused);
            return Waits::Controller { leader, paused };
        }
        let state = self.replica_state(tp, leader).zip(self.log(tp, leader));
        let state = state.filter(|(replica, _)| replica.is_leader());
        let Some((replica, log)) = state else { return Waits::NewLeader(leader) };
        if replica.is_under_min_isr(log) {
            let min_isr = replica.effective_min_isr(log);
            return Waits::MinIsr { in_sync: partition.isr.len(), min_isr };
        }
        let end = log.log_end_offset();
        let mut behind = self.followers(tp, leader);
        behind.retain(|one| one.counts && one.log_end_offset < Some(end));
        let lowest = behind.iter().map(|one| one.log_end_offset).min();
        behind.retain(|one| Some(one.log_end_offset) == lowest);
        let has_all = behind.is_empty() || log.high_watermark() == end;
        if has_all { Waits::Nothing } else { Waits::Followers(behind) }
    }
}

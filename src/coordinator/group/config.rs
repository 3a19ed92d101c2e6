//! The settings of the group coordinator.

use crate::config::BrokerConfig;
use crate::sim::Duration;

/// A broker's settings for its group coordinator, by Kafka's names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupCoordinatorConfig {
    /// `offsets.topic.num.partitions`, 50.
    pub offsets_topic_num_partitions: i32,
    /// `max.message.bytes` of the offsets topic, 1048588: no batch is larger.
    pub max_message_bytes: usize,
    /// `group.coordinator.append.linger.ms`, 5: how long records are gathered into a batch.
    pub append_linger: Duration,
    /// `offsets.commit.timeout.ms`, 5 s: how long any write may wait to be replicated.
    pub offset_commit_timeout: Duration,
    /// `offset.metadata.max.bytes`, 4096.
    pub offset_metadata_max_bytes: usize,
    /// `offsets.retention.minutes`, 7 days.
    pub offsets_retention: Duration,
    /// `offsets.retention.check.interval.ms`, 10 minutes.
    pub offsets_retention_check_interval: Duration,
    /// `group.min.session.timeout.ms`, 6 s.
    pub min_session_timeout: Duration,
    /// `group.max.session.timeout.ms`, 30 minutes.
    pub max_session_timeout: Duration,
    /// `group.initial.rebalance.delay.ms`, 3 s.
    pub initial_rebalance_delay: Duration,
    /// `group.max.size`: no bound.
    pub max_size: usize,
    /// How long a new member may wait for a rebalance to end, 5 minutes: not a setting in Kafka.
    pub new_member_join_timeout: Duration,
}

impl Default for GroupCoordinatorConfig {
    fn default() -> Self {
        Self {
            offsets_topic_num_partitions: 50,
            max_message_bytes: 1_048_588,
            append_linger: Duration::from_millis(5),
            offset_commit_timeout: Duration::from_secs(5),
            offset_metadata_max_bytes: 4096,
            offsets_retention: Duration::from_secs(7 * 24 * 3600),
            offsets_retention_check_interval: Duration::from_secs(600),
            min_session_timeout: Duration::from_secs(6),
            max_session_timeout: Duration::from_secs(1800),
            initial_rebalance_delay: Duration::from_secs(3),
            max_size: i32::MAX as usize,
            new_member_join_timeout: Duration::from_secs(300),
        }
    }
}

impl From<&BrokerConfig> for GroupCoordinatorConfig {
    fn from(broker: &BrokerConfig) -> Self {
        Self {
            offsets_topic_num_partitions: broker.offsets_topic_num_partitions as i32,
            max_message_bytes: broker.message_max_bytes as usize,
            append_linger: broker.group_coordinator_append_linger,
            offset_commit_timeout: broker.offsets_commit_timeout,
            offset_metadata_max_bytes: broker.offset_metadata_max_bytes as usize,
            offsets_retention: broker.offsets_retention,
            offsets_retention_check_interval: broker.offsets_retention_check_interval,
            min_session_timeout: broker.group_min_session_timeout,
            max_session_timeout: broker.group_max_session_timeout,
            initial_rebalance_delay: broker.group_initial_rebalance_delay,
            max_size: broker.group_max_size as usize,
            new_member_join_timeout: Self::default().new_member_join_timeout,
        }
    }
}

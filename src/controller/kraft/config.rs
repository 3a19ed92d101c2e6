//! What a controller is configured with, and what it must know of settings that it does not use itself.

use std::collections::BTreeMap;

use imbl::OrdMap;
use kafka_protocol::messages::create_topics_response::CreatableTopicConfigs;

use super::activation::Bootstrap;
use super::api_error::ApiError;
use crate::ids::{BrokerId, Name, TopicId};
use crate::metadata::{ConfigResource, ResourceType};
use crate::sim::Duration;

/// The settings of a controller, by Kafka's names.
#[derive(Clone, Debug)]
pub struct ControllerConfig {
    /// `node.id`.
    pub node_id: BrokerId,
    /// The cluster's id, that of `meta.properties`.
    pub cluster_id: Name,
    /// The controllers of the quorum.
    pub quorum: Vec<BrokerId>,
    /// `broker.session.timeout.ms` (9 s).
    pub broker_session_timeout: Duration,
    /// `default.replication.factor` (1).
    pub default_replication_factor: i16,
    /// `num.partitions` (1).
    pub num_partitions: i32,
    /// `leader.imbalance.check.interval.seconds` (300 s); none without
    /// `auto.leader.rebalance.enable`.
    pub leader_imbalance_check_interval: Option<Duration>,
    /// `unclean.leader.election.interval.ms` (5 min).
    pub unclean_leader_election_interval: Duration,
    /// `metadata.max.idle.interval.ms` (500 ms); none when it is 0.
    pub metadata_max_idle_interval: Option<Duration>,
    /// `delete.topic.enable` (true).
    pub delete_topic_enable: bool,
    /// The server properties that are set: defaults of topic configurations.
    pub static_config: BTreeMap<Name, Name>,
    /// What `kafka-storage format` left to begin the log with.
    pub bootstrap: Bootstrap,
    /// The level of `kraft.version`.
    pub kraft_version: i16,
    /// Ids that topics of these names must get.
    pub pinned_topic_ids: BTreeMap<Name, TopicId>,
    /// What is to be known of settings.
    pub hooks: ConfigHooks,
    /// In which way the simulator is broken on purpose.
    #[cfg(any(test, feature = "mutants"))]
    pub mutant: Option<crate::feature::Mutant>,
}

impl ControllerConfig {
    /// Kafka's defaults for controller `node_id` of a quorum of one.
    pub fn new(node_id: BrokerId, cluster_id: impl Into<Name>) -> Self {
        Self {
            node_id,
            cluster_id: cluster_id.into(),
            quorum: vec![node_id],
            broker_session_timeout: Duration::from_secs(9),
            default_replication_factor: 1,
            num_partitions: 1,
            leader_imbalance_check_interval: Some(Duration::from_secs(300)),
            unclean_leader_election_interval: Duration::from_secs(300),
            metadata_max_idle_interval: Some(Duration::from_millis(500)),
            delete_topic_enable: true,
            static_config: BTreeMap::new(),
            bootstrap: Bootstrap::default(),
            kraft_version: 0,
            pinned_topic_ids: BTreeMap::new(),
            hooks: ConfigHooks::default(),
            #[cfg(any(test, feature = "mutants"))]
            mutant: None,
        }
    }
}

/// The configurations of one resource, by name.
type Values = OrdMap<Name, Name>;

/// What the table of settings knows and the controller asks for: `KafkaConfigSchema` and the part of
/// `ControllerConfigurationValidator` that looks at values.
#[derive(Clone, Copy, Debug)]
pub struct ConfigHooks {
    /// Judges the configurations that a resource would have, given those it has.
    pub validate: fn(&ConfigResource, new: &Values, old: &Values) -> Result<(), ApiError>,
    /// True for a configuration whose value is a list: only to those can be appended.
    pub is_list: fn(ResourceType, &str) -> bool,
    /// The default of a configuration.
    pub default_value: fn(ResourceType, &str) -> Option<Name>,
    /// All configurations of a new topic as the answer to `CreateTopics` lists them, from those of
    /// the topic, the controller, the cluster, and the server properties.
    pub effective_topic_configs: fn(
        topic: &Values,
        node: &Values,
        cluster: &Values,
        server: &BTreeMap<Name, Name>,
    ) -> Vec<CreatableTopicConfigs>,
}

/// Knows no settings: everything is valid.
impl Default for ConfigHooks {
    fn default() -> Self {
        Self {
            validate: |_, _, _| Ok(()),
            is_list: |_, _| false,
            default_value: |_, _| None,
            effective_topic_configs: |_, _, _, _| Vec::new(),
        }
    }
}

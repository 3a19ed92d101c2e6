//! From a recording to the simulated servers and clients that play it again.

use std::collections::BTreeMap;
use std::sync::Arc;

use kafkascope::broker::BrokerSpec;
use kafkascope::client::ClientSpec;
use kafkascope::client::admin::AdminSpec;
use kafkascope::client::consumer::{CommitPolicy, ConsumerSpec, OnError, Reads};
use kafkascope::client::producer::{ApplicationSpec, ProducerSpec};
use kafkascope::cluster::{Blueprint, Cluster, ClusterConfig, Format, ServerSpec};
use kafkascope::config::{BrokerConfig, ConsumerConfig, Domain, Overrides, ProducerConfig};
use kafkascope::controller::kraft::{Bootstrap, ConfigHooks, ControllerConfig};
use kafkascope::coordinator::group::PinnedMemberId;
use kafkascope::ids::{BrokerId, Name, TopicId, Uuid};
use kafkascope::protocol::MetadataRecord;
use kafkascope::raft::RaftConfig;
use kafkascope::sim::{Duration, LinkModel, NodeId};
use serde_json::Value;

use super::recording::{Event, Recording, plain, text};

/// The cluster's id.
const CLUSTER: &str = "recorded-cluster";
/// The client that creates topics and so on.
pub(super) const ADMIN: &str = "lab-admin";

/// What the recorder's cluster tool sets unless the case says otherwise.
fn base_properties(brokers: usize) -> [(&'static str, String); 3] {
    let factor = brokers.min(3);
    [
        ("offsets.topic.replication.factor", factor.to_string()),
        ("transaction.state.log.replication.factor", factor.to_string()),
        ("transaction.state.log.min.isr", factor.min(2).to_string()),
    ]
}

/// The processes, not yet started.
pub(super) struct Cast {
    pub(super) cluster: Cluster,
    pub(super) servers: BTreeMap<BrokerId, NodeId>,
    pub(super) admin: NodeId,
    /// The producer of each load.
    pub(super) loads: Vec<NodeId>,
    /// The members of groups, in the order in which they come: one that comes again is another.
    pub(super) members: Vec<Member>,
}

/// A member of a group: one life of it.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) group: String,
    pub(super) name: String,
    pub(super) node: NodeId,
}

impl Cast {
    pub(super) fn new(recording: &Recording, seed: u64) -> Result<Self, String> {
        let mut cluster = Cluster::new(ClusterConfig {
            seed,
            // A process works as soon as it is started: the commands wait for the real one's start.
            boot: Duration::from_millis(100),
            link: LinkModel { latency: Duration::from_micros(100), ..LinkModel::default() },
            ..ClusterConfig::default()
        });
        let mut servers = BTreeMap::new();
        let mut ids = recording.controllers.clone();
        ids.extend(&recording.brokers);
        ids.sort();
        ids.dedup();
        for id in ids {
            let overrides = overrides(recording, id)?;
            let config = BrokerConfig::new(&overrides).map_err(|errors| format!("{errors:?}"))?;
            let spec = server(recording, id, &overrides, &config);
            let node = cluster.add(format!("node-{id}"), Blueprint::Server(Box::new(spec)));
            servers.insert(id, node);
        }
        let admin = AdminSpec {
            bootstrap: recording.brokers.clone(),
            config: Default::default(),
            expected_brokers: recording.brokers.len() as u32,
            topics: Vec::new(),
        };
        let admin = cluster.add(ADMIN, Blueprint::Client(ClientSpec::Admin(Box::new(admin))));
        let mut cast = Self { cluster, servers, admin, loads: Vec::new(), members: Vec::new() };
        for event in recording.named("load") {
            let spec = producer(recording, event)?;
            let name = format!("lab-load-{}", cast.loads.len());
            let spec = Blueprint::Client(ClientSpec::Producer(Box::new(spec)));
            cast.loads.push(cast.cluster.add(name, spec));
        }
        for join in recording.joins() {
            let (group, name) = (text(&join.what["group"]), text(&join.what["member"]));
            let spec =
                Blueprint::Client(ClientSpec::Consumer(Box::new(consumer(recording, join)?)));
            let node = format!("{group}-{name}-{}", cast.members.len());
            let node = cast.cluster.add(node, spec);
            cast.members.push(Member { group: group.to_owned(), name: name.to_owned(), node });
        }
        Ok(cast)
    }
}

fn overrides(recording: &Recording, id: BrokerId) -> Result<Overrides, String> {
    let mut overrides = Overrides::default();
    let base = base_properties(recording.brokers.len());
    let base = base.iter().map(|(name, value)| (*name, value.as_str()));
    let set = recording.set.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    // What concerns the newer protocol of groups only concerns nobody here.
    let set = set.filter(|(name, _)| !name.starts_with("group.consumer."));
    let own = recording.set_of_server.iter().filter(|(server, ..)| *server == id);
    let own = own.map(|(_, name, value)| (name.as_str(), value.as_str()));
    for (name, value) in base.chain(set).chain(own) {
        overrides
            .set(Domain::Broker, name, value)
            .map_err(|error| format!("{name}={value}: {error}"))?;
    }
    Ok(overrides)
}

fn server(
    recording: &Recording,
    id: BrokerId,
    overrides: &Overrides,
    config: &BrokerConfig,
) -> ServerSpec {
    let raft = RaftConfig {
        voters: recording.controllers.clone(),
        fetch_timeout: config.controller_quorum_fetch_timeout,
        request_timeout: config.controller_quorum_request_timeout,
        retry_backoff: config.controller_quorum_retry_backoff,
    };
    let is_controller = recording.controllers.contains(&id);
    let is_broker = recording.brokers.contains(&id);
    let format = Format {
        cluster: CLUSTER.into(),
        directory: Uuid(0x1000_0000_0000_4000_8000_0000_0000_0000 + id.0 as u128),
        bootstrap: bootstrap(recording),
    };
    ServerSpec {
        id,
        broker: is_broker.then(|| BrokerSpec {
            id,
            cluster: format.cluster.clone(),
            directory: format.directory,
            config: Arc::new(config.clone()),
            costs: Default::default(),
            member_ids: member_ids(recording),
        }),
        controller: is_controller.then(|| controller(recording, id, overrides, config)),
        raft,
        format,
    }
}

fn controller(
    recording: &Recording,
    id: BrokerId,
    overrides: &Overrides,
    config: &BrokerConfig,
) -> ControllerConfig {
    let mut controller = ControllerConfig::new(id, CLUSTER);
    controller.quorum.clone_from(&recording.controllers);
    controller.broker_session_timeout = config.broker_session_timeout;
    controller.default_replication_factor = config.default_replication_factor as i16;
    controller.num_partitions = config.num_partitions as i32;
    controller.leader_imbalance_check_interval =
        config.auto_leader_rebalance_enable.then_some(config.leader_imbalance_check_interval);
    controller.unclean_leader_election_interval = config.unclean_leader_election_interval;
    let idle = config.metadata_max_idle_interval;
    controller.metadata_max_idle_interval = (!idle.is_zero()).then_some(idle);
    controller.static_config =
        overrides.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    controller.bootstrap = bootstrap(recording);
    controller.pinned_topic_ids = topic_ids(recording);
    controller.hooks = ConfigHooks::of_tables();
    controller
}

fn bootstrap(recording: &Recording) -> Bootstrap {
    let mut bootstrap = Bootstrap::default();
    for (name, level) in &recording.features {
        bootstrap.features.retain(|(known, _)| **known != **name);
        bootstrap.features.push((name.as_str().into(), *level));
    }
    bootstrap
}

/// The ids that the recorded members got, as far as they were seen.
fn member_ids(recording: &Recording) -> Vec<PinnedMemberId> {
    let mut pinned: Vec<PinnedMemberId> = Vec::new();
    for (group, recorded) in &recording.groups {
        for step in &recorded.steps {
            for (client, member) in step["group"]["members"].as_object().into_iter().flatten() {
                let prefix = member["instance_id"].as_str().unwrap_or(client).into();
                let member_id = Name::from(text(&member["member_id"]));
                if !pinned.iter().any(|one| one.member_id == member_id) {
                    pinned.push(PinnedMemberId { group: group.as_str().into(), prefix, member_id });
                }
            }
        }
    }
    pinned
}

/// The ids that the recorded topics got.
fn topic_ids(recording: &Recording) -> BTreeMap<Name, TopicId> {
    let topics = recording.metadata.iter().filter_map(|written| match &written.record {
        MetadataRecord::Topic(topic) => Some((topic.name.clone(), topic.topic_id)),
        _ => None,
    });
    topics.collect()
}

/// The producer of a load: the recorder's settings, and those of the case.
fn producer(recording: &Recording, event: &Event) -> Result<ProducerSpec, String> {
    let mut overrides = Overrides::default();
    let mut set = |name: &str, value: &str| {
        overrides
            .set(Domain::Producer, name, value)
            .map_err(|error| format!("{name}={value}: {error}"))
    };
    set("client.id", "lab-load")?;
    set("linger.ms", "0")?;
    set("max.block.ms", "5000")?;
    for (name, value) in event.what["config"].as_object().into_iter().flatten() {
        set(name, &plain(value))?;
    }
    let config = ProducerConfig::new(&overrides).map_err(|errors| format!("{errors:?}"))?;
    let application = ApplicationSpec::new(text(&event.what["topic"]));
    let mut spec = ProducerSpec::new(recording.brokers.clone(), config, application);
    spec.close_timeout = Some(Duration::from_secs(8));
    Ok(spec)
}

/// A member of a group: the recorder's loop around a consumer.
fn consumer(recording: &Recording, join: &Event) -> Result<ConsumerSpec, String> {
    let mut overrides = Overrides::default();
    let mut set = |name: &str, value: &str| {
        overrides
            .set(Domain::Consumer, name, value)
            .map_err(|error| format!("{name}={value}: {error}"))
    };
    set("client.id", text(&join.what["member"]))?;
    set("group.id", text(&join.what["group"]))?;
    set("enable.auto.commit", "false")?;
    set("auto.offset.reset", "earliest")?;
    for (name, value) in join.what["config"].as_object().into_iter().flatten() {
        set(name, &plain(value))?;
    }
    let config = ConsumerConfig::new(&overrides).map_err(|errors| format!("{errors:?}"))?;
    let topics = join.what["topics"].as_array().expect("topics").iter();
    let reads = Reads::Subscribe(topics.map(|topic| text(topic).into()).collect());
    let mut spec = ConsumerSpec::new(config, recording.brokers.clone(), reads);
    spec.poll_timeout = Duration::from_millis(50);
    spec.commit = CommitPolicy::None;
    spec.on_error = OnError::PollAgain;
    Ok(spec)
}

/// Settings of a topic, as a request to create it has them.
pub(super) fn topic_config(configs: &Value) -> Vec<(Name, Name)> {
    let configs = configs.as_object().into_iter().flatten();
    configs.map(|(name, value)| (name.as_str().into(), plain(value).into())).collect()
}

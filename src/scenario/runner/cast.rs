//! From a scenario to the processes that play it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::broker::BrokerSpec;
use crate::client::ClientSpec;
use crate::client::admin::AdminSpec;
use crate::client::consumer::{CommitPolicy, ConsumerSpec, Marks, Reads};
use crate::client::producer::{ApplicationSpec, Keys, ProducerSpec, SendMode};
use crate::cluster::{Blueprint, Cluster, ClusterConfig, ServerSpec};
use crate::config::{BrokerConfig, Overrides};
use crate::controller::kraft::{ConfigHooks, ControllerConfig};
use crate::coordinator::group::PinnedMemberId;
use crate::feature::Elr;
use crate::ids::{BrokerId, Name, Uuid};
use crate::metadata::Features;
use crate::node::AdminRequest;
use crate::raft::RaftConfig;
use crate::scenario::model::{self, Commit, Scenario};
use crate::sim::rng::Stream;
use crate::sim::{LinkModel, NodeId};

/// The process that creates topics and carries out what an administrator is told.
pub(super) const ADMIN: &str = "admin";
/// The producer behind `produce` where no producer of the scenario sends to the topic.
pub(super) const CONSOLE: &str = "console-producer";

/// Who plays.
#[derive(Clone, Debug, Default)]
pub(super) struct Cast {
    /// The controllers that are no brokers, by their number from 1.
    pub(super) controllers: Vec<NodeId>,
    /// The producers, by name.
    pub(super) producers: BTreeMap<Name, NodeId>,
    /// The consumers, by group and by name in it.
    pub(super) consumers: BTreeMap<(Name, Name), NodeId>,
    /// The administrator.
    pub(super) admin: NodeId,
    /// The topics that each group subscribes to.
    group_topics: BTreeMap<Name, Vec<Name>>,
    cluster_id: Name,
    controller_ids: Vec<BrokerId>,
}

impl Cast {
    /// The consumers of a group, by name in it.
    pub(super) fn consumers_of(&self, group: &Name) -> impl Iterator<Item = (&Name, NodeId)> {
        let from = (group.clone(), Name::from(""));
        let consumers = self.consumers.range(from..);
        consumers
            .take_while(move |((of, _), _)| of == group)
            .map(|((_, member), node)| (member, *node))
    }

    /// The topics that a group subscribes to.
    pub(super) fn topics_of(&self, group: &str) -> &[Name] {
        self.group_topics.get(group).map_or(&[], Vec::as_slice)
    }

    /// The ids that clients are given to begin with.
    fn bootstrap(scenario: &Scenario) -> Vec<BrokerId> {
        scenario.cluster.brokers.iter().map(|broker| broker.id).collect()
    }
}

/// All processes of a scenario, not yet started.
pub(super) fn build(scenario: &Scenario) -> (Cluster, Cast) {
    let near = scenario.network.near;
    let link =
        LinkModel { latency: near.latency, jitter: near.jitter, bytes_per_second: near.bandwidth };
    let mut cluster = Cluster::new(ClusterConfig {
        seed: scenario.seed,
        clock: scenario.clock,
        boot: scenario.boot,
        link,
    });
    let mut cast = Cast {
        cluster_id: cluster_id(scenario.seed),
        controller_ids: scenario.cluster.controllers.clone(),
        ..Cast::default()
    };
    if !scenario.cluster.combined {
        for (index, id) in scenario.cluster.controllers.iter().enumerate() {
            let spec = cast.server(scenario, *id, None);
            let name = format!("controller-{}", index + 1);
            cast.controllers.push(cluster.add(name, Blueprint::Server(Box::new(spec))));
        }
    }
    for broker in &scenario.cluster.brokers {
        cast.add_broker(&mut cluster, scenario, broker);
    }
    let admin = AdminSpec {
        bootstrap: Cast::bootstrap(scenario),
        config: Default::default(),
        expected_brokers: scenario.cluster.brokers.len() as u32,
        topics: scenario.topics.iter().filter(|topic| topic.create).map(create).collect(),
    };
    let admin = Blueprint::Client(ClientSpec::Admin(Box::new(admin)));
    cast.admin = cluster.add(ADMIN, admin);
    for producer in &scenario.producers {
        let spec =
            Blueprint::Client(ClientSpec::Producer(Box::new(producer_spec(scenario, producer))));
        let node = cluster.add(producer.name.clone(), spec);
        cast.producers.insert(producer.name.clone(), node);
    }
    for group in &scenario.groups {
        cast.group_topics.insert(group.name.clone(), group.topics.clone());
        for member in &group.members {
            cast.add_consumer(&mut cluster, scenario, group, member);
        }
    }
    set_distances(&mut cluster, scenario);
    (cluster, cast)
}

impl Cast {
    /// Adds the process of a broker.
    pub(super) fn add_broker(
        &self,
        cluster: &mut Cluster,
        scenario: &Scenario,
        broker: &model::Broker,
    ) -> NodeId {
        let mut config = broker.config.clone();
        if config.broker_rack.is_none() {
            config.broker_rack.clone_from(&broker.rack);
        }
        let spec = self.server(scenario, broker.id, Some(config));
        cluster.add(format!("broker-{}", broker.id), Blueprint::Server(Box::new(spec)))
    }

    /// Adds the process of a consumer.
    pub(super) fn add_consumer(
        &mut self,
        cluster: &mut Cluster,
        scenario: &Scenario,
        group: &model::Group,
        member: &model::Member,
    ) -> NodeId {
        let taken = cluster.find(&member.name).is_some();
        let several = scenario
            .groups
            .iter()
            .filter(|other| other.members.iter().any(|one| one.name == member.name));
        let name: Name = if taken || several.count() > 1 {
            format!("{}/{}", group.name, member.name).into()
        } else {
            member.name.clone()
        };
        let mut spec = ConsumerSpec::new(
            (*member.config).clone(),
            Self::bootstrap(scenario),
            Reads::Subscribe(group.topics.clone()),
        );
        spec.process = member.process;
        spec.personality = member.personality;
        spec.marks = marks(group.marks);
        spec.fails = marks(group.fails);
        spec.slow = group.slow;
        spec.commit = match group.commit {
            Commit::Auto => CommitPolicy::Auto,
            Commit::After => CommitPolicy::Sync,
            Commit::Before => CommitPolicy::Before,
            Commit::Never => CommitPolicy::None,
        };
        let spec = Blueprint::Client(ClientSpec::Consumer(Box::new(spec)));
        let node = cluster.add(name, spec);
        self.consumers.insert((group.name.clone(), member.name.clone()), node);
        node
    }

    fn server(
        &self,
        scenario: &Scenario,
        id: BrokerId,
        broker: Option<BrokerConfig>,
    ) -> ServerSpec {
        let config = broker.as_ref().unwrap_or(&scenario.cluster.config);
        let raft = RaftConfig {
            voters: self.controller_ids.clone(),
            fetch_timeout: config.controller_quorum_fetch_timeout,
            request_timeout: config.controller_quorum_request_timeout,
            retry_backoff: config.controller_quorum_retry_backoff,
        };
        let controller =
            self.controller_ids.contains(&id).then(|| self.controller(scenario, id, config));
        let broker = broker.map(|config| BrokerSpec {
            id,
            cluster: self.cluster_id.clone(),
            directory: directory_id(scenario.seed, id),
            config: Arc::new(config),
            member_ids: member_ids(scenario),
        });
        ServerSpec { id, broker, controller, raft }
    }

    fn controller(
        &self,
        scenario: &Scenario,
        id: BrokerId,
        config: &BrokerConfig,
    ) -> ControllerConfig {
        let mut controller = ControllerConfig::new(id, self.cluster_id.clone());
        controller.quorum.clone_from(&self.controller_ids);
        controller.broker_session_timeout = config.broker_session_timeout;
        controller.default_replication_factor = config.default_replication_factor as i16;
        controller.num_partitions = config.num_partitions as i32;
        controller.leader_imbalance_check_interval =
            config.auto_leader_rebalance_enable.then_some(config.leader_imbalance_check_interval);
        controller.unclean_leader_election_interval = config.unclean_leader_election_interval;
        let idle = config.metadata_max_idle_interval;
        controller.metadata_max_idle_interval = (!idle.is_zero()).then_some(idle);
        controller.delete_topic_enable = config.delete_topic_enable;
        controller.static_config = texts(&scenario.cluster.overrides);
        if scenario.levels.elr == Elr::Off {
            controller.bootstrap.features.retain(|(name, _)| &**name != Features::ELR);
        }
        controller.pinned_topic_ids = scenario
            .topics
            .iter()
            .filter_map(|topic| Some((topic.name.clone(), topic.topic_id?)))
            .collect();
        controller.hooks = ConfigHooks::of_tables();
        controller
    }
}

fn texts(overrides: &Overrides) -> BTreeMap<Name, Name> {
    overrides.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Brokers in other racks are further away.
fn set_distances(cluster: &mut Cluster, scenario: &Scenario) {
    let (near, far) = (scenario.network.near, scenario.network.far);
    if near == far {
        return;
    }
    let model =
        LinkModel { latency: far.latency, jitter: far.jitter, bytes_per_second: far.bandwidth };
    let brokers = &scenario.cluster.brokers;
    for one in brokers {
        for other in brokers.iter().filter(|other| other.rack != one.rack) {
            if let (Some(from), Some(to)) = (cluster.server(one.id), cluster.server(other.id)) {
                cluster.set_link(from, to, model);
            }
        }
    }
}

fn create(topic: &model::Topic) -> AdminRequest {
    let pinned = topic.replicas.is_some();
    AdminRequest::CreateTopic {
        topic: topic.name.clone(),
        partitions: (!pinned).then_some(topic.partitions),
        replication_factor: (!pinned).then_some(topic.replication_factor as u16),
        replicas: topic.replicas.clone().unwrap_or_default(),
        config: topic.overrides.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
    }
}

fn producer_spec(scenario: &Scenario, producer: &model::Producer) -> ProducerSpec {
    let mut application = ApplicationSpec::new(producer.topics[0].clone());
    application.topics.clone_from(&producer.topics);
    application.burst = producer.batch;
    application.per_kilosecond = producer.rate.map_or(0, super::carry_out::per_kilosecond);
    application.count = producer.count;
    application.value_size = producer.value_size as usize;
    application.keys = match (&producer.keys[..], producer.key_choice) {
        ([], _) => Keys::None,
        (keys, choice) => {
            let keys = keys.iter().map(|key| key.as_bytes().to_vec().into()).collect();
            match choice {
                model::KeyChoice::InTurn => Keys::Cycle(keys),
                model::KeyChoice::Random => Keys::Random(keys),
            }
        }
    };
    application.prints = producer.prints;
    application.mode = match producer.sends {
        model::Sends::Async => SendMode::Async,
        model::Sends::Sync => SendMode::Sync,
    };
    let spec = ProducerSpec::new(Cast::bootstrap(scenario), producer.config.clone(), application);
    ProducerSpec { personality: producer.personality.clone(), ..spec }
}

/// A producer that only does what it is told.
pub(super) fn console_producer(scenario: &Scenario, topic: Name) -> Blueprint {
    Blueprint::Client(ClientSpec::Producer(Box::new(ProducerSpec::new(
        Cast::bootstrap(scenario),
        Default::default(),
        ApplicationSpec::new(topic),
    ))))
}

/// Member ids that the file pins, by client id: brokers hand them out in that order.
fn member_ids(scenario: &Scenario) -> Vec<PinnedMemberId> {
    let members =
        scenario.groups.iter().flat_map(|group| group.members.iter().map(move |one| (group, one)));
    let pinned = members.filter_map(|(group, member)| {
        let (group, prefix) = (group.name.clone(), member.name.clone());
        Some(PinnedMemberId { group, prefix, member_id: member.member_id.clone()? })
    });
    pinned.collect()
}

/// The cluster's id: the same for the same seed.
fn cluster_id(seed: u64) -> Name {
    let mut chance = Stream::new(seed, "cluster-id");
    draw_id(&mut chance).to_string().into()
}

/// The id of a broker's log directory.
fn directory_id(seed: u64, broker: BrokerId) -> Uuid {
    draw_id(&mut Stream::new(seed, &format!("broker-{broker}/directory")))
}

fn draw_id(chance: &mut Stream) -> Uuid {
    std::iter::repeat_with(|| Uuid::from_random(chance.bytes16()))
        .find_map(|id| id)
        .expect("some draw makes an id")
}

const fn marks(marks: model::Marks) -> Marks {
    match marks {
        model::Marks::All => Marks::All,
        model::Marks::Even => Marks::Even,
        model::Marks::Odd => Marks::Odd,
        model::Marks::None => Marks::None,
    }
}

//! A simulated cluster for a bench: brokers, a controller, a topic, producers and a group.

use std::sync::Arc;

use kafkascope::broker::BrokerSpec;
use kafkascope::client::admin::AdminSpec;
use kafkascope::client::consumer::{ConsumerSpec, Reads};
use kafkascope::client::producer::{ApplicationSpec, ProducerSpec};
use kafkascope::client::{Client, ClientSpec};
use kafkascope::cluster::{
    Act, Blueprint, Cluster, ClusterConfig, Format, Node, ProcessState, Server, ServerSpec,
};
use kafkascope::config::{BrokerConfig, ConsumerConfig, OffsetReset, ProducerConfig};
use kafkascope::controller::kraft::{Bootstrap, ConfigHooks, ControllerConfig};
use kafkascope::ids::{BrokerId, TopicPartition, Uuid};
use kafkascope::node::{AdminRequest, Interest};
use kafkascope::raft::RaftConfig;
use kafkascope::sim::{Duration, Instant, NodeId};

use super::guard::Trace;

/// The topic that everybody writes to and reads.
const TOPIC: &str = "kq";
const CONTROLLER: BrokerId = BrokerId(101);

/// What to build.
#[derive(Clone)]
pub(crate) struct Script {
    /// How many partitions the topic has.
    pub(crate) partitions: u32,
    /// How many producers there are.
    pub(crate) producers: u32,
    /// Their settings.
    pub(crate) config: ProducerConfig,
    /// What each of them sends.
    pub(crate) application: ApplicationSpec,
    /// How many consumers the group has.
    pub(crate) consumers: u32,
}

impl Script {
    /// `producers` producers that send `count` records of 100 bytes each (or go on for ever), in
    /// batches of `batch` records.
    pub(crate) fn new(producers: u32, count: Option<u64>, batch: u64) -> Self {
        let mut application = ApplicationSpec::new(TOPIC);
        application.value_size = 100;
        application.count = count;
        application.burst = batch as u32;
        let config = ProducerConfig {
            // As many bytes as so many records take at least, so that the last of them fills it.
            batch_size: if batch == 1 { 1 } else { 61 + batch * 107 },
            linger: Duration::ZERO,
            ..ProducerConfig::default()
        };
        Self { partitions: 12, producers, config, application, consumers: 3 }
    }
}

/// The cluster, with three brokers, and who is who.
#[derive(Clone)]
pub(crate) struct Stage {
    /// The cluster.
    pub(crate) cluster: Cluster,
    /// The brokers, from broker 1 on.
    pub(crate) brokers: Vec<NodeId>,
    producers: Vec<NodeId>,
    consumers: Vec<NodeId>,
    /// The hash of all that happens, if it is wanted.
    pub(crate) trace: Option<Trace>,
}

impl Stage {
    /// Boots everything: the topic is there, the group is stable, producers have not started.
    pub(crate) fn new(script: &Script, interest: Interest) -> Self {
        let mut cluster = Cluster::new(ClusterConfig::default());
        cluster.set_interest(interest);
        let controller = cluster.add("controller-1", server(CONTROLLER));
        let brokers: Vec<_> =
            (1..=3).map(|id| cluster.add(format!("broker-{id}"), server(BrokerId(id)))).collect();
        let admin = cluster.add("admin", admin(script));
        let spec =
            ProducerSpec::new(bootstrap(), script.config.clone(), script.application.clone());
        let producers: Vec<_> = (0..script.producers)
            .map(|index| {
                let client = ClientSpec::Producer(Box::new(spec.clone()));
                cluster.add(format!("p{index}"), Blueprint::Client(client))
            })
            .collect();
        let consumers = (0..script.consumers)
            .map(|index| cluster.add(format!("c{index}"), consumer()))
            .collect();
        let mut stage = Self { cluster, brokers, producers, consumers, trace: None };
        for node in stage.brokers.iter().chain([&controller, &admin]) {
            stage.cluster.act(Act::Start(*node), 0);
        }
        stage.run_while("the topic is created", |stage| match stage.cluster.node(admin) {
            Some(Node::Client(Client::Admin(admin))) => !admin.topics_ready(),
            _ => true,
        });
        for node in &stage.consumers {
            stage.cluster.act(Act::Start(*node), 0);
        }
        stage.run_while("the group is stable", |stage| {
            let assigned = |client: &Client| match client {
                Client::Consumer(consumer) => consumer
                    .subscriptions()
                    .partitions()
                    .values()
                    .filter(|it| it.valid_position().is_some())
                    .count(),
                _ => 0,
            };
            let assigned: usize = stage.clients(&stage.consumers).map(assigned).sum();
            assigned < script.partitions as usize
        });
        stage
    }

    /// Lets the producers start.
    pub(crate) fn start_producers(&mut self) {
        for node in &self.producers {
            self.cluster.act(Act::Start(*node), 0);
        }
    }

    /// Lets everything happen until `goes_on` says no. It is asked every millisecond.
    ///
    /// # Panics
    /// When it goes on for ten simulated minutes.
    pub(crate) fn run_while(&mut self, what: &str, mut goes_on: impl FnMut(&Self) -> bool) {
        let deadline = self.cluster.now() + Duration::from_secs(600);
        while goes_on(self) {
            assert!(self.cluster.now() < deadline, "{what}: this takes too long");
            self.run_for(Duration::from_millis(1));
        }
    }

    /// Lets everything happen for `span`.
    pub(crate) fn run_for(&mut self, span: Duration) {
        let until = self.cluster.now() + span;
        if let Some(trace) = &mut self.trace {
            while self.cluster.next_due().is_some_and(|due| due.at <= until) {
                self.cluster.step();
                trace.add(&self.cluster);
            }
        }
        self.cluster.run_until(until);
    }

    fn clients<'a>(&'a self, nodes: &'a [NodeId]) -> impl Iterator<Item = &'a Client> {
        nodes.iter().filter_map(|node| match self.cluster.node(*node) {
            Some(Node::Client(client)) => Some(client),
            _ => None,
        })
    }

    /// How many records were acknowledged.
    pub(crate) fn acked(&self) -> u64 {
        let acked = |client: &Client| match client {
            Client::Producer(producer) => {
                assert_eq!(producer.stats().failed, 0, "no record fails");
                producer.stats().acked
            }
            _ => 0,
        };
        self.clients(&self.producers).map(acked).sum()
    }

    /// How many records the group's applications were handed.
    pub(crate) fn delivered(&self) -> u64 {
        let delivered = |client: &Client| match client {
            Client::Consumer(consumer) => consumer.delivered(),
            _ => 0,
        };
        self.clients(&self.consumers).map(delivered).sum()
    }

    /// A broker, while it runs.
    pub(crate) fn server(&self, node: NodeId) -> Option<&Server> {
        match self.cluster.node(node) {
            Some(Node::Server(server)) if self.cluster.state(node) == ProcessState::Up => {
                Some(server)
            }
            _ => None,
        }
    }

    /// The leader that broker `node` knows for partition `index` of the topic.
    pub(crate) fn leader(&self, node: NodeId, index: i32) -> Option<BrokerId> {
        let replicas = self.server(node)?.broker()?.replicas();
        replicas.get(replicas.slot_named(&TopicPartition::new(TOPIC, index))?)?.leader()
    }

    /// How many records of the topic each broker holds.
    pub(crate) fn records_per_broker(&self) -> Vec<u64> {
        let count = |node: &NodeId| {
            let Some(broker) = self.server(*node).and_then(Server::broker) else { return 0 };
            let replicas = broker.replicas();
            let ours = replicas.by_name().filter(|(tp, _)| &*tp.topic == TOPIC);
            ours.filter_map(|(_, slot)| Some(replicas.log(slot)?.log_end_offset().0)).sum()
        };
        self.brokers.iter().map(count).collect()
    }

    /// How many bytes of the topic's batches broker `node` holds.
    pub(crate) fn log_bytes(&self, node: NodeId) -> u64 {
        let Some(broker) = self.server(node).and_then(Server::broker) else { return 0 };
        let replicas = broker.replicas();
        let ours = replicas.by_name().filter(|(tp, _)| &*tp.topic == TOPIC);
        ours.filter_map(|(_, slot)| Some(replicas.log(slot)?.size())).sum()
    }

    /// The present.
    pub(crate) fn now(&self) -> Instant {
        self.cluster.now()
    }
}

fn bootstrap() -> Vec<BrokerId> {
    (1..=3).map(BrokerId).collect()
}

fn server(id: BrokerId) -> Blueprint {
    let config = Arc::new(BrokerConfig::default());
    let raft = RaftConfig {
        voters: vec![CONTROLLER],
        fetch_timeout: config.controller_quorum_fetch_timeout,
        request_timeout: config.controller_quorum_request_timeout,
        retry_backoff: config.controller_quorum_retry_backoff,
    };
    let is_controller = id == CONTROLLER;
    let controller = is_controller.then(|| {
        let mut controller = ControllerConfig::new(id, "bench");
        controller.hooks = ConfigHooks::of_tables();
        controller
    });
    let format = Format {
        cluster: "bench".into(),
        directory: Uuid(0xd1d1 << 112 | u128::from(id.0.unsigned_abs())),
        bootstrap: Bootstrap::default(),
    };
    let broker = (!is_controller).then(|| BrokerSpec {
        id,
        cluster: format.cluster.clone(),
        directory: format.directory,
        config,
        costs: Default::default(),
        member_ids: Vec::new(),
    });
    Blueprint::Server(Box::new(ServerSpec { id, broker, controller, raft, format }))
}

fn admin(script: &Script) -> Blueprint {
    let topic = AdminRequest::CreateTopic {
        topic: TOPIC.into(),
        partitions: Some(script.partitions),
        replication_factor: Some(3),
        replicas: Vec::new(),
        config: vec![("min.insync.replicas".into(), "2".into())],
    };
    Blueprint::Client(ClientSpec::Admin(Box::new(AdminSpec {
        bootstrap: bootstrap(),
        config: Default::default(),
        expected_brokers: 3,
        topics: vec![topic],
    })))
}

fn consumer() -> Blueprint {
    let config = ConsumerConfig {
        group_id: Some("checkout".into()),
        auto_offset_reset: OffsetReset::Earliest,
        ..ConsumerConfig::default()
    };
    let reads = Reads::Subscribe(vec![TOPIC.into()]);
    let spec = ConsumerSpec::new(config, bootstrap(), reads);
    Blueprint::Client(ClientSpec::Consumer(Box::new(spec)))
}

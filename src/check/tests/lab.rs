//! A small cluster with a checker beside it.

use std::sync::Arc;

use crate::broker::BrokerSpec;
use crate::check::{Checker, Id, Settings, Violation};
use crate::client::ClientSpec;
use crate::client::admin::AdminSpec;
use crate::client::consumer::{ConsumerSpec, Reads};
use crate::client::producer::{ApplicationSpec, ProducerSpec};
use crate::cluster::{Act, Blueprint, Cluster, ClusterConfig, Format, ServerSpec};
use crate::config::{AdminConfig, BrokerConfig, ConsumerConfig, ProducerConfig};
use crate::controller::kraft::{Bootstrap, ControllerConfig};
use crate::fact::Fact;
use crate::feature::Mutant;
use crate::ids::{BrokerId, Name, TopicPartition, Uuid};
use crate::metadata::Features;
use crate::node::{AdminRequest, Instruction, Interest};
use crate::raft::RaftConfig;
use crate::sim::{Duration, Instant, NodeId};
use crate::view::Lens;

/// What a lab is made from.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) brokers: i32,
    pub(super) seed: u64,
    /// Name, partitions, replication factor.
    pub(super) topics: Vec<(&'static str, u32, u16)>,
    /// Settings of every broker and of the controller.
    pub(super) config: Vec<(&'static str, &'static str)>,
    pub(super) mutant: Option<Mutant>,
    pub(super) settings: Settings,
    /// The eligible leader replicas are in force.
    pub(super) elr: bool,
    /// The racks of the brokers, in order; none for no racks.
    pub(super) racks: Vec<&'static str>,
    /// The assignor of consumers.
    pub(super) assignor: &'static str,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            brokers: 3,
            seed: 1,
            topics: vec![("kq", 1, 3)],
            config: vec![
                ("offsets.topic.num.partitions", "2"),
                ("offsets.retention.minutes", "1"),
                ("offsets.retention.check.interval.ms", "5000"),
            ],
            mutant: None,
            settings: Settings::default(),
            elr: true,
            racks: Vec::new(),
            assignor: "range",
        }
    }
}

impl Plan {
    pub(super) fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.config.push((name, value));
        self
    }

    pub(super) fn mutant(self, mutant: Mutant) -> Self {
        Self { mutant: Some(mutant), ..self }
    }

    pub(super) fn assignor(self, assignor: &'static str) -> Self {
        Self { assignor, ..self }
    }

    pub(super) fn topic(mut self, name: &'static str, partitions: u32, replicas: u16) -> Self {
        self.topics.push((name, partitions, replicas));
        self
    }
}

/// A cluster, and a checker that has followed it from the beginning.
pub(super) struct Lab {
    pub(super) cluster: Cluster,
    pub(super) checker: Checker,
    pub(super) found: Vec<Violation>,
    bootstrap: Vec<BrokerId>,
}

const CONTROLLER: BrokerId = BrokerId(101);

impl Lab {
    /// A cluster whose brokers are unfenced and whose topics have leaders.
    pub(super) fn new(plan: Plan) -> Self {
        let config = ClusterConfig { seed: plan.seed, ..ClusterConfig::default() };
        let mut cluster = Cluster::new(config);
        cluster.set_interest(Interest::Everything);
        let raft = RaftConfig {
            voters: vec![CONTROLLER],
            fetch_timeout: Duration::from_secs(2),
            request_timeout: Duration::from_secs(2),
            retry_backoff: Duration::from_millis(20),
        };
        let mut controller = ControllerConfig::new(CONTROLLER, "lab");
        let mut broker = BrokerConfig::default();
        for (name, value) in &plan.config {
            broker.set(name, value).expect("a setting of brokers");
            controller.static_config.insert((*name).into(), (*value).into());
        }
        if !plan.elr {
            controller.bootstrap.features.retain(|(name, _)| **name != *Features::ELR);
        }
        if let Some(mutant) = plan.mutant {
            cluster.set_mutant(mutant);
            controller.mutant = Some(mutant);
        }
        let server = |id, broker, controller| {
            let raft = raft.clone();
            let format = Format {
                cluster: "lab".into(),
                directory: Uuid::ZERO,
                bootstrap: Bootstrap::default(),
            };
            Blueprint::Server(Box::new(ServerSpec { id, broker, controller, raft, format }))
        };
        let first = cluster.add("controller-1", server(CONTROLLER, None, Some(controller)));
        let config = |id: i32| {
            let mut broker = broker.clone();
            broker.broker_rack = plan.racks.get(id as usize - 1).map(|rack| (*rack).into());
            Arc::new(broker)
        };
        let mut nodes = vec![first];
        for id in 1..=plan.brokers {
            let spec = BrokerSpec {
                id: BrokerId(id),
                cluster: "lab".into(),
                directory: Uuid((0xd1 << 120) + id as u128),
                config: config(id),
                costs: Default::default(),
                member_ids: Vec::new(),
            };
            let blueprint = server(BrokerId(id), Some(spec), None);
            nodes.push(cluster.add(format!("broker-{id}"), blueprint));
        }
        let bootstrap: Vec<BrokerId> = (1..=plan.brokers).map(BrokerId).collect();
        let topics =
            plan.topics.iter().map(|(topic, partitions, replicas)| AdminRequest::CreateTopic {
                topic: (*topic).into(),
                partitions: Some(*partitions),
                replication_factor: Some(*replicas),
                replicas: Vec::new(),
                config: Vec::new(),
            });
        let admin = AdminSpec {
            bootstrap: bootstrap.clone(),
            config: AdminConfig::default(),
            expected_brokers: plan.brokers as u32,
            topics: topics.collect(),
        };
        let admin = cluster.add("admin", Blueprint::Client(ClientSpec::Admin(Box::new(admin))));
        nodes.push(admin);
        let mut lab =
            Self { cluster, checker: Checker::new(plan.settings), found: Vec::new(), bootstrap };
        for node in nodes {
            lab.act(Act::Start(node));
        }
        let topics: Vec<Name> = plan.topics.iter().map(|(topic, ..)| (*topic).into()).collect();
        lab.until("all topics have leaders", Duration::from_secs(30), |lens| {
            topics.iter().all(|topic| {
                let tp = TopicPartition { topic: topic.clone(), partition: Default::default() };
                lens.registration(&tp).is_some_and(|state| state.leader.is_some())
            })
        });
        lab.run(Duration::from_millis(500));
        lab
    }

    pub(super) fn node(&self, name: &str) -> NodeId {
        self.cluster.find(name).unwrap_or_else(|| panic!("there is no {name}"))
    }

    pub(super) fn broker(&self, id: i32) -> NodeId {
        self.node(&format!("broker-{id}"))
    }

    /// Does something to the cluster.
    pub(super) fn act(&mut self, act: Act) {
        self.cluster.begin_step();
        self.cluster.act(act, 0);
        self.judge();
    }

    fn judge(&mut self) {
        let lens = Lens::new(&self.cluster);
        let (happened, told) = (self.cluster.happened(), self.cluster.told());
        self.found.extend(self.checker.on_event(lens, happened, told));
    }

    /// The run is over.
    pub(super) fn end(&mut self) {
        self.found.extend(self.checker.on_end(Lens::new(&self.cluster)));
    }

    /// Lets so much time pass.
    pub(super) fn run(&mut self, span: Duration) {
        let end = self.cluster.now() + span;
        while self.cluster.next_due().is_some_and(|due| due.at <= end) {
            self.cluster.step();
            self.judge();
        }
        self.cluster.run_until(end);
    }

    /// Lets time pass until something holds.
    pub(super) fn until(
        &mut self,
        what: &str,
        at_most: Duration,
        holds: impl Fn(Lens<'_>) -> bool,
    ) {
        let end = self.cluster.now() + at_most;
        while !holds(Lens::new(&self.cluster)) {
            assert!(self.cluster.next_due().is_some_and(|due| due.at <= end), "{what}");
            self.cluster.step();
            self.judge();
        }
    }

    /// Lets time pass until something is told.
    pub(super) fn until_told(
        &mut self,
        what: &str,
        at_most: Duration,
        is_it: impl Fn(&Fact) -> bool,
    ) {
        let end = self.cluster.now() + at_most;
        loop {
            assert!(self.cluster.next_due().is_some_and(|due| due.at <= end), "{what}");
            self.cluster.step();
            self.judge();
            if self.cluster.told().iter().any(|told| is_it(&told.fact)) {
                return;
            }
        }
    }

    /// The partition of the offsets topic that a group is kept in.
    pub(super) fn home(&self, group: &str) -> i32 {
        let home = Lens::new(&self.cluster).coordinator_partition(group);
        home.expect("there are brokers").0
    }

    /// Adds a producer and starts it.
    pub(super) fn producer(
        &mut self,
        name: &str,
        topic: &str,
        per_second: u64,
        config: &[(&str, &str)],
    ) -> NodeId {
        let mut settings = ProducerConfig::default();
        for (name, value) in config {
            settings.set(name, value).expect("a setting of producers");
        }
        let mut application = ApplicationSpec::new(topic);
        application.per_kilosecond = per_second * 1_000;
        let spec = ProducerSpec::new(self.bootstrap.clone(), settings, application);
        self.add(name, ClientSpec::Producer(Box::new(spec)))
    }

    /// Adds a consumer and starts it.
    pub(super) fn consumer(
        &mut self,
        name: &str,
        group: &str,
        topic: &str,
        config: &[(&str, &str)],
    ) -> NodeId {
        self.consumer_that(name, group, topic, config, |_| {})
    }

    /// Adds a consumer whose application is as `shape` makes it, and starts it.
    pub(super) fn consumer_that(
        &mut self,
        name: &str,
        group: &str,
        topic: &str,
        config: &[(&str, &str)],
        shape: impl FnOnce(&mut ConsumerSpec),
    ) -> NodeId {
        let mut settings = ConsumerConfig::default();
        settings.set("group.id", group).expect("a group");
        settings.set("auto.offset.reset", "earliest").expect("a setting of consumers");
        for (name, value) in config {
            settings.set(name, value).expect("a setting of consumers");
        }
        let reads = Reads::Subscribe(vec![topic.into()]);
        let mut spec = ConsumerSpec::new(settings, self.bootstrap.clone(), reads);
        shape(&mut spec);
        self.add(name, ClientSpec::Consumer(Box::new(spec)))
    }

    /// Lets the administrator ask for something.
    pub(super) fn ask(&mut self, request: AdminRequest) {
        let admin = self.node("admin");
        self.act(Act::Tell(admin, Instruction::Admin(request)));
    }

    /// Lets the administrator ask that a partition be moved.
    pub(super) fn reassign(&mut self, topic: &str, partition: i32, replicas: &[i32]) {
        let tp = TopicPartition::new(topic, partition);
        let replicas = Some(replicas.iter().map(|id| BrokerId(*id)).collect());
        self.ask(AdminRequest::Reassign { tp, replicas });
    }

    fn add(&mut self, name: &str, spec: ClientSpec) -> NodeId {
        let node = self.cluster.add(name, Blueprint::Client(spec));
        self.act(Act::Start(node));
        node
    }

    /// What a group has committed for a partition, as its coordinator knows.
    pub(super) fn committed(&self, group: &str, tp: &TopicPartition) -> Option<i64> {
        Lens::new(&self.cluster).group(group)?.committed.get(tp).copied()
    }

    /// The broker that coordinates a group.
    pub(super) fn coordinator(&self, group: &str) -> NodeId {
        let broker = Lens::new(&self.cluster).coordinator_of(group).expect("it has one");
        self.broker(broker.0)
    }

    /// The ids of the invariants that were broken, each once, in the order in which they were.
    pub(super) fn broken(&self) -> Vec<Id> {
        let mut ids: Vec<Id> = Vec::new();
        for violation in &self.found {
            if !ids.contains(&violation.id) {
                ids.push(violation.id);
            }
        }
        ids
    }

    /// Fails with all that was found, if anything was.
    pub(super) fn expect_nothing(&self) {
        let all: Vec<String> = self.found.iter().take(10).map(ToString::to_string).collect();
        assert!(all.is_empty(), "seed {:?}:\n{}", self.cluster.now(), all.join("\n"));
    }

    pub(super) fn now(&self) -> Instant {
        self.cluster.now()
    }
}

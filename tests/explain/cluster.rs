//! A real cluster whose story is told: a controller, three brokers and a producer.

use std::sync::Arc;

use kafkascope::broker::BrokerSpec;
use kafkascope::client::ClientSpec;
use kafkascope::client::producer::{ApplicationSpec, ProducerSpec};
use kafkascope::cluster::{
    Act, Blueprint, Cluster, ClusterConfig, Format, Happened, ServerSpec, Told,
};
use kafkascope::config::{BrokerConfig, ProducerConfig};
use kafkascope::controller::kraft::{Bootstrap, ControllerConfig};
use kafkascope::explain::why::History;
use kafkascope::explain::{Importance, Lang, Narrator, Story, StoryBuilder};
use kafkascope::ids::{BrokerId, Uuid};
use kafkascope::node::Interest;
use kafkascope::raft::RaftConfig;
use kafkascope::sim::{Duration, Instant};
use kafkascope::view::Lens;

const CONTROLLER: BrokerId = BrokerId(101);

/// A run with everything that happened in it.
pub(crate) struct Run {
    pub(crate) cluster: Cluster,
    pub(crate) story: Story,
    builder: StoryBuilder,
    events: Vec<Happened>,
    told: Vec<Told>,
}

impl History for Run {
    fn event(&self, id: u32) -> Option<Happened> {
        self.events.get((id as usize).checked_sub(1)?).copied()
    }

    fn told(&self, event: u32) -> Vec<Told> {
        let begin = self.told.partition_point(|told| told.event < event);
        let own = self.told[begin..].iter().take_while(|told| told.event == event);
        own.cloned().collect()
    }

    fn story(&self) -> &Story {
        &self.story
    }
}

fn raft() -> RaftConfig {
    RaftConfig {
        voters: vec![CONTROLLER],
        fetch_timeout: Duration::from_secs(2),
        request_timeout: Duration::from_secs(2),
        retry_backoff: Duration::from_millis(20),
    }
}

fn format(id: BrokerId) -> Format {
    Format {
        cluster: "cluster".into(),
        directory: Uuid(0xd1d1_0000_0000_0000_0000_0000_0000_0000 + id.0 as u128),
        bootstrap: Bootstrap::default(),
    }
}

impl Run {
    /// The cluster, started; `web` sends to `kq` from 3 s on.
    pub(crate) fn new(interest: Interest) -> Self {
        let mut cluster = Cluster::new(ClusterConfig::default());
        let controller = ServerSpec {
            id: CONTROLLER,
            broker: None,
            controller: Some(ControllerConfig::new(CONTROLLER, "cluster")),
            raft: raft(),
            format: format(CONTROLLER),
        };
        let config = BrokerConfig {
            default_replication_factor: 2,
            num_partitions: 3,
            ..BrokerConfig::default()
        };
        let config = Arc::new(config);
        let mut servers =
            vec![cluster.add("controller-1", Blueprint::Server(Box::new(controller)))];
        for id in 1..=3 {
            let broker = BrokerSpec {
                id: BrokerId(id),
                cluster: format(BrokerId(id)).cluster,
                directory: format(BrokerId(id)).directory,
                config: config.clone(),
                costs: Default::default(),
                member_ids: Vec::new(),
            };
            let server = ServerSpec {
                id: BrokerId(id),
                broker: Some(broker),
                controller: None,
                raft: raft(),
                format: format(BrokerId(id)),
            };
            servers.push(cluster.add(format!("broker-{id}"), Blueprint::Server(Box::new(server))));
        }
        let mut application = ApplicationSpec::new("kq");
        application.per_kilosecond = 20_000;
        let producer = ProducerSpec::new(
            vec![BrokerId(1), BrokerId(2), BrokerId(3)],
            ProducerConfig::default(),
            application,
        );
        cluster.add("web", Blueprint::Client(ClientSpec::Producer(Box::new(producer))));
        cluster.set_interest(interest);
        let mut run = Self {
            cluster,
            story: Story::default(),
            builder: StoryBuilder::default(),
            events: Vec::new(),
            told: Vec::new(),
        };
        for server in servers {
            run.cluster.begin_step();
            run.cluster.act(Act::Start(server), 0);
            run.note();
        }
        run.until(3_000);
        run.act(Act::Start, "web");
        run
    }

    /// Takes down what the last step did.
    fn note(&mut self) {
        let (happened, told) = (self.cluster.happened(), self.cluster.told());
        let mut lines = Vec::new();
        self.builder.push_step(happened, told, &Lens::new(&self.cluster), &mut lines);
        self.story.extend(lines);
        self.events.extend_from_slice(happened);
        self.told.extend_from_slice(told);
    }

    /// Runs up to `millis`.
    pub(crate) fn until(&mut self, millis: u64) {
        let until = Instant::from_nanos(millis * 1_000_000);
        while self.cluster.next_due().is_some_and(|due| due.at <= until) {
            self.cluster.step();
            self.note();
        }
        self.cluster.run_until(until);
    }

    fn act(&mut self, act: fn(kafkascope::sim::NodeId) -> Act, name: &str) {
        let node = self.cluster.find(name).expect("one of the cluster");
        self.cluster.begin_step();
        self.cluster.act(act(node), 0);
        self.note();
    }

    /// Carries out `line` as a command.
    pub(crate) fn command(&mut self, line: &str) {
        let (verb, name) = line.split_once(' ').expect("a verb and a name");
        let node = self.cluster.find(name).expect("one of the cluster");
        self.cluster.begin_step();
        let cause = self.cluster.command(node, line.into());
        let act = match verb {
            "kill" => Act::Kill(node),
            "start" => Act::Start(node),
            "stop" => Act::Stop(node),
            "pause" => Act::Pause(node),
            _ => unreachable!("{verb} is no verb of these tests"),
        };
        self.cluster.act(act, cause);
        self.note();
    }

    /// The story in three columns, but for asides unless `all`.
    pub(crate) fn told_in(&self, lang: Lang, all: bool) -> String {
        let (narrator, world) = (Narrator::new(lang), Lens::new(&self.cluster));
        let lines =
            self.story.iter().filter(|line| all || line.latest.importance > Importance::Aside);
        let lines = lines.map(|line| {
            let (at, who, what) = narrator.columns(line, &world);
            format!("{at:>12}  {who:12}  {what}")
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The event and the number of the first line shown that contains `text`.
    pub(crate) fn line_of(&self, text: &str) -> (u32, u32) {
        let (narrator, world) = (Narrator::new(Lang::En), Lens::new(&self.cluster));
        let mut lines = self.story.iter();
        let line = lines.find(|line| narrator.line(line.latest, &world).contains(text));
        let line = line.unwrap_or_else(|| panic!("no line says {text}")).first;
        (line.event, line.number)
    }

    /// The events that happened.
    pub(crate) fn events(&self) -> &[Happened] {
        &self.events
    }
}

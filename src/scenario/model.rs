//! A scenario: what the cluster is, and what happens to it. Plain data, everything looked up.

use std::sync::Arc;

use crate::client::consumer::Slow;
use crate::client::{consumer, producer};
use crate::config::{BrokerConfig, ConsumerConfig, Overrides, ProducerConfig};
use crate::explain::Lang;
use crate::feature::{Levels, Release};
use crate::ids::{BrokerId, Name, Timestamp, TopicId};
use crate::scenario::language::{Condition, Expected, Instruction, Names, Question, Rate};
use crate::scenario::read::choices;
use crate::sim::{Duration, Instant};

/// One run.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// What it is called.
    pub title: Text,
    /// What to look at.
    pub watch: Option<Text>,
    /// What it is about, at length.
    pub about: Option<Text>,
    /// The release whose defaults the levels have.
    pub release: Release,
    /// What each mechanism does, cluster-wide.
    pub levels: Levels,
    /// What is promised, and so what an invariant's violation means.
    pub promise: Promise,
    /// What chance begins with.
    pub seed: u64,
    /// How long it runs.
    pub duration: Duration,
    /// The file does not say how long.
    pub duration_is_default: bool,
    /// What clocks say at the beginning.
    pub clock: Timestamp,
    /// How long a process takes to start.
    pub boot: Duration,
    /// The servers.
    pub cluster: Cluster,
    /// What lies between machines.
    pub network: Network,
    /// What work costs; what is not said is the simulator's choice.
    pub costs: Costs,
    /// The topics, in the order of the file.
    pub topics: Vec<Topic>,
    /// The producers, in the order of the file.
    pub producers: Vec<Producer>,
    /// The groups, in the order of the file.
    pub groups: Vec<Group>,
    /// What happens, in the order of the file.
    pub steps: Vec<Step>,
    /// What is expected of the run as a whole.
    pub expect: Vec<Expectation>,
    /// What a student is to bring about.
    pub goals: Vec<Goal>,
    /// What a student may change.
    pub labs: Vec<Lab>,
    /// Everything that can be named before the first step.
    pub names: Names,
}

/// A text in English and Chinese. What is there in one language only stands for both.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Text {
    /// In English.
    pub en: Name,
    /// In Chinese.
    pub zh: Name,
}

impl Text {
    /// As it is in this language.
    pub fn told_in(&self, lang: Lang) -> &str {
        lang.pick(&self.en, &self.zh)
    }
}

choices! {
    /// What a run is judged by.
    Promise {
        /// By what the newest Kafka promises.
        Newest = "newest",
        /// By what a Kafka of these levels promised.
        Level = "level",
    }

    /// Where the metadata lives.
    MetadataStore {
        /// In a log among controllers.
        Kraft = "kraft",
        /// In ZooKeeper.
        Zookeeper = "zookeeper",
    }

    /// A client library: defaults, partitioner, batching and retries are its own.
    Library {
        /// Kafka's own client.
        Java = "java",
        /// IBM's, formerly Shopify's client in Go.
        Sarama = "sarama",
        /// go-queue's wrapper of segmentio/kafka-go.
        Kq = "kq",
        /// The client in C that most languages wrap.
        Librdkafka = "librdkafka",
    }

    /// How a producer goes through its keys.
    KeyChoice {
        /// One after the other, again and again.
        InTurn = "in-turn",
        /// Each with the same chance.
        Random = "random",
    }

    /// When an application commits what it has processed.
    Commit {
        /// The consumer does, as `enable.auto.commit` says.
        Auto = "auto",
        /// When everything of a poll is processed.
        After = "after",
        /// Before anything of a poll is processed.
        Before = "before",
        /// Never.
        Never = "never",
    }

    /// What an application does between two records.
    Sends {
        /// It goes on, and is called back.
        Async = "async",
        /// It waits for the outcome of each.
        Sync = "sync",
    }

    /// Which records a handler marks as done (sarama's `MarkMessage`), or fails on (kq).
    Marks {
        /// Every one.
        All = "all",
        /// Those with an even offset.
        Even = "even",
        /// Those with an odd offset.
        Odd = "odd",
        /// None.
        None = "none",
    }

    /// How far apart racks are.
    RackDistance {
        /// Like zones of a region: 1 ms, 200 µs of jitter.
        Zones = "zones",
        /// Like regions of a continent: 30 ms, 2 ms of jitter.
        Regions = "regions",
    }
}

/// The servers.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// The brokers, by id from 1.
    pub brokers: Vec<Broker>,
    /// The ids of the controllers; those of brokers in combined mode.
    pub controllers: Vec<BrokerId>,
    /// A process is broker and controller at once.
    pub combined: bool,
    /// Where the metadata lives.
    pub metadata: MetadataStore,
    /// What every server is configured with.
    pub overrides: Overrides,
    /// The same, with Kafka's defaults: the configuration of a controller.
    pub config: BrokerConfig,
}

/// A broker.
#[derive(Clone, Debug, PartialEq)]
pub struct Broker {
    /// Its id.
    pub id: BrokerId,
    /// Its rack.
    pub rack: Option<Name>,
    /// What it is configured with, the cluster's settings included.
    pub overrides: Overrides,
    /// The same, with Kafka's defaults.
    pub config: BrokerConfig,
    /// What each mechanism does on it.
    pub levels: Levels,
}

/// A way between machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// How long a message takes at least.
    pub latency: Duration,
    /// How much chance may add.
    pub jitter: Duration,
    /// Bytes per second.
    pub bandwidth: u64,
}

/// What lies between machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// Between machines of one rack, or without racks.
    pub near: Way,
    /// Between racks.
    pub far: Way,
}

impl Default for Network {
    /// One data centre: 250 µs and up to 50 µs more each way, 1 Gbit/s.
    fn default() -> Self {
        let near = Way {
            latency: Duration::from_micros(250),
            jitter: Duration::from_micros(50),
            bandwidth: 125_000_000,
        };
        Self { near, far: near }
    }
}

/// What work costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// CPU per request.
    pub request: Option<Duration>,
    /// CPU per record.
    pub record: Option<Duration>,
    /// CPU per KiB of records.
    pub kibibyte: Option<Duration>,
    /// One fsync.
    pub fsync: Option<Duration>,
    /// Bytes per second that the medium takes.
    pub disk: Option<u64>,
}

/// A topic.
#[derive(Clone, Debug, PartialEq)]
pub struct Topic {
    /// Its name.
    pub name: Name,
    /// It is there from the beginning; otherwise somebody may create it.
    pub create: bool,
    /// How many partitions.
    pub partitions: u32,
    /// How many replicas each.
    pub replication_factor: u32,
    /// The replicas of each partition, preferred one first, where the file pins them.
    pub replicas: Option<Vec<Vec<BrokerId>>>,
    /// Its id, where the file pins it.
    pub topic_id: Option<TopicId>,
    /// Its settings.
    pub overrides: Overrides,
}

/// A producer and the application behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Producer {
    /// Its name.
    pub name: Name,
    /// Its client library.
    pub client: Library,
    /// The topics it sends to, in turn.
    pub topics: Vec<Name>,
    /// How often it sends; none for only when a command says so.
    pub rate: Option<Rate>,
    /// How many records each time.
    pub batch: u32,
    /// How many records in all, if it ends.
    pub count: Option<u64>,
    /// The keys of its records; none for none.
    pub keys: Vec<Name>,
    /// How it goes through them.
    pub key_choice: KeyChoice,
    /// How many bytes a value has.
    pub value_size: u64,
    /// When it begins, counted from when its topics exist.
    pub start: Duration,
    /// When it ends.
    pub stop: Option<Instant>,
    /// Whether the application waits for each record.
    pub sends: Sends,
    /// The application prints partition and offset of every record.
    pub prints: bool,
    /// Its settings, by its library's names.
    pub overrides: Overrides,
    /// The same in Kafka's names, with the client's defaults.
    pub config: ProducerConfig,
    /// What else its library does in its own way.
    pub personality: producer::Personality,
}

/// A consumer group.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Its id.
    pub name: Name,
    /// Its client library.
    pub client: Library,
    /// The topics it subscribes to.
    pub topics: Vec<Name>,
    /// Its consumers.
    pub members: Vec<Member>,
    /// How long the application works on a record.
    pub process: Duration,
    /// When it commits.
    pub commit: Commit,
    /// What the handler marks, where the library has marks.
    pub marks: Marks,
    /// What the handler fails on, where that is not the end.
    pub fails: Marks,
    /// What the handler needs longer for.
    pub slow: Option<Slow>,
    /// The settings that all members share, `group.id` included.
    pub overrides: Arc<Overrides>,
    /// The same, with the client's defaults: the configuration of a consumer that joins later.
    pub config: Arc<ConsumerConfig>,
    /// What else its library does in its own way.
    pub personality: consumer::Personality,
}

/// A consumer of a group.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its name in the group: `c1`.
    pub name: Name,
    /// The member id it gets, where the file pins it.
    pub member_id: Option<Name>,
    /// When it begins, counted from when its topics exist.
    pub start: Duration,
    /// How long it works on a record.
    pub process: Duration,
    /// Its settings, the group's included.
    pub overrides: Arc<Overrides>,
    /// The same, with the client's defaults.
    pub config: Arc<ConsumerConfig>,
    /// What else its library does in its own way.
    pub personality: consumer::Personality,
}

/// When a step is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// At this moment.
    At(Instant),
    /// When the condition holds, from when the step before it in the file was done.
    Holds {
        /// The condition.
        condition: Condition,
        /// As it is written, in its canonical form.
        text: Name,
    },
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// When.
    pub when: When,
    /// What to do, in order.
    pub instructions: Vec<Instruction>,
    /// What the things that were acted on are called from now on.
    pub label: Option<Name>,
    /// What to tell.
    pub say: Option<Text>,
    /// What to tell the teacher only.
    pub note: Option<Text>,
    /// What to ask before it happens.
    pub ask: Option<Ask>,
    /// What is expected from now on.
    pub expect: Vec<Expectation>,
    /// The run stops here until the viewer goes on.
    pub pause: bool,
}

/// An expectation with its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// What is expected.
    pub expected: Expected,
    /// As it is written, in its canonical form.
    pub text: Name,
}

/// A question that the run itself answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// The question.
    pub question: Text,
    /// What answers it; none for a question to talk about.
    pub answer: Option<Question>,
    /// The same as it is written: `leader(kq-0) at 25s`.
    pub written: Option<Name>,
    /// Answers to choose from.
    pub choices: Vec<Choice>,
    /// How far from a number is still right.
    pub tolerance: u64,
    /// A hint.
    pub hint: Option<Text>,
    /// What to say when it is answered.
    pub reveal: Option<Text>,
}

/// An answer to choose.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What it says.
    pub text: Text,
    /// It is the right one if this holds when the run answers; without, if it begins with the answer.
    pub when: Option<Condition>,
}

/// Something to bring about.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// What.
    pub say: Text,
    /// How to tell that it was.
    pub expect: Vec<Expectation>,
    /// What helps.
    pub hints: Vec<Text>,
}

/// Something to try.
#[derive(Clone, Debug, PartialEq)]
pub struct Lab {
    /// The task.
    pub say: Text,
    /// The keys of the file that may be changed.
    pub edit: Vec<Name>,
    /// What helps.
    pub hints: Vec<Text>,
}

impl Scenario {
    /// The broker of this id.
    pub fn broker(&self, id: BrokerId) -> Option<&Broker> {
        self.cluster.brokers.iter().find(|broker| broker.id == id)
    }
}

//! The file, table by table: the one place that says which keys there are.

use super::language::{Answer, Cond, Expectation, Line, Rate};
use super::limits;
use super::model::{
    Commit, KeyChoice, Library, Marks, MetadataStore, Promise, RackDistance, Sends, Text,
};
use super::read::{
    Bandwidth, BrokerSettings, Clock, ConsumerSettings, ForRun, Int, Keys, Named, Node, OneOrMore,
    ProducerSettings, Read, Reader, Shape, Size, TopicSettings, WordsByName, Written, tables,
};
use super::span::Spanned;
use crate::ids::{Name, TopicId};
use crate::sim::{Duration, Instant};

const CLIENTS: i64 = limits::CLIENTS as i64;
const BROKERS: i64 = limits::BROKERS as i64;
const PARTITIONS: i64 = limits::PARTITIONS as i64;

tables! {
    /// A scenario: what a cluster is, and what happens to it.
    Document "the scenario" {
        /// The version of this format: 1.
        format: Spanned<Int<0, { i64::MAX }>> = "format";
        /// What the scenario is called.
        title: Text = "title";
        /// What to look at.
        watch: Option<Text> = "watch";
        /// What it is about, at length.
        about: Option<Text> = "about";
        /// The release of Kafka; "4.1" if not said.
        kafka: Option<Spanned<Name>> = "kafka";
        /// Protocol levels that are other than the release's: { elr = "off" }.
        levels: WordsByName = "levels";
        /// What the run is judged by; "level" if there are old levels, otherwise "newest".
        promise: Option<Promise> = "promise";
        /// What chance begins with; 1 if not said.
        seed: Option<Int<0, { i64::MAX }>> = "seed";
        /// How long the run lasts; "60s" if not said.
        duration: Option<Spanned<Duration>> = "duration";
        /// What clocks say at the beginning; "2026-01-01T00:00:00Z" if not said.
        clock: Option<Clock> = "clock";
        /// How long a process takes to start; "1s" if not said.
        boot: Option<Duration> = "boot";
        /// The servers.
        cluster: Option<ClusterTable> = "cluster";
        /// What is particular to single brokers, by id: `[brokers.2]`.
        brokers: Named<BrokerTable> = "brokers";
        /// What lies between machines.
        network: Option<NetworkTable> = "network";
        /// What work costs.
        costs: Option<CostsTable> = "costs";
        /// The topics, by name: `[topics.kq]`.
        topics: Named<TopicTable> = "topics";
        /// The producers, by name: `[producers.web]`.
        producers: Named<ProducerTable> = "producers";
        /// The consumer groups, by id: `[groups.checkout]`.
        groups: Named<GroupTable> = "groups";
        /// What happens: `[[steps]]`.
        steps: Vec<StepTable> = "steps";
        /// What is expected of the whole run: "always acked-lost == 0".
        expect: OneOrMore<Written<Expectation>> = "expect";
        /// One run for each of several values.
        compare: Option<CompareTable> = "compare";
        /// What a student is to bring about: `[[goals]]`.
        goals: Vec<GoalTable> = "goals";
        /// What a student may try: `[[labs]]`.
        labs: Vec<LabTable> = "labs";
    }

    /// The servers.
    ClusterTable "[cluster]" {
        /// How many brokers; 3 if not said.
        brokers: Option<Spanned<Int<1, BROKERS>>> = "brokers";
        /// How many controllers: 1, 3 or 5; 1 if not said.
        controllers: Option<Spanned<Int<1, 5>>> = "controllers";
        /// The first brokers are the controllers, in one process.
        combined: Option<Spanned<bool>> = "combined";
        /// Where the metadata lives; "kraft" if not said.
        metadata: Option<Spanned<MetadataStore>> = "metadata";
        /// What every server is configured with.
        config: BrokerSettings = "config";
        /// Racks that brokers are put into in turn: `["a", "b", "c"]`.
        racks: Vec<Name> = "racks";
    }

    /// What is particular to one broker.
    BrokerTable "[brokers.N]" {
        /// Its rack.
        rack: Option<Name> = "rack";
        /// What it is configured with besides.
        config: BrokerSettings = "config";
        /// Its protocol levels, as in a rolling upgrade: { truncation = "hw" }.
        levels: WordsByName = "levels";
    }

    /// What lies between machines.
    NetworkTable "[network]" {
        /// How long a message takes at least; "250us" if not said.
        latency: Option<Duration> = "latency";
        /// How much chance may add; "50us" if not said.
        jitter: Option<Duration> = "jitter";
        /// How much fits through; "1Gbit/s" if not said.
        bandwidth: Option<Bandwidth> = "bandwidth";
        /// What lies between racks: "zones", "regions", or a table like this one.
        racks: Option<RacksField> = "racks";
    }

    /// What lies between racks.
    FarTable "[network.racks]" {
        /// How long a message takes at least.
        latency: Option<Duration> = "latency";
        /// How much chance may add.
        jitter: Option<Duration> = "jitter";
        /// How much fits through.
        bandwidth: Option<Bandwidth> = "bandwidth";
    }

    /// What work costs.
    CostsTable "[costs]" {
        /// CPU per request.
        request: Option<Duration> = "request";
        /// CPU per record.
        record: Option<Duration> = "record";
        /// CPU per KiB of records.
        kibibyte: Option<Duration> = "kibibyte";
        /// One fsync.
        fsync: Option<Duration> = "fsync";
        /// What the medium takes: "500MiB/s".
        disk: Option<Bandwidth> = "disk";
    }

    /// A topic.
    TopicTable "[topics.X]" {
        /// How many partitions; num.partitions if not said.
        partitions: Option<Spanned<Int<1, PARTITIONS>>> = "partitions";
        /// How many replicas; default.replication.factor if not said.
        replication_factor: Option<Spanned<Int<1, BROKERS>>> = "replication-factor";
        /// The brokers of each partition, the preferred leader first: [[1, 2], [2, 3]].
        replicas: Option<Spanned<Vec<Spanned<Vec<Spanned<Int<1, BROKERS>>>>>>> = "replicas";
        /// Whether it is there from the beginning; if not, it can be named all the same.
        create: Option<bool> = "create";
        /// The topic's id: 22 characters.
        topic_id: Option<TopicId> = "topic-id";
        /// Its settings.
        config: TopicSettings = "config";
    }

    /// A producer, and the application that sends through it.
    ProducerTable "[producers.X]" {
        /// Its client library; "java" if not said.
        client: Option<Spanned<Library>> = "client";
        /// The topic it sends to.
        topic: Option<Spanned<Name>> = "topic";
        /// The topics it sends to, in turn.
        topics: Vec<Spanned<Name>> = "topics";
        /// How often it sends: "20/s"; without, only when a step says so.
        rate: Option<Spanned<Rate>> = "rate";
        /// How many records it sends in all.
        count: Option<Spanned<Int<1, { i64::MAX }>>> = "count";
        /// How many records it sends each time; 1 if not said.
        batch: Option<Spanned<Int<1, 1_000_000>>> = "batch";
        /// The keys of its records: "user-{0..9}", or a list; none if not said.
        keys: Option<Keys> = "keys";
        /// How it goes through the keys; "in-turn" if not said.
        key_choice: Option<KeyChoice> = "key-choice";
        /// How large a value is; 100 bytes if not said.
        value_size: Option<Spanned<Size>> = "value-size";
        /// How long it waits before it begins.
        start: Option<Duration> = "start";
        /// When it ends.
        stop: Option<Instant> = "stop";
        /// Whether the application waits for each record; "async" if not said.
        sends: Option<Spanned<Sends>> = "sends";
        /// Whether it prints partition and offset of every record that was acknowledged.
        prints: Option<bool> = "prints";
        /// Its settings, by the names of its library.
        config: ProducerSettings = "config";
    }

    /// A consumer group, and the applications that read through it.
    GroupTable "[groups.X]" {
        /// The topics it subscribes to.
        topics: Option<OneOrMore<Spanned<Name>>> = "topics";
        /// How many consumers; 1 if not said.
        consumers: Option<Spanned<Int<0, CLIENTS>>> = "consumers";
        /// Its consumers one by one: names, or tables.
        members: Vec<MemberField> = "members";
        /// The group.instance.id of each consumer (static membership).
        instance_ids: Vec<Spanned<Name>> = "instance-ids";
        /// Its client library; "java" if not said.
        client: Option<Spanned<Library>> = "client";
        /// How long an application works on a record; "0s" if not said.
        process: Option<Duration> = "process";
        /// When an application commits; "auto" if not said.
        commit: Option<Spanned<Commit>> = "commit";
        /// Which records the handler marks (sarama); "all" if not said.
        marks: Option<Spanned<Marks>> = "marks";
        /// Which records the handler fails on (kq); "none" if not said.
        fails: Option<Spanned<Marks>> = "fails";
        /// Which records the handler needs longer for (kq).
        slow: Option<SlowTable> = "slow";
        /// The settings of its consumers, by the names of their library.
        config: ConsumerSettings = "config";
    }

    /// Records that a handler needs longer for.
    SlowTable "slow" {
        /// Which: those whose offset is a multiple of it.
        every: Option<Int<1, { i64::MAX }>> = "every";
        /// How long it works on one.
        process: Option<Duration> = "process";
    }

    /// A consumer of a group.
    MemberTable "a member" {
        /// Its name: c1, c2, … if not said.
        name: Option<Spanned<Name>> = "name";
        /// Its group.instance.id (static membership).
        instance_id: Option<Spanned<Name>> = "instance-id";
        /// The member id that it gets.
        member_id: Option<Name> = "member-id";
        /// How long it waits before it begins.
        start: Option<Duration> = "start";
        /// How long it works on a record.
        process: Option<Duration> = "process";
        /// Its settings.
        config: ConsumerSettings = "config";
    }

    /// Something that happens.
    StepTable "[[steps]]" {
        /// When: a moment of the run.
        when_at: Option<Spanned<Instant>> = "at";
        /// When: a condition, waited for from when the step before it was done.
        when: Option<Written<Cond>> = "when";
        /// What to do: a command, or several.
        commands: OneOrMore<Written<Line>> = "do";
        /// What the things acted on are called from now on.
        label: Option<Spanned<Name>> = "as";
        /// After how long it is undone.
        lasting: Option<Spanned<Duration>> = "for";
        /// What to tell; a list of texts of which each run tells the first with its `run`, or without one.
        say: OneOrMore<ForRun<Text>> = "say";
        /// What to tell the teacher only.
        note: OneOrMore<ForRun<Text>> = "note";
        /// What to ask before it happens.
        ask: OneOrMore<ForRun<AskTable>> = "ask";
        /// What is expected from now on.
        expect: OneOrMore<Written<Expectation>> = "expect";
        /// The run stops here until the viewer goes on.
        pause: Option<bool> = "pause";
    }

    /// A question that the run answers.
    AskTable "ask" {
        /// The question in English.
        en: Option<Name> = "en";
        /// The question in Chinese.
        zh: Option<Name> = "zh";
        /// What answers it: "leader(kq-0) at 25s".
        answer: Option<Written<Answer>> = "answer";
        /// Answers to choose from.
        choices: Vec<ForRun<ChoiceField>> = "choices";
        /// How far from a number is still right.
        tolerance: Option<Int<0, { i64::MAX }>> = "tolerance";
        /// A hint.
        hint: OneOrMore<ForRun<Text>> = "hint";
        /// What to say when it is answered.
        reveal: OneOrMore<ForRun<Text>> = "reveal";
    }

    /// An answer to choose.
    ChoiceTable "a choice" {
        /// What it says, in English.
        en: Option<Name> = "en";
        /// What it says, in Chinese.
        zh: Option<Name> = "zh";
        /// It is right if this holds when the run answers; if not said, if it begins with the answer.
        when: Option<Written<Cond>> = "when";
    }

    /// One run for each of several values.
    CompareTable "[compare]" {
        /// The key that differs: "producers.web.config.acks"; or several that differ together.
        vary: OneOrMore<Spanned<Name>> = "vary";
        /// Its values, one per run; lists of values for several keys.
        values: Vec<Spanned<Node>> = "values";
        /// What is expected of each run: a list per value.
        expect: Vec<OneOrMore<Written<Expectation>>> = "expect";
    }

    /// Something to bring about.
    GoalTable "[[goals]]" {
        /// What.
        say: Text = "say";
        /// How to tell that it was.
        expect: OneOrMore<Written<Expectation>> = "expect";
        /// What helps.
        hints: Vec<Text> = "hints";
    }

    /// Something to try.
    LabTable "[[labs]]" {
        /// The task.
        say: Text = "say";
        /// The keys of the file that may be changed.
        edit: Vec<Name> = "edit";
        /// What helps.
        hints: Vec<Text> = "hints";
    }
}

/// `racks` of the network: a word or a table.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum RacksField {
    /// Like something known.
    Like(RackDistance),
    /// As the table says.
    Table(FarTable),
}

impl Read for RacksField {
    fn shape() -> Shape {
        Shape::Either(vec![RackDistance::shape(), FarTable::shape()])
    }

    fn read(node: &Spanned<Node>, reader: &mut Reader<'_>) -> Option<Self> {
        match node.value {
            Node::Table(_) => FarTable::read(node, reader).map(Self::Table),
            _ => RackDistance::read(node, reader).map(Self::Like),
        }
    }
}

/// A member: a name or a table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct MemberField(pub(super) MemberTable);

impl Read for MemberField {
    fn shape() -> Shape {
        Shape::Either(vec![Shape::Text("name"), MemberTable::shape()])
    }

    fn read(node: &Spanned<Node>, reader: &mut Reader<'_>) -> Option<Self> {
        if let Node::Text(_) = node.value {
            let name = Spanned::<Name>::read(node, reader)?;
            return Some(Self(MemberTable {
                name: Some(name),
                instance_id: None,
                member_id: None,
                start: None,
                process: None,
                config: ConsumerSettings::default(),
                at: node.span.clone(),
                whole: true,
            }));
        }
        MemberTable::read(node, reader).map(Self)
    }
}

/// A choice: a text or a table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ChoiceField(pub(super) ChoiceTable);

impl Read for ChoiceField {
    fn shape() -> Shape {
        Shape::Either(vec![Shape::Text("text"), ChoiceTable::shape()])
    }

    fn read(node: &Spanned<Node>, reader: &mut Reader<'_>) -> Option<Self> {
        let Node::Text(_) = node.value else {
            return ChoiceTable::read(node, reader).map(Self);
        };
        let both = Name::read(node, reader);
        let whole = both.is_some();
        let (en, zh, when) = (both.clone(), both, None);
        Some(Self(ChoiceTable { en, zh, when, at: node.span.clone(), whole }))
    }
}

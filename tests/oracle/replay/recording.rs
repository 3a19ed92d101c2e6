//! A recorded cluster as it lies on disk: what it was, what was done, what came of it.

use std::collections::{BTreeMap, BTreeSet};

use kafkascope::ids::{BrokerId, TopicPartition};
use kafkascope::protocol::MetadataRecord;
use serde_json::Value;

use crate::harness::source::{Files, json, lines};

/// Milliseconds since the case began.
pub(super) type Millis = u64;

/// Something that was done.
#[derive(Clone, Debug)]
pub(super) struct Event {
    /// When it began.
    pub(super) begin: Millis,
    /// When it was done.
    pub(super) done: Millis,
    pub(super) what: Value,
}

impl Event {
    pub(super) fn name(&self) -> &str {
        self.what["do"].as_str().expect("an event has a name")
    }

    /// The servers that it is about.
    pub(super) fn nodes(&self) -> Vec<BrokerId> {
        let nodes = self.what["nodes"].as_array().into_iter().flatten();
        nodes.map(|id| BrokerId(id.as_i64().expect("an id") as i32)).collect()
    }
}

/// A record of the metadata log.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) at: Millis,
    pub(super) record: MetadataRecord,
}

/// A record of a load, and what became of it.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) at: Millis,
    pub(super) partition: i32,
    pub(super) key: String,
    pub(super) outcome: Result<u64, String>,
}

/// A group of the classic protocol.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    /// What happened to its members, as they noted it.
    pub(super) callbacks: Vec<Value>,
    /// The group whenever it had settled.
    pub(super) steps: Vec<Value>,
}

impl Group {
    /// Its first coordinator.
    pub(super) fn coordinator(&self) -> Option<BrokerId> {
        let id = self.steps.first()?["group"]["coordinator"].as_i64()?;
        Some(BrokerId(id as i32))
    }
}

/// A recorded cluster.
#[derive(Clone, Debug)]
pub(super) struct Recording {
    pub(super) brokers: Vec<BrokerId>,
    pub(super) controllers: Vec<BrokerId>,
    /// Properties of the servers beyond Kafka's defaults.
    pub(super) set: Vec<(String, String)>,
    /// Those of one server only.
    pub(super) set_of_server: Vec<(BrokerId, String, String)>,
    /// Levels of features that differ from the release's.
    pub(super) features: Vec<(String, i16)>,
    pub(super) events: Vec<Event>,
    pub(super) metadata: Vec<Written>,
    pub(super) trace: Vec<Value>,
    /// What each load sent, in order.
    pub(super) loads: Vec<Vec<Sent>>,
    /// What could be read in the end: keys by partition and offset.
    pub(super) log: BTreeMap<(i32, u64), String>,
    /// The groups of the classic protocol.
    pub(super) groups: BTreeMap<String, Group>,
}

impl Recording {
    pub(super) fn read(files: &Files) -> Self {
        let case = json(files, "case.json");
        let cluster = &case["cluster"];
        let number = |name: &str| cluster[name].as_i64().unwrap_or_default() as i32;
        let brokers: Vec<_> = (1..=number("brokers")).map(BrokerId).collect();
        let controllers = match number("controllers") {
            0 => brokers.clone(),
            count => (101..101 + count).map(BrokerId).collect(),
        };
        let set = cluster["set"].as_object().into_iter().flatten();
        let set_of_server = cluster["set_node"].as_array().into_iter().flatten().map(|set| {
            let (id, set) = text(set).split_once(':').expect("server:name=value");
            let (name, value) = set.split_once('=').expect("server:name=value");
            (BrokerId(id.parse().expect("a number")), name.to_owned(), value.to_owned())
        });
        let features = cluster["feature"].as_array().into_iter().flatten().map(|feature| {
            let (name, level) = text(feature).split_once('=').expect("name=level");
            (name.to_owned(), level.parse().expect("a level"))
        });
        let optional =
            |name: &str| if files.contains_key(name) { lines(files, name) } else { Vec::new() };
        let mut recording = Self {
            brokers,
            controllers,
            set: set.map(|(name, value)| (name.clone(), plain(value))).collect(),
            set_of_server: set_of_server.collect(),
            features: features.collect(),
            events: lines(files, "events.jsonl").into_iter().map(event).collect(),
            metadata: written(&optional("metadata.jsonl")),
            trace: optional("trace.jsonl"),
            loads: Vec::new(),
            log: BTreeMap::new(),
            groups: BTreeMap::new(),
        };
        for name in groups(files, true) {
            let callbacks = optional(&format!("{name}.callbacks.jsonl"));
            let steps = optional(&format!("{name}.steps.jsonl"));
            recording.groups.insert(name, Group { callbacks, steps });
        }
        for row in optional("log.jsonl") {
            let place = (int(&row["partition"]) as i32, int(&row["offset"]));
            let key = row["key"].as_str().unwrap_or_default();
            recording.log.insert(place, key.to_owned());
        }
        recording.loads = recording.split_loads(&optional("load.jsonl"));
        recording
    }

    /// The rows of one file belong to the load that was under way when they were sent.
    fn split_loads(&self, rows: &[Value]) -> Vec<Vec<Sent>> {
        let begins: Vec<Millis> = self.named("load").map(|event| event.begin).collect();
        let mut loads = vec![Vec::new(); begins.len()];
        for row in rows.iter().filter(|row| !row["sent"].is_null()) {
            let at = int(&row["sent"]);
            let load = begins.iter().rposition(|begin| *begin <= at).expect("a load sent it");
            let outcome = match row["offset"].as_u64() {
                Some(offset) => Ok(offset),
                None => Err(text(&row["error"]).to_owned()),
            };
            let partition = int(&row["partition"]) as i32;
            loads[load].push(Sent { at, partition, key: text(&row["key"]).to_owned(), outcome });
        }
        for load in &mut loads {
            // In the order of the program: partition by partition, round by round.
            load.sort_by_key(|sent: &Sent| (number_of(&sent.key), sent.partition));
        }
        loads
    }

    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(move |event| event.name() == name)
    }

    /// The members of classic groups as they came.
    pub(super) fn joins(&self) -> impl Iterator<Item = &Event> {
        let is_classic = |join: &&Event| self.groups.contains_key(text(&join.what["group"]));
        self.named("join").filter(is_classic)
    }

    /// The partitions that were watched.
    pub(super) fn watched(&self) -> BTreeSet<TopicPartition> {
        let rows = self.trace.iter().filter(|row| !row["leader"].is_null());
        rows.map(|row| topic_partition(text(&row["tp"]))).collect()
    }
}

/// The groups of a recording: those of the classic protocol only, or those that had a member of the
/// newer one.
pub(super) fn groups(files: &Files, classic: bool) -> BTreeSet<String> {
    let events = lines(files, "events.jsonl");
    let joins = || events.iter().filter(|event| event["do"] == "join");
    let is_newer = |join: &Value| join["config"]["group.protocol"] == "consumer";
    let group = |join: &Value| text(&join["group"]).to_owned();
    let newer: BTreeSet<String> = joins().filter(|join| is_newer(join)).map(group).collect();
    if classic { joins().map(group).filter(|one| !newer.contains(one)).collect() } else { newer }
}

fn event(what: Value) -> Event {
    Event { begin: int(&what["t"]), done: int(&what["done"]), what }
}

/// The number of the round, which the key ends with.
fn number_of(key: &str) -> u64 {
    let number = key.rsplit('-').next().expect("a key has parts");
    number.parse().expect("a number")
}

/// Records of a metadata log, as `kafka-dump-log` shows them.
fn written(rows: &[Value]) -> Vec<Written> {
    let data = rows.iter().filter(|row| row["control"].is_null());
    data.map(|row| Written {
        at: int(&row["t"]),
        record: serde_json::from_value(row.clone()).expect("a record"),
    })
    .collect()
}

/// `topic-partition`.
pub(super) fn topic_partition(text: &str) -> TopicPartition {
    let (topic, partition) = text.rsplit_once('-').expect("topic-partition");
    TopicPartition::new(topic, partition.parse().expect("a number"))
}

/// A string.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is a string"))
}

/// A number that is not negative.
pub(super) fn int(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is a number"))
}

/// A setting as text.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

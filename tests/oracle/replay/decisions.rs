//! The controller's decisions: the records of the metadata log, thing by thing.
//!
//! What is compared is the order of the records about one partition and the brokers that hold it, and of
//! those about one broker; which of two brokers or partitions comes first where neither waits for the
//! other is the machine's chance. Ids of processes and directories are not compared, nor who was first to ask for
//! producer ids.

use std::collections::BTreeMap;

use kafkascope::ids::{BrokerId, TopicId, TopicPartition};
use kafkascope::protocol::MetadataRecord;
use serde_json::{Value, json};

use super::recording::{Millis, Written};
use crate::harness::Outcome;
use crate::values::same_json;

/// A decision in words that do not name what differs from run to run.
#[derive(Clone, Debug)]
struct Decision {
    at: Millis,
    about: About,
    what: Value,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Broker(BrokerId),
    Partition(TopicPartition),
    /// A setting of something: several that one request changes come in the order of a Java map.
    Setting(i8, String, String),
    /// Topics, levels.
    Cluster,
}

/// The decisions of one run.
#[derive(Debug, Default)]
pub(super) struct Decisions {
    all: Vec<Decision>,
    /// The replicas that a partition has ever had.
    replicas: BTreeMap<TopicPartition, Vec<BrokerId>>,
}

impl Decisions {
    pub(super) fn of(written: &[Written]) -> Self {
        let mut topics: BTreeMap<TopicId, String> = BTreeMap::new();
        let mut decisions = Self::default();
        for Written { at, record } in written {
            let (about, what) = match record {
                MetadataRecord::Topic(topic) => {
                    topics.insert(topic.topic_id, topic.name.to_string());
                    (About::Cluster, data(record, &[]))
                }
                MetadataRecord::Partition(partition) => {
                    let tp = named(&topics, partition.topic_id, partition.partition_id.0);
                    decisions.note_replicas(&tp, &partition.replicas);
                    (About::Partition(tp), data(record, &["directories"]))
                }
                MetadataRecord::PartitionChange(change) => {
                    let tp = named(&topics, change.topic_id, change.partition_id.0);
                    if let Some(replicas) = &change.replicas {
                        decisions.note_replicas(&tp, replicas);
                    }
                    (About::Partition(tp), data(record, &["directories"]))
                }
                MetadataRecord::RegisterBroker(register) => {
                    let differs =
                        ["incarnationId", "brokerEpoch", "endPoints", "logDirs", "features"];
                    (About::Broker(register.broker_id), data(record, &differs))
                }
                MetadataRecord::BrokerRegistrationChange(change) => {
                    (About::Broker(change.broker_id), data(record, &["brokerEpoch", "logDirs"]))
                }
                MetadataRecord::Config(config) => {
                    let (of, key) = (config.resource_name.to_string(), config.name.to_string());
                    (About::Setting(config.resource_type, of, key), data(record, &[]))
                }
                MetadataRecord::RegisterController(_)
                | MetadataRecord::ProducerIds(_)
                | MetadataRecord::NoOp(_) => continue,
                _ => (About::Cluster, data(record, &[])),
            };
            decisions.all.push(Decision { at: *at, about, what });
        }
        decisions
    }

    fn note_replicas(&mut self, tp: &TopicPartition, replicas: &[BrokerId]) {
        self.replicas.entry(tp.clone()).or_default().extend(replicas);
    }

    /// The decisions that say something about `about`.
    fn about<'a>(&'a self, about: &'a About) -> impl Iterator<Item = &'a Decision> {
        let replicas = match about {
            About::Partition(tp) => self.replicas.get(tp).map_or(&[][..], Vec::as_slice),
            _ => &[],
        };
        self.all.iter().filter(move |decision| match &decision.about {
            About::Broker(broker) if replicas.contains(broker) => true,
            other => other == about,
        })
    }

    /// The same, brokers by id where nothing about the partition lies between them: nobody waits for
    /// anybody then.
    fn ordered<'a>(&'a self, about: &'a About) -> Vec<&'a Decision> {
        let mut decisions: Vec<&'a Decision> = self.about(about).collect();
        let is_broker = |decision: &&Decision| matches!(decision.about, About::Broker(_));
        for between in decisions.split_mut(|decision| !is_broker(decision)) {
            between.sort_by(|one, other| one.about.cmp(&other.about));
        }
        decisions
    }

    /// Everything that something is decided about.
    fn subjects(&self) -> impl Iterator<Item = About> {
        let subjects: std::collections::BTreeSet<About> =
            self.all.iter().map(|decision| decision.about.clone()).collect();
        subjects.into_iter()
    }
}

fn named(topics: &BTreeMap<TopicId, String>, id: TopicId, partition: i32) -> TopicPartition {
    TopicPartition::new(topics[&id].as_str(), partition)
}

/// A record without the fields that differ from run to run.
fn data(record: &MetadataRecord, without: &[&str]) -> Value {
    let mut value = serde_json::to_value(record).expect("a record has a JSON form");
    if let Some(data) = value["data"].as_object_mut() {
        data.retain(|field, _| !without.contains(&field.as_str()));
    }
    value
}

/// When the same decision was taken there and here.
pub(super) type Anchors = Vec<(Millis, Millis)>;

/// Compares; returns the pairs of decisions that were found in both.
pub(super) fn compare(theirs: &Decisions, ours: &Decisions, outcome: &mut Outcome) -> Anchors {
    let mut anchors = Anchors::new();
    for subject in theirs.subjects() {
        let id = match &subject {
            About::Broker(broker) => format!("life of broker {broker}"),
            About::Partition(tp) => format!("decisions about {tp}"),
            About::Setting(_, of, key) => format!("{key} of {of:?}"),
            About::Cluster => "decisions about topics and levels".to_owned(),
        };
        let (ours, theirs) = (ours.ordered(&subject), theirs.ordered(&subject));
        anchors.extend(theirs.iter().zip(&ours).map(|(theirs, ours)| (theirs.at, ours.at)));
        outcome.check(id, same_list(&ours, &theirs));
    }
    for subject in ours.subjects().filter(|one| !theirs.subjects().any(|other| other == *one)) {
        outcome.check(format!("{subject:?}"), Err("decided only here".to_owned()));
    }
    anchors.sort_unstable();
    anchors.dedup();
    anchors
}

fn same_list(ours: &[&Decision], theirs: &[&Decision]) -> Result<(), String> {
    for (place, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        same_json(&format!("decision {place}"), &ours.what, &theirs.what)
            .map_err(|problem| format!("{problem} (at {} here, {} there)", ours.at, theirs.at))?;
    }
    let more = |list: &[&Decision], from: usize| -> Value {
        list[from..].iter().map(|one| json!({"at": one.at, "what": one.what})).collect()
    };
    match ours.len().cmp(&theirs.len()) {
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Less => Err(format!("not decided: {}", more(theirs, ours.len()))),
        std::cmp::Ordering::Greater => Err(format!("decided too: {}", more(ours, theirs.len()))),
    }
}

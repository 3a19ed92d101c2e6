//! `kafka-topics --list` and `--describe`.
//!
//! In Kafka: `TopicCommand`. Topics come in the order of the hash map that the admin client gives.

use std::fmt::Write as _;

use super::cluster::{Cluster, Partition, Topic};
use super::hint::Hint;
use super::options::{Known, Options, flag, maybe, value};
use super::pattern::Pattern;
use super::{Answer, Output, java_map};

pub(super) const OPTIONS: &[Known] = &[
    flag("alter"),
    flag("at-min-isr-partitions"),
    value("bootstrap-server"),
    value("command-config"),
    value("config"),
    flag("create"),
    flag("delete"),
    value("delete-config"),
    flag("describe"),
    flag("exclude-internal"),
    flag("help"),
    flag("if-exists"),
    flag("if-not-exists"),
    flag("list"),
    value("partition-size-limit-per-response"),
    value("partitions"),
    value("replica-assignment"),
    value("replication-factor"),
    value("topic"),
    value("topic-id"),
    flag("topics-with-overrides"),
    flag("unavailable-partitions"),
    flag("under-min-isr-partitions"),
    flag("under-replicated-partitions"),
    maybe("version"),
];

const ACTIONS: [&str; 5] = ["alter", "create", "describe", "list", "delete"];
const FILTERS: [&str; 4] = [
    "under-replicated-partitions",
    "under-min-isr-partitions",
    "at-min-isr-partitions",
    "unavailable-partitions",
];

/// What does not go beside what, of those that list and describe.
const CONFLICTS: [(&str, &[&str]); 11] = [
    ("config", &["describe", "list"]),
    ("partitions", &["describe", "list"]),
    ("replication-factor", &["describe", "list"]),
    ("replica-assignment", &["describe", "list"]),
    ("under-replicated-partitions", &["list", "topics-with-overrides"]),
    ("under-min-isr-partitions", &["list", "topics-with-overrides"]),
    ("at-min-isr-partitions", &["list", "topics-with-overrides"]),
    ("unavailable-partitions", &["list", "topics-with-overrides"]),
    ("topics-with-overrides", &["list"]),
    ("if-exists", &["list"]),
    ("if-not-exists", &["describe", "list"]),
];

pub(super) fn answer(options: &Options, cluster: &dyn Cluster) -> Answer {
    let output = match check(options) {
        Some(wrong) => wrong,
        None if options.has("list") => list(options, cluster),
        None => describe(options, cluster),
    };
    output.into()
}

/// What is wrong with the options, or not answered.
fn check(options: &Options) -> Option<Output> {
    if options.has("help") {
        return Some(Output::wrong(
            "This tool helps to create, delete, describe, or change a topic.",
        ));
    }
    if options.has("version") {
        return Some(Output::good("4.1.0\n".to_owned()));
    }
    if options.count(&ACTIONS) != 1 {
        return Some(Output::wrong(
            "Command must include exactly one action: --list, --describe, --create, --alter or \
             --delete",
        ));
    }
    if options.has("describe")
        && options.has("if-exists")
        && options.count(&["topic", "topic-id"]) == 0
    {
        return Some(Output::wrong("--topic or --topic-id is required to describe a topic"));
    }
    let instead = |line: String| Some(Output::refused(Hint::Instead(line)));
    let topic = options.value("topic").unwrap_or("NAME");
    let partitions = options.value("partitions").unwrap_or("1");
    if options.has("create") {
        let factor = options.value("replication-factor");
        let factor = factor.map(|factor| format!(" replication-factor {factor}"));
        let factor = factor.unwrap_or_default();
        return instead(format!("create topic {topic} partitions {partitions}{factor}"));
    }
    if options.has("delete") {
        return instead(format!("delete topic {topic}"));
    }
    if options.has("alter") {
        return instead(format!("add partitions N to {topic}"));
    }
    CONFLICTS.iter().find_map(|(name, others)| options.conflict(name, others))
}

/// The topics that the options select, by name.
fn selected(options: &Options, cluster: &dyn Cluster) -> Result<Vec<Topic>, Output> {
    let mut topics = cluster.topics().map_err(|_| silence(cluster))?;
    topics.retain(|topic| !(topic.internal && options.has("exclude-internal")));
    if let Some(pattern) = options.value("topic") {
        let Some(pattern) = Pattern::new(pattern) else {
            return Err(Output::refused(Hint::NotAnswered(format!("--topic {pattern}"))));
        };
        topics.retain(|topic| pattern.fits(&topic.name));
    }
    topics.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(topics)
}

/// `TopicCommand` failed: the sentence for people, and a line in its log.
fn failed(cluster: &dyn Cluster, exception: &str, message: &str) -> Output {
    let time = cluster.log_time();
    Output {
        stdout: format!("Error while executing topic command : {message}\n"),
        stderr: format!("[{time}] ERROR {exception}\n (org.apache.kafka.tools.TopicCommand)\n"),
        exit: 1,
        hint: None,
    }
}

/// Nobody answers.
fn silence(cluster: &dyn Cluster) -> Output {
    let message = "Timed out waiting for a node assignment. Call: listTopics";
    let exception = format!("org.apache.kafka.common.errors.TimeoutException: {message}");
    failed(cluster, &exception, message)
}

fn list(options: &Options, cluster: &dyn Cluster) -> Output {
    match selected(options, cluster) {
        Ok(topics) => {
            let names: Vec<_> = topics.into_iter().map(|topic| topic.name).collect();
            Output::good(format!("{}\n", names.join("\n")))
        }
        Err(wrong) => wrong,
    }
}

fn describe(options: &Options, cluster: &dyn Cluster) -> Output {
    let by_id = options.value("topic-id").filter(|id| *id != ZERO_UUID);
    let found = match by_id {
        None => selected(options, cluster),
        Some(id) => cluster
            .topics()
            .map(|topics| topics.into_iter().filter(|topic| topic.id == id).collect())
            .map_err(|_| silence(cluster)),
    };
    let topics = match found {
        Ok(topics) => topics,
        Err(wrong) => return wrong,
    };
    if topics.is_empty() && !options.has("if-exists") {
        let what = match (by_id, options.value("topic")) {
            (Some(id), _) => Some(format!("TopicId '{id}'")),
            (None, topic) => topic.map(|topic| format!("Topic '{topic}'")),
        };
        if let Some(what) = what {
            let message = format!("{what} does not exist as expected");
            let exception = format!("java.lang.IllegalArgumentException: {message}");
            return failed(cluster, &exception, &message);
        }
    }
    let mut out = String::new();
    if options.has("describe")
        && options.has("if-exists")
        && options.count(&["topic", "topic-id"]) == 2
    {
        out.push_str(
            "Only topic id will be used when both --topic and --topic-id are specified and topicId \
             is not Uuid.ZERO_UUID\n",
        );
    }
    let live = cluster.live_brokers();
    let filtered = options.count(&FILTERS) > 0;
    for topic in java_map::sized(&topics, |topic| &topic.name) {
        if !filtered && (!options.has("topics-with-overrides") || !topic.configs.is_empty()) {
            first_line(&mut out, topic);
        }
        if options.has("topics-with-overrides") {
            continue;
        }
        for partition in &topic.partitions {
            if !filtered || is_wanted(options, topic, partition, &live) {
                partition_line(&mut out, topic, partition, by_id.is_some());
            }
        }
    }
    Output::good(out)
}

const ZERO_UUID: &str = "AAAAAAAAAAAAAAAAAAAAAA";

/// How many replicas a partition is to have: those that a reassignment adds do not count yet.
fn replication_factor(partition: &Partition) -> usize {
    partition.replicas.len() - partition.adding.len().min(partition.replicas.len())
}

fn first_line(out: &mut String, topic: &Topic) {
    let configs: Vec<_> = java_map::configs(&topic.configs)
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let _ = writeln!(
        out,
        "Topic: {}\tTopicId: {}\tPartitionCount: {}\tReplicationFactor: {}\tConfigs: {}",
        topic.name,
        topic.id,
        topic.partitions.len(),
        topic.partitions.first().map_or(0, replication_factor),
        configs.join(","),
    );
}

/// `PartitionDescription`: whether one of the filters lets it pass.
fn is_wanted(options: &Options, topic: &Topic, partition: &Partition, live: &[i32]) -> bool {
    let in_sync = partition.isr.len();
    let least = topic.min_insync_replicas;
    (options.has("under-replicated-partitions") && in_sync < replication_factor(partition))
        || (options.has("unavailable-partitions")
            && partition.leader.is_none_or(|leader| !live.contains(&leader)))
        || (options.has("under-min-isr-partitions")
            && (partition.leader.is_none() || in_sync < least))
        || (options.has("at-min-isr-partitions") && in_sync == least)
}

fn partition_line(out: &mut String, topic: &Topic, partition: &Partition, by_id: bool) {
    let ids = |ids: &[i32]| ids.iter().map(i32::to_string).collect::<Vec<_>>().join(",");
    let leader = partition.leader.map_or_else(|| "none".to_owned(), |leader| leader.to_string());
    let _ = write!(
        out,
        "\tTopic: {}\tPartition: {}\tLeader: {leader}\tReplicas: {}\tIsr: {}",
        topic.name,
        partition.index,
        ids(&partition.replicas),
        ids(&partition.isr),
    );
    if !partition.adding.is_empty() || !partition.removing.is_empty() {
        let (adding, removing) = (ids(&partition.adding), ids(&partition.removing));
        let _ = write!(out, "\tAdding Replicas: {adding}\tRemoving Replicas: {removing}");
    }
    // Metadata by id goes another way, which does not know them.
    let (elr, last) = if by_id {
        ("N/A".to_owned(), "N/A".to_owned())
    } else {
        (ids(&partition.elr), ids(&partition.last_known_elr))
    };
    let _ = writeln!(out, "\tElr: {elr}\tLastKnownElr: {last}");
}

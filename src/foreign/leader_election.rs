//! `kafka-leader-election`: the one tool that does something to the run.
//!
//! In Kafka: `LeaderElectionCommand`. What it asks for is given to the run as `elect` commands, which
//! are recorded and saved like everything that is done live. Left out: `--path-to-json-file`.

use std::fmt::Write as _;

use super::cluster::Cluster;
use super::hint::Hint;
use super::options::{Known, Options, flag, maybe, value};
use super::{Answer, Output, java_map};
use crate::ids::TopicPartition;

pub(super) const OPTIONS: &[Known] = &[
    value("admin.config"),
    flag("all-topic-partitions"),
    value("bootstrap-server"),
    value("election-type"),
    flag("help"),
    value("partition"),
    value("path-to-json-file"),
    value("topic"),
    maybe("version"),
];

/// Leaders that are to be elected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Election {
    /// Even from replicas that are not in sync.
    pub unclean: bool,
    /// Of which partitions.
    pub partitions: Vec<TopicPartition>,
    /// All partitions were asked for; those that need none are not here.
    pub all: bool,
}

/// How an election came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Elected {
    /// There is a new leader.
    Done,
    /// The right one led already.
    NotNeeded,
    /// There is none: Kafka's exception and its sentence.
    Failed(&'static str, String),
}

pub(super) fn answer(options: &Options, cluster: &dyn Cluster) -> Answer {
    match election(options, cluster) {
        Ok(election) => Answer::Elect(election),
        Err(output) => output.into(),
    }
}

fn failed(message: &str) -> Output {
    let class = "org.apache.kafka.tools.AdminCommandFailedException";
    Output::wrong(&format!("{message}\n{class}: {message}\n"))
}

fn election(options: &Options, cluster: &dyn Cluster) -> Result<Election, Output> {
    if options.has("help") {
        return Err(Output::wrong(
            "This tool attempts to elect a new leader for a set of topic partitions. The type of \
             elections supported are preferred replicas and unclean replicas.",
        ));
    }
    if options.has("version") {
        return Err(Output::good("4.1.0\n".to_owned()));
    }
    let unclean = options.value("election-type").map(|kind| match &*kind.to_ascii_lowercase() {
        "preferred" => Ok(false),
        "unclean" => Ok(true),
        _ => {
            let message = format!("Cannot parse argument '{kind}' of option election-type");
            let class = "joptsimple.OptionArgumentConversionException";
            Err(Output::wrong(&format!("{message}\n{class}: {message}\n")))
        }
    });
    let unclean = unclean.transpose()?;
    let Some(unclean) = unclean else {
        return Err(failed("Missing required option(s): election-type"));
    };
    if options.count(&["topic", "all-topic-partitions", "path-to-json-file"]) != 1 {
        return Err(failed(
            "One and only one of the following options is required: topic, all-topic-partitions, \
             path-to-json-file",
        ));
    }
    if options.has("path-to-json-file") {
        return Err(Output::refused(Hint::NotAnswered("--path-to-json-file".to_owned())));
    }
    let Some(topic) = options.value("topic") else {
        if options.has("partition") {
            return Err(failed("Option partition is only allowed if topic is used"));
        }
        return Ok(Election { unclean, partitions: needing(unclean, cluster)?, all: true });
    };
    let Some(partition) = options.value("partition") else {
        return Err(failed("Missing required option(s): partition"));
    };
    let Ok(index) = partition.parse::<i32>() else {
        let message = format!("Cannot parse argument '{partition}' of option partition");
        let class = "joptsimple.OptionArgumentConversionException";
        return Err(Output::wrong(&format!("{message}\n{class}: {message}\n")));
    };
    let partitions = vec![TopicPartition::new(topic, index)];
    let election = Election { unclean, partitions, all: false };
    let topics = cluster.topics().map_err(|_| silence())?;
    let known = topics.iter().find(|known| known.name == topic);
    let unknown = match known {
        None => format!("No such topic as {topic}"),
        Some(known) if known.partitions.iter().all(|one| one.index != index) => {
            format!("No such partition as {topic}-{index}")
        }
        Some(_) => return Ok(election),
    };
    let results = [Elected::Failed("UnknownTopicOrPartitionException", unknown)];
    Err(election.told(&results))
}

fn silence() -> Output {
    let message = "Timeout waiting for election results";
    Output { stdout: format!("{message}\n"), ..failed(message) }
}

/// The partitions that an election for all partitions is about: whose leader is not the preferred
/// replica, or that have none.
fn needing(unclean: bool, cluster: &dyn Cluster) -> Result<Vec<TopicPartition>, Output> {
    let topics = cluster.topics().map_err(|_| silence())?;
    let partitions = topics.iter().flat_map(|topic| {
        let needs = topic.partitions.iter().filter(|partition| match partition.leader {
            None => true,
            Some(leader) => !unclean && partition.replicas.first() != Some(&leader),
        });
        needs.map(|partition| TopicPartition::new(topic.name.as_str(), partition.index))
    });
    Ok(partitions.collect())
}

impl Election {
    /// The commands that do it, one for each partition.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        let kind = if self.unclean { "unclean" } else { "preferred" };
        self.partitions.iter().map(move |tp| format!("elect {kind} {}/{}", tp.topic, tp.partition))
    }

    /// What the tool prints once it knows how each election came out.
    pub fn told(&self, results: &[Elected]) -> Output {
        let kind = if self.unclean { "UNCLEAN" } else { "PREFERRED" };
        let with = |wanted: &Elected| {
            let fitting = self.partitions.iter().zip(results).filter(|(_, one)| *one == wanted);
            let found: Vec<TopicPartition> = fitting.map(|(tp, _)| tp.clone()).collect();
            let names: Vec<_> =
                java_map::partitions(&found).iter().map(ToString::to_string).collect();
            names.join(", ")
        };
        let mut output = Output::default();
        let done = with(&Elected::Done);
        if !done.is_empty() {
            let _ = writeln!(
                output.stdout,
                "Successfully completed leader election ({kind}) for partitions {done}"
            );
        }
        let not_needed = with(&Elected::NotNeeded);
        if !not_needed.is_empty() && !self.all {
            let _ = writeln!(
                output.stdout,
                "Valid replica already elected for partitions {not_needed}"
            );
        }
        let mut failures = 0;
        for tp in java_map::partitions(&self.partitions) {
            let place = self.partitions.iter().position(|one| *one == tp);
            let Some(Elected::Failed(class, sentence)) = place.and_then(|at| results.get(at))
            else {
                continue;
            };
            failures += 1;
            let _ = writeln!(
                output.stdout,
                "Error completing leader election ({kind}) for partition: {tp}: \
                 org.apache.kafka.common.errors.{class}: {sentence}"
            );
        }
        if failures > 0 {
            let message = format!("{failures} replica(s) could not be elected");
            return Output { stdout: output.stdout, ..failed(&message) };
        }
        output
    }
}

impl Elected {
    /// An election that the controller refused, by the name of its error.
    pub fn refused(error: &str, sentence: &str) -> Self {
        let class = match error {
            "PREFERRED_LEADER_NOT_AVAILABLE" => "PreferredLeaderNotAvailableException",
            "ELIGIBLE_LEADERS_NOT_AVAILABLE" => "EligibleLeadersNotAvailableException",
            "ELECTION_NOT_NEEDED" => return Self::NotNeeded,
            "UNKNOWN_TOPIC_OR_PARTITION" => "UnknownTopicOrPartitionException",
            "INVALID_REQUEST" => "InvalidRequestException",
            "REQUEST_TIMED_OUT" => "TimeoutException",
            "NOT_CONTROLLER" => "NotControllerException",
            _ => "UnknownServerException",
        };
        let sentence = match class {
            "PreferredLeaderNotAvailableException" => "The preferred leader was not available.",
            "EligibleLeadersNotAvailableException" => {
                "Eligible topic partition leaders are not available."
            }
            _ => sentence,
        };
        Self::Failed(class, sentence.to_owned())
    }
}

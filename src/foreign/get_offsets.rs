//! `kafka-get-offsets`: where logs begin, end, or reach a time.
//!
//! In Kafka: `GetOffsetShell`.

use std::fmt::Write as _;

use super::cluster::{Cluster, Problem};
use super::hint::Hint;
use super::options::{Known, Options, flag, maybe, value};
use super::pattern::Pattern;
use super::{Answer, Output};
use crate::ids::TopicPartition;

pub(super) const OPTIONS: &[Known] = &[
    value("bootstrap-server"),
    value("command-config"),
    flag("exclude-internal-topics"),
    flag("help"),
    value("partitions"),
    value("time"),
    value("topic"),
    value("topic-partitions"),
    maybe("version"),
];

/// What is asked of a partition.
#[derive(Clone, Copy, Debug)]
enum When {
    Earliest,
    Latest,
    MaxTimestamp,
    /// What was moved to other storage ends here; nothing is.
    LatestTiered,
    At(i64),
}

/// Which partitions of the topics that fit.
#[derive(Clone, Debug)]
enum Which {
    /// Those; all, if there are none.
    Listed(Vec<i32>),
    /// From the first to before the second.
    Range(i32, i32),
}

struct Rule {
    topics: Pattern,
    which: Which,
}

pub(super) fn answer(options: &Options, cluster: &dyn Cluster) -> Answer {
    let output = match offsets(options, cluster) {
        Ok(output) | Err(output) => output,
    };
    output.into()
}

fn terse(message: &str) -> Output {
    Output::wrong(&format!("Error occurred: {message}"))
}

fn offsets(options: &Options, cluster: &dyn Cluster) -> Result<Output, Output> {
    if options.has("help") {
        return Err(Output::wrong("An interactive shell for getting topic-partition offsets."));
    }
    if options.has("version") {
        return Ok(Output::good("4.1.0\n".to_owned()));
    }
    if options.has("topic-partitions") && options.count(&["topic", "partitions"]) > 0 {
        return Err(terse("--topic-partitions cannot be used with --topic or --partitions"));
    }
    let when = when(options.value("time").unwrap_or("latest"))?;
    let rules = rules(options)?;
    let topics = cluster.topics().map_err(|_| {
        let class = "org.apache.kafka.common.errors.TimeoutException";
        let silent = format!("{class}: Timed out waiting for a node assignment. Call: listTopics");
        terse(&format!("{silent}\njava.util.concurrent.ExecutionException: {silent}"))
    })?;
    let kept =
        topics.iter().filter(|topic| !(topic.internal && options.has("exclude-internal-topics")));
    let partitions = kept.flat_map(|topic| {
        topic.partitions.iter().map(|one| TopicPartition::new(topic.name.as_str(), one.index))
    });
    let fits = |tp: &TopicPartition| rules.iter().any(|rule| rule.fits(tp));
    let mut asked: Vec<TopicPartition> = partitions.filter(fits).collect();
    if asked.is_empty() {
        return Err(terse("Could not match any topic-partitions with the specified filters"));
    }
    asked.sort_by_key(ToString::to_string);
    let mut output = Output::default();
    for tp in asked {
        match offset(&tp, when, cluster) {
            Ok(Some(offset)) => {
                let _ = writeln!(output.stdout, "{}:{}:{offset}", tp.topic, tp.partition);
            }
            Ok(None) => {}
            Err(_) => {
                let _ = writeln!(
                    output.stderr,
                    "Skip getting offsets for topic-partition {tp} due to error: \
                 org.apache.kafka.common.errors.TimeoutException: Timed out waiting for a node \
                 assignment. Call: listOffsets(api=METADATA)"
                );
            }
        }
    }
    Ok(output)
}

fn when(text: &str) -> Result<When, Output> {
    Ok(match text {
        "earliest" | "-2" | "earliest-local" | "-4" => When::Earliest,
        "latest" | "-1" => When::Latest,
        "max-timestamp" | "-3" => When::MaxTimestamp,
        "latest-tiered" | "-5" => When::LatestTiered,
        _ => When::At(text.parse().map_err(|_| {
            terse(&format!(
                "Malformed time argument {text}. Please use -1 or latest / -2 or earliest / -3 or \
                 max-timestamp / -4 or earliest-local / -5 or latest-tiered, or a specified long \
                 format timestamp"
            ))
        })?),
    })
}

fn offset(tp: &TopicPartition, when: When, cluster: &dyn Cluster) -> Result<Option<i64>, Problem> {
    let (start, end) = cluster.bounds(tp)?;
    let records = || cluster.records(tp, false);
    Ok(match when {
        When::Earliest => Some(start),
        When::Latest => Some(end),
        When::LatestTiered => None,
        When::MaxTimestamp => {
            let records = records()?;
            let latest = records.iter().map(|record| record.timestamp).max();
            records.iter().find(|one| Some(one.timestamp) == latest).map(|one| one.offset)
        }
        When::At(at) => {
            records()?.iter().find(|record| record.timestamp >= at).map(|record| record.offset)
        }
    })
}

fn rules(options: &Options) -> Result<Vec<Rule>, Output> {
    let pattern = |text: &str| {
        Pattern::new(text)
            .ok_or_else(|| Output::refused(Hint::NotAnswered(format!("the pattern {text}"))))
    };
    let Some(list) = options.value("topic-partitions") else {
        let listed = options.value("partitions").filter(|list| !list.is_empty());
        let listed = listed.into_iter().flat_map(|list| list.split(','));
        let listed: Result<Vec<i32>, _> = listed.map(str::parse).collect();
        let listed = listed.map_err(|_| {
            let list = options.value("partitions").unwrap_or_default();
            terse(&format!(
                "--partitions expects a comma separated list of numeric partition ids, but \
                 received: {list}"
            ))
        })?;
        let topics = pattern(options.value("topic").unwrap_or(".*"))?;
        return Ok(vec![Rule { topics, which: Which::Listed(listed) }]);
    };
    list.split(',')
        .map(|rule| {
            let (topics, partitions) = rule.split_once(':').unwrap_or((rule, ""));
            let topics = pattern(if topics.is_empty() { ".*" } else { topics })?;
            let which = which(partitions)
                .ok_or_else(|| terse(&format!("Invalid rule specification: {rule}")))?;
            Ok(Rule { topics, which })
        })
        .collect()
}

/// `NUMBER`, `NUMBER-NUMBER`, `NUMBER-`, `-NUMBER`, or nothing.
fn which(text: &str) -> Option<Which> {
    if let Some((low, high)) = text.split_once('-') {
        let number =
            |text: &str, none| if text.is_empty() { Some(none) } else { text.parse().ok() };
        return Some(Which::Range(number(low, 0)?, number(high, i32::MAX)?));
    }
    if text.is_empty() {
        return Some(Which::Range(0, i32::MAX));
    }
    Some(Which::Listed(vec![text.parse().ok()?]))
}

impl Rule {
    fn fits(&self, tp: &TopicPartition) -> bool {
        let index = tp.partition.0;
        let which = match &self.which {
            Which::Listed(listed) => listed.is_empty() || listed.contains(&index),
            Which::Range(low, high) => (*low..*high).contains(&index),
        };
        which && self.topics.fits(&tp.topic)
    }
}

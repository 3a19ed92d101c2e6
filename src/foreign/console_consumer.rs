//! `kafka-console-consumer`: the records that a consumer could read at this moment.
//!
//! In Kafka: `ConsoleConsumer`, `DefaultMessageFormatter`. Partition after partition; a real one takes
//! them as fetches come. Left out: other formatters and deserializers, groups (a member would change
//! the run), topics by pattern.

use std::fmt::Write as _;

use bytes::Bytes;

use super::cluster::{Cluster, Record};
use super::hint::Hint;
use super::options::{Known, Options, flag, maybe, value};
use super::{Answer, Output};
use crate::ids::TopicPartition;

pub(super) const OPTIONS: &[Known] = &[
    value("bootstrap-server"),
    value("consumer-property"),
    value("consumer.config"),
    flag("enable-systest-events"),
    value("formatter"),
    value("formatter-config"),
    flag("from-beginning"),
    value("group"),
    flag("help"),
    value("include"),
    value("isolation-level"),
    value("key-deserializer"),
    value("max-messages"),
    value("offset"),
    value("partition"),
    value("property"),
    flag("skip-message-on-error"),
    value("timeout-ms"),
    value("topic"),
    value("value-deserializer"),
    maybe("version"),
];

/// What is not answered.
const LEFT_OUT: [&str; 6] = [
    "consumer.config",
    "formatter",
    "formatter-config",
    "include",
    "key-deserializer",
    "value-deserializer",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    Earliest,
    Latest,
    Offset(i64),
}

/// What is printed of a record.
struct Formatter<'a> {
    properties: Vec<(&'a str, &'a str)>,
}

pub(super) fn answer(options: &Options, cluster: &dyn Cluster) -> Answer {
    let output = match consume(options, cluster) {
        Ok(output) | Err(output) => output,
    };
    output.into()
}

fn consume(options: &Options, cluster: &dyn Cluster) -> Result<Output, Output> {
    let start = check(options)?;
    let topic = options.value("topic").expect("it was checked");
    let partition: Option<i32> = number(options, "partition")?;
    let most = number::<i64>(options, "max-messages")?.filter(|most| *most >= 0);
    let timeout = number::<i64>(options, "timeout-ms")?.filter(|timeout| *timeout >= 0);
    let committed = options.value("isolation-level") == Some("read_committed");
    let formatter = Formatter::new(options);
    let found = cluster.topics().unwrap_or_default().into_iter().find(|one| one.name == topic);
    let partitions: Vec<i32> = match (&found, partition) {
        (Some(topic), None) => topic.partitions.iter().map(|one| one.index).collect(),
        (Some(topic), Some(index)) => {
            topic.partitions.iter().map(|one| one.index).filter(|one| *one == index).collect()
        }
        (None, _) => Vec::new(),
    };
    let most_here = most.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
    let mut bytes = Vec::new();
    let mut count = 0;
    for index in partitions {
        let tp = TopicPartition::new(topic, index);
        let readable = position(&tp, start, cluster)
            .and_then(|from| Some((from, cluster.records(&tp, committed).ok()?)));
        // Who cannot find a leader goes on asking, and prints nothing of it meanwhile.
        let Some((from, records)) = readable else { continue };
        let records = records.iter().filter(|record| record.offset >= from);
        for record in records.take(most_here - count) {
            formatter.write(index, record, &mut bytes);
            count += 1;
        }
    }
    let mut stderr = String::new();
    let all = count >= most_here;
    if timeout.is_some() && !all {
        stderr = format!(
            "[{}] ERROR Error processing message, terminating consumer process:  \
             (org.apache.kafka.tools.consumer.ConsoleConsumer)\n\
             org.apache.kafka.common.errors.TimeoutException: null\n",
            cluster.log_time()
        );
    }
    let _ = writeln!(stderr, "Processed a total of {count} messages");
    let hint = if found.is_none() {
        Some(Hint::Creates(topic.to_owned()))
    } else if timeout.is_none() && !all {
        Some(Hint::Waits)
    } else {
        None
    };
    Ok(Output { stdout: String::from_utf8_lossy(&bytes).into_owned(), stderr, exit: 0, hint })
}

/// Where to begin in a partition; none while nobody leads it.
fn position(tp: &TopicPartition, start: Start, cluster: &dyn Cluster) -> Option<i64> {
    let (first, end) = cluster.bounds(tp).ok()?;
    Some(match start {
        Start::Earliest => first,
        Start::Offset(offset) if (first..=end).contains(&offset) => offset,
        // `auto.offset.reset` takes what is out of range to the end.
        Start::Latest | Start::Offset(_) => end,
    })
}

/// Where to begin, if the options go together.
fn check(options: &Options) -> Result<Start, Output> {
    if options.has("help") {
        return Err(Output::wrong(
            "This tool helps to read data from Kafka topics and outputs it to standard output.",
        ));
    }
    if options.has("version") {
        return Err(Output::good("4.1.0\n".to_owned()));
    }
    if options.count(&["topic", "include"]) != 1 {
        return Err(Output::wrong("Exactly one of --include/--topic is required. "));
    }
    let (whole, from_beginning) = (options.value("offset"), options.has("from-beginning"));
    if options.has("partition") {
        if !options.has("topic") {
            return Err(Output::wrong("The topic is required when partition is specified."));
        }
        if from_beginning && whole.is_some() {
            return Err(Output::wrong(
                "Options from-beginning and offset cannot be specified together.",
            ));
        }
    } else if whole.is_some() {
        return Err(Output::wrong("The partition is required when offset is specified."));
    }
    let left_out = LEFT_OUT.iter().find(|name| options.has(name));
    if let Some(name) = left_out {
        return Err(Output::refused(Hint::NotAnswered(format!("--{name}"))));
    }
    let properties = || options.values("consumer-property").filter_map(|one| one.split_once('='));
    let of_property = properties().find(|(name, _)| *name == "group.id").map(|(_, group)| group);
    if let Some(group) = options.value("group").or(of_property) {
        if options.has("partition") {
            return Err(Output::wrong("Options group and partition cannot be specified together."));
        }
        return Err(Output::refused(Hint::Joins(group.to_owned())));
    }
    let reset = properties().find(|(name, _)| *name == "auto.offset.reset").map(|(_, to)| to);
    match whole {
        None if from_beginning || reset == Some("earliest") => Ok(Start::Earliest),
        None => Ok(Start::Latest),
        Some(text) => match text.to_ascii_lowercase().as_str() {
            "earliest" => Ok(Start::Earliest),
            "latest" => Ok(Start::Latest),
            text => {
                let offset = text.parse().ok().filter(|offset| *offset >= 0).map(Start::Offset);
                offset.ok_or_else(|| {
                    Output::wrong(&format!(
                        "The provided offset value '{text}' is incorrect. Valid values are \
                         'earliest', 'latest', or a non-negative long."
                    ))
                })
            }
        },
    }
}

fn number<T: std::str::FromStr>(options: &Options, name: &str) -> Result<Option<T>, Output> {
    let parse = |text: &str| {
        let wrong = || format!("Cannot parse argument '{text}' of option {name}");
        text.parse().map_err(|_| Output::wrong(&wrong()))
    };
    options.value(name).map(parse).transpose()
}

impl<'a> Formatter<'a> {
    fn new(options: &'a Options) -> Self {
        let properties = options.values("property").filter_map(|one| one.split_once('='));
        Self { properties: properties.collect() }
    }

    fn get(&self, name: &str, default: &'a str) -> &'a str {
        let last = self.properties.iter().rev().find(|(known, _)| *known == name);
        last.map_or(default, |(_, value)| value)
    }

    fn prints(&self, what: &str) -> bool {
        let default = if what == "print.value" { "true" } else { "false" };
        self.get(what, default).trim().eq_ignore_ascii_case("true")
    }

    /// `DefaultMessageFormatter.writeTo`.
    fn write(&self, partition: i32, record: &Record, out: &mut Vec<u8>) {
        let mut columns: Vec<Vec<u8>> = Vec::new();
        if self.prints("print.timestamp") {
            let kind = if record.appended { "LogAppendTime" } else { "CreateTime" };
            columns.push(format!("{kind}:{}", record.timestamp).into());
        }
        if self.prints("print.partition") {
            columns.push(format!("Partition:{partition}").into());
        }
        if self.prints("print.offset") {
            columns.push(format!("Offset:{}", record.offset).into());
        }
        if self.prints("print.delivery") {
            columns.push("Delivery:NOT_PRESENT".into());
        }
        if self.prints("print.epoch") {
            // The tool copies records and forgets the epoch on the way.
            columns.push("Epoch:NOT_PRESENT".into());
        }
        if self.prints("print.headers") {
            columns.push(self.headers(record));
        }
        if self.prints("print.key") {
            columns.push(self.bytes(record.key.as_ref()));
        }
        if self.prints("print.value") {
            columns.push(self.bytes(record.value.as_ref()));
        }
        out.extend(columns.join(self.get("key.separator", "\t").as_bytes()));
        out.extend(self.get("line.separator", "\n").as_bytes());
    }

    fn bytes(&self, bytes: Option<&Bytes>) -> Vec<u8> {
        let null = self.get("null.literal", "null").as_bytes();
        bytes.map_or_else(|| null.to_vec(), |bytes| bytes.to_vec())
    }

    fn headers(&self, record: &Record) -> Vec<u8> {
        if record.headers.is_empty() {
            return b"NO_HEADERS".to_vec();
        }
        let header = |(name, value): &(String, Option<Bytes>)| {
            [format!("{name}:").as_bytes(), &self.bytes(value.as_ref())].concat()
        };
        let headers: Vec<_> = record.headers.iter().map(header).collect();
        headers.join(self.get("headers.separator", ",").as_bytes())
    }
}

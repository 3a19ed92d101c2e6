//! Kafka's own command-line tools, asked at a moment of a run and answered in Kafka's layout.
//!
//! In Kafka: `org.apache.kafka.tools.*`. A tool asks a [`Cluster`] what a client would be told; it
//! changes nothing. Only `kafka-leader-election` does something: it comes out as an [`Election`],
//! which its caller gives to the run as commands. Left out: what creates, alters, deletes or resets
//! (the command language does), files that options name, the tables of options that usage errors
//! print, stack traces.

mod cluster;
mod complete;
mod console_consumer;
mod consumer_groups;
mod get_offsets;
mod hint;
mod java_map;
mod leader_election;
mod options;
mod pattern;
mod simulated;
mod topics;

pub use cluster::{
    Cluster, Committed, Coordinator, Group, GroupType, Member, Partition, Problem, Record, Topic,
};
pub use complete::{Word, complete};
pub use hint::Hint;
pub use leader_election::{Elected, Election};
pub use simulated::Simulated;

use crate::ids::Name;
use options::Options;

/// A tool: its name, what it does, its options.
#[derive(Clone, Copy, Debug)]
pub struct Tool {
    /// What is typed.
    pub name: &'static str,
    /// How it is called, mostly.
    pub usage: &'static str,
    /// What it is for.
    pub en: &'static str,
    /// The same in Chinese.
    pub zh: &'static str,
    options: &'static [options::Known],
    answer: fn(&Options, &dyn Cluster) -> Answer,
}

/// The tools that are answered.
pub static TOOLS: [Tool; 5] = [
    Tool {
        name: "kafka-console-consumer",
        usage: "kafka-console-consumer --topic TOPIC [--from-beginning | --partition P --offset O] [--max-messages N] [--property print.key=true]",
        en: "prints the records of a topic",
        zh: "打印主题中的消息",
        options: console_consumer::OPTIONS,
        answer: console_consumer::answer,
    },
    Tool {
        name: "kafka-consumer-groups",
        usage: "kafka-consumer-groups --list | --describe --group GROUP [--members | --state] [--verbose]",
        en: "lists and describes groups: offsets, members, state",
        zh: "列出、描述消费组：位移、成员、状态",
        options: consumer_groups::OPTIONS,
        answer: consumer_groups::answer,
    },
    Tool {
        name: "kafka-get-offsets",
        usage: "kafka-get-offsets [--topic TOPIC] [--time earliest | latest | MILLIS]",
        en: "says where logs begin and end",
        zh: "查询日志的起止位移",
        options: get_offsets::OPTIONS,
        answer: get_offsets::answer,
    },
    Tool {
        name: "kafka-leader-election",
        usage: "kafka-leader-election --election-type preferred | unclean --topic TOPIC --partition P",
        en: "elects leaders, and does so in the run",
        zh: "选举 leader（会作用于运行）",
        options: leader_election::OPTIONS,
        answer: leader_election::answer,
    },
    Tool {
        name: "kafka-topics",
        usage: "kafka-topics --list | --describe [--topic TOPIC] [--under-replicated-partitions]",
        en: "lists and describes topics",
        zh: "列出、描述主题",
        options: topics::OPTIONS,
        answer: topics::answer,
    },
];

/// What a tool printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// On its standard output.
    pub stdout: String,
    /// On its standard error.
    pub stderr: String,
    /// Its exit code.
    pub exit: u8,
    /// What we have to say about it.
    pub hint: Option<Hint>,
}

/// What came of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// This was printed.
    Printed(Output),
    /// Leaders are to be elected first.
    Elect(Election),
}

impl Output {
    /// What went well.
    fn good(stdout: String) -> Self {
        Self { stdout, ..Self::default() }
    }

    /// An error, with a line on standard error.
    fn wrong(line: &str) -> Self {
        Self { stderr: format!("{line}\n"), exit: 1, ..Self::default() }
    }

    /// What is asked for is not answered here.
    fn refused(hint: Hint) -> Self {
        Self { exit: 1, hint: Some(hint), ..Self::default() }
    }
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        Self::Printed(output)
    }
}

/// The tool that a line for `name` is answered by, if it is.
pub fn tool(name: &str) -> Option<&'static Tool> {
    let plain = name.strip_suffix(".sh").unwrap_or(name);
    TOOLS.iter().find(|tool| tool.name == plain)
}

/// Answers a line: the tool, then its arguments.
pub fn answer(words: &[Name], cluster: &dyn Cluster) -> Answer {
    let Some((name, arguments)) = words.split_first() else {
        return Output::refused(Hint::NotAnswered(String::new())).into();
    };
    let Some(tool) = tool(name) else {
        return Output::refused(Hint::NotAnswered(name.to_string())).into();
    };
    match Options::read(tool.options, arguments) {
        Ok(options) => (tool.answer)(&options, cluster),
        Err(mistake) => mistake.told_by(tool.name).into(),
    }
}

/// The names of Kafka's tools that a line can begin with, whether they are answered or not.
pub const NAMES: [&str; 14] = [
    "kafka-broker-api-versions",
    "kafka-configs",
    "kafka-console-consumer",
    "kafka-console-producer",
    "kafka-consumer-groups",
    "kafka-delete-records",
    "kafka-dump-log",
    "kafka-get-offsets",
    "kafka-leader-election",
    "kafka-log-dirs",
    "kafka-metadata-quorum",
    "kafka-reassign-partitions",
    "kafka-topics",
    "kafka-transactions",
];

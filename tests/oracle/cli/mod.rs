//! What Kafka's command-line tools printed: the project's answers to the same lines, over the recorded
//! states of the clusters.

mod imported;
mod recorded;

use kafkascope::foreign::{Answer, Cluster, Elected, Election, Output, answer};
use kafkascope::ids::{Name, TopicPartition};
use recorded::State;
use serde_json::Value;

use crate::harness::source::{Files, json, lines};
use crate::harness::{Outcome, Recorded};

/// What is compared of a recorded session at a shell.
pub(crate) const RECORDED: &[Recorded] = &[Recorded {
    what: "output of tools",
    fits: |files| files.contains_key("commands.jsonl"),
    needs: |_| std::collections::BTreeSet::new(),
    compare,
}];

/// What changes a cluster, and is done by commands of the language here.
const CHANGES: [&str; 8] = [
    "--create",
    "--alter",
    "--delete",
    "--reset-offsets",
    "--delete-offsets",
    "--validate-regex",
    "--path-to-json-file",
    // A consumer that joins.
    "--group",
];

fn compare(files: &Files) -> Outcome {
    let mut outcome = Outcome::default();
    let rows = lines(files, "commands.jsonl");
    for (number, row) in rows.iter().enumerate().filter(|(_, row)| row["argv"].is_array()) {
        let state = State::of(&json(files, row["state"].as_str().expect("a state")), row);
        let line = row["argv"].as_array().expect("words").iter();
        let words: Vec<Name> = line.map(|word| word.as_str().expect("a word").into()).collect();
        let result = compare_row(row, &words, &state);
        outcome.check(format!("line {}: {}", number + 1, words.join(" ")), result);
        if let Some(described) = imported::described(row, &words) {
            let result = imported::compare(described);
            outcome.check(format!("line {}: imported", number + 1), result);
        }
    }
    outcome
}

fn compare_row(row: &Value, words: &[Name], state: &State) -> Result<(), String> {
    let tool = &*words[0];
    if !kafkascope::foreign::TOOLS.iter().any(|known| known.name == tool) {
        return Err(format!("needs {tool}"));
    }
    let changes = |word: &&Name| {
        CHANGES.contains(&&***word) && (&***word != "--group" || tool == "kafka-console-consumer")
    };
    if let Some(change) = words.iter().find(changes) {
        return Err(format!("needs {change}"));
    }
    let output = match answer(words, state) {
        Answer::Printed(output) => output,
        Answer::Elect(election) => elect(&election, state),
    };
    equal(row, &output)
}

/// What the controller would say.
fn elect(election: &Election, state: &State) -> Output {
    let topics = state.topics().expect("somebody is there");
    let result = |tp: &TopicPartition| {
        let topic = topics.iter().find(|topic| *topic.name == *tp.topic).expect("it is known");
        let partition = &topic.partitions[tp.partition.0 as usize];
        let preferred = partition.replicas[0];
        let valid = if election.unclean { partition.leader } else { Some(preferred) };
        if partition.leader.is_some() && partition.leader == valid {
            Elected::NotNeeded
        } else if election.unclean {
            let mut replicas = partition.replicas.iter();
            let alive = replicas.any(|replica| state.live_brokers().contains(replica));
            let error = "ELIGIBLE_LEADERS_NOT_AVAILABLE";
            if alive { Elected::Done } else { Elected::refused(error, "") }
        } else if partition.isr.contains(&preferred) && state.live_brokers().contains(&preferred) {
            Elected::Done
        } else {
            Elected::refused("PREFERRED_LEADER_NOT_AVAILABLE", "")
        }
    };
    let results: Vec<Elected> = election.partitions.iter().map(result).collect();
    election.told(&results)
}

fn equal(row: &Value, ours: &Output) -> Result<(), String> {
    let text = |key: &str| row[key].as_str().expect("a text");
    let order = row["order"].as_str();
    let mut stdout = text("stdout").to_owned();
    if row["truncated"].is_number() || row["truncated"] == true {
        return Err("needs a whole output".to_owned());
    }
    let mut stderr = plain_lines(text("stderr"));
    for volatile in row["volatile"].as_array().into_iter().flatten() {
        let (what, text) = (&volatile["what"], volatile["text"].as_str().expect("a text"));
        if what == "log-time" {
            stdout = stdout.replace(text, recorded::LOG_TIME);
            stderr = stderr.replace(text, recorded::LOG_TIME);
        }
    }
    let told = plain_lines(&ours.stderr);
    let exit = row["exit"].as_u64().expect("a number");
    let same =
        |one: &str, other: &str| one == other || ordered(one, order) == ordered(other, order);
    if same(&stdout, &ours.stdout)
        && listed(&stderr) == listed(&told)
        && exit == u64::from(ours.exit)
    {
        return Ok(());
    }
    Err(format!(
        "Kafka: exit {exit}\n{stdout}-- stderr\n{stderr}== ours: exit {}\n{}-- stderr\n{told}",
        ours.exit, ours.stdout
    ))
}

/// What matters of a standard error: no stack traces, no remarks of the client, no table of options, and
/// no count of a client's tries.
fn plain_lines(text: &str) -> String {
    let table = |line: &str| line.starts_with("Option ") && line.contains("Description");
    let mut kept = String::new();
    for line in text.lines().take_while(|line| !table(line)) {
        let is_trace = line.starts_with('\t') || line.starts_with("Caused by:");
        let is_remark = line.starts_with('[') && line.contains("] WARN ");
        if is_trace || is_remark {
            continue;
        }
        let counted = "due to error: org.apache.kafka.common.errors.TimeoutException:";
        let end = line.find(counted).map_or(line.len(), |at| at + counted.len());
        kept.push_str(&line[..end]);
        kept.push('\n');
    }
    format!("{}\n", kept.trim_end())
}

/// Options that a usage error lists come in another order in every JVM.
fn listed(text: &str) -> String {
    let line = |line: &str| match line.split_once(" of these options: ") {
        Some((before, options)) => {
            let mut options: Vec<_> = options.split(", ").collect();
            options.sort_unstable();
            format!("{before}: {options:?}")
        }
        None => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// A text whose order follows a Java hash map, put in an order of its own.
fn ordered(text: &str, order: Option<&str>) -> Vec<String> {
    let mut parts: Vec<String> = match order {
        Some("rows") => text.split('\n').map(ToOwned::to_owned).collect(),
        Some("topics") => {
            let mut blocks: Vec<String> = Vec::new();
            let mut last = String::new();
            for line in text.lines() {
                let topic = line.trim_start().split('\t').next().unwrap_or_default().to_owned();
                let line = match line.split_once("\tConfigs: ") {
                    Some((before, configs)) => {
                        let mut configs: Vec<_> = configs.split(',').collect();
                        configs.sort_unstable();
                        format!("{before}{configs:?}")
                    }
                    None => line.to_owned(),
                };
                if topic == last {
                    let block = blocks.last_mut().expect("there is one");
                    block.push('\n');
                    block.push_str(&line);
                } else {
                    blocks.push(line);
                }
                last = topic;
            }
            blocks
        }
        Some("partitions") => {
            let line = |line: &str| match line.split_once(" for partitions ") {
                Some((before, partitions)) => {
                    let mut partitions: Vec<_> = partitions.split(", ").collect();
                    partitions.sort_unstable();
                    format!("{before}{partitions:?}")
                }
                None => line.to_owned(),
            };
            text.lines().map(line).collect()
        }
        _ => return vec![text.to_owned()],
    };
    parts.sort();
    parts
}

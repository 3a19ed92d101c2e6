//! `kafka-consumer-groups --list` and `--describe`.
//!
//! In Kafka: `ConsumerGroupCommand`. What is wrong with a group is told on standard output, and the
//! tool ends well; only what is wrong with the options ends it with 1.

mod list;
mod members;
mod offsets;
mod state;

use std::fmt::Write as _;

use super::cluster::{Cluster, Group, Problem};
use super::hint::Hint;
use super::options::{Known, Options, flag, maybe, value};
use super::{Answer, Output};

pub(super) const OPTIONS: &[Known] = &[
    flag("all-groups"),
    flag("all-topics"),
    value("bootstrap-server"),
    value("by-duration"),
    value("command-config"),
    flag("delete"),
    flag("delete-offsets"),
    flag("describe"),
    flag("dry-run"),
    flag("execute"),
    flag("export"),
    value("from-file"),
    value("group"),
    flag("help"),
    flag("list"),
    flag("members"),
    flag("offsets"),
    flag("reset-offsets"),
    value("shift-by"),
    maybe("state"),
    value("timeout"),
    value("to-current"),
    value("to-datetime"),
    flag("to-earliest"),
    flag("to-latest"),
    value("to-offset"),
    value("topic"),
    maybe("type"),
    value("validate-regex"),
    flag("verbose"),
    maybe("version"),
];

const ACTIONS: [&str; 6] =
    ["list", "describe", "delete", "reset-offsets", "delete-offsets", "validate-regex"];

/// For what there is no value of.
const MISSING: &str = "-";

pub(super) fn answer(options: &Options, cluster: &dyn Cluster) -> Answer {
    let output = match check(options) {
        Some(wrong) => wrong,
        None if options.has("list") => list::list(options, cluster),
        None => describe(options, cluster),
    };
    output.into()
}

fn check(options: &Options) -> Option<Output> {
    if options.has("help") {
        return Some(Output::wrong(
            "This tool helps to list all consumer groups, describe a consumer group, delete \
             consumer group info, or reset consumer group offsets.",
        ));
    }
    if options.has("version") {
        return Some(Output::good("4.1.0\n".to_owned()));
    }
    if let Some(name) = ["type"].into_iter().find(|name| options.has(name) && !options.has("list"))
    {
        return Some(Output::wrong(&format!(
            "Exception in thread \"main\" joptsimple.UnavailableOptionException: Option(s) [{name}] \
             are unavailable given other options on the command line"
        )));
    }
    if options.has("describe") {
        if options.count(&["group", "all-groups"]) == 0 {
            return Some(Output::wrong(
                "Option [describe] takes one of these options: [all-groups], [group]",
            ));
        }
        if options.count(&["members", "offsets", "state"]) > 1 {
            return Some(Output::wrong(
                "Option [describe] takes at most one of these options: [members], [offsets], \
                 [state]",
            ));
        }
    }
    if options.count(&ACTIONS) != 1 {
        return Some(Output::wrong(
            "Command must include exactly one action: --list, --describe, --delete, \
             --reset-offsets, --delete-offsets, --validate-regex",
        ));
    }
    let group = options.value("group").unwrap_or("GROUP");
    if options.has("reset-offsets") {
        let to = match (options.has("to-latest"), options.value("to-offset")) {
            (true, _) => "latest",
            (false, offset) => offset.unwrap_or("earliest"),
        };
        let topic = options.value("topic").unwrap_or("TOPIC");
        return Some(Output::refused(Hint::Instead(format!("seek {group} {topic}/0 to {to}"))));
    }
    let left_out = ["delete", "delete-offsets", "validate-regex"];
    if let Some(name) = left_out.into_iter().find(|name| options.has(name)) {
        return Some(Output::refused(Hint::NotAnswered(format!("--{name}"))));
    }
    options
        .conflict("group", &["all-groups"])
        .or_else(|| options.conflict("group", &["list"]))
        .or_else(|| options.conflict("topic", &["describe", "list"]))
}

/// What a group's trouble looks like.
fn failed(message: &str) -> Output {
    Output {
        stdout: format!("\nError: Executing consumer group command failed due to {message}\n"),
        ..Output::default()
    }
}

/// Nobody answers.
fn silence() -> Output {
    let cause = "org.apache.kafka.common.KafkaException: Failed to find brokers to send ListGroups";
    let cause = format!("java.util.concurrent.ExecutionException: {cause}");
    Output { stderr: format!("java.lang.RuntimeException: {cause}\n"), ..failed(&cause) }
}

/// Why a group cannot be described.
fn no_group(name: &str, problem: &Problem) -> Output {
    let errors = "org.apache.kafka.common.errors";
    let cause = match problem {
        Problem::Unknown => format!("{errors}.GroupIdNotFoundException: Group {name} not found."),
        Problem::Timeout | Problem::Silence => format!(
            "{errors}.TimeoutException: Timed out waiting for a node assignment. Call: \
             describeGroups(api=FIND_COORDINATOR)"
        ),
    };
    Output {
        stderr: format!("java.util.concurrent.ExecutionException: {cause}\n"),
        ..failed(&cause)
    }
}

fn describe(options: &Options, cluster: &dyn Cluster) -> Output {
    let mut groups: Vec<Group> = Vec::new();
    if options.has("all-groups") {
        match cluster.groups() {
            Ok(all) => groups = all,
            Err(_) => return silence(),
        }
    }
    for name in options.values("group") {
        match cluster.group(name) {
            Ok(group) => groups.push(group),
            Err(problem) => return no_group(name, &problem),
        }
    }
    groups.sort_by(|one, other| one.name.cmp(&other.name));
    groups.dedup_by(|one, other| one.name == other.name);
    let verbose = options.has("verbose");
    let mut output = Output::default();
    if options.has("members") {
        for group in &groups {
            note_state(group, &mut output);
            members::print(group, verbose, &mut output.stdout);
        }
    } else if options.has("state") {
        for group in &groups {
            note_state(group, &mut output);
            state::print(group, verbose, &mut output.stdout);
        }
    } else {
        let mut tables = Vec::new();
        for group in &groups {
            match offsets::rows(group, cluster) {
                Ok(rows) => tables.push(rows),
                // Where one end offset cannot be had, nothing is told.
                Err(_) => return no_offsets(),
            }
        }
        for (group, rows) in groups.iter().zip(tables) {
            note_state(group, &mut output);
            offsets::print(&rows, verbose, &mut output.stdout);
        }
    }
    output
}

fn no_offsets() -> Output {
    let cause = "org.apache.kafka.common.errors.TimeoutException: Timed out waiting for a node \
                 assignment. Call: listOffsets(api=METADATA)";
    let cause = format!("java.util.concurrent.ExecutionException: {cause}");
    Output { stderr: format!("java.lang.RuntimeException: {cause}\n"), ..failed(&cause) }
}

/// What is said of a group that is not at rest.
fn note_state(group: &Group, output: &mut Output) {
    let name = &group.name;
    match group.state.as_str() {
        "Empty" => {
            let _ = write!(output.stderr, "\nConsumer group '{name}' has no active members.\n");
        }
        "PreparingRebalance" | "CompletingRebalance" | "Assigning" | "Reconciling" => {
            let _ = write!(output.stderr, "\nWarning: Consumer group '{name}' is rebalancing.\n");
        }
        "Dead" => {
            let _ = write!(output.stdout, "\nError: Consumer group '{name}' does not exist.\n");
        }
        _ => {}
    }
}

/// Cells, each at least so wide, with a blank between.
fn line(cells: &[(&str, usize)]) -> String {
    let cells = cells.iter().map(|(text, width)| format!("{text:<width$}"));
    cells.collect::<Vec<_>>().join(" ")
}

/// The widest of some texts, and at least `least`.
fn widest<'a>(least: usize, texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(|text| text.chars().count()).max().unwrap_or(0).max(least)
}

//! `--list`, with `--state` and `--type`.

use std::fmt::Write as _;

use super::super::cluster::{Cluster, Group, GroupType};
use super::super::options::Options;
use super::super::{Output, java_map};
use super::{silence, widest};

const STATES: [&str; 7] = [
    "Stable",
    "PreparingRebalance",
    "CompletingRebalance",
    "Assigning",
    "Empty",
    "Dead",
    "Reconciling",
];

pub(super) fn list(options: &Options, cluster: &dyn Cluster) -> Output {
    let filter = |name| -> Vec<String> {
        let given = options.value(name).unwrap_or_default().split(',');
        given.map(|word| word.trim().to_lowercase()).filter(|word| !word.is_empty()).collect()
    };
    let (states, types) = (filter("state"), filter("type"));
    if states.iter().any(|word| !STATES.iter().any(|state| state.eq_ignore_ascii_case(word))) {
        let (given, known) = (options.value("state").unwrap_or_default(), STATES.join(", "));
        return Output::wrong(&format!("Invalid state list '{given}'. Valid states are: {known}"));
    }
    if types.iter().any(|word| !matches!(word.as_str(), "classic" | "consumer")) {
        let given = options.value("type").unwrap_or_default().to_lowercase();
        return Output::wrong(&format!(
            "Invalid types list '{given}'. Valid types are: Consumer, Classic"
        ));
    }
    let Ok(groups) = cluster.groups() else { return silence() };
    let kind = |group: &Group| <&str>::from(group.kind);
    let fits = |words: &[String], is: &str| {
        words.is_empty() || words.iter().any(|word| is.eq_ignore_ascii_case(word))
    };
    let listed: Vec<&Group> = java_map::grown(&groups, |group| &group.name)
        .into_iter()
        .filter(|group| fits(&states, &group.state) && fits(&types, kind(group)))
        .collect();
    let mut out = String::new();
    let (with_type, with_state) = (options.has("type"), options.has("state"));
    if !with_type && !with_state {
        for group in listed {
            let _ = writeln!(out, "{}", group.name);
        }
        return Output::good(out);
    }
    let width = widest(15, listed.iter().map(|group| group.name.as_str())) + 10;
    let mut row = |name: &str, kind: &str, state: &str| {
        let _ = write!(out, "{name:<width$}");
        if with_type {
            let _ = write!(out, " {kind:<20}");
        }
        if with_state {
            let _ = write!(out, " {state:<20}");
        }
        out.push('\n');
    };
    row("GROUP", "TYPE", "STATE");
    for group in listed {
        row(&group.name, kind_word(group.kind), &group.state);
    }
    Output::good(out)
}

fn kind_word(kind: GroupType) -> &'static str {
    kind.into()
}

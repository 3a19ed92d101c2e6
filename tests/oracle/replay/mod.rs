//! Recorded clusters played again in the simulator: the same commands at the same distances. What
//! comes of them must be what came of them then.

mod beliefs;
mod cast;
mod decisions;
mod groups;
mod player;
mod recording;
mod script;
mod sends;
mod witness;

use std::collections::BTreeSet;

use serde_json::Value;

use cast::Cast;
use decisions::Decisions;
use player::Played;
use recording::Recording;
use witness::Witness;

use crate::harness::Outcome;
use crate::harness::source::{Files, json, lines};

/// How many seeds are tried to the end.
const SEEDS: u64 = 12;
/// How many are tried until the groups have their coordinators.
const PLACEMENTS: u64 = 400;

/// True for a recording of what brokers answered while things were done to them.
pub(crate) fn fits(files: &Files) -> bool {
    files.contains_key("trace.jsonl") && files.contains_key("metadata.jsonl")
}

/// True for a recording of groups of the classic protocol.
pub(crate) fn has_groups(files: &Files) -> bool {
    !files.contains_key("trace.jsonl") && is_noted(files, true)
}

/// True for a recording of groups of the consumer protocol.
pub(crate) fn has_newer_groups(files: &Files) -> bool {
    is_noted(files, false)
}

fn is_noted(files: &Files, classic: bool) -> bool {
    let is_noted = |group: &String| files.contains_key(&format!("{group}.callbacks.jsonl"));
    files.contains_key("events.jsonl") && recording::groups(files, classic).iter().any(is_noted)
}

/// What a recording of groups of the consumer protocol needs besides.
pub(crate) fn newer_needs(files: &Files) -> BTreeSet<String> {
    let mut needs = needs(files);
    needs.insert("groups of the consumer protocol".to_owned());
    needs
}

/// What the recorded cluster is, and what was done.
pub(crate) fn needs(files: &Files) -> BTreeSet<String> {
    let mut needs = BTreeSet::new();
    for event in lines(files, "events.jsonl") {
        needs.insert(format!("does {}", event["do"].as_str().unwrap_or_default()));
        if !event["pattern"].is_null() {
            needs.insert("subscribes to a pattern".to_owned());
        }
    }
    let cluster = &json(files, "case.json")["cluster"];
    if cluster["controllers"] != 1 {
        needs.insert("several controllers".to_owned());
    }
    if !cluster["log_dirs"].is_null() {
        needs.insert("several log directories".to_owned());
    }
    for name in cluster["set"].as_object().into_iter().flatten().map(|(name, _)| name) {
        needs.insert(format!("set {name}"));
    }
    for set in cluster["set_node"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let name = set.split([':', '=']).nth(1).unwrap_or_default();
        needs.insert(format!("set {name} of a server"));
    }
    needs
}

/// Plays a case and compares. Where chance had a part (where new partitions were placed, how long
/// somebody backed off), a seed is looked for that plays it alike.
pub(crate) fn compare(files: &Files) -> Outcome {
    let recording = Recording::read(files);
    let mut best: Option<Outcome> = None;
    let mut tried = 0;
    for seed in 1..=PLACEMENTS {
        let outcome = match play(&recording, seed) {
            Ok(Some(outcome)) => outcome,
            Ok(None) => continue,
            Err(problem) => {
                let mut outcome = Outcome::default();
                outcome.check("played", Err(problem));
                return outcome;
            }
        };
        tried += 1;
        if best.as_ref().is_none_or(|best| outcome.wrong() < best.wrong()) {
            best = Some(outcome);
        }
        if tried == SEEDS || best.as_ref().is_some_and(|best| best.wrong() == 0) {
            break;
        }
    }
    best.unwrap_or_else(|| {
        let mut outcome = Outcome::default();
        outcome.check("played", Err("no seed puts the groups on their coordinators".to_owned()));
        outcome
    })
}

fn play(recording: &Recording, seed: u64) -> Result<Option<Outcome>, String> {
    let cast = Cast::new(recording, seed)?;
    let commands = script::commands(recording, seed)?;
    let Some(played) = player::play(recording, cast, &commands) else { return Ok(None) };
    if std::env::var_os("ORACLE_TELL").is_some() {
        tell(&played);
    }
    let mut outcome = Outcome::default();
    let (theirs, ours) = (Decisions::of(&recording.metadata), Decisions::of(&played.metadata));
    let mut anchors = Vec::new();
    if !recording.metadata.is_empty() {
        anchors = decisions::compare(&theirs, &ours, &mut outcome);
    }
    let until = recording.named("unwatch").map(|event| event.begin).max();
    let until = until.unwrap_or(u64::MAX);
    beliefs::compare(&Witness::recorded(recording), &played.witness, until, &mut outcome);
    sends::compare(recording, &played, &anchors, &mut outcome);
    groups::compare(recording, &played, &mut outcome);
    Ok(Some(outcome))
}

/// Prints all that happened here.
fn tell(played: &Played) {
    for (at, who, fact) in &played.told {
        let fact = serde_json::to_string(fact).expect("a fact has a JSON form");
        println!("{:>10} {who:<12} {fact}", at.as_millis());
    }
    for written in &played.metadata {
        let record = serde_json::to_string(&written.record).expect("a record has a JSON form");
        println!("{} {record}", written.at);
    }
}

//! Recorded clusters played again in the simulator: the same commands at the same distances. What
//! comes of them must be what came of them then.

mod beliefs;
mod cast;
mod decisions;
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

/// How many seeds are tried.
const SEEDS: u64 = 40;

/// True for a recording of what brokers answered while things were done to them.
pub(crate) fn fits(files: &Files) -> bool {
    files.contains_key("trace.jsonl") && files.contains_key("metadata.jsonl")
}

/// What the recorded cluster is, and what was done.
pub(crate) fn needs(files: &Files) -> BTreeSet<String> {
    let mut needs = BTreeSet::new();
    for event in lines(files, "events.jsonl") {
        needs.insert(format!("does {}", event["do"].as_str().unwrap_or_default()));
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
    for seed in 1..=SEEDS {
        let outcome = play(&recording, seed).unwrap_or_else(|problem| {
            let mut outcome = Outcome::default();
            outcome.check("played", Err(problem));
            outcome
        });
        if best.as_ref().is_none_or(|best| outcome.wrong() < best.wrong()) {
            best = Some(outcome);
        }
        if best.as_ref().is_some_and(|best| best.wrong() == 0) {
            break;
        }
    }
    best.expect("something was played")
}

fn play(recording: &Recording, seed: u64) -> Result<Outcome, String> {
    let cast = Cast::new(recording, seed)?;
    let commands = script::commands(recording)?;
    let played = player::play(recording, cast, &commands);
    if std::env::var_os("ORACLE_TELL").is_some() {
        tell(&played);
    }
    let mut outcome = Outcome::default();
    let (theirs, ours) = (Decisions::of(&recording.metadata), Decisions::of(&played.metadata));
    let anchors = decisions::compare(&theirs, &ours, &mut outcome);
    let until = recording.named("unwatch").map(|event| event.begin).max();
    let until = until.unwrap_or(u64::MAX);
    beliefs::compare(&Witness::recorded(recording), &played.witness, until, &mut outcome);
    sends::compare(recording, &played, &anchors, &mut outcome);
    Ok(outcome)
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

//! What other programs read: JSON, JUnit, schema, completions.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::program::{call, command};

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("it is JSON")
}

#[test]
fn all_formats_of_a_run_name_one_hash() {
    let story = call(&["run", "broker-down"]);
    let hash = story.trace_hash();
    let document = json(&call(&["run", "broker-down", "--format", "json"]).out);
    assert_eq!(document["trace_hash"], hash);
    assert_eq!(document["passed"], true);
    assert_eq!(document["runs"].as_array().map(Vec::len), Some(1));
    let run = &document["runs"][0];
    assert!(run["outcomes"].as_array().is_some_and(|all| all.len() == 8), "{run}");
    assert_eq!(run["outcomes"][0]["verdict"], "held");
    assert!(run["summary"]["acked"].as_u64().is_some_and(|acked| acked > 500), "{run}");
    // What was judged, and what not (D8).
    assert!(run["judged"]["R9"].as_u64().is_some_and(|judged| judged > 100), "{run}");
    assert_eq!(run["judged"]["C13"], 0);
    let told = call(&["run", "broker-down", "--judged"]);
    let never = told.out.lines().find(|line| line.starts_with("invariants never judged:"));
    assert!(never.is_some_and(|line| line.contains(" C13")), "{}", told.out);
    assert_eq!(told.trace_hash(), hash);
    assert!(document["about"]["zh"].is_string() && document["watch"]["en"].is_string());
    let spoken = run["spoken"].as_array().expect("the scenario says something");
    let answer = spoken.iter().find(|one| one["answer"].is_object()).expect("it asks");
    assert_eq!(answer["answer"]["value"], "broker-1");
    assert_eq!(answer["at"], 25_000_000_000_u64);
    let facts = call(&["run", "broker-down", "--format", "facts"]);
    let lines: Vec<Value> = facts.out.lines().map(json).collect();
    assert!(lines.len() > 5_000, "{} facts", lines.len());
    assert_eq!(lines[lines.len() - 1]["trace_hash"], hash);
    let killed = lines.iter().find(|line| line["fact"] == "process-killed");
    let killed = killed.expect("a broker was killed");
    assert_eq!(killed["at"], 10_000_000_000_u64);
    assert!(killed["node"].as_str().is_some_and(|node| node.starts_with("broker-")), "{killed}");
}

#[test]
fn lost_records_are_named_with_their_cause() {
    let document = json(&call(&["run", "acks-matrix", "--format", "json"]).out);
    let runs = document["runs"].as_array().expect("a run for each value");
    let mut lost = 0;
    for run in runs {
        let losses = &run["losses"];
        let acked = losses["acked"].as_array().expect("a list of losses");
        let told: u64 = acked.iter().filter_map(|loss| loss["records"].as_u64()).sum();
        let left_out = losses["left_out"].as_u64().expect("a number");
        assert_eq!(Some(told + left_out), run["summary"]["acked_lost"].as_u64(), "{run}");
        for loss in acked {
            assert!(loss["cause"].is_string() && loss["event"].is_u64(), "{loss}");
            let placed = [&loss["first_offset"], &loss["last_offset"], &loss["leader_epoch"]];
            assert!(loss["acks"] == 0 || placed.iter().all(|one| one.is_u64()), "{loss}");
        }
        lost += told;
    }
    assert!(lost > 0, "the scenario is about losses");
}

#[test]
fn many_scenarios_are_tested_at_once() {
    let scenarios = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    let tested = call(&["test", scenarios]);
    assert_eq!(tested.code, 0, "{}{}", tested.out, tested.err);
    assert!(tested.last_line().ends_with(" passed, 0 failed"), "{}", tested.out);
    let all = json(&call(&["test", scenarios, "--format", "json"]).out);
    let all = all.as_array().expect("one for each run");
    assert!(all.len() >= 9 && all.iter().all(|one| one["passed"] == true));
    let junit = call(&["test", "broker-down", "--format", "junit"]).out;
    assert!(junit.starts_with("<?xml"), "{junit}");
    assert!(junit.contains("tests=\"1\" skipped=\"0\" failures=\"0\""), "{junit}");
    let missing = call(&["test", "broker-down", "no-such.toml"]);
    assert_eq!(missing.code, 2);
    assert!(missing.out.ends_with("1 passed, 0 failed\n"), "what can run does: {}", missing.out);
}

#[test]
fn a_comparison_is_a_table() {
    let ran = call(&["run", "acks-matrix"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let header = ran.out.lines().find(|line| line.contains("acks = 0  ")).expect("a table");
    assert!(header.contains("acks = 1") && header.contains("acks = all"), "{header}");
    ran.trace_hash();
}

#[test]
fn lists_schema_completions_manual_and_version() {
    let list = call(&["list"]);
    assert!(list.out.contains("broker-down  "), "{}", list.out);
    let names = call(&["list", "--names"]).out;
    assert!(names.lines().any(|name| name == "isr-shrink"), "{names}");
    let schema = json(&call(&["schema"]).out);
    assert_eq!(schema["title"], "A kafkascope scenario");
    assert!(schema["$schema"].is_string() && schema["properties"]["steps"].is_object());
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let called = call(&["completions", shell]);
        assert!(called.code == 0 && called.out.contains("kafkascope"), "{shell}");
    }
    assert!(call(&["man"]).out.starts_with(".ie"), "a page for man");
    let version = call(&["--version"]).out;
    assert_eq!(version.trim(), concat!("kafkascope ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn terms_are_explained() {
    let card = call(&["explain", "high", "watermark"]);
    assert_eq!(card.code, 0);
    assert!(card.out.starts_with("high watermark\n"), "{}", card.out);
    let chinese = call(&["explain", "--lang", "zh", "hw"]);
    assert!(chinese.out.contains("高水位"), "{}", chinese.out);
    let unknown = call(&["explain", "hihg-watermark"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("high watermark"), "{}", unknown.err);
    assert_eq!(call(&["explain"]).code, 0);
}

#[test]
fn a_new_scenario_runs_and_nothing_is_overwritten() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("a-new-one.toml");
    let _ = fs::remove_file(&path);
    assert_eq!(call(&["new", "a-new-one"]).code, 0);
    let written = fs::read(&path).expect("it was written");
    let ran = call(&["run", "a-new-one.toml"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let again = call(&["new", "a-new-one"]);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("is there already"), "{}", again.err);
    assert_eq!(fs::read(&path).expect("it is there"), written);
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let mut child = command()
        .args(["run", "broker-down", "--format", "facts"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdout = child.stdout.take().expect("it is piped");
    let mut some = [0; 100];
    stdout.read_exact(&mut some).expect("it prints");
    drop(stdout);
    let ended = child.wait_with_output().expect("it ends");
    assert!(ended.status.success(), "{ended:?}");
    assert!(ended.stderr.is_empty(), "{ended:?}");
}

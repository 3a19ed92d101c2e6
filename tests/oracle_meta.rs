//! Recorded facts about metadata records, elections, placement and the KRaft controller.
//! `ORACLE_DIR` names the directory that holds them; without it nothing is compared.

#![expect(unreachable_pub, reason = "a comparer is the same file in whichever test binary")]

use std::path::PathBuf;

use serde_json::Value;

#[path = "oracle/hex.rs"]
mod hex;
#[path = "oracle/schema_records"]
mod schema_records {
    pub mod kraft_metadata;
    pub mod quorum_state_and_kraft_control;
}

fn directory() -> Option<PathBuf> {
    std::env::var_os("ORACLE_DIR").map(PathBuf::from)
}

fn cases(file: &str) -> Vec<Value> {
    let Some(directory) = directory() else { return Vec::new() };
    let path = directory.join("vectors").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

/// Compares every case of a file and lists what differs.
fn check(file: &str, compare: impl Fn(&Value) -> Result<(), String>) {
    let results: Vec<_> = cases(file).iter().map(compare).enumerate().collect();
    judge(file, results);
}

fn judge(file: &str, results: Vec<(usize, Result<(), String>)>) {
    let compared = results.len();
    let wrong: Vec<_> =
        results.into_iter().filter_map(|(line, result)| Some((line, result.err()?))).collect();
    println!("{file}: {compared} compared, {} differ", wrong.len());
    for (line, problem) in wrong.iter().take(5) {
        println!("  line {}: {problem}", line + 1);
    }
    let lines: Vec<_> = wrong.iter().map(|(line, _)| line + 1).collect();
    assert!(lines.is_empty(), "{file}: lines {lines:?} differ");
}

#[test]
fn kraft_metadata() {
    check("schema_records/kraft_metadata.jsonl", schema_records::kraft_metadata::compare);
}

#[test]
fn quorum_state_and_kraft_control() {
    check(
        "schema_records/quorum_state_and_kraft_control.jsonl",
        schema_records::quorum_state_and_kraft_control::compare,
    );
}

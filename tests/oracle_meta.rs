//! Recorded facts about metadata records, elections, placement and the KRaft controller.
//! `ORACLE_DIR` names the directory that holds them; without it nothing is compared.

#![expect(unreachable_pub, reason = "a comparer is the same file in whichever test binary")]

use std::path::{Path, PathBuf};

use serde_json::Value;

#[path = "oracle/hex.rs"]
mod hex;
#[path = "oracle/kraft"]
mod kraft {
    pub mod decisions;
    pub mod metadata;
}
#[path = "oracle/replication"]
mod replication {
    pub mod controller_chains;
    mod java_random;
    pub mod java_util_random;
    mod partition;
    pub mod partition_chains;
    pub mod partition_change_builder;
    pub mod partition_reassignment_replicas;
    pub mod striped_replica_placer;
}
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
    rows(&directory.join("vectors").join(file))
}

fn rows(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
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

#[test]
fn java_util_random() {
    check("replication/java_util_random.jsonl", replication::java_util_random::compare);
}

#[test]
fn striped_replica_placer() {
    check("replication/striped_replica_placer.jsonl", replication::striped_replica_placer::compare);
}

#[test]
fn partition_change_builder() {
    check(
        "replication/partition_change_builder.jsonl",
        replication::partition_change_builder::compare,
    );
}

#[test]
fn partition_reassignment_replicas() {
    check(
        "replication/partition_reassignment_replicas.jsonl",
        replication::partition_reassignment_replicas::compare,
    );
}

#[test]
fn partition_chains() {
    let file = "replication/partition_chains.jsonl";
    judge(file, replication::partition_chains::compare_all(&cases(file)));
}

#[test]
fn recorded_metadata_logs() {
    let Some(directory) = directory() else { return };
    let mut problems = Vec::new();
    let (mut cases, mut records, mut answers, mut decisions) = (0, 0, 0, 0);
    let folders = std::fs::read_dir(directory.join("kraft")).expect("recorded clusters");
    let mut folders: Vec<_> = folders.map(|folder| folder.expect("a folder").path()).collect();
    folders.sort();
    for folder in folders.iter().filter(|folder| folder.join("metadata.jsonl").exists()) {
        let trace = folder.join("trace.jsonl");
        let trace = if trace.exists() { rows(&trace) } else { Vec::new() };
        let metadata = rows(&folder.join("metadata.jsonl"));
        match kraft::metadata::compare(&metadata, &trace) {
            Ok((of_case, shown)) => (records, answers) = (records + of_case, answers + shown),
            Err(problem) => problems.push(format!("{}: {problem}", folder.display())),
        }
        match kraft::decisions::compare(&metadata) {
            Ok(found) => decisions += found,
            Err(problem) => problems.push(format!("{}: {problem}", folder.display())),
        }
        cases += 1;
    }
    println!(
        "kraft/*/metadata.jsonl: {cases} cases, {records} records, {answers} answers of brokers, \
         {decisions} decisions"
    );
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn controller_chains() {
    check("replication/controller_chains.jsonl", replication::controller_chains::compare);
}

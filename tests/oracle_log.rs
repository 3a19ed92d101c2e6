//! Runs the comparers of record batches and storage over a directory of vectors.

#[path = "oracle/kraft/mod.rs"]
mod kraft;
#[path = "oracle/record_batches/mod.rs"]
mod record_batches;
#[path = "oracle/sha256.rs"]
mod sha256;
#[path = "oracle/storage/mod.rs"]
mod storage;
#[path = "oracle/values.rs"]
mod values;

use std::path::{Path, PathBuf};

use serde_json::Value;

/// Compares every case of a file and tells what differs.
fn run(file: &str, compare: fn(&Value) -> Result<(), String>) -> usize {
    let Some(directory) = std::env::var_os("ORACLE_DIR") else { return 0 };
    let path = PathBuf::from(directory).join("vectors").join(file);
    let text = std::fs::read_to_string(&path).expect("a vector file");
    let mut failed = 0;
    let mut lines = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let case: Value = serde_json::from_str(line).expect("a case is JSON");
        let result = std::panic::catch_unwind(|| compare(&case))
            .unwrap_or_else(|_| Err("the comparer panicked".to_owned()));
        if let Err(problem) = result {
            failed += 1;
            lines.push(number + 1);
            if failed <= 5 {
                println!("  {file}:{}: {problem}", number + 1);
            }
        }
    }
    println!("{file}: {} compared, {failed} differ {lines:?}", text.lines().count());
    failed
}

#[test]
fn record_batch_vectors() {
    let mut failed = 0;
    failed += run("record_batches/varints.jsonl", record_batches::varints::compare);
    failed += run(
        "record_batches/magic2_uncompressed.jsonl",
        record_batches::magic2_uncompressed::compare,
    );
    failed += run("record_batches/control_batches.jsonl", record_batches::control_batches::compare);
    let corrupt = run("record_batches/corrupt.jsonl", record_batches::corrupt::compare);
    println!("corrupt: {corrupt} differ");
    assert_eq!(failed, 0, "vectors differ");
}

#[test]
fn storage_vectors() {
    let mut failed = 0;
    failed += run("storage/offset_index.jsonl", storage::offset_index::compare);
    failed += run("storage/time_index.jsonl", storage::time_index::compare);
    failed += run("storage/transaction_index.jsonl", storage::transaction_index::compare);
    failed += run("storage/leader_epoch_cache.jsonl", storage::leader_epoch_cache::compare);
    failed += run("storage/producer_snapshot_file.jsonl", storage::producer_snapshot_file::compare);
    let validator = run("storage/log_validator.jsonl", storage::log_validator::compare);
    println!("log_validator: {validator} need codecs or old formats");
    failed += run("storage/unified_log.jsonl", storage::unified_log::compare);
    failed += run("storage/producer_state.jsonl", storage::producer_state::compare);
    assert_eq!(failed, 0, "vectors differ");
}

/// The files of a recorded case.
fn files(directory: &Path, under: &str, into: &mut kraft::Files) {
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        let name = if under.is_empty() { name.to_string() } else { format!("{under}/{name}") };
        if path.is_dir() {
            files(&path, &name, into);
        } else {
            into.insert(name, std::fs::read(&path).expect("a file"));
        }
    }
}

/// Whether a comparer fits a case, and what it says.
type Comparer = (fn(&kraft::Files) -> bool, fn(&kraft::Files) -> Result<usize, String>);

#[test]
fn kraft_recordings() {
    let Some(directory) = std::env::var_os("ORACLE_DIR") else { return };
    let mut failed = 0;
    let mut cases: Vec<_> = std::fs::read_dir(PathBuf::from(directory).join("kraft"))
        .expect("recordings")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    for case in cases {
        let mut all = kraft::Files::new();
        files(&case, "", &mut all);
        let name = case.file_name().expect("a name").to_string_lossy().into_owned();
        let comparers: [(&str, Comparer); 2] = [
            ("checkpoints", (kraft::checkpoint_files::fits, kraft::checkpoint_files::compare)),
            ("storage", (kraft::storage::fits, kraft::storage::compare)),
        ];
        for (kind, (fits, compare)) in comparers {
            if !fits(&all) {
                continue;
            }
            let result = std::panic::catch_unwind(|| compare(&all))
                .unwrap_or_else(|_| Err("the comparer panicked".to_owned()));
            match result {
                Ok(count) => println!("{name} {kind}: {count} files equal"),
                Err(problem) => {
                    failed += 1;
                    println!("{name} {kind}: DIFFERS {problem}");
                }
            }
        }
    }
    assert_eq!(failed, 0, "cases differ");
}

//! Runs the comparers of record batches and storage over a directory of vectors.

#[path = "oracle/record_batches/mod.rs"]
mod record_batches;
#[path = "oracle/values.rs"]
mod values;

use std::path::PathBuf;

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

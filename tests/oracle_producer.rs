//! Runs the comparer of recorded producers over the recorded clusters of a directory.

#[path = "oracle/kraft/producer_batches.rs"]
mod producer_batches;

use std::path::PathBuf;

#[test]
fn recorded_producers_make_the_same_batches() {
    let Some(directory) = std::env::var_os("ORACLE_DIR") else { return };
    let mut failed = 0;
    let entries = std::fs::read_dir(PathBuf::from(directory).join("kraft")).expect("recordings");
    let mut cases: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    cases.sort();
    for case in cases.iter().filter(|case| case.join("operations.jsonl").exists()) {
        let name = case.file_name().and_then(|name| name.to_str()).expect("a name");
        match producer_batches::compare(case) {
            Ok((compared, differences)) => {
                println!("{name}: {compared} batches compared, {} differ", differences.len());
                for difference in differences.iter().take(5) {
                    println!("  {difference}");
                }
                failed += differences.len();
            }
            Err(reason) => println!("{name}: not compared: {reason}"),
        }
    }
    assert_eq!(failed, 0, "batches differ");
}

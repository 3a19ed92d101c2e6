//! The life of one partition: what comes out of a step goes into the next one.

use serde_json::Value;

use super::partition::read;
use super::partition_change_builder::step;

pub fn compare_all(cases: &[Value]) -> Vec<(usize, Result<(), String>)> {
    let mut results = Vec::new();
    let mut partition = None;
    for (line, case) in cases.iter().enumerate() {
        let before = if case["step"] == 0 {
            read(&case["partition"])
        } else {
            partition.clone().unwrap_or_else(|| read(&case["partition"]))
        };
        let result = if before == read(&case["partition"]) {
            step(case, &before)
        } else {
            Err(format!("the steps before made {before:?}"))
        };
        partition = result.as_ref().ok().cloned();
        results.push((line, result.map(|_| ())));
    }
    results
}

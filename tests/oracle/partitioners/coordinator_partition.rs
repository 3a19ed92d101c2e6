//! `partitioners/coordinator_partition.jsonl`.

use kafkascope::coordinator::partition_for;
use kafkascope::ids::java_string_hash;
use serde_json::Value;

use crate::encoding::{int, same, text};

/// Compares one case.
pub fn compare(case: &Value) -> Result<(), String> {
    let id = text(&case["id"]);
    same("hash", &i64::from(java_string_hash(id)), &int(&case["java_hash_code"]))?;
    let counts = case["partition_by_count"].as_object().expect("a map by count");
    counts.iter().try_for_each(|(count, partition)| {
        let ours = partition_for(id, count.parse().expect("a number of partitions"));
        same(&format!("of {count}"), &i64::from(ours.0), &int(partition))
    })
}

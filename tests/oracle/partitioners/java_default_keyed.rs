//! `partitioners/java_default_keyed.jsonl`.

use kafkascope::client::partitioner::partition_for_key;
use kafkascope::protocol::murmur2::{murmur2, to_positive};
use serde_json::Value;

use crate::encoding::{int, same, text, unhex};

/// Compares one case.
pub fn compare(case: &Value) -> Result<(), String> {
    let key = unhex(text(&case["key_hex"]));
    same("murmur2", &i64::from(murmur2(&key)), &int(&case["murmur2_i32"]))?;
    same("positive", &i64::from(to_positive(murmur2(&key))), &int(&case["to_positive"]))?;
    let counts = case["partition_by_count"].as_object().expect("a map by count");
    counts.iter().try_for_each(|(count, partition)| {
        let ours = partition_for_key(&key, count.parse().expect("a number of partitions"));
        same(&format!("of {count}"), &i64::from(ours), &int(partition))
    })
}

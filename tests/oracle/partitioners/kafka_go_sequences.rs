//! `partitioners/kafka_go_sequences.jsonl`.

use kafkascope::client::partitioner::{
    KeyHash, LeastBytes, Message, Partitioner, Partitions, Spread,
};
use serde_json::Value;

use crate::encoding::{int, same, unhex_or_null};

/// Compares one case: a sequence of records, while the list of partitions may change.
pub fn compare(case: &Value) -> Result<(), String> {
    let chunk = int(&case["round_robin_chunk_size"]) as u32;
    let mut balancers = [
        ("least_bytes", Partitioner::LeastBytes(LeastBytes::default())),
        ("round_robin", Partitioner::Spread(Spread::KafkaGo { chunk, records: 0 })),
        ("hash", Partitioner::by_key(KeyHash::FNV1A, Spread::KafkaGo { chunk: 0, records: 0 })),
        ("reference_hash", Partitioner::by_key(KeyHash::REFERENCE, Spread::Random)),
    ];
    for (number, record) in case["sequence"].as_array().expect("records").iter().enumerate() {
        let key = unhex_or_null(&record["key_hex"]);
        let list = record["partitions"].as_array().expect("partitions");
        let list: Vec<i32> = list.iter().map(|partition| int(partition) as i32).collect();
        let message = Message {
            key: key.as_deref(),
            value_len: int(&record["value_len"]) as usize,
            partition: None,
        };
        for (name, balancer) in &mut balancers {
            let partitions = Partitions { count: list.len() as i32, available: &list };
            let mut draws = 0;
            let ours = balancer.partition(message, partitions, || {
                draws += 1;
                0
            });
            let is_left_to_chance = draws > 0;
            let what = format!("{number} {name}");
            same(&what, &record[*name].is_null(), &is_left_to_chance)?;
            if !is_left_to_chance {
                same(&what, &i64::from(ours), &int(&record[*name]))?;
            }
        }
    }
    Ok(())
}

//! `partitioners/kafkajs_unkeyed.jsonl`: the start is random, so it is the recorded one.

use kafkascope::client::partitioner::{KeyHash, Message, Partitioner, Partitions, Spread};
use serde_json::Value;

use crate::encoding::{int, same};

/// Compares one case: two sequences of records without key.
pub fn compare(case: &Value) -> Result<(), String> {
    let leaders = case["leaders"].as_array().expect("leaders by partition");
    let available: Vec<i32> =
        (0..).zip(leaders).filter(|(_, leader)| int(leader) >= 0).map(|(index, _)| index).collect();
    let partitions = Partitions { count: leaders.len() as i32, available: &available };
    for (name, hash) in [("default", KeyHash::MURMUR2), ("legacy", KeyHash::KAFKAJS_LEGACY)] {
        let field = format!("{name}_unkeyed");
        let recorded = case[&field].as_array().expect("partitions");
        let first = int(&recorded[0]) as i32;
        let place = available.iter().position(|partition| *partition == first);
        let (place, among) = match place {
            Some(place) => (place as i32, available.len() as i32),
            None => (first, partitions.count),
        };
        let mut partitioner = Partitioner::by_key(hash, Spread::KafkaJs { last: None });
        for (number, partition) in recorded.iter().enumerate() {
            let ours = partitioner.partition(Message::default(), partitions, || place + among - 1);
            same(&format!("{name} {number}"), &i64::from(ours), &int(partition))?;
        }
    }
    Ok(())
}

//! `partitioners/java_round_robin.jsonl`.

use std::collections::BTreeMap;

use kafkascope::client::partitioner::{
    Message, Partitioner, Partitions, RoundRobinPartitioner, Spread,
};
use serde_json::Value;

use crate::encoding::{int, same, text};

/// Compares one case: a sequence of records.
pub fn compare(case: &Value) -> Result<(), String> {
    let topics = case["topic_partition_has_leader"].as_object().expect("topics");
    let mut partitioners: BTreeMap<&str, Partitioner> = BTreeMap::new();
    for (number, record) in
        case["sequence_topic_partition"].as_array().expect("records").iter().enumerate()
    {
        let topic = text(&record[0]);
        let leaders = topics[topic].as_array().expect("leaders by partition");
        let available: Vec<i32> =
            (0..).zip(leaders).filter(|(_, has)| **has == true).map(|(index, _)| index).collect();
        let partitions = Partitions { count: leaders.len() as i32, available: &available };
        let partitioner = partitioners
            .entry(topic)
            .or_insert_with(|| Partitioner::Spread(Spread::Java(RoundRobinPartitioner::default())));
        let message = Message::with_key(Some(b"key"));
        let ours = partitioner.partition(message, partitions, || unreachable!("no chance"));
        same(&format!("record {number}"), &i64::from(ours), &int(&record[1]))?;
    }
    Ok(())
}

//! `partitioners/sarama_sequences.jsonl`.

use kafkascope::client::partitioner::{Message, Partitioner, Partitions, Spread};
use serde_json::Value;

use crate::encoding::{int, same};

/// Compares one case: a sequence of records, while the number of partitions changes.
pub fn compare(case: &Value) -> Result<(), String> {
    let mut round_robin = Partitioner::Spread(Spread::Sarama { next: 0 });
    let mut manual = Partitioner::Manual;
    let no_chance = || unreachable!("no chance");
    for (number, record) in case["sequence"].as_array().expect("records").iter().enumerate() {
        let count = int(&record["num_partitions"]) as i32;
        let all: Vec<i32> = (0..count).collect();
        let partitions = Partitions { count, available: &all };
        let ours = round_robin.partition(Message::default(), partitions, no_chance);
        same(&format!("{number} in turn"), &i64::from(ours), &int(&record["round_robin"]))?;
        let named = int(&record["manual_message_partition"]) as i32;
        let message = Message { partition: Some(named), ..Message::default() };
        let ours = manual.partition(message, partitions, no_chance);
        same(&format!("{number} manual"), &i64::from(ours), &int(&record["manual_result"]))?;
        same(&format!("{number} manual fails"), &record["manual_error"], &Value::from(false))?;
    }
    Ok(())
}

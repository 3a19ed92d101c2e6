//! `partitioners/java_sticky_adaptive.jsonl`.

use kafkascope::client::partitioner::{BuiltInPartitioner, Partitions};
use serde_json::Value;

use crate::encoding::{int, same, text};

/// Compares one case: a sequence of appends and load statistics.
pub fn compare(case: &Value) -> Result<(), String> {
    let leaders = case["partition_has_leader"].as_array().expect("leaders by partition");
    let available: Vec<i32> =
        (0..).zip(leaders).filter(|(_, has)| **has == true).map(|(index, _)| index).collect();
    let partitions = Partitions { count: leaders.len() as i32, available: &available };
    let mut partitioner = BuiltInPartitioner::new(int(&case["sticky_batch_size"]) as u32);
    for (number, op) in case["ops"].as_array().expect("operations").iter().enumerate() {
        let mut draws = ints(&op["random_draws"]).into_iter();
        let mut draw = || draws.next().expect("no more draws than Kafka's");
        match text(&op["op"]) {
            "peek" => {}
            "appended" => {
                let bytes = int(&op["bytes"]) as u32;
                let enable_switch = op["enable_switch"] == true;
                let changed = partitioner.on_appended(bytes, enable_switch, partitions, &mut draw);
                same(&format!("{number} changed"), &Value::from(changed), &op["changed"])?;
            }
            "update_load_stats" => {
                let sizes = ints(&op["queue_sizes"]);
                partitioner.update_load(&sizes, &ints(&op["partition_ids"]), sizes.len());
                let end = partitioner.load_range_end().map_or(Value::Null, Value::from);
                same(&format!("{number} range"), &end, &op["range_end"])?;
                continue;
            }
            other => return Err(format!("unknown operation {other}")),
        }
        let ours = partitioner.peek(partitions, &mut draw);
        same(&format!("{number} partition"), &i64::from(ours), &int(&op["partition"]))?;
        same(&format!("{number} draws left"), &draws.len(), &0)?;
    }
    Ok(())
}

fn ints(value: &Value) -> Vec<i32> {
    let list = value.as_array().map_or(&[][..], Vec::as_slice);
    list.iter().map(|number| int(number) as i32).collect()
}

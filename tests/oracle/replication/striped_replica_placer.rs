//! Placement of new partitions, calls of one placer after another.

use kafkascope::ids::BrokerId;
use kafkascope::metadata::placement::{UsableBroker, place};
use serde_json::{Value, json};

use super::java_random::{AsDraw, JavaRandom};

pub fn compare(case: &Value) -> Result<(), String> {
    let seed = case["random_seed"].as_str().expect("a seed").parse().expect("a number");
    let mut draw = AsDraw(JavaRandom::new(seed));
    let brokers = case["brokers_in_iteration_order"].as_array().expect("brokers");
    let brokers: Vec<UsableBroker> = brokers
        .iter()
        .map(|broker| UsableBroker {
            id: BrokerId(broker["id"].as_i64().expect("an id") as i32),
            rack: broker["rack"].as_str().map(Into::into),
            fenced: broker["fenced"].as_bool().expect("fenced or not"),
        })
        .collect();
    for (number, call) in
        case["place_calls_same_placer"].as_array().expect("calls").iter().enumerate()
    {
        let partitions = call["num_partitions"].as_u64().expect("a number") as usize;
        let factor = call["replication_factor"].as_i64().expect("a number") as i32;
        match place(brokers.clone(), partitions, factor, &mut draw) {
            Ok(placed) => {
                if json!(placed) != call["replicas"] {
                    return Err(format!("call {number}: {placed:?}, not {}", call["replicas"]));
                }
            }
            Err(error) => {
                if call["error"] != "InvalidReplicationFactorException"
                    || call["message"] != error.to_string()
                {
                    return Err(format!("call {number}: {error}, not {call}"));
                }
            }
        }
    }
    Ok(())
}

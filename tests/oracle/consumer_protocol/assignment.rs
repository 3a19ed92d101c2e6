//! `consumer_protocol/assignment.jsonl`.

use kafkascope::protocol::consumer_protocol::Assignment;
use serde_json::Value;

use crate::encoding::{hex, int, pairs, same, text, unhex, unhex_or_null};

/// Compares one case.
pub fn compare(case: &Value) -> Result<(), String> {
    let user_data = unhex_or_null(&case["user_data_hex"]);
    let assignment = Assignment {
        partitions: pairs(&case["partitions_as_given"]),
        user_data: user_data.clone(),
    };
    let written = assignment.encode(int(&case["version"]) as i16);
    same("bytes", &hex(&written), &text(&case["hex"]).to_owned())?;
    let expected = Assignment { partitions: pairs(&case["decoded_partitions"]), user_data };
    same("decoded", &Assignment::decode(&unhex(text(&case["hex"]))), &Ok(expected))
}

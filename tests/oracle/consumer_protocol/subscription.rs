//! `consumer_protocol/subscription.jsonl`.

use kafkascope::protocol::consumer_protocol::Subscription;
use serde_json::Value;

use crate::encoding::{generation, hex, int, pairs, same, text, unhex, unhex_or_null};

/// Compares one case.
pub fn compare(case: &Value) -> Result<(), String> {
    let subscription = Subscription {
        topics: names(&case["topics_as_given"]),
        user_data: unhex_or_null(&case["user_data_hex"]),
        owned: pairs(&case["owned_partitions_as_given"]),
        generation: generation(&case["generation"]),
        rack: case["rack"].as_str().map(Into::into),
    };
    let written = subscription.encode(int(&case["version"]) as i16);
    same("bytes", &hex(&written), &text(&case["hex"]).to_owned())?;

    let bytes = unhex(text(&case["hex"]));
    let decoded = &case["decoded"];
    let expected = Subscription {
        topics: names(&decoded["topics"]),
        user_data: unhex_or_null(&decoded["user_data_hex"]),
        owned: pairs(&decoded["owned_partitions"]),
        generation: generation(&decoded["generation"]),
        rack: decoded["rack"].as_str().map(Into::into),
    };
    same("decoded", &Subscription::decode(&bytes), &Ok(expected.clone()))?;
    same("topics", &Subscription::topics_of(&bytes), &Ok(expected.topics))
}

fn names(value: &Value) -> Vec<kafkascope::ids::Name> {
    value.as_array().expect("a list of topics").iter().map(|name| text(name).into()).collect()
}

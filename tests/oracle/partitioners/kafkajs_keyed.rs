//! `partitioners/kafkajs_keyed.jsonl`.

use kafkascope::client::partitioner::KeyHash;
use serde_json::Value;

use super::keyed::{self, Rule};

const RULES: &[Rule] = &[
    Rule::new("default", KeyHash::MURMUR2),
    Rule::new("java_compatible", KeyHash::MURMUR2),
    Rule::new("legacy", KeyHash::KAFKAJS_LEGACY),
];

/// Compares one case.
pub fn compare(case: &Value) -> Result<(), String> {
    keyed::compare(case, RULES, &[])
}

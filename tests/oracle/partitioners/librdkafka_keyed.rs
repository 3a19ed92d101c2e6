//! `partitioners/librdkafka_keyed.jsonl`.

use kafkascope::client::partitioner::KeyHash;
use serde_json::Value;

use super::keyed::{self, Rule};

const RULES: &[Rule] = &[
    Rule::new("consistent", KeyHash::CRC32),
    Rule::new("murmur2", KeyHash::MURMUR2),
    Rule::new("fnv1a", KeyHash::LIBRDKAFKA_FNV1A),
    Rule::but_empty("consistent_random", KeyHash::CRC32),
    Rule::but_empty("murmur2_random", KeyHash::MURMUR2),
    Rule::but_empty("fnv1a_random", KeyHash::LIBRDKAFKA_FNV1A),
];

/// Compares one case.
pub fn compare(case: &Value) -> Result<(), String> {
    keyed::compare(case, RULES, &["librdkafka"])
}

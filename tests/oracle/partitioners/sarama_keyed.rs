//! `partitioners/sarama_keyed.jsonl`.

use kafkascope::client::partitioner::{Fold, HashFunction, KeyHash};
use serde_json::Value;

use super::keyed::{self, Rule};

const RULES: &[Rule] = &[
    Rule::new("hash", KeyHash::FNV1A),
    Rule::new("reference_hash", KeyHash::REFERENCE),
    Rule::new("consistent_crc", KeyHash::CRC32),
    Rule::new("murmur2", KeyHash::MURMUR2),
    Rule::new("custom_abs_first_fnv1a", KeyHash::new(HashFunction::Fnv1a, Fold::ClearSign)),
    Rule::new("custom_unsigned_fnv1a", KeyHash::new(HashFunction::Fnv1a, Fold::Unsigned)),
    Rule::new(
        "custom_hash_crc32_castagnoli",
        KeyHash::new(HashFunction::Crc32c, Fold::DropSignAfter),
    ),
];

/// Compares one case.
pub fn compare(case: &Value) -> Result<(), String> {
    keyed::compare(case, RULES, &[])
}

//! `partitioners/kafka_go_keyed.jsonl`.

use kafkascope::client::partitioner::{KeyHash, Message, Partitioner, Partitions, Spread};
use serde_json::Value;

use super::keyed::{self, Rule};
use crate::encoding::{same, text, unhex};

const RULES: &[Rule] = &[
    Rule::new("hash", KeyHash::FNV1A),
    Rule::new("reference_hash", KeyHash::REFERENCE),
    Rule::new("crc32_consistent", KeyHash::CRC32),
    Rule::new("murmur2_consistent", KeyHash::MURMUR2),
];

/// Compares one case. Without `Consistent` the balancers leave only keys to chance that are none;
/// for `CRC32Balancer` an empty one is.
pub fn compare(case: &Value) -> Result<(), String> {
    let key = unhex(text(&case["key_hex"]));
    let told = &case["inconsistent_mode_same_for_this_key"];
    let all: Vec<i32> = (0..1000).collect();
    let drawn = [(KeyHash::CRC32, true), (KeyHash::MURMUR2, false)].map(|(hash, empty_is_none)| {
        let mut draws = 0;
        let mut balancer = Partitioner::ByKey { hash, empty_is_none, otherwise: Spread::Random };
        let partitions = Partitions { count: 1000, available: &all };
        balancer.partition(Message::with_key(Some(&key)), partitions, || {
            draws += 1;
            0
        });
        draws
    });
    let expected = if told == true { [0, 0] } else { [1, 0] };
    same("left to chance", &drawn, &expected)?;
    keyed::compare(case, RULES, &["inconsistent_mode_same_for_this_key"])
}

//! `consumer_protocol/sticky_user_data.jsonl`.

use std::collections::BTreeSet;

use kafkascope::ids::Generation;
use kafkascope::protocol::consumer_protocol::{
    StickyUserData, cooperative_user_data, decode_cooperative_user_data,
};
use serde_json::Value;

use crate::encoding::{hex, int, pairs, same, text, unhex};

/// Compares one case.
pub fn compare(case: &Value) -> Result<(), String> {
    let generation = Some(Generation(int(&case["generation"]) as i32));
    let data = StickyUserData { partitions: pairs(&case["partitions_as_given"]), generation };
    let theirs = text(&case["sticky_user_data_hex"]);
    same("sticky", &hex(&data.encode()), &theirs.to_owned())?;
    let decoded = StickyUserData::decode(&unhex(theirs)).ok_or("not read")?;
    same("generation", &decoded.generation, &generation)?;
    let set = |data: &StickyUserData| data.partitions.iter().cloned().collect::<BTreeSet<_>>();
    same("partitions", &set(&decoded), &set(&data))?;

    let theirs = text(&case["cooperative_sticky_user_data_hex"]);
    same("cooperative", &hex(&cooperative_user_data(generation)), &theirs.to_owned())?;
    same("decoded", &decode_cooperative_user_data(&unhex(theirs)), &generation)
}

//! `schema_records/share_coordinator.jsonl`.

use kafkascope::protocol::coordinator_record::ShareRecord;
use serde_json::Value;

use super::coordinator::{self, Decoded};

/// Compares one case.
pub fn compare(case: &Value) -> Result<(), String> {
    coordinator::compare(case, |key, value| {
        let record = ShareRecord::decode(key, value)?;
        let json = serde_json::to_value(&record).expect("a record has a JSON form");
        Ok(Decoded { json, written: record.encode() })
    })
}

//! The index from timestamps to offsets.

use kafkascope::ids::{Offset, Timestamp};
use kafkascope::log::{Disk, IndexError, TIME_INDEX, TimeIndex, TimestampOffset};
use serde_json::{Value, json};

use super::{HERE, contents};
use crate::values::{hex, int, same};

/// Compares one case.
pub(crate) fn compare(case: &Value) -> Result<(), String> {
    let mut disk = Disk::default();
    let base = Offset(int(case, "base_offset") as u64);
    let mut index = TimeIndex::new(base, int(case, "max_index_size") as u32);
    index.touch(&mut disk, HERE);
    same("room", &json!(index.max_entries()), &case["max_entries"])?;
    let pair = |entry: TimestampOffset| json!([entry.timestamp.0, entry.offset.0]);
    for append in case["appends"].as_array().expect("appends") {
        let timestamp = Timestamp(int(append, "timestamp"));
        let entry = TimestampOffset { timestamp, offset: Offset(int(append, "offset") as u64) };
        let before = index.entries();
        let even_if_full = append["skip_full_check"] == true;
        let result = match index.maybe_append(&mut disk, entry, even_if_full) {
            Ok(()) if index.entries() > before => "appended",
            Ok(()) => "ignored",
            Err(IndexError::Full(_)) => "IllegalArgumentException",
            Err(IndexError::NotIncreasing { .. }) => "InvalidOffsetException",
            Err(IndexError::TimeGoesBack { .. }) => "IllegalStateException",
            Err(other) => return Err(other.to_string()),
        };
        same("append", &json!(result), &append["result"])?;
    }
    same("full", &json!(index.is_full()), &case["is_full"])?;
    same("entries", &json!(index.entries()), &case["entries"])?;
    same("last entry", &pair(index.last_entry()), &case["last_entry"])?;
    for lookup in case["lookups"].as_array().expect("lookups") {
        let found = index.lookup(&disk, Timestamp(int(lookup, "target")));
        same("lookup", pair(found), json!([lookup["timestamp"], lookup["offset"]]))?;
    }
    if let Some(offset) = case["truncate_to"].as_u64() {
        index.truncate_to(&mut disk, Offset(offset));
        same("entries left", &json!(index.entries()), &case["entries_after_truncate"])?;
        same("last entry left", &pair(index.last_entry()), &case["last_entry_after_truncate"])?;
    }
    index.trim(&mut disk);
    let file = contents(&mut disk, &HERE.of(base, TIME_INDEX));
    same("file", &json!(hex(&file)), &case["file_hex_after_close"])
}

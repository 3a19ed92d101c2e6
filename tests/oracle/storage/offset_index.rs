//! The index from offsets to positions.

use kafkascope::ids::Offset;
use kafkascope::log::{Disk, IndexError, OFFSET_INDEX, OffsetIndex};
use serde_json::{Value, json};

use super::{HERE, contents};
use crate::values::{hex, int, same};

/// Compares one case.
pub(crate) fn compare(case: &Value) -> Result<(), String> {
    let mut disk = Disk::default();
    let base = Offset(int(case, "base_offset") as u64);
    let mut index = OffsetIndex::new(base, int(case, "max_index_size") as u32);
    index.touch(&mut disk, HERE);
    same("room", &json!(index.max_entries()), &case["max_entries"])?;
    for append in case["appends"].as_array().expect("appends") {
        let [offset, position] = [0, 1].map(|at| append[at].as_i64().expect("a number") as u64);
        let result = match index.append(&mut disk, Offset(offset), position as u32) {
            Ok(()) => "ok",
            Err(IndexError::Full(_)) => "IllegalArgumentException",
            Err(IndexError::NotIncreasing { .. }) => "InvalidOffsetException",
            Err(IndexError::Overflow { .. }) => "IndexOffsetOverflowException",
            Err(other) => return Err(other.to_string()),
        };
        same("append", &json!(result), &append[2])?;
    }
    same("entries", &json!(index.entries()), &case["entries"])?;
    same("last offset", &json!(index.last_offset().0), &case["last_offset"])?;
    for lookup in case["lookups"].as_array().expect("lookups") {
        let found = index.lookup(&disk, Offset(int(lookup, "target") as u64));
        same("offset", &json!(found.offset.0), &lookup["offset"])?;
        same("position", &json!(found.position), &lookup["position"])?;
    }
    if let Some(offset) = case["truncate_to"].as_u64() {
        index.truncate_to(&mut disk, Offset(offset));
        same("entries left", &json!(index.entries()), &case["entries_after_truncate"])?;
        let last = json!(index.last_offset().0);
        same("last offset left", &last, &case["last_offset_after_truncate"])?;
    }
    index.trim(&mut disk);
    let file = contents(&mut disk, &HERE.of(base, OFFSET_INDEX));
    same("file", &json!(hex(&file)), &case["file_hex_after_close"])
}

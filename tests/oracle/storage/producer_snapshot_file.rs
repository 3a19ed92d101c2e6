//! The bytes of a producer snapshot.

use kafkascope::ids::{Offset, ProducerEpoch, ProducerId, Timestamp};
use kafkascope::log::{BatchMetadata, ProducerEntry, read_snapshot, write_snapshot};
use serde_json::{Value, json};

use crate::values::{hex, int, same};

/// Compares one case.
pub(crate) fn compare(case: &Value) -> Result<(), String> {
    let entries: Vec<_> = case["entries"].as_array().expect("entries").iter().map(entry).collect();
    let bytes = write_snapshot(entries.iter().map(|(id, entry)| (*id, entry)));
    same("file", &json!(hex(&bytes)), &case["file_hex"])?;
    let read = read_snapshot(&bytes).map_err(|error| error.to_string())?;
    same("file read back", read, entries)
}

fn entry(entry: &Value) -> (ProducerId, ProducerEntry) {
    let last = &entry["last_batch"];
    let batches = last.as_object().map(|_| BatchMetadata {
        last_sequence: int(last, "last_seq") as i32,
        last_offset: Offset(int(last, "last_offset") as u64),
        offset_delta: int(last, "offset_delta") as i32,
        timestamp: Timestamp(int(last, "timestamp")),
    });
    let known = ProducerEntry {
        epoch: ProducerEpoch(int(entry, "epoch") as i16),
        coordinator_epoch: int(entry, "coordinator_epoch") as i32,
        last_timestamp: Timestamp(int(entry, "last_timestamp")),
        current_txn_first_offset: entry["current_txn_first_offset"].as_u64().map(Offset),
        batches: batches.into_iter().collect(),
    };
    (ProducerId(int(entry, "producer_id")), known)
}

//! The index of aborted transactions.

use kafkascope::ids::{Offset, ProducerId};
use kafkascope::log::{AbortedTxn, Disk, TXN_INDEX, TxnIndex};
use serde_json::{Value, json};

use super::{HERE, contents};
use crate::values::{hex, int, same};

/// Compares one case.
pub(crate) fn compare(case: &Value) -> Result<(), String> {
    let mut disk = Disk::default();
    let mut index = TxnIndex::new(Offset(0));
    for append in case["appends"].as_array().expect("appends") {
        let offset = |key| Offset(int(append, key) as u64);
        let txn = AbortedTxn {
            producer_id: ProducerId(int(append, "producer_id")),
            first_offset: offset("first_offset"),
            last_offset: offset("last_offset"),
            last_stable_offset: offset("last_stable_offset"),
        };
        let result = match index.append(&mut disk, HERE, txn) {
            Ok(()) => "ok",
            Err(_) => "IllegalArgumentException",
        };
        same("append", &json!(result), &append["result"])?;
    }
    for collect in case["collect"].as_array().expect("lookups") {
        let offset = |key| Offset(int(collect, key) as u64);
        let (found, complete) = index.collect(&disk, offset("fetch_offset"), offset("upper_bound"));
        let found: Vec<_> = found
            .iter()
            .map(|txn| json!([txn.producer_id.0, txn.first_offset.0, txn.last_offset.0 as i64]))
            .collect();
        same("collected", &json!(found), &collect["aborted_pid_first_last"])?;
        same("complete", &json!(complete), &collect["complete"])?;
    }
    let path = HERE.of(Offset(0), TXN_INDEX);
    same("file", &json!(hex(&contents(&mut disk, &path))), &case["file_hex"])?;
    if let Some(offset) = case["truncate_to"].as_u64() {
        index.truncate_to(&mut disk, Offset(offset));
        let file = json!(hex(&contents(&mut disk, &path)));
        same("file cut", &file, &case["file_hex_after_truncate"])?;
    }
    Ok(())
}

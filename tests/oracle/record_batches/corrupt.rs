//! Damaged batches: what can be told of them, which check fails, what their records read as.
//!
//! A case that needs a message format of before 0.11 is an error that says so.

use kafkascope::protocol::{Batch, BatchError, Batches, RecordError};
use serde_json::{Value, json};

use crate::values::{bytes, same};

/// Compares one case.
pub(crate) fn compare(case: &Value) -> Result<(), String> {
    let mut found = Vec::new();
    let mut error = Value::Null;
    for batch in Batches::new(bytes(case, "hex").expect("bytes")) {
        match batch {
            Ok(batch) => match told(&batch) {
                Ok(told) => found.push(told),
                Err(broken) => {
                    error = json!(broken);
                    break;
                }
            },
            // It is listed, but every check and every field beyond its end fails.
            Err(BatchError::Header { size, .. }) => found.push(json!({
                "size": size, "magic": 2, "is_valid": false,
                "ensure_valid": "CorruptRecordException",
                "iterate_error": "IndexOutOfBoundsException",
            })),
            Err(BatchError::Length { .. } | BatchError::Magic { .. }) => {
                error = json!("CorruptRecordException");
                break;
            }
            Err(legacy) => return Err(format!("needs old message formats: {legacy}")),
        }
    }
    same("error", &error, case.get("error").unwrap_or(&Value::Null))?;
    let theirs = case["batches"].as_array().expect("batches");
    same("how many batches", found.len(), theirs.len())?;
    for (ours, theirs) in found.iter().zip(theirs) {
        for (key, value) in ours.as_object().expect("fields") {
            same(key, value, &theirs[key])?;
        }
    }
    Ok(())
}

/// What Kafka says of a batch; or the error with which everything ends.
fn told(batch: &Batch) -> Result<Value, &'static str> {
    let valid = batch.is_valid();
    let mut told = json!({
        "base_offset": batch.base_offset().0,
        "magic": batch.magic(),
        "size": batch.size_in_bytes(),
        "is_valid": valid,
        "ensure_valid": if valid { "ok" } else { "CorruptRecordException" },
    });
    match batch.decode() {
        Ok(records) => told["records_iterated"] = json!(records.len()),
        Err(RecordError::UnknownCompression(_)) => return Err("IllegalArgumentException"),
        Err(RecordError::Codec(..)) => told["iterate_error"] = json!("KafkaException"),
        Err(_) => told["iterate_error"] = json!("InvalidRecordException"),
    }
    Ok(told)
}

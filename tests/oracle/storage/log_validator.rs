//! What a leader checks, and how it places a batch, compresses it anew or not. Of a batch that was
//! compressed anew everything is compared but length, CRC and the compressed bytes. A case that needs a
//! message format of before 0.11 is an error that says so.

use std::sync::Arc;

use kafkascope::ids::{LeaderEpoch, Offset, Timestamp, TopicPartition};
use kafkascope::log::{AppendError, AppendOrigin, LogConfig, validate};
use kafkascope::protocol::{Batch, Batches, ErrorCode, TimestampType};
use serde_json::{Value, json};

use crate::record_batches::header;
use crate::values::{bytes, hex, int, same};

/// Compares one case.
pub(crate) fn compare(case: &Value) -> Result<(), String> {
    let target = &case["target_compression"];
    if case["magic"] != 2 {
        return Err(format!("needs message format {}", case["magic"]));
    }
    let mut config = LogConfig::default();
    let target = if target == "none" { "uncompressed" } else { target.as_str().expect("a codec") };
    config.set("compression.type", target).map_err(|error| error.to_string())?;
    let config = LogConfig {
        compact: case["compacted_topic"] == true,
        message_timestamp_type: if case["timestamp_type"] == "LogAppendTime" {
            TimestampType::LogAppendTime
        } else {
            TimestampType::CreateTime
        },
        message_timestamp_before_max_ms: int(case, "timestamp_before_max_ms"),
        message_timestamp_after_max_ms: int(case, "timestamp_after_max_ms"),
        ..config
    };
    let origin = match case["origin"].as_str().expect("an origin") {
        "CLIENT" => AppendOrigin::Client,
        "COORDINATOR" => AppendOrigin::Coordinator,
        "RAFT_LEADER" => AppendOrigin::RaftLeader,
        other => return Err(format!("unknown origin {other}")),
    };
    let first = Offset(int(case, "first_offset_to_assign") as u64);
    let epoch = LeaderEpoch(int(case, "partition_leader_epoch") as i32);
    let now = Timestamp(int(case, "now_ms"));
    let parsed: Result<Vec<_>, _> = Batches::new(bytes(case, "input_hex").expect("bytes"))
        .map(|batch| batch.map(Arc::new))
        .collect();
    let parsed = parsed.map_err(|error| error.to_string())?;
    // Once as from a stranger, and once as from a builder whose header is believed.
    let trusted: Vec<_> =
        parsed.iter().map(|batch| Arc::new(Batch::clone(batch).into_trusted())).collect();
    for batches in [&parsed, &trusted] {
        let result = validate(batches, &config, origin, (first, epoch), now);
        match result {
            Err(error) => refused(case, &error)?,
            Ok(valid) => {
                let theirs = &case["result"];
                same("next offset", &json!(valid.next_offset.0), &theirs["next_offset"])?;
                let max_timestamp = json!(valid.max_timestamp.0);
                same("max timestamp", &max_timestamp, &theirs["max_timestamp_ms"])?;
                let rebuilt = &theirs["message_size_maybe_changed"];
                same("rebuilt", &json!(valid.is_rebuilt), rebuilt)?;
                if theirs["bytes_must_match"] == true {
                    same("bytes", &json!(hex(&valid.batch.to_bytes())), &theirs["hex"])?;
                } else {
                    same("batch", &json!([told(&valid.batch)?]), &theirs["batches"])?;
                    let theirs = Batch::parse(&bytes(theirs, "hex").expect("bytes"));
                    let theirs = theirs.map_err(|error| error.to_string())?;
                    same("records", valid.batch.plain_records(), theirs.plain_records())?;
                    let mut ours = header(&valid.batch);
                    for key in ["batch_length", "crc_u32"] {
                        ours[key] = header(&theirs)[key].clone();
                    }
                    same("header", ours, header(&theirs))?;
                }
                same("valid crc", valid.batch.crc(), valid.batch.computed_crc())?;
            }
        }
    }
    Ok(())
}

/// A batch as the vectors tell it.
fn told(batch: &Batch) -> Result<Value, String> {
    let records = batch.decode().map_err(|error| error.to_string())?;
    let times: Vec<_> = records.iter().map(|r| json!([r.offset.0, r.timestamp.0])).collect();
    Ok(json!({
        "base_offset": batch.base_offset().0,
        "last_offset": batch.last_offset().0,
        "compression": batch.compression().expect("a codec").to_string(),
        "timestamp_type": format!("{:?}", batch.timestamp_type()),
        "max_timestamp": batch.max_timestamp().0,
        "partition_leader_epoch": LeaderEpoch::to_wire(batch.partition_leader_epoch()),
        "base_sequence": batch.base_sequence().unwrap_or(-1),
        "records_offset_timestamp": times,
    }))
}

fn refused(case: &Value, error: &AppendError) -> Result<(), String> {
    let tp = TopicPartition::new("t", 0);
    let name = match error.code() {
        ErrorCode::InvalidTimestamp => "InvalidTimestampException",
        ErrorCode::InvalidRecord => "InvalidRecordException",
        other => return Err(format!("unexpected {other}: {}", error.message(&tp))),
    };
    same("error", &json!(name), &case["error"])?;
    same("message", &json!(error.message(&tp)), &case["message"])?;
    let records = match error {
        AppendError::InvalidRecords(records) => records.as_slice(),
        _ => &[],
    };
    let ours: Vec<_> = records
        .iter()
        .map(|record| json!({"batch_index": record.index, "message": record.problem.message(&tp)}))
        .collect();
    let theirs = case["record_errors"].as_array().cloned().unwrap_or_default();
    same("record errors", ours, theirs)
}

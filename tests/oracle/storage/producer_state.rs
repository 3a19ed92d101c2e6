//! Producers and transactions, by way of a whole log.

use std::sync::Arc;

use kafkascope::ids::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Timestamp};
use kafkascope::log::{
    AppendError, AppendOrigin, LogConfig, LogHome, ProducerEntry, SNAPSHOT, file_name,
};
use kafkascope::protocol::{Batch, BatchBuilder, EndTxn};
use serde_json::{Map, Value, json};

use super::contents;
use super::unified_log::Bench;
use crate::values::{hex, int, same};

/// Compares one case.
pub(crate) fn compare(case: &Value) -> Result<(), String> {
    let segment_bytes = int(case, "segment_bytes") as u32;
    let config = LogConfig { internal_segment_bytes: Some(segment_bytes), ..LogConfig::default() };
    let home = LogHome {
        config,
        producer_id_expiration_ms: int(case, "producer_id_expiration_ms"),
        ..LogHome::new("", "t", kafkascope::ids::Uuid(5))
    };
    let mut bench = Bench::in_home(home, Timestamp(int(case, "start_time_ms")));
    for (index, op) in case["ops"].as_array().expect("operations").iter().enumerate() {
        apply(&mut bench, op)
            .and_then(|()| same("after", &state(&bench), &op["after"]))
            .map_err(|problem| format!("operation {index} {}: {problem}", op["op"]))?;
    }
    let aborted: Vec<_> = bench
        .log
        .segments()
        .flat_map(|segment| segment.txn_index().iter(&bench.disk))
        .map(|txn| {
            json!({
                "producer_id": txn.producer_id.0,
                "first_offset": txn.first_offset.0,
                "last_offset": txn.last_offset.0,
                "last_stable_offset": txn.last_stable_offset.0,
            })
        })
        .collect();
    same("aborted", &json!(aborted), &case["aborted_transactions_in_index"])
}

fn state(bench: &Bench) -> Value {
    let log = &bench.log;
    let producers: Map<_, _> =
        log.producers().producers().map(|(id, entry)| (id.to_string(), told(entry))).collect();
    json!({
        "log_end_offset": log.log_end_offset().0,
        "high_watermark": log.high_watermark().0,
        "last_stable_offset": log.last_stable_offset().0,
        "first_unstable_offset": log.first_unstable_offset().map(|offset| offset.0),
        "producers": producers,
    })
}

fn told(entry: &ProducerEntry) -> Value {
    let batches: Vec<_> = entry
        .batches
        .iter()
        .map(|batch| {
            json!({
                "first_seq": batch.first_sequence(), "last_seq": batch.last_sequence,
                "first_offset": batch.first_offset().0, "last_offset": batch.last_offset.0,
                "timestamp": batch.timestamp.0,
            })
        })
        .collect();
    json!({
        "epoch": entry.epoch.0,
        "coordinator_epoch": entry.coordinator_epoch,
        "last_timestamp": entry.last_timestamp.0,
        "current_txn_first_offset": entry.current_txn_first_offset.map(|offset| offset.0),
        "batches": batches,
    })
}

fn apply(bench: &mut Bench, op: &Value) -> Result<(), String> {
    let offset = || Offset(int(op, "offset") as u64);
    let Bench { disk, log, out } = bench;
    match op["op"].as_str().expect("an operation") {
        "produce" => append(bench, op, batch(op, bench.out.wall), AppendOrigin::Client)?,
        "end_txn_marker" => {
            let end = EndTxn {
                commit: op["control_type"] == "COMMIT",
                coordinator_epoch: int(op, "coordinator_epoch") as i32,
            };
            let (id, epoch) = producer(op);
            let marker = end.batch(id, epoch, bench.out.wall);
            append(bench, op, marker, AppendOrigin::Coordinator)?;
        }
        "advance_time" => bench.advance(int(op, "ms")),
        "truncate_to" => {
            let truncated = log.truncate_to(disk, offset(), out);
            same("truncated", &json!(truncated), &op["truncated"])?;
        }
        "take_snapshot" => {
            log.take_producer_snapshot(disk);
            if let Some(file) = op["file"].as_str() {
                let newest = log.producers().latest_snapshot_offset();
                let name = newest.map(|offset| file_name(offset, SNAPSHOT));
                same("snapshot", name.as_deref(), Some(file))?;
                let bytes = contents(disk, &log.directory().file(file));
                same("snapshot bytes", &json!(hex(&bytes)), &op["file_hex"])?;
            }
        }
        "update_high_watermark" => {
            log.update_high_watermark(offset());
        }
        "remove_expired_producers" => log.remove_expired_producers(out.wall),
        "clean_close_and_reopen" => {
            let start = log.log_start_offset();
            log.close(disk);
            bench.reopen(true, start, Offset(0));
        }
        "unclean_crash_and_reopen_recover_from_0" => {
            let start = log.log_start_offset();
            bench.reopen(false, start, Offset(0));
        }
        other => return Err(format!("unknown operation {other}")),
    }
    bench.advance(0);
    Ok(())
}

fn append(bench: &mut Bench, op: &Value, batch: Batch, origin: AppendOrigin) -> Result<(), String> {
    let Bench { disk, log, out } = bench;
    let result = log.append_as_leader(disk, &[Arc::new(batch)], LeaderEpoch(0), origin, out);
    match result {
        Ok(info) => {
            let result = if info.is_duplicate { "duplicate" } else { "accepted" };
            same("result", &json!(result), &op["result"])?;
            let key = if origin == AppendOrigin::Client { "first_offset" } else { "offset" };
            same("first", &json!(info.first_offset.map(|offset| offset.0)), &op[key])?;
            if origin == AppendOrigin::Client {
                let last = json!(info.last_offset.map(|offset| offset.0));
                same("last", &last, &op["last_offset"])?;
            }
            Ok(())
        }
        Err(error) => {
            let name = match error {
                AppendError::OutOfOrderSequence { .. } => "OutOfOrderSequenceException",
                AppendError::InvalidProducerEpoch { .. } => "InvalidProducerEpochException",
                AppendError::NotTransactional { .. } => "InvalidTxnStateException",
                AppendError::CoordinatorFenced { .. } => "TransactionCoordinatorFencedException",
                ref other => return Err(format!("unexpected {other:?}")),
            };
            same("error", &json!(name), &op["error"])?;
            same("message", &json!(error.message(&log.topic_partition())), &op["message"])
        }
    }
}

fn producer(op: &Value) -> (ProducerId, ProducerEpoch) {
    (ProducerId(int(op, "producer_id")), ProducerEpoch(int(op, "producer_epoch") as i16))
}

fn batch(op: &Value, now: Timestamp) -> Batch {
    let mut builder = BatchBuilder::new();
    if op["transactional"] == true {
        builder = builder.transactional();
    }
    let (id, epoch) = producer(op);
    builder.set_producer(id, epoch, int(op, "base_sequence") as i32);
    for _ in 0..int(op, "records") {
        builder.append(now, None, Some(&[0; 10]), &[]);
    }
    builder.build().expect("there are records")
}

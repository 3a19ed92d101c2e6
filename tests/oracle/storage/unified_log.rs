//! Operations on a whole log: offsets, segments, files and bytes after each.

use std::sync::Arc;

use kafkascope::ids::{LeaderEpoch, Name, Offset, PartitionIndex, Timestamp, Uuid};
use kafkascope::log::{
    AppendError, AppendInfo, AppendOrigin, Disk, LOG, Log, LogConfig, LogHome, OFFSET_INDEX,
    OffsetQuery, TIME_INDEX,
};
use kafkascope::node::Outbox;
use kafkascope::protocol::{Batch, BatchBuilder, ErrorCode};
use kafkascope::sim::disk::Block;
use serde_json::{Value, json};

use super::contents;
use crate::sha256::sha256;
use crate::values::{int, same, unhex};

/// Compares one case.
pub(crate) fn compare(case: &Value) -> Result<(), String> {
    let mut config = LogConfig::default();
    for (name, value) in case["config"].as_object().expect("settings") {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        config.set(name, &text).map_err(|error| error.to_string())?;
    }
    let mut bench = Bench::new(config, Timestamp(int(case, "start_time_ms")));
    for (index, op) in case["ops"].as_array().expect("operations").iter().enumerate() {
        bench
            .apply(op)
            .and_then(|()| bench.check(op))
            .map_err(|problem| format!("operation {index} {}: {problem}", op["op"]))?;
    }
    same("time", bench.out.wall.0, int(case, "final_time_ms"))?;
    bench.check_dump(&case["final"]).map_err(|problem| format!("at the end: {problem}"))
}

/// A log, with the disk and the clock it lives by.
pub(crate) struct Bench {
    pub(crate) disk: Disk,
    pub(crate) log: Log,
    pub(crate) out: Outbox,
}

impl Bench {
    pub(crate) fn new(config: LogConfig, now: Timestamp) -> Self {
        let topic_id = Uuid(7);
        let home = LogHome { config, ..LogHome::new("", "t", topic_id) };
        Self::in_home(home, now)
    }

    pub(crate) fn in_home(home: LogHome, now: Timestamp) -> Self {
        let mut out = Outbox::default();
        out.wall = now;
        out.interest = kafkascope::node::Interest::Everything;
        let mut disk = Disk::default();
        let mut log = Log::create(Arc::new(home), PartitionIndex(0), now);
        log.materialize(&mut disk);
        Self { disk, log, out }
    }

    pub(crate) fn advance(&mut self, ms: i64) {
        self.out.wall.0 += ms;
        self.log.run_tasks(&mut self.disk, self.out.wall);
    }

    pub(crate) fn reopen(&mut self, was_clean: bool, log_start: Offset, recovery_point: Offset) {
        let home = Arc::clone(self.log.home());
        let checkpoints = (log_start, recovery_point);
        let partition = PartitionIndex(0);
        self.log =
            Log::load(&mut self.disk, home, partition, was_clean, checkpoints, &mut self.out).log;
        self.log.materialize(&mut self.disk);
        self.log.run_tasks(&mut self.disk, self.out.wall);
    }

    fn apply(&mut self, op: &Value) -> Result<(), String> {
        let offset = || Offset(int(op, "offset") as u64);
        let Self { disk, log, out } = self;
        match op["op"].as_str().expect("an operation") {
            "append_as_leader" | "append_as_follower" => self.append(op)?,
            "advance_time" => self.advance(int(op, "ms")),
            "delete_old_segments" => {
                same("deleted", &json!(log.delete_old_segments(disk, out)), &op["deleted"])?;
            }
            "truncate_to" => {
                let truncated = log.truncate_to(disk, offset(), out);
                same("truncated", &json!(truncated), &op["truncated"])?;
            }
            "truncate_fully_and_start_at" => {
                log.truncate_fully_and_start_at(disk, offset(), None, out);
            }
            "end_offset_for_epoch" => {
                let epoch = LeaderEpoch(int(op, "epoch") as i32);
                let end = log.end_offset_for_epoch(epoch);
                let end = end.map(|(epoch, offset)| json!([epoch.0, offset.0]));
                same("end", &json!(end), &op["result"])?;
            }
            "fetch_offset_by_timestamp" => {
                let query = match int(op, "timestamp") {
                    -2 => OffsetQuery::Earliest,
                    -1 => OffsetQuery::Latest,
                    -3 => OffsetQuery::MaxTimestamp,
                    timestamp => OffsetQuery::Timestamp(Timestamp(timestamp)),
                };
                let found = log.fetch_offset(disk, query).map(|found| {
                    json!({
                        "timestamp": found.timestamp.0, "offset": found.offset.0,
                        "leader_epoch": found.leader_epoch.map(|epoch| epoch.0),
                    })
                });
                same("found", &json!(found), &op["result"])?;
            }
            "roll" => {
                log.roll(disk, out);
                let base = json!(log.active_segment().base_offset().0);
                same("base offset", &base, &op["new_base_offset"])?;
            }
            "update_high_watermark" => {
                let result = log.update_high_watermark(offset());
                same("high watermark", &json!(result.0), &op["result"])?;
            }
            "read" => self.read(op)?,
            "increment_log_start_offset" => {
                match log.maybe_increment_log_start_offset(offset(), out) {
                    None => same("error", &json!("OffsetOutOfRangeException"), &op["error"])?,
                    Some(rose) => same("incremented", &json!(rose), &op["incremented"])?,
                }
            }
            "clean_close_and_reopen" => {
                log.close(disk);
                let log_start = Offset(int(op, "log_start_offset_checkpoint") as u64);
                self.reopen(true, log_start, Offset(0));
            }
            "unclean_crash_and_reopen" => {
                self.damage(op);
                let [log_start, recovery_point] =
                    ["log_start_offset_checkpoint", "recovery_point_checkpoint"]
                        .map(|key| Offset(int(op, key) as u64));
                self.reopen(false, log_start, recovery_point);
            }
            other => return Err(format!("unknown operation {other}")),
        }
        // Tasks without delay run at once.
        self.advance(0);
        Ok(())
    }

    fn append(&mut self, op: &Value) -> Result<(), String> {
        let Self { disk, log, out } = self;
        let epoch = LeaderEpoch(int(op, "leader_epoch") as i32);
        let result = if op["op"] == "append_as_leader" {
            let batch = [Arc::new(batch(op, Offset(0), None))];
            log.append_as_leader(disk, &batch, epoch, AppendOrigin::Client, out)
        } else {
            let base = Offset(int(op, "base_offset") as u64);
            let batch = [Arc::new(batch(op, base, Some(epoch)))];
            log.append_as_follower(disk, &batch, epoch, out)
        };
        match result {
            Ok(info) => same("info", &told(&info), &op["info"]),
            Err(error) => {
                same("error", &json!(exception(&error)), &op["error"])?;
                let message = error.message(&log.topic_partition());
                let theirs = op["message"].as_str().expect("a message");
                let beginning = |text: &str| {
                    text.split(". First 10 offsets")
                        .next()
                        .map(|text| text.split(". Last offset in append").next().map(str::to_owned))
                };
                same("message", beginning(&message), beginning(theirs))
            }
        }
    }

    fn read(&mut self, op: &Value) -> Result<(), String> {
        let Self { disk, log, .. } = self;
        let offset = Offset(int(op, "offset") as u64);
        let out_of_range = || same("error", &json!("OffsetOutOfRangeException"), &op["error"]);
        if offset < log.log_start_offset() {
            return out_of_range();
        }
        let max_offset = match op["isolation"].as_str().expect("an isolation") {
            "LOG_END" => log.log_end_offset(),
            "HIGH_WATERMARK" => log.fetch_high_watermark(disk).offset,
            "TXN_COMMITTED" => log.fetch_last_stable_offset(disk).offset,
            other => return Err(format!("unknown isolation {other}")),
        };
        let max_bytes = int(op, "max_bytes") as u64;
        let min_one = op["min_one_message"] == true;
        let read = match log.read(disk, offset, max_bytes, max_offset, min_one) {
            Err(ErrorCode::OffsetOutOfRange) => return out_of_range(),
            other => other.map_err(|error| error.to_string())?,
        };
        let batches: Vec<_> = read
            .records
            .iter()
            .map(|batch| json!([batch.base_offset().0, batch.last_offset().0]))
            .collect();
        same("bytes", &json!(read.bytes), &op["bytes"])?;
        same("batches", &json!(batches), &op["whole_batches_base_last"])?;
        let base = json!(read.start.segment_base_offset.0);
        same("segment", &base, &op["fetch_offset_segment_base"])?;
        same("position", &json!(read.start.position), &op["fetch_offset_position"])?;
        let incomplete = json!(read.first_entry_incomplete);
        same("incomplete", &incomplete, &op["first_entry_incomplete"])
    }

    fn damage(&mut self, op: &Value) {
        let Self { disk, log, .. } = self;
        let base = log.active_segment().base_offset();
        assert_eq!(base.0 as i64, int(op, "active_segment_base"), "the active segment");
        let path = log.directory().of(base, LOG);
        let file = disk.open(&path).expect("a segment has a log file");
        let hex = |key: &str| Block::plain(unhex(op[key].as_str().expect("hex")));
        match op["damage"].as_str().expect("a damage") {
            "nothing" => {}
            "append_garbage" => disk.append(file, hex("garbage_hex")),
            "append_half_batch" => disk.append(file, hex("appended_hex")),
            "truncate_tail" => {
                let cut = op["bytes_cut_from_active_segment"].as_u64().unwrap_or_default();
                disk.truncate(file, disk.written(file) - cut);
            }
            "flip_byte" => {
                // There is none to flip in an empty file.
                if let Some(at) = op["flip_position_xor_0x10"].as_u64() {
                    let byte = disk.read(file, at, at + 1)[0];
                    disk.overwrite(file, at, &[byte ^ 0x10]);
                }
            }
            "delete_indexes" => {
                for suffix in [OFFSET_INDEX, TIME_INDEX] {
                    disk.remove(&log.directory().of(base, suffix));
                }
            }
            other => panic!("unknown damage {other}"),
        }
    }

    fn check(&mut self, op: &Value) -> Result<(), String> {
        let after = &op["after"];
        let brief = if after["brief"].is_null() { after } else { &after["brief"] };
        let log = &self.log;
        let segments: Vec<_> = log
            .segments()
            .map(|segment| json!([segment.base_offset().0, segment.size()]))
            .collect();
        let ours = json!({
            "log_start_offset": log.log_start_offset().0,
            "log_end_offset": log.log_end_offset().0,
            "high_watermark": log.high_watermark().0,
            "recovery_point": log.recovery_point().0,
            "segments_base_size": segments,
        });
        same("after", &ours, brief)?;
        if after["dump"].is_null() { Ok(()) } else { self.check_dump(&after["dump"]) }
    }

    fn check_dump(&mut self, theirs: &Value) -> Result<(), String> {
        let Self { disk, log, .. } = self;
        log.touch_indexes(disk);
        let directory = log.directory();
        let segments: Vec<_> = log
            .segments()
            .map(|segment| {
                let (index, times) = (segment.offset_index(), segment.time_index());
                let offsets: Vec<_> = (0..index.entries())
                    .map(|slot| index.entry(disk, slot))
                    .map(|entry| json!([entry.offset.0, entry.position]))
                    .collect();
                let times: Vec<_> = (0..times.entries())
                    .map(|slot| times.entry(disk, slot))
                    .map(|entry| json!([entry.timestamp.0, entry.offset.0]))
                    .collect();
                json!({
                    "base_offset": segment.base_offset().0,
                    "size": segment.size(),
                    "max_timestamp_so_far": segment.max_timestamp().timestamp.0,
                    "offset_index": offsets,
                    "time_index": times,
                    "log_sha256":
                        sha256(&contents(disk, &directory.of(segment.base_offset(), LOG))),
                })
            })
            .collect();
        let theirs_segments = theirs["segments"].as_array().expect("segments");
        for (ours, theirs) in segments.iter().zip(theirs_segments) {
            same("segment", ours, theirs)?;
        }
        same("segments", segments.len(), theirs_segments.len())?;
        let epochs = log.epochs();
        let epochs: Vec<_> =
            epochs.entries().iter().map(|e| json!([e.epoch.0, e.start_offset.0])).collect();
        same("epochs", &json!(epochs), &theirs["leader_epochs"])?;
        let snapshots: Vec<_> = log.producers().snapshots().map(|offset| offset.0).collect();
        same("snapshots", &json!(snapshots), &theirs["producer_snapshot_offsets"])?;
        let files: Vec<Name> =
            disk.list(&directory.path()).into_iter().map(|(name, _)| name).collect();
        same("files", &json!(files), &theirs["files"])
    }
}

fn told(info: &AppendInfo) -> Value {
    json!({
        "first_offset": info.first_offset.map(|offset| offset.0),
        "last_offset": info.last_offset.map(|offset| offset.0),
        "max_timestamp": info.max_timestamp.0,
        "num_messages": info.message_count(),
        "valid_bytes": info.valid_bytes,
        "last_leader_epoch": info.last_leader_epoch.map(|epoch| epoch.0),
    })
}

fn exception(error: &AppendError) -> &'static str {
    match error {
        AppendError::RecordTooLarge { .. } => "RecordTooLargeException",
        AppendError::BatchTooLarge { .. } => "RecordBatchTooLargeException",
        AppendError::UnexpectedOffset { .. } => "UnexpectedAppendOffsetException",
        other => panic!("unexpected {other:?}"),
    }
}

fn batch(op: &Value, base: Offset, epoch: Option<LeaderEpoch>) -> Batch {
    let mut builder = BatchBuilder::new().place(base, epoch);
    for record in op["records_ts_valuelen_key"].as_array().expect("records") {
        let timestamp = record[0].as_i64().expect("a timestamp");
        let len = record[1].as_u64().expect("a length") as u8;
        let value: Vec<_> = (0..len).map(|at| b'a' + at % 26).collect();
        let key = record[2].as_str().map(str::as_bytes);
        builder.append(Timestamp(timestamp), key, Some(&value), &[]);
    }
    builder.build().expect("there are records")
}

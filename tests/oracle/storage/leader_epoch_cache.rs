//! Where leader epochs begin: operations, and the checkpoint file at the end.

use kafkascope::ids::{LeaderEpoch, Offset};
use kafkascope::log::{EpochCache, EpochEntry, LEADER_EPOCH_CHECKPOINT, epochs_text, parse_epochs};
use serde_json::{Value, json};

use crate::values::{int, same};

/// Compares one case.
pub(crate) fn compare(case: &Value) -> Result<(), String> {
    let mut cache = EpochCache::default();
    for (index, op) in case["ops"].as_array().expect("operations").iter().enumerate() {
        apply(&mut cache, op).map_err(|problem| format!("operation {index}: {problem}"))?;
        same("entries", &entries(&cache), &op["entries"])
            .map_err(|problem| format!("after operation {index}, {op}: {problem}"))?;
    }
    same("name", &json!(LEADER_EPOCH_CHECKPOINT), &case["checkpoint_file_name"])?;
    let text = epochs_text(cache.entries());
    same("file", &json!(text), &case["checkpoint_file"])?;
    let read = parse_epochs(&text).map_err(|error| error.to_string())?;
    same("file read back", EpochCache::from_entries(read), cache)
}

fn entries(cache: &EpochCache) -> Value {
    cache.entries().iter().map(|entry| json!([entry.epoch.0, entry.start_offset.0])).collect()
}

fn pair(entry: Option<EpochEntry>) -> Value {
    entry.map_or(Value::Null, |entry| json!([entry.epoch.0, entry.start_offset.0]))
}

fn apply(cache: &mut EpochCache, op: &Value) -> Result<(), String> {
    let epoch = || LeaderEpoch(int(op, "epoch") as i32);
    let offset = |key| Offset(int(op, key) as u64);
    let number = |epoch: Option<LeaderEpoch>| json!(epoch.map(|epoch| epoch.0));
    match op["op"].as_str().expect("an operation") {
        "assign" => {
            cache.assign(epoch(), offset("start_offset"));
            Ok(())
        }
        "end_offset_for" => {
            let wanted = LeaderEpoch::from_wire(int(op, "epoch") as i32);
            let found =
                wanted.and_then(|epoch| cache.end_offset_for(epoch, offset("log_end_offset")));
            let found = found.map_or(json!([-1, -1]), |entry| pair(Some(entry)));
            same("end offset", &found, &op["result"])
        }
        "latest_earliest" => {
            same("latest", &pair(cache.latest()), &op["latest"])?;
            same("earliest", &pair(cache.earliest()), &op["earliest"])?;
            let previous = cache.latest_epoch().and_then(|latest| cache.previous_epoch(latest));
            same("previous of latest", &number(previous), &op["previous_of_latest"])
        }
        "entries_in_range" => {
            let range = cache.in_range(offset("start"), offset("end"));
            same("range", &entries(&range), &op["result"])
        }
        "previous_next_epoch" => {
            same("previous", &number(cache.previous_epoch(epoch())), &op["previous"])?;
            same("next", &number(cache.next_epoch(epoch())), &op["next"])
        }
        "epoch_for_offset" => {
            same("epoch", &number(cache.epoch_for_offset(offset("offset"))), &op["result"])
        }
        "truncate_from_start" => {
            cache.truncate_from_start(offset("offset"));
            Ok(())
        }
        "truncate_from_end" => {
            cache.truncate_from_end(offset("offset"));
            Ok(())
        }
        "clear_and_flush" => {
            cache.clear();
            Ok(())
        }
        other => Err(format!("unknown operation {other}")),
    }
}

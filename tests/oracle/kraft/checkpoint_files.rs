//! The order of the lines in checkpoint files: that of the hash maps they are written from.

use kafkascope::ids::{Offset, TopicPartition};
use kafkascope::log::{
    LOG_START_OFFSET_CHECKPOINT, RECOVERY_POINT_CHECKPOINT, REPLICATION_OFFSET_CHECKPOINT,
    any_ref_map_order, offsets_text, parse_offsets, scala_hash_map_order, topic_partition_hash,
};
use serde_json::Value;

use crate::harness::source::{Files, json};
use crate::values::same;

/// True for a case with pictures of directory trees.
pub(crate) fn fits(files: &Files) -> bool {
    files.keys().any(|path| is_tree(path))
}

fn is_tree(path: &str) -> bool {
    path.starts_with("tree/")
}

/// Compares all checkpoint files of a case. Returns how many there were.
pub(crate) fn compare(files: &Files) -> Result<usize, String> {
    let mut count = 0;
    for path in files.keys().filter(|path| is_tree(path)) {
        let tree = json(files, path);
        for (node, pictured) in tree["nodes"].as_object().expect("nodes") {
            for (name, contents) in pictured["contents"].as_object().expect("contents") {
                let file = name.rsplit('/').next().unwrap_or(name);
                let by_map = match file {
                    RECOVERY_POINT_CHECKPOINT | LOG_START_OFFSET_CHECKPOINT => true,
                    REPLICATION_OFFSET_CHECKPOINT => false,
                    _ => continue,
                };
                let Value::String(text) = contents else { continue };
                check(text, by_map)
                    .map_err(|problem| format!("{path} {node} {name}: {problem}"))?;
                count += 1;
            }
        }
    }
    Ok(count)
}

fn check(text: &str, by_map: bool) -> Result<(), String> {
    let mut offsets: Vec<(TopicPartition, Offset)> =
        parse_offsets(text).map_err(|error| error.to_string())?;
    if text.is_empty() {
        return Ok(());
    }
    offsets.sort();
    let hash = |(tp, _): &(TopicPartition, Offset)| topic_partition_hash(tp);
    if by_map {
        scala_hash_map_order(&mut offsets, hash);
    } else {
        offsets = any_ref_map_order(offsets, hash);
    }
    let ours = offsets_text(offsets.iter().map(|(tp, offset)| (tp, *offset)));
    same("lines", ours.lines().collect::<Vec<_>>(), text.lines().collect())
}

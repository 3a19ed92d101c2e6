//! Recordings of whole clusters. A case is its files by path; which comparer fits, its shape says.

pub(crate) mod checkpoint_files;
pub(crate) mod storage;

use std::collections::BTreeMap;

use serde_json::Value;

/// The files of a case by their paths in it.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The lines of a `.jsonl` file of the case.
pub(crate) fn lines(files: &Files, path: &str) -> Vec<Value> {
    let text = String::from_utf8_lossy(files.get(path).expect("the shape says it is there"));
    text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

/// A `.json` file of the case.
pub(crate) fn json(files: &Files, path: &str) -> Value {
    let bytes = files.get(path).expect("the shape says it is there");
    serde_json::from_slice(bytes).expect("the file is JSON")
}

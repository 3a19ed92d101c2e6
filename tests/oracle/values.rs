//! What comparers need of JSON: numbers, hex, and a difference as a sentence.

use std::collections::BTreeSet;
use std::fmt::Debug;

use bytes::Bytes;
use serde_json::Value;

/// The number called `key`.
pub(crate) fn int(value: &Value, key: &str) -> i64 {
    value[key].as_i64().unwrap_or_else(|| panic!("{key} is a number in {value}"))
}

/// The bytes of a string of hex digits.
pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let digit = |byte: u8| (byte as char).to_digit(16).expect("a hex digit") as u8;
    text.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

/// The bytes that `key` holds as hex digits; none for null.
pub(crate) fn bytes(value: &Value, key: &str) -> Option<Bytes> {
    value[key].as_str().map(|text| unhex(text).into())
}

/// Hex digits of bytes.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).expect("four bits");
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Says what differs, if something does.
#[expect(clippy::needless_pass_by_value, reason = "calls read better without ampersands")]
pub(crate) fn same<T: PartialEq + Debug>(what: &str, ours: T, theirs: T) -> Result<(), String> {
    if ours == theirs { Ok(()) } else { Err(format!("{what}: ours {ours:?}, theirs {theirs:?}")) }
}

/// Says where two values differ, if they do.
pub(crate) fn same_json(what: &str, ours: &Value, theirs: &Value) -> Result<(), String> {
    let mut differences = Vec::new();
    differ(what, ours, theirs, &mut differences);
    if differences.is_empty() { Ok(()) } else { Err(differences.join("; ")) }
}

fn differ(place: &str, ours: &Value, theirs: &Value, differences: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let keys: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
            for key in keys {
                let of = |map: &serde_json::Map<String, Value>| map.get(key).cloned();
                let (ours, theirs) = (of(ours), of(theirs));
                let place = format!("{place}.{key}");
                differ(&place, &ours.unwrap_or_default(), &theirs.unwrap_or_default(), differences);
            }
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                differ(&format!("{place}[{index}]"), ours, theirs, differences);
            }
        }
        _ if ours == theirs => {}
        _ => differences.push(format!("{place}: ours {ours}, theirs {theirs}")),
    }
}

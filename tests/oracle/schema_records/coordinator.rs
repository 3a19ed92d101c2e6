//! A record of an internal topic: both ways, and its fields.

use kafkascope::protocol::schema::SchemaError;
use serde_json::Value;

use crate::encoding::{hex, same, text, unhex, unhex_or_null};

/// Compares one case; `decode` gives the record as JSON and the bytes it is written back to.
pub fn compare(
    case: &Value,
    decode: impl Fn(bytes::Bytes, Option<bytes::Bytes>) -> Result<Decoded, SchemaError>,
) -> Result<(), String> {
    let value = unhex_or_null(&case["value_hex"]);
    let decoded =
        decode(unhex(text(&case["key_hex"])), value.clone()).map_err(|e| e.to_string())?;
    let (key, written) = decoded.written;
    same("key", &hex(&key), &text(&case["key_hex"]).to_owned())?;
    same("value", &written.map(|bytes| hex(&bytes)), &value.map(|bytes| hex(&bytes)))?;
    // The JSON of a record is `{ "OffsetCommit": { "key": …, "value": …, "version": … } }`.
    let (_, entry) = decoded
        .json
        .as_object()
        .and_then(|object| object.iter().next())
        .ok_or("a record is an object")?;
    contains(&entry["key"], &case["key_json"])?;
    if !case["value_json"].is_null() {
        same("version", &entry["version"], &case["value_version"])?;
        contains(&entry["value"], &case["value_json"])?;
    }
    Ok(())
}

/// What became of a record.
pub struct Decoded {
    /// As JSON.
    pub json: Value,
    /// Written back.
    pub written: (bytes::Bytes, Option<bytes::Bytes>),
}

/// All that Kafka shows is in ours; ours also shows the fields that a version does not have.
fn contains(ours: &Value, theirs: &Value) -> Result<(), String> {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            theirs.iter().try_for_each(|(name, value)| {
                let field = ours.get(name).ok_or_else(|| format!("no field {name}"))?;
                contains(field, value).map_err(|problem| format!("{name}.{problem}"))
            })
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            ours.iter().zip(theirs).try_for_each(|(ours, theirs)| contains(ours, theirs))
        }
        (ours, theirs) => same("", ours, theirs),
    }
}

//! Records of the metadata log: JSON to bytes and bytes to the same values.

use kafkascope::protocol::MetadataRecord;
use serde_json::{Value, json};

use crate::hex;

pub fn compare(case: &Value) -> Result<(), String> {
    let form = json!({ "type": case["record_type"], "data": case["json"] });
    let record: MetadataRecord = serde_json::from_value(form).map_err(|e| e.to_string())?;
    let version = case["version"].as_i64().expect("a version") as i16;
    if i64::from(record.api_key()) != case["api_key"] {
        return Err(format!("api key {}", record.api_key()));
    }
    let expected = case["hex"].as_str().expect("hex");
    let mut bytes = Vec::new();
    record.encode(version, &mut bytes);
    if hex::encode(&bytes) != expected {
        return Err(format!("{record:?} is {}, not {expected}", hex::encode(&bytes)));
    }
    let read = MetadataRecord::decode(&bytes).map_err(|e| e.to_string())?;
    if read != (version, record) {
        return Err(format!("read back as {read:?}"));
    }
    // Every field that the record shows is there, with the same value.
    let shown = serde_json::to_value(&read.1).map_err(|e| e.to_string())?;
    let fields = case["json"].as_object().expect("fields");
    for (name, value) in fields {
        if &shown["data"][name] != value && !within(value, &shown["data"][name]) {
            return Err(format!("{name} is {}, not {value}", shown["data"][name]));
        }
    }
    Ok(())
}

/// True when all that `part` shows is in `whole`: ours shows fields of other versions as well.
fn within(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => part
            .iter()
            .all(|(name, value)| whole.get(name).is_some_and(|other| within(value, other))),
        (Value::Array(part), Value::Array(whole)) => {
            part.len() == whole.len() && part.iter().zip(whole).all(|(one, two)| within(one, two))
        }
        (part, whole) => part == whole,
    }
}

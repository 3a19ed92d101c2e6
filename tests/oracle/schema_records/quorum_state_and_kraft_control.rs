//! What Raft itself writes: JSON to bytes and bytes to the same values.

use kafkascope::protocol::metadata_record::codec::Field;
use kafkascope::protocol::metadata_record::control::{
    self, DefaultPrincipalData, KRaftVersionRecord, LeaderChangeMessage, QuorumStateData,
    SnapshotFooterRecord, SnapshotHeaderRecord, VotersRecord,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::hex;

pub fn compare(case: &Value) -> Result<(), String> {
    match case["message"].as_str().expect("a message") {
        "LeaderChangeMessage" => both_ways::<LeaderChangeMessage>(case),
        "SnapshotHeaderRecord" => both_ways::<SnapshotHeaderRecord>(case),
        "SnapshotFooterRecord" => both_ways::<SnapshotFooterRecord>(case),
        "KRaftVersionRecord" => both_ways::<KRaftVersionRecord>(case),
        "VotersRecord" => both_ways::<VotersRecord>(case),
        "QuorumStateData" => both_ways::<QuorumStateData>(case),
        "DefaultPrincipalData" => both_ways::<DefaultPrincipalData>(case),
        other => Err(format!("unknown message {other}")),
    }
}

fn both_ways<T>(case: &Value) -> Result<(), String>
where
    T: Field + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let version = case["version"].as_i64().expect("a version") as i16;
    let message: T = serde_json::from_value(case["json"].clone()).map_err(|e| e.to_string())?;
    let expected = case["hex_without_version_prefix"].as_str().expect("hex");
    let written = hex::encode(&control::encode(&message, version));
    if written != expected {
        return Err(format!("{message:?} is {written}, not {expected}"));
    }
    let read: T = control::decode(&hex::decode(expected), version).map_err(|e| e.to_string())?;
    if read != message {
        return Err(format!("read back as {read:?}, not {message:?}"));
    }
    Ok(())
}

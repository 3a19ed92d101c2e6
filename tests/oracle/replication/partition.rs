//! Partitions as the vectors write them.

use kafkascope::ids::{BrokerId, LeaderEpoch, PartitionEpoch, Uuid};
use kafkascope::metadata::{LeaderRecoveryState, PartitionRegistration, Replicas, Unusual};
use kafkascope::protocol::metadata_record::PartitionRecord;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// A list that may be left out.
pub fn list<T: DeserializeOwned>(value: &Value) -> Vec<T> {
    if value.is_null() {
        return Vec::new();
    }
    serde_json::from_value(value.clone()).expect("a list")
}

pub fn recovery_state(value: &Value) -> LeaderRecoveryState {
    match value.as_str() {
        Some("RECOVERED") => LeaderRecoveryState::Recovered,
        Some("RECOVERING") => LeaderRecoveryState::Recovering,
        _ => panic!("no leader recovery state: {value}"),
    }
}

/// Reads a partition; `directories` may be left out.
pub fn read(value: &Value) -> PartitionRegistration {
    let number = |name: &str| value[name].as_i64().expect("a number") as i32;
    let replicas = |name: &str| Replicas::from_vec(list(&value[name]));
    let usual = PartitionRegistration::from_record(&PartitionRecord {
        replicas: list(&value["replicas"]),
        directories: list::<Uuid>(&value["directories"]),
        isr: list(&value["isr"]),
        leader: BrokerId::from_wire(number("leader")),
        leader_recovery_state: recovery_state(&value["leader_recovery_state"]).to_wire(),
        leader_epoch: LeaderEpoch(number("leader_epoch")),
        partition_epoch: PartitionEpoch(number("partition_epoch")),
        ..PartitionRecord::default()
    });
    usual.with_unusual(Unusual {
        elr: replicas("elr"),
        last_known_elr: replicas("last_known_elr"),
        removing_replicas: replicas("removing_replicas"),
        adding_replicas: replicas("adding_replicas"),
    })
}

/// Kafka's JSON of a record from ours: fields at their defaults are left out where Kafka tags them.
pub fn record_json(record: &kafkascope::protocol::MetadataRecord) -> Value {
    let whole = serde_json::to_value(record).expect("a record has a JSON form");
    let mut fields: Map<String, Value> = whole["data"].as_object().expect("fields").clone();
    let tagged: &[(&str, Value)] = match record.type_name() {
        "PARTITION_CHANGE_RECORD" => &[
            ("isr", Value::Null),
            ("leader", json!(-2)),
            ("replicas", Value::Null),
            ("removingReplicas", Value::Null),
            ("addingReplicas", Value::Null),
            ("leaderRecoveryState", json!(-1)),
            ("directories", Value::Null),
            ("eligibleLeaderReplicas", Value::Null),
            ("lastKnownElr", Value::Null),
        ],
        "PARTITION_RECORD" => &[
            ("leaderRecoveryState", json!(0)),
            ("eligibleLeaderReplicas", Value::Null),
            ("lastKnownElr", Value::Null),
        ],
        "BROKER_REGISTRATION_CHANGE_RECORD" => {
            &[("fenced", json!(0)), ("inControlledShutdown", json!(0)), ("logDirs", json!([]))]
        }
        "REGISTER_BROKER_RECORD" => &[("logDirs", json!([]))],
        _ => &[],
    };
    fields.retain(|name, value| !tagged.contains(&(name.as_str(), value.clone())));
    Value::Object(fields)
}

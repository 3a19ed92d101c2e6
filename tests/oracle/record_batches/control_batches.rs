//! Control batches: built from the message, and parsed into it again.

use kafka_protocol::messages as kafka;
use kafka_protocol::protocol::StrBytes;
use kafkascope::ids::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Timestamp, Uuid};
use kafkascope::protocol::{Batch, ControlRecord, EndTxn};
use serde_json::{Value, json};

use super::header;
use crate::values::{hex, int, same};

/// Compares one case.
pub(crate) fn compare(case: &Value) -> Result<(), String> {
    let record = record(case);
    same("key", &json!(hex(&record.key())), &case["record_key_hex"])?;
    same("value", &json!(hex(&record.value())), &case["record_value_hex"])?;
    let offset = Offset(int(case, "base_offset") as u64);
    let epoch = LeaderEpoch(int(case, "partition_leader_epoch") as i32);
    let now = Timestamp(int(case, "timestamp"));
    let batch = match &record {
        ControlRecord::EndTxn(end) => {
            let id = ProducerId(int(case, "producer_id"));
            let producer_epoch = ProducerEpoch(int(case, "producer_epoch") as i16);
            end.batch_at(offset, Some(epoch), id, producer_epoch, now)
        }
        other => other.batch(offset, epoch, now),
    };
    same("header", &header(&batch), &case["header"])?;
    same("bytes", &json!(hex(&batch.to_bytes())), &case["hex"])?;
    let parsed = Batch::parse(&batch.to_bytes()).map_err(|error| error.to_string())?;
    let read = ControlRecord::of(&parsed).map_err(|error| error.to_string())?;
    same("record read back", &read, &record)
}

fn record(case: &Value) -> ControlRecord {
    let message = &case["message_json"];
    let short = |value: &Value, key| int(value, key) as i16;
    match case["kind"].as_str().expect("a kind") {
        "EndTransactionMarker" => ControlRecord::EndTxn(EndTxn {
            commit: case["control_type"] == "COMMIT",
            coordinator_epoch: int(case, "coordinator_epoch") as i32,
        }),
        "LeaderChangeMessage" => {
            let voters = |key: &str| {
                let listed = message[key].as_array().expect("voters").iter();
                let voter = |voter: &Value| {
                    kafka::leader_change_message::Voter::default()
                        .with_voter_id(int(voter, "voterId") as i32)
                };
                listed.map(voter).collect()
            };
            ControlRecord::LeaderChange(
                kafka::LeaderChangeMessage::default()
                    .with_version(short(message, "version"))
                    .with_leader_id(kafka::BrokerId(int(message, "leaderId") as i32))
                    .with_voters(voters("voters"))
                    .with_granting_voters(voters("grantingVoters")),
            )
        }
        "SnapshotHeaderRecord" => ControlRecord::SnapshotHeader(
            kafka::SnapshotHeaderRecord::default()
                .with_version(short(message, "version"))
                .with_last_contained_log_timestamp(int(message, "lastContainedLogTimestamp")),
        ),
        "SnapshotFooterRecord" => ControlRecord::SnapshotFooter(
            kafka::SnapshotFooterRecord::default().with_version(short(message, "version")),
        ),
        "KRaftVersionRecord" => ControlRecord::KRaftVersion(
            kafka::KRaftVersionRecord::default()
                .with_version(short(message, "version"))
                .with_k_raft_version(short(message, "kRaftVersion")),
        ),
        "VotersRecord" => ControlRecord::KRaftVoters(
            kafka::VotersRecord::default().with_version(short(message, "version")).with_voters(
                message["voters"].as_array().expect("voters").iter().map(voter).collect(),
            ),
        ),
        other => panic!("unknown kind {other}"),
    }
}

fn voter(voter: &Value) -> kafka::voters_record::Voter {
    use kafka::voters_record::{Endpoint, KRaftVersionFeature, Voter};
    let text = |value: &Value| StrBytes::from_string(value.as_str().expect("text").to_owned());
    let endpoints = voter["endpoints"].as_array().expect("endpoints").iter().map(|endpoint| {
        Endpoint::default()
            .with_name(text(&endpoint["name"]))
            .with_host(text(&endpoint["host"]))
            .with_port(int(endpoint, "port") as u16)
    });
    let directory = Uuid::parse(voter["voterDirectoryId"].as_str().expect("an id"));
    let feature = &voter["kRaftVersionFeature"];
    Voter::default()
        .with_voter_id(kafka::BrokerId(int(voter, "voterId") as i32))
        .with_voter_directory_id(uuid::Uuid::from_u128(directory.expect("an id").0))
        .with_endpoints(endpoints.collect())
        .with_k_raft_version_feature(
            KRaftVersionFeature::default()
                .with_min_supported_version(int(feature, "minSupportedVersion") as i16)
                .with_max_supported_version(int(feature, "maxSupportedVersion") as i16),
        )
}

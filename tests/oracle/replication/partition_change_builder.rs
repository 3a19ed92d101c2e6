//! What becomes of one partition.

use kafkascope::ids::{BrokerId, PartitionIndex, Uuid};
use kafkascope::metadata::PartitionRegistration;
use kafkascope::metadata::partition_change::{Election, Levels, PartitionChangeBuilder};
use kafkascope::protocol::{MetadataRecord, MetadataVersion};
use serde_json::Value;

use super::partition::{list, read, record_json, recovery_state};

pub fn compare(case: &Value) -> Result<(), String> {
    step(case, &read(&case["partition"])).map(|_| ())
}

/// Lets `partition` change as the case says; the partition after it.
pub fn step(
    case: &Value,
    partition: &PartitionRegistration,
) -> Result<PartitionRegistration, String> {
    let input = &case["input"];
    let text = |name: &str| input[name].as_str().expect("a string");
    let flag = |name: &str| input[name].as_bool().expect("true or false");
    let levels = Levels {
        metadata_version: MetadataVersion::from_name(text("metadata_version")).expect("a level"),
        elr: flag("elr_enabled"),
        last_known_leader: flag("use_last_known_leader_in_balanced_recovery"),
    };
    let election = match text("election") {
        "PREFERRED" => Election::Preferred,
        "ONLINE" => Election::Online,
        "UNCLEAN" => Election::Unclean,
        other => return Err(format!("unknown election {other}")),
    };
    let min_isr = input["min_isr"].as_u64().expect("a number") as usize;
    let mut builder = PartitionChangeBuilder::new(partition, levels, min_isr).election(election);
    for (name, value) in input.as_object().expect("an object") {
        builder = match name.as_str() {
            "target_isr" => builder.isr(list(value)),
            "target_replicas" => builder.replicas(list(value)),
            "target_removing" => builder.removing(list(value)),
            "target_adding" => builder.adding(list(value)),
            "target_leader_recovery_state" => builder.leader_recovery_state(recovery_state(value)),
            "unclean_shutdown_replicas" => {
                let brokers = list::<BrokerId>(value);
                assert!(brokers.len() <= 1, "one broker shuts down at a time");
                brokers.into_iter().fold(builder, PartitionChangeBuilder::unclean_shutdown)
            }
            "metadata_version"
            | "elr_enabled"
            | "election"
            | "min_isr"
            | "acceptable_leaders"
            | "use_last_known_leader_in_balanced_recovery" => builder,
            other => return Err(format!("unknown input {other}")),
        };
    }
    let live = list::<BrokerId>(&input["acceptable_leaders"]);
    let topic_id = Uuid::parse("ESIzRFVmd4iZqrvM3e7_AA").expect("an id");
    let directory =
        |broker: BrokerId| Uuid((0xd1d1_d1d1_0000_0000_u128 + broker.0 as u128) << 64 | 7);
    let change =
        builder.build(topic_id, PartitionIndex(0), |broker| live.contains(&broker), directory);
    let Some(change) = change else {
        let expected = case["result"] == "no_change";
        return expected.then(|| partition.clone()).ok_or_else(|| "no change".to_owned());
    };
    let after = partition.merge(&change.record);
    if case["leader_epoch_bumped"] != (after.leader_epoch != partition.leader_epoch)
        || case["partition_epoch_bumped"] != (after.partition_epoch != partition.partition_epoch)
    {
        return Err(format!("epochs: {after:?}"));
    }
    let record = MetadataRecord::from(change.record);
    if record_json(&record) != case["record"] {
        return Err(format!("{}, not {}", record_json(&record), case["record"]));
    }
    if case["record_version"] != record.version_at(levels.metadata_version) {
        return Err(format!("version {}", record.version_at(levels.metadata_version)));
    }
    let expected = read(&case["result"]);
    if after != expected {
        return Err(format!("{after:?}, not {expected:?}"));
    }
    Ok(after)
}

//! A recorded metadata log: every record reads and applies, and the partitions go through the states
//! that the brokers showed.

use std::collections::BTreeMap;

use kafkascope::ids::{BrokerId, TopicPartition};
use kafkascope::metadata::{ClusterImage, MetadataDelta};
use kafkascope::protocol::MetadataRecord;
use serde_json::{Value, json};

/// What a broker's answer shows of a partition.
type Shown = Value;

/// Compares one case: its `metadata.jsonl`, and its `trace.jsonl` if it has one. Says how many
/// records were applied and how many answers of brokers were found again.
pub fn compare(metadata: &[Value], trace: &[Value]) -> Result<usize, String> {
    let (histories, records) = replay(metadata)?;
    let mut places: BTreeMap<(i64, String), usize> = BTreeMap::new();
    let mut found = 0;
    for row in trace.iter().filter(|row| !row["leader"].is_null()) {
        let tp = row["tp"].as_str().expect("a partition").to_owned();
        let history = histories.get(&tp).ok_or_else(|| format!("{tp} was never created"))?;
        let shown = json!({
            "leader": row["leader"], "epoch": row["epoch"], "replicas": row["replicas"],
            "isr": row["isr"], "elr": row["elr"], "last_known_elr": row["last_known_elr"],
        });
        let place = places.entry((row["from"].as_i64().expect("a broker"), tp)).or_default();
        let step = history[*place..].iter().position(|state| *state == shown);
        *place += step.ok_or_else(|| format!("{row}: not among {:?}", &history[*place..]))?;
        found += 1;
    }
    Ok(records + found)
}

/// The states of each partition, in order, and the number of records.
fn replay(metadata: &[Value]) -> Result<(BTreeMap<String, Vec<Shown>>, usize), String> {
    let mut image = ClusterImage::default();
    let mut histories: BTreeMap<String, Vec<Shown>> = BTreeMap::new();
    let mut records = 0;
    for row in metadata.iter().filter(|row| row["control"].is_null()) {
        let record: MetadataRecord =
            serde_json::from_value(row.clone()).map_err(|e| format!("{row}: {e}"))?;
        let version = row["version"].as_i64().expect("a version") as i16;
        let mut bytes = Vec::new();
        record.encode(version, &mut bytes);
        if MetadataRecord::decode(&bytes) != Ok((version, record.clone())) {
            return Err(format!("{row}: not the same after encoding"));
        }
        if let Some(level) = image.features().metadata_version()
            && record.version_at(level) != version
        {
            return Err(format!("{row}: would be written at {}", record.version_at(level)));
        }
        let mut delta = MetadataDelta::default();
        image.apply_all([&record], &mut delta);
        records += 1;
        for tp in delta.partitions {
            let topic = image.topic(tp.topic_id).expect("a partition has a topic");
            let state = image.partition(tp.topic_id, tp.partition).expect("it was touched");
            let name = TopicPartition::new(topic.name.clone(), tp.partition.0).to_string();
            histories.entry(name).or_default().push(json!({
                "leader": BrokerId::to_wire(state.leader),
                "epoch": state.leader_epoch,
                "replicas": state.replicas.as_slice(),
                "isr": state.isr.as_slice(),
                "elr": state.elr(),
                "last_known_elr": state.last_known_elr(),
            }));
        }
    }
    let mut restored = ClusterImage::default();
    restored.apply_all(&image.to_records(), &mut MetadataDelta::default());
    if restored != image {
        return Err("another image after a snapshot".to_owned());
    }
    Ok((histories, records))
}

//! What recorded controllers decided about brokers that came, went and died: ours decides the same
//! with the same log before it.

use std::sync::Arc;

use kafka_protocol::messages as kafka;
use kafkascope::controller::kraft::api::{self, Context};
use kafkascope::controller::kraft::{
    BrokerHeartbeatManager, ControllerConfig, ControllerState, Records, Shutdown, TopicIds,
    maybe_fence_one_stale_broker,
};
use kafkascope::ids::{BrokerEpoch, BrokerId, Offset};
use kafkascope::protocol::MetadataRecord;
use kafkascope::protocol::metadata_record::BrokerRegistrationChangeRecord as Change;
use kafkascope::sim::rng::Stream;
use kafkascope::sim::{Duration, Instant};
use serde_json::Value;

struct Row {
    t: i64,
    offset: u64,
    record: MetadataRecord,
}

/// Compares one case's `metadata.jsonl`; says how many decisions were found again.
pub fn compare(metadata: &[Value]) -> Result<usize, String> {
    let rows: Vec<Row> = metadata
        .iter()
        .filter(|row| row["control"].is_null())
        .map(|row| Row {
            t: row["t"].as_i64().expect("a time"),
            offset: row["offset"].as_u64().expect("an offset"),
            record: serde_json::from_value(row.clone()).expect("a record"),
        })
        .collect();
    let config = ControllerConfig::new(BrokerId(101), "recorded");
    let mut state = ControllerState::new(Arc::new(config));
    let mut states = vec![state.clone()];
    for row in &rows {
        state.replay(&row.record, Offset(row.offset));
        states.push(state.clone());
    }
    let mut found = 0;
    for (index, row) in rows.iter().enumerate() {
        let decided = match &row.record {
            MetadataRecord::BrokerRegistrationChange(change) if change.fenced == Change::FENCE => {
                // Partitions change first, then the broker is fenced.
                before(&rows, index)
                    .any(|first| same(&fence(&states[first], change), &rows[first..=index]))
            }
            MetadataRecord::BrokerRegistrationChange(change)
                if change.fenced == Change::UNFENCE || change.in_controlled_shutdown != 0 =>
            {
                // The broker changes first, then its partitions do.
                let ours = heartbeat(&states[index], change, Vec::new());
                same(&ours, &rows[index..rows.len().min(index + ours.len())])
            }
            MetadataRecord::BrokerRegistrationChange(change) => {
                // Directories went offline: partitions change first.
                before(&rows, index)
                    .any(|first| same(&offline(&states[first], change), &rows[first..=index]))
            }
            MetadataRecord::RegisterBroker(registration) => {
                let broker = registration.broker_id;
                before(&rows, index).any(|first| {
                    [Shutdown::Clean, Shutdown::Unclean].into_iter().any(|shutdown| {
                        let mut ours = Records::default();
                        states[first].handle_broker_shutdown(broker, shutdown, &mut ours);
                        same(&ours.records, &rows[first..index])
                    })
                })
            }
            _ => continue,
        };
        if !decided {
            return Err(format!(
                "offset {}: ours does not decide so: {:?}",
                row.offset, row.record
            ));
        }
        found += 1;
    }
    Ok(found)
}

/// Where the batch that ends at `index` may begin: with any of the partition changes before it that
/// were written at the same instant.
fn before(rows: &[Row], index: usize) -> impl Iterator<Item = usize> {
    let belongs = |row: &Row, next: &Row| {
        let change = matches!(row.record, MetadataRecord::PartitionChange(_));
        change && row.t == next.t && row.offset + 1 == next.offset
    };
    let mut first = index;
    while first > 0 && belongs(&rows[first - 1], &rows[first]) {
        first -= 1;
    }
    first..=index
}

/// Partition changes in any order: Kafka has them in that of a hash.
fn same(ours: &[MetadataRecord], recorded: &[Row]) -> bool {
    let sorted = |records: Vec<&MetadataRecord>| {
        let mut texts: Vec<String> = records.iter().map(|record| format!("{record:?}")).collect();
        texts.sort();
        texts
    };
    sorted(ours.iter().collect()) == sorted(recorded.iter().map(|row| &row.record).collect())
}

fn fence(state: &ControllerState, change: &Change) -> Vec<MetadataRecord> {
    let mut heartbeats = BrokerHeartbeatManager::new(Duration::from_secs(9));
    heartbeats.register(change.broker_id, false);
    heartbeats.heard_of(change.broker_id, change.broker_epoch, Instant::ZERO);
    let late = Instant::ZERO + Duration::from_secs(10);
    maybe_fence_one_stale_broker(state, &mut heartbeats, late).records.records
}

fn offline(state: &ControllerState, change: &Change) -> Vec<MetadataRecord> {
    let known = state.image().broker(change.broker_id).expect("it is registered");
    let offline = known.directories.iter().filter(|id| !change.log_dirs.contains(id));
    heartbeat(state, change, offline.map(|id| uuid::Uuid::from_u128(id.0)).collect())
}

fn heartbeat(
    state: &ControllerState,
    change: &Change,
    offline: Vec<uuid::Uuid>,
) -> Vec<MetadataRecord> {
    let mut heartbeats =
        BrokerHeartbeatManager::activate(Duration::from_secs(9), state.image(), Instant::ZERO);
    let BrokerEpoch(epoch) = change.broker_epoch;
    let request = kafka::BrokerHeartbeatRequest::default()
        .with_broker_id(kafka::BrokerId(change.broker_id.0))
        .with_broker_epoch(epoch)
        .with_current_metadata_offset(i64::MAX)
        .with_offline_log_dirs(offline)
        .with_want_shut_down(change.in_controlled_shutdown != 0);
    let mut context = Context {
        state,
        heartbeats: &mut heartbeats,
        placement: &mut Stream::new(1, "placement"),
        topic_ids: &mut TopicIds::new(
            Stream::new(1, "topic-ids"),
            std::collections::BTreeMap::new(),
        ),
        now: Instant::ZERO,
        next_write_offset: Offset(0),
        api_version: 1,
    };
    let outcome = api::broker_heartbeat::handle(&mut context, &request);
    outcome.expect("the broker is registered").records.records
}

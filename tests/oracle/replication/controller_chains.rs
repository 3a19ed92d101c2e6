//! Whole controllers, one operation after another: records, answers, and the state after each.

use std::collections::BTreeMap;
use std::sync::Arc;

use kafka_protocol::messages as kafka;
use kafka_protocol::protocol::StrBytes;
use kafkascope::controller::kraft::api::{self, Context};
use kafkascope::controller::kraft::{
    ApiError, BrokerHeartbeatManager, ControllerConfig, ControllerState, Outcome, Then, TopicIds,
    maybe_balance_partition_leaders, maybe_elect_unclean_leaders,
};
use kafkascope::ids::{BrokerEpoch, BrokerId, Offset, TopicId, Uuid};
use kafkascope::metadata::{PartitionRegistration, directory};
use kafkascope::protocol::metadata_record::{
    EndPoint, FeatureLevelRecord, RegisterBrokerRecord, RemoveTopicRecord,
};
use kafkascope::protocol::{ErrorCode, MetadataRecord, MetadataVersion};
use kafkascope::sim::rng::Stream;
use kafkascope::sim::{Duration, Instant};
use serde_json::{Value, json};

use super::java_random::{AsDraw, Bits};
use super::partition::{list, read, record_json};

/// The generator that the recorder put behind automatic placement.
#[derive(Clone, Debug)]
struct ChainRandom(u64);

impl Bits for ChainRandom {
    fn next(&mut self, bits: u32) -> i32 {
        self.0 = self.0.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(3_037_000_493);
        (self.0 >> (64 - bits)) as i32
    }
}

pub fn compare(case: &Value) -> Result<(), String> {
    let mut chain = Chain::new(case);
    for (number, op) in case["ops"].as_array().expect("operations").iter().enumerate() {
        chain.step(op).map_err(|e| format!("op {number} ({}): {e}", op["op"]))?;
    }
    Ok(())
}

struct Chain {
    state: ControllerState,
    heartbeats: BrokerHeartbeatManager,
    placement: AsDraw<ChainRandom>,
    topic_ids: TopicIds,
    next_offset: Offset,
}

impl Chain {
    fn new(case: &Value) -> Self {
        let config = ControllerConfig::new(BrokerId(100), "cluster");
        let mut chain = Self {
            heartbeats: BrokerHeartbeatManager::new(Duration::from_secs(9)),
            state: ControllerState::new(Arc::new(config)),
            placement: AsDraw(ChainRandom(17)),
            topic_ids: TopicIds::new(Stream::new(1, "topic-ids"), BTreeMap::new()),
            next_offset: Offset(1),
        };
        let level = |name: &str, feature_level| {
            MetadataRecord::from(FeatureLevelRecord { name: name.into(), feature_level })
        };
        chain.replay(&level(MetadataVersion::FEATURE, MetadataVersion::NEWEST.0));
        if case["elr_enabled"] == true {
            chain.replay(&level("eligible.leader.replicas.version", 1));
        }
        for (id, broker) in case["brokers"].as_object().expect("brokers") {
            let id: i32 = id.parse().expect("an id");
            chain.replay(&MetadataRecord::from(RegisterBrokerRecord {
                broker_id: BrokerId(id),
                incarnation_id: Uuid(1_000 + id as u128),
                broker_epoch: BrokerEpoch(broker["broker_epoch"].as_i64().expect("an epoch")),
                end_points: vec![EndPoint {
                    name: "PLAINTEXT".into(),
                    host: "h".into(),
                    port: 9092 + id as u16,
                    security_protocol: 0,
                }],
                rack: broker["rack"].as_str().map(Into::into),
                log_dirs: vec![directory_of(id)],
                ..RegisterBrokerRecord::default()
            }));
        }
        chain
    }

    fn replay(&mut self, record: &MetadataRecord) {
        let before = self.state.image().clone();
        self.state.replay(record, self.next_offset);
        self.heartbeats.replayed(&before, self.state.image(), record);
        self.next_offset = self.next_offset.next();
    }

    fn context(&mut self, next_write_offset: Offset) -> Context<'_, AsDraw<ChainRandom>> {
        Context {
            state: &self.state,
            heartbeats: &mut self.heartbeats,
            placement: &mut self.placement,
            topic_ids: &mut self.topic_ids,
            now: Instant::ZERO,
            next_write_offset,
            api_version: 3,
        }
    }

    fn step(&mut self, op: &Value) -> Result<(), String> {
        let before = self.partitions();
        self.run(op)?;
        let after = &op["after"];
        let brokers = |keep: &dyn Fn(&kafkascope::metadata::BrokerRegistration) -> bool| {
            let ids = self.state.image().brokers().filter(|broker| keep(broker));
            json!(ids.map(|broker| broker.id).collect::<Vec<_>>())
        };
        expect("active", &brokers(&|broker| broker.is_active()), &after["active"])?;
        expect("fenced", &brokers(&|broker| broker.fenced), &after["fenced"])?;
        let stopping = |broker: &kafkascope::metadata::BrokerRegistration| {
            broker.in_controlled_shutdown && !broker.fenced
        };
        expect("controlled_shutdown", &brokers(&stopping), &after["controlled_shutdown"])?;
        let changed: BTreeMap<String, PartitionRegistration> = self
            .partitions()
            .into_iter()
            .filter(|(name, state)| before.get(name) != Some(state))
            .map(|(name, state)| (name, without_directories(state)))
            .collect();
        let expected: BTreeMap<String, PartitionRegistration> = after["partitions_changed"]
            .as_object()
            .expect("partitions")
            .iter()
            .map(|(name, state)| (name.clone(), read(state)))
            .collect();
        if changed != expected {
            return Err(format!("partitions {changed:?}, not {expected:?}"));
        }
        Ok(())
    }

    fn partitions(&self) -> BTreeMap<String, PartitionRegistration> {
        let image = self.state.image();
        let named = |(tp, state): (kafkascope::ids::TopicIdPartition, &PartitionRegistration)| {
            let topic = image.topic(tp.topic_id).expect("a topic");
            (format!("{}-{}", topic.name, tp.partition), state.clone())
        };
        image.all_partitions().map(named).collect()
    }

    fn run(&mut self, op: &Value) -> Result<(), String> {
        let request = &op["request"];
        let next = self.next_offset;
        match op["op"].as_str().expect("a name") {
            "broker_heartbeat" => {
                let request = kafka::BrokerHeartbeatRequest::default()
                    .with_broker_id(broker_id(&request["brokerId"]))
                    .with_broker_epoch(request["brokerEpoch"].as_i64().expect("an epoch"))
                    .with_current_metadata_offset(
                        request["currentMetadataOffset"].as_i64().expect("an offset"),
                    )
                    .with_want_fence(request["wantFence"] == true)
                    .with_want_shut_down(request["wantShutDown"] == true);
                let handled = api::broker_heartbeat::handle(&mut self.context(next), &request);
                let outcome = self.written(handled, op)?;
                let Some(Outcome { response, then, .. }) = outcome else { return Ok(()) };
                // The recorder drove the managers alone: nobody noted the offset at which a shutdown
                // may end, so here nobody does either.
                let stopping = matches!(then, Then::ControlledShutdown(_));
                let response = json!({
                    "is_caught_up": response.is_caught_up,
                    "is_fenced": response.is_fenced,
                    "in_controlled_shutdown": stopping,
                    "should_shut_down": response.should_shut_down,
                });
                expect("response", &response, &op["response"])
            }
            "create_topics" => {
                let request = create_topics_request(request);
                let handled = api::create_topics::handle(&mut self.context(next), &request);
                let Some(outcome) = self.written(handled, op)? else { return Ok(()) };
                let topic = &outcome.response.topics[0];
                let response = json!({
                    "error_code": ErrorCode::from_code(topic.error_code).name(),
                    "error_message": topic.error_message.as_deref(),
                });
                expect("response", &response, &op["response"])
            }
            "create_partitions" => {
                let topic = kafka::create_partitions_request::CreatePartitionsTopic::default()
                    .with_name(topic_name(&op["topic"]))
                    .with_count(op["count"].as_i64().expect("a count") as i32)
                    .with_assignments(None);
                let request = kafka::CreatePartitionsRequest::default().with_topics(vec![topic]);
                let handled = api::create_partitions::handle(&mut self.context(next), &request);
                let Some(outcome) = self.written(handled, op)? else { return Ok(()) };
                let result = &outcome.response.results[0];
                let response = json!([[
                    result.name.as_str(),
                    ErrorCode::from_code(result.error_code).name(),
                    result.error_message.as_deref().unwrap_or("null"),
                ]]);
                expect("response", &response, &op["response"])
            }
            "alter_partition" => {
                let request = self.alter_partition_request(request);
                let handled = api::alter_partition::handle(&mut self.context(next), &request);
                let Some(outcome) = self.written(handled, op)? else { return Ok(()) };
                let response = self.alter_partition_response(&outcome.response);
                expect("response", &response, &op["response"])
            }
            "elect_leaders" => {
                let request = elect_leaders_request(request);
                let handled = api::elect_leaders::handle(&mut self.context(next), &request);
                let Some(outcome) = self.written(handled, op)? else { return Ok(()) };
                let response = elect_leaders_response(&outcome.response);
                expect("response", &response, &op["response"])
            }
            "alter_partition_reassignments" => {
                let request = reassignments_request(request);
                let mut context = self.context(next);
                let handled = api::alter_partition_reassignments::handle(&mut context, &request);
                let Some(outcome) = self.written(handled, op)? else { return Ok(()) };
                let response = reassignments_response(&outcome.response);
                expect("response", &response, &op["response"])
            }
            "maybe_balance_partition_leaders" => {
                let imbalanced = self
                    .state
                    .image()
                    .all_partitions()
                    .any(|(_, partition)| !partition.has_preferred_leader());
                expect("imbalanced", &json!(imbalanced), &op["imbalanced"])?;
                let handled = Ok(maybe_balance_partition_leaders(&self.state));
                let Some(outcome) = self.written(handled, op)? else { return Ok(()) };
                expect("response", &json!(outcome.response), &op["response"])
            }
            "maybe_elect_unclean_leaders" => {
                let handled = Ok(maybe_elect_unclean_leaders(&self.state));
                let Some(outcome) = self.written(handled, op)? else { return Ok(()) };
                expect("response", &json!(outcome.response), &op["response"])
            }
            "delete_topic" => {
                let name = topic_name(&op["topic"]);
                let topic =
                    kafka::delete_topics_request::DeleteTopicState::default().with_name(Some(name));
                let request = kafka::DeleteTopicsRequest::default().with_topics(vec![topic]);
                let handled = api::delete_topics::handle(&mut self.context(next), &request);
                self.written(handled, op).map(|_| ())
            }
            "broker_restart" => self.restart(op),
            other => Err(format!("unknown operation {other}")),
        }
    }

    /// Compares what a handler came to and replays its records. None when it failed as recorded.
    fn written<T>(
        &mut self,
        handled: Result<Outcome<T>, ApiError>,
        op: &Value,
    ) -> Result<Option<Outcome<T>>, String> {
        match handled {
            Ok(outcome) => {
                if !op["error"].is_null() {
                    return Err(format!("no error, but {}", op["error"]));
                }
                self.replay_as(&outcome.records.records, &op["records"])?;
                Ok(Some(outcome))
            }
            Err(error) => {
                let name: String = error.error.name().split('_').map(capitalized).collect();
                expect("error", &json!(format!("{name}Exception")), &op["error"])?;
                expect("message", &json!(error.message), &op["message"])?;
                Ok(None)
            }
        }
    }

    fn replay_as(&mut self, records: &[MetadataRecord], expected: &Value) -> Result<(), String> {
        for record in records {
            // Topics are renamed before they go.
            let removed = matches!(record, MetadataRecord::RemoveTopic(_));
            if !removed {
                self.replay(record);
            }
        }
        let shown = self.shown(records);
        for record in records {
            if let MetadataRecord::RemoveTopic(RemoveTopicRecord { .. }) = record {
                self.replay(record);
            }
        }
        expect("records", &json!(shown), expected)
    }

    /// Records as the vectors write them: topics by name, runs of partition changes in order.
    fn shown(&self, records: &[MetadataRecord]) -> Vec<Value> {
        let name = |id: TopicId| {
            self.state.image().topic(id).map_or_else(|| "?".to_owned(), |t| t.name.to_string())
        };
        let mut sorted: Vec<&MetadataRecord> = records.iter().collect();
        let is_change =
            |record: &MetadataRecord| matches!(record, MetadataRecord::PartitionChange(_));
        for run in sorted.chunk_by_mut(|one, two| is_change(one) && is_change(two)) {
            run.sort_by_key(|record| match record {
                MetadataRecord::PartitionChange(change) => {
                    (name(change.topic_id), change.partition_id)
                }
                _ => (String::new(), kafkascope::ids::PartitionIndex(0)),
            });
        }
        let shown = |record: &&MetadataRecord| {
            let mut data = record_json(record);
            if let Some(id) = data.get_mut("topicId") {
                let of = Uuid::parse(id.as_str().expect("an id")).expect("an id");
                *id = json!(format!("ID-{}", name(of)));
            }
            let kind: String = record.type_name().split('_').map(capitalized).collect();
            let version = record.version_at(MetadataVersion::NEWEST);
            json!({ "type": kind, "version": version, "json": data })
        };
        sorted.iter().map(shown).collect()
    }

    /// The broker's next process registers.
    fn restart(&mut self, op: &Value) -> Result<(), String> {
        let recorded = &op["records"][0]["json"];
        let id = op["broker_id"].as_i64().expect("an id") as i32;
        let existing = self.state.image().broker(BrokerId(id)).expect("it is registered").clone();
        let clean = op["clean_shutdown"] == true;
        let feature = |name: &'static str, max| {
            kafka::broker_registration_request::Feature::default()
                .with_name(StrBytes::from_static_str(name))
                .with_max_supported_version(max)
        };
        let listener = kafka::broker_registration_request::Listener::default()
            .with_name(text(&recorded["endPoints"][0]["name"]))
            .with_host(text(&recorded["endPoints"][0]["host"]))
            .with_port(recorded["endPoints"][0]["port"].as_u64().expect("a port") as u16);
        let incarnation = Uuid::parse(recorded["incarnationId"].as_str().expect("an id"));
        let request = kafka::BrokerRegistrationRequest::default()
            .with_broker_id(kafka::BrokerId(id))
            .with_cluster_id(StrBytes::from_static_str("cluster"))
            .with_incarnation_id(uuid::Uuid::from_u128(incarnation.expect("an id").0))
            .with_listeners(vec![listener])
            .with_features(vec![
                feature(MetadataVersion::FEATURE, 27),
                feature("eligible.leader.replicas.version", 1),
            ])
            .with_rack(recorded["rack"].as_str().map(|rack| StrBytes::from_string(rack.to_owned())))
            .with_log_dirs(vec![uuid::Uuid::from_u128(directory_of(id).0)])
            .with_previous_broker_epoch(if clean { existing.epoch.0 } else { -1 });
        let epoch = op["new_broker_epoch"].as_u64().expect("an epoch");
        let mut context = self.context(Offset(epoch));
        let handled = api::broker_registration::handle(&mut context, &request);
        let mut outcome = handled.map_err(|e| e.to_string())?;
        expect("epoch", &json!(outcome.response.broker_epoch), &op["new_broker_epoch"])?;
        let registration = outcome.records.split_off(outcome.records.len() - 1);
        self.replay_as(&outcome.records.records, &op["records_shutdown"])?;
        let mut registration = registration.records;
        if let MetadataRecord::RegisterBroker(record) = &mut registration[0] {
            // The recorded brokers named no features.
            record.features.clear();
        }
        self.replay_as(&registration, &op["records"])
    }

    fn topic_id(&self, renamed: &Value) -> uuid::Uuid {
        let name = renamed.as_str().and_then(|id| id.strip_prefix("ID-")).expect("a renamed id");
        let id = self.state.image().topic_id(name).unwrap_or_default();
        uuid::Uuid::from_u128(id.0)
    }

    fn alter_partition_request(&self, request: &Value) -> kafka::AlterPartitionRequest {
        use kafka::alter_partition_request::{BrokerState, PartitionData, TopicData};
        let number = |value: &Value| value.as_i64().expect("a number");
        let topics = array(&request["topics"]).map(|topic| {
            let partitions = array(&topic["partitions"]).map(|partition| {
                let isr = array(&partition["newIsrWithEpochs"]).map(|member| {
                    BrokerState::default()
                        .with_broker_id(broker_id(&member["brokerId"]))
                        .with_broker_epoch(number(&member["brokerEpoch"]))
                });
                PartitionData::default()
                    .with_partition_index(number(&partition["partitionIndex"]) as i32)
                    .with_leader_epoch(number(&partition["leaderEpoch"]) as i32)
                    .with_new_isr_with_epochs(isr.collect())
                    .with_leader_recovery_state(number(&partition["leaderRecoveryState"]) as i8)
                    .with_partition_epoch(number(&partition["partitionEpoch"]) as i32)
            });
            TopicData::default()
                .with_topic_id(self.topic_id(&topic["topicId"]))
                .with_partitions(partitions.collect())
        });
        kafka::AlterPartitionRequest::default()
            .with_broker_id(broker_id(&request["brokerId"]))
            .with_broker_epoch(number(&request["brokerEpoch"]))
            .with_topics(topics.collect())
    }

    fn alter_partition_response(&self, response: &kafka::AlterPartitionResponse) -> Value {
        let topics = response.topics.iter().map(|topic| {
            let partitions = topic.partitions.iter().map(|partition| {
                json!({
                    "partitionIndex": partition.partition_index,
                    "errorCode": partition.error_code,
                    "leaderId": partition.leader_id.0,
                    "leaderEpoch": partition.leader_epoch,
                    "isr": partition.isr.iter().map(|id| id.0).collect::<Vec<_>>(),
                    "leaderRecoveryState": partition.leader_recovery_state,
                    "partitionEpoch": partition.partition_epoch,
                })
            });
            let topic_id = Uuid(topic.topic_id.as_u128());
            let known = self.state.image().topic(topic_id).expect("a topic");
            json!({
                "topicId": format!("ID-{}", known.name),
                "partitions": partitions.collect::<Vec<_>>(),
            })
        });
        json!({
            "throttleTimeMs": response.throttle_time_ms,
            "errorCode": response.error_code,
            "topics": topics.collect::<Vec<_>>(),
        })
    }
}

fn create_topics_request(request: &Value) -> kafka::CreateTopicsRequest {
    use kafka::create_topics_request::{
        CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig,
    };
    let topics = array(&request["topics"]).map(|topic| {
        let assignments = array(&topic["assignments"]).map(|assignment| {
            let index = assignment["partitionIndex"].as_i64().expect("a number") as i32;
            CreatableReplicaAssignment::default()
                .with_partition_index(index)
                .with_broker_ids(broker_ids(&assignment["brokerIds"]))
        });
        let configs = array(&topic["configs"]).map(|config| {
            CreatableTopicConfig::default()
                .with_name(text(&config["name"]))
                .with_value(Some(text(&config["value"])))
        });
        CreatableTopic::default()
            .with_name(topic_name(&topic["name"]))
            .with_num_partitions(topic["numPartitions"].as_i64().expect("a number") as i32)
            .with_replication_factor(topic["replicationFactor"].as_i64().expect("a number") as i16)
            .with_assignments(assignments.collect())
            .with_configs(configs.collect())
    });
    kafka::CreateTopicsRequest::default().with_topics(topics.collect())
}

fn elect_leaders_request(request: &Value) -> kafka::ElectLeadersRequest {
    use kafka::elect_leaders_request::TopicPartitions;
    let topics = (!request["topicPartitions"].is_null()).then(|| {
        let topic = |topic: &Value| {
            TopicPartitions::default()
                .with_topic(topic_name(&topic["topic"]))
                .with_partitions(list(&topic["partitions"]))
        };
        array(&request["topicPartitions"]).map(topic).collect()
    });
    kafka::ElectLeadersRequest::default()
        .with_election_type(request["electionType"].as_i64().expect("a number") as i8)
        .with_topic_partitions(topics)
}

fn elect_leaders_response(response: &kafka::ElectLeadersResponse) -> Value {
    let topics = response.replica_election_results.iter().map(|topic| {
        let partitions = topic.partition_result.iter().map(|partition| {
            json!({
                "partitionId": partition.partition_id,
                "errorCode": partition.error_code,
                "errorMessage": partition.error_message.as_deref(),
            })
        });
        json!({
            "topic": topic.topic.as_str(),
            "partitionResult": partitions.collect::<Vec<_>>(),
        })
    });
    json!({
        "throttleTimeMs": response.throttle_time_ms,
        "errorCode": response.error_code,
        "replicaElectionResults": topics.collect::<Vec<_>>(),
    })
}

fn reassignments_request(request: &Value) -> kafka::AlterPartitionReassignmentsRequest {
    use kafka::alter_partition_reassignments_request::{ReassignablePartition, ReassignableTopic};
    let topics = array(&request["topics"]).map(|topic| {
        let partitions = array(&topic["partitions"]).map(|partition| {
            let replicas = &partition["replicas"];
            ReassignablePartition::default()
                .with_partition_index(partition["partitionIndex"].as_i64().expect("one") as i32)
                .with_replicas((!replicas.is_null()).then(|| broker_ids(replicas)))
        });
        ReassignableTopic::default()
            .with_name(topic_name(&topic["name"]))
            .with_partitions(partitions.collect())
    });
    kafka::AlterPartitionReassignmentsRequest::default()
        .with_allow_replication_factor_change(request["allowReplicationFactorChange"] == true)
        .with_topics(topics.collect())
}

fn reassignments_response(response: &kafka::AlterPartitionReassignmentsResponse) -> Value {
    let topics = response.responses.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|partition| {
            json!({
                "partitionIndex": partition.partition_index,
                "errorCode": partition.error_code,
                "errorMessage": partition.error_message.as_deref(),
            })
        });
        json!({ "name": topic.name.as_str(), "partitions": partitions.collect::<Vec<_>>() })
    });
    json!({
        "throttleTimeMs": response.throttle_time_ms,
        "allowReplicationFactorChange": response.allow_replication_factor_change,
        "errorCode": response.error_code,
        "errorMessage": response.error_message.as_deref(),
        "responses": topics.collect::<Vec<_>>(),
    })
}

/// The vectors leave directories out of the state.
fn without_directories(mut state: PartitionRegistration) -> PartitionRegistration {
    state.directories = vec![directory::MIGRATING; state.replicas.len()].into();
    state
}

fn directory_of(broker: i32) -> Uuid {
    Uuid(0xd1d1_d1d1 << 64 | broker as u128)
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().expect("a list").iter()
}

fn text(value: &Value) -> StrBytes {
    StrBytes::from_string(value.as_str().expect("a string").to_owned())
}

fn topic_name(value: &Value) -> kafka::TopicName {
    kafka::TopicName(text(value))
}

fn broker_id(value: &Value) -> kafka::BrokerId {
    kafka::BrokerId(value.as_i64().expect("a broker") as i32)
}

fn broker_ids(value: &Value) -> Vec<kafka::BrokerId> {
    array(value).map(broker_id).collect()
}

fn capitalized(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    format!("{first}{}", rest.to_lowercase())
}

fn expect(what: &str, got: &Value, expected: &Value) -> Result<(), String> {
    if got == expected { Ok(()) } else { Err(format!("{what} is {got}, not {expected}")) }
}

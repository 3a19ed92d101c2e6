//! `CreateTopics` (key 19).
//!
//! In Kafka: `ControllerApis.createTopics`, `ReplicationControlManager.createTopics`.

use std::collections::BTreeMap;

use imbl::OrdMap;
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::create_topics_response::CreatableTopicResult;
use kafka_protocol::messages::{CreateTopicsRequest, CreateTopicsResponse};

use super::{Context, Handled, wire};
use crate::controller::kraft::configuration::{ConfigOp, Existence};
use crate::controller::kraft::{ApiError, ControllerState, Outcome, Records};
use crate::feature::mutant;
use crate::ids::{BrokerId, Name, PartitionIndex, TopicIdPartition};
use crate::metadata::placement::{Draw, UsableBroker, place};
use crate::metadata::{ConfigResource, topic_name};
use crate::protocol::ErrorCode;
use crate::protocol::metadata_record::TopicRecord;

/// How many partitions one request may ask for.
const MAX_PARTITIONS_PER_BATCH: i64 = 10_000;

/// The replicas and the ISR of each new partition.
type Placement = Vec<(Vec<BrokerId>, Vec<BrokerId>)>;

/// Handles the request.
///
/// # Errors
/// [`ErrorCode::PolicyViolation`] when it asks for too much at once.
pub fn handle<D: Draw>(
    context: &mut Context<'_, D>,
    request: &CreateTopicsRequest,
) -> Handled<CreateTopicsResponse> {
    let config = context.state.config();
    let times =
        |name: &str| request.topics.iter().filter(|topic| topic.name.as_str() == name).count();
    let allowed = |topic: &&CreatableTopic| {
        times(&topic.name) == 1 && topic.name.as_str() != topic_name::CLUSTER_METADATA
    };
    let topics: Vec<&CreatableTopic> = request.topics.iter().filter(allowed).collect();
    let asked: i64 = topics.iter().map(|topic| count(topic, config.num_partitions)).sum();
    if asked > MAX_PARTITIONS_PER_BATCH {
        let message = "Excessively large number of partitions per request.";
        return Err(ApiError::new(ErrorCode::PolicyViolation, message));
    }
    let mut records = Records::default();
    let mut response = CreateTopicsResponse::default();
    for topic in topics {
        let result = create(context, topic, &mut records);
        response.topics.push(result.unwrap_or_else(|error| refused(&topic.name, &error)));
    }
    for (name, error) in refused_at_once(request) {
        response.topics.push(refused(name, &error));
    }
    let outcome = Outcome::atomic_of(records, response);
    Ok(if request.validate_only { outcome.without_records() } else { outcome })
}

fn count(topic: &CreatableTopic, default: i32) -> i64 {
    match topic.num_partitions {
        _ if !topic.assignments.is_empty() => topic.assignments.len() as i64,
        -1 => default.into(),
        asked => asked.max(0).into(),
    }
}

/// Names that are there twice, and the one that nobody may create.
fn refused_at_once(request: &CreateTopicsRequest) -> Vec<(&str, ApiError)> {
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for topic in &request.topics {
        *names.entry(topic.name.as_str()).or_default() += 1;
    }
    let invalid = |message: String| ApiError::new(ErrorCode::InvalidRequest, message);
    let refuse = |(name, times): (_, usize)| match (name, times) {
        (name, 2..) => Some((name, invalid("Duplicate topic name.".to_owned()))),
        (topic_name::CLUSTER_METADATA, _) => {
            Some((name, invalid(format!("Creation of internal topic {name} is prohibited."))))
        }
        _ => None,
    };
    names.into_iter().filter_map(refuse).collect()
}

fn refused(name: &str, error: &ApiError) -> CreatableTopicResult {
    CreatableTopicResult::default()
        .with_name(wire::topic(name))
        .with_error_code(error.error.code())
        .with_error_message(error.message.as_deref().map(wire::text))
}

fn create<D: Draw>(
    context: &mut Context<'_, D>,
    topic: &CreatableTopic,
    records: &mut Records,
) -> Result<CreatableTopicResult, ApiError> {
    let state = context.state;
    check_name(state, &topic.name)?;
    let configs = configs_of(topic)?;
    let mut config_records = Records::default();
    if !configs.is_empty() {
        let resource = ConfigResource::topic(&topic.name);
        config_records = state.alter_config(&resource, &configs, Existence::New)?;
        state.clear_elr_as_needed(&mut config_records);
    }
    let placement = if topic.assignments.is_empty() {
        placed(context, topic)?
    } else {
        assigned(state, topic)?
    };
    let topic_id = context.topic_ids.next(&topic.name);
    let result = CreatableTopicResult::default()
        .with_name(topic.name.clone())
        .with_topic_id(wire::to_id(topic_id))
        .with_error_message(None)
        .with_num_partitions(placement.len() as i32)
        .with_replication_factor(placement[0].0.len() as i16)
        .with_configs(Some(effective_configs(state, &configs)));
    records.push(TopicRecord { name: wire::name(&topic.name), topic_id });
    records.append(config_records);
    for (index, (replicas, isr)) in placement.into_iter().enumerate() {
        let partition = PartitionIndex(index as i32);
        records.push(state.partition_record(
            TopicIdPartition { topic_id, partition },
            &replicas,
            &isr,
        ));
    }
    Ok(result)
}

fn check_name(state: &ControllerState, name: &str) -> Result<(), ApiError> {
    if state.image().topic_id(name).is_some() {
        let message = format!("Topic '{name}' already exists.");
        return Err(ApiError::new(ErrorCode::TopicAlreadyExists, message));
    }
    let invalid = |message| Err(ApiError::new(ErrorCode::InvalidTopicException, message));
    if let Some(other) = state.colliding_name(name) {
        return invalid(format!("Topic '{name}' collides with existing topic: {other}"));
    }
    topic_name::problem(name).map_or(Ok(()), invalid)
}

fn configs_of(topic: &CreatableTopic) -> Result<Vec<(Name, ConfigOp)>, ApiError> {
    let without: Vec<&str> = topic
        .configs
        .iter()
        .filter(|config| config.value.is_none())
        .map(|config| config.name.as_str())
        .collect();
    if !without.is_empty() {
        let message = format!("Null value not supported for topic configs: {}", without.join(","));
        return Err(ApiError::new(ErrorCode::InvalidConfig, message));
    }
    let set = |config: &kafka_protocol::messages::create_topics_request::CreatableTopicConfig| {
        let value = config.value.as_ref()?;
        Some((wire::name(&config.name), ConfigOp::Set(wire::name(value))))
    };
    Ok(topic.configs.iter().filter_map(set).collect())
}

fn effective_configs(
    state: &ControllerState,
    configs: &[(Name, ConfigOp)],
) -> Vec<kafka_protocol::messages::create_topics_response::CreatableTopicConfigs> {
    let mut of_topic = OrdMap::new();
    for (name, op) in configs {
        if let ConfigOp::Set(value) = op {
            of_topic.insert(name.clone(), value.clone());
        }
    }
    let (config, dynamic) = (state.config(), state.image().configs());
    let node = dynamic.of(&ConfigResource::node(config.node_id));
    let cluster = dynamic.of(&ConfigResource::cluster());
    (config.hooks.effective_topic_configs)(&of_topic, &node, &cluster, &config.static_config)
}

/// The replicas that the request names.
fn assigned(state: &ControllerState, topic: &CreatableTopic) -> Result<Placement, ApiError> {
    let invalid = |message: &str| Err(ApiError::new(ErrorCode::InvalidRequest, message));
    if topic.replication_factor != -1 {
        return invalid(
            "A manual partition assignment was specified, but replication factor was not set to -1.",
        );
    }
    if topic.num_partitions != -1 {
        return invalid(
            "A manual partition assignment was specified, but numPartitions was not set to -1.",
        );
    }
    let bad = |message: String| Err(ApiError::new(ErrorCode::InvalidReplicaAssignment, message));
    let mut placement: BTreeMap<i32, (Vec<BrokerId>, Vec<BrokerId>)> = BTreeMap::new();
    let mut replication_factor = None;
    for assignment in &topic.assignments {
        let index = assignment.partition_index;
        if placement.contains_key(&index) {
            return bad(format!(
                "Found multiple manual partition assignments for partition {index}"
            ));
        }
        let replicas = wire::brokers(&assignment.broker_ids);
        check_assignment(state, &replicas, replication_factor)?;
        replication_factor = Some(replicas.len());
        let isr = state.active_of(&replicas);
        if isr.is_empty() {
            return bad(all_inactive(index));
        }
        placement.insert(index, (replicas, isr));
    }
    if !placement.keys().copied().eq(0..placement.len() as i32) {
        return bad("partitions should be a consecutive 0-based integer sequence".to_owned());
    }
    Ok(placement.into_values().collect())
}

/// The replicas that the controller chooses.
fn placed<D: Draw>(
    context: &mut Context<'_, D>,
    topic: &CreatableTopic,
) -> Result<Placement, ApiError> {
    let state = context.state;
    let bad_factor = |message: String| ApiError::new(ErrorCode::InvalidReplicationFactor, message);
    if topic.replication_factor < -1 || topic.replication_factor == 0 {
        return Err(bad_factor(
            "Replication factor must be larger than 0, or -1 to use the default value.".to_owned(),
        ));
    }
    if topic.num_partitions < -1 || topic.num_partitions == 0 {
        let message = "Number of partitions was set to an invalid non-positive value.";
        return Err(ApiError::new(ErrorCode::InvalidPartitions, message));
    }
    let or_default = |asked: i32, default: i32| if asked == -1 { default } else { asked };
    let config = state.config();
    let partitions = or_default(topic.num_partitions, config.num_partitions);
    let factor =
        or_default(topic.replication_factor.into(), config.default_replication_factor.into());
    let brokers = context.heartbeats.usable_brokers(state.image());
    let racks_count = !mutant!(config, RacksIgnored);
    let brokers = brokers.map(|one| UsableBroker { rack: one.rack.filter(|_| racks_count), ..one });
    let placed = place(brokers, partitions as usize, factor, context.placement);
    let placed = placed.map_err(|error| {
        bad_factor(format!("Unable to replicate the partition {factor} time(s): {error}"))
    })?;
    let with_isr = |replicas: Vec<BrokerId>| {
        let isr = state.active_of(&replicas);
        if isr.is_empty() { Err(bad_factor(none_active(factor))) } else { Ok((replicas, isr)) }
    };
    placed.into_iter().map(with_isr).collect()
}

/// Whether replicas may be assigned so; `replication_factor` is that of the partitions before.
pub(super) fn check_assignment(
    state: &ControllerState,
    replicas: &[BrokerId],
    replication_factor: Option<usize>,
) -> Result<(), ApiError> {
    let bad = |message: String| {
        let message = format!("The manual partition assignment includes {message}");
        Err(ApiError::new(ErrorCode::InvalidReplicaAssignment, message))
    };
    if replicas.is_empty() {
        return bad("an empty replica list.".to_owned());
    }
    let mut sorted = replicas.to_vec();
    sorted.sort();
    let mut previous = None;
    for broker in sorted {
        if state.image().broker(broker).is_none() {
            return bad(format!("broker {broker}, but no such broker is registered."));
        }
        if previous == Some(broker) {
            return bad(format!("the broker {broker} more than once."));
        }
        previous = Some(broker);
    }
    match replication_factor {
        Some(factor) if factor != replicas.len() => bad(format!(
            "a partition with {} replica(s), but this is not consistent with previous partitions, \
             which have {factor} replica(s).",
            replicas.len()
        )),
        _ => Ok(()),
    }
}

/// Kafka's sentence where none of the assigned brokers may lead.
pub(super) fn all_inactive(partition: i32) -> String {
    format!(
        "All brokers specified in the manual partition assignment for partition {partition} are \
         fenced or in controlled shutdown."
    )
}

/// Kafka's sentence where none of the chosen brokers may lead.
pub(super) fn none_active(replication_factor: i32) -> String {
    format!(
        "Unable to replicate the partition {replication_factor} time(s): All brokers are currently \
         fenced or in controlled shutdown."
    )
}

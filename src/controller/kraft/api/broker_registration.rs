//! `BrokerRegistration` (key 62): a broker's process introduces itself and gets an epoch.
//!
//! In Kafka: `ClusterControlManager.registerBroker` (KIP-631), with the detection of unclean shutdowns
//! (KIP-966): a process that stopped cleanly left its epoch behind for the next one to show.

use std::collections::BTreeMap;

use kafka_protocol::messages::broker_registration_request::{Feature, Listener};
use kafka_protocol::messages::{BrokerRegistrationRequest, BrokerRegistrationResponse};

use super::{Context, Handled, wire};
use crate::controller::kraft::{ApiError, ControllerState, Note, Outcome, Records, Shutdown};
use crate::feature::mutant;
use crate::ids::{BrokerEpoch, BrokerId, Uuid};
use crate::metadata::{BrokerRegistration, Features, directory};
use crate::protocol::metadata_record::{EndPoint, RegisterBrokerRecord, SupportedFeature};
use crate::protocol::{ErrorCode, MetadataVersion};

/// Handles the request.
///
/// # Errors
/// [`ErrorCode::DuplicateBrokerRegistration`] while the session of another process lasts,
/// [`ErrorCode::InconsistentClusterId`], [`ErrorCode::InvalidRegistration`],
/// [`ErrorCode::BrokerIdNotRegistered`] for brokers of the `ZooKeeper` era,
/// [`ErrorCode::UnsupportedVersion`] when it cannot run at a level the cluster is at.
pub fn handle<D>(
    context: &mut Context<'_, D>,
    request: &BrokerRegistrationRequest,
) -> Handled<BrokerRegistrationResponse> {
    let state = context.state;
    let broker = wire::broker(request.broker_id);
    let incarnation_id = wire::id(request.incarnation_id);
    let existing = state.image().broker(broker);
    check_cluster_id(state, request)?;
    if let Some(existing) = existing
        && context.heartbeats.has_valid_session(broker, existing.epoch, context.now)
        && existing.incarnation_id != incarnation_id
    {
        return Err(ApiError::new(ErrorCode::DuplicateBrokerRegistration, DUPLICATE));
    }
    if request.is_migrating_zk_broker {
        let message = "Controller does not support registering ZK brokers.";
        return Err(ApiError::new(ErrorCode::BrokerIdNotRegistered, message));
    }
    let with_directories = state.metadata_version().has_directory_assignment();
    let log_dirs: Vec<Uuid> = request.log_dirs.iter().map(|id| wire::id(*id)).collect();
    if with_directories {
        check_directories(state, broker, &log_dirs)?;
    }
    let mut record = RegisterBrokerRecord {
        broker_id: broker,
        is_migrating_zk_broker: false,
        incarnation_id,
        end_points: end_points(request),
        features: check_features(state, request)?,
        rack: request.rack.as_ref().map(|rack| wire::name(rack)),
        log_dirs: if with_directories { log_dirs } else { Vec::new() },
        ..RegisterBrokerRecord::default()
    };

    let mut records = Records::default();
    let same_process = existing.filter(|existing| existing.incarnation_id == incarnation_id);
    if let Some(existing) = same_process {
        // It changes its registration and remains what it was.
        record.fenced = existing.fenced;
        record.in_controlled_shutdown = existing.in_controlled_shutdown;
        record.broker_epoch = existing.epoch;
        context.heartbeats.register(broker, record.fenced);
        let response = response(record.broker_epoch);
        records.push(record);
        return Ok(Outcome::of(records, response));
    }
    let shutdown = last_shutdown(existing, request, context.api_version);
    state.handle_broker_shutdown(broker, shutdown, &mut records);
    record.broker_epoch = BrokerEpoch(context.next_write_offset.0 as i64);
    if mutant!(state.config(), BrokerEpochSinks)
        && let Some(existing) = existing
    {
        record.broker_epoch = BrokerEpoch(existing.epoch.0 - 1);
    }
    context.heartbeats.remove(broker);
    context.heartbeats.register(broker, record.fenced);
    let response = response(record.broker_epoch);
    // The registration comes last: should this controller fail in between, the broker tries again
    // and the next controller cleans up once more.
    if existing.is_some() && shutdown == Shutdown::Unclean {
        records.push_noted(record, Note::UncleanShutdown);
    } else {
        records.push(record);
    }
    Ok(Outcome::of(records, response))
}

const DUPLICATE: &str = "Another broker is registered with that broker id. If the broker was \
    recently restarted this should self-resolve once the heartbeat manager expires the broker's \
    session.";

fn response(epoch: BrokerEpoch) -> BrokerRegistrationResponse {
    BrokerRegistrationResponse::default().with_broker_epoch(epoch.0)
}

fn check_cluster_id(
    state: &ControllerState,
    request: &BrokerRegistrationRequest,
) -> Result<(), ApiError> {
    let expected = &*state.config().cluster_id;
    if request.cluster_id.as_str() == expected {
        return Ok(());
    }
    let message =
        format!("Expected cluster ID {expected}, but got cluster ID {}", request.cluster_id);
    Err(ApiError::new(ErrorCode::InconsistentClusterId, message))
}

/// Before version 3 a broker cannot say how its last process ended: then the worst is assumed.
fn last_shutdown(
    existing: Option<&BrokerRegistration>,
    request: &BrokerRegistrationRequest,
    api_version: i16,
) -> Shutdown {
    let left_behind = existing.map(|existing| existing.epoch.0);
    if api_version >= 3 && left_behind == Some(request.previous_broker_epoch) {
        Shutdown::Clean
    } else {
        Shutdown::Unclean
    }
}

fn end_points(request: &BrokerRegistrationRequest) -> Vec<EndPoint> {
    let end_point = |listener: &Listener| EndPoint {
        name: wire::name(&listener.name),
        host: wire::name(&listener.host),
        port: listener.port,
        security_protocol: listener.security_protocol,
    };
    request.listeners.iter().map(end_point).collect()
}

fn check_directories(
    state: &ControllerState,
    broker: BrokerId,
    log_dirs: &[Uuid],
) -> Result<(), ApiError> {
    let invalid = |message: &str| Err(ApiError::new(ErrorCode::InvalidRegistration, message));
    if log_dirs.is_empty() {
        return invalid("No directories specified in request");
    }
    if log_dirs.iter().any(|id| directory::is_reserved(*id)) {
        return invalid("Reserved directory ID in request");
    }
    let mut distinct = log_dirs.to_vec();
    distinct.sort();
    distinct.dedup();
    if distinct.len() != log_dirs.len() {
        return invalid("Duplicate directory ID in request");
    }
    for id in log_dirs {
        if let Some(other) = state.directory_owner(*id).filter(|other| *other != broker) {
            return invalid(&format!("Broker {other} is already registered with directory {id}"));
        }
    }
    Ok(())
}

/// The broker must be able to run at the level of every feature of the cluster.
fn check_features(
    state: &ControllerState,
    request: &BrokerRegistrationRequest,
) -> Result<Vec<SupportedFeature>, ApiError> {
    let mut finalized: BTreeMap<&str, i16> =
        state.image().features().iter().map(|(name, level)| (&**name, level)).collect();
    finalized.insert(Features::KRAFT, state.config().kraft_version);
    let mut unverified = finalized.clone();
    let mut supported = Vec::new();
    for feature in &request.features {
        let level = finalized.get(feature.name.as_str()).copied().unwrap_or(0);
        check_feature(level, feature)?;
        unverified.remove(feature.name.as_str());
        supported.push(SupportedFeature {
            name: wire::name(&feature.name),
            min_supported_version: feature.min_supported_version,
            max_supported_version: feature.max_supported_version,
        });
    }
    if !supported.iter().any(|feature| &*feature.name == MetadataVersion::FEATURE) {
        let message = format!("Request features do not contain '{}'", MetadataVersion::FEATURE);
        return Err(ApiError::new(ErrorCode::InvalidRegistration, message));
    }
    for (name, level) in unverified.into_iter().filter(|(_, level)| *level != 0) {
        // A feature that the broker does not name: it cannot run with it.
        check_feature(level, &Feature::default().with_name(wire::text(name)))?;
    }
    Ok(supported)
}

fn check_feature(finalized: i16, feature: &Feature) -> Result<(), ApiError> {
    let (min, max) = (feature.min_supported_version, feature.max_supported_version);
    if (min..=max).contains(&finalized) {
        return Ok(());
    }
    let message = format!(
        "Unable to register because the broker does not support finalized version {finalized} of \
         {}. The broker wants a version between {min} and {max}, inclusive.",
        feature.name
    );
    Err(ApiError::new(ErrorCode::UnsupportedVersion, message))
}

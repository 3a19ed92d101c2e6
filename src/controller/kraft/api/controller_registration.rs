//! `ControllerRegistration` (key 70): a controller's process introduces itself (KIP-919).
//!
//! In Kafka: `ClusterControlManager.registerController`.

use kafka_protocol::messages::{ControllerRegistrationRequest, ControllerRegistrationResponse};

use super::{Context, Handled, wire};
use crate::controller::kraft::{ApiError, Outcome, Records};
use crate::ids::BrokerId;
use crate::protocol::ErrorCode;
use crate::protocol::metadata_record::{EndPoint, RegisterControllerRecord, SupportedFeature};

/// Handles the request.
///
/// # Errors
/// [`ErrorCode::UnsupportedVersion`] in a cluster that is too old for it.
pub fn handle<D>(
    context: &mut Context<'_, D>,
    request: &ControllerRegistrationRequest,
) -> Handled<ControllerRegistrationResponse> {
    if !context.state.metadata_version().has_controller_registration() {
        let message = "The current MetadataVersion is too old to support controller registrations.";
        return Err(ApiError::new(ErrorCode::UnsupportedVersion, message));
    }
    let end_points = request.listeners.iter().map(|listener| EndPoint {
        name: wire::name(&listener.name),
        host: wire::name(&listener.host),
        port: listener.port,
        security_protocol: listener.security_protocol,
    });
    let features = request.features.iter().map(|feature| SupportedFeature {
        name: wire::name(&feature.name),
        min_supported_version: feature.min_supported_version,
        max_supported_version: feature.max_supported_version,
    });
    let mut records = Records::default();
    records.push(RegisterControllerRecord {
        controller_id: BrokerId(request.controller_id),
        incarnation_id: wire::id(request.incarnation_id),
        zk_migration_ready: false,
        end_points: end_points.collect(),
        features: features.collect(),
    });
    Ok(Outcome::atomic_of(
        records,
        ControllerRegistrationResponse::default().with_error_message(None),
    ))
}

//! `IncrementalAlterConfigs` (key 44): dynamic configurations are set, deleted, added to.
//!
//! In Kafka: `ConfigAdminManager.preprocess` on the broker that hands the request on,
//! `ControllerApis.handleIncrementalAlterConfigs`, `ConfigurationControlManager` (KIP-339).

use kafka_protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig,
};
use kafka_protocol::messages::incremental_alter_configs_response::AlterConfigsResourceResponse;
use kafka_protocol::messages::{IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse};

use super::{Context, Handled, wire};
use crate::controller::kraft::configuration::{ConfigOp, Existence};
use crate::controller::kraft::{ApiError, ControllerState, Outcome, Records};
use crate::ids::Name;
use crate::metadata::{ConfigResource, ResourceType};
use crate::protocol::ErrorCode;

/// Handles the request.
///
/// # Errors
/// None for the request as a whole.
pub fn handle<D>(
    context: &mut Context<'_, D>,
    request: &IncrementalAlterConfigsRequest,
) -> Handled<IncrementalAlterConfigsResponse> {
    let mut records = Records::default();
    let mut response = IncrementalAlterConfigsResponse::default();
    let key =
        |resource: &AlterConfigsResource| (resource.resource_type, resource.resource_name.clone());
    for (index, resource) in request.resources.iter().enumerate() {
        let same = |(other, twin): (usize, &AlterConfigsResource)| {
            other != index && key(twin) == key(resource)
        };
        let result = if request.resources.iter().enumerate().any(same) {
            invalid("Each resource must appear at most once.".to_owned())
        } else {
            alter(context.state, resource)
        };
        let (code, message) = wire::error_of(&result);
        records.append(result.unwrap_or_default());
        response.responses.push(
            AlterConfigsResourceResponse::default()
                .with_resource_type(resource.resource_type)
                .with_resource_name(resource.resource_name.clone())
                .with_error_code(code)
                .with_error_message(message),
        );
    }
    context.state.clear_elr_as_needed(&mut records);
    let outcome = Outcome::atomic_of(records, response);
    Ok(if request.validate_only { outcome.without_records() } else { outcome })
}

fn alter(state: &ControllerState, resource: &AlterConfigsResource) -> Result<Records, ApiError> {
    let kind = ResourceType::from_wire(resource.resource_type).ok_or_else(|| {
        let message = format!("Unknown resource type {}.", resource.resource_type);
        ApiError::new(ErrorCode::UnsupportedVersion, message)
    })?;
    check_keys(resource)?;
    let ops: Result<Vec<_>, _> = resource.configs.iter().map(op).collect();
    let resource = ConfigResource { kind, name: wire::name(&resource.resource_name) };
    state.alter_config(&resource, &ops?, Existence::Required)
}

fn invalid<T>(message: String) -> Result<T, ApiError> {
    Err(ApiError::new(ErrorCode::InvalidRequest, message))
}

fn check_keys(resource: &AlterConfigsResource) -> Result<(), ApiError> {
    let configs = &resource.configs;
    let again = |(index, config): (usize, &AlterableConfig)| {
        configs[..index].iter().any(|other| other.name == config.name)
    };
    if configs.iter().enumerate().any(again) {
        return invalid("Error due to duplicate config keys".to_owned());
    }
    let lacks_value =
        |config: &&AlterableConfig| config.config_operation != DELETE && config.value.is_none();
    let without: Vec<&str> =
        configs.iter().filter(lacks_value).map(|config| config.name.as_str()).collect();
    if without.is_empty() {
        return Ok(());
    }
    invalid(format!("Null value not supported for : {}", without.join(", ")))
}

const DELETE: i8 = 1;

fn op(config: &AlterableConfig) -> Result<(Name, ConfigOp), ApiError> {
    let value = wire::name(config.value.as_deref().unwrap_or_default());
    let op = match config.config_operation {
        0 => ConfigOp::Set(value),
        DELETE => ConfigOp::Delete,
        2 => ConfigOp::Append(value),
        3 => ConfigOp::Subtract(value),
        other => return invalid(format!("Unknown operations type {other}")),
    };
    Ok((wire::name(&config.name), op))
}

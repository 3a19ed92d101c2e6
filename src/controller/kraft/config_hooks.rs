//! What the table of settings says about configurations that an administrator gives.
//!
//! In Kafka: `ControllerConfigurationValidator`, `KafkaConfigSchema`. Left out: which settings of a
//! broker can change while it runs, and the configurations in the answer to `CreateTopics`.

use imbl::OrdMap;

use super::api_error::ApiError;
use super::config::ConfigHooks;
use crate::config::{BrokerConfig, ConfigError, Domain, Kind, Overrides, TopicConfig};
use crate::ids::Name;
use crate::metadata::{ConfigResource, ResourceType};
use crate::protocol::ErrorCode;

type Values = OrdMap<Name, Name>;

impl ConfigHooks {
    /// Hooks that know Kafka's settings.
    pub fn of_tables() -> Self {
        Self { validate, is_list, default_value, ..Self::default() }
    }
}

fn domain(kind: ResourceType) -> Option<Domain> {
    match kind {
        ResourceType::Topic => Some(Domain::Topic),
        ResourceType::Broker => Some(Domain::Broker),
        ResourceType::Group => Some(Domain::Group),
        _ => None,
    }
}

fn validate(resource: &ConfigResource, new: &Values, _old: &Values) -> Result<(), ApiError> {
    let Some(domain) = domain(resource.kind) else { return Ok(()) };
    let mut overrides = Overrides::default();
    for (name, value) in new {
        overrides.set(domain, name, value).map_err(invalid)?;
    }
    if domain == Domain::Topic
        && let Err(errors) = TopicConfig::effective(&overrides, &BrokerConfig::default())
        && let Some(error) = errors.into_iter().next()
    {
        return Err(invalid(error));
    }
    Ok(())
}

fn invalid(error: ConfigError) -> ApiError {
    let message = error.kafka_message().unwrap_or_else(|| error.to_string());
    ApiError::new(ErrorCode::InvalidConfig, message)
}

fn is_list(kind: ResourceType, name: &str) -> bool {
    let definition = domain(kind).and_then(|domain| domain.definition(name).ok());
    definition.is_some_and(|definition| definition.kind == Kind::List)
}

fn default_value(kind: ResourceType, name: &str) -> Option<Name> {
    let definition = domain(kind)?.definition(name).ok()?;
    definition.default.map(Name::from)
}

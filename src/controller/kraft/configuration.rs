//! Dynamic configurations: what they are, and whether they may become something else.
//!
//! In Kafka: `ConfigurationControlManager`, `ControllerConfigurationValidator`,
//! `ConfigResourceExistenceChecker`.

use imbl::OrdMap;

use super::api_error::ApiError;
use super::outcome::Records;
use super::state::ControllerState;
use crate::ids::{BrokerId, Name, java_string_hash};
use crate::metadata::java_hash::HashOrder;
use crate::metadata::{ConfigResource, ResourceType, topic_name};
use crate::protocol::ErrorCode;
use crate::protocol::metadata_record::{ClearElrRecord, ConfigRecord, MetadataRecord};

const MIN_ISR: &str = "min.insync.replicas";

/// One change of a configuration: `AlterConfigOp`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ConfigOp {
    /// It gets this value.
    Set(Name),
    /// It goes back to its default.
    Delete,
    /// These are added to its list.
    Append(Name),
    /// These are taken from its list.
    Subtract(Name),
}

/// Whether a resource is known to exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Existence {
    /// It is being made.
    New,
    /// It has to be there.
    Required,
}

/// Reading.
impl ControllerState {
    /// A configuration as it holds for a topic: set for the topic, for this controller, for the
    /// cluster, or in the server properties; none where Kafka's default holds.
    pub(super) fn topic_config(&self, topic: &str, key: &str) -> Option<&Name> {
        let configs = self.image.configs();
        configs
            .get(&ConfigResource::topic(topic), key)
            .or_else(|| configs.get(&ConfigResource::node(self.config.node_id), key))
            .or_else(|| configs.get(&ConfigResource::cluster(), key))
            .or_else(|| self.config.static_config.get(key))
    }
}

/// Changing.
impl ControllerState {
    /// The records that change configurations of `resource`, in the order in which Java's hash map
    /// has the names.
    ///
    /// # Errors
    /// When one change is not valid: then none is made.
    pub(super) fn alter_config(
        &self,
        resource: &ConfigResource,
        ops: &[(Name, ConfigOp)],
        existence: Existence,
    ) -> Result<Records, ApiError> {
        let current = self.image.configs().of(resource);
        let mut names = HashOrder::new();
        names.extend(ops.iter().map(|(name, _)| name));
        let mut records = Records::default();
        for name in names.iterated(|name| java_string_hash(name)) {
            // Of two changes of one name the last one counts.
            let op = ops.iter().rev().find(|(other, _)| other == *name);
            let (_, op) = op.expect("the names are those of the changes");
            let before = current.get(*name);
            let after = self.altered(resource.kind, name, before, op)?;
            // Brokers reload even what is set to the value it has (KAFKA-14136).
            if before != after.as_ref() || resource.kind == ResourceType::Broker {
                records.push(ConfigRecord {
                    resource_type: resource.kind.to_wire(),
                    resource_name: resource.name.clone(),
                    name: (*name).clone(),
                    value: after,
                });
            }
        }
        self.validate(resource, &current, &records, existence)?;
        Ok(records)
    }

    /// With ELR, whatever `min.insync.replicas` becomes: the ELRs that rest on its old value go.
    pub(super) fn clear_elr_as_needed(&self, records: &mut Records) {
        if !self.image.features().elr_enabled() {
            return;
        }
        let clear = |record: &MetadataRecord| match record {
            MetadataRecord::Config(record) if &*record.name == MIN_ISR => {
                let of_topic = record.resource_type == ResourceType::Topic.to_wire();
                let topic_name = if of_topic { record.resource_name.clone() } else { "".into() };
                Some(ClearElrRecord { topic_name })
            }
            _ => None,
        };
        let cleared: Vec<_> = records.records.iter().filter_map(clear).collect();
        for record in cleared {
            records.push(record);
        }
    }

    fn altered(
        &self,
        kind: ResourceType,
        name: &Name,
        before: Option<&Name>,
        op: &ConfigOp,
    ) -> Result<Option<Name>, ApiError> {
        let (verb, parts) = match op {
            ConfigOp::Set(value) => return Ok(Some(value.clone())),
            ConfigOp::Delete => return Ok(None),
            ConfigOp::Append(parts) => ("APPEND", parts),
            ConfigOp::Subtract(parts) => ("SUBTRACT", parts),
        };
        if !(self.config.hooks.is_list)(kind, name) {
            return Err(ApiError::new(
                ErrorCode::InvalidConfig,
                format!("Can't {verb} to key {name} because its type is not LIST."),
            ));
        }
        let default = || (self.config.hooks.default_value)(kind, name);
        let before = before.cloned().or_else(default).unwrap_or_default();
        let mut list: Vec<&str> = before.split(',').filter(|part| !part.is_empty()).collect();
        for part in parts.split(',') {
            let known = list.iter().position(|other| *other == part);
            match (op, known) {
                (ConfigOp::Append(_), None) => list.push(part),
                (ConfigOp::Subtract(_), Some(index)) => _ = list.remove(index),
                _ => {}
            }
        }
        Ok(Some(list.join(",").into()))
    }

    fn validate(
        &self,
        resource: &ConfigResource,
        current: &OrdMap<Name, Name>,
        records: &Records,
        existence: Existence,
    ) -> Result<(), ApiError> {
        let invalid = |message: String| Err(ApiError::new(ErrorCode::InvalidConfig, message));
        let elr = self.image.features().elr_enabled();
        let mut all = current.clone();
        for record in &records.records {
            let MetadataRecord::Config(ConfigRecord { name, value, .. }) = record else {
                unreachable!("only configurations were altered");
            };
            if elr && &**name == MIN_ISR && resource.kind == ResourceType::Broker {
                if !resource.name.is_empty() {
                    return invalid(format!(
                        "Broker-level {MIN_ISR} cannot be altered while ELR is enabled."
                    ));
                }
                if value.is_none() {
                    return invalid(format!(
                        "Cluster-level {MIN_ISR} cannot be removed while ELR is enabled."
                    ));
                }
            }
            match value {
                Some(value) if value.encode_utf16().count() > i16::MAX as usize => {
                    return invalid(VALUE_TOO_LONG.to_owned());
                }
                Some(value) => _ = all.insert(name.clone(), value.clone()),
                None => _ = all.remove(name),
            }
        }
        validate_name(resource)?;
        (self.config.hooks.validate)(resource, &all, current)?;
        match existence {
            Existence::New => Ok(()),
            Existence::Required => self.check_existence(resource),
        }
    }

    fn check_existence(&self, resource: &ConfigResource) -> Result<(), ApiError> {
        match resource.kind {
            ResourceType::Broker if !resource.name.is_empty() => {
                let id = resource.name.parse().map(BrokerId).map_err(|_| {
                    let message = format!("Invalid broker name {}", resource.name);
                    ApiError::new(ErrorCode::InvalidRequest, message)
                })?;
                if self.image.broker(id).is_none() && !self.config.quorum.contains(&id) {
                    let message = format!("No node with id {id} found.");
                    return Err(ApiError::new(ErrorCode::BrokerIdNotRegistered, message));
                }
            }
            ResourceType::Topic => {
                let message = || Some(format!("The topic '{}' does not exist.", resource.name));
                self.topic_or(&resource.name, message)?;
            }
            ResourceType::Broker
            | ResourceType::BrokerLogger
            | ResourceType::ClientMetrics
            | ResourceType::Group => {}
        }
        Ok(())
    }
}

const VALUE_TOO_LONG: &str = "The configuration value cannot be added because \
    it exceeds the maximum value size of 32767 bytes.";

/// Whether a resource of that kind may have that name.
fn validate_name(resource: &ConfigResource) -> Result<(), ApiError> {
    let invalid = |message: &str| Err(ApiError::new(ErrorCode::InvalidRequest, message));
    match resource.kind {
        ResourceType::Topic if resource.name.is_empty() => {
            invalid("Default topic resources are not allowed.")
        }
        ResourceType::Topic => match topic_name::problem(&resource.name) {
            Some(problem) => Err(ApiError::new(ErrorCode::InvalidTopicException, problem)),
            None => Ok(()),
        },
        ResourceType::Broker if resource.name.is_empty() => Ok(()),
        ResourceType::Broker => match resource.name.parse::<i32>() {
            Err(_) => invalid("Unable to parse broker name as a base 10 number."),
            Ok(..0) => invalid("Invalid negative broker ID."),
            Ok(_) => Ok(()),
        },
        ResourceType::Group if resource.name.is_empty() => {
            invalid("Default group resources are not allowed.")
        }
        ResourceType::Group | ResourceType::ClientMetrics => Ok(()),
        ResourceType::BrokerLogger => invalid("Unknown resource type BROKER_LOGGER"),
    }
}

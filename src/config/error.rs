//! What can be wrong with a setting.

use std::fmt;

use super::Domain;
use crate::ids::Name;

/// A setting that was refused. The words are Kafka's where Kafka has any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// No such name in the domain.
    Unknown {
        /// Whose setting was looked for.
        domain: Domain,
        /// The name.
        name: Name,
        /// The nearest name of the domain, if one is near.
        near: Option<&'static str>,
        /// Whose setting it is instead.
        elsewhere: Option<Domain>,
    },
    /// Kafka 3.9 knew the name, Kafka 4 does not.
    Former {
        /// Whose setting it was.
        domain: Domain,
        /// The name.
        name: Name,
    },
    /// Kafka knows the name, the simulator does not follow it.
    NotModelled {
        /// Whose setting it is.
        domain: Domain,
        /// The name.
        name: Name,
    },
    /// The simulator knows the setting, but not yet this value of it.
    ValueNotModelled {
        /// The name.
        name: &'static str,
        /// The value.
        value: Name,
        /// What can be simulated.
        modelled: Vec<Name>,
    },
    /// Kafka refuses the value.
    Invalid {
        /// The name.
        name: &'static str,
        /// The value.
        value: Name,
        /// Kafka's reason.
        reason: String,
    },
    /// Values that do not go together.
    Conflict {
        /// The names involved; the first is the one to point at.
        names: &'static [&'static str],
        /// Kafka's rule.
        rule: String,
    },
}

impl ConfigError {
    /// The setting to point at.
    pub fn name(&self) -> &str {
        match self {
            Self::Unknown { name, .. }
            | Self::Former { name, .. }
            | Self::NotModelled { name, .. } => name,
            Self::ValueNotModelled { name, .. } | Self::Invalid { name, .. } => name,
            Self::Conflict { names, .. } => names.first().copied().unwrap_or_default(),
        }
    }

    /// What may be meant, in a few words.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { near: Some(near), .. } => Some(format!("did you mean `{near}`?")),
            Self::Unknown { elsewhere: Some(domain), .. } => {
                Some(format!("Kafka has it as a {domain} setting"))
            }
            Self::ValueNotModelled { modelled, .. } => {
                Some(format!("what can be simulated: {}", modelled.join(", ")))
            }
            _ => None,
        }
    }

    /// What a Kafka that was asked to set this would answer.
    pub fn kafka_message(&self) -> Option<String> {
        match self {
            Self::Unknown { domain: Domain::Topic, name, .. }
            | Self::Former { domain: Domain::Topic, name } => {
                Some(format!("Unknown topic config name: {name}"))
            }
            Self::Invalid { .. } | Self::Conflict { .. } => Some(self.to_string()),
            _ => None,
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { domain, name, .. } => write!(f, "unknown {domain} setting `{name}`"),
            Self::Former { name, .. } => {
                write!(f, "Kafka 4.0 removed `{name}`")
            }
            Self::NotModelled { name, .. } => {
                write!(f, "Kafka knows `{name}`, the simulator does not model it (yet)")
            }
            Self::ValueNotModelled { name, value, .. } => {
                let owner = Domain::owner(name);
                write!(f, "{owner} knows `{name}={value}`, the simulator does not model it (yet)")
            }
            Self::Invalid { name, value, reason } => {
                write!(f, "Invalid value {value} for configuration {name}: {reason}")
            }
            Self::Conflict { rule, .. } => f.write_str(rule),
        }
    }
}

impl std::error::Error for ConfigError {}

//! Dynamic configurations, by resource.
//!
//! In Kafka: `ConfigurationsImage`, `ConfigResource`.

use imbl::OrdMap;
use strum::IntoStaticStr;

use crate::ids::{BrokerId, Name};
use crate::protocol::metadata_record::ConfigRecord;

/// The kinds of resources that have dynamic configurations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum ResourceType {
    /// A topic.
    Topic = 2,
    /// A broker or controller, or all of them where the name is empty.
    Broker = 4,
    /// The log levels of a broker; never in the metadata log.
    BrokerLogger = 8,
    /// A subscription to client metrics (KIP-714).
    ClientMetrics = 16,
    /// A group.
    Group = 32,
}

impl ResourceType {
    /// The number on the wire.
    pub const fn to_wire(self) -> i8 {
        self as i8
    }

    /// From the number on the wire.
    pub const fn from_wire(number: i8) -> Option<Self> {
        match number {
            2 => Some(Self::Topic),
            4 => Some(Self::Broker),
            8 => Some(Self::BrokerLogger),
            16 => Some(Self::ClientMetrics),
            32 => Some(Self::Group),
            _ => None,
        }
    }
}

/// Something that has dynamic configurations.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConfigResource {
    /// What it is.
    pub kind: ResourceType,
    /// Which one.
    pub name: Name,
}

impl ConfigResource {
    /// The topic called `name`.
    pub fn topic(name: &str) -> Self {
        Self { kind: ResourceType::Topic, name: name.into() }
    }

    /// A broker or controller by its id.
    pub fn node(id: BrokerId) -> Self {
        Self { kind: ResourceType::Broker, name: id.to_string().into() }
    }

    /// All brokers and controllers.
    pub fn cluster() -> Self {
        Self { kind: ResourceType::Broker, name: "".into() }
    }

    /// The group called `name`.
    pub fn group(name: &str) -> Self {
        Self { kind: ResourceType::Group, name: name.into() }
    }
}

/// The dynamic configurations of all resources that have some.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configs {
    resources: OrdMap<ConfigResource, OrdMap<Name, Name>>,
}

impl Configs {
    /// Applies a record.
    ///
    /// # Panics
    /// When the record is about an unknown kind of resource.
    pub fn apply(&mut self, record: &ConfigRecord) {
        let kind = ResourceType::from_wire(record.resource_type)
            .expect("a controller writes configurations of known kinds");
        let resource = ConfigResource { kind, name: record.resource_name.clone() };
        if let Some(value) = &record.value {
            let configs = self.resources.entry(resource).or_default();
            configs.insert(record.name.clone(), value.clone());
        } else if let Some(configs) = self.resources.get_mut(&resource) {
            configs.remove(&record.name);
            if configs.is_empty() {
                self.resources.remove(&resource);
            }
        } else {
            // Not an error: Kafka deletes what is not there as well.
        }
    }

    /// Forgets all configurations of `resource`.
    pub fn remove(&mut self, resource: &ConfigResource) {
        self.resources.remove(resource);
    }

    /// The configurations of `resource`, by name.
    pub fn of(&self, resource: &ConfigResource) -> OrdMap<Name, Name> {
        self.resources.get(resource).cloned().unwrap_or_default()
    }

    /// One configuration of `resource`.
    pub fn get(&self, resource: &ConfigResource, name: &str) -> Option<&Name> {
        self.resources.get(resource)?.get(name)
    }

    /// All configurations, by resource and name.
    pub fn iter(&self) -> impl Iterator<Item = (&ConfigResource, &OrdMap<Name, Name>)> {
        self.resources.iter()
    }
}

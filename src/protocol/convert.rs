//! Between our names and those of the `kafka-protocol` crate.

use kafka_protocol::messages as kafka;
use kafka_protocol::protocol::StrBytes;

use crate::ids::{BrokerId, Name, Uuid};

/// A text as the crate's structs hold it.
pub fn text(name: &str) -> StrBytes {
    StrBytes::from_string(name.to_owned())
}

/// A topic's name as the crate's structs hold it.
pub fn topic_name(name: &str) -> kafka::TopicName {
    kafka::TopicName(text(name))
}

/// A text of the crate's structs as a name.
pub fn name(text: &StrBytes) -> Name {
    Name::from(text.as_str())
}

/// An id as the crate's structs hold it.
pub const fn uuid(id: Uuid) -> uuid::Uuid {
    uuid::Uuid::from_u128(id.0)
}

/// An id of the crate's structs.
pub const fn id(uuid: uuid::Uuid) -> Uuid {
    Uuid(uuid.as_u128())
}

/// Brokers' ids of the crate's structs.
pub fn broker_ids<B: FromIterator<BrokerId>>(ids: &[kafka::BrokerId]) -> B {
    ids.iter().map(|id| BrokerId(id.0)).collect()
}

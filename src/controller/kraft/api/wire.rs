//! Between the protocol's types and ours.

use kafka_protocol::messages as kafka;
use kafka_protocol::protocol::StrBytes;

use crate::controller::kraft::ApiError;
use crate::ids::{BrokerId, Name, Uuid};

/// A broker's id from the wire.
pub(super) const fn broker(id: kafka::BrokerId) -> BrokerId {
    BrokerId(id.0)
}

/// Brokers' ids from the wire.
pub(super) fn brokers(ids: &[kafka::BrokerId]) -> Vec<BrokerId> {
    ids.iter().map(|id| BrokerId(id.0)).collect()
}

/// Brokers' ids for the wire.
pub(super) fn to_brokers(ids: &[BrokerId]) -> Vec<kafka::BrokerId> {
    ids.iter().map(|id| kafka::BrokerId(id.0)).collect()
}

/// An id from the wire.
pub(super) const fn id(id: uuid::Uuid) -> Uuid {
    Uuid(id.as_u128())
}

/// An id for the wire.
pub(super) const fn to_id(id: Uuid) -> uuid::Uuid {
    uuid::Uuid::from_u128(id.0)
}

/// A string from the wire.
pub(super) fn name(text: &str) -> Name {
    text.into()
}

/// A string for the wire.
pub(super) fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

/// A topic's name for the wire.
pub(super) fn topic(name: &str) -> kafka::TopicName {
    kafka::TopicName(text(name))
}

/// The code and the message of what became of a part of a request.
pub(super) fn error_of<T>(result: &Result<T, ApiError>) -> (i16, Option<StrBytes>) {
    match result {
        Ok(_) => (0, None),
        Err(error) => (error.error.code(), error.message.as_deref().map(text)),
    }
}

//! Java's exceptions by name: what the application is told, and what reasons for rejoining say.
//!
//! In Kafka: `org.apache.kafka.common.errors`, `Errors.exception()`.

use crate::ids::Name;
use crate::protocol::ErrorCode;

/// An exception that reaches the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Thrown(pub(super) Name);

impl Thrown {
    pub(super) fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// The exception of an error code.
    pub(super) fn of(error: ErrorCode) -> Self {
        Self(exception_of(error).into())
    }
}

/// The simple name of Kafka's exception for `error`.
pub(super) fn exception_of(error: ErrorCode) -> String {
    let irregular = match error {
        ErrorCode::UnknownServerError => Some("UnknownServerException"),
        ErrorCode::CorruptMessage => Some("CorruptRecordException"),
        ErrorCode::RequestTimedOut => Some("TimeoutException"),
        ErrorCode::OffsetMetadataTooLarge => Some("OffsetMetadataTooLarge"),
        ErrorCode::NetworkException => Some("NetworkException"),
        ErrorCode::InvalidTopicException => Some("InvalidTopicException"),
        ErrorCode::TopicAuthorizationFailed => Some("TopicAuthorizationException"),
        ErrorCode::GroupAuthorizationFailed => Some("GroupAuthorizationException"),
        ErrorCode::ClusterAuthorizationFailed => Some("ClusterAuthorizationException"),
        ErrorCode::KafkaStorageError => Some("KafkaStorageException"),
        _ => None,
    };
    if let Some(name) = irregular {
        return name.to_owned();
    }
    let mut name = String::new();
    for word in error.name().split('_') {
        let (first, rest) = word.split_at(1);
        name.push_str(first);
        name.push_str(&rest.to_ascii_lowercase());
    }
    name + "Exception"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_java_classes() {
        let names = [
            (ErrorCode::UnknownMemberId, "UnknownMemberIdException"),
            (ErrorCode::CoordinatorLoadInProgress, "CoordinatorLoadInProgressException"),
            (ErrorCode::NotCoordinator, "NotCoordinatorException"),
            (ErrorCode::FencedInstanceId, "FencedInstanceIdException"),
            (ErrorCode::RequestTimedOut, "TimeoutException"),
        ];
        for (error, name) in names {
            assert_eq!(exception_of(error), name);
        }
    }
}

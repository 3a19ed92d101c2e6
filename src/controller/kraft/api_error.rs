//! An error with Kafka's sentence on it.
//!
//! In Kafka: `ApiError`, and the exceptions that become one.

use crate::protocol::ErrorCode;

/// What a request, or a part of one, is answered when it fails.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}: {}", message.as_deref().unwrap_or("-"))]
pub struct ApiError {
    /// The error.
    pub error: ErrorCode,
    /// The sentence; none where Kafka sends none.
    pub message: Option<String>,
}

impl ApiError {
    /// `error` with `message`.
    pub fn new(error: ErrorCode, message: impl Into<String>) -> Self {
        Self { error, message: Some(message.into()) }
    }

    /// `error` without a word.
    pub const fn bare(error: ErrorCode) -> Self {
        Self { error, message: None }
    }

    /// `error` with the sentence that belongs to its code.
    ///
    /// # Panics
    /// When the controller never answers that code so.
    pub fn with_default_message(error: ErrorCode) -> Self {
        let message = match error {
            ErrorCode::UnknownTopicOrPartition => "This server does not host this topic-partition.",
            ErrorCode::TopicDeletionDisabled => "Topic deletion is disabled.",
            ErrorCode::PreferredLeaderNotAvailable => "The preferred leader was not available.",
            ErrorCode::EligibleLeadersNotAvailable => {
                "Eligible topic partition leaders are not available."
            }
            ErrorCode::ElectionNotNeeded => "Leader election not needed for topic partition.",
            ErrorCode::UnknownTopicId => "This server does not host this topic ID.",
            other => panic!("{other} has no sentence here"),
        };
        Self::new(error, message)
    }
}

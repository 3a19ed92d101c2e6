//! The bytes of records in Kafka's own topics.

mod coordinator;
pub mod group_coordinator;
pub mod kraft_metadata;
pub mod quorum_state_and_kraft_control;
pub mod share_coordinator;
pub mod transaction_log;

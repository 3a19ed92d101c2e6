//! What a broker answers: one file per kind of request.
//!
//! In Kafka: `KafkaApis`.

pub(super) mod api_versions;
pub(super) mod auto_create;
pub(super) mod fetch;
mod find_coordinator;
pub(super) mod forward;
mod groups;
pub(super) mod init_producer_id;
mod list_offsets;
mod metadata;
mod offset_for_leader_epoch;
mod produce;

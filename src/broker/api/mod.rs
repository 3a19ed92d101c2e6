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

use crate::sim::Duration;

/// What a handler thread spends on any request.
pub(super) const REQUEST: Duration = Duration::from_micros(20);
/// What it spends on a partition of a produce or fetch request.
const PARTITION: Duration = Duration::from_micros(2);
/// What it spends on a record that it checks, in nanoseconds.
const RECORD_NANOS: u64 = 100;

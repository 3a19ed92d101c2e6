//! What brokers and administrators ask a controller: one file per request kind.
//!
//! In Kafka: `ControllerApis` and the managers behind it. There is no authorizer: everybody may do
//! everything.

pub mod allocate_producer_ids;
pub mod alter_partition;
pub mod alter_partition_reassignments;
pub mod assign_replicas_to_dirs;
pub mod broker_heartbeat;
pub mod broker_registration;
pub mod controller_registration;
pub mod create_partitions;
pub mod create_topics;
pub mod delete_topics;
pub mod elect_leaders;
mod errors;
pub mod incremental_alter_configs;
pub mod list_partition_reassignments;
pub mod unregister_broker;
mod wire;

use super::api_error::ApiError;
use super::heartbeats::BrokerHeartbeatManager;
use super::outcome::Outcome;
use super::state::ControllerState;
use super::topic_ids::TopicIds;
use crate::ids::Offset;
use crate::metadata::placement::Draw;
use crate::protocol::{RequestBody, ResponseBody};
use crate::sim::Instant;

pub(super) use errors::{Refusal, error_response, refusals};

/// What a handler sees. It may change soft state only.
#[derive(Debug)]
pub struct Context<'a, D> {
    /// The hard state, with what is not committed yet.
    pub state: &'a ControllerState,
    /// Sessions of brokers.
    pub heartbeats: &'a mut BrokerHeartbeatManager,
    /// Where random placements come from.
    pub placement: &'a mut D,
    /// Where ids of topics come from.
    pub topic_ids: &'a mut TopicIds,
    /// The instant.
    pub now: Instant,
    /// The offset that the next record will get.
    pub next_write_offset: Offset,
    /// The version of the request.
    pub api_version: i16,
}

/// What a handler comes to, or the error for the whole request.
pub type Handled<T> = Result<Outcome<T>, ApiError>;

/// Handles a request that may write records; none for a request that no controller takes here.
pub(super) fn handle<D: Draw>(
    context: &mut Context<'_, D>,
    request: &RequestBody,
) -> Option<Handled<ResponseBody>> {
    use RequestBody as Q;
    use ResponseBody as R;
    macro_rules! answer {
        ($module:ident, $variant:ident, $request:expr) => {
            $module::handle(context, $request)
                .map(|outcome| outcome.map(|response| R::$variant(Box::new(response))))
        };
    }
    Some(match request {
        Q::CreateTopics(request) => answer!(create_topics, CreateTopics, request),
        Q::DeleteTopics(request) => answer!(delete_topics, DeleteTopics, request),
        Q::CreatePartitions(request) => answer!(create_partitions, CreatePartitions, request),
        Q::ElectLeaders(request) => answer!(elect_leaders, ElectLeaders, request),
        Q::IncrementalAlterConfigs(request) => {
            answer!(incremental_alter_configs, IncrementalAlterConfigs, request)
        }
        Q::AlterPartitionReassignments(request) => {
            answer!(alter_partition_reassignments, AlterPartitionReassignments, request)
        }
        Q::AlterPartition(request) => answer!(alter_partition, AlterPartition, request),
        Q::BrokerRegistration(request) => answer!(broker_registration, BrokerRegistration, request),
        Q::BrokerHeartbeat(request) => answer!(broker_heartbeat, BrokerHeartbeat, request),
        Q::UnregisterBroker(request) => answer!(unregister_broker, UnregisterBroker, request),
        Q::AllocateProducerIds(request) => {
            answer!(allocate_producer_ids, AllocateProducerIds, request)
        }
        Q::ControllerRegistration(request) => {
            answer!(controller_registration, ControllerRegistration, request)
        }
        Q::AssignReplicasToDirs(request) => {
            answer!(assign_replicas_to_dirs, AssignReplicasToDirs, request)
        }
        _ => return None,
    })
}

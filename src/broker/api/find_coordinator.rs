//! FindCoordinator (key 10): which broker leads the partition that keeps a group.
//!
//! In Kafka: `KafkaApis.handleFindCoordinatorRequest`; KIP-699 (several keys at once). Left out:
//! transaction coordinators, share coordinators.

use kafka_protocol::messages::find_coordinator_response::Coordinator;
use kafka_protocol::messages::{FindCoordinatorRequest, FindCoordinatorResponse};

use super::super::Broker;
use crate::coordinator::group::OFFSETS_TOPIC;
use crate::ids::PartitionIndex;
use crate::node::{Outbox, ReplyTo};
use crate::protocol::convert::text;
use crate::protocol::{Endpoint, ErrorCode, ResponseBody};

/// The key type of consumer groups.
const GROUP: i8 = 0;

impl Broker {
    /// Names the coordinator of each group; creates the offsets topic for the first one.
    pub(in crate::broker) fn on_find_coordinator(
        &mut self,
        from: ReplyTo,
        request: &FindCoordinatorRequest,
        out: &mut Outbox,
    ) {
        let single = request.coordinator_keys.is_empty();
        let keys =
            if single { vec![request.key.clone()] } else { request.coordinator_keys.clone() };
        let coordinators: Vec<Coordinator> = keys
            .iter()
            .map(|key| {
                let found = if request.key_type == GROUP {
                    self.coordinator_of(key, out)
                } else {
                    Err(ErrorCode::CoordinatorNotAvailable)
                };
                answer(key, found)
            })
            .collect();
        let mut response = FindCoordinatorResponse::default();
        if single {
            let first = coordinators.into_iter().next().expect("one key gives one answer");
            response = response
                .with_error_code(first.error_code)
                .with_error_message(first.error_message)
                .with_node_id(first.node_id)
                .with_host(first.host)
                .with_port(first.port);
        } else {
            response.coordinators = coordinators;
        }
        out.reply(from, ResponseBody::FindCoordinator(Box::new(response)));
    }

    fn coordinator_of(&mut self, group: &str, out: &mut Outbox) -> Result<Endpoint, ErrorCode> {
        let Some(topic) = self.image.topic_named(OFFSETS_TOPIC) else {
            self.auto_create(&[OFFSETS_TOPIC.into()], out);
            return Err(ErrorCode::CoordinatorNotAvailable);
        };
        let partition = PartitionIndex(self.coordinator.partition_for(group));
        let state = self.image.partition(topic.id, partition);
        state
            .and_then(|state| state.leader)
            .and_then(|leader| self.endpoint(leader))
            .ok_or(ErrorCode::CoordinatorNotAvailable)
    }
}

fn answer(key: &str, found: Result<Endpoint, ErrorCode>) -> Coordinator {
    let coordinator = Coordinator::default().with_key(text(key));
    match found {
        Ok(endpoint) => coordinator
            .with_node_id(endpoint.broker.0.into())
            .with_host(text(&endpoint.host))
            .with_port(i32::from(endpoint.port)),
        Err(error) => {
            coordinator.with_error_code(error.code()).with_node_id((-1).into()).with_port(-1)
        }
    }
}

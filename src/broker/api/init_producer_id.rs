//! InitProducerId (key 22): an id for an idempotent producer.
//!
//! In Kafka: `TransactionCoordinator.handleInitProducerId`, `RPCProducerIdManager`; KIP-98, KIP-730
//! (blocks of ids from the controller). Left out: transactional producers.

use kafka_protocol::messages::{
    AllocateProducerIdsRequest, InitProducerIdRequest, InitProducerIdResponse,
};

use super::super::to_controller::Outcome;
use super::super::{Broker, Tag};
use crate::node::{Outbox, Purpose, ReplyTo};
use crate::protocol::{ErrorCode, RequestBody, ResponseBody};

/// The ids that the controller gave this broker.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProducerIds {
    /// The next id, and how many are left.
    current: Option<(i64, i32)>,
    /// A block for later.
    next: Option<(i64, i32)>,
    requested: bool,
}

impl ProducerIds {
    /// The next id, if there is one; and whether another block is to be asked for: when nine tenths
    /// of this one are used, or there is none.
    fn claim(&mut self) -> (Option<i64>, bool) {
        if self.current.is_none_or(|(_, left)| left == 0) {
            self.current = self.next.take();
        }
        let claimed = self.current.as_mut().map(|(id, left)| {
            *left -= 1;
            *id += 1;
            *id - 1
        });
        let low = self.current.is_none_or(|(_, left)| left <= 100);
        (claimed, low && self.next.is_none() && !self.requested)
    }
}

impl Broker {
    /// Hands out a producer id. While there is none the producer is told to come again.
    pub(in crate::broker) fn on_init_producer_id(
        &mut self,
        from: ReplyTo,
        request: &InitProducerIdRequest,
        out: &mut Outbox,
    ) {
        let mut answer = InitProducerIdResponse::default();
        if request.transactional_id.is_some() {
            answer.error_code = ErrorCode::CoordinatorNotAvailable.code();
        } else {
            let (id, more) = self.producer_ids.claim();
            if more {
                self.ask_for_producer_ids(out);
            }
            match id {
                Some(id) => {
                    answer.producer_id = id.into();
                    answer.producer_epoch = 0;
                }
                None => answer.error_code = ErrorCode::CoordinatorLoadInProgress.code(),
            }
        }
        if answer.error_code != 0 {
            answer.producer_id = (-1).into();
            answer.producer_epoch = -1;
        }
        out.reply(from, ResponseBody::InitProducerId(Box::new(answer)));
    }

    fn ask_for_producer_ids(&mut self, out: &mut Outbox) {
        self.producer_ids.requested = true;
        let epoch = self.lifecycle.broker_epoch.map_or(-1, |epoch| epoch.0);
        let request = AllocateProducerIdsRequest::default()
            .with_broker_id(self.id.0.into())
            .with_broker_epoch(epoch);
        let body = (0, RequestBody::AllocateProducerIds(Box::new(request)));
        self.ask_controller(Purpose::Forwarding, Tag::ProducerIds, body, out);
    }

    /// The controller gave a block of ids, or did not.
    pub(in crate::broker) fn on_producer_ids(&mut self, outcome: Outcome, _out: &mut Outbox) {
        self.producer_ids.requested = false;
        if let Ok(response) = outcome.answer()
            && let ResponseBody::AllocateProducerIds(answer) = &response.body
            && answer.error_code == 0
        {
            self.producer_ids.next = Some((answer.producer_id_start.0, answer.producer_id_len));
        }
    }
}

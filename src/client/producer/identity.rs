//! Asking for a producer id, before anything else is sent.
//!
//! In Kafka: `Sender.maybeSendAndPollTransactionalRequest` with `InitProducerIdHandler`. While that
//! request is open nothing is sent and nothing expires.

use kafka_protocol::messages as kafka;

use super::idempotence::{Idempotence, State};
use super::{Producer, Tag};
use crate::fact::Fact;
use crate::ids::{ProducerEpoch, ProducerId};
use crate::node::{Failure, Outbox, Peer, Timer, Why};
use crate::protocol::{ErrorCode, RequestBody, ResponseBody};
use crate::sim::Instant;

/// The API version that a producer id is asked for by.
const INIT_PRODUCER_ID_VERSION: i16 = 5;
/// The slot of `Timer::Retry` that is used here.
pub(super) const RETRY: u32 = 0;

/// How far the question for a producer id is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asking {
    /// A node is to be chosen, not before the instant.
    Choosing(Instant),
    /// A connection to the node is waited for, until the instant at most.
    Connecting(Peer, Instant),
    /// Not the first attempt: it waits a little once the node is ready.
    Pausing(Peer, Instant),
    /// The request is on its way.
    Sent,
}

impl Producer {
    /// True if the producer may send: it needs no identity, or has one.
    pub(super) fn prepare_identity(&mut self, out: &mut Outbox) -> bool {
        let Some(idempotence) = &mut self.idempotence else { return true };
        idempotence.resolve();
        if let State::Fatal(error) = idempotence.state {
            self.abort_all(error, out);
            return false;
        }
        if idempotence.bump_if_wanted(&mut self.accumulator.batches) {
            self.tell_identity(out);
        }
        let Some(idempotence) = &mut self.idempotence else { return true };
        match idempotence.state {
            State::Ready => return true,
            State::Uninitialized => {
                idempotence.state = State::Initializing;
                self.asking = Asking::Choosing(Instant::ZERO);
                self.asking_again = false;
            }
            State::Initializing | State::Fatal(_) => {}
        }
        self.ask_for_identity(out);
        false
    }

    fn tell_identity(&self, out: &mut Outbox) {
        let identity = self.idempotence.as_ref().and_then(Idempotence::identity);
        if let Some((producer_id, producer_epoch)) = identity {
            out.fact(|| Fact::ProducerIdAssigned { producer_id, producer_epoch });
        }
    }

    fn ask_for_identity(&mut self, out: &mut Outbox) {
        loop {
            match self.asking {
                Asking::Sent => return,
                Asking::Choosing(not_before) if out.now < not_before => return,
                Asking::Pausing(_, until) if out.now < until => return,
                Asking::Choosing(_) => match self.network.least_loaded(out.now) {
                    Some(peer) => {
                        let give_up = out.now + self.settings.request_timeout;
                        self.asking = Asking::Connecting(peer, give_up);
                    }
                    None => return self.choose_later(out),
                },
                Asking::Connecting(peer, give_up) => {
                    if self.network.ready(peer, out) {
                        if !self.asking_again {
                            return self.send_init_producer_id(peer, out);
                        }
                        let until = out.now + self.settings.retry_backoff.initial;
                        self.asking = Asking::Pausing(peer, until);
                        set_retry_timer(until, out);
                    } else if self.network.is_disconnected(peer) || out.now >= give_up {
                        self.network.metadata_mut().request_update(false);
                        self.asking_again = true;
                        return self.choose_later(out);
                    } else {
                        return;
                    }
                }
                Asking::Pausing(peer, _) => {
                    if self.network.ready(peer, out) {
                        return self.send_init_producer_id(peer, out);
                    }
                    let give_up = out.now + self.settings.request_timeout;
                    self.asking_again = false;
                    self.asking = Asking::Connecting(peer, give_up);
                }
            }
        }
    }

    fn choose_later(&mut self, out: &mut Outbox) {
        let later = out.now + self.settings.retry_backoff.initial;
        self.asking = Asking::Choosing(later);
        set_retry_timer(later, out);
    }

    fn send_init_producer_id(&mut self, peer: Peer, out: &mut Outbox) {
        let request = kafka::InitProducerIdRequest::default()
            .with_transactional_id(None)
            .with_transaction_timeout_ms(i32::MAX)
            .with_producer_id((-1).into())
            .with_producer_epoch(-1);
        let body = RequestBody::InitProducerId(Box::new(request));
        self.network.send(peer, Tag::InitProducerId, INIT_PRODUCER_ID_VERSION, body, out);
        self.asking = Asking::Sent;
    }

    /// The question for a producer id was answered, or not.
    pub(super) fn on_init_producer_id(
        &mut self,
        result: Result<&ResponseBody, Failure>,
        out: &mut Outbox,
    ) {
        let error = match result {
            Ok(ResponseBody::InitProducerId(answer)) => {
                let error = ErrorCode::from_code(answer.error_code);
                if error.is_none() {
                    if let Some(idempotence) = &mut self.idempotence {
                        let epoch = ProducerEpoch(answer.producer_epoch);
                        idempotence.initialized(ProducerId(answer.producer_id.0), epoch);
                    }
                    return self.tell_identity(out);
                }
                error
            }
            Ok(other) => unreachable!("{:?} answers InitProducerId", other.api()),
            Err(_) => ErrorCode::NetworkException,
        };
        if error.is_retriable() {
            self.asking_again = true;
            self.asking = Asking::Choosing(out.now);
        } else if let Some(idempotence) = &mut self.idempotence {
            idempotence.state = State::Fatal(error);
        }
    }
}

fn set_retry_timer(at: Instant, out: &mut Outbox) {
    out.set_timer(Timer::Retry(RETRY), at, Why::Config("retry.backoff.ms"));
}

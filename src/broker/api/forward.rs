//! Answers of the controller to requests that were handed on for clients.
//!
//! In Kafka: `ForwardingManager`, `EnvelopeUtils`; KIP-590. Here the request travels as itself, not
//! in an envelope.

use super::super::to_controller::Outcome;
use crate::node::{Outbox, ReplyTo};

/// Hands the controller's answer to the client. Without one the client's own timeout ends its wait:
/// the connection is closed, as Kafka does when the controller cannot be found in time.
pub(in crate::broker) fn answer(from: ReplyTo, outcome: Outcome, out: &mut Outbox) {
    if let Ok(response) = outcome.answer() {
        out.reply(from, response.body.clone());
    } else {
        out.no_reply(from);
        out.close(from.connection);
    }
}

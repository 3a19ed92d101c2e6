//! `UnregisterBroker` (key 64): a broker is taken out of the cluster for good.
//!
//! In Kafka: `ReplicationControlManager.unregisterBroker`.

use kafka_protocol::messages::{UnregisterBrokerRequest, UnregisterBrokerResponse};

use super::{Context, Handled, wire};
use crate::controller::kraft::{ApiError, Outcome, Records};
use crate::protocol::ErrorCode;

/// Handles the request.
///
/// # Errors
/// [`ErrorCode::BrokerIdNotRegistered`] when there is no such broker.
pub fn handle<D>(
    context: &mut Context<'_, D>,
    request: &UnregisterBrokerRequest,
) -> Handled<UnregisterBrokerResponse> {
    let broker = wire::broker(request.broker_id);
    let registration = context.state.image().broker(broker).ok_or_else(|| {
        let message = format!("Broker ID {broker} is not currently registered");
        ApiError::new(ErrorCode::BrokerIdNotRegistered, message)
    })?;
    let mut records = Records::default();
    context.state.handle_broker_unregistered(broker, registration.epoch, &mut records);
    Ok(Outcome::of(records, UnregisterBrokerResponse::default().with_error_message(None)))
}

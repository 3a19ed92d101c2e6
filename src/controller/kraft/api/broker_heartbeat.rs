//! `BrokerHeartbeat` (key 63): a broker lives, and asks to be unfenced, fenced, or let go.
//!
//! In Kafka: `ReplicationControlManager.processBrokerHeartbeat` (KIP-631).

use kafka_protocol::messages::{BrokerHeartbeatRequest, BrokerHeartbeatResponse};

use super::{Context, Handled, wire};
use crate::controller::kraft::heartbeats::Heartbeat;
use crate::controller::kraft::{ApiError, BrokerControlState, Outcome, Records, Then};
use crate::feature::mutant;
use crate::ids::{BrokerEpoch, Offset};
use crate::protocol::ErrorCode;

/// Handles the request. That its sender lives was noted before, whatever comes of it.
///
/// # Errors
/// [`ErrorCode::StaleBrokerEpoch`] when the broker's registration is another one.
pub fn handle<D>(
    context: &mut Context<'_, D>,
    request: &BrokerHeartbeatRequest,
) -> Handled<BrokerHeartbeatResponse> {
    let state = context.state;
    let broker = wire::broker(request.broker_id);
    let epoch = BrokerEpoch(request.broker_epoch);
    let registered_at = state.registration_offset(broker).ok_or_else(|| {
        let message = format!("Receive a heartbeat from broker {broker} before registration");
        ApiError::new(ErrorCode::StaleBrokerEpoch, message)
    })?;
    state.check_broker_epoch(broker, epoch)?;
    let heartbeat = Heartbeat {
        metadata_offset: Offset::from_wire(request.current_metadata_offset),
        want_fence: request.want_fence,
        want_shut_down: request.want_shut_down,
    };
    let leads = state.partitions.has_leaderships(broker);
    let (current, mut next) =
        context.heartbeats.next_state(broker, heartbeat, registered_at, leads);
    if mutant!(state.config(), FencedForGood)
        && next == BrokerControlState::Unfenced
        && state.image().topics().next().is_some()
    {
        next = current;
    }
    let mut records = Records::default();
    if current != next {
        match next {
            BrokerControlState::Fenced | BrokerControlState::ShutdownNow => {
                state.handle_broker_fenced(broker, false, &mut records);
            }
            BrokerControlState::Unfenced => {
                state.handle_broker_unfenced(broker, epoch, &mut records);
            }
            BrokerControlState::ControlledShutdown => {
                state.handle_broker_in_controlled_shutdown(broker, epoch, &mut records);
            }
        }
    }
    context.heartbeats.touch(broker, next.is_fenced(), heartbeat.metadata_offset);
    if state.metadata_version().has_directory_assignment() {
        let offline: Vec<_> = request.offline_log_dirs.iter().map(|id| wire::id(*id)).collect();
        state.handle_directories_offline(broker, epoch, &offline, &mut records);
    }
    let response = BrokerHeartbeatResponse::default()
        .with_is_caught_up(heartbeat.metadata_offset >= Some(registered_at))
        .with_is_fenced(next.is_fenced())
        .with_should_shut_down(next == BrokerControlState::ShutdownNow);
    let mut outcome = Outcome::of(records, response);
    if next == BrokerControlState::ControlledShutdown {
        outcome.then = Then::ControlledShutdown(broker);
    }
    Ok(outcome)
}

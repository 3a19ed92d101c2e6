//! `AllocateProducerIds` (key 67): a broker gets a block of producer ids to hand out.
//!
//! In Kafka: `ProducerIdControlManager` (KIP-730).

use kafka_protocol::messages::{
    AllocateProducerIdsRequest, AllocateProducerIdsResponse, ProducerId as WireProducerId,
};

use super::{Context, Handled, wire};
use crate::controller::kraft::{ApiError, Outcome, Records};
use crate::ids::{BrokerEpoch, ProducerId};
use crate::protocol::ErrorCode;
use crate::protocol::metadata_record::ProducerIdsRecord;

/// How many ids a block has.
const BLOCK_SIZE: i32 = 1_000;

/// Handles the request.
///
/// # Errors
/// [`ErrorCode::StaleBrokerEpoch`] when the broker's registration is another one.
pub fn handle<D>(
    context: &mut Context<'_, D>,
    request: &AllocateProducerIdsRequest,
) -> Handled<AllocateProducerIdsResponse> {
    let broker_id = wire::broker(request.broker_id);
    let broker_epoch = BrokerEpoch(request.broker_epoch);
    context.state.check_broker_epoch(broker_id, broker_epoch)?;
    let first = context.state.image().next_producer_id().unwrap_or_default().0;
    let next = first.checked_add(i64::from(BLOCK_SIZE));
    let next = next.ok_or_else(|| ApiError::bare(ErrorCode::UnknownServerError))?;
    let mut records = Records::default();
    records.push(ProducerIdsRecord { broker_id, broker_epoch, next_producer_id: ProducerId(next) });
    let response = AllocateProducerIdsResponse::default()
        .with_producer_id_start(WireProducerId(first))
        .with_producer_id_len(BLOCK_SIZE);
    Ok(Outcome::of(records, response))
}

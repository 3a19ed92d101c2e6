//! Record batches, byte for byte; what is compressed, record for record.

pub(crate) mod control_batches;
pub(crate) mod corrupt;
pub(crate) mod magic2;
pub(crate) mod varints;

use kafkascope::ids::LeaderEpoch;
use kafkascope::protocol::Batch;
use serde_json::{Value, json};

/// The header of `batch` as the vectors write it.
pub(crate) fn header(batch: &Batch) -> Value {
    let field = |at: usize, len: usize| {
        let bytes = &batch.header()[at..at + len];
        let sign = if bytes[0] & 0x80 == 0 { 0_i64 } else { -1 };
        bytes.iter().fold(sign, |value, byte| value << 8 | i64::from(*byte))
    };
    json!({
        "base_offset": batch.base_offset().0,
        "batch_length": field(8, 4),
        "partition_leader_epoch": LeaderEpoch::to_wire(batch.partition_leader_epoch()),
        "magic": batch.magic(),
        "crc_u32": batch.crc(),
        "attributes": field(21, 2),
        "last_offset_delta": batch.last_offset_delta(),
        "base_timestamp": batch.base_timestamp().0,
        "max_timestamp": batch.max_timestamp().0,
        "producer_id": batch.producer_id().map_or(-1, |id| id.0),
        "producer_epoch": batch.producer_epoch().0,
        "base_sequence": batch.base_sequence().unwrap_or(-1),
        "records_count": batch.count(),
    })
}

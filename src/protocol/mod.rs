//! Bytes in, values out: error codes, record batches, and the messages that nodes exchange.

mod batch;
mod batch_builder;
mod batches;
pub mod compression;
pub mod consumer_protocol;
mod control;
pub mod convert;
pub mod coordinator_record;
pub mod crc;
mod error_code;
mod fetch_session;
pub mod java_map;
mod message;
pub mod metadata_record;
pub mod murmur2;
mod record;
pub mod schema;
mod trim;
pub mod varint;
mod wire;

pub use batch::{Batch, HEADER_LEN, HEADER_UP_TO_MAGIC, LOG_OVERHEAD, TimestampType};
pub use batch_builder::BatchBuilder;
pub use batches::{BatchError, Batches};
pub use compression::{Codec, CodecError, Compression};
pub use control::{ControlError, ControlRecord, EndTxn, parse_end_txn};
pub use crc::{crc32c, crc32c_of_two};
pub use error_code::ErrorCode;
pub use fetch_session::FetchSession;
pub use message::*;
pub use metadata_record::{MetadataRecord, MetadataVersion};
pub use record::{
    Field, Header, Problem, Record, RecordError, RecordIter, RecordRef, decrement_sequence,
    increment_sequence,
};
#[cfg(test)]
pub(crate) use trim::{Survival, request_survives, response_survives};
pub use wire::Frame;

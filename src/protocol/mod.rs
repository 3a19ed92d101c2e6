//! Bytes in, values out: error codes, record batches, and the messages that nodes exchange.

mod batch;
mod batch_builder;
mod control;
mod crc;
mod error_code;
mod fetch_session;
mod message;
mod record;
pub mod varint;

pub use batch::{
    Batch, BatchError, Batches, Compression, HEADER_LEN, HEADER_UP_TO_MAGIC, LOG_OVERHEAD,
    TimestampType,
};
pub use batch_builder::BatchBuilder;
pub use control::{ControlError, ControlRecord, EndTxn, parse_end_txn};
pub use crc::{crc32c, crc32c_of_two};
pub use error_code::ErrorCode;
pub use fetch_session::FetchSession;
pub use message::*;
pub use record::{
    Field, Header, Problem, Record, RecordError, RecordIter, RecordRef, decrement_sequence,
    increment_sequence,
};

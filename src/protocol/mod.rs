//! Bytes in, values out: error codes, record batches, and the messages that nodes exchange.

mod batch;
pub mod consumer_protocol;
pub mod coordinator_record;
mod error_code;
pub mod java_map;
mod message;
pub mod murmur2;
pub mod schema;

pub use batch::Batch;
pub use error_code::ErrorCode;
pub use message::*;

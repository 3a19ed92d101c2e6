//! Bytes in, values out: error codes, record batches, and the messages that nodes exchange.

mod batch;
mod error_code;
mod message;
pub mod metadata_record;

pub use batch::Batch;
pub use error_code::ErrorCode;
pub use message::*;
pub use metadata_record::{MetadataRecord, MetadataVersion};

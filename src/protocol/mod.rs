//! Bytes in, values out: error codes, record batches, and the messages that nodes exchange.

mod batch;
mod error_code;
mod fetch_session;
mod message;

pub use batch::Batch;
pub use error_code::ErrorCode;
pub use fetch_session::FetchSession;
pub use message::*;

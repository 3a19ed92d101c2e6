//! Clients: producer, consumer, admin. What differs between client libraries is data.

pub mod consumer;
pub mod metadata;
mod network;
pub mod partitioner;
pub mod producer;
#[cfg(test)]
pub(crate) mod testing;

pub use network::{Completions, NetworkClient};

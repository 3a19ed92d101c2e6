//! Clients: producer, consumer, admin. What differs between client libraries is data.

pub mod partitioner;

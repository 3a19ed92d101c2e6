//! Replication of one partition: the invariants R1 to R19, and C5 and C6, which concern it.
//!
//! The books are kept in [`Partition`](super::world::partition::Partition): the tree of all batches,
//! each replica's place in it, the log that counts and how far it is committed.

mod append;
mod isr;
mod leadership;
mod protection;
mod watermark;

pub(super) use watermark::LeaderSays;

//! Who decides about brokers, topics and leaders.

pub mod kraft;

//! A whole Kafka cluster inside one deterministic process.

#[doc(hidden)]
pub mod assignor;
#[doc(hidden)]
pub mod broker;
#[doc(hidden)]
pub mod check;
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod client;
#[doc(hidden)]
pub mod cluster;
#[doc(hidden)]
pub mod config;
#[doc(hidden)]
pub mod controller;
#[doc(hidden)]
pub mod coordinator;
#[doc(hidden)]
pub mod explain;
#[doc(hidden)]
pub mod fact;
#[doc(hidden)]
pub mod feature;
#[doc(hidden)]
pub mod ids;
#[doc(hidden)]
pub mod log;
#[doc(hidden)]
pub mod metadata;
#[doc(hidden)]
pub mod node;
#[doc(hidden)]
pub mod protocol;
#[doc(hidden)]
pub mod raft;
#[doc(hidden)]
pub mod replica;
#[doc(hidden)]
pub mod scenario;
#[doc(hidden)]
pub mod sim;
#[doc(hidden)]
pub mod view;

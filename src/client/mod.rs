//! Clients: producer, consumer, admin. What differs between client libraries is data.
//!
//! A client is a node: it is booted from a spec, which is plain data, and takes one input at a time.

pub mod admin;
pub mod consumer;
pub mod metadata;
mod network;
pub mod partitioner;
pub mod producer;
#[cfg(test)]
pub(crate) mod testing;

use admin::{Admin, AdminSpec};
use consumer::{Consumer, ConsumerSpec};
pub use network::{Completions, NetworkClient};
use producer::{Producer, ProducerSpec};

use crate::ids::Name;
use crate::node::{Input, Outbox};

/// What a client is made from.
#[derive(Clone, Debug)]
pub enum ClientSpec {
    /// A producer and its application.
    Producer(Box<ProducerSpec>),
    /// A consumer and its application.
    Consumer(Box<ConsumerSpec>),
    /// An administrator.
    Admin(Box<AdminSpec>),
}

/// A client process.
#[derive(Clone, Debug)]
pub enum Client {
    /// A producer and its application.
    Producer(Box<Producer>),
    /// A consumer and its application.
    Consumer(Box<Consumer>),
    /// An administrator.
    Admin(Box<Admin>),
}

impl Client {
    /// Starts the process called `name`; `incarnation` counts its starts, from 1.
    pub fn boot(
        spec: &ClientSpec,
        name: &Name,
        incarnation: u32,
        seed: u64,
        out: &mut Outbox,
    ) -> Self {
        match spec {
            ClientSpec::Producer(spec) => {
                Self::Producer(Box::new(Producer::boot(spec, name, incarnation, seed, out)))
            }
            ClientSpec::Consumer(spec) => {
                Self::Consumer(Box::new(Consumer::boot(spec, name, incarnation, seed, out)))
            }
            ClientSpec::Admin(spec) => Self::Admin(Box::new(Admin::boot(spec, name, seed, out))),
        }
    }

    /// Takes one step.
    pub fn handle(&mut self, input: Input, out: &mut Outbox) {
        match self {
            Self::Producer(producer) => producer.handle(input, out),
            Self::Consumer(consumer) => consumer.handle(input, out),
            Self::Admin(admin) => admin.handle(input, out),
        }
    }
}

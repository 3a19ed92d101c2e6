//! What runs in a process, and what it is started with.

use super::server::{Server, ServerSpec};
use crate::client::{Client, ClientSpec};
use crate::ids::{BrokerId, Name, Timestamp};
use crate::log::{Disk, LogManager};
use crate::node::{Input, Listener, Outbox};
use crate::protocol::Api;
use crate::sim::rng::Stream;
use crate::sim::{Duration, Instant, Lanes};

/// What a process is started with, each time it starts.
#[derive(Clone, Debug)]
pub enum Blueprint {
    /// A broker, a controller, or both.
    Server(Box<ServerSpec>),
    /// A client and its application.
    Client(ClientSpec),
}

/// A running node.
#[derive(Clone, Debug)]
pub enum Node {
    /// A broker, a controller, or both.
    Server(Box<Server>),
    /// A client and its application.
    Client(Client),
}

/// The lanes of a server: handler threads of the broker, the controller's one thread, the quorum's.
const IO: usize = 0;
const CONTROLLER: usize = 1;
const RAFT: usize = 2;

impl Blueprint {
    /// The id of a server.
    pub fn server_id(&self) -> Option<BrokerId> {
        match self {
            Self::Server(spec) => Some(spec.id),
            Self::Client(_) => None,
        }
    }

    /// Formats the disk, which is empty, of what keeps files.
    pub(super) fn format(&self, now: Timestamp, disk: &mut Disk) {
        if let Self::Server(spec) = self {
            spec.format.write(spec.id, now, disk);
        }
    }

    /// The threads that take requests, by kind.
    pub(super) fn lanes(&self) -> Vec<Lanes> {
        match self {
            Self::Server(spec) => {
                let io = spec.broker.as_ref().map_or(1, |broker| broker.config.num_io_threads);
                vec![Lanes::new(io as usize), Lanes::new(1), Lanes::new(1)]
            }
            Self::Client(_) => Vec::new(),
        }
    }

    /// The kind of thread that takes such a request.
    pub(super) fn lane_of(listener: Listener, api: Api) -> usize {
        match (listener, api) {
            (Listener::Broker, _) => IO,
            (
                Listener::Controller,
                Api::Fetch
                | Api::FetchSnapshot
                | Api::Vote
                | Api::BeginQuorumEpoch
                | Api::EndQuorumEpoch,
            ) => RAFT,
            (Listener::Controller, _) => CONTROLLER,
        }
    }

    /// How long it takes to start: processes do not all come up at once.
    pub(super) fn boot(
        &self,
        base: Duration,
        seed: u64,
        name: &Name,
        incarnation: u32,
    ) -> Duration {
        match self {
            Self::Server(spec) => {
                // The controller is there before the brokers look for it.
                let base = if spec.broker.is_none() { base / 2 } else { base };
                let mut chance = Stream::new(seed, &format!("{name}/boot/{incarnation}"));
                base + chance.span(Duration::ZERO, base / 5)
            }
            Self::Client(_) => Duration::ZERO,
        }
    }
}

impl Node {
    /// Brings a process to life.
    pub(super) fn boot(
        blueprint: &Blueprint,
        name: &Name,
        incarnation: u32,
        seed: u64,
        disk: Option<Disk>,
        out: &mut Outbox,
    ) -> Self {
        match blueprint {
            Blueprint::Server(spec) => {
                let disk = disk.expect("a server process has a disk while it is down");
                Self::Server(Box::new(Server::boot(spec, seed, incarnation, disk, out)))
            }
            Blueprint::Client(spec) => {
                Self::Client(Client::boot(spec, name, incarnation, seed, out))
            }
        }
    }

    /// Takes one step.
    pub(super) fn handle(&mut self, input: Input, out: &mut Outbox) {
        match self {
            Self::Server(server) => server.handle(input, out),
            Self::Client(client) => client.handle(input, out),
        }
    }

    /// The process dies: memory is lost, a server's disk is not.
    pub(super) fn crash(self) -> Option<(Disk, Option<LogManager>)> {
        match self {
            Self::Server(server) => Some(server.crash()),
            Self::Client(_) => None,
        }
    }

    /// The time that the disk took in the last step, which was at `now`.
    pub(super) fn take_disk_time(&mut self, now: Instant) -> Duration {
        match self {
            Self::Server(server) => server.disk_mut().take_spent(now),
            Self::Client(_) => Duration::ZERO,
        }
    }

    /// Lets the disk take `factor` times as long.
    pub(super) fn slow_disk(&mut self, factor: u64) {
        if let Self::Server(server) = self {
            server.disk_mut().slow_down(factor);
        }
    }
}

//! A server process: the quorum's member, and the broker, the controller or both above it.
//!
//! In Kafka: `KafkaRaftServer`, `SharedServer`. One process has one disk, one metadata log and one
//! crash, whatever its roles are.

use std::sync::Arc;

use super::format::Format;
use crate::broker::{Broker, BrokerSpec};
use crate::controller::kraft::{Append, ControllerConfig, QuorumController};
use crate::ids::{BrokerId, Offset};
use crate::log::{Disk, LOCK, LogManager};
use crate::node::{Input, Listener, Outbox, ReplyTo, Timer};
use crate::protocol::{Request, RequestBody};
use crate::raft::{Raft, RaftConfig};

/// What a server process is started with.
#[derive(Clone, Debug)]
pub struct ServerSpec {
    /// `node.id`.
    pub id: BrokerId,
    /// `process.roles` has `broker`.
    pub broker: Option<BrokerSpec>,
    /// `process.roles` has `controller`.
    pub controller: Option<ControllerConfig>,
    /// The quorum.
    pub raft: RaftConfig,
    /// What its disk is formatted with.
    pub format: Format,
}

/// A running server process.
#[derive(Clone, Debug)]
pub struct Server {
    disk: Disk,
    raft: Raft,
    broker: Option<Broker>,
    controller: Option<QuorumController>,
    /// What the controller was told last: whether it leads, and in which epoch.
    claimed: bool,
}

impl Server {
    /// Starts on the disk that the last process left behind.
    pub fn boot(
        spec: &ServerSpec,
        seed: u64,
        incarnation: u32,
        mut disk: Disk,
        out: &mut Outbox,
    ) -> Self {
        disk.create(LOCK);
        let raft = Raft::boot(spec.id, seed, spec.raft.clone(), &mut disk, out);
        let controller = spec
            .controller
            .as_ref()
            .map(|config| QuorumController::new(config.clone(), seed, incarnation));
        if controller.is_some() {
            out.listen(Listener::Controller);
        }
        let broker = spec
            .broker
            .as_ref()
            .map(|broker| Broker::boot(broker, seed, incarnation, &mut disk, out));
        let mut server = Self { disk, raft, broker, controller, claimed: false };
        server.follow_raft(out);
        server
    }

    /// Its member of the metadata quorum.
    pub fn raft(&self) -> &Raft {
        &self.raft
    }

    /// Its broker, if it is one.
    pub fn broker(&self) -> Option<&Broker> {
        self.broker.as_ref()
    }

    /// Its controller, if it is one.
    pub fn controller(&self) -> Option<&QuorumController> {
        self.controller.as_ref()
    }

    /// The logs of its broker, once they are open.
    pub(super) fn logs(&self) -> Option<&LogManager> {
        self.broker.as_ref().map(|broker| &broker.replicas().logs).filter(|logs| logs.is_loaded())
    }

    /// Its disk.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    pub(super) fn disk_mut(&mut self) -> &mut Disk {
        &mut self.disk
    }

    /// Takes one step.
    pub fn handle(&mut self, input: Input, out: &mut Outbox) {
        match input {
            Input::Request { from, listener, request } => {
                self.on_request(from, listener, &request, out);
            }
            Input::Response { connection, response } => {
                if self.raft.owns(connection) {
                    self.raft.on_response(connection, response, &mut self.disk, out);
                } else if let Some(broker) = &mut self.broker {
                    broker.on_response(connection, response, &mut self.disk, out);
                }
            }
            Input::Connected(connection) => {
                if self.raft.owns(connection) {
                    self.raft.on_connected(connection, out);
                } else if let Some(broker) = &mut self.broker {
                    broker.on_connected(connection, out);
                }
            }
            Input::Disconnected(connection, how) => {
                if self.raft.owns(connection) {
                    self.raft.on_disconnected(connection, how, &mut self.disk, out);
                } else if let Some(broker) = &mut self.broker {
                    broker.on_disconnected(connection, how, &mut self.disk, out);
                }
            }
            Input::Timer(timer) => self.on_timer(timer, out),
            Input::Shutdown => {
                if let Some(broker) = &mut self.broker {
                    broker.shut_down(&mut self.disk, out);
                } else {
                    self.disk.remove(LOCK);
                    out.exit(0);
                }
            }
            Input::Instruction(_) => unreachable!("instructions are for clients"),
        }
        self.follow_raft(out);
    }

    fn on_request(
        &mut self,
        from: ReplyTo,
        listener: Listener,
        request: &Arc<Request>,
        out: &mut Outbox,
    ) {
        match (listener, &request.body) {
            (Listener::Controller, RequestBody::Fetch(fetch)) => {
                self.raft.on_fetch(from, fetch, &mut self.disk, out);
            }
            (Listener::Controller, _) => {
                let controller = self.controller.as_mut();
                let controller = controller.expect("only a controller has that listener");
                let appends = controller.on_request(from, request, out);
                self.append(&appends, out);
            }
            (Listener::Broker, _) => {
                let broker = self.broker.as_mut().expect("only a broker has that listener");
                broker.on_request(from, request, &mut self.disk, out);
            }
        }
    }

    fn on_timer(&mut self, timer: Timer, out: &mut Outbox) {
        use crate::node::Purpose;
        match timer {
            Timer::RaftFetch(_) | Timer::MetadataFetch => {
                self.raft.on_timer(timer, &mut self.disk, out);
            }
            Timer::RequestTimeout(peer) | Timer::Connect(peer) if peer.purpose == Purpose::Raft => {
                self.raft.on_timer(timer, &mut self.disk, out);
            }
            Timer::FenceStale
            | Timer::LeaderBalance
            | Timer::UncleanBalance
            | Timer::MetadataIdle => {
                if let Some(controller) = &mut self.controller {
                    let appends = controller.on_timer(timer, out);
                    self.append(&appends, out);
                }
            }
            _ => {
                if let Some(broker) = &mut self.broker {
                    broker.on_timer(timer, &mut self.disk, out);
                }
            }
        }
    }

    /// Appends what the controller decided.
    fn append(&mut self, appends: &[Append], out: &mut Outbox) {
        for append in appends {
            assert_eq!(append.base_offset, self.raft.next_offset(), "one writer, one order");
            let records = append.records.iter().map(|one| (one.version, &one.record));
            self.raft.append(records, &mut self.disk, out);
        }
    }

    /// Tells controller and broker what happened in the quorum: who leads, and what is committed.
    fn follow_raft(&mut self, out: &mut Outbox) {
        let leads = self.raft.is_leader();
        if let Some(broker) = &mut self.broker {
            broker.set_active_controller(self.raft.leader());
        }
        let claiming = leads && !self.claimed;
        while let Some(committed) = self.raft.next_committed(&mut self.disk) {
            let (base, epoch, records) =
                (committed.base_offset, committed.epoch, &committed.records);
            if let Some(controller) = &mut self.controller
                && (!leads || claiming)
            {
                controller.replay_committed(base, records.iter(), out);
            }
            if let Some(broker) = &mut self.broker {
                broker.apply(base, epoch, records, &mut self.disk, out);
            }
        }
        if let Some(broker) = &mut self.broker {
            broker.publish_applied(&mut self.disk, out);
        }
        let Some(controller) = &mut self.controller else { return };
        if claiming {
            self.claimed = true;
            let next: Offset = self.raft.next_offset();
            let appends = controller.claim(self.raft.epoch(), next, out);
            self.append(&appends, out);
            self.follow_raft(out);
        } else if leads {
            controller.on_commit(self.raft.high_watermark(), out);
        } else if self.claimed {
            self.claimed = false;
            controller.leader_changed(self.raft.leader(), out);
        }
    }

    /// The process dies: memory is gone with `self`, the disk remains; and if the logs were open, what
    /// is implied of the directories on it.
    pub fn crash(self) -> (Disk, Option<LogManager>) {
        let logs = self.logs().cloned();
        (self.disk, logs)
    }
}

//! Brokers and controllers.

use serde::Serialize;

use super::Lens;
use crate::broker::BrokerState;
use crate::cluster::ProcessState;
use crate::ids::{BrokerEpoch, BrokerId, ControllerEpoch, Name, Offset};

/// A broker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BrokerView {
    /// `node.id`.
    pub id: BrokerId,
    /// The name of its process, like `broker-1`.
    pub name: Name,
    /// Kafka's word for its state: `NotRunning`, `Starting`, `Recovery`, `Running`,
    /// `PendingControlledShutdown`, `ShuttingDown`.
    pub state: &'static str,
    /// True while its process exists, be it stopped by a signal.
    pub alive: bool,
    /// True while its process is stopped by a signal.
    pub paused: bool,
    /// How often its process was started.
    pub incarnation: u32,
    /// True if the controller has fenced it, or does not know it.
    pub fenced: bool,
    /// True while it shuts down in order, as the controller knows.
    pub in_controlled_shutdown: bool,
    /// The epoch of its registration, as the controller knows.
    pub broker_epoch: Option<BrokerEpoch>,
    /// `broker.rack`.
    pub rack: Option<Name>,
    /// The last offset of the metadata log that it applied.
    pub metadata_offset: Option<Offset>,
    /// How many partitions it leads, as it believes.
    pub leading: usize,
    /// How many replicas it holds.
    pub replicas: usize,
    /// How many groups it coordinates.
    pub groups: usize,
    /// How many produce requests wait in its purgatory.
    pub waiting_produces: usize,
    /// How many fetches wait in its purgatory.
    pub waiting_fetches: usize,
    /// Requests that wait for a handler thread.
    pub queued_requests: usize,
}

/// A controller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ControllerView {
    /// `node.id`.
    pub id: BrokerId,
    /// The name of its process, like `controller-1`.
    pub name: Name,
    /// True while its process exists, be it stopped by a signal.
    pub alive: bool,
    /// True while its process is stopped by a signal.
    pub paused: bool,
    /// True for the active controller, as it believes.
    pub active: bool,
    /// The epoch that it is in.
    pub epoch: Option<ControllerEpoch>,
    /// The end of its metadata log.
    pub log_end_offset: Option<Offset>,
    /// What lies before is committed, as far as it knows.
    pub high_watermark: Option<Offset>,
}

impl Lens<'_> {
    /// All brokers, by id.
    pub fn brokers(self) -> Vec<BrokerView> {
        let mut brokers: Vec<BrokerView> = self
            .servers()
            .filter(|(_, _, is_broker, _)| *is_broker)
            .filter_map(|(id, ..)| self.broker(id))
            .collect();
        brokers.sort_by_key(|broker| broker.id);
        brokers
    }

    /// How often the disk of a broker went to another place, where that is modelled.
    pub fn seeks(self, id: BrokerId) -> u64 {
        let disk = self.node_of(id).and_then(|node| self.disk(node));
        disk.map_or(0, crate::log::Disk::seeks)
    }

    /// How many bytes a broker has copied on their way to readers since it started, because sendfile
    /// could not be used.
    pub fn copied(self, id: BrokerId) -> u64 {
        let broker = self.running(id).and_then(|server| server.broker());
        broker.map_or(0, crate::broker::Broker::copied)
    }

    /// One broker.
    pub fn broker(self, id: BrokerId) -> Option<BrokerView> {
        let node = self.node_of(id)?;
        let process = self.cluster.state(node);
        let registration = self.image().and_then(|image| image.broker(id));
        let broker = self.running(id).and_then(|server| server.broker());
        let (waiting_produces, waiting_fetches) =
            broker.map(crate::broker::Broker::waiting).unwrap_or_default();
        let led = |broker: &crate::broker::Broker| {
            broker.replicas().iter().filter(|(_, replica)| replica.is_leader()).count()
        };
        Some(BrokerView {
            id,
            name: self.name(node).clone(),
            state: broker.map_or("NotRunning", |broker| state_word(broker.state())),
            alive: matches!(process, ProcessState::Up | ProcessState::Paused),
            paused: process == ProcessState::Paused,
            incarnation: self.cluster.incarnation(node),
            fenced: registration.is_none_or(|registration| registration.fenced),
            in_controlled_shutdown: registration.is_some_and(|one| one.in_controlled_shutdown),
            broker_epoch: registration.map(|registration| registration.epoch),
            rack: registration.and_then(|registration| registration.rack.clone()),
            metadata_offset: broker.and_then(crate::broker::Broker::metadata_offset),
            leading: broker.map_or(0, led),
            replicas: broker.map_or(0, |broker| broker.replicas().len()),
            groups: broker.map_or(0, |broker| broker.coordinator().groups().count()),
            waiting_produces,
            waiting_fetches,
            queued_requests: self.cluster.queued_requests(node),
        })
    }

    /// All controllers, by id.
    pub fn controllers(self) -> Vec<ControllerView> {
        let mut controllers: Vec<ControllerView> = self
            .servers()
            .filter(|(_, _, _, is_controller)| *is_controller)
            .map(|(id, node, ..)| {
                let process = self.cluster.state(node);
                let raft = self.running(id).map(crate::cluster::Server::raft);
                ControllerView {
                    id,
                    name: self.name(node).clone(),
                    alive: matches!(process, ProcessState::Up | ProcessState::Paused),
                    paused: process == ProcessState::Paused,
                    active: raft.is_some_and(crate::raft::Raft::is_leader),
                    epoch: raft.map(crate::raft::Raft::epoch),
                    log_end_offset: raft.map(|raft| raft.log().log_end_offset()),
                    high_watermark: raft.map(crate::raft::Raft::high_watermark),
                }
            })
            .collect();
        controllers.sort_by_key(|controller| controller.id);
        controllers
    }

    /// The active controller, if there is one.
    pub fn active_controller(self) -> Option<BrokerId> {
        self.controllers().into_iter().find(|one| one.active).map(|one| one.id)
    }
}

/// Kafka's word for a broker's state (`BrokerState`).
fn state_word(state: BrokerState) -> &'static str {
    match state {
        BrokerState::Starting => "Starting",
        BrokerState::Recovery => "Recovery",
        BrokerState::Running => "Running",
        BrokerState::PendingControlledShutdown => "PendingControlledShutdown",
        BrokerState::ShuttingDown => "ShuttingDown",
    }
}

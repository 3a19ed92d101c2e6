//! Pieces for screens: what a frame needs of a large cluster, without a look at all of it.

use std::collections::{BTreeMap, BTreeSet};

use super::Lens;
use crate::broker::{Broker, BrokerState};
use crate::client::ClientSpec;
use crate::cluster::{Blueprint, ProcessState};
use crate::ids::{BrokerId, Name, Offset};
use crate::metadata::ClusterImage;
use crate::sim::NodeId;

/// How a broker is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrokerGlance {
    /// `node.id`.
    pub id: BrokerId,
    /// Its node.
    pub node: NodeId,
    /// What its process is doing.
    pub process: ProcessState,
    /// Its state, while its process runs.
    pub state: Option<BrokerState>,
    /// The controller knows it.
    pub registered: bool,
    /// The controller has fenced it.
    pub fenced: bool,
    /// The last offset of the metadata log that it applied.
    pub metadata_offset: Option<Offset>,
}

/// How a controller is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ControllerGlance {
    /// `node.id`.
    pub id: BrokerId,
    /// Its node.
    pub node: NodeId,
    /// What its process is doing.
    pub process: ProcessState,
    /// True for the active controller, as it believes.
    pub active: bool,
    /// What lies before is committed, as far as it knows.
    pub high_watermark: Option<Offset>,
}

impl Lens<'_> {
    /// The ids of all brokers, in order.
    pub fn broker_ids(self) -> Vec<BrokerId> {
        let brokers = self.servers().filter(|(_, _, is_broker, _)| *is_broker);
        let mut ids: Vec<BrokerId> = brokers.map(|(id, ..)| id).collect();
        ids.sort_unstable();
        ids
    }

    /// How a broker is; `image` is what the controller knows.
    pub fn broker_glance(self, id: BrokerId, image: Option<&ClusterImage>) -> Option<BrokerGlance> {
        let node = self.node_of(id)?;
        let broker = self.running(id).and_then(|server| server.broker());
        let registration = image.and_then(|image| image.broker(id));
        Some(BrokerGlance {
            id,
            node,
            process: self.cluster.state(node),
            state: broker.map(Broker::state),
            registered: registration.is_some(),
            fenced: registration.is_some_and(|registration| registration.fenced),
            metadata_offset: broker.and_then(Broker::metadata_offset),
        })
    }

    /// How the controllers are, by id.
    pub fn controller_glances(self) -> Vec<ControllerGlance> {
        let controllers = self.servers().filter(|(.., is_controller)| *is_controller);
        let mut glances: Vec<ControllerGlance> = controllers
            .map(|(id, node, ..)| {
                let raft = self.running(id).map(crate::cluster::Server::raft);
                ControllerGlance {
                    id,
                    node,
                    process: self.cluster.state(node),
                    active: raft.is_some_and(crate::raft::Raft::is_leader),
                    high_watermark: raft.map(crate::raft::Raft::high_watermark),
                }
            })
            .collect();
        glances.sort_unstable_by_key(|controller| controller.id);
        glances
    }

    /// The groups by name, and the processes of their consumers that were ever started, by name:
    /// members or not.
    pub fn group_processes(self) -> BTreeMap<Name, BTreeSet<(Name, NodeId)>> {
        let mut groups: BTreeMap<Name, BTreeSet<(Name, NodeId)>> = BTreeMap::new();
        for node in self.cluster.nodes() {
            let Blueprint::Client(ClientSpec::Consumer(spec)) = self.cluster.blueprint(node) else {
                continue;
            };
            let Some(group) = &spec.config.group_id else { continue };
            let processes = groups.entry(group.clone()).or_default();
            if self.cluster.incarnation(node) > 0 {
                processes.insert((self.name(node).clone(), node));
            }
        }
        groups
    }

    /// The producers that were ever started, by name.
    pub fn producer_nodes(self) -> Vec<NodeId> {
        let producers = self.cluster.nodes().filter(|node| {
            let blueprint = self.cluster.blueprint(*node);
            matches!(blueprint, Blueprint::Client(ClientSpec::Producer(_)))
                && self.cluster.incarnation(*node) > 0
        });
        let mut nodes: Vec<NodeId> = producers.collect();
        nodes.sort_by_key(|node| self.name(*node));
        nodes
    }
}

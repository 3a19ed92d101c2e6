//! Plain looks at parts of nodes, for those who judge a run: nothing is built or copied.

use std::sync::Arc;

use smallvec::SmallVec;

use super::Lens;
use crate::client::consumer::{Consumer, ConsumerSpec};
use crate::client::producer::{Producer, ProducerSpec};
use crate::client::{Client, ClientSpec};
use crate::cluster::{Blueprint, Node, Wire};
use crate::controller::kraft::ControllerConfig;
use crate::ids::{BrokerId, Offset, TopicPartition};
use crate::log::Log;
use crate::metadata::ClusterImage;
use crate::node::AdminRequest;
use crate::protocol::Batch;
use crate::raft::METADATA_TOPIC;
use crate::replica::Partition;
use crate::sim::NodeId;

impl<'a> Lens<'a> {
    /// The bytes that were sent, if somebody counts them.
    pub fn wire(self) -> Wire {
        self.cluster.wire()
    }

    /// The broker or controller that runs, or ran, as `node`.
    pub fn server_of(self, node: NodeId) -> Option<BrokerId> {
        self.cluster.blueprint(node).server_id()
    }

    /// All processes, in the order in which they were added.
    pub fn nodes(self) -> impl Iterator<Item = NodeId> + use<'a> {
        self.cluster.nodes()
    }

    /// How often a process was started.
    pub fn incarnation(self, node: NodeId) -> u32 {
        self.cluster.incarnation(node)
    }

    /// True if a process that does not run ended by itself.
    pub fn exited(self, node: NodeId) -> bool {
        self.cluster.exited(node)
    }

    /// What a controller is configured with.
    pub fn controller_config(self, node: NodeId) -> Option<&'a ControllerConfig> {
        match self.cluster.blueprint(node) {
            Blueprint::Server(spec) => spec.controller.as_ref(),
            Blueprint::Client(_) => None,
        }
    }

    /// The cluster as the controller on `node` committed it, while that runs.
    pub fn committed_on(self, node: NodeId) -> Option<&'a ClusterImage> {
        match self.cluster.node(node)? {
            Node::Server(server) => Some(server.controller()?.committed_image()),
            Node::Client(_) => None,
        }
    }

    /// The images that running brokers have, with the last offset that each stands for.
    pub fn broker_images(
        self,
    ) -> impl Iterator<Item = (BrokerId, &'a ClusterImage, Option<Offset>)> + use<'a> {
        let servers = self.nodes().filter_map(move |node| self.server_of(node));
        servers.filter_map(move |id| {
            let broker = self.running(id)?.broker()?;
            Some((id, broker.image(), broker.metadata_offset()))
        })
    }

    /// The last offset of the metadata log that a running broker applied.
    pub fn metadata_offset(self, broker: BrokerId) -> Option<Offset> {
        self.running(broker)?.broker()?.metadata_offset()
    }

    /// The log of a replica, while its process runs; of the metadata log, that of any server.
    pub fn log(self, tp: &TopicPartition, server: BrokerId) -> Option<&'a Log> {
        if &*tp.topic == METADATA_TOPIC {
            return Some(self.running(server)?.raft().log());
        }
        self.replica_with_log(tp, server).map(|(_, log)| log)
    }

    /// A replica as its broker has it, while that runs.
    pub fn replica_state(self, tp: &TopicPartition, broker: BrokerId) -> Option<&'a Partition> {
        self.replica_with_log(tp, broker).map(|(replica, _)| replica)
    }

    /// A replica as its broker has it and its log, while that runs.
    pub fn replica_with_log(
        self,
        tp: &TopicPartition,
        broker: BrokerId,
    ) -> Option<(&'a Partition, &'a Log)> {
        let replicas = self.running(broker)?.broker()?.replicas();
        replicas.get_with_log(replicas.slot_named(tp)?)
    }

    /// The batches of a replica's log from the one that begins at `from` on, at the end of the log.
    pub fn last_batches(
        self,
        tp: &TopicPartition,
        server: BrokerId,
        from: Offset,
    ) -> SmallVec<[Arc<Batch>; 2]> {
        let disk = self.node_of(server).and_then(|node| self.disk(node));
        let (Some(log), Some(disk)) = (self.log(tp, server), disk) else { return SmallVec::new() };
        log.last_batches(disk, from)
    }

    /// The batches of a replica's log, from the one that holds `from` on, while its process runs.
    pub fn batches(
        self,
        tp: &TopicPartition,
        server: BrokerId,
        from: Offset,
    ) -> Option<impl Iterator<Item = Arc<Batch>> + use<'a>> {
        let disk = self.node_of(server).and_then(|node| self.disk(node))?;
        Some(self.log(tp, server)?.batches_from(disk, from))
    }

    /// What running administrators asked for, the newest first as far as that is known.
    pub fn asked_of_admins(self) -> impl Iterator<Item = &'a AdminRequest> + use<'a> {
        let admins = self.nodes().filter_map(move |node| match self.cluster.node(node)? {
            Node::Client(Client::Admin(admin)) => Some(admin),
            _ => None,
        });
        admins.flat_map(|admin| admin.asked())
    }

    /// What a producer was started with.
    pub fn producer_spec(self, node: NodeId) -> Option<&'a ProducerSpec> {
        match self.cluster.blueprint(node) {
            Blueprint::Client(ClientSpec::Producer(spec)) => Some(spec),
            _ => None,
        }
    }

    /// What a consumer was started with.
    pub fn consumer_spec(self, node: NodeId) -> Option<&'a ConsumerSpec> {
        match self.cluster.blueprint(node) {
            Blueprint::Client(ClientSpec::Consumer(spec)) => Some(spec),
            _ => None,
        }
    }

    /// A running producer.
    pub fn running_producer(self, node: NodeId) -> Option<&'a Producer> {
        match self.cluster.node(node)? {
            Node::Client(Client::Producer(producer)) => Some(producer),
            _ => None,
        }
    }

    /// A running consumer.
    pub fn running_consumer(self, node: NodeId) -> Option<&'a Consumer> {
        match self.cluster.node(node)? {
            Node::Client(Client::Consumer(consumer)) => Some(consumer),
            _ => None,
        }
    }
}

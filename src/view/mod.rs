//! The plain, serialisable picture of the cluster at an instant.
//!
//! Everything that looks at a cluster looks here: screens, expectations, invariants, snapshots,
//! exports. A [`Lens`] answers piece by piece, so that what is not asked for costs nothing; a
//! [`Picture`] is the whole, for a cluster of teaching size. [`Lens::disk`] is the one door to bytes.

mod broker;
mod client;
mod commit;
mod contrast;
mod control;
pub mod disk;
mod glance;
mod group;
mod look;
mod membership;
pub mod message;
mod metadata_log;
mod network;
mod partition;
mod reader;
mod setting;
mod strip;

use std::collections::BTreeMap;
use std::fmt;

pub use broker::{BrokerView, ControllerView};
pub use client::{ConsumerView, ProducerView};
pub use commit::{FollowerView, Waits};
pub use contrast::{Aspect, Contrast};
pub use control::{Difference, ImageView, PendingView, SessionView, Standing};
pub use glance::{BrokerGlance, ControllerGlance};
pub use group::{GroupView, MemberView, Unknown};
pub use membership::{MembershipView, SeatView, Waiting, partitions_of};
pub use metadata_log::{MetadataContent, MetadataEntry};
pub use network::{ConnectionView, InFlightView, LinkView};
pub use partition::{PartitionView, ReplicaView, ReplicaWord};
pub use reader::{PositionView, ReaderView};
use serde::{Serialize, Serializer};
pub use strip::{Stretch, StripView};

use crate::cluster::{Blueprint, Cluster, Node, ProcessState, Server};
use crate::ids::{BrokerId, Name, Timestamp, TopicPartition};
use crate::log::Disk;
use crate::metadata::ClusterImage;
use crate::sim::{Instant, NodeId};

/// The whole cluster at an instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Picture {
    /// The instant, in nanoseconds since the scenario began.
    pub at: Instant,
    /// How many events happened, idle polls not counted.
    pub event: u64,
    /// The controllers, by id.
    pub controllers: Vec<ControllerView>,
    /// The brokers, by id.
    pub brokers: Vec<BrokerView>,
    /// The partitions of all topics, internal ones included, by name.
    pub partitions: Vec<PartitionView>,
    /// The groups, by name.
    pub groups: Vec<GroupView>,
    /// The producers, by name.
    pub producers: Vec<ProducerView>,
    /// The consumers, by name.
    pub consumers: Vec<ConsumerView>,
    /// Links that are cut or delayed.
    pub faulty_links: Vec<LinkView>,
}

/// A look at a cluster, piece by piece.
#[derive(Clone, Copy, Debug)]
pub struct Lens<'a> {
    cluster: &'a Cluster,
}

impl<'a> Lens<'a> {
    /// A look at `cluster`.
    pub const fn new(cluster: &'a Cluster) -> Self {
        Self { cluster }
    }

    /// The instant.
    pub fn now(self) -> Instant {
        self.cluster.now()
    }

    /// The wall clock of somebody whose clock is right.
    pub fn wall(self) -> Timestamp {
        self.cluster.wall()
    }

    /// How many events happened, idle polls not counted.
    pub fn event(self) -> u64 {
        self.cluster.number()
    }

    /// Everything.
    pub fn picture(self) -> Picture {
        Picture {
            at: self.now(),
            event: self.event(),
            controllers: self.controllers(),
            brokers: self.brokers(),
            partitions: self.partitions().collect(),
            groups: self.groups(),
            producers: self.producers(),
            consumers: self.consumers(),
            faulty_links: self.faulty_links(),
        }
    }

    /// The name of a node.
    pub fn name(self, node: NodeId) -> &'a Name {
        self.cluster.name(node)
    }

    /// The node of a broker or controller.
    pub fn node_of(self, server: BrokerId) -> Option<NodeId> {
        self.cluster.server(server)
    }

    /// What a process is doing.
    pub fn process_state(self, node: NodeId) -> ProcessState {
        self.cluster.state(node)
    }

    /// Before the first event: what is not there yet is only about to start.
    pub fn is_before_all(self) -> bool {
        self.now() == Instant::ZERO
    }

    /// A node's disk, whether its process runs or not. None for clients.
    pub fn disk(self, node: NodeId) -> Option<&'a Disk> {
        self.cluster.disk(node)
    }

    /// The running server called `id`.
    pub(crate) fn running(self, id: BrokerId) -> Option<&'a Server> {
        match self.cluster.node(self.cluster.server(id)?)? {
            Node::Server(server) => Some(server),
            Node::Client(_) => None,
        }
    }

    /// The servers that were declared: id, node, whether it is a broker and whether a controller.
    fn servers(self) -> impl Iterator<Item = (BrokerId, NodeId, bool, bool)> + use<'a> {
        let cluster = self.cluster;
        cluster.nodes().filter_map(move |node| match cluster.blueprint(node) {
            Blueprint::Server(spec) => {
                Some((spec.id, node, spec.broker.is_some(), spec.controller.is_some()))
            }
            Blueprint::Client(_) => None,
        })
    }

    /// The cluster's metadata as the active controller committed it; while there is none, as the
    /// broker knows it that has applied most.
    pub fn image(self) -> Option<&'a ClusterImage> {
        let mut controllers = self.servers().filter(|(.., is_controller)| *is_controller);
        let active = controllers.find_map(|(id, ..)| {
            let server = self.running(id)?;
            let controller = server.controller().filter(|_| server.raft().is_leader())?;
            Some(controller.committed_image())
        });
        active.or_else(|| {
            let known = self.servers().filter_map(|(id, ..)| self.running(id)?.broker());
            let newest = known.max_by_key(|broker| (broker.metadata_offset(), -broker.id().0));
            newest.map(crate::broker::Broker::image)
        })
    }

    /// The topics, by name, with how many partitions each has.
    pub fn topics(self) -> BTreeMap<Name, u32> {
        let topics = self.image().into_iter().flat_map(ClusterImage::topics);
        topics.map(|topic| (topic.name.clone(), topic.partition_count())).collect()
    }

    /// All partitions, by name.
    pub fn topic_partitions(self) -> Vec<TopicPartition> {
        let topics = self.topics();
        let partitions = topics.iter().flat_map(|(topic, count)| {
            (0..*count as i32).map(move |index| TopicPartition::new(topic.clone(), index))
        });
        partitions.collect()
    }
}

/// A table whose keys are written as people write them: `kq-0`.
fn by_name<K: fmt::Display, V: Serialize, S: Serializer>(
    table: &BTreeMap<K, V>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(table.iter().map(|(key, value)| (key.to_string(), value)))
}

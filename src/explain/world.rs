//! What sentences must know of a cluster beside the facts: names and settings.

use crate::config::{self, Domain};
use crate::ids::BrokerId;
use crate::sim::NodeId;
use crate::view::Lens;

/// Names and settings of the nodes that facts are about.
pub trait World {
    /// The name of a node.
    fn node(&self, node: NodeId) -> &str;

    /// The node called `name`.
    fn find(&self, name: &str) -> Option<NodeId>;

    /// The consumer of `group` whose `group.instance.id` is `instance`.
    fn static_member(&self, _group: &str, _instance: &str) -> Option<NodeId> {
        None
    }

    /// The node of a broker or controller.
    fn server(&self, id: BrokerId) -> Option<NodeId>;

    /// The value of a setting on a node, as Kafka writes it. None where only the default is known.
    fn setting(&self, node: NodeId, key: &str) -> Option<String>;
}

impl World for Lens<'_> {
    fn node(&self, node: NodeId) -> &str {
        self.name(node)
    }

    fn find(&self, name: &str) -> Option<NodeId> {
        Lens::find(*self, name)
    }

    fn static_member(&self, group: &str, instance: &str) -> Option<NodeId> {
        Lens::static_member(*self, group, instance)
    }

    fn server(&self, id: BrokerId) -> Option<NodeId> {
        self.node_of(id)
    }

    fn setting(&self, node: NodeId, key: &str) -> Option<String> {
        Lens::setting(*self, node, key)
    }
}

/// Kafka's default of the setting called `key`, in whichever domain has it.
pub(super) fn default_of(key: &str) -> Option<&'static str> {
    let domains = [Domain::Broker, Domain::Consumer, Domain::Producer, Domain::Topic];
    domains.into_iter().find_map(|domain| config::setting(domain, key)).and_then(|one| one.default)
}

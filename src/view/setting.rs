//! Settings of nodes, by Kafka's names.

use super::Lens;
use crate::client::ClientSpec;
use crate::cluster::Blueprint;
use crate::sim::NodeId;

impl Lens<'_> {
    /// The node called `name`.
    pub fn find(self, name: &str) -> Option<NodeId> {
        self.cluster.find(name)
    }

    /// The consumer of `group` whose `group.instance.id` is `instance`.
    pub fn static_member(self, group: &str, instance: &str) -> Option<NodeId> {
        self.cluster.nodes().find(|node| match self.cluster.blueprint(*node) {
            Blueprint::Client(ClientSpec::Consumer(spec)) => {
                spec.config.group_id.as_deref() == Some(group)
                    && spec.config.group_instance_id.as_deref() == Some(instance)
            }
            _ => false,
        })
    }

    /// What `node` is configured with for `key`, as Kafka writes it, or the client
    /// library that alone has it. None for what its kind of node
    /// does not have, or has no value for.
    pub fn setting(self, node: NodeId, key: &str) -> Option<String> {
        let blueprint = self.cluster.blueprint(node);
        let spec = match blueprint {
            Blueprint::Server(spec) => spec,
            Blueprint::Client(ClientSpec::Producer(spec)) if key == "WithFlushInterval" => {
                return spec.personality.chunk.map(|chunk| chunk.interval.to_string());
            }
            Blueprint::Client(ClientSpec::Producer(spec)) => return spec.config.text(key),
            Blueprint::Client(ClientSpec::Consumer(spec)) => return spec.config.text(key),
            Blueprint::Client(ClientSpec::Admin(spec)) => return spec.config.text(key),
        };
        if let Some(controller) = &spec.controller {
            if key == "broker.session.timeout.ms" {
                return Some(controller.broker_session_timeout.as_millis().to_string());
            }
            if let Some(value) = controller.static_config.get(key) {
                return Some(value.to_string());
            }
        }
        spec.broker.as_ref().and_then(|broker| broker.config.text(key))
    }
}

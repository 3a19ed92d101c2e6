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

    /// What `node` is configured with for `key`, as Kafka writes it. None for what its kind of node
    /// does not have, or has no value for.
    pub fn setting(self, node: NodeId, key: &str) -> Option<String> {
        let blueprint = self.cluster.blueprint(node);
        let spec = match blueprint {
            Blueprint::Server(spec) => spec,
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

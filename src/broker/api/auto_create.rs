//! Topics that are created because somebody asked for them.
//!
//! In Kafka: `DefaultAutoTopicCreationManager`; `auto.create.topics.enable`, and the internal topics
//! of the coordinators.

use std::collections::BTreeSet;

use kafka_protocol::messages::CreateTopicsRequest;
use kafka_protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};

use super::super::to_controller::Outcome;
use super::super::{Broker, Tag};
use crate::coordinator::group::OFFSETS_TOPIC;
use crate::ids::Name;
use crate::node::{Outbox, Purpose};
use crate::protocol::RequestBody;
use crate::protocol::convert::{text, topic_name};
use crate::sim::Duration;

/// Topics whose creation is on its way.
#[derive(Clone, Debug, Default)]
pub(crate) struct AutoCreate {
    in_flight: BTreeSet<Name>,
}

impl AutoCreate {
    /// A request came to its end: who still misses a topic asks again.
    pub(in crate::broker) fn on_outcome(&mut self, _outcome: &Outcome) {
        self.in_flight.clear();
    }
}

impl Broker {
    /// Asks the controller to create `topics`, unless that is on its way.
    pub(in crate::broker) fn auto_create(&mut self, topics: &[Name], out: &mut Outbox) {
        let wanted: Vec<Name> = topics
            .iter()
            .filter(|topic| !self.auto_create.in_flight.contains(*topic))
            .cloned()
            .collect();
        if wanted.is_empty() {
            return;
        }
        let creatable = wanted.iter().map(|topic| self.creatable(topic)).collect();
        self.auto_create.in_flight.extend(wanted);
        let timeout: Duration = self.config.request_timeout;
        let request = CreateTopicsRequest::default()
            .with_timeout_ms(timeout.as_millis() as i32)
            .with_topics(creatable);
        let body = (7, RequestBody::CreateTopics(Box::new(request)));
        self.ask_controller(Purpose::Forwarding, Tag::AutoCreate, body, out);
    }

    fn creatable(&self, topic: &Name) -> CreatableTopic {
        let creatable = CreatableTopic::default().with_name(topic_name(topic));
        if &**topic != OFFSETS_TOPIC {
            return creatable
                .with_num_partitions(self.config.num_partitions as i32)
                .with_replication_factor(self.config.default_replication_factor as i16);
        }
        let setting = |name: &str, value: String| {
            CreatableTopicConfig::default().with_name(text(name)).with_value(Some(text(&value)))
        };
        creatable
            .with_num_partitions(self.config.offsets_topic_num_partitions as i32)
            .with_replication_factor(self.config.offsets_topic_replication_factor as i16)
            .with_configs(vec![
                setting("cleanup.policy", "compact".to_owned()),
                setting("segment.bytes", self.config.offsets_topic_segment_bytes.to_string()),
                setting("compression.type", "producer".to_owned()),
            ])
    }
}

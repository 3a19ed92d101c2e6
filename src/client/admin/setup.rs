//! What has to be there before a scenario's clients start: all brokers, then the topics with a
//! leader for every partition.

use std::collections::BTreeSet;

use super::Admin;
use super::call::{Call, Task};
use crate::ids::Name;
use crate::node::{AdminRequest, Outbox};

/// How far the preparations are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Setup {
    /// Not all brokers that were declared are unfenced.
    AwaitingBrokers,
    /// The topics are being created.
    CreatingTopics,
    /// These topics have a partition whose leader is not known.
    AwaitingLeaders(BTreeSet<Name>),
    /// Everything is there.
    Ready,
}

impl Admin {
    /// Goes on with the preparations as far as what is known allows.
    pub(super) fn prepare(&mut self, out: &mut Outbox) {
        if self.setup == Setup::AwaitingBrokers {
            let brokers = self.network.metadata().brokers().len();
            if brokers < self.expected_brokers as usize || brokers == 0 {
                return self.network.metadata_mut().request_update(true);
            }
            self.create_topics(out);
        }
        if let Setup::AwaitingLeaders(topics) = &self.setup {
            let metadata = self.network.metadata();
            let has_leaders = |name: &Name| {
                metadata.topic(name).is_some_and(|topic| {
                    !topic.partitions.is_empty() && topic.available.len() == topic.partitions.len()
                })
            };
            if topics.iter().all(has_leaders) {
                self.setup = Setup::Ready;
                self.network.metadata_mut().set_topics([]);
            } else {
                self.network.metadata_mut().request_update(true);
            }
        }
    }

    fn create_topics(&mut self, out: &Outbox) {
        let requests = std::mem::take(&mut self.topics);
        if requests.is_empty() {
            self.setup = Setup::Ready;
            return;
        }
        self.setup = Setup::CreatingTopics;
        let deadline = out.now + self.api_timeout;
        let call = Call::new(Task::CreateTopics(requests), out.now, deadline);
        self.pending.push(call);
    }

    /// The topics of the preparations were created; some may have been refused.
    pub(super) fn topics_created(&mut self, created: impl Iterator<Item = AdminRequest>) {
        let name = |request| match request {
            AdminRequest::CreateTopic { topic, .. } => topic,
            other => unreachable!("{other:?} creates no topic"),
        };
        let topics: BTreeSet<Name> = created.map(name).collect();
        self.network.metadata_mut().set_topics(topics.iter().cloned());
        self.setup = Setup::AwaitingLeaders(topics);
    }
}

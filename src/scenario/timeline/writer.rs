//! Who wrote a record of the metadata log: the event in which it was appended.

use super::Timeline;
use crate::cluster::Told;
use crate::explain::why::History;
use crate::explain::{StoryLine, Words};
use crate::fact::Fact;
use crate::ids::{BrokerId, TopicPartition};
use crate::protocol::MetadataRecord;
use crate::raft::METADATA_TOPIC;
use crate::sim::{Duration, Instant};
use crate::view::{MetadataContent, MetadataEntry};

impl Timeline {
    /// The event in which the active controller appended a record of the metadata log, and the line of
    /// the story that tells of it, if one does. None if that is not remembered.
    pub fn writer_of(&self, entry: &MetadataEntry) -> Option<(u32, Option<u32>)> {
        let lens = self.runner().lens();
        let controllers: Vec<_> =
            lens.controllers().iter().filter_map(|one| lens.node_of(one.id)).collect();
        // Its time is known to the millisecond.
        let before = Instant::from_nanos(entry.at.as_nanos().saturating_sub(1));
        let after = Instant::from_nanos((entry.at + Duration::from_millis(1)).as_nanos() - 1);
        let first = if entry.at == Instant::ZERO { 0 } else { self.history().last_at(before) };
        let last = self.history().last_at(after);
        let is_it = |told: &Told| match &told.fact {
            Fact::BatchAppended { tp, base_offset, as_leader: true, .. } => {
                &*tp.topic == METADATA_TOPIC && *base_offset == entry.batch.0
            }
            _ => false,
        };
        let mut events = (first + 1..=last).filter(|event| {
            let past = self.history().get(*event);
            past.is_some_and(|past| controllers.contains(&past.happened.node))
        });
        let event = events.find(|event| self.told(*event).iter().any(is_it))?;
        // What is committed is told as soon as it is: in the same event, or right after it.
        let of = |event: u32| self.story().of_event(event).iter();
        let lines = of(event).chain((event + 1..=event + 8).flat_map(of).filter(|line| {
            self.history().get(line.event).is_some_and(|past| past.happened.cause == event)
        }));
        let mut lines = lines.filter(|line| line.amends.is_none());
        let line = lines.find(|line| self.is_about(line, entry));
        Some(line.map_or((event, None), |line| (line.event, Some(line.number))))
    }

    /// True for a line about the partition or broker that a record is about.
    fn is_about(&self, line: &StoryLine, entry: &MetadataEntry) -> bool {
        let MetadataContent::Record(_, record) = &entry.content else { return false };
        let image = self.runner().lens().image();
        let named = |id, partition| {
            let topic = image?.topic(id)?.name.clone();
            Some(TopicPartition { topic, partition })
        };
        let (partition, broker, topic) = match record {
            MetadataRecord::Partition(one) => (
                named(one.topic_id, one.partition_id),
                None,
                image.and_then(|it| it.topic(one.topic_id)),
            ),
            MetadataRecord::PartitionChange(one) => {
                (named(one.topic_id, one.partition_id), None, None)
            }
            MetadataRecord::Topic(one) => (None, None, image.and_then(|it| it.topic(one.topic_id))),
            MetadataRecord::RegisterBroker(one) => (None, Some(one.broker_id), None),
            MetadataRecord::BrokerRegistrationChange(one) => (None, Some(one.broker_id), None),
            _ => return false,
        };
        match &line.words {
            Words::Partition { step } => partition.as_ref() == Some(&step.tp),
            Words::Fact { fact } | Words::Repeated { fact, .. } => match &**fact {
                Fact::TopicCreated { topic: name, .. }
                | Fact::PartitionsAdded { topic: name, .. } => {
                    topic.is_some_and(|topic| topic.name == *name)
                }
                fact => {
                    broker.is_some() && broker_of(fact) == broker
                        || partition.is_some() && fact.partition() == partition.as_ref()
                }
            },
            _ => false,
        }
    }
}

fn broker_of(fact: &Fact) -> Option<BrokerId> {
    match fact {
        Fact::BrokerRegistered { broker, .. }
        | Fact::BrokerUnfenced { broker }
        | Fact::BrokerFenced { broker, .. }
        | Fact::ControlledShutdownStarted { broker } => Some(*broker),
        _ => None,
    }
}

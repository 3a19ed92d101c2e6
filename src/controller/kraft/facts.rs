//! What the active controller tells: of records that are committed, and of what it refuses.
//!
//! Records say what is, facts what happened: so they are told with the state before them. Only the
//! active controller tells them; brokers and other controllers replay in silence.

use std::collections::BTreeMap;

use super::api::{Refusal, error_response, refusals};
use super::api_error::ApiError;
use super::outcome::Note;
use super::purgatory::PendingBatch;
use crate::fact::{ElectionKind, Fact};
use crate::ids::{BrokerId, Name, TopicId, TopicIdPartition, TopicPartition};
use crate::metadata::{ClusterImage, LeaderRecoveryState, PartitionRegistration, ResourceType};
use crate::node::{Interest, Outbox, ReplyTo};
use crate::protocol::metadata_record::{
    BrokerRegistrationChangeRecord, ConfigRecord, LeaderChange, RegisterBrokerRecord,
};
use crate::protocol::{ErrorCode, MetadataRecord, Request, RequestBody, ResponseBody};

/// Tells of a batch that is committed.
pub(super) fn tell(batch: &PendingBatch, out: &mut Outbox) {
    if out.interest == Interest::Nothing {
        return;
    }
    let mut teller = Teller { image: batch.before.image().clone(), new: counts(batch), out };
    let mut notes = batch.notes.iter().peekable();
    for (index, append) in batch.records.iter().enumerate() {
        let note = notes.next_if(|(noted, _)| *noted == index).map(|(_, note)| *note);
        teller.tell(&append.record, note);
    }
}

/// How many new partitions of each topic the batch has.
fn counts(batch: &PendingBatch) -> BTreeMap<TopicId, u32> {
    let image = batch.before.image();
    let mut counts = BTreeMap::new();
    for append in &*batch.records {
        if let MetadataRecord::Partition(record) = &append.record
            && image.partition(record.topic_id, record.partition_id).is_none()
        {
            *counts.entry(record.topic_id).or_default() += 1;
        }
    }
    counts
}

struct Teller<'a> {
    /// The cluster before the record.
    image: ClusterImage,
    new: BTreeMap<TopicId, u32>,
    out: &'a mut Outbox,
}

impl Teller<'_> {
    fn tell(&mut self, record: &MetadataRecord, note: Option<Note>) {
        use MetadataRecord as R;
        match record {
            R::RegisterBroker(record) => self.registered(record, note),
            R::BrokerRegistrationChange(record) => self.registration_changed(record, note),
            R::RemoveTopic(removed) => {
                let topic = self.image.topic(removed.topic_id).map(|topic| topic.name.clone());
                let topic = topic.expect("only a topic that exists is removed");
                self.out.fact(|| Fact::TopicDeleted { topic });
            }
            R::Config(record) => self.config_changed(record),
            R::Partition(_) | R::PartitionChange(_) => return self.partition(record, note),
            // A new topic is told with its first partition, which says how many replicas it has.
            _ => {}
        }
        self.image.apply(record);
    }

    fn registered(&mut self, record: &RegisterBrokerRecord, note: Option<Note>) {
        let (broker, broker_epoch) = (record.broker_id, record.broker_epoch);
        if self.image.broker(broker).is_some_and(|before| before.epoch == broker_epoch) {
            return; // The same process changed its registration.
        }
        let clean = note != Some(Note::UncleanShutdown);
        self.out.fact(|| Fact::BrokerRegistered { broker, broker_epoch, clean });
    }

    fn registration_changed(
        &mut self,
        record: &BrokerRegistrationChangeRecord,
        note: Option<Note>,
    ) {
        let broker = record.broker_id;
        match record.fenced {
            BrokerRegistrationChangeRecord::FENCE => {
                let expired = note == Some(Note::SessionExpired);
                self.out.fact(|| Fact::BrokerFenced { broker, expired });
            }
            BrokerRegistrationChangeRecord::UNFENCE => {
                self.out.fact(|| Fact::BrokerUnfenced { broker });
            }
            _ => {}
        }
        if record.in_controlled_shutdown != 0 {
            self.out.fact(|| Fact::ControlledShutdownStarted { broker });
        }
    }

    fn config_changed(&mut self, record: &ConfigRecord) {
        let kind = ResourceType::from_wire(record.resource_type);
        let kind: &'static str = kind.expect("a controller writes known kinds").into();
        self.out.fact(|| Fact::ConfigChanged {
            resource: kind.into(),
            name: record.resource_name.clone(),
            key: record.name.clone(),
            value: record.value.clone(),
        });
    }

    fn partition(&mut self, record: &MetadataRecord, note: Option<Note>) {
        let (topic_id, partition, leader) = match record {
            MetadataRecord::Partition(record) => {
                (record.topic_id, record.partition_id, LeaderChange::to(record.leader))
            }
            MetadataRecord::PartitionChange(record) => {
                (record.topic_id, record.partition_id, record.leader)
            }
            _ => unreachable!("a record about a partition"),
        };
        let of = |image: &ClusterImage| image.partition(topic_id, partition).cloned();
        let before = of(&self.image);
        self.image.apply(record);
        let after = of(&self.image).expect("the record set it");
        let topic = self.image.topic(topic_id).expect("a partition has a topic").name.clone();
        if before.is_none() {
            self.topic_grew(TopicIdPartition { topic_id, partition }, &topic, &after);
        }
        let tp = TopicPartition { topic, partition };
        self.leader_changed(&tp, before.as_ref(), &after, leader, note);
        self.out.fact(|| changed(tp, &after));
    }

    /// Tells once of all new partitions of a topic.
    fn topic_grew(&mut self, tp: TopicIdPartition, topic: &Name, state: &PartitionRegistration) {
        let Some(added) = self.new.remove(&tp.topic_id) else { return };
        let topic = topic.clone();
        let there = self.image.topic(tp.topic_id).expect("it was just read").partition_count() - 1;
        let partitions = there + added;
        self.out.fact(|| {
            if there == 0 {
                let replication_factor = state.replicas.len() as u32;
                Fact::TopicCreated { topic, partitions, replication_factor }
            } else {
                Fact::PartitionsAdded { topic, partitions }
            }
        });
    }

    fn leader_changed(
        &mut self,
        tp: &TopicPartition,
        before: Option<&PartitionRegistration>,
        after: &PartitionRegistration,
        leader: LeaderChange,
        note: Option<Note>,
    ) {
        let from = before.and_then(|before| before.leader);
        let leader_epoch = after.leader_epoch;
        match (leader, note) {
            (LeaderChange::Leader(to), Some(Note::Elected(kind))) => {
                let tp = tp.clone();
                self.out.fact(|| Fact::LeaderElected { tp, from, to, leader_epoch, kind });
            }
            (LeaderChange::Leader(to), _) if before.is_none() => {
                let (tp, kind) = (tp.clone(), ElectionKind::New);
                self.out.fact(|| Fact::LeaderElected { tp, from, to, leader_epoch, kind });
            }
            (LeaderChange::Nobody, _) if from.is_some() => {
                let tp = tp.clone();
                self.out.fact(|| Fact::PartitionOffline { tp, from, leader_epoch });
            }
            _ => {
                // The leader stays; a record may still name it to raise its epoch.
            }
        }
    }
}

/// Answers a request, and tells what the answer refuses.
pub(super) fn reply(to: ReplyTo, response: ResponseBody, out: &mut Outbox) {
    if out.interest != Interest::Nothing {
        let api = response.api().name();
        for Refusal { subject, error, message } in refusals(&response) {
            out.fact(|| Fact::AdminRefused {
                api: api.into(),
                subject: subject.into(),
                error,
                message: message.into(),
            });
        }
    }
    out.reply(to, response);
}

/// Answers a request that fails as a whole.
pub(super) fn reply_error(to: ReplyTo, request: &Request, error: &ApiError, out: &mut Outbox) {
    let response = error_response(&request.body, error).expect("the request is for a controller");
    if error.error == ErrorCode::NotController {
        // Nothing was judged: the sender looks for the active controller.
        out.reply(to, response);
        return;
    }
    if let RequestBody::BrokerRegistration(registration) = &request.body {
        let broker = BrokerId(registration.broker_id.0);
        out.fact(|| Fact::RegistrationRefused { broker, error: error.error });
    }
    reply(to, response, out);
}

fn changed(tp: TopicPartition, after: &PartitionRegistration) -> Fact {
    Fact::PartitionChanged {
        tp,
        leader: after.leader,
        leader_epoch: after.leader_epoch,
        partition_epoch: after.partition_epoch,
        isr: after.isr.to_vec(),
        elr: after.elr().to_vec(),
        last_known_elr: after.last_known_elr().to_vec(),
        recovering: after.leader_recovery_state == LeaderRecoveryState::Recovering,
    }
}

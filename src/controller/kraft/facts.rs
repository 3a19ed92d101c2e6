//! What controllers tell of records that are committed.
//!
//! Records say what is, facts what happened: so they are told with the state before them, once, by the
//! controller that first knows that they are committed. That is the active one, except for what a
//! dying one had just written: the next one tells it, without the notes of its maker.

use std::collections::BTreeMap;

use super::outcome::Note;
use crate::fact::{ElectionKind, Fact};
use crate::ids::{BrokerId, Name, Offset, TopicId, TopicIdPartition, TopicPartition};
use crate::metadata::{ClusterImage, LeaderRecoveryState, PartitionRegistration, ResourceType};
use crate::node::{Interest, Outbox};
use crate::protocol::MetadataRecord;
use crate::protocol::metadata_record::{
    BrokerRegistrationChangeRecord, ConfigRecord, LeaderChange, RegisterBrokerRecord,
};

/// Tells of records that are committed, as far as nobody has told of them before. `before` is the
/// cluster before the first one; `notes` is none for records that another controller made.
pub(super) fn tell<'a>(
    before: &ClusterImage,
    base_offset: Offset,
    records: impl ExactSizeIterator<Item = &'a MetadataRecord> + Clone,
    notes: Option<&[(usize, Note)]>,
    out: &mut Outbox,
) {
    let told = out.metadata_told;
    let end = base_offset.plus(records.len() as u64);
    out.metadata_told = told.max(end);
    if out.interest == Interest::Nothing || end <= told {
        return;
    }
    let new = counts(before, records.clone());
    let mut teller = Teller { image: before.clone(), new, made_here: notes.is_some(), out };
    let mut notes = notes.unwrap_or_default().iter().peekable();
    for (index, record) in records.enumerate() {
        let note = notes.next_if(|(noted, _)| *noted == index).map(|(_, note)| *note);
        if base_offset.plus(index as u64) < told {
            teller.image.apply(record);
        } else {
            teller.tell(record, note);
        }
    }
}

/// How many new partitions of each topic there are.
fn counts<'a>(
    before: &ClusterImage,
    records: impl Iterator<Item = &'a MetadataRecord>,
) -> BTreeMap<TopicId, u32> {
    let mut counts = BTreeMap::new();
    for record in records {
        if let MetadataRecord::Partition(record) = record
            && before.partition(record.topic_id, record.partition_id).is_none()
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
    /// True when the notes are those of the records' maker.
    made_here: bool,
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
            R::ClearElr(clear) => {
                let touched = self.image.partitions_with_elr(&clear.topic_name);
                self.image.apply(record);
                for tp in touched {
                    self.changed(tp);
                }
                return;
            }
            // A new topic is told with its first partition, which says how many replicas it has.
            _ => {}
        }
        self.image.apply(record);
    }

    fn registered(&mut self, record: &RegisterBrokerRecord, note: Option<Note>) {
        let (broker, broker_epoch) = (record.broker_id, record.broker_epoch);
        let before = self.image.broker(broker);
        if before.is_some_and(|before| before.epoch == broker_epoch) {
            return; // The same process changed its registration.
        }
        let clean = if self.made_here {
            note != Some(Note::UncleanShutdown)
        } else {
            before.is_none_or(|before| before.in_controlled_shutdown)
        };
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
                let was_active = self.image.is_active(broker);
                let expired =
                    if self.made_here { note == Some(Note::SessionExpired) } else { was_active };
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
        let tp = TopicIdPartition { topic_id, partition };
        let of = |image: &ClusterImage| image.partition(topic_id, partition).cloned();
        let before = of(&self.image);
        self.image.apply(record);
        let after = of(&self.image).expect("the record set it");
        if before.is_none() {
            self.topic_grew(tp, &after);
        }
        self.leader_changed(tp, before.as_ref(), &after, leader, note);
        self.changed(tp);
    }

    /// Tells once of all new partitions of a topic.
    fn topic_grew(&mut self, tp: TopicIdPartition, state: &PartitionRegistration) {
        let Some(added) = self.new.remove(&tp.topic_id) else { return };
        let topic = self.image.topic(tp.topic_id).expect("a partition has a topic");
        let there = topic.partition_count() - 1;
        let (topic, partitions) = (topic.name.clone(), there + added);
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
        tp: TopicIdPartition,
        before: Option<&PartitionRegistration>,
        after: &PartitionRegistration,
        leader: LeaderChange,
        note: Option<Note>,
    ) {
        let from = before.and_then(|before| before.leader);
        let (tp, leader_epoch) = (self.named(tp), after.leader_epoch);
        match leader {
            LeaderChange::Leader(to) if Some(to) != from => {
                let kind = match (note, before) {
                    (Some(Note::Elected(kind)), _) => kind,
                    (_, Some(before)) => likely_kind(before, after, to),
                    (_, None) => ElectionKind::New,
                };
                self.out.fact(|| Fact::LeaderElected { tp, from, to, leader_epoch, kind });
            }
            LeaderChange::Nobody if from.is_some() => {
                self.out.fact(|| Fact::PartitionOffline { tp, from, leader_epoch });
            }
            _ => {
                // The leader stays; a record may still name it to raise its epoch.
            }
        }
    }

    /// Tells of a partition as it is now.
    fn changed(&mut self, tp: TopicIdPartition) {
        let name = self.named(tp);
        let after = self.image.partition(tp.topic_id, tp.partition);
        let after = after.expect("the record is about a partition that exists");
        self.out.fact(|| Fact::PartitionChanged {
            tp: name,
            leader: after.leader,
            leader_epoch: after.leader_epoch,
            partition_epoch: after.partition_epoch,
            isr: after.isr.to_vec(),
            elr: after.elr().to_vec(),
            last_known_elr: after.last_known_elr().to_vec(),
            recovering: after.leader_recovery_state == LeaderRecoveryState::Recovering,
        });
    }

    fn named(&self, tp: TopicIdPartition) -> TopicPartition {
        let topic = self.image.topic(tp.topic_id).expect("a partition has a topic");
        let topic: Name = topic.name.clone();
        TopicPartition { topic, partition: tp.partition }
    }
}

/// By which rule `leader` was most likely chosen, where its maker cannot be asked.
fn likely_kind(
    before: &PartitionRegistration,
    after: &PartitionRegistration,
    leader: BrokerId,
) -> ElectionKind {
    if before.isr.contains(&leader) {
        let old_could_stay = before.leader.is_some_and(|old| after.isr.contains(&old));
        let preferred = after.preferred_leader() == Some(leader);
        if old_could_stay && preferred { ElectionKind::Preferred } else { ElectionKind::Isr }
    } else if before.elr().contains(&leader) {
        ElectionKind::Elr
    } else if before.isr.is_empty() && before.last_known_elr() == [leader] {
        ElectionKind::LastKnownLeader
    } else {
        ElectionKind::Unclean
    }
}

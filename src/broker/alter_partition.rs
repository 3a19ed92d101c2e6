//! ISR changes on their way to the controller: gathered while one request is out.
//!
//! In Kafka: `DefaultAlterPartitionManager`; KIP-497.

use std::collections::BTreeMap;

use kafka_protocol::messages::AlterPartitionRequest;
use kafka_protocol::messages::alter_partition_request::{BrokerState, PartitionData, TopicData};

use super::to_controller::Outcome;
use super::{Broker, Tag, around};
use crate::ids::{
    BrokerId, LeaderEpoch, PartitionEpoch, PartitionIndex, TopicId, TopicIdPartition,
};
use crate::log::Disk;
use crate::node::{Outbox, Purpose, Timer, Why};
use crate::protocol::{ErrorCode, RequestBody, ResponseBody};
use crate::replica::{IsrGrant, IsrProposal};
use crate::sim::Duration;

/// How long to wait after a request failed as a whole.
const RETRY: Duration = Duration::from_millis(50);

/// The ISR changes that the controller has not answered.
#[derive(Clone, Debug, Default)]
pub(super) struct AlterPartitionQueue {
    pending: BTreeMap<TopicIdPartition, IsrProposal>,
    in_flight: Vec<IsrProposal>,
}

impl Broker {
    /// Asks the controller for a change.
    pub(super) fn propose(&mut self, proposal: IsrProposal, out: &mut Outbox) {
        let partition = proposal.partition;
        if self.isr_changes.pending.contains_key(&partition) {
            if let Some(slot) = self.replicas.slot(partition) {
                self.replicas.with(slot, |replica, _| {
                    replica.on_isr_refused(&proposal, ErrorCode::OperationNotAttempted, out)
                });
            }
            return;
        }
        self.isr_changes.pending.insert(partition, proposal);
        self.send_isr_changes(out);
    }

    /// Sends all that is pending, unless a request is out.
    pub(super) fn send_isr_changes(&mut self, out: &mut Outbox) {
        let queue = &mut self.isr_changes;
        if !queue.in_flight.is_empty() || queue.pending.is_empty() {
            return;
        }
        queue.in_flight = queue.pending.values().cloned().collect();
        let mut topics: Vec<TopicData> = Vec::new();
        for proposal in &queue.in_flight {
            let id: uuid::Uuid = proposal.partition.topic_id.into();
            if topics.last().is_none_or(|topic| topic.topic_id != id) {
                topics.push(TopicData::default().with_topic_id(id));
            }
            let topic = topics.last_mut().expect("it was just pushed");
            topic.partitions.push(partition_data(proposal));
        }
        let epoch = self.lifecycle.broker_epoch.map_or(-1, |epoch| epoch.0);
        let request = AlterPartitionRequest::default()
            .with_broker_id(self.id.0.into())
            .with_broker_epoch(epoch)
            .with_topics(topics);
        let body = (3, RequestBody::AlterPartition(Box::new(request)));
        self.ask_controller(Purpose::AlterPartition, Tag::AlterPartition, body, out);
    }

    /// The controller answered.
    pub(super) fn on_isr_answers(&mut self, outcome: Outcome, disk: &mut Disk, out: &mut Outbox) {
        let sent = std::mem::take(&mut self.isr_changes.in_flight);
        let answer = match outcome.answer().map(|response| response.body.clone()) {
            Ok(ResponseBody::AlterPartition(answer)) if answer.error_code == 0 => answer,
            _ => {
                let why = Why::Rule("ISR changes are sent again after 50 ms");
                out.set_timer(Timer::AlterPartitionRetry, out.now + RETRY, why);
                return;
            }
        };
        for topic in &answer.topics {
            for partition in &topic.partitions {
                let id = TopicIdPartition {
                    topic_id: TopicId::from(topic.topic_id),
                    partition: PartitionIndex(partition.partition_index),
                };
                let Some(proposal) = sent.iter().find(|proposal| proposal.partition == id) else {
                    continue;
                };
                self.isr_changes.pending.remove(&id);
                let error = ErrorCode::from_code(partition.error_code);
                let result = if error.is_none() {
                    Ok(IsrGrant {
                        leader_epoch: LeaderEpoch(partition.leader_epoch),
                        partition_epoch: PartitionEpoch(partition.partition_epoch),
                        isr: partition.isr.iter().map(|id| BrokerId(id.0)).collect(),
                    })
                } else {
                    Err(error)
                };
                self.on_isr_answer(proposal, result, disk, out);
            }
        }
        self.send_isr_changes(out);
    }

    fn on_isr_answer(
        &mut self,
        proposal: &IsrProposal,
        result: Result<IsrGrant, ErrorCode>,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        let Some(slot) = self.replicas.slot(proposal.partition) else { return };
        let around = around(self.id, &self.lifecycle, &self.config, &self.image);
        match result {
            Ok(grant) => {
                let advanced = self.replicas.with(slot, |replica, log| {
                    replica.on_isr_granted(log, proposal, &grant, around, out)
                });
                if advanced {
                    self.on_high_watermark(slot, disk, out);
                }
            }
            Err(error) => {
                let again = self.replicas.with(slot, |replica, _| {
                    replica
                        .on_isr_refused(proposal, error, out)
                        .then(|| replica.pending_proposal(around))
                        .flatten()
                });
                if let Some(proposal) = again {
                    self.propose(proposal, out);
                }
            }
        }
    }

    /// `Timer::IsrExpiration`: takes followers out of the ISR that fell behind.
    pub(super) fn on_isr_expiration(&mut self, out: &mut Outbox) {
        let leading = self.replicas.iter().filter(|(_, replica)| replica.is_leader());
        let slots: Vec<u32> = leading.map(|(slot, _)| slot).collect();
        for slot in slots {
            let around = around(self.id, &self.lifecycle, &self.config, &self.image);
            let proposal =
                self.replicas.with(slot, |replica, log| replica.maybe_shrink_isr(log, around, out));
            if let Some(proposal) = proposal {
                self.propose(proposal, out);
            }
        }
        self.schedule_isr_expiration(out);
    }

    /// Followers are looked at every half `replica.lag.time.max.ms`.
    pub(super) fn schedule_isr_expiration(&self, out: &mut Outbox) {
        let every = self.config.replica_lag_time_max / 2;
        let why = Why::Config("replica.lag.time.max.ms");
        out.set_timer(Timer::IsrExpiration, out.now + every, why);
    }
}

fn partition_data(proposal: &IsrProposal) -> PartitionData {
    let members = proposal.isr.iter().map(|(id, epoch)| {
        BrokerState::default()
            .with_broker_id(id.0.into())
            .with_broker_epoch(epoch.map_or(-1, |epoch| epoch.0))
    });
    PartitionData::default()
        .with_partition_index(proposal.partition.partition.0)
        .with_leader_epoch(proposal.leader_epoch.0)
        .with_partition_epoch(proposal.partition_epoch.0)
        .with_new_isr_with_epochs(members.collect())
}

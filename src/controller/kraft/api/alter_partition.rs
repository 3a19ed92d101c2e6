//! `AlterPartition` (key 56): a leader asks for another ISR.
//!
//! In Kafka: `ReplicationControlManager.alterPartition` (KIP-497, KIP-704, KIP-841, KIP-903).

use kafka_protocol::messages::alter_partition_request::{PartitionData, TopicData};
use kafka_protocol::messages::alter_partition_response as answer;
use kafka_protocol::messages::{
    AlterPartitionRequest, AlterPartitionResponse, BrokerId as WireBrokerId,
};

use super::{Context, Handled, wire};
use crate::controller::kraft::{ControllerState, Outcome, Records};
use crate::feature::mutant;
use crate::ids::{BrokerEpoch, BrokerId, PartitionIndex, TopicIdPartition};
use crate::metadata::{LeaderRecoveryState, PartitionRegistration, TopicImage};
use crate::protocol::ErrorCode;
use crate::protocol::metadata_record::LeaderChange;

/// An ISR as asked for: brokers, with the epoch the leader knows them by.
type Isr = Vec<(BrokerId, Option<BrokerEpoch>)>;

/// Handles the request.
///
/// # Errors
/// [`ErrorCode::StaleBrokerEpoch`] when the broker's registration is another one.
pub fn handle<D>(
    context: &mut Context<'_, D>,
    request: &AlterPartitionRequest,
) -> Handled<AlterPartitionResponse> {
    let state = context.state;
    let leader = wire::broker(request.broker_id);
    state.check_broker_epoch(leader, BrokerEpoch(request.broker_epoch))?;
    let mut records = Records::default();
    let mut response = AlterPartitionResponse::default();
    for topic in &request.topics {
        let known = state.image().topic(wire::id(topic.topic_id));
        let partitions = topic.partitions.iter().map(|wanted| match known {
            Some(known) => {
                let isr = wanted_isr(wanted, context.api_version);
                alter(state, leader, known, wanted, &isr, &mut records)
            }
            None => refused(wanted, ErrorCode::UnknownTopicId),
        });
        response.topics.push(answer_of(topic, partitions.collect()));
    }
    Ok(Outcome::of(records, response))
}

fn answer_of(topic: &TopicData, partitions: Vec<answer::PartitionData>) -> answer::TopicData {
    answer::TopicData::default().with_topic_id(topic.topic_id).with_partitions(partitions)
}

fn refused(wanted: &PartitionData, error: ErrorCode) -> answer::PartitionData {
    answer::PartitionData::default()
        .with_partition_index(wanted.partition_index)
        .with_error_code(error.code())
}

/// Before version 3 a leader does not say by which epoch it knows the brokers.
fn wanted_isr(wanted: &PartitionData, api_version: i16) -> Isr {
    if api_version < 3 {
        return wanted.new_isr.iter().map(|id| (wire::broker(*id), None)).collect();
    }
    let known = |epoch: i64| (epoch != -1).then_some(BrokerEpoch(epoch));
    let isr = wanted.new_isr_with_epochs.iter();
    isr.map(|member| (wire::broker(member.broker_id), known(member.broker_epoch))).collect()
}

fn alter(
    state: &ControllerState,
    leader: BrokerId,
    topic: &TopicImage,
    wanted: &PartitionData,
    isr: &Isr,
    records: &mut Records,
) -> answer::PartitionData {
    let tp =
        TopicIdPartition { topic_id: topic.id, partition: PartitionIndex(wanted.partition_index) };
    let Some(partition) = state.image().partition(topic.id, tp.partition) else {
        return refused(wanted, ErrorCode::UnknownTopicOrPartition);
    };
    let recovery_state = match validate(state, leader, partition, wanted, isr) {
        Ok(recovery_state) => recovery_state,
        Err(error) => return refused(wanted, error),
    };
    let settings = state.settings_of(topic);
    let change = state.change_partition(settings, tp, partition, |builder| {
        builder
            .election(settings.election)
            .isr(isr.iter().map(|(member, _)| *member).collect())
            .leader_recovery_state(recovery_state)
    });
    let mut after = partition.clone();
    if let Some(change) = change {
        after = after.merge(&change.record);
        let leads = change.record.leader;
        records.push_change(Some(change));
        // A leader does not vote itself out. But the ISR it asks for may complete a reassignment,
        // and that may choose another: the change stands, and the answer sends it to look.
        if leads != LeaderChange::Unchanged && leads != LeaderChange::Leader(leader) {
            return refused(wanted, ErrorCode::NewLeaderElected);
        }
    }
    answer::PartitionData::default()
        .with_partition_index(wanted.partition_index)
        .with_leader_id(WireBrokerId(BrokerId::to_wire(after.leader)))
        .with_leader_epoch(after.leader_epoch.0)
        .with_isr(wire::to_brokers(&after.isr))
        .with_leader_recovery_state(after.leader_recovery_state.to_wire())
        .with_partition_epoch(after.partition_epoch.0)
}

fn validate(
    state: &ControllerState,
    leader: BrokerId,
    partition: &PartitionRegistration,
    wanted: &PartitionData,
    isr: &Isr,
) -> Result<LeaderRecoveryState, ErrorCode> {
    // A leader that knows more than we do: likely we are no longer the active controller.
    if wanted.leader_epoch > partition.leader_epoch.0
        || wanted.partition_epoch > partition.partition_epoch.0
    {
        return Err(ErrorCode::NotController);
    }
    let is_checked = !mutant!(state.config(), IsrChangeUnchecked);
    if is_checked && wanted.leader_epoch < partition.leader_epoch.0 {
        return Err(ErrorCode::FencedLeaderEpoch);
    }
    if partition.leader != Some(leader) {
        return Err(ErrorCode::InvalidRequest);
    }
    if is_checked && wanted.partition_epoch < partition.partition_epoch.0 {
        return Err(ErrorCode::InvalidUpdateVersion);
    }
    let among_replicas = |(index, (member, _)): (usize, &(BrokerId, _))| {
        let again = isr[..index].iter().any(|(other, _)| other == member);
        partition.replicas.contains(member) && !again
    };
    if !isr.iter().enumerate().all(among_replicas)
        || !isr.iter().any(|(member, _)| *member == leader)
    {
        return Err(ErrorCode::InvalidRequest);
    }
    let recovery_state = LeaderRecoveryState::from_wire(wanted.leader_recovery_state);
    let recovery_state = recovery_state.ok_or(ErrorCode::InvalidRequest)?;
    if recovery_state == LeaderRecoveryState::Recovering
        && (isr.len() > 1 || partition.leader_recovery_state == LeaderRecoveryState::Recovered)
    {
        return Err(ErrorCode::InvalidRequest);
    }
    // The leader may not know yet that a member stops, is fenced, or has another epoch.
    let is_eligible = |(member, epoch): &(BrokerId, Option<BrokerEpoch>)| {
        let registration = state.image().broker(*member);
        registration.is_some_and(|registration| {
            registration.is_active() && epoch.is_none_or(|epoch| epoch == registration.epoch)
        })
    };
    if !isr.iter().all(is_eligible) {
        return Err(ErrorCode::IneligibleReplica);
    }
    Ok(recovery_state)
}

//! OffsetForLeaderEpoch (key 23): where an epoch ends in the leader's log.
//!
//! In Kafka: `ReplicaManager.lastOffsetForLeaderEpoch`; KIP-101, KIP-279, KIP-320.

use kafka_protocol::messages::offset_for_leader_epoch_response::{
    EpochEndOffset, OffsetForLeaderTopicResult,
};
use kafka_protocol::messages::{OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse};

use super::super::Broker;
use super::super::replicas::not_here;
use crate::ids::{LeaderEpoch, Offset, PartitionIndex, TopicPartition};
use crate::node::{Outbox, ReplyTo};
use crate::protocol::convert::name;
use crate::protocol::{ErrorCode, ResponseBody, TopicRef};

impl Broker {
    /// Answers for each partition that this broker leads.
    pub(in crate::broker) fn on_offset_for_leader_epoch(
        &mut self,
        from: ReplyTo,
        request: &OffsetForLeaderEpochRequest,
        out: &mut Outbox,
    ) {
        let mut answer = OffsetForLeaderEpochResponse::default();
        for topic in &request.topics {
            let partitions = topic.partitions.iter().map(|asked| {
                let tp = TopicPartition {
                    topic: name(&topic.topic),
                    partition: PartitionIndex(asked.partition),
                };
                let current = LeaderEpoch::from_wire(asked.current_leader_epoch);
                let found = self.epoch_end(&tp, current, LeaderEpoch(asked.leader_epoch));
                let result = EpochEndOffset::default().with_partition(asked.partition);
                match found {
                    Ok(found) => result
                        .with_leader_epoch(LeaderEpoch::to_wire(found.map(|(epoch, _)| epoch)))
                        .with_end_offset(Offset::to_wire(found.map(|(_, end)| end))),
                    Err(error) => result
                        .with_error_code(error.code())
                        .with_leader_epoch(-1)
                        .with_end_offset(-1),
                }
            });
            let result = OffsetForLeaderTopicResult::default()
                .with_topic(topic.topic.clone())
                .with_partitions(partitions.collect());
            answer.topics.push(result);
        }
        out.reply(from, ResponseBody::OffsetForLeaderEpoch(Box::new(answer)));
    }

    fn epoch_end(
        &self,
        tp: &TopicPartition,
        current: Option<LeaderEpoch>,
        epoch: LeaderEpoch,
    ) -> Result<Option<(LeaderEpoch, Offset)>, ErrorCode> {
        let slot = self.replicas.slot_named(tp);
        let replica = slot.and_then(|slot| self.replicas.get(slot).zip(self.replicas.log(slot)));
        match replica {
            Some((replica, log)) => replica.end_offset_for_epoch(log, current, epoch, true),
            None => Err(not_here(&self.image, &TopicRef::named(&tp.topic), tp.partition)),
        }
    }
}

//! ListOffsets (key 2): where a log begins, ends, or reached a time.
//!
//! In Kafka: `ReplicaManager.fetchOffset`; KIP-79, KIP-207 (a new leader waits), KIP-734.

use kafka_protocol::messages::list_offsets_request::ListOffsetsPartition;
use kafka_protocol::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsTopicResponse,
};
use kafka_protocol::messages::{ListOffsetsRequest, ListOffsetsResponse};

use super::super::Broker;
use super::super::replicas::not_here;
use crate::fact::Fact;
use crate::feature::mutant;
use crate::ids::{LeaderEpoch, Offset, PartitionIndex, Timestamp, TopicPartition};
use crate::log::{Disk, OffsetQuery, TimestampAndOffset};
use crate::node::{Outbox, ReplyTo};
use crate::protocol::convert::name;
use crate::protocol::{ErrorCode, Isolation, ResponseBody, TopicRef};

const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const MAX_TIMESTAMP: i64 = -3;
const EARLIEST_LOCAL: i64 = -4;
/// The replica id of a consumer.
const CONSUMER: i32 = -1;
/// The replica id of a tool that may ask any replica.
const DEBUGGING: i32 = -2;

impl Broker {
    /// Answers for each partition that this broker leads.
    pub(in crate::broker) fn on_list_offsets(
        &mut self,
        from: ReplyTo,
        request: &ListOffsetsRequest,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        let mut answer = ListOffsetsResponse::default();
        for topic in &request.topics {
            let mut partitions = Vec::new();
            for partition in &topic.partitions {
                let tp = TopicPartition {
                    topic: name(&topic.name),
                    partition: PartitionIndex(partition.partition_index),
                };
                let found = self.offset_of(&tp, partition, request, disk);
                if request.replica_id.0 == CONSUMER && partition.timestamp == LATEST {
                    tell_latest(&tp, found, out);
                }
                partitions.push(response(partition.partition_index, found));
            }
            answer.topics.push(
                ListOffsetsTopicResponse::default()
                    .with_name(topic.name.clone())
                    .with_partitions(partitions),
            );
        }
        out.reply(from, ResponseBody::ListOffsets(Box::new(answer)));
    }

    fn offset_of(
        &mut self,
        tp: &TopicPartition,
        partition: &ListOffsetsPartition,
        request: &ListOffsetsRequest,
        disk: &mut Disk,
    ) -> Result<Option<TimestampAndOffset>, ErrorCode> {
        let slot = self
            .replicas
            .slot_named(tp)
            .ok_or_else(|| not_here(&self.image, &TopicRef::named(&tp.topic), tp.partition))?;
        let query = match partition.timestamp {
            LATEST => OffsetQuery::Latest,
            EARLIEST | EARLIEST_LOCAL => OffsetQuery::Earliest,
            MAX_TIMESTAMP => OffsetQuery::MaxTimestamp,
            at => OffsetQuery::Timestamp(Timestamp(at)),
        };
        let isolation =
            (request.replica_id.0 == CONSUMER).then_some(match request.isolation_level {
                0 => Isolation::ReadUncommitted,
                _ => Isolation::ReadCommitted,
            });
        let current = LeaderEpoch::from_wire(partition.current_leader_epoch);
        let leader_only = request.replica_id.0 != DEBUGGING;
        self.replicas.with(slot, |replica, log| {
            replica.offset_for(log, query, isolation, current, leader_only, disk)
        })
    }
}

/// Tells that a client was told where the log ends.
fn tell_latest(
    tp: &TopicPartition,
    found: Result<Option<TimestampAndOffset>, ErrorCode>,
    out: &mut Outbox,
) {
    let Ok(Some(TimestampAndOffset { offset, leader_epoch: Some(leader_epoch), .. })) = found
    else {
        return;
    };
    let is_sunk = mutant!(out, LatestOffsetSinks) && out.now.as_nanos() / 1_000_000_000 % 2 == 1;
    let offset = if is_sunk { Offset(offset.0 / 2) } else { offset };
    out.detail(|| Fact::LatestOffsetTold { tp: tp.clone(), leader_epoch, offset });
}

fn response(
    index: i32,
    found: Result<Option<TimestampAndOffset>, ErrorCode>,
) -> ListOffsetsPartitionResponse {
    let response = ListOffsetsPartitionResponse::default().with_partition_index(index);
    match found {
        Ok(Some(found)) => response
            .with_timestamp(found.timestamp.0)
            .with_offset(found.offset.0 as i64)
            .with_leader_epoch(LeaderEpoch::to_wire(found.leader_epoch)),
        Ok(None) => {
            response.with_timestamp(-1).with_offset(Offset::to_wire(None)).with_leader_epoch(-1)
        }
        Err(error) => response
            .with_error_code(error.code())
            .with_timestamp(-1)
            .with_offset(Offset::to_wire(None)),
    }
}

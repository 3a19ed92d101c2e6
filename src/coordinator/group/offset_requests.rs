//! The requests about offsets: commit, fetch, delete.

use kafka_protocol::messages as kafka;
use kafka_protocol::messages::offset_commit_request::OffsetCommitRequestPartition;
use kafka_protocol::messages::offset_commit_response::{
    OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use kafka_protocol::messages::offset_delete_response::{
    OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};
use kafka_protocol::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use kafka_protocol::messages::offset_fetch_response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
};
use kafka_protocol::protocol::StrBytes;

use super::answer::{self, OFFSET_FETCH_GROUPS, committed, wire};
use super::append::Completion;
use super::gather::Part;
use super::shard::Timeline;
use super::{Append, Call, GroupCoordinator, refuse, tell_refused};
use crate::coordinator::offsets::{OffsetAndMetadata, tombstone};
use crate::fact::Fact;
use crate::feature::mutant;
use crate::ids::{
    Generation, LeaderEpoch, Name, Offset, PartitionIndex, Timestamp, TopicId, TopicPartition,
};
use crate::node::Outbox;
use crate::protocol::coordinator_record::GroupRecord;
use crate::protocol::{ErrorCode, ResponseBody};

/// The version of `OffsetCommit` from which on an unknown group is named as such (KIP-848).
const COMMIT_NAMES_UNKNOWN_GROUP: i16 = 9;

impl GroupCoordinator {
    /// `OffsetCommit` (key 8).
    pub(super) fn on_offset_commit(
        &mut self,
        call: Call<'_>,
        request: &kafka::OffsetCommitRequest,
        exists: &impl Fn(&str, i32) -> bool,
        out: &mut Outbox,
    ) {
        // What does not exist is refused by the broker, whatever the group says.
        let known = |topic: &str, partition: &OffsetCommitRequestPartition| {
            exists(topic, partition.partition_index)
        };
        let any = |topic: &kafka::offset_commit_request::OffsetCommitRequestTopic| {
            topic.partitions.iter().any(|partition| known(&topic.name, partition))
        };
        let anything_known = request.topics.iter().any(any);
        let group: Name = (**request.group_id).into();
        let partition = self.partition_for(&group);
        let verdict = if anything_known && !mutant!(out, CommitsUnfenced) {
            self.validate_commit(partition, &group, request, call.request.api_version, out)
        } else {
            Ok(())
        };
        if let Err(error) = verdict {
            tell_refused(call, &group, &request.member_id, error, out);
        }
        let mut records = Vec::new();
        let mut topics = Vec::with_capacity(request.topics.len());
        for topic in &request.topics {
            let mut commit = |partition: &OffsetCommitRequestPartition| {
                let index = partition.partition_index;
                if !known(&topic.name, partition) {
                    return committed(index, ErrorCode::UnknownTopicOrPartition);
                }
                if let Err(error) = verdict {
                    return committed(index, error);
                }
                let metadata = partition.committed_metadata.as_deref().unwrap_or_default();
                // Kafka counts as Java does.
                if metadata.encode_utf16().count() > self.config.offset_metadata_max_bytes {
                    return committed(index, ErrorCode::OffsetMetadataTooLarge);
                }
                let tp = TopicPartition::new(&**topic.name, index);
                let topic_id = TopicId::default();
                let mut offset =
                    requested(partition, topic_id, request.retention_time_ms, out.wall);
                if mutant!(out, CommitStoredWrong) {
                    offset.committed_offset -= 1;
                }
                records.push(offset.to_record(&group, &tp));
                committed(index, ErrorCode::None)
            };
            let partitions: Vec<OffsetCommitResponsePartition> =
                topic.partitions.iter().map(&mut commit).collect();
            let response = OffsetCommitResponseTopic::default()
                .with_name(topic.name.clone())
                .with_topic_id(topic.topic_id)
                .with_partitions(partitions);
            topics.push(response);
        }
        let response = kafka::OffsetCommitResponse::default().with_topics(topics);
        let response = ResponseBody::OffsetCommit(Box::new(response));
        if verdict.is_err() || !anything_known {
            out.reply(call.from, response);
            return;
        }
        if let ResponseBody::OffsetCommit(response) = &response {
            tell_accepted(request, response, out);
        }
        let completion = Completion::reply(call, response);
        self.append(partition, records, completion, Append::Replayed, out);
    }

    fn validate_commit(
        &mut self,
        partition: i32,
        group: &Name,
        request: &kafka::OffsetCommitRequest,
        api_version: i16,
        out: &mut Outbox,
    ) -> Result<(), ErrorCode> {
        let generation = request.generation_id_or_member_epoch;
        let slot = match self.slot_of(partition, group)? {
            Some(slot) => slot,
            // An administrator, or a consumer that does without group management.
            None if generation < 0 => self.create(partition, group, out),
            None if api_version >= COMMIT_NAMES_UNKNOWN_GROUP => {
                return Err(ErrorCode::GroupIdNotFound);
            }
            None => return Err(ErrorCode::IllegalGeneration),
        };
        let group = self.at_mut(slot);
        let instance = request.group_instance_id.as_deref();
        group.validate_offset_commit(&request.member_id, instance, generation, false)?;
        if group.commit_keeps_session() {
            group.restart_session(&request.member_id, out);
        }
        Ok(())
    }

    /// `OffsetFetch` (key 9): what is committed; with `require_stable` (KIP-447) also what is about
    /// to be, and the answer waits for that.
    pub(super) fn on_offset_fetch(
        &mut self,
        call: Call<'_>,
        request: &kafka::OffsetFetchRequest,
        out: &mut Outbox,
    ) {
        let single;
        let groups = if call.request.api_version >= OFFSET_FETCH_GROUPS {
            &request.groups[..]
        } else {
            single = [only_group(request)];
            &single[..]
        };
        if groups.is_empty() {
            out.reply(call.from, ResponseBody::OffsetFetch(Box::default()));
            return;
        }
        let gather = self.begin_gather(call, groups.len());
        for (place, group) in groups.iter().enumerate() {
            let partition = self.partition_for(&group.group_id);
            match self.active_shard(partition) {
                Err(error) => {
                    tell_refused(call, &group.group_id, "", error, out);
                    let failed = answer::not_fetched(call.request, group.group_id.clone(), error);
                    let part = Part::Fetched(place, Box::new(failed));
                    self.complete(Completion::Part { gather, part }, Ok(()), out);
                }
                Ok(shard) if request.require_stable => {
                    let part = Part::Fetched(place, Box::new(fetch(&shard.current, group, true)));
                    let completion = Completion::Part { gather, part };
                    self.append(partition, Vec::new(), completion, Append::Replayed, out);
                }
                Ok(shard) => {
                    let fetched = fetch(shard.committed(), group, false);
                    let part = Part::Fetched(place, Box::new(fetched));
                    self.complete(Completion::Part { gather, part }, Ok(()), out);
                }
            }
        }
    }

    /// `OffsetDelete` (key 47): offsets of topics that the group does not subscribe to.
    pub(super) fn on_offset_delete(
        &mut self,
        call: Call<'_>,
        request: &kafka::OffsetDeleteRequest,
        exists: &impl Fn(&str, i32) -> bool,
        out: &mut Outbox,
    ) {
        let name: Name = (**request.group_id).into();
        let partition = self.partition_for(&name);
        let found = if name.is_empty() {
            Err(ErrorCode::InvalidGroupId)
        } else {
            self.slot_of(partition, &name).and_then(|slot| slot.ok_or(ErrorCode::GroupIdNotFound))
        };
        let valid = found.and_then(|slot| {
            self.at(slot).validate_offset_delete()?;
            Ok(slot)
        });
        let slot = match valid {
            Err(error) => return refuse(call, &name, "", error, out),
            Ok(slot) => slot,
        };
        let group = self.at(slot);
        let offsets = &self.shards[&partition].current.offsets;
        let mut records: Vec<GroupRecord> = Vec::new();
        let mut topics = Vec::with_capacity(request.topics.len());
        for topic in &request.topics {
            let subscribed = group.is_subscribed_to(&topic.name);
            let mut delete = |index: i32| {
                if !exists(&topic.name, index) {
                    return ErrorCode::UnknownTopicOrPartition;
                }
                if subscribed {
                    return ErrorCode::GroupSubscribedToTopic;
                }
                let tp = TopicPartition::new(&**topic.name, index);
                let has = offsets.of_group(&name).is_some_and(|offsets| offsets.contains_key(&tp));
                if has || offsets.is_pending(&name, &tp) {
                    records.push(tombstone(&name, &tp));
                }
                ErrorCode::None
            };
            let partitions = topic.partitions.iter().map(|partition| {
                OffsetDeleteResponsePartition::default()
                    .with_partition_index(partition.partition_index)
                    .with_error_code(delete(partition.partition_index).code())
            });
            let response = OffsetDeleteResponseTopic::default()
                .with_partitions(partitions.collect())
                .with_name(topic.name.clone());
            topics.push(response);
        }
        let response = kafka::OffsetDeleteResponse::default().with_topics(topics);
        let completion = Completion::reply(call, ResponseBody::OffsetDelete(Box::new(response)));
        self.append(partition, records, completion, Append::Replayed, out);
    }
}

/// Tells which offsets are taken. The answer has the request's topics and partitions, in its order.
fn tell_accepted(
    request: &kafka::OffsetCommitRequest,
    response: &kafka::OffsetCommitResponse,
    out: &mut Outbox,
) {
    let generation = request.generation_id_or_member_epoch;
    for (topic, answered) in request.topics.iter().zip(&response.topics) {
        for (partition, answered) in topic.partitions.iter().zip(&answered.partitions) {
            if answered.error_code != ErrorCode::None.code() {
                continue;
            }
            out.detail(|| Fact::CommitAccepted {
                group: (**request.group_id).into(),
                member: (*request.member_id).into(),
                generation: (generation >= 0).then_some(Generation(generation)),
                tp: TopicPartition::new(&**topic.name, partition.partition_index),
                offset: Offset::from_wire(partition.committed_offset).unwrap_or_default(),
            });
        }
    }
}

/// The offset that a request commits.
fn requested(
    partition: &OffsetCommitRequestPartition,
    topic_id: TopicId,
    retention_ms: i64,
    now: Timestamp,
) -> OffsetAndMetadata {
    OffsetAndMetadata {
        committed_offset: partition.committed_offset,
        leader_epoch: LeaderEpoch::from_wire(partition.committed_leader_epoch),
        metadata: partition.committed_metadata.as_deref().unwrap_or_default().into(),
        commit_timestamp: now,
        expire_timestamp: (retention_ms != -1).then(|| Timestamp(now.0 + retention_ms)),
        topic_id,
        record_offset: None,
    }
}

/// The one group of versions below 8, in the form of later ones.
fn only_group(request: &kafka::OffsetFetchRequest) -> OffsetFetchRequestGroup {
    let topics = request.topics.as_ref().map(|topics| {
        let topic = |topic: &kafka::offset_fetch_request::OffsetFetchRequestTopic| {
            OffsetFetchRequestTopics::default()
                .with_name(topic.name.clone())
                .with_partition_indexes(topic.partition_indexes.clone())
        };
        topics.iter().map(topic).collect()
    });
    OffsetFetchRequestGroup::default().with_group_id(request.group_id.clone()).with_topics(topics)
}

/// What `timeline` has of the group; nothing of a group that there is not.
fn fetch(
    timeline: &Timeline,
    request: &OffsetFetchRequestGroup,
    require_stable: bool,
) -> OffsetFetchResponseGroup {
    let group: &str = &request.group_id;
    let offsets = timeline.offsets.of_group(group).filter(|_| timeline.groups.contains_key(group));
    let response = OffsetFetchResponseGroup::default().with_group_id(request.group_id.clone());
    let unstable = |tp: &TopicPartition| require_stable && timeline.offsets.is_pending(group, tp);
    let Some(topics) = &request.topics else {
        let mut all: Vec<OffsetFetchResponseTopics> = Vec::new();
        for (tp, offset) in offsets.into_iter().flatten() {
            if all.last().is_none_or(|topic| **topic.name != *tp.topic) {
                let name = kafka::TopicName(wire(&tp.topic));
                all.push(OffsetFetchResponseTopics::default().with_name(name));
            }
            let topic = all.last_mut().expect("the topic was just added");
            topic.partitions.push(fetched(tp.partition, Some(offset), unstable(tp)));
        }
        return response.with_topics(all);
    };
    let topics = topics.iter().map(|topic| {
        let partitions = topic.partition_indexes.iter().map(|index| {
            let tp = TopicPartition::new(&**topic.name, *index);
            let offset = offsets.and_then(|offsets| offsets.get(&tp));
            fetched(tp.partition, offset, unstable(&tp))
        });
        OffsetFetchResponseTopics::default()
            .with_name(topic.name.clone())
            .with_topic_id(topic.topic_id)
            .with_partitions(partitions.collect())
    });
    response.with_topics(topics.collect())
}

fn fetched(
    partition: PartitionIndex,
    offset: Option<&OffsetAndMetadata>,
    unstable: bool,
) -> OffsetFetchResponsePartitions {
    let none = OffsetFetchResponsePartitions::default()
        .with_partition_index(partition.0)
        .with_committed_offset(-1)
        .with_committed_leader_epoch(-1)
        .with_metadata(Some(StrBytes::default()));
    match offset {
        _ if unstable => none.with_error_code(ErrorCode::UnstableOffsetCommit.code()),
        None => none,
        Some(offset) => none
            .with_committed_offset(offset.committed_offset)
            .with_committed_leader_epoch(LeaderEpoch::to_wire(offset.leader_epoch))
            .with_metadata(Some(wire(&offset.metadata))),
    }
}

//! `kraft/*/consumer-offsets.jsonl`: what real brokers wrote about groups and offsets.
//!
//! The records are given decoded. They are encoded again, and the batches made of them must have the
//! checksums of the recording; loaded by a coordinator up to the time of each step of the
//! recording, they must give the groups and offsets that the real coordinator described then.
//! Of groups of other kinds nothing is compared yet.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use kafkascope::coordinator::group::{
    ClassicGroupState, GroupCoordinator, GroupCoordinatorConfig, LoadedContent, LoadedRecord,
};
use kafkascope::coordinator::partition_for;
use kafkascope::ids::{Generation, Name, Offset, ProducerId, TopicId, TopicPartition};
use kafkascope::node::Outbox;
use kafkascope::protocol::consumer_protocol::{Assignment, NEWEST_VERSION, Subscription};
use kafkascope::protocol::coordinator_record::{
    Entry, GroupMetadataKey, GroupMetadataValue, GroupRecord, MemberMetadata, OffsetCommitKey,
    OffsetCommitValue,
};
use kafkascope::sim::rng::Stream;
use serde_json::Value;

use crate::encoding::{int, same, text, unbase64};
use crate::harness::Outcome;
use crate::harness::source::{Files, lines};

/// The log of groups, decoded.
const LOG: &str = "consumer-offsets.jsonl";

/// True for a recording of the log of groups.
pub fn fits(files: &Files) -> bool {
    files.contains_key(LOG)
}

/// What is said of what this does not know.
const OTHER_KINDS: &str = "needs groups of other kinds";

/// Compares a case: its batches, records and descriptions of groups.
pub fn compare(files: &Files) -> Outcome {
    let mut others = Vec::new();
    let mut outcome = Outcome::from(compare_known(files, &mut others));
    for id in others {
        outcome.check(id, Err(OTHER_KINDS.to_owned()));
    }
    outcome
}

/// Says how many things of classic groups were compared, and names those of others.
fn compare_known(files: &Files, others: &mut Vec<String>) -> Result<usize, String> {
    let lines = lines(files, LOG);
    let mut compared = 0;
    let mut logged: Vec<Logged> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let header = Header::parse(&lines[at]).ok_or("a batch begins with its header")?;
        let batch = &lines[at + 1..=at + header.count];
        let records: Vec<Option<Logged>> =
            batch.iter().map(|line| log_record(line, &header)).collect::<Result<_, _>>()?;
        if !header.control && records.iter().all(Option::is_some) {
            let whole: Vec<&Logged> = records.iter().flatten().collect();
            same(&lines[at]["batch"].to_string(), &header.crc_of(&whole), &header.crc)?;
            compared += 1 + whole.len();
        } else if !header.control {
            let (partition, offset) = (&batch[0]["partition"], &batch[0]["offset"]);
            others.push(format!("the batch at {offset} of {partition}"));
        }
        logged.extend(records.into_iter().flatten());
        at += 1 + header.count;
    }

    for file in files.keys() {
        let Some(group) = file.strip_suffix(".steps.jsonl") else { continue };
        for step in crate::harness::source::lines(files, file) {
            // In between only the coordinator's memory knows how the group is.
            let quiet = ["Stable", "Empty"].iter().any(|state| step["group"]["state"] == **state);
            if step["group"]["type"] == "Classic" && quiet {
                compare_step(group, &step, &logged)
                    .map_err(|problem| format!("{file}, {}: {problem}", step["step"]))?;
                compared += 1;
            } else if step["group"]["type"] != "Classic" {
                others.push(format!("{file}, {}", step["step"]));
            }
        }
    }
    Ok(compared)
}

/// A record of the log.
#[derive(Clone)]
struct Logged {
    partition: i32,
    offset: u64,
    /// Milliseconds since the case began.
    t: i64,
    producer: Option<ProducerId>,
    content: LoadedContent,
}

/// The header of a batch.
struct Header {
    count: usize,
    crc: u32,
    max_timestamp: i64,
    producer_id: i64,
    producer_epoch: i16,
    base_sequence: i32,
    transactional: bool,
    control: bool,
}

impl Header {
    fn parse(line: &Value) -> Option<Self> {
        let text = line["batch"].as_str()?;
        let field = |name: &str| {
            let (_, rest) = text.split_once(&format!("{name}: "))?;
            rest.split_whitespace().next()
        };
        Some(Self {
            count: field("count")?.parse().ok()?,
            crc: field("crc")?.parse().ok()?,
            max_timestamp: field("CreateTime")?.parse().ok()?,
            producer_id: field("producerId")?.parse().ok()?,
            producer_epoch: field("producerEpoch")?.parse().ok()?,
            base_sequence: field("baseSequence")?.parse().ok()?,
            transactional: field("isTransactional")? == "true",
            control: field("isControl")? == "true",
        })
    }

    /// The checksum of the batch with those records.
    fn crc_of(&self, records: &[&Logged]) -> u32 {
        let last = records.iter().map(|record| record.t).max().expect("a batch has records");
        let base = self.max_timestamp - (last - records[0].t);
        let mut bytes = Vec::new();
        let attributes: i16 = if self.transactional { 0x10 } else { 0 };
        bytes.extend(attributes.to_be_bytes());
        bytes.extend((records.len() as i32 - 1).to_be_bytes());
        bytes.extend(base.to_be_bytes());
        bytes.extend(self.max_timestamp.to_be_bytes());
        bytes.extend(self.producer_id.to_be_bytes());
        bytes.extend(self.producer_epoch.to_be_bytes());
        bytes.extend(self.base_sequence.to_be_bytes());
        bytes.extend((records.len() as i32).to_be_bytes());
        for (delta, record) in (0..).zip(records) {
            let LoadedContent::Data { key, value } = &record.content else {
                panic!("a marker is in a control batch")
            };
            let mut body = vec![0];
            varint(&mut body, record.t - records[0].t);
            varint(&mut body, delta);
            varint(&mut body, key.len() as i64);
            body.extend_from_slice(key);
            varint(&mut body, value.as_ref().map_or(-1, |value| value.len() as i64));
            body.extend_from_slice(value.as_deref().unwrap_or_default());
            varint(&mut body, 0);
            varint(&mut bytes, body.len() as i64);
            bytes.extend(body);
        }
        crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32Iscsi, &bytes) as u32
    }
}

fn varint(out: &mut Vec<u8>, number: i64) {
    let mut rest = ((number << 1) ^ (number >> 63)) as u64;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// The record of a line; none for a kind that is passed over.
fn log_record(line: &Value, header: &Header) -> Result<Option<Logged>, String> {
    let (_, partition) = text(&line["partition"]).rsplit_once('-').ok_or("topic-partition")?;
    let content = if let Some(head) = line["head"].as_str() {
        LoadedContent::EndTransaction { committed: head.contains("endTxnMarker: COMMIT") }
    } else {
        let Some(record) = group_record(line) else { return Ok(None) };
        let (key, value) = record.encode();
        let decoded = GroupRecord::decode(key.clone(), value.clone());
        same("decoded", &decoded, &Ok(record))?;
        LoadedContent::Data { key, value }
    };
    Ok(Some(Logged {
        partition: partition.parse().map_err(|_| "a partition's number")?,
        offset: int(&line["offset"]) as u64,
        t: line["t"].as_i64().unwrap_or_default(),
        producer: (header.producer_id >= 0).then_some(ProducerId(header.producer_id)),
        content,
    }))
}

fn group_record(line: &Value) -> Option<GroupRecord> {
    let key = &line["key"]["data"];
    let value = &line["value"]["data"];
    let version = line["value"]["version"].as_str().map(|version| version.parse().expect("int"));
    match text(&line["key"]["type"]) {
        "1" => {
            let key = OffsetCommitKey {
                group: name(&key["group"]),
                topic: name(&key["topic"]),
                partition: int(&key["partition"]) as i32,
            };
            let Some(version) = version else {
                return Some(GroupRecord::OffsetCommit(Entry::tombstone(key)));
            };
            let value = OffsetCommitValue {
                offset: int(&value["offset"]),
                leader_epoch: int(&value["leaderEpoch"]) as i32,
                metadata: name(&value["metadata"]),
                commit_timestamp: int(&value["commitTimestamp"]),
                expire_timestamp: value["expireTimestamp"].as_i64().unwrap_or(-1),
                topic_id: value["topicId"].as_str().and_then(TopicId::parse).unwrap_or_default(),
            };
            Some(GroupRecord::OffsetCommit(Entry::new(key, value, version)))
        }
        "2" => {
            let key = GroupMetadataKey { group: name(&key["group"]) };
            let Some(version) = version else {
                return Some(GroupRecord::GroupMetadata(Entry::tombstone(key)));
            };
            let members = value["members"].as_array().expect("members").iter().map(member);
            let value = GroupMetadataValue {
                protocol_type: name(&value["protocolType"]),
                generation: int(&value["generation"]) as i32,
                protocol: value["protocol"].as_str().map(Into::into),
                leader: value["leader"].as_str().map(Into::into),
                current_state_timestamp: int(&value["currentStateTimestamp"]),
                members: members.collect(),
            };
            Some(GroupRecord::GroupMetadata(Entry::new(key, value, version)))
        }
        _ => None,
    }
}

fn member(value: &Value) -> MemberMetadata {
    let subscription = &value["subscription"];
    let generation = int(&subscription["generationId"]) as i32;
    let subscription = Subscription {
        topics: subscription["topics"].as_array().expect("topics").iter().map(name).collect(),
        user_data: subscription["userData"].as_str().map(unbase64),
        owned: partitions(&subscription["ownedPartitions"]),
        generation: (generation >= 0).then_some(Generation(generation)),
        rack: subscription["rackId"].as_str().map(Into::into),
    };
    let assignment = &value["assignment"];
    let assignment = if assignment.is_object() {
        let user_data = assignment["userData"].as_str().map(unbase64);
        let partitions = partitions(&assignment["assignedPartitions"]);
        Assignment { partitions, user_data }.encode(NEWEST_VERSION)
    } else {
        Bytes::new()
    };
    MemberMetadata {
        member_id: name(&value["memberId"]),
        group_instance_id: value["groupInstanceId"].as_str().map(Into::into),
        client_id: name(&value["clientId"]),
        client_host: name(&value["clientHost"]),
        rebalance_timeout: int(&value["rebalanceTimeout"]) as i32,
        session_timeout: int(&value["sessionTimeout"]) as i32,
        subscription: subscription.encode(NEWEST_VERSION),
        assignment,
    }
}

fn partitions(value: &Value) -> Vec<TopicPartition> {
    let topics = value.as_array().expect("topics").iter();
    let of_topic = |topic: &Value| {
        let name = name(&topic["topic"]);
        let partitions = topic["partitions"].as_array().expect("partitions").clone();
        partitions
            .into_iter()
            .map(move |partition| TopicPartition::new(name.clone(), int(&partition) as i32))
    };
    topics.flat_map(of_topic).collect()
}

fn name(value: &Value) -> Name {
    text(value).into()
}

/// The records of a partition until `t`.
fn records_of(logged: &[Logged], partition: i32, t: i64) -> impl Iterator<Item = GroupRecord> {
    let until = logged.iter().filter(move |record| record.partition == partition && record.t <= t);
    until.filter_map(|record| match &record.content {
        LoadedContent::Data { key, value } => GroupRecord::decode(key.clone(), value.clone()).ok(),
        LoadedContent::EndTransaction { .. } => None,
    })
}

/// Loads what was written until the step and compares the group.
fn compare_step(group: &str, step: &Value, logged: &[Logged]) -> Result<(), String> {
    let t = int(&step["t"]);
    // The recordings say in which partition a group is: by that the number of partitions is known.
    let of_group = logged.iter().find(|record| match &record.content {
        LoadedContent::Data { key, value } => {
            match GroupRecord::decode(key.clone(), value.clone()) {
                Ok(GroupRecord::OffsetCommit(entry)) => *entry.key.group == *group,
                Ok(GroupRecord::GroupMetadata(entry)) => *entry.key.group == *group,
                _ => false,
            }
        }
        LoadedContent::EndTransaction { .. } => false,
    });
    let partition = of_group.ok_or("a group that was written")?.partition;
    let partitions = 40;
    same("partition", &partition_for(group, partitions).0, &partition)?;

    let config = GroupCoordinatorConfig {
        offsets_topic_num_partitions: partitions,
        ..GroupCoordinatorConfig::default()
    };
    let mut coordinator = GroupCoordinator::new(config, Stream::new(1, "coordinator"));
    let until = logged.iter().filter(|record| record.partition == partition && record.t <= t);
    let records: Vec<LoadedRecord> = until
        .map(|record| LoadedRecord {
            offset: Offset(record.offset),
            producer: record.producer,
            content: record.content.clone(),
        })
        .collect();
    let end = records.last().map_or(Offset(0), |record| record.offset.next());
    coordinator.load(partition, 0, records, end, end, &mut Outbox::default());

    let theirs = &step["group"];
    let ours = coordinator.group(group).ok_or("a group that was loaded")?;
    same("state", &ours.state.name(), &text(&theirs["state"]))?;
    if ours.is_in(ClassicGroupState::Stable) {
        same("assignor", &ours.protocol.as_deref(), &theirs["assignor"].as_str())?;
    }
    let mut described: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for member in theirs["members"].as_object().into_iter().flat_map(|members| members.values()) {
        let assigned = member["assigned"].as_array().expect("assigned").iter().map(text);
        described.insert(text(&member["member_id"]).into(), assigned.map(str::to_owned).collect());
    }
    let members = ours.members.values().map(|member| {
        let assignment = Assignment::decode(&member.assignment).unwrap_or_default();
        let assigned = assignment.partitions.iter().map(ToString::to_string).collect();
        (member.member_id.to_string(), assigned)
    });
    same("members", &members.collect(), &described)?;
    for client in step["members"].as_object().into_iter().flat_map(|members| members.values()) {
        if described.contains_key(client["member_id"].as_str().unwrap_or_default()) {
            same("generation", &i64::from(ours.generation.0), &int(&client["generation"]))?;
        }
    }
    // Kafka writes members in the order of a hash map over their ids, and so do we.
    let last = records_of(logged, partition, t).filter_map(|record| match record {
        GroupRecord::GroupMetadata(entry) if *entry.key.group == *group => entry.value,
        _ => None,
    });
    let written: Vec<String> = last
        .last()
        .map(|value| value.members.iter().map(|member| member.member_id.to_string()).collect())
        .unwrap_or_default();
    let ours = ours.describe().members.into_iter().map(|member| member.member_id.to_string());
    same("order of members", &ours.collect(), &written)?;
    let committed = coordinator.committed_offsets(group);
    let committed: BTreeMap<String, i64> = committed
        .into_iter()
        .flatten()
        .map(|(tp, offset)| (tp.to_string(), offset.committed_offset))
        .collect();
    let described = theirs["committed"].as_object().into_iter().flatten();
    let described = described.map(|(tp, offset)| (tp.clone(), int(offset))).collect();
    same("committed", &committed, &described)
}

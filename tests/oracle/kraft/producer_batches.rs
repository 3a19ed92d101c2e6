//! Recorded producers: the batches that a real client made of the same calls of `send` and `flush`.
//!
//! The simulated producers run against brokers of cardboard; what they send is compared, byte for
//! byte, with the partition's log of the recording. Offsets and leader epochs are the broker's.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::metadata_response as told;
use kafkascope::client::producer::{ApplicationSpec, Producer, ProducerRecord, ProducerSpec};
use kafkascope::config::{Domain, Overrides, ProducerConfig};
use kafkascope::ids::{
    BrokerId, LeaderEpoch, Name, Offset, PartitionIndex, Timestamp, TopicPartition, Uuid,
};
use kafkascope::node::{Effect, Input, Outbox};
use kafkascope::protocol::{
    Batch, Batches, ErrorCode, Header, ProducePartitionResponse, ProduceRequest, ProduceResponse,
    Request, RequestBody, Response, ResponseBody, TimestampType, convert,
};
use kafkascope::sim::Instant;
use serde_json::Value;

use crate::harness::Outcome;
use crate::harness::source::{Files, has_ending, lines};

/// The logs of a case, batch by batch.
type Logs = BTreeMap<TopicPartition, Vec<Arc<Batch>>>;

/// True for a recording of what producers were told, and of whole logs that came of it.
pub(crate) fn fits(files: &Files) -> bool {
    files.contains_key("operations.jsonl") && recorded_logs(files).is_some()
}

/// What the producers were told, by kind.
pub(crate) fn needs(files: &Files) -> BTreeSet<String> {
    let mut needs = BTreeSet::new();
    for operation in lines(files, "operations.jsonl") {
        let name = operation["op"].as_str().expect("a call has a name");
        needs.insert(format!("producer call {name}"));
        for setting in ["compression.type", "transactional.id"] {
            if operation["config"][setting].is_string() {
                needs.insert(format!("producer with {setting}"));
            }
        }
    }
    needs
}

/// Compares the batches of a case.
pub(crate) fn compare(files: &Files) -> Outcome {
    let mut outcome = Outcome::default();
    let operations = lines(files, "operations.jsonl");
    let recorded = recorded_logs(files).expect("the shape says so");
    let mut cluster = Cluster::new(&operations, &recorded);
    for operation in &operations {
        if let Err(problem) = cluster.perform(operation) {
            outcome.check("calls", Err(format!("{problem}: {operation}")));
            return outcome;
        }
    }
    for (tp, theirs) in &recorded {
        // Others may have written after the producer of these calls.
        let ours = cluster.logs.get(tp).map(Vec::as_slice).unwrap_or_default();
        let end = cluster.ends.get(tp).copied().unwrap_or_default();
        let of_these_calls = theirs.iter().take_while(|batch| batch.base_offset().0 < end).count();
        if ours.len() < of_these_calls {
            let problem = format!("{} batches, recorded {of_these_calls}", ours.len());
            outcome.check(format!("{tp}"), Err(problem));
        }
        for (place, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
            let same = without_place(&stamped_like(ours, theirs)) == without_place(theirs);
            let difference = || Err(format!("{ours:?}, recorded {theirs:?}"));
            outcome.check(format!("{tp} batch {place}"), if same { Ok(()) } else { difference() });
        }
    }
    outcome
}

/// Everything but base offset and leader epoch.
fn without_place(batch: &Batch) -> Bytes {
    batch.with_place(Offset(0), LeaderEpoch(0)).to_bytes()
}

/// With the time of the append, where the broker stamped the recorded batch.
fn stamped_like(ours: &Batch, theirs: &Batch) -> Batch {
    match theirs.timestamp_type() {
        TimestampType::CreateTime => ours.clone(),
        TimestampType::LogAppendTime => ours.with_log_append_time(theirs.max_timestamp()),
    }
}

/// The fullest copy of each partition's log, if none is cut at its beginning.
fn recorded_logs(files: &Files) -> Option<Logs> {
    // A directory in `raw/LABEL/NODE/` by its segments; anything that is not called as a partition
    // is on its way to another log directory, or to be deleted.
    let mut copies: BTreeMap<&str, Vec<Arc<Batch>>> = BTreeMap::new();
    for (path, bytes) in files {
        if path.starts_with("raw/")
            && let Some((directory, name)) = path.rsplit_once('/')
            && has_ending(name, "log")
        {
            let bytes = Bytes::copy_from_slice(bytes);
            let batches = Batches::new(bytes).map_while(Result::ok).map(Arc::new);
            copies.entry(directory).or_default().extend(batches);
        }
    }
    let mut logs = Logs::new();
    for (directory, batches) in copies {
        let name = directory.rsplit('/').next().expect("a path has a last part");
        let Some((topic, index)) = name.rsplit_once('-') else { continue };
        let Ok(index) = index.parse() else { continue };
        let known = logs.entry(TopicPartition::new(topic, index)).or_default();
        if is_whole(&batches) && batches.len() > known.len() {
            *known = batches;
        }
    }
    (!logs.is_empty() && logs.values().all(|batches| !batches.is_empty())).then_some(logs)
}

/// True if no offset is missing from the first one on.
fn is_whole(batches: &[Arc<Batch>]) -> bool {
    let ends = batches.iter().map(|batch| batch.next_offset());
    let starts = batches.iter().map(|batch| batch.base_offset());
    std::iter::once(Offset(0)).chain(ends).zip(starts).all(|(end, start)| end == start)
}

/// Brokers that take everything, and the producers of a case.
struct Cluster {
    topics: BTreeMap<Name, i32>,
    producers: BTreeMap<String, Producer>,
    /// The ids that the recorded cluster gave, in the order in which they appear in its logs.
    ids: VecDeque<(i64, i16)>,
    logs: Logs,
    ends: BTreeMap<TopicPartition, u64>,
    queue: VecDeque<(String, Input)>,
    out: Outbox,
}

impl Cluster {
    fn new(operations: &[Value], recorded: &Logs) -> Self {
        let mut topics = BTreeMap::new();
        for tp in recorded.keys() {
            let count: &mut i32 = topics.entry(tp.topic.clone()).or_default();
            *count = (*count).max(tp.partition.0 + 1);
        }
        for send in operations.iter().filter(|operation| operation["op"] == "send") {
            let topic: Name = send["topic"].as_str().expect("a topic").into();
            let count: &mut i32 = topics.entry(topic).or_default();
            *count = (*count).max(send["partition"].as_i64().unwrap_or(0) as i32 + 1);
        }
        let mut out = Outbox::default();
        out.begin(Instant::ZERO, Timestamp(0));
        Self {
            topics,
            producers: BTreeMap::new(),
            ids: ids_in_order(operations, recorded),
            logs: Logs::new(),
            ends: BTreeMap::new(),
            queue: VecDeque::new(),
            out,
        }
    }

    fn perform(&mut self, operation: &Value) -> Result<(), &'static str> {
        let name = operation["p"].as_str().ok_or("a call without producer")?.to_owned();
        match operation["op"].as_str().ok_or("a call without name")? {
            "producer" => self.boot(&name, &operation["config"])?,
            // The broker did not take it.
            "send" if !operation["error"].is_null() => {}
            "send" => {
                let record = record(operation);
                let producer = self.producers.get_mut(&name).ok_or("an unknown producer")?;
                producer.send(record, &mut self.out);
                if !operation["done"].is_null() {
                    // The recorder waited for the outcome.
                    producer.flush(&mut self.out);
                }
            }
            "flush" => {
                let producer = self.producers.get_mut(&name).ok_or("an unknown producer")?;
                producer.flush(&mut self.out);
            }
            "close" => self.queue.push_back((name.clone(), Input::Shutdown)),
            _ => return Err("calls that are not modelled"),
        }
        self.settle(&name);
        Ok(())
    }

    fn boot(&mut self, name: &str, config: &Value) -> Result<(), &'static str> {
        let mut overrides = Overrides::default();
        // The recorder flushes, it does not wait.
        overrides.set(Domain::Producer, "linger.ms", "60000").expect("a setting");
        for (key, value) in config.as_object().ok_or("a producer without config")? {
            let text = value.as_str().ok_or("a setting that is no text")?;
            overrides
                .set(Domain::Producer, key, text)
                .map_err(|_| "a setting that is not modelled")?;
        }
        let config = ProducerConfig::new(&overrides).map_err(|_| "settings in conflict")?;
        let spec = ProducerSpec::new(vec![BrokerId(1)], config, ApplicationSpec::new("none"));
        let producer = Producer::boot(&spec, &name.into(), 1, 1, &mut self.out);
        self.producers.insert(name.to_owned(), producer);
        Ok(())
    }

    /// Carries out what the producer called `name` wants, and what follows.
    fn settle(&mut self, name: &str) {
        self.carry_out(name);
        while let Some((name, input)) = self.queue.pop_front() {
            self.out.begin(Instant::ZERO, Timestamp(0));
            let producer = self.producers.get_mut(&name).expect("it was booted");
            producer.handle(input, &mut self.out);
            self.carry_out(&name);
        }
    }

    fn carry_out(&mut self, name: &str) {
        for effect in std::mem::take(&mut self.out.effects) {
            match effect {
                Effect::Connect { connection, .. } => {
                    self.queue.push_back((name.to_owned(), Input::Connected(connection)));
                }
                Effect::Send(connection, request) => {
                    let body = self.answer(&request);
                    let correlation_id = request.correlation_id;
                    let response = Arc::new(Response { correlation_id, body });
                    let input = Input::Response { connection, response };
                    self.queue.push_back((name.to_owned(), input));
                }
                _ => {}
            }
        }
    }

    fn answer(&mut self, request: &Request) -> ResponseBody {
        match &request.body {
            RequestBody::Metadata(asked) => ResponseBody::Metadata(Box::new(self.metadata(asked))),
            RequestBody::InitProducerId(_) => {
                let (id, epoch) = self.ids.pop_front().unwrap_or((0, 0));
                let answer = kafka::InitProducerIdResponse::default()
                    .with_producer_id(id.into())
                    .with_producer_epoch(epoch);
                ResponseBody::InitProducerId(Box::new(answer))
            }
            RequestBody::Produce(produce) => ResponseBody::Produce(self.append(produce)),
            other => unreachable!("a producer asks for {:?}", other.api()),
        }
    }

    fn metadata(&self, asked: &kafka::MetadataRequest) -> kafka::MetadataResponse {
        let broker = told::MetadataResponseBroker::default().with_node_id(1.into());
        let partition = |index| {
            told::MetadataResponsePartition::default()
                .with_partition_index(index)
                .with_leader_id(1.into())
                .with_leader_epoch(0)
        };
        let topic = |asked: &kafka::metadata_request::MetadataRequestTopic| {
            let name = asked.name.clone().expect("a name");
            let index = self.topics.keys().position(|topic| **topic == *name.as_str());
            let index = index.expect("a topic of the case");
            told::MetadataResponseTopic::default()
                .with_topic_id(convert::uuid(Uuid(1 + index as u128)))
                .with_partitions((0..self.topics[name.as_str()]).map(partition).collect())
                .with_name(Some(name))
        };
        kafka::MetadataResponse::default()
            .with_brokers(vec![broker])
            .with_topics(asked.topics.iter().flatten().map(topic).collect())
    }

    fn append(&mut self, request: &ProduceRequest) -> ProduceResponse {
        let mut response = ProduceResponse::default();
        for asked in &request.partitions {
            let topic = self.topics.keys().nth(asked.topic.id.0 as usize - 1).expect("its id");
            let tp = TopicPartition { topic: topic.clone(), partition: asked.partition };
            let end = self.ends.entry(tp.clone()).or_default();
            let base_offset = Offset(*end);
            for batch in &asked.records {
                *end += batch.count() as u64;
                self.logs.entry(tp.clone()).or_default().push(batch.clone());
            }
            response.partitions.push(ProducePartitionResponse {
                topic: asked.topic.clone(),
                partition: asked.partition,
                error: ErrorCode::None,
                base_offset: Some(base_offset),
                log_append_time: None,
                log_start_offset: Some(Offset(0)),
                error_message: None,
                current_leader: None,
            });
        }
        response
    }
}

/// The producer ids of the recording, in the order in which its producers were made: each is the id
/// of a recorded batch that holds one of the producer's records.
fn ids_in_order(operations: &[Value], recorded: &Logs) -> VecDeque<(i64, i16)> {
    let made = operations.iter().enumerate().filter(|(_, operation)| operation["op"] == "producer");
    let id_in = |send: &Value| {
        let tp = TopicPartition::new(send["topic"].as_str()?, send["partition"].as_i64()? as i32);
        let offset = Offset(send["offset"].as_u64()?);
        let batch = recorded.get(&tp)?.iter().find(|batch| batch.next_offset() > offset)?;
        Some((batch.producer_id()?.0, batch.producer_epoch().0))
    };
    let id = |(index, made): (usize, &Value)| {
        let sends = operations[index..].iter().filter(|operation| operation["op"] == "send");
        sends.filter(|send| send["p"] == made["p"]).find_map(id_in)
    };
    made.filter_map(id).collect()
}

fn record(send: &Value) -> ProducerRecord {
    let bytes = |value: &Value| value.as_str().map(|text| Bytes::copy_from_slice(text.as_bytes()));
    let header = |pair: &Value| Header {
        key: bytes(&pair[0]).expect("a header has a name"),
        value: bytes(&pair[1]),
    };
    ProducerRecord {
        topic: send["topic"].as_str().expect("a topic").into(),
        partition: send["partition"].as_i64().map(|index| PartitionIndex(index as i32)),
        timestamp: send["timestamp"].as_i64().map(Timestamp),
        key: bytes(&send["key"]),
        value: bytes(&send["value"]),
        headers: send["headers"].as_array().into_iter().flatten().map(header).collect(),
    }
}

//! What producers sent, appended to the logs of all replicas: every file must have the bytes that the
//! brokers left behind after a clean shutdown.
//!
//! Given are the operations of the producers, and what cannot follow from them: leader epochs,
//! producer ids and epochs, the coordinator's markers, topic ids, and where a node was restarted or
//! lost a replica. What the brokers refused must be refused.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use kafkascope::ids::{
    BrokerEpoch, LeaderEpoch, Name, Offset, ProducerEpoch, ProducerId, Timestamp, TopicPartition,
};
use kafkascope::log::{
    AppendOrigin, CLEAN_SHUTDOWN, Disk, Kind, LEADER_EPOCH_CHECKPOINT, LOG, Log, LogConfig,
    LogHome, LogManager, PARTITION_METADATA, RECOVERY_POINT_CHECKPOINT,
    REPLICATION_OFFSET_CHECKPOINT, SNAPSHOT, offset_of, parse_clean_shutdown, parse_directory,
    parse_epochs, parse_offsets, parse_partition_metadata,
};
use kafkascope::node::Outbox;
use kafkascope::protocol::{Batch, BatchBuilder, Batches, ErrorCode, Header, parse_end_txn};
use serde_json::Value;

use crate::harness::source::{Files, json, lines};
use crate::storage::contents;
use crate::values::{int, same, unhex};

/// Where the bytes lie.
const AFTER: &str = "raw/after-clean-shutdown/";
/// `batch.size` of a producer that does not say otherwise.
const BATCH_SIZE: u64 = 16_384;

/// True for a case with all that producers did, uncompressed, and the bytes that it led to. A load
/// beside the operations is not listed with all its batches.
pub(crate) fn fits(files: &Files) -> bool {
    files.contains_key("operations.jsonl")
        && !files.contains_key("load.jsonl")
        && files.keys().any(|path| path.starts_with(AFTER))
        && !lines(files, "operations.jsonl")
            .iter()
            .any(|op| op["config"]["compression.type"].is_string())
}

/// Compares all files of a case. Returns how many there were.
pub(crate) fn compare(files: &Files) -> Result<usize, String> {
    let recorded = Recorded::read(files);
    let mut appended = BTreeMap::new();
    for tp in recorded.partitions() {
        let batches =
            recorded.batches_of(files, &tp).map_err(|problem| format!("{tp}: {problem}"))?;
        recorded.check_refused(files, &tp).map_err(|problem| format!("{tp}: {problem}"))?;
        appended.insert(tp, batches);
    }
    let mut count = 0;
    for node in recorded.nodes.keys() {
        count += recorded
            .compare_node(files, node, &appended)
            .map_err(|problem| format!("{node}: {problem}"))?;
    }
    Ok(count)
}

/// The partition directories of a node: file name to bytes.
type Directories<'a> = BTreeMap<TopicPartition, BTreeMap<&'a str, &'a [u8]>>;

/// The directories of replicas that a node had lost, by name.
type Lost<'a> = BTreeMap<&'a str, (TopicPartition, BTreeMap<&'a str, &'a [u8]>)>;

struct Recorded<'a> {
    nodes: BTreeMap<&'a str, Directories<'a>>,
    lost: BTreeMap<&'a str, Lost<'a>>,
    configs: BTreeMap<String, LogConfig>,
}

impl<'a> Recorded<'a> {
    fn read(files: &'a Files) -> Self {
        let mut nodes: BTreeMap<&str, Directories<'_>> = BTreeMap::new();
        let mut lost: BTreeMap<&str, Lost<'_>> = BTreeMap::new();
        for (path, bytes) in files {
            let Some(path) = path.strip_prefix(AFTER) else { continue };
            let mut parts = path.splitn(3, '/');
            let (Some(node), Some(directory), Some(file)) =
                (parts.next(), parts.next(), parts.next())
            else {
                continue;
            };
            if file == "dump.txt" {
                continue;
            }
            match parse_directory(directory) {
                Some((tp, Kind::Current)) => {
                    nodes.entry(node).or_default().entry(tp).or_default().insert(file, bytes);
                }
                Some((tp, Kind::Delete)) => {
                    let lost = lost.entry(node).or_default();
                    let entry = lost.entry(directory).or_insert_with(|| (tp, BTreeMap::new()));
                    entry.1.insert(file, bytes);
                }
                _ => {}
            }
        }
        let mut configs = BTreeMap::new();
        for event in lines(files, "events.jsonl") {
            if event["do"] == "create" {
                let mut config = LogConfig::default();
                for (name, value) in event["configs"].as_object().into_iter().flatten() {
                    let text = value.as_str().expect("settings are text");
                    config.set(name, text).expect("Kafka took it");
                }
                configs.insert(event["topic"].as_str().expect("a topic").to_owned(), config);
            }
        }
        Self { nodes, lost, configs }
    }

    fn partitions(&self) -> BTreeSet<TopicPartition> {
        let sent = |tp: &&TopicPartition| self.configs.contains_key(&*tp.topic);
        self.nodes.values().flat_map(BTreeMap::keys).filter(sent).cloned().collect()
    }

    /// The batches as some replica has them.
    fn log_of(&self, tp: &TopicPartition) -> Vec<Batch> {
        let directory = self.nodes.values().find_map(|node| node.get(tp)).expect("a node has it");
        let logs = directory.iter().filter(|(name, _)| name.ends_with(LOG));
        logs.flat_map(|(_, bytes)| Batches::new(Bytes::copy_from_slice(bytes)))
            .map(|batch| batch.expect("a recorded log is whole"))
            .collect()
    }

    fn home(&self, tp: &TopicPartition) -> LogHome {
        let directory = self.nodes.values().find_map(|node| node.get(tp)).expect("a node has it");
        let metadata = String::from_utf8_lossy(directory[PARTITION_METADATA]);
        let topic_id = parse_partition_metadata(&metadata).expect("it names the topic id");
        let config = self.configs[&*tp.topic].clone();
        LogHome { config, ..LogHome::new("", tp.topic.clone(), topic_id) }
    }

    /// What a leader makes of what was sent to it.
    fn batches_of(&self, files: &Files, tp: &TopicPartition) -> Result<Vec<Arc<Batch>>, String> {
        let recorded = self.log_of(tp);
        let mut sent = sent_batches(files, tp);
        let mut sequences: BTreeMap<(ProducerId, ProducerEpoch), i32> = BTreeMap::new();
        let mut out = outbox();
        let mut disk = Disk::default();
        let mut log = Log::create(Arc::new(self.home(tp)), tp.partition, out.wall);
        let mut appended = Vec::new();
        for known in &recorded {
            let base = known.base_offset();
            let (batch, origin) = if known.is_control() {
                let (end, now) = parse_end_txn(known).ok_or("a marker of unknown kind")?;
                let id = known.producer_id().ok_or("a marker without producer")?;
                (end.batch(id, known.producer_epoch(), now), AppendOrigin::Coordinator)
            } else {
                let sent = sent.remove(&base).ok_or(format!("nothing sent for {base}"))?;
                let (now, mut builder) = sent;
                out.wall = now.unwrap_or(out.wall);
                if let Some(id) = known.producer_id() {
                    let epoch = known.producer_epoch();
                    let sequence = sequences.entry((id, epoch)).or_default();
                    builder.set_producer(id, epoch, *sequence);
                    *sequence += builder.count();
                }
                if known.is_transactional() {
                    builder = builder.transactional();
                }
                (builder.build().ok_or("an empty batch")?, AppendOrigin::Client)
            };
            if known.timestamp_type() != batch.timestamp_type() {
                out.wall = known.max_timestamp();
            }
            let epoch = known.partition_leader_epoch().ok_or("a batch without leader epoch")?;
            let batch = [Arc::new(batch)];
            let info = log
                .append_as_leader(&mut disk, &batch, epoch, origin, &mut out)
                .map_err(|error| error.message(tp))?;
            same("offset", info.first_offset, Some(base))?;
            let end = log.log_end_offset();
            let read = log.read(&mut disk, base, 1, end, true).map_err(|e| e.to_string())?;
            let placed = Arc::clone(&read.records[0]);
            same("batch", placed.to_bytes(), known.to_bytes())?;
            appended.push(placed);
        }
        same("sent, not in the log", sent.into_keys().collect::<Vec<_>>(), Vec::new())?;
        Ok(appended)
    }

    /// What the brokers refused is refused here.
    fn check_refused(&self, files: &Files, tp: &TopicPartition) -> Result<(), String> {
        let mut disk = Disk::default();
        for (now, builder, error) in refused_batches(files, &tp.topic) {
            let mut out = outbox();
            out.wall = now;
            let mut log = Log::create(Arc::new(self.home(tp)), tp.partition, now);
            let batch = [Arc::new(builder.build().ok_or("an empty batch")?)];
            let (epoch, origin) = (LeaderEpoch(0), AppendOrigin::Client);
            let result = log.append_as_leader(&mut disk, &batch, epoch, origin, &mut out);
            let code = result.err().map(|refused| refused.code());
            let wanted = match &*error {
                "InvalidTimestampException" => ErrorCode::InvalidTimestamp,
                other => return Err(format!("unknown error {other}")),
            };
            same("refused", code, Some(wanted))?;
        }
        Ok(())
    }

    fn compare_node(
        &self,
        files: &Files,
        node: &str,
        appended: &BTreeMap<TopicPartition, Vec<Arc<Batch>>>,
    ) -> Result<usize, String> {
        let directories = &self.nodes[node];
        let here: Vec<_> =
            directories.keys().filter(|tp| appended.contains_key(tp)).cloned().collect();
        let stops: BTreeMap<_, _> =
            here.iter().map(|tp| (tp, restarts(&directories[tp], &appended[tp]))).collect();
        let mut broker = Broker::new();
        let restarts = stops.values().map(Vec::len).max().unwrap_or_default();
        for restart in 0..restarts {
            for tp in &here {
                if let Some(stop) = stops[tp].get(restart) {
                    broker.fetch(self, tp, &appended[tp], *stop)?;
                }
            }
            broker.restart(self);
        }
        for tp in &here {
            broker.fetch(self, tp, &appended[tp], Offset(u64::MAX))?;
            broker.lead(tp, directories[tp][LEADER_EPOCH_CHECKPOINT])?;
        }
        let tree = json(files, "tree/after-clean-shutdown.json");
        let pictured = &tree["nodes"][node]["contents"];
        let text = |name: &str| pictured[name].as_str().unwrap_or_default();
        broker.shutdown(text(CLEAN_SHUTDOWN), text(REPLICATION_OFFSET_CHECKPOINT))?;
        let mut count = 0;
        for tp in &here {
            count += broker.compare(&tp.to_string(), &directories[tp])?;
        }
        for (name, (tp, theirs)) in self.lost.get(node).into_iter().flatten() {
            broker.lose(self, name, tp, &appended[tp], theirs)?;
            count += broker.compare(name, theirs)?;
        }
        // Other topics' logs are not replayed, so their lines cannot be compared here.
        let listed = parse_offsets(text(RECOVERY_POINT_CHECKPOINT)).map_err(|e| e.to_string())?;
        if listed.iter().all(|(tp, _)| here.contains(tp)) {
            for name in [CLEAN_SHUTDOWN, RECOVERY_POINT_CHECKPOINT, REPLICATION_OFFSET_CHECKPOINT] {
                let ours = contents(&mut broker.disk, name);
                same(name, String::from_utf8_lossy(&ours).as_ref(), text(name))?;
                count += 1;
            }
        }
        Ok(count)
    }
}

/// What was sent to a partition, as batches by the offset that the first record got. A flush, a
/// commit or an abort ends what a producer has open.
fn sent_batches(
    files: &Files,
    tp: &TopicPartition,
) -> BTreeMap<Offset, (Option<Timestamp>, BatchBuilder)> {
    let start = json(files, "case.json")["epoch_ms_of_t0"].as_i64();
    let mut now = start;
    let mut sent = BTreeMap::new();
    let mut open: BTreeMap<String, (Offset, (Option<Timestamp>, BatchBuilder))> = BTreeMap::new();
    for op in lines(files, "operations.jsonl") {
        let producer = op["p"].as_str().expect("every operation is a producer's");
        if op["op"] != "send" {
            if matches!(op["op"].as_str(), Some("flush" | "commit" | "abort" | "close")) {
                sent.extend(open.remove(producer));
            }
            continue;
        }
        let was_waited_for = !op["done"].is_null();
        now = op["t"].as_i64().map_or(now, |t| start.map(|start| start + t));
        if op["topic"] != *tp.topic || int(&op, "partition") != i64::from(tp.partition.0) {
            continue;
        }
        // What the broker refused is in no log.
        let Some(offset) = op["offset"].as_u64().map(Offset) else { continue };
        let record = SentRecord::read(&op);
        let full = open.get(producer).is_some_and(|(_, (_, builder))| {
            builder.size_in_bytes() as u64 + record.size_in(builder) > BATCH_SIZE
        });
        if full {
            sent.extend(open.remove(producer));
        }
        let (_, (_, builder)) = open
            .entry(producer.to_owned())
            .or_insert_with(|| (offset, (now.map(Timestamp), BatchBuilder::new())));
        record.append_to(builder);
        if was_waited_for {
            sent.extend(open.remove(producer));
        }
    }
    sent.extend(open.into_values());
    sent
}

/// What the brokers refused of a topic: when, the batch, and the error.
fn refused_batches(files: &Files, topic: &str) -> Vec<(Timestamp, BatchBuilder, String)> {
    let Some(start) = json(files, "case.json")["epoch_ms_of_t0"].as_i64() else {
        return Vec::new();
    };
    let mut refused: Vec<(Timestamp, BatchBuilder, String)> = Vec::new();
    let (mut now, mut open) = (start, false);
    for op in lines(files, "operations.jsonl") {
        now = op["t"].as_i64().map_or(now, |t| start + t);
        let Some(error) = op["error"].as_str().filter(|_| op["topic"] == topic) else {
            open = false;
            continue;
        };
        if !open {
            refused.push((Timestamp(now), BatchBuilder::new(), String::new()));
        }
        let (_, builder, known) = refused.last_mut().expect("it was just opened");
        SentRecord::read(&op).append_to(builder);
        // The records beside the one to blame only hear that their batch failed.
        if error != "KafkaException" {
            error.clone_into(known);
        }
        open = op["done"].is_null();
    }
    refused
}

struct SentRecord {
    timestamp: Timestamp,
    key: Option<String>,
    value: Option<String>,
    headers: Vec<Header>,
}

impl SentRecord {
    fn read(op: &Value) -> Self {
        let text = |key: &str| op[key].as_str().map(str::to_owned);
        let headers = op["headers"].as_array().into_iter().flatten();
        let headers = headers
            .map(|header| {
                let name = header[0].as_str().expect("a header has a name");
                Header::new(name, header[1].as_str().map(str::as_bytes))
            })
            .collect();
        let timestamp = Timestamp(int(op, "timestamp"));
        Self { timestamp, key: text("key"), value: text("value"), headers }
    }

    fn bytes(text: Option<&String>) -> Option<&[u8]> {
        text.map(String::as_bytes)
    }

    fn size_in(&self, builder: &BatchBuilder) -> u64 {
        let (key, value) = (Self::bytes(self.key.as_ref()), Self::bytes(self.value.as_ref()));
        builder.size_of(self.timestamp, key, value, &self.headers) as u64
    }

    fn append_to(&self, builder: &mut BatchBuilder) {
        let (key, value) = (Self::bytes(self.key.as_ref()), Self::bytes(self.value.as_ref()));
        builder.append(self.timestamp, key, value, &self.headers);
    }
}

/// Where a replica's process was stopped and started: a snapshot that lies at no segment's start and
/// not at the log's end was taken then.
fn restarts(directory: &BTreeMap<&str, &[u8]>, batches: &[Arc<Batch>]) -> Vec<Offset> {
    let bases = |suffix: &str| -> BTreeSet<Offset> {
        let names = directory.keys().filter(|name| name.ends_with(suffix));
        names.filter_map(|name| offset_of(name)).collect()
    };
    let end = batches.last().map(|batch| batch.next_offset());
    let segments = bases(LOG);
    let strays = bases(SNAPSHOT).into_iter().filter(|at| !segments.contains(at));
    strays.filter(|at| Some(*at) != end).collect()
}

fn outbox() -> Outbox {
    let mut out = Outbox::default();
    // Later than all records.
    out.wall = Timestamp(1_900_000_000_000);
    out
}

/// A broker that follows.
struct Broker {
    disk: Disk,
    logs: LogManager,
    out: Outbox,
}

impl Broker {
    fn new() -> Self {
        let logs = LogManager::new(vec![Name::from("")], i64::MAX, 60_000);
        let mut broker = Self { disk: Disk::default(), logs, out: outbox() };
        broker.logs.load(&mut broker.disk, |_| LogConfig::default(), &mut broker.out);
        broker
    }

    /// Appends what was not appended yet, up to `end`.
    fn fetch(
        &mut self,
        recorded: &Recorded<'_>,
        tp: &TopicPartition,
        batches: &[Arc<Batch>],
        end: Offset,
    ) -> Result<(), String> {
        let Self { disk, logs, out } = self;
        let home = recorded.home(tp);
        let id = logs.get_or_create(tp, home.topic_id, || home.config.clone(), out.wall);
        for batch in batches {
            let due = batch.base_offset() >= logs.log(id).log_end_offset();
            if due && batch.next_offset() <= end {
                let epoch = batch.partition_leader_epoch().unwrap_or(LeaderEpoch(0));
                let batch = [Arc::clone(batch)];
                logs.update(id, |log| log.append_as_follower(disk, &batch, epoch, out))
                    .map_err(|error| error.message(tp))?;
            }
        }
        logs.run_tasks(disk, out.wall);
        Ok(())
    }

    /// Whoever becomes the leader notes its epoch, even if nothing is written in it.
    fn lead(&mut self, tp: &TopicPartition, epochs: &[u8]) -> Result<(), String> {
        let Self { disk, logs, .. } = self;
        let id = logs.find(tp).ok_or("the replica is here")?;
        let end = logs.log(id).log_end_offset();
        let epochs = parse_epochs(&String::from_utf8_lossy(epochs)).map_err(|e| e.to_string())?;
        if let Some(led) = epochs.last().filter(|last| last.start_offset == end) {
            logs.update(id, |log| log.assign_epoch_start_offset(disk, led.epoch, end));
        }
        Ok(())
    }

    fn restart(&mut self, recorded: &Recorded<'_>) {
        let Self { disk, logs, out } = self;
        logs.shutdown(disk, None, out.wall);
        *logs = LogManager::new(vec![Name::from("")], i64::MAX, 60_000);
        logs.load(disk, |topic| recorded.configs[topic].clone(), out);
        logs.run_tasks(disk, out.wall);
    }

    fn shutdown(&mut self, clean: &str, high_watermarks: &str) -> Result<(), String> {
        let Self { disk, logs, out } = self;
        for (tp, offset) in parse_offsets(high_watermarks).map_err(|error| error.to_string())? {
            if let Some(id) = logs.find(&tp) {
                logs.update(id, |log| log.update_high_watermark(offset));
            }
        }
        let epoch = parse_clean_shutdown(clean).filter(|epoch| *epoch >= BrokerEpoch(0));
        logs.checkpoint_high_watermarks(disk);
        logs.shutdown(disk, epoch, out.wall);
        Ok(())
    }

    /// The replica is deleted while the broker runs; its directory is renamed.
    fn lose(
        &mut self,
        recorded: &Recorded<'_>,
        name: &str,
        tp: &TopicPartition,
        batches: &[Arc<Batch>],
        theirs: &BTreeMap<&str, &[u8]>,
    ) -> Result<(), String> {
        let logs = theirs.iter().filter(|(name, _)| name.ends_with(LOG));
        let last = logs.flat_map(|(_, bytes)| Batches::new(Bytes::copy_from_slice(bytes))).last();
        let end = last.and_then(Result::ok).map_or(Offset(0), |batch| batch.next_offset());
        self.fetch(recorded, tp, batches, end)?;
        let Self { disk, logs, out } = self;
        let id = logs.find(tp).ok_or("the replica is there before it goes")?;
        let unique = name.split(['.', '-']).rev().nth(1).unwrap_or_default();
        let unique = unhex(unique).try_into().map_err(|_| "a unique name has 16 bytes")?;
        logs.delete(disk, id, unique, out.wall);
        // What a running broker has set aside for indexes is cut off in the recording.
        for (file, _) in disk.list(name) {
            let file = disk.open(&format!("{name}/{file}")).ok_or("a listed file is there")?;
            disk.truncate(file, disk.written(file));
        }
        Ok(())
    }

    fn compare(
        &mut self,
        directory: &str,
        theirs: &BTreeMap<&str, &[u8]>,
    ) -> Result<usize, String> {
        let names: Vec<_> =
            self.disk.list(directory).into_iter().map(|(name, _)| name.to_string()).collect();
        same(
            &format!("files of {directory}"),
            names,
            theirs.keys().map(ToString::to_string).collect(),
        )?;
        for (name, bytes) in theirs {
            let ours = contents(&mut self.disk, &format!("{directory}/{name}"));
            if ours != *bytes {
                let at = ours.iter().zip(*bytes).position(|(ours, theirs)| ours != theirs);
                let (len, wanted) = (ours.len(), bytes.len());
                return Err(format!(
                    "{directory}/{name} differs at byte {at:?}: {len} bytes, theirs {wanted}"
                ));
            }
        }
        Ok(theirs.len())
    }
}

//! A leader's side of one partition: what it appends, what its followers fetch, the high watermark, and the
//! ISR that it asks the controller for.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use kafkascope::fact::Fact;
use kafkascope::ids::{
    BrokerEpoch, BrokerId, LeaderEpoch, Offset, PartitionEpoch, PartitionIndex, Timestamp, TopicId,
    TopicPartition, Uuid,
};
use kafkascope::log::{AppendOrigin, Disk, Log, LogConfig, LogManager};
use kafkascope::metadata::PartitionRegistration;
use kafkascope::node::{Interest, Outbox};
use kafkascope::protocol::metadata_record::PartitionRecord;
use kafkascope::protocol::{BatchBuilder, ErrorCode, FetchPartition, Fetcher, Isolation, TopicRef};
use kafkascope::replica::{
    BrokerList, FetchEpoch, IsrGrant, IsrProposal, LeaderState, Liveness, Partition, ReadLimit,
    Role, Surroundings, Write,
};
use kafkascope::sim::{Duration, Instant};
use serde_json::{Value, json};

use super::partition::list;
use crate::values::{int, same, same_json};

const TOPIC: &str = "topic";
const LOCAL: BrokerId = BrokerId(0);
/// The broker epoch of broker n is this plus n.
const FIRST_EPOCH: i64 = 100;

/// Compares one life of a leader, operation by operation.
pub fn compare(case: &Value) -> Result<(), String> {
    let mut bench = Bench::new(&case["start"]);
    for (place, op) in case["ops"].as_array().expect("operations").iter().enumerate() {
        let differs = |problem: String| {
            let mut op = op.clone();
            op.as_object_mut().map(|op| op.remove("after"));
            format!("operation {place}: {problem}; {op}")
        };
        bench.perform(op).map_err(differs)?;
        same_json("after", &bench.state(), &op["after"]).map_err(differs)?;
    }
    Ok(())
}

/// What the metadata image says about a broker.
#[derive(Clone, Copy, Debug)]
struct Broker {
    fenced: bool,
    shutting_down: bool,
    epoch: BrokerEpoch,
}

#[derive(Clone, Debug, Default)]
struct Brokers(BTreeMap<BrokerId, Broker>);

impl Liveness for Brokers {
    fn is_fenced(&self, broker: BrokerId) -> bool {
        self.0.get(&broker).is_none_or(|broker| broker.fenced)
    }

    fn is_shutting_down(&self, broker: BrokerId) -> bool {
        self.0.get(&broker).is_some_and(|broker| broker.shutting_down)
    }

    fn alive_broker_epoch(&self, broker: BrokerId) -> Option<BrokerEpoch> {
        // The recorder's metadata cache named the epochs of fenced brokers as well.
        self.0.get(&broker).map(|broker| broker.epoch)
    }
}

/// A partition on its broker, and a controller that answers when it is told to.
struct Bench {
    disk: Disk,
    logs: LogManager,
    partition: Partition,
    brokers: Brokers,
    lag_max: Duration,
    replicas: Vec<BrokerId>,
    now: Instant,
    out: Outbox,
    /// Requests that the controller has not answered.
    open: VecDeque<IsrProposal>,
    /// How many changes of the ISR were expansions, were shrinks, failed.
    marks: [u32; 3],
}

impl Bench {
    fn new(start: &Value) -> Self {
        let replicas: Vec<BrokerId> = list(&start["replicas"]);
        let topic_id = TopicId::from(Uuid(0x1234_5678_0000_4000_8000_0000_0000_0001));
        let tp = TopicPartition::new(TOPIC, 0);
        let mut config = LogConfig::default();
        config.set("min.insync.replicas", &int(start, "min_isr").to_string()).expect("a setting");
        let mut logs = LogManager::new(vec!["".into()], 0, 0);
        let id = logs.get_or_create(&tp, topic_id, || config, Timestamp(0));
        let all = (0..10).map(|id| {
            let epoch = BrokerEpoch(FIRST_EPOCH + i64::from(id));
            (BrokerId(id), Broker { fenced: false, shutting_down: false, epoch })
        });
        let mut bench = Self {
            disk: Disk::default(),
            logs,
            partition: Partition::new(tp, topic_id, id),
            brokers: Brokers(all.collect()),
            lag_max: Duration::from_millis(int(start, "replica_lag_time_max_ms") as u64),
            replicas,
            now: Instant::ZERO,
            out: Outbox::default(),
            open: VecDeque::new(),
            marks: [0; 3],
        };
        bench.out.interest = Interest::Everything;
        bench.make_leader(start);
        bench
    }

    fn log(&self) -> &Log {
        self.logs.log(self.partition.log())
    }

    /// Changes the partition and its log.
    fn with<T>(
        &mut self,
        change: impl FnOnce(
            &mut Partition,
            &mut Log,
            Surroundings<'_, Brokers>,
            &mut Disk,
            &mut Outbox,
        ) -> T,
    ) -> T {
        let local_epoch = BrokerEpoch(FIRST_EPOCH);
        let (lag_max, liveness) = (self.lag_max, &self.brokers);
        let around = Surroundings { local: LOCAL, local_epoch, lag_max, liveness };
        let (partition, disk, out) = (&mut self.partition, &mut self.disk, &mut self.out);
        self.logs.update(partition.log(), |log| change(partition, log, around, disk, out))
    }

    fn make_leader(&mut self, state: &Value) {
        let state = PartitionRegistration::from_record(&PartitionRecord {
            replicas: self.replicas.clone(),
            isr: list(&state["isr"]),
            leader: Some(LOCAL),
            leader_epoch: LeaderEpoch(int(state, "leader_epoch") as i32),
            partition_epoch: PartitionEpoch(int(state, "partition_epoch") as i32),
            ..PartitionRecord::default()
        });
        self.with(|partition, log, around, disk, out| {
            partition.make_leader(log, &state, around, disk, out)
        });
    }

    fn perform(&mut self, op: &Value) -> Result<(), String> {
        self.out.begin(self.now, Timestamp(self.now.as_millis() as i64));
        let sent = match op["op"].as_str().expect("an operation") {
            "make_leader" => {
                self.make_leader(op);
                None
            }
            "advance_time" => {
                self.now += Duration::from_millis(int(op, "ms") as u64);
                None
            }
            "broker_state" => {
                let state = Broker {
                    fenced: op["fenced"] == true,
                    shutting_down: op["shutting_down"] == true,
                    epoch: BrokerEpoch(int(op, "broker_epoch")),
                };
                self.brokers.0.insert(BrokerId(int(op, "broker") as i32), state);
                None
            }
            "append" => {
                self.append(op)?;
                None
            }
            "follower_fetch" => self.fetch(op)?,
            "maybe_shrink_isr" => {
                let proposal = self.with(|partition, log, around, _, out| {
                    partition.maybe_shrink_isr(log, around, out)
                });
                self.check_shrink(op)?;
                proposal
            }
            "check_enough_replicas_reach_offset" => {
                let required = Offset(int(op, "required_offset") as u64);
                let reached = self.partition.has_reached(self.log(), required);
                let (satisfied, error) = match reached {
                    Ok(reached) => (reached, ErrorCode::None),
                    Err(error) => (true, error),
                };
                same("satisfied", json!(satisfied), op["satisfied"].clone())?;
                same("error", error.name(), op["error"].as_str().expect("a name"))?;
                None
            }
            "alter_partition_response" => self.answer(op)?,
            other => return Err(format!("an unknown operation {other}")),
        };
        let told: Vec<Value> = sent.iter().map(Self::shown).collect();
        same("proposals", json!(told), list_or_empty(&op["isr_proposals_sent"]))?;
        self.open.extend(sent);
        Ok(())
    }

    fn append(&mut self, op: &Value) -> Result<(), String> {
        let mut builder = BatchBuilder::new();
        for _ in 0..int(op, "records") {
            builder.append(self.out.wall, None, Some(&[0; 10]), &[]);
        }
        let batches = [Arc::new(builder.build().expect("there are records"))].into_iter().collect();
        let write = Write {
            batches: &batches,
            origin: AppendOrigin::Client,
            acks_all: op["required_acks"] == -1,
        };
        let result = self.with(|partition, log, around, disk, out| {
            partition.append_to_leader(log, write, around, disk, out)
        });
        match result {
            Ok((info, advanced)) => {
                let first = info.first_offset.map(|offset| offset.0);
                same("first offset", json!(first), op["first_offset"].clone())?;
                let change = if advanced { "INCREASED" } else { "SAME" };
                same("high watermark", change, op["leader_hw_change"].as_str().unwrap_or_default())
            }
            Err(error) => {
                same("error", &*exception(error.code()), op["error"].as_str().unwrap_or_default())
            }
        }
    }

    fn fetch(&mut self, op: &Value) -> Result<Option<IsrProposal>, String> {
        let fetcher = Fetcher::Replica {
            id: BrokerId(int(op, "replica") as i32),
            epoch: (op["replica_broker_epoch"] != -1)
                .then(|| BrokerEpoch(int(op, "replica_broker_epoch"))),
        };
        let epoch = |name: &str| op[name].as_i64().map(|epoch| LeaderEpoch(epoch as i32));
        let asked = FetchPartition {
            topic: TopicRef { id: self.partition.id().topic_id, name: None },
            partition: PartitionIndex(0),
            current_leader_epoch: epoch("current_leader_epoch"),
            fetch_offset: Offset(int(op, "fetch_offset") as u64),
            last_fetched_epoch: epoch("last_fetched_epoch"),
            log_start_offset: Some(Offset(int(op, "follower_log_start_offset") as u64)),
            max_bytes: 1 << 20,
        };
        let limit = ReadLimit { max_bytes: 1 << 20, min_one_batch: true, leader_only: true };
        let isolation = Isolation::ReadUncommitted;
        let recorded = self.with(|partition, log, around, disk, out| {
            let read = partition.read(log, fetcher, isolation, &asked, limit, disk)?;
            let end = log.log_end_offset();
            if read.diverging_epoch.is_some() {
                return Ok((read, end, None));
            }
            let start = read.info.start.offset;
            let (moved, proposal) =
                partition.record_fetch(log, fetcher, &asked, start, around, out)?;
            if moved {
                partition.maybe_advance_high_watermark(log, around, out);
            }
            Ok((read, end, proposal))
        });
        let (read, end, proposal) = match recorded {
            Ok(recorded) => recorded,
            Err(error) => {
                let theirs = op["error"].as_str().unwrap_or_default();
                return same("error", &*exception(error), theirs).map(|()| None);
            }
        };
        same("error", Value::Null, op["error"].clone())?;
        same("high watermark", json!(read.high_watermark), op["returned_high_watermark"].clone())?;
        same("log end", json!(end), op["returned_log_end_offset"].clone())?;
        let bytes: u64 = read.info.records.iter().map(|batch| batch.size_in_bytes()).sum();
        same("bytes", json!(bytes), op["bytes"].clone())?;
        let diverging = read.diverging_epoch;
        let diverging =
            diverging.map(|(epoch, end)| json!({"epoch": epoch.0, "end_offset": end.0}));
        same("diverging epoch", json!(diverging), op["diverging_epoch"].clone())?;
        Ok(proposal)
    }

    fn check_shrink(&self, op: &Value) -> Result<(), String> {
        let left = self.out.facts.iter().find_map(|fact| match fact {
            Fact::IsrShrinkProposed { out, .. } => Some(out.clone()),
            _ => None,
        });
        let left = left.or_else(|| {
            // While a change is pending nobody is taken out, however far behind.
            Some(Vec::new())
        });
        let theirs: Vec<BrokerId> = list(&op["out_of_sync"]);
        same("out of sync", left.unwrap_or_default(), theirs)
    }

    /// The controller answers the oldest request.
    fn answer(&mut self, op: &Value) -> Result<Option<IsrProposal>, String> {
        let proposal = self.open.pop_front().ok_or("no request is open")?;
        let before = self.leader().isr().len();
        let result = op["result"].as_str().expect("a result");
        if result == "success" {
            let isr: BrokerList = proposal.isr.iter().map(|(id, _)| *id).collect();
            let grant = IsrGrant {
                leader_epoch: proposal.leader_epoch,
                partition_epoch: PartitionEpoch(int(op, "partition_epoch") as i32),
                isr,
            };
            self.with(|partition, log, around, _, out| {
                partition.on_isr_granted(log, &proposal, &grant, around, out)
            });
            let committed = |fact: &Fact| matches!(fact, Fact::IsrUpdated { .. });
            if self.out.facts.iter().any(committed) {
                self.marks[usize::from(self.leader().isr().len() < before)] += 1;
            }
            return Ok(None);
        }
        let error = ErrorCode::from_name(result).ok_or("an unknown error")?;
        let again = self.with(|partition, _, around, _, out| {
            let again = partition.on_isr_refused(&proposal, error, out);
            again.then(|| partition.pending_proposal(around)).flatten()
        });
        let refused = |fact: &Fact| matches!(fact, Fact::IsrChangeRefused { .. });
        if self.out.facts.iter().any(refused) {
            self.marks[2] += 1;
        }
        Ok(again)
    }

    fn leader(&self) -> &LeaderState {
        match self.partition.role() {
            Role::Leader(leader) => leader,
            Role::Follower => panic!("it leads all its life"),
        }
    }

    fn shown(proposal: &IsrProposal) -> Value {
        // The vectors list members by id; a leader asks in the order in which they came.
        let mut members = proposal.isr.clone();
        members.sort();
        let isr: Vec<Value> = members
            .iter()
            .map(|(id, epoch)| json!([id.0, epoch.map_or(-1, |epoch| epoch.0)]))
            .collect();
        json!({
            "leader_epoch": proposal.leader_epoch.0,
            "partition_epoch": proposal.partition_epoch.0,
            "new_isr_with_broker_epochs": isr,
            "leader_recovery_state": "RECOVERED",
        })
    }

    /// The partition as the vectors show it.
    fn state(&self) -> Value {
        let leader = self.leader();
        let follower = |id: BrokerId| {
            let follower = leader.follower(id).expect("it is assigned");
            let epoch = follower.broker_epoch.map(|epoch| match epoch {
                FetchEpoch::Unversioned => -1,
                FetchEpoch::Of(epoch) => epoch.0,
            });
            json!({
                "replica": id.0,
                "log_end_offset": Offset::to_wire(follower.log_end_offset),
                "last_caught_up_ms": follower.last_caught_up.map_or(json!("never"), |at| json!(at.as_millis())),
                "broker_epoch": epoch,
            })
        };
        let followers = self.replicas.iter().filter(|id| **id != LOCAL);
        let mut maximal = leader.maximal_isr();
        let mut isr = BrokerList::from_slice(leader.isr());
        maximal.sort();
        isr.sort();
        json!({
            "now_ms": self.now.as_millis(),
            "log_end_offset": self.log().log_end_offset().0,
            "high_watermark": self.log().high_watermark().0,
            "isr": isr.as_slice(),
            "maximal_isr": maximal.as_slice(),
            "inflight": leader.is_inflight(),
            "partition_epoch": self.partition.partition_epoch().map(|epoch| epoch.0),
            "under_min_isr": self.partition.is_under_min_isr(self.log()),
            "replicas": followers.map(|id| follower(*id)).collect::<Vec<_>>(),
            "expand_shrink_failed_marks": self.marks,
        })
    }
}

fn list_or_empty(value: &Value) -> Value {
    if value.is_null() { json!([]) } else { value.clone() }
}

/// Kafka's exception for an error.
fn exception(error: ErrorCode) -> String {
    format!("{error:?}Exception")
}

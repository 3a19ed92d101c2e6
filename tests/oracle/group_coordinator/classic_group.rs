//! `group_coordinator/classic_group.jsonl`: one classic group, operation by operation.
//!
//! Member ids are random, and where Kafka chooses a leader anew it takes the first in the order of
//! a hash map over them. So a case is run with one seed after the other until the choices are those
//! of the recording; then all else has to be equal. A case that is flagged as order dependent may
//! go another way: then only what must always hold is checked.

use std::collections::BTreeMap;

use kafka_protocol::messages as kafka;
use kafka_protocol::messages::GroupId;
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use kafka_protocol::protocol::StrBytes;
use kafkascope::coordinator::group::{ClassicGroupState, GroupCoordinatorConfig, WriteRecord};
use kafkascope::node::{ReplyTo, Timer};
use kafkascope::protocol::coordinator_record::GroupRecord;
use kafkascope::protocol::{ErrorCode, RequestBody, ResponseBody};
use kafkascope::sim::Duration;
use serde_json::{Value, json};

use super::driver::Driver;
use crate::encoding::{int, text, unbase64};

/// So many seeds are tried.
const SEEDS: u64 = 3000;

/// Compares one case.
pub fn compare(case: &Value) -> Result<(), String> {
    let mut best = (0, String::from("not run"));
    for seed in 0..SEEDS {
        let mut run = Run::new(case, seed);
        match run.run(case) {
            Ok(()) => return Ok(()),
            Err(problem) => {
                if run.op > best.0 {
                    best = (run.op, format!("operation {}: {problem}", run.op));
                }
            }
        }
    }
    if case["order_dependent"] == true {
        // Its operations go on as recorded, with the state that ours has: nothing may break.
        let mut run = Run::new(case, 0);
        run.run_freely(case);
        return Ok(());
    }
    Err(best.1)
}

/// One run of a case.
struct Run {
    driver: Driver,
    /// The operation under way.
    op: usize,
    /// The recording's names of member ids.
    names: BTreeMap<String, String>,
    /// By client: its last join or sync. To earlier ones it does not listen any more, but while the
    /// last one is being taken in.
    listening: BTreeMap<u32, ReplyTo>,
    /// The join or sync of this operation.
    asked: Option<ReplyTo>,
    /// The group as it was written last, with the recording's names.
    last_written: Option<Value>,
}

impl Run {
    fn new(case: &Value, seed: u64) -> Self {
        let config = GroupCoordinatorConfig {
            offsets_topic_num_partitions: 1,
            append_linger: Duration::ZERO,
            initial_rebalance_delay: millis(&case["initial_rebalance_delay_ms"]),
            new_member_join_timeout: millis(&case["new_member_join_timeout_ms"]),
            max_size: int(&case["max_size"]) as usize,
            ..GroupCoordinatorConfig::default()
        };
        Self {
            driver: Driver::new(config, seed),
            op: 0,
            names: BTreeMap::new(),
            listening: BTreeMap::new(),
            asked: None,
            last_written: None,
        }
    }

    fn run(&mut self, case: &Value) -> Result<(), String> {
        for (number, op) in case["ops"].as_array().expect("operations").iter().enumerate() {
            self.op = number;
            let expired = self.carry_out(op);
            self.learn_name(op);
            self.compare(op, &expired)?;
        }
        self.fail_over()
    }

    /// The group is loaded from what it wrote: as it was when it wrote last, without those who had
    /// not joined for good.
    fn fail_over(&mut self) -> Result<(), String> {
        let Some(last) = self.last_written.take() else { return Ok(()) };
        self.driver.fail_over();
        let group = self.driver.coordinator.group("g").expect("it was written");
        let members: Vec<Value> = group
            .members
            .values()
            .map(|member| json!({
                "memberId": self.name(&member.member_id),
                "subscription": base64(&member.metadata(group.protocol.as_deref().unwrap_or_default())),
                "assignment": base64(&member.assignment),
            }))
            .collect();
        let part = |member: &Value| -> Value {
            let fields = ["memberId", "subscription", "assignment"];
            fields.iter().map(|field| ((*field).to_owned(), member[field].clone())).collect()
        };
        let written = last["members"].as_array().expect("members").iter().map(part);
        equal("loaded", &Value::Array(members), &written.collect())?;
        equal("generation", &group.generation.0.into(), &last["generation"])?;
        let leader = group.leader.as_deref().map(|leader| self.name(leader));
        equal("leader", &leader.map_or(Value::Null, Value::from), &last["leader"])?;
        self.check_invariants();
        Ok(())
    }

    fn run_freely(&mut self, case: &Value) {
        for op in case["ops"].as_array().expect("operations") {
            self.carry_out(op);
            self.learn_name(op);
            self.check_invariants();
            self.driver.answers.clear();
            self.driver.written.clear();
        }
    }

    /// Carries an operation out; returns the timers that were due, with what they wrote.
    fn carry_out(&mut self, op: &Value) -> Vec<(String, Vec<WriteRecord>)> {
        let mut expired = Vec::new();
        let request = &op["request"];
        let (version, body) = match text(&op["op"]) {
            "advance_time" => {
                let mut timers: Vec<(String, usize)> = Vec::new();
                self.driver.advance(millis(&op["ms"]), |driver, timer| {
                    timers.push((describe(driver, timer), driver.written.len()));
                });
                let mut written = std::mem::take(&mut self.driver.written);
                for (timer, from) in timers.into_iter().rev() {
                    expired.push((timer, written.split_off(from)));
                }
                expired.reverse();
                return expired;
            }
            "join" => {
                let version = if op["require_known_member_id"] == true { 8 } else { 3 };
                (version, self.join(request))
            }
            "sync" => (5, self.sync(request)),
            "heartbeat" => {
                let heartbeat = kafka::HeartbeatRequest::default()
                    .with_group_id(group(request))
                    .with_generation_id(int(&request["generationId"]) as i32)
                    .with_member_id(self.member(&request["memberId"]))
                    .with_group_instance_id(optional(&request["groupInstanceId"]));
                (4, RequestBody::Heartbeat(Box::new(heartbeat)))
            }
            "leave" => {
                let members = request["members"].as_array().expect("members").iter();
                let members = members.map(|member| {
                    MemberIdentity::default()
                        .with_member_id(self.member(&member["memberId"]))
                        .with_group_instance_id(optional(&member["groupInstanceId"]))
                        .with_reason(optional(&member["reason"]))
                });
                let leave = kafka::LeaveGroupRequest::default()
                    .with_group_id(group(request))
                    .with_members(members.collect());
                (5, RequestBody::LeaveGroup(Box::new(leave)))
            }
            other => panic!("unknown operation {other}"),
        };
        let connection = connection(&op["client"]);
        let parks = matches!(body, RequestBody::JoinGroup(_) | RequestBody::SyncGroup(_));
        let to = self.driver.ask(connection, "client", version, body);
        if parks {
            self.asked = Some(to);
        }
        expired
    }

    fn join(&self, request: &Value) -> RequestBody {
        let protocols =
            request["protocols"].as_array().expect("protocols").iter().map(|protocol| {
                JoinGroupRequestProtocol::default()
                    .with_name(string(text(&protocol["name"])))
                    .with_metadata(unbase64(text(&protocol["metadata"])))
            });
        let join = kafka::JoinGroupRequest::default()
            .with_group_id(group(request))
            .with_session_timeout_ms(int(&request["sessionTimeoutMs"]) as i32)
            .with_rebalance_timeout_ms(int(&request["rebalanceTimeoutMs"]) as i32)
            .with_member_id(self.member(&request["memberId"]))
            .with_group_instance_id(optional(&request["groupInstanceId"]))
            .with_protocol_type(string(text(&request["protocolType"])))
            .with_protocols(protocols.collect())
            .with_reason(optional(&request["reason"]));
        RequestBody::JoinGroup(Box::new(join))
    }

    fn sync(&self, request: &Value) -> RequestBody {
        let parts = request["assignments"].as_array().expect("assignments").iter().map(|part| {
            SyncGroupRequestAssignment::default()
                .with_member_id(self.member(&part["memberId"]))
                .with_assignment(unbase64(text(&part["assignment"])))
        });
        let sync = kafka::SyncGroupRequest::default()
            .with_group_id(group(request))
            .with_generation_id(int(&request["generationId"]) as i32)
            .with_member_id(self.member(&request["memberId"]))
            .with_group_instance_id(optional(&request["groupInstanceId"]))
            .with_protocol_type(optional(&request["protocolType"]))
            .with_protocol_name(optional(&request["protocolName"]))
            .with_assignments(parts.collect());
        RequestBody::SyncGroup(Box::new(sync))
    }

    /// Our member id for the recording's name.
    fn member(&self, name: &Value) -> StrBytes {
        let name = text(name);
        let ours = self.names.iter().find(|(_, theirs)| **theirs == name);
        string(ours.map_or(name, |(ours, _)| ours))
    }

    /// The recording's name for our member id.
    fn name(&self, member_id: &str) -> String {
        self.names.get(member_id).cloned().unwrap_or_else(|| member_id.to_owned())
    }

    /// A join without member id may have made one, here and there.
    fn learn_name(&mut self, op: &Value) {
        if op["op"] != "join" || op["request"]["memberId"] != "" {
            return;
        }
        let known: Vec<&String> = self.names.values().collect();
        let after = op["after"]["members"].as_array().into_iter().flatten();
        let answered = op["completed"].as_array().into_iter().flatten();
        let theirs = after.chain(answered.map(|answer| &answer["response"]["memberId"]));
        let theirs = theirs.filter_map(Value::as_str);
        let theirs =
            theirs.filter(|name| !name.is_empty()).find(|name| !known.iter().any(|k| k == name));

        let group = self.driver.coordinator.group("g");
        let members =
            group.iter().flat_map(|group| group.members.keys().chain(group.pending_join.keys()));
        let ours = members.map(ToString::to_string).find(|id| !self.names.contains_key(id));
        if let (Some(ours), Some(theirs)) = (ours, theirs) {
            self.names.insert(ours, theirs.to_owned());
        }
    }

    fn compare(
        &mut self,
        op: &Value,
        expired: &[(String, Vec<WriteRecord>)],
    ) -> Result<(), String> {
        self.check_invariants();
        let written = std::mem::take(&mut self.driver.written);
        equal("records", &self.records(&written), &sorted(&op["records"]))?;
        let all = expired.iter().flat_map(|(_, records)| records).chain(&written);
        if let Some(last) = all.last() {
            let record = self.records(std::slice::from_ref(last));
            self.last_written = Some(record[0]["value"].clone());
        }
        self.compare_expired(op, expired)?;
        let answers = std::mem::take(&mut self.driver.answers);
        let mut completed: Vec<Value> = Vec::new();
        for (to, answer) in answers {
            let client = format!("client{}", to.connection.0);
            let heard = [self.listening.get(&to.connection.0), self.asked.as_ref()];
            let heard = heard.contains(&Some(&to));
            match answer {
                ResponseBody::JoinGroup(_) | ResponseBody::SyncGroup(_) if !heard => {}
                ResponseBody::JoinGroup(join) => completed.push(self.joined(&client, &join)),
                ResponseBody::SyncGroup(sync) => completed.push(synced(&client, &sync)),
                ResponseBody::Heartbeat(heartbeat) => {
                    equal("heartbeat", &error(heartbeat.error_code), &op["error_code"])?;
                }
                ResponseBody::LeaveGroup(leave) => {
                    equal("leave", &self.left(&leave), &op["response"])?;
                }
                other => return Err(format!("an answer of {}", other.api().name())),
            }
        }
        if let Some(asked) = self.asked.take() {
            self.listening.insert(asked.connection.0, asked);
        }
        equal("completed", &sorted(&Value::Array(completed)), &sorted(&op["completed"]))?;
        equal("after", &self.after(), &op["after"])
    }

    /// Kafka leaves timers of former members alone: they do nothing when they are due. Those with
    /// one deadline come in any order, so that any of them may be the one that writes.
    fn compare_expired(
        &self,
        op: &Value,
        expired: &[(String, Vec<WriteRecord>)],
    ) -> Result<(), String> {
        let named = expired.iter().map(|(timer, _)| match timer.strip_prefix("heartbeat-g-") {
            Some(member_id) => format!("heartbeat-g-{}", self.name(member_id)),
            None => timer.clone(),
        });
        let ours: Vec<Value> = named.map(Value::from).collect();
        let theirs = op["expired"].as_array().into_iter().flatten();
        let of_members =
            |expired: &&Value| expired["records"] != json!([]) || ours.contains(&expired["timer"]);
        let timers = theirs.clone().filter(of_members).map(|expired| expired["timer"].clone());
        equal("expired", &Value::Array(ours.clone()), &timers.collect())?;

        let written = expired.iter().flat_map(|(_, records)| records.iter().cloned());
        let ours = self.records(&written.collect::<Vec<_>>());
        let records = theirs.filter_map(|expired| expired["records"].as_array()).flatten();
        equal("records", &ours, &records.cloned().collect())
    }

    fn records(&self, written: &[WriteRecord]) -> Value {
        let record = |record: &WriteRecord| {
            let decoded = GroupRecord::decode(record.key.clone(), record.value.clone());
            let GroupRecord::GroupMetadata(entry) = decoded.expect("we wrote it") else {
                panic!("a classic group writes itself only")
            };
            let mut value = serde_json::to_value(&entry.value).expect("it has a JSON form");
            if let Some(leader) = value["leader"].as_str() {
                value["leader"] = self.name(leader).into();
            }
            for member in value["members"].as_array_mut().into_iter().flatten() {
                member["memberId"] = self.name(text(&member["memberId"])).into();
            }
            json!({ "type": "GroupMetadata", "key": { "group": *entry.key.group }, "value": value })
        };
        sorted(&written.iter().map(record).collect())
    }

    fn joined(&self, client: &str, join: &kafka::JoinGroupResponse) -> Value {
        let members = join.members.iter().map(|member| {
            json!({
                "memberId": self.name(&member.member_id),
                "groupInstanceId": member.group_instance_id.as_deref(),
                "metadata": base64(&member.metadata),
            })
        });
        // The recording has the answer before it is made to fit its version.
        let protocol = join.protocol_name.as_deref().filter(|name| !name.is_empty());
        json!({
            "client": client,
            "api": "join",
            "error_code": error(join.error_code),
            "response": {
                "throttleTimeMs": 0,
                "errorCode": join.error_code,
                "generationId": join.generation_id,
                "protocolType": join.protocol_type.as_deref(),
                "protocolName": protocol,
                "leader": self.name(&join.leader),
                "skipAssignment": join.skip_assignment,
                "memberId": self.name(&join.member_id),
                "members": members.collect::<Vec<_>>(),
            }
        })
    }

    fn left(&self, leave: &kafka::LeaveGroupResponse) -> Value {
        let members = leave.members.iter().map(|member| {
            json!({
                "memberId": self.name(&member.member_id),
                "groupInstanceId": member.group_instance_id.as_deref(),
                "errorCode": member.error_code,
            })
        });
        let members: Vec<Value> = members.collect();
        json!({ "throttleTimeMs": 0, "errorCode": leave.error_code, "members": members })
    }

    fn after(&self) -> Value {
        let Some(group) = self.driver.coordinator.group("g") else { return Value::Null };
        let mut members: Vec<String> = group.members.keys().map(|id| self.name(id)).collect();
        members.sort_unstable();
        json!({
            "state": group.state.name(),
            "generation": group.generation.0,
            "leader": group.leader.as_deref().map(|leader| self.name(leader)),
            "protocol": group.protocol.as_deref(),
            "members": members,
            "pending_members": group.pending_join.len(),
            "awaiting_join": group.awaiting_join(),
        })
    }

    /// What holds whatever happens.
    fn check_invariants(&self) {
        let Some(group) = self.driver.coordinator.group("g") else { return };
        let waiting = group.members.values().filter(|member| member.awaiting_join.is_some());
        assert_eq!(waiting.count(), group.awaiting_join());
        let leads = group.leader.as_ref().is_some_and(|leader| group.members.contains_key(leader));
        assert_eq!(leads, !group.members.is_empty(), "a group with members has a leader");
        assert!(group.pending_join.keys().all(|member| !group.members.contains_key(member)));
        assert!(group.pending_sync.iter().all(|member| group.members.contains_key(member)));
        let statics = group.static_members.values();
        assert!(statics.into_iter().all(|member| group.members[member].is_static()));
        if group.is_in(ClassicGroupState::Empty) {
            assert!(group.members.is_empty() && group.protocol.is_none());
        }
        if group.is_in(ClassicGroupState::Stable) {
            assert!(group.members.values().all(|member| member.awaiting_sync.is_none()));
        }
    }
}

fn describe(driver: &Driver, timer: Timer) -> String {
    match timer {
        Timer::GroupJoin(_) => "join-g".to_owned(),
        Timer::GroupSync(_) => "sync-g".to_owned(),
        Timer::GroupMember(_, slot) => {
            let group = driver.coordinator.group("g").expect("a timer has a group");
            let member = group.member_of_timer(slot).expect("a timer has a member");
            format!("heartbeat-g-{member}")
        }
        other => format!("{other:?}"),
    }
}

fn synced(client: &str, sync: &kafka::SyncGroupResponse) -> Value {
    json!({
        "client": client,
        "api": "sync",
        "error_code": error(sync.error_code),
        "response": {
            "throttleTimeMs": 0,
            "errorCode": sync.error_code,
            "protocolType": sync.protocol_type.as_deref(),
            "protocolName": sync.protocol_name.as_deref(),
            "assignment": base64(&sync.assignment),
        }
    })
}

/// Lists in an order of their own, an empty assignor as none.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(list) => {
            let mut list: Vec<Value> = list.iter().map(sorted).collect();
            list.sort_by_key(Value::to_string);
            Value::Array(list)
        }
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| match value.as_str() {
                Some("") if key == "protocolName" => (key.clone(), Value::Null),
                _ => (key.clone(), sorted(value)),
            })
            .collect(),
        Value::Null => Value::Null,
        other => other.clone(),
    }
}

fn equal(what: &str, ours: &Value, theirs: &Value) -> Result<(), String> {
    // A missing list is an empty one.
    let empty = |value: &Value| value.is_null() || *value == json!([]);
    if sorted(ours) == sorted(theirs) || (empty(ours) && empty(theirs) && what != "after") {
        Ok(())
    } else {
        Err(format!("{what}: ours {ours}, Kafka's {theirs}"))
    }
}

fn error(code: i16) -> Value {
    ErrorCode::from_code(code).name().into()
}

fn base64(bytes: &bytes::Bytes) -> Value {
    #[derive(serde::Serialize)]
    struct Base64<'a>(
        #[serde(serialize_with = "kafkascope::protocol::schema::base64")] &'a bytes::Bytes,
    );
    serde_json::to_value(Base64(bytes)).expect("a string")
}

fn connection(client: &Value) -> u32 {
    text(client).trim_start_matches("client").parse().expect("a client's number")
}

fn group(request: &Value) -> GroupId {
    GroupId(string(text(&request["groupId"])))
}

fn string(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

fn optional(value: &Value) -> Option<StrBytes> {
    value.as_str().map(string)
}

fn millis(value: &Value) -> Duration {
    Duration::from_millis(int(value) as u64)
}

//! What was done, as commands at their times.

use bytes::Bytes;
use kafkascope::ids::{BrokerId, Name, PartitionIndex};
use kafkascope::node::{AdminRequest, ConfigResource, Instruction};
use kafkascope::protocol::MetadataRecord;
use kafkascope::sim::Duration;
use serde_json::Value;

use super::cast::topic_config;
use super::recording::{Event, Millis, Recording, int, plain, text, topic_partition};

/// How long a real server takes until it works: a virtual machine has to start.
const START: Millis = 3_000;
/// Between the first servers' starts, so that they come in the recorded order.
const APART: Millis = 150;

/// One end of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    Server(BrokerId),
    /// All clients.
    Clients,
}

/// Something to do.
#[derive(Clone, Debug)]
pub(super) enum Doing {
    Start(BrokerId),
    Stop(BrokerId),
    Kill(BrokerId),
    Pause(BrokerId),
    Resume(BrokerId),
    Cut(End, End),
    Heal(End, End),
    HealAll,
    Ask(AdminRequest),
    /// The producer of a load begins.
    Load(usize),
    /// The producer of a load sends the next record.
    Send {
        load: usize,
        topic: Name,
        partition: PartitionIndex,
        key: Bytes,
        value: Bytes,
    },
    /// The producer of a load ends.
    Unload(usize),
    /// The next member of a group comes.
    Join(usize),
    /// A member ends properly.
    Leave(usize),
    /// A member is gone without a word.
    Crash(usize),
    /// A member's application is told something.
    Tell(usize, Instruction),
    /// A group has settled.
    Settled(String),
    /// Nothing: the state at that moment is looked at.
    Look,
}

/// Something to do at a time.
#[derive(Clone, Debug)]
pub(super) struct Command {
    pub(super) at: Millis,
    pub(super) doing: Doing,
}

/// Members that join within so much may come in any order.
const AT_ONCE: Millis = 200;

/// All commands, by time. Another seed lets members that join at once come in another order.
pub(super) fn commands(recording: &Recording, seed: u64) -> Result<Vec<Command>, String> {
    let mut script =
        Script { recording, seed, commands: Vec::new(), loads: 0, members: Vec::new() };
    for event in &recording.events {
        script.take(event)?;
    }
    let mut commands = script.commands;
    commands.sort_by_key(|command| command.at);
    Ok(commands)
}

struct Script<'a> {
    recording: &'a Recording,
    seed: u64,
    commands: Vec<Command>,
    loads: usize,
    /// Group and name of those that came.
    members: Vec<(String, String)>,
}

impl Script<'_> {
    fn at(&mut self, at: Millis, doing: Doing) {
        self.commands.push(Command { at, doing });
    }

    fn each(&mut self, at: Millis, event: &Event, doing: fn(BrokerId) -> Doing) {
        for id in event.nodes() {
            self.at(at, doing(id));
        }
    }

    fn take(&mut self, event: &Event) -> Result<(), String> {
        let what = &event.what;
        match event.name() {
            "up" => self.up(event),
            "down" => self.down(event),
            // Signals are sent by a program that has to start first, and ends soon after.
            "kill" => self.each(event.done, event, Doing::Kill),
            "pause" => self.each(event.done, event, Doing::Pause),
            "cont" => self.each(event.done, event, Doing::Resume),
            "stop" => {
                for id in event.nodes() {
                    self.at(self.heard(id, event), Doing::Stop(id));
                }
            }
            "start" => self.each(event.begin + START, event, Doing::Start),
            "cut" => {
                for (from, to) in links(&what["links"]) {
                    self.at(event.begin, Doing::Cut(from, to));
                }
            }
            "heal" if what["links"] == "all" => self.at(event.begin, Doing::HealAll),
            "heal" => {
                for (from, to) in links(&what["links"]) {
                    self.at(event.begin, Doing::Heal(from, to));
                }
            }
            "load" => {
                let load = self.loads;
                self.loads += 1;
                self.at(event.begin, Doing::Load(load));
                self.sends(load, event);
            }
            "unload" => self.at(event.begin, Doing::Unload(self.loads - 1)),
            "join" | "leave" | "crash" | "commit" | "stall" | "settle" => self.group(event),
            "sleep" | "watch" | "unwatch" => {}
            "read" => self.at(event.begin, Doing::Look),
            _ => {
                for request in requests(what)? {
                    self.at(event.begin, Doing::Ask(request));
                }
            }
        }
        Ok(())
    }

    /// Something about a group.
    fn group(&mut self, event: &Event) {
        let what = &event.what;
        let group = text(&what["group"]).to_owned();
        if !self.recording.groups.contains_key(&group) {
            return;
        }
        if event.name() == "settle" {
            self.at(event.done, Doing::Settled(group));
            return;
        }
        let who = (group, text(&what["member"]).to_owned());
        if event.name() == "join" {
            let number = self.members.len();
            let later = (self.seed - 1) * (2 * number as u64 + 1) * 37 % AT_ONCE;
            self.at(event.begin + later, Doing::Join(number));
            self.members.push(who);
            return;
        }
        let member = self.members.iter().rposition(|one| *one == who).expect("it came before");
        let doing = match event.name() {
            "leave" => Doing::Leave(member),
            "crash" => Doing::Crash(member),
            "commit" => Doing::Tell(member, Instruction::Commit),
            _ => {
                let span = Duration::from_millis(int(&what["ms"]));
                Doing::Tell(member, Instruction::Stall { span })
            }
        };
        self.at(event.begin, doing);
    }

    /// The servers start in the order in which the recorded ones registered.
    fn up(&mut self, event: &Event) {
        for id in self.recording.controllers.clone() {
            self.at(event.begin, Doing::Start(id));
        }
        let (mut at, mut started) = (0, Vec::new());
        for written in &self.recording.metadata {
            if written.at > event.done {
                break;
            }
            if let MetadataRecord::RegisterBroker(register) = &written.record
                && !self.recording.controllers.contains(&register.broker_id)
            {
                at = (at + APART).max(written.at.saturating_sub(APART));
                self.at(at, Doing::Start(register.broker_id));
                started.push(register.broker_id);
            }
        }
        for id in self.recording.brokers.clone() {
            if !started.contains(&id) && !self.recording.controllers.contains(&id) {
                at += APART;
                self.at(at, Doing::Start(id));
            }
        }
    }

    /// When a process that was told to end began to: a broker asks for leave first.
    fn heard(&self, id: BrokerId, event: &Event) -> Millis {
        let within = |at: Millis| event.begin < at && at <= event.done;
        let asked = self.recording.metadata.iter().find(|written| {
            matches!(&written.record, MetadataRecord::BrokerRegistrationChange(change)
                if change.broker_id == id && change.in_controlled_shutdown == 1)
                && within(written.at)
        });
        asked.map_or(event.begin + 100, |asked| asked.at - 1)
    }

    /// All brokers are told to end at once; which of them the controller hears first, the recording
    /// says. Then the controllers are.
    fn down(&mut self, event: &Event) {
        let mut order: Vec<BrokerId> = Vec::new();
        for written in &self.recording.metadata {
            if let MetadataRecord::BrokerRegistrationChange(change) = &written.record
                && written.at >= event.begin
                && !order.contains(&change.broker_id)
            {
                order.push(change.broker_id);
            }
        }
        let others = self.recording.brokers.iter().filter(|id| !order.contains(id));
        let others: Vec<BrokerId> = others.copied().collect();
        for (place, id) in order.into_iter().chain(others).enumerate() {
            self.at(event.begin + 100 + place as u64, Doing::Stop(id));
        }
        // The simulated ones leave as soon as they may.
        self.at(event.begin + 8_000, Doing::Look);
    }

    fn sends(&mut self, load: usize, event: &Event) {
        let topic: Name = text(&event.what["topic"]).into();
        for sent in &self.recording.loads[load] {
            let number = sent.key.rsplit('-').next().expect("a key has parts");
            let doing = Doing::Send {
                load,
                topic: topic.clone(),
                partition: PartitionIndex(sent.partition),
                key: Bytes::copy_from_slice(sent.key.as_bytes()),
                value: Bytes::from(format!("v{number}")),
            };
            self.commands.push(Command { at: sent.at, doing });
        }
    }
}

fn links(value: &Value) -> Vec<(End, End)> {
    let end = |value: &Value| match value.as_i64() {
        Some(id) => End::Server(BrokerId(id as i32)),
        None => End::Clients,
    };
    let links = value.as_array().expect("links").iter();
    links.map(|link| (end(&link[0]), end(&link[1]))).collect()
}

/// What an administrator asked.
fn requests(what: &Value) -> Result<Vec<AdminRequest>, String> {
    let ids = |value: &Value| -> Vec<BrokerId> {
        let ids = value.as_array().expect("ids").iter();
        ids.map(|id| BrokerId(id.as_i64().expect("an id") as i32)).collect()
    };
    let name = |value: &Value| Name::from(text(value));
    Ok(match text(&what["do"]) {
        "create" => vec![AdminRequest::CreateTopic {
            topic: name(&what["topic"]),
            partitions: None,
            replication_factor: None,
            replicas: what["assignments"].as_array().expect("a list").iter().map(ids).collect(),
            config: topic_config(&what["configs"]),
        }],
        "delete" => vec![AdminRequest::DeleteTopic { topic: name(&what["topic"]) }],
        "partitions" => vec![AdminRequest::CreatePartitions {
            topic: name(&what["topic"]),
            count: int(&what["count"]) as u32,
        }],
        "elect" => vec![AdminRequest::ElectLeaders {
            unclean: what["type"] == "unclean",
            partitions: what["tps"]
                .as_array()
                .expect("partitions")
                .iter()
                .map(|tp| topic_partition(text(tp)))
                .collect(),
        }],
        "reassign" => vec![AdminRequest::Reassign {
            tp: topic_partition(text(&what["tp"])),
            replicas: Some(ids(&what["replicas"])),
        }],
        "config" => {
            let resource = match text(&what["type"]) {
                "topic" => ConfigResource::Topic,
                "broker" => ConfigResource::Broker,
                "group" => ConfigResource::Group,
                other => return Err(format!("configuration of a {other}")),
            };
            let set = what["set"].as_object().expect("settings").iter();
            set.map(|(key, value)| AdminRequest::AlterConfig {
                resource,
                name: name(&what["name"]),
                key: key.as_str().into(),
                value: Some(plain(value)).filter(|text| text != "null").map(Name::from),
            })
            .collect()
        }
        other => return Err(format!("{other} cannot be done")),
    })
}

//! A recorded state as a cluster that answers tools.

use kafkascope::config::TopicConfig;
use kafkascope::foreign::{
    Cluster, Committed, Coordinator, Group, GroupType, Member, Partition, Problem, Record, Topic,
};
use kafkascope::ids::TopicPartition;
use serde_json::Value;

/// What stands for the time in log lines.
pub(super) const LOG_TIME: &str = "LOG-TIME";

/// The cluster when a command was asked.
pub(super) struct State {
    json: Value,
    /// Nobody listens where the command asked.
    silent: bool,
}

impl State {
    pub(super) fn of(json: &Value, row: &Value) -> Self {
        let brokers = json["brokers"].as_array().into_iter().flatten();
        let mut ports = brokers.filter_map(|broker| broker["port"].as_u64());
        let silent = row["bootstrap"].as_str().is_some_and(|address| {
            let port = address.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
            port.is_some_and(|port: u64| !ports.any(|known| known == port))
        });
        Self { json: json.clone(), silent }
    }

    fn answers(&self) -> Result<(), Problem> {
        if self.silent { Err(Problem::Silence) } else { Ok(()) }
    }

    fn partition(&self, tp: &TopicPartition) -> Result<&Value, Problem> {
        let topic = self.json["topics"].get(&*tp.topic).ok_or(Problem::Unknown)?;
        let partitions = topic["partitions"].as_array().into_iter().flatten();
        let mut found = partitions.filter(|one| one["partition"] == tp.partition.0);
        let partition = found.next().ok_or(Problem::Unknown)?;
        let leader = partition["leader"].as_i64().ok_or(Problem::Timeout)?;
        let is_up = self.json["processes"][leader.to_string()] == "up";
        if is_up { Ok(partition) } else { Err(Problem::Timeout) }
    }

    /// The settings of a topic that are no defaults, as the brokers told them.
    fn configs(&self, topic: &Value) -> Vec<(String, String)> {
        let pair = |(name, value): (&String, &Value)| (name.clone(), text(value));
        let own = topic["config"].as_object().into_iter().flatten();
        let mut configs: Vec<(String, String)> = own.map(pair).collect();
        let broker = self.json["configs"].as_object().into_iter().flatten();
        let Some((_, broker)) = broker.into_iter().find(|(name, _)| name.starts_with("broker "))
        else {
            return configs;
        };
        for name in TopicConfig::DEFINITIONS.iter().map(|definition| definition.name) {
            if configs.iter().any(|(known, _)| known == name) {
                continue;
            }
            let synonyms = TopicConfig::broker_synonyms(name).iter();
            let found = ["dynamic", "default", "static"]
                .into_iter()
                .find_map(|layer| synonyms.clone().find_map(|synonym| broker[layer].get(*synonym)));
            configs.extend(found.map(|value| (name.to_owned(), text(value))));
        }
        configs
    }

    fn group_of(&self, name: &str, group: &Value) -> Group {
        let brokers = self.json["brokers"].as_array().into_iter().flatten();
        let coordinator = brokers.into_iter().find(|broker| broker["id"] == group["coordinator"]);
        let coordinator = coordinator.map_or_else(
            || Coordinator { id: -1, host: String::new(), port: 0 },
            |broker| Coordinator {
                id: broker["id"].as_i64().expect("an id") as i32,
                host: text(&broker["host"]),
                port: broker["port"].as_u64().expect("a port") as u16,
            },
        );
        let committed = group["committed"].as_object().into_iter().flatten();
        Group {
            name: name.to_owned(),
            kind: if group["type"] == "Consumer" {
                GroupType::Consumer
            } else {
                GroupType::Classic
            },
            state: text(&group["state"]),
            assignor: text(&group["assignor"]),
            coordinator,
            group_epoch: number(&group["group_epoch"]),
            target_assignment_epoch: number(&group["target_assignment_epoch"]),
            members: group["members"].as_array().into_iter().flatten().map(member).collect(),
            committed: committed
                .map(|(tp, one)| {
                    let offset = one["offset"].as_i64().expect("an offset");
                    (partition_named(tp), Committed { offset, leader_epoch: None })
                })
                .collect(),
        }
    }
}

impl Cluster for State {
    fn topics(&self) -> Result<Vec<Topic>, Problem> {
        self.answers()?;
        let topics = self.json["topics"].as_object().into_iter().flatten();
        Ok(topics
            .map(|(name, topic)| {
                let configs = self.configs(topic);
                let least = configs.iter().find(|(name, _)| name == "min.insync.replicas");
                let least = least.and_then(|(_, value)| value.parse().ok()).unwrap_or(1);
                let partitions = topic["partitions"].as_array().into_iter().flatten();
                let moves = |index: &Value, which: &str| {
                    let key = format!("{name}-{index}");
                    ids(&self.json["reassignments"][&key][which])
                };
                Topic {
                    name: name.clone(),
                    id: text(&topic["id"]),
                    internal: topic["internal"] == true,
                    configs,
                    min_insync_replicas: least,
                    partitions: partitions
                        .map(|one| Partition {
                            index: one["partition"].as_i64().expect("a number") as i32,
                            leader: number(&one["leader"]),
                            replicas: ids(&one["replicas"]),
                            isr: ids(&one["isr"]),
                            adding: moves(&one["partition"], "adding"),
                            removing: moves(&one["partition"], "removing"),
                            elr: ids(&one["elr"]),
                            last_known_elr: ids(&one["last_known_elr"]),
                        })
                        .collect(),
                }
            })
            .collect())
    }

    fn live_brokers(&self) -> Vec<i32> {
        let brokers = self.json["brokers"].as_array().into_iter().flatten();
        brokers.filter(|one| one["fenced"] != true).filter_map(|one| number(&one["id"])).collect()
    }

    fn groups(&self) -> Result<Vec<Group>, Problem> {
        self.answers()?;
        let groups = self.json["groups"].as_object().into_iter().flatten();
        Ok(groups.map(|(name, group)| self.group_of(name, group)).collect())
    }

    fn group(&self, name: &str) -> Result<Group, Problem> {
        self.answers()?;
        let group = self.json["groups"].get(name).ok_or(Problem::Unknown)?;
        Ok(self.group_of(name, group))
    }

    fn bounds(&self, tp: &TopicPartition) -> Result<(i64, i64), Problem> {
        let partition = self.partition(tp)?;
        let end = |key| partition[key].as_i64().ok_or(Problem::Timeout);
        Ok((end("log_start")?, end("log_end")?))
    }

    fn records(&self, tp: &TopicPartition, committed: bool) -> Result<Vec<Record>, Problem> {
        let records = self.partition(tp)?["records"].as_array().into_iter().flatten();
        // Before the first transaction that is open.
        let producers = self.json["transactions"]["producers"][tp.to_string()].as_array();
        let open = producers.into_iter().flatten();
        let open = open.filter_map(|one| one["transaction_start_offset"].as_i64()).min();
        let end = open.filter(|_| committed).unwrap_or(i64::MAX);
        Ok(records
            .filter(|record| record["offset"].as_i64().is_some_and(|offset| offset < end))
            .map(|record| Record {
                offset: record["offset"].as_i64().expect("an offset"),
                timestamp: record["timestamp"].as_i64().expect("a time"),
                appended: false,
                key: bytes(&record["key"]),
                value: bytes(&record["value"]),
                headers: record["headers"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|header| (text(&header[0]), bytes(&header[1])))
                    .collect(),
            })
            .collect())
    }

    fn log_time(&self) -> String {
        LOG_TIME.to_owned()
    }
}

fn member(member: &Value) -> Member {
    let partitions = |list: &Value| {
        let list = list.as_array()?.iter();
        Some(list.map(|tp| partition_named(tp.as_str().expect("a name"))).collect::<Vec<_>>())
    };
    Member {
        id: text(&member["member_id"]),
        instance: member["instance_id"].as_str().map(ToOwned::to_owned),
        client: text(&member["client_id"]),
        host: text(&member["host"]),
        assignment: partitions(&member["assignment"]).unwrap_or_default(),
        epoch: number(&member["member_epoch"]),
        target: partitions(&member["target_assignment"]),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn number(value: &Value) -> Option<i32> {
    value.as_i64().map(|number| number as i32)
}

fn ids(value: &Value) -> Vec<i32> {
    value.as_array().into_iter().flatten().filter_map(number).collect()
}

/// A text, or bytes that are none.
fn bytes(value: &Value) -> Option<bytes::Bytes> {
    if let Some(encoded) = value["base64"].as_str() {
        return Some(base64(encoded).into());
    }
    value.as_str().map(|text| text.to_owned().into())
}

fn base64(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.bytes().filter_map(|one| LETTERS.iter().position(|letter| *letter == one));
    let bits: Vec<bool> =
        digits.flat_map(|digit| (0..6).rev().map(move |bit| digit >> bit & 1 == 1)).collect();
    let byte = |bits: &[bool]| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
    bits.chunks_exact(8).map(byte).collect()
}

fn partition_named(text: &str) -> TopicPartition {
    let (topic, index) = text.rsplit_once('-').expect("a partition");
    TopicPartition::new(topic, index.parse().expect("a number"))
}

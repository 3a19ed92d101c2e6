//! One assignment by a group's leader.

use std::collections::{BTreeMap, BTreeSet};

use kafkascope::assignor::{Assignor, Member, Topic, Topics, in_java_order};
use kafkascope::ids::{Name, TopicPartition};
use serde_json::Value;

use crate::encoding::{generation, int, runs, same, text, unhex_or_null};

/// Compares one case: what every member gets, as sets.
pub fn compare(case: &Value, assignor: Assignor) -> Result<(), String> {
    same("name", &assignor.name(), &text(&case["assignor"]))?;
    let (members, topics) = parse(case);
    let assignments = assignor.assign(&members, &topics).map_err(|failure| failure.to_string())?;
    let ours: BTreeMap<&Name, BTreeSet<TopicPartition>> = members
        .iter()
        .zip(assignments)
        .map(|(member, list)| (&member.member_id, list.into_iter().collect()))
        .collect();
    let theirs = case["assignment"].as_object().expect("lists by member");
    same("members", &ours.len(), &theirs.len())?;
    ours.iter().try_for_each(|(member, set)| {
        let theirs = runs(&theirs[&***member]).into_iter().collect();
        same(member, set, &theirs)
    })
}

/// The members, in the order that Java's map gives them, and the topics.
pub fn parse(case: &Value) -> (Vec<Member>, Topics) {
    let list = case["members"].as_array().expect("members");
    let mut members: Vec<Member> = list.iter().map(member).collect();
    if let Some(order) = case["member_hash_map_order"].as_array() {
        let place = |member: &Member| order.iter().position(|id| text(id) == &*member.member_id);
        members.sort_by_key(|member| place(member).expect("every member has a place"));
    } else {
        in_java_order(&mut members);
    }
    (members, topics(&case["cluster"]))
}

fn topics(cluster: &Value) -> Topics {
    let topics = cluster["topics"].as_object().expect("topics");
    let topic = |topic: &Value| match topic.as_array() {
        None => Topic::without_racks(int(topic) as u32),
        Some(partitions) => {
            let rack = |broker: &Value| cluster["node_racks"][int(broker).to_string()].as_str();
            let racks = |replicas: &Value| {
                let replicas = replicas.as_array().expect("replicas");
                replicas.iter().filter_map(rack).map(Name::from).collect()
            };
            Topic {
                partitions: partitions.len() as u32,
                racks: partitions.iter().map(racks).collect(),
            }
        }
    };
    topics.iter().map(|(name, value)| (name.as_str().into(), topic(value))).collect()
}

fn member(value: &Value) -> Member {
    let name = |value: &Value| value.as_str().map(Name::from);
    let owned = &value["owned_partitions_field"];
    Member {
        member_id: text(&value["member_id"]).into(),
        group_instance_id: name(&value["group_instance_id"]),
        rack: name(&value["rack"]),
        topics: (value["topics"].as_array().expect("topics").iter().map(text).map(Name::from))
            .collect(),
        owned: if owned.is_null() { Vec::new() } else { runs(owned) },
        generation: value.get("generation").and_then(generation),
        user_data: unhex_or_null(&value["user_data_hex"]),
    }
}

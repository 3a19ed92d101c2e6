//! Groups of the classic protocol: what their members are called back with, and what they and the
//! coordinator know whenever a group has settled.

use std::collections::BTreeMap;

use kafkascope::fact::Fact;
use kafkascope::ids::TopicPartition;
use serde_json::{Value, json};

use super::player::{Played, Settled};
use super::recording::{Group, Recording, text};
use crate::harness::Outcome;
use crate::values::same_json;

/// Compares all groups.
pub(super) fn compare(recording: &Recording, played: &Played, outcome: &mut Outcome) {
    for (name, group) in &recording.groups {
        callbacks(name, group, played, outcome);
        let settled = played.settled.get(name).map_or(&[][..], Vec::as_slice);
        assert_eq!(settled.len(), group.steps.len(), "every step ends with a group that settles");
        for (theirs, ours) in group.steps.iter().zip(settled) {
            let step = text(&theirs["step"]);
            outcome.check(format!("{name} after step {step}"), step_of(theirs, ours));
        }
        let theirs = group.steps.iter().map(member_ids).collect::<Vec<_>>();
        let ours = settled.iter().map(our_member_ids).collect::<Vec<_>>();
        outcome.check(format!("member ids of {name}"), same_lives(&theirs, &ours));
    }
}

/// What each member was called back with, in order.
fn callbacks(name: &str, group: &Group, played: &Played, outcome: &mut Outcome) {
    let mut members: BTreeMap<&str, [Vec<Value>; 2]> = BTreeMap::new();
    for row in &group.callbacks {
        let lists = members.entry(text(&row["member"])).or_default();
        lists[0].extend(their_callback(row));
    }
    for callback in played.callbacks.iter().filter(|callback| callback.group == name) {
        let lists = members.entry(&callback.member).or_default();
        lists[1].push(our_callback(&callback.fact));
    }
    for lists in members.values_mut() {
        // How often a poll that fails is tried again depends on the machine.
        let is_exception = |row: &Value| row.as_array().is_some_and(|row| row.len() == 1);
        for list in lists.iter_mut() {
            list.dedup_by(|next, last| next == last && is_exception(next));
        }
    }
    for (member, [theirs, ours]) in members {
        let id = format!("callbacks of {member} in {name}");
        outcome.check(id, same_json("callbacks", &json!(ours), &json!(theirs)));
    }
}

fn their_callback(row: &Value) -> Option<Value> {
    match text(&row["event"]) {
        what @ ("assigned" | "revoked") => {
            Some(json!([what, row["partitions"], row["generation"]]))
        }
        "lost" => Some(json!(["lost", row["partitions"]])),
        what => Some(json!([what.strip_prefix("error ")?])),
    }
}

fn our_callback(fact: &Fact) -> Value {
    match fact {
        Fact::PartitionsAssigned { partitions, generation, .. } => {
            json!(["assigned", names(partitions), generation.0])
        }
        Fact::PartitionsRevoked { partitions, generation, .. } => {
            json!(["revoked", names(partitions), generation.0])
        }
        Fact::PartitionsLost { partitions, .. } => json!(["lost", names(partitions)]),
        Fact::PollFailed { exception } => json!([exception]),
        other => unreachable!("{other:?} is no callback"),
    }
}

/// As a sorted set of strings, as the recorder writes them.
fn names<'a>(partitions: impl IntoIterator<Item = &'a TopicPartition>) -> Vec<String> {
    let mut names: Vec<String> = partitions.into_iter().map(ToString::to_string).collect();
    names.sort();
    names
}

fn step_of(theirs: &Value, ours: &Settled) -> Result<(), String> {
    let members = |value: &Value, fields: &[&str]| -> Value {
        let members = value.as_object().into_iter().flatten();
        let brief = |member: &Value| -> Value {
            fields.iter().map(|field| ((*field).to_owned(), member[field].clone())).collect()
        };
        members.map(|(name, member)| (name.clone(), brief(member))).collect()
    };
    let group = &theirs["group"];
    let theirs = json!({
        "members": members(&theirs["members"], &["generation", "owned"]),
        "state": group["state"],
        "assignor": group["assignor"],
        "coordinator": group["coordinator"],
        "assigned": members(&group["members"], &["instance_id", "assigned"]),
        "committed": group.get("committed").cloned().unwrap_or_else(|| json!({})),
    });
    same_json("group", &described(ours), &theirs)
}

fn described(settled: &Settled) -> Value {
    let seen = settled.members.iter().map(|(name, view)| {
        let generation = view.generation.map_or(-1, |generation| generation.0);
        (name.clone(), json!({"generation": generation, "owned": names(view.owned.keys())}))
    });
    let group = settled.group.as_ref();
    let assigned = group.into_iter().flat_map(|group| &group.members).map(|member| {
        let what = json!({
            "instance_id": member.group_instance_id.as_ref().map(ToString::to_string),
            "assigned": names(&member.assigned),
        });
        (member.client_id.to_string(), what)
    });
    let committed = group.into_iter().flat_map(|group| &group.committed);
    let committed = committed.map(|(tp, offset)| (tp.to_string(), json!(offset)));
    let is_stable = group.is_some_and(|group| group.state == "Stable");
    let assignor = group.and_then(|group| group.assignor.as_ref()).filter(|_| is_stable);
    json!({
        "members": seen.collect::<Value>(),
        "state": group.map_or("Dead", |group| group.state),
        "assignor": assignor.map_or(String::new(), ToString::to_string),
        "coordinator": settled.coordinator.map(|broker| broker.0),
        "assigned": assigned.collect::<Value>(),
        "committed": committed.collect::<Value>(),
    })
}

/// Ids of members by their names.
type MemberIds = BTreeMap<String, String>;

fn member_ids(step: &Value) -> MemberIds {
    let members = step["group"]["members"].as_object().into_iter().flatten();
    members.map(|(name, member)| (name.clone(), text(&member["member_id"]).to_owned())).collect()
}

fn our_member_ids(settled: &Settled) -> MemberIds {
    let members = settled.group.iter().flat_map(|group| &group.members);
    members.map(|member| (member.client_id.to_string(), member.member_id.to_string())).collect()
}

/// Ids are drawn by chance, but here as there a member keeps its own from step to step, or gets
/// another one.
fn same_lives(theirs: &[MemberIds], ours: &[MemberIds]) -> Result<(), String> {
    let lives = |steps: &[MemberIds]| -> Vec<BTreeMap<String, usize>> {
        let first = |name: &String, id: &String| {
            steps.iter().position(|step| step.get(name) == Some(id)).expect("it is there now")
        };
        let life = |(name, id): (&String, &String)| (name.clone(), first(name, id));
        steps.iter().map(|step| step.iter().map(life).collect()).collect()
    };
    let (theirs, ours) = (lives(theirs), lives(ours));
    let prefix = |ids: &[BTreeMap<String, usize>]| format!("{ids:?}");
    if theirs == ours {
        Ok(())
    } else {
        Err(format!("known since steps {} here, {} there", prefix(&ours), prefix(&theirs)))
    }
}

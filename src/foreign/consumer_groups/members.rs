//! `--describe --members`.

use std::collections::BTreeMap;

use super::super::cluster::{Group, Member};
use super::{MISSING, line, widest};
use crate::ids::TopicPartition;

/// The places of two columns.
const INSTANCE: usize = 2;
const COUNT: usize = 5;

pub(super) fn print(group: &Group, verbose: bool, out: &mut String) {
    let members = &group.members;
    let column = |least, text: fn(&Member) -> &str| widest(least, members.iter().map(text));
    let has_members = !members.is_empty();
    let names = has_members.then_some(group.name.as_str());
    let name = widest(15, names.into_iter());
    let id = column(15, |member| &member.id);
    let instance = column(17, |member| member.instance.as_deref().unwrap_or(""));
    let host = column(15, |member| &member.host);
    let client = column(15, |member| &member.client);
    let is_static = members.iter().any(|member| member.instance.is_some());
    let current: Vec<String> =
        members.iter().map(|member| assignment(Some(&member.assignment))).collect();
    let target: Vec<String> =
        members.iter().map(|member| assignment(member.target.as_deref())).collect();
    let current_width = widest(20, current.iter().map(String::as_str));
    let target_width = widest(20, target.iter().map(String::as_str));

    out.push('\n');
    let widths = [name, id, instance, host, client, 15, 15, current_width, 15, target_width];
    let mut row = |cells: [&str; 10]| {
        let mut cells: Vec<(&str, usize)> = cells.into_iter().zip(widths).collect();
        if !verbose {
            cells.truncate(COUNT + 1);
            // A blank follows.
            cells.push(("", 0));
        }
        if !is_static {
            cells.remove(INSTANCE);
        }
        out.push_str(&line(&cells));
        out.push('\n');
    };
    header(&mut row);
    for ((member, current), target) in members.iter().zip(&current).zip(&target) {
        let count = member.assignment.len().to_string();
        let epoch = |epoch: Option<i32>| {
            epoch.map_or_else(|| MISSING.to_owned(), |epoch| epoch.to_string())
        };
        row([
            &group.name,
            &member.id,
            member.instance.as_deref().unwrap_or(""),
            &member.host,
            &member.client,
            &count,
            &epoch(member.epoch),
            current,
            &epoch(group.target_assignment_epoch),
            target,
        ]);
    }
}

fn header(row: &mut impl FnMut([&str; 10])) {
    row([
        "GROUP",
        "CONSUMER-ID",
        "GROUP-INSTANCE-ID",
        "HOST",
        "CLIENT-ID",
        "#PARTITIONS",
        "CURRENT-EPOCH",
        "CURRENT-ASSIGNMENT",
        "TARGET-EPOCH",
        "TARGET-ASSIGNMENT",
    ]);
}

/// `t:0,1;u:2`, or a dash.
fn assignment(partitions: Option<&[TopicPartition]>) -> String {
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for tp in partitions.unwrap_or_default() {
        topics.entry(&tp.topic).or_default().push(tp.partition.0);
    }
    if topics.is_empty() {
        return MISSING.to_owned();
    }
    let topic = |(topic, mut partitions): (&str, Vec<i32>)| {
        partitions.sort_unstable();
        let numbers: Vec<_> = partitions.iter().map(i32::to_string).collect();
        format!("{topic}:{}", numbers.join(","))
    };
    topics.into_iter().map(topic).collect::<Vec<_>>().join(";")
}

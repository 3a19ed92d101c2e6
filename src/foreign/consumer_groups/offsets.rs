//! `--describe`, which is `--describe --offsets`.

use super::super::cluster::{Cluster, Committed, Group, Problem};
use super::super::java_map;
use super::{MISSING, line, widest};
use crate::ids::TopicPartition;

/// A row: a partition that is committed or assigned.
pub(super) struct Row {
    group: String,
    topic: String,
    partition: String,
    leader_epoch: String,
    offset: String,
    end: String,
    lag: String,
    member: String,
    host: String,
    client: String,
}

/// The rows of a group: by member, the one with most partitions first; then what nobody has.
pub(super) fn rows(group: &Group, cluster: &dyn Cluster) -> Result<Vec<Row>, Problem> {
    let mut members: Vec<_> =
        group.members.iter().filter(|member| !member.assignment.is_empty()).collect();
    members.sort_by_key(|member| std::cmp::Reverse(member.assignment.len()));
    let mut rows = Vec::new();
    for member in &members {
        let who = [member.id.as_str(), &member.host, &member.client];
        for tp in java_map::partitions(&member.assignment) {
            rows.push(row(group, &tp, who, cluster)?);
        }
    }
    let owned = |tp: &TopicPartition| members.iter().any(|member| member.assignment.contains(tp));
    let free: Vec<TopicPartition> =
        group.committed.iter().map(|(tp, _)| tp.clone()).filter(|tp| !owned(tp)).collect();
    for tp in java_map::partitions(&free) {
        rows.push(row(group, &tp, [MISSING; 3], cluster)?);
    }
    Ok(rows)
}

fn row(
    group: &Group,
    tp: &TopicPartition,
    who: [&str; 3],
    cluster: &dyn Cluster,
) -> Result<Row, Problem> {
    let committed: Option<Committed> =
        group.committed.iter().find(|(of, _)| of == tp).map(|(_, committed)| *committed);
    let end = match cluster.bounds(tp) {
        Ok((_, end)) => Some(end),
        // The topic is gone.
        Err(Problem::Unknown) => None,
        Err(problem) => return Err(problem),
    };
    let offset = committed.map(|committed| committed.offset);
    let lag = offset.filter(|offset| *offset != -1).zip(end).map(|(offset, end)| end - offset);
    let text = |number: Option<i64>| {
        number.map_or_else(|| MISSING.to_owned(), |number| number.to_string())
    };
    let epoch = committed.and_then(|committed| committed.leader_epoch).map(i64::from);
    let [member, host, client] = who.map(ToOwned::to_owned);
    Ok(Row {
        group: group.name.clone(),
        topic: tp.topic.to_string(),
        partition: tp.partition.to_string(),
        leader_epoch: text(epoch),
        offset: text(offset),
        end: text(end),
        lag: text(lag),
        member,
        host,
        client,
    })
}

/// The place of a column.
const LEADER_EPOCH: usize = 3;

pub(super) fn print(rows: &[Row], verbose: bool, out: &mut String) {
    if rows.is_empty() {
        return;
    }
    let column = |text: fn(&Row) -> &str| widest(15, rows.iter().map(text));
    let group = column(|row| &row.group);
    let topic = column(|row| &row.topic);
    let member = column(|row| &row.member);
    let host = column(|row| &row.host);
    let widths = [group, topic, 10, 15, 15, 15, 15, member, host, 0];
    let mut row = |cells: [&str; 10]| {
        let mut cells: Vec<(&str, usize)> = cells.into_iter().zip(widths).collect();
        if !verbose {
            cells.remove(LEADER_EPOCH);
        }
        out.push('\n');
        out.push_str(&line(&cells));
    };
    row([
        "GROUP",
        "TOPIC",
        "PARTITION",
        "LEADER-EPOCH",
        "CURRENT-OFFSET",
        "LOG-END-OFFSET",
        "LAG",
        "CONSUMER-ID",
        "HOST",
        "CLIENT-ID",
    ]);
    for it in rows {
        row([
            &it.group,
            &it.topic,
            &it.partition,
            &it.leader_epoch,
            &it.offset,
            &it.end,
            &it.lag,
            &it.member,
            &it.host,
            &it.client,
        ]);
    }
    out.push('\n');
}

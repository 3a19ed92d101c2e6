//! What became of the records that a load sent: acknowledged or not, in the log in the end or not.
//!
//! Partition by partition the kinds of outcomes must follow each other as they did, and the changes
//! from one to the next must come when they came: as near as the decisions behind them are.

use std::collections::BTreeMap;

use kafkascope::protocol::ErrorCode;

use super::decisions::Anchors;
use super::player::Played;
use super::recording::{Millis, Recording, Sent};
use crate::harness::Outcome;

/// What a busy machine makes of a moment.
const SLACK: Millis = 1_500;

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Acknowledged,
    /// Acknowledged, and not in the log in the end.
    Lost,
    /// Failed with this exception.
    Failed(String),
    /// Failed with this exception, and in the log all the same.
    FailedYetThere(String),
    /// Nothing was ever said about it.
    Forgotten,
}

/// A number of records one after the other that ended alike.
#[derive(Clone, Debug)]
struct Run {
    fate: Fate,
    count: usize,
    first: Millis,
}

/// Compares what became of all records of all loads.
pub(super) fn compare(
    recording: &Recording,
    played: &Played,
    anchors: &Anchors,
    outcome: &mut Outcome,
) {
    for (number, sent) in recording.loads.iter().enumerate() {
        let fates = &played.loads[number];
        let theirs = |sent: &Sent| fate(sent.outcome.clone(), sent, &recording.log);
        let ours = |(place, sent): (usize, &Sent)| match fates.get(place) {
            Some(Some(result)) => fate(result.map_err(exception), sent, &played.log),
            _ => Fate::Forgotten,
        };
        let mut partitions: BTreeMap<i32, [Vec<(Millis, Fate)>; 2]> = BTreeMap::new();
        for (place, one) in sent.iter().enumerate() {
            let lists = partitions.entry(one.partition).or_default();
            lists[0].push((one.at, theirs(one)));
            lists[1].push((one.at, ours((place, one))));
        }
        for (partition, [theirs, ours]) in partitions {
            let result = same_runs(&runs(&theirs), &runs(&ours), anchors);
            outcome.check(format!("records of load {number} to partition {partition}"), result);
        }
    }
}

fn fate(result: Result<u64, String>, sent: &Sent, log: &BTreeMap<(i32, u64), String>) -> Fate {
    match result {
        Ok(offset) if log.get(&(sent.partition, offset)) == Some(&sent.key) => Fate::Acknowledged,
        Ok(_) => Fate::Lost,
        Err(exception) => {
            let of_partition = log.range((sent.partition, 0)..(sent.partition + 1, 0));
            if of_partition.map(|(_, key)| key).any(|key| *key == sent.key) {
                Fate::FailedYetThere(exception)
            } else {
                Fate::Failed(exception)
            }
        }
    }
}

/// Java's name of what a producer tells its application.
fn exception(error: ErrorCode) -> String {
    match error {
        ErrorCode::RequestTimedOut => "TimeoutException".to_owned(),
        other => format!("{other:?}Exception"),
    }
}

fn runs(list: &[(Millis, Fate)]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (at, fate) in list {
        match runs.last_mut() {
            Some(last) if last.fate == *fate => last.count += 1,
            _ => runs.push(Run { fate: fate.clone(), count: 1, first: *at }),
        }
    }
    runs
}

fn same_runs(theirs: &[Run], ours: &[Run], anchors: &Anchors) -> Result<(), String> {
    let differ = |problem: String| Err(format!("{problem}: here {ours:?}, there {theirs:?}"));
    if theirs.len() != ours.len() || theirs.iter().zip(ours).any(|(a, b)| a.fate != b.fate) {
        return differ("other outcomes".to_owned());
    }
    for (theirs, ours) in theirs.iter().zip(ours).skip(1) {
        let apart = theirs.first.abs_diff(ours.first);
        let allowed = SLACK + shift_near(anchors, theirs.first.min(ours.first));
        if apart > allowed {
            return differ(format!("{:?} from {} or {}", ours.fate, ours.first, theirs.first));
        }
    }
    Ok(())
}

/// How far apart the decisions around a moment are in time.
fn shift_near(anchors: &Anchors, moment: Millis) -> Millis {
    const NEAR: Millis = 12_000;
    let near = anchors.iter().filter(|(theirs, _)| theirs.abs_diff(moment) <= NEAR);
    near.map(|(theirs, ours)| theirs.abs_diff(*ours)).max().unwrap_or_default()
}

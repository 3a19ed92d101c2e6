//! `--describe --state`.

use super::super::cluster::Group;
use super::{MISSING, line, widest};

/// The places of the columns about epochs.
const EPOCHS: std::ops::Range<usize> = 4..6;

pub(super) fn print(group: &Group, verbose: bool, out: &mut String) {
    let of = &group.coordinator;
    // Two blanks, as Kafka has it.
    let coordinator = format!("{}:{}  ({})", of.host, of.port, of.id);
    let name = widest(15, [group.name.as_str()].into_iter());
    let where_from = widest(25, [coordinator.as_str()].into_iter());
    let widths = [name, where_from, 20, 20, 15, 25, 0];
    let mut row = |cells: [&str; 7]| {
        let mut cells: Vec<(&str, usize)> = cells.into_iter().zip(widths).collect();
        if !verbose {
            cells.drain(EPOCHS);
        }
        out.push('\n');
        out.push_str(&line(&cells));
    };
    row([
        "GROUP",
        "COORDINATOR (ID)",
        "ASSIGNMENT-STRATEGY",
        "STATE",
        "GROUP-EPOCH",
        "TARGET-ASSIGNMENT-EPOCH",
        "#MEMBERS",
    ]);
    let epoch =
        |epoch: Option<i32>| epoch.map_or_else(|| MISSING.to_owned(), |one| one.to_string());
    row([
        &group.name,
        &coordinator,
        if group.assignor.is_empty() { MISSING } else { &group.assignor },
        &group.state,
        &epoch(group.group_epoch),
        &epoch(group.target_assignment_epoch),
        &group.members.len().to_string(),
    ]);
    out.push('\n');
}

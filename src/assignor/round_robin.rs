//! `RoundRobinAssignor`: all partitions of all topics in order, to members in turn.

use super::index::Index;
use super::{Assignments, Member, Topics, by_instance_and_id};

/// Assigns the partitions of `topics` to `members`.
pub(super) fn assign(members: &[Member], topics: &Topics) -> Assignments {
    let index = Index::new(members, topics, std::iter::empty());
    let subscribes: Vec<Vec<bool>> = index
        .subscriptions
        .iter()
        .map(|topics| {
            let mut subscribes = vec![false; index.topics.len()];
            for topic in topics {
                subscribes[*topic] = true;
            }
            subscribes
        })
        .collect();
    let mut assignments = vec![Vec::new(); members.len()];
    let mut turn = by_instance_and_id(members).into_iter().cycle();
    for (number, topic) in index.topics.iter().enumerate() {
        for partition in topic.numbers() {
            let member = turn
                .find(|member| subscribes[*member][number])
                .expect("only topics that somebody subscribes to are numbered");
            assignments[member].push(index.name(partition));
        }
    }
    assignments
}

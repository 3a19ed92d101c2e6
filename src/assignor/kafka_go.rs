//! How kafka-go divides partitions: topic by topic, members by id.
//!
//! In kafka-go: `RangeGroupBalancer`, `RoundRobinGroupBalancer`. Its ranges begin at rounded-down shares, so
//! that the longer ones are not the first ones, as Java's are. Left out: `RackAffinityGroupBalancer`.

use super::{Assignments, Member, Topics};
use crate::ids::{Name, TopicPartition};

/// Runs of partitions: member i of m gets from i·n/m up to (i+1)·n/m.
pub fn range(members: &[Member], topics: &Topics) -> Assignments {
    divide(members, topics, |partition, partitions, member, count| {
        (member * partitions / count..(member + 1) * partitions / count).contains(&partition)
    })
}

/// One partition of the topic for each in turn.
pub fn round_robin(members: &[Member], topics: &Topics) -> Assignments {
    divide(members, topics, |partition, _, member, count| partition % count == member)
}

/// `is_given(partition, of so many, member, of so many)`.
fn divide(
    members: &[Member],
    topics: &Topics,
    is_given: impl Fn(u32, u32, u32, u32) -> bool,
) -> Assignments {
    let mut assigned: Assignments = vec![Vec::new(); members.len()];
    for (name, topic) in topics {
        let subscribed = subscribers(members, name);
        for (place, number) in subscribed.iter().enumerate() {
            let (place, count) = (place as u32, subscribed.len() as u32);
            let mine = (0..topic.partitions)
                .filter(|partition| is_given(*partition, topic.partitions, place, count));
            let mine = mine.map(|partition| TopicPartition::new(name.clone(), partition as i32));
            assigned[*number].extend(mine);
        }
    }
    assigned
}

fn subscribers(members: &[Member], topic: &Name) -> Vec<usize> {
    let mut numbers: Vec<usize> =
        (0..members.len()).filter(|number| members[*number].topics.contains(topic)).collect();
    numbers.sort_by_key(|number| &members[*number].member_id);
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assignor::Topic;

    /// As kafka-go 0.4.51 divides them.
    #[test]
    fn ranges_and_turns_of_kafka_go() {
        let told = |assigned: Assignments| {
            let one = |partitions: &Vec<TopicPartition>| {
                partitions.iter().map(|tp| tp.partition.to_string()).collect::<Vec<_>>().join(" ")
            };
            assigned.iter().map(one).collect::<Vec<_>>().join(" | ")
        };
        let with = |count: usize, partitions: u32| {
            let member = |number| Member {
                member_id: format!("m{number}").into(),
                topics: vec!["kq".into()],
                ..Member::default()
            };
            let members: Vec<_> = (0..count).map(member).collect();
            let topics = [("kq".into(), Topic::without_racks(partitions))].into();
            (told(range(&members, &topics)), told(round_robin(&members, &topics)))
        };
        let pair = |one: &str, other: &str| (one.to_owned(), other.to_owned());
        assert_eq!(with(3, 3), pair("0 | 1 | 2", "0 | 1 | 2"));
        assert_eq!(with(3, 5), pair("0 | 1 2 | 3 4", "0 3 | 1 4 | 2"));
        assert_eq!(with(2, 5), pair("0 1 | 2 3 4", "0 2 4 | 1 3"));
        assert_eq!(with(4, 3), pair(" | 0 | 1 | 2", "0 | 1 | 2 | "));
    }
}

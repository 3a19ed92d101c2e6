//! `StickyAssignor` and what the cooperative one shares with it: `AbstractStickyAssignor`.
//!
//! Where all members subscribe to the same topics, a quick way is taken ([`constrained`]), else
//! partitions are moved one by one while that improves the balance ([`general`]). As in Kafka, a
//! member that subscribes to nothing and comes first counts as subscribing to what the next does.
//! Left out: Kafka's assignor remembers the highest generation of earlier rebalances.

mod constrained;
mod general;
mod movements;
mod previous;
mod racks;

use super::index::Index;
use super::{Assignments, AssignorFailure, Member, Topics};
use crate::ids::TopicPartition;
use crate::protocol::consumer_protocol::StickyUserData;
use previous::Previous;
use racks::RackInfo;

/// Below every generation.
const DEFAULT_GENERATION: i32 = -1;

/// What a member told of its past.
pub(super) struct MemberData {
    /// The partitions it had.
    pub(super) partitions: Vec<TopicPartition>,
    /// In which generation; none where it does not know.
    pub(super) generation: Option<i32>,
}

/// A sticky assignment, partitions by number.
pub(super) struct Outcome<'a> {
    pub(super) index: Index<'a>,
    /// By member: what it told that it had, of topics that are still subscribed to.
    pub(super) owned: Vec<Vec<u32>>,
    /// By member: what it gets.
    pub(super) assignment: Vec<Vec<u32>>,
    /// Partitions that change hands, with who gets them; none where that is yet to be found out.
    pub(super) transferring: Option<Vec<(u32, usize)>>,
}

/// Assigns the partitions of `topics` to `members`.
pub(super) fn assign(members: &[Member], topics: &Topics) -> Result<Assignments, AssignorFailure> {
    let data: Vec<MemberData> = members.iter().map(member_data).collect();
    let outcome = compute(members, topics, &data)?;
    Ok(named(&outcome.index, &outcome.assignment))
}

/// An eager member has given everything up before it joins: what it had is in the user data alone.
fn member_data(member: &Member) -> MemberData {
    let Some(bytes) = member.user_data.as_ref().filter(|bytes| !bytes.is_empty()) else {
        return MemberData { partitions: Vec::new(), generation: None };
    };
    match StickyUserData::decode(bytes) {
        Some(data) => MemberData {
            partitions: data.partitions,
            generation: data.generation.map(|generation| generation.0),
        },
        // What cannot be read is ignored.
        None => MemberData { partitions: Vec::new(), generation: Some(DEFAULT_GENERATION) },
    }
}

/// Computes the assignment from what members told of their past.
pub(super) fn compute<'a>(
    members: &'a [Member],
    topics: &'a Topics,
    data: &[MemberData],
) -> Result<Outcome<'a>, AssignorFailure> {
    let index = Index::new(members, topics, data.iter().flat_map(|data| &data.partitions));
    let owned: Vec<Vec<u32>> = (data.iter())
        .map(|data| data.partitions.iter().filter_map(|tp| index.number(tp)).collect())
        .collect();
    let previous = Previous::new(members, &owned, data, index.slots());
    let rack_info = RackInfo::new(members, &index);
    let (assignment, transferring) = if previous.all_subscriptions_equal {
        let (assignment, transferring) = constrained::build(members, &index, &rack_info, previous)?;
        (assignment, Some(transferring))
    } else {
        let generations: Vec<Option<i32>> = data.iter().map(|data| data.generation).collect();
        let history = previous.history(&owned, &generations, index.slots());
        let current = previous.kept;
        (general::build(members, &index, &rack_info, current, &history)?, None)
    };
    Ok(Outcome { index, owned, assignment, transferring })
}

/// The assignment by name.
pub(super) fn named(index: &Index<'_>, assignment: &[Vec<u32>]) -> Assignments {
    let list = |list: &Vec<u32>| list.iter().map(|partition| index.name(*partition)).collect();
    assignment.iter().map(list).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assignor::{Topic, in_java_order};
    use crate::ids::Generation;

    fn member(id: &str, topics: &[&str], had: &[(&str, i32)]) -> Member {
        let partitions = had.iter().map(|(topic, at)| TopicPartition::new(*topic, *at)).collect();
        let data = StickyUserData { partitions, generation: Some(Generation(1)) };
        Member {
            member_id: id.into(),
            topics: topics.iter().map(|topic| (*topic).into()).collect(),
            user_data: Some(data.encode()),
            ..Member::default()
        }
    }

    /// A topic is deleted and made anew with fewer partitions while members still have the old ones:
    /// then the real assignor throws, and the group rebalances without end.
    #[test]
    fn partitions_that_do_not_exist_any_more_break_the_assignor_down() {
        let both = ["ta", "tb"];
        let mut members = vec![
            member("c1", &both, &[("ta", 0), ("ta", 2), ("tb", 1)]),
            member("c2", &both, &[("ta", 1), ("ta", 4), ("tb", 0)]),
            member("c3", &both, &[("ta", 3), ("ta", 5), ("ta", 6)]),
        ];
        in_java_order(&mut members);
        let topics = |ta, tb| {
            Topics::from([
                ("ta".into(), Topic::without_racks(ta)),
                ("tb".into(), Topic::without_racks(tb)),
            ])
        };
        assert_eq!(assign(&members, &topics(1, 2)), Err(AssignorFailure::NoMoreUnfilledConsumers));
        let unchanged = assign(&members, &topics(7, 2)).expect("all partitions exist");
        assert_eq!(unchanged[0].len(), 3);
    }
}

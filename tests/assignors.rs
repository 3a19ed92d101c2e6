//! What assignors promise, over a few rebalances of one group.

use std::collections::{BTreeMap, BTreeSet};

use kafkascope::assignor::{Assignments, Assignor, Member, Topic, Topics, in_java_order};
use kafkascope::ids::{Generation, Name, TopicPartition};
use kafkascope::protocol::consumer_protocol::StickyUserData;
use proptest::prelude::*;

/// How a group changes from one rebalance to the next.
#[derive(Clone, Debug)]
struct Change {
    /// Members that go, by place.
    leave: Vec<prop::sample::Index>,
    /// How many come.
    join: usize,
    /// How many partitions the first topic gets in addition.
    grow: u32,
}

fn change() -> impl Strategy<Value = Change> {
    (prop::collection::vec(any::<prop::sample::Index>(), 0..3), 0..3_usize, 0..3_u32)
        .prop_map(|(leave, join, grow)| Change { leave, join, grow })
}

/// A group with its topics.
struct Group {
    assignor: Assignor,
    topics: Topics,
    members: Vec<Member>,
    /// False where some members leave topics out.
    all_subscribe_to_all: bool,
    made: usize,
    generation: i32,
}

impl Group {
    fn join(&mut self, count: usize) {
        for _ in 0..count {
            self.made += 1;
            let some = !self.all_subscribe_to_all && self.made.is_multiple_of(3);
            let topics = self.topics.keys().skip(usize::from(some)).cloned().collect();
            let member_id = Name::from(format!("m{}", self.made * 7919 % 1000));
            self.members.push(Member { member_id, topics, ..Member::default() });
        }
    }

    fn take(&mut self, change: &Change) {
        for place in &change.leave {
            if self.members.len() > 1 {
                self.members.remove(place.index(self.members.len()));
            }
        }
        self.join(change.join);
        let first = self.topics.values_mut().next().expect("there is a topic");
        first.partitions += change.grow;
    }

    /// One rebalance; what everybody gets, and how many partitions nobody gets yet.
    fn rebalance(&mut self) -> (Assignments, usize) {
        in_java_order(&mut self.members);
        let assigned = self.assignor.assign(&self.members, &self.topics).expect("it does not fail");
        let mut owners = BTreeSet::new();
        for (member, list) in self.members.iter().zip(&assigned) {
            for tp in list {
                assert!(member.topics.contains(&tp.topic), "{tp} is not subscribed to");
                assert!((tp.partition.0 as u32) < self.topics[&tp.topic].partitions);
                assert!(owners.insert(tp.clone()), "{tp} has two owners");
            }
        }
        let wanted: u32 = (self.topics.iter())
            .filter(|(name, _)| self.members.iter().any(|member| member.topics.contains(name)))
            .map(|(_, topic)| topic.partitions)
            .sum();
        (assigned, wanted as usize - owners.len())
    }

    /// Members take their parts and tell of them the next time.
    fn settle(&mut self, assigned: &Assignments) {
        self.generation += 1;
        for (member, list) in self.members.iter_mut().zip(assigned) {
            let generation = Some(Generation(self.generation));
            member.generation = generation;
            match self.assignor {
                Assignor::CooperativeSticky => member.owned.clone_from(list),
                Assignor::Sticky => {
                    let data = StickyUserData { partitions: list.clone(), generation };
                    member.user_data = Some(data.encode());
                }
                _ => {}
            }
        }
    }
}

/// Runs a group through its changes and gives every assignment that was reached to `check`, with the
/// one before by member id.
fn run(
    assignor: Assignor,
    partitions: &[u32],
    all_subscribe_to_all: bool,
    changes: &[Change],
    check: impl Fn(&Group, &Assignments, &BTreeMap<Name, BTreeSet<TopicPartition>>),
) {
    let topic = |(number, count): (usize, &u32)| {
        (Name::from(format!("t{number}")), Topic::without_racks(*count))
    };
    let topics = partitions.iter().enumerate().map(topic).collect();
    let mut group = Group {
        assignor,
        topics,
        members: Vec::new(),
        all_subscribe_to_all,
        made: 0,
        generation: 0,
    };
    group.join(3);
    let mut before = BTreeMap::new();
    for change in changes {
        group.take(change);
        let (mut assigned, mut missing) = group.rebalance();
        group.settle(&assigned);
        if missing > 0 {
            assert!(assignor.is_cooperative(), "only it holds partitions back");
            (assigned, missing) = group.rebalance();
            group.settle(&assigned);
        }
        assert_eq!(missing, 0, "every partition has an owner");
        check(&group, &assigned, &before);
        let set = |list: &Vec<TopicPartition>| list.iter().cloned().collect();
        let ids = group.members.iter().map(|member| member.member_id.clone());
        before = ids.zip(assigned.iter().map(set)).collect();
    }
}

fn sizes(assigned: &Assignments) -> (usize, usize) {
    let sizes = || assigned.iter().map(Vec::len);
    (sizes().min().unwrap_or_default(), sizes().max().unwrap_or_default())
}

/// Two topics at least: that some leave one out makes nobody subscribe to nothing, which Kafka's
/// sticky assignors mistake for subscribing to what the others do.
fn partitions() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(1..12_u32, 2..5)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn every_partition_has_one_owner_that_subscribes_to_it(
        partitions in partitions(),
        alike: bool,
        changes in prop::collection::vec(change(), 1..6),
    ) {
        for assignor in [
            Assignor::Range, Assignor::RoundRobin, Assignor::Sticky, Assignor::CooperativeSticky,
        ] {
            run(assignor, &partitions, alike, &changes, |_, _, _| {});
        }
    }

    #[test]
    fn where_all_subscribe_alike_nobody_has_two_more_than_another(
        partitions in partitions(),
        changes in prop::collection::vec(change(), 1..6),
    ) {
        for assignor in [Assignor::RoundRobin, Assignor::Sticky, Assignor::CooperativeSticky] {
            run(assignor, &partitions, true, &changes, |_, assigned, _| {
                let (least, most) = sizes(assigned);
                assert!(most <= least + 1, "{assignor:?}: {assigned:?}");
            });
        }
    }

    #[test]
    fn who_stays_keeps_all_that_balance_allows(
        partitions in partitions(),
        changes in prop::collection::vec(change(), 1..6),
    ) {
        for assignor in [Assignor::Sticky, Assignor::CooperativeSticky] {
            run(assignor, &partitions, true, &changes, |group, assigned, before| {
                let (least, _) = sizes(assigned);
                for (member, list) in group.members.iter().zip(assigned) {
                    let Some(had) = before.get(&member.member_id) else { continue };
                    let kept = list.iter().filter(|tp| had.contains(*tp)).count();
                    assert!(kept >= had.len().min(least), "{}: {list:?}", member.member_id);
                }
            });
        }
    }
}

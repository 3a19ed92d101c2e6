//! `RangeAssignor`: topic by topic, a run of partitions for each member; the first members get one
//! more where it does not divide evenly. With racks (KIP-881) a member first gets partitions with a
//! replica in its rack, topics with equal partition counts alike.

use std::collections::{BTreeMap, BTreeSet};

use super::index::{Index, Racks};
use super::{Assignments, Member, Topics, by_instance_and_id};
use crate::ids::{Name, java_string_hash};
use crate::protocol::java_map;

/// One topic while it is being assigned.
struct TopicState {
    /// Its number.
    topic: usize,
    /// The number of its first partition.
    first: u32,
    partitions: u32,
    /// The members that subscribe to it, in the order in which they get partitions.
    members: Vec<usize>,
    /// By place in `members`: how many partitions it got.
    assigned: Vec<u32>,
    /// Partitions left over, by their place in the topic.
    unassigned: Vec<u32>,
    /// What everybody gets.
    quota: u32,
    /// How many members may still get one more.
    extra: u32,
    /// True where a member of the topic told its rack.
    has_racks: bool,
    /// True where racks make a difference.
    racks_matter: bool,
}

impl TopicState {
    /// How many partitions the member at `place` may still get.
    fn room(&self, place: usize) -> u32 {
        (self.quota + u32::from(self.extra > 0)).saturating_sub(self.assigned[place])
    }

    fn give(&mut self, place: usize, taken: u32) {
        self.assigned[place] += taken;
        if self.assigned[place] > self.quota {
            self.extra -= 1;
        }
    }
}

/// The assignment in the making.
struct Builder<'a> {
    index: &'a Index<'a>,
    racks: &'a Racks,
    assignments: Assignments,
}

/// Assigns the partitions of `topics` to `members`.
pub(super) fn assign(members: &[Member], topics: &Topics) -> Assignments {
    let index = Index::new(members, topics, std::iter::empty());
    let racks = Racks::new(members, &index);
    let mut states = topic_states(members, &index, &racks);
    let assignments = vec![Vec::new(); members.len()];
    let mut builder = Builder { index: &index, racks: &racks, assignments };

    let racks_matter = states.iter().any(|state| state.racks_matter);
    if racks_matter {
        builder.assign_within_racks(&mut states);
    }
    for state in &mut states {
        builder.assign_ranges(state, |_, _| true);
    }
    if racks_matter {
        builder.assignments.iter_mut().for_each(|list| list.sort_unstable());
    }
    builder.assignments
}

/// The topics in the order in which Java's map gives them.
fn topic_states(members: &[Member], index: &Index<'_>, racks: &Racks) -> Vec<TopicState> {
    let mut members_of: Vec<Vec<usize>> = vec![Vec::new(); index.topics.len()];
    for member in by_instance_and_id(members) {
        for topic in &index.subscriptions[member] {
            members_of[*topic].push(member);
        }
    }
    let mut states: Vec<TopicState> = (members_of.into_iter().enumerate())
        .map(|(topic, members)| {
            let indexed = &index.topics[topic];
            let count = members.len() as u32;
            TopicState {
                topic,
                first: indexed.first,
                partitions: indexed.partitions,
                assigned: vec![0; members.len()],
                unassigned: (0..indexed.partitions).collect(),
                quota: indexed.partitions / count,
                extra: indexed.partitions % count,
                has_racks: members.iter().any(|member| racks.of_member[*member].is_some()),
                racks_matter: racks.matter(members.iter().copied(), &indexed.numbers()),
                members,
            }
        })
        .collect();
    let order = java_order(members, index);
    states.sort_by_key(|state| order[state.topic]);
    states
}

/// By topic number: its place in Java's map of topics, which is filled from Java's set of the topics
/// that anybody subscribes to.
fn java_order(members: &[Member], index: &Index<'_>) -> Vec<usize> {
    let mut seen: BTreeSet<&Name> = BTreeSet::new();
    let all = members.iter().flat_map(|member| &member.topics);
    let mut names: Vec<&Name> = all.filter(|name| seen.insert(name)).collect();
    java_map::sort_by_hash(&mut names, |name| java_string_hash(name));
    let numbers: BTreeMap<&Name, usize> =
        index.topics.iter().enumerate().map(|(number, topic)| (topic.name, number)).collect();
    names.retain(|name| numbers.contains_key(name));
    java_map::sort_by_hash(&mut names, |name| java_string_hash(name));
    let mut order = vec![0; index.topics.len()];
    for (place, name) in names.into_iter().enumerate() {
        order[numbers[name]] = place;
    }
    order
}

impl Builder<'_> {
    /// Gives every member a run of what `may` have, as far as it has room.
    fn assign_ranges(&mut self, state: &mut TopicState, may: impl Fn(usize, u32) -> bool) {
        for place in 0..state.members.len() {
            if state.unassigned.is_empty() {
                break;
            }
            let room = state.room(place) as usize;
            let member = state.members[place];
            let mut taken = Vec::new();
            state.unassigned.retain(|partition| {
                let take = taken.len() < room && may(member, *partition);
                if take {
                    taken.push(*partition);
                }
                !take
            });
            if taken.is_empty() {
                continue;
            }
            state.give(place, taken.len() as u32);
            let named = taken.iter().map(|partition| self.index.name(state.first + partition));
            self.assignments[member].extend(named);
        }
    }

    /// Topics with the same members and the same partition count are assigned alike, the others
    /// one by one.
    fn assign_within_racks(&mut self, states: &mut [TopicState]) {
        let mut alike: BTreeMap<(Vec<usize>, u32), Vec<usize>> = BTreeMap::new();
        for (at, state) in states.iter().enumerate() {
            // Kafka counts the partitions whose racks it looked up: none if no member has a rack.
            let count = if state.has_racks { state.partitions } else { 0 };
            alike.entry((state.members.clone(), count)).or_default().push(at);
        }
        for ((members, count), group) in alike {
            if let [at] = group[..] {
                let state = &mut states[at];
                if state.racks_matter {
                    let (racks, first) = (self.racks, state.first);
                    self.assign_ranges(state, |member, partition| {
                        matches(racks, member, first + partition)
                    });
                }
            } else {
                self.assign_alike(&members, count, &group, states);
            }
        }
    }

    /// Gives partition after partition of all topics in `group` to the first member that may have
    /// it of each of them.
    fn assign_alike(
        &mut self,
        members: &[usize],
        count: u32,
        group: &[usize],
        states: &mut [TopicState],
    ) {
        let mut remaining: Vec<usize> = (0..members.len()).collect();
        for partition in 0..count {
            let fits = |place: &usize| {
                group.iter().all(|at| {
                    let state = &states[*at];
                    matches(self.racks, members[*place], state.first + partition)
                        && state.room(*place) > 0
                })
            };
            let Some(place) = remaining.iter().copied().find(fits) else { continue };
            let mut has_room = false;
            for at in group {
                let state = &mut states[*at];
                state.unassigned.retain(|other| *other != partition);
                state.give(place, 1);
                has_room |= state.room(place) > 0;
                let named = self.index.name(state.first + partition);
                self.assignments[members[place]].push(named);
            }
            if !has_room {
                remaining.retain(|other| *other != place);
                if remaining.is_empty() {
                    break;
                }
            }
        }
    }
}

/// A member without rack matches everything.
fn matches(racks: &Racks, member: usize, partition: u32) -> bool {
    racks.of_member[member]
        .is_none_or(|rack| racks.of_partition[partition as usize].contains(&rack))
}

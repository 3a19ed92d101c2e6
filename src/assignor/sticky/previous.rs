//! What members had before: who of them may keep what.

use std::collections::BTreeSet;

use super::{DEFAULT_GENERATION, MemberData};
use crate::assignor::Member;
use crate::ids::Name;

/// Nobody.
const NOBODY: u32 = u32::MAX;

/// The members' past, brought into line.
pub(super) struct Previous {
    /// True where everybody subscribes to the same topics.
    pub(super) all_subscriptions_equal: bool,
    /// By member: what it had and nobody of a later generation has.
    pub(super) kept: Vec<Vec<u32>>,
    /// Partitions that two members of one generation had.
    pub(super) claimed_twice: BTreeSet<u32>,
    /// The highest generation.
    max_generation: i32,
}

impl Previous {
    /// `owned` are the partitions of `data` by number; `slots` is one more than the highest.
    pub(super) fn new(
        members: &[Member],
        owned: &[Vec<u32>],
        data: &[MemberData],
        slots: usize,
    ) -> Self {
        let mut previous = Self {
            all_subscriptions_equal: all_subscriptions_equal(members),
            kept: vec![Vec::new(); members.len()],
            claimed_twice: BTreeSet::new(),
            max_generation: DEFAULT_GENERATION,
        };
        let mut claimed_by = vec![NOBODY; slots];
        for (member, (partitions, data)) in owned.iter().zip(data).enumerate() {
            let generation = data.generation.unwrap_or(DEFAULT_GENERATION);
            previous.max_generation = previous.max_generation.max(generation);
            for partition in partitions {
                let claimant = &mut claimed_by[*partition as usize];
                if *claimant == NOBODY {
                    previous.kept[member].push(*partition);
                    *claimant = member as u32;
                    continue;
                }
                // Kafka compares with the generation that the other one's subscription carries.
                let other = *claimant as usize;
                let theirs = members[other].generation.map_or(DEFAULT_GENERATION, |g| g.0);
                if generation < theirs {
                    continue;
                }
                if generation == theirs {
                    previous.claimed_twice.insert(*partition);
                } else {
                    previous.kept[member].push(*partition);
                }
                remove_first(&mut previous.kept[other], *partition);
                *claimant = member as u32;
            }
        }
        previous
    }

    /// By partition: who had it in an older generation, the latest of those.
    pub(super) fn history(
        &self,
        owned: &[Vec<u32>],
        generations: &[Option<i32>],
        slots: usize,
    ) -> Vec<Option<usize>> {
        let mut latest: Vec<Option<(usize, i32)>> = vec![None; slots];
        for (member, (partitions, generation)) in owned.iter().zip(generations).enumerate() {
            // Without a generation it is as old as can be, if anybody has one.
            let generation = generation.unwrap_or(DEFAULT_GENERATION);
            if generation >= self.max_generation {
                continue;
            }
            for partition in partitions {
                let slot = &mut latest[*partition as usize];
                if slot.is_none_or(|(_, other)| generation > other) {
                    *slot = Some((member, generation));
                }
            }
        }
        latest.into_iter().map(|found| found.map(|(member, _)| member)).collect()
    }
}

/// Compared with the first member that subscribes to anything, as Kafka does.
fn all_subscriptions_equal(members: &[Member]) -> bool {
    let mut subscribed: BTreeSet<&Name> = BTreeSet::new();
    for member in members {
        if subscribed.is_empty() {
            subscribed.extend(&member.topics);
        } else if member.topics.len() != subscribed.len()
            || !member.topics.iter().all(|topic| subscribed.contains(topic))
        {
            return false;
        }
    }
    true
}

/// Takes `partition` out of `list`, once.
pub(super) fn remove_first(list: &mut Vec<u32>, partition: u32) {
    if let Some(place) = list.iter().position(|other| *other == partition) {
        list.remove(place);
    }
}

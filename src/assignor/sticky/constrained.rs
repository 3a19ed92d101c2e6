//! Everybody subscribes to the same topics: keep what is within the quota, deal out the rest.

use std::collections::{BTreeSet, VecDeque};

use super::previous::{Previous, remove_first};
use super::racks::RackInfo;
use crate::assignor::index::Index;
use crate::assignor::{AssignorFailure, Member};

/// `ConstrainedAssignmentBuilder`. Members get `min_quota` or `max_quota` partitions.
struct Builder<'a> {
    index: &'a Index<'a>,
    racks: &'a RackInfo,
    claimed_twice: BTreeSet<u32>,
    min_quota: usize,
    max_quota: usize,
    /// How many members shall get `max_quota`, where that is more than `min_quota`.
    expected_over: usize,
    /// How many members have it.
    over: usize,
    /// Members with less than `min_quota`, and members with just that who may get one more.
    under: Vec<usize>,
    at_min: VecDeque<usize>,
    /// By partition: whom it was taken from.
    maybe_revoked: Vec<Option<usize>>,
    assignment: Vec<Vec<u32>>,
    transferring: Vec<(u32, usize)>,
}

/// What everybody gets, and what changes hands, with who gets it.
type Built = (Vec<Vec<u32>>, Vec<(u32, usize)>);

/// Builds the assignment from what members had.
pub(super) fn build(
    members: &[Member],
    index: &Index<'_>,
    racks: &RackInfo,
    previous: Previous,
) -> Result<Built, AssignorFailure> {
    if members.is_empty() {
        return Ok(Built::default());
    }
    let total = index.partition_count();
    let mut builder = Builder {
        index,
        racks,
        claimed_twice: previous.claimed_twice,
        min_quota: total / members.len(),
        max_quota: total.div_ceil(members.len()),
        expected_over: total % members.len(),
        over: 0,
        under: Vec::new(),
        at_min: VecDeque::new(),
        maybe_revoked: vec![None; index.slots()],
        assignment: vec![Vec::new(); members.len()],
        transferring: Vec::new(),
    };
    let mut kept = Vec::new();
    for (member, owned) in previous.kept.into_iter().enumerate() {
        builder.keep_owned(member, owned, &mut kept);
    }
    let mut unassigned = builder.unassigned(kept);
    builder.under.sort_by_key(|member| &members[*member].member_id);
    builder.at_min.make_contiguous().sort_by_key(|member| &members[*member].member_id);
    racks.sort(&mut unassigned);
    if racks.in_use {
        unassigned.retain(RackAwareRound { builder: &mut builder, next: 0 }.step());
    }
    builder.deal_out(&unassigned)?;
    builder.verify()?;
    Ok((builder.assignment, builder.transferring))
}

impl Builder<'_> {
    /// Lets a member keep what it had, up to its quota.
    fn keep_owned(&mut self, member: usize, owned: Vec<u32>, kept: &mut Vec<u32>) {
        let (mut owned, mismatched): (Vec<u32>, Vec<u32>) =
            owned.into_iter().partition(|partition| !self.racks.mismatch(member, *partition));
        for partition in mismatched {
            self.maybe_revoked[partition as usize] = Some(member);
        }
        owned.sort_by_key(|partition| (self.index.place(*partition), self.index.topic(*partition)));
        for partition in &self.claimed_twice {
            remove_first(&mut owned, *partition);
        }
        let quota = if owned.len() < self.min_quota {
            self.under.push(member);
            owned.len()
        } else if owned.len() >= self.max_quota && self.over < self.expected_over {
            self.over += 1;
            if self.over == self.expected_over {
                self.at_min.clear();
            }
            self.max_quota
        } else {
            if self.over < self.expected_over {
                self.at_min.push_back(member);
            }
            self.min_quota
        };
        for partition in owned.drain(quota..) {
            self.maybe_revoked[partition as usize] = Some(member);
        }
        kept.extend_from_slice(&owned);
        self.assignment[member] = owned;
    }

    /// All partitions but those in `kept`.
    ///
    /// Kafka walks both lists side by side, so that a partition in `kept` which does not exist any
    /// more makes it miss all that are kept after it.
    fn unassigned(&self, mut kept: Vec<u32>) -> Vec<u32> {
        kept.sort_unstable();
        let mut kept = kept.into_iter().peekable();
        self.index.partitions().filter(|partition| kept.next_if_eq(partition).is_none()).collect()
    }

    /// Deals partitions out in turn, to members below `min_quota` first.
    fn deal_out(&mut self, unassigned: &[u32]) -> Result<(), AssignorFailure> {
        let mut next = 0;
        for partition in unassigned {
            if next == self.under.len() {
                next = 0;
            }
            let from_under = !self.under.is_empty();
            let member = if from_under {
                self.under[next]
            } else {
                self.at_min.pop_front().ok_or(AssignorFailure::NoMoreUnfilledConsumers)?
            };
            let count = self.give(*partition, member);
            if count == self.min_quota {
                // Kafka's `Iterator.remove`: the next member moves to this place.
                self.under.remove(next);
                self.at_min.push_back(member);
            } else {
                next += usize::from(from_under);
                self.over += usize::from(count == self.max_quota);
            }
        }
        Ok(())
    }

    /// Everybody has its quota.
    fn verify(&self) -> Result<(), AssignorFailure> {
        let full = |member: &usize| self.assignment[*member].len() == self.min_quota;
        let done = self.over == self.expected_over && self.under.iter().all(full);
        if self.under.is_empty() || done { Ok(()) } else { Err(AssignorFailure::NoMorePartitions) }
    }

    /// Gives a partition that nobody kept; returns how many the member has now.
    fn give(&mut self, partition: u32, member: usize) -> usize {
        self.assignment[member].push(partition);
        let taken_from = self.maybe_revoked[partition as usize];
        if taken_from.is_some_and(|other| other != member)
            || self.claimed_twice.contains(&partition)
        {
            self.transferring.push((partition, member));
        }
        self.assignment[member].len()
    }
}

/// Deals partitions out in turn to members in their racks, as long as quotas allow.
struct RackAwareRound<'a, 'b> {
    builder: &'a mut Builder<'b>,
    /// The place in `under` to go on from.
    next: usize,
}

impl RackAwareRound<'_, '_> {
    /// Takes partitions one by one; false where somebody got it.
    fn step(mut self) -> impl FnMut(&u32) -> bool {
        move |partition| !self.try_give(*partition)
    }

    fn try_give(&mut self, partition: u32) -> bool {
        let builder = &mut *self.builder;
        let racks = builder.racks;
        let member = if let Some(mut place) = racks.next_near(partition, &builder.under, self.next)
        {
            let member = builder.under[place];
            let count = builder.assignment[member].len() + 1;
            if count >= builder.min_quota {
                builder.under.remove(place);
                if count < builder.max_quota && builder.over < builder.expected_over {
                    builder.at_min.push_back(member);
                }
            } else {
                place += 1;
            }
            self.next = if builder.under.is_empty() { 0 } else { place % builder.under.len() };
            member
        } else {
            let at_min = builder.at_min.make_contiguous();
            let Some(place) = racks.next_near(partition, at_min, 0) else { return false };
            let member = at_min[place];
            if builder.assignment[member].len() + 1 == builder.max_quota {
                builder.at_min.remove(place);
                builder.over += 1;
                if builder.over == builder.expected_over {
                    builder.at_min.clear();
                }
            }
            member
        };
        builder.give(partition, member);
        true
    }
}

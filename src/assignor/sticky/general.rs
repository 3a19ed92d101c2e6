//! Members subscribe to different topics: keep what is valid, give the rest to whoever has least,
//! then move partitions one by one while that improves the balance.

use super::movements::Movements;
use super::racks::RackInfo;
use crate::assignor::index::Index;
use crate::assignor::{AssignorFailure, Member};

/// Nobody.
const NOBODY: u32 = u32::MAX;

/// `GeneralAssignmentBuilder`.
struct Builder<'a> {
    index: &'a Index<'a>,
    racks: &'a RackInfo,
    /// By partition: who had it in an older generation.
    history: &'a [Option<usize>],
    /// By topic: the members that subscribe to it.
    members_of: Vec<Vec<usize>>,
    /// By member: its place in the order of member ids.
    rank: Vec<usize>,
    /// By member: what it has so far.
    current: Vec<Vec<u32>>,
    /// By partition: who has it.
    owner: Vec<u32>,
    /// By member: how many partitions its topics have.
    most: Vec<usize>,
    /// By member: true while partitions may be moved from it or to it.
    takes_part: Vec<bool>,
    movements: Movements,
    /// A partition and a member that it could be moved to for a better balance, once found.
    witness: Option<(u32, usize)>,
    /// True where two members have one partition: see [`Builder::unassigned`].
    doubled: bool,
}

/// By member: what it gets. `kept` is what everybody had, `history` who had a partition before that.
pub(super) fn build(
    members: &[Member],
    index: &Index<'_>,
    racks: &RackInfo,
    kept: Vec<Vec<u32>>,
    history: &[Option<usize>],
) -> Result<Vec<Vec<u32>>, AssignorFailure> {
    let mut members_of = vec![Vec::new(); index.topics.len()];
    for (member, topics) in index.subscriptions.iter().enumerate() {
        for topic in topics {
            members_of[*topic].push(member);
        }
    }
    let mut by_id: Vec<usize> = (0..members.len()).collect();
    by_id.sort_by_key(|member| &members[*member].member_id);
    let mut rank = vec![0; members.len()];
    for (place, member) in by_id.into_iter().enumerate() {
        rank[member] = place;
    }
    let partitions = |topic: &usize| index.topics[*topic].partitions as usize;
    let most = index.subscriptions.iter().map(|topics| topics.iter().map(partitions).sum());
    let mut owner = vec![NOBODY; index.slots()];
    for (member, partitions) in kept.iter().enumerate() {
        for partition in partitions {
            owner[*partition as usize] = member as u32;
        }
    }
    let mut builder = Builder {
        index,
        racks,
        history,
        members_of,
        rank,
        current: kept,
        owner,
        most: most.collect(),
        takes_part: vec![true; members.len()],
        movements: Movements::new(index),
        witness: None,
        doubled: false,
    };

    let all = builder.all_partitions();
    let revoked = builder.drop_invalid();
    let unassigned = builder.unassigned(&all);
    builder.balance(all, unassigned, revoked)?;
    Ok(builder.current)
}

impl Builder<'_> {
    /// Topics that few members subscribe to come first.
    fn order(&self, partition: u32) -> (usize, u32) {
        (self.members_of[self.index.topic(partition)].len(), partition)
    }

    fn all_partitions(&self) -> Vec<u32> {
        let mut all: Vec<u32> = self.index.partitions().collect();
        all.sort_by_key(|partition| self.order(*partition));
        all
    }

    /// Takes away what members do not subscribe to any more, or what is not in their racks; true if
    /// there was any.
    fn drop_invalid(&mut self) -> bool {
        let mut revoked = false;
        for (member, partitions) in self.current.iter_mut().enumerate() {
            let topics = &self.index.subscriptions[member];
            partitions.retain(|partition| {
                let valid = topics.contains(&self.index.topic(*partition))
                    && !self.racks.mismatch(member, *partition);
                revoked |= !valid;
                valid
            });
        }
        revoked
    }

    /// Those of `all` that nobody has. Kafka walks both lists side by side, so that a partition which
    /// does not exist any more makes it miss all that come after, and they get two owners.
    fn unassigned(&self, all: &[u32]) -> Vec<u32> {
        let mut assigned: Vec<u32> = self.current.iter().flatten().copied().collect();
        assigned.sort_by_key(|partition| self.order(*partition));
        let mut assigned = assigned.into_iter().peekable();
        all.iter().copied().filter(|partition| assigned.next_if_eq(partition).is_none()).collect()
    }

    fn balance(
        &mut self,
        mut all: Vec<u32>,
        mut unassigned: Vec<u32>,
        revoked: bool,
    ) -> Result<(), AssignorFailure> {
        // True where nobody had anything: then there is nothing to go back to.
        let initializing = self.current.iter().all(Vec::is_empty);

        if self.racks.in_use {
            let mut rest = unassigned.clone();
            rest.retain(|partition| !self.assign_to_least(*partition, true));
            for partition in rest {
                self.assign_to_least(partition, false);
            }
        } else {
            for partition in &unassigned {
                self.assign_to_least(*partition, false);
            }
        }

        let mut seen = vec![false; self.owner.len()];
        self.doubled = (self.current.iter().flatten())
            .any(|partition| std::mem::replace(&mut seen[*partition as usize], true));

        // What only one member can have stays where it is, and so do members that have only that.
        let movable = |partition: &u32| self.members_of[self.index.topic(*partition)].len() >= 2;
        all.retain(movable);
        unassigned.retain(movable);
        self.takes_part =
            (0..self.current.len()).map(|member| self.can_take_part(member)).collect();

        let before = (self.current.clone(), self.owner.clone());
        let score_before = self.score();
        if !revoked {
            // First try to do with what has to be assigned anyway.
            self.reassign(&unassigned)?;
        }
        let moved = self.reassign(&all)?;
        if !initializing && moved && self.score() >= score_before {
            (self.current, self.owner) = before;
        }
        Ok(())
    }

    /// Gives `partition` to the member that has least of those that may have it.
    fn assign_to_least(&mut self, partition: u32, within_rack: bool) -> bool {
        let candidates = self.members_of[self.index.topic(partition)].iter().copied();
        let fits = |member: &usize| !within_rack || !self.racks.mismatch(*member, partition);
        let Some(member) = candidates.filter(fits).min_by_key(|member| self.load(*member)) else {
            return false;
        };
        self.current[member].push(partition);
        self.owner[partition as usize] = member as u32;
        true
    }

    /// How much a member has; equal ones go by their ids.
    fn load(&self, member: usize) -> (usize, usize) {
        (self.count(member), self.rank[member])
    }

    fn count(&self, member: usize) -> usize {
        self.current[member].len()
    }

    fn count_of_owner(&self, partition: u32) -> usize {
        match self.owner[partition as usize] {
            NOBODY => 0,
            owner => self.count(owner as usize),
        }
    }

    /// A member can take part if it does not have all it could, or has what others could have.
    fn can_take_part(&self, member: usize) -> bool {
        let shared = |p: &u32| self.members_of[self.index.topic(*p)].len() >= 2;
        self.count(member) < self.most[member] || self.current[member].iter().any(shared)
    }

    /// Kafka's balance score: the differences of all pairs of members, summed up. It is an `int`
    /// there, and wraps.
    fn score(&self) -> i32 {
        let part = |member: &usize| self.takes_part[*member];
        let members = (0..self.current.len()).filter(part);
        let mut counts: Vec<i32> = members.map(|member| self.count(member) as i32).collect();
        counts.sort_unstable();
        let mut score = 0_i32;
        let mut sum = 0_i32;
        for (smaller, count) in (0..).zip(&counts) {
            score = score.wrapping_add(count.wrapping_mul(smaller).wrapping_sub(sum));
            sum = sum.wrapping_add(*count);
        }
        score
    }

    /// Moves partitions of `partitions` for as long as one can be moved; true if any was.
    fn reassign(&mut self, partitions: &[u32]) -> Result<bool, AssignorFailure> {
        let mut moved_any = false;
        loop {
            let mut moved = false;
            for partition in partitions {
                if self.is_balanced() {
                    break;
                }
                moved |= self.maybe_move(*partition)?;
            }
            if !moved {
                return Ok(moved_any);
            }
            moved_any = true;
        }
    }

    /// Moves `partition`, or a better one in its place, if its owner has two more than another.
    fn maybe_move(&mut self, partition: u32) -> Result<bool, AssignorFailure> {
        let owner = self.owner[partition as usize] as usize;
        let count = self.count(owner);
        if let Some(before) = self.history[partition as usize] {
            if !self.takes_part[before] {
                return Err(AssignorFailure::NullPointer);
            }
            if count > self.count(before) + 1 {
                self.move_to(partition, before);
                return Ok(true);
            }
        }
        let candidates = &self.members_of[self.index.topic(partition)];
        // Kafka looks for one within the owner's rack first, and then moves to whoever has least.
        if candidates.iter().any(|other| count > self.count(*other) + 1) {
            let part = candidates.iter().copied().filter(|member| self.takes_part[*member]);
            let least = part.min_by_key(|member| self.load(*member));
            self.move_to(partition, least.expect("one has less than the owner"));
            return Ok(true);
        }
        Ok(false)
    }

    fn move_to(&mut self, partition: u32, new: usize) {
        let owner = self.owner[partition as usize] as usize;
        let partition = self.movements.better(self.index, partition, owner, new);
        let old = self.owner[partition as usize] as usize;
        self.movements.record(self.index, partition, old, new);
        super::previous::remove_first(&mut self.current[old], partition);
        self.current[new].push(partition);
        self.owner[partition as usize] = new as u32;
    }

    /// True where no partition can be moved to a member that has two less than its owner.
    fn is_balanced(&mut self) -> bool {
        // As long as the last counterexample holds there is nothing to look for.
        if let Some((partition, member)) = self.witness
            && !self.doubled
            && self.wants_more(member)
            && self.count_of_owner(partition) > self.count(member) + 1
        {
            return false;
        }
        self.witness = self.counterexample();
        self.witness.is_none()
    }

    /// A member with as many partitions as its topics have wants no more. They may be others: what is
    /// moved back to whom it came from is moved without asking for its subscription.
    fn wants_more(&self, member: usize) -> bool {
        self.count(member) != self.most[member]
    }

    /// A partition whose owner has most, and a member that has least, of one topic.
    fn counterexample(&self) -> Option<(u32, usize)> {
        if self.doubled {
            return self.counterexample_among_doubles();
        }
        for (topic, members) in self.index.topics.iter().zip(&self.members_of) {
            let wants_more = |member: &usize| self.takes_part[*member] && self.wants_more(*member);
            let members = members.iter().copied().filter(wants_more);
            let Some(least) = members.min_by_key(|member| self.count(*member)) else { continue };
            let most = topic.numbers().max_by_key(|partition| self.count_of_owner(*partition));
            let most = most.expect("a topic has partitions");
            if self.count_of_owner(most) > self.count(least) + 1 {
                return Some((most, least));
            }
        }
        None
    }

    /// The same where partitions have two owners: the later one in the order of Kafka's map counts,
    /// and what a member has itself is not held against it.
    fn counterexample_among_doubles(&self) -> Option<(u32, usize)> {
        let members = || (0..self.current.len()).filter(|member| self.takes_part[*member]);
        let mut owner = vec![None; self.owner.len()];
        for member in members() {
            for partition in &self.current[member] {
                owner[*partition as usize] = Some(member);
            }
        }
        members().filter(|member| self.wants_more(*member)).find_map(|member| {
            let topics = self.index.subscriptions[member].iter();
            let mut partitions = topics.flat_map(|topic| self.index.topics[*topic].numbers());
            let could_move = |partition: &u32| {
                let count = owner[*partition as usize].map_or(0, |owner| self.count(owner));
                count > self.count(member) + 1 && !self.current[member].contains(partition)
            };
            partitions.find(could_move).map(|partition| (partition, member))
        })
    }
}

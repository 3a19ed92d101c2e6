//! Racks in the sticky assignors: a member does not keep what has no replica in its rack.

use crate::assignor::Member;
use crate::assignor::index::{Index, Racks};

/// `AbstractStickyAssignor.RackInfo`.
pub(super) struct RackInfo {
    racks: Racks,
    /// True where racks make a difference; then only are they looked at.
    pub(super) in_use: bool,
    /// By partition: how many members are in the racks of its replicas. Empty where no member told
    /// its rack.
    members_near: Vec<usize>,
}

impl RackInfo {
    pub(super) fn new(members: &[Member], index: &Index<'_>) -> Self {
        let racks = Racks::new(members, index);
        let in_use = racks.matter(0..members.len(), &index.partitions());
        let members_near = if racks.of_member.iter().any(Option::is_some) {
            let near = |near: &Vec<u32>| {
                let of_member = racks.of_member.iter().flatten();
                of_member.filter(|rack| near.contains(rack)).count()
            };
            count_near(&racks, near)
        } else {
            Vec::new()
        };
        Self { racks, in_use, members_near }
    }

    /// The rack of a member, where racks are looked at.
    pub(super) fn of_member(&self, member: usize) -> Option<u32> {
        self.racks.of_member[member].filter(|_| self.in_use)
    }

    /// True where `partition` has a replica in `rack`.
    pub(super) fn is_in(&self, partition: u32, rack: u32) -> bool {
        self.racks.of_partition[partition as usize].contains(&rack)
    }

    /// True where `partition` has no replica in the member's rack.
    pub(super) fn mismatch(&self, member: usize, partition: u32) -> bool {
        self.of_member(member).is_some_and(|rack| !self.is_in(partition, rack))
    }

    /// Partitions that few members are near to come first.
    pub(super) fn sort(&self, partitions: &mut [u32]) {
        if !self.members_near.is_empty() {
            partitions.sort_by_key(|partition| self.members_near[*partition as usize]);
        }
    }

    /// The place in `members`, from `first` on and around, of one in the partition's racks.
    pub(super) fn next_near(
        &self,
        partition: u32,
        members: &[usize],
        first: usize,
    ) -> Option<usize> {
        let near = |place: &usize| {
            self.of_member(members[*place]).is_some_and(|rack| self.is_in(partition, rack))
        };
        (0..members.len()).map(|step| (first + step) % members.len()).find(near)
    }
}

/// Counts once for each set of racks, for there are few of them.
fn count_near(racks: &Racks, near: impl Fn(&Vec<u32>) -> usize) -> Vec<usize> {
    let mut counts = std::collections::BTreeMap::new();
    let count = |set| *counts.entry(set).or_insert_with(|| near(set));
    racks.of_partition.iter().map(count).collect()
}

//! `CooperativeStickyAssignor`: the sticky assignment, but a partition that changes hands is left
//! out until its owner has given it up; the rebalance that follows assigns it.

use super::sticky::{self, MemberData, Outcome};
use super::{Assignments, AssignorFailure, Member, Topics};
use crate::protocol::consumer_protocol::decode_cooperative_user_data;

/// Assigns the partitions of `topics` to `members`.
pub(super) fn assign(members: &[Member], topics: &Topics) -> Result<Assignments, AssignorFailure> {
    let data: Vec<MemberData> = members.iter().map(member_data).collect();
    let Outcome { index, owned, mut assignment, transferring } =
        sticky::compute(members, topics, &data)?;
    let transferring = transferring.unwrap_or_else(|| changing_hands(&owned, &assignment));
    for (partition, member) in transferring {
        let list = &mut assignment[member];
        if let Some(place) = list.iter().position(|other| *other == partition) {
            list.remove(place);
        }
    }
    Ok(sticky::named(&index, &assignment))
}

/// From version 2 of the subscription on, the generation is a field; before, it was user data.
fn member_data(member: &Member) -> MemberData {
    let from_user_data = || {
        let bytes = member.user_data.as_ref()?;
        Some(decode_cooperative_user_data(bytes).map_or(-1, |generation| generation.0))
    };
    let generation = member.generation.map(|generation| generation.0).or_else(from_user_data);
    MemberData { partitions: member.owned.clone(), generation }
}

/// What somebody gets and somebody else has.
fn changing_hands(owned: &[Vec<u32>], assignment: &[Vec<u32>]) -> Vec<(u32, usize)> {
    let slots = owned.iter().chain(assignment).flatten().max().map_or(0, |most| *most as usize + 1);
    let mut added = vec![None; slots];
    let mut revoked = vec![false; slots];
    let mut marks = vec![usize::MAX; slots];
    for (member, (owned, assigned)) in owned.iter().zip(assignment).enumerate() {
        for partition in owned {
            marks[*partition as usize] = 2 * member;
        }
        for partition in assigned {
            if marks[*partition as usize] != 2 * member {
                added[*partition as usize] = Some(member);
            }
        }
        for partition in assigned {
            marks[*partition as usize] = 2 * member + 1;
        }
        for partition in owned {
            if marks[*partition as usize] != 2 * member + 1 {
                revoked[*partition as usize] = true;
            }
        }
    }
    let moved = (0..).zip(added).filter(|(partition, _)| revoked[*partition as usize]);
    moved.filter_map(|(partition, member)| Some((partition, member?))).collect()
}

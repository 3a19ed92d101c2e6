//! Settings that sentences name with their value: how long a silence may last.

use crate::explain::World;
use crate::fact::{Fact, LeaveReason};
use crate::sim::NodeId;

/// The argument, the setting and the node whose setting it is, for a fact that `teller` told.
pub(super) fn setting(
    teller: NodeId,
    fact: &Fact,
    world: &dyn World,
) -> Option<(&'static str, &'static str, Option<NodeId>)> {
    match fact {
        Fact::BrokerFenced { expired: true, .. } => {
            Some(("session", "broker.session.timeout.ms", Some(teller)))
        }
        Fact::PositionReset { .. } => Some(("policy", "auto.offset.reset", Some(teller))),
        Fact::IsrShrinkProposed { .. } => Some(("lag", "replica.lag.time.max.ms", Some(teller))),
        Fact::PollIntervalExceeded { .. } => {
            Some(("interval", "max.poll.interval.ms", Some(teller)))
        }
        Fact::MemberRemoved { group, member, reason } => {
            let key = match reason {
                LeaveReason::SessionTimeout => "session.timeout.ms",
                LeaveReason::RebalanceTimeout | LeaveReason::SyncTimeout => "max.poll.interval.ms",
                _ => return None,
            };
            Some(("session", key, client_of(group, member, world)))
        }
        _ => None,
    }
}

/// The consumer that a member id belongs to: a member id is the client's id, or that of a static
/// member (KIP-345), and a random UUID.
pub(in crate::explain) fn client_of(
    group: &str,
    member: &str,
    world: &dyn World,
) -> Option<NodeId> {
    const UUID: usize = 36;
    let client = member.len().checked_sub(UUID + 1).and_then(|end| member.get(..end))?;
    world.static_member(group, client).or_else(|| world.find(client))
}

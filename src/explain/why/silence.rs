//! What silenced somebody: the fault behind what did not come.

use super::History;
use crate::cluster::Happened;
use crate::explain::narrator::client_of;
use crate::explain::{LinkChange, StoryLine, Words, World};
use crate::fact::{Fact, LeaveReason};
use crate::sim::{Duration, Instant, NodeId};

/// A fault that ended so long ago explains nothing any more.
const FORGOTTEN: Duration = Duration::from_secs(60);

/// The event of the fault because of which `event` told that nothing was heard of somebody.
pub(super) fn before(
    history: &dyn History,
    world: &dyn World,
    event: &Happened,
) -> Option<Happened> {
    let lines = history.story().of_event(event.id);
    let silent = lines.iter().find_map(|line| silent(line, world))?;
    let mut ended = Ended::default();
    for line in history.story().before(event.id) {
        match fault(line, silent, event.node, world) {
            Some(Phase::Begins(what)) if !ended.is_over(what, event.at) => {
                return history.event(line.event);
            }
            Some(Phase::Ends(what)) => ended.note(what, line.at),
            _ => {}
        }
    }
    None
}

/// Who was not heard of, by a line that says so.
fn silent(line: &StoryLine, world: &dyn World) -> Option<NodeId> {
    match &line.words {
        Words::Refusing { peer, .. } => world.find(peer),
        Words::Fact { fact } | Words::Repeated { fact, .. } => match &**fact {
            Fact::BrokerFenced { broker, expired: true } => world.server(*broker),
            Fact::IsrShrinkProposed { out, .. } => world.server(*out.first()?),
            Fact::RequestTimedOut { peer, .. } => world.server(*peer),
            Fact::PollIntervalExceeded { .. } => Some(line.node),
            Fact::MemberRemoved {
                group,
                member,
                reason:
                    LeaveReason::SessionTimeout
                    | LeaveReason::RebalanceTimeout
                    | LeaveReason::SyncTimeout
                    | LeaveReason::NeverJoined,
            } => client_of(group, member, world),
            _ => None,
        },
        _ => None,
    }
}

/// What can be wrong with a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    /// Its process is gone, or stopped.
    Process,
    /// A link to or from it.
    Link,
    /// It is slow.
    Speed,
}

enum Phase {
    Begins(What),
    Ends(What),
}

/// When faults ended, read backwards.
#[derive(Default)]
struct Ended(Vec<(What, Instant)>);

impl Ended {
    fn note(&mut self, what: What, at: Instant) {
        // Read backwards, the first is the last.
        if !self.0.iter().any(|(known, _)| *known == what) {
            self.0.push((what, at));
        }
    }

    fn is_over(&self, what: What, now: Instant) -> bool {
        let end = self.0.iter().find(|(known, _)| *known == what);
        end.is_some_and(|(_, at)| now.since(*at) > FORGOTTEN)
    }
}

/// What a line says of a fault of `silent`, as `other` would notice it.
fn fault(line: &StoryLine, silent: NodeId, other: NodeId, world: &dyn World) -> Option<Phase> {
    // Newer versions of a line say the same.
    if line.amends.is_some() {
        return None;
    }
    match &line.words {
        Words::Starting { nodes } if nodes.contains(&silent) => Some(Phase::Ends(What::Process)),
        Words::Ended { .. } if line.node == silent => Some(Phase::Begins(What::Process)),
        Words::Links { change, links } => {
            let (silent, other) = (world.node(silent), world.node(other));
            let between = links.iter().any(|(from, to)| {
                (&**from, &**to) == (silent, other) || (&**from, &**to) == (other, silent)
            });
            let begins = match change {
                LinkChange::Cut => true,
                LinkChange::Delayed(by) => !by.is_zero(),
                LinkChange::Healed => false,
            };
            let phase = if begins { Phase::Begins } else { Phase::Ends };
            between.then_some(phase(What::Link))
        }
        Words::Fact { fact } if line.node == silent => match &**fact {
            Fact::ProcessPaused => Some(Phase::Begins(What::Process)),
            Fact::ProcessStarted { .. } | Fact::ProcessResumed => Some(Phase::Ends(What::Process)),
            Fact::SlowedDown { factor: 1, .. } => Some(Phase::Ends(What::Speed)),
            Fact::SlowedDown { .. } => Some(Phase::Begins(What::Speed)),
            _ => None,
        },
        _ => None,
    }
}

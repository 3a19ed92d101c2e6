//! Who leads.

use super::{Election, Levels};
use crate::fact::ElectionKind;
use crate::ids::BrokerId;
use crate::metadata::partition::PartitionRegistration;

/// What an election looks at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ballot<'a, F> {
    /// The partition as it is.
    pub(super) partition: &'a PartitionRegistration,
    /// The replicas it will have, the preferred leader first.
    pub(super) replicas: &'a [BrokerId],
    /// The ISR it will have.
    pub(super) isr: &'a [BrokerId],
    /// The ELR it will have.
    pub(super) elr: &'a [BrokerId],
    /// Which levels are in force.
    pub(super) levels: Levels,
    /// Who lives, with the log directory of the replica.
    pub(super) is_acceptable: F,
}

/// An election's outcome: the leader, and by which rule it would lead.
pub(super) type Elected = Option<(BrokerId, ElectionKind)>;

impl<F: Fn(BrokerId) -> bool> Ballot<'_, F> {
    /// Chooses the leader; none when nobody may lead. The current one stays if it can, except when
    /// the preferred replica is asked for and can.
    pub(super) fn elect(&self, election: Election) -> Elected {
        let preferred = self.replicas.first().copied();
        let asked_for = preferred.filter(|_| election == Election::Preferred);
        let clean = asked_for
            .into_iter()
            .chain(self.partition.leader)
            .chain(self.replicas.iter().copied())
            .find(|replica| self.may_lead_cleanly(*replica));
        if let Some(replica) = clean {
            let kind = if !self.isr.contains(&replica) {
                ElectionKind::Elr
            } else if asked_for == Some(replica) {
                ElectionKind::Preferred
            } else {
                ElectionKind::Isr
            };
            return Some((replica, kind));
        }
        if let Some(replica) = self.last_known_leader() {
            return Some((replica, ElectionKind::LastKnownLeader));
        }
        if election == Election::Unclean {
            let any = self.replicas.iter().copied().find(|replica| (self.is_acceptable)(*replica));
            return any.map(|replica| (replica, ElectionKind::Unclean));
        }
        None
    }

    /// In the ISR, or in the ELR when there is no ISR, and alive.
    fn may_lead_cleanly(&self, replica: BrokerId) -> bool {
        let safe =
            self.isr.contains(&replica) || (self.isr.is_empty() && self.elr.contains(&replica));
        safe && (self.is_acceptable)(replica)
    }

    /// The last known leader, where ISR and ELR are empty and it is back.
    fn last_known_leader(&self) -> Option<BrokerId> {
        if !self.levels.elr || !self.levels.last_known_leader {
            return None;
        }
        if !self.isr.is_empty() || !self.elr.is_empty() {
            return None;
        }
        // More than one entry: the field holds real last known members, from a time when the last
        // leader was not remembered in it.
        match *self.partition.last_known_elr() {
            [leader] => Some(leader).filter(|leader| (self.is_acceptable)(*leader)),
            _ => None,
        }
    }
}

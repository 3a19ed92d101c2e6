//! A partition's state as the metadata log gives it.
//!
//! In Kafka: `PartitionRegistration`, `LeaderRecoveryState` (KIP-704).

use super::directory;
use crate::ids::{BrokerId, LeaderEpoch, PartitionEpoch, PartitionIndex, TopicId, Uuid};
use crate::protocol::metadata_record::{LeaderChange, PartitionChangeRecord, PartitionRecord};

/// Whether a leader still has to recover from an unclean election.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeaderRecoveryState {
    /// It was elected cleanly, or has recovered.
    #[default]
    Recovered = 0,
    /// It was elected uncleanly and the ISR has not grown since.
    Recovering = 1,
}

impl LeaderRecoveryState {
    /// The number on the wire.
    pub const fn to_wire(self) -> i8 {
        self as i8
    }

    /// From the number on the wire.
    pub const fn from_wire(value: i8) -> Option<Self> {
        match value {
            0 => Some(Self::Recovered),
            1 => Some(Self::Recovering),
            _ => None,
        }
    }

    /// The state after a record that says `value`; -1 is no change.
    fn changed_to(self, value: i8) -> Self {
        if value == -1 {
            return self;
        }
        Self::from_wire(value).expect("a controller writes no other leader recovery state")
    }
}

/// A partition as the controller has it registered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartitionRegistration {
    /// The replicas, the preferred leader first.
    pub replicas: Vec<BrokerId>,
    /// The log directory of each replica, in the order of `replicas`.
    pub directories: Vec<Uuid>,
    /// The in-sync replicas.
    pub isr: Vec<BrokerId>,
    /// The eligible leader replicas: out of the ISR, yet with all that was committed (KIP-966).
    pub elr: Vec<BrokerId>,
    /// Members that left ISR and ELR; with Kafka's balanced recovery the last leader alone.
    pub last_known_elr: Vec<BrokerId>,
    /// Replicas that a reassignment takes away.
    pub removing_replicas: Vec<BrokerId>,
    /// Replicas that a reassignment adds.
    pub adding_replicas: Vec<BrokerId>,
    /// The leader, if any.
    pub leader: Option<BrokerId>,
    /// Whether the leader recovers from an unclean election.
    pub leader_recovery_state: LeaderRecoveryState,
    /// The leader epoch.
    pub leader_epoch: LeaderEpoch,
    /// The partition epoch.
    pub partition_epoch: PartitionEpoch,
}

impl PartitionRegistration {
    /// A new partition, led by the first of `isr`.
    ///
    /// # Panics
    /// When the ISR is empty or there is not one directory for each replica.
    pub fn created(replicas: Vec<BrokerId>, directories: Vec<Uuid>, isr: Vec<BrokerId>) -> Self {
        assert_eq!(replicas.len(), directories.len(), "each replica lies in one directory");
        let leader = *isr.first().expect("a new partition has a replica in sync");
        Self { replicas, directories, isr, leader: Some(leader), ..Self::default() }
    }

    /// From the record that describes all of it.
    ///
    /// # Panics
    /// When the record contradicts itself.
    pub fn from_record(record: &PartitionRecord) -> Self {
        let replicas = record.replicas.clone();
        Self {
            directories: directories_or_migrating(record.directories.clone(), replicas.len()),
            replicas,
            isr: record.isr.clone(),
            elr: record.eligible_leader_replicas.clone().unwrap_or_default(),
            last_known_elr: record.last_known_elr.clone().unwrap_or_default(),
            removing_replicas: record.removing_replicas.clone(),
            adding_replicas: record.adding_replicas.clone(),
            leader: record.leader,
            leader_recovery_state: LeaderRecoveryState::Recovered
                .changed_to(record.leader_recovery_state),
            leader_epoch: record.leader_epoch,
            partition_epoch: record.partition_epoch,
        }
    }

    /// The record that describes all of it, for a cluster whose records have `directories` and
    /// `elr`.
    pub fn to_record(
        &self,
        topic_id: TopicId,
        partition_id: PartitionIndex,
        directories: bool,
        elr: bool,
    ) -> PartitionRecord {
        let unless_empty =
            |replicas: &Vec<BrokerId>| (elr && !replicas.is_empty()).then(|| replicas.clone());
        PartitionRecord {
            partition_id,
            topic_id,
            replicas: self.replicas.clone(),
            isr: self.isr.clone(),
            removing_replicas: self.removing_replicas.clone(),
            adding_replicas: self.adding_replicas.clone(),
            leader: self.leader,
            leader_recovery_state: self.leader_recovery_state.to_wire(),
            leader_epoch: self.leader_epoch,
            partition_epoch: self.partition_epoch,
            directories: if directories { self.directories.clone() } else { Vec::new() },
            eligible_leader_replicas: unless_empty(&self.elr),
            last_known_elr: unless_empty(&self.last_known_elr),
        }
    }

    /// The state after `change`. The partition epoch rises by one; the leader epoch does when the
    /// record names a leader, be it the same.
    #[must_use]
    pub fn merge(&self, change: &PartitionChangeRecord) -> Self {
        let or =
            |new: &Option<Vec<BrokerId>>, old: &Vec<BrokerId>| new.as_ref().unwrap_or(old).clone();
        let replicas = or(&change.replicas, &self.replicas);
        let directories = change.directories.as_ref().unwrap_or(&self.directories).clone();
        let (leader, leader_epoch) = match change.leader {
            LeaderChange::Unchanged => (self.leader, self.leader_epoch),
            LeaderChange::Nobody => (None, self.leader_epoch.next()),
            LeaderChange::Leader(leader) => (Some(leader), self.leader_epoch.next()),
        };
        Self {
            directories: directories_or_migrating(directories, replicas.len()),
            replicas,
            isr: or(&change.isr, &self.isr),
            elr: or(&change.eligible_leader_replicas, &self.elr),
            last_known_elr: or(&change.last_known_elr, &self.last_known_elr),
            removing_replicas: or(&change.removing_replicas, &self.removing_replicas),
            adding_replicas: or(&change.adding_replicas, &self.adding_replicas),
            leader,
            leader_recovery_state: self
                .leader_recovery_state
                .changed_to(change.leader_recovery_state),
            leader_epoch,
            partition_epoch: self.partition_epoch.next(),
        }
    }

    /// The replica that leads if it can: the first.
    pub fn preferred_leader(&self) -> Option<BrokerId> {
        self.replicas.first().copied()
    }

    /// True when the preferred replica leads.
    pub fn has_preferred_leader(&self) -> bool {
        self.leader == self.preferred_leader()
    }

    /// True while replicas are being added or removed.
    pub fn is_reassigning(&self) -> bool {
        !self.removing_replicas.is_empty() || !self.adding_replicas.is_empty()
    }

    /// The log directory that `replica` lies in, if it is one.
    pub fn directory(&self, replica: BrokerId) -> Option<Uuid> {
        let index = self.replicas.iter().position(|other| *other == replica)?;
        Some(self.directories[index])
    }
}

/// `directories`, or as many unknown ones as there are replicas when none of them is known.
fn directories_or_migrating(directories: Vec<Uuid>, replicas: usize) -> Vec<Uuid> {
    if directories.iter().all(|directory| *directory == directory::MIGRATING) {
        return vec![directory::MIGRATING; replicas];
    }
    assert_eq!(directories.len(), replicas, "each replica lies in one directory");
    directories
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: &[i32]) -> Vec<BrokerId> {
        ids.iter().copied().map(BrokerId).collect()
    }

    #[test]
    fn only_a_named_leader_raises_the_leader_epoch() {
        let directories = vec![Uuid(1 << 64), Uuid(2 << 64)];
        let one = PartitionRegistration::created(ids(&[1, 2]), directories, ids(&[1, 2]));
        let mut change = PartitionChangeRecord { isr: Some(ids(&[1])), ..Default::default() };
        let two = one.merge(&change);
        assert_eq!((two.leader_epoch.0, two.partition_epoch.0), (0, 1));
        change.leader = LeaderChange::Leader(BrokerId(1));
        let three = two.merge(&change);
        assert_eq!((three.leader_epoch.0, three.partition_epoch.0), (1, 2));
        assert_eq!(three.directory(BrokerId(2)), Some(Uuid(2 << 64)));
        assert_eq!(three.directory(BrokerId(3)), None);
    }
}

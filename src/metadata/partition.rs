//! A partition's state as the metadata log gives it.
//!
//! In Kafka: `PartitionRegistration`, `LeaderRecoveryState` (KIP-704).

use std::sync::Arc;

use smallvec::SmallVec;

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

/// Replicas in order. Up to four take no memory of their own.
pub type Replicas = SmallVec<[BrokerId; 4]>;

/// A partition as the controller has it registered.
///
/// There may be hundreds of thousands, so what most do not have lies apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartitionRegistration {
    /// The replicas, the preferred leader first.
    pub replicas: Replicas,
    /// The log directory of each replica, in the order of `replicas`.
    pub directories: Arc<[Uuid]>,
    /// The in-sync replicas.
    pub isr: Replicas,
    /// The leader, if any.
    pub leader: Option<BrokerId>,
    /// Whether the leader recovers from an unclean election.
    pub leader_recovery_state: LeaderRecoveryState,
    /// The leader epoch.
    pub leader_epoch: LeaderEpoch,
    /// The partition epoch.
    pub partition_epoch: PartitionEpoch,
    /// None when all of it is empty.
    unusual: Option<Arc<Unusual>>,
}

/// What a partition has while something is wrong or moving.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unusual {
    /// The eligible leader replicas: out of the ISR, yet with all that was committed (KIP-966).
    pub elr: Replicas,
    /// Members that left ISR and ELR; with Kafka's balanced recovery the last leader alone.
    pub last_known_elr: Replicas,
    /// Replicas that a reassignment takes away.
    pub removing_replicas: Replicas,
    /// Replicas that a reassignment adds.
    pub adding_replicas: Replicas,
}

/// Making.
impl PartitionRegistration {
    /// A new partition, led by the first of `isr`.
    ///
    /// # Panics
    /// When the ISR is empty or there is not one directory for each replica.
    pub fn created(replicas: &[BrokerId], directories: Arc<[Uuid]>, isr: &[BrokerId]) -> Self {
        assert_eq!(replicas.len(), directories.len(), "each replica lies in one directory");
        let leader = *isr.first().expect("a new partition has a replica in sync");
        let (replicas, isr) = (Replicas::from_slice(replicas), Replicas::from_slice(isr));
        Self { replicas, directories, isr, leader: Some(leader), ..Self::default() }
    }

    /// With what is unusual about it.
    #[must_use]
    pub fn with_unusual(self, unusual: Unusual) -> Self {
        let unusual = (unusual != Unusual::default()).then(|| Arc::new(unusual));
        Self { unusual, ..self }
    }

    /// From the record that describes all of it.
    ///
    /// # Panics
    /// When the record contradicts itself.
    pub fn from_record(record: &PartitionRecord) -> Self {
        let of = |replicas: &[BrokerId]| Replicas::from_slice(replicas);
        let or_none =
            |replicas: &Option<Vec<BrokerId>>| of(replicas.as_deref().unwrap_or_default());
        Self {
            replicas: of(&record.replicas),
            directories: directories_or_migrating(&record.directories, record.replicas.len()),
            isr: of(&record.isr),
            leader: record.leader,
            leader_recovery_state: LeaderRecoveryState::Recovered
                .changed_to(record.leader_recovery_state),
            leader_epoch: record.leader_epoch,
            partition_epoch: record.partition_epoch,
            unusual: None,
        }
        .with_unusual(Unusual {
            elr: or_none(&record.eligible_leader_replicas),
            last_known_elr: or_none(&record.last_known_elr),
            removing_replicas: of(&record.removing_replicas),
            adding_replicas: of(&record.adding_replicas),
        })
    }

    /// The state after `change`. The partition epoch rises by one; the leader epoch does when the
    /// record names a leader, be it the same.
    #[must_use]
    pub fn merge(&self, change: &PartitionChangeRecord) -> Self {
        let mut next = self.clone();
        next.partition_epoch = self.partition_epoch.next();
        let set = |now: &mut Replicas, new: &Option<Vec<BrokerId>>| {
            if let Some(new) = new {
                *now = Replicas::from_slice(new);
            }
        };
        set(&mut next.replicas, &change.replicas);
        set(&mut next.isr, &change.isr);
        let directories = change.directories.as_deref().unwrap_or(&self.directories);
        if change.directories.is_some() || next.replicas.len() != directories.len() {
            next.directories = directories_or_migrating(directories, next.replicas.len());
        }
        if change.leader != LeaderChange::Unchanged {
            next.leader_epoch = self.leader_epoch.next();
            next.leader = change.leader.leader();
        }
        next.leader_recovery_state =
            self.leader_recovery_state.changed_to(change.leader_recovery_state);
        let rare = [
            &change.eligible_leader_replicas,
            &change.last_known_elr,
            &change.removing_replicas,
            &change.adding_replicas,
        ];
        if rare.iter().all(|list| list.is_none()) {
            return next;
        }
        let mut unusual = self.unusual.as_deref().cloned().unwrap_or_default();
        set(&mut unusual.elr, rare[0]);
        set(&mut unusual.last_known_elr, rare[1]);
        set(&mut unusual.removing_replicas, rare[2]);
        set(&mut unusual.adding_replicas, rare[3]);
        next.with_unusual(unusual)
    }
}

/// Reading.
impl PartitionRegistration {
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
            |replicas: &[BrokerId]| (elr && !replicas.is_empty()).then(|| replicas.to_vec());
        PartitionRecord {
            partition_id,
            topic_id,
            replicas: self.replicas.to_vec(),
            isr: self.isr.to_vec(),
            removing_replicas: self.removing_replicas().to_vec(),
            adding_replicas: self.adding_replicas().to_vec(),
            leader: self.leader,
            leader_recovery_state: self.leader_recovery_state.to_wire(),
            leader_epoch: self.leader_epoch,
            partition_epoch: self.partition_epoch,
            directories: if directories { self.directories.to_vec() } else { Vec::new() },
            eligible_leader_replicas: unless_empty(self.elr()),
            last_known_elr: unless_empty(self.last_known_elr()),
        }
    }

    fn unusual(&self, list: impl Fn(&Unusual) -> &Replicas) -> &[BrokerId] {
        self.unusual.as_deref().map_or(&[], |unusual| list(unusual))
    }

    /// The eligible leader replicas: out of the ISR, yet with all that was committed (KIP-966).
    pub fn elr(&self) -> &[BrokerId] {
        self.unusual(|unusual| &unusual.elr)
    }

    /// Members that left ISR and ELR; with Kafka's balanced recovery the last leader alone.
    pub fn last_known_elr(&self) -> &[BrokerId] {
        self.unusual(|unusual| &unusual.last_known_elr)
    }

    /// Replicas that a reassignment takes away.
    pub fn removing_replicas(&self) -> &[BrokerId] {
        self.unusual(|unusual| &unusual.removing_replicas)
    }

    /// Replicas that a reassignment adds.
    pub fn adding_replicas(&self) -> &[BrokerId] {
        self.unusual(|unusual| &unusual.adding_replicas)
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
        !self.removing_replicas().is_empty() || !self.adding_replicas().is_empty()
    }

    /// The log directory that `replica` lies in, if it is one.
    pub fn directory(&self, replica: BrokerId) -> Option<Uuid> {
        let index = self.replicas.iter().position(|other| *other == replica)?;
        Some(self.directories[index])
    }
}

/// `directories`, or as many unknown ones as there are replicas when none of them is known.
fn directories_or_migrating(directories: &[Uuid], replicas: usize) -> Arc<[Uuid]> {
    if directories.iter().all(|directory| *directory == directory::MIGRATING) {
        return vec![directory::MIGRATING; replicas].into();
    }
    assert_eq!(directories.len(), replicas, "each replica lies in one directory");
    directories.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: &[i32]) -> Vec<BrokerId> {
        ids.iter().copied().map(BrokerId).collect()
    }

    #[test]
    fn only_a_named_leader_raises_the_leader_epoch() {
        let directories = [Uuid(1 << 64), Uuid(2 << 64)].into();
        let one = PartitionRegistration::created(&ids(&[1, 2]), directories, &ids(&[1, 2]));
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

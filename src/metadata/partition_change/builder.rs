//! From what is wanted to the record that says what changes.

use super::election::Ballot;
use super::{Election, Levels};
use crate::fact::ElectionKind;
use crate::ids::{BrokerId, PartitionIndex, TopicId, Uuid};
use crate::metadata::java_hash::HashOrder;
use crate::metadata::partition::{LeaderRecoveryState, PartitionRegistration};
use crate::metadata::reassignment::{ReassignmentReplicas, without};
use crate::protocol::metadata_record::{LeaderChange, PartitionChangeRecord};

/// A change worth writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionChange {
    /// What changes.
    pub record: PartitionChangeRecord,
    /// By which rule the new leader was chosen, if there is a new one.
    pub elected: Option<ElectionKind>,
}

/// What a partition should become. Where nothing is said it stays as it is, unless its leader can
/// lead no longer.
#[derive(Clone, Debug)]
pub struct PartitionChangeBuilder<'a> {
    partition: &'a PartitionRegistration,
    levels: Levels,
    min_isr: usize,
    election: Election,
    isr: Vec<BrokerId>,
    elr: Vec<BrokerId>,
    last_known_elr: Vec<BrokerId>,
    replicas: Vec<BrokerId>,
    removing: Vec<BrokerId>,
    adding: Vec<BrokerId>,
    directories: Vec<(BrokerId, Uuid)>,
    unclean_shutdown: Option<BrokerId>,
    leader_recovery_state: LeaderRecoveryState,
}

/// What is wanted.
impl<'a> PartitionChangeBuilder<'a> {
    /// A change of `partition`, whose effective `min.insync.replicas` is `min_isr`.
    pub fn new(partition: &'a PartitionRegistration, levels: Levels, min_isr: usize) -> Self {
        let replicas = partition.replicas.iter().copied();
        Self {
            partition,
            levels,
            min_isr,
            election: Election::Online,
            isr: partition.isr.to_vec(),
            elr: partition.elr().to_vec(),
            last_known_elr: partition.last_known_elr().to_vec(),
            replicas: partition.replicas.to_vec(),
            removing: partition.removing_replicas().to_vec(),
            adding: partition.adding_replicas().to_vec(),
            directories: replicas.zip(partition.directories.iter().copied()).collect(),
            unclean_shutdown: None,
            leader_recovery_state: partition.leader_recovery_state,
        }
    }

    /// How far an election may go.
    #[must_use]
    pub fn election(self, election: Election) -> Self {
        Self { election, ..self }
    }

    /// The ISR it should have.
    #[must_use]
    pub fn isr(self, isr: Vec<BrokerId>) -> Self {
        Self { isr, ..self }
    }

    /// Takes `broker` out of the ISR.
    #[must_use]
    pub fn without_in_isr(self, broker: BrokerId) -> Self {
        let isr = without(&self.isr, &[broker]);
        self.isr(isr)
    }

    /// The replicas it should have.
    #[must_use]
    pub fn replicas(self, replicas: Vec<BrokerId>) -> Self {
        Self { replicas, ..self }
    }

    /// The replicas that should go.
    #[must_use]
    pub fn removing(self, removing: Vec<BrokerId>) -> Self {
        Self { removing, ..self }
    }

    /// The replicas that should come.
    #[must_use]
    pub fn adding(self, adding: Vec<BrokerId>) -> Self {
        Self { adding, ..self }
    }

    /// A broker that stopped without closing its logs: it is no safe member of the ELR.
    #[must_use]
    pub fn unclean_shutdown(self, broker: BrokerId) -> Self {
        Self { unclean_shutdown: Some(broker), ..self }
    }

    /// The leader recovery state it should have.
    #[must_use]
    pub fn leader_recovery_state(self, state: LeaderRecoveryState) -> Self {
        Self { leader_recovery_state: state, ..self }
    }

    /// The log directory that `broker` put its replica into.
    #[must_use]
    pub fn directory(mut self, broker: BrokerId, directory: Uuid) -> Self {
        self.directories.retain(|(other, _)| *other != broker);
        self.directories.push((broker, directory));
        self
    }
}

/// What comes of it.
impl PartitionChangeBuilder<'_> {
    /// The record of what changes; none when nothing does. `is_acceptable` says who lives,
    /// `default_directory` where a broker puts a new replica.
    pub fn build(
        mut self,
        topic_id: TopicId,
        partition_id: PartitionIndex,
        is_acceptable: impl Fn(BrokerId) -> bool,
        default_directory: impl Fn(BrokerId) -> Uuid,
    ) -> Option<PartitionChange> {
        let mut record = PartitionChangeRecord::of(topic_id, partition_id);
        self.complete_reassignment();
        self.update_elr();
        let elected = self.elect(&mut record, is_acceptable);
        self.raise_leader_epoch_if_replicas_go(&mut record);
        self.record_elr(&mut record);
        // An unclean election has set the ISR already. Without ELR the last member stays in it.
        let may_be_empty = self.levels.elr;
        let wanted = !self.isr.is_empty() || may_be_empty;
        if record.isr.is_none() && wanted && self.isr[..] != self.partition.isr[..] {
            record.isr = Some(self.isr.clone());
        }
        self.raise_leader_epoch_if_isr_shrinks(&mut record);
        self.record_last_known_leader(&mut record);
        self.record_assignment(&mut record, default_directory);
        if self.leader_recovery_state != self.partition.leader_recovery_state {
            record.leader_recovery_state = self.leader_recovery_state.to_wire();
        }
        (!record.is_no_op()).then_some(PartitionChange { record, elected })
    }

    fn complete_reassignment(&mut self) {
        let moving = ReassignmentReplicas {
            removing: self.removing.clone(),
            adding: self.adding.clone(),
            replicas: self.replicas.clone(),
        };
        if let Some(completed) = moving.complete(&self.isr) {
            self.isr = completed.isr;
            self.replicas = completed.replicas;
            self.removing.clear();
            self.adding.clear();
        }
    }

    /// As long as the ISR is smaller than `min.insync.replicas` nothing is committed, so who leaves
    /// the ISR has everything that ever was: it joins the ELR.
    fn update_elr(&mut self) {
        if !self.levels.elr {
            return;
        }
        if self.isr.len() >= self.min_isr {
            self.elr.clear();
            self.last_known_elr.clear();
            return;
        }
        let id = |broker: &BrokerId| broker.0;
        let mut candidates = HashOrder::of(self.elr.iter().copied());
        candidates.extend(self.partition.isr.iter().copied());
        let out_of_sync = |broker: &&BrokerId| !self.isr.contains(broker);
        let elr: Vec<BrokerId> = candidates
            .iterated(id)
            .into_iter()
            .filter(out_of_sync)
            .filter(|broker| self.unclean_shutdown != Some(**broker))
            .copied()
            .collect();
        candidates.extend(self.last_known_elr.iter().copied());
        let last_known = candidates.iterated(id).into_iter().filter(out_of_sync);
        self.last_known_elr = last_known.filter(|broker| !elr.contains(broker)).copied().collect();
        self.elr = elr;
    }

    fn elect(
        &mut self,
        record: &mut PartitionChangeRecord,
        is_acceptable: impl Fn(BrokerId) -> bool,
    ) -> Option<ElectionKind> {
        let ballot = Ballot {
            partition: self.partition,
            replicas: &self.replicas,
            isr: &self.isr,
            elr: &self.elr,
            levels: self.levels,
            is_acceptable,
        };
        let elected = ballot.elect(self.election);
        let leader = elected.map(|(leader, _)| leader);
        if leader == self.partition.leader {
            return None;
        }
        record.leader = LeaderChange::to(leader);
        let (leader, kind) = elected?;
        if self.elr.contains(&leader) {
            self.isr = vec![leader];
            self.elr.retain(|broker| *broker != leader);
        }
        if matches!(kind, ElectionKind::LastKnownLeader | ElectionKind::Unclean) {
            // The new leader's log is what counts from now on: records may be lost.
            record.isr = Some(vec![leader]);
            if self.partition.leader_recovery_state != LeaderRecoveryState::Recovering {
                record.leader_recovery_state = LeaderRecoveryState::Recovering.to_wire();
            }
        }
        Some(kind)
    }

    /// Replicas that are no longer there must not be fetched from: leaders learn it by the epoch.
    fn raise_leader_epoch_if_replicas_go(&self, record: &mut PartitionChangeRecord) {
        let all_stay =
            self.partition.replicas.iter().all(|replica| self.replicas.contains(replica));
        if record.leader == LeaderChange::Unchanged && !all_stay {
            record.leader = LeaderChange::to(self.partition.leader);
        }
    }

    /// Brokers before 3.6 missed a shrunk ISR otherwise (KAFKA-15021).
    fn raise_leader_epoch_if_isr_shrinks(&self, record: &mut PartitionChangeRecord) {
        if !self.levels.metadata_version.bumps_leader_epoch_on_isr_shrink()
            || record.leader != LeaderChange::Unchanged
        {
            return;
        }
        let Some(isr) = &record.isr else { return };
        if !self.partition.isr.iter().all(|replica| isr.contains(replica)) {
            record.leader = LeaderChange::to(self.partition.leader);
        }
    }

    fn record_elr(&mut self, record: &mut PartitionChangeRecord) {
        let clean = record.isr.is_none();
        if !clean || !self.levels.elr {
            self.elr.clear();
            self.last_known_elr.clear();
        }
        if self.elr != self.partition.elr() {
            record.eligible_leader_replicas = Some(self.elr.clone());
        }
        // Otherwise the field holds the last known leader, see below.
        if !self.levels.last_known_leader && self.last_known_elr != self.partition.last_known_elr()
        {
            record.last_known_elr = Some(self.last_known_elr.clone());
        }
    }

    fn record_last_known_leader(&self, record: &mut PartitionChangeRecord) {
        if !self.levels.last_known_leader || !self.levels.elr {
            return;
        }
        let known = self.partition.last_known_elr();
        // Kafka's number for nobody gets into the list if there was none.
        let last_leader = vec![BrokerId(BrokerId::to_wire(self.partition.leader))];
        let empties_isr = record.isr.as_ref().is_some_and(Vec::is_empty);
        if empties_isr && known != last_leader {
            // Only when it becomes leaderless: the leader it had is the one to remember.
            record.last_known_elr = Some(last_leader);
        } else if self.has_leader_after(record) && !known.is_empty() {
            record.last_known_elr = Some(Vec::new());
        }
    }

    fn has_leader_after(&self, record: &PartitionChangeRecord) -> bool {
        match record.leader {
            LeaderChange::Unchanged => self.partition.leader.is_some(),
            LeaderChange::Nobody => false,
            LeaderChange::Leader(_) => true,
        }
    }

    fn record_assignment(
        &self,
        record: &mut PartitionChangeRecord,
        default_directory: impl Fn(BrokerId) -> Uuid,
    ) {
        let partition = self.partition;
        if !self.replicas.is_empty() {
            if self.levels.metadata_version.has_directory_assignment() {
                let known = |replica: BrokerId| {
                    let found = self.directories.iter().find(|(broker, _)| *broker == replica);
                    found.map_or_else(|| default_directory(replica), |(_, directory)| *directory)
                };
                let directories: Vec<Uuid> = self.replicas.iter().copied().map(known).collect();
                if directories[..] != partition.directories[..] {
                    record.directories = Some(directories);
                }
            }
            if self.replicas[..] != partition.replicas[..] {
                record.replicas = Some(self.replicas.clone());
            }
        }
        if self.removing != partition.removing_replicas() {
            record.removing_replicas = Some(self.removing.clone());
        }
        if self.adding != partition.adding_replicas() {
            record.adding_replicas = Some(self.adding.clone());
        }
    }
}

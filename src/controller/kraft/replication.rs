//! What becomes of partitions when brokers come and go.
//!
//! In Kafka: `ReplicationControlManager`, the part that requests share.

use super::api_error::ApiError;
use super::outcome::{Note, Records};
use super::state::ControllerState;
use crate::fact::ElectionKind;
use crate::feature::mutant;
use crate::ids::{BrokerEpoch, BrokerId, PartitionIndex, TopicId, TopicIdPartition, Uuid};
use crate::metadata::partition_change::{
    Election, Levels, PartitionChange, PartitionChangeBuilder,
};
use crate::metadata::{BrokerRegistration, PartitionRegistration, TopicImage, directory};
use crate::protocol::metadata_record::{
    BrokerRegistrationChangeRecord, PartitionRecord, UnregisterBrokerRecord,
};
use crate::protocol::{ErrorCode, MetadataVersion};

/// How a broker's last process ended, as its next one says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// It closed its logs.
    Clean,
    /// It died, and may have lost what it acknowledged.
    Unclean,
}

/// What holds for all partitions of a topic.
#[derive(Clone, Copy, Debug)]
pub(super) struct TopicSettings {
    levels: Levels,
    /// `min.insync.replicas`, at most the replication factor.
    min_isr: usize,
    /// From the ISR, or from all that live where the topic allows it.
    pub(super) election: Election,
}

/// Why the partitions of a broker are looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    /// It must leave their ISR and their leadership.
    Removed(BrokerId),
    /// It may lead from now on.
    Added(BrokerId),
    /// It died: it must leave ISR, ELR and leadership.
    UncleanShutdown(BrokerId),
}

/// Levels and settings.
impl ControllerState {
    /// The level of `metadata.version`.
    ///
    /// # Panics
    /// Before the log has one: a controller that is active has written it.
    pub(super) fn metadata_version(&self) -> MetadataVersion {
        self.image.features().metadata_version().expect("an active controller wrote the features")
    }

    /// The levels that decide how partitions change.
    pub(super) fn levels(&self) -> Levels {
        let elr = self.image.features().elr_enabled() && !mutant!(self.config, ElrForgotten);
        Levels::new(self.metadata_version(), elr)
    }

    /// `unclean.leader.election.enable` of a topic.
    pub(super) fn unclean_election_enabled(&self, topic: &str) -> bool {
        let configured = self.topic_config(topic, "unclean.leader.election.enable");
        configured.is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// What holds for all partitions of `topic`.
    pub(super) fn settings_of(&self, topic: &TopicImage) -> TopicSettings {
        let configured = self.topic_config(&topic.name, "min.insync.replicas");
        let configured = configured.and_then(|value| value.parse().ok()).unwrap_or(1);
        let first = topic.partition(PartitionIndex(0));
        let min_isr = first.map_or(configured, |first| configured.min(first.replicas.len()));
        let unclean = self.unclean_election_enabled(&topic.name);
        let unclean = unclean || mutant!(self.config, UncleanElectionHidden);
        let election = if unclean { Election::Unclean } else { Election::Online };
        TopicSettings { levels: self.levels(), min_isr, election }
    }

    /// The directory of a replica that is placed on `broker`.
    pub(super) fn default_directory(&self, broker: BrokerId) -> Uuid {
        if !self.metadata_version().has_directory_assignment() {
            return directory::MIGRATING;
        }
        let registration = self.image.broker(broker);
        registration.map_or(directory::UNASSIGNED, BrokerRegistration::default_directory)
    }
}

/// Partitions.
impl ControllerState {
    /// The topic called `name`.
    ///
    /// # Errors
    /// [`ErrorCode::UnknownTopicOrPartition`] with `message`.
    pub(super) fn topic_or(
        &self,
        name: &str,
        message: impl FnOnce() -> Option<String>,
    ) -> Result<&TopicImage, ApiError> {
        self.image.topic_named(name).ok_or_else(|| ApiError {
            error: ErrorCode::UnknownTopicOrPartition,
            message: message(),
        })
    }

    /// True when `replica` of `partition` can be reached in its log directory.
    pub(super) fn has_online_replica(
        &self,
        partition: &PartitionRegistration,
        replica: BrokerId,
    ) -> bool {
        let directory = partition.directory(replica);
        let broker = self.image.broker(replica);
        directory
            .zip(broker)
            .is_some_and(|(directory, broker)| broker.has_online_directory(directory))
    }

    /// A change of `partition`, made as `wanted` says, with the brokers that are active now.
    pub(super) fn change_partition(
        &self,
        settings: TopicSettings,
        tp: TopicIdPartition,
        partition: &PartitionRegistration,
        wanted: impl FnOnce(PartitionChangeBuilder<'_>) -> PartitionChangeBuilder<'_>,
    ) -> Option<PartitionChange> {
        let is_active = |broker| self.image.is_active(broker);
        self.change_partition_if(settings, tp, partition, is_active, wanted)
    }

    fn change_partition_if(
        &self,
        settings: TopicSettings,
        tp: TopicIdPartition,
        partition: &PartitionRegistration,
        may_lead: impl Fn(BrokerId) -> bool,
        wanted: impl FnOnce(PartitionChangeBuilder<'_>) -> PartitionChangeBuilder<'_>,
    ) -> Option<PartitionChange> {
        let builder = PartitionChangeBuilder::new(partition, settings.levels, settings.min_isr);
        wanted(builder).build(
            tp.topic_id,
            tp.partition,
            |broker| may_lead(broker) && self.has_online_replica(partition, broker),
            |broker| self.default_directory(broker),
        )
    }

    /// The record of a new partition.
    pub(super) fn partition_record(
        &self,
        tp: TopicIdPartition,
        replicas: &[BrokerId],
        isr: &[BrokerId],
    ) -> PartitionRecord {
        let directories = replicas.iter().map(|broker| self.default_directory(*broker)).collect();
        let levels = self.levels();
        PartitionRegistration::created(replicas, directories, isr).to_record(
            tp.topic_id,
            tp.partition,
            levels.metadata_version.has_directory_assignment(),
            levels.elr,
        )
    }

    /// Those of `replicas` that are active.
    pub(super) fn active_of(&self, replicas: &[BrokerId]) -> Vec<BrokerId> {
        replicas.iter().copied().filter(|broker| self.image.is_active(*broker)).collect()
    }
}

/// Brokers.
impl ControllerState {
    /// A broker may lead no more: others take over, then it is fenced.
    pub(super) fn handle_broker_fenced(
        &self,
        broker: BrokerId,
        expired: bool,
        records: &mut Records,
    ) {
        let registration = self.image.broker(broker).expect("only a registered broker is fenced");
        if !mutant!(self.config, FencedBrokerStaysInIsr) {
            let in_isr = self.partitions.in_isr(broker);
            self.update_partitions(Cause::Removed(broker), in_isr, records);
        }
        let change = BrokerRegistrationChangeRecord {
            broker_id: broker,
            broker_epoch: registration.epoch,
            fenced: BrokerRegistrationChangeRecord::FENCE,
            ..Default::default()
        };
        if expired {
            records.push_noted(change, Note::SessionExpired);
        } else {
            records.push(change);
        }
    }

    /// A broker may lead: it takes over what nobody leads.
    pub(super) fn handle_broker_unfenced(
        &self,
        broker: BrokerId,
        broker_epoch: BrokerEpoch,
        records: &mut Records,
    ) {
        records.push(BrokerRegistrationChangeRecord {
            broker_id: broker,
            broker_epoch,
            fenced: BrokerRegistrationChangeRecord::UNFENCE,
            ..Default::default()
        });
        if mutant!(self.config, NobodyComesBack) {
            return;
        }
        let leaderless = self.partitions.leaderless();
        self.update_partitions(Cause::Added(broker), leaderless, records);
    }

    /// A broker asked to stop: others take over.
    pub(super) fn handle_broker_in_controlled_shutdown(
        &self,
        broker: BrokerId,
        broker_epoch: BrokerEpoch,
        records: &mut Records,
    ) {
        if !self.image.broker(broker).is_some_and(|broker| broker.in_controlled_shutdown) {
            records.push(BrokerRegistrationChangeRecord {
                broker_id: broker,
                broker_epoch,
                in_controlled_shutdown: BrokerRegistrationChangeRecord::IN_CONTROLLED_SHUTDOWN,
                ..Default::default()
            });
        }
        self.update_partitions(Cause::Removed(broker), self.partitions.in_isr(broker), records);
    }

    /// A broker registers again: what its last process left behind is cleaned up.
    pub fn handle_broker_shutdown(
        &self,
        broker: BrokerId,
        shutdown: Shutdown,
        records: &mut Records,
    ) {
        let in_isr = self.partitions.in_isr(broker);
        let shutdown =
            if mutant!(self.config, ShutdownAlwaysClean) { Shutdown::Clean } else { shutdown };
        if self.image.features().elr_enabled() && shutdown == Shutdown::Unclean {
            let cause = Cause::UncleanShutdown(broker);
            self.update_partitions(cause, in_isr, records);
            self.update_partitions(cause, self.partitions.in_elr(broker), records);
        } else {
            self.update_partitions(Cause::Removed(broker), in_isr, records);
        }
    }

    /// A broker leaves the cluster for good.
    pub(super) fn handle_broker_unregistered(
        &self,
        broker: BrokerId,
        broker_epoch: BrokerEpoch,
        records: &mut Records,
    ) {
        let cause = Cause::Removed(broker);
        self.update_partitions(cause, self.partitions.in_isr(broker), records);
        self.update_partitions(cause, self.partitions.in_elr(broker), records);
        records.push(UnregisterBrokerRecord { broker_id: broker, broker_epoch });
    }

    /// A broker reports directories as offline: replicas in them leave ISR and leadership.
    pub(super) fn handle_directories_offline(
        &self,
        broker: BrokerId,
        broker_epoch: BrokerEpoch,
        offline: &[Uuid],
        records: &mut Records,
    ) {
        let registration = self.image.broker(broker).expect("its epoch was checked");
        let (newly_offline, online): (Vec<Uuid>, Vec<Uuid>) =
            registration.directories.iter().partition(|directory| offline.contains(directory));
        if newly_offline.is_empty() {
            return;
        }
        for gone in newly_offline {
            // Where the broker is not in the ISR there is nothing to change.
            let lies_there = |tp: &TopicIdPartition| {
                let partition = self.image.partition(tp.topic_id, tp.partition);
                partition.and_then(|partition| partition.directory(broker)) == Some(gone)
            };
            let in_isr = self.partitions.in_isr(broker);
            let touched = in_isr.into_iter().filter(lies_there);
            self.update_partitions(Cause::Removed(broker), touched, records);
        }
        records.push(BrokerRegistrationChangeRecord {
            broker_id: broker,
            broker_epoch,
            log_dirs: online,
            ..Default::default()
        });
    }

    /// The replicas of `broker` in `touched` lie in a directory that is offline.
    pub(super) fn handle_replicas_offline(
        &self,
        broker: BrokerId,
        touched: impl IntoIterator<Item = TopicIdPartition>,
        records: &mut Records,
    ) {
        self.update_partitions(Cause::Removed(broker), touched, records);
    }

    /// Looks at `touched` again, because of `cause`; records what changes.
    fn update_partitions(
        &self,
        cause: Cause,
        touched: impl IntoIterator<Item = TopicIdPartition>,
        records: &mut Records,
    ) {
        // The registration still shows the broker as it was.
        let may_lead = |broker| match cause {
            Cause::Removed(_) if mutant!(self.config, NobodyTakesOver) => false,
            Cause::Added(added) if broker == added => true,
            Cause::Removed(gone) | Cause::UncleanShutdown(gone) if broker == gone => false,
            _ => self.image.is_active(broker),
        };
        // Partitions of one topic come one after another.
        let mut last: Option<(TopicId, TopicSettings)> = None;
        for tp in touched {
            let settings = last.filter(|(topic, _)| *topic == tp.topic_id).map_or_else(
                || {
                    self.settings_of(
                        self.image.topic(tp.topic_id).expect("a partition has a topic"),
                    )
                },
                |(_, settings)| settings,
            );
            last = Some((tp.topic_id, settings));
            let partition = self.image.partition(tp.topic_id, tp.partition);
            let partition = partition.expect("the index lists partitions that exist");
            let change = self.change_partition_if(settings, tp, partition, may_lead, |builder| {
                let builder = builder.election(settings.election);
                match cause {
                    Cause::Added(_) => builder,
                    Cause::Removed(gone) => builder.without_in_isr(gone),
                    Cause::UncleanShutdown(gone) => {
                        builder.without_in_isr(gone).unclean_shutdown(gone)
                    }
                }
            });
            let mut change = change;
            if mutant!(self.config, UncleanElectionHidden)
                && let Some(change) = &mut change
            {
                change.elected = change.elected.map(|_| ElectionKind::Isr);
            }
            records.push_change(change);
        }
    }
}

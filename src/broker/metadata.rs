//! How a broker follows the metadata log: the image first, then what it means for its replicas.
//!
//! In Kafka: `MetadataLoader`, `BrokerMetadataPublisher`, `ReplicaManager.applyDelta`.

use std::collections::BTreeSet;

use super::{Broker, around};
use crate::config::{BrokerConfig, TopicConfig};
use crate::coordinator::group::OFFSETS_TOPIC;
use crate::fact::Fact;
use crate::feature::mutant;
use crate::ids::{
    BrokerId, ControllerEpoch, LeaderEpoch, Offset, TopicIdPartition, TopicPartition,
};
use crate::log::{Disk, LogConfig};
use crate::metadata::{
    ClusterImage, ConfigResource, MetadataDelta, PartitionRegistration, ResourceType, TopicImage,
};
use crate::node::{Outbox, Touched};
use crate::protocol::MetadataRecord;
use crate::replica::Partition;

/// A partition whose leadership this broker gained or lost, for the coordinators.
struct LeaderChange {
    tp: TopicPartition,
    /// None where the partition is not here any more, deleted or moved away.
    leader_epoch: Option<LeaderEpoch>,
    leads: bool,
}

impl Broker {
    /// Takes a committed batch of records that begins at `base_offset` into the image. What it means
    /// for the replicas is for [`Broker::publish_applied`], once for all batches that are there.
    pub fn apply(
        &mut self,
        base_offset: Offset,
        epoch: ControllerEpoch,
        records: &[MetadataRecord],
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        if records.iter().any(|record| matches!(record, MetadataRecord::BeginTransaction(_))) {
            self.publish_applied(disk, out);
        }
        let pending = self.unpublished.take();
        let mut pending =
            pending.unwrap_or_else(|| Box::new((self.image.clone(), MetadataDelta::default())));
        if mutant!(out, BrokerForgetsFencing) && self.image.topics().next().is_some() {
            let fences =
                |one: &&MetadataRecord| matches!(one, MetadataRecord::BrokerRegistrationChange(_));
            let others = records.iter().filter(|one| !fences(one));
            self.image.apply_all(others, &mut pending.1);
        } else {
            self.image.apply_all(records, &mut pending.1);
        }
        self.unpublished = Some(pending);
        let mut last = Offset(base_offset.0 + records.len().max(1) as u64 - 1);
        if mutant!(out, MetadataAppliedTooFar) {
            last = last.next();
        }
        self.metadata_offset = Some(last);
        if records.iter().any(|record| !matches!(record, MetadataRecord::NoOp(_))) {
            out.detail(|| Fact::MetadataApplied { offset: last, epoch });
            out.touch(Touched::Metadata);
        }
    }

    /// Lets the replicas follow what was applied, unless it is half of what belongs together
    /// (KIP-868).
    pub fn publish_applied(&mut self, disk: &mut Disk, out: &mut Outbox) {
        if self.image.in_transaction() {
            return;
        }
        let Some(pending) = self.unpublished.take() else { return };
        let (before, delta) = *pending;
        if self.published && !delta.is_empty() {
            self.publish(&before, &delta, disk, out);
        }
    }

    /// Lets the replicas follow the image for the first time: everything in it is new to them.
    pub(super) fn publish_first(&mut self, disk: &mut Disk, out: &mut Outbox) {
        self.published = true;
        let image = self.image.clone();
        let delta = MetadataDelta {
            partitions: image.all_partitions().map(|(id, _)| id).collect(),
            ..MetadataDelta::default()
        };
        // First of all, as logs are loaded (`LogManager.startup`): a topic may have been deleted meanwhile,
        // and another have its name.
        self.remove_stray_logs(disk, out);
        self.publish(&ClusterImage::default(), &delta, disk, out);
    }

    fn publish(
        &mut self,
        before: &ClusterImage,
        delta: &MetadataDelta,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        self.update_configs(delta, out);
        let mut changes = Vec::new();
        self.delete_replicas(before, delta, &mut changes, disk, out);
        self.update_replicas(before, delta, &mut changes, disk, out);
        for change in changes {
            if &*change.tp.topic == OFFSETS_TOPIC {
                let LeaderChange { tp, leader_epoch, leads } = change;
                self.on_offsets_leadership(tp.partition, leader_epoch, leads, disk, out);
            }
        }
        let deleted = delta.deleted_topics.iter().flat_map(|(topic_id, topic)| {
            let partitions = before.topic(*topic_id).into_iter().flat_map(TopicImage::partitions);
            partitions.map(|(partition, _)| TopicPartition { topic: topic.clone(), partition })
        });
        let deleted: Vec<TopicPartition> = deleted.collect();
        if !deleted.is_empty() {
            self.coordinator.on_partitions_deleted(&deleted, out);
            self.write_for_coordinator(disk, out);
        }
    }

    /// Gives logs new settings where a topic's or the cluster's changed.
    fn update_configs(&mut self, delta: &MetadataDelta, out: &mut Outbox) {
        let cluster = delta.configs.iter().any(|one| one.kind == ResourceType::Broker);
        let topics: BTreeSet<_> = if cluster {
            self.replicas.topics().cloned().collect()
        } else {
            let changed = delta.configs.iter().filter(|one| one.kind == ResourceType::Topic);
            changed.map(|one| one.name.clone()).collect()
        };
        for topic in topics {
            let config = self.log_config(&topic);
            self.replicas.logs.update_config(&topic, &config);
            if config.flushes_by_time() {
                self.schedule_flusher(out);
            }
        }
    }

    /// The settings of a topic's logs.
    pub(super) fn log_config(&self, topic: &str) -> LogConfig {
        log_config(&self.image, &self.config, self.id, topic)
    }

    fn delete_replicas(
        &mut self,
        before: &ClusterImage,
        delta: &MetadataDelta,
        changes: &mut Vec<LeaderChange>,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        let of_topics = delta.deleted_topics.keys().flat_map(|topic_id| {
            let partitions = before.topic(*topic_id).into_iter().flat_map(TopicImage::partitions);
            partitions.map(|(partition, _)| TopicIdPartition { topic_id: *topic_id, partition })
        });
        let mut gone: Vec<TopicIdPartition> = of_topics.collect();
        gone.extend(delta.partitions.iter().copied().filter(|id| {
            let state = self.image.partition(id.topic_id, id.partition);
            state.is_some_and(|state| !state.replicas.contains(&self.id))
        }));
        for id in gone {
            let Some(slot) = self.replicas.slot(id) else { continue };
            self.stop_fetching(slot);
            let Some(replica) = self.replicas.remove(slot) else { continue };
            let unique = self.chance.bytes16();
            self.replicas.logs.delete(disk, replica.log(), unique, out.wall);
            self.on_leadership_lost(slot, disk, out);
            let tp = replica.topic_partition().clone();
            changes.push(LeaderChange { tp, leader_epoch: None, leads: false });
        }
        self.schedule_log_tasks(out);
    }

    fn update_replicas(
        &mut self,
        before: &ClusterImage,
        delta: &MetadataDelta,
        changes: &mut Vec<LeaderChange>,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        let mut followers = Vec::new();
        let mut any = false;
        for id in &delta.partitions {
            let Some(state) = self.image.partition(id.topic_id, id.partition).cloned() else {
                continue;
            };
            let known = before.partition(id.topic_id, id.partition);
            let same = known.is_some_and(|known| known.partition_epoch == state.partition_epoch);
            if same || !state.replicas.contains(&self.id) {
                continue;
            }
            any = true;
            let elected = known.is_none_or(|known| known.leader_epoch != state.leader_epoch);
            let slot = self.replica_for(*id, out);
            out.touch(Touched::Replica(slot));
            if state.leader == Some(self.id) {
                self.lead(slot, &state, disk, out);
                if elected {
                    changes.push(self.leader_change(slot, &state, true));
                }
            } else {
                followers.push((slot, state));
            }
        }
        for (slot, state) in followers {
            self.follow(slot, &state, disk, out);
            changes.push(self.leader_change(slot, &state, false));
        }
        if any {
            self.stop_idle_fetchers(out);
        }
    }

    fn leader_change(&self, slot: u32, state: &PartitionRegistration, leads: bool) -> LeaderChange {
        let replica = self.replicas.get(slot).expect("it was just updated");
        let tp = replica.topic_partition().clone();
        LeaderChange { tp, leader_epoch: Some(state.leader_epoch), leads }
    }

    fn lead(
        &mut self,
        slot: u32,
        state: &PartitionRegistration,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        self.stop_fetching(slot);
        let around = around(self.id, &self.lifecycle, &self.config, &self.image);
        let advanced = self
            .replicas
            .with(slot, |replica, log| replica.make_leader(log, state, around, disk, out));
        if advanced {
            self.on_high_watermark(slot, disk, out);
        }
    }

    fn follow(
        &mut self,
        slot: u32,
        state: &PartitionRegistration,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        let new_epoch = self.replicas.with(slot, |replica, log| {
            if mutant!(out, FollowerTruncatesToHighWatermark) {
                log.truncate_to(disk, log.high_watermark(), out);
            }
            replica.make_follower(state, out)
        });
        let leaving = self.lifecycle.is_shutting_down()
            && (state.leader.is_none() || !state.isr.contains(&self.id));
        if leaving {
            // Out of the ISR for good: no more copying before the end.
            self.stop_fetching(slot);
        } else if new_epoch {
            self.start_fetching(slot, out);
            self.on_leadership_lost(slot, disk, out);
        }
    }

    /// The slot of a replica; a new one is made if it is not here yet.
    fn replica_for(&mut self, id: TopicIdPartition, out: &mut Outbox) -> u32 {
        if let Some(slot) = self.replicas.slot(id) {
            return slot;
        }
        let topic = self.image.topic(id.topic_id).expect("a partition has a topic");
        let tp = TopicPartition { topic: topic.name.clone(), partition: id.partition };
        let config = || log_config(&self.image, &self.config, self.id, &tp.topic);
        let logs = &mut self.replicas.logs;
        let log = logs.get_or_create(&tp, id.topic_id, config, out.wall);
        let timed = logs.log(log).config().flushes_by_time();
        let high_watermark = self.high_watermarks.get(&tp).copied().unwrap_or_default();
        logs.update(log, |log| log.update_high_watermark(high_watermark));
        if timed {
            self.schedule_flusher(out);
        }
        self.replicas.add(Partition::new(tp, id.topic_id, log))
    }

    /// Logs on the disk of partitions that are not this broker's any more are renamed as stray.
    fn remove_stray_logs(&mut self, disk: &mut Disk, out: &mut Outbox) {
        let logs = &self.replicas.logs;
        let stray: Vec<_> = logs
            .iter()
            .filter(|(_, log)| {
                let tp = log.topic_partition();
                let state = self.image.partition(log.topic_id(), tp.partition);
                state.is_none_or(|state| !state.replicas.contains(&self.id))
            })
            .map(|(id, _)| id)
            .collect();
        for id in stray {
            let unique = self.chance.bytes16();
            self.replicas.logs.delete(disk, id, unique, out.wall);
        }
    }
}

/// The settings of a topic's logs: its own, then the cluster's dynamic ones, then the broker's.
fn log_config(image: &ClusterImage, broker: &BrokerConfig, id: BrokerId, topic: &str) -> LogConfig {
    let mut config = LogConfig::from(&TopicConfig::of_broker(broker));
    let layers = [
        image.configs().of(&ConfigResource::cluster()),
        image.configs().of(&ConfigResource::node(id)),
        image.configs().of(&ConfigResource::topic(topic)),
    ];
    for (name, value) in layers.iter().flatten() {
        // The controller checked the value; dynamic broker settings of other kinds are skipped.
        let _ = config.set(name, value);
    }
    config
}

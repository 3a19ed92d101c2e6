//! The group coordinator's requests, and the partitions of `__consumer_offsets` that it writes to.
//!
//! In Kafka: `GroupCoordinatorService`, `CoordinatorRuntime`, `CoordinatorPartitionWriter`. What a
//! group's change writes must be in all in-sync replicas before anybody is answered.

use std::sync::Arc;

use super::super::{Broker, around};
use crate::coordinator::group::{Call, LoadedContent, LoadedRecord, OFFSETS_TOPIC};
use crate::ids::{LeaderEpoch, Name, PartitionIndex, ProducerEpoch, ProducerId, TopicPartition};
use crate::log::{AppendOrigin, Disk};
use crate::node::{Outbox, ReplyTo};
use crate::protocol::{Batch, BatchBuilder, Records, Request, parse_end_txn};
use crate::replica::{ProduceError, Write};

impl Broker {
    /// A request for the group coordinator.
    pub(in crate::broker) fn on_group_request(
        &mut self,
        from: ReplyTo,
        request: &Arc<Request>,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        let client_host: Name = "/127.0.0.1".into();
        let image = &self.image;
        let exists = |topic: &str, partition: i32| {
            let id = image.topic_id(topic);
            id.is_some_and(|id| image.partition(id, PartitionIndex(partition)).is_some())
        };
        let call = Call { from, request, client_host: &client_host };
        self.coordinator.handle(call, &exists, out);
        self.write_for_coordinator(disk, out);
    }

    /// Appends what the coordinator wants written.
    pub(in crate::broker) fn write_for_coordinator(&mut self, disk: &mut Disk, out: &mut Outbox) {
        while let Some(write) = self.coordinator.next_write() {
            let partition = write.partition;
            let tp = TopicPartition::new(OFFSETS_TOPIC, partition);
            let mut builder = BatchBuilder::new();
            // Kafka writes these with a base sequence although nobody numbers them.
            builder.set_producer(ProducerId(-1), ProducerEpoch(-1), 0);
            for record in &write.records {
                let (key, value) = (&record.key, record.value.as_deref());
                builder.append(record.timestamp, Some(key), value, &[]);
            }
            let records: Records = builder.build().map(Arc::new).into_iter().collect();
            let slot = self.replicas.slot_named(&tp);
            let around = around(self.id, &self.lifecycle, &self.config, &self.image);
            let appended = match slot {
                Some(slot) => self.replicas.change_log(slot, |replica, log| {
                    let origin = AppendOrigin::Coordinator;
                    let write = Write { batches: &records, origin, acks_all: true };
                    replica.append_to_leader(log, write, around, disk, out)
                }),
                None => Err(ProduceError::NotLeader),
            };
            match (appended, slot) {
                (Ok((info, advanced)), Some(slot)) => {
                    let base = info.first_offset.unwrap_or_default();
                    if !self.coordinator.on_appended(partition, base, out) {
                        self.reload_coordinator(partition, disk, out);
                    }
                    if advanced {
                        self.on_high_watermark(slot, disk, out);
                    } else {
                        self.complete_fetches(slot, disk, out);
                    }
                }
                (Err(error), _) => self.coordinator.on_append_failed(partition, error.code(), out),
                (Ok(_), None) => unreachable!("only a replica that is here was appended to"),
            }
        }
    }

    /// The high watermark of a replica moved: if it keeps groups, their answers may leave.
    pub(in crate::broker) fn tell_coordinator(
        &mut self,
        slot: u32,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        let Some(replica) = self.replicas.get(slot) else { return };
        let tp = replica.topic_partition();
        if &*tp.topic == OFFSETS_TOPIC && replica.is_leader() {
            let (partition, log) = (tp.partition, self.replicas.logs.log(replica.log()));
            let high_watermark = log.high_watermark();
            self.coordinator.on_high_watermark(partition.0, high_watermark, out);
            self.write_for_coordinator(disk, out);
        }
    }

    /// This broker leads a partition of the offsets topic from `epoch` on, or leads it no more: since
    /// `epoch`, or because there is no such partition here any more.
    pub(in crate::broker) fn on_offsets_leadership(
        &mut self,
        partition: PartitionIndex,
        epoch: Option<LeaderEpoch>,
        leads: bool,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        if let Some(epoch) = epoch.filter(|_| leads) {
            self.load_coordinator(partition, epoch, disk, out);
        } else {
            self.coordinator.unload(partition.0, epoch.map(|epoch| epoch.0), out);
        }
        self.write_for_coordinator(disk, out);
    }

    fn load_coordinator(
        &mut self,
        partition: PartitionIndex,
        epoch: LeaderEpoch,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        let tp = TopicPartition { topic: OFFSETS_TOPIC.into(), partition };
        let records = self.read_offsets_partition(&tp, disk);
        let log = self.replicas.slot_named(&tp).and_then(|slot| self.replicas.log(slot));
        let (high_watermark, end) =
            log.map(|log| (log.high_watermark(), log.log_end_offset())).unwrap_or_default();
        self.coordinator.load(partition.0, epoch.0, records, high_watermark, end, out);
    }

    /// Somebody else wrote to a partition that is coordinated here: what is known of it is forgotten,
    /// and read again.
    fn reload_coordinator(&mut self, partition: i32, disk: &mut Disk, out: &mut Outbox) {
        let Some(epoch) = self.coordinator.epoch_of(partition) else { return };
        self.coordinator.unload(partition, None, out);
        self.load_coordinator(PartitionIndex(partition), epoch, disk, out);
    }

    /// All that a partition of the offsets topic holds, from its start to its end.
    fn read_offsets_partition(&self, tp: &TopicPartition, disk: &mut Disk) -> Vec<LoadedRecord> {
        let Some(log) = self.replicas.slot_named(tp).and_then(|slot| self.replicas.log(slot))
        else {
            return Vec::new();
        };
        let (mut at, end) = (log.log_start_offset(), log.log_end_offset());
        let mut loaded = Vec::new();
        while at < end {
            let read = log.read(disk, at, u64::from(u32::MAX), end, true);
            let Some(batches) = read.ok().map(|read| read.records).filter(|all| !all.is_empty())
            else {
                break;
            };
            for batch in batches {
                at = batch.next_offset();
                loaded.extend(loaded_records(&batch));
            }
        }
        loaded
    }
}

/// The records of a batch, as the coordinator takes them in.
fn loaded_records(batch: &Batch) -> Vec<LoadedRecord> {
    let producer = batch.is_transactional().then(|| batch.producer_id()).flatten();
    if batch.is_control()
        && let Some((end, _)) = parse_end_txn(batch)
    {
        let content = LoadedContent::EndTransaction { committed: end.commit };
        return vec![LoadedRecord { offset: batch.base_offset(), producer, content }];
    }
    let records = batch.decode().unwrap_or_default().into_iter().filter_map(|record| {
        let content = LoadedContent::Data { key: record.key?, value: record.value };
        Some(LoadedRecord { offset: record.offset, producer, content })
    });
    records.collect()
}

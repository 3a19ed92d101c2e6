//! Shards come with the leadership of their partitions, and go with it.
//!
//! In Kafka: `CoordinatorRuntime.scheduleLoadOperation` and `scheduleUnloadOperation`.

use super::classic::{ClassicGroupState, Turn};
use super::shard::{LoadedContent, LoadedRecord, Shard};
use super::{GroupCoordinator, offsets_partition};
use crate::fact::Fact;
use crate::ids::{Name, Offset};
use crate::node::{Outbox, Timer, Why};
use crate::protocol::ErrorCode;
use crate::protocol::coordinator_record::GroupRecord;

impl GroupCoordinator {
    /// The broker leads `partition` from `epoch` on; true where the log has to be loaded. Until that
    /// is done, members are told to wait.
    pub fn begin_load(&mut self, partition: i32, epoch: i32) -> bool {
        if let Some(shard) = self.shards.get_mut(&partition) {
            shard.epoch = shard.epoch.max(epoch);
            return !shard.active;
        }
        self.shards.insert(partition, Shard::loading(partition, epoch));
        true
    }

    /// Takes in the log of `partition`: `records` from its first to `log_end_offset` (exclusive).
    /// Sessions of members begin anew.
    pub fn load(
        &mut self,
        partition: i32,
        epoch: i32,
        records: impl IntoIterator<Item = LoadedRecord>,
        high_watermark: Offset,
        log_end_offset: Offset,
        out: &mut Outbox,
    ) {
        if !self.begin_load(partition, epoch) {
            return;
        }
        *self.shard_mut(partition) = Shard::loading(partition, epoch);
        let mut is_committed = true;
        for record in records {
            // What is not yet committed is not to be read before it is.
            if record.offset >= high_watermark {
                let at = if is_committed { high_watermark } else { record.offset };
                self.shard_mut(partition).loaded_up_to(at, high_watermark);
                is_committed = false;
            }
            match record.content {
                LoadedContent::Data { key, value } => {
                    // Records of a later Kafka are skipped.
                    if let Ok(data) = GroupRecord::decode(key, value) {
                        self.replay(partition, record.offset, record.producer, data, out);
                    }
                }
                LoadedContent::EndTransaction { committed } => {
                    let producer = record.producer.expect("a marker has a producer id");
                    let offsets = &mut self.shard_mut(partition).current.offsets;
                    offsets.replay_end_transaction(producer, committed);
                }
            }
        }
        let shard = self.shard_mut(partition);
        if is_committed {
            shard.loaded_up_to(high_watermark, high_watermark);
        }
        if log_end_offset > high_watermark {
            shard.loaded_up_to(log_end_offset, high_watermark);
        }
        shard.active = true;
        self.reclaim(partition, out);
        self.on_loaded(partition, out);
    }

    fn shard_mut(&mut self, partition: i32) -> &mut Shard {
        self.shards.get_mut(&partition).expect("it is being loaded")
    }

    fn on_loaded(&mut self, partition: i32, out: &mut Outbox) {
        let groups = self.shards[&partition].current.groups.clone();
        for (name, slot) in &groups {
            let group = self.groups[*slot as usize].as_mut().expect("a known slot holds a group");
            let members: Vec<Name> = group.members.keys().cloned().collect();
            for member in &members {
                group.restart_session(member, out);
            }
            if members.len() > self.config.max_size {
                let words = || {
                    format!(
                        "Freshly-loaded group {name} (size {}) is over capacity {}. Rebalancing in \
                         order to give a chance for consumers to commit offsets",
                        members.len(),
                        self.config.max_size
                    )
                };
                group.prepare_rebalance(words, &mut Turn { config: &self.config, out });
            }
        }
        self.set_expiry_timer(partition, out);
        out.fact(|| Fact::CoordinatorLoaded {
            tp: offsets_partition(partition),
            groups: groups.len() as u32,
        });
    }

    pub(super) fn set_expiry_timer(&self, partition: i32, out: &mut Outbox) {
        let due = out.now + self.config.offsets_retention_check_interval;
        let why = Why::Config("offsets.retention.check.interval.ms");
        out.set_timer(Timer::GroupExpiry(partition as u32), due, why);
    }

    /// The broker leads `partition` no more, since `epoch` if that is known. Who waits is sent to
    /// look for the new coordinator.
    pub fn unload(&mut self, partition: i32, epoch: Option<i32>, out: &mut Outbox) {
        let Some(shard) = self.shards.get_mut(&partition) else { return };
        if epoch.is_some_and(|epoch| shard.epoch >= epoch) {
            return;
        }
        let mut events = shard.deferred.drain();
        events.extend(shard.revert());
        self.outgoing.retain(|write| write.partition != partition);
        for event in events {
            self.complete(event.completion, Err(ErrorCode::NotCoordinator), out);
        }
        let shard = self.shards.remove(&partition).expect("it was just there");
        if shard.append_timer.is_some() {
            out.cancel_timer(Timer::CoordinatorAppend(partition as u32));
        }
        out.cancel_timer(Timer::CoordinatorLinger(partition as u32));
        out.cancel_timer(Timer::GroupExpiry(partition as u32));
        for slot in 0..self.groups.len() {
            let Some(group) = &mut self.groups[slot] else { continue };
            if group.partition != partition {
                continue;
            }
            group.die(out);
            debug_assert!(group.is_in(ClassicGroupState::Dead), "it just died");
            self.groups[slot] = None;
            self.free_slots.push(slot as u32);
        }
        if shard.active {
            out.fact(|| Fact::CoordinatorUnloaded { tp: offsets_partition(partition) });
        }
    }
}

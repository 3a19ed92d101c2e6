//! What is written, and what follows from it.

use super::append::{Batch, Completion, Event, Write, WriteRecord};
use super::classic::Turn;
use super::{Append, GroupCoordinator, answer};
use crate::fact::Fact;
use crate::feature::mutant;
use crate::ids::{Name, Offset, ProducerId, TopicPartition};
use crate::node::{Interest, Outbox, Timer, Touched, Why};
use crate::protocol::coordinator_record::{Entry, GroupRecord, OffsetCommitKey, OffsetCommitValue};
use crate::protocol::{ErrorCode, Request, RequestBody, ResponseBody};

impl GroupCoordinator {
    /// The next batch to be appended: all of them are to be fetched after every step.
    pub fn next_write(&mut self) -> Option<Write> {
        self.outgoing.pop_front()
    }

    /// The log took the batch that was fetched first, at `base_offset`. False where somebody else has
    /// written to that partition: then its shard has to be unloaded and loaded again
    /// (`CoordinatorRuntime.flushCurrentBatch`).
    #[must_use]
    pub fn on_appended(&mut self, partition: i32, base_offset: Offset, out: &mut Outbox) -> bool {
        let Some(shard) = self.shards.get_mut(&partition) else { return true };
        let in_step = shard.appended(base_offset);
        self.set_append_timer(partition, out);
        in_step
    }

    /// The log did not take a batch: what the shard changed since is undone, as far as it is rebuilt
    /// from the log, and those who waited for it learn `error` in Kafka's words.
    pub fn on_append_failed(&mut self, partition: i32, error: ErrorCode, out: &mut Outbox) {
        let Some(shard) = self.shards.get_mut(&partition) else { return };
        out.cancel_timer(Timer::CoordinatorLinger(partition as u32));
        let events = shard.revert();
        self.outgoing.retain(|write| write.partition != partition);
        for event in events {
            self.complete(event.completion, Err(error), out);
        }
        self.reclaim(partition, out);
    }

    /// The high watermark of the partition is `high_watermark`.
    pub fn on_high_watermark(&mut self, partition: i32, high_watermark: Offset, out: &mut Outbox) {
        let Some(shard) = self.shards.get_mut(&partition).filter(|shard| shard.active) else {
            return;
        };
        for event in shard.commit(high_watermark) {
            self.complete(event.completion, Ok(()), out);
        }
        self.set_append_timer(partition, out);
        self.reclaim(partition, out);
    }

    /// Some write has waited for `offsets.commit.timeout.ms`.
    pub(super) fn on_append_timeout(&mut self, partition: i32, out: &mut Outbox) {
        let Some(shard) = self.shards.get_mut(&partition) else { return };
        shard.append_timer = None;
        for completion in shard.deferred.overdue(out.now) {
            self.complete(completion, Err(ErrorCode::RequestTimedOut), out);
        }
        self.set_append_timer(partition, out);
    }

    /// Sets the append timer to the first of those who wait, or takes it back.
    fn set_append_timer(&mut self, partition: i32, out: &mut Outbox) {
        let Some(shard) = self.shards.get_mut(&partition) else { return };
        let due = shard.deferred.next_deadline();
        if due == shard.append_timer {
            return;
        }
        shard.append_timer = due;
        let timer = Timer::CoordinatorAppend(partition as u32);
        match due {
            Some(due) => out.set_timer(timer, due, Why::Config("offsets.commit.timeout.ms")),
            None => out.cancel_timer(timer),
        }
    }

    /// Writes `records`, and does what `completion` says when they are committed; without records,
    /// when all that was written before is.
    pub(super) fn append(
        &mut self,
        partition: i32,
        records: Vec<GroupRecord>,
        completion: Completion,
        how: Append,
        out: &mut Outbox,
    ) {
        let shard = self.shards.get_mut(&partition).expect("only an active shard writes");
        let event = |completion| Event {
            completion,
            deadline: out.now + self.config.offset_commit_timeout,
        };
        if records.is_empty() {
            if shard.is_settled() {
                self.complete(completion, Ok(()), out);
            } else if !matches!(completion, Completion::Nothing) {
                shard.wait(event(completion));
                self.set_append_timer(partition, out);
            }
            return;
        }
        let max_bytes = self.config.max_message_bytes;
        let event = event(completion);
        let encoded: Vec<WriteRecord> =
            records.iter().map(|record| WriteRecord::new(record, out.wall)).collect();
        if how != Append::ReplayedInParts {
            if Batch::is_too_large(&encoded, max_bytes) {
                self.complete(event.completion, Err(ErrorCode::MessageTooLarge), out);
                return;
            }
            if !shard.has_room_for(&encoded, max_bytes) {
                self.flush(partition, out);
            }
        }
        for (record, encoded) in records.into_iter().zip(encoded) {
            let shard = &self.shards[&partition];
            if !shard.has_room_for(std::slice::from_ref(&encoded), max_bytes) {
                self.flush(partition, out);
            }
            let offset = self.shards[&partition].next_offset;
            if how != Append::AsIs {
                self.replay(partition, offset, None, record, out);
            }
            let shard = self.shards.get_mut(&partition).expect("it was just there");
            if shard.gather(encoded) && !self.config.append_linger.is_zero() {
                let due = out.now + self.config.append_linger;
                let why = Why::Config("group.coordinator.append.linger.ms");
                out.set_timer(Timer::CoordinatorLinger(partition as u32), due, why);
            }
        }
        if mutant!(out, WritesNotAwaited) {
            self.complete(event.completion, Ok(()), out);
        } else {
            let shard = self.shards.get_mut(&partition).expect("it was just there");
            shard.wait(event);
        }
        if self.config.append_linger.is_zero() {
            self.flush(partition, out);
        }
    }

    /// Closes the open batch of a shard.
    pub(super) fn flush(&mut self, partition: i32, out: &mut Outbox) {
        let Some(shard) = self.shards.get_mut(&partition) else { return };
        if let Some(write) = shard.flush(None) {
            out.cancel_timer(Timer::CoordinatorLinger(partition as u32));
            self.outgoing.push_back(write);
        }
    }

    /// Applies a record of the log, or one that is about to be written.
    pub(super) fn replay(
        &mut self,
        partition: i32,
        offset: Offset,
        producer: Option<ProducerId>,
        record: GroupRecord,
        out: &mut Outbox,
    ) {
        match record {
            GroupRecord::LegacyOffsetCommit(Entry { key, value, .. }) => {
                let key = OffsetCommitKey {
                    group: key.group,
                    topic: key.topic,
                    partition: key.partition,
                };
                let value = value.map(|value| OffsetCommitValue {
                    offset: value.offset,
                    metadata: value.metadata,
                    commit_timestamp: value.commit_timestamp,
                    ..OffsetCommitValue::default()
                });
                self.replay_offset(partition, offset, producer, key, value, out);
            }
            GroupRecord::OffsetCommit(Entry { key, value, .. }) => {
                self.replay_offset(partition, offset, producer, key, value, out);
            }
            GroupRecord::GroupMetadata(Entry { key, value: Some(mut value), .. }) => {
                if mutant!(out, MemberForgotten) {
                    value.members.pop();
                }
                let known = self.shards[&partition].current.groups.get(&key.group).copied();
                let slot = known.unwrap_or_else(|| self.create(partition, &key.group, out));
                self.groups[slot as usize] = Some({
                    let group = super::ClassicGroup::new(key.group, partition, slot, out.wall);
                    group.replay(value)
                });
            }
            GroupRecord::GroupMetadata(Entry { key, value: None, .. }) => {
                let shard = self.shards.get_mut(&partition).expect("records are in a shard");
                if let Some(slot) = shard.current.groups.remove(&key.group) {
                    shard.retired.push(slot);
                }
            }
            // Groups of other kinds.
            _ => {}
        }
    }

    /// A group that only has offsets is made by them.
    fn replay_offset(
        &mut self,
        partition: i32,
        offset: Offset,
        producer: Option<ProducerId>,
        key: OffsetCommitKey,
        value: Option<OffsetCommitValue>,
        out: &mut Outbox,
    ) {
        if value.is_some() && !self.shards[&partition].current.groups.contains_key(&key.group) {
            self.create(partition, &key.group, out);
        }
        let shard = self.shards.get_mut(&partition).expect("records are in a shard");
        shard.current.offsets.replay(offset, producer, key, value);
    }

    /// Does what was to be done when something is safe, or failed.
    pub(super) fn complete(
        &mut self,
        completion: Completion,
        result: Result<(), ErrorCode>,
        out: &mut Outbox,
    ) {
        let result = result.map_err(answer::coordinator_error);
        match completion {
            Completion::Nothing => {}
            Completion::Reply { to, request, response } => match result {
                Ok(()) => {
                    self.tell_committed(&request, &response, out);
                    out.reply(to, *response);
                }
                Err(error) => out.reply(to, answer::instead_of(&request, *response, error)),
            },
            Completion::Parked { group, to, request } => {
                if let Err(error) = result
                    && let Some(Some(group)) = self.groups.get_mut(group as usize)
                    && group.mark_answered(to)
                {
                    out.reply(to, answer::failed(&request, error));
                }
            }
            Completion::Assignment { group, stored } => {
                out.touch(Touched::Group(group));
                let mut turn = Turn { config: &self.config, out };
                if let Some(Some(group)) = self.groups.get_mut(group as usize) {
                    group.finish_storing(&stored, result, &mut turn);
                }
            }
            Completion::StaticMember { group, replacement } => {
                out.touch(Touched::Group(group));
                if let Some(Some(group)) = self.groups.get_mut(group as usize) {
                    group.finish_replacing(&replacement, result, out);
                }
            }
            Completion::Part { gather, part } => {
                let whole = self.gathers.get_mut(&gather).expect("an answer misses its parts");
                let part = match result {
                    Ok(()) => {
                        part.tell(&whole.request, out);
                        part
                    }
                    Err(error) => part.failed(error, &whole.request),
                };
                whole.parts.push(part);
                whole.missing -= 1;
                if whole.missing == 0 {
                    let whole = self.gathers.remove(&gather).expect("it was just there");
                    out.reply(whole.to, whole.complete());
                }
            }
        }
    }

    /// Frees the slots of groups that no state has any more.
    pub(super) fn reclaim(&mut self, partition: i32, out: &mut Outbox) {
        let Some(shard) = self.shards.get_mut(&partition) else { return };
        if shard.retired.is_empty() {
            return;
        }
        let mut retired = std::mem::take(&mut shard.retired);
        retired.retain(|slot| {
            let Some(group) = &self.groups[*slot as usize] else { return false };
            if shard.knows(&group.group, *slot) {
                return true;
            }
            group.cancel_timers(out);
            self.groups[*slot as usize] = None;
            self.free_slots.push(*slot);
            false
        });
        // What came back by an undone deletion may be deleted again.
        retired.retain(|slot| {
            let group = self.groups[*slot as usize].as_ref();
            group.is_some_and(|group| shard.current.groups.get(&group.group) != Some(slot))
        });
        shard.retired = retired;
    }

    /// Tells of offsets that are safe now.
    fn tell_committed(&self, request: &Request, response: &ResponseBody, out: &mut Outbox) {
        let RequestBody::OffsetCommit(commit) = &request.body else { return };
        let ResponseBody::OffsetCommit(response) = response else { return };
        if out.interest < Interest::Everything {
            return;
        }
        let group: Name = (**commit.group_id).into();
        if let Ok(Some(slot)) = self.slot_of(self.partition_for(&group), &group) {
            out.touch(Touched::Group(slot));
        }
        // The answer has the topics and partitions of the request, in its order.
        for (topic, answered) in commit.topics.iter().zip(&response.topics) {
            for (partition, answered) in topic.partitions.iter().zip(&answered.partitions) {
                if answered.error_code != ErrorCode::None.code() {
                    continue;
                }
                out.detail(|| Fact::OffsetCommitted {
                    group: group.clone(),
                    tp: TopicPartition::new(&**topic.name, partition.partition_index),
                    offset: Offset::from_wire(partition.committed_offset).unwrap_or_default(),
                });
            }
        }
    }
}

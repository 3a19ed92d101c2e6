//! Offsets that nobody needs any more, and groups without offsets and members, are removed
//! (KIP-211).

use super::append::Completion;
use super::classic::{ClassicGroup, ExpiresFrom};
use super::{Append, GroupCoordinator};
use crate::coordinator::offsets::{OffsetAndMetadata, tombstone};
use crate::fact::Fact;
use crate::feature::mutant;
use crate::ids::{Timestamp, TopicPartition};
use crate::node::Outbox;
use crate::protocol::coordinator_record::GroupRecord;

impl GroupCoordinator {
    /// Time to look for expired offsets of a shard.
    pub(super) fn on_expiry(&mut self, partition: i32, out: &mut Outbox) {
        let Some(shard) = self.shards.get(&partition).filter(|shard| shard.active) else { return };
        self.set_expiry_timer(partition, out);
        let mut records = Vec::new();
        for slot in shard.current.groups.values() {
            let group = self.at(*slot);
            let all_expired = self.expire_offsets(group, &mut records, out);
            if all_expired && group.validate_delete().is_ok() {
                records.push(ClassicGroup::tombstone(&group.group));
            }
        }
        self.append(partition, records, Completion::Nothing, Append::ReplayedInParts, out);
    }

    /// Adds tombstones for the expired offsets of a group; true where it has no others.
    fn expire_offsets(
        &self,
        group: &ClassicGroup,
        records: &mut Vec<GroupRecord>,
        out: &mut Outbox,
    ) -> bool {
        let offsets = &self.shards[&group.partition].current.offsets;
        let name = &group.group;
        let Some(committed) = offsets.of_group(name) else { return !offsets.has_pending(name) };
        let regardless = mutant!(out, OffsetsExpireInUse);
        let from = group.expires_from().or(regardless.then_some(ExpiresFrom::Commit));
        let Some(from) = from else { return false };
        let retention = self.config.offsets_retention.as_millis() as i64;
        let mut all = true;
        for (tp, offset) in committed {
            let is_over =
                !group.is_subscribed_to(&tp.topic) && is_expired(offset, from, out.wall, retention);
            let expired = (is_over || regardless) && !offsets.is_pending(name, tp);
            if expired {
                out.fact(|| Fact::OffsetExpired { group: name.clone(), tp: tp.clone() });
                records.push(tombstone(name, tp));
            }
            all &= expired;
        }
        all && !offsets.has_pending(name)
    }

    /// Partitions were deleted: their offsets go too.
    pub fn on_partitions_deleted(&mut self, deleted: &[TopicPartition], out: &mut Outbox) {
        let active = self.shards.values().filter(|shard| shard.active);
        let partitions: Vec<i32> = active.map(|shard| shard.partition).collect();
        for partition in partitions {
            let records = self.shards[&partition].current.offsets.tombstones_of_deleted(deleted);
            self.append(partition, records, Completion::Nothing, Append::ReplayedInParts, out);
        }
    }
}

fn is_expired(
    offset: &OffsetAndMetadata,
    from: ExpiresFrom,
    now: Timestamp,
    retention: i64,
) -> bool {
    if let Some(expires) = offset.expire_timestamp {
        return now >= expires;
    }
    let from = match from {
        ExpiresFrom::Empty(Some(since)) => since,
        ExpiresFrom::Empty(None) | ExpiresFrom::Commit => offset.commit_timestamp,
    };
    now.0 - from.0 >= retention
}

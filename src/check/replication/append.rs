//! What is appended: R2 (an epoch and an offset name one batch), R3 (one writer per epoch).
//!
//! A leader's batch is new to the tree of all batches, a follower's is there already, below the one
//! that its log ends with. So two logs that hold the same batch are the same below it.

use crate::check::Id;
use crate::check::violation::{Report, Subject, text};
use crate::check::world::partition::{Partition, Writer};
use crate::check::world::tree::{BatchId, Contents};
use crate::ids::{BrokerId, LeaderEpoch, TopicPartition};
use crate::protocol::Batch;

impl Partition {
    /// The leader on `broker` appended `batch`. `may_write`: the controller named it for that epoch.
    pub(in crate::check) fn lead(
        &mut self,
        broker: BrokerId,
        tip: BatchId,
        batch: &Batch,
        contents: Contents,
        report: &mut Report,
    ) -> BatchId {
        let epoch = batch.partition_leader_epoch().unwrap_or(LeaderEpoch(-1));
        let named = match self.registered {
            Some(_) => self.named_for(epoch),
            None => Some(broker),
        };
        let known = self.writers.iter().rposition(|writer| writer.epoch == epoch);
        let index = known.unwrap_or_else(|| {
            self.writers.push(Writer { epoch, broker, end: batch.base_offset() });
            self.writers.len() - 1
        });
        let writer = &mut self.writers[index];
        let (other, end) = (writer.broker, writer.end);
        writer.end = writer.end.max(batch.next_offset());
        let tp = &self.tp;
        let subject = || Subject::Replica(tp.clone(), broker);
        report.judge(Id::R3, other == broker && named == Some(broker), || {
            let found =
                text!("broker {} wrote in epoch {}", "broker {} 在 epoch {} 写入", broker, epoch);
            let against = text!(
                "broker {} wrote in it first, and the controller named {:?}",
                "最先写入的是 broker {}，controller 任命的是 {:?}",
                other,
                named
            );
            (subject(), found, against)
        });
        let again = batch.base_offset() < end;
        let twin = again.then(|| self.tree.named(epoch, batch.base_offset())).flatten();
        report.judge(Id::R2, twin.is_none(), || {
            let base = batch.base_offset();
            let found = text!(
                "the leader appended at {} in epoch {}",
                "leader 在 epoch {1} 于位移 {0} 追加",
                base,
                epoch
            );
            let known = twin.map(|id| self.tree[id].name()).unwrap_or_default();
            let against = text!("that place is taken by {}", "该位置已有批次 {}", known);
            (subject(), found, against)
        });
        self.tree.add(tip, batch, contents)
    }

    /// A follower on `broker` appended `batch`.
    pub(in crate::check) fn follow(
        &mut self,
        broker: BrokerId,
        tip: BatchId,
        batch: &Batch,
        report: &mut Report,
    ) -> BatchId {
        if let Some(id) = self.tree.find_below(tip, batch) {
            report.judge(Id::R2, true, || unreachable!("it holds"));
            return id;
        }
        let epoch = batch.partition_leader_epoch().unwrap_or(LeaderEpoch(-1));
        let twin = self.tree.named(epoch, batch.base_offset());
        report.judge(Id::R2, false, || not_the_same(&self.tp, broker, self, tip, batch, twin));
        let contents = twin.map_or(Contents::Other, |twin| self.tree[twin].contents.clone());
        self.tree.add(tip, batch, contents)
    }
}

/// Says how a follower's batch is another one than the leader's.
fn not_the_same(
    tp: &TopicPartition,
    broker: BrokerId,
    partition: &Partition,
    tip: BatchId,
    batch: &Batch,
    twin: Option<BatchId>,
) -> (Subject, crate::check::Text, crate::check::Text) {
    let (base, crc) = (batch.base_offset(), batch.crc());
    let epoch = LeaderEpoch::to_wire(batch.partition_leader_epoch());
    let below = partition.tree[tip].name();
    let found = text!(
        "follower {} appended {} of epoch {}, crc {:08x}, after {}",
        "follower {} 追加了位移 {}、epoch {}、crc {:08x} 的批次，其前为 {}",
        broker,
        base,
        epoch,
        crc,
        below
    );
    let against = match twin {
        None => text!("no leader ever wrote that", "没有任何 leader 写过它"),
        Some(twin) => {
            let twin = &partition.tree[twin];
            let before = partition.tree[twin.parent].name();
            text!(
                "the leader wrote {} after {}",
                "leader 写的是 {}，其前为 {}",
                twin.name(),
                before
            )
        }
    };
    (Subject::Replica(tp.clone(), broker), found, against)
}

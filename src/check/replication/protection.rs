//! R12: what is committed is on some disk, even while nobody can lead.

use crate::check::Id;
use crate::check::ledger::Circumstances;
use crate::check::violation::{Report, Subject, text};
use crate::check::world::partition::Partition;
use crate::ids::Offset;

impl Partition {
    /// R12: the disks of the replicas together hold all that is committed, unless more of them lost
    /// data than the topic can bear. `now`: who would be to blame at this moment.
    pub(in crate::check) fn judge_protection(&self, now: &Circumstances, report: &mut Report) {
        let committed = self.official.committed;
        let Some(state) = self.registered.as_ref().filter(|_| committed > self.official.start)
        else {
            return;
        };
        let mut held = Offset(0);
        for replica in self.replicas.iter().filter(|one| state.replicas.contains(&one.broker)) {
            if self.holds_committed(replica.tip) {
                held = committed;
                break;
            }
            held = held.max(self.official.shared(&self.tree, replica.tip));
        }
        let is_there = held >= self.tree[self.committed_tip()].next;
        let min_isr = || self.official.max_min_isr_from(held).unwrap_or(1);
        report.judge(Id::R12, is_there || now.excuse(min_isr()).is_some(), || {
            let found = text!(
                "on no disk is there anything of it from {} on",
                "从位移 {} 起没有任何磁盘上还有它的记录",
                held
            );
            let against = text!(
                "committed is up to {}; {} replicas lost data at the same time",
                "已提交到 {}；同时丢失数据的副本有 {} 个",
                committed,
                now.lossy
            );
            (Subject::Partition(self.tp.clone()), found, against)
        });
    }

    /// True if the logs of the ISR end where the leader's does.
    pub(in crate::check) fn logs_are_level(&self) -> bool {
        let Some(state) = &self.registered else { return true };
        let mut ends = state.isr.iter().filter_map(|broker| Some(self.replica(*broker)?.end));
        let first = ends.next();
        ends.all(|end| Some(end) == first)
    }
}

//! High watermarks: R1 (replicas agree below them), R5 and R9 (how they rise), R7 (who could be elected
//! has it all), R10 (acks=all), R13 and R14 (what consumers see), R17 (followers), R19 (latest offset).

use crate::check::Id;
use crate::check::violation::{Report, Subject, text};
use crate::check::world::partition::Partition;
use crate::ids::{BrokerId, LeaderEpoch, Offset};
use crate::replica::{self, Role};

/// What a leader's broker says of its replica at the moment.
#[derive(Clone, Debug)]
pub(in crate::check) struct LeaderSays {
    /// Every replica that may be in the ISR.
    pub(in crate::check) maximal_isr: replica::BrokerList,
    /// How many are in it for sure.
    pub(in crate::check) isr: usize,
    /// `min.insync.replicas`, at most the number of replicas.
    pub(in crate::check) min_isr: usize,
}

impl LeaderSays {
    /// What a replica that leads says; none if it does not.
    pub(in crate::check) fn of(state: &replica::Partition, log: &crate::log::Log) -> Option<Self> {
        let Role::Leader(leader) = state.role() else { return None };
        Some(Self {
            maximal_isr: leader.maximal_isr(),
            isr: leader.isr().len(),
            min_isr: state.effective_min_isr(log),
        })
    }
}

impl Partition {
    /// The high watermark of the leader on `broker` rose from `from` to `to`.
    pub(in crate::check) fn on_leader_high_watermark(
        &mut self,
        broker: BrokerId,
        (from, to): (Offset, Offset),
        says: Option<&LeaderSays>,
        report: &mut Report,
    ) {
        let index = self.index_of(broker);
        let known = self.replicas[index].high_watermark;
        let subject = || Subject::Replica(self.tp.clone(), broker);
        report.judge(Id::R5, from >= known, || {
            let found = text!("the leader's high watermark was {}", "leader 的高水位曾为 {}", from);
            (subject(), found, text!("before it had been {}", "此前已达到 {}", known))
        });
        self.replicas[index].high_watermark = to;
        if let Some(reign) = &self.replicas[index].reign {
            let epoch = reign.epoch;
            self.mark(epoch, to);
        }
        if let Some(says) = says
            && self.judge_rule(broker, to, says, report)
            && let Some(reign) = &mut self.replicas[index].reign
        {
            reign.confirmed = reign.confirmed.max(to);
        }
        self.judge_agreement(broker, to, report);
        let min_isr = says.map_or(1, |says| says.min_isr as u32);
        if to > self.official.committed && to <= self.official.end(&self.tree) {
            self.official.commit(to, min_isr);
            self.judge_candidates(report);
        }
    }

    /// R9: everybody who counts has it. Returns true if so.
    fn judge_rule(
        &self,
        broker: BrokerId,
        to: Offset,
        says: &LeaderSays,
        report: &mut Report,
    ) -> bool {
        let reign = self.replica(broker).and_then(|replica| replica.reign.as_ref());
        let others = says.maximal_isr.iter().filter(|id| **id != broker);
        let mut behind = others.filter(|id| {
            let acknowledged = reign.and_then(|reign| reign.acknowledged_by(**id));
            acknowledged.is_none_or(|end| end < to)
        });
        let behind = behind.next().copied();
        let enough = says.isr >= says.min_isr;
        report.judge(Id::R9, behind.is_none() && enough, || {
            let found = text!("the high watermark rose to {}", "高水位升至 {}", to);
            let against = match behind {
                Some(id) => text!(
                    "{} counts and has acknowledged {:?} in this leader's time",
                    "副本 {} 计入其中，在该 leader 任期内只确认到 {:?}",
                    id,
                    reign.and_then(|reign| reign.acknowledged_by(id))
                ),
                None => text!(
                    "the ISR has {} members, min.insync.replicas is {}",
                    "ISR 有 {} 个成员，min.insync.replicas 为 {}",
                    says.isr,
                    says.min_isr
                ),
            };
            (Subject::Replica(self.tp.clone(), broker), found, against)
        });
        behind.is_none() && enough
    }

    /// R1: below its high watermark the log is the one that counts.
    fn judge_agreement(&self, broker: BrokerId, to: Offset, report: &mut Report) {
        let Some(replica) = self.replica(broker) else { return };
        if to > self.official.end(&self.tree) {
            // Only the log that counts can say; a leader in the past may be longer for a while.
            return;
        }
        if self.unclean_since.is_some_and(|since| replica.leader_epoch < Some(since)) {
            // It has not heard of the unclean election, and cuts its log when it does.
            return;
        }
        let ours = self.tree.up_to(replica.tip, to);
        let counts = self.official.up_to(&self.tree, to);
        report.judge(Id::R1, ours == counts || replica.start >= to, || {
            let (ours, counts) = (self.tree[ours].name(), self.tree[counts].name());
            let found =
                text!("below {} its log ends with {}", "位移 {} 之下它的日志以 {} 结尾", to, ours);
            let against = text!("the leader's with {}", "leader 的以 {} 结尾", counts);
            (Subject::Replica(self.tp.clone(), broker), found, against)
        });
    }

    /// R7: whoever may be elected holds all that is committed.
    pub(in crate::check) fn judge_candidates(&self, report: &mut Report) {
        let Some(state) = &self.registered else { return };
        if self.unclean.is_some() {
            // What counts as committed is decided when the leader starts that was elected.
            return;
        }
        for broker in state.electable() {
            let Some(replica) = self.replica(broker).filter(|replica| !replica.is_lossy) else {
                continue;
            };
            let committed = self.official.committed;
            let holds = replica.end >= committed && self.holds_committed(replica.tip);
            report.judge(Id::R7, holds, || {
                let own = self.tree.up_to(replica.tip, committed);
                let found = text!(
                    "a member of ISR or ELR has a log up to {}, below the committed end {}",
                    "ISR 或 ELR 成员的日志止于 {}，其中在已提交末端之下的最后批次为 {}",
                    replica.end,
                    self.tree[own].name()
                );
                let tip = self.tree[self.committed_tip()].name();
                let against = text!("committed is up to {}, {}", "已提交到 {}，{}", committed, tip);
                (Subject::Replica(self.tp.clone(), broker), found, against)
            });
        }
    }

    /// The high watermark of the follower on `broker` is `to` now.
    pub(in crate::check) fn on_follower_high_watermark(
        &mut self,
        broker: BrokerId,
        to: Offset,
        report: &mut Report,
    ) {
        let index = self.index_of(broker);
        self.replicas[index].high_watermark = to;
        let replica = &self.replicas[index];
        let (end, epoch) = (replica.end, replica.leader_epoch);
        // A follower learns it from the leader of its epoch alone, who had told it before.
        let told = epoch.and_then(|epoch| self.mark_of(epoch));
        let is_known = told.is_some_and(|told| to <= told);
        report.judge(Id::R17, to <= end && is_known, || {
            let found = text!("a follower's high watermark is {}", "follower 的高水位为 {}", to);
            let against = text!(
                "its log ends at {}, and that of the leader of epoch {:?} was never above {:?}",
                "它的日志止于 {}，epoch {:?} 的 leader 的高水位从未超过 {:?}",
                end,
                epoch,
                told
            );
            (Subject::Replica(self.tp.clone(), broker), found, against)
        });
        self.judge_agreement(broker, to, report);
    }

    /// R10: a leader answers acks=all for everything before `next`.
    pub(in crate::check) fn on_produce_committed(
        &self,
        broker: BrokerId,
        next: Offset,
        says: Option<&LeaderSays>,
        report: &mut Report,
    ) {
        // Not what the leader says of itself: what its followers acknowledged while they counted. A
        // leader of the past goes by its own time, and what it answers may be lost by right.
        let reign = self.replica(broker).and_then(|replica| replica.reign.as_ref());
        let committed = reign.map_or(Offset(0), |reign| reign.confirmed);
        let enough = says.is_none_or(|says| says.maximal_isr.len() >= says.min_isr);
        let is_there = next <= self.official.committed
            || reign.is_some_and(|reign| self.is_lost_by_right(reign.epoch, next));
        report.judge(Id::R10, next <= committed && is_there && enough, || {
            let found = text!(
                "acks=all was answered for records before {}",
                "对位移 {} 之前的记录作了 acks=all 应答",
                next
            );
            let against = text!(
                "by its followers' word committed is up to {}, for good up to {}; maximal ISR {:?}, \
                 min.insync.replicas {:?}",
                "按其 follower 的确认已提交到 {}，最终提交到 {}；maximal ISR {:?}，\
                 min.insync.replicas {:?}",
                committed,
                self.official.committed,
                says.map(|says| says.maximal_isr.to_vec()),
                says.map(|says| says.min_isr)
            );
            (Subject::Replica(self.tp.clone(), broker), found, against)
        });
    }

    /// True if `broker` still leads in an epoch before that of an unclean election.
    pub(in crate::check) fn is_overtaken_by_unclean_election(&self, broker: BrokerId) -> bool {
        let reign = self.replica(broker).and_then(|replica| replica.reign.as_ref());
        reign.is_some_and(|reign| self.is_before_unclean_election(reign.epoch))
    }

    fn is_before_unclean_election(&self, epoch: LeaderEpoch) -> bool {
        self.unclean_since.is_some_and(|since| epoch < since)
    }

    /// True if a leader after `epoch` began without the record before `end`, and that was no wrong.
    fn is_lost_by_right(&self, epoch: LeaderEpoch, end: Offset) -> bool {
        if self.is_before_unclean_election(epoch) {
            return true;
        }
        let Some(offset) = end.0.checked_sub(1).map(Offset) else { return false };
        self.cuts.iter().any(|(change, circumstances)| {
            let is_off = change.left.first().is_some_and(|id| self.tree[*id].base <= offset);
            let min_isr = change.min_isr_at(offset);
            circumstances.epoch > epoch && is_off && circumstances.excuse(min_isr).is_some()
        })
    }

    /// R13, R14: a consumer was given the records `from..to` of the replica on `broker`.
    pub(in crate::check) fn on_served(
        &mut self,
        broker: BrokerId,
        (from, to): (Offset, Offset),
        report: &mut Report,
    ) {
        let committed = self.official.committed;
        let subject = || Subject::Replica(self.tp.clone(), broker);
        let reign = self.replica(broker).and_then(|replica| replica.reign.as_ref());
        // A leader of the past serves what was committed in its time, and has been lost since by right.
        let is_past = reign
            .is_some_and(|reign| to <= reign.confirmed && self.is_lost_by_right(reign.epoch, to));
        if is_past {
            report.judge(Id::R13, true, || unreachable!("it holds"));
            return;
        }
        report.judge(Id::R13, to <= committed, || {
            let found = text!(
                "a consumer was given the records {}..{}",
                "消费者得到了记录 {}..{}",
                from,
                to
            );
            (subject(), found, text!("committed is up to {}", "已提交到 {}", committed))
        });
        let Some(replica) = self.replica(broker) else { return };
        let ours = self.tree.up_to(replica.tip, to);
        let counts = self.official.up_to(&self.tree, to);
        report.judge(Id::R14, ours == counts, || {
            let found = text!(
                "a consumer was given {} as the last of {}..{}",
                "消费者得到 {} 作为 {}..{} 的末尾",
                self.tree[ours].name(),
                from,
                to
            );
            let other = self.tree[counts].name();
            (subject(), found, text!("others are given {}", "其他消费者得到的是 {}", other))
        });
        self.served = self.served.max(to);
    }

    /// R19: a client was told the latest offset by the leader of `epoch`.
    pub(in crate::check) fn on_latest_told(
        &mut self,
        broker: BrokerId,
        epoch: LeaderEpoch,
        offset: Offset,
        report: &mut Report,
    ) {
        let Some((newest, told)) = self.latest_told else {
            self.latest_told = Some((epoch, offset));
            return;
        };
        if epoch < newest {
            // A leader of the past does not know better; no client that knows the new one asks it.
            return;
        }
        report.judge(Id::R19, offset >= told, || {
            let found = text!(
                "the leader of epoch {} said that the latest offset is {}",
                "epoch {} 的 leader 称最新位移为 {}",
                epoch,
                offset
            );
            let against =
                text!("in epoch {} it had been {}", "在 epoch {} 时已是 {}", newest, told);
            (Subject::Replica(self.tp.clone(), broker), found, against)
        });
        self.latest_told = Some((epoch, told.max(offset)));
    }
}

//! Who leads: R4 (epochs move forward), R6 (a new leader holds all that is committed), R15 (no
//! candidate lost records), R18 (nobody in sync cuts what is committed), C6 (brokers act on the newest
//! word of the controller).

use crate::check::Id;
use crate::check::ledger::Circumstances;
use crate::check::violation::{Report, Subject, text};
use crate::check::world::official::Change;
use crate::check::world::partition::Partition;
use crate::check::world::replica::Reign;
use crate::ids::{BrokerId, LeaderEpoch, Offset, PartitionEpoch};
use crate::log::EpochEntry;

impl Partition {
    /// A broker told that it leads, or follows, in `epoch`.
    pub(in crate::check) fn judge_role(
        &mut self,
        broker: BrokerId,
        epoch: LeaderEpoch,
        leads: bool,
        report: &mut Report,
    ) {
        let index = self.index_of(broker);
        let known = self.replicas[index].leader_epoch.replace(epoch);
        let subject = || Subject::Replica(self.tp.clone(), broker);
        report.judge(Id::R4, known.is_none_or(|known| known < epoch), || {
            let found =
                text!("a broker went to leader epoch {}", "broker 进入 leader epoch {}", epoch);
            (subject(), found, text!("it was at {:?}", "它此前处于 {:?}", known))
        });
        let entry = self.named.iter().rev().find(|(named, _)| *named == epoch);
        let right = entry.is_some_and(|(_, leader)| (*leader == Some(broker)) == leads);
        report.judge(Id::C6, right, || {
            let found = if leads {
                text!("a broker began to lead epoch {}", "broker 开始领导 epoch {}", epoch)
            } else {
                text!("a broker began to follow in epoch {}", "broker 在 epoch {} 开始跟随", epoch)
            };
            let against = text!(
                "the controller named {:?} for it",
                "controller 为该 epoch 任命的是 {:?}",
                entry
            );
            (subject(), found, against)
        });
    }

    /// R4: the partition epoch that a broker knows does not go back.
    pub(in crate::check) fn judge_partition_epoch(
        &mut self,
        broker: BrokerId,
        epoch: Option<PartitionEpoch>,
        report: &mut Report,
    ) {
        let index = self.index_of(broker);
        let known = std::mem::replace(&mut self.replicas[index].partition_epoch, epoch);
        if known == epoch {
            return;
        }
        report.judge(Id::R4, known < epoch, || {
            let found = text!(
                "a broker went to partition epoch {:?}",
                "broker 进入 partition epoch {:?}",
                epoch
            );
            let subject = Subject::Replica(self.tp.clone(), broker);
            (subject, found, text!("it was at {:?}", "它此前处于 {:?}", known))
        });
    }

    /// The broker `broker` began to lead `epoch`. If nobody led later already, its log is the one that
    /// counts from now on: returns what changed with that.
    pub(in crate::check) fn on_leader(
        &mut self,
        broker: BrokerId,
        (epoch, known): (LeaderEpoch, Offset),
        circumstances: &Circumstances,
        report: &mut Report,
    ) -> Option<Change> {
        let index = self.index_of(broker);
        // It begins with the high watermark that it had as a follower, or on its disk.
        let told = self.marks.iter().filter(|(before, _)| *before < epoch);
        let told = told.map(|(_, offset)| *offset).max().unwrap_or_default();
        self.mark(epoch, known);
        let replica = &mut self.replicas[index];
        let start_offset = replica.end;
        replica.led.push(EpochEntry { epoch, start_offset });
        let before = replica.reign.take();
        // Who leads on keeps what it knows of its followers.
        let confirmed = before.as_ref().map_or(Offset(0), |reign| reign.confirmed);
        let confirmed = confirmed.max(known.min(told));
        let acknowledged = before.map(|reign| reign.acknowledged).unwrap_or_default();
        replica.reign = Some(Reign { epoch, start: start_offset, confirmed, acknowledged });
        let tip = replica.tip;
        if self.official.leader.is_some_and(|(newest, _)| newest >= epoch) {
            return None;
        }
        let committed = self.official.committed;
        let change = self.official.switch(&self.tree, tip);
        self.official.leader = Some((epoch, broker));
        if committed > self.official.start {
            self.judge_completeness(broker, epoch, committed, &change, circumstances, report);
        }
        self.after_cut(&change, circumstances, report);
        if self.unclean.is_some_and(|unclean| unclean <= epoch) {
            self.unclean_since = Some(epoch);
            self.unclean = None;
            self.latest_told = None;
        }
        // Whatever it lost is lost now; what it has is what counts.
        self.replicas[index].is_lossy = false;
        Some(change)
    }

    /// R6: nothing that is committed left the log that counts.
    fn judge_completeness(
        &self,
        broker: BrokerId,
        epoch: LeaderEpoch,
        committed: Offset,
        change: &Change,
        circumstances: &Circumstances,
        report: &mut Report,
    ) {
        let lost = change.left.first().map(|id| self.tree[*id].base);
        let lost = lost.filter(|from| *from < committed);
        let excused = lost.is_none_or(|from| {
            let min_isr = self.official.max_min_isr_from(from).unwrap_or(1);
            circumstances.excuse(min_isr).is_some()
        });
        report.judge(Id::R6, excused, || {
            let end = self.replica(broker).map_or(Offset(0), |replica| replica.end);
            let found = text!(
                "a broker began to lead epoch {} with a log up to {}",
                "broker 开始领导 epoch {}，其日志止于 {}",
                epoch,
                end
            );
            let against = text!(
                "committed is up to {}, and from {} on it has not got it",
                "已提交到 {}，而从 {} 起它没有",
                committed,
                lost.unwrap_or_default()
            );
            (Subject::Replica(self.tp.clone(), broker), found, against)
        });
    }

    /// What left the log that counts is not committed any more. R14: if it was not lost by right,
    /// consumers that read it saw what is no more.
    fn after_cut(&mut self, change: &Change, circumstances: &Circumstances, report: &mut Report) {
        let Some(first) = change.left.first() else { return };
        let from = self.tree[*first].base;
        if from < self.served {
            let min_isr = self.official.max_min_isr_from(from).unwrap_or(1);
            let excused = circumstances.excuse(min_isr).is_some();
            report.judge(Id::R14, excused, || {
                let found = text!(
                    "consumers were given records before {}",
                    "消费者读到过 {} 之前的记录",
                    self.served
                );
                let against = text!(
                    "the new leader does not have them from {} on",
                    "新 leader 从 {} 起没有这些记录",
                    from
                );
                (Subject::Partition(self.tp.clone()), found, against)
            });
            self.served = from;
        }
        self.official.uncommit(from);
    }

    /// The replica on `broker` was cut from `from` to `to`. Returns what left the log that counts, if
    /// that is its log.
    pub(in crate::check) fn on_cut(
        &mut self,
        broker: BrokerId,
        (from, to): (Offset, Offset),
        circumstances: &Circumstances,
        report: &mut Report,
    ) -> Option<Change> {
        let committed = self.official.committed;
        let index = self.index_of(broker);
        let replica = &mut self.replicas[index];
        let (tip, start) = if to > from || to < replica.start {
            // It begins anew somewhere else, as if it had held all before.
            (self.official.up_to(&self.tree, to), to)
        } else {
            (self.tree.up_to(replica.tip, to), replica.start)
        };
        replica.cut(tip, to);
        replica.start = start;
        replica.high_watermark = replica.high_watermark.min(to);
        let (is_lossy, reign) = (replica.is_lossy, replica.reign.clone());
        let in_sync = self.registered.as_ref().is_some_and(|state| state.isr.contains(&broker));
        if in_sync && !is_lossy && self.unclean.is_none() {
            report.judge(Id::R18, to >= committed || start == to, || {
                let found =
                    text!("an in-sync replica cut its log at {}", "同步副本把日志截断到 {}", to);
                let against = text!("committed is up to {}", "已提交到 {}", committed);
                (Subject::Replica(self.tp.clone(), broker), found, against)
            });
        }
        let reign = reign.filter(|reign| self.is_official(broker, reign.epoch))?;
        report.judge(Id::R5, to >= committed, || {
            let epoch = reign.epoch;
            let found = text!(
                "the leader of epoch {} cut its own log at {}",
                "epoch {} 的 leader 把自己的日志截断到 {}",
                epoch,
                to
            );
            let against = text!("committed is up to {}", "已提交到 {}", committed);
            (Subject::Replica(self.tp.clone(), broker), found, against)
        });
        let change = self.official.switch(&self.tree, tip);
        self.after_cut(&change, circumstances, report);
        Some(change)
    }

    /// The disk under the replica on `broker` holds its log up to `end` only.
    pub(in crate::check) fn on_loss(&mut self, broker: BrokerId, end: Offset) {
        let index = self.index_of(broker);
        let replica = &mut self.replicas[index];
        if end >= replica.end {
            return;
        }
        let tip = self.tree.up_to(replica.tip, end);
        replica.cut(tip, end);
        replica.is_lossy = true;
        replica.loss_is_known = false;
    }

    /// A follower fetched in the newest epoch: if it has all that is committed, it has caught up.
    pub(in crate::check) fn on_fetch(&mut self, leader: BrokerId, follower: BrokerId, end: Offset) {
        let index = self.index_of(leader);
        let Some(reign) = &mut self.replicas[index].reign else { return };
        reign.acknowledge(follower, end);
        let epoch = reign.epoch;
        if !self.is_official(leader, epoch) {
            return;
        }
        let index = self.index_of(follower);
        let replica = &self.replicas[index];
        if replica.is_lossy
            && replica.is_open
            && replica.end >= end.max(self.official.committed)
            && self.holds_committed(replica.tip)
        {
            self.replicas[index].is_lossy = false;
        }
    }

    /// R15: a replica that lost records, as the controller could know, is neither in ISR nor ELR, and
    /// does not lead.
    pub(in crate::check) fn judge_exclusion(&self, elr: bool, report: &mut Report) {
        let Some(state) = self.registered.as_ref().filter(|_| elr) else { return };
        if self.unclean.is_some() {
            return;
        }
        for replica in self.replicas.iter().filter(|one| one.is_lossy && one.loss_is_known) {
            let broker = replica.broker;
            let is_candidate =
                state.electable().any(|id| id == broker) || state.leader == Some(broker);
            report.judge(Id::R15, !is_candidate, || {
                let found = text!(
                    "a replica lost records and has not caught up: its log ends at {}",
                    "该副本丢过数据且尚未追上：其日志止于 {}",
                    replica.end
                );
                let against = text!(
                    "leader {:?}, ISR {:?}, ELR {:?}",
                    "leader {:?}，ISR {:?}，ELR {:?}",
                    state.leader,
                    state.isr,
                    state.elr
                );
                (Subject::Replica(self.tp.clone(), broker), found, against)
            });
        }
    }
}

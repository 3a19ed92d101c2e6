//! The ISR: R8 (a leader counts at least the controller's), R16 (who joins has caught up), C5 (a change
//! follows on the state it was asked in).

use crate::check::Id;
use crate::check::violation::{Report, Subject, text};
use crate::check::world::partition::{Brokers, Partition, Proposal, Registered};
use crate::ids::{BrokerId, PartitionEpoch};
use crate::metadata::ClusterImage;
use crate::replica::{self, FetchEpoch, Role};

impl Partition {
    /// The leader on `broker` asked the controller for another ISR.
    pub(in crate::check) fn on_proposal(
        &mut self,
        broker: BrokerId,
        isr: &[BrokerId],
        joining: Option<BrokerId>,
        state: Option<&replica::Partition>,
        report: &mut Report,
    ) {
        let follower = |id: BrokerId| match state?.role() {
            Role::Leader(leader) => leader.follower(id)?.broker_epoch,
            Role::Follower => None,
        };
        let joining = joining.map(|id| match follower(id) {
            Some(FetchEpoch::Of(epoch)) => (id, Some(epoch)),
            Some(FetchEpoch::Unversioned) | None => (id, None),
        });
        if let Some((id, _)) = joining {
            self.judge_joining(broker, id, report);
        }
        // An answer that never comes is asked for again: only the newest of a leader can count.
        self.proposals.retain(|proposal| proposal.leader != broker);
        self.proposals.push(Proposal {
            leader: broker,
            leader_epoch: state.and_then(replica::Partition::leader_epoch),
            partition_epoch: state.and_then(replica::Partition::partition_epoch),
            isr: Brokers::from_slice(isr),
            joining,
        });
    }

    /// R16: who shall join fetched in this leader's time, and has reached what it must.
    fn judge_joining(&self, leader: BrokerId, joining: BrokerId, report: &mut Report) {
        let Some(own) = self.replica(leader) else { return };
        let Some(reign) = &own.reign else { return };
        let acknowledged = reign.acknowledged_by(joining);
        let end = self.replica(joining).map(|replica| replica.end);
        let needed = reign.start.max(own.high_watermark);
        let reached =
            acknowledged.is_some_and(|at| at >= needed) && end.is_some_and(|at| at >= needed);
        report.judge(Id::R16, reached, || {
            let found = text!(
                "{} shall join the ISR; it acknowledged {:?} in epoch {}, and its log ends at {:?}",
                "副本 {} 将加入 ISR；它在 epoch {2} 确认到 {1:?}，日志止于 {3:?}",
                joining,
                acknowledged,
                reign.epoch,
                end
            );
            let against = text!(
                "the high watermark is {}, and the epoch began at {}",
                "高水位为 {}，该 epoch 始于 {}",
                own.high_watermark,
                reign.start
            );
            (Subject::Replica(self.tp.clone(), leader), found, against)
        });
    }

    /// The controller changed the ISR from that of `before`, not by an unclean election.
    pub(in crate::check) fn judge_isr_change(
        &mut self,
        before: &Registered,
        image: Option<&ClusterImage>,
        report: &mut Report,
    ) {
        let Some(now) = self.registered.clone() else { return };
        let came: Brokers = now.isr.iter().filter(|id| !before.isr.contains(id)).copied().collect();
        let left: Brokers = before.isr.iter().filter(|id| !now.isr.contains(id)).copied().collect();
        if came.is_empty() && left.is_empty() {
            return;
        }
        let asked = self.proposals.iter().find(|proposal| {
            Some(proposal.leader) == before.leader
                && proposal.leader_epoch == Some(before.leader_epoch)
                && proposal.partition_epoch == Some(before.partition_epoch)
        });
        let granted = asked.filter(|asked| same_members(&asked.isr, &now.isr)).cloned();
        let is_active = |id: BrokerId| image.is_none_or(|image| image.is_active(id));
        let came_as_asked = came.iter().all(|id| asked.is_some_and(|asked| asked.isr.contains(id)));
        let left_as_asked = left.iter().all(|id| {
            asked.is_some_and(|asked| !asked.isr.contains(id))
                || !is_active(*id)
                || !now.replicas.contains(id)
        });
        let subject = || Subject::Partition(self.tp.clone());
        report.judge(Id::C5, came_as_asked && left_as_asked, || {
            let found = text!(
                "the ISR went from {:?} (leader epoch {}, partition epoch {}) to {:?}",
                "ISR 从 {:?}（leader epoch {}，partition epoch {}）变为 {:?}",
                before.isr,
                before.leader_epoch,
                before.partition_epoch,
                now.isr
            );
            let against = text!("asked was {:?}", "所提出的是 {:?}", self.proposals);
            (subject(), found, against)
        });
        for joined in came {
            let fetched = asked.and_then(|asked| asked.joining).filter(|(id, _)| *id == joined);
            let registered = image.and_then(|image| image.broker(joined));
            let right_incarnation = match (fetched, registered) {
                (Some((_, Some(fetched))), Some(registered)) => fetched == registered.epoch,
                _ => true,
            };
            let replica = self.replica(joined);
            let committed = self.official.committed;
            let has_all = replica.is_none_or(|replica| {
                replica.end >= committed && self.holds_committed(replica.tip)
            });
            let welcome = right_incarnation && is_active(joined) && has_all;
            report.judge(Id::R16, welcome, || {
                let found = text!(
                    "{} joined the ISR, fetching as {:?}; its log ends at {:?}",
                    "副本 {} 加入 ISR，以 {:?} 身份拉取；其日志止于 {:?}",
                    joined,
                    fetched,
                    replica.map(|replica| replica.end)
                );
                let against = text!(
                    "registered is {:?}, active {}; committed is up to {}",
                    "登记的 broker epoch 为 {:?}，活跃 {}；已提交到 {}",
                    registered.map(|registered| registered.epoch),
                    is_active(joined),
                    committed
                );
                (subject(), found, against)
            });
        }
        self.granted = granted;
    }

    /// True if the controller agreed to what `leader` asked for, and the leader has not heard of it and
    /// has forgotten that it asked. In Kafka too: metadata that says nothing new of a partition, but
    /// comes while a request is under way, makes the leader forget it (`Partition.makeLeader` takes a
    /// state of the same partition epoch, and `updateAssignmentAndIsr` makes it the committed one).
    fn has_forgotten_to_have_asked(&self, state: &replica::Partition, missing: BrokerId) -> bool {
        let known = state.partition_epoch();
        self.granted.as_ref().is_some_and(|granted| {
            Some(granted.leader) == self.registered.as_ref().and_then(|now| now.leader)
                && granted.leader_epoch == state.leader_epoch()
                && granted.partition_epoch == known
                && granted.isr.contains(&missing)
        })
    }

    /// R8: the leader's maximal ISR has everybody whom the controller has; and where nothing is asked
    /// for and both know the same state, it is the controller's.
    pub(in crate::check) fn judge_maximal_isr(
        &self,
        state: Option<&replica::Partition>,
        report: &mut Report,
    ) {
        let (Some(now), Some(state)) = (&self.registered, state) else { return };
        if state.leader_epoch() != Some(now.leader_epoch) {
            return;
        }
        let Role::Leader(leader) = state.role() else { return };
        let maximal = leader.maximal_isr();
        let counts_all = now.isr.iter().all(|id| {
            maximal.contains(id)
                || (!leader.is_inflight() && self.has_forgotten_to_have_asked(state, *id))
        });
        let same_state = state.partition_epoch() == Some(now.partition_epoch);
        let settled = leader.is_inflight() || !same_state || same_members(&maximal, &now.isr);
        report.judge(Id::R8, counts_all && settled, || {
            let known: Option<PartitionEpoch> = state.partition_epoch();
            let found = text!(
                "the leader counts {:?} at partition epoch {:?}, request pending: {}",
                "leader 在 partition epoch {1:?} 计入 {0:?}，有未决请求：{2}",
                maximal,
                known,
                leader.is_inflight()
            );
            let against = text!(
                "the controller has {:?} at {}",
                "controller 在 {1} 的 ISR 为 {0:?}",
                now.isr,
                now.partition_epoch
            );
            (Subject::Partition(self.tp.clone()), found, against)
        });
    }
}

fn same_members(one: &[BrokerId], other: &[BrokerId]) -> bool {
    one.len() == other.len() && one.iter().all(|id| other.contains(id))
}

//! Groups that are left alone: G10 (they come to rest, and stay so), G11 (who polls in time stays), P6
//! (clients find leaders). Judged where everything has been healed for long enough.

use std::collections::BTreeSet;

use super::Groups;
use crate::check::healed::ENOUGH;
use crate::check::ledger::Outcome;
use crate::check::violation::{Report, Subject, text};
use crate::check::{Checker, Id};
use crate::cluster::ProcessState;
use crate::coordinator::group::{ClassicGroup, ClassicGroupState};
use crate::fact::LeaveReason;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::sim::{Duration, Instant, NodeId};
use crate::view::Lens;

/// How long a client may take to find a leader: connections that are given up, and metadata.
const FINDING: Duration = Duration::from_secs(40);

impl Checker {
    /// G11: a member was put out of its group: it had not polled in time.
    pub(super) fn judge_put_out(
        &mut self,
        lens: Lens<'_>,
        (name, member): (&Name, &Name),
        reason: LeaveReason,
    ) {
        let is_silence = matches!(
            reason,
            LeaveReason::SessionTimeout | LeaveReason::RebalanceTimeout | LeaveReason::SyncTimeout
        );
        if !is_silence || !self.faults.is_healed(lens) {
            return;
        }
        let is_it = |node: &NodeId| {
            let consumer = lens.running_consumer(*node);
            consumer.and_then(crate::client::consumer::Consumer::member_id) == Some(member)
        };
        let Some(node) = lens.nodes().find(is_it) else { return };
        let polls = lens
            .running_consumer(node)
            .and_then(crate::client::consumer::Consumer::must_poll_by)
            .is_some_and(|at| lens.now() < at);
        let lives = lens.process_state(node) == ProcessState::Up;
        self.report.judge(Id::G11, !(lives && polls), || {
            let found = text!("{} is out: {:?}", "{} 被移除：{:?}", member, reason);
            let against = text!(
                "{} lives, polls in time, and nothing is broken",
                "{} 存活、按时 poll，且没有任何故障",
                lens.name(node)
            );
            (Subject::Group(name.clone()), found, against)
        });
    }

    /// G10: a rebalance began: there is something new.
    pub(super) fn judge_rebalance(
        &mut self,
        lens: Lens<'_>,
        name: &Name,
        memory: &ClassicGroup,
        reason: &str,
    ) {
        let Some(rest) = self.rest_of(memory) else { return };
        let is_at_rest = rest < lens.now() && self.faults.is_healed(lens);
        self.report.judge(Id::G10, !is_at_rest, || {
            let found = text!("a rebalance began: {}", "开始重平衡：{}", reason);
            let against = text!(
                "since {} nothing has happened that asks for it",
                "自 {} 起没有发生任何需要重平衡的事",
                rest
            );
            (Subject::Group(name.clone()), found, against)
        });
    }

    /// From when on a group has to be at rest, if nothing else happens to it.
    fn rest_of(&self, memory: &ClassicGroup) -> Option<Instant> {
        let timeouts = memory.members.values().map(|member| member.rebalance_timeout);
        let patience = timeouts.max().unwrap_or_default();
        let changed = self.groups.all.get(&memory.group)?.changed;
        Some(changed.max(self.faults.last()) + ENOUGH + patience)
    }

    /// G10, P6: at the end of a run that was healed.
    pub(in crate::check) fn judge_rest(&mut self, lens: Lens<'_>) {
        let names: Vec<Name> = self.groups.all.keys().cloned().collect();
        for name in names {
            let Some(memory) = lens.group_in_memory(&name) else { continue };
            let Some(rest) = self.rest_of(memory) else { continue };
            if rest >= lens.now() {
                continue;
            }
            let rests =
                memory.is_in(ClassicGroupState::Stable) || memory.is_in(ClassicGroupState::Empty);
            self.report.judge(Id::G10, rests, || {
                let found = text!("the group is {}", "该组状态为 {}", memory.state.name());
                let against = text!("it was to rest since {}", "它自 {} 起就应稳定", rest);
                (Subject::Group(name.clone()), found, against)
            });
        }
        self.judge_finding(lens);
    }

    /// P6: who reads a partition, or has records for it, knows who leads it.
    fn judge_finding(&mut self, lens: Lens<'_>) {
        if self.faults.last_election() + FINDING > lens.now() {
            return;
        }
        for node in lens.nodes() {
            if lens.process_state(node) != ProcessState::Up {
                continue;
            }
            if let Some(consumer) = lens.running_consumer(node) {
                for (tp, state) in consumer.subscriptions().partitions() {
                    // It goes on fetching from the leader of its position where an answer from a broker
                    // that lags behind names none (`SubscriptionState.maybeValidatePosition`).
                    let fetches_from = state.valid_position().and_then(|at| at.leader.leader);
                    let known = consumer.metadata().leader(tp).0.or(fetches_from);
                    judge_leader(lens, node, tp, known, &mut self.report);
                }
            }
            let Some(producer) = lens.running_producer(node) else { continue };
            for tp in self.unsent(node) {
                judge_leader(lens, node, &tp, producer.known_leader(&tp), &mut self.report);
            }
        }
    }

    /// The partitions that a producer has records for.
    fn unsent(&self, node: NodeId) -> BTreeSet<TopicPartition> {
        let producers = self.ledger.producers.iter().filter(|(_, known)| known.node == node);
        let Some((_, producer)) = producers.last() else { return BTreeSet::new() };
        let pending = producer.records.iter().filter(|sent| sent.outcome == Outcome::Pending);
        let slots: BTreeSet<u32> = pending.map(|sent| sent.slot).collect();
        let partitions = &self.world.partitions;
        let known = slots.into_iter().filter_map(|slot| partitions.get(slot as usize));
        known.map(|partition| partition.tp.clone()).collect()
    }
}

fn judge_leader(
    lens: Lens<'_>,
    node: NodeId,
    tp: &TopicPartition,
    known: Option<BrokerId>,
    report: &mut Report,
) {
    let Some(leader) = lens.registration(tp).and_then(|state| state.leader) else { return };
    report.judge(Id::P6, known == Some(leader), || {
        let found =
            text!("it takes {:?} for the leader of {}", "它以为 {1} 的 leader 是 {0:?}", known, tp);
        let against = text!("{} leads it", "leader 是 {}", leader);
        (Subject::Client(lens.name(node).clone()), found, against)
    });
}

impl Groups {
    /// Who is in a group changed.
    pub(super) fn on_membership(&mut self, lens: Lens<'_>, name: &Name) {
        let now = lens.now();
        self.of(lens, name).changed = now;
    }
}

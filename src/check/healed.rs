//! What must come to be once everything is healed: R20 (replicas converge), R21 (records get an
//! outcome), C10 (partitions have leaders), C11 (brokers are unfenced and know the newest metadata).
//! Judged at the end of a run whose last fault is long enough ago.

use std::collections::{BTreeSet, VecDeque};

use super::violation::{Subject, text};
use super::{Checker, Id};
use crate::cluster::ProcessState;
use crate::fact::Fact;
use crate::ids::{Name, Offset};
use crate::sim::{Duration, Instant};
use crate::view::Lens;

/// How long a cluster may take to recover: sessions (9 s), replicas that catch up and join (30 s),
/// connections that are given up (30 s).
pub(super) const ENOUGH: Duration = Duration::from_secs(75);

/// How long a broker may take to apply what is committed: a fetch of the metadata log that is given up
/// after `controller.quorum.request.timeout.ms` (2 s) and `controller.quorum.fetch.timeout.ms` (2 s),
/// and one more.
const TO_APPLY: Duration = Duration::from_secs(6);

/// What is broken in the cluster, by what was told.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    last: Instant,
    last_election: Instant,
    links: BTreeSet<(Name, Name)>,
    slow: bool,
}

impl Faults {
    /// Takes note of a fault, or of its end.
    pub(super) fn take(&mut self, fact: &Fact, now: Instant) {
        match fact {
            Fact::LinkHealed { from, to } | Fact::LinkDelayed { from, to, by: Duration::ZERO } => {
                self.links.remove(&(from.clone(), to.clone()));
            }
            Fact::LinkCut { from, to } | Fact::LinkDelayed { from, to, .. } => {
                self.links.insert((from.clone(), to.clone()));
            }
            Fact::SlowedDown { .. } => self.slow = true,
            Fact::ProcessStarted { .. }
            | Fact::ProcessKilled { .. }
            | Fact::ProcessExited { .. }
            | Fact::ProcessPaused
            | Fact::ProcessResumed
            | Fact::PowerLost { .. }
            | Fact::DiskWiped
            | Fact::TopicCreated { .. }
            | Fact::PartitionsAdded { .. } => {}
            Fact::LeaderElected { .. } => {
                self.last_election = now;
                return;
            }
            _ => return,
        }
        self.last = now;
    }

    /// When something was last broken, mended or made.
    pub(super) const fn last(&self) -> Instant {
        self.last
    }

    /// When a partition last got a leader.
    pub(super) const fn last_election(&self) -> Instant {
        self.last_election
    }

    pub(super) fn is_healed(&self, lens: Lens<'_>) -> bool {
        let mut servers = lens.nodes().filter(|node| lens.server_of(*node).is_some());
        self.links.is_empty()
            && !self.slow
            && self.last + ENOUGH <= lens.now()
            && servers.all(|node| lens.process_state(node) == ProcessState::Up)
    }
}

/// When the metadata log was written last, and how far it went then: the last few seconds.
#[derive(Clone, Debug, Default)]
pub(super) struct Written(VecDeque<(Instant, Offset)>);

impl Written {
    /// The metadata log ends at `end` now.
    pub(super) fn note(&mut self, at: Instant, end: Offset) {
        match self.0.back_mut() {
            // One mark a second is enough.
            Some((since, known)) if *since + Duration::from_secs(1) > at => *known = end,
            _ => self.0.push_back((at, end)),
        }
        while self.0.get(1).is_some_and(|(known, _)| *known + TO_APPLY + TO_APPLY < at) {
            self.0.pop_front();
        }
    }

    /// How far it went so long before `now`, give or take a second.
    fn end_before(&self, now: Instant, ago: Duration) -> Option<Offset> {
        let ago = ago + Duration::from_secs(1);
        let before = self.0.iter().rev().find(|(known, _)| *known + ago <= now);
        before.map(|(_, end)| *end)
    }
}

impl Checker {
    /// R21: what was sent long ago has an outcome. What goes to a partition that nobody can lead may
    /// take its producer's patience.
    fn judge_outcomes(&mut self, lens: Lens<'_>) {
        let now = lens.now();
        for (_, producer) in self.ledger.producers.iter() {
            let is_up = lens.process_state(producer.node) == ProcessState::Up;
            if !is_up || producer.has_ended {
                continue;
            }
            let Some(spec) = lens.producer_spec(producer.node) else { continue };
            let patience = spec.config.delivery_timeout + ENOUGH;
            let until = producer.sent_by(now, ENOUGH);
            let forgotten = producer.waiting_before(until).find(|(number, slot)| {
                let partition = self.world.partitions.get(*slot as usize);
                let state = partition.and_then(|partition| partition.registered.as_ref());
                let is_led = state.is_some_and(|state| state.leader.is_some());
                is_led || *number < producer.sent_by(now, patience)
            });
            self.report.judge(Id::R21, forgotten.is_none(), || {
                let (number, slot) = forgotten.unwrap_or_default();
                let tp = self.world.partitions.get(slot as usize).map(|known| &known.tp);
                let tp = tp.map_or_else(|| "-".to_owned(), ToString::to_string);
                let found = text!(
                    "record {} for {} has no outcome",
                    "发往 {1} 的记录 {0} 没有结果",
                    number,
                    tp
                );
                let against = text!(
                    "it was sent more than {} ago, and everything is healed",
                    "它在 {} 之前就已发送，而一切均已恢复",
                    ENOUGH
                );
                (Subject::Client(producer.name.clone()), found, against)
            });
        }
    }

    /// C11: brokers know what was committed a while ago, and are unfenced.
    fn judge_brokers(&mut self, lens: Lens<'_>) {
        let Some(committed) = self.written.end_before(lens.now(), TO_APPLY) else {
            return;
        };
        let image = lens.nodes().find_map(|node| lens.committed_on(node));
        let Some(image) = image else { return };
        for (broker, _, offset) in lens.broker_images() {
            let known = offset.map_or(Offset(0), Offset::next);
            let is_active = image.is_active(broker);
            self.report.judge(Id::C11, known >= committed && is_active, || {
                let found = text!(
                    "the broker applied the metadata log up to {}; active: {}",
                    "broker 应用元数据日志直到 {}；可用：{}",
                    known,
                    is_active
                );
                let against = text!(
                    "{} ago it was committed up to {}",
                    "{} 之前就已提交到 {}",
                    TO_APPLY,
                    committed
                );
                (Subject::Server(broker), found, against)
            });
        }
    }

    pub(super) fn judge_healed(&mut self, lens: Lens<'_>) {
        if !self.faults.is_healed(lens) {
            return;
        }
        self.judge_committed(lens);
        self.judge_outcomes(lens);
        self.judge_brokers(lens);
        self.judge_rest(lens);
        let slots: Vec<u32> = self.world.living().collect();
        for slot in slots {
            let partition = &self.world.partitions[slot as usize];
            let Some(state) = &partition.registered else { continue };
            let can_lead = !state.isr.is_empty() || !state.elr.is_empty();
            self.report.judge(Id::C10, state.leader.is_some() || !can_lead, || {
                let found = text!("nobody leads it", "没有 leader");
                let (isr, elr) = (&state.isr, &state.elr);
                let against =
                    text!("ISR {:?} and ELR {:?} live", "ISR {:?} 与 ELR {:?} 存活", isr, elr);
                (Subject::Partition(partition.tp.clone()), found, against)
            });
            let is_whole = state.leader.is_none() || state.isr.len() == state.replicas.len();
            self.report.judge(Id::R20, is_whole, || {
                let found = text!("the ISR is {:?}", "ISR 为 {:?}", state.isr);
                let against = text!("the replicas are {:?}", "副本为 {:?}", state.replicas);
                (Subject::Partition(partition.tp.clone()), found, against)
            });
        }
    }
}

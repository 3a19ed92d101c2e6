//! How long partitions were without a leader that lives, and when none answered.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{BrokerId, TopicPartition};
use crate::sim::{Duration, Instant};

/// The partitions of a run that were led once.
#[derive(Clone, Debug, Default)]
pub(super) struct Availability {
    partitions: BTreeMap<TopicPartition, Led>,
    led_by: BTreeMap<BrokerId, BTreeSet<TopicPartition>>,
    dead: BTreeSet<BrokerId>,
    paused: BTreeSet<BrokerId>,
}

/// A time in which no leader of a partition answered: it was dead or stopped by a signal, or there was
/// none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// From when.
    pub from: Instant,
    /// Until when; none for what lasts.
    pub until: Option<Instant>,
}

#[derive(Clone, Debug)]
struct Led {
    leader: Option<BrokerId>,
    /// Since when nobody leads it.
    since: Option<Instant>,
    /// How long that was the case before.
    total: Duration,
    /// When nobody who answers led it: a leader that is stopped by a signal lives, and does not answer.
    outages: Vec<Outage>,
}

impl Led {
    fn set(&mut self, led: bool, now: Instant) {
        match (self.since, led) {
            (Some(since), true) => {
                self.total += now.since(since);
                self.since = None;
            }
            (None, false) => self.since = Some(now),
            _ => {}
        }
    }

    fn answers(&mut self, answers: bool, now: Instant) {
        let open = self.outages.last_mut().filter(|last| last.until.is_none());
        match (open, answers) {
            (Some(open), true) => open.until = Some(now),
            (None, false) => self.outages.push(Outage { from: now, until: None }),
            _ => {}
        }
    }
}

impl Availability {
    /// The controller named a leader, or none.
    pub(super) fn on_leader(
        &mut self,
        tp: &TopicPartition,
        leader: Option<BrokerId>,
        now: Instant,
    ) {
        let lives = leader.is_some_and(|leader| !self.dead.contains(&leader));
        let answers = lives && leader.is_some_and(|leader| !self.paused.contains(&leader));
        let partition = match self.partitions.get_mut(tp) {
            Some(partition) => partition,
            None if lives => {
                let (since, total, outages) = (None, Duration::ZERO, Vec::new());
                let led = Led { leader: None, since, total, outages };
                self.partitions.entry(tp.clone()).or_insert(led)
            }
            None => return,
        };
        partition.set(lives, now);
        partition.answers(answers, now);
        let before = std::mem::replace(&mut partition.leader, leader);
        if before == leader {
            return;
        }
        if let Some(before) = before.and_then(|before| self.led_by.get_mut(&before)) {
            before.remove(tp);
        }
        if let Some(leader) = leader {
            self.led_by.entry(leader).or_default().insert(tp.clone());
        }
    }

    /// A broker's process came to life, or died.
    pub(super) fn on_broker(&mut self, broker: BrokerId, alive: bool, now: Instant) {
        let changed = if alive { self.dead.remove(&broker) } else { self.dead.insert(broker) };
        let resumed = self.paused.remove(&broker);
        if changed || resumed {
            self.each_led_by(broker, |partition| {
                partition.set(alive, now);
                partition.answers(alive, now);
            });
        }
    }

    /// A broker's process was stopped by a signal, or goes on.
    pub(super) fn on_pause(&mut self, broker: BrokerId, paused: bool, now: Instant) {
        if paused {
            self.paused.insert(broker);
        } else {
            self.paused.remove(&broker);
        }
        self.each_led_by(broker, |partition| partition.answers(!paused, now));
    }

    fn each_led_by(&mut self, broker: BrokerId, mut change: impl FnMut(&mut Led)) {
        for tp in self.led_by.get(&broker).into_iter().flatten() {
            self.partitions.get_mut(tp).map(&mut change);
        }
    }

    pub(super) fn on_topic_deleted(&mut self, topic: &str) {
        self.partitions.retain(|tp, _| &*tp.topic != topic);
        for led in self.led_by.values_mut() {
            led.retain(|tp| &*tp.topic != topic);
        }
    }

    pub(super) fn unavailable(&self, tp: &TopicPartition, now: Instant) -> Duration {
        let Some(partition) = self.partitions.get(tp) else { return Duration::ZERO };
        let current = partition.since.map_or(Duration::ZERO, |since| now.since(since));
        partition.total + current
    }

    pub(super) fn outages(&self, tp: &TopicPartition) -> &[Outage] {
        self.partitions.get(tp).map_or(&[], |partition| &partition.outages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::ZERO + Duration::from_secs(seconds)
    }

    #[test]
    fn a_dead_leader_leads_nobody_until_another_is_named() {
        let tp = TopicPartition::new("kq", 0);
        let mut availability = Availability::default();
        availability.on_leader(&tp, Some(BrokerId(1)), at(1));
        availability.on_broker(BrokerId(1), false, at(10));
        assert_eq!(availability.unavailable(&tp, at(15)), Duration::from_secs(5));
        availability.on_leader(&tp, Some(BrokerId(2)), at(19));
        assert_eq!(availability.unavailable(&tp, at(30)), Duration::from_secs(9));
        // The old leader coming back changes nothing.
        availability.on_broker(BrokerId(1), true, at(31));
        assert_eq!(availability.unavailable(&tp, at(40)), Duration::from_secs(9));
        availability.on_leader(&tp, None, at(50));
        availability.on_leader(&tp, Some(BrokerId(1)), at(52));
        assert_eq!(availability.unavailable(&tp, at(60)), Duration::from_secs(11));
    }

    #[test]
    fn a_paused_leader_lives_and_does_not_answer() {
        let tp = TopicPartition::new("kq", 0);
        let mut availability = Availability::default();
        availability.on_leader(&tp, Some(BrokerId(1)), at(1));
        availability.on_pause(BrokerId(1), true, at(10));
        availability.on_pause(BrokerId(1), false, at(12));
        availability.on_broker(BrokerId(1), false, at(20));
        availability.on_leader(&tp, Some(BrokerId(2)), at(29));
        availability.on_pause(BrokerId(2), true, at(40));
        let outage = |from, until: Option<u64>| Outage { from: at(from), until: until.map(at) };
        let expected = [outage(10, Some(12)), outage(20, Some(29)), outage(40, None)];
        assert_eq!(availability.outages(&tp), expected);
        assert_eq!(availability.unavailable(&tp, at(50)), Duration::from_secs(9));
    }
}

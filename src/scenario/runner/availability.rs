//! How long partitions were without a leader that lives.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{BrokerId, TopicPartition};
use crate::sim::{Duration, Instant};

/// The partitions of a run that were led once.
#[derive(Clone, Debug, Default)]
pub(super) struct Availability {
    partitions: BTreeMap<TopicPartition, Led>,
    led_by: BTreeMap<BrokerId, BTreeSet<TopicPartition>>,
    dead: BTreeSet<BrokerId>,
}

#[derive(Clone, Copy, Debug)]
struct Led {
    leader: Option<BrokerId>,
    /// Since when nobody leads it.
    since: Option<Instant>,
    /// How long that was the case before.
    total: Duration,
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
        let partition = match self.partitions.get_mut(tp) {
            Some(partition) => partition,
            None if lives => {
                let led = Led { leader: None, since: None, total: Duration::ZERO };
                self.partitions.entry(tp.clone()).or_insert(led)
            }
            None => return,
        };
        partition.set(lives, now);
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
        if !changed {
            return;
        }
        for tp in self.led_by.get(&broker).into_iter().flatten() {
            if let Some(partition) = self.partitions.get_mut(tp) {
                partition.set(alive, now);
            }
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
}

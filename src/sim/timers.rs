//! Timers that are nearly always moved: setting one later costs no queue operation.
//!
//! A timer has one entry in the queue. Moved later, it keeps that entry and goes back into the
//! queue when it comes up, at the place in the order that it was given when it was set. Moved
//! earlier, it gets a new entry and the old one is stale. One that has come up keeps its slot: it
//! will most likely be set again.

use std::hash::Hash;

use super::{Due, Lookup};

/// What comes up in the queue for a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alarm {
    slot: u32,
    generation: u32,
}

#[derive(Clone, Debug)]
struct Slot<K, W> {
    key: K,
    generation: u32,
    /// When it is due, or none once cancelled.
    due: Option<Due>,
    /// The entry in the queue.
    queued: Option<Due>,
    what: W,
}

/// What an alarm means when it comes up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ring<K, W> {
    /// The timer is due.
    Fire(K, W),
    /// It was moved: schedule the alarm again for then.
    Later(Due),
    /// It was cancelled, or has another entry by now.
    Stale,
}

/// The timers of one process, each with a key and what was said when it was set.
#[derive(Clone, Debug)]
pub struct Timers<K, W> {
    by_key: Lookup<K, u32>,
    slots: Vec<Slot<K, W>>,
    free: Vec<u32>,
}

impl<K, W> Default for Timers<K, W> {
    fn default() -> Self {
        Self { by_key: Lookup::default(), slots: Vec::new(), free: Vec::new() }
    }
}

impl<K: Copy + Eq + Hash, W: Clone> Timers<K, W> {
    /// Sets `key` to `due`. Returns the alarm to schedule, if the one in the queue comes too late.
    pub fn set(&mut self, key: K, due: Due, what: W) -> Option<Alarm> {
        let slot = if let Some(slot) = self.by_key.get(&key) {
            *slot
        } else {
            let fresh = Slot { key, generation: 0, due: None, queued: None, what: what.clone() };
            let slot = if let Some(slot) = self.free.pop() {
                let generation = self.slots[slot as usize].generation;
                self.slots[slot as usize] = Slot { generation, ..fresh };
                slot
            } else {
                self.slots.push(fresh);
                self.slots.len() as u32 - 1
            };
            self.by_key.insert(key, slot);
            slot
        };
        let timer = &mut self.slots[slot as usize];
        timer.due = Some(due);
        timer.what = what;
        if timer.queued.is_some_and(|queued| queued <= due) {
            return None;
        }
        timer.queued = Some(due);
        timer.generation = timer.generation.wrapping_add(1);
        Some(Alarm { slot, generation: timer.generation })
    }

    /// Forgets `key`; true if it was set.
    pub fn cancel(&mut self, key: K) -> bool {
        let Some(slot) = self.by_key.get(&key) else { return false };
        self.slots[*slot as usize].due.take().is_some()
    }

    /// When `key` is due, if it is set.
    pub fn due(&self, key: K) -> Option<Due> {
        self.slots[*self.by_key.get(&key)? as usize].due
    }

    /// An alarm came up in the queue.
    pub fn ring(&mut self, alarm: Alarm) -> Ring<K, W> {
        let Some(timer) = self.slots.get_mut(alarm.slot as usize) else { return Ring::Stale };
        if timer.generation != alarm.generation || timer.queued.is_none() {
            return Ring::Stale;
        }
        let queued = timer.queued.take();
        match timer.due {
            Some(due) if queued.is_some_and(|queued| queued < due) => {
                timer.queued = Some(due);
                Ring::Later(due)
            }
            due => {
                let (key, what) = (timer.key, timer.what.clone());
                timer.due = None;
                timer.generation = timer.generation.wrapping_add(1);
                if due.is_some() { Ring::Fire(key, what) } else { Ring::Stale }
            }
        }
    }

    /// Forgets all timers: the process died. Alarms still in the queue are stale.
    pub fn clear(&mut self) {
        self.by_key.clear();
        self.free.clear();
        for (index, timer) in self.slots.iter_mut().enumerate() {
            timer.generation = timer.generation.wrapping_add(1);
            (timer.due, timer.queued) = (None, None);
            self.free.push(index as u32);
        }
    }

    /// The timers that are set, in the order in which they are due.
    pub fn pending(&self) -> Vec<(Due, K)> {
        let mut pending: Vec<_> =
            self.slots.iter().filter_map(|timer| Some((timer.due?, timer.key))).collect();
        pending.sort_unstable_by_key(|(due, _)| *due);
        pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{Class, Instant, Queue};

    fn at(nanos: u64) -> Instant {
        Instant::from_nanos(nanos)
    }

    #[test]
    fn a_timer_moved_later_needs_no_new_entry_and_keeps_its_place() {
        let mut queue: Queue<Alarm> = Queue::new();
        let mut timers: Timers<&str, ()> = Timers::default();
        let due = queue.reserve(at(10), Class::Event);
        let alarm = timers.set("session", due, ()).expect("the first needs an entry");
        queue.schedule_as(due, alarm);
        let later = queue.reserve(at(20), Class::Event);
        assert_eq!(timers.set("session", later, ()), None);
        let (_, alarm) = queue.pop().expect("one entry");
        assert_eq!(timers.ring(alarm), Ring::Later(later));
        queue.schedule_as(later, alarm);
        let (due, alarm) = queue.pop().expect("one entry");
        assert_eq!(due, later);
        assert_eq!(timers.ring(alarm), Ring::Fire("session", ()));
        assert_eq!(timers.ring(alarm), Ring::Stale);
    }

    #[test]
    fn a_timer_moved_earlier_or_cancelled_leaves_a_stale_entry() {
        let mut queue: Queue<Alarm> = Queue::new();
        let mut timers: Timers<&str, ()> = Timers::default();
        let far = queue.reserve(at(50), Class::Event);
        let old = timers.set("linger", far, ()).expect("an entry");
        let near = queue.reserve(at(5), Class::Event);
        let new = timers.set("linger", near, ()).expect("another entry");
        assert_eq!(timers.ring(old), Ring::Stale);
        assert!(timers.cancel("linger"));
        assert_eq!(timers.ring(new), Ring::Stale);
        assert_eq!(timers.pending(), []);
        let again = timers.set("linger", far, ()).expect("nothing is queued any more");
        timers.clear();
        assert_eq!(timers.ring(again), Ring::Stale);
    }

    #[test]
    fn cancelled_then_set_again_still_fires() {
        let mut queue: Queue<Alarm> = Queue::new();
        let mut timers: Timers<u8, ()> = Timers::default();
        let due = queue.reserve(at(10), Class::Event);
        let alarm = timers.set(1, due, ()).expect("an entry");
        timers.cancel(1);
        let later = queue.reserve(at(12), Class::Event);
        assert_eq!(timers.set(1, later, ()), None);
        assert_eq!(timers.ring(alarm), Ring::Later(later));
        assert_eq!(timers.ring(alarm), Ring::Fire(1, ()));
    }
}

//! The event queue: a ladder of buckets that sorts only what is about to happen.
//!
//! Events lie in three places: far ones unsorted on `top`; nearer ones in the buckets of `rungs`,
//! each rung cutting one bucket of the rung before it into finer ones; the next few sorted in
//! `bottom`. An event moves down a few times and is compared only with its neighbours, so the cost
//! per event does not grow with the number pending. Order is that of a binary heap over
//! (instant, class, sequence): a test and a bench compare the two by hash.

use serde::{Deserialize, Serialize};

use super::Instant;

/// What happens first among events of one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Class {
    /// Scenario steps and live commands.
    Command,
    /// Everything else, as scheduled.
    Event,
    /// Empty fetches and their empty answers, by connection.
    IdlePoll {
        /// The connection it travels on; below 2^24.
        connection: u32,
    },
}

/// When an event is due. Earliest first; at one instant by [`Class`]; then as scheduled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// The instant.
    pub at: Instant,
    order: u64,
}

impl Due {
    fn new(at: Instant, class: Class, sequence: u64) -> Self {
        let order = match class {
            Class::Command => sequence,
            Class::Event => 1 << 62 | sequence,
            Class::IdlePoll { connection } => {
                assert!(connection < 1 << 24, "a connection id has 24 bits");
                2 << 62 | (connection as u64) << 38 | (sequence & ((1 << 38) - 1))
            }
        };
        Self { at, order }
    }

    /// True for an idle poll, which the event number people see leaves out.
    pub fn is_idle_poll(self) -> bool {
        self.order >> 62 == 2
    }
}

/// Names a scheduled event, to cancel it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handle {
    slot: u32,
    generation: u32,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    due: Due,
    slot: u32,
}

#[derive(Clone, Debug)]
struct Slot<T> {
    generation: u32,
    payload: Option<T>,
}

/// Buckets of equal width, a power of two of nanoseconds.
#[derive(Clone, Debug)]
struct Rung {
    /// Where the first bucket begins.
    start: u64,
    /// log2 of a bucket's width.
    shift: u32,
    /// The next bucket to empty; earlier ones are done.
    current: usize,
    buckets: Vec<Vec<Entry>>,
    len: usize,
}

/// Buckets up to this size are sorted; larger ones are cut into a new rung.
const SORTED_AT_ONCE: usize = 32;
/// `bottom` is cut into a rung when insertion would have to move more than this.
const BOTTOM_MAX: usize = 160;
const MAX_BUCKETS: usize = 1 << 14;

/// Events of type `T` in the order they are due.
#[derive(Clone, Debug)]
pub struct Queue<T> {
    /// Sorted, next first; entries before `head` are gone.
    bottom: Vec<Entry>,
    head: usize,
    /// Coarsest first.
    rungs: Vec<Rung>,
    /// Unsorted; all at or after `top_start`.
    top: Vec<Entry>,
    top_start: u64,
    top_min: u64,
    top_max: u64,
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
    spare: Vec<Vec<Entry>>,
    sequence: u64,
    len: usize,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self {
            bottom: Vec::new(),
            head: 0,
            rungs: Vec::new(),
            top: Vec::new(),
            top_start: 0,
            top_min: u64::MAX,
            top_max: 0,
            slots: Vec::new(),
            free: Vec::new(),
            spare: Vec::new(),
            sequence: 0,
            len: 0,
        }
    }
}

impl<T> Queue<T> {
    /// Nothing due.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many events are pending.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True when nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Draws the place in the order that an event scheduled now would get, for use with
    /// [`Queue::schedule_as`].
    pub fn reserve(&mut self, at: Instant, class: Class) -> Due {
        let due = Due::new(at, class, self.sequence);
        self.sequence += 1;
        due
    }

    /// Schedules `payload` for `at`.
    pub fn schedule(&mut self, at: Instant, class: Class, payload: T) -> Handle {
        let due = self.reserve(at, class);
        self.schedule_as(due, payload)
    }

    /// Schedules `payload` with a place in the order that [`Queue::reserve`] gave.
    pub fn schedule_as(&mut self, due: Due, payload: T) -> Handle {
        let slot = if let Some(slot) = self.free.pop() {
            self.slots[slot as usize].payload = Some(payload);
            slot
        } else {
            self.slots.push(Slot { generation: 0, payload: Some(payload) });
            self.slots.len() as u32 - 1
        };
        self.len += 1;
        self.insert(Entry { due, slot });
        Handle { slot, generation: self.slots[slot as usize].generation }
    }

    /// Takes back an event; `None` if it has happened or was cancelled already.
    pub fn cancel(&mut self, handle: Handle) -> Option<T> {
        let slot = self.slots.get_mut(handle.slot as usize)?;
        if slot.generation != handle.generation {
            return None;
        }
        // The entry stays where it is and is skipped when its time comes.
        let payload = slot.payload.take()?;
        self.len -= 1;
        Some(payload)
    }

    /// When the next event is due.
    pub fn peek(&mut self) -> Option<Due> {
        loop {
            self.fill_bottom()?;
            let entry = self.bottom[self.head];
            if self.slots[entry.slot as usize].payload.is_some() {
                return Some(entry.due);
            }
            self.head += 1;
            self.release(entry.slot);
        }
    }

    /// Removes and returns the next event.
    pub fn pop(&mut self) -> Option<(Due, T)> {
        loop {
            self.fill_bottom()?;
            let entry = self.bottom[self.head];
            self.head += 1;
            let payload = self.slots[entry.slot as usize].payload.take();
            self.release(entry.slot);
            if let Some(payload) = payload {
                self.len -= 1;
                return Some((entry.due, payload));
            }
        }
    }

    /// The next `count` events in order, without removing them.
    pub fn upcoming(&self, count: usize) -> Vec<(Due, &T)> {
        let rungs = self.rungs.iter().flat_map(|rung| rung.buckets.iter().flatten());
        let mut entries: Vec<Entry> =
            self.bottom[self.head..].iter().chain(rungs).chain(&self.top).copied().collect();
        entries.sort_unstable_by_key(|entry| entry.due);
        entries
            .into_iter()
            .filter_map(|entry| {
                Some((entry.due, self.slots[entry.slot as usize].payload.as_ref()?))
            })
            .take(count)
            .collect()
    }

    fn release(&mut self, slot: u32) {
        let freed = &mut self.slots[slot as usize];
        freed.generation = freed.generation.wrapping_add(1);
        self.free.push(slot);
    }

    fn insert(&mut self, entry: Entry) {
        let at = entry.due.at.as_nanos();
        if at >= self.top_start {
            self.top_min = self.top_min.min(at);
            self.top_max = self.top_max.max(at);
            self.top.push(entry);
            return;
        }
        for rung in &mut self.rungs {
            // Every later rung, and `bottom`, lie before this rung's current bucket. The last bucket
            // has no end of its own: what comes before the rung above and after this one is in it.
            if let Some(offset) = at.checked_sub(rung.start) {
                let bucket = ((offset >> rung.shift) as usize).min(rung.buckets.len() - 1);
                if bucket >= rung.current {
                    rung.buckets[bucket].push(entry);
                    rung.len += 1;
                    return;
                }
            }
        }
        self.insert_bottom(entry);
    }

    fn insert_bottom(&mut self, entry: Entry) {
        if self.head > 64 && self.head * 2 > self.bottom.len() {
            self.bottom.drain(..self.head);
            self.head = 0;
        }
        let live = &self.bottom[self.head..];
        let place = if live.last().is_none_or(|last| last.due < entry.due) {
            self.bottom.len()
        } else {
            self.head + live.partition_point(|other| other.due < entry.due)
        };
        self.bottom.insert(place, entry);
        if self.bottom.len() - self.head > BOTTOM_MAX {
            self.spread_bottom();
        }
    }

    /// Moves an overgrown `bottom` into a rung of its own.
    fn spread_bottom(&mut self) {
        let (first, last) = (self.bottom[self.head], self.bottom[self.bottom.len() - 1]);
        let (start, end) = (first.due.at.as_nanos(), last.due.at.as_nanos());
        if start == end {
            return; // One instant cannot be cut finer.
        }
        let entries: Vec<Entry> = self.bottom.drain(..).skip(self.head).collect();
        self.head = 0;
        self.push_rung(start, end, entries);
    }

    /// Cuts `entries`, which span `start..=end`, into the buckets of a new finest rung.
    fn push_rung(&mut self, start: u64, end: u64, entries: Vec<Entry>) {
        let span = end - start;
        let wanted = (entries.len() as u64 / 4).clamp(2, MAX_BUCKETS as u64);
        let shift = (span / wanted).max(1).next_power_of_two().trailing_zeros();
        let count = (span >> shift) as usize + 1;
        let mut buckets = Vec::with_capacity(count);
        buckets.extend((0..count).map(|_| self.spare.pop().unwrap_or_default()));
        let len = entries.len();
        for entry in entries {
            buckets[((entry.due.at.as_nanos() - start) >> shift) as usize].push(entry);
        }
        self.rungs.push(Rung { start, shift, current: 0, buckets, len });
    }

    /// Makes `bottom` hold the next event; `None` when nothing is left.
    fn fill_bottom(&mut self) -> Option<()> {
        if self.head < self.bottom.len() {
            return Some(());
        }
        self.bottom.clear();
        self.head = 0;
        loop {
            let Some(rung) = self.rungs.last_mut() else {
                if self.top.is_empty() {
                    return None;
                }
                self.lower_top();
                if self.head < self.bottom.len() {
                    return Some(());
                }
                continue;
            };
            if rung.len == 0 {
                let rung = self.rungs.pop().expect("it was just looked at");
                self.spare.extend(rung.buckets.into_iter().filter(|spare| spare.capacity() > 0));
                continue;
            }
            while rung.buckets[rung.current].is_empty() {
                rung.current += 1;
            }
            let mut entries = std::mem::take(&mut rung.buckets[rung.current]);
            let start = rung.start + ((rung.current as u64) << rung.shift);
            rung.current += 1;
            rung.len -= entries.len();
            let end = entries.iter().map(|entry| entry.due.at.as_nanos()).max().unwrap_or(start);
            if entries.len() <= SORTED_AT_ONCE || !can_split(&entries) {
                entries.sort_unstable_by_key(|entry| entry.due);
                std::mem::swap(&mut self.bottom, &mut entries);
                self.spare.push(entries);
                return Some(());
            }
            self.push_rung(start, end, entries);
        }
    }

    /// Brings what lies on `top` down: sorted if it is little, else into the first rung.
    fn lower_top(&mut self) {
        let mut entries = std::mem::take(&mut self.top);
        let (min, max) = (self.top_min, self.top_max);
        (self.top_min, self.top_max) = (u64::MAX, 0);
        if entries.len() <= SORTED_AT_ONCE || min == max {
            self.top_start = max.saturating_add(1);
            entries.sort_unstable_by_key(|entry| entry.due);
            self.bottom = entries;
            return;
        }
        // Far stragglers would make the buckets too wide; what follows the rung stays on top.
        let mid = min + (max - min) / 2;
        let early = entries.iter().filter(|entry| entry.due.at.as_nanos() <= mid).count();
        let end = if early * 8 > entries.len() * 7 { mid } else { max };
        if end < max {
            let (near, far): (Vec<_>, Vec<_>) =
                entries.into_iter().partition(|entry| entry.due.at.as_nanos() <= end);
            for entry in &far {
                self.top_min = self.top_min.min(entry.due.at.as_nanos());
            }
            self.top_max = max;
            self.top = far;
            entries = near;
        }
        self.top_start = end.saturating_add(1);
        self.push_rung(min, end, entries);
    }
}

/// False for events of one instant, which no bucket can tell apart.
fn can_split(entries: &[Entry]) -> bool {
    let first = entries[0].due.at;
    entries.iter().any(|entry| entry.due.at != first)
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;

    use super::*;
    use crate::sim::rng::Stream;

    /// Random pushes, pops and cancels give the heap's order.
    #[test]
    fn order_equals_a_binary_heap() {
        for (seed, spread) in [(1, 10), (2, 1_000), (3, 1_000_000), (4, 1_000_000_000), (5, 2)] {
            let mut draws = Stream::new(seed, "queue");
            let mut queue = Queue::new();
            let mut heap = BinaryHeap::new();
            let mut handles = Vec::new();
            let mut now = 0;
            for step in 0..60_000_u64 {
                if draws.below(100) < 52 - step / 6_000 {
                    let far = if draws.below(50) == 0 { 1_000 } else { 1 };
                    let at = Instant::from_nanos(now + draws.below(spread) * far);
                    let class = match draws.below(4) {
                        0 => Class::IdlePoll { connection: draws.below(9) as u32 },
                        1 => Class::Command,
                        _ => Class::Event,
                    };
                    let due = queue.reserve(at, class);
                    let handle = queue.schedule_as(due, step);
                    heap.push(Reverse((due, step)));
                    handles.push((handle, step));
                } else if draws.below(8) == 0 && !handles.is_empty() {
                    let index = draws.below(handles.len() as u64) as usize;
                    let (handle, step) = handles.swap_remove(index);
                    if queue.cancel(handle).is_some() {
                        heap.retain(|Reverse((_, other))| *other != step);
                        assert!(queue.cancel(handle).is_none());
                    }
                } else {
                    let expected = heap.pop().map(|Reverse(pair)| pair);
                    assert_eq!(queue.peek(), expected.map(|(due, _)| due));
                    assert_eq!(queue.pop(), expected);
                    if let Some((due, _)) = expected {
                        now = due.at.as_nanos();
                    }
                }
                assert_eq!(queue.len(), heap.len());
            }
            let upcoming: Vec<u64> =
                queue.upcoming(usize::MAX).into_iter().map(|(_, step)| *step).collect();
            let rest: Vec<u64> = std::iter::from_fn(|| queue.pop()).map(|(_, step)| step).collect();
            assert_eq!(upcoming, rest);
            assert_eq!(rest.len(), heap.len());
        }
    }

    proptest::proptest! {
        /// Invariant D7: time never goes back, and what is due at one instant comes as it was
        /// scheduled.
        #[test]
        fn time_never_goes_back_and_equal_times_keep_their_order(
            steps in proptest::collection::vec((0..4_u64, 0..3_u8, 0..3_usize), 1..400),
        ) {
            let mut queue = Queue::new();
            let (mut now, mut scheduled) = (Instant::ZERO, 0_u64);
            let mut last: Option<(Instant, Class, u64)> = None;
            for (ahead, class, pops) in steps {
                let at = Instant::from_nanos(now.as_nanos() + ahead);
                let class = if class == 0 { Class::Command } else { Class::Event };
                // What is decided at an instant comes after what happened at it already.
                let is_past = last.is_some_and(|(at_last, class_last, _)| {
                    (at, class) < (at_last, class_last)
                });
                if !is_past {
                    let due = queue.reserve(at, class);
                    queue.schedule_as(due, (class, scheduled));
                    scheduled += 1;
                }
                for _ in 0..pops {
                    let Some((due, (class, number))) = queue.pop() else { break };
                    proptest::prop_assert!(due.at >= now);
                    now = due.at;
                    let this = (due.at, class, number);
                    proptest::prop_assert!(last.is_none_or(|last| last < this));
                    last = Some(this);
                }
            }
        }
    }

    /// Bursts overgrow what is sorted; what comes after a burst and before the rest stays there.
    #[test]
    fn bursts_keep_the_order() {
        for seed in 0..40 {
            let mut draws = Stream::new(seed, "bursts");
            let mut queue = Queue::new();
            let mut heap = BinaryHeap::new();
            let (mut now, mut step) = (0, 0_u64);
            for _ in 0..60 {
                let (from, spread) = (draws.below(5_000), 1 + draws.below(3_000));
                for _ in 0..draws.below(500) {
                    let at = Instant::from_nanos(now + from + draws.below(spread));
                    let due = queue.reserve(at, Class::Event);
                    queue.schedule_as(due, step);
                    heap.push(Reverse((due, step)));
                    step += 1;
                }
                for _ in 0..draws.below(500) {
                    let expected = heap.pop().map(|Reverse(pair)| pair);
                    assert_eq!(queue.pop(), expected);
                    now = expected.map_or(now, |(due, _)| due.at.as_nanos());
                }
            }
        }
    }

    #[test]
    fn commands_come_before_events_before_idle_polls() {
        let mut queue = Queue::new();
        let at = Instant::from_nanos(5);
        queue.schedule(at, Class::IdlePoll { connection: 2 }, "poll 2");
        queue.schedule(at, Class::IdlePoll { connection: 1 }, "poll 1");
        queue.schedule(at, Class::Event, "first");
        queue.schedule(at, Class::Event, "second");
        queue.schedule(at, Class::Command, "kill");
        let order: Vec<_> = std::iter::from_fn(|| queue.pop()).map(|(_, what)| what).collect();
        assert_eq!(order, ["kill", "first", "second", "poll 1", "poll 2"]);
    }
}

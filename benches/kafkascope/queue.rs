//! P2: our event queue in the same hold loop, and with cancelled entries.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use kafkascope::sim::{Class, Instant, Queue};

use super::Options;
use super::clock::{cpu, nanos_each};
use super::heap::{BareHeap, Waits};
use super::row::{Goal, Paired, Row};

struct OurQueue {
    waits: Waits,
    sequence: u64,
    queue: Queue<u64>,
}

impl OurQueue {
    fn new(pending: u64) -> Self {
        let mut ours = Self { waits: Waits::new(), sequence: 0, queue: Queue::new() };
        for _ in 0..pending {
            ours.put(0);
        }
        ours.hold(pending);
        ours
    }

    fn put(&mut self, now: u64) {
        let at = Instant::from_nanos(now + self.waits.draw());
        self.queue.schedule(at, Class::Event, self.sequence);
        self.sequence += 1;
    }

    fn hold(&mut self, times: u64) -> (f64, u64) {
        let (time, hash) = cpu(|| {
            let mut hash = 0_u64;
            for _ in 0..times {
                let (due, payload) = self.queue.pop().expect("something is pending");
                hash = hash.wrapping_mul(31).wrapping_add(payload);
                self.put(due.at.as_nanos());
            }
            hash
        });
        (nanos_each(time, times), hash)
    }
}

/// P2: at 1k, 100k and 1M pending.
pub(crate) fn rows(options: &Options) -> Vec<Row> {
    cancels_keep_the_order();
    let sizes: [(u64, &str, f64, f64); 3] =
        [(1_000, "1k", 1.0, 0.6), (100_000, "100k", 0.5, 0.25), (1_000_000, "1M", 0.3, 0.15)];
    let row = |(pending, name, goal, stretch): (u64, &str, f64, f64)| {
        let times = options.scaled(if pending > 1_000 { 1_000_000 } else { 4_000_000 });
        let (mut heap, mut queue) = (BareHeap::new(pending), OurQueue::new(pending));
        let hashes = std::cell::RefCell::new(Vec::new());
        let paired = Paired::measure(
            options.rounds(7),
            || {
                let (nanos, hash) = heap.hold(times);
                hashes.borrow_mut().push(hash);
                nanos
            },
            || {
                let (nanos, hash) = queue.hold(times);
                let wanted = hashes.borrow_mut().pop();
                assert_eq!(wanted, Some(hash), "the queue's order is the heap's");
                nanos
            },
        );
        Row {
            name: format!("P2 queue alone, {name} pending"),
            goal: Goal::AtMost(goal, stretch),
            floor: format!("{:.1} ns", paired.floor),
            ours: format!("{:.1} ns", paired.ours),
            ratio: paired.ratio,
            note: "same order, by hash".into(),
        }
    };
    sizes.into_iter().map(row).collect()
}

/// A third of what is scheduled is cancelled: what is left comes in the heap's order.
fn cancels_keep_the_order() {
    let mut waits = Waits::new();
    let (mut queue, mut heap) = (Queue::new(), BinaryHeap::new());
    let (mut handles, mut cancelled) = (Vec::new(), BTreeSet::new());
    let (mut now, mut taken) = (0, 0);
    for sequence in 0..300_000_u64 {
        let at = now + waits.draw();
        handles.push(queue.schedule(Instant::from_nanos(at), Class::Event, sequence));
        heap.push(Reverse((at, sequence)));
        if waits.bits().is_multiple_of(3) {
            let victim = handles[(waits.bits() % handles.len() as u64) as usize];
            cancelled.extend(queue.cancel(victim));
        }
        if sequence > 1_000 {
            let mine = queue.pop().map(|(due, payload)| (due.at.as_nanos(), payload));
            let live = std::iter::from_fn(|| heap.pop().map(|Reverse(entry)| entry))
                .find(|(_, sequence)| !cancelled.contains(sequence));
            assert_eq!(mine, live, "cancelled entries leave the order as it is");
            now = mine.map_or(now, |(at, _)| at);
            taken += usize::from(mine.is_some());
        }
    }
    assert!(
        taken > 200_000 && cancelled.len() > 300,
        "{taken} taken, {} cancelled",
        cancelled.len()
    );
}

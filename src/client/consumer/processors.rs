//! Handlers that take from one queue, whatever the partition: several records of a partition are in hand at once,
//! and whoever is done has its record committed, be there others before it or not.
//!
//! In go-queue: `kafkaQueue`, its goroutines that fetch (`Consumers`), the channel without room between them and
//! those that handle (`Processors`); `StableRunner` for `CommitInOrder`. In kafka-go: the channel of a `Reader`.

use std::collections::VecDeque;

use super::Consumer;
use super::collector::Fetch;
use super::completed_fetch::Run;
use super::personality::Workers;
use super::spec::ConsumerSpec;
use crate::fact::Fact;
use crate::ids::{Offset, TopicPartition};
use crate::node::Outbox;
use crate::sim::{Duration, Instant};

/// The handlers of a queue, with what waits for them.
#[derive(Clone, Debug, Default)]
pub(super) struct Processors {
    /// What the reader has read.
    queue: VecDeque<(TopicPartition, Run)>,
    /// How many records that is.
    queued: u64,
    /// What goroutines have taken out of it, and nobody handles yet.
    taken: VecDeque<(TopicPartition, Offset)>,
    /// What handlers have in hand, in the order in which they began; and what is done, but not committed for one
    /// before it is not done.
    in_hand: VecDeque<InHand>,
    /// The application is stuck until then.
    stuck_until: Instant,
}

/// What a handler works on.
#[derive(Clone, Debug)]
struct InHand {
    tp: TopicPartition,
    offset: Offset,
    done_at: Instant,
    is_done: bool,
}

/// How a queue works: the part of its personality that this file is about.
#[derive(Clone, Copy, Debug)]
struct Way {
    handlers: usize,
    consumers: usize,
    buffer: u64,
    in_order: bool,
    force_commit: bool,
}

impl Processors {
    /// When some handler is done with what it has in hand.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        let in_hand = self.in_hand.iter().filter(|one| !one.is_done);
        in_hand.map(|one| one.done_at).min()
    }

    /// True while somebody has a record to handle.
    pub(super) fn is_busy(&self) -> bool {
        self.queued > 0 || !self.taken.is_empty() || self.wake_at().is_some()
    }

    /// A generation ended: nobody is handed what the reader read in it.
    pub(super) fn end_generation(&mut self) {
        self.queue.clear();
        self.queued = 0;
    }

    /// Nothing gets on until then.
    pub(super) fn stall(&mut self, until: Instant) {
        self.stuck_until = self.stuck_until.max(until);
        for one in self.in_hand.iter_mut().filter(|one| !one.is_done) {
            one.done_at = one.done_at.max(until);
        }
    }

    fn add(&mut self, tp: TopicPartition, run: Run) {
        self.queued += u64::from(run.records);
        self.queue.push_back((tp, run));
    }

    /// The next record that the reader has read.
    fn fetch_message(&mut self) -> Option<(TopicPartition, Offset)> {
        let (tp, run) = self.queue.front_mut()?;
        let message = (tp.clone(), run.from);
        run.from = run.from.plus(1);
        run.records -= 1;
        self.queued -= 1;
        if run.records == 0 {
            self.queue.pop_front();
        }
        Some(message)
    }

    /// The record that is done first of those that are done by now.
    fn next_done(&mut self, now: Instant) -> Option<(usize, &mut InHand)> {
        let done = self.in_hand.iter_mut().enumerate();
        let done = done.filter(|(_, one)| !one.is_done && one.done_at <= now);
        done.min_by_key(|(place, one)| (one.done_at, *place))
    }

    /// Takes out what may be committed: what is done, in order only what nothing before it holds back.
    fn take_committable(&mut self, in_order: bool) -> Vec<(TopicPartition, Offset)> {
        let mut committable = Vec::new();
        while let Some(place) = self.in_hand.iter().position(|one| one.is_done) {
            if in_order && place > 0 {
                break;
            }
            let one = self.in_hand.remove(place).expect("it was just found");
            committable.push((one.tp, one.offset));
        }
        committable
    }
}

impl Consumer {
    /// Records go into the queue.
    pub(super) fn hand_to_processors(&mut self, fetch: Fetch, out: &mut Outbox) {
        for (tp, run) in fetch.runs.into_iter().filter(|(_, run)| run.records > 0) {
            self.processors.add(tp, run);
        }
        self.run_processors(out);
    }

    /// Lets handlers end what is done, and take what comes next. True if one did.
    pub(super) fn run_processors(&mut self, out: &mut Outbox) -> bool {
        let Workers::Pool { handlers, consumers, buffer, in_order, force_commit } =
            self.core.spec.personality.workers
        else {
            return false;
        };
        let way = Way {
            handlers: handlers as usize,
            consumers: consumers as usize,
            buffer: u64::from(buffer),
            in_order,
            force_commit,
        };
        let mut any = false;
        loop {
            let ended = self.end_handled(way, out);
            let begun = self.begin_next(way, out);
            if !ended && !begun {
                break;
            }
            any = true;
        }
        let has_backlog = self.processors.queued >= way.buffer;
        for (_, state) in self.core.subscriptions.iter_mut() {
            state.has_backlog = has_backlog;
        }
        any
    }

    fn end_handled(&mut self, way: Way, out: &mut Outbox) -> bool {
        let mut any = false;
        while let Some((place, one)) = self.processors.next_done(out.now) {
            any = true;
            one.is_done = true;
            let (tp, offset) = (one.tp.clone(), one.offset);
            let fails = self.core.spec.fails.picks(offset);
            // In order everything is committed: whoever failed has been told so.
            let committed = !fails || way.force_commit || way.in_order;
            if fails {
                out.fact(|| Fact::HandlerFailed { tp, offset, committed });
            } else {
                self.app.processed += 1;
                out.detail(|| Fact::RecordHandled { tp, offset });
            }
            if !committed {
                self.processors.in_hand.remove(place);
            }
            for (tp, offset) in self.processors.take_committable(way.in_order) {
                self.core.subscriptions.merge_commit(tp, offset.plus(1));
            }
        }
        any
    }

    /// Goroutines take from the reader, and handlers from them.
    fn begin_next(&mut self, way: Way, out: &mut Outbox) -> bool {
        let spec = &self.core.spec;
        let Processors { in_hand, .. } = &self.processors;
        let mut free =
            way.handlers.saturating_sub(in_hand.iter().filter(|one| !one.is_done).count());
        let mut any = false;
        loop {
            if free > 0
                && let Some((tp, offset)) = self.processors.taken.pop_front()
            {
                let each = time_for(offset, spec) * out.cpu_factor.max(1);
                let done_at = out.now.max(self.processors.stuck_until) + each;
                self.processors.in_hand.push_back(InHand { tp, offset, done_at, is_done: false });
                (free, any) = (free - 1, true);
                continue;
            }
            if self.processors.taken.len() >= way.consumers {
                return any;
            }
            let Some((tp, offset)) = self.processors.fetch_message() else { return any };
            self.app.delivered += 1;
            let (of, to) = (tp.clone(), offset.plus(1));
            out.detail(|| Fact::RecordsDelivered { tp: of, from: offset, to, records: 1 });
            self.processors.taken.push_back((tp, offset));
            any = true;
        }
    }
}

/// How long the handler works on the record at `offset`.
fn time_for(offset: Offset, spec: &ConsumerSpec) -> Duration {
    match spec.slow {
        Some(slow) if offset.0.is_multiple_of(slow.every) => slow.process,
        _ => spec.process,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kq() -> TopicPartition {
        TopicPartition::new("kq", 0)
    }

    fn in_hand(offset: u64, is_done: bool) -> InHand {
        InHand { tp: kq(), offset: Offset(offset), done_at: Instant::ZERO, is_done }
    }

    fn offsets(committable: &[(TopicPartition, Offset)]) -> Vec<u64> {
        committable.iter().map(|(_, offset)| offset.0).collect()
    }

    #[test]
    fn in_order_nothing_is_committed_that_has_something_before_it() {
        let in_hand: VecDeque<_> =
            [in_hand(0, true), in_hand(1, false), in_hand(2, true), in_hand(3, true)].into();
        let mut processors = Processors { in_hand, ..Processors::default() };
        let mut other = processors.clone();
        assert_eq!(offsets(&processors.take_committable(true)), [0]);
        processors.in_hand[0].is_done = true;
        assert_eq!(offsets(&processors.take_committable(true)), [1, 2, 3]);
        assert_eq!(offsets(&other.take_committable(false)), [0, 2, 3]);
        assert_eq!(other.in_hand.len(), 1);
    }

    #[test]
    fn the_end_of_a_generation_takes_what_the_reader_has_and_not_what_goroutines_have() {
        let mut processors = Processors::default();
        processors.add(kq(), Run { from: Offset(0), to: Offset(3), records: 3 });
        let one = processors.fetch_message().unwrap();
        assert_eq!((one.1, processors.queued), (Offset(0), 2));
        processors.taken.push_back(one);
        processors.end_generation();
        assert!(processors.is_busy() && processors.fetch_message().is_none());
    }
}

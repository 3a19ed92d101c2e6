//! Handlers that work beside the client: one for each partition, each on one record after the other.
//!
//! In sarama: the goroutines of `consumerGroupSession.consume` and the channels of `partitionConsumer`;
//! `MarkMessage`, which only ever moves forward.

use std::collections::{BTreeMap, VecDeque};

use super::Consumer;
use super::collector::Fetch;
use super::completed_fetch::Run;
use super::personality::{Marks, Workers};
use crate::fact::Fact;
use crate::ids::{Offset, TopicPartition};
use crate::node::Outbox;
use crate::sim::{Duration, Instant};

/// Handlers tell how far they have got no sooner than this.
const PROGRESS: Duration = Duration::from_millis(10);

/// The handlers of a consumer, with what waits for them.
#[derive(Clone, Debug, Default)]
pub(super) struct Handlers {
    lanes: BTreeMap<TopicPartition, Lane>,
    /// The application is stuck until then.
    stuck_until: Instant,
}

/// One handler.
#[derive(Clone, Debug, Default)]
struct Lane {
    waiting: VecDeque<Run>,
    /// What it has in hand, and when it is done with that.
    in_hand: Option<(Run, Instant)>,
}

impl Lane {
    fn backlog(&self) -> u64 {
        self.waiting.iter().map(|run| u64::from(run.records)).sum()
    }

    /// Takes as many records as are done within a moment, one at least.
    fn take_next(&mut self, each: Duration) -> Option<Run> {
        let run = self.waiting.front_mut()?;
        let left = u64::from(run.records);
        let some = PROGRESS.as_nanos().checked_div(each.as_nanos()).unwrap_or(left).clamp(1, left);
        let to = if some == left { run.to } else { run.from.plus(some) };
        let taken = Run { from: run.from, to, records: some as u32 };
        run.records -= taken.records;
        run.from = to;
        if run.records == 0 {
            self.waiting.pop_front();
        }
        Some(taken)
    }
}

impl Handlers {
    /// When some handler is done with what it has in hand.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        let in_hand = self.lanes.values().filter_map(|lane| lane.in_hand);
        in_hand.map(|(_, done)| done).min()
    }

    /// Handlers end what they have in hand and take nothing more. True while one is at it.
    pub(super) fn end(&mut self) -> bool {
        self.lanes.retain(|_, lane| {
            lane.waiting.clear();
            lane.in_hand.is_some()
        });
        !self.lanes.is_empty()
    }

    /// Nothing gets on until then.
    pub(super) fn stall(&mut self, until: Instant) {
        self.stuck_until = self.stuck_until.max(until);
        for (_, done) in self.lanes.values_mut().filter_map(|lane| lane.in_hand.as_mut()) {
            *done = (*done).max(until);
        }
    }
}

impl Consumer {
    /// Records go to the handlers of their partitions.
    pub(super) fn hand_to_workers(&mut self, fetch: Fetch, out: &mut Outbox) {
        for (tp, run) in fetch.runs {
            self.handlers.lanes.entry(tp).or_default().waiting.push_back(run);
        }
        self.run_workers(out);
    }

    /// Lets handlers end what is done, and take what comes next. True if one did.
    pub(super) fn run_workers(&mut self, out: &mut Outbox) -> bool {
        let mut any = false;
        let each = self.core.spec.process * out.cpu_factor.max(1);
        for (tp, lane) in &mut self.handlers.lanes {
            loop {
                if let Some((run, _)) = lane.in_hand.filter(|(_, done)| *done <= out.now) {
                    lane.in_hand = None;
                    any = true;
                    self.app.processed += u64::from(run.records);
                    out.detail(|| Fact::RecordsProcessed { tp: tp.clone(), to: run.to });
                    let marked = marked(run, self.core.spec.marks);
                    let state = self.core.subscriptions.get_mut(tp);
                    if let (Some(state), Some(to)) = (state, marked) {
                        state.mark(to);
                    }
                }
                if lane.in_hand.is_some() {
                    break;
                }
                let Some(run) = lane.take_next(each) else { break };
                any = true;
                self.app.delivered += u64::from(run.records);
                let Run { from, to, records } = run;
                out.detail(|| Fact::RecordsDelivered { tp: tp.clone(), from, to, records });
                let begins = out.now.max(self.handlers.stuck_until);
                lane.in_hand = Some((run, begins + each * u64::from(records)));
            }
            if let Workers::PerPartition { buffer } = self.core.spec.personality.workers
                && let Some(state) = self.core.subscriptions.get_mut(tp)
            {
                state.has_backlog = lane.backlog() >= u64::from(buffer);
            }
        }
        any
    }

    /// A rebalance waits for the handlers, which the session's end tells to stop. True while it does.
    pub(super) fn ends_session(&mut self, out: &mut Outbox) -> bool {
        let step = &mut self.core.step(out);
        let Some(coordinator) = &mut self.coordinator else { return false };
        if !step.personality.has_workers()
            || !coordinator.needs_join_prepare
            || !coordinator.rejoin_needed_or_pending(step)
        {
            return false;
        }
        self.processors.end_generation();
        self.handlers.end()
    }
}

/// The offset after the last record of `run` that is marked.
fn marked(run: Run, marks: Marks) -> Option<Offset> {
    let last = run.to.0.checked_sub(1)?;
    let last = match marks {
        Marks::All => last,
        Marks::Even => last - last % 2,
        Marks::Odd => last.checked_sub(1 - last % 2)?,
        Marks::None => return None,
    };
    (last >= run.from.0).then_some(Offset(last + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(from: u64, to: u64) -> Run {
        Run { from: Offset(from), to: Offset(to), records: (to - from) as u32 }
    }

    #[test]
    fn the_last_marked_record_hides_those_before_it() {
        assert_eq!(marked(run(1, 4), Marks::Even), Some(Offset(3)));
        assert_eq!(marked(run(3, 4), Marks::Even), None);
        assert_eq!(marked(run(3, 7), Marks::Even), Some(Offset(7)));
        assert_eq!(marked(run(0, 1), Marks::Odd), None);
        assert_eq!(marked(run(0, 3), Marks::Odd), Some(Offset(2)));
        assert_eq!(marked(run(0, 3), Marks::All), Some(Offset(3)));
        assert_eq!(marked(run(0, 3), Marks::None), None);
    }

    #[test]
    fn at_the_end_of_a_session_a_handler_ends_its_record_only() {
        let mut handlers = Handlers::default();
        let mut lane = Lane { waiting: [run(0, 5)].into(), in_hand: None };
        let one = lane.take_next(Duration::from_millis(100)).unwrap();
        assert_eq!(one, run(0, 1));
        lane.in_hand = Some((one, Instant::ZERO + Duration::from_millis(100)));
        handlers.lanes.insert(TopicPartition::new("kq", 0), lane);
        assert!(handlers.end());
        let lane = handlers.lanes.values_mut().next().unwrap();
        assert_eq!(lane.backlog(), 0);
        lane.in_hand = None;
        assert!(!handlers.end());
    }
}

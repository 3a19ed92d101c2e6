//! Moments of a run that are kept, so that others can be reached from them.

use std::collections::VecDeque;

use super::Moment;

/// Steps between two checkpoints that are kept for good.
const COARSE: u32 = 16_384;
/// Steps between two checkpoints near the cursor, at least.
const FINE: u32 = 512;
/// So many for every process: to keep a moment costs as much as there are of them.
const FINE_PER_PROCESS: usize = 8;
/// How many fine ones are kept.
const FINE_KEPT: usize = 40;
/// How many coarse ones are kept before every other one is given up.
const COARSE_KEPT: usize = 64;

/// The moments that are kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Checkpoints {
    coarse: Vec<Moment>,
    /// By step; around where the cursor last was.
    fine: VecDeque<Moment>,
    /// The distance of the coarse ones, as a power of two times [`COARSE`].
    thinned: u32,
}

impl Checkpoints {
    /// Keeps a moment if it is time to.
    pub(super) fn visit(&mut self, moment: &Moment) {
        let step = moment.step;
        if step.is_multiple_of(COARSE << self.thinned)
            && self.coarse.last().is_none_or(|last| last.step < step)
        {
            self.coarse.push(moment.clone());
            if self.coarse.len() > COARSE_KEPT {
                self.thinned += 1;
                let distance = COARSE << self.thinned;
                self.coarse.retain(|kept| kept.step.is_multiple_of(distance));
            }
        }
        let processes = moment.runner.lens().nodes().count();
        let fine = (processes * FINE_PER_PROCESS).next_power_of_two() as u32;
        if step.is_multiple_of(fine.max(FINE)) {
            self.keep_fine(moment);
        }
    }

    fn keep_fine(&mut self, moment: &Moment) {
        let place = self.fine.partition_point(|kept| kept.step < moment.step);
        if self.fine.get(place).is_some_and(|kept| kept.step == moment.step) {
            return;
        }
        self.fine.insert(place, moment.clone());
        if self.fine.len() > FINE_KEPT {
            // The one that is furthest from here goes.
            if place > self.fine.len() / 2 {
                self.fine.pop_front();
            } else {
                self.fine.pop_back();
            }
        }
    }

    /// The last moment kept that is not after `step`.
    pub(super) fn before(&self, step: u32) -> Option<&Moment> {
        let coarse = self.coarse.partition_point(|kept| kept.step <= step).checked_sub(1);
        let fine = self.fine.partition_point(|kept| kept.step <= step).checked_sub(1);
        let coarse = coarse.map(|index| &self.coarse[index]);
        let fine = fine.map(|index| &self.fine[index]);
        coarse.into_iter().chain(fine).max_by_key(|kept| kept.step)
    }

    /// Forgets what is after `step`.
    pub(super) fn truncate(&mut self, step: u32) {
        self.coarse.retain(|kept| kept.step <= step);
        self.fine.retain(|kept| kept.step <= step);
    }
}

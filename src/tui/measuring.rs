//! What is measured of the runs of a file, and the question that only all of them answer. The answer is
//! kept back until somebody has guessed, or does not want to.

use super::app::App;
use super::layer::{Kind, Layer};
use crate::scenario::Question;
use crate::scenario::runner::Runner;

impl App {
    /// The question that all runs together answer.
    pub(super) fn question(&self) -> Option<&Question> {
        self.comparison.as_ref()?.ask.as_ref()
    }

    /// True while what was measured would give an answer away.
    pub(super) fn hides_bars(&self) -> bool {
        let guesses = |layer: &Layer| matches!(layer, Layer::List { kind: Kind::Guess, .. });
        self.question().is_some() && (!self.ui.compare.asked || self.ui.layers.iter().any(guesses))
    }

    /// Measures every run of the file, by itself and to its end, when somebody looks for the first time;
    /// asks before.
    pub(super) fn keep_measured(&mut self) {
        if self.comparison.is_none() {
            return;
        }
        if self.measured.is_empty() {
            let measure = |run: &crate::scenario::Run| {
                let mut runner = Runner::new(run.seeded(self.seed), false);
                runner.run();
                runner.measured().cloned()
            };
            self.measured = self.runs.iter().map(measure).collect();
        }
        if self.question().is_some() && !self.ui.compare.asked && self.ui.layers.is_empty() {
            self.ui.compare.asked = true;
            self.ui.layers.push(Layer::list(Kind::Guess, 0));
        }
    }
}

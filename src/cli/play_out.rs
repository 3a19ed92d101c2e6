//! A run from its beginning to its end, with its story.

use super::guard::{Contradiction, guard};
use crate::explain::{Story, StoryBuilder};
use crate::ids::Name;
use crate::scenario::runner::Runner;
use crate::scenario::{Report, Run, Text};
use crate::sim::Instant;

/// A run that is over.
pub(super) struct Ran {
    /// What tells it from the others of its file.
    pub(super) label: Option<Name>,
    /// What is different about it, if the file says so.
    pub(super) title: Option<Text>,
    pub(super) runner: Runner,
    pub(super) story: Story,
    pub(super) report: Report,
    /// What an assert said, if the simulator contradicted itself.
    pub(super) contradiction: Option<Contradiction>,
}

/// How a run is to be played.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct How {
    pub(super) seed: Option<u64>,
    pub(super) until: Option<Instant>,
    /// The story is wanted.
    pub(super) story: bool,
}

/// Plays a run to its end. `look` sees the run after every step.
pub(super) fn play_out(run: &Run, how: How, mut look: impl FnMut(&Runner)) -> Ran {
    let mut runner = Runner::new(run.seeded(how.seed), true);
    let mut story = Story::default();
    let mut builder = StoryBuilder::default();
    let mut lines = Vec::new();
    let played = guard(|| {
        loop {
            if let (Some(until), Some(next)) = (how.until, runner.next_at())
                && next > until
                && until < runner.end()
            {
                runner.stop_at(until);
                break;
            }
            if !runner.step() {
                break;
            }
            if how.story {
                let world = runner.lens();
                builder.push_step(runner.happened(), runner.told(), &world, &mut lines);
                story.extend(lines.drain(..));
            }
            look(&runner);
        }
    });
    let report = Report::of(&runner);
    let (label, title) = (run.label.clone(), run.title.clone());
    Ran { label, title, story, report, contradiction: played.err(), runner }
}

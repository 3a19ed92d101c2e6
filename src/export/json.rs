//! A moment, or a whole story, for programs.

use serde::Serialize;

use super::tale::Tale;
use crate::explain::Lang;
use crate::scenario::timeline::Timeline;
use crate::scenario::{Recorded, Report};
use crate::sim::Instant;

/// The cluster at the cursor: the whole picture, as every screen sees it.
pub fn moment(timeline: &Timeline) -> String {
    pretty(&timeline.runner().lens().picture())
}

/// What a story is to a program.
#[derive(Serialize)]
struct Story<'a> {
    kafka: String,
    seed: u64,
    /// Up to when it was told, in nanoseconds.
    until: Instant,
    en: &'a Tale,
    zh: &'a Tale,
    done_live: Vec<Done>,
    report: Report,
}

/// A command that was given live.
#[derive(Serialize)]
struct Done {
    at: Instant,
    line: String,
}

/// The story up to the cursor in both languages, and how the run stands there.
pub fn story(timeline: &Timeline) -> String {
    let runner = timeline.runner();
    let [en, zh] = [Lang::En, Lang::Zh].map(|lang| Tale::of(timeline.story(), runner, lang));
    let live = timeline.recorded().into_iter();
    pretty(&Story {
        kafka: runner.scenario().release.to_string(),
        seed: runner.scenario().seed,
        until: timeline.at(),
        en: &en,
        zh: &zh,
        done_live: live.map(|Recorded { at, line }| Done { at, line: line.to_string() }).collect(),
        report: Report::of(runner),
    })
}

fn pretty(document: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(document).expect("it is made of plain data");
    text.push('\n');
    text
}

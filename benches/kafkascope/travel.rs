//! P16: one step back in a long history.

use std::sync::Arc;

use kafkascope::scenario::timeline::{Timeline, Unit};
use kafkascope::scenario::{Source, load};
use kafkascope::sim::Instant;

use super::Options;
use super::clock::Wall;
use super::row::{Goal, Row};

/// The lesson of P4, going on for so long.
fn long_lesson(seconds: u32) -> Timeline {
    let text = include_str!("lesson.toml")
        .replace("duration = \"90s\"", &format!("duration = \"{seconds}s\""))
        .replace("rate  = \"20/s\"", "rate  = \"200/s\"");
    let source = Source::new("lesson.toml", text.into_bytes()).expect("it is a text");
    let loaded = load(&source);
    let run = loaded.runs.into_iter().next().expect("the lesson can run");
    Timeline::new(Arc::new(run.scenario))
}

/// The slowest step back among those from several places in a history of `events` events, in
/// milliseconds; each is made several times, and the least counts.
fn slowest_step(events: u32, seconds: u32) -> (f64, u32) {
    let mut timeline = long_lesson(seconds);
    while timeline.event() < events {
        timeline.play(Instant::FAR_FUTURE, 1_000);
        assert!(!timeline.is_over(), "the lesson is too short: {} events", timeline.event());
    }
    let end = timeline.event();
    let mut slowest: f64 = 0.0;
    // The end, just before it, and places that no checkpoint is likely to be near.
    let places = [end, end - 700, end / 7 * 6, end / 3 * 2, end / 2 + 333, end / 5];
    for place in places {
        let mut least = f64::INFINITY;
        for _ in 0..3 {
            timeline.go_to_event(place);
            let start = Wall::now();
            assert!(timeline.back(Unit::Event), "there is something before");
            least = least.min(start.elapsed().as_secs_f64() * 1e3);
            assert!(timeline.event() < place, "it went back");
        }
        slowest = slowest.max(least);
    }
    (slowest, end)
}

/// P16: at 100,000 events, and at a million.
pub(crate) fn rows(options: &Options) -> Vec<Row> {
    let row = |name: &str, goal, events, seconds| {
        let (ours, end) = slowest_step(events, seconds);
        let note = format!("the slowest of six places, {end} events");
        Row::absolute(format!("P16 step back, {name} events"), goal, (ours, "ms"), note)
    };
    let mut rows = vec![row("100k", Goal::AtMost(50.0, 16.0), 100_000, 600)];
    if !options.quick {
        rows.push(row("1M", Goal::Shown(16.0), 1_000_000, 6_000));
    }
    rows
}

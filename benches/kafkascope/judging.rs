//! P10: a run with every invariant judged after every event, beside the same run without a judge.

use std::sync::Arc;

use kafkascope::scenario::runner::Runner;
use kafkascope::scenario::{Scenario, Source, library, load};

use super::Options;
use super::clock::cpu;
use super::row::{Goal, Paired, Row};

/// Lets a run come to its end: how many milliseconds of CPU time that took.
fn run(mut runner: Runner) -> f64 {
    let (time, runner) = cpu(|| {
        runner.run();
        runner
    });
    assert!(runner.is_over() && runner.violations().is_empty(), "it comes to its end unbroken");
    time.as_secs_f64() * 1e3
}

fn row(options: &Options, name: &str, source: &Source) -> Row {
    let scenario: Arc<Scenario> = Arc::new(load(source).runs.remove(0).scenario);
    let runner = || Runner::new(Arc::clone(&scenario), false);
    let paired = Paired::measure(options.rounds(15), || run(runner().unjudged()), || run(runner()));
    Row {
        name: format!("P10 {name}, judged"),
        goal: Goal::Shown(f64::INFINITY),
        floor: format!("{:.1} ms", paired.floor),
        ours: format!("{:.1} ms", paired.ours),
        ratio: paired.ratio,
        note: "CPU, beside the same run without a judge".into(),
    }
}

/// The lesson, and the longest of the built-in scenarios.
pub(crate) fn rows(options: &Options) -> Vec<Row> {
    let lesson = include_str!("lesson.toml");
    let lesson = Source { name: "lesson.toml".to_owned(), text: lesson.to_owned() };
    let built_in = library::find("broker-down-and-back").expect("it is built in");
    vec![row(options, "a whole lesson", &lesson), row(options, "broker-down-and-back", &built_in)]
}

//! The simulator itself: the same scenario makes the same trace (D1), whoever looks (D3), wherever it
//! was interrupted (D4), and in whichever way it was written down (D5).

use std::sync::Arc;

use kafkascope::scenario::runner::Runner;
use kafkascope::scenario::{self, Run, Source, library, save};
use kafkascope::sim::{Duration, Instant};

/// All runs of the built-in scenarios.
fn runs() -> Vec<(String, Run)> {
    let mut runs = Vec::new();
    for name in library::names() {
        let source = library::find(name).expect("it is built in");
        runs.extend(scenario::load(&source).runs.into_iter().map(|run| (name.to_owned(), run)));
    }
    runs
}

fn begin(run: &Run) -> Runner {
    Runner::new(Arc::new(run.scenario.clone()), true)
}

/// The hash at every event whose number is a power of two, and at the end.
fn hashes(mut runner: Runner) -> Vec<(u64, u128)> {
    let mut hashes = Vec::new();
    let mut next = 1;
    while runner.step() {
        if runner.number() >= next {
            next = runner.number().next_power_of_two() * 2;
            hashes.push((runner.number(), runner.trace_hash().expect("it is hashed")));
        }
    }
    hashes.push((runner.number(), runner.trace_hash().expect("it is hashed")));
    hashes
}

#[test]
fn a_run_repeats_and_nobody_is_seen_to_judge() {
    for (name, run) in runs() {
        let first = hashes(begin(&run));
        assert!(first.len() > 8, "{name}: {} events", first.len());
        assert_eq!(first, hashes(begin(&run)), "{name}: once more");
        assert_eq!(first, hashes(begin(&run).unjudged()), "{name}: without judge");
    }
}

#[test]
fn no_built_in_scenario_breaks_an_invariant() {
    for (name, run) in runs() {
        let mut runner = begin(&run);
        runner.run();
        let found: Vec<String> = runner.violations().iter().map(ToString::to_string).collect();
        assert!(found.is_empty(), "{name}:\n{}", found.join("\n"));
    }
}

#[test]
fn a_copy_goes_on_as_the_original_does() {
    for (name, run) in runs() {
        let mut original = begin(&run);
        let mut copies = Vec::new();
        for part in 1..4 {
            let span = Duration::from_nanos(run.scenario.duration.as_nanos() / 4 * part);
            original.run_until(Instant::ZERO + span);
            copies.push(original.clone());
        }
        original.run();
        let whole = (original.trace_hash(), original.summary());
        for mut copy in copies {
            copy.run();
            assert_eq!((copy.trace_hash(), copy.summary()), whole, "{name}");
        }
    }
}

#[test]
fn what_is_saved_is_what_was_run() {
    for name in library::names() {
        let text = &library::find(name).expect("it is built in").text;
        let once = save(text, &[]);
        assert_eq!(save(&once, &[]), once, "{name}: saved twice");
        let load = |text: &str| {
            let source = Source::new(name.to_owned(), text.as_bytes().to_vec());
            scenario::load(&source.expect("it is text")).runs
        };
        let scenarios = |runs: Vec<Run>| runs.into_iter().map(|run| run.scenario);
        assert!(scenarios(load(text)).eq(scenarios(load(&once))), "{name}");
    }
}

//! The same scenario, seed and version make the same trace: twice, through a checkpoint, there and
//! back again in time, with whatever else runs beside it.

#[path = "common/built_in.rs"]
mod built_in;

use std::sync::Arc;
use std::thread;

use built_in::runs;
use kafkascope::foreign::{Answer, Simulated, answer};
use kafkascope::ids::Name;
use kafkascope::scenario::runner::{Runner, Stop, Verdict};
use kafkascope::scenario::timeline::{Timeline, Unit};
use kafkascope::scenario::{Report, Scenario};
use kafkascope::sim::{Duration, Instant};

fn hash_of(scenario: &Arc<Scenario>) -> u128 {
    let mut runner = Runner::new(Arc::clone(scenario), true);
    runner.run();
    runner.trace_hash().expect("it was asked for")
}

#[test]
fn a_run_repeats_to_the_byte() {
    let runs = runs();
    let alone: Vec<u128> = runs.iter().map(|(_, scenario)| hash_of(scenario)).collect();
    // Once more, all at once.
    let beside: Vec<u128> = thread::scope(|scope| {
        let running: Vec<_> =
            runs.iter().map(|(_, scenario)| scope.spawn(move || hash_of(scenario))).collect();
        running.into_iter().map(|one| one.join().expect("it ends")).collect()
    });
    for ((name, _), (alone, beside)) in runs.iter().zip(alone.iter().zip(&beside)) {
        assert_eq!(alone, beside, "{name}");
    }
}

#[test]
fn a_checkpoint_changes_nothing() {
    for (name, scenario) in runs() {
        let whole = hash_of(&scenario);
        let mut first = Runner::new(Arc::clone(&scenario), true);
        for part in [3, 2] {
            let middle = Instant::ZERO + Duration::from_nanos(scenario.duration.as_nanos() / part);
            first.run_until(middle);
            let mut second = first.clone();
            // What is left goes on before, so that both would see what they share.
            first.run();
            assert_eq!(first.trace_hash(), Some(whole), "{name}");
            first = second.clone();
            second.run();
            assert_eq!(second.trace_hash(), Some(whole), "{name}, from 1/{part} on");
        }
    }
}

#[test]
fn tools_that_look_change_nothing() {
    let lines = [
        "kafka-topics --describe",
        "kafka-consumer-groups --describe --all-groups",
        "kafka-get-offsets --time max-timestamp",
        "kafka-console-consumer --topic kq --from-beginning",
    ];
    for (name, scenario) in runs().into_iter().take(3) {
        let mut runner = Runner::new(Arc::clone(&scenario), true);
        for part in [4, 2, 1] {
            let at = Instant::ZERO + Duration::from_nanos(scenario.duration.as_nanos() / part);
            runner.run_until(at);
            for line in lines {
                let words: Vec<Name> = line.split(' ').map(Name::from).collect();
                let cluster = Simulated::new(runner.lens());
                assert!(matches!(answer(&words, &cluster), Answer::Printed(_)), "{line}");
            }
        }
        runner.run();
        assert_eq!(runner.trace_hash(), Some(hash_of(&scenario)), "{name}");
    }
}

#[test]
fn another_seed_is_another_trace() {
    for (name, scenario) in runs() {
        let mut other = Scenario::clone(&scenario);
        other.seed += 1;
        assert_ne!(hash_of(&scenario), hash_of(&Arc::new(other)), "{name}");
    }
}

#[test]
fn there_and_back_again_is_the_same_place() {
    for (name, scenario) in runs() {
        let mut timeline = Timeline::new(Arc::clone(&scenario));
        let middle = Instant::ZERO + Duration::from_nanos(scenario.duration.as_nanos() / 2);
        timeline.go_to(middle);
        let (event, picture) = (timeline.event(), timeline.runner().lens().picture());
        let lines = timeline.story().len();
        for unit in [Unit::Event, Unit::Message, Unit::Line] {
            for _ in 0..7 {
                timeline.back(unit);
            }
            timeline.go_to(middle);
            assert_eq!(timeline.event(), event, "{name}");
            assert_eq!(timeline.story().len(), lines, "{name}");
            assert!(timeline.runner().lens().picture() == picture, "{name}: another picture");
        }
        // The very beginning, and all the way again.
        timeline.go_to(Instant::ZERO);
        timeline.go_to(middle);
        assert!(timeline.runner().lens().picture() == picture, "{name}: another picture");
    }
}

#[test]
fn a_run_of_too_many_events_is_stopped_and_has_failed() {
    let (_, scenario) = runs().remove(0);
    let mut runner = Runner::new(scenario, false);
    runner.set_event_cap(5_000);
    runner.run();
    let report = Report::of(&runner);
    assert_eq!(report.stopped, Some(Stop::TooManyEvents));
    assert!(!report.passed());
    assert!((5_000..5_100).contains(&runner.last_event()), "{}", runner.last_event());
    // What was not judged did not hold.
    assert!(report.outcomes.iter().any(|outcome| outcome.verdict == Verdict::NotJudged));
}

//! What commands do to whom.

use std::sync::Arc;

use super::*;
use crate::cluster::ProcessState;
use crate::scenario::runner::Runner;

fn run(text: &str, seconds: u64) -> Runner {
    let mut run = Runner::new(Arc::new(right(text)), false).unjudged();
    run.run_until(Instant::ZERO + Duration::from_secs(seconds));
    run
}

#[test]
fn the_controller_that_was_killed_is_the_one_to_start() {
    let mut run = run("[topics.kq]\n[[steps]]\nat = \"5s\"\ndo = \"kill controller\"", 6);
    let node = run.lens().find("controller-1").expect("it was there");
    assert_eq!(run.lens().process_state(node), ProcessState::Down);
    assert_eq!(run.lens().active_controller(), None);
    run.type_line("start controller").expect("it can be read");
    run.run_until(Instant::ZERO + Duration::from_secs(10));
    assert!(run.scores().refused.is_empty(), "{:?}", run.scores().refused);
    assert_eq!(run.lens().process_state(node), ProcessState::Up);
    // One that runs is not meant by somebody to start.
    run.type_line("start controller").expect("it can be read");
    run.run_until(Instant::ZERO + Duration::from_secs(11));
    assert_eq!(&*run.scores().refused[0].problem, "controller-1 runs already");
}

#[test]
fn elections_of_internal_topics_are_counted_apart() {
    let run = run(
        "[topics.kq]\nreplication-factor = 3\n[groups.g]\ntopics = \"kq\"\n\
         [[steps]]\nat = \"10s\"\ndo = \"stop leader(kq-0)\"",
        12,
    );
    let summary = run.summary();
    assert_eq!(summary.elections, 1, "kq has one partition");
    assert!((10..=20).contains(&summary.internal_elections), "{summary:?}: a third of 50");
    assert_eq!(summary.unclean_elections, 0);
}

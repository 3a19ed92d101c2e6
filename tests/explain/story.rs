//! The story of a run, as people read it.

use kafkascope::explain::Lang;
use kafkascope::node::Interest;

use crate::cluster::Run;

fn failover(interest: Interest) -> Run {
    let mut run = Run::new(interest);
    run.until(5_000);
    run.command("kill broker-1");
    run.until(20_000);
    run.command("start broker-1");
    run.until(30_000);
    run.command("stop broker-2");
    run.until(35_000);
    run
}

#[test]
fn a_broker_dies_comes_back_and_another_stops() {
    let run = failover(Interest::Story);
    insta::assert_snapshot!(run.told_in(Lang::En, false), @"");
    insta::assert_snapshot!(run.told_in(Lang::Zh, false), @"");
}

#[test]
fn with_everything_that_is_told() {
    insta::assert_snapshot!(failover(Interest::Story).told_in(Lang::En, true), @"");
}

#[test]
fn details_do_not_change_the_story() {
    let (story, everything) = (failover(Interest::Story), failover(Interest::Everything));
    assert_eq!(story.story.lines().len(), everything.story.lines().len());
    let same = story.story.lines().iter().zip(everything.story.lines());
    for (one, other) in same {
        assert_eq!((one.at, one.event, &one.words), (other.at, other.event, &other.words));
    }
}

//! Small scenarios from their beginning to their end.

use std::sync::Arc;

use super::right;
use crate::scenario::Report;
use crate::scenario::runner::{Runner, Speech};

/// The run of a file that has the usual head, over.
fn ran(body: &str) -> Runner {
    let mut runner = Runner::new(Arc::new(right(body)), false);
    runner.run();
    runner
}

#[test]
fn a_question_comes_before_its_step_and_its_answer_at_its_moment_or_when_it_is_asked() {
    let runner = ran(r#"
        duration = "30s"
        [topics.kq]
        replicas = [[2]]
        [[steps]]
        at = "8s"
        ask = { en = "later?", answer = "isr(kq-0) at 20s", choices = ["a", "b"], reveal = "so" }
        say = "the first"
        [[steps]]
        at = "10s"
        ask = { en = "earlier?", answer = "online(kq-0) at 9s" }
        say = "the second"
        [[steps]]
        at = "12s"
        ask = { en = "why?", reveal = "because" }
        [[steps]]
        at = "14s"
        ask = { en = "never answered?" }
        [[steps]]
        when = "isr(kq-0) == 3"
        ask = { en = "never asked?", answer = "isr(kq-0) at 15s" }
        say = "never said"
        "#);
    let told = runner.spoken().iter().map(|one| {
        let at = one.at.as_millis() / 1_000;
        match &one.speech {
            Speech::Say(text) => format!("{at} say {}", text.en),
            Speech::Ask { question, choices, .. } => {
                format!("{at} ask {} {}", question.en, choices.len())
            }
            Speech::Answer { asked, choice, value, reveal } => {
                let asked =
                    asked.map_or("-".to_owned(), |asked| (asked.as_millis() / 1_000).to_string());
                let value = value.as_ref().map_or("-".to_owned(), ToString::to_string);
                let reveal = reveal.as_ref().map_or("-", |text| &*text.en);
                format!("{at} answer of {asked}: {choice:?} {value} {reveal}")
            }
        }
    });
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @r"
    8 ask later? 2
    8 say the first
    10 ask earlier? 0
    10 answer of 10: None true -
    10 say the second
    12 ask why? 0
    12 answer of 12: None - because
    14 ask never answered? 0
    20 answer of 8: None [broker-2] so
    ");
}

/// The same; everything that it expects holds.
fn held(body: &str) {
    let report = Report::of(&ran(body));
    assert!(report.passed(), "{report:#?}");
}

#[test]
fn who_was_moved_away_from_says_that_it_leads_no_more() {
    held(
        r#"
        duration = "30s"
        expect = [
            "at-end errors(web, NOT_LEADER_OR_FOLLOWER) > 0",
            "at-end errors(web, UNKNOWN_TOPIC_ID) == 0",
            "at-end failed == 0",
        ]
        [topics.kq]
        replicas = [[1, 3]]
        [producers.web]
        topic = "kq"
        rate = "1000/s"
        [[steps]]
        at = "10s"
        do = "reassign kq-0 to [3, 2]"
        "#,
    );
}

#[test]
fn what_is_still_on_its_way_at_the_end_is_not_lost() {
    held(
        r#"
        duration = "20s"
        expect = ["at-end acked-lost == 0", "at-end lost == 0", "at-end acked(web) > leo(kq-0)"]
        [network]
        latency = "50ms"
        [topics.kq]
        replication-factor = 3
        [producers.web]
        topic = "kq"
        rate = "100/s"
        config = { acks = "0" }
        "#,
    );
}

#[test]
fn what_was_on_its_way_to_a_broker_that_dies_is_lost() {
    held(
        r#"
        duration = "20s"
        expect = ["at-end acked-lost > 0", "at-end acked-lost < 20"]
        [network]
        latency = "50ms"
        [topics.kq]
        [producers.web]
        topic = "kq"
        rate = "100/s"
        stop = "15s"
        config = { acks = "0" }
        [[steps]]
        at = "14990ms"
        do = "kill leader(kq-0)"
        "#,
    );
}

#[test]
fn a_group_that_has_committed_nothing_has_no_lag() {
    held(
        r#"
        duration = "40s"
        expect = [
            "at-end not lag(never) >= 0",
            "at 19s not lag(late) >= 0",
            "at-end lag(late) < 100 and committed(late, kq-0) > 1000",
        ]
        [topics.kq]
        [producers.web]
        topic = "kq"
        rate = "100/s"
        [groups.never]
        topics = "kq"
        commit = "never"
        [groups.late]
        topics = "kq"
        members = [{ name = "c1", start = "20s" }]
        "#,
    );
}

/// True if everything that was expected held and no invariant was broken.
fn all_held(body: &str) {
    let report = Report::of(&ran(body));
    assert!(report.violations.is_empty(), "{:?}", report.violations);
    for outcome in &report.outcomes {
        assert_eq!(outcome.verdict, crate::scenario::runner::Verdict::Held, "{}", outcome.text);
    }
}

#[test]
fn a_machine_that_is_back_resets_the_connections_that_it_does_not_know() {
    all_held(
        r#"
        duration = "40s"
        expect = ["at 30s acked(web) > 300"]
        [topics.kq]
        replicas = [[1]]
        [producers.web]
        topic = "kq"
        rate = "20/s"
        [[steps]]
        at = "15s"
        do = "power-off broker-1"
        [[steps]]
        at = "20s"
        do = "start broker-1"
        "#,
    );
}

#[test]
fn a_follower_fetches_from_a_leader_that_leads_again() {
    all_held(
        r#"
        duration = "40s"
        [topics.kq]
        replicas = [[1, 2, 3]]
        [producers.web]
        topic = "kq"
        rate = "20/s"
        [[steps]]
        at = "15s"
        do = "power-off broker-1"
        [[steps]]
        at = "17s"
        do = "start broker-1"
        [[steps]]
        at = "26s"
        do = "elect preferred kq-0"
        expect = ["at 29s leader(kq-0) == broker-1", "at 29s hw(kq-0) > 400"]
        "#,
    );
}

#[test]
fn a_topic_that_is_deleted_may_come_again_by_itself() {
    all_held(
        r#"
        duration = "40s"
        [topics.kq]
        partitions = 3
        replication-factor = 3
        [producers.web]
        topic = "kq"
        rate = "20/s"
        [groups.g]
        topics = ["kq"]
        [[steps]]
        at = "20s"
        do = "delete topic kq"
        "#,
    );
}

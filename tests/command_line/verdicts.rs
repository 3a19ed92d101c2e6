//! Every way in which a run can come out has its verdict and its exit code.

use crate::program::{Called, call, call_with, scenario};

fn run(text: &str) -> Called {
    call_with(&["run", "-"], text.as_bytes())
}

#[test]
fn what_holds_ends_with_0() {
    let ran = run(&scenario("expect = [\"at-end online(kq-0)\", \"always acked-lost == 0\"]"));
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("✔ as expected: at-end online(kq-0)"), "{}", ran.out);
    assert!(ran.out.contains("· lost 0 (acked 0) ·"), "{}", ran.out);
    ran.trace_hash();
}

#[test]
fn what_does_not_hold_ends_with_1_says_why_and_where_to_look() {
    let text = scenario("expect = [\"always online(kq-0)\"]")
        + "[[steps]]\nat = \"10s\"\ndo = \"kill leader(kq-0)\"\n";
    let ran = run(&text);
    assert_eq!(ran.code, 1, "{}", ran.out);
    let failed = ran.out.split_once("✖ always online(kq-0): it was broken").expect("it is told").1;
    assert!(failed.contains("kafkascope play - --at 10s"), "{failed}");
    // The chain ends at what was done.
    assert!(failed.contains("10.000  you          kill leader(kq-0)"), "{failed}");
}

#[test]
fn a_condition_that_never_holds_fails() {
    let text = scenario("") + "[[steps]]\nwhen = \"isr(kq-0) == 1\"\ndo = \"kill broker-1\"\n";
    let ran = run(&text);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.out.contains("its condition never held"), "{}", ran.out);
    let expected = run(&scenario("expect = [\"when isr(kq-0) == 1 then within 1s online(kq-0)\"]"));
    assert_eq!(expected.code, 1, "{}", expected.out);
    assert!(expected.out.contains("its condition never held"), "{}", expected.out);
}

#[test]
fn a_span_that_reaches_past_the_end_fails_unless_it_held_before() {
    let step = |expected: &str| {
        scenario("")
            + &format!(
                "[[steps]]\nat = \"15s\"\ndo = \"kill broker-1\"\nexpect = [\"{expected}\"]\n"
            )
    };
    let late = run(&step("within 30s fenced(broker-1)"));
    assert_eq!(late.code, 1, "{}", late.out);
    assert!(late.out.contains("the run ended before its time was over"), "{}", late.out);
    let held = run(&step("within 30s not alive(broker-1)"));
    assert_eq!(held.code, 0, "{}", held.out);
}

#[test]
fn a_missing_duration_is_told_and_has_a_default() {
    let text = scenario("").replace("duration = \"20s\"\n", "");
    let ran = run(&text);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("(no duration in the file)"), "{}", ran.out);
}

#[test]
fn what_cannot_be_carried_out_fails() {
    let text = scenario("") + "[[steps]]\nat = \"10s\"\ndo = \"start broker-1\"\n";
    let ran = run(&text);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.out.contains("✖ start broker-1 could not be carried out"), "{}", ran.out);
}

#[test]
fn a_run_that_is_stopped_leaves_open_what_was_not_judged() {
    let text = scenario("expect = [\"at-end online(kq-0)\"]");
    let ran = call_with(&["run", "-", "--until", "10s"], text.as_bytes());
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("· at-end online(kq-0) (not judged)"), "{}", ran.out);
    assert!(ran.out.contains("stopped where --until says"), "{}", ran.out);
}

#[test]
fn the_same_words_in_chinese() {
    let ran = call(&["run", "broker-down", "--lang", "zh", "--until", "20s"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.starts_with("broker 宕机\n"), "{}", ran.out);
    let english = call(&["run", "broker-down", "--until", "20s"]);
    assert_eq!(ran.trace_hash(), english.trace_hash(), "no trace depends on a language");
}

#[test]
fn another_seed_is_another_run() {
    let first = call(&["run", "broker-down", "--until", "15s"]);
    let second = call(&["run", "broker-down", "--until", "15s", "--seed", "2"]);
    assert_ne!(first.trace_hash(), second.trace_hash());
    assert!(second.out.contains("seed 2"), "{}", second.out);
}

#[test]
fn a_last_known_leader_counts_as_an_unclean_election() {
    let text = "format = 1\ntitle = \"Power\"\nkafka = \"4.1\"\nseed = 1\nduration = \"70s\"\n\
        expect = [\"never unclean-election\"]\n[cluster]\nbrokers = 3\n\
        [topics.kq]\npartitions = 1\nreplication-factor = 3\n\
        config = { \"min.insync.replicas\" = 2 }\n\
        [[steps]]\nat = \"10s\"\ndo = \"power-off followers(kq-0)\"\nas = \"others\"\n\
        [[steps]]\nat = \"25s\"\ndo = \"power-off leader(kq-0)\"\nas = \"last\"\n\
        [[steps]]\nat = \"40s\"\ndo = \"start others\"\n\
        [[steps]]\nat = \"50s\"\ndo = \"start last\"\n";
    let ran = run(text);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(
        ran.out.contains("(the last known leader; unclean: records may be lost)"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("✖ never unclean-election: it was broken"), "{}", ran.out);
}

//! `kafkascope play` where there is no terminal.

use crate::program::call;

#[test]
fn without_a_terminal_play_says_so() {
    let called = call(&["play", "broker-down"]);
    assert_eq!(called.code, 2);
    assert!(called.err.contains("play needs a terminal"), "{}", called.err);
    assert!(called.out.is_empty(), "{}", called.out);
}

#[test]
fn a_key_script_is_played_and_its_last_screen_printed() {
    let script = ["--at", "19s", "--keys", "← w", "--size", "100x30", "--print"];
    let called = call(&[&["play", "broker-down"], &script[..]].concat());
    assert_eq!(called.code, 0, "{}", called.err);
    assert_eq!(called.out.lines().count(), 30, "{}", called.out);
    assert!(called.out.contains("learns that broker-1 leads"), "{}", called.out);
    assert!(!called.out.contains('\u{1b}'), "text only");
    assert_eq!(called.out, call(&[&["play", "broker-down"], &script[..]].concat()).out);
}

#[test]
fn a_question_comes_before_what_it_asks_about() {
    let play = |keys: &str| {
        let script = ["--at", "9s", "--keys", keys, "--size", "100x30", "--print"];
        call(&[&["play", "broker-down"], &script[..]].concat()).out
    };
    let asked = play("space wait:3s");
    assert!(asked.contains("Who leads kq-0 at 25 s?"), "{asked}");
    assert!(!asked.contains("kill leader(kq-0)"), "{asked}");
    let gone_on = play("space wait:3s Esc space wait:1s");
    assert!(gone_on.contains("kill leader(kq-0)"), "{gone_on}");
}

#[test]
fn without_a_name_there_is_a_list_to_choose_from() {
    let called = call(&["play", "--print"]);
    assert!(called.out.contains("broker-down-and-back"), "{}", called.out);
    let called = call(&["play", "--keys", "⏎ wait:1s", "--print"]);
    assert!(called.out.contains("A broker dies"), "{}", called.out);
}

#[test]
fn what_is_no_key_size_or_scenario_is_told() {
    for (args, told) in [
        (["play", "broker-down", "--print", "--keys=Entr"], "did you mean `Enter`?"),
        (["play", "broker-down", "--print", "--size=wide"], "write it like 160x50"),
        (["play", "brokr-down", "--print", "--at=1s"], "did you mean `broker-down`?"),
        (["play", "broker-down", "--print", "--at=soon"], "a span of time"),
    ] {
        let called = call(&args);
        assert_eq!(called.code, 2, "{args:?}");
        assert!(called.err.contains(told), "{args:?}: {}", called.err);
    }
}

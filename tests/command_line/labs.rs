//! Labs, notes and jumps to steps on the command line.

use std::fs;

use crate::program::{call, command};

#[test]
fn a_lab_ends_with_1_and_says_what_is_missing_and_how_to_go_on() {
    let ran = call(&["run", "lab-give-back-the-lead"]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    for part in [
        "task: Let each broker lead one partition again",
        "you may change: steps",
        "✖ goal 1: each partition is led by its preferred leader",
        "it did not hold then (60.000)",
        "look at it: kafkascope play lab-give-back-the-lead --at 60s",
        "✔ goal 2: broker-1 was really away",
        "kafkascope new my-lab-give-back-the-lead --from lab-give-back-the-lead",
        "a hint: kafkascope run lab-give-back-the-lead --hint 1 (there are 3)",
    ] {
        assert!(ran.out.contains(part), "{part}\n{}", ran.out);
    }
    assert!(!ran.out.contains("preferred leader.\n"), "no hint unless asked: {}", ran.out);
    let helped = call(&["run", "lab-give-back-the-lead", "--hint", "1"]);
    assert!(helped.out.contains("hint 1: The first broker in the list"), "{}", helped.out);
    assert!(helped.out.contains("--hint 2"), "{}", helped.out);
}

#[test]
fn a_copy_of_a_lab_is_changed_and_solved() {
    let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/solved.toml");
    let _ = fs::remove_file(path);
    assert_eq!(call(&["new", "solved", "--from", "lab-give-back-the-lead"]).code, 0);
    let mut text = fs::read_to_string(path).expect("it was written");
    text += "\n[[steps]]\nat = \"35s\"\ndo = \"elect preferred kq-0\"\n";
    fs::write(path, text).expect("it can be written");
    let ran = call(&["run", "solved.toml"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("solved: every goal holds"), "{}", ran.out);
    assert_eq!(call(&["new", "other", "--from", "no-such-lab"]).code, 2);
    fs::remove_file(path).expect("it is there");
}

#[test]
fn what_may_not_be_changed_is_named_and_a_missed_goal_says_what_was_there() {
    let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/cheaper.toml");
    let _ = fs::remove_file(path);
    assert_eq!(call(&["new", "cheaper", "--from", "lab-lag"]).code, 0);
    let text = fs::read_to_string(path).expect("it was written");
    assert!(!text.contains("hints") && !text.contains("note "), "{text}");
    let missed = call(&["run", "cheaper.toml", "--hint", "1"]);
    assert!(
        missed.out.contains("it did not hold then (60.000): lag(checkout) was 1"),
        "{}",
        missed.out
    );
    assert!(missed.out.contains("hint 1: How many records a second"), "{}", missed.out);
    fs::write(path, text.replace("\"25ms\"", "\"5ms\"")).expect("it can be written");
    let ran = call(&["run", "cheaper.toml"]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    let changed = "✖ changed, though it may not be: groups.checkout.process";
    assert!(ran.out.contains(changed) && !ran.out.contains("solved"), "{}", ran.out);
    fs::remove_file(path).expect("it is there");
}

#[test]
fn labs_are_listed_and_not_tested_with_the_scenarios() {
    assert!(call(&["list", "--names"]).out.lines().any(|name| name == "lab-lag"));
}

#[test]
fn notes_are_printed_in_both_languages() {
    let en = call(&["notes", "broker-down"]);
    assert_eq!(en.code, 0, "{}", en.err);
    assert!(en.out.contains("NOTE") && en.out.contains("Count the seconds aloud"), "{}", en.out);
    let zh = call(&["notes", "broker-down", "--lang", "zh"]);
    assert!(zh.out.contains("备注"), "{}", zh.out);
    assert_eq!(call(&["notes"]).code, 2);
}

#[test]
fn notes_that_are_not_there_yet_are_waited_for_and_others_are_refused() {
    let waits = call(&["notes", "--follow", "no-such-file", "--once"]);
    assert_eq!(waits.code, 0, "{}", waits.err);
    assert!(waits.out.contains("play NAME --notes no-such-file"), "{}", waits.out);
    let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/thesis.txt");
    fs::write(path, "my thesis").expect("it can be written");
    assert_eq!(call(&["notes", "--follow", "thesis.txt", "--once"]).code, 2);
    fs::remove_file(path).expect("it is there");
}

#[test]
fn play_begins_at_a_step_and_may_present() {
    let out = call(&["play", "broker-down", "--step", "2", "--size", "80x24", "--print"]).out;
    assert!(out.contains("Who leads kq-0 at 25 s?"), "{out}");
    let args = ["play", "broker-down", "--at", "20s", "--present", "--size", "80x24", "--print"];
    let out = call(&args).out;
    assert!(out.contains("PgDn next") && !out.contains("Producers"), "{out}");
    let mut program = command();
    program.args(["play", "broker-down", "--step", "2", "--at", "3s", "--print"]);
    assert_eq!(program.output().expect("it starts").status.code(), Some(2), "one or the other");
}

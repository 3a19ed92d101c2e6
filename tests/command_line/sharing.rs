//! Runs as codes: `run --share`, `:share`, and what takes them.

use crate::program::{call, call_with, scenario};

/// The code that `play` shows.
fn code_in(screen: &str) -> String {
    let mut inside = screen.lines().filter_map(|row| row.split('┃').nth(1)).map(str::trim);
    let first = inside.find(|row| row.starts_with("ks1.")).expect("a code is shown");
    let rest: String = inside.take_while(|row| !row.is_empty()).collect();
    format!("{first}{rest}")
}

#[test]
fn a_run_is_printed_as_a_code_that_runs_and_plays_the_same() {
    let shared = call(&["run", "broker-down", "--seed", "7", "--share"]);
    assert_eq!((shared.code, &*shared.err), (0, ""));
    let code = shared.out.trim_end();
    assert!(code.starts_with("ks1.broker-down.") && code.len() < 60, "{code}");
    let by_code = call(&["run", code, "--until", "12s"]);
    let by_name = call(&["run", "broker-down", "--seed", "7", "--until", "12s"]);
    assert_eq!(by_code.trace_hash(), by_name.trace_hash());
    let screen = |what: &[&str]| call(&[&["play"], what, &["--print", "--at", "11s"]].concat()).out;
    assert_eq!(screen(&[code]), screen(&["broker-down", "--seed", "7"]));
    assert_eq!(call(&["check", code]).code, 0);
    assert_eq!(call(&["run", code, "--share"]).out, shared.out, "it is the same run");
}

#[test]
fn what_was_done_live_is_in_the_code() {
    let keys = ":kill broker-2⏎ space wait:1s space :start broker-2⏎ Ctrl-y";
    let live = ["play", "broker-down", "--at", "5s", "--keys", keys, "--print"];
    let code = code_in(&call(&live).out);
    assert!(code.len() <= 200, "{code}");
    let ran = call(&["run", &code, "--until", "9s"]);
    let story: Vec<&str> = ran
        .out
        .lines()
        .filter(|line| line.contains("      5.") && line.contains(" you "))
        .collect();
    assert_eq!(story.len(), 2, "{}", ran.out);
    assert!(story[0].ends_with("kill broker-2") && story[1].ends_with("start broker-2"));
    // In the viewer it is live again: it can be shared once more.
    let again = ["play", &code, "--at", "1s", "--keys", ":share⏎", "--print"];
    assert_eq!(code_in(&call(&again).out), code);
    // The same screens as when it was done.
    let keys = format!("{} :goto 8s⏎", keys.trim_end_matches(" Ctrl-y"));
    let first = call(&["play", "broker-down", "--at", "5s", "--keys", &keys, "--print"]).out;
    let replayed = call(&["play", &code, "--at", "8s", "--print"]).out;
    let body = |text: &str| text.lines().take(35).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(body(&replayed), body(&first));
}

#[test]
fn a_file_of_ones_own_can_be_shared_whole() {
    let shared = call_with(&["run", "-", "--share"], scenario("").as_bytes());
    let code = shared.out.trim_end();
    assert!(code.starts_with("ks1.stdin."), "{code}");
    let ran = call(&["run", code]);
    assert_eq!(ran.trace_hash(), call_with(&["run", "-"], scenario("").as_bytes()).trace_hash());
}

#[test]
fn a_code_that_is_damaged_is_refused() {
    let code = call(&["run", "broker-down", "--share"]).out.trim_end().to_owned();
    for command in ["run", "play", "check", "test"] {
        let cut = &code[..code.len() - 1];
        let called = call(&[command, cut]);
        assert_eq!(called.code, 2, "{command}");
        if command != "play" {
            assert!(called.err.contains("this share code is damaged"), "{}", called.err);
        }
    }
    let later = call(&["run", "ks9.broker-down.AAAA"]);
    assert!(later.err.contains("made by a later version"), "{}", later.err);
}

#[test]
fn a_code_for_another_text_of_a_scenario_says_so() {
    let code = "ks1.broker-down.AAECAwQAAMU8sok";
    let told = "had another text where this code was made; the run may differ";
    let ran = call(&["run", code, "--until", "1s"]);
    assert!(ran.code != 2 && ran.err.contains(told), "{}", ran.err);
    let played = call(&["play", code, "--print"]);
    assert!(played.out.contains(told), "{}", played.out);
}

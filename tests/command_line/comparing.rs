//! Two runs side by side, and runs of a compared file by name.

use serde_json::Value;

use crate::program::call;

#[test]
fn the_same_run_leaves_the_same_trace() {
    let same = call(&["compare", "broker-down", "broker-down", "--until", "12s"]);
    assert_eq!(same.code, 0, "{}", same.err);
    assert!(same.out.contains("both runs are the same, event by event"), "{}", same.out);
    assert!(same.out.contains("no difference"), "{}", same.out);
    let lines = same.out.lines().filter(|line| line.starts_with("= "));
    assert!(lines.count() > 10, "{}", same.out);
}

#[test]
fn runs_of_a_file_part_where_the_setting_first_matters() {
    let acks = call(&["compare", "acks-matrix#1", "#all"]);
    assert_eq!(acks.code, 1, "{}", acks.err);
    assert!(acks.out.starts_with("A  acks-matrix#1"), "{}", acks.out);
    assert!(acks.out.contains("first difference at "), "{}", acks.out);
    for sign in ["= ", "< ", "> "] {
        assert!(acks.out.lines().any(|line| line.starts_with(sign)), "{sign}: {}", acks.out);
    }
    let lost = acks.out.lines().find(|line| line.starts_with("acked and lost"));
    assert!(lost.is_some_and(|line| line.contains('-')), "fewer are lost: {lost:?}");
    let document =
        call(&["compare", "acks-matrix#1", "acks-matrix#acks = all", "--format", "json"]);
    assert_eq!(document.code, 1);
    let document: Value = serde_json::from_str(&document.out).expect("it is JSON");
    assert_eq!(document["same"], false);
    assert_eq!(document["a"]["label"], "acks = 1");
    assert!(document["first_difference"]["a"]["says"].is_string(), "{document}");
    assert!(document["b"]["summary"]["acked_lost"].is_u64());
}

#[test]
fn a_file_with_two_runs_needs_no_second_name() {
    let two = call(&["compare", "eager-vs-cooperative", "--lang", "zh"]);
    assert_eq!(two.code, 1, "{}", two.err);
    assert!(two.out.contains("eager-vs-cooperative#range"), "{}", two.out);
    assert!(two.out.contains("第一处不同在"), "{}", two.out);
}

#[test]
fn what_cannot_be_compared_is_said() {
    for (words, told) in [
        (
            &["compare", "acks-matrix"][..],
            "name two of acks-matrix#0, acks-matrix#1, acks-matrix#all",
        ),
        (&["compare", "broker-down"], "describes one run"),
        (&["compare", "acks-matrix#2", "#1"], "there is no run `2`; there are: 0, 1, all"),
        (&["compare", "broker-dow", "isr-shrink"], "did you mean `broker-down`?"),
        (&["run", "broker-down", "--run", "1"], "describes one run only"),
    ] {
        let wrong = call(words);
        assert_eq!(wrong.code, 2, "{words:?}: {}", wrong.out);
        assert!(wrong.err.contains(told), "{words:?}: {}", wrong.err);
    }
}

#[test]
fn one_run_of_a_compared_file_can_be_run_and_looked_at() {
    let one = call(&["run", "zombie-leader", "--run", "1"]);
    assert!(one.out.contains("── acks = 1 ──") && !one.out.contains("── acks = all ──"));
    assert!(one.out.contains("kafkascope play zombie-leader --run 1 --at "), "{}", one.out);
    let seen = call(&["play", "zombie-leader", "--run", "all", "--print", "--size", "80x24"]);
    assert!(seen.out.lines().next().is_some_and(|bar| bar.contains("acks = all")), "{}", seen.out);
    let beside = call(&["run", "zombie-leader", "--view", "compare", "--at", "40s"]);
    assert_eq!(beside.code, 0, "{}", beside.err);
    assert!(
        beside.out.contains("A acks = 1") && beside.out.contains("B acks = all"),
        "{}",
        beside.out
    );
    assert!(beside.out.contains("first difference"), "{}", beside.out);
}

#[test]
fn what_is_measured_of_all_runs_is_printed_as_bars() {
    let fast = call(&["compare", "why-kafka-is-fast"]);
    assert_eq!(fast.code, 0, "{}{}", fast.out, fast.err);
    let bar = |name: &str| {
        let row = fast.out.lines().find(|row| row.starts_with(&format!("{name} ")));
        row.map_or(0, |row| row.matches('█').count())
    };
    assert!(bar("random") > 5 * bar("all") && bar("all") > 0, "{}", fast.out);
    assert!(fast.out.contains("✔ all < no-sendfile"), "{}", fast.out);
    let answer = fast.out.lines().position(|row| row.starts_with("= "));
    let question = fast.out.lines().position(|row| row.starts_with("? "));
    assert!(question < answer, "{}", fast.out);
    let document = call(&["compare", "why-kafka-is-fast", "--format", "json"]);
    let document: Value = serde_json::from_str(&document.out).expect("it is JSON");
    assert_eq!(document["measure"], "took(readers)");
    assert_eq!(document["across"][0]["holds"], true);
    let one = call(&["run", "why-kafka-is-fast", "--run", "random"]);
    assert!(one.out.contains("── random · ") && !one.out.contains("took(readers) ──"));
    let two = call(&["compare", "why-kafka-is-fast#all", "#random"]);
    assert!(two.out.contains("first difference at "), "{}", two.out);
}

#[test]
fn runs_that_do_not_compare_as_expected_have_failed() {
    let text = "format = 1\ntitle = \"t\"\nduration = \"20s\"\n[topics.kq]\n[producers.web]\ntopic = \"kq\"\n\
        rate = \"5/s\"\n[compare]\nmeasure = \"sent\"\nacross = [\"few > many\"]\n[[compare.runs]]\n\
        name = \"few\"\n[[compare.runs]]\nname = \"many\"\nset = { \"producers.web.rate\" = \"50/s\" }\n";
    let file = std::env::temp_dir().join(format!("kafkascope-across-{}.toml", std::process::id()));
    std::fs::write(&file, text).expect("it can be written");
    let path = file.to_str().expect("it is text");
    for command in ["run", "compare", "test"] {
        let failed = call(&[command, path]);
        assert_eq!(failed.code, 1, "{command}: {}{}", failed.out, failed.err);
        assert!(failed.out.contains("few > many"), "{command}: {}", failed.out);
    }
    std::fs::remove_file(file).expect("it is there");
}

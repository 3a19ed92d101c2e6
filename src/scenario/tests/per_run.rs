//! What only some runs of a compared file tell.

use super::*;

const ACKS: &str = "[topics.kq]\n[producers.web]\ntopic = \"kq\"\n[compare]\n\
                    vary = \"producers.web.config.acks\"\nvalues = [0, 1, \"all\"]\n";

/// The first step of each run of a file that compares three values of `acks`.
fn steps(step: &str) -> Vec<Step> {
    let source = source(&format!("{HEAD}{ACKS}[[steps]]\nat = \"5s\"\n{step}"));
    let loaded = load(&source);
    assert_eq!(render(&source, &loaded.diagnostics, false), "");
    loaded.runs.into_iter().map(|run| run.scenario.steps[0].clone()).collect()
}

#[test]
fn each_run_tells_the_first_text_that_names_it_or_names_no_run() {
    let told = |step: &str| -> Vec<Option<String>> {
        let say = |step: Step| step.say.map(|say| format!("{} {}", say.en, say.zh));
        steps(step).into_iter().map(say).collect()
    };
    let some = |text: &str| Some(text.to_owned());
    let all =
        r#"say = [{ run = "all", en = "waits", zh = "等" }, { en = "hurries", zh = "不等" }]"#;
    assert_eq!(told(all), [some("hurries 不等"), some("hurries 不等"), some("waits 等")]);
    let two = r#"say = { run = [0, "acks = 1"], en = "hurries" }"#;
    assert_eq!(told(two), [some("hurries hurries"), some("hurries hurries"), None]);
}

#[test]
fn a_question_its_choices_and_what_is_said_of_them_may_be_of_one_run() {
    let steps = steps(
        r#"
        note = ["for all"]
        ask  = [{ run = 0, en = "Sent?" }, { en = "Acked?", choices = ["none", { run = 1, en = "some" }], hint = "h", reveal = [{ run = 1, en = "one" }, "all"] }]
        "#,
    );
    let asks: Vec<&Ask> = steps.iter().filter_map(|step| step.ask.as_ref()).collect();
    let questions: Vec<&str> = asks.iter().map(|ask| &*ask.question.en).collect();
    assert_eq!(questions, ["Sent?", "Acked?", "Acked?"]);
    assert_eq!(asks.iter().map(|ask| ask.choices.len()).collect::<Vec<_>>(), [0, 2, 1]);
    let reveals: Vec<_> = asks.iter().map(|ask| Some(&*ask.reveal.as_ref()?.en)).collect();
    assert_eq!(reveals, [None, Some("one"), Some("all")]);
    assert!(steps.iter().all(|step| step.note.is_some()));
}

#[test]
fn a_run_that_is_not_there_and_a_text_that_no_run_tells_are_mistakes() {
    let step = |say: &str| format!("[[steps]]\nat = \"5s\"\nsay = {say}\n");
    let of_three = |say: &str| wrong(&format!("{ACKS}{}", step(say)));
    insta::assert_snapshot!(of_three(r#"{ run = "al", en = "x" }"#), @"x.toml:11:15: error: there is no run `al`; did you mean `all`?");
    insta::assert_snapshot!(of_three(r#"{ run = 7, en = "x" }"#), @"x.toml:11:15: error: there is no run `7`; there are 0, 1, all");
    insta::assert_snapshot!(of_three(r#"{ run = { a = 1 }, en = "x" }"#), @r#"x.toml:11:15: error: expected what a run is called, like "all", found a table"#);
    insta::assert_snapshot!(of_three(r#"["x", { run = "all", en = "y" }]"#), @"x.toml:11:13: error: no run tells this; each run tells the first that names it, or names no run");
    insta::assert_snapshot!(wrong(&step(r#"{ run = "all", en = "x" }"#)), @"x.toml:5:15: error: the file describes one run only; [compare] makes several");
    // What is wrong with the comparison is told, and nothing that follows from it.
    let nothing = "[compare]\nvary = \"seed\"\nvalues = []\n";
    insta::assert_snapshot!(wrong(&format!("{nothing}{}", step(r#"{ run = "all", en = "x" }"#))), @"x.toml:3:1: error: there is nothing to compare");
}

//! Files with several runs: what each sets, and what is measured of them.

use std::sync::Arc;

use super::{HEAD, source, wrong};
use crate::scenario::runner::Runner;
use crate::scenario::{Loaded, bars, load, render};
use crate::sim::Duration;

fn loaded(body: &str) -> Loaded {
    let source = source(&format!("{HEAD}{body}"));
    let loaded = load(&source);
    assert_eq!(render(&source, &loaded.diagnostics, false), "");
    loaded
}

const BODY: &str = r#"
    duration = "20s"
    [topics.kq]
    partitions = 2
    [producers.web]
    topic = "kq"
    rate = "10/s"
    config = { "linger.ms" = 5 }
    [groups.readers]
    topics = "kq"
    [compare]
"#;

#[test]
fn a_run_with_a_name_sets_what_it_says_and_nothing_else() {
    let loaded = loaded(&format!(
        r#"{BODY}
        [[compare.runs]]
        name = "plain"
        [[compare.runs]]
        name = "other"
        title = {{ en = "another one", zh = "另一个" }}
        set = {{ "topics.kq.partitions" = 1, "producers.web.config.batch.size" = 0, "costs.fsync" = "3ms" }}
        expect = ["at-end partitions(kq) == 1"]
        [[compare.runs]]
        name = "third"
        set.producers.web.config."batch.size" = 1
        set.costs = {{ seek = "8ms", page-cache = false }}
        "#
    ));
    let labels: Vec<_> = loaded.runs.iter().filter_map(|run| run.label.as_deref()).collect();
    assert_eq!(labels, ["plain", "other", "third"]);
    let [plain, other, third] = [0, 1, 2].map(|run: usize| &loaded.runs[run].scenario);
    assert_eq!(loaded.runs[1].title.as_ref().map(|title| &*title.zh), Some("另一个"));
    assert_eq!((plain.topics[0].partitions, other.topics[0].partitions), (2, 1));
    let batches = [plain, other, third].map(|it| it.producers[0].config.batch_size);
    assert_eq!(batches, [16_384, 0, 1]);
    assert_eq!(other.producers[0].config.linger, plain.producers[0].config.linger);
    assert_eq!(other.costs.disk.fsync, Duration::from_millis(3));
    assert_eq!((plain.costs, plain.expect.len()), Default::default());
    let medium = third.costs.disk.medium.expect("it is modelled");
    assert!(medium.seek == Duration::from_millis(8) && !medium.cached && !medium.random);
    assert_eq!(other.expect.len(), 1);
    assert_eq!(loaded.run_called("other"), Ok(1));
    assert_eq!(loaded.run_key(2).as_deref(), Some("third"));
}

#[test]
fn runs_are_measured_and_compared() {
    let loaded = loaded(&format!(
        r#"{BODY}
        measure = "sent at 15s"
        across = ["slow < quick", "quick <= slow"]
        ask = {{ en = "who sends most?", answer = "largest" }}
        [[compare.runs]]
        name = "slow"
        set = {{ "producers.web.rate" = "5/s" }}
        [[compare.runs]]
        name = "quick"
        set = {{ "producers.web.rate" = "20/s" }}
        "#
    ));
    let measured: Vec<_> = loaded
        .runs
        .iter()
        .map(|run| {
            let mut runner = Runner::new(Arc::new(run.scenario.clone()), false);
            runner.run();
            runner.measured().cloned()
        })
        .collect();
    let comparison = loaded.comparison.as_ref().expect("it measures");
    assert_eq!(&*comparison.measure, "sent at 15s");
    let held: Vec<_> = comparison.across.iter().map(|across| across.holds(&measured)).collect();
    assert_eq!(held, [Some(true), Some(false)]);
    assert_eq!(comparison.ask.as_ref().and_then(|ask| ask.right(&measured)), Some(1));
    let bars = bars(&loaded.runs, &measured);
    assert!((240..=260).contains(&bars[0].of_largest) && bars[1].of_largest == 1_000, "{bars:?}");
    assert!(bars[1].of_first.is_some_and(|of_first| (390..=410).contains(&of_first)), "{bars:?}");
}

#[test]
fn what_is_wrong_with_a_comparison_is_said_where_it_stands() {
    let run = |lines: &str| wrong(&format!("[topics.kq]\n[compare]\n{lines}"));
    let a = "[[compare.runs]]\nname = \"a\"\n";
    let b = "[[compare.runs]]\nname = \"b\"\n";
    let told = [
        run(&format!("vary = \"seed\"\nvalues = [1]\n{a}")),
        run(&format!("{a}{a}")),
        run("[[compare.runs]]\nname = \"a b\"\n"),
        run("[[compare.runs]]\nset = {}\n"),
        run(&format!("{a}set = {{ \"topics.kp.partitions\" = 2 }}\n")),
        run(&format!("{a}set = {{ \"topics.kq.partition\" = 2 }}\n")),
        run(&format!("{a}set = 3\n")),
        run(&format!("expect = [[\"at-end online(kq-0)\"]]\n{a}")),
        run(&format!("across = [\"a < b\"]\n{a}{b}")),
        run(&format!("measure = \"sent\"\nacross = [\"a < c\", \"a b\"]\n{a}{b}")),
        run(&format!("measure = \"leader(kq-0)\"\n{a}")),
        run(&format!("measure = \"sent at 2m\"\n{a}")),
        run(&format!("measure = \"sent\"\nask = {{ answer = \"most\" }}\n{a}")),
        run(&format!("{a}expect = [\"at-end online(kq-1)\"]\n")),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
x.toml:5:8: error: `vary` and `runs`: one of them is enough; [[compare.runs]] say what is different themselves
x.toml:8:8: error: two runs are called `a`
x.toml:6:8: error: `a b` is no name for a run; letters, digits, `-` and `_`, as it stands behind a # on a command line
x.toml:5:1: error: `name` is missing in [[compare.runs]]
x.toml:7:9: error: there is no `kp` to set; did you mean `kq`?
x.toml:7:9: error: unknown key `partition` in [topics.X]; did you mean `partitions`?
x.toml:7:7: error: expected keys and their values; set = { "producers.web.config.batch.size" = 0 }
x.toml:4:1: error: what is expected of each run stands with it; [[compare.runs]] has an `expect` of its own
x.toml:5:11: error: what are the runs compared by?; measure = "took(checkout)"
x.toml:6:11: error: there is no run `c`; there are a, b
x.toml:6:20: error: expected two runs that compare, like "all < random"
x.toml:5:11: error: this is a broker, nothing to draw bars of; a number, or a span of time
x.toml:5:11: error: this is after the end of the run, 1m
x.toml:6:18: error: unknown word `most`; one of largest, smallest
x.toml:7:26: error: `kq` has no partition `kq-1`; there is only kq-0
"#);
}

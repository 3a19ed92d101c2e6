//! Labs: what is shipped does not hold; what is kept here solves it, by what may be changed alone.

use kafkascope::scenario::runner::Runner;
use kafkascope::scenario::{Report, Source, library, load};
use kafkascope::tui::{Options, Tone};

use crate::{drawn, press, run, viewer};

/// A lab, what is put in the place of what, and whether that solves it.
type Try = (&'static str, &'static [(&'static str, &'static str)], bool);

const TRIES: &[Try] = &[
    ("lab-no-loss", &[], false),
    ("lab-no-loss", &[("acks = \"1\"", "acks = \"all\"")], false),
    ("lab-no-loss", &[("insync.replicas\" = 1", "insync.replicas\" = 2")], false),
    (
        "lab-no-loss",
        &[("acks = \"1\"", "acks = \"all\""), ("insync.replicas\" = 1", "insync.replicas\" = 3")],
        false,
    ),
    (
        "lab-no-loss",
        &[("acks = \"1\"", "acks = \"all\""), ("insync.replicas\" = 1", "insync.replicas\" = 2")],
        true,
    ),
    ("lab-lag", &[], false),
    ("lab-lag", &[("consumers = 2", "consumers = 3")], false),
    ("lab-lag", &[("= 2\nrepl", "= 4\nrepl"), ("consumers = 2", "consumers = 3")], false),
    ("lab-lag", &[("= 2\nrepl", "= 3\nrepl"), ("consumers = 2", "consumers = 3")], true),
    ("lab-give-back-the-lead", &[], false),
    ("lab-give-back-the-lead", &[("\"start broker-1\"", ELECTED)], true),
];

/// What stands after it in the file belongs to the step that is added.
const ELECTED: &str =
    "\"start broker-1\"\n\n[[steps]]\nat = \"35s\"\ndo = \"elect preferred kq-0\"";

fn changed(name: &str, changes: &[(&str, &str)]) -> Source {
    let mut source = library::find(name).expect("it is built in");
    for (from, to) in changes {
        assert_eq!(source.text.matches(from).count(), 1, "{from}");
        source.text = source.text.replace(from, to);
    }
    source
}

fn report(source: &Source) -> Report {
    let loaded = load(source);
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    let mut runner = Runner::new(loaded.runs[0].seeded(None), false);
    runner.run();
    Report::of(&runner)
}

#[test]
fn a_lab_fails_until_it_is_solved() {
    for (name, changes, solves) in TRIES {
        let report = report(&changed(name, changes));
        let missed: Vec<_> = report.failures().map(|(outcome, _)| &outcome.text).collect();
        assert_eq!(report.passed(), *solves, "{name} {changes:?}: {missed:?}");
        assert!(report.violations.is_empty() && report.refused.is_empty(), "{name}");
        assert!(report.failures().all(|(one, _)| one.goal.is_some()), "only goals are missed");
    }
}

#[test]
fn every_lab_has_a_solution_here_says_what_may_be_changed_and_helps_in_two_languages() {
    assert!(library::labs().count() >= 3);
    for name in library::labs() {
        assert!(TRIES.iter().any(|(lab, _, solves)| *lab == name && *solves), "{name}");
        assert!(TRIES.iter().any(|(lab, changes, _)| *lab == name && changes.is_empty()), "{name}");
        let loaded = load(&library::find(name).expect("it is listed"));
        let scenario = &loaded.runs[0].scenario;
        let [lab] = &scenario.labs[..] else { panic!("{name} has one task") };
        assert!(!lab.edit.is_empty() && lab.hints.len() >= 2, "{name}");
        assert_ne!(lab.say.en, lab.say.zh, "{name}");
        let goals = &scenario.goals;
        assert!(!goals.is_empty(), "{name}");
        let hints = lab.hints.iter().chain(goals.iter().flat_map(|goal| &goal.hints));
        for text in hints.chain(goals.iter().map(|goal| &goal.say)) {
            assert_ne!(text.en, text.zh, "{name}");
        }
    }
}

#[test]
fn goals_are_told_live_and_a_lab_is_solved_at_the_prompt() {
    let source = library::find("lab-give-back-the-lead").expect("it is built in");
    let options = Options { tone: Tone::Mono, ..Options::default() };
    let mut app = viewer(source, options);
    press(&mut app, ":goto 35s⏎");
    let text = app.text();
    assert!(text.contains("○ goal 1:") && text.contains("● goal 3:"), "{text}");
    run::snapshot("lab-goals-80x24", run::text(&drawn(&app)));
    press(&mut app, "G h");
    run::snapshot("lab-task-80x24", run::text(&drawn(&app)));
    press(&mut app, "Esc :elect preferred kq-0⏎ :goto 40s⏎");
    assert!(app.text().contains("● goal 1:"), "{}", app.text());
    press(&mut app, ":goto 60s⏎ n");
    press(&mut app, "] G");
    let text = app.text();
    assert!(text.matches("reached").count() >= 3, "{text}");
}

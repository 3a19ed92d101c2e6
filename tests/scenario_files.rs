//! The scenario files that come with the program are right, and say everything in two languages.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use kafkascope::scenario::language::Value;
use kafkascope::scenario::runner::Runner;
use kafkascope::scenario::{Loaded, Run, Source, load, render};
use kafkascope::sim::Duration;

fn files() -> Vec<(PathBuf, Loaded, Source)> {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    let mut paths: Vec<_> = fs::read_dir(directory)
        .expect("the directory is there")
        .map(|entry| entry.expect("it can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let name = path.file_name().expect("a file").to_string_lossy().into_owned();
            let bytes = fs::read(&path).expect("it can be read");
            let source = Source::new(name, bytes).expect("it is text");
            (path, load(&source), source)
        })
        .collect()
}

#[test]
fn every_scenario_file_is_right() {
    let files = files();
    assert!(files.len() >= 7);
    for (_, loaded, source) in files {
        let wrong = render(&source, &loaded.diagnostics, false);
        assert_eq!(wrong, "", "{}", source.name);
    }
}

#[test]
fn every_scenario_file_teaches() {
    for (path, loaded, _) in files() {
        for run in &loaded.runs {
            let scenario = &run.scenario;
            let watch = scenario.watch.as_ref().expect("it says what to look at");
            assert_ne!(watch.en, watch.zh, "{}", path.display());
            assert_ne!(scenario.title.en, scenario.title.zh, "{}", path.display());
            assert!(scenario.steps.iter().any(|step| step.ask.is_some()), "{}", path.display());
            for say in scenario.steps.iter().filter_map(|step| step.say.as_ref()) {
                assert_ne!(say.en, say.zh, "{}", path.display());
            }
        }
    }
}

#[test]
fn a_comparison_is_one_run_per_value() {
    let acks = files().into_iter().find(|(_, _, source)| source.name == "acks-matrix.toml");
    let (_, loaded, _) = acks.expect("it is among them");
    let labels: Vec<_> = loaded.runs.iter().filter_map(|run| run.label.as_deref()).collect();
    assert_eq!(labels, ["acks = 0", "acks = 1", "acks = all"]);
    let acks: Vec<_> =
        loaded.runs.iter().map(|run| run.scenario.producers[0].config.acks.word()).collect();
    assert_eq!(acks, ["0", "1", "all"]);
}

/// What is measured of each run, by its name.
fn measured(loaded: &Loaded) -> BTreeMap<&str, Duration> {
    let measure = |run: &'_ Run| {
        let mut runner = Runner::new(Arc::new(run.scenario.clone()), false);
        runner.run();
        match runner.measured() {
            Some(Value::Span(span)) => *span,
            other => panic!("no span of time: {other:?}"),
        }
    };
    let runs = loaded.runs.iter();
    runs.map(|run| (run.label.as_deref().expect("it has a name"), measure(run))).collect()
}

#[test]
fn what_hurts_most_depends_on_the_disk() {
    let file = files().into_iter().find(|(_, _, source)| source.name == "why-kafka-is-fast.toml");
    let (_, loaded, source) = file.expect("it is among them");
    let spinning = measured(&loaded);
    let slowest = |of: &BTreeMap<&str, Duration>| {
        of.iter().max_by_key(|(_, span)| **span).map(|(name, _)| (*name).to_owned())
    };
    assert_eq!(slowest(&spinning).as_deref(), Some("no-cache"), "{spinning:?}");
    for (name, span) in spinning.iter().filter(|(name, _)| **name != "all") {
        assert!(*span > spinning["all"], "{name}: {spinning:?}");
    }
    let text = source.text.replace("seek      = \"8ms\"", "seek      = \"100us\"");
    assert_ne!(text, source.text);
    let loaded = load(&Source { text, ..source });
    assert_eq!(slowest(&measured(&loaded)).as_deref(), Some("no-batch"));
}

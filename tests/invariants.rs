//! Nothing that comes with the program breaks an invariant, and nobody is seen to judge (D3). What is
//! saved is what was run (D5).

#[path = "common/built_in.rs"]
mod built_in;

use std::sync::Arc;

use built_in::runs;
use kafkascope::scenario::runner::Runner;
use kafkascope::scenario::{Source, library, load, save};

#[test]
fn built_in_scenarios_break_no_invariant_and_are_the_same_without_judge() {
    for (name, scenario) in runs() {
        let mut judged = Runner::new(Arc::clone(&scenario), true);
        judged.run();
        let found: Vec<String> = judged.violations().iter().map(ToString::to_string).collect();
        assert!(found.is_empty(), "{name}:\n{}", found.join("\n"));
        let mut alone = Runner::new(scenario, true).unjudged();
        alone.run();
        assert_eq!(judged.trace_hash(), alone.trace_hash(), "{name}");
    }
}

#[test]
fn what_is_saved_is_what_was_run() {
    for name in library::names() {
        let text = library::find(name).expect("it is listed").text;
        let once = save(&text, &[]);
        assert_eq!(save(&once, &[]), once, "{name}");
        let scenarios = |text: String| {
            let runs = load(&Source { name: name.to_owned(), text }).runs;
            runs.into_iter().map(|run| run.scenario).collect::<Vec<_>>()
        };
        assert_eq!(scenarios(text), scenarios(once), "{name}");
    }
}

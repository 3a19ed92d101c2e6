//! What comes with the program.

use std::sync::Arc;

use kafkascope::scenario::{Scenario, library, load};

/// All runs of all built-in scenarios, by name.
pub(crate) fn runs() -> Vec<(String, Arc<Scenario>)> {
    let mut all = Vec::new();
    for name in library::names() {
        let loaded = load(&library::find(name).expect("it is listed"));
        for run in loaded.runs {
            let label = run.label.map_or_else(String::new, |label| format!(" ({label})"));
            all.push((format!("{name}{label}"), Arc::new(run.scenario)));
        }
    }
    assert!(all.len() >= 9, "seven scenarios, one of them with three runs");
    all
}

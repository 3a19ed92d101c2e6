//! The scenarios that come with the program.

use include_dir::{Dir, include_dir};

use super::diagnostic::Source;

static SCENARIOS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

/// They have a directory of their own: every file of `scenarios` holds, no file of `labs` does.
static LABS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/labs");

/// The scenario to begin with.
pub const FIRST: &str = "broker-down";

/// The names of all built-in scenarios, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    SCENARIOS.files().filter_map(|file| file.path().to_str()?.strip_suffix(".toml"))
}

/// The names of all built-in labs, in order: they do not hold until somebody solves them.
pub fn labs() -> impl Iterator<Item = &'static str> {
    LABS.files().filter_map(|file| file.path().to_str()?.strip_suffix(".toml"))
}

/// All of them, the labs last.
pub fn all() -> impl Iterator<Item = &'static str> {
    names().chain(labs())
}

/// A built-in scenario or lab, by name.
pub fn find(name: &str) -> Option<Source> {
    let name = format!("{name}.toml");
    let file = SCENARIOS.get_file(&name).or_else(|| LABS.get_file(&name))?;
    let text = file.contents_utf8()?;
    Some(Source { name, text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::load;

    #[test]
    fn every_built_in_scenario_can_be_read() {
        assert!(names().count() >= 7);
        for name in all() {
            let source = find(name).expect("it is listed");
            let loaded = load(&source);
            assert!(loaded.diagnostics.is_empty(), "{name}: {:?}", loaded.diagnostics);
        }
        assert_eq!(find("nobody-wrote-this"), None);
    }
}

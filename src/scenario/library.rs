//! The scenarios that come with the program.

use include_dir::{Dir, include_dir};

use super::diagnostic::Source;

static SCENARIOS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

/// The names of all built-in scenarios, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    SCENARIOS.files().filter_map(|file| file.path().to_str()?.strip_suffix(".toml"))
}

/// A built-in scenario, by name.
pub fn find(name: &str) -> Option<Source> {
    let file = SCENARIOS.get_file(format!("{name}.toml"))?;
    let text = file.contents_utf8()?;
    Some(Source { name: format!("{name}.toml"), text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::load;

    #[test]
    fn every_built_in_scenario_can_be_read() {
        assert!(names().count() >= 7);
        for name in names() {
            let source = find(name).expect("it is listed");
            let loaded = load(&source);
            assert!(loaded.diagnostics.is_empty(), "{name}: {:?}", loaded.diagnostics);
        }
        assert_eq!(find("nobody-wrote-this"), None);
    }
}

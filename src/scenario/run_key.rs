//! What the runs of a compared file are called on a command line and in the file itself: by what is
//! different, or by its value alone where that says which.

use super::load::Loaded;
use crate::config::nearest;
use crate::ids::Name;

/// Why no run is meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRun {
    /// There is only one.
    #[error("the file describes one run only: it has no [compare]")]
    OneOnly,
    /// No run is called so, or several.
    #[error("there is no run `{key}`; there are: {}{}", .keys.join(", "), hint(.near.as_deref()))]
    Unknown {
        /// What was asked for.
        key: String,
        /// What there is.
        keys: Vec<String>,
        /// What may have been meant.
        near: Option<String>,
    },
}

fn hint(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

impl Loaded {
    /// The run called `key`: `acks = 1`, or `1` where one run alone has that value.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub fn run_called(&self, key: &str) -> Result<usize, NoRun> {
        self.labels().called(key)
    }

    /// The shortest that a run can be called; none where there is only one.
    pub fn run_key(&self, index: usize) -> Option<String> {
        self.labels().key(index)
    }

    fn labels(&self) -> Labels {
        Labels(self.runs.iter().filter_map(|run| run.label.clone()).collect())
    }
}

/// What is different about each run of a file; empty where there is only one.
#[derive(Clone, Debug, Default)]
pub(super) struct Labels(pub(super) Vec<Name>);

impl Labels {
    /// Which run is called `key`.
    pub(super) fn called(&self, key: &str) -> Result<usize, NoRun> {
        if self.0.is_empty() {
            return Err(NoRun::OneOnly);
        }
        self.find(key).ok_or_else(|| {
            let keys: Vec<String> = (0..self.0.len()).filter_map(|it| self.key(it)).collect();
            let near = nearest(key, keys.iter().map(String::as_str)).map(str::to_owned);
            NoRun::Unknown { key: key.to_owned(), keys, near }
        })
    }

    fn find(&self, key: &str) -> Option<usize> {
        let plain = |text: &str| text.replace([' ', '"'], "");
        let wanted = plain(key);
        let only = |called: &dyn Fn(&str) -> bool| {
            let mut found = self.0.iter().enumerate().filter(|(_, label)| called(label));
            let first = found.next().map(|(index, _)| index);
            first.filter(|_| found.next().is_none())
        };
        only(&|label| plain(label) == wanted)
            .or_else(|| only(&|label| plain(value_of(label)) == wanted))
    }

    fn key(&self, index: usize) -> Option<String> {
        let label: &str = self.0.get(index)?;
        let value = value_of(label);
        let is_plain = |text: &str| {
            text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
        };
        let short = is_plain(value) && self.find(value) == Some(index);
        Some(if short { value.to_owned() } else { label.to_owned() })
    }
}

/// What stands behind the last `=`; all of a label with several.
fn value_of(label: &str) -> &str {
    match label.split_once(" = ") {
        Some((_, value)) if !value.contains(" = ") => value,
        _ => label,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{library, load};

    fn loaded(name: &str) -> Loaded {
        load(&library::find(name).expect("it is built in"))
    }

    #[test]
    fn a_run_is_called_by_what_is_different_or_by_the_value_alone() {
        let acks = loaded("acks-matrix");
        assert_eq!(acks.run_called("acks = 1"), Ok(1));
        assert_eq!(acks.run_called("acks=all"), Ok(2));
        assert_eq!(acks.run_called("all"), Ok(2));
        assert_eq!(acks.run_key(0), Some("0".to_owned()));
        let wrong = acks.run_called("al").expect_err("there is none");
        assert_eq!(
            wrong.to_string(),
            "there is no run `al`; there are: 0, 1, all; did you mean `all`?"
        );
    }

    #[test]
    fn every_run_is_found_by_its_own_key() {
        for name in library::names() {
            let loaded = loaded(name);
            for index in 0..loaded.runs.len() {
                let Some(key) = loaded.run_key(index) else { continue };
                assert_eq!(loaded.run_called(&key), Ok(index), "{name}: {key}");
            }
        }
    }

    #[test]
    fn a_file_without_a_comparison_has_no_runs_to_choose_from() {
        assert_eq!(loaded("broker-down").run_called("1"), Err(NoRun::OneOnly));
    }
}

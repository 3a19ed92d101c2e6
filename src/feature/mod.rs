//! Protocol levels: what each mechanism of Kafka's was, release by release.
//!
//! A level is one enum value, asked where the decision is made, with the old and the new rule side
//! by side; a release is a set of them. Old levels do what old Kafkas did, mistakes included. Each
//! value names the KIP or issue that brought it and says in a sentence what holds under it.

mod mutant;
mod release;
mod table;

use std::fmt;

#[cfg(any(test, feature = "mutants"))]
pub use mutant::Mutant;
pub(crate) use mutant::mutant;
pub use release::{Release, ReleaseError};
pub use table::*;

/// One mechanism, and all that it ever was, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// Its name in scenarios: `truncation`.
    pub name: &'static str,
    /// The question that it answers.
    pub question: &'static str,
    /// The answers.
    pub values: &'static [LevelValue],
}

/// One answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelValue {
    /// Its word in scenarios: `epoch_pair`.
    pub word: &'static str,
    /// The first releases that have it (some things were broken and mended again); none for what no
    /// release does by default.
    pub since: &'static [&'static str],
    /// The KIP or issue that brought it; empty for what was there from the beginning.
    pub reference: &'static str,
    /// What holds under it.
    pub rule: &'static str,
    /// The simulator can do it.
    pub modelled: bool,
}

impl Level {
    /// The value of `release`: the one that came last.
    fn at(&self, release: Release) -> usize {
        let release = release.numbers();
        let newest_before = |index: usize| {
            let known = self.values[index].since.iter().map(|since| release::numbers(since));
            known.filter(|since| *since <= release).max()
        };
        (0..self.values.len())
            .filter_map(|index| Some((newest_before(index)?, index)))
            // Of two that came with one release, the later in the list.
            .max()
            .map(|(_, index)| index)
            .expect("every level has a value from the beginning")
    }
}

/// Why a level could not be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LevelError {
    /// There is no such level.
    Unknown {
        /// What was asked for.
        name: String,
        /// The nearest that there is.
        near: Option<&'static str>,
    },
    /// The level has no such value.
    UnknownValue {
        /// The level.
        level: &'static Level,
        /// What was asked for.
        word: String,
    },
}

impl LevelError {
    /// What may be meant.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { near, .. } => near.map(|near| format!("did you mean `{near}`?")),
            Self::UnknownValue { level, .. } => {
                let words: Vec<_> = level.values.iter().map(|value| value.word).collect();
                Some(format!("one of {}", words.join(", ")))
            }
        }
    }
}

impl fmt::Display for LevelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name, .. } => write!(f, "unknown protocol level `{name}`"),
            Self::UnknownValue { level, word } => {
                write!(f, "the level `{}` has no value `{word}`", level.name)
            }
        }
    }
}

impl std::error::Error for LevelError {}

impl Levels {
    /// What `release` does if nobody configures anything else.
    pub fn of(release: Release) -> Self {
        Self::from_indices(|level| level.at(release))
    }

    /// Every level with the value it has here.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Level, &'static LevelValue)> {
        let words = self.indices();
        LEVELS.iter().zip(words).map(|(level, index)| (level, &level.values[index]))
    }

    /// The levels whose value cannot be simulated yet.
    pub fn not_modelled(&self) -> impl Iterator<Item = (&'static Level, &'static LevelValue)> {
        self.iter().filter(|(_, value)| !value.modelled)
    }

    /// True when every level has the value of the newest release.
    pub fn is_newest(&self) -> bool {
        *self == Self::of(Release::NEWEST)
    }

    /// The level called `name`.
    ///
    /// # Errors
    /// [`LevelError::Unknown`].
    pub fn find(name: &str) -> Result<&'static Level, LevelError> {
        LEVELS.iter().find(|level| level.name == name).ok_or_else(|| LevelError::Unknown {
            name: name.to_owned(),
            near: crate::config::nearest(name, LEVELS.iter().map(|level| level.name)),
        })
    }

    /// Sets the level called `name` to the value called `word`.
    ///
    /// # Errors
    /// Names and words that do not exist.
    pub fn set(&mut self, name: &str, word: &str) -> Result<&'static LevelValue, LevelError> {
        let level = Self::find(name)?;
        let index = level
            .values
            .iter()
            .position(|value| value.word == word)
            .ok_or_else(|| LevelError::UnknownValue { level, word: word.to_owned() })?;
        self.set_index(level.name, index);
        Ok(&level.values[index])
    }
}

impl Default for Levels {
    fn default() -> Self {
        Self::of(Release::NEWEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(release: &str) -> Levels {
        Levels::of(Release::parse(release).expect("one of the releases"))
    }

    #[test]
    fn a_release_is_a_set_of_levels() {
        assert_eq!(levels("0.10").truncation, Truncation::Hw);
        assert_eq!(levels("1.1").truncation, Truncation::Epoch);
        assert_eq!(levels("2.0.0").truncation, Truncation::EpochPair);
        assert_eq!(levels("4.1").truncation, Truncation::OnFetch);
        assert_eq!(levels("2.0.0").isr_join, IsrJoin::Hw);
        assert_eq!(levels("2.0.1").isr_join, IsrJoin::EpochStart);
        assert_eq!(levels("0.8").rebalance, Rebalance::Zk);
        assert_eq!(levels("3.9").txn, Txn::VerifyGuard);
        assert_eq!(levels("3.9").elr, Elr::Off);
    }

    #[test]
    fn a_level_may_get_worse_and_be_mended() {
        assert_eq!(levels("2.4").hw_after_isr, HwAfterIsr::On);
        assert_eq!(levels("2.7").hw_after_isr, HwAfterIsr::Off);
        assert_eq!(levels("2.8").hw_after_isr, HwAfterIsr::Off);
        assert_eq!(levels("3.9").hw_after_isr, HwAfterIsr::On);
    }

    #[test]
    fn levels_are_set_by_name() {
        let mut levels = Levels::default();
        assert!(levels.is_newest());
        assert_eq!(levels.set("elr", "off").map(|value| value.modelled), Ok(true));
        assert_eq!(levels.elr, Elr::Off);
        assert!(!levels.is_newest());
        let problem = |error: LevelError| format!("{error}; {}", error.hint().unwrap_or_default());
        insta::assert_snapshot!(problem(levels.set("truncaton", "hw").unwrap_err()), @"unknown protocol level `truncaton`; did you mean `truncation`?");
        insta::assert_snapshot!(problem(levels.set("truncation", "log").unwrap_err()), @"the level `truncation` has no value `log`; one of hw, epoch, epoch_pair, on_fetch");
    }

    #[test]
    fn the_newest_release_can_be_simulated_and_no_older_one() {
        for release in Release::ALL {
            let pending = Levels::of(release).not_modelled().count();
            assert_eq!(pending == 0, release == Release::NEWEST, "{release}");
        }
    }

    #[test]
    fn every_value_is_explained() {
        for level in LEVELS {
            assert!(level.values.len() >= 2, "{}", level.name);
            assert!(level.question.ends_with(['?', '.']), "{}", level.name);
            for value in level.values {
                assert!(value.rule.ends_with('.'), "{} {}", level.name, value.word);
                assert!(value.since.iter().all(|since| release::numbers(since) > [0; 4]));
            }
        }
    }
}

//! The releases that a scenario may name.

use std::fmt;

/// A release of Kafka's, as scenarios write it: `4.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release(&'static str);

/// Why a text names no release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseError {
    /// What was asked for.
    text: String,
}

impl Release {
    /// All of them, oldest first. A name without patch number is the first of its line: `0.10` is
    /// 0.10.0. Rules changed between 2.0.0 and 2.0.1, so these are told apart.
    pub const ALL: [Self; 12] = [
        Self("0.8"),
        Self("0.10"),
        Self("0.11"),
        Self("1.1"),
        Self("2.0.0"),
        Self("2.0.1"),
        Self("2.1"),
        Self("2.4"),
        Self("2.7"),
        Self("2.8"),
        Self("3.9"),
        Self::NEWEST,
    ];

    /// The one that is simulated if nobody says.
    pub const NEWEST: Self = Self("4.1");

    /// Finds a release by its text.
    ///
    /// # Errors
    /// Texts that are none, or stand for two.
    pub fn parse(text: &str) -> Result<Self, ReleaseError> {
        Self::ALL
            .into_iter()
            .find(|release| release.0 == text)
            .ok_or_else(|| ReleaseError { text: text.to_owned() })
    }

    /// The text that scenarios write.
    pub fn text(self) -> &'static str {
        self.0
    }

    pub(super) fn numbers(self) -> [u8; 4] {
        numbers(self.0)
    }
}

/// `0.10.1.1` as numbers; what is not written is zero.
pub(super) fn numbers(text: &str) -> [u8; 4] {
    let mut numbers = [0; 4];
    for (number, part) in numbers.iter_mut().zip(text.split('.')) {
        *number = part.parse().expect("releases are made of numbers");
    }
    numbers
}

impl ReleaseError {
    /// What may be meant.
    pub fn hint(&self) -> String {
        if self.text == "2.0" {
            return "rules changed within 2.0: say 2.0.0 or 2.0.1".to_owned();
        }
        let known: Vec<_> = Release::ALL.iter().map(|release| release.0).collect();
        format!("one of {}", known.join(", "))
    }
}

impl fmt::Display for ReleaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no release `{}` to simulate", self.text)
    }
}

impl std::error::Error for ReleaseError {}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

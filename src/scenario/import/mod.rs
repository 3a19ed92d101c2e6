//! A scenario's cluster from what a real one shows: the text of `kafka-topics --describe`, or a listing of
//! log directories (`tree`, `ls -R`, `find`, of one broker or several).
//!
//! Brokers, topics, partitions and which broker has which replica are taken over; what the text does not
//! say stands beside it as comments.

mod describe;
mod listing;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use super::limits;
use crate::explain::Lang;
use crate::ids::Name;

/// A cluster as far as a text shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Found {
    /// What the text is, and what such a text never tells.
    kind: Option<Remark>,
    /// The brokers that it names, by the ids that they have there.
    brokers: BTreeSet<u32>,
    /// The topics, Kafka's own included.
    topics: BTreeMap<Name, FoundTopic>,
    /// What is to be said of all of it.
    remarks: Vec<Remark>,
}

/// A topic as far as a text shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct FoundTopic {
    /// Its id.
    id: Option<String>,
    /// How many partitions it has, if the text says so.
    partitions: Option<u32>,
    /// How many replicas each has, if the text says so.
    factor: Option<u32>,
    /// The settings that are shown.
    config: Vec<(String, String)>,
    /// The replicas of the partitions that are shown, the preferred leader first.
    replicas: BTreeMap<u32, Vec<u32>>,
    /// Partitions that had no leader.
    leaderless: Vec<u32>,
    /// Partitions that another replica than the first led, and which.
    led_by: Vec<(u32, u32)>,
    /// Partitions with replicas out of the ISR, and which.
    out_of_sync: Vec<(u32, Vec<u32>)>,
    /// Partitions that were being reassigned.
    moving: Vec<u32>,
    /// What is to be said of it besides.
    remarks: Vec<Remark>,
}

/// Something that the text says and a scenario does not, or the other way round; in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Remark {
    en: String,
    zh: String,
}

fn remark(en: impl Into<String>, zh: impl Into<String>) -> Remark {
    Remark { en: en.into(), zh: zh.into() }
}

impl FoundTopic {
    /// How many partitions it has as far as is known.
    fn count(&self) -> u32 {
        let shown = self.replicas.keys().next_back().map_or(0, |last| last + 1);
        self.partitions.unwrap_or(0).max(shown).max(1)
    }
}

/// Why a text cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// There is nothing in it.
    #[error("there is nothing to import: the text is empty")]
    Empty,
    /// It is neither.
    #[error(
        "line {line}: `{text}` is neither a line of kafka-topics --describe (Topic: … PartitionCount: …) nor \
         a listing of log directories (tree, ls -R: kq-0, kq-1, …)"
    )]
    Neither {
        /// The first line with something in it.
        line: usize,
        /// What it is.
        text: String,
    },
    /// No directory of a partition is listed.
    #[error(
        "this listing names no directory of a partition, like kq-0; only directories are looked at, and \
         their names end in the number of the partition"
    )]
    NoPartition,
    /// A line is not as it should be.
    #[error("line {line}: {problem}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// It is larger than a scenario may be.
    #[error("this cluster is too large for a scenario: {0}")]
    TooLarge(String),
}

/// The scenario of the cluster that `text` shows.
///
/// # Errors
/// When it is neither of the texts that can be read, or is damaged.
pub fn import(text: &str, lang: Lang) -> Result<String, ImportError> {
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let Some((line, first)) = lines.next() else { return Err(ImportError::Empty) };
    let found = if describe::is_described(text) {
        describe::read(text)?
    } else {
        let neither = || {
            let text = first.trim().chars().take(60).collect();
            ImportError::Neither { line: line + 1, text }
        };
        listing::read(text).map_err(|error| match error {
            ImportError::NoPartition if !listing::is_listing(text) => neither(),
            error => error,
        })?
    };
    let largest = found.topics.values().map(FoundTopic::count).max().unwrap_or(0);
    if largest > limits::PARTITIONS {
        return Err(ImportError::TooLarge(format!("{largest} partitions")));
    }
    if found.brokers.len() > limits::BROKERS as usize {
        return Err(ImportError::TooLarge(format!("{} brokers", found.brokers.len())));
    }
    Ok(write::scenario(found, lang))
}

#[cfg(test)]
mod tests;

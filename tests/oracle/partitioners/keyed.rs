//! What `partitioners/*_keyed.jsonl` have in common: a key, and rules with a partition by number of
//! partitions.

use kafkascope::client::partitioner::{KeyHash, Message, Partitioner, Partitions, Spread};
use serde_json::Value;

use crate::encoding::{int, same, text, unhex};

/// A rule of a library, called as in the file.
pub struct Rule {
    /// Its name.
    pub name: &'static str,
    /// The hash.
    pub hash: KeyHash,
    /// The file leaves it out for an empty key, which counts as none.
    pub empty_is_none: bool,
}

impl Rule {
    /// A rule that takes every key.
    pub const fn new(name: &'static str, hash: KeyHash) -> Self {
        Self { name, hash, empty_is_none: false }
    }

    /// A rule for which an empty key is none.
    pub const fn but_empty(name: &'static str, hash: KeyHash) -> Self {
        Self { name, hash, empty_is_none: true }
    }
}

/// Compares one case with all `rules`; what else it holds has the names `others`.
pub fn compare(case: &Value, rules: &[Rule], others: &[&str]) -> Result<(), String> {
    let key = unhex(text(&case["key_hex"]));
    let fields = case.as_object().expect("a case is an object").keys();
    let known =
        |field: &str| rules.iter().any(|rule| rule.name == field) || others.contains(&field);
    if let Some(unknown) = fields.into_iter().find(|field| !known(field) && *field != "key_hex") {
        return Err(format!("unknown rule {unknown}"));
    }
    for rule in rules {
        let is_left_out = rule.empty_is_none && key.is_empty();
        let Some(counts) = case[rule.name].as_object().filter(|_| !is_left_out) else {
            same(&format!("{} is left out", rule.name), &case[rule.name].is_null(), &is_left_out)?;
            continue;
        };
        for (count, partition) in counts {
            let count: i32 = count.parse().expect("a number of partitions");
            let all: Vec<i32> = (0..count).collect();
            let mut partitioner = Partitioner::ByKey {
                hash: rule.hash,
                empty_is_none: rule.empty_is_none,
                otherwise: Spread::Random,
            };
            let partitions = Partitions { count, available: &all };
            let message = Message::with_key(Some(&key));
            let ours = partitioner.partition(message, partitions, || unreachable!("no chance"));
            same(&format!("{} of {count}", rule.name), &i64::from(ours), &int(partition))?;
        }
    }
    Ok(())
}

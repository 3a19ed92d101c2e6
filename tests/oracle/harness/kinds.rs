//! `kinds.toml`: every kind of file, compared or pending.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

/// What happens to files of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Compared,
    /// Not yet: this is missing.
    Pending(String),
}

/// The sections of `kinds.toml`: pattern to status. In a pattern `*` stands for anything but a
/// slash, `**` for anything.
#[derive(Clone, Debug)]
pub(crate) struct Kinds {
    sections: BTreeMap<String, BTreeMap<String, Status>>,
}

impl Kinds {
    pub(crate) fn read(text: &str) -> Self {
        let table = DeTable::parse(text).expect("kinds.toml is TOML").into_inner();
        let mut sections = BTreeMap::new();
        for (section, value) in table {
            let DeValue::Table(entries) = value.into_inner() else {
                panic!("kinds.toml has sections only")
            };
            let entries = entries.into_iter().map(|(pattern, value)| {
                let status = value.get_ref().as_str().expect("a status is text");
                let status = match status.split_once(": ") {
                    Some(("pending", missing)) => Status::Pending(missing.to_owned()),
                    None if status == "compared" => Status::Compared,
                    _ => panic!("kinds.toml: {status:?} is neither compared nor pending"),
                };
                (pattern.into_inner().into_owned(), status)
            });
            sections.insert(section.into_inner().into_owned(), entries.collect());
        }
        Self { sections }
    }

    /// The status of `name` in a section: that of the longest pattern that fits.
    pub(crate) fn of(&self, section: &str, name: &str) -> Option<&Status> {
        let fitting = self.sections.get(section)?.iter().filter(|(one, _)| fits(one, name));
        fitting.max_by_key(|(pattern, _)| pattern.len()).map(|(_, status)| status)
    }

    /// The patterns of a section.
    pub(crate) fn section(&self, section: &str) -> impl Iterator<Item = (&String, &Status)> {
        self.sections.get(section).into_iter().flatten()
    }
}

fn fits(pattern: &str, name: &str) -> bool {
    let Some((literal, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(name) = name.strip_prefix(literal) else { return false };
    if let Some(rest) = rest.strip_prefix('*') {
        return (0..=name.len()).any(|at| name.is_char_boundary(at) && fits(rest, &name[at..]));
    }
    let reach = name.find('/').unwrap_or(name.len());
    (0..=reach).any(|at| name.is_char_boundary(at) && fits(rest, &name[at..]))
}

pub(crate) mod gaps {
    //! `known-gaps.toml`: what differs, and why.

    use std::collections::BTreeMap;

    use super::{DeTable, DeValue};

    /// Reasons by id.
    pub(crate) fn read(text: &str) -> BTreeMap<String, String> {
        let table = DeTable::parse(text).expect("known-gaps.toml is TOML").into_inner();
        let mut gaps = BTreeMap::new();
        for (key, value) in table {
            assert_eq!(key.get_ref(), "gap", "known-gaps.toml has gaps only");
            let DeValue::Array(list) = value.into_inner() else { panic!("[[gap]] is a list") };
            for gap in list {
                let DeValue::Table(gap) = gap.into_inner() else { panic!("[[gap]] is a table") };
                let text = |name: &str| {
                    let value = gap.iter().find(|(key, _)| key.get_ref() == name);
                    let value = value.and_then(|(_, value)| value.get_ref().as_str());
                    value.unwrap_or_else(|| panic!("a gap has text for {name}")).to_owned()
                };
                assert!(!text("reason").is_empty(), "{} has a reason", text("id"));
                let twice = gaps.insert(text("id"), text("reason"));
                assert!(twice.is_none(), "{} is listed twice", text("id"));
            }
        }
        gaps
    }
}

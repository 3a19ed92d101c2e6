//! How much was compared, file by file.

use std::collections::{BTreeMap, BTreeSet};

use super::kinds::{Kinds, Status};
use super::source::{Case, Single, has_ending, split};

/// What became of the things that were looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) compared: usize,
    pub(super) wrong: usize,
    pub(super) gaps: usize,
    /// Those that something is missing for.
    pub(super) pending: usize,
}

impl Counts {
    fn print(&self, name: &str) {
        let looked_at = self.compared - self.pending;
        let passed = looked_at - self.gaps - self.wrong;
        let Self { gaps, pending, .. } = self;
        println!("{name:<76} {looked_at:>8} {passed:>8} {gaps:>8} {pending:>8}");
    }
}

/// What to print at the end.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// By file or case, and by what was compared of it.
    counts: BTreeMap<(String, String), Counts>,
    /// Known gaps that were met.
    gaps: BTreeSet<String>,
    /// Files by what is missing: how many, and how many lines.
    pending_files: BTreeMap<String, BTreeMap<String, usize>>,
    /// Parts of cases by what is missing.
    pending_cases: BTreeMap<String, BTreeSet<String>>,
    /// Files inside cases, by kind and what is missing.
    pending_kinds: BTreeMap<(String, String), usize>,
}

impl Report {
    /// Counts what was compared of `path`.
    pub(super) fn compared(&mut self, path: &str, what: &str, counts: Counts, gaps: Vec<String>) {
        self.counts.insert((path.to_owned(), what.to_owned()), counts);
        self.gaps.extend(gaps);
    }

    pub(super) fn pending_file(&mut self, single: &Single, missing: &str) {
        let lines =
            if has_ending(&single.path, "jsonl") { split(&single.read()).count() } else { 1 };
        let files = self.pending_files.entry(missing.to_owned()).or_default();
        files.insert(single.path.clone(), lines);
    }

    pub(super) fn pending_case(&mut self, path: &str, what: &str, missing: &str) {
        let cases = self.pending_cases.entry(missing.to_owned()).or_default();
        cases.insert(format!("{path}: {what}"));
    }

    /// Counts the files of a case that nothing reads yet.
    pub(super) fn note_files(&mut self, case: &Case, kinds: &Kinds) {
        for path in case.files.keys() {
            if let Some(Status::Pending(missing)) = kinds.of("recorded", path) {
                let name = path.rsplit('/').next().unwrap_or(path);
                let key = (missing.clone(), name.to_owned());
                *self.pending_kinds.entry(key).or_default() += 1;
            }
        }
    }

    /// Known gaps that were not met.
    pub(super) fn gaps_not_met(&self, gaps: &BTreeMap<String, String>) -> Vec<String> {
        gaps.keys().filter(|gap| !self.gaps.contains(*gap)).cloned().collect()
    }

    pub(super) fn print(&self, gaps: &BTreeMap<String, String>) {
        println!("{:<76} {:>8} {:>8} {:>8} {:>8}", "", "compared", "passed", "gaps", "pending");
        let mut all = Counts::default();
        for ((path, what), counts) in &self.counts {
            counts.print(&if what.is_empty() { path.clone() } else { format!("{path}: {what}") });
            all.compared += counts.compared;
            all.wrong += counts.wrong;
            all.gaps += counts.gaps;
            all.pending += counts.pending;
        }
        all.print("all");
        println!("\npending, by what is missing");
        for (missing, files) in &self.pending_files {
            println!("  {missing}");
            let mut groups: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
            for (path, lines) in files {
                // Of many files one line for their directory is enough.
                let many = files.len() > 12;
                let key = match path.find('/') {
                    Some(at) if many => &path[..at],
                    _ => path.as_str(),
                };
                let group = groups.entry(key).or_default();
                *group = (group.0 + 1, group.1 + lines);
            }
            for (name, (count, lines)) in groups {
                println!("    {name:<72} {count:>4} files {lines:>6} lines");
            }
        }
        for (missing, cases) in &self.pending_cases {
            println!("  {missing}");
            for case in cases {
                println!("    {case}");
            }
        }
        for ((missing, name), count) in &self.pending_kinds {
            println!("  {missing}: {count} files {name} of recorded clusters");
        }
        if !self.gaps.is_empty() {
            println!("\nknown gaps");
            for gap in &self.gaps {
                println!("  {gap}: {}", gaps[gap]);
            }
        }
        println!();
    }
}

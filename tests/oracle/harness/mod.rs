//! Runs the comparers over all files of a directory, says what differs, and counts.

pub(crate) mod kinds;
mod report;
pub(crate) mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use kinds::{Kinds, Status};
use libtest_mimic::{Arguments, Conclusion, Failed, Trial};
use report::{Counts, Report};
use serde_json::Value;
use source::{Case, Files, Found, Single};

/// What became of lines, by their place.
pub(crate) type Results = Vec<(usize, Result<(), String>)>;

/// Compares a file of vectors.
#[derive(Clone, Copy)]
pub(crate) enum Vectors {
    /// Line by line.
    Each(fn(&Value) -> Result<(), String>),
    /// Where lines build on the ones before.
    All(fn(&[Value]) -> Results),
}

/// Compares something of a recorded cluster.
#[derive(Clone, Copy)]
pub(crate) struct Recorded {
    /// What is compared.
    pub(crate) what: &'static str,
    /// Whether a recording has what this compares, by the shape of its files.
    pub(crate) fits: fn(&Files) -> bool,
    /// What the recording has or does that this must know, as listed in `kinds.toml`.
    pub(crate) needs: fn(&Files) -> BTreeSet<String>,
    pub(crate) compare: fn(&Files) -> Outcome,
}

/// What came of a comparison.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// How many things were compared.
    compared: usize,
    /// What became of them, by id; of those that agree not all need one.
    results: Vec<(String, Result<(), String>)>,
}

impl Outcome {
    /// Counts a comparison.
    pub(crate) fn check(&mut self, id: impl Into<String>, result: Result<(), String>) {
        self.compared += 1;
        self.results.push((id.into(), result));
    }

    /// How many differ.
    pub(crate) fn wrong(&self) -> usize {
        self.results.iter().filter(|(_, result)| result.is_err()).count()
    }
}

impl From<Result<usize, String>> for Outcome {
    fn from(result: Result<usize, String>) -> Self {
        let compared = *result.as_ref().unwrap_or(&1);
        Self { compared, results: vec![("all".to_owned(), result.map(|_| ()))] }
    }
}

/// What is compared with what.
pub(crate) struct Plan {
    pub(crate) kinds: Kinds,
    pub(crate) gaps: BTreeMap<String, String>,
    pub(crate) vectors: &'static [(&'static str, Vectors)],
    pub(crate) recorded: Vec<Recorded>,
    /// True for the project's own data: then every gap must be found.
    pub(crate) whole: bool,
}

/// Compares everything that was found. The report follows the usual output of a test.
pub(crate) fn run(arguments: &Arguments, plan: Plan, found: Found) -> Conclusion {
    let plan = Arc::new(plan);
    let report = Arc::new(Mutex::new(Report::default()));
    let mut trials = Vec::new();
    let unknown = unknown_kinds(&plan, &found);
    trials.push(Trial::test("every kind of file is known", move || {
        if unknown.is_empty() { Ok(()) } else { Err(Failed::from(unknown.join("\n"))) }
    }));
    for single in found.singles {
        trials.extend(trial_of_file(&plan, &report, single));
    }
    for case in found.cases {
        for recorded in plan.recorded.iter().filter(|recorded| (recorded.fits)(&case.files)) {
            trials.push(trial_of_case(&plan, &report, &case, *recorded));
        }
        report.lock().expect("no thread panicked").note_files(&case, &plan.kinds);
    }
    silence_panics();
    let mut conclusion = libtest_mimic::run(arguments, trials);
    if !arguments.list {
        let report = report.lock().expect("no thread panicked");
        report.print(&plan.gaps);
        if plan.whole && arguments.filter.is_none() && !arguments.ignored {
            let stale = report.gaps_not_met(&plan.gaps);
            for gap in &stale {
                println!("known-gaps.toml: nothing is called {gap}");
            }
            conclusion.num_failed += stale.len() as u64;
        }
    }
    conclusion
}

/// Kinds of files that `kinds.toml` does not list, and kinds that it wants compared while nothing
/// compares them.
fn unknown_kinds(plan: &Plan, found: &Found) -> Vec<String> {
    let mut unknown = Vec::new();
    for single in &found.singles {
        if status_of_file(&plan.kinds, &single.path).is_none() {
            unknown.push(format!("{}: a file of unknown kind", single.path));
        }
    }
    for case in &found.cases {
        for path in case.files.keys() {
            if plan.kinds.of("recorded", path).is_none() {
                unknown.push(format!("{}/{path}: a file of unknown kind", case.path));
            }
        }
        let fitting = plan.recorded.iter().filter(|recorded| (recorded.fits)(&case.files));
        for need in fitting.flat_map(|recorded| (recorded.needs)(&case.files)) {
            if plan.kinds.of("replayed", &need).is_none() {
                unknown.push(format!("{}: {need:?} is unknown", case.path));
            }
        }
    }
    let comparer = |name: &String| plan.vectors.iter().any(|(of, _)| of == name);
    for (name, status) in plan.kinds.section("vectors") {
        if (*status == Status::Compared) != comparer(name) {
            unknown.push(format!("kinds.toml and the comparers differ about vectors/{name}"));
        }
    }
    unknown
}

fn status_of_file<'a>(kinds: &'a Kinds, path: &str) -> Option<&'a Status> {
    match path.strip_prefix("vectors/") {
        Some(name) => kinds.of("vectors", name),
        None => kinds.of("other", path),
    }
}

fn trial_of_file(plan: &Arc<Plan>, report: &Arc<Mutex<Report>>, single: Single) -> Option<Trial> {
    let path = single.path.clone();
    match status_of_file(&plan.kinds, &path)? {
        Status::Pending(missing) => {
            let mut report = report.lock().expect("no thread panicked");
            report.pending_file(&single, missing);
            None
        }
        Status::Compared => {
            let name = path.strip_prefix("vectors/")?;
            let (_, vectors) = *plan.vectors.iter().find(|(of, _)| *of == name)?;
            let (plan, report) = (Arc::clone(plan), Arc::clone(report));
            let of_file = path.clone();
            Some(Trial::test(path, move || {
                let outcome = compare_vectors(&of_file, &single.read(), vectors);
                conclude(&plan, &report, &of_file, "", outcome)
            }))
        }
    }
}

fn compare_vectors(path: &str, bytes: &[u8], vectors: Vectors) -> Outcome {
    let ids: Vec<String> =
        source::split(bytes).map(|line| format!("{path}#{}", digest(line))).collect();
    let mut outcome = Outcome::default();
    match vectors {
        Vectors::Each(compare) => {
            for (id, line) in ids.into_iter().zip(source::split(bytes)) {
                let case: Value = serde_json::from_slice(line).expect("a line is JSON");
                outcome.check(id, caught(|| compare(&case)));
            }
        }
        Vectors::All(compare) => {
            let rows = source::rows(bytes);
            let results = catch_unwind(|| compare(&rows)).unwrap_or_else(|_| {
                let why = last_panic();
                (0..rows.len()).map(|line| (line, Err(why.clone()))).collect()
            });
            for (line, result) in results {
                outcome.check(ids[line].clone(), result);
            }
        }
    }
    outcome
}

fn trial_of_case(
    plan: &Arc<Plan>,
    report: &Arc<Mutex<Report>>,
    case: &Case,
    recorded: Recorded,
) -> Trial {
    let missing: BTreeSet<String> = (recorded.needs)(&case.files)
        .iter()
        .filter_map(|need| match plan.kinds.of("replayed", need) {
            Some(Status::Pending(missing)) => Some(missing.clone()),
            Some(Status::Compared) | None => None,
        })
        .collect();
    let name = format!("{}: {}", case.path, recorded.what);
    if !missing.is_empty() {
        let missing = missing.into_iter().collect::<Vec<_>>().join(", ");
        let mut report = report.lock().expect("no thread panicked");
        report.pending_case(&case.path, recorded.what, &missing);
        return Trial::test(name, || Ok(())).with_ignored_flag(true);
    }
    let (plan, report, case) = (Arc::clone(plan), Arc::clone(report), case.clone());
    Trial::test(name, move || {
        let mut outcome = Outcome::default();
        let compare = || outcome = (recorded.compare)(&case.files);
        if catch_unwind(AssertUnwindSafe(compare)).is_err() {
            outcome = Err(last_panic()).into();
        }
        let heart =
            ["events.jsonl", "commands.jsonl"].iter().find_map(|name| case.files.get(*name));
        let heart = heart.expect("a recording has one of them");
        let root = format!("{}#{}", case.path, digest(heart));
        for (id, _) in &mut outcome.results {
            *id = format!("{root}: {}: {id}", recorded.what);
        }
        conclude(&plan, &report, &case.path, recorded.what, outcome)
    })
}

/// Counts, and fails for what differs without being a known gap, and for a known gap that is none.
fn conclude(
    plan: &Plan,
    report: &Mutex<Report>,
    path: &str,
    what: &str,
    outcome: Outcome,
) -> Result<(), Failed> {
    let mut counts = Counts { compared: outcome.compared, ..Counts::default() };
    let mut gaps = Vec::new();
    let mut wrong = Vec::new();
    for (id, result) in outcome.results {
        match (result, plan.gaps.contains_key(&id)) {
            (Ok(()), false) => {}
            (Ok(()), true) => wrong.push((id, "agrees now: it is no gap any more".to_owned())),
            (Err(_), true) => gaps.push(id),
            (Err(difference), false) => match plan.kinds.of("within", &difference) {
                Some(Status::Pending(_)) => counts.pending += 1,
                Some(Status::Compared) | None => wrong.push((id, difference)),
            },
        }
    }
    let message = list(outcome.compared, &wrong);
    (counts.wrong, counts.gaps) = (wrong.len(), gaps.len());
    let mut report = report.lock().expect("no thread panicked");
    report.compared(path, what, counts, gaps);
    if wrong.is_empty() { Ok(()) } else { Err(Failed::from(message)) }
}

/// The first differences in full, the others by id.
fn list(compared: usize, wrong: &[(String, String)]) -> String {
    const IN_FULL: usize = 5;
    let mut message = format!("{} of {compared} differ\n", wrong.len());
    for (place, (id, difference)) in wrong.iter().enumerate() {
        message += id;
        if place < IN_FULL {
            message += "\n    ";
            message += difference;
        }
        message += "\n";
    }
    message
}

/// Names contents: the same contents have the same name wherever they lie.
fn digest(bytes: &[u8]) -> String {
    format!("{:08x}", crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, bytes) as u32)
}

thread_local! {
    static LAST_PANIC: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) };
}

/// Keeps what a panic says for the report.
fn silence_panics() {
    std::panic::set_hook(Box::new(|info| {
        LAST_PANIC.with(|last| *last.borrow_mut() = info.to_string());
    }));
}

fn last_panic() -> String {
    LAST_PANIC.with(|last| last.borrow().clone())
}

fn caught(compare: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(compare)).unwrap_or_else(|_| Err(last_panic()))
}

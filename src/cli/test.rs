//! `kafkascope test`: many scenarios at once, judged by their expectations.

use std::fs;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use serde::Serialize;

use super::input::{Origin, Problem, complain, complain_of};
use super::play_out::{How, play_out};
use super::{Exit, LangArg, words};
use crate::explain::Lang;
use crate::ids::Name;
use crate::scenario::language::Value;
use crate::scenario::{Comparison, Report, Run, library, told};

/// Runs many scenarios in parallel and tells which ones held.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Directories, files or names; by default all built-in scenarios
    #[arg(value_name = "DIR|FILE")]
    what: Vec<String>,
    #[command(flatten)]
    lang: LangArg,
    /// What is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A line per run, and why it failed
    Text,
    /// One document
    Json,
    /// JUnit's XML, which build servers read
    Junit,
}

/// How one run came out.
#[derive(Clone, Debug, Serialize)]
struct Tested {
    name: String,
    passed: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<String>,
    report: Report,
    #[serde(skip)]
    contradicted: bool,
    #[serde(skip)]
    measured: Option<Value>,
}

/// What is to be run.
struct Gathered {
    /// By name.
    runs: Vec<(String, Run)>,
    /// Where the first of several runs of a file is, and what they are compared by.
    together: Vec<(usize, Comparison)>,
    /// What was wrong with files so far.
    exit: Exit,
}

pub(super) fn test(args: &Args, out: &mut dyn Write) -> io::Result<Exit> {
    let lang = args.lang.get();
    let Gathered { runs, together, mut exit } = match gather(&args.what) {
        Ok(gathered) => gathered,
        Err(Problem(problem)) => {
            complain(&problem);
            return Ok(Exit::BadInput);
        }
    };
    let mut tested = in_parallel(&runs, |(name, run)| try_out(name, run, lang));
    for (first, comparison) in &together {
        judge_together(&mut tested[*first..], comparison, lang);
    }
    let failed = tested.iter().filter(|one| !one.passed).count();
    match args.format {
        Format::Text => print_text(&tested, out)?,
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &tested)?;
            writeln!(out)?;
        }
        Format::Junit => print_junit(&tested, out)?,
    }
    if failed > 0 {
        exit = exit.max(Exit::Failed);
    }
    if tested.iter().any(|one| one.contradicted) {
        exit = Exit::Assert;
    }
    if args.format == Format::Text {
        writeln!(out, "{} passed, {failed} failed", tested.len() - failed)?;
    }
    Ok(exit)
}

/// Everything that is to be run, by name. What cannot be read is complained about; the rest runs.
fn gather(what: &[String]) -> Result<Gathered, Problem> {
    let mut origins = Vec::new();
    for text in what {
        let path = Path::new(text);
        if path.is_dir() {
            let before = origins.len();
            files_under(path, &mut origins)?;
            if origins.len() == before {
                return Err(Problem(format!("there is no scenario (*.toml) in {text}")));
            }
        } else {
            origins.push(Origin::of(text));
        }
    }
    if what.is_empty() {
        origins.extend(library::names().map(|name| Origin::BuiltIn(name.to_owned())));
    }
    let (mut runs, mut together, mut exit) = (Vec::new(), Vec::new(), Exit::Held);
    for origin in origins {
        let (source, loaded) = match origin.open() {
            Ok(opened) => opened,
            Err(Problem(problem)) => {
                complain(&problem);
                exit = Exit::BadInput;
                continue;
            }
        };
        complain_of(&source, &loaded);
        if loaded.is_wrong() {
            exit = Exit::BadInput;
        }
        together.extend(loaded.comparison.map(|comparison| (runs.len(), comparison)));
        for run in loaded.runs {
            let label = |label: &Name| format!("{} ({label})", origin.text());
            runs.push((run.label.as_ref().map_or_else(|| origin.text(), label), run));
        }
    }
    Ok(Gathered { runs, together, exit })
}

/// All scenarios of a directory and those below it, in order.
fn files_under(directory: &Path, origins: &mut Vec<Origin>) -> Result<(), Problem> {
    let unreadable =
        |error: io::Error| Problem(format!("{} cannot be read: {error}", directory.display()));
    let mut entries = fs::read_dir(directory)
        .and_then(Iterator::collect::<io::Result<Vec<_>>>)
        .map_err(unreadable)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        // Links are not followed: they may go in circles.
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_dir() {
            files_under(&path, origins)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            origins.push(Origin::File(path));
        }
    }
    Ok(())
}

/// Does `work` for all, on as many threads as the machine has processors; the results are in order.
fn in_parallel<T: Sync, R: Send>(all: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get).min(all.len());
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(all.len()));
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((index, one)) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    all.get(index).map(|one| (index, one))
                } {
                    let result = work(one);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

fn try_out(name: &str, run: &Run, lang: Lang) -> Tested {
    let ran = play_out(run, How::default(), |_| {});
    let report = ran.report;
    let mut problems: Vec<String> = report
        .failures()
        .map(|(outcome, failure)| {
            format!("{}: {} ({})", outcome.text, words::failure(lang, failure), outcome.at)
        })
        .collect();
    problems.extend(report.refused.iter().map(|refused| {
        let why = lang.pick("could not be carried out", "无法执行");
        format!("{} {why}: {} ({})", refused.line, refused.problem, refused.at)
    }));
    problems.extend(report.violations.iter().map(|one| words::violation(lang, one)));
    if !report.passed() {
        problems.extend(report.stopped.map(|stop| words::stop(lang, stop).to_owned()));
    }
    let contradicted = ran.contradiction.is_some();
    if let Some(contradiction) = ran.contradiction {
        let (seed, event) = (report.seed, report.events);
        problems.push(format!("{}; seed {seed}, event {event}", contradiction.0));
    }
    let passed = problems.is_empty();
    let measured = ran.runner.measured().cloned();
    Tested { name: name.to_owned(), passed, problems, report, contradicted, measured }
}

/// Judges what is expected of the runs of a file together: what does not hold is a problem of the run
/// on the left.
fn judge_together(tested: &mut [Tested], comparison: &Comparison, lang: Lang) {
    let measured: Vec<Option<Value>> = tested.iter().map(|one| one.measured.clone()).collect();
    for across in &comparison.across {
        if across.holds(&measured) != Some(true) {
            let told = [across.left, across.right]
                .map(|run| measured[run].as_ref().map_or_else(|| "-".to_owned(), told));
            let one = &mut tested[across.left];
            let why = lang.pick("does not hold", "不成立");
            one.problems.push(format!("{}: {why} ({}, {})", across.text, told[0], told[1]));
            one.passed = false;
        }
    }
}

fn print_text(tested: &[Tested], out: &mut dyn Write) -> io::Result<()> {
    for one in tested {
        let sign = if one.passed { "✔" } else { "✖" };
        writeln!(out, "{sign} {}", one.name)?;
        for problem in &one.problems {
            writeln!(out, "    {problem}")?;
        }
    }
    Ok(())
}

fn print_junit(tested: &[Tested], out: &mut dyn Write) -> io::Result<()> {
    let mut suite = TestSuite::new("kafkascope");
    for one in tested {
        let mut status = if one.passed {
            TestCaseStatus::success()
        } else {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        };
        if !one.passed {
            status.set_message(one.problems.join("; "));
            status.set_description(one.problems.join("\n"));
        }
        let mut case = TestCase::new(one.name.as_str(), status);
        // The time that was simulated: the same on every machine.
        case.set_time(Duration::from_nanos(one.report.ended_at.as_nanos()));
        suite.add_test_case(case);
    }
    let mut report = quick_junit::Report::new("kafkascope");
    report.add_test_suite(suite);
    report.serialize(&mut *out).map_err(io::Error::other)?;
    writeln!(out)
}

//! Whole processes, as a person waits for them: P4, a lesson; P17, `--help` beside a Rust hello.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Options;
use super::clock::Wall;
use super::row::{Goal, Paired, Row};

const PROGRAM: &str = env!("CARGO_BIN_EXE_kafkascope");
const LESSON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/kafkascope/lesson.toml");

/// Runs a program to its end: milliseconds, and what it printed.
///
/// # Panics
/// When it fails.
fn run(program: &Path, args: &[&str]) -> (f64, String) {
    let start = Wall::now();
    let done = Command::new(program).args(args).stdin(Stdio::null()).output().expect("it starts");
    let millis = start.elapsed().as_secs_f64() * 1e3;
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{} {args:?}: {said}", program.display());
    (millis, String::from_utf8_lossy(&done.stdout).into_owned())
}

/// How much CPU time ended children have taken, in milliseconds, where the operating system tells.
fn children_cpu() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // After the name, which may hold anything: user and system time are the 14th and 15th.
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks = fields.split_whitespace().skip(13).take(2);
    Some(ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() * 10.0)
}

/// P4: the lesson from the start of the process to its end.
pub(crate) fn lesson(options: &Options) -> Vec<Row> {
    let program = Path::new(PROGRAM);
    let mut printed = String::new();
    let rounds = options.rounds(15);
    let before = children_cpu();
    let times: Vec<f64> = (0..rounds)
        .map(|_| {
            let (millis, text) = run(program, &["run", LESSON]);
            printed = text;
            millis
        })
        .collect();
    let last = printed.lines().last().unwrap_or_default();
    assert!(last.starts_with("trace hash "), "the lesson ran to its end: {last:?}");
    // What else the machine does can only make it longer.
    let ours = times.into_iter().fold(f64::INFINITY, f64::min);
    let name = "P4 a whole lesson, whole process".to_owned();
    let cpu = before.zip(children_cpu()).map(|(before, after)| (after - before) / rounds as f64);
    let cpu = cpu.map_or_else(String::new, |cpu| format!(", CPU {cpu:.0} ms"));
    let note = format!("wall, least of {rounds}{cpu}; real Kafka's 90 s: {:.0}x", 90_000.0 / ours);
    vec![Row::absolute(name, Goal::AtMost(50.0, 10.0), (ours, "ms"), note)]
}

/// The plainest program there is, compiled here.
fn hello() -> Option<PathBuf> {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (source, program) = (directory.join("hello.rs"), directory.join("hello"));
    std::fs::write(&source, "fn main() { println!(\"hello\"); }\n").ok()?;
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(compiler);
    command.arg("-O").arg("-o").arg(&program).arg(&source);
    command.status().ok().filter(std::process::ExitStatus::success)?;
    Some(program)
}

/// P17: `--help` beside a Rust hello.
pub(crate) fn start(options: &Options) -> Vec<Row> {
    let Some(hello) = hello() else {
        println!("P17 needs rustc to compile a hello with");
        return Vec::new();
    };
    let mut printed = String::new();
    let paired = Paired::measure(
        options.rounds(101),
        || run(&hello, &[]).0,
        || {
            let (millis, text) = run(Path::new(PROGRAM), &["--help"]);
            printed = text;
            millis
        },
    );
    assert!(printed.contains("Usage"), "it helps: {printed:?}");
    vec![Row {
        name: "P17 --help beside a Rust hello".into(),
        goal: Goal::AtMost(2.0, 1.5),
        floor: format!("{:.2} ms", paired.floor),
        ours: format!("{:.2} ms", paired.ours),
        ratio: paired.ratio,
        note: "start to end, wall time".into(),
    }]
}

//! P9: what the logs of three replicas take in memory beside the bytes of one of them.

use std::process::Command;

use kafkascope::node::Interest;

use super::Options;
use super::job;
use super::row::{Goal, Row};
use super::stage::Stage;

/// The switch by which the bench starts itself anew, so that nothing else is in its memory.
pub(crate) const SWITCH: &str = "--memory=";

/// Runs the job and prints by how many bytes the process grew, and how many one log has.
pub(crate) fn child(records: u64) {
    let mut stage = Stage::new(&job::script(job::PRODUCERS, records, 100), Interest::Nothing);
    let before = resident();
    job::run(&mut stage, records);
    let grown = resident().saturating_sub(before);
    println!("{grown} {}", stage.log_bytes(stage.brokers[0]));
}

/// How much memory this process has, as far as the operating system tells.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or(0) * 1_024
}

/// P9, where the operating system tells how much memory a process has.
pub(crate) fn rows(options: &Options) -> Vec<Row> {
    let records = options.scaled(2_000_000);
    let myself = std::env::current_exe().expect("this program is a file");
    let done = Command::new(myself).arg(format!("{SWITCH}{records}")).output().expect("it starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    let numbers: Vec<u64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [grown, log] = numbers[..] else { panic!("two numbers: {text:?}") };
    if grown == 0 {
        println!("P9 needs /proc/self/status");
        return Vec::new();
    }
    let megabytes = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
    vec![Row {
        name: "P9 memory of the logs at RF 3".into(),
        goal: Goal::AtMost(1.3, 1.2),
        floor: megabytes(log),
        ours: megabytes(grown),
        ratio: grown as f64 / log as f64,
        note: format!("the job with the kill, {records} records; growth of the whole process"),
    }]
}

//! How fast it is, as ratios to bare floors that are measured in the same run.
//!
//! `cargo bench` runs everything; `cargo bench -- P1 P3` some of it, `--quick` with less patience;
//! `--guard` prints hashes of what happens in the scenarios and in the job, to hold a change against.

mod bare_job;
mod clock;
mod dashboard;
mod event;
mod guard;
mod heap;
mod job;
mod judging;
mod keys;
mod memory;
mod process;
mod queue;
mod row;
mod stage;
mod travel;

use row::Row;

/// The switch that runs our side once for a profiler: so many simulated milliseconds
/// of P1, or the job of P3 with so many records in such batches.
const ONCE: &str = "--once=";

/// What the command line asks for.
pub(crate) struct Options {
    filters: Vec<String>,
    quick: bool,
}

/// Measures the rows of one goal.
type Measure = fn(&Options) -> Vec<Row>;

impl Options {
    fn rounds(&self, usual: usize) -> usize {
        if self.quick { 3 } else { usual }
    }

    fn scaled(&self, usual: u64) -> u64 {
        if self.quick { usual / 5 } else { usual }
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let (switches, filters): (Vec<_>, Vec<_>) =
        words.into_iter().partition(|word| word.starts_with("--"));
    if switches.iter().any(|word| word == "--guard") {
        guard::print();
        return;
    }
    let memory = switches.iter().find_map(|word| word.strip_prefix(memory::SWITCH));
    if let Some(records) = memory.and_then(|records| records.parse().ok()) {
        memory::child(records);
        return;
    }
    if let Some(what) = switches.iter().find_map(|word| word.strip_prefix(ONCE)) {
        let numbers: Vec<u64> = what.split(',').filter_map(|word| word.parse().ok()).collect();
        match numbers[..] {
            [millis] => event::once(millis),
            [records, per_batch] => job::once(records, per_batch),
            _ => panic!("{ONCE}MILLIS or {ONCE}RECORDS,PER_BATCH"),
        }
        return;
    }
    let options = Options { filters, quick: switches.iter().any(|word| word == "--quick") };
    let groups: [(&str, Measure); 10] = [
        ("P1", event::rows),
        ("P2", queue::rows),
        ("P3", job::rows),
        ("P4", process::lesson),
        ("P9", memory::rows),
        ("P10", judging::rows),
        ("P14", dashboard::rows),
        ("P15", keys::rows),
        ("P16", travel::rows),
        ("P17", process::start),
    ];
    Row::print_heads();
    let mut missed = 0;
    for (id, rows) in groups {
        let wanted = |filter: &String| filter.eq_ignore_ascii_case(id);
        if options.filters.is_empty() || options.filters.iter().any(wanted) {
            missed += rows(&options).iter().filter(|row| !row.print()).count();
        }
    }
    if missed > 0 {
        println!("{missed} goals missed");
    }
}

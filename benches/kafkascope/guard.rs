//! Hashes of everything that happens and is told, so that a faster engine can be held against the
//! slower one it replaces.

use std::fmt::Write;
use std::hash::Hasher;
use std::sync::Arc;

use kafkascope::cluster::Cluster;
use kafkascope::node::Interest;
use kafkascope::scenario::{self, runner::Runner};
use siphasher::sip128::{Hasher128, SipHasher13};

use super::job;
use super::stage::Stage;

/// Prints a hash for every scenario and for two jobs.
pub(crate) fn print() {
    let mut files: Vec<_> =
        std::fs::read_dir("scenarios").expect("scenarios").filter_map(Result::ok).collect();
    files.sort_by_key(std::fs::DirEntry::path);
    for file in files {
        let path = file.path();
        let name = path.display().to_string();
        let bytes = std::fs::read(&path).expect("a scenario");
        let source = scenario::Source::new(name.clone(), bytes).expect("a text");
        for run in scenario::load(&source).runs {
            let mut runner = Runner::new(Arc::new(run.scenario), true);
            let mut trace = Trace::default();
            while runner.step() {
                trace.add(runner.cluster());
            }
            let trace_hash = runner.trace_hash().expect("it is hashed");
            println!("{name} {} {trace_hash:032x} {}", runner.last_event(), trace.finish());
        }
    }
    for (records, per_batch) in [(50_000, 100), (10_000, 1)] {
        let mut stage = Stage::new(&job::script(1, records, per_batch), Interest::Everything);
        stage.trace = Some(Trace::default());
        job::run(&mut stage, records);
        let trace = stage.trace.take().expect("it was just set");
        println!("job {per_batch} {} {}", stage.cluster.last_event(), trace.finish());
    }
}

/// The hash of what happened and was told.
#[derive(Clone, Default)]
pub(crate) struct Trace {
    hasher: SipHasher13,
    text: String,
}

impl Trace {
    /// Adds the last step.
    pub(crate) fn add(&mut self, cluster: &Cluster) {
        self.text.clear();
        write!(self.text, "{:?}{:?}", cluster.happened(), cluster.told()).expect("a string grows");
        self.hasher.write(self.text.as_bytes());
    }

    fn finish(&self) -> String {
        format!("{:032x}", self.hasher.finish128().as_u128())
    }
}

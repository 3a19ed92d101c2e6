use kafkascope::scenario::{self, runner::Runner};
use std::sync::Arc;
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let source = scenario::Source::new(path.clone(), text.into_bytes()).unwrap();
    let loaded = scenario::load(&source);
    println!("{:?}", loaded.diagnostics.len());
    for run in loaded.runs {
        let started = std::time::Instant::now();
        let mut r = Runner::new(Arc::new(run.scenario), true);
        let verbose = std::env::args().nth(2).is_some();
        let mut facts = 0;
        while let Some(s) = r.step() {
            facts += s.told.len();
            if verbose {
                for t in &s.told {
                    let k: &'static str = (&t.fact).into();
                    if matches!(
                        k,
                        "batch-appended"
                            | "follower-fetched"
                            | "high-watermark-advanced"
                            | "record-sent"
                            | "record-acked"
                            | "records-delivered"
                            | "records-processed"
                            | "metadata-applied"
                            | "offset-committed"
                            | "segment-rolled"
                            | "log-loaded"
                            | "partition-changed"
                    ) {
                        continue;
                    }
                    let at = r.now();
                    println!(
                        "{:>12.6} {} {:?}",
                        at.as_nanos() as f64 / 1e9,
                        r.cluster().name(t.node),
                        t.fact
                    );
                }
            }
        }
        println!(
            "events {} shown {} facts {} in {:?} hash {:032x}",
            r.last_event(),
            r.number(),
            facts,
            started.elapsed(),
            r.trace_hash().unwrap()
        );
        println!("{:?}", r.scores());
        for o in r.outcomes() {
            println!("{:?}", o);
        }
    }
}

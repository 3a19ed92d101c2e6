//! Our side of a row, once and alone: what a profiler is to see.

use kafkascope::node::Interest;
use kafkascope::sim::Duration;

use super::event;
use super::job;
use super::stage::Stage;

/// Runs what the switch asks for. False if it asks for nothing here.
pub(crate) fn run(switch: &str) -> bool {
    let job = switch.strip_prefix("--job=").and_then(|numbers| numbers.split_once(','));
    if let Some((records, per_batch)) = job {
        let number = |text: &str| text.parse().expect("--job=RECORDS,BATCH");
        let (records, per_batch) = (number(records), number(per_batch));
        let script = job::script(job::PRODUCERS, records, per_batch);
        let mut stage = Stage::new(&script, Interest::Nothing);
        job::run(&mut stage, records);
        println!("{} events", stage.cluster.last_event());
    } else if let Some(millis) = switch.strip_prefix("--busy=") {
        let millis = millis.parse().expect("--busy=MILLIS");
        let mut stage = event::busy_cluster(Interest::Nothing);
        let first = stage.cluster.last_event();
        stage.run_for(Duration::from_millis(millis));
        println!("{} events", stage.cluster.last_event() - first);
    } else {
        return false;
    }
    true
}

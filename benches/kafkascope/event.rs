//! P1: what one simulated Kafka event costs, the whole path through clients, network and brokers.

use std::cell::RefCell;

use kafkascope::config::ProducerConfig;
use kafkascope::node::Interest;
use kafkascope::sim::Duration;

use super::Options;
use super::clock::{cpu, nanos_each};
use super::heap::BareHeap;
use super::row::{Goal, Paired, Row};
use super::stage::{Script, Stage};

/// How many entries are pending.
const PENDING: u64 = 1_000;

/// How many producers it takes until so much is pending.
const PRODUCERS: u32 = 100;

/// The cluster of the job in the middle of its work: 12 partitions of three replicas, read by a
/// group of three; many producers with Kafka's default settings send a hundred records per second
/// each.
fn busy_cluster(interest: Interest) -> Stage {
    let mut script = Script::new(PRODUCERS, None, 1);
    script.config = ProducerConfig::default();
    script.application.per_kilosecond = 100_000;
    let mut stage = Stage::new(&script, interest);
    stage.start_producers();
    stage.run_for(Duration::from_millis(500));
    stage
}

/// Lets `stage` go on for `span`: nanoseconds per event.
fn go_on(stage: &mut Stage, span: Duration) -> f64 {
    let (events, acked) = (stage.cluster.last_event(), stage.acked());
    let (time, told) = cpu(|| {
        let (until, mut told) = (stage.now() + span, 0);
        while stage.cluster.next_due().is_some_and(|due| due.at <= until) {
            stage.cluster.step();
            told += stage.cluster.told().len();
        }
        told
    });
    assert!(stage.acked() > acked, "records are acknowledged meanwhile, {told} facts told");
    nanos_each(time, u64::from(stage.cluster.last_event() - events))
}

/// The cluster for so long, and nothing else.
pub(crate) fn once(millis: u64) {
    let mut stage = busy_cluster(Interest::Nothing);
    let first = stage.cluster.last_event();
    stage.run_for(Duration::from_millis(millis));
    println!("{} events", stage.cluster.last_event() - first);
    // Taking it down is no part of the row.
    std::mem::forget(stage);
}

/// P1, with the trace off and on.
pub(crate) fn rows(options: &Options) -> Vec<Row> {
    let row = |name: &str, interest, goal| {
        let span = Duration::from_millis(options.scaled(2_000));
        let stage = RefCell::new(busy_cluster(interest));
        let mut heap = BareHeap::new(PENDING);
        let mut pending = 0;
        let first = stage.borrow().cluster.last_event();
        let paired = Paired::measure(
            options.rounds(9),
            || heap.hold(options.scaled(2_000_000)).0,
            || {
                let nanos = go_on(&mut stage.borrow_mut(), span);
                pending = stage.borrow().cluster.pending();
                nanos
            },
        );
        let stage = stage.into_inner();
        let events = stage.cluster.last_event() - first;
        Row {
            name: format!("P1 an event, trace {name}"),
            goal,
            floor: format!("{:.1} ns", paired.floor),
            ours: format!("{:.1} ns", paired.ours),
            ratio: paired.ratio,
            note: format!("{pending} pending, {events} events, {} records acked", stage.acked()),
        }
    };
    vec![
        row("off", Interest::Nothing, Goal::AtMost(6.0, 3.0)),
        row("on", Interest::Everything, Goal::Shown(5.0)),
    ]
}

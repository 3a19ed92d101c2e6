//! P3: the job with the kill, by a whole simulated cluster.

use std::cell::Cell;

use kafkascope::cluster::Act;
use kafkascope::node::Interest;

use super::Options;
use super::bare_job;
use super::clock::cpu;
use super::row::{Goal, Paired, Row};
use super::stage::{Script, Stage};

/// More often than the producer can: it sends until its memory is used up.
const AS_FAST_AS_IT_CAN: u64 = u64::MAX / 2;

/// As many producers as the bare job has batches of a partition on their way: a broker takes the next
/// request of a connection when it has answered the last one, so each has one there.
pub(crate) const PRODUCERS: u32 = 5;

/// `producers` producers that send `records` records in all, as fast as they can, and a group of
/// three that reads them.
pub(crate) fn script(producers: u32, records: u64, per_batch: u64) -> Script {
    let mut script = Script::new(producers, Some(records / u64::from(producers)), per_batch);
    script.application.per_kilosecond = AS_FAST_AS_IT_CAN;
    // Room for 256 batches: enough that every request finds one of each partition.
    script.config.buffer_memory = 256 * (61 + 21 + 104).max(script.config.batch_size);
    script
}

/// Runs the job: in the middle the leader of partition 0 is killed; once everything it led has
/// another leader it is started again. At the end everything was acknowledged, delivered once, and
/// is held by all three brokers.
pub(crate) fn run(stage: &mut Stage, records: u64) {
    stage.start_producers();
    stage.run_while("half of it is acknowledged", |stage| stage.acked() < records / 2);
    let leader = stage.leader(stage.brokers[0], 0).expect("partition 0 has a leader");
    let victim = stage.cluster.server(leader).expect("it is a broker");
    let witness = *stage.brokers.iter().find(|node| **node != victim).expect("there are three");
    stage.cluster.act(Act::Kill(victim), stage.cluster.last_event());
    stage.run_while("others lead", |stage| {
        (0..12).any(|index| stage.leader(witness, index).is_none_or(|now| now == leader))
    });
    stage.cluster.act(Act::Start(victim), stage.cluster.last_event());
    stage.run_while("all is acknowledged and delivered", |stage| {
        stage.acked() < records || stage.delivered() < records
    });
    stage.run_while("all replicas have it", |stage| {
        stage.records_per_broker().iter().any(|held| *held < records)
    });
    assert_eq!(stage.acked(), records, "every record was acknowledged");
    assert_eq!(stage.delivered(), records, "every record was delivered once");
    assert_eq!(stage.records_per_broker(), [records; 3], "every broker holds each record once");
}

/// The job, and nothing else.
pub(crate) fn once(records: u64, per_batch: u64) {
    let mut stage = Stage::new(&script(PRODUCERS, records, per_batch), Interest::Nothing);
    run(&mut stage, records);
    // Taking it down is no part of the row.
    std::mem::forget(stage);
}

/// P3: at batch 100 and at batch 1.
pub(crate) fn rows(options: &Options) -> Vec<Row> {
    let row = |per_batch: u64, floor_records: u64, our_records: u64| {
        let events = Cell::new(0);
        let rate = |records: u64, seconds: f64| records as f64 / seconds / 1e6;
        let paired = Paired::measure(
            options.rounds(5),
            || {
                let (time, done) = cpu(|| bare_job::run(floor_records, per_batch));
                assert_eq!((done.acked, done.consumed), (floor_records, floor_records));
                rate(floor_records, time.as_secs_f64())
            },
            || {
                let mut stage =
                    Stage::new(&script(PRODUCERS, our_records, per_batch), Interest::Nothing);
                let before = stage.cluster.last_event();
                let (time, ()) = cpu(|| run(&mut stage, our_records));
                events.set(stage.cluster.last_event() - before);
                rate(our_records, time.as_secs_f64())
            },
        );
        let batches = our_records / per_batch;
        Row {
            name: format!("P3 the job with the kill, batch {per_batch}"),
            goal: Goal::AtLeast(0.2, 0.5),
            floor: format!("{:.2} M/s", paired.floor),
            ours: format!("{:.2} M/s", paired.ours),
            ratio: paired.ratio,
            note: format!("{:.1} events per batch", f64::from(events.get()) / batches as f64),
        }
    };
    let floor = options.scaled(1_000_000);
    vec![row(100, 2 * floor, options.scaled(1_000_000)), row(1, floor / 2, options.scaled(200_000))]
}

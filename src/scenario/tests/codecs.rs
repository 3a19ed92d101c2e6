//! Producers and topics that compress: the same records come out, whatever they were between.

use std::sync::Arc;

use super::right;
use crate::ids::{BrokerId, Offset, TopicPartition};
use crate::protocol::{Batch, Compression};
use crate::scenario::runner::Runner;

/// A minute of one producer and one group, which reads from the beginning.
fn ran(producer: &str, topic: &str) -> Runner {
    let body = format!(
        r#"
        duration = "40s"
        expect = ["at-end lag(g) == 0", "at-end failed == 0", "at-end lost == 0"]
        [topics.kq]
        partitions = 2
        replication-factor = 3
        config = {{ {topic} }}
        [producers.web]
        topic = "kq"
        rate = "400/s"
        count = 2000
        value-size = 200
        keys = "user-{{0..9}}"
        config = {{ {producer} }}
        [groups.g]
        topics = ["kq"]
        config = {{ "auto.offset.reset" = "earliest" }}
        [[steps]]
        at = "8s"
        do = "kill leader(kq-0)"
        as = "victim"
        [[steps]]
        at = "20s"
        do = "start victim"
        "#
    );
    let mut runner = Runner::new(Arc::new(right(&body)), true);
    runner.run();
    let report = crate::scenario::Report::of(&runner);
    assert!(report.passed(), "{producer} {topic}: {report:#?}");
    runner
}

fn batches(runner: &Runner, partition: i32, broker: i32) -> Vec<Arc<Batch>> {
    let tp = TopicPartition::new("kq", partition);
    let batches = runner.lens().batches(&tp, BrokerId(broker), Offset(0));
    batches.into_iter().flatten().collect()
}

/// Every replica's batches, which are the same bytes.
fn replicated(runner: &Runner) -> Vec<Arc<Batch>> {
    let mut all = Vec::new();
    for partition in 0..2 {
        let first = batches(runner, partition, 1);
        for broker in [2, 3] {
            assert_eq!(first, batches(runner, partition, broker), "kq-{partition} on {broker}");
        }
        all.extend(first);
    }
    all
}

/// How the batches are compressed, how many records they hold, and how many bytes: in all, and if
/// nothing were compressed.
fn told(runner: &Runner) -> (Option<Compression>, usize, u64, u64) {
    let batches = replicated(runner);
    let codec = batches[0].compression();
    assert!(batches.iter().all(|batch| batch.compression() == codec && batch.is_valid()));
    let records = batches.iter().map(|batch| batch.decode().expect("records").len()).sum();
    let size = batches.iter().map(|batch| batch.size_in_bytes()).sum();
    let plain = batches.iter().map(|batch| batch.plain_size_in_bytes()).sum();
    (codec, records, size, plain)
}

#[test]
fn what_a_producer_compressed_is_kept_and_read() {
    for codec in [Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd] {
        let runner = ran(&format!(r#""compression.type" = "{codec}", "linger.ms" = 100"#), "");
        let (found, records, size, plain) = told(&runner);
        assert_eq!((found, records), (Some(codec), 2_000), "{codec}");
        assert!(size < plain, "{codec}: {size} of {plain}");
    }
}

#[test]
fn a_topic_can_want_another_codec() {
    let (codec, records, ..) =
        told(&ran(r#""compression.type" = "gzip""#, r#""compression.type" = "uncompressed""#));
    assert_eq!((codec, records), (Some(Compression::None), 2_000));
    let (codec, records, ..) = told(&ran("", r#""compression.type" = "lz4""#));
    assert_eq!((codec, records), (Some(Compression::Lz4), 2_000));
    let hard = r#""compression.type" = "gzip", "compression.gzip.level" = 9, "linger.ms" = 100"#;
    let easy = r#""compression.type" = "gzip", "compression.gzip.level" = 1, "linger.ms" = 100"#;
    let size = |producer| told(&ran(producer, "")).2;
    assert!(size(hard) < size(easy), "level 9 tries harder");
}

#[test]
fn a_compressed_run_repeats_to_the_byte() {
    let all: Vec<String> = ["gzip", "snappy", "lz4", "zstd"]
        .into_iter()
        .map(|codec| {
            let run = ran(&format!(r#""compression.type" = "{codec}", "linger.ms" = 100"#), "");
            format!("{codec}: {:032x}", run.trace_hash().expect("it was asked for"))
        })
        .collect();
    insta::assert_snapshot!(all.join("\n"), @r"
    gzip: 6b357640dd678ccfef341c9ab1922a96
    snappy: f69b93fc5bd6285578744d2d25f31481
    lz4: 96e4b9db058d47761d70aa7bdd559ce2
    zstd: 665efc00f7c8a5107792d0f5f66ab5e4
    ");
}

/// The estimator expects the worst first, and learns: batches hold more and more records.
#[test]
fn how_well_records_compress_decides_how_many_fit() {
    let runner = ran(r#""compression.type" = "zstd", "linger.ms" = 1000, "batch.size" = 4096"#, "");
    let counts: Vec<i32> = batches(&runner, 0, 1).iter().map(|batch| batch.count()).collect();
    let plain = ran(r#""linger.ms" = 1000, "batch.size" = 4096"#, "");
    let most = batches(&plain, 0, 1).iter().map(|batch| batch.count()).max();
    assert!(
        counts.first().copied() <= most && counts.last().copied() > most,
        "{counts:?} {most:?}"
    );
}

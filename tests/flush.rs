//! What a log keeps when the power goes: what `flush.ms` had flushed by then.

use std::sync::Arc;

use kafkascope::{Duration, Instant, Report, Runner, Source, load, render};

/// How many acknowledged records are lost when the power of the only replica goes 40 s after the
/// start; `web` sends ten a second.
fn lost(broker: &str, topic: &str) -> u64 {
    let text = format!(
        r#"
        format   = 1
        title    = "The power goes"
        kafka    = "4.1"
        duration = "60s"

        [cluster]
        brokers = 1
        config  = {{ {broker} }}

        [topics.kq]
        replication-factor = 1
        config             = {{ {topic} }}

        [producers.web]
        topic = "kq"
        rate  = "10/s"

        [[steps]]
        at = "40s"
        do = "power-off broker-1"

        [[steps]]
        at = "45s"
        do = "start broker-1"
        "#
    );
    let source = Source::new("power.toml", text.into()).expect("it is short");
    let loaded = load(&source);
    assert!(!loaded.is_wrong(), "{}", render(&source, &loaded.diagnostics, false));
    let mut run = Runner::new(Arc::new(loaded.runs[0].scenario.clone()), false);
    run.run_until(Instant::ZERO + Duration::from_secs(60));
    Report::of(&run).summary.acked_lost
}

const EVERY_SECOND: &str = "\"log.flush.scheduler.interval.ms\" = 1000";

#[test]
fn by_default_nothing_is_flushed_in_time() {
    let lost = lost("", "");
    assert!(lost > 150, "{lost} lost");
}

#[test]
fn flush_ms_bounds_what_a_power_loss_takes() {
    let lost = lost(EVERY_SECOND, "\"flush.ms\" = 500");
    assert!(lost <= 20, "{lost} lost");
}

#[test]
fn without_flush_ms_the_interval_of_the_flusher_counts() {
    let lost = lost(EVERY_SECOND, "");
    assert!(lost <= 30, "{lost} lost");
}

#[test]
fn the_broker_has_a_setting_for_all_topics() {
    let both = format!("{EVERY_SECOND}, \"log.flush.interval.ms\" = 5000");
    let lost = lost(&both, "");
    assert!((1..=70).contains(&lost), "{lost} lost");
}

#[test]
fn a_flusher_that_is_left_alone_looks_once() {
    // 30 s after the start, and then after Long.MAX ms.
    let lost = lost("", "\"flush.ms\" = 500");
    assert!((15..=110).contains(&lost), "{lost} lost");
}

//! A pusher of kq: a chunk, kafka-go's batches, nobody's acknowledgement, the time for a key.

use super::*;
use crate::config::KqPusherConfig;

fn kq(leaders: &[i32], settings: &[(&str, &str)], mode: SendMode) -> Lab<Producer> {
    let mut overrides = Overrides::default();
    for (name, text) in settings {
        overrides.set(Domain::KqPusher, name, text).expect("a setting of kq's");
    }
    let config = KqPusherConfig::new(&overrides).expect("settings that kq takes");
    lab_of(Cardboard::of(3).topic("kq", leaders), &[], |spec| {
        spec.config = config.in_kafkas_names();
        spec.personality = Personality::kq(&config, mode);
        spec.application.mode = mode;
    })
}

fn keys(lab: &Lab<Producer>) -> Vec<String> {
    let (_, request) = lab.nth_produce(0);
    let batches = request.partitions.iter().map(|partition| &partition.records[0]);
    let keys = batches.flat_map(|batch| {
        batch.iter().map(|record| String::from_utf8_lossy(record.unwrap().key.unwrap()).into())
    });
    keys.collect()
}

#[test]
fn a_second_in_the_chunk_a_second_in_the_batch_and_nobody_answers() {
    let mut lab = kq(&[1], &[], SendMode::Async);
    lab.send_to(None, None, "a");
    lab.run_ms(600);
    lab.send_to(None, None, "b");
    lab.run_ms(390);
    assert_eq!(lab.client.stats().sent, 0, "both are in the chunk");
    lab.run_ms(20);
    assert_eq!((lab.client.stats().sent, lab.client.stats().acked), (2, 0));
    assert_eq!(lab.requests(), "");
    lab.send_to(None, None, "c");
    lab.run_ms(1_000);
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks 0 0[a b]");
    assert_eq!((lab.client.stats().sent, lab.client.stats().acked), (3, 2));
    lab.run_ms(2_000);
    lab.check_outcomes();
}

#[test]
fn the_time_is_the_key_unless_push_with_key_names_one() {
    let mut lab = kq(&[1], &[], SendMode::Sync);
    lab.send_to(None, None, "a");
    let at = keys(&lab);
    assert_eq!((at.len(), at[0].len()), (1, 19), "nanoseconds since 1970: {at:?}");
    let mut lab = kq(&[1], &[], SendMode::Sync);
    lab.send_to(None, Some("user-42"), "a");
    assert_eq!(keys(&lab), ["user-42"]);
}

#[test]
fn a_sync_push_leaves_at_once_in_a_batch_of_its_own() {
    let mut lab = kq(&[1], &[], SendMode::Sync);
    lab.send_to(None, None, "a");
    lab.send_to(None, None, "b");
    insta::assert_snapshot!(lab.requests(), @"
    broker 1: acks 0 0[a]
    broker 1: acks 0 0[b]
    ");
    lab.check_outcomes();
}

#[test]
fn a_hundred_records_fill_a_batch() {
    let mut lab = kq(&[1], &[("WithFlushInterval", "10ms")], SendMode::Async);
    for _ in 0..101 {
        lab.send_to(None, None, "a");
    }
    lab.run_ms(20);
    assert_eq!(lab.requests().matches('a').count(), 1 + 100, "one of them in `acks`");
    lab.run_ms(1_000);
    assert_eq!(lab.client.stats().acked, 101);
    lab.check_outcomes();
}

#[test]
fn a_full_chunk_is_handed_on_at_once_and_push_waits_while_the_writer_is_busy() {
    let mut lab = kq(&[1], &[("WithChunkSize", "3")], SendMode::Async);
    lab.send_to(None, None, "abc");
    assert_eq!(lab.client.stats().sent, 1);
    for value in ["def", "ghi"] {
        lab.send_to(None, None, value);
    }
    assert_eq!(lab.client.stats().sent, 1);
    lab.run_ms(1_010);
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks 0 0[abc]");
    assert_eq!(lab.client.stats().sent, 2);
    lab.run_ms(2_000);
    assert_eq!((lab.client.stats().sent, lab.client.stats().acked), (3, 3));
    lab.check_outcomes();
}

#[test]
fn the_fewest_bytes_decide_about_the_partition_leader_or_not() {
    let mut lab = kq(&[1, 1, 1], &[("WithFlushInterval", "10ms")], SendMode::Async);
    for value in ["long-one", "b", "c", "d"] {
        lab.send_to(None, Some("k"), value);
    }
    lab.run_ms(1_100);
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks 0 0[long-one] 1[b d] 2[c]");
    let mut hashed = kq(&[1, 1, 1], &[("WithBalancer", "Hash")], SendMode::Sync);
    hashed.send_to(None, Some("user-42"), "a");
    insta::assert_snapshot!(hashed.requests(), @"broker 1: acks 0 0[a]");
}

#[test]
fn what_is_in_the_chunk_leaves_when_the_pusher_is_closed() {
    let mut lab = kq(&[1], &[], SendMode::Async);
    lab.send_to(None, None, "a");
    lab.give(Input::Shutdown);
    lab.run_ms(10);
    assert_eq!(lab.client.stats().sent, 1, "at once, not at the next tick");
}

#[test]
fn a_dead_leader_costs_the_batch_as_long_as_ten_attempts_take() {
    let mut lab = kq(&[2], &[], SendMode::Sync);
    lab.kill(2);
    lab.run_ms(50);
    lab.send_to(None, None, "a");
    lab.run_ms(8_300);
    assert_eq!(lab.client.stats().failed, 0);
    lab.run_ms(200);
    assert_eq!(lab.client.stats().failed, 1, "{}", lab.outcomes());
    lab.check_outcomes();
}

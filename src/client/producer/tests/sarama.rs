//! A producer of sarama: one batch per partition, three tries, and failed connections are tries.

use super::*;
use crate::config::SaramaProducerConfig;

fn sarama(leaders: &[i32], settings: &[(&str, &str)]) -> Lab<Producer> {
    let mut overrides = Overrides::default();
    for (name, text) in settings {
        overrides.set(Domain::SaramaProducer, name, text).expect("a setting of sarama's");
    }
    let config = SaramaProducerConfig::new(&overrides).expect("settings that sarama takes");
    lab_of(Cardboard::of(3).topic("kq", leaders), &[], |spec| {
        spec.config = config.in_kafkas_names();
        spec.personality = Personality::sarama(&config);
    })
}

#[test]
fn a_partition_has_one_batch_on_its_way_and_what_comes_meanwhile_is_gathered() {
    let mut lab = sarama(&[1], &[]);
    for value in ["a", "b", "c"] {
        lab.send_to(None, Some("k"), value);
    }
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks 1 0[a]");
    lab.reply(0, ErrorCode::None);
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks 1 0[b c]");
    lab.reply(0, ErrorCode::None);
    lab.check_outcomes();
}

#[test]
fn a_record_is_sent_four_times_at_most_a_tenth_of_a_second_apart() {
    let mut lab = sarama(&[1], &[]);
    lab.send_to(None, Some("k"), "a");
    for _ in 0..4 {
        lab.reply(0, ErrorCode::NotEnoughReplicas);
        lab.run_ms(150);
    }
    assert_eq!(lab.requests(), "");
    let stats = lab.client.stats();
    assert_eq!((stats.retried, stats.failed), (3, 1));
    assert_eq!(stats.last_error, Some(ErrorCode::NotEnoughReplicas));
    lab.check_outcomes();
}

#[test]
fn a_dead_leader_costs_the_record_within_half_a_second() {
    let mut lab = sarama(&[2], &[]);
    lab.kill(2);
    lab.run_ms(50);
    lab.send_to(None, Some("k"), "a");
    lab.run_ms(1_000);
    let stats = lab.client.stats();
    assert_eq!((stats.retried, stats.failed), (3, 1), "{}", lab.outcomes());
    lab.check_outcomes();
}

#[test]
fn after_a_lost_connection_the_next_record_waits_and_looks_for_the_leader_before_it_is_sent() {
    let mut lab = sarama(&[2], &[]);
    lab.kill(2);
    lab.send_to(None, Some("k"), "a");
    lab.run_ms(1_000);
    assert_eq!((lab.client.stats().retried, lab.client.stats().failed), (3, 1));
    lab.cluster.elect("kq", 0, 1);
    lab.send_to(None, Some("k"), "b");
    lab.run_ms(99);
    assert_eq!(lab.requests(), "");
    lab.run_ms(10);
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks 1 0[b]");
    lab.reply(0, ErrorCode::None);
    assert_eq!(lab.client.stats().retried, 3, "its first try is the only one");
    // And that is all: the one after it goes at once.
    lab.send_to(None, Some("k"), "c");
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks 1 0[c]");
    lab.reply(0, ErrorCode::None);
    lab.check_outcomes();
}

#[test]
fn what_kafka_calls_retriable_is_not_always_sent_again() {
    let mut lab = sarama(&[1], &[]);
    lab.send_to(None, Some("k"), "a");
    lab.reply(0, ErrorCode::FencedLeaderEpoch);
    assert_eq!(lab.client.stats().failed, 1);
    lab.check_outcomes();
}

#[test]
fn the_key_goes_where_fnv_says_and_a_named_partition_is_not_looked_at() {
    let mut lab = sarama(&[1, 1, 1], &[]);
    lab.send_to(Some(2), Some("user-42"), "a");
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks 1 0[a]");
    let mut java = self::lab(&[1, 1, 1], &[("acks", "1"), ("linger.ms", "0")]);
    java.send_to(None, Some("user-42"), "a");
    insta::assert_snapshot!(java.requests(), @"broker 1: acks 1 1[a]");
    let mut manual = sarama(&[1, 1, 1], &[("Producer.Partitioner", "NewManualPartitioner")]);
    manual.send_to(Some(2), Some("user-42"), "a");
    insta::assert_snapshot!(manual.requests(), @"broker 1: acks 1 2[a]");
}

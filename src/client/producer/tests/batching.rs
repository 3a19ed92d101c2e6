//! What goes into a batch, and what into a request.

use super::*;

#[test]
fn an_idempotent_producer_asks_for_its_id_before_it_sends() {
    let mut lab = lab(&[1], &[]);
    assert_eq!(lab.client.identity(), Some((ProducerId(1_000), ProducerEpoch(0))));
    lab.send("a");
    lab.run_ms(4);
    assert_eq!(lab.requests(), "", "it lingers for 5 ms");
    lab.send("b");
    lab.run_ms(1);
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks -1 0[a b]@1000/0:0");
    lab.run_ms(2);
    lab.reply(0, ErrorCode::None);
    insta::assert_snapshot!(lab.outcomes(), @r"
    0.000 producer 1000/0
    1.007 kq-0 #0 at 100 after 7ms
    1.007 kq-0 #1 at 101 after 3ms
    ");
    lab.check_outcomes();
}

#[test]
fn a_full_batch_does_not_linger() {
    let mut lab = lab(&[1], &[("batch.size", "200"), ("linger.ms", "1000")]);
    // A record of 43 bytes takes 50 in the batch; two of them and the header of 61 are 161.
    let value = "x".repeat(43);
    lab.send(&value);
    lab.send(&value);
    assert_eq!(lab.requests(), "");
    // The third does not fit: it begins the next batch, and the first may leave.
    lab.send(&value);
    let (_, request) = lab.nth_produce(0);
    assert_eq!(request.partitions[0].records[0].size_in_bytes(), 161);
    assert_eq!(lab.client.queued_batches(), 1);
    assert_eq!(lab.client.free_memory(), 33_554_432 - 400);
    lab.reply(0, ErrorCode::None);
    assert_eq!(lab.client.free_memory(), 33_554_432 - 200);
}

#[test]
fn a_batch_that_is_full_to_the_byte_takes_no_more() {
    let mut lab = lab(&[1], &[("batch.size", "161"), ("linger.ms", "1000")]);
    let value = "x".repeat(43);
    lab.send(&value);
    assert_eq!(lab.requests(), "");
    lab.send(&value);
    let (_, request) = lab.nth_produce(0);
    assert_eq!(request.partitions[0].records[0].size_in_bytes(), 161);
    assert_eq!(lab.client.queued_batches(), 0);
}

#[test]
fn a_record_larger_than_a_batch_gets_a_batch_of_its_own() {
    let mut lab = lab(&[1], &[("batch.size", "100"), ("linger.ms", "5")]);
    let value = "x".repeat(500);
    lab.send(&value);
    lab.run_ms(5);
    let (_, request) = lab.nth_produce(0);
    assert_eq!(request.partitions[0].records[0].count(), 1);
    // 61 header, at most 21 of overhead, length of key (1), of value (2), of headers (1).
    assert_eq!(lab.client.free_memory(), 33_554_432 - (61 + 21 + 1 + 2 + 500 + 1));
}

#[test]
fn one_request_takes_a_batch_of_every_partition_that_the_broker_leads() {
    let mut lab = lab(&[1, 2, 1, 1], &[]);
    for partition in [3, 0, 1, 2, 3] {
        lab.send_to(Some(partition), None, &format!("to-{partition}"));
    }
    lab.run_ms(5);
    insta::assert_snapshot!(lab.requests(), @r"
    broker 1: acks -1 0[to-0]@1000/0:0 2[to-2]@1000/0:0 3[to-3 to-3]@1000/0:0
    broker 2: acks -1 1[to-1]@1000/0:0
    ");
    let (_, request) = lab.nth_produce(0);
    assert_eq!(request.timeout, Duration::from_secs(30));
    assert_eq!(
        (request.partitions[0].topic.id.0, &request.partitions[0].topic.name),
        (0x101, &None)
    );
}

#[test]
fn a_drain_begins_where_the_one_before_ended() {
    // A request takes one batch of 100 bytes only.
    let settings = [("max.request.size", "150"), ("linger.ms", "0"), ("batch.size", "1")];
    let mut lab = lab(&[1, 1, 1], &settings);
    lab.cluster.down.clear();
    // All three wait for the connection that the first one opens; then they leave one by one.
    for round in 0..2 {
        for partition in 0..3 {
            lab.send_to(Some(partition), None, &format!("{round}"));
        }
    }
    let order: Vec<_> = lab.requests().lines().map(|line| line[18..19].to_owned()).collect();
    assert_eq!(order.join(""), "01201", "five in flight");
    assert_eq!(lab.client.in_flight(BrokerId(1)), 5);
}

#[test]
fn linger_zero_sends_at_once() {
    let mut lab = lab(&[1], &[("linger.ms", "0")]);
    lab.send("a");
    lab.send("b");
    insta::assert_snapshot!(lab.requests(), @r"
    broker 1: acks -1 0[a]@1000/0:0
    broker 1: acks -1 0[b]@1000/0:1
    ");
    assert!(!lab.timers.contains_key(&Timer::Sender));
}

#[test]
fn a_key_always_goes_to_the_same_partition() {
    let mut lab = lab(&[1, 1, 1], &[]);
    for (key, value) in [("foobar", "1"), ("21", "2"), ("foobar", "3"), ("21", "4")] {
        lab.send_to(None, Some(key), value);
    }
    lab.run_ms(5);
    // murmur2("foobar") & 0x7fffffff = 1357151166, of "21" 1173551340: both divide by 3.
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks -1 0[1 2 3 4]@1000/0:0");
    let mut lab = self::lab(&[1, 1, 1, 1, 1], &[]);
    for (key, value) in [("foobar", "1"), ("21", "2"), ("foobar", "3"), ("21", "4")] {
        lab.send_to(None, Some(key), value);
    }
    lab.run_ms(5);
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks -1 0[2 4]@1000/0:0 1[1 3]@1000/0:0");
}

#[test]
fn records_without_key_stay_on_a_partition_for_one_batch_or_two() {
    let mut lab = lab(&[1, 1, 1], &[("batch.size", "400")]);
    for number in 0..60 {
        lab.send_to(None, None, &format!("{number:043}"));
    }
    let partitions = lab.told(|fact| match fact {
        Fact::RecordSent { tp, .. } => Some(tp.partition.0),
        _ => None,
    });
    let runs: Vec<_> = partitions.chunk_by(|one, next| one == next).map(<[_]>::len).collect();
    // Six records of 50 bytes and the header make a batch of 361, and a switch waits for its end:
    // two batches, or one and what left early because another partition's batch was full.
    assert_eq!(runs.iter().sum::<usize>(), 60);
    assert!(runs[..runs.len() - 1].iter().all(|run| [7, 12].contains(run)), "{runs:?}");
}

#[test]
fn round_robin_takes_one_partition_after_the_other() {
    let class = "org.apache.kafka.clients.producer.RoundRobinPartitioner";
    let mut lab = lab(&[1, 1, 1], &[("partitioner.class", class)]);
    for value in ["a", "b", "c", "d"] {
        lab.send_to(None, Some("same"), value);
    }
    lab.run_ms(5);
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks -1 0[a d]@1000/0:0 1[b]@1000/0:0 2[c]@1000/0:0");
}

#[test]
fn a_broker_that_takes_nothing_for_too_long_is_passed_over() {
    let settings =
        [("partitioner.availability.timeout.ms", "100"), ("linger.ms", "0"), ("batch.size", "80")];
    let mut lab = lab(&[1, 2], &settings);
    for partition in [0, 1] {
        lab.send_to(Some(partition), None, "known");
        lab.reply(0, ErrorCode::None);
    }
    lab.kill(2);
    lab.send_to(Some(1), None, "waits");
    lab.run_ms(500);
    lab.send_to(Some(1), None, "waits");
    for number in 0..20 {
        lab.send_to(None, None, &format!("{number:043}"));
        lab.run_ms(20);
        while lab.requests().starts_with("broker 1") {
            lab.reply(0, ErrorCode::None);
        }
    }
    let partitions = lab.told(|fact| match fact {
        Fact::RecordSent { tp, number } if *number >= 6 => Some(tp.partition.0),
        _ => None,
    });
    assert!(partitions.iter().all(|partition| *partition == 0), "{partitions:?}");
}

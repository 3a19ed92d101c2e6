//! Several requests in flight: who arrives in which order after something went wrong.

use super::*;

#[test]
fn five_requests_are_in_flight_and_the_sixth_waits() {
    let mut lab = lab(&[1], &[]);
    lab.send_apart(&["a", "b", "c", "d", "e", "f", "g"]);
    insta::assert_snapshot!(lab.requests(), @r"
    broker 1: acks -1 0[a]@1000/0:0
    broker 1: acks -1 0[b]@1000/0:1
    broker 1: acks -1 0[c]@1000/0:2
    broker 1: acks -1 0[d]@1000/0:3
    broker 1: acks -1 0[e]@1000/0:4
    ");
    lab.reply(0, ErrorCode::None);
    assert!(lab.requests().ends_with("0[f g]@1000/0:5\n"), "{}", lab.requests());
}

#[test]
fn after_not_leader_the_order_is_kept_by_sequences() {
    let mut lab = lab(&[1], &[]);
    lab.send_apart(&["a", "b", "c"]);
    lab.cluster.elect("kq", 0, 2);
    for _ in 0..3 {
        lab.reply(0, ErrorCode::NotLeaderOrFollower);
    }
    lab.run_ms(300);
    // Only the first is sent to the new leader: the others wait until it is there.
    insta::assert_snapshot!(lab.requests(), @"broker 2: acks -1 0[a]@1000/0:0");
    lab.reply(0, ErrorCode::None);
    insta::assert_snapshot!(lab.requests(), @"broker 2: acks -1 0[b]@1000/0:1");
    lab.reply(0, ErrorCode::None);
    lab.reply(0, ErrorCode::None);
    lab.check_outcomes();
    assert_eq!(lab.client.stats().acked, 3);
}

#[test]
fn a_leader_that_the_answer_names_is_asked_at_once() {
    let mut lab = lab(&[1], &[("retry.backoff.ms", "10s"), ("retry.backoff.max.ms", "20s")]);
    lab.send_apart(&["a"]);
    lab.cluster.by_hand.insert(crate::protocol::Api::Metadata);
    lab.cluster.elect("kq", 0, 2);
    lab.reply_naming(0, ErrorCode::NotLeaderOrFollower, Some((2, 1)));
    // Neither metadata nor the back-off is waited for (KIP-951).
    insta::assert_snapshot!(lab.requests(), @"broker 2: acks -1 0[a]@1000/0:0");
    assert_eq!(lab.client.known_leader(&TopicPartition::new("kq", 0)), Some(BrokerId(2)));
    lab.reply(0, ErrorCode::None);
    lab.check_outcomes();
}

#[test]
fn without_idempotence_a_reset_connection_turns_the_order_round() {
    let mut lab = lab(&[1], &[("enable.idempotence", "false")]);
    lab.send_apart(&["a", "b", "c", "d", "e"]);
    lab.reset(1);
    lab.run_ms(400);
    // Each was put back in front of the others.
    insta::assert_snapshot!(lab.requests(), @r"
    broker 1: acks -1 0[e]
    broker 1: acks -1 0[d]
    broker 1: acks -1 0[c]
    broker 1: acks -1 0[b]
    broker 1: acks -1 0[a]
    ");
    for _ in 0..5 {
        lab.reply(0, ErrorCode::None);
    }
    lab.check_outcomes();
}

#[test]
fn with_idempotence_a_reset_connection_keeps_the_order() {
    let mut lab = lab(&[1], &[]);
    lab.send_apart(&["a", "b", "c", "d", "e"]);
    lab.reset(1);
    lab.run_ms(400);
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks -1 0[a]@1000/0:0");
    for _ in 0..5 {
        lab.reply(0, ErrorCode::None);
    }
    insta::assert_snapshot!(lab.outcomes(), @r"
    0.000 producer 1000/0
    1.030 kq-0 retries 1: NETWORK_EXCEPTION
    1.030 kq-0 retries 1: NETWORK_EXCEPTION
    1.030 kq-0 retries 1: NETWORK_EXCEPTION
    1.030 kq-0 retries 1: NETWORK_EXCEPTION
    1.030 kq-0 retries 1: NETWORK_EXCEPTION
    1.430 kq-0 #0 at 100 after 430ms
    1.430 kq-0 #1 at 100 after 424ms
    1.430 kq-0 #2 at 100 after 418ms
    1.430 kq-0 #3 at 100 after 412ms
    1.430 kq-0 #4 at 100 after 406ms
    ");
    lab.check_outcomes();
}

#[test]
fn one_in_flight_keeps_the_order_without_idempotence() {
    let settings =
        [("enable.idempotence", "false"), ("max.in.flight.requests.per.connection", "1")];
    let mut lab = lab(&[1], &settings);
    lab.send_apart(&["a", "b"]);
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks -1 0[a]");
    lab.reply(0, ErrorCode::NotEnoughReplicas);
    lab.run_ms(200);
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks -1 0[a]");
    lab.reply(0, ErrorCode::None);
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks -1 0[b]");
    lab.reply(0, ErrorCode::None);
    lab.check_outcomes();
}

#[test]
fn a_gap_in_the_sequence_raises_the_epoch_and_starts_over() {
    let mut lab = lab(&[1], &[]);
    lab.send_apart(&["a", "b"]);
    // The first is the next one after nothing: the broker lost what came before.
    lab.reply(0, ErrorCode::OutOfOrderSequenceNumber);
    lab.reply(0, ErrorCode::OutOfOrderSequenceNumber);
    lab.run_ms(200);
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks -1 0[a]@1000/1:0");
    lab.reply(0, ErrorCode::None);
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks -1 0[b]@1000/1:1");
    lab.reply(0, ErrorCode::None);
    insta::assert_snapshot!(lab.outcomes(), @r"
    0.000 producer 1000/0
    1.012 kq-0 retries 1: OUT_OF_ORDER_SEQUENCE_NUMBER
    1.012 producer 1000/1
    1.012 kq-0 retries 1: OUT_OF_ORDER_SEQUENCE_NUMBER
    1.212 kq-0 #0 at 100 after 212ms
    1.212 kq-0 #1 at 100 after 206ms
    ");
    lab.check_outcomes();
}

#[test]
fn a_batch_that_comes_too_early_is_sent_again_under_its_own_number() {
    let mut lab = lab(&[1], &[]);
    lab.send_apart(&["a", "b"]);
    lab.reply(0, ErrorCode::NotEnoughReplicas);
    lab.reply(0, ErrorCode::OutOfOrderSequenceNumber);
    lab.run_ms(300);
    lab.reply(0, ErrorCode::None);
    lab.run_ms(300);
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks -1 0[b]@1000/0:1");
    lab.reply(0, ErrorCode::None);
    lab.check_outcomes();
}

#[test]
fn unknown_producer_id_starts_over_in_the_next_epoch() {
    let mut lab = lab(&[1], &[]);
    lab.send_apart(&["a"]);
    lab.reply(0, ErrorCode::None);
    lab.send_apart(&["b"]);
    let (index, request) = lab.nth_produce(0);
    let refused = ProducePartitionResponse {
        topic: request.partitions[0].topic.clone(),
        partition: PartitionIndex(0),
        error: ErrorCode::UnknownProducerId,
        base_offset: None,
        log_append_time: None,
        log_start_offset: Some(Offset(500)),
        error_message: None,
        current_leader: None,
    };
    let response =
        ProduceResponse { partitions: [refused].into_iter().collect(), ..Default::default() };
    lab.answer_at(index, ResponseBody::Produce(response));
    lab.run_ms(200);
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks -1 0[b]@1000/1:0");
    lab.reply(0, ErrorCode::None);
    lab.check_outcomes();
}

#[test]
fn a_batch_refused_for_good_raises_the_epoch_for_those_behind_it() {
    let mut lab = lab(&[1], &[]);
    lab.send_apart(&["a", "b"]);
    lab.reply(0, ErrorCode::InvalidRecord);
    lab.reply(0, ErrorCode::OutOfOrderSequenceNumber);
    lab.run_ms(200);
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks -1 0[b]@1000/1:0");
    lab.reply(0, ErrorCode::None);
    insta::assert_snapshot!(lab.outcomes(), @r"
    0.000 producer 1000/0
    1.012 kq-0 #0 INVALID_RECORD
    1.012 producer 1000/1
    1.012 kq-0 retries 1: OUT_OF_ORDER_SEQUENCE_NUMBER
    1.212 kq-0 #1 at 100 after 206ms
    ");
    lab.check_outcomes();
}

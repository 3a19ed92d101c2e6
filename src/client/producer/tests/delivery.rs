//! When a record is done: acknowledged, refused, expired, or the producer closed.

use super::*;

#[test]
fn acks_zero_waits_for_nobody() {
    let mut lab = lab(&[1], &[("acks", "0"), ("linger.ms", "0")]);
    for value in ["a", "b", "c", "d", "e", "f", "g"] {
        lab.send(value);
    }
    assert_eq!(lab.requests().lines().count(), 7, "nothing is in flight that waits for an answer");
    assert_eq!(lab.client.in_flight(BrokerId(1)), 0);
    assert!(lab.outcomes().ends_with("1.000 kq-0 #6 at -1 after 0s\n"), "{}", lab.outcomes());
    lab.check_outcomes();
}

#[test]
fn acks_one_is_not_idempotent() {
    let mut lab = lab(&[1], &[("acks", "1")]);
    lab.send_apart(&["a"]);
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks 1 0[a]");
    lab.reply(0, ErrorCode::NotEnoughReplicasAfterAppend);
    lab.run_ms(200);
    lab.reply(0, ErrorCode::None);
    insta::assert_snapshot!(lab.outcomes(), @r"
    1.006 kq-0 retries 1: NOT_ENOUGH_REPLICAS_AFTER_APPEND
    1.206 kq-0 #0 at 100 after 206ms
    ");
    lab.check_outcomes();
}

#[test]
fn a_duplicate_is_a_success_without_offset() {
    let mut lab = lab(&[1], &[]);
    lab.send_apart(&["a"]);
    lab.reply(0, ErrorCode::DuplicateSequenceNumber);
    insta::assert_snapshot!(lab.outcomes(), @r"
    0.000 producer 1000/0
    1.006 kq-0 #0 at -1 after 6ms
    ");
    lab.send_apart(&["b"]);
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks -1 0[b]@1000/0:1");
}

#[test]
fn what_cannot_be_delivered_in_two_minutes_fails() {
    let mut lab = lab(&[1], &[]);
    lab.kill(1);
    lab.run_ms(50);
    lab.send("a");
    lab.run_for(Duration::from_secs(119));
    assert_eq!(lab.client.stats().failed, 0);
    lab.run_for(Duration::from_secs(2));
    insta::assert_snapshot!(lab.outcomes(), @r"
    0.000 producer 1000/0
    121.050 kq-0 #0 REQUEST_TIMED_OUT
    ");
    lab.check_outcomes();
}

#[test]
fn a_batch_that_expired_after_a_try_leaves_its_sequence_unresolved() {
    let settings = [("delivery.timeout.ms", "2s"), ("request.timeout.ms", "1s")];
    let mut lab = lab(&[1], &settings);
    lab.send_apart(&["a"]);
    // The first try is given up with its connection, the second with the batch.
    lab.run_ms(2_000);
    insta::assert_snapshot!(lab.outcomes(), @r"
    0.000 producer 1000/0
    2.006 kq-0 retries 1: REQUEST_TIMED_OUT
    3.000 kq-0 #0 REQUEST_TIMED_OUT
    ");
    assert_eq!(lab.client.in_flight(BrokerId(1)), 1);
    // Whether the broker has `a` is unknown: what comes after begins a new epoch.
    lab.send_apart(&["b"]);
    assert!(lab.requests().ends_with("0[b]@1000/1:0\n"), "{}", lab.requests());
}

#[test]
fn a_late_answer_to_an_expired_batch_changes_nothing() {
    let settings = [("delivery.timeout.ms", "40s"), ("request.timeout.ms", "30s")];
    let mut lab = lab(&[1, 1], &settings);
    lab.send_apart(&["a"]);
    lab.run_for(Duration::from_secs(20));
    lab.reply(0, ErrorCode::NotEnoughReplicas);
    lab.run_for(Duration::from_secs(25));
    assert_eq!(lab.client.stats().failed, 1);
    lab.reply(0, ErrorCode::None);
    lab.check_outcomes();
    lab.send_apart(&["b"]);
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks -1 0[b]@1000/0:1");
}

#[test]
fn retries_zero_fails_at_the_first_error() {
    let mut lab = lab(&[1], &[("retries", "0"), ("acks", "1")]);
    lab.send_apart(&["a"]);
    lab.reply(0, ErrorCode::NotLeaderOrFollower);
    insta::assert_snapshot!(lab.outcomes(), @"1.006 kq-0 #0 NOT_LEADER_OR_FOLLOWER");
    lab.check_outcomes();
}

#[test]
fn a_batch_too_large_for_the_broker_is_split() {
    let mut lab = lab(&[1], &[("batch.size", "200")]);
    let values: Vec<_> = (0..2).map(|number| format!("{number:043}")).collect();
    lab.send(&values[0]);
    lab.send(&values[1]);
    lab.run_ms(5);
    lab.client.accumulator.batch_size = 100;
    lab.reply(0, ErrorCode::MessageTooLarge);
    // The parts have the sequence they had, and leave one after the other.
    assert!(lab.requests().ends_with("00]@1000/0:0\n"), "{}", lab.requests());
    lab.reply(0, ErrorCode::None);
    assert!(lab.requests().ends_with("01]@1000/0:1\n"), "{}", lab.requests());
    lab.reply(0, ErrorCode::None);
    lab.check_outcomes();
    assert_eq!(lab.client.free_memory(), 33_554_432);
}

#[test]
fn a_record_too_large_for_a_request_fails_in_send() {
    let mut lab = lab(&[1], &[("max.request.size", "1000")]);
    lab.send(&"x".repeat(1_000));
    insta::assert_snapshot!(lab.outcomes(), @r"
    0.000 producer 1000/0
    1.000 kq-0 #0 MESSAGE_TOO_LARGE
    ");
    lab.check_outcomes();
}

#[test]
fn close_sends_what_lingers_and_ends_when_all_is_answered() {
    let mut lab = lab(&[1], &[("linger.ms", "60000"), ("delivery.timeout.ms", "120s")]);
    lab.send("a");
    lab.run_ms(10);
    lab.give(Input::Shutdown);
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks -1 0[a]@1000/0:0");
    assert_eq!(lab.exit, None);
    lab.send("late");
    lab.reply(0, ErrorCode::None);
    assert_eq!(lab.exit, Some(0));
    lab.check_outcomes();
    assert_eq!(lab.client.stats().sent, 1, "nothing is taken any more");
}

#[test]
fn close_gives_up_after_its_timeout() {
    let cluster = Cardboard::of(1).topic("kq", &[1]);
    let mut lab = lab_of(cluster, &[], |spec| spec.close_timeout = Some(Duration::from_secs(3)));
    lab.send_apart(&["a"]);
    lab.give(Input::Shutdown);
    lab.run_ms(2_999);
    assert_eq!(lab.exit, None);
    lab.run_ms(1);
    assert_eq!(lab.exit, Some(0));
    insta::assert_snapshot!(lab.outcomes(), @r"
    0.000 producer 1000/0
    4.006 kq-0 #0 UNKNOWN_SERVER_ERROR
    ");
    lab.check_outcomes();
}

#[test]
fn an_idle_producer_closes_at_once() {
    let mut lab = lab(&[1], &[]);
    lab.give(Input::Shutdown);
    assert_eq!(lab.exit, Some(0));
}

#[test]
fn an_unanswered_request_is_given_up_with_its_connection() {
    let mut lab = lab(&[1, 1], &[]);
    lab.send_apart(&["a"]);
    lab.run_for(Duration::from_secs(31));
    insta::assert_snapshot!(lab.outcomes(), @r"
    0.000 producer 1000/0
    31.006 kq-0 retries 1: REQUEST_TIMED_OUT
    ");
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks -1 0[a]@1000/0:0");
}

#[test]
fn a_sender_that_sleeps_notices_late_that_a_request_had_its_time() {
    let settings = [
        ("delivery.timeout.ms", "6s"),
        ("request.timeout.ms", "5s"),
        ("enable.idempotence", "false"),
        ("retries", "0"),
        ("acks", "1"),
    ];
    let mut lab = lab(&[1], &settings);
    lab.send_apart(&["a", "b"]);
    lab.run_ms(4_000);
    // The answer to `a` wakes the sender, which then sleeps until `b` has had its delivery timeout.
    lab.reply(0, ErrorCode::None);
    lab.run_ms(4_000);
    insta::assert_snapshot!(lab.outcomes(), @r"
    5.012 kq-0 #0 at 100 after 4012ms
    7.000 kq-0 #1 REQUEST_TIMED_OUT
    ");
    lab.check_outcomes();
}

#[test]
fn nothing_expires_while_the_producer_id_is_asked_for() {
    let mut cluster = Cardboard::of(1).topic("kq", &[1]);
    cluster.by_hand.insert(crate::protocol::Api::InitProducerId);
    let mut lab = lab_of(cluster, &[], |_| {});
    lab.send("a");
    lab.run_for(Duration::from_secs(200));
    assert_eq!((lab.client.stats().failed, lab.client.queued_batches()), (0, 1));
    lab.cluster.by_hand.clear();
    lab.run_for(Duration::from_secs(31));
    assert_eq!(lab.client.stats().failed, 1);
    lab.check_outcomes();
}

#[test]
fn close_ends_a_call_of_send_that_waits() {
    let mut lab = lab_of(Cardboard::of(1), &[], |_| {});
    lab.send("a");
    lab.run_ms(100);
    assert!(lab.client.is_blocked());
    lab.give(Input::Shutdown);
    assert!(lab.outcomes().ends_with("1.100 kq-0 #0 UNKNOWN_SERVER_ERROR\n"));
    assert_eq!(lab.exit, Some(0));
}

#[test]
fn nothing_is_sent_while_the_producer_id_is_asked_for() {
    let mut cluster = Cardboard::of(1).topic("kq", &[1]);
    cluster.by_hand.insert(crate::protocol::Api::InitProducerId);
    let mut lab = lab_of(cluster, &[], |_| {});
    lab.send("a");
    lab.run_for(Duration::from_secs(20));
    assert_eq!(lab.requests(), "");
    lab.answer(
        crate::protocol::Api::InitProducerId,
        ResponseBody::InitProducerId(Box::new(
            kafka_protocol::messages::InitProducerIdResponse::default()
                .with_error_code(ErrorCode::CoordinatorLoadInProgress.code()),
        )),
    );
    assert_eq!(lab.unanswered.len(), 0);
    lab.cluster.by_hand.clear();
    lab.run_ms(100);
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks -1 0[a]@1000/0:0");
}

//! The application: its cadence, its keys, and what makes it wait.

use super::*;

fn rated(settings: &[(&str, &str)], change: impl FnOnce(&mut ApplicationSpec)) -> Lab<Producer> {
    let cluster = Cardboard::of(1).topic("kq", &[1]);
    lab_of(cluster, settings, |spec| change(&mut spec.application))
}

fn sent_at(lab: &Lab<Producer>) -> Vec<u64> {
    let sent = lab.facts.iter().filter(|(_, fact)| matches!(fact, Fact::RecordSent { .. }));
    sent.map(|(at, _)| at.as_nanos() / 1_000).collect()
}

#[test]
fn records_are_sent_at_even_distances() {
    let mut lab = rated(&[("acks", "0")], |application| {
        application.per_kilosecond = 3_000;
        application.start = Duration::from_secs(2);
        application.count = Some(7);
    });
    lab.run_for(Duration::from_secs(10));
    let due = [2_000_000, 2_333_333, 2_666_666, 3_000_000, 3_333_333, 3_666_666, 4_000_000];
    assert_eq!(sent_at(&lab), due);
    assert!(lab.client.is_done());
    lab.check_outcomes();
}

#[test]
fn values_are_unique_and_padded_and_keys_take_turns() {
    let mut lab = rated(&[], |application| {
        application.per_kilosecond = 1_000_000;
        application.count = Some(3);
        application.value_size = 8;
        application.start = Duration::from_millis(995);
        application.keys = Keys::Cycle(vec!["a".into(), "b".into()]);
    });
    lab.run_ms(5);
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks -1 0[web-0... web-1... web-2...]@1000/0:0");
    let (_, request) = lab.nth_produce(0);
    let keys: Vec<_> = request.partitions[0].records[0]
        .iter()
        .map(|record| record.expect("valid").key.expect("a key").to_vec())
        .collect();
    assert_eq!(keys, [b"a", b"b", b"a"]);
    let first = request.partitions[0].records[0].base_timestamp().0;
    assert_eq!(first, testing::WALL + 995);
}

#[test]
fn a_new_rate_counts_from_the_last_record() {
    let mut lab = rated(&[("acks", "0")], |application| {
        application.per_kilosecond = 1_000;
        application.start = Duration::from_millis(1_500);
    });
    lab.run_ms(2_000);
    assert_eq!(sent_at(&lab), [1_500_000, 2_500_000]);
    lab.give(Input::Instruction(Instruction::Rate { per_kilosecond: 2_000 }));
    lab.run_ms(600);
    lab.give(Input::Instruction(Instruction::Rate { per_kilosecond: 0 }));
    lab.run_ms(5_000);
    assert_eq!(sent_at(&lab)[2..], [3_000_000, 3_500_000]);
    lab.give(Input::Instruction(Instruction::Rate { per_kilosecond: 1_000 }));
    lab.run_ms(1_000);
    assert_eq!(sent_at(&lab)[4..], [8_600_000, 9_600_000]);
}

#[test]
fn a_synchronous_application_waits_for_each_outcome() {
    let mut lab = rated(&[("linger.ms", "0")], |application| {
        application.per_kilosecond = 100_000;
        application.start = Duration::from_secs(1);
        application.mode = SendMode::Sync;
    });
    assert_eq!(lab.requests().lines().count(), 1);
    lab.run_ms(35);
    assert_eq!(lab.requests().lines().count(), 1);
    assert!(lab.client.is_blocked());
    lab.reply(0, ErrorCode::None);
    // It is late and goes on from here; it does not catch up.
    assert_eq!(sent_at(&lab), [1_000_000, 1_035_000]);
    lab.run_ms(2);
    lab.reply(0, ErrorCode::None);
    lab.run_ms(8);
    assert_eq!(sent_at(&lab), [1_000_000, 1_035_000, 1_045_000]);
}

#[test]
fn send_waits_for_a_topic_that_does_not_exist_yet() {
    let mut lab = lab_of(Cardboard::of(1), &[], |_| {});
    lab.send("a");
    lab.send("b");
    lab.run_for(Duration::from_secs(10));
    assert_eq!(lab.client.stats().sent, 0);
    assert!(lab.client.is_blocked());
    lab.cluster = lab.cluster.clone().topic("kq", &[1]);
    lab.run_ms(1_300);
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks -1 0[a b]@1000/0:0");
    lab.reply(0, ErrorCode::None);
    lab.check_outcomes();
}

#[test]
fn send_gives_up_after_max_block() {
    let mut lab = lab_of(Cardboard::of(1), &[("max.block.ms", "2s")], |_| {});
    lab.send("a");
    lab.send("b");
    lab.run_for(Duration::from_secs(5));
    // The second call of send begins when the first one has returned.
    insta::assert_snapshot!(lab.outcomes(), @r"
    0.000 producer 1000/0
    3.000 kq-0 #0 REQUEST_TIMED_OUT
    5.000 kq-0 #1 REQUEST_TIMED_OUT
    ");
    lab.check_outcomes();
}

#[test]
fn a_partition_that_does_not_exist_is_waited_for() {
    let mut lab = lab(&[1], &[("max.block.ms", "1s")]);
    lab.send_to(Some(3), None, "a");
    lab.run_ms(1_000);
    insta::assert_snapshot!(lab.outcomes(), @r"
    0.000 producer 1000/0
    2.000 kq-3 #0 REQUEST_TIMED_OUT
    ");
}

#[test]
fn an_invalid_topic_fails_at_once() {
    let cluster = Cardboard::of(1).topic("kq", &[1]);
    let mut lab = lab_of(cluster, &[], |_| {});
    lab.cluster = lab.cluster.clone().topic("bad", &[]);
    lab.cluster.topics.get_mut("bad").expect("made").error = ErrorCode::InvalidTopicException;
    lab.give(Input::Instruction(Instruction::Produce {
        topic: "bad".into(),
        partition: None,
        key: None,
        value: "x".into(),
    }));
    insta::assert_snapshot!(lab.outcomes(), @r"
    0.000 producer 1000/0
    1.000 bad--1 #0 INVALID_TOPIC_EXCEPTION
    ");
    lab.check_outcomes();
}

#[test]
fn a_full_buffer_blocks_send_until_an_answer_frees_memory() {
    let settings = [
        ("buffer.memory", "400"),
        ("batch.size", "200"),
        ("linger.ms", "60000"),
        ("delivery.timeout.ms", "120s"),
    ];
    let mut lab = lab(&[1, 1, 1], &settings);
    for (partition, value) in [(0, "a"), (1, "b"), (2, "c"), (2, "d")] {
        lab.send_to(Some(partition), None, value);
    }
    // Two batches take all memory: the third call of send waits, and so nothing lingers.
    assert_eq!((lab.client.stats().sent, lab.client.free_memory()), (2, 0));
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks -1 0[a]@1000/0:0 1[b]@1000/0:0");
    lab.run_ms(100);
    lab.reply(0, ErrorCode::None);
    assert_eq!((lab.client.stats().sent, lab.client.free_memory()), (4, 200));
    assert_eq!(lab.requests(), "", "now they may linger again");
    lab.run_for(Duration::from_secs(60));
    insta::assert_snapshot!(lab.requests(), @"broker 1: acks -1 2[c d]@1000/0:0");
    lab.reply(0, ErrorCode::None);
    lab.check_outcomes();
}

#[test]
fn a_full_buffer_makes_send_give_up_after_max_block() {
    let settings = [("buffer.memory", "200"), ("batch.size", "200"), ("max.block.ms", "500")];
    let mut lab = lab(&[1, 1], &settings);
    lab.send_to(Some(0), None, "a");
    lab.send_to(Some(1), None, "b");
    lab.run_ms(500);
    insta::assert_snapshot!(lab.outcomes(), @r"
    0.000 producer 1000/0
    1.500 kq-1 #1 REQUEST_TIMED_OUT
    ");
    lab.reply(0, ErrorCode::None);
    lab.check_outcomes();
}

#[test]
fn a_topic_in_use_stays_known_and_one_out_of_use_does_not() {
    let mut lab = rated(&[("acks", "0")], |application| {
        application.per_kilosecond = 100;
        application.start = Duration::from_secs(1);
        application.count = Some(40);
    });
    lab.run_for(Duration::from_secs(390));
    assert!(lab.client.metadata().wants("kq"));
    lab.run_for(Duration::from_secs(650));
    assert!(!lab.client.metadata().wants("kq"));
    lab.send_to(None, None, "again");
    lab.run_ms(10);
    assert_eq!(lab.client.stats().acked, 41);
}

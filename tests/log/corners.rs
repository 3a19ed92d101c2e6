//! Corners of appending, reading and cleaning up.

use std::sync::Arc;

use kafkascope::fact::Fact;
use kafkascope::ids::{Offset, PartitionIndex, ProducerEpoch, ProducerId, Timestamp};
use kafkascope::log::{AppendError, AppendOrigin, Log, LogConfig, OffsetQuery};
use kafkascope::protocol::{BatchBuilder, EndTxn, ErrorCode, TimestampType};

use crate::{EPOCH, Setup, idempotent, one, records};

#[test]
fn a_repeated_batch_gets_the_offsets_of_the_first_time() {
    let mut setup = Setup::new(LogConfig::default());
    let batch = idempotent(0, setup.out.wall);
    let first = setup.append(batch.clone()).expect("it is new");
    setup.append(idempotent(2, setup.out.wall)).expect("it follows");
    let again = setup.append(batch).expect("it is known");
    assert!(again.is_duplicate);
    assert_eq!((again.first_offset, again.last_offset), (first.first_offset, first.last_offset));
    assert_eq!(setup.log.log_end_offset(), Offset(4));
}

#[test]
fn a_gap_in_the_sequence_is_refused_and_nothing_is_appended() {
    let mut setup = Setup::new(LogConfig::default());
    setup.append(idempotent(0, setup.out.wall)).expect("it is new");
    let refused = setup.append(idempotent(3, setup.out.wall)).expect_err("2 is missing");
    assert_eq!(refused.code(), ErrorCode::OutOfOrderSequenceNumber);
    assert_eq!(setup.log.log_end_offset(), Offset(2));
}

#[test]
fn log_append_time_overrides_what_the_producer_says() {
    let message_timestamp_type = TimestampType::LogAppendTime;
    let mut setup = Setup::new(LogConfig { message_timestamp_type, ..LogConfig::default() });
    let now = setup.out.wall;
    let info = setup.append(one(Timestamp(1))).expect("any time will do");
    assert_eq!((info.log_append_time, info.max_timestamp), (Some(now), now));
    let Setup { disk, log, .. } = &mut setup;
    let read = log.read(disk, Offset(0), 1_000, Offset(1), true).expect("it is there");
    let record = read.records[0].iter().next().expect("one record").expect("a whole one");
    assert_eq!(record.timestamp, now);
    assert!(read.records[0].is_valid(), "the CRC covers the new time");
}

#[test]
fn a_follower_holds_the_very_batch_of_the_leader() {
    let mut leader = Setup::new(LogConfig::default());
    leader.append_one();
    let Setup { disk, log, .. } = &mut leader;
    let read = log.read(disk, Offset(0), 1_000, Offset(1), true).expect("it is there");
    let mut follower = Setup::new(LogConfig::default());
    let Setup { disk, log, out } = &mut follower;
    log.append_as_follower(disk, &read.records, EPOCH, out).expect("it follows");
    let copy = log.read(disk, Offset(0), 1_000, Offset(1), true).expect("it is there");
    assert!(Arc::ptr_eq(&read.records[0], &copy.records[0]));
    assert_eq!(log.latest_epoch(), Some(EPOCH));
}

#[test]
fn a_follower_takes_no_batch_from_before_its_end() {
    let mut setup = Setup::new(LogConfig::default());
    setup.append_one();
    let Setup { disk, log, out } = &mut setup;
    let old = Arc::new(one(out.wall).with_place(Offset(0), EPOCH));
    let refused = log.append_as_follower(disk, &[old], EPOCH, out).expect_err("0 is taken");
    assert!(matches!(refused, AppendError::UnexpectedOffset { .. }), "{refused:?}");
}

#[test]
fn a_batch_is_read_whole_or_not_at_all() {
    let mut setup = Setup::new(LogConfig::default());
    setup.append(records(3, setup.out.wall)).expect("it is valid");
    setup.append(records(3, setup.out.wall)).expect("it is valid");
    let Setup { disk, log, .. } = &mut setup;
    let read = log.read(disk, Offset(1), 10_000, Offset(6), true).expect("it is there");
    assert_eq!((read.start.offset, read.records.len()), (Offset(0), 2));
    let read = log.read(disk, Offset(1), 10_000, Offset(5), true).expect("it is there");
    assert_eq!(read.records.len(), 1, "the limit lies inside the second batch");
    let read = log.read(disk, Offset(4), 1, Offset(6), true).expect("it is there");
    assert_eq!(read.records.len(), 1, "one batch comes however large");
    let read = log.read(disk, Offset(4), 1, Offset(6), false).expect("it is there");
    assert!(read.records.is_empty() && read.first_entry_incomplete);
}

#[test]
fn rolling_an_empty_segment_changes_nothing() {
    let mut setup = Setup::new(LogConfig::default());
    setup.append_one();
    for _ in 0..2 {
        setup.log.roll(&mut setup.disk, &mut setup.out);
        assert_eq!(setup.base_offsets(), [0, 1]);
    }
}

#[test]
fn a_segment_that_would_grow_too_large_is_rolled_before() {
    let size = one(Timestamp(0)).size_in_bytes() as u32;
    let internal_segment_bytes = Some(2 * size);
    let mut setup = Setup::new(LogConfig { internal_segment_bytes, ..LogConfig::default() });
    for _ in 0..5 {
        setup.append_one();
    }
    assert_eq!(setup.base_offsets(), [0, 2, 4]);
    let rolls = |fact: &Fact| matches!(fact, Fact::SegmentRolled { .. });
    assert_eq!(setup.told().into_iter().filter(rolls).count(), 2);
}

#[test]
fn retention_waits_for_the_high_watermark() {
    let mut setup = Setup::new(LogConfig { retention_bytes: 0, ..LogConfig::default() });
    setup.append_one();
    setup.log.roll(&mut setup.disk, &mut setup.out);
    setup.append(one(setup.out.wall)).expect("it is valid");
    setup.log.roll(&mut setup.disk, &mut setup.out);
    let Setup { disk, log, out } = &mut setup;
    assert_eq!(log.delete_old_segments(disk, out), 1);
    assert_eq!((log.log_start_offset(), log.high_watermark()), (Offset(1), Offset(1)));
    log.maybe_increment_high_watermark(Offset(2));
    assert_eq!(log.delete_old_segments(disk, out), 1);
    assert_eq!(setup.base_offsets(), [2]);
}

#[test]
fn a_log_all_too_old_keeps_an_empty_segment() {
    let mut setup = Setup::new(LogConfig { retention_ms: 1_000, ..LogConfig::default() });
    setup.append_one();
    setup.out.wall.0 += 1_001;
    let Setup { disk, log, out } = &mut setup;
    assert_eq!(log.delete_old_segments(disk, out), 1);
    assert_eq!((log.log_start_offset(), log.log_end_offset()), (Offset(1), Offset(1)));
    assert_eq!(setup.base_offsets(), [1]);
}

#[test]
fn deleted_files_are_removed_a_minute_later() {
    let mut setup = Setup::new(LogConfig { retention_ms: 1_000, ..LogConfig::default() });
    setup.append_one();
    setup.out.wall.0 += 1_001;
    let Setup { disk, log, out } = &mut setup;
    log.delete_old_segments(disk, out);
    log.run_tasks(disk, out.wall);
    let renamed = |files: Vec<String>| files.iter().any(|name| name.ends_with(".deleted"));
    assert!(renamed(setup.files()));
    let Setup { disk, log, out } = &mut setup;
    assert_eq!(log.next_task(), Some(Timestamp(out.wall.0 + 60_000)));
    log.run_tasks(disk, Timestamp(out.wall.0 + 60_000));
    assert!(!renamed(setup.files()));
}

#[test]
fn deleted_records_may_end_inside_a_batch() {
    let mut setup = Setup::new(LogConfig::default());
    setup.append(records(3, setup.out.wall)).expect("it is valid");
    let Setup { disk, log, out } = &mut setup;
    assert_eq!(log.maybe_increment_log_start_offset(Offset(2), out), None);
    log.maybe_increment_high_watermark(Offset(3));
    assert_eq!(log.maybe_increment_log_start_offset(Offset(2), out), Some(true));
    let before = log.read(disk, Offset(1), 1_000, Offset(3), true);
    assert_eq!(before.err(), Some(ErrorCode::OffsetOutOfRange));
    let read = log.read(disk, Offset(2), 1_000, Offset(3), true).expect("it is there");
    assert_eq!((read.start.offset, read.records.len()), (Offset(0), 1));
}

#[test]
fn an_open_transaction_holds_back_the_last_stable_offset() {
    let mut setup = Setup::new(LogConfig::default());
    setup.append_one();
    let (id, epoch, now) = (ProducerId(3), ProducerEpoch(0), setup.out.wall);
    let mut builder = BatchBuilder::new().transactional();
    builder.set_producer(id, epoch, 0);
    builder.append(now, None, Some(b"value"), &[]);
    setup.append(builder.build().expect("a record")).expect("a transaction begins");
    setup.append_one();
    assert_eq!(setup.log.first_unstable_offset(), Some(Offset(1)));
    assert_eq!(setup.log.last_stable_offset(), Offset(1));

    let marker = EndTxn { commit: false, coordinator_epoch: 0 }.batch(id, epoch, now);
    let Setup { disk, log, out } = &mut setup;
    log.append_as_leader(disk, &[Arc::new(marker)], EPOCH, AppendOrigin::Coordinator, out)
        .expect("it ends");
    assert_eq!(log.last_stable_offset(), Offset(1), "until the marker is replicated");
    log.maybe_increment_high_watermark(Offset(4));
    assert_eq!(log.last_stable_offset(), Offset(4));
    let read = log.read(disk, Offset(0), 1_000, Offset(4), true).expect("it is there");
    assert_eq!(log.aborted_transactions(disk, Offset(0), &read)[..], [(id, Offset(1))]);
}

#[test]
fn offsets_are_found_by_time() {
    let mut setup = Setup::new(LogConfig::default());
    let start = setup.out.wall;
    for late in [0, 20, 10] {
        setup.append(one(Timestamp(start.0 - 100 + late))).expect("it is valid");
    }
    let Setup { disk, log, .. } = &mut setup;
    let mut find = |query| log.fetch_offset(disk, query).map(|found| found.offset.0);
    let after = |ms| OffsetQuery::Timestamp(Timestamp(start.0 - 100 + ms));
    assert_eq!(find(after(0)), Some(0));
    assert_eq!(find(after(5)), Some(1));
    assert_eq!(find(after(21)), None);
    assert_eq!(find(OffsetQuery::MaxTimestamp), Some(1));
    assert_eq!((find(OffsetQuery::Earliest), find(OffsetQuery::Latest)), (Some(0), Some(3)));
}

#[test]
fn truncating_takes_back_epochs_and_producers() {
    let mut setup = Setup::new(LogConfig::default());
    setup.append(idempotent(0, setup.out.wall)).expect("it is new");
    let Setup { disk, log, out } = &mut setup;
    let newer = EPOCH.next();
    log.assign_epoch_start_offset(disk, newer, Offset(2));
    let batch = idempotent(2, out.wall);
    log.append_as_leader(disk, &[Arc::new(batch)], newer, AppendOrigin::Client, out)
        .expect("it follows");
    assert!(log.truncate_to(disk, Offset(2), out));
    assert_eq!((log.latest_epoch(), log.log_end_offset()), (Some(EPOCH), Offset(2)));
    let producer = log.producers().entry(ProducerId(7)).expect("its first batch is there");
    assert_eq!(producer.last_sequence(), 1);
    let (from, to) = (Offset(4), Offset(2));
    let tp = log.topic_partition();
    assert!(setup.told().contains(&Fact::LogTruncated { tp, from, to }));
}

#[test]
fn a_copy_of_a_log_goes_its_own_way() {
    let mut setup = Setup::new(LogConfig::default());
    setup.append_one();
    let mut disk = setup.disk.clone();
    let mut copy = setup.log.clone();
    let batch = Arc::new(one(setup.out.wall));
    copy.append_as_leader(&mut disk, &[batch], EPOCH, AppendOrigin::Client, &mut setup.out)
        .expect("it is valid");
    assert_eq!((setup.log.log_end_offset(), copy.log_end_offset()), (Offset(1), Offset(2)));
    assert!(setup.log.read(&mut setup.disk, Offset(1), 100, Offset(1), true).is_ok());
}

#[test]
fn a_log_nobody_wrote_to_has_no_files_until_somebody_looks() {
    let mut setup = Setup::new(LogConfig::default());
    assert!(setup.log.is_implied() && setup.files().is_empty());
    setup.log.assign_epoch_start_offset(&mut setup.disk, EPOCH, Offset(0));
    assert!(setup.log.is_implied());
    setup.log.materialize(&mut setup.disk);
    assert_eq!(
        setup.files(),
        [
            "00000000000000000000.index",
            "00000000000000000000.log",
            "00000000000000000000.timeindex",
            "leader-epoch-checkpoint",
            "partition.metadata",
        ]
    );
    let home = Arc::clone(setup.log.home());
    let Setup { disk, out, .. } = &mut setup;
    let zero = (Offset(0), Offset(0));
    let log = Log::load(disk, home, PartitionIndex(0), true, zero, out).log;
    assert_eq!(log.latest_epoch(), None, "an epoch without records is forgotten at the next start");
}

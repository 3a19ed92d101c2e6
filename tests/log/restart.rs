//! What a process finds that starts after another one ended.

use kafkascope::ids::{Offset, ProducerId};
use kafkascope::log::LogConfig;
use kafkascope::protocol::ErrorCode;
use kafkascope::sim::disk::Block;

use crate::{Setup, idempotent, one};

const LOG: &str = "d/orders-0/00000000000000000000.log";

#[test]
fn a_torn_batch_is_cut_off() {
    let mut setup = Setup::new(LogConfig::default());
    setup.append_one();
    setup.append_one();
    let file = setup.disk.open(LOG).expect("it was written to");
    let size = setup.disk.len(file);
    setup.disk.truncate(file, size - 1);
    let whole = one(setup.out.wall).size_in_bytes();
    assert_eq!(setup.kill(), whole - 1);
    assert_eq!(setup.log.log_end_offset(), Offset(1));
    assert_eq!(setup.disk.len(file), whole);
}

#[test]
fn what_comes_after_a_rotten_batch_is_lost_with_it() {
    let mut setup = Setup::new(LogConfig::default());
    for _ in 0..3 {
        setup.append_one();
    }
    let whole = one(setup.out.wall).size_in_bytes();
    let file = setup.disk.open(LOG).expect("it was written to");
    setup.disk.overwrite(file, 2 * whole - 1, &[0xff]);
    assert_eq!(setup.kill(), 2 * whole);
    assert_eq!(setup.log.log_end_offset(), Offset(1));
}

#[test]
fn what_was_flushed_is_not_read_again() {
    let mut setup = Setup::new(LogConfig::default());
    setup.append_one();
    setup.log.roll(&mut setup.disk, &mut setup.out);
    setup.append_one();
    setup.log.flush(&mut setup.disk, true, setup.out.wall);
    let file = setup.disk.open(LOG).expect("it was written to");
    setup.disk.overwrite(file, 66, &[0xff]);
    assert_eq!(setup.kill(), 0, "the flushed segment is believed");
    let Setup { disk, log, .. } = &mut setup;
    let read = log.read(disk, Offset(0), 1_000, Offset(2), true).expect("it can be walked");
    assert!(!read.records[0].is_valid(), "whoever reads it finds out");
}

#[test]
fn garbage_after_the_last_batch_is_cut_off() {
    let mut setup = Setup::new(LogConfig::default());
    setup.append_one();
    let file = setup.disk.open(LOG).expect("it was written to");
    setup.disk.append(file, Block::plain(vec![0; 100]));
    assert_eq!(setup.kill(), 100);
    assert_eq!(setup.log.log_end_offset(), Offset(1));
}

#[test]
fn producers_are_known_again_after_a_crash() {
    let mut setup = Setup::new(LogConfig::default());
    setup.append(idempotent(0, setup.out.wall)).expect("it is new");
    setup.log.roll(&mut setup.disk, &mut setup.out);
    setup.append(idempotent(2, setup.out.wall)).expect("it follows");
    setup.kill();
    let producer = setup.log.producers().entry(ProducerId(7)).expect("it has written");
    assert_eq!(producer.last_sequence(), 3);
    let again = setup.append(idempotent(2, setup.out.wall)).expect("it is known");
    assert!(again.is_duplicate);
    let refused = setup.append(idempotent(8, setup.out.wall)).expect_err("4 is missing");
    assert_eq!(refused.code(), ErrorCode::OutOfOrderSequenceNumber);
}

#[test]
fn a_lost_index_is_built_anew() {
    let config = LogConfig { index_interval_bytes: 1, ..LogConfig::default() };
    let mut setup = Setup::new(config);
    for _ in 0..10 {
        setup.append_one();
    }
    setup.log.flush(&mut setup.disk, true, setup.out.wall);
    setup.disk.remove("d/orders-0/00000000000000000000.index");
    assert_eq!(setup.kill(), 0);
    let entries = setup.log.active_segment().offset_index().entries();
    assert_eq!((setup.log.log_end_offset(), entries), (Offset(10), 9));
}

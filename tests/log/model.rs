//! Random operations on a log against a list of batches, with crashes and power cuts in between: what
//! was flushed is never lost, and nothing is ever read that was not appended.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use proptest::prelude::*;

use kafkascope::ids::{
    LeaderEpoch, Offset, PartitionIndex, ProducerEpoch, ProducerId, Timestamp, Uuid,
};
use kafkascope::log::{AppendOrigin, Disk, Log, LogConfig, LogHome, Segment};
use kafkascope::node::{Interest, Outbox};
use kafkascope::protocol::{Batch, BatchBuilder, Batches, ErrorCode};
use kafkascope::sim::rng::Stream;

/// What a log should hold.
#[derive(Clone, Debug)]
struct Known {
    base: Offset,
    next: Offset,
    bytes: Bytes,
}

struct Bench {
    disk: Disk,
    log: Log,
    out: Outbox,
    chance: Stream,
    known: Vec<Known>,
    log_end: Offset,
    epoch: LeaderEpoch,
    /// The checkpoint files: log start offset and recovery point.
    checkpoints: (Offset, Offset),
}

#[derive(Clone, Debug)]
enum Op {
    Append { records: u8, size: u8, producer: u8 },
    Follow { gap: u8, batches: u8, size: u8 },
    NewEpoch,
    Read { from: u16, max_bytes: u16, min_one: bool },
    HighWatermark(u16),
    Truncate(u16),
    StartAt(u8),
    Roll,
    Tasks,
    Time(u16),
    Retention,
    LogStart(u16),
    Flush,
    Checkpoint,
    CleanRestart,
    Kill,
    PowerCut,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        12 => (1..4_u8, 0..90_u8, 0..4_u8)
            .prop_map(|(records, size, producer)| Op::Append { records, size, producer }),
        4 => (0..3_u8, 1..4_u8, 0..90_u8)
            .prop_map(|(gap, batches, size)| Op::Follow { gap, batches, size }),
        2 => Just(Op::NewEpoch),
        6 => (any::<u16>(), 0..900_u16, any::<bool>())
            .prop_map(|(from, max_bytes, min_one)| Op::Read { from, max_bytes, min_one }),
        4 => any::<u16>().prop_map(Op::HighWatermark),
        2 => any::<u16>().prop_map(Op::Truncate),
        1 => any::<u8>().prop_map(Op::StartAt),
        1 => Just(Op::Roll),
        4 => Just(Op::Tasks),
        2 => any::<u16>().prop_map(Op::Time),
        2 => Just(Op::Retention),
        2 => any::<u16>().prop_map(Op::LogStart),
        1 => Just(Op::Flush),
        2 => Just(Op::Checkpoint),
        1 => Just(Op::CleanRestart),
        2 => Just(Op::Kill),
        3 => Just(Op::PowerCut),
    ];
    prop::collection::vec(op, 1..60)
}

impl Bench {
    fn new(seed: u64) -> Self {
        let config = LogConfig {
            internal_segment_bytes: Some(700),
            segment_index_bytes: 80,
            index_interval_bytes: 150,
            retention_bytes: 1_500,
            segment_ms: 40_000,
            file_delete_delay_ms: 5_000,
            ..LogConfig::default()
        };
        let home = LogHome { config, ..LogHome::new("d", "kq", Uuid(3)) };
        let mut out = Outbox::default();
        out.wall = Timestamp(1_700_000_000_000);
        out.interest = Interest::Everything;
        Self {
            disk: Disk::default(),
            log: Log::create(Arc::new(home), PartitionIndex(0), out.wall),
            out,
            chance: Stream::new(seed, "power"),
            known: Vec::new(),
            log_end: Offset(0),
            epoch: LeaderEpoch(0),
            checkpoints: (Offset(0), Offset(0)),
        }
    }

    fn apply(&mut self, op: &Op) {
        let Self { disk, log, out, .. } = self;
        match *op {
            Op::Append { records, size, producer } => self.append(records, size, producer),
            Op::Follow { gap, batches, size } => self.follow(gap, batches, size),
            Op::NewEpoch => {
                self.epoch = self.epoch.next();
                log.assign_epoch_start_offset(disk, self.epoch, self.log_end);
            }
            Op::Read { from, max_bytes, min_one } => self.read(from, max_bytes, min_one),
            Op::HighWatermark(at) => {
                let target = self.offset(at);
                self.log.update_high_watermark(target);
            }
            Op::Truncate(at) => self.truncate(at),
            Op::StartAt(by) => {
                let offset = self.log_end.plus(u64::from(by));
                log.truncate_fully_and_start_at(disk, offset, None, out);
                self.known.clear();
                self.log_end = offset;
                self.checkpoint();
            }
            Op::Roll => log.roll(disk, out),
            Op::Tasks => log.run_tasks(disk, out.wall),
            Op::Time(ms) => out.wall.0 += i64::from(ms),
            Op::Retention => {
                log.delete_old_segments(disk, out);
            }
            Op::LogStart(at) => {
                let offset = self.offset(at);
                let rose = self.log.maybe_increment_log_start_offset(offset, &mut self.out);
                assert_eq!(rose.is_none(), offset > self.log.high_watermark());
                self.checkpoint();
            }
            Op::Flush => {
                log.flush(disk, true, out.wall);
                assert_eq!(log.recovery_point(), log.log_end_offset());
            }
            Op::Checkpoint => self.checkpoint(),
            Op::CleanRestart => {
                log.flush(disk, true, out.wall);
                log.close(disk);
                self.checkpoint();
                self.reopen(true);
                assert_eq!(self.log.log_end_offset(), self.known_end());
            }
            Op::Kill => {
                log.materialize(disk);
                self.reopen(false);
                assert_eq!(self.log.log_end_offset(), self.known_end(), "the page cache survives");
            }
            Op::PowerCut => self.power_cut(),
        }
    }

    /// The offset after the last batch: where a log ends that was read from its files.
    fn known_end(&self) -> Offset {
        let base = self.log.segments().last().expect("a segment").base_offset();
        self.known.last().map_or(base, |batch| batch.next).max(base)
    }

    /// An offset from the log's start to its end.
    fn offset(&self, at: u16) -> Offset {
        let start = self.log.log_start_offset();
        let span = self.log_end.records_since(start) + 1;
        start.plus(u64::from(at) % span)
    }

    fn batch(&self, base: Offset, records: u8, size: u8, producer: u8) -> Batch {
        let epoch = (base != Offset(0)).then_some(self.epoch);
        let mut builder = BatchBuilder::new().place(base, epoch);
        if let id @ 1..=2 = producer {
            let id = ProducerId(i64::from(id));
            let known = self.log.producers().entry(id);
            let sequence = known.map_or(0, |known| known.last_sequence() + 1);
            builder.set_producer(id, ProducerEpoch(0), sequence);
        }
        for index in 0..records {
            let timestamp = Timestamp(self.out.wall.0 - i64::from(size) * 100 + i64::from(index));
            builder.append(timestamp, None, Some(&vec![b'x'; size as usize]), &[]);
        }
        builder.build().expect("it holds records")
    }

    fn append(&mut self, records: u8, size: u8, producer: u8) {
        let batch = Arc::new(self.batch(Offset(0), records, size, producer));
        let Self { disk, log, out, .. } = self;
        let info = log
            .append_as_leader(
                disk,
                std::slice::from_ref(&batch),
                self.epoch,
                AppendOrigin::Client,
                out,
            )
            .expect("it is valid");
        assert_eq!(info.first_offset, Some(self.log_end));
        let placed = batch.with_place(self.log_end, self.epoch);
        self.note(&placed);
    }

    fn follow(&mut self, gap: u8, count: u8, size: u8) {
        let mut next = self.log_end.plus(u64::from(gap));
        let mut batches = Vec::new();
        for _ in 0..count {
            let batch = self.batch(next, 1, size, 0).with_place(next, self.epoch);
            next = batch.next_offset();
            batches.push(Arc::new(batch));
        }
        let Self { disk, log, out, .. } = self;
        log.append_as_follower(disk, &batches, self.epoch, out).expect("it follows");
        for batch in batches {
            self.note(&batch);
        }
    }

    fn note(&mut self, batch: &Batch) {
        let (base, next) = (batch.base_offset(), batch.next_offset());
        self.known.push(Known { base, next, bytes: batch.to_bytes() });
        self.log_end = next;
    }

    fn read(&mut self, from: u16, max_bytes: u16, min_one: bool) {
        let (start, high_watermark) = (self.offset(from), self.log.high_watermark());
        let max_bytes = u64::from(max_bytes);
        let Self { disk, log, .. } = self;
        let read = log.read(disk, start, max_bytes, high_watermark, min_one).expect("in range");
        let total: u64 = read.records.iter().map(|batch| batch.size_in_bytes()).sum();
        let wanted = self.known.iter().filter(|batch| batch.next > start);
        let wanted = wanted.take_while(|batch| batch.next <= high_watermark);
        for (ours, known) in read.records.iter().zip(wanted.clone()) {
            assert_eq!(ours.to_bytes(), known.bytes);
        }
        let first = wanted.clone().next();
        if let Some(first) = first {
            assert_eq!(read.start.offset, first.base);
            let fits = first.bytes.len() as u64 <= max_bytes;
            assert_eq!(!read.records.is_empty(), fits || min_one);
        } else {
            assert!(read.records.is_empty());
        }
        assert!(total <= max_bytes || (min_one && read.records.len() == 1));
        let beyond = log.read(disk, self.log_end.next(), 1, self.log_end.next(), true);
        assert_eq!(beyond.err(), Some(ErrorCode::OffsetOutOfRange));
    }

    fn truncate(&mut self, at: u16) {
        let offset = self.offset(at);
        let Self { disk, log, out, .. } = self;
        let cut = log.truncate_to(disk, offset, out);
        assert_eq!(cut, offset < self.log_end);
        if cut {
            self.known.retain(|batch| batch.next <= offset);
            self.log_end = offset;
            self.checkpoint();
        }
    }

    fn checkpoint(&mut self) {
        self.checkpoints = (self.log.log_start_offset(), self.log.recovery_point());
    }

    fn reopen(&mut self, was_clean: bool) {
        let Self { disk, log, out, .. } = self;
        let home = Arc::clone(log.home());
        let loaded = Log::load(disk, home, PartitionIndex(0), was_clean, self.checkpoints, out);
        self.log = loaded.log;
        self.log_end = self.log.log_end_offset();
        self.known.retain(|batch| batch.next <= self.log_end);
        // Otherwise the file may name a recovery point that the log has fallen short of since.
        self.checkpoint();
    }

    fn power_cut(&mut self) {
        let Self { disk, log, chance, .. } = self;
        log.materialize(disk);
        // What lies before the log's start counts as safe, but is of no interest any more.
        let safe = log.log_start_offset()..=log.recovery_point();
        let before = self.known.clone();
        disk.power_cut(chance);
        self.reopen(false);
        let found = self.all_batches(self.log.log_start_offset());
        let is_found = |batch: &Known| found.iter().any(|found| found.to_bytes() == batch.bytes);
        // Two segments may both be torn, the first of them right between two batches: as nothing is
        // cut off it, the second one stays, and the log has a hole.
        let start = self.log.log_start_offset();
        self.known.retain(|batch| batch.next <= start || is_found(batch));
        let flushed = |batch: &&Known| safe.contains(&batch.base) && safe.contains(&batch.next);
        for batch in before.iter().filter(flushed) {
            assert!(is_found(batch), "the flushed batch at {} is lost", batch.base);
        }
    }

    /// What a reader of the whole log gets.
    fn all_batches(&mut self, start: Offset) -> Vec<Arc<Batch>> {
        let Self { disk, log, .. } = self;
        let (mut at, end) = (start, log.log_end_offset());
        let mut found = Vec::new();
        while at < end {
            let read = log.read(disk, at, 1_000, end, true).expect("in range");
            let Some(last) = read.records.last() else { break };
            at = last.next_offset();
            found.extend(read.records);
        }
        found
    }

    fn check(&mut self) {
        let log = &self.log;
        let (start, end) = (log.log_start_offset(), log.log_end_offset());
        assert_eq!(end, self.log_end);
        assert!(start <= log.last_stable_offset());
        assert!(log.last_stable_offset() <= log.high_watermark());
        assert!(log.high_watermark() <= end);
        assert!(log.recovery_point() <= end, "{} {end}", log.recovery_point());
        self.check_contents(start);
        self.check_indexes();
        let log = &self.log;
        let epochs = log.epochs();
        for pair in epochs.entries().windows(2) {
            assert!(pair[0].epoch < pair[1].epoch && pair[0].start_offset < pair[1].start_offset);
        }
        assert!(epochs.entries().iter().all(|entry| entry.start_offset <= end));
    }

    fn check_contents(&mut self, start: Offset) {
        let first = self.log.segments().next().expect("a segment").base_offset();
        self.known.retain(|batch| batch.base >= first);
        let found = self.all_batches(start);
        let wanted = self.known.iter().filter(|batch| batch.next > start);
        let ours: Vec<_> = found.iter().map(|batch| batch.to_bytes()).collect();
        let theirs: Vec<_> = wanted.map(|batch| batch.bytes.clone()).collect();
        assert_eq!(ours, theirs);
        assert!(found.iter().all(|batch| batch.crc() == batch.computed_crc()));
    }

    fn check_indexes(&mut self) {
        let bases: Vec<_> = self.log.segments().map(Segment::base_offset).collect();
        assert!(bases.is_sorted_by(|a, b| a < b));
        for (index, segment) in self.log.segments().enumerate() {
            let end = bases.get(index + 1);
            if end.is_some_and(|end| *end <= self.log.log_start_offset()) {
                // Recovery leaves alone what nobody may read any more.
                continue;
            }
            let base = bases[index];
            let bytes = self.disk.read_path(&format!("d/kq-0/{base:020}.log")).unwrap_or_default();
            let mut position = 0;
            let batches = Batches::new(bytes).map(|batch| batch.expect("recovery has checked it"));
            let places: BTreeMap<u64, Offset> = batches
                .map(|batch| {
                    position += batch.size_in_bytes();
                    (position - batch.size_in_bytes(), batch.last_offset())
                })
                .collect();
            let disk = &self.disk;
            let offsets = segment.offset_index();
            let entries: Vec<_> =
                (0..offsets.entries()).map(|slot| offsets.entry(disk, slot)).collect();
            assert!(entries.is_sorted_by(|a, b| a.offset < b.offset && a.position < b.position));
            for entry in entries {
                assert_eq!(places.get(&u64::from(entry.position)), Some(&entry.offset));
            }
            let times = segment.time_index();
            let entries: Vec<_> =
                (0..times.entries()).map(|slot| times.entry(disk, slot)).collect();
            assert!(entries.is_sorted_by(|a, b| a.timestamp < b.timestamp && a.offset <= b.offset));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_log_is_a_list_of_batches(ops in ops(), seed in any::<u64>()) {
        let mut bench = Bench::new(seed);
        for op in &ops {
            bench.apply(op);
            bench.check();
        }
    }
}

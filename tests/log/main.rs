//! Logs as their owners use them.

mod corners;
mod manager;
mod model;
mod restart;

use std::sync::Arc;

use kafkascope::fact::Fact;
use kafkascope::ids::{LeaderEpoch, PartitionIndex, ProducerEpoch, ProducerId, Timestamp, Uuid};
use kafkascope::log::{AppendError, AppendInfo, AppendOrigin, Disk, Log, LogConfig, LogHome};
use kafkascope::node::{Interest, Outbox};
use kafkascope::protocol::{Batch, BatchBuilder};

/// The epoch of the leader in tests that know only one.
const EPOCH: LeaderEpoch = LeaderEpoch(5);

/// A log with its disk.
struct Setup {
    disk: Disk,
    log: Log,
    out: Outbox,
}

impl Setup {
    fn new(config: LogConfig) -> Self {
        let home = LogHome { config, ..LogHome::new("d", "orders", Uuid(9)) };
        let out = outbox();
        let log = Log::create(Arc::new(home), PartitionIndex(0), out.wall);
        Self { disk: Disk::default(), log, out }
    }

    fn append(&mut self, batch: Batch) -> Result<AppendInfo, AppendError> {
        let Self { disk, log, out } = self;
        log.append_as_leader(disk, &[Arc::new(batch)], EPOCH, AppendOrigin::Client, out)
    }

    /// Appends a batch of one record, and counts it as replicated.
    fn append_one(&mut self) {
        self.append(one(self.out.wall)).expect("it is valid");
        self.log.maybe_increment_high_watermark(self.log.log_end_offset());
    }

    fn base_offsets(&self) -> Vec<u64> {
        self.log.segments().map(|segment| segment.base_offset().0).collect()
    }

    fn files(&self) -> Vec<String> {
        let files = self.disk.list("d/orders-0");
        files.into_iter().map(|(name, _)| name.to_string()).collect()
    }

    /// Ends the process; the next one opens the log, without having been told where it ends.
    fn kill(&mut self) -> u64 {
        let Self { disk, log, out } = self;
        let home = Arc::clone(log.home());
        let checkpoints = (log.log_start_offset(), log.recovery_point());
        let loaded = Log::load(disk, home, PartitionIndex(0), false, checkpoints, out);
        self.log = loaded.log;
        loaded.truncated_bytes
    }

    fn told(&mut self) -> Vec<Fact> {
        std::mem::take(&mut self.out.facts)
    }
}

fn outbox() -> Outbox {
    let mut out = Outbox::default();
    out.wall = Timestamp(1_700_000_000_000);
    out.interest = Interest::Everything;
    out
}

fn records(count: usize, timestamp: Timestamp) -> Batch {
    let mut builder = BatchBuilder::new();
    for _ in 0..count {
        builder.append(timestamp, None, Some(b"value"), &[]);
    }
    builder.build().expect("it holds records")
}

fn one(timestamp: Timestamp) -> Batch {
    records(1, timestamp)
}

fn idempotent(sequence: i32, timestamp: Timestamp) -> Batch {
    records(2, timestamp).with_producer(ProducerId(7), ProducerEpoch(0), sequence)
}

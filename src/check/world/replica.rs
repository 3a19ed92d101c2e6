//! One replica as facts and bytes tell of it.

use smallvec::SmallVec;

use super::tree::{BatchId, ROOT};
use crate::ids::{BrokerId, LeaderEpoch, Offset, PartitionEpoch, Timestamp};
use crate::log::EpochEntry;

/// What is known of a leader's reign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::check) struct Reign {
    pub(in crate::check) epoch: LeaderEpoch,
    /// Where its log ended when the epoch began.
    pub(in crate::check) start: Offset,
    /// How far everybody who counted had the log, by what followers acknowledged: what is known here
    /// of its high watermark.
    pub(in crate::check) confirmed: Offset,
    /// How far followers have fetched since it began to lead, in this or an earlier epoch of its.
    pub(in crate::check) acknowledged: SmallVec<[(BrokerId, Offset); 4]>,
}

impl Reign {
    /// How far `follower` has fetched since it began to lead.
    pub(in crate::check) fn acknowledged_by(&self, follower: BrokerId) -> Option<Offset> {
        self.acknowledged.iter().find(|(id, _)| *id == follower).map(|(_, offset)| *offset)
    }

    pub(in crate::check) fn acknowledge(&mut self, follower: BrokerId, offset: Offset) {
        match self.acknowledged.iter_mut().find(|(id, _)| *id == follower) {
            Some((_, known)) => *known = offset,
            None => self.acknowledged.push((follower, offset)),
        }
    }
}

/// One replica.
#[derive(Clone, Debug)]
pub(in crate::check) struct Replica {
    pub(in crate::check) broker: BrokerId,
    /// A process has it open.
    pub(in crate::check) is_open: bool,
    /// The last batch of its log, on disk while it is not open.
    pub(in crate::check) tip: BatchId,
    /// Where its log ends.
    pub(in crate::check) end: Offset,
    /// Where its log starts.
    pub(in crate::check) start: Offset,
    /// The high watermark that it told last, since it was opened.
    pub(in crate::check) high_watermark: Offset,
    /// The leader epoch that it knows, since it was opened.
    pub(in crate::check) leader_epoch: Option<LeaderEpoch>,
    /// The partition epoch that it knew when last looked at, since it was opened.
    pub(in crate::check) partition_epoch: Option<PartitionEpoch>,
    /// While it leads.
    pub(in crate::check) reign: Option<Reign>,
    /// It lost bytes and has not caught up since.
    pub(in crate::check) is_lossy: bool,
    /// Its broker has registered again since it lost bytes.
    pub(in crate::check) loss_is_known: bool,
    /// The entries of its epoch cache when last looked at.
    pub(in crate::check) epochs: SmallVec<[EpochEntry; 2]>,
    /// Epochs that it led, with where its log ended when they began.
    pub(in crate::check) led: SmallVec<[EpochEntry; 2]>,
    /// How far its files were looked at when the cluster was quiet.
    pub(in crate::check) inspected: Inspected,
    /// Its machine lost power, and no process has put right since what the disk holds.
    pub(in crate::check) is_torn: bool,
    /// Its indexes were torn by a power cut after its process had ended properly, and the next one
    /// believed them. So does Kafka 4.1: `LogSegment.close` writes and trims them without a flush, and
    /// `LogSegment.sanityCheck` leaves them to the recovery that a clean shutdown spares.
    pub(in crate::check) believes_torn: bool,
}

/// How far the files of a replica were looked at, where they did not change since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) struct Inspected {
    /// The segment that was the last one.
    pub(in crate::check) segment: Offset,
    /// Where its batches ended.
    pub(in crate::check) position: u64,
    /// Where the log ended.
    pub(in crate::check) next: Offset,
    /// The largest timestamp in that segment.
    pub(in crate::check) largest: Timestamp,
}

impl Inspected {
    /// Nothing was looked at.
    pub(in crate::check) const NOTHING: Self =
        Self { segment: Offset(0), position: 0, next: Offset(0), largest: Timestamp(-1) };
}

impl Replica {
    pub(in crate::check) fn new(broker: BrokerId) -> Self {
        Self {
            broker,
            is_open: false,
            tip: ROOT,
            end: Offset(0),
            start: Offset(0),
            high_watermark: Offset(0),
            leader_epoch: None,
            partition_epoch: None,
            reign: None,
            is_lossy: false,
            loss_is_known: false,
            epochs: SmallVec::new(),
            led: SmallVec::new(),
            inspected: Inspected::NOTHING,
            is_torn: false,
            believes_torn: false,
        }
    }

    /// Its process died: memory is gone.
    pub(in crate::check) fn close(&mut self) {
        self.is_open = false;
        self.high_watermark = Offset(0);
        self.leader_epoch = None;
        self.partition_epoch = None;
        self.reign = None;
    }

    /// Its log ends at `end` now, after the batch `tip`.
    pub(in crate::check) fn cut(&mut self, tip: BatchId, end: Offset) {
        (self.tip, self.end) = (tip, end);
        self.start = self.start.min(end);
        if end < self.inspected.next {
            self.inspected = Inspected::NOTHING;
        }
        self.led.retain(|entry| entry.start_offset <= end);
    }
}

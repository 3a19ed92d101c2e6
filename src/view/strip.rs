//! A stretch of a replica's log: where leader epochs, segments, batches and open transactions begin
//! in it. What lies outside is not looked at, however long the log is.

use super::Lens;
use crate::ids::{BrokerId, Offset, TopicPartition};
use crate::log::{
    Directory, EpochCache, EpochEntry, LEADER_EPOCH_CHECKPOINT, LOG, Log, offset_of, parse_epochs,
};

/// A stretch of offsets, cut into cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The first offset.
    pub first: Offset,
    /// So many offsets fall into a cell; at least one.
    pub step: u64,
    /// So many cells there are.
    pub cells: u16,
}

impl Stretch {
    /// The first offset after it.
    pub fn end(&self) -> Offset {
        Offset(self.first.0 + self.step * u64::from(self.cells))
    }

    /// The first offset of a cell.
    pub fn offset_of(&self, cell: u16) -> Offset {
        Offset(self.first.0 + self.step * u64::from(cell))
    }

    fn contains(&self, offset: Offset) -> bool {
        (self.first..self.end()).contains(&offset)
    }
}

/// What begins in a stretch of a replica's log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StripView {
    /// Where the log begins.
    pub log_start_offset: Offset,
    /// How many segments it has.
    pub segments: usize,
    /// The leader epochs: that of the first offset shown, then those which begin in the stretch.
    pub epochs: Vec<EpochEntry>,
    /// Base offsets of segments: in each cell that of the last one which begins in it.
    pub segment_starts: Vec<Offset>,
    /// Base offsets of batches. Only where a cell holds one offset.
    pub batch_starts: Vec<Offset>,
    /// Where transactions began that are open still.
    pub open_transactions: Vec<Offset>,
}

impl Lens<'_> {
    /// What begins in a stretch of a replica's log. Of a broker that is down: what lies on its disk.
    /// None where there is no log.
    pub fn strip(self, tp: &TopicPartition, broker: BrokerId, of: Stretch) -> Option<StripView> {
        match self.log(tp, broker) {
            Some(log) => Some(self.strip_of(tp, broker, log, of)),
            None if self.running(broker).is_none() => self.strip_on_disk(tp, broker, of),
            None => None,
        }
    }

    fn strip_of(self, tp: &TopicPartition, broker: BrokerId, log: &Log, of: Stretch) -> StripView {
        let end = log.log_end_offset();
        let begun = |cell: u16| {
            let (first, last) = (of.offset_of(cell), Offset(of.offset_of(cell).0 + of.step - 1));
            let base = log.segment_of(last)?;
            (base >= first).then_some(base)
        };
        let cells = (0..of.cells).take_while(|cell| of.offset_of(*cell) <= end);
        let mut batches = Vec::new();
        if of.step == 1 {
            let from = of.first.max(log.log_start_offset());
            let all = self.batches(tp, broker, from).into_iter().flatten();
            batches.extend(all.map(|batch| batch.base_offset()).take_while(|at| *at < of.end()));
        }
        let mut open = Vec::new();
        if log.first_unstable_offset().is_some() {
            let producers = log.producers().producers();
            open.extend(producers.filter_map(|(_, entry)| entry.current_txn_first_offset));
            open.retain(|at| of.contains(*at));
        }
        StripView {
            log_start_offset: log.log_start_offset(),
            segments: log.segment_count(),
            epochs: epochs_in(&log.epochs(), of),
            segment_starts: cells.filter_map(begun).collect(),
            batch_starts: batches,
            open_transactions: open,
        }
    }

    fn strip_on_disk(
        self,
        tp: &TopicPartition,
        broker: BrokerId,
        of: Stretch,
    ) -> Option<StripView> {
        let disk = self.disk(self.node_of(broker)?)?;
        let directory = Directory { log_dir: "", topic: &tp.topic, partition: tp.partition.0 };
        let files = disk.list(&directory.path());
        let logs = files.iter().filter(|(name, _)| name.ends_with(LOG));
        let bases: Vec<Offset> = logs.filter_map(|(name, _)| offset_of(name)).collect();
        let epochs = disk.open(&directory.file(LEADER_EPOCH_CHECKPOINT)).and_then(|file| {
            let rope = disk.rope(file);
            let bytes = rope.read(0, rope.len());
            parse_epochs(std::str::from_utf8(&bytes).ok()?).ok()
        });
        Some(StripView {
            log_start_offset: *bases.first()?,
            segments: bases.len(),
            epochs: epochs_in(&EpochCache::from_entries(epochs.unwrap_or_default()), of),
            segment_starts: bases.into_iter().filter(|base| of.contains(*base)).collect(),
            ..StripView::default()
        })
    }
}

/// The epoch of the first offset of a stretch, and those that begin in it.
fn epochs_in(cache: &EpochCache, of: Stretch) -> Vec<EpochEntry> {
    let all = cache.entries();
    let first = all.partition_point(|entry| entry.start_offset <= of.first).saturating_sub(1);
    let shown = all[first..].iter().take_while(|entry| entry.start_offset < of.end());
    shown.copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::LeaderEpoch;

    #[test]
    fn the_epoch_before_the_stretch_is_known() {
        let entry = |epoch, at| EpochEntry { epoch: LeaderEpoch(epoch), start_offset: Offset(at) };
        let cache = EpochCache::from_entries([entry(0, 0), entry(2, 50), entry(3, 70)]);
        let of = |first, cells| {
            let stretch = Stretch { first: Offset(first), step: 1, cells };
            let shown = epochs_in(&cache, stretch);
            shown.into_iter().map(|entry| entry.epoch.0).collect::<Vec<_>>()
        };
        assert_eq!(of(0, 10), [0]);
        assert_eq!(of(40, 20), [0, 2]);
        assert_eq!(of(50, 20), [2]);
        assert_eq!(of(60, 20), [2, 3]);
        assert_eq!(of(90, 20), [3]);
    }
}

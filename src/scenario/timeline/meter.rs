//! What is measured of a run over simulated time, in buckets of equal width: records and their
//! latencies as facts tell of them, and what was so at the end of each bucket.
//!
//! The width follows from how long the run is, so that there are never more than a thousand. Buckets
//! that are over belong to the future, and are only ever added to; the one that is open belongs to
//! the moment.

use std::collections::BTreeMap;

use crate::cluster::{Told, Wire};
use crate::fact::Fact;
use crate::ids::{Name, TopicPartition};
use crate::metadata::TopicImage;
use crate::metadata::topic_name::is_kafkas_own;
use crate::sim::{Duration, Instant};
use crate::view::Lens;

/// There are no more buckets than this.
pub(super) const BUCKETS: u64 = 1_000;
/// So many partitions are watched one by one.
const WATCHED: usize = 16;
/// In a cluster of more partitions nothing is asked of all of them.
const MOST: u32 = 2_000;
/// Latencies are told apart by a thirty-second.
const SLOTS: u32 = 32;

/// What was measured within one bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Records that applications handed to producers, by partition; of all beyond the watched ones
    /// under none.
    pub sent: BTreeMap<Option<TopicPartition>, u64>,
    /// Records that were acknowledged.
    pub acked: u64,
    /// Records that failed for good.
    pub failed: u64,
    /// Records that applications were handed.
    pub delivered: u64,
    /// How long applications waited for acknowledgements.
    pub latencies: Latencies,
    /// Bytes that were sent.
    pub wire: Wire,
    /// What was so at its end.
    pub end: Levels,
}

/// What was so at an instant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    /// By group and partition: how many records it is behind; of all beyond the watched ones under
    /// none.
    pub lag: BTreeMap<Name, BTreeMap<Option<TopicPartition>, u64>>,
    /// Replicas in sync, over all partitions of users' topics; none in a cluster that is too large.
    pub in_sync: Option<u64>,
    /// Partitions of which a replica is out of sync.
    pub under_replicated: Option<u64>,
    /// Partitions without a leader, or whose leader is dead though the metadata still names it.
    pub leaderless: Option<u64>,
}

/// Latencies, counted by size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Latencies {
    slots: BTreeMap<u32, u64>,
    /// The longest.
    pub longest: Option<Duration>,
}

impl Latencies {
    fn add(&mut self, latency: Duration) {
        *self.slots.entry(slot(latency.as_nanos() / 1_000)).or_default() += 1;
        self.longest = self.longest.max(Some(latency));
    }

    fn merge(&mut self, other: &Self) {
        for (slot, count) in &other.slots {
            *self.slots.entry(*slot).or_default() += count;
        }
        self.longest = self.longest.max(other.longest);
    }

    /// That which so many hundredths are not longer than, to a thirty-second.
    pub fn percentile(&self, hundredths: u64) -> Option<Duration> {
        let all: u64 = self.slots.values().sum();
        let wanted = (all * hundredths).div_ceil(100).max(1);
        let mut seen = 0;
        let found = self.slots.iter().find(|(_, count)| {
            seen += *count;
            seen >= wanted
        });
        let (slot, _) = found?;
        Some(Duration::from_micros(upper(*slot)).min(self.longest?))
    }
}

/// The slot of a number: numbers up to 64 have their own, later ones share theirs with those that
/// differ by less than a thirty-second.
fn slot(number: u64) -> u32 {
    let octave = number.checked_ilog2().unwrap_or(0).saturating_sub(SLOTS.ilog2());
    octave * SLOTS + (number >> octave) as u32
}

/// The greatest number of a slot.
fn upper(slot: u32) -> u64 {
    let octave = (slot / SLOTS).saturating_sub(1);
    let rest = u64::from(slot - octave * SLOTS);
    ((rest + 1) << octave) - 1
}

impl Bucket {
    /// All records that were handed over.
    pub fn all_sent(&self) -> u64 {
        self.sent.values().sum()
    }

    /// Takes in what was told.
    fn add(&mut self, fact: &Fact) {
        match fact {
            Fact::RecordSent { tp, .. } => {
                let known = self.sent.contains_key(&Some(tp.clone()));
                let own = known || self.sent.len() < WATCHED;
                *self.sent.entry(own.then(|| tp.clone())).or_default() += 1;
            }
            Fact::RecordAcked { latency, .. } => {
                self.acked += 1;
                self.latencies.add(*latency);
            }
            Fact::RecordFailed { .. } => self.failed += 1,
            Fact::RecordsDelivered { records, .. } => self.delivered += u64::from(*records),
            _ => {}
        }
    }

    /// Takes in the bucket that comes after it.
    pub fn merge(&mut self, next: &Self) {
        for (tp, count) in &next.sent {
            *self.sent.entry(tp.clone()).or_default() += count;
        }
        self.acked += next.acked;
        self.failed += next.failed;
        self.delivered += next.delivered;
        self.latencies.merge(&next.latencies);
        self.wire = self.wire.plus(next.wire);
        self.end = next.end.clone();
    }
}

impl Levels {
    fn of(lens: Lens<'_>) -> Self {
        let mut levels = Self::default();
        for name in lens.group_processes().into_keys() {
            let Some(group) = lens.group(&name) else { continue };
            let mut lags: BTreeMap<Option<TopicPartition>, u64> = BTreeMap::new();
            for tp in group.committed.keys() {
                if let Some(lag) = lens.lag_of(&group, tp) {
                    let own = lags.len() < WATCHED;
                    *lags.entry(own.then(|| tp.clone())).or_default() += lag;
                }
            }
            levels.lag.insert(name, lags);
        }
        let Some(image) = lens.image() else { return levels };
        let users = || image.topics().filter(|topic| !is_kafkas_own(&topic.name));
        if users().map(TopicImage::partition_count).sum::<u32>() > MOST {
            return levels;
        }
        let (mut in_sync, mut under_replicated, mut leaderless) = (0, 0, 0);
        for topic in users() {
            for number in 0..topic.partition_count() as i32 {
                let Some(state) = topic.partition(crate::ids::PartitionIndex(number)) else {
                    continue;
                };
                in_sync += state.isr.len() as u64;
                under_replicated += u64::from(state.isr.len() < state.replicas.len());
                leaderless += u64::from(!lens.is_online(state));
            }
        }
        levels.in_sync = Some(in_sync);
        levels.under_replicated = Some(under_replicated);
        levels.leaderless = Some(leaderless);
        levels
    }
}

/// The buckets of a future that are over.
#[derive(Clone, Debug, Default)]
pub struct Series {
    buckets: Vec<Bucket>,
}

impl Series {
    /// They, in order.
    pub fn buckets(&self) -> &[Bucket] {
        &self.buckets
    }

    /// Forgets all but the first so many.
    pub(super) fn truncate(&mut self, len: usize) {
        self.buckets.truncate(len);
    }
}

/// The bucket that is open.
#[derive(Clone, Debug)]
pub(super) struct Meter {
    width: Duration,
    /// How many were before it.
    index: u32,
    open: Bucket,
    /// What had been sent when it began.
    sent_before: Wire,
}

impl Meter {
    /// For a run of such a length.
    pub(super) fn new(run: Duration) -> Self {
        let least = run.as_nanos().div_ceil(BUCKETS).max(10_000_000);
        let mut width = 10_000_000;
        for times in [2, 5, 10].into_iter().cycle() {
            if width >= least {
                break;
            }
            // 10 ms, 20 ms, 50 ms, 100 ms, ….
            width = match times {
                5 => width / 2 * 5,
                _ => width * 2,
            };
        }
        Self {
            width: Duration::from_nanos(width),
            index: 0,
            open: Bucket::default(),
            sent_before: Wire::default(),
        }
    }

    /// How wide buckets are.
    pub(super) fn width(&self) -> Duration {
        self.width
    }

    /// How many buckets are over.
    pub(super) fn over(&self) -> usize {
        self.index as usize
    }

    /// Time goes on to `next`: ends the buckets that are over by then. Those of which `series` has no
    /// memory yet are measured.
    pub(super) fn advance(&mut self, next: Instant, lens: Lens<'_>, series: &mut Series) {
        let index = (next.as_nanos() / self.width.as_nanos()) as u32;
        if index <= self.index {
            return;
        }
        let sent = lens.wire();
        let mut open = std::mem::take(&mut self.open);
        if series.buckets.len() < index as usize {
            let end = Levels::of(lens);
            if series.buckets.len() == self.over() {
                open.wire = sent.less(self.sent_before);
                open.end = end.clone();
                series.buckets.push(open);
            }
            // Nothing happens in those between.
            series.buckets.resize(index as usize, Bucket { end, ..Bucket::default() });
        }
        (self.index, self.sent_before) = (index, sent);
    }

    /// Takes in what a step told.
    pub(super) fn add(&mut self, told: &[Told]) {
        for told in told {
            self.open.add(&told.fact);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_exact_to_a_thirty_second() {
        for number in [0, 1, 31, 32, 63, 64, 65, 100, 999, 12_345, 30_000_000] {
            let greatest = upper(slot(number));
            assert!(greatest >= number, "{number} {greatest}");
            assert!(greatest - number <= number / 32, "{number} {greatest}");
            assert_eq!(slot(greatest), slot(number), "{number}");
        }
        let mut latencies = Latencies::default();
        for millis in 1..=100 {
            latencies.add(Duration::from_millis(millis));
        }
        let millis = |hundredths| latencies.percentile(hundredths).map(Duration::as_millis);
        assert_eq!(millis(50), Some(50));
        assert_eq!(millis(100), Some(100));
        assert_eq!(Latencies::default().percentile(99), None);
    }

    #[test]
    fn there_are_never_too_many_buckets() {
        for seconds in [1, 10, 40, 60, 130, 3_600, 1_209_600] {
            let run = Duration::from_secs(seconds);
            let width = Meter::new(run).width();
            assert!(run.as_nanos().div_ceil(width.as_nanos()) <= BUCKETS, "{seconds}: {width}");
        }
        assert_eq!(Meter::new(Duration::from_secs(60)).width(), Duration::from_millis(100));
    }
}

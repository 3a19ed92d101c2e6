//! What producers' applications sent, and what became of each record.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use crate::check::world::tree::{Contents, RecordName};
use crate::ids::{Name, Offset};
use crate::protocol::{Batch, ErrorCode};
use crate::sim::{CowList, Duration, Instant, NodeId};
use crate::view::Lens;

/// What is known of a record.
#[derive(Clone, Copy, Debug)]
pub(in crate::check) struct Sent {
    /// Where it was acknowledged to be; none without acknowledgement, or with acks=0.
    pub(in crate::check) offset: Option<Offset>,
    /// The partition it went to.
    pub(in crate::check) slot: u32,
    /// How often it is in the logs that count.
    pub(in crate::check) copies: u8,
    pub(in crate::check) outcome: Outcome,
}

/// What the application was told of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) enum Outcome {
    /// The application never handed it over: its number was skipped.
    NeverSent,
    /// Nothing so far.
    Pending,
    /// It is acknowledged.
    Acked,
    /// It is acknowledged, and gone.
    AckedLost,
    /// It failed, and may be in the log nevertheless.
    Unknown,
    /// It failed, and never got into a log.
    Failed,
}

impl Sent {
    const NONE: Self = Self { offset: None, slot: 0, copies: 0, outcome: Outcome::NeverSent };
}

/// What a producer sent to one partition.
#[derive(Clone, Copy, Debug)]
pub(in crate::check) struct Stream {
    pub(in crate::check) slot: u32,
    /// The record that came last into the log that counts.
    pub(in crate::check) last_appended: Option<u64>,
    /// The record with the largest number that is acknowledged, and where it is.
    pub(in crate::check) last_acked: Option<(u64, Offset)>,
    /// A batch was sent again that may have been appended before.
    pub(in crate::check) was_retried: bool,
}

/// A producer's process, from one start to its end.
#[derive(Clone, Debug)]
pub(in crate::check) struct Producer {
    pub(in crate::check) node: NodeId,
    pub(in crate::check) name: Name,
    /// What its values begin with.
    pub(in crate::check) prefix: String,
    pub(in crate::check) acks: i16,
    pub(in crate::check) is_idempotent: bool,
    /// Its settings keep the order of records.
    pub(in crate::check) keeps_order: bool,
    /// Its process has ended, and its application was told nothing of these records.
    pub(in crate::check) untold: Vec<u64>,
    pub(in crate::check) records: CowList<Sent>,
    pub(in crate::check) streams: SmallVec<[Stream; 4]>,
    pub(in crate::check) totals: Totals,
    /// Its process has ended.
    pub(in crate::check) has_ended: bool,
    /// By moment, a second apart at least: the number that was sent first from then on.
    sent_from: CowList<(Instant, u64)>,
    /// Answers that said an error.
    pub(in crate::check) errors: BTreeMap<ErrorCode, u64>,
}

/// Sums over a producer's records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Records that the application handed over.
    pub sent: u64,
    /// Those that were acknowledged.
    pub acked: u64,
    /// Those that failed, for sure or perhaps.
    pub failed: u64,
    /// Those that were acknowledged and cannot be read any more.
    pub acked_lost: u64,
    /// Those that are in a log more than once.
    pub duplicated: u64,
    /// Those that came into their log after one that was sent later.
    pub out_of_order: u64,
}

impl std::ops::AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.acked += other.acked;
        self.failed += other.failed;
        self.acked_lost += other.acked_lost;
        self.duplicated += other.duplicated;
        self.out_of_order += other.out_of_order;
    }
}

impl Producer {
    /// The record `number`, if it was sent.
    pub(in crate::check) fn record(&self, number: u64) -> Option<&Sent> {
        self.records.get(number as usize).filter(|sent| sent.outcome != Outcome::NeverSent)
    }

    pub(in crate::check) fn record_mut(&mut self, number: u64) -> &mut Sent {
        let index = number as usize;
        while self.records.len() <= index {
            self.records.push(Sent::NONE);
        }
        &mut self.records[index]
    }

    /// What it sent to a partition.
    pub(in crate::check) fn stream(&mut self, slot: u32) -> &mut Stream {
        let known = self.streams.iter().position(|stream| stream.slot == slot);
        let index = known.unwrap_or_else(|| {
            let new = Stream { slot, last_appended: None, last_acked: None, was_retried: false };
            self.streams.push(new);
            self.streams.len() - 1
        });
        &mut self.streams[index]
    }

    /// Takes note of when the record `number` was sent.
    pub(in crate::check) fn note_sent(&mut self, number: u64, now: Instant) {
        let last = self.sent_from.last().map(|(at, _)| *at);
        if last.is_none_or(|at| at + Duration::from_secs(1) <= now) {
            self.sent_from.push((now, number));
        }
    }

    /// Records of smaller numbers were sent at least `ago` before `now`.
    pub(in crate::check) fn sent_by(&self, now: Instant, ago: Duration) -> u64 {
        let marks = self.sent_from.partition_point(|(at, _)| *at + ago <= now);
        marks.checked_sub(1).map_or(0, |index| self.sent_from[index].1)
    }

    /// The records of smaller numbers than `until` that wait for their outcome, with their partitions.
    pub(in crate::check) fn waiting_before(
        &self,
        until: u64,
    ) -> impl Iterator<Item = (u64, u32)> + '_ {
        let records = (0_u64..until).zip(self.records.iter());
        let waiting = records.filter(|(_, sent)| sent.outcome == Outcome::Pending);
        waiting.map(|(number, sent)| (number, sent.slot))
    }

    /// How many of its records can be read no more, or never could, and were not told to have failed.
    pub(in crate::check) fn lost(&self) -> u64 {
        let is_nowhere = |number: &&u64| self.records[**number as usize].copies == 0;
        self.totals.acked_lost + self.untold.iter().filter(is_nowhere).count() as u64
    }
}

/// All producers that ever ran.
#[derive(Clone, Debug, Default)]
pub(in crate::check) struct Producers {
    all: Vec<Producer>,
    by_prefix: BTreeMap<String, u32>,
    /// The one that runs, by node.
    running: Vec<Option<u32>>,
}

impl std::ops::Index<u32> for Producers {
    type Output = Producer;
    fn index(&self, index: u32) -> &Producer {
        &self.all[index as usize]
    }
}

impl std::ops::IndexMut<u32> for Producers {
    fn index_mut(&mut self, index: u32) -> &mut Producer {
        &mut self.all[index as usize]
    }
}

impl Producers {
    /// The producer that runs as `node`.
    pub(in crate::check) fn running(&mut self, node: NodeId, lens: Lens<'_>) -> Option<u32> {
        let index = node.0 as usize;
        if let Some(Some(known)) = self.running.get(index) {
            return Some(*known);
        }
        let spec = lens.producer_spec(node)?;
        let (name, incarnation) = (lens.name(node).clone(), lens.incarnation(node));
        // As the producer's application writes its values.
        let prefix =
            if incarnation > 1 { format!("{name}#{incarnation}") } else { name.to_string() };
        let config = &spec.config;
        let in_flight = config.max_in_flight_requests_per_connection;
        let new = self.all.len() as u32;
        self.all.push(Producer {
            node,
            name,
            prefix: prefix.clone(),
            acks: spec.acks(),
            is_idempotent: config.enable_idempotence,
            keeps_order: config.enable_idempotence || in_flight == 1,
            untold: Vec::new(),
            records: CowList::new(),
            streams: SmallVec::new(),
            totals: Totals::default(),
            has_ended: false,
            sent_from: CowList::new(),
            errors: BTreeMap::new(),
        });
        self.by_prefix.insert(prefix, new);
        if self.running.len() <= index {
            self.running.resize(index + 1, None);
        }
        self.running[index] = Some(new);
        Some(new)
    }

    /// The process of `node` has ended.
    pub(in crate::check) fn end(&mut self, node: NodeId) {
        if let Some(running) = self.running.get_mut(node.0 as usize)
            && let Some(index) = running.take()
        {
            let producer = &mut self.all[index as usize];
            producer.has_ended = true;
            let records = producer.records.iter().enumerate();
            producer.untold = records
                .filter(|(_, sent)| sent.outcome == Outcome::Pending)
                .map(|(number, _)| number as u64)
                .collect();
        }
    }

    /// How many records wait for their outcome, of producers that run.
    pub(in crate::check) fn pending(&self) -> u64 {
        let running = self.running.iter().flatten().map(|index| self[*index].totals);
        running.map(|totals| totals.sent.saturating_sub(totals.acked + totals.failed)).sum()
    }

    /// All of them, in the order in which they began to send.
    pub(in crate::check) fn iter(&self) -> impl Iterator<Item = (u32, &Producer)> {
        self.all.iter().enumerate().map(|(index, producer)| (index as u32, producer))
    }

    /// What the records of a batch are: an application's values begin with the name of its producer
    /// and the record's number.
    pub(in crate::check) fn contents(&self, batch: &Batch) -> Contents {
        if batch.is_control() || self.all.is_empty() {
            return Contents::Other;
        }
        let mut names: Vec<Option<RecordName>> = Vec::new();
        let mut run: Option<(RecordName, u64)> = None;
        let mut producer = None;
        for record in batch.iter().map_while(Result::ok) {
            let name = record.value.and_then(|value| self.name_in(value, &mut producer));
            match (&mut run, name) {
                (None, Some(first)) if names.is_empty() => run = Some((first, 1)),
                (Some((first, count)), Some(name))
                    if names.is_empty()
                        && name.producer == first.producer
                        && name.number == first.number + *count =>
                {
                    *count += 1;
                }
                (run, name) => {
                    if let Some((first, count)) = run.take() {
                        let numbers = first.number..first.number + count;
                        names =
                            numbers.map(|number| Some(RecordName { number, ..first })).collect();
                    }
                    names.push(name);
                }
            }
        }
        match run {
            Some((first, _)) => Contents::Run(first),
            None if names.iter().all(Option::is_none) => Contents::Other,
            None => Contents::List(names.into()),
        }
    }

    /// The records of applications in a batch.
    pub(in crate::check) fn names_in(&self, batch: &Batch) -> impl Iterator<Item = RecordName> {
        let contents = self.contents(batch);
        (0..batch.count().max(0) as u64).filter_map(move |index| contents.get(index))
    }

    /// The record that a value names. `last`: the producer of the record before, which it likely is.
    fn name_in(&self, value: &[u8], last: &mut Option<u32>) -> Option<RecordName> {
        if let Some(producer) = *last
            && let Some(number) = number_after(value, &self[producer].prefix)
        {
            return Some(RecordName { producer, number });
        }
        let dashes = value.iter().enumerate().filter(|(_, byte)| **byte == b'-');
        for (at, _) in dashes {
            let prefix = std::str::from_utf8(&value[..at]).ok()?;
            if let Some(producer) = self.by_prefix.get(prefix)
                && let Some(number) = number_after(value, prefix)
            {
                *last = Some(*producer);
                return Some(RecordName { producer: *producer, number });
            }
        }
        None
    }
}

/// The number in `<prefix>-<number>`, padded with dots.
fn number_after(value: &[u8], prefix: &str) -> Option<u64> {
    let rest = value.strip_prefix(prefix.as_bytes())?.strip_prefix(b"-")?;
    let mut number: Option<u64> = None;
    for (index, byte) in rest.iter().enumerate() {
        match byte {
            b'0'..=b'9' if index < 19 => {
                number = Some(number.unwrap_or(0) * 10 + u64::from(byte - b'0'));
            }
            b'.' => break,
            _ => return None,
        }
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_name_their_records() {
        assert_eq!(number_after(b"web-17", "web"), Some(17));
        assert_eq!(number_after(b"web-17....", "web"), Some(17));
        assert_eq!(number_after(b"web-17x", "web"), None);
        assert_eq!(number_after(b"web-", "web"), None);
        assert_eq!(number_after(b"web-2-17", "web-2"), Some(17));
        assert_eq!(number_after(b"web-2-17", "web"), None);
        assert_eq!(number_after(b"webs-2", "web"), None);
    }
}

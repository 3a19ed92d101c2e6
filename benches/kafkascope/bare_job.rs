//! The bare job: what has to happen to every record, and nothing else.
//!
//! Batches of the v2 format are written byte by byte, sent, checked by CRC at the leader and at each
//! of two followers, appended to three logs that share their bytes, acknowledged once both followers
//! have fetched past them, and read by a consumer that checks the CRC and walks every record. Seven
//! events per batch go through a binary heap: the request, two fetched answers, two next fetches, the
//! acknowledgement, what the consumer fetched.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;

use kafkascope::protocol::crc32c;

/// One way through the network, in nanoseconds.
const LATENCY: u64 = 250_000;
/// How many batches of a partition are on their way.
const IN_FLIGHT: u64 = 5;
const PARTITIONS: usize = 12;
const VALUE: usize = 100;
const HEADER: usize = 61;
/// The CRC covers what comes after it.
const CRC_AT: usize = 17;

type Shared = Arc<Vec<u8>>;

/// What the job did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Done {
    /// Records acknowledged.
    pub(crate) acked: u64,
    /// Records the consumer walked over.
    pub(crate) consumed: u64,
    /// Bytes of one copy of all logs.
    pub(crate) bytes: u64,
}

enum What {
    Produce(Vec<u8>),
    Fetched { follower: usize, batch: Shared },
    Fetch { follower: usize, offset: u64 },
    Acknowledged { records: u64 },
    Consumed(Shared),
}

struct Event {
    at: u64,
    sequence: u64,
    partition: usize,
    what: What,
}

impl Ord for Event {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.sequence).cmp(&(other.at, other.sequence))
    }
}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Event {}

#[derive(Default)]
struct Partition {
    /// The leader's log, then the followers'.
    logs: [Vec<Shared>; 3],
    log_end_offset: u64,
    follower_offsets: [u64; 2],
    high_watermark: u64,
    /// The ends of batches that wait for the high watermark, with their bytes.
    waiting: VecDeque<(u64, Shared)>,
}

struct Job {
    queue: BinaryHeap<Reverse<Event>>,
    sequence: u64,
    partitions: Vec<Partition>,
    /// Records still to be written.
    left: u64,
    number: u64,
    per_batch: u64,
    done: Done,
}

/// `records` records in batches of `per_batch`.
pub(crate) fn run(records: u64, per_batch: u64) -> Done {
    let mut job = Job {
        queue: BinaryHeap::new(),
        sequence: 0,
        partitions: (0..PARTITIONS).map(|_| Partition::default()).collect(),
        left: records,
        number: 0,
        per_batch,
        done: Done::default(),
    };
    for _ in 0..IN_FLIGHT {
        for partition in 0..PARTITIONS {
            job.produce(0, partition);
        }
    }
    while let Some(Reverse(Event { at, partition, what, .. })) = job.queue.pop() {
        job.step(at, partition, what);
    }
    let kept = |log: usize| {
        let batches = job.partitions.iter().flat_map(move |partition| &partition.logs[log]);
        batches.map(|batch| batch.len() as u64).sum::<u64>()
    };
    assert!(kept(0) == kept(1) && kept(0) == kept(2), "all replicas hold the same");
    Done { bytes: kept(0), ..job.done }
}

impl Job {
    fn schedule(&mut self, now: u64, partition: usize, what: What) {
        let event = Event { at: now + LATENCY, sequence: self.sequence, partition, what };
        self.sequence += 1;
        self.queue.push(Reverse(event));
    }

    fn produce(&mut self, now: u64, partition: usize) {
        let count = self.per_batch.min(self.left);
        if count > 0 {
            self.left -= count;
            let batch = write_batch(count, &mut self.number);
            self.schedule(now, partition, What::Produce(batch));
        }
    }

    fn step(&mut self, now: u64, index: usize, what: What) {
        let partition = &mut self.partitions[index];
        match what {
            What::Produce(mut batch) => {
                check_crc(&batch);
                batch[..8].copy_from_slice(&partition.log_end_offset.to_be_bytes());
                partition.log_end_offset += count_of(&batch);
                let batch = Shared::new(batch);
                partition.logs[0].push(batch.clone());
                partition.waiting.push_back((partition.log_end_offset, batch.clone()));
                for follower in 0..2 {
                    let batch = batch.clone();
                    self.schedule(now, index, What::Fetched { follower, batch });
                }
            }
            What::Fetched { follower, batch } => {
                check_crc(&batch);
                let base = u64::from_be_bytes(*batch.first_chunk().expect("a header"));
                let offset = base + count_of(&batch);
                partition.logs[1 + follower].push(batch);
                self.schedule(now, index, What::Fetch { follower, offset });
            }
            What::Fetch { follower, offset } => {
                partition.follower_offsets[follower] = offset;
                let [one, other] = partition.follower_offsets;
                partition.high_watermark = partition.high_watermark.max(one.min(other));
                let high_watermark = partition.high_watermark;
                while let Some((_, batch)) =
                    self.partitions[index].waiting.pop_front_if(|(end, _)| *end <= high_watermark)
                {
                    let records = count_of(&batch);
                    self.schedule(now, index, What::Acknowledged { records });
                    self.schedule(now, index, What::Consumed(batch));
                }
            }
            What::Acknowledged { records } => {
                self.done.acked += records;
                self.produce(now, index);
            }
            What::Consumed(batch) => {
                check_crc(&batch);
                self.done.consumed += walk(&batch);
            }
        }
    }
}

fn write_batch(count: u64, number: &mut u64) -> Vec<u8> {
    let mut batch = Vec::with_capacity(HEADER + count as usize * (VALUE + 10));
    batch.resize(HEADER, 0);
    batch[16] = 2;
    batch[23..27].copy_from_slice(&(count as u32 - 1).to_be_bytes());
    batch[57..61].copy_from_slice(&(count as u32).to_be_bytes());
    let mut value = [b'.'; VALUE];
    for delta in 0..count {
        let mut rest = *number;
        for place in (0..12).rev() {
            value[place] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        *number += 1;
        let offset_len = if delta < 64 { 1 } else { 2 };
        put_varint(&mut batch, (1 + 1 + offset_len + 1 + 2 + VALUE + 1) as u64);
        batch.push(0); // attributes
        put_varint(&mut batch, 0); // timestamp
        put_varint(&mut batch, delta);
        batch.push(1); // no key
        put_varint(&mut batch, VALUE as u64);
        batch.extend_from_slice(&value);
        batch.push(0); // no headers
    }
    let length = (batch.len() - 12) as u32;
    batch[8..12].copy_from_slice(&length.to_be_bytes());
    let crc = crc32c(&batch[CRC_AT + 4..]);
    batch[CRC_AT..CRC_AT + 4].copy_from_slice(&crc.to_be_bytes());
    batch
}

fn check_crc(batch: &[u8]) {
    let stored = u32::from_be_bytes(*batch[CRC_AT..].first_chunk().expect("a header"));
    assert_eq!(crc32c(&batch[CRC_AT + 4..]), stored, "nothing is damaged");
}

fn count_of(batch: &[u8]) -> u64 {
    u64::from(u32::from_be_bytes(*batch[57..].first_chunk().expect("a header")))
}

/// Decodes every record. Returns how many there are.
fn walk(batch: &[u8]) -> u64 {
    let mut at = HEADER;
    let mut records = 0;
    while at < batch.len() {
        let length = get_varint(batch, &mut at) as usize;
        let end = at + length;
        at += 1;
        let _timestamp = get_varint(batch, &mut at);
        let offset = get_varint(batch, &mut at);
        assert_eq!(offset, records, "records follow each other");
        assert_eq!(batch[at], 1, "no record has a key");
        at += 1;
        let value = get_varint(batch, &mut at) as usize;
        assert_eq!(at + value + 1, end, "the value fills the record");
        at = end;
        records += 1;
    }
    records
}

/// A number that is not negative, zigzagged.
fn put_varint(bytes: &mut Vec<u8>, value: u64) {
    let mut rest = value << 1;
    while rest >= 0x80 {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

fn get_varint(bytes: &[u8], at: &mut usize) -> u64 {
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = bytes[*at];
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return value >> 1;
        }
        shift += 7;
    }
}

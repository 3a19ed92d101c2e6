//! The sparse index from timestamps to offsets.
//!
//! In Kafka: `TimeIndex`; KIP-33. An entry says that no record before its offset has a timestamp
//! above its own: eight bytes of timestamp, four of offset, counted from the segment's base offset.

use super::index::IndexFile;
use super::names::TIME_INDEX;
use super::offset_index::{IndexError, relative};
use super::{Directory, Disk};
use crate::ids::{Offset, Timestamp};

/// A timestamp, and the last offset of the batch that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampOffset {
    /// Milliseconds since 1970; -1 for none.
    pub timestamp: Timestamp,
    /// An offset.
    pub offset: Offset,
}

/// The `.timeindex` file of a segment.
#[derive(Clone, Debug)]
pub struct TimeIndex {
    base_offset: Offset,
    index: IndexFile<12>,
    last_entry: TimestampOffset,
}

impl TimeIndex {
    /// The index of a new segment; `max_size` is `segment.index.bytes`.
    pub const fn new(base_offset: Offset, max_size: u32) -> Self {
        let last_entry = TimestampOffset { timestamp: Timestamp(-1), offset: base_offset };
        Self { base_offset, index: IndexFile::new(max_size), last_entry }
    }

    /// The index of a segment that is there already.
    pub fn open(disk: &Disk, directory: Directory<'_>, base: Offset, max_size: u32) -> Self {
        let index = IndexFile::open(disk, &directory.of(base, TIME_INDEX), max_size);
        let mut index = Self { index, ..Self::new(base, max_size) };
        index.last_entry = index.last_entry_of_file(disk);
        index
    }

    /// Creates the file if there is none.
    pub fn touch(&mut self, disk: &mut Disk, directory: Directory<'_>) {
        self.index.touch(disk, || directory.of(self.base_offset, TIME_INDEX));
    }

    /// How many entries it has.
    pub fn entries(&self) -> u32 {
        self.index.entries()
    }

    /// How many entries it has room for.
    pub fn max_entries(&self) -> u32 {
        self.index.max_entries()
    }

    /// True when only the entry that the roll adds fits in.
    pub fn is_full(&self) -> bool {
        self.index.entries() + 1 >= self.index.max_entries()
    }

    /// The last entry; timestamp -1 and the segment's base offset without one.
    pub fn last_entry(&self) -> TimestampOffset {
        self.last_entry
    }

    /// Adds an entry, unless its timestamp is the last one's. `even_if_full`: the segment rolls, and
    /// room for its last entry was kept. The file has been touched.
    ///
    /// # Errors
    /// When it is full, or timestamp or offset go back.
    pub fn maybe_append(
        &mut self,
        disk: &mut Disk,
        entry: TimestampOffset,
        even_if_full: bool,
    ) -> Result<(), IndexError> {
        if !even_if_full && self.is_full() {
            return Err(IndexError::Full(self.entries()));
        }
        let last = self.last_entry;
        if self.entries() > 0 && entry.offset < last.offset {
            return Err(IndexError::NotIncreasing { offset: entry.offset, last: last.offset });
        }
        if self.entries() > 0 && entry.timestamp < last.timestamp {
            let (timestamp, last) = (entry.timestamp.0, last.timestamp.0);
            return Err(IndexError::TimeGoesBack { timestamp, last });
        }
        if entry.timestamp > last.timestamp {
            let (offset, base) = (entry.offset, self.base_offset);
            let relative = relative(base, offset).ok_or(IndexError::Overflow { offset, base })?;
            let mut bytes = [0; 12];
            bytes[..8].copy_from_slice(&entry.timestamp.0.to_be_bytes());
            bytes[8..].copy_from_slice(&relative.to_be_bytes());
            self.index.append(disk, bytes);
            self.last_entry = entry;
        }
        Ok(())
    }

    /// The last entry that is not above `target`; timestamp -1 and the base offset without one.
    pub fn lookup(&self, disk: &Disk, target: Timestamp) -> TimestampOffset {
        self.index.floor(disk, target.0, timestamp_of).map_or(
            TimestampOffset { timestamp: Timestamp(-1), offset: self.base_offset },
            |slot| self.entry(disk, slot),
        )
    }

    /// Entry number `slot`.
    pub fn entry(&self, disk: &Disk, slot: u32) -> TimestampOffset {
        let entry = self.index.entry(disk, slot);
        let offset = Offset(self.base_offset.0.wrapping_add_signed(i64::from(relative_of(entry))));
        TimestampOffset { timestamp: Timestamp(timestamp_of(entry)), offset }
    }

    /// Removes all entries from `offset` on.
    pub fn truncate_to(&mut self, disk: &mut Disk, offset: Offset) {
        let target = (offset.0 as i64).wrapping_sub(self.base_offset.0 as i64);
        let relative = |entry| i64::from(relative_of(entry));
        let keep = match self.index.largest_lower_bound(disk, target, relative) {
            None => 0,
            Some(slot) if self.entry(disk, slot).offset == offset => slot,
            Some(slot) => slot + 1,
        };
        self.truncate_to_entries(disk, keep);
    }

    /// Removes all entries, and makes the file as long as it may get.
    pub fn reset(&mut self, disk: &mut Disk) {
        self.truncate_to_entries(disk, 0);
        self.index.resize_to_max(disk);
    }

    /// Makes the file as long as `size` allows; entries are kept.
    pub(super) fn resize(&mut self, disk: &mut Disk, size: u32) {
        self.index.resize(disk, size);
    }

    /// Brings it to the medium.
    pub fn flush(&self, disk: &mut Disk) {
        self.index.flush(disk);
    }

    /// Gives up the room for more entries.
    pub fn trim(&mut self, disk: &mut Disk) {
        self.index.trim(disk);
    }

    /// Makes the file as long as it may get.
    pub fn resize_to_max(&mut self, disk: &mut Disk) {
        self.index.resize_to_max(disk);
    }

    fn truncate_to_entries(&mut self, disk: &mut Disk, entries: u32) {
        self.index.truncate(disk, entries);
        self.last_entry = self.last_entry_of_file(disk);
    }

    fn last_entry_of_file(&self, disk: &Disk) -> TimestampOffset {
        match self.entries().checked_sub(1) {
            None => TimestampOffset { timestamp: Timestamp(-1), offset: self.base_offset },
            Some(last) => self.entry(disk, last),
        }
    }
}

fn timestamp_of(entry: [u8; 12]) -> i64 {
    i64::from_be_bytes(*entry.first_chunk().expect("twelve bytes"))
}

fn relative_of(entry: [u8; 12]) -> i32 {
    i32::from_be_bytes(*entry.last_chunk().expect("twelve bytes"))
}

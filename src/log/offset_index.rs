//! The sparse index from offsets to positions in a segment's `.log`.
//!
//! In Kafka: `OffsetIndex`. An entry is the last offset of a batch, counted from the segment's base
//! offset, and where that batch begins: four bytes each.

use thiserror::Error;

use super::index::IndexFile;
use super::names::OFFSET_INDEX;
use super::{Directory, Disk};
use crate::ids::Offset;

/// Where a batch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsetPosition {
    /// An offset in the batch: the last one, when it comes from an index.
    pub offset: Offset,
    /// Bytes from the start of the `.log` file.
    pub position: u32,
}

/// Why an entry cannot be added to an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum IndexError {
    /// There is no room left.
    #[error("the index is full with {0} entries")]
    Full(u32),
    /// Entries increase.
    #[error("offset {offset} is not above the last one, {last}")]
    NotIncreasing {
        /// The entry's offset.
        offset: Offset,
        /// The last entry's.
        last: Offset,
    },
    /// Offsets are counted from the segment's first in 31 bits.
    #[error("offset {offset} is too far from base offset {base}")]
    Overflow {
        /// The entry's offset.
        offset: Offset,
        /// The segment's base offset.
        base: Offset,
    },
    /// Timestamps do not decrease.
    #[error("timestamp {timestamp} is below the last one, {last}")]
    TimeGoesBack {
        /// The entry's timestamp.
        timestamp: i64,
        /// The last entry's.
        last: i64,
    },
}

/// The `.index` file of a segment.
#[derive(Clone, Debug)]
pub struct OffsetIndex {
    base_offset: Offset,
    index: IndexFile<8>,
    /// The last entry; the base offset and 0 without one.
    last: OffsetPosition,
}

impl OffsetIndex {
    /// The index of a new segment; `max_size` is `segment.index.bytes`.
    pub const fn new(base_offset: Offset, max_size: u32) -> Self {
        let last = OffsetPosition { offset: base_offset, position: 0 };
        Self { base_offset, index: IndexFile::new(max_size), last }
    }

    /// The index of a segment that is there already.
    pub fn open(disk: &Disk, directory: Directory<'_>, base: Offset, max_size: u32) -> Self {
        let index = IndexFile::open(disk, &directory.of(base, OFFSET_INDEX), max_size);
        let mut index = Self { index, ..Self::new(base, max_size) };
        index.last = index.last_entry(disk);
        index
    }

    /// Creates the file if there is none.
    pub fn touch(&mut self, disk: &mut Disk, directory: Directory<'_>) {
        self.index.touch(disk, || directory.of(self.base_offset, OFFSET_INDEX));
    }

    /// How many entries it has.
    pub fn entries(&self) -> u32 {
        self.index.entries()
    }

    /// How many entries it has room for.
    pub fn max_entries(&self) -> u32 {
        self.index.max_entries()
    }

    /// True when there is no room for another entry.
    pub fn is_full(&self) -> bool {
        self.index.entries() >= self.index.max_entries()
    }

    /// The offset of the last entry; the segment's base offset without one.
    pub fn last_offset(&self) -> Offset {
        self.last.offset
    }

    /// `segment.index.bytes`, as it was when the segment was opened.
    pub(super) fn max_size(&self) -> u32 {
        self.index.max_size()
    }

    /// Brings it to the medium.
    pub fn flush(&self, disk: &mut Disk) {
        self.index.flush(disk);
    }

    /// True when `offset` can be counted from the base offset in 31 bits.
    pub fn can_append_offset(&self, offset: Offset) -> bool {
        relative(self.base_offset, offset).is_some()
    }

    /// Adds an entry. The file has been touched.
    ///
    /// # Errors
    /// When it is full, or `offset` is not above the last one, or too far.
    pub fn append(
        &mut self,
        disk: &mut Disk,
        offset: Offset,
        position: u32,
    ) -> Result<(), IndexError> {
        if self.is_full() {
            return Err(IndexError::Full(self.entries()));
        }
        if self.entries() > 0 && offset <= self.last.offset {
            return Err(IndexError::NotIncreasing { offset, last: self.last.offset });
        }
        let relative = relative(self.base_offset, offset)
            .ok_or(IndexError::Overflow { offset, base: self.base_offset })?;
        let mut entry = [0; 8];
        entry[..4].copy_from_slice(&relative.to_be_bytes());
        entry[4..].copy_from_slice(&position.to_be_bytes());
        self.index.append(disk, entry);
        self.last = OffsetPosition { offset, position };
        Ok(())
    }

    /// The last entry that is not above `target`; position 0 without one.
    pub fn lookup(&self, disk: &Disk, target: Offset) -> OffsetPosition {
        self.slot_of(disk, target)
            .map_or(OffsetPosition { offset: self.base_offset, position: 0 }, |slot| {
                self.entry(disk, slot)
            })
    }

    /// The first entry whose position is `position` or above it, if there is one: what is read up to
    /// there ends before its offset.
    pub fn upper_bound_of_position(&self, disk: &Disk, position: u64) -> Option<OffsetPosition> {
        let target = i64::try_from(position).unwrap_or(i64::MAX);
        let key = |entry: [u8; 8]| i64::from(position_of(entry));
        let next = match self.index.floor(disk, target, key) {
            None => 0,
            Some(slot) if u64::from(self.entry(disk, slot).position) == position => slot,
            Some(slot) => slot + 1,
        };
        (next < self.entries()).then(|| self.entry(disk, next))
    }

    /// Entry number `slot`.
    pub fn entry(&self, disk: &Disk, slot: u32) -> OffsetPosition {
        let entry = self.index.entry(disk, slot);
        let offset = Offset(self.base_offset.0.wrapping_add_signed(i64::from(relative_of(entry))));
        OffsetPosition { offset, position: position_of(entry) }
    }

    /// Removes all entries from `offset` on.
    pub fn truncate_to(&mut self, disk: &mut Disk, offset: Offset) {
        let keep = match self.slot_of(disk, offset) {
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
        self.last = self.last_entry(disk);
    }

    fn last_entry(&self, disk: &Disk) -> OffsetPosition {
        match self.entries().checked_sub(1) {
            None => OffsetPosition { offset: self.base_offset, position: 0 },
            Some(last) => self.entry(disk, last),
        }
    }

    fn slot_of(&self, disk: &Disk, target: Offset) -> Option<u32> {
        let target = (target.0 as i64).wrapping_sub(self.base_offset.0 as i64);
        self.index.floor(disk, target, |entry| i64::from(relative_of(entry)))
    }
}

fn relative_of(entry: [u8; 8]) -> i32 {
    i32::from_be_bytes(*entry.first_chunk().expect("eight bytes"))
}

fn position_of(entry: [u8; 8]) -> u32 {
    u32::from_be_bytes(*entry.last_chunk().expect("eight bytes"))
}

/// `offset` counted from `base`, where 31 bits are enough.
pub(super) fn relative(base: Offset, offset: Offset) -> Option<i32> {
    offset.0.checked_sub(base.0).and_then(|relative| i32::try_from(relative).ok())
}

//! What both indexes of a segment are: entries of one size in a file of a length set aside, searched
//! by halving.
//!
//! In Kafka: `AbstractIndex`. The file of a new segment's index is created when it is first needed;
//! until the segment is rolled or closed it is as long as it may get.

use super::Disk;
use crate::sim::disk::FileId;

/// The last entries, which nearly all lookups ask for, take at most so many bytes.
const WARM_BYTES: usize = 8192;

/// An index file with entries of `N` bytes.
#[derive(Clone, Debug)]
pub(super) struct IndexFile<const N: usize> {
    file: Option<FileId>,
    entries: u32,
    /// The length of the file in bytes, zeros set aside included.
    length: u32,
    /// `segment.index.bytes`.
    max_size: u32,
}

impl<const N: usize> IndexFile<N> {
    /// An index that has no file yet.
    pub(super) const fn new(max_size: u32) -> Self {
        Self { file: None, entries: 0, length: round_down(max_size, N), max_size }
    }

    /// Takes over the file if there is one. All of it is taken for entries, as Kafka does.
    pub(super) fn open(disk: &Disk, path: &str, max_size: u32) -> Self {
        let Some(file) = disk.open(path) else { return Self::new(max_size) };
        let length = disk.len(file) as u32;
        Self { file: Some(file), entries: length / N as u32, length, max_size }
    }

    /// Creates the file if there is none.
    pub(super) fn touch(&mut self, disk: &mut Disk, path: impl FnOnce() -> String) {
        if self.file.is_none() {
            let file = disk.create(&path());
            disk.preallocate(file, u64::from(self.length));
            self.file = Some(file);
        }
    }

    pub(super) const fn max_size(&self) -> u32 {
        self.max_size
    }

    pub(super) fn entries(&self) -> u32 {
        self.entries
    }

    pub(super) fn max_entries(&self) -> u32 {
        self.length / N as u32
    }

    /// Entry number `slot`.
    pub(super) fn entry(&self, disk: &Disk, slot: u32) -> [u8; N] {
        let mut entry = [0; N];
        if let Some(file) = self.file {
            // What was set aside and never written reads as zeros.
            disk.rope(file).read_into(u64::from(slot) * N as u64, &mut entry);
        }
        entry
    }

    pub(super) fn append(&mut self, disk: &mut Disk, entry: [u8; N]) {
        let file = self.file.expect("an index is touched before it is written");
        disk.append_small(file, &entry);
        self.entries += 1;
    }

    /// Keeps the first `entries` entries.
    pub(super) fn truncate(&mut self, disk: &mut Disk, entries: u32) {
        self.entries = entries;
        if let Some(file) = self.file {
            disk.truncate(file, u64::from(entries) * N as u64);
            disk.preallocate(file, u64::from(self.length));
        }
    }

    /// Makes the file as long as `size` allows; entries are kept.
    pub(super) fn resize(&mut self, disk: &mut Disk, size: u32) {
        self.length = round_down(size, N);
        if let Some(file) = self.file {
            disk.truncate(file, u64::from(self.length));
            disk.preallocate(file, u64::from(self.length));
        }
    }

    /// Makes the file as long as it may get.
    pub(super) fn resize_to_max(&mut self, disk: &mut Disk) {
        self.resize(disk, self.max_size);
    }

    /// Gives up what was set aside and not written.
    pub(super) fn trim(&mut self, disk: &mut Disk) {
        self.resize(disk, self.entries * N as u32);
    }

    /// Brings it to the medium.
    pub(super) fn flush(&self, disk: &mut Disk) {
        if let Some(file) = self.file {
            disk.fsync(file);
        }
    }

    /// The last slot whose key is not above `target`, where no two keys are equal.
    pub(super) fn floor(
        &self,
        disk: &Disk,
        target: i64,
        key: impl Fn([u8; N]) -> i64,
    ) -> Option<u32> {
        let file = self.file.filter(|_| self.entries > 0)?;
        let key_at = |bytes: &[u8], slot: usize| {
            key(*bytes[slot * N..].first_chunk().expect("an entry is all there"))
        };
        let whole = |bytes: &&[u8]| bytes.len() >= N && bytes.len().is_multiple_of(N);
        let (start, block) = disk.rope(file).last_block_while(|block| {
            block.as_slice().filter(whole).is_some_and(|bytes| key_at(bytes, 0) <= target)
        })?;
        let bytes = block.as_slice().expect("it was just looked into");
        let (mut low, mut high) = (0, bytes.len() / N);
        while high - low > 1 {
            let middle = usize::midpoint(low, high);
            if key_at(bytes, middle) <= target {
                low = middle;
            } else {
                high = middle;
            }
        }
        Some((start / N as u64) as u32 + low as u32)
    }

    /// The last slot whose key is not above `target`, as Kafka finds it: of equal keys any.
    pub(super) fn largest_lower_bound(
        &self,
        disk: &Disk,
        target: i64,
        key: impl Fn([u8; N]) -> i64,
    ) -> Option<u32> {
        largest_lower_bound(self.entries, N, target, |slot| key(self.entry(disk, slot)))
    }
}

/// The last of `entries` slots, each `entry_len` bytes long, whose key is not above `target`, found as
/// Kafka finds it: of equal keys any. `key` is asked for one slot after the other, as they are looked
/// at: whether the slot lies among the last ones, then whether it is before the first, then halves.
pub fn largest_lower_bound(
    entries: u32,
    entry_len: usize,
    target: i64,
    mut key: impl FnMut(u32) -> i64,
) -> Option<u32> {
    let last = entries.checked_sub(1)?;
    let first_warm = last.saturating_sub((WARM_BYTES / entry_len) as u32);
    let (mut low, mut high) = if key(first_warm) < target {
        (first_warm, last)
    } else if key(0) > target {
        return None;
    } else {
        (0, first_warm)
    };
    while low < high {
        let middle = (low + high).div_ceil(2);
        match key(middle).cmp(&target) {
            std::cmp::Ordering::Greater => high = middle - 1,
            std::cmp::Ordering::Less => low = middle,
            std::cmp::Ordering::Equal => return Some(middle),
        }
    }
    Some(low)
}

const fn round_down(size: u32, factor: usize) -> u32 {
    size - size % factor as u32
}

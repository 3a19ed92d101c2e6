//! A disk: files by name, a page cache above them, and what each operation costs.
//!
//! Every file knows how many of its bytes are durable. A process crash keeps the page cache; a
//! power cut keeps what is durable and, by chance, a torn tail of the rest.

mod medium;
mod rope;

use std::sync::Arc;

use bytes::Bytes;
use imbl::OrdMap;

use super::rng::Stream;
use super::{CowVec, Duration, Instant};
use medium::Medium;
pub use medium::MediumModel;
pub use rope::{Block, Content, Rope};

/// A file while it exists, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

#[derive(Clone, Debug)]
struct File<C> {
    rope: Rope<C>,
    /// How many of its first bytes survive a power cut.
    durable: u64,
    /// The length it was extended to with zeros that nobody wrote.
    preallocated: u64,
}

impl<C> Default for File<C> {
    fn default() -> Self {
        Self { rope: Rope::default(), durable: 0, preallocated: 0 }
    }
}

/// What the operations of a disk take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskModel {
    /// Picoseconds per byte written to the page cache.
    pub write_ps_per_byte: u64,
    /// Picoseconds per byte read from the page cache.
    pub read_ps_per_byte: u64,
    /// One fsync, however little there is to write.
    pub fsync: Duration,
    /// Picoseconds per byte that an fsync brings to the medium.
    pub medium_ps_per_byte: u64,
    /// A medium that does one thing after another; none for one that only an fsync waits for.
    pub medium: Option<MediumModel>,
}

impl Default for DiskModel {
    /// A plain server SSD: 5 GB/s to and from the page cache, 1 ms per fsync, 500 MB/s beneath.
    fn default() -> Self {
        Self {
            write_ps_per_byte: 200,
            read_ps_per_byte: 100,
            fsync: Duration::from_millis(1),
            medium_ps_per_byte: 2_000,
            medium: None,
        }
    }
}

/// A disk with the files on it.
#[derive(Clone, Debug)]
pub struct Disk<C> {
    files: CowVec<Option<File<C>>>,
    free: Vec<FileId>,
    names: OrdMap<Arc<str>, FileId>,
    model: DiskModel,
    medium: Option<Box<Medium>>,
    slowdown: u64,
    spent_ps: u64,
}

impl<C: Content> Default for Disk<C> {
    fn default() -> Self {
        Self::new(DiskModel::default())
    }
}

impl<C: Content> Disk<C> {
    /// An empty disk.
    pub fn new(model: DiskModel) -> Self {
        Self {
            files: CowVec::new(),
            free: Vec::new(),
            names: OrdMap::new(),
            medium: model
                .medium
                .map(|medium| Box::new(Medium::new(medium, model.medium_ps_per_byte))),
            model,
            slowdown: 1,
            spent_ps: 0,
        }
    }

    /// The file called `path`, if there is one.
    pub fn open(&self, path: &str) -> Option<FileId> {
        self.names.get(path).copied()
    }

    /// An empty file called `path`; an older one of that name is gone.
    pub fn create(&mut self, path: &str) -> FileId {
        self.remove(path);
        let file = Some(File::default());
        let id = if let Some(id) = self.free.pop() {
            self.files[id.0 as usize] = file;
            id
        } else {
            FileId(self.files.push(file) as u32)
        };
        self.names.insert(path.into(), id);
        id
    }

    /// Deletes the file called `path`; true if there was one.
    pub fn remove(&mut self, path: &str) -> bool {
        let Some(id) = self.names.remove(path) else { return false };
        self.files[id.0 as usize] = None;
        self.free.push(id);
        if let Some(medium) = &mut self.medium {
            medium.forget(id);
        }
        true
    }

    /// Gives `from` the name `to`, atomically; a file of that name is replaced. True if `from` was
    /// there.
    pub fn rename(&mut self, from: &str, to: &str) -> bool {
        let Some(id) = self.names.get(from).copied() else { return false };
        if from != to {
            self.remove(to);
            self.names.remove(from);
            self.names.insert(to.into(), id);
        }
        true
    }

    /// Gives every file in the directory `from` the same name in the directory `to`.
    pub fn rename_directory(&mut self, from: &str, to: &str) {
        for (name, _) in self.list(from) {
            self.rename(&format!("{from}/{name}"), &format!("{to}/{name}"));
        }
    }

    /// The files below the directory `path`, by their names within it, with their lengths in bytes.
    pub fn list(&self, path: &str) -> Vec<(Arc<str>, u64)> {
        let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
        self.names
            .range(Arc::from(prefix.as_str())..)
            .take_while(|(name, _)| name.starts_with(&prefix))
            .map(|(name, id)| (name[prefix.len()..].into(), self.len(*id)))
            .collect()
    }

    /// The length of a file in bytes, zeros set aside included.
    pub fn len(&self, id: FileId) -> u64 {
        let file = self.file(id);
        file.rope.len().max(file.preallocated)
    }

    /// The bytes of a file that somebody wrote.
    pub fn written(&self, id: FileId) -> u64 {
        self.file(id).rope.len()
    }

    /// How many of a file's first bytes survive a power cut.
    pub fn durable(&self, id: FileId) -> u64 {
        self.file(id).durable
    }

    /// The contents of a file, for reading block by block.
    pub fn rope(&self, id: FileId) -> &Rope<C> {
        &self.file(id).rope
    }

    /// Adds `block` at the end of what was written.
    pub fn append(&mut self, id: FileId, block: Block<C>) {
        self.charge_write(id, block.len());
        self.file_mut(id).rope.push(block);
    }

    /// Adds `blocks` at the end of what was written.
    pub fn append_all(&mut self, id: FileId, blocks: impl Iterator<Item = Block<C>>) {
        let len = self.file_mut(id).rope.extend(blocks);
        self.charge_write(id, len);
    }

    /// Adds a few bytes at the end of what was written.
    pub fn append_small(&mut self, id: FileId, bytes: &[u8]) {
        self.charge_write(id, bytes.len() as u64);
        self.file_mut(id).rope.push_small(bytes);
    }

    /// Extends a file to `len` bytes with zeros; what is written next still follows what was.
    pub fn preallocate(&mut self, id: FileId, len: u64) {
        self.file_mut(id).preallocated = len;
    }

    /// Keeps the first `len` bytes, and gives up zeros that were set aside.
    pub fn truncate(&mut self, id: FileId, len: u64) {
        let file = self.file_mut(id);
        file.rope.truncate(len);
        file.durable = file.durable.min(len);
        file.preallocated = 0;
    }

    /// Replaces bytes inside a file.
    pub fn overwrite(&mut self, id: FileId, position: u64, bytes: &[u8]) {
        self.charge_write(id, bytes.len() as u64);
        self.file_mut(id).rope.overwrite(position, bytes);
    }

    /// The bytes `from..to` of a file, or as many as were written.
    pub fn read(&mut self, id: FileId, from: u64, to: u64) -> Bytes {
        let bytes = self.file(id).rope.read(from, to);
        self.charge_read(id, bytes.len() as u64);
        bytes
    }

    /// Accounts for reading `len` bytes of a file that were taken from [`Disk::rope`].
    pub fn charge_read(&mut self, id: FileId, len: u64) {
        self.spend(len, self.model.read_ps_per_byte);
        if let Some(medium) = &mut self.medium {
            medium.read(id, len);
        }
    }

    fn charge_write(&mut self, id: FileId, len: u64) {
        self.spend(len, self.model.write_ps_per_byte);
        if let Some(medium) = &mut self.medium {
            medium.write(id, len);
        }
    }

    /// Brings all that was written to a file to the medium.
    pub fn fsync(&mut self, id: FileId) {
        let file = self.file_mut(id);
        let dirty = file.rope.len() - file.durable;
        file.durable = file.rope.len();
        match &mut self.medium {
            Some(medium) => medium.sync(id, self.model.fsync.as_nanos() * 1_000),
            None => self.charge_fsync(dirty),
        }
    }

    /// Accounts for an fsync of `len` bytes of a file that is not kept here.
    pub fn charge_fsync(&mut self, len: u64) {
        self.spent_ps += self.model.fsync.as_nanos() * 1_000 * self.slowdown;
        self.spend(len, self.model.medium_ps_per_byte);
    }

    /// Writes a whole small file the safe way: beside it, to the medium, then renamed over it.
    pub fn replace(&mut self, path: &str, bytes: impl Into<Bytes>) {
        let temporary = format!("{path}.tmp");
        let id = self.create(&temporary);
        self.append(id, Block::plain(bytes));
        self.fsync(id);
        self.rename(&temporary, path);
    }

    /// Puts a file there as if it had always been: on the medium, and at no cost.
    pub fn restore(&mut self, path: &str, bytes: impl Into<Bytes>) -> FileId {
        let id = self.create(path);
        let file = self.file_mut(id);
        file.rope.push(Block::plain(bytes));
        file.durable = file.rope.len();
        id
    }

    /// The bytes of the file called `path`, if there is one.
    pub fn read_path(&mut self, path: &str) -> Option<Bytes> {
        let id = self.open(path)?;
        Some(self.read(id, 0, u64::MAX))
    }

    /// From now on everything takes `factor` times as long as the model says.
    pub fn slow_down(&mut self, factor: u64) {
        self.slowdown = factor.max(1);
    }

    /// The time that the operations since the last call took: all of them were asked for at `now`.
    pub fn take_spent(&mut self, now: Instant) -> Duration {
        let nanos = self.spent_ps / 1_000;
        self.spent_ps %= 1_000;
        let slowdown = self.slowdown;
        let waited = self.medium.as_mut().map(|medium| medium.wait(now, slowdown));
        Duration::from_nanos(nanos) + waited.unwrap_or_default()
    }

    /// The file that the medium is at, and how often it went to another place; none where that is not
    /// modelled, or it has not been anywhere.
    pub fn head(&self) -> Option<(&str, u64)> {
        let medium = self.medium.as_ref()?;
        let at = medium.head()?;
        let (name, _) = self.names.iter().find(|(_, id)| **id == at)?;
        Some((name, medium.seeks()))
    }

    /// How often the medium went to another place, where that is modelled.
    pub fn seeks(&self) -> u64 {
        self.medium.as_ref().map_or(0, |medium| medium.seeks())
    }

    /// The power fails: of what is not durable a tail of random length survives, torn anywhere.
    /// Returns each file that lost bytes, with how many.
    pub fn power_cut(&mut self, chance: &mut Stream) -> Vec<(Arc<str>, u64)> {
        let names: Vec<_> = self.names.iter().map(|(name, id)| (name.clone(), *id)).collect();
        let mut lost = Vec::new();
        for (name, id) in names {
            let file = self.file_mut(id);
            let dirty = file.rope.len() - file.durable;
            if dirty > 0 {
                let kept = file.durable + chance.below(dirty + 1);
                let gone = file.rope.len() - kept;
                file.rope.truncate(kept);
                file.durable = kept;
                if gone > 0 {
                    // The length goes with the bytes.
                    file.preallocated = 0;
                    lost.push((name, gone));
                }
            }
        }
        lost
    }

    /// Everything is gone: the disk is replaced by an empty one.
    pub fn wipe(&mut self) {
        *self = Self { slowdown: self.slowdown, ..Self::new(self.model) };
    }

    fn spend(&mut self, bytes: u64, ps_per_byte: u64) {
        self.spent_ps += bytes * ps_per_byte * self.slowdown;
    }

    fn file(&self, id: FileId) -> &File<C> {
        self.files[id.0 as usize].as_ref().expect("a file id is used while the file exists")
    }

    fn file_mut(&mut self, id: FileId) -> &mut File<C> {
        self.files[id.0 as usize].as_mut().expect("a file id is used while the file exists")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug)]
    struct Never;

    impl Content for Never {
        fn len(&self) -> u64 {
            0
        }
        fn to_bytes(&self) -> Bytes {
            Bytes::new()
        }
    }

    #[test]
    fn a_power_cut_keeps_what_was_synced_and_a_torn_tail() {
        let mut disk: Disk<Never> = Disk::default();
        let log = disk.create("kq-0/00.log");
        disk.append(log, Block::plain(vec![1; 100]));
        disk.fsync(log);
        disk.append(log, Block::plain(vec![2; 100]));
        disk.replace("kq-0/partition.metadata", "version: 0\n");
        let lost = disk.power_cut(&mut Stream::new(1, "power"));
        let left = disk.len(log);
        assert!((100..200).contains(&left), "{left}");
        assert_eq!(lost, [("kq-0/00.log".into(), 200 - left)]);
        assert_eq!(disk.read_path("kq-0/partition.metadata").expect("kept"), "version: 0\n");
    }

    #[test]
    fn directories_are_listed_and_renamed() {
        let mut disk: Disk<Never> = Disk::default();
        for path in ["kq-0/a", "kq-0/b", "kq-00/c", "meta.properties"] {
            disk.create(path);
        }
        assert_eq!(disk.list("kq-0"), [("a".into(), 0), ("b".into(), 0)]);
        disk.rename_directory("kq-0", "kq-0.x-delete");
        let names: Vec<_> = disk.list("").into_iter().map(|(name, _)| name).collect();
        let wanted = ["kq-0.x-delete/a", "kq-0.x-delete/b", "kq-00/c", "meta.properties"];
        assert_eq!(names, wanted.map(Arc::from));
    }

    #[test]
    fn operations_cost_time_and_more_on_a_slow_disk() {
        let mut disk: Disk<Never> = Disk::default();
        let id = disk.create("f");
        disk.append_small(id, &[0; 50]);
        disk.fsync(id);
        let quick = disk.take_spent(Instant::ZERO);
        disk.slow_down(10);
        disk.append_small(id, &[0; 50]);
        disk.fsync(id);
        assert_eq!(disk.take_spent(Instant::ZERO), quick * 10);
        assert_eq!(disk.take_spent(Instant::ZERO), Duration::ZERO);
    }
}

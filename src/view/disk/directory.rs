//! A log directory: its directories and files, how long they are, and how much of them is on the medium.

use crate::ids::{BrokerId, TopicPartition};
use crate::log::{Disk, LOG, OFFSET_INDEX, join};
use crate::view::Lens;

/// A file in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// Its name.
    pub name: String,
    /// Its length in bytes, zeros set aside included.
    pub len: u64,
    /// How many of these were written.
    pub written: u64,
    /// How many of the first ones are on the medium: a power loss cannot take them.
    pub flushed: u64,
}

impl FileEntry {
    fn of(disk: &Disk, path: &str, name: &str) -> Self {
        let file = disk.open(path).expect("it is listed");
        let (len, written, flushed) = (disk.len(file), disk.written(file), disk.durable(file));
        Self { name: name.to_owned(), len, written, flushed }
    }

    /// How many bytes are in the page cache only: a power loss takes up to so many.
    pub const fn at_risk(&self) -> u64 {
        self.written.saturating_sub(self.flushed)
    }
}

/// A directory of a disk; the one without a name is the log directory itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectoryView {
    /// Its name.
    pub name: String,
    /// Its files, by name.
    pub files: Vec<FileEntry>,
}

impl DirectoryView {
    /// The directories of a disk, by name, and what lies beside them.
    fn all_of(disk: &Disk) -> (Vec<Self>, Self) {
        let (mut directories, mut root) = (Vec::<Self>::new(), Self::default());
        for (path, _) in disk.list("") {
            let Some((directory, name)) = path.split_once('/') else {
                root.files.push(FileEntry::of(disk, &path, &path));
                continue;
            };
            if directories.last().is_none_or(|last| last.name != directory) {
                directories.push(Self { name: directory.to_owned(), files: Vec::new() });
            }
            let last = directories.last_mut().expect("there is one now");
            last.files.push(FileEntry::of(disk, &path, name));
        }
        (directories, root)
    }

    /// The lengths of its files in bytes.
    pub fn len(&self) -> u64 {
        self.files.iter().map(|file| file.len).sum()
    }

    /// True if it has no file.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// How many bytes of its files were written.
    pub fn written(&self) -> u64 {
        self.files.iter().map(|file| file.written).sum()
    }

    /// How many bytes are in the page cache only.
    pub fn at_risk(&self) -> u64 {
        self.files.iter().map(FileEntry::at_risk).sum()
    }
}

impl Lens<'_> {
    /// How many segments a replica has on its disk, and how many entries their offset indexes have in
    /// all. None where it has none.
    pub fn segments(self, tp: &TopicPartition, server: BrokerId) -> Option<(u64, u64)> {
        let disk = &*self.disk_of(server, Some(tp))?;
        let directory = tp.to_string();
        let (mut segments, mut entries) = (0, 0);
        for (name, _) in disk.list(&directory) {
            segments += u64::from(name.ends_with(LOG));
            if name.ends_with(OFFSET_INDEX) {
                let file = disk.open(&join(&directory, &name)).expect("it is listed");
                entries += disk.written(file) / 8;
            }
        }
        (segments > 0).then_some((segments, entries))
    }

    /// The log directory of a server: its directories by name, and last, without a name, the files
    /// that lie in it directly. None for what has no disk.
    pub fn log_directory(self, server: BrokerId) -> Option<Vec<DirectoryView>> {
        let disk = &*self.disk_of(server, None)?;
        let mut directories: Vec<DirectoryView> = Vec::new();
        for log in self.implied_logs(server) {
            let mut apart = Disk::default();
            log.clone().materialize(&mut apart);
            directories.extend(DirectoryView::all_of(&apart).0);
        }
        let (kept, root) = DirectoryView::all_of(disk);
        directories.extend(kept);
        directories.sort_by(|one, other| one.name.cmp(&other.name));
        directories.push(root);
        Some(directories)
    }
}

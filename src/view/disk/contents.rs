//! A file as what it is.

use bytes::Bytes;

use super::directory::FileEntry;
use super::dump::Decoder;
use super::kind::FileKind;
use super::log_file::LogFile;
use super::part::{Item, Part};
use super::small;
use crate::ids::{BrokerId, Offset};
use crate::log::{Disk, offset_of, parse_directory};
use crate::view::Lens;

/// A file, read.
#[derive(Clone, Debug)]
pub struct Contents {
    /// Its name and how long it is.
    pub entry: FileEntry,
    /// What it is.
    pub kind: FileKind,
    /// What is in it.
    body: Body,
    /// The bytes of what is no log.
    bytes: Bytes,
}

#[derive(Clone, Debug)]
enum Body {
    Log(LogFile),
    Items(Vec<Item>),
}

impl Contents {
    /// The file at `path` of a disk.
    pub fn of(disk: &Disk, path: &str) -> Option<Self> {
        let file = disk.open(path)?;
        let (directory, name) = path.split_once('/').unwrap_or(("", path));
        let kind = FileKind::of(name);
        let entry = FileEntry {
            name: name.to_owned(),
            len: disk.len(file),
            written: disk.written(file),
            flushed: disk.durable(file),
        };
        let decoder = match kind {
            FileKind::Log => Some(Decoder::of(directory)),
            FileKind::Bootstrap => Some(Decoder::Metadata),
            _ => None,
        };
        if let Some(decoder) = decoder {
            let log = LogFile::of(disk, file, decoder);
            return Some(Self { entry, kind, body: Body::Log(log), bytes: Bytes::new() });
        }
        let bytes = disk.rope(file).read(0, u64::MAX);
        let base = offset_of(name).unwrap_or(Offset(0));
        let items = match kind {
            FileKind::OffsetIndex => small::offset_index(&bytes, base),
            FileKind::TimeIndex => small::time_index(&bytes, base),
            FileKind::TxnIndex => small::txn_index(&bytes),
            FileKind::Snapshot => small::snapshot(&bytes),
            FileKind::LeaderEpochs
            | FileKind::RecoveryPoints
            | FileKind::LogStarts
            | FileKind::HighWatermarks
            | FileKind::Cleaned => small::checkpoint(&bytes),
            _ => small::text(&bytes),
        };
        Some(Self { entry, kind, body: Body::Items(items), bytes })
    }

    /// The batches, if it is a file of batches.
    pub const fn log(&self) -> Option<&LogFile> {
        match &self.body {
            Body::Log(log) => Some(log),
            Body::Items(_) => None,
        }
    }

    /// The items of what is no file of batches.
    pub fn items(&self) -> &[Item] {
        match &self.body {
            Body::Log(_) => &[],
            Body::Items(items) => items,
        }
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        match &self.body {
            Body::Log(log) => log.rows(),
            Body::Items(items) => items.len(),
        }
    }

    /// Where row number `row` begins.
    pub fn start_of(&self, row: usize) -> u64 {
        match &self.body {
            Body::Log(log) => log.row(row).map_or(0, |row| row.start()),
            Body::Items(items) => items.get(row).map_or(0, Item::start),
        }
    }

    /// The row that byte `at` belongs to.
    pub fn row_at(&self, at: u64) -> usize {
        match &self.body {
            Body::Log(log) => log.row_at(at),
            Body::Items(items) => {
                items.partition_point(|item| item.start() <= at).saturating_sub(1)
            }
        }
    }

    /// A row in one line: as `kafka-dump-log` prints it, where that does.
    pub fn line(&self, row: usize) -> String {
        match &self.body {
            Body::Log(log) => log.row(row).map_or_else(String::new, |row| log.line(&row)),
            Body::Items(items) => items.get(row).map_or_else(String::new, |item| item.line.clone()),
        }
    }

    /// How many pages its fields are shown on: in a file of batches a page is a batch.
    pub fn pages(&self) -> usize {
        match &self.body {
            Body::Log(log) => log.pages(),
            Body::Items(items) => usize::from(!items.is_empty()),
        }
    }

    /// The page that byte `at` is on.
    pub fn page_at(&self, at: u64) -> usize {
        match &self.body {
            Body::Log(log) if !log.rest.is_empty() && at >= log.rest.start => log.pages() - 1,
            Body::Log(log) => log.batch_at(at).unwrap_or(0),
            Body::Items(_) => 0,
        }
    }

    /// The fields of a page, in order and without gaps.
    pub fn parts(&self, page: usize) -> Vec<Part> {
        match &self.body {
            Body::Log(log) => log.parts(page),
            Body::Items(items) => items.iter().flat_map(|item| item.parts.clone()).collect(),
        }
    }

    /// The bytes from `parts` of a page.
    pub fn bytes(&self, page: usize, part: &Part) -> Bytes {
        match &self.body {
            Body::Log(log) => {
                let Some((at, batch)) = log.batches.get(page) else { return Bytes::new() };
                let range = (part.at.start - at) as usize..(part.at.end - at) as usize;
                batch.to_bytes().slice(range)
            }
            Body::Items(_) => self.bytes.slice(part.at.start as usize..part.at.end as usize),
        }
    }
}

impl Lens<'_> {
    /// The file at `path` on a server's disk.
    pub fn file(self, server: BrokerId, path: &str) -> Option<Contents> {
        let tp = path.split('/').next().and_then(parse_directory).map(|(tp, _)| tp);
        Contents::of(&*self.disk_of(server, tp.as_ref())?, path)
    }
}

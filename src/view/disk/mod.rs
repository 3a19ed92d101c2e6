//! What lies on a server's disk: its log directory, and each file down to the meaning of single bytes.
//!
//! In Kafka: what `ls`, `kafka-dump-log` and a hexdump show of `log.dirs`. Everything is read from the
//! bytes that are there; a process that is down is looked at like one that runs. Records inside
//! compressed batches are decoded like others; the bytes in which they lie are one field.

mod batch;
mod contents;
mod directory;
mod dump;
mod find;
mod kind;
mod log_file;
mod part;
mod small;

pub use contents::Contents;
pub use directory::{DirectoryView, FileEntry};
pub use dump::{Decoder, batch_line, record_line};
pub use find::{Find, Scanned, Step, Verdict};
pub use kind::FileKind;
pub use log_file::{LogFile, LogRow};
pub use part::{Item, Part};

use super::Lens;
use crate::ids::BrokerId;
use crate::log::Disk;

impl<'a> Lens<'a> {
    /// The servers that have a disk, brokers first, each group by id.
    pub fn servers_with_disks(self) -> Vec<BrokerId> {
        let mut all: Vec<_> =
            self.servers().map(|(id, _, is_broker, _)| (!is_broker, id)).collect();
        all.sort_unstable();
        all.into_iter().map(|(_, id)| id).collect()
    }

    /// The disk of a server, whether its process runs or not.
    pub fn disk_of(self, server: BrokerId) -> Option<&'a Disk> {
        self.disk(self.node_of(server)?)
    }
}

//! What lies on a server's disk: its log directory, and each file down to the meaning of single bytes.
//!
//! In Kafka: what `ls`, `kafka-dump-log` and a hexdump show of `log.dirs`. Everything is read from the
//! bytes that are there; a process that is down is looked at like one that runs. What was never
//! written to is not kept: its files are made when somebody looks. Records inside compressed batches
//! are decoded like others; the bytes in which they lie are one field.

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

use std::borrow::Cow;

use super::Lens;
use crate::ids::{BrokerId, TopicPartition};
use crate::log::{Disk, Log};

impl<'a> Lens<'a> {
    /// The servers that have a disk, brokers first, each group by id.
    pub fn servers_with_disks(self) -> Vec<BrokerId> {
        let mut all: Vec<_> =
            self.servers().map(|(id, _, is_broker, _)| (!is_broker, id)).collect();
        all.sort_unstable();
        all.into_iter().map(|(_, id)| id).collect()
    }

    /// The disk of a server, whether its process runs or not, as far as it is needed to look into the
    /// directory of `tp`: that one is there even if nobody has written to it.
    pub fn disk_of(self, server: BrokerId, tp: Option<&TopicPartition>) -> Option<Cow<'a, Disk>> {
        let disk = self.disk(self.node_of(server)?)?;
        let tp = tp.filter(|tp| disk.list(&tp.to_string()).is_empty());
        let implied = tp.and_then(|tp| {
            let mut implied = self.implied_logs(server);
            implied.find(|log| log.topic_partition() == *tp)
        });
        let Some(log) = implied else { return Some(Cow::Borrowed(disk)) };
        let mut disk = disk.clone();
        log.clone().materialize(&mut disk);
        Some(Cow::Owned(disk))
    }

    /// The logs of a server that nobody has written to.
    fn implied_logs(self, server: BrokerId) -> impl Iterator<Item = &'a Log> + use<'a> {
        self.node_of(server).into_iter().flat_map(move |node| self.cluster.implied_logs(node))
    }
}

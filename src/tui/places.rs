//! Where each pane stands: what is selected in it, and what of it is seen.

use std::collections::BTreeSet;

use super::beside::Against;
use super::panels::compare::CompareView;
use super::panels::metadata_log::RecordsView;
use super::screens::Pane;
use crate::cluster::Passage;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::scenario::timeline::FutureId;
use crate::sim::Instant;
use crate::view::message::{MessageKey, MessageView};

/// Where the matrix stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matrix {
    /// The selected row and column.
    pub selected: (usize, usize),
    /// The first row shown.
    pub top: usize,
    /// The first column shown.
    pub left: usize,
    /// Internal topics are shown in full.
    pub internal: bool,
}

impl Default for Matrix {
    /// At the first broker.
    fn default() -> Self {
        Self { selected: (1, 1), top: 0, left: 0, internal: false }
    }
}

/// Where a table stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The selected row.
    pub selected: usize,
    /// The first row shown.
    pub top: usize,
}

/// Where the screen of a partition stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strips {
    /// The partition; none for the first there is.
    pub tp: Option<TopicPartition>,
    /// The selected row.
    pub selected: usize,
    /// The first group or replica shown.
    pub top: usize,
    /// Every record has a cell of its own.
    pub close: bool,
    /// The story below has the focus.
    pub in_story: bool,
}

/// Where the screen of a group stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gantt {
    /// The group; none for the first there is.
    pub group: Option<Name>,
    /// The selected row.
    pub selected: usize,
    /// The first partition shown.
    pub top: usize,
    /// Only the last rebalance, instead of the whole run.
    pub close: bool,
    /// The story below has the focus.
    pub in_story: bool,
}

/// Where the screen of a disk stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// Whose disk; none for the first server's.
    pub server: Option<BrokerId>,
    /// The path that is selected; empty for the log directory itself.
    pub selected: String,
    /// The first row of the tree shown.
    pub top: usize,
    /// The directories that are unfolded, by their names.
    pub unfolded: BTreeSet<String>,
    /// The path of the file that is open.
    pub file: Option<String>,
    /// The byte of it at which the selected row or field begins.
    pub at: u64,
    /// The first row of it shown.
    pub file_top: usize,
    /// Its bytes are shown.
    pub bytes: bool,
    /// The file has the focus.
    pub in_file: bool,
}

/// Where the screen of the controller stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Control {
    /// The pane that has the focus.
    pub pane: Pane,
    /// The controllers, the brokers and what is pending.
    pub table: Table,
    /// The metadata log.
    pub records: RecordsView,
}

impl Default for Control {
    /// The controllers have the focus, and the newest records are shown.
    fn default() -> Self {
        let (table, records) = (Table::default(), RecordsView::default());
        Self { pane: Pane::Control, table, records }
    }
}

/// Where the comparison stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compare {
    /// What the present is compared with.
    pub against: Option<Against>,
    /// What is selected and shown.
    pub view: CompareView,
    /// The question to all runs was asked.
    pub asked: bool,
    /// Which run was the answer to it.
    pub guess: Option<usize>,
}

/// The messages that are looked at, and the moment they are of.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    /// The moment: instant, event, future.
    pub(super) of: Option<(Instant, u32, FutureId)>,
    /// What travelled.
    pub(super) passages: Vec<Passage>,
    /// The same as messages.
    pub(super) messages: Vec<MessageView>,
}

impl Window {
    /// The place of a message.
    pub(super) fn find(&self, key: MessageKey) -> Option<usize> {
        self.messages.iter().position(|one| one.key() == key)
    }
}

/// Where the screen of messages stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sequence {
    /// The message that is selected; none for the newest.
    pub selected: Option<MessageKey>,
    /// The first row shown; none to follow the newest.
    pub top: Option<usize>,
    /// Only those with this in their names.
    pub filter: String,
}

/// Where the story stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// The selected line; none for the newest.
    pub selected: Option<usize>,
    /// The first line shown; none to follow the end.
    pub top: Option<usize>,
    /// Only lines with this in them.
    pub filter: String,
}

/// Where the chain of causes stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Causes {
    /// The event that was asked about.
    pub event: u32,
    /// The selected link.
    pub selected: usize,
    /// The first link shown.
    pub top: usize,
}

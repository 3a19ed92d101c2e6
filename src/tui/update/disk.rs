//! The screen of a disk: going through its tree, opening files, finding offsets.

use super::layers::closes;
use crate::ids::{Offset, TopicPartition};
use crate::tui::app::App;
use crate::tui::editor::Editor;
use crate::tui::key::{Code, Key};
use crate::tui::layer::{Card, Layer};
use crate::tui::panels::disk::walk::{self, Walk};
use crate::tui::panels::disk::{self, What, partition_of};
use crate::tui::panels::{Changed, Thing, cluster};
use crate::tui::screens::{Pane, Screen};
use crate::view::disk::FileKind;

impl App {
    /// Shows the disk of the broker that is selected in the matrix, at the partition that is selected
    /// there or was looked at last.
    pub(super) fn show_disk(&mut self) {
        let from = self.ui.screen;
        let selected = match from {
            Screen::Cluster => self.partition_of_focus(),
            Screen::Partition => self.ui.partition.tp.clone(),
            _ => None,
        };
        let server = match from {
            Screen::Cluster if self.ui.home == Pane::Cluster => {
                let (changed, (row, column)) = (Changed::default(), self.ui.cluster.selected);
                let view = self.cluster_view(&changed);
                let above = cluster::at(self.lens(), &view, 0, column);
                match cluster::at(self.lens(), &view, row, column).or(above) {
                    Some(Thing::Replica { broker, .. }) => Some(broker),
                    Some(Thing::Broker(id) | Thing::Controller(id)) => Some(id),
                    _ => None,
                }
            }
            _ => None,
        };
        self.ui.screen = Screen::Disk;
        let folder = &mut self.ui.disk;
        if server.is_some() && server != folder.server {
            folder.server = server;
            (folder.file, folder.in_file) = (None, false);
        }
        let first = folder.selected.is_empty();
        if let Some(tp) = selected.filter(|_| !folder.in_file) {
            self.select_partition(&tp);
        } else if first && let Some(tp) = disk_partition(self) {
            self.select_partition(&tp);
        }
    }

    /// Unfolds the directory of a partition and selects it.
    fn select_partition(&mut self, tp: &TopicPartition) {
        let directory = tp.to_string();
        self.ui.disk.unfolded.insert(directory.clone());
        if crate::metadata::topic_name::is_kafkas_own(&tp.topic) {
            self.ui.disk.unfolded.insert(tp.topic.to_string());
        }
        self.ui.disk.selected = directory;
    }

    /// What has the focus on this screen.
    pub(super) fn focused_on_disk(&self) -> Option<Thing> {
        let server = self.server()?;
        if self.focus() == Pane::File {
            let view = self.file_view()?;
            let contents = self.lens().file(server, view.path)?;
            let name = view.bytes.then(|| disk::open::field(&contents, view.at)).flatten();
            let by_field = name.and_then(term_of_field);
            let term = by_field.unwrap_or_else(|| term_of_file(contents.kind));
            return Some(Thing::File { server, term });
        }
        let view = self.tree_view()?;
        let rows = disk::rows(self.lens(), &view);
        let row = rows.get(disk::place(&rows, &self.ui.disk.selected))?;
        Some(match row.what {
            What::Root(_) => Thing::File { server, term: "log directory" },
            What::Topic(_) => Thing::Topic(row.path.trim_end_matches("-*").into()),
            What::Directory(..) => match partition_of(&row.path) {
                Some(tp) => Thing::Partition(tp),
                None => Thing::File { server, term: "log" },
            },
            What::File => Thing::File { server, term: term_of_file(FileKind::of(&row.name)) },
        })
    }

    pub(super) fn step_on_disk(&mut self, by: isize) {
        if self.focus() == Pane::File {
            let Some(view) = self.file_view() else { return };
            let Some(contents) = self.lens().file(view.server, view.path) else { return };
            self.ui.disk.at = disk::open::moved(&contents, &view, by);
            return;
        }
        let Some(view) = self.tree_view() else { return };
        let rows = disk::rows(self.lens(), &view);
        let from = disk::place(&rows, &self.ui.disk.selected);
        let to = from.saturating_add_signed(by).min(rows.len().saturating_sub(1));
        if let Some(row) = rows.get(to) {
            self.ui.disk.selected.clone_from(&row.path);
        }
    }

    /// The next server's disk; in a file of batches the next batch.
    pub(super) fn beside_on_disk(&mut self, by: isize) {
        if self.focus() == Pane::File {
            let Some(view) = self.file_view() else { return };
            let Some(contents) = self.lens().file(view.server, view.path) else { return };
            let last = contents.pages().saturating_sub(1);
            let page = contents.page_at(view.at).saturating_add_signed(by).min(last);
            let start = contents.parts(page).first().map_or(0, |part| part.at.start);
            self.ui.disk.at = start;
            return;
        }
        let servers = self.lens().servers_with_disks();
        let here = servers.iter().position(|one| Some(*one) == self.server()).unwrap_or(0);
        let to = here.saturating_add_signed(by).min(servers.len().saturating_sub(1));
        let folder = &mut self.ui.disk;
        folder.server = servers.get(to).copied();
        folder.file = None;
    }

    /// Opens a file, unfolds or folds a directory; in a file it shows bytes, or what they mean.
    pub(super) fn open_on_disk(&mut self) {
        if self.focus() == Pane::File {
            let folder = &mut self.ui.disk;
            (folder.bytes, folder.file_top) = (!folder.bytes, 0);
            return;
        }
        let Some(view) = self.tree_view() else { return };
        let rows = disk::rows(self.lens(), &view);
        let Some(row) = rows.get(disk::place(&rows, &self.ui.disk.selected)) else { return };
        let (path, what) = (row.path.clone(), row.what);
        let folder = &mut self.ui.disk;
        folder.selected.clone_from(&path);
        match what {
            What::Root(_) => {}
            What::Topic(_) => {
                let topic = path.trim_end_matches("-*").to_owned();
                folder.selected = format!("{topic}-0");
                folder.unfolded.insert(topic);
            }
            What::Directory(_, shown) => {
                if shown {
                    folder.unfolded.remove(&path);
                } else {
                    folder.unfolded.insert(path);
                }
            }
            What::File => {
                if folder.file.as_ref() != Some(&path) {
                    (folder.at, folder.file_top, folder.bytes) = (0, 0, false);
                }
                (folder.file, folder.in_file) = (Some(path), true);
            }
        }
    }

    /// Asks for the offset that is to be found in the selected log.
    pub(super) fn ask_offset(&mut self) {
        if self.ui.screen != Screen::Disk {
            self.show_disk();
        }
        let folder = &self.ui.disk;
        let path = folder.file.as_ref().filter(|_| folder.in_file).unwrap_or(&folder.selected);
        let tp = partition_of(path).or_else(|| disk_partition(self));
        if let Some((server, tp)) = self.server().zip(tp) {
            let walk = Walk { server, tp, target: Offset(0), step: 0 };
            self.ui.layers.push(Layer::Offset { editor: Editor::default(), walk });
        } else {
            let lang = self.ui.lang;
            self.note(lang.pick("there is no log on this disk", "这块磁盘上没有日志"));
        }
    }

    /// A key while an offset is typed.
    pub(super) fn offset_key(&mut self, mut editor: Editor, mut walk: Walk, key: Key) {
        match key.code {
            Code::Esc => return,
            Code::Enter => {
                if let Ok(target) = editor.text().trim().parse() {
                    (walk.target, walk.step) = (Offset(target), 0);
                    self.ui.layers.push(Layer::Find { walk, top: 0 });
                } else if !editor.text().trim().is_empty() {
                    let lang = self.ui.lang;
                    self.complain(
                        lang.pick("an offset is a number from 0 on", "offset 是从 0 开始的数字"),
                    );
                }
                return;
            }
            Code::Char(letter) if !letter.is_ascii_digit() && !key.ctrl => {}
            _ => _ = editor.take(key),
        }
        self.ui.layers.push(Layer::Offset { editor, walk });
    }

    /// A key while an offset is being found.
    pub(super) fn find_key(&mut self, mut walk: Walk, top: usize, key: Key) {
        let last = walk::steps(self.lens(), &walk).saturating_sub(1);
        match key.code {
            Code::Enter | Code::Char('n' | 'j' | ' ') | Code::Down => {
                walk.step = (walk.step + 1).min(last);
            }
            Code::Char('p' | 'k') | Code::Up | Code::Backspace => {
                walk.step = walk.step.saturating_sub(1);
            }
            Code::Home => walk.step = 0,
            Code::End => walk.step = last,
            Code::Char('o') => return self.open_step(&walk),
            Code::Char('g') => self.toggle_language(),
            Code::Char('?') => {
                self.ui.layers.push(Layer::Find { walk, top });
                self.ui.layers.push(Layer::card(Card::Term("sparse index")));
                return;
            }
            _ if closes(key) => return,
            _ => {}
        }
        self.ui.layers.push(Layer::Find { walk, top });
    }

    /// Opens the bytes that a step looks at.
    fn open_step(&mut self, walk: &Walk) {
        let Some((path, at)) = walk::place(self.lens(), walk) else { return };
        self.select_partition(&walk.tp);
        let folder = &mut self.ui.disk;
        folder.server = Some(walk.server);
        folder.selected.clone_from(&path);
        (folder.file, folder.in_file) = (Some(path), true);
        (folder.at, folder.file_top, folder.bytes) = (at, 0, true);
        self.ui.screen = Screen::Disk;
    }
}

/// The first partition of users that lies on the disk that is looked at, or else any.
fn disk_partition(app: &App) -> Option<TopicPartition> {
    let directories = app.lens().log_directory(app.server()?)?;
    let all: Vec<_> = directories.iter().filter_map(|one| partition_of(&one.name)).collect();
    let users = |tp: &&TopicPartition| !crate::metadata::topic_name::is_kafkas_own(&tp.topic);
    all.iter().find(users).or(all.first()).cloned()
}

/// The term of the card about a file.
const fn term_of_file(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Log => "segment",
        FileKind::OffsetIndex => "sparse index",
        FileKind::TimeIndex => "time index",
        FileKind::TxnIndex => "transaction",
        FileKind::Snapshot => "producer snapshot",
        FileKind::LeaderEpochs => "leader epoch checkpoint",
        FileKind::PartitionMetadata => "partition.metadata",
        FileKind::MetaProperties | FileKind::Lock | FileKind::Other => "log directory",
        FileKind::RecoveryPoints => "recovery point",
        FileKind::LogStarts | FileKind::HighWatermarks | FileKind::Cleaned => "checkpoint file",
        FileKind::CleanShutdown => "unclean shutdown",
        FileKind::QuorumState | FileKind::Bootstrap => "controller",
    }
}

/// The term of the card about a field.
fn term_of_field(name: &str) -> Option<&'static str> {
    Some(match name {
        "baseOffset" | "offsetDelta" | "lastOffsetDelta" => "offset",
        "partitionLeaderEpoch" => "leader epoch",
        "crc" => "CRC-32C",
        "producerId" | "producerEpoch" | "baseSequence" => "idempotence",
        "batchLength" | "magic" | "attributes" | "recordsCount" => "record batch",
        "length" | "keyLength" | "valueLength" | "timestampDelta" => "varint",
        "key" => "key",
        "value" | "recordAttributes" | "headersCount" | "headerKey" | "headerValue" => "record",
        _ => return None,
    })
}

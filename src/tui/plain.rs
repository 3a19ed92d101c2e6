//! Screens as plain text: the last screen of a key script, and the twin of every view.

use std::collections::BTreeSet;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::panels::compare::{Aligned, CompareView};
use super::panels::disk::walk::Walk;
use super::panels::metadata_log::RecordsView;
use super::panels::sheet;
use super::panels::{
    Changed, TableView, bar, charts, cluster, compare, control, disk, group, groups, messages,
    metadata_log, partition, producers, story, why,
};
use super::{App, Look, Theme, Tone};
use crate::explain::Lang;
use crate::explain::why::chain;
use crate::ids::{BrokerId, Name, Offset, TopicPartition};
use crate::metadata::topic_name::is_kafkas_own;
use crate::scenario::timeline::Timeline;

/// What can be looked at as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum View {
    /// The cluster with its groups and producers.
    Cluster,
    /// The logs of a partition; of the first there is where none is named.
    Partition(Option<TopicPartition>),
    /// A group and its story; the first there is where none is named.
    Group(Option<Name>),
    /// A server's disk; the first one's where none is named.
    Disk(Option<BrokerId>, OnDisk),
    /// Charts over simulated time.
    Charts,
    /// The controller, the brokers' images and the metadata log.
    Control,
    /// The messages of the last moments; those with this in their names.
    Messages(Option<String>),
    /// The story.
    Story,
    /// Why the last line of the story came about.
    Why,
}

/// What of a disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnDisk {
    /// The tree, with the directory of that name unfolded; all of users' topics without one.
    Tree(Option<String>),
    /// What is in a file.
    File(String),
    /// The bytes of a file with their names: of the batch that byte lies in.
    Bytes(String, u64),
    /// How an offset is found.
    Find(TopicPartition, Offset),
}

/// The letters of a picture, without what follows the last one of a row.
pub fn text(buf: &Buffer) -> String {
    let area = *buf.area();
    let mut text = String::new();
    for y in area.top()..area.bottom() {
        let mut row = String::new();
        let mut hidden = 0;
        for x in area.left()..area.right() {
            if hidden > 0 {
                hidden -= 1;
                continue;
            }
            let symbol = buf[(x, y)].symbol();
            // A wide letter hides the cell after it.
            hidden = symbol.width().saturating_sub(1);
            row.push_str(symbol);
        }
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}

impl App {
    /// The screen as plain text.
    pub fn text(&self) -> String {
        text(&self.picture())
    }
}

/// A view of the run at its cursor as plain text, as high as it must be.
pub fn twin(view: &View, timeline: &Timeline, lang: Lang, width: u16) -> String {
    text(&picture(view, timeline, &Theme::new(Tone::Mono, false), lang, width))
}

/// A view of the run at its cursor, as high as it must be.
pub fn picture(view: &View, timeline: &Timeline, theme: &Theme, lang: Lang, width: u16) -> Buffer {
    let look = Look::new(theme, lang);
    let width = width.max(60);
    let mut twin = Twin { look, timeline, width, cells: Vec::new() };
    twin.bar();
    match view {
        View::Cluster => twin.cluster(),
        View::Partition(tp) => twin.partition(tp.as_ref()),
        View::Group(group) => twin.group(group.as_ref()),
        View::Charts => twin.charts(),
        View::Messages(filter) => twin.messages(filter.as_deref()),
        View::Disk(server, what) => twin.disk(*server, what),
        View::Control => twin.control(),
        View::Story => twin.story(None),
        View::Why => twin.why(),
    }
    twin.finish()
}

/// Two runs at their cursors side by side as plain text.
pub fn twin_beside(names: [String; 2], sides: [&Timeline; 2], lang: Lang, width: u16) -> String {
    let theme = Theme::new(Tone::Mono, false);
    let look = Look::new(&theme, lang);
    let width = width.max(60);
    let mut twin = Twin { look, timeline: sides[0], width, cells: Vec::new() };
    twin.bar();
    let aligned = Aligned::of(&twin.look, names, sides);
    // Of the height that is asked for two fifths are kept for the values.
    let height = usize::from(compare::height(&twin.look, &aligned, twin.width));
    let height = height.max(aligned.values.len() * 5 / 2 + 10);
    twin.put(height, |twin, area, buf| {
        compare::draw(&twin.look, Some(&aligned), &CompareView::default(), area, buf);
    });
    text(&twin.finish())
}

struct Twin<'a> {
    look: Look<'a>,
    timeline: &'a Timeline,
    width: u16,
    /// Row by row.
    cells: Vec<Cell>,
}

/// So many lines of the metadata log are printed: the newest.
const RECORDS: usize = 100;

/// The most rows of a panel: a buffer has no more cells.
const MOST: usize = 5_000;

impl Twin<'_> {
    /// All that was put.
    fn finish(self) -> Buffer {
        let width = self.width;
        let height = (self.cells.len() / usize::from(width)) as u16;
        Buffer { area: Rect { x: 0, y: 0, width, height }, content: self.cells }
    }

    fn put(&mut self, rows: usize, draw: impl FnOnce(&Self, Rect, &mut Buffer)) {
        let height = rows.min(MOST) as u16;
        let area = Rect { x: 0, y: 0, width: self.width, height };
        let mut buf = Buffer::empty(area);
        buf.set_style(area, self.look.theme.text);
        draw(self, area, &mut buf);
        self.cells.append(&mut buf.content);
    }

    fn bar(&mut self) {
        let title = self.timeline.runner().scenario().title.told_in(self.look.lang()).to_owned();
        self.put(1, |twin, area, buf| {
            let view = bar::BarView {
                title: &title,
                run: None,
                playing: false,
                speed: "1x",
                frozen: false,
            };
            bar::draw(&twin.look, twin.timeline, &view, area, buf);
        });
    }

    fn cluster(&mut self) {
        let timeline = self.timeline;
        let lens = timeline.runner().lens();
        let changed = Changed::of(timeline.story(), timeline.at());
        let view = cluster::ClusterView {
            selected: None,
            top: 0,
            left: 0,
            changed: &changed,
            internal: false,
        };
        let table = TableView { selected: None, top: 0, changed: &changed };
        self.put(cluster::size(lens, &view).0 + 3, |twin, area, buf| {
            cluster::draw(&twin.look, lens, &view, area, buf);
        });
        self.put(groups::rows(lens).max(1) + 2, |twin, area, buf| {
            groups::draw(&twin.look, lens, &table, area, buf);
        });
        self.put(producers::rows(lens).max(1) + 2, |twin, area, buf| {
            producers::draw(&twin.look, lens, &table, area, buf);
        });
    }

    fn partition(&mut self, tp: Option<&TopicPartition>) {
        let timeline = self.timeline;
        let lens = timeline.runner().lens();
        let changed = Changed::of(timeline.story(), timeline.at());
        let view =
            partition::StripsView { tp, selected: None, top: 0, close: false, changed: &changed };
        self.put(partition::height(lens, &view).into(), |twin, area, buf| {
            partition::draw(&twin.look, lens, &view, area, buf);
        });
    }

    fn disk(&mut self, server: Option<BrokerId>, what: &OnDisk) {
        let lens = self.timeline.runner().lens();
        let first = lens.servers_with_disks().first().copied();
        let Some(server) = server.or(first) else { return };
        match what {
            OnDisk::Tree(directory) => self.tree(server, directory.as_deref()),
            OnDisk::File(path) => self.file(server, path, None),
            OnDisk::Bytes(path, at) => self.file(server, path, Some(*at)),
            OnDisk::Find(tp, target) => {
                let walk = Walk { server, tp: tp.clone(), target: *target, step: 0 };
                let page = disk::walk::all(&self.look, lens, &walk, self.width);
                self.put(page.rows.len() + 2, |twin, area, buf| {
                    sheet::draw(&twin.look, &page, 0, area, buf);
                });
            }
        }
    }

    fn tree(&mut self, server: BrokerId, directory: Option<&str>) {
        let lens = self.timeline.runner().lens();
        let all = lens.log_directory(server).unwrap_or_default().into_iter();
        let users = all.map(|one| one.name).filter(|name| match directory {
            Some(directory) => name == directory,
            None => !name.starts_with("__"),
        });
        let mut unfolded: BTreeSet<String> = users.collect();
        let topic =
            directory.and_then(|one| one.rsplit_once('-')).map(|(topic, _)| topic.to_owned());
        unfolded.extend(topic.filter(|topic| is_kafkas_own(topic)));
        let view =
            disk::TreeView { server, selected: directory, top: 0, unfolded: &unfolded, open: None };
        let rows = disk::rows(lens, &view);
        self.put(disk::height(&rows, &view), |twin, area, buf| {
            disk::draw(&twin.look, lens, &view, area, buf);
        });
    }

    fn file(&mut self, server: BrokerId, path: &str, bytes: Option<u64>) {
        let lens = self.timeline.runner().lens();
        let view = disk::FileView {
            server,
            path,
            at: bytes.unwrap_or(0),
            selected: false,
            top: 0,
            bytes: bytes.is_some(),
        };
        let contents = lens.file(server, path);
        let rows = contents.map_or(1, |one| disk::open::height(&one, &view, self.width));
        self.put(rows, |twin, area, buf| {
            disk::open::draw(&twin.look, lens, &view, area, buf);
        });
    }

    fn control(&mut self) {
        let timeline = self.timeline;
        let lens = timeline.runner().lens();
        let changed = Changed::of(timeline.story(), timeline.at());
        let table = TableView { selected: None, top: 0, changed: &changed };
        self.put(control::height(&self.look, lens, self.width).into(), |twin, area, buf| {
            control::draw(&twin.look, lens, &table, area, buf);
        });
        self.put(metadata_log::lines(lens).clamp(1, RECORDS) + 2, |twin, area, buf| {
            metadata_log::draw(&twin.look, lens, &RecordsView::default(), area, buf);
        });
    }

    fn messages(&mut self, filter: Option<&str>) {
        let lens = self.timeline.runner().lens();
        let messages = lens.messages(&self.timeline.passages(messages::STEPS));
        let view = messages::SpaceView {
            messages: &messages,
            selected: None,
            top: None,
            filter: filter.unwrap_or_default(),
        };
        self.put(messages::height(lens, &view), |twin, area, buf| {
            messages::draw(&twin.look, lens, &view, &messages::Lit::default(), area, buf);
        });
    }

    fn group(&mut self, name: Option<&Name>) {
        let timeline = self.timeline;
        let changed = Changed::of(timeline.story(), timeline.at());
        let view = group::GroupView {
            group: name,
            selected: None,
            top: 0,
            close: false,
            changed: &changed,
        };
        let shown = view.shown(timeline.runner().lens());
        self.put(group::height(timeline, &view).into(), |twin, area, buf| {
            group::draw(&twin.look, timeline, &view, area, buf);
        });
        self.story(shown.as_deref());
    }

    fn charts(&mut self) {
        let timeline = self.timeline;
        let view = charts::ChartsView { selected: 0, alone: false };
        // A row or more for every band.
        self.put(44, |twin, area, buf| charts::draw(&twin.look, timeline, &view, area, buf));
    }

    /// The story; only of a group, if one is named, and then with every step.
    fn story(&mut self, group: Option<&str>) {
        let timeline = self.timeline;
        let asides = group.is_some();
        let view = story::StoryView { selected: None, top: None, filter: "", asides, group };
        let story = timeline.story();
        let lens = timeline.runner().lens();
        let shown = (0..story.len())
            .filter(|place| story::is_shown(&self.look, story, lens, &view, *place))
            .count();
        self.put(shown.max(1) + 2, |twin, area, buf| {
            story::draw(&twin.look, story, lens, &view, area, buf);
        });
    }

    /// Of the last line of the story.
    fn why(&mut self) {
        let timeline = self.timeline;
        let story = timeline.story();
        let lens = timeline.runner().lens();
        let view =
            story::StoryView { selected: None, top: None, filter: "", asides: false, group: None };
        let mut places = (0..story.len()).rev();
        let shown = places.find(|place| story::is_shown(&self.look, story, lens, &view, *place));
        let line = shown.and_then(|place| story.get(place));
        let chain =
            line.and_then(|line| chain(timeline, &lens, line.first.event, Some(line.first.number)));
        let Some(chain) = chain else { return };
        let begin = self.cells.len();
        self.put(chain.links.len() * 6 + 24, |twin, area, buf| {
            why::draw(&twin.look, &chain, timeline, &why::WhyView::default(), area, buf);
        });
        // There was room for more than there is.
        let page = self.cells.split_off(begin);
        let is_empty = |row: &&[Cell]| row.iter().all(|cell| matches!(cell.symbol(), "│" | " "));
        let rows = page.chunks(self.width.into()).filter(|row| !is_empty(row));
        self.cells.extend(rows.flatten().cloned());
    }
}

//! Keeps what is selected within what there is, and within what is seen.

use super::app::App;
use super::draw;
use super::layer::Layer;
use super::panels::{
    Changed, TableView, charts, charts::ChartsView, cluster, cluster::ClusterView, compare,
    compare::CompareView, control, disk, disk::FileView, disk::TreeView, group, group::GroupView,
    groups, list, messages, messages::SpaceView, metadata_log, metadata_log::RecordsView,
    partition, partition::StripsView, producers, story, story::StoryView, why, why::WhyView,
};
use super::places::Window;
use super::screens::{Pane, Screen, areas, is_too_small};
use crate::ids::BrokerId;
use crate::view::Lens;

impl App {
    /// A look at the cluster.
    pub fn lens(&self) -> Lens<'_> {
        self.timeline.runner().lens()
    }

    /// What the matrix shows.
    pub(super) fn cluster_view<'a>(&self, changed: &'a Changed) -> ClusterView<'a> {
        let matrix = self.ui.cluster;
        ClusterView {
            selected: (self.focus() == Pane::Cluster).then_some(matrix.selected),
            top: matrix.top,
            left: matrix.left,
            changed,
            internal: matrix.internal,
        }
    }

    /// What the table of `pane` shows.
    pub(super) fn table_view<'a>(&self, pane: Pane, changed: &'a Changed) -> TableView<'a> {
        let table = match pane {
            Pane::Groups => self.ui.groups,
            Pane::Control => self.ui.control.table,
            _ => self.ui.producers,
        };
        let selected = (self.focus() == pane).then_some(table.selected);
        TableView { selected, top: table.top, changed }
    }

    /// What the strips of a partition show.
    pub(super) fn strips_view<'a>(&'a self, changed: &'a Changed) -> StripsView<'a> {
        let strips = &self.ui.partition;
        StripsView {
            tp: strips.tp.as_ref(),
            selected: (self.focus() == Pane::Partition).then_some(strips.selected),
            top: strips.top,
            close: strips.close,
            changed,
        }
    }

    /// What the screen of a group shows.
    pub(super) fn group_view<'a>(&'a self, changed: &'a Changed) -> GroupView<'a> {
        let gantt = &self.ui.group;
        GroupView {
            group: gantt.group.as_ref(),
            selected: (self.focus() == Pane::Group).then_some(gantt.selected),
            top: gantt.top,
            close: gantt.close,
            changed,
        }
    }

    /// The server whose disk is looked at.
    pub(super) fn server(&self) -> Option<BrokerId> {
        let servers = self.lens().servers_with_disks();
        let known = self.ui.disk.server.filter(|server| servers.contains(server));
        known.or(servers.first().copied())
    }

    /// What the tree of a disk shows.
    pub(super) fn tree_view(&self) -> Option<TreeView<'_>> {
        let folder = &self.ui.disk;
        Some(TreeView {
            server: self.server()?,
            selected: (self.focus() == Pane::Tree).then_some(folder.selected.as_str()),
            top: folder.top,
            unfolded: &folder.unfolded,
            open: folder.file.as_deref(),
        })
    }

    /// What is shown of the file that is open.
    pub(super) fn file_view(&self) -> Option<FileView<'_>> {
        let folder = &self.ui.disk;
        Some(FileView {
            server: self.server()?,
            path: folder.file.as_deref()?,
            at: folder.at,
            selected: self.focus() == Pane::File,
            top: folder.file_top,
            bytes: folder.bytes,
        })
    }

    /// What the charts show.
    pub(super) fn charts_view(&self) -> ChartsView {
        ChartsView { selected: self.ui.chart, alone: self.ui.zoomed }
    }

    /// What the metadata log shows.
    pub(super) fn records_view(&self) -> RecordsView {
        self.ui.control.records
    }

    /// What the comparison shows.
    pub(super) fn compare_view(&self) -> CompareView {
        self.ui.compare.view
    }

    /// The messages that travelled lately.
    pub(super) fn space_view(&self) -> SpaceView<'_> {
        let (messages, sequence) = (&self.window.messages, &self.ui.messages);
        let lens = self.lens();
        let mut view =
            SpaceView { messages, selected: None, top: sequence.top, filter: &sequence.filter };
        let shown = messages::shown(lens, &view);
        let chosen = sequence
            .selected
            .and_then(|key| shown.iter().copied().find(|place| messages[*place].key() == key));
        view.selected = chosen.or(shown.last().copied());
        view
    }

    /// Has the messages of this moment at hand while they are looked at.
    fn look_at_messages(&mut self) {
        if self.ui.screen != Screen::Messages {
            self.window = Window::default();
            return;
        }
        let of = (self.timeline.at(), self.timeline.event(), self.timeline.current());
        if self.window.of != Some(of) {
            let passages = self.timeline.passages(messages::STEPS);
            let messages = self.lens().messages(&passages);
            self.window = Window { of: Some(of), passages, messages };
        }
    }

    /// What the story shows.
    pub(super) fn story_view(&self) -> StoryView<'_> {
        let lines = &self.ui.story;
        // On the screen of a group there is room for every step of its rebalances.
        let group = self.ui.group.group.as_deref().filter(|_| self.ui.screen == Screen::Group);
        StoryView {
            selected: lines.selected,
            top: lines.top,
            filter: &lines.filter,
            asides: group.is_some(),
            group,
        }
    }

    /// What the chain of causes shows.
    pub(super) fn why_view(&self) -> WhyView {
        WhyView { selected: self.ui.why.selected, top: self.ui.why.top }
    }

    /// Keeps selections within what there is, and scrolls so that they are seen.
    pub(super) fn settle(&mut self) {
        if self.ui.screen == Screen::Compare && !is_too_small(self.ui.area) {
            self.keep_beside();
            self.keep_measured();
        }
        self.look_at_messages();
        self.settle_layer();
        let areas = areas(self);
        // What changed is marked, not moved.
        let changed = Changed::default();
        for (pane, area) in areas.panes {
            match pane {
                Pane::Cluster => {
                    let (rows, columns) = cluster::size(self.lens(), &self.cluster_view(&changed));
                    let (row, column) = self.ui.cluster.selected;
                    let last = |count: usize| count.saturating_sub(1);
                    self.ui.cluster.selected = (row.min(last(rows)), column.min(last(columns)));
                    let view = self.cluster_view(&changed);
                    let (top, left) = cluster::scrolled(self.lens(), &view, area);
                    (self.ui.cluster.top, self.ui.cluster.left) = (top, left);
                }
                Pane::Groups => {
                    let rows = groups::rows(self.lens());
                    self.ui.groups.selected = self.ui.groups.selected.min(rows.saturating_sub(1));
                    let view = self.table_view(pane, &changed);
                    self.ui.groups.top = groups::scrolled(self.lens(), &view, area);
                }
                Pane::Producers => {
                    let rows = producers::rows(self.lens());
                    let table = &mut self.ui.producers;
                    table.selected = table.selected.min(rows.saturating_sub(1));
                    let view = self.table_view(pane, &changed);
                    self.ui.producers.top = producers::scrolled(self.lens(), &view, area);
                }
                Pane::Story => self.settle_story(area),
                Pane::Partition => {
                    let rows = partition::rows(self.lens(), &self.strips_view(&changed));
                    let selected = self.ui.partition.selected;
                    self.ui.partition.selected = selected.min(rows.saturating_sub(1));
                    let view = self.strips_view(&changed);
                    self.ui.partition.top = partition::scrolled(self.lens(), &view, area);
                }
                Pane::Group => {
                    let rows = group::rows(&self.timeline, &self.group_view(&changed));
                    let selected = self.ui.group.selected;
                    self.ui.group.selected = selected.min(rows.saturating_sub(1));
                    let view = self.group_view(&changed);
                    self.ui.group.top = group::scrolled(&self.timeline, &view, area);
                }
                Pane::Charts => self.ui.chart = self.ui.chart.min(charts::rows() - 1),
                Pane::Control => {
                    let rows = control::rows(self.lens());
                    let table = &mut self.ui.control.table;
                    table.selected = table.selected.min(rows.saturating_sub(1));
                    let (look, view) = (self.look(pane), self.table_view(pane, &changed));
                    self.ui.control.table.top = control::scrolled(&look, self.lens(), &view, area);
                }
                Pane::Records => {
                    let selected = self.ui.control.records.selected;
                    // What is not written yet cannot be selected.
                    self.ui.control.records.selected =
                        selected.and_then(|from| metadata_log::moved(self.lens(), Some(from), 0));
                    let end = metadata_log::scrolled(self.lens(), &self.records_view(), area);
                    self.ui.control.records.end = end;
                }
                Pane::Compare => self.settle_compare(area),
                Pane::Why => self.settle_why(area),
                Pane::Messages => {
                    let view = self.space_view();
                    let top = messages::scrolled(self.lens(), &view, area);
                    self.ui.messages.top = self.ui.messages.selected.map(|_| top);
                }
                Pane::Tree => {
                    let Some(view) = self.tree_view() else { continue };
                    let rows = disk::rows(self.lens(), &view);
                    self.ui.disk.top = disk::scrolled(&rows, &view, area);
                }
                Pane::File => {
                    let Some(view) = self.file_view() else { continue };
                    let Some(contents) = self.lens().file(view.server, view.path) else { continue };
                    let at = disk::open::moved(&contents, &view, 0);
                    let top = disk::open::scrolled(&contents, &FileView { at, ..view }, area);
                    (self.ui.disk.at, self.ui.disk.file_top) = (at, top);
                }
            }
        }
    }

    /// The uppermost layer is scrolled no further than it goes.
    fn settle_layer(&mut self) {
        if is_too_small(self.ui.area) {
            return;
        }
        let Some(mut layer) = self.ui.layers.pop() else { return };
        if let Layer::Message { key, .. } = &layer
            && self.window.find(*key).is_none()
        {
            // It is not among those that are looked at any more.
            return;
        }
        if let Layer::Find { walk, .. } = &mut layer {
            let last = disk::walk::steps(self.lens(), walk).saturating_sub(1);
            walk.step = walk.step.min(last);
        }
        if let Layer::List { kind, selected, filter, .. } = &mut layer {
            let last = list::items(self, *kind, filter.text()).len().saturating_sub(1);
            *selected = (*selected).min(last);
        }
        let page = draw::page(self, &self.look(Pane::Cluster), &layer);
        if let (Some((page, area)), Some(top)) = (page, layer.top()) {
            *top = page.scrolled(*top, area);
        }
        self.ui.layers.push(layer);
    }

    fn settle_story(&mut self, area: ratatui::layout::Rect) {
        let len = self.timeline.story().len();
        let lines = &mut self.ui.story;
        lines.selected = lines.selected.filter(|_| len > 0).map(|place| place.min(len - 1));
        // The end is followed until a line is selected.
        self.ui.story.top = self.ui.story.selected.map(|_| {
            let look = self.look(Pane::Story);
            let story = self.timeline.story();
            story::scrolled(&look, story, self.lens(), &self.story_view(), area)
        });
    }

    fn settle_compare(&mut self, area: ratatui::layout::Rect) {
        let Some(aligned) = self.aligned() else { return };
        let (rows, mut view) = (aligned.pairs.len(), self.compare_view());
        view.selected = view.selected.filter(|row| row + 1 < rows);
        view.top = compare::scrolled(&self.look(Pane::Compare), aligned, &view, area);
        self.ui.compare.view = view;
    }

    fn settle_why(&mut self, area: ratatui::layout::Rect) {
        let Some(chain) = &self.chain else { return };
        self.ui.why.selected = self.ui.why.selected.min(why::rows(chain).saturating_sub(1));
        let (look, view) = (self.look(Pane::Why), self.why_view());
        self.ui.why.top = why::scrolled(&look, chain, &self.timeline, &view, area);
    }
}

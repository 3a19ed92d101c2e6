//! Keeps what is selected within what there is, and within what is seen.

use super::app::App;
use super::draw;
use super::layer::Layer;
use super::panels::{
    Changed, TableView, cluster, cluster::ClusterView, groups, list, partition,
    partition::StripsView, producers, story, story::StoryView, why, why::WhyView,
};
use super::screens::{Pane, areas, is_too_small};
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
        let table = if pane == Pane::Groups { self.ui.groups } else { self.ui.producers };
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

    /// What the story shows.
    pub(super) fn story_view(&self) -> StoryView<'_> {
        let lines = &self.ui.story;
        StoryView { selected: lines.selected, top: lines.top, filter: &lines.filter, asides: false }
    }

    /// What the chain of causes shows.
    pub(super) fn why_view(&self) -> WhyView {
        WhyView { selected: self.ui.why.selected, top: self.ui.why.top }
    }

    /// Keeps selections within what there is, and scrolls so that they are seen.
    pub(super) fn settle(&mut self) {
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
                Pane::Why => self.settle_why(area),
            }
        }
    }

    /// The uppermost layer is scrolled no further than it goes.
    fn settle_layer(&mut self) {
        if is_too_small(self.ui.area) {
            return;
        }
        let Some(mut layer) = self.ui.layers.pop() else { return };
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

    fn settle_why(&mut self, area: ratatui::layout::Rect) {
        let Some(chain) = &self.chain else { return };
        self.ui.why.selected = self.ui.why.selected.min(why::rows(chain).saturating_sub(1));
        let (look, view) = (self.look(Pane::Why), self.why_view());
        self.ui.why.top = why::scrolled(&look, chain, &self.timeline, &view, area);
    }
}

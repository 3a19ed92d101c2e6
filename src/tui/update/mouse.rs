//! The mouse.

use crate::tui::app::App;
use crate::tui::layer::Layer;
use crate::tui::panels::{
    self, Changed, bar, cluster, compare, control, disk, group, groups, messages, metadata_log,
    partition, producers, story, why,
};
use crate::tui::screens::{Pane, Screen, areas};

impl App {
    /// A click: on the scrub bar it goes to that moment, in a pane it selects.
    pub fn click(&mut self, x: u16, y: u16) {
        self.noting(|app| {
            if app.ui.layers.is_empty() {
                app.clicked(x, y);
            }
        });
    }

    /// The wheel was turned by so many notches, down if positive.
    pub fn wheel(&mut self, x: u16, y: u16, notches: isize) {
        self.noting(|app| {
            if let Some(layer) = app.ui.layers.last_mut() {
                turn(layer, notches);
                return;
            }
            if let Some(pane) = app.pane_at(x, y) {
                app.focus_on(pane);
                app.step(notches);
            }
        });
    }

    fn pane_at(&self, x: u16, y: u16) -> Option<Pane> {
        let place = ratatui::layout::Position { x, y };
        let panes = areas(self).panes;
        panes.iter().find(|(_, area)| area.contains(place)).map(|(pane, _)| *pane)
    }

    fn focus_on(&mut self, pane: Pane) {
        match pane {
            Pane::Charts | Pane::Why | Pane::Messages | Pane::Compare => {}
            Pane::Tree | Pane::File => self.ui.disk.in_file = pane == Pane::File,
            Pane::Partition => self.ui.partition.in_story = false,
            Pane::Group => self.ui.group.in_story = false,
            Pane::Story if self.ui.screen == Screen::Partition => self.ui.partition.in_story = true,
            Pane::Story if self.ui.screen == Screen::Group => self.ui.group.in_story = true,
            pane if self.ui.screen == Screen::Control => self.ui.control.pane = pane,
            pane => self.ui.home = pane,
        }
    }

    fn clicked(&mut self, x: u16, y: u16) {
        let areas = areas(self);
        let title = self.title();
        let moment = bar::moment_at(
            &self.look(Pane::Cluster),
            &self.timeline,
            &self.bar_view(&title),
            areas.bar,
            x,
            y,
        );
        if let Some(at) = moment {
            self.moved(|app| app.visit(at));
            return;
        }
        let Some(pane) = self.pane_at(x, y) else { return };
        let area = areas.of(pane).unwrap_or_default();
        self.focus_on(pane);
        let (changed, lens) = (Changed::default(), self.timeline.runner().lens());
        match pane {
            Pane::Cluster => {
                let cell = cluster::cell_at(lens, &self.cluster_view(&changed), area, x, y);
                self.ui.cluster.selected = cell.unwrap_or(self.ui.cluster.selected);
            }
            Pane::Groups => {
                let row = groups::row_at(lens, &self.table_view(pane, &changed), area, x, y);
                self.ui.groups.selected = row.unwrap_or(self.ui.groups.selected);
            }
            Pane::Producers => {
                let row = producers::row_at(lens, &self.table_view(pane, &changed), area, x, y);
                self.ui.producers.selected = row.unwrap_or(self.ui.producers.selected);
            }
            Pane::Story => {
                let look = self.look(pane);
                let story = self.timeline.story();
                let line = story::line_at(&look, story, lens, &self.story_view(), area, y);
                self.ui.story.selected = line.or(self.ui.story.selected);
            }
            Pane::Partition => {
                let row = partition::row_at(lens, &self.strips_view(&changed), area, x, y);
                self.ui.partition.selected = row.unwrap_or(self.ui.partition.selected);
            }
            Pane::Group => {
                let view = self.group_view(&changed);
                let row = group::row_at(&self.timeline, &view, area, x, y);
                self.ui.group.selected = row.unwrap_or(self.ui.group.selected);
            }
            Pane::Messages => {
                let view = self.space_view();
                let place = messages::row_at(lens, &view, area, x, y);
                let key = place.map(|place| view.messages[place].key());
                self.ui.messages.selected = key.or(self.ui.messages.selected);
            }
            Pane::Tree => {
                let Some(view) = self.tree_view() else { return };
                let rows = disk::rows(lens, &view);
                let row = disk::row_at(&rows, &view, area, x, y).and_then(|row| rows.get(row));
                if let Some(path) = row.map(|row| row.path.clone()) {
                    self.ui.disk.selected = path;
                }
            }
            Pane::File => {
                let Some(view) = self.file_view() else { return };
                let Some(contents) = lens.file(view.server, view.path) else { return };
                let at = disk::open::row_at(&contents, &view, area, x, y);
                self.ui.disk.at = at.unwrap_or(self.ui.disk.at);
            }
            Pane::Charts => {}
            Pane::Control => {
                let (look, view) = (self.look(pane), self.table_view(pane, &changed));
                let row = control::row_at(&look, lens, &view, area, x, y);
                self.ui.control.table.selected = row.unwrap_or(self.ui.control.table.selected);
            }
            Pane::Records => {
                let line = metadata_log::line_at(lens, &self.records_view(), area, y);
                self.ui.control.records.selected = line.or(self.ui.control.records.selected);
            }
            Pane::Compare => {
                let Some(aligned) = self.aligned() else { return };
                let look = self.look(pane);
                let row = compare::row_at(&look, aligned, &self.compare_view(), area, y);
                self.ui.compare.view.selected = row.or(self.ui.compare.view.selected);
            }
            Pane::Why => {
                let Some(chain) = &self.chain else { return };
                let view = self.why_view();
                let link = why::link_at(&self.look(pane), chain, &self.timeline, &view, area, y);
                self.ui.why.selected = link.unwrap_or(self.ui.why.selected);
            }
        }
    }

    /// What the bar shows.
    pub(in crate::tui) fn bar_view<'a>(&'a self, title: &'a str) -> panels::bar::BarView<'a> {
        let playback = &self.ui.playback;
        panels::bar::BarView {
            title,
            run: self.run_label(),
            playing: playback.playing,
            speed: playback.speed.text(),
            frozen: self.frozen.is_some(),
        }
    }
}

fn turn(layer: &mut Layer, notches: isize) {
    match layer {
        Layer::List { selected, .. } => *selected = selected.saturating_add_signed(notches),
        layer => {
            if let Some(top) = layer.top() {
                *top = top.saturating_add_signed(notches * 3);
            }
        }
    }
}

//! Screen 1: the cluster, who uses it, and its story.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Pane;
use crate::tui::App;
use crate::tui::panels::{Changed, cluster, durian, groups, producers, story};

/// Draws one of its panes.
pub(in crate::tui) fn draw(app: &App, pane: Pane, changed: &Changed, area: Rect, buf: &mut Buffer) {
    let (look, lens) = (app.look(pane), app.lens());
    match pane {
        Pane::Cluster if app.ui.presenting => {
            cluster::draw_large(&look, lens, &app.cluster_view(changed), area, buf);
        }
        Pane::Cluster => cluster::draw(&look, lens, &app.cluster_view(changed), area, buf),
        Pane::Groups if app.ui.durian => durian::draw(&look, lens, area, buf),
        Pane::Groups => groups::draw(&look, lens, &app.table_view(pane, changed), area, buf),
        Pane::Producers => producers::draw(&look, lens, &app.table_view(pane, changed), area, buf),
        Pane::Story => {
            let told = app.timeline.story();
            story::draw(&look, told, lens, &app.story_view(), area, buf);
        }
        Pane::Partition
        | Pane::Group
        | Pane::Tree
        | Pane::File
        | Pane::Control
        | Pane::Records
        | Pane::Charts
        | Pane::Why
        | Pane::Messages
        | Pane::Compare => {
            unreachable!("it has a screen of its own")
        }
    }
}

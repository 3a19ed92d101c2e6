//! Screen 5: a server's disk, and a file of it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Pane;
use crate::tui::App;
use crate::tui::panels::disk;

/// Draws one of its panes.
pub(in crate::tui) fn draw(app: &App, pane: Pane, area: Rect, buf: &mut Buffer) {
    let (look, lens) = (app.look(pane), app.lens());
    if pane == Pane::Tree {
        if let Some(view) = app.tree_view() {
            disk::draw(&look, lens, &view, area, buf);
        }
    } else if let Some(view) = app.file_view() {
        disk::open::draw(&look, lens, &view, area, buf);
    }
}

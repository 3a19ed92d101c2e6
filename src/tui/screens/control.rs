//! Screen 6: the controller and those who follow it, the metadata log, and the story where there is
//! room.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Pane;
use crate::tui::App;
use crate::tui::panels::{Changed, control, metadata_log};

/// Draws one of its panes.
pub(in crate::tui) fn draw(app: &App, pane: Pane, changed: &Changed, area: Rect, buf: &mut Buffer) {
    let (look, lens) = (app.look(pane), app.lens());
    match pane {
        Pane::Control => control::draw(&look, lens, &app.table_view(pane, changed), area, buf),
        Pane::Records => metadata_log::draw(&look, lens, &app.records_view(), area, buf),
        _ => unreachable!("it stands on another screen"),
    }
}
